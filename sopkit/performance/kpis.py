"""KPIs of closed months: one function per KPI that is no sum of rows.

A KPI gives `period : value, statement` (and `item`, and `target` where it has one of its own), or
raises `MissingValue`: the reason is then in one row without value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.master_data.budgets import total_budget
from sopkit.master_data.sales import with_known_revenue
from sopkit.performance.asset_efficiency import (
    inventory_turns,
    labour_productivity,
    margin_per_stock,
    overtime,
    utilisation,
)
from sopkit.performance.attainment import (
    CLOSED_MONTHS,
    accuracy_by_lag,
    bias,
    calendar_kept,
    consensus_accuracy,
    demand_attainment,
    inventory_attainment,
    months_of,
    own_month,
    percents,
    plan_change,
    production_attainment,
    rows_of,
)  # fmt: skip
from sopkit.schema.formatting import currency_of, money
from sopkit.schema.glossary import label
from sopkit.tables import attach, conform, empty
from sopkit.tables.measures import EVERYTHING, MissingValue, refuse_targets, value, written

COVER_MONTHS = 3  # months of sales that cover is measured by
NEAR = "lag 1"  # the item of a measure of plans, one month ahead


@dataclass(frozen=True)
class PerformanceInputs:
    """The tables of what was done, and of the plans that were made for it."""

    planning_periods: DataFrame
    products: DataFrame
    unit_economics: DataFrame
    sales_history: DataFrame
    kpis: DataFrame
    demand_plan: DataFrame
    approved_forecasts: DataFrame | None = None
    approved_supply_plans: DataFrame | None = None
    production_history: DataFrame | None = None
    hours_history: DataFrame | None = None
    routings: DataFrame | None = None
    resources: DataFrame | None = None
    meeting_calendar: DataFrame | None = None
    kpi_targets: DataFrame | None = None
    product_groups: DataFrame | None = None
    market_groups: DataFrame | None = None


def kpis(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    demand_history: DataFrame,
    budget: DataFrame | None = None,
    stock_availability: DataFrame | None = None,
    approved_forecasts: DataFrame | None = None,
    inventory: DataFrame | None = None,
    company_settings: DataFrame | None = None,
) -> DataFrame:
    """Measure the KPIs of the last twelve closed months, with one sentence per value.

    A measure that cannot be known has one row without value, in the last closed month, that says
    what is missing.

    Returns
    -------
    measure, period : value, target [the measure's unit], statement
    """
    first = planning_periods["period"].min()
    closed = sales_history[sales_history["period"].between(first - CLOSED_MONTHS, first - 1)]
    if closed.empty:
        return empty("kpis")
    last = closed["period"].max()
    parts = [
        _told(last, "actual_quantity", sold, closed, products, budget),
        _told(last, "actual_revenue", sales_value, closed, budget, currency_of(company_settings)),
        _told(last, "in_stock_ratio", in_stock, closed, demand_history, stock_availability),
        _told(last, "forecast_accuracy_ratio", consensus_accuracy, closed, approved_forecasts),
        _told(last, "bias", bias, closed, approved_forecasts),
        _told(last, "months_of_supply", cover, closed, inventory),
    ]
    return conform("kpis", _listed(parts).drop(columns="item"))


def performance(inputs: PerformanceInputs) -> DataFrame:
    """Measure KPIs and plan attainment of the last twelve closed months, a sentence per value.

    A plan is attained to the extent that families do not differ from it: 1 - sum of
    |actual - plan| / sum of plan, both by family. Sums of rows are also given by the items that
    `kpi_targets` names: a family's sales, a product's revenue.

    Returns
    -------
    measure, item, period : value, target [the measure's unit], statement

    Source
    ------
    Wallace and Stahl, Sales & Operations Planning: The How-To Handbook, on measuring performance to
    plan by family.
    """
    first = inputs.planning_periods["period"].min()
    months = pd.period_range(first - CLOSED_MONTHS, first - 1, freq="M")
    closed = inputs.sales_history[inputs.sales_history["period"].isin(months)]
    parts = [
        _kept_from(inputs.kpis),
        *_plans_kept(inputs, months, closed),
        *_resources_used(inputs, months, closed),
        *_targeted(inputs.kpi_targets, _sold_tables(inputs, closed)),
    ]
    rows = _listed(parts).sort_values(["measure", "item", "period"], kind="stable")
    return conform("performance", rows)


def _plans_kept(
    inputs: PerformanceInputs, months: PeriodIndex, closed: DataFrame
) -> list[DataFrame]:
    """How well forecasts, plans and meetings were kept to."""
    last, products, forecasts = months[-1], inputs.products, inputs.approved_forecasts
    own = own_month(inputs.approved_supply_plans, months)
    done = _within(inputs.production_history, months)
    first, demand, meetings = last + 1, inputs.demand_plan, inputs.meeting_calendar
    return [
        _told(last, "demand_attainment_ratio", demand_attainment, products, closed, forecasts),
        _told(last, "forecast_accuracy_ratio", accuracy_by_lag, closed, forecasts),
        _told(last, "production_attainment_ratio", production_attainment, products, own, done),
        _told(last, "inventory_attainment_ratio", inventory_attainment, products, own, done),
        _told(last, "plan_change_ratio", plan_change, first, demand, forecasts),
        _told(last, "calendar_kept_ratio", calendar_kept, first, meetings),
    ]


def _resources_used(
    inputs: PerformanceInputs, months: PeriodIndex, closed: DataFrame
) -> list[DataFrame]:
    """What stock, hours and labour gave."""
    last, prices = months[-1], inputs.unit_economics
    ways, resources = inputs.routings, inputs.resources
    done = _within(inputs.production_history, months)
    worked = _within(inputs.hours_history, months)
    productivity = "labour_productivity_ratio"
    return [
        _told(last, "inventory_turns", inventory_turns, closed, prices, done),
        _told(last, "margin_per_stock", margin_per_stock, closed, prices, done),
        _told(last, "utilization", utilisation, worked),
        _told(last, "overtime_ratio", overtime, worked),
        _told(last, productivity, labour_productivity, worked, done, ways, resources),
    ]


def _told(last: Period, measure: str, kpi: Callable[..., DataFrame], *tables: object) -> DataFrame:
    """Rows of a KPI; where it has no value, one row of the last closed month that says why."""
    try:
        rows = kpi(*tables)
    except MissingValue as missing:
        rows = DataFrame([{"period": last, "statement": str(missing)}])
    return rows.assign(measure=measure, **({} if "item" in rows else {"item": EVERYTHING}))


def _listed(parts: list[DataFrame]) -> DataFrame:
    columns = ["measure", "item", "period", "value", "target", "statement"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)


def _kept_from(kpis: DataFrame) -> DataFrame:
    """The measures that every meeting knows; accuracy and bias are those of the month's own
    cycle."""
    ahead = kpis["measure"].isin(["forecast_accuracy_ratio", "bias"]) & kpis["value"].notna()
    return kpis.assign(item=ahead.map({True: NEAR, False: EVERYTHING}))


def _sold_tables(inputs: PerformanceInputs, closed: DataFrame) -> dict[str, DataFrame | None]:
    """The tables that say what was sold, by every dimension."""
    names = ("products", "product_groups", "market_groups")
    return {"sales_history": closed} | {name: getattr(inputs, name) for name in names}


def _targeted(kpi_targets: DataFrame | None, tables: dict[str, DataFrame]) -> list[DataFrame]:
    """What was sold of the families, products and markets that targets are set for."""
    if kpi_targets is None:
        return []
    sales = with_known_revenue(tables["sales_history"])
    rows = kpi_targets[kpi_targets["measure"].isin(["actual_quantity", "actual_revenue"])]
    parts = []
    for (measure, dimension), targets in rows.groupby(["measure", "dimension"]):
        refuse_targets("kpi_targets", targets)
        try:
            found = value(measure, tables | {"sales_history": sales}, [dimension, "period"])
        except MissingValue:
            continue  # the company's row gives the reason
        found = found[found[dimension].isin(targets["item"])]
        amounts = found["value"].map(lambda number, name=measure: written(name, number))
        of_item = " of " + found[dimension] + " in " + months_of(found) + ": "
        said = label(measure, of="measure").capitalize() + of_item + amounts + "."
        found = found.rename(columns={dimension: "item"})
        parts.append(found.assign(measure=measure, statement=said))
    return parts


def _within(history: DataFrame | None, months: PeriodIndex) -> DataFrame | None:
    return None if history is None else history[history["period"].isin(months)]


# -------------------------------------------------------------------------------------------------
# sales


def sold(closed: DataFrame, products: DataFrame, budget: DataFrame | None) -> DataFrame:
    """Units sold against the budget, with the family furthest below its own."""
    rows = _budgeted(value("actual_quantity", {"sales_history": closed}, ["period"]), budget)
    words = rows["value"].map("{:,.0f}".format) + " units were sold in " + months_of(rows)
    words += _beside_budget(rows) + _furthest_below(rows, products, closed, budget) + "."
    return rows.assign(statement=words)


def sales_value(closed: DataFrame, budget: DataFrame | None, currency: str) -> DataFrame:
    """Revenue against the budget, for months with complete revenue."""
    tables = {"sales_history": with_known_revenue(closed)}
    try:
        known = value("actual_revenue", tables, ["period"])
    except MissingValue as missing:
        raise MissingValue("The revenue of sales is not known.") from missing
    rows = _budgeted(known, budget, "revenue")
    said = rows["value"].map(partial(money, currency=currency))
    words = "Sales came to " + said + " in " + months_of(rows)
    return rows.assign(statement=words + _beside_budget(rows) + ".")


def _budgeted(rows: DataFrame, budget: DataFrame | None, measure: str = "quantity") -> DataFrame:
    if budget is None:
        return rows.assign(target=float("nan"))
    target = total_budget(budget, measure).rename("target").reset_index()
    return attach(rows, target, default=float("nan"))


def _beside_budget(rows: DataFrame) -> Series:
    """Words for the distance to budget; empty where the month has none."""
    known = rows["target"].notna() & (rows["target"] > 0)
    distance = rows["value"] / rows["target"].where(known) - 1
    side = distance.ge(0).map({True: "above", False: "below"})
    return (", " + percents(distance.abs()) + " " + side + " budget").where(known, "")


def _furthest_below(
    rows: DataFrame, products: DataFrame, closed: DataFrame, budget: DataFrame | None
) -> Series | str:
    """Name the family furthest below its budget in each month, in units of its own."""
    if budget is None:
        return ""
    tables = {"sales_history": closed, "products": products}
    actual = value("actual_quantity", tables, ["family", "period"])
    held = budget[budget["period"].isin(rows["period"]) & (budget["quantity"] > 0)]
    held = attach(held[["family", "period", "quantity"]], actual, default=0.0)
    held["distance"] = held["value"] / held["quantity"] - 1
    worst = held[held["distance"] < 0].sort_values(["distance", "family"]).drop_duplicates("period")
    if worst.empty:
        return ""
    said = "; " + worst["family"] + " is furthest below (" + percents(worst["distance"]) + ")"
    return rows["period"].map(said.set_axis(worst["period"])).fillna("").astype("str")


def in_stock(
    closed: DataFrame, demand_history: DataFrame, stock_availability: DataFrame | None
) -> DataFrame:
    """Share of demand in stock; a month that `stock_availability` lacks counts as in stock."""
    if stock_availability is None:
        raise MissingValue(
            "Stock availability is not recorded: the in-stock ratio is not measured."
        )
    cells = demand_history[demand_history["period"].isin(closed["period"])]
    cells = attach(
        cells[["product", "market", "period", "cleansed"]], stock_availability, default=1.0
    )
    cells["met"] = cells["cleansed"] * cells["in_stock_ratio"]
    sums = cells.groupby("period")[["met", "cleansed"]].sum()
    ratio = (sums["met"] / sums["cleansed"].where(sums["cleansed"] > 0)).dropna()
    rows = rows_of(ratio)
    words = "Weighted by demand, availability was " + percents(rows["value"])
    return rows.assign(statement=words + " of the time in " + months_of(rows) + ".")


def cover(closed: DataFrame, inventory: DataFrame | None) -> DataFrame:
    """Months of supply of the opening stock at the sales of the last three months; one row."""
    recent = closed["period"].drop_duplicates().sort_values().tail(COVER_MONTHS)
    monthly = closed.loc[closed["period"].isin(recent), "quantity"].sum() / len(recent)
    if inventory is None or not monthly > 0:
        raise MissingValue("Stock or recent sales are unknown: cover is not measured.")
    months = inventory["on_hand"].sum() / monthly
    said = f"Stock covers {months:.1f} months at the sales of the last {len(recent)} months."
    return DataFrame([{"period": recent.iloc[-1], "value": months, "statement": said}])
