"""The month on a page: what changed, what is at risk, what is asked; KPIs, revenue, decisions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.finance.bridge import ALL
from sopkit.master_data.known_money import cash_is_known, costs_are_known
from sopkit.reporting.chart_types import PlanColumns
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.decisions import decisions_list, is_approval
from sopkit.reporting.pre_read.kpi_status import KpiTables, goal_of, kpi_status
from sopkit.reporting.pre_read.page import Drawing, Page, Sign, Words, clipped, columns
from sopkit.schema.formatting import count, currency_of, listed, month, span, verb, whole
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.periods import YEAR

LONGEST = 330  # characters of a sentence
SHOWN_RESOURCES = 2
CAPACITY = "capacity"  # the gap rule of missing hours


@dataclass(frozen=True)
class RiskTables:
    """The tables of what is at risk."""

    products: DataFrame
    constrained_demand: DataFrame
    decisions: DataFrame
    gaps: DataFrame
    resources: DataFrame | None = None


def month_on_a_page(
    kpi_tables: KpiTables, risk_tables: RiskTables, plan_variances: DataFrame, outlook: DataFrame
) -> Page:
    """The first page: three sentences, KPI status, revenue by month, decisions required."""
    currency = currency_of(kpi_tables.company_settings)
    start = kpi_tables.planning_periods["period"].min()
    sentences = [
        changed(kpi_tables, plan_variances, outlook, currency),
        at_risk(kpi_tables, risk_tables, currency),
        asked(risk_tables.decisions),
    ]
    told = [Sign(strong, clipped(text, LONGEST)) for strong, text in sentences]
    blocks = [
        Words(told),
        kpi_status(kpi_tables, currency),
        _outlook(kpi_tables, currency, start),
        decisions_list(risk_tables, currency, start, _margin(kpi_tables.financial_plan)),
    ]
    planned = span(kpi_tables.planning_periods["period"])
    return Page(
        "The month on a page", blocks, f"plan {planned}" + (f" · {currency}" if currency else "")
    )


def _margin(financial_plan):
    """The planned margin; not a number where costs are not given."""
    known = costs_are_known(financial_plan)
    return float(financial_plan["margin"].sum()) if known else float("nan")


def _measure(tables, currency):
    """What the page is about: revenue, or volume where that of no closed month is known.

    Returns
    -------
    the measure, its name, and a function that writes an amount of it
    """
    known = months.by_month(tables.sales_history, tables.financial_plan, "revenue", tables.budget)
    if known["plan"].any() and known[["actual", "reference"]].notna().any(axis=None):
        return "revenue", "revenue", lambda size: numbers.amount(size, currency)
    return "quantity", "volume", lambda size: f"{numbers.amount(size)} units"


def changed(
    tables: KpiTables, plan_variances: DataFrame, outlook: DataFrame, currency: str
) -> Sign:
    """What the year comes to against budget, prior year and prior cycle."""
    measure, named, amount = _measure(tables, currency)
    year = tables.year
    known = months.by_month(tables.sales_history, tables.financial_plan, measure, tables.budget)
    whole_year = months.against(known, year.months)
    parts, before = [], []
    if not np.isnan(whole_year["value"]):
        said = f"{named} {year.name} {amount(whole_year['value'])} (actual + plan)"
        versus = [
            f"{numbers.relative(whole_year[f'vs_{name}'])} vs. {word}"
            for name, word in {
                "reference": "budget",
                "prior_year": year.prior,
            }.items()
            if not np.isnan(whole_year[f"vs_{name}"])
        ]
        before = _vs_prior_cycle(outlook, year, measure)
        parts.append(", ".join([said, *versus, *before]))
    prior = plan_variances[
        (plan_variances["reference_type"] == "last_cycle")
        & (plan_variances["measure"] == measure)
        & (plan_variances["item"] == "all")
    ]
    if len(prior) and not before:
        gap = numbers.change(prior["variance"].sum(), currency if measure == "revenue" else "")
        ratio = prior["variance"].sum() / prior["reference_value"].sum()
        parts.append(f"vs. prior cycle {gap} ({numbers.relative(ratio)}), {span(prior['period'])}")
    planned = tables.financial_plan["revenue"].sum()
    if planned and (measure != "revenue" or not parts):
        said = f"planned revenue {numbers.amount(planned, currency)}"
        parts.append(f"{said}, {span(tables.planning_periods['period'])}")
    if not parts:
        planned = amount(tables.financial_plan[measure].sum())
        parts.append(f"planned {named} {planned}, {span(tables.planning_periods['period'])}")
    return Sign("Changed:", "; ".join(parts) + ".")


def _vs_prior_cycle(outlook, year, measure):
    """How far the year is from what it came to in the prior cycle, where that is known."""
    is_year = (outlook["fiscal_year"] == year.number) & outlook["quarter"].isna()
    rows = outlook[is_year & (outlook["item"] == ALL) & (outlook["measure"] == measure)]
    rows = rows[rows["prior_cycle"] > 0]
    changes = rows["outlook"] / rows["prior_cycle"] - 1
    return [f"{numbers.relative(change)} vs. prior cycle" for change in changes.dropna()]


def at_risk(kpis: KpiTables, tables: RiskTables, currency: str) -> Sign:
    """What stands out: resources over capacity, customers served late, goals missed."""
    parts = [*_overloaded(tables.gaps), *_unserved(tables.constrained_demand)]
    goal = goal_of(kpis.goals, "inventory_value")
    if goal is not None:
        stock = kpis.financial_plan.groupby("period")["inventory_value"].sum()
        stock = stock[(stock.index >= goal["from_period"]) & (stock.index <= goal["to_period"])]
        if len(stock) and stock.max() > goal["target"]:
            peak, target = (
                numbers.amount(stock.max(), currency),
                numbers.amount(goal["target"], currency),
            )
            parts.append(f"inventory peaks at {peak} in {month(stock.idxmax())} (target {target})")
    cash = kpis.cash_plan.set_index("period")["cash"]
    if len(cash) and cash.min() < 0 and cash_is_known(kpis.company_settings):
        parts.append(
            f"cash falls to {numbers.amount(cash.min(), currency)} in {month(cash.idxmin())}"
        )
    return Sign("At risk:", ("; ".join(parts) or _nothing(tables.resources)) + ".")


def _nothing(resources):
    """That nothing stands out, and whether capacity was looked at."""
    if resources is None:
        return "every order is on time; capacity is not given and taken as unlimited"
    return "capacity covers demand in every month, and every order is on time"


def _overloaded(gaps):
    """The hours that resources lack after all that the plan may hire, work longer and buy."""
    own = gaps[gaps["gap"].str.startswith(f"{CAPACITY}-")]
    own = own.loc[own["gap_value"].abs().sort_values(ascending=False, kind="stable").index]
    for one in own.head(SHOWN_RESOURCES).itertuples():
        said = one.statement.partition(":")[0]
        yield f"{said}, {span((one.from_period, one.to_period))}"
    if len(own) > SHOWN_RESOURCES:
        more = len(own) - SHOWN_RESOURCES
        yield f"{more} more shortage{'s' * (more != 1)} of hours"


def _unserved(constrained_demand):
    rows = constrained_demand
    late = rows.groupby("period")["backlog"].sum()
    if len(late) and late.max() > MATERIAL:
        yield f"backlog peaks at {whole(late.max())} units in {month(late.idxmax())}"
    lost = rows["lost_sales"].sum()
    if lost > MATERIAL:
        yield f"{whole(lost)} units of lost sales"


def asked(decisions: DataFrame) -> Sign:
    """How many decisions are required of this meeting."""
    own = decisions[(decisions["decision_level"] == "executives") & decisions["choice"].isna()]
    others = own[~is_approval(own)]
    many = len(others)
    parts = [f"{many} decision{'s' * (many != 1)}"] if many else []
    if len(own) > many:
        parts.append("approval of the plan")
    below = int((decisions["decision_level"] != "executives").sum())
    text = listed(parts) if parts else "nothing: every decision is made"
    if below:
        noun = "more decision" if many else "decision"
        text += f"; {count(below, noun)} {verb(below, 'is', 'are')} for the department heads"
    return Sign("Asked today:", text + ".")


def _outlook(tables, currency, start) -> Drawing:
    measure, named, _ = _measure(tables, currency)
    known = months.by_month(tables.sales_history, tables.financial_plan, measure, tables.budget)
    shown = months.charted(known, start)
    chart = PlanColumns(shown, pins=True, height=1.8)
    unit = (currency or "money") if measure == "revenue" else ""
    return columns(chart, plan_headline(shown, named), currency=unit)


def plan_headline(shown: DataFrame, named: str = "revenue") -> str:
    """Whether planned revenue, or volume, reaches its budget; without one, the prior year."""
    planned = shown[shown["actual"].isna()]
    for name, word in {"reference": "budget", "prior_year": "prior year"}.items():
        both = planned[[name, "plan"]].dropna()
        if name == "prior_year":  # of which all is actual
            both = both[both.index < planned.index.min() + YEAR]
        if both.empty or not (both[name] > 0).all():
            continue
        below = int((both["plan"] < both[name]).sum())
        change = both["plan"].sum() / both[name].sum() - 1
        return (
            f"Planned {named} {numbers.relative(change)} vs. {word} {span(both.index)}, "
            f"below it in {below} of {len(both)} months"
        )
    return f"Planned {named}, {span(pd.PeriodIndex(planned.index))}"
