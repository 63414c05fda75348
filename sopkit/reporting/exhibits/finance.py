"""Exhibits of the financial review: the plan in money, and what it is compared with."""

import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.finance.bridge import ALL, bridged_months
from sopkit.master_data.known_money import costs_are_known
from sopkit.model.comparison import costs_by_strategy
from sopkit.reporting.chart_types import (
    TOP_ROWS,
    Bars,
    Chart,
    Heatmap,
    SmallMultiples,
    StackedBars,
    Waterfall,
)
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, with_others
from sopkit.reporting.theme import COSTS, DIFFERENCE, INK, OTHERS, look
from sopkit.schema.formatting import bounds, listed, money_unit, most, percent
from sopkit.schema.glossary import label
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.schema.tolerances import MATERIAL

STAGE = "50_financial_review"
REFERENCES = {"budget": "budget", "last_year": "prior year", "last_cycle": "prior cycle"}
HELD = [*REFERENCES, "unconstrained"]
TOTALS = ("budget", "plan")  # of the bridge
SHOWN_KINDS = 4  # of costs, beside the others
STEPS = ["budget", "volume", "mix", "price", "cost", "supply", "plan"]
SUMS = ["plan", "reference_value", "variance"]


# -------------------------------------------------------------------------------------------------
# the plan in money


@exhibit(STAGE, title="Cost by type over the horizon", table="product_costs", rows=20, money=True)
def costs(product_costs: DataFrame, strategy_comparison: DataFrame) -> Exhibit:
    """What the plan spends by kind, month by month; what only weighs strategies is in no margin."""
    spent = product_costs.groupby("cost_item")["cost"].sum().sort_values(ascending=False)
    weighed = costs_by_strategy(strategy_comparison)
    weighed = weighed[weighed["strategy"] == PLAN_OF_RECORD]
    table = _spent_and_weighed(spent, weighed)
    return Exhibit(_costs_headline(spent), _costs_by_month(product_costs), table)


def _costs_headline(spent):
    if spent.empty:
        return Headline("The plan spends nothing.")
    shares = (spent / spent.sum()).head(3)
    said = Headline(
        "The plan spends {total:money}, {part} of it on {kinds}.",
        total=spent.sum(),
        part=most(spent.head(3).sum(), spent.sum()),
        kinds=listed([f"{kind} ({percent(share)})" for kind, share in shares.items()]),
    )
    return said + Headline("", shares=dict(shares))


def _costs_by_month(product_costs):
    kinds = product_costs.pivot_table(
        index="period", columns="cost_item", values="cost", aggfunc="sum"
    )
    return StackedBars(
        with_others(kinds, SHOWN_KINDS),
        looks={**COSTS, OTHERS.label: OTHERS},
        unit=f"{money_unit()} a month",
        height=3.0,
        subtitle=f"{money_unit(start=True)} spent a month, by kind; the kinds that cost most at "
        "the bottom",
    )


def _spent_and_weighed(spent, weighed):
    """The kinds of costs that are spent, then those that only weigh strategies."""
    weighed = weighed[~weighed["cost_item"].isin(spent.index) & (weighed["cost"] > 0)]
    weighed = weighed.groupby("cost_item")["cost"].sum()
    rows = pd.concat([spent, weighed]).rename_axis("cost_item").reset_index()
    booked = rows["cost_item"].isin(spent.index)
    return rows.assign(in_margin=booked.map({True: "yes", False: "no: weighs strategies only"}))


# -------------------------------------------------------------------------------------------------
# against budget, prior year and prior cycle


@exhibit(STAGE, title="Revenue and margin against the budget", table="plan_variances", money=True)
def money_against_budget(financial_plan: DataFrame, plan_variances: DataFrame) -> Exhibit:
    """Revenue and margin by month beside the budget; prior year, where there is no budget."""
    measures = ["margin", "revenue"] if costs_are_known(financial_plan) else ["revenue"]
    said = [_against(plan_variances, "budget", measure, "budget") for measure in measures]
    unknown = Headline("There is no budget in money to compare with.")
    headline = next((one for one in said if one), unknown)
    return Exhibit(headline, money_beside_reference(financial_plan, plan_variances))


def money_beside_reference(financial_plan: DataFrame, plan_variances: DataFrame) -> Chart:
    """Revenue and margin of all families by month, beside what they are compared with."""
    shown = ["revenue", *(["margin"] if costs_are_known(financial_plan) else [])]
    planned = financial_plan.groupby("period")[shown].sum()
    return SmallMultiples(
        [beside_reference(planned[name], plan_variances, "all") for name in planned],
        height=2.6,
        subtitle=f"{money_unit(start=True)} a month, all families together; the dashed steps are "
        "what the plan is compared with",
    )


def beside_reference(planned: Series, plan_variances: DataFrame, item: str) -> Chart:
    """A measure's months as bars, and what it is compared with as steps: budget, else prior year.

    `planned` is named after the measure and has a month a row; `item` is a family, or `all`.
    """
    has_budget = (plan_variances["reference_type"] == "budget").any()
    reference = "budget" if has_budget else "last_year"
    held = plan_variances[
        (plan_variances["item"] == item) & (plan_variances["reference_type"] == reference)
    ]
    held = held[held["measure"] == planned.name].set_index("period").sort_index()
    steps = look("reference_value", label=label(reference, of="reference_type"), colour=INK)
    return Bars(
        planned.to_frame(),
        lines=held[["reference_value"]] if len(held) else None,
        looks={"reference_value": steps._replace(steps=True)},
        unit=f"{money_unit()} of {planned.name} a month",
    )


@exhibit(
    STAGE,
    title="Revenue by family and month against each reference",
    table="plan_variances",
    money=True,
)
def gaps_by_month(plan_variances: DataFrame) -> Exhibit:
    """How far each family's revenue is, by month, from budget, prior year and prior cycle."""
    said = _against(plan_variances, "last_year", "revenue", "prior year")
    headline = said or Headline("Last year's revenue is not known.")
    return Exhibit(headline, _gaps_by_month(plan_variances))


def _gaps_by_month(plan_variances):
    rows = plan_variances[
        (plan_variances["measure"] == "revenue") & (plan_variances["reference_value"] > 0)
    ]
    rows = rows[rows["reference_type"].isin(REFERENCES)]
    every = rows.groupby("item")["reference_value"].sum()
    rows = rows[rows["item"].isin(every.nlargest(TOP_ROWS).index)]
    months = PeriodIndex(sorted(rows["period"].unique()), freq="M")
    panels = [
        _differences(rows[rows["reference_type"] == name], months, said)
        for name, said in REFERENCES.items()
    ]
    return SmallMultiples(
        panels,
        1,
        showing=rows["item"].nunique(),
        of=len(every),
        subtitle="Difference in per cent of what the plan is compared with, by family and month; "
        "bold: below",
    )


def _differences(rows, months, reference):
    """How far revenue is from one reference, in per cent of it."""
    rows = rows.assign(share=rows["variance"] / rows["reference_value"])
    share = grid(rows, "item", "share").reindex(columns=months)
    return Heatmap(
        share,
        words=share.map(lambda part: f"{round(100 * part):d}", na_action="ignore"),
        bold=share < -0.005,
        colours=DIFFERENCE,
        limits=(-0.6, 0.6),
        title=f"revenue against {reference}, %",
        top=TOP_ROWS,
        row=0.24,
        rest=0.8,
    )


@exhibit(STAGE, title="Revenue against the prior cycle", table="plan_variances", money=True)
def last_cycle(plan_variances: DataFrame) -> Exhibit:
    """How far the plan's revenue is from the demand of the last approved cycle."""
    said = _against(plan_variances, "last_cycle", "revenue", "the prior cycle at today's prices")
    return Exhibit(said or Headline("No earlier approved cycle is known."))


def _against(plan_variances, reference, measure, name):
    """How far a measure is from a reference, and in which family most; None without one."""
    rows = plan_variances["reference_type"] == reference
    held = plan_variances[rows & (plan_variances["measure"] == measure)]
    total = held[(held["item"] == "all") & held["variance"].notna()]
    if total.empty:
        return None
    gap = total["variance"].sum()
    side = "above" if gap >= 0 else "below"
    said = Headline(
        f"{{measure}} is {{size:money}} {side} {name} in {{months:span}}",
        measure=measure.capitalize(),
        size=abs(gap),
        months=bounds(total["period"]),
    )
    families = held[held["item"] != "all"].groupby("item")["variance"].sum()
    if families.empty:
        return said + "."
    family = families.idxmax() if gap >= 0 else families.idxmin()
    part = f"{most(families[family], gap)} of it"
    template = ", {part} in {family} ({family_gap:signed_money})."
    return said + Headline(template, part=part, family=family, family_gap=families[family])


@exhibit(STAGE, title="Opportunity gap", table="plan_variances")
def opportunity(plan_variances: DataFrame, financial_plan: DataFrame) -> Exhibit:
    """What the plan would bring beyond itself if supply limited nothing."""
    rows = plan_variances["reference_type"] == "unconstrained"
    held = plan_variances[rows & (plan_variances["item"] == "all")]
    more = -held.groupby("measure")["variance"].sum()
    if held.empty or more["quantity"] <= MATERIAL:
        return Exhibit(Headline("Supply serves all demand: there is no opportunity gap."))
    headline = Headline(
        "Unconstrained, the plan would serve {units:number} units more: {revenue:money} of revenue",
        units=more["quantity"],
        revenue=more["revenue"],
    )
    if costs_are_known(financial_plan):
        headline = headline + Headline(" and {margin:money} of margin", margin=more["margin"])
    return Exhibit(headline + ".")


@exhibit(
    STAGE,
    title="Variances by family over the months in common",
    table="plan_variances",
)
def against_all(plan_variances: DataFrame, financial_plan: DataFrame) -> Exhibit:
    """The plan against each reference over the months both cover; the company before families."""
    rows = plan_variances[plan_variances["reference_type"].isin(HELD)]
    costed = costs_are_known(financial_plan)
    rows = rows if costed else rows[rows["measure"] != "margin"]
    order = ["reference_type", "measure", "item"]
    sums = rows.groupby(order, as_index=False, sort=False)[SUMS].sum()
    sums = sums.assign(is_part=sums["item"] != "all", held=sums["reference_type"].map(HELD.index))
    table = sums.sort_values(["is_part", "held"], kind="stable", ignore_index=True)
    headline = Headline("The plan against each, by family, over the months that both cover")
    if not costed:
        headline += Headline("; margin is not known: costs are not given for all that is sold")
    return Exhibit(headline, table=table[[*order, *SUMS]])


# -------------------------------------------------------------------------------------------------
# what finance asks for, and the bridge


@exhibit(STAGE, title="Finance adjustments", table="finance_adjustments", rows=20)
def adjustments(finance_adjustments: DataFrame) -> Exhibit:
    """Adjustments requested by finance, and their effect on the plan."""
    rows = finance_adjustments
    if rows.empty:
        return Exhibit(Headline("Finance asks for no adjustment of the plan."), table=rows)
    if rows["margin_effect"].isna().all():
        said = "Finance asks for {adjustments:count adjustment}; effects on margin are not known: "
        said += "no costs are given."
        return Exhibit(Headline(said, adjustments=len(rows)), table=rows)
    largest = rows.loc[rows["margin_effect"].abs().idxmax()]
    headline = Headline(
        "Finance asks for {adjustments:count adjustment}; the largest, by {author}, "
        "changes margin by {margin:signed_money} and is {treatment}.",
        adjustments=len(rows),
        author=largest["author"],
        margin=largest["margin_effect"],
        treatment=largest["handling"],
    )
    return Exhibit(headline, table=rows)


@exhibit(STAGE, title="Budget-to-plan bridge", table="budget_bridge", money=True)
def budget_bridge(
    budget_bridge: DataFrame, plan_variances: DataFrame, financial_plan: DataFrame
) -> Exhibit:
    """The margin's way from the budget to the plan."""
    if len(budget_bridge) and not costs_are_known(financial_plan):
        return Exhibit(Headline("No margin bridge: costs are not given for all that is sold."))
    rows = budget_bridge[budget_bridge["measure"] == "margin"]
    sizes = rows[rows["family"] == ALL].groupby("step")["amount"].sum()
    chart = Waterfall(
        sizes.reindex([step for step in STEPS if step in sizes.index]),
        TOTALS,
        unit=f"{money_unit()} of margin",
        subtitle="Margin over the months that the budget covers, and what moved it from the budget "
        "to the plan",
    )
    return Exhibit(_bridge_headline(sizes, bridged_months(plan_variances)), chart)


def _bridge_headline(sizes, months):
    if sizes.empty:
        return Headline("There is no budget to start a bridge from.")
    steps = sizes.drop(labels=list(TOTALS))
    helps, hurts = steps.idxmax(), steps.idxmin()
    parts = []
    if steps[helps] > 0:
        parts.append(
            Headline("{helps} adds the most ({gain:signed_money})", helps=helps, gain=steps[helps])
        )
    if steps[hurts] < 0:
        parts.append(
            Headline(
                "{hurts} reduces it most ({loss:signed_money})", hurts=hurts, loss=steps[hurts]
            )
        )
    said = Headline(
        "From budget to plan, margin changes by {change:signed_money} in {months:span}",
        change=sizes["plan"] - sizes["budget"],
        months=bounds(months),
    )
    return said + (Headline(": ") + Headline.joined(parts, " and ") if parts else "") + "."
