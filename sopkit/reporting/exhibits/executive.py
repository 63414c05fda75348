"""Exhibits of the executives' meeting: KPIs, the plan and its references, the agenda."""

from collections.abc import Sequence
from typing import NamedTuple

from pandas import DataFrame

from sopkit.master_data.known_money import PART, cash_is_known, costs_are_known, uncosted_share
from sopkit.reporting import notebook_output
from sopkit.reporting.chart_types import TOP_ROWS, Heatmap, Lines, SmallMultiples, Sparkline
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits import (
    cash_flow,
    data_review,
    finance,
    pre_sop,
    profit_and_loss,
    scenarios,
)
from sopkit.reporting.exhibits.finance import REFERENCES, SUMS
from sopkit.reporting.theme import DIFFERENCE, look
from sopkit.schema.cells import is_share
from sopkit.schema.formatting import (
    compact,
    listed,
    money,
    money_unit,
    month,
    more_or_less,
    number,
    percent,
    span,
    verb,
)
from sopkit.schema.glossary import label

STAGE = "70_executive_sop"
HELD = ["quantity", "revenue", "margin"]
THE = {"last_cycle": "the prior cycle"}  # references with an article
SHOWN_KPIS = 6
OF_COSTS = ("Margin", "Peak inventory value", "Minimum cash balance")  # figures that rest on costs


class KeyFigure(NamedTuple):
    """One figure as it is said, with what makes it good or bad, and its course month by month."""

    name: str
    figure: str
    note: str
    course: Sequence[float]


# -------------------------------------------------------------------------------------------------
# the KPI dashboard


@exhibit(STAGE, title="Executive dashboard")
def dashboard(
    financial_plan: DataFrame,
    constrained_demand: DataFrame,
    cash_plan: DataFrame,
    plan_variances: DataFrame,
    company_settings: DataFrame | None = None,
) -> Exhibit:
    """What the plan sells, earns, serves, holds and keeps in cash, and its gaps."""
    is_known = cash_is_known(company_settings)
    figures = key_figures(financial_plan, constrained_demand, cash_plan, plan_variances, is_known)
    drawn = [one._asdict() | {"course": Sparkline(one.course).svg()} for one in figures]
    held = company_against(plan_variances)
    if not costs_are_known(financial_plan):
        held = held[held["measure"] != "margin"]
    shown = notebook_output.dashboard(drawn, held)
    return Exhibit(_business_headline(plan_variances), fragment=shown)


def key_figures(
    financial_plan: DataFrame,
    constrained_demand: DataFrame,
    cash_plan: DataFrame,
    plan_variances: DataFrame,
    cash_is_known: bool = True,
) -> list[KeyFigure]:
    """What the plan sells, earns, serves, holds and keeps in cash; [] where nothing is planned."""
    sums = financial_plan.groupby("period")[[*HELD, "inventory_value"]].sum()
    if sums.empty:
        return []
    names = zip(HELD, ("Sales volume, units", "Revenue", "Margin"), strict=True)
    sold = [
        KeyFigure(
            name,
            number(sums[measure].sum()) if measure == "quantity" else money(sums[measure].sum()),
            _held(plan_variances, measure) or span(sums.index),
            list(sums[measure]),
        )
        for measure, name in names
    ]
    stock = sums["inventory_value"]
    cash = cash_plan.set_index("period")["cash"]
    found = [
        *sold,
        _served(constrained_demand),
        _extreme("Peak inventory value", stock, stock.idxmax()),
        *([_extreme("Minimum cash balance", cash, cash.idxmin())] if len(cash) else []),
    ]
    part = uncosted_share(financial_plan)
    known = [_as_known(each, part) if each.name in OF_COSTS else each for each in found]
    unknown = {}
    if not sums["revenue"].any():
        unknown["Revenue"] = "no prices are given"
    if not cash_is_known and part < PART:
        unknown["Minimum cash balance"] = "no opening cash is given"
    return [
        KeyFigure(each.name, "unknown", unknown[each.name], []) if each.name in unknown else each
        for each in known
    ]


def _as_known(figure, part):
    """A figure that rests on costs: unknown where none is given, a bound where some are not."""
    if part < PART:
        return figure
    if part > 1 - PART:
        return KeyFigure(figure.name, "unknown", "no costs are given", [])
    note = f"no costs are given for {percent(part)} of revenue"
    bound = "at least" if figure.name == "Peak inventory value" else "at most"
    return KeyFigure(figure.name, f"{bound} {figure.figure}", note, figure.course)


def _extreme(name, months, worst):
    return KeyFigure(name, money(months[worst]), f"in {month(worst)}", list(months))


def _held(plan_variances, measure):
    """Variance of the plan to the budget, or from the prior year where there is no budget."""
    rows = plan_variances[
        (plan_variances["measure"] == measure) & (plan_variances["item"] == "all")
    ]
    for reference in ("budget", "last_year"):
        held = rows[rows["reference_type"] == reference]
        if held["reference_value"].sum() > 0:
            change = held["variance"].sum() / held["reference_value"].sum()
            against = f"{more_or_less(change, 'above', 'below')} {REFERENCES[reference]}"
            return f"{against} to {month(held['period'].max())}"
    return ""


def _served(plan):
    """The share of demand that is served in its month; what is late is served later."""
    missed = (plan["backlog"] + plan["lost_sales"]).clip(upper=plan["demand"])
    months = plan.assign(missed=missed).groupby("period")[["demand", "missed"]].sum()
    months = months[months["demand"] > 0]
    if months.empty:
        return KeyFigure("On-time fill rate", "–", "no demand", [])
    ratio = 1 - months["missed"] / months["demand"]
    whole = 1 - months["missed"].sum() / months["demand"].sum()
    least = f"low: {percent(ratio.min(), 1)} in {month(ratio.idxmin())}"
    note = least if whole < 1 else span(ratio.index)
    return KeyFigure("On-time fill rate", percent(whole, 1), note, list(ratio))


def company_against(plan_variances: DataFrame) -> DataFrame:
    """The whole company against budget, prior year and prior cycle, over the months of both.

    Returns
    -------
    reference_type, measure : from_period, to_period, plan, reference_value, variance, gap_ratio
    """
    rows = plan_variances[
        (plan_variances["item"] == "all") & plan_variances["reference_type"].isin(REFERENCES)
    ]
    held = list(REFERENCES)
    rows = rows.sort_values(
        "reference_type", key=lambda names: names.map(held.index), kind="stable"
    )
    sums = rows.groupby(["reference_type", "measure"], as_index=False, sort=False).agg(
        from_period=("period", "min"),
        to_period=("period", "max"),
        plan=("plan", "sum"),
        reference_value=("reference_value", "sum"),
        variance=("variance", "sum"),
    )
    known = sums["reference_value"].where(sums["reference_value"] > 0)
    return sums.assign(gap_ratio=sums["variance"] / known)


@exhibit(STAGE, title="Variances by family", table="plan_variances")
def business_summary(plan_variances: DataFrame, financial_plan: DataFrame) -> Exhibit:
    """By how much units, revenue and margin differ from each reference, by family."""
    rows = plan_variances
    if not costs_are_known(financial_plan):
        rows = rows[rows["measure"] != "margin"]
    return Exhibit(_business_headline(rows), _business(rows))


def _business_headline(plan_variances):
    every = plan_variances[(plan_variances["item"] == "all") & plan_variances["variance"].notna()]
    measure = "revenue" if (every["measure"] == "revenue").any() else "quantity"
    rows = every[every["measure"] == measure]
    sums = rows.groupby("reference_type")[SUMS[1:]].sum().reindex(list(REFERENCES))
    change = sums["variance"] / sums["reference_value"].where(sums["reference_value"] != 0)
    change = change.dropna()
    if change.empty:
        return Headline("There is nothing to compare the plan with.")
    parts = [
        f"{more_or_less(part, 'above', 'below')} {THE.get(name, REFERENCES[name])} in "
        f"{span(rows.loc[rows['reference_type'] == name, 'period'])}"
        for name, part in change.items()
    ]
    named = "Revenue" if measure == "revenue" else "Volume"
    said = Headline("{measure} is {changes}.", measure=named, changes=listed(parts))
    return said + Headline("", against=dict(change))


def _business(plan_variances):
    rows = plan_variances[
        plan_variances["reference_type"].isin(REFERENCES) & plan_variances["measure"].isin(HELD)
    ]
    sums = rows.groupby(["reference_type", "item", "measure"])[
        ["variance", "reference_value"]
    ].sum()
    sums = sums[sums["reference_value"] > 0]
    every = sums["reference_value"].groupby("item").sum().drop("all", errors="ignore")
    items = [*sorted(every.nlargest(TOP_ROWS).index), "all"]
    held = rows.groupby("reference_type")["period"].agg(["min", "max"])
    panels = [
        _differences(sums.loc[name], items, f"{REFERENCES[name]}, {span(held.loc[name])}")
        for name in REFERENCES
        if name in sums.index.unique(0)
    ]
    return SmallMultiples(
        panels,
        max(len(panels), 1),
        showing=len(items) - 1,
        of=len(every),
        share_y=True,
        widths=[len(panel.data.columns) for panel in panels],
        subtitle=f"Difference in per cent and in units or {money_unit()} (k: thousand, m: "
        "million); bold: below",
    )


def _differences(sums, items, reference):
    """The differences from one reference, named with its months, in per cent, below them in units
    or money."""
    wide = sums.unstack().reindex(index=items)  # noqa: PD010 - nothing to add up
    measures = [measure for measure in HELD if measure in sums.index.unique(1)]
    gap = wide["variance"][measures]
    share = gap / wide["reference_value"][measures]
    said = share.map(lambda part: f"{100 * part:+.1f} %\n", na_action="ignore")
    said = said + gap.map(lambda size: compact(size, "+"), na_action="ignore")
    names = {"quantity": "units"}
    return Heatmap(
        share.rename(columns=names),
        words=said.rename(columns=names),
        bold=share < 0,
        colours=DIFFERENCE,
        limits=(-0.3, 0.3),
        title=f"against {reference}",
        top=len(items),
        row=0.38,
    )


@exhibit(STAGE, title="Revenue and margin against the budget", table="plan_variances", money=True)
def money_by_month(
    financial_plan: DataFrame, unit_economics: DataFrame, plan_variances: DataFrame
) -> Exhibit:
    """What the plan earns, by month beside the budget; prior year, where there is no budget."""
    said = profit_and_loss.money_headline(financial_plan, unit_economics)
    return Exhibit(said, finance.money_beside_reference(financial_plan, plan_variances))


@exhibit(STAGE, title="Cash", table="cash_plan", money=True)
def cash_in_short(
    cash_plan: DataFrame, financial_plan: DataFrame, company_settings: DataFrame | None = None
) -> Exhibit:
    """Where cash is lowest, and where it ends."""
    return Exhibit(cash_flow.cash(cash_plan, financial_plan, company_settings).headline)


@exhibit(STAGE, title="Scenarios", table="scenario_results")
def scenarios_in_short(scenario_results: DataFrame) -> Exhibit:
    """What each scenario changes against the plan, the one that moves margin most first."""
    whole = scenarios.scenarios(scenario_results)
    return Exhibit(whole.headline, whole.chart)


@exhibit(STAGE, title="Risks and opportunities", table="risk_impacts")
def risks_in_short(risk_impacts: DataFrame) -> Exhibit:
    """What each risk does to the margin if it comes, and weighted by its probability."""
    whole = pre_sop.risks(risk_impacts)
    return Exhibit(whole.headline, whole.chart)


# -------------------------------------------------------------------------------------------------
# how we did, and the records


@exhibit(STAGE, title="KPI trends", table="kpis")
def kpi_trends(kpis: DataFrame) -> Exhibit:
    """Each measure over its months with its target; the newest value is written."""
    known = kpis[kpis["value"].notna()]
    measures = list(known["measure"].drop_duplicates())
    panels = [
        _course(known[known["measure"] == measure].set_index("period").sort_index(), measure)
        for measure in measures[:SHOWN_KPIS]
    ]
    chart = SmallMultiples(
        panels,
        3,
        of=len(measures),
        subtitle="Each month's value, with its target where one is set; the newest value stands "
        "beside the name",
    )
    return Exhibit(data_review.kpis(kpis).headline, chart)


def _course(months, measure):
    shares = is_share(measure)
    newest = months["value"].iloc[-1]
    named = label(measure, short=True, of="measure")
    return Lines(
        months[["value", "target"]],
        looks={
            "value": look("consensus", label="", marker="o"),
            "target": look("reference_value", label="target"),
        },
        shares=shares,
        from_zero=False,
        title=f"{named}: {percent(newest, 1) if shares else compact(newest)}",
    )


@exhibit(STAGE, title="Agenda", table="agenda", rows=20)
def executive_agenda(agenda: DataFrame) -> Exhibit:
    """The topics of the executives' meeting, and how many lower meetings have taken from it."""
    own = agenda[agenda["decision_level"] == "executives"]
    said = Headline(
        "{topics:count topic} in {minutes} minutes",
        topics=len(own),
        minutes=own["duration_minutes"].sum(),
    )
    below = len(agenda) - len(own)
    if below:
        template = "; {below:count topic} {are} settled by lower meetings"
        said = said + Headline(template, below=below, are=verb(below, "is", "are"))
    return Exhibit(said + ".", table=own.drop(columns="decision_level"))
