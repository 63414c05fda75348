"""Exhibits of the supply review: purchasing and suppliers."""

from pandas import DataFrame

from sopkit.reporting.chart_types import HorizontalBars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import largest_first
from sopkit.schema.formatting import some, verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "40_supply_review"


@exhibit(STAGE, title="Component shortages", table="procurement_plan")
def procurement(procurement_plan: DataFrame) -> Exhibit:
    """What is bought, and which components cannot be had in time, the largest shortage first."""
    short = procurement_plan[procurement_plan["shortage"] > MATERIAL]
    headline = _procurement_headline(procurement_plan, short)
    return Exhibit(headline, table=largest_first(short, short["shortage"]))


def _procurement_headline(procurement_plan, short):
    if procurement_plan.empty:
        return Headline("No components are described: nothing needs to be bought.")
    cost = procurement_plan["cost"].sum()
    said = Headline("Components for {cost:number} are bought; ", cost=cost)
    if short.empty:
        return said + "all arrive in time."
    worst, names = short.loc[short["shortage"].idxmax()], short["component"].unique()
    return said + Headline(
        "{components} {run} short, at worst {shortage:number} units of {worst} in {month:month}.",
        components=some(names),
        run=verb(len(names), "runs", "run"),
        shortage=worst["shortage"],
        worst=worst["component"],
        month=worst["period"],
    )


@exhibit(STAGE, title="Supplier dependency", table="supplier_dependency", rows=8)
def suppliers(supplier_dependency: DataFrame) -> Exhibit:
    """Each supplier's share of spending beside the revenue that cannot be made without him."""
    rows = supplier_dependency.set_index("supplier")
    ratios = rows[["revenue_dependency", "spend_share"]]
    chart = HorizontalBars(
        largest_first(ratios, ratios["revenue_dependency"]),
        unit="share of the company's total",
        shares=True,
        row=0.29,
        subtitle="Revenue that cannot be made without the supplier, beside his share of spending; "
        "over the planned months",
    )
    table = supplier_dependency.sort_values("dependent_revenue", ascending=False, kind="stable")
    return Exhibit(_suppliers_headline(rows), chart, table)


def _suppliers_headline(rows):
    if rows.empty:
        return Headline("No supplier is described: nothing depends on one.")
    first, most = rows["revenue_dependency"].idxmax(), rows["cost"].idxmax()
    said = Headline(
        "{dependent:percent} of revenue ({revenue:number}) cannot be made without {supplier}, who ",
        dependent=rows.loc[first, "revenue_dependency"],
        revenue=rows.loc[first, "dependent_revenue"],
        supplier=first,
    )
    spent = rows["spend_share"]
    if first == most:
        return said + Headline("also takes {spend:percent} of spending.", spend=spent[most])
    return said + Headline(
        "takes {spend:percent} of spending; {largest} takes most, {most:percent} of spending.",
        spend=spent[first],
        largest=most,
        most=spent[most],
    )
