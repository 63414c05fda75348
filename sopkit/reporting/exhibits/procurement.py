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
    """Components that cannot be there when demand needs them, the largest shortage first."""
    short = procurement_plan[procurement_plan["shortage"] > MATERIAL]
    headline = _procurement_headline(procurement_plan, short)
    return Exhibit(headline, table=largest_first(short, short["shortage"]))


def _procurement_headline(procurement_plan, short):
    if procurement_plan.empty:
        return Headline("No bill of materials is given: material was not checked.")
    if short.empty:
        template = "No shortage: {components:count component} checked against the demand plan."
        return Headline(template, components=procurement_plan["component"].nunique())
    worst, names = short.loc[short["shortage"].idxmax()], short["component"].unique()
    return Headline(
        "{components} {limit} production: by the end of {month:month} demand needs "
        "{shortage:number} more units of {worst} than stock and suppliers can provide.",
        components=some(names),
        limit=verb(len(names), "limits", "limit"),
        shortage=worst["shortage"],
        worst=worst["component"],
        month=worst["period"],
    )


@exhibit(STAGE, title="Purchases", table="purchase_plan")
def purchases(purchase_plan: DataFrame) -> Exhibit:
    """What is ordered from each supplier, the largest cost first."""
    keys = ["supplier", "item"]
    rows = purchase_plan[purchase_plan["supplier"].notna()]
    table = rows.groupby(keys, as_index=False)[["ordered", "received", "cost"]].sum()
    table = table[table["ordered"] > MATERIAL]
    if rows.empty:
        headline = Headline("No supplier is given: purchases were not planned.")
    elif table.empty:
        headline = Headline("Nothing has to be ordered from suppliers.")
    else:
        headline = _purchases_headline(rows)
    return Exhibit(headline, table=largest_first(table, table["cost"]))


def _purchases_headline(rows):
    by_supplier = rows[rows["ordered"] > 0].groupby("supplier")["cost"].sum()
    said = Headline(
        "Purchases of {cost:money} from {suppliers:count supplier}, {months:span}",
        cost=by_supplier.sum(),
        suppliers=len(by_supplier),
        months=rows["period"],
    )
    if len(by_supplier) == 1 or by_supplier.sum() <= 0:
        return said + "."
    return said + Headline(
        "; the largest supplier is {largest}, {most:money}.",
        largest=by_supplier.idxmax(),
        most=by_supplier.max(),
    )


@exhibit(STAGE, title="Supplier dependency", table="supplier_dependency", rows=8)
def suppliers(supplier_dependency: DataFrame) -> Exhibit:
    """Each supplier's share of spending beside the revenue exposed to the supplier."""
    rows = supplier_dependency.set_index("supplier")
    ratios = rows[["revenue_dependency", "spend_share"]]
    chart = HorizontalBars(
        largest_first(ratios, ratios["revenue_dependency"]),
        unit="share of the company's total",
        shares=True,
        row=0.29,
        subtitle="Revenue exposed to the supplier, beside his share of spending; "
        "over the planned months",
    )
    table = supplier_dependency.sort_values("dependent_revenue", ascending=False, kind="stable")
    return Exhibit(_suppliers_headline(rows), chart, table)


def _suppliers_headline(rows):
    if rows.empty:
        return Headline("No supplier is described: nothing depends on one.")
    first, most = rows["revenue_dependency"].idxmax(), rows["cost"].idxmax()
    said = Headline(
        "{dependent:percent} of revenue ({revenue:money}) is exposed to {supplier}, which ",
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
