"""Checks of rows outside the planned months, and of planned months without a budget."""

from pandas import DataFrame

from sopkit.data_quality.entries import entry_alone, span_of, with_entries
from sopkit.data_quality.marks import check
from sopkit.data_quality.period_checks import told_over
from sopkit.schema.columns import LOST, WON
from sopkit.schema.formatting import count
from sopkit.tables.issues import Entry, Issue
from sopkit.tables.periods import first_planned_day


@check("critical")
def purchase_orders_overdue(
    planning_periods: DataFrame, purchase_orders: DataFrame
) -> Issue | None:
    """Find overdue purchase orders."""
    start = first_planned_day(planning_periods)
    entries = [
        Entry(
            "purchase_orders",
            "due_day",
            f"item {row.item}, due {row.due_day:%Y-%m-%d}",
            f"{row.quantity:,.0f} units overdue from the supplier",
            "Assumed to arrive on the first planned day; change due_day if they arrive later.",
        )
        for row in purchase_orders[purchase_orders["due_day"] < start].itertuples()
    ]
    issue = told_over("purchase_orders", purchase_orders, "due_day", planning_periods)
    return with_entries(issue, entries)


@check("minor")
def months_without_budget(planning_periods: DataFrame, budget: DataFrame) -> Issue | None:
    """Find planned months without any budget."""
    months = planning_periods["period"][~planning_periods["period"].isin(budget["period"])]
    if months.empty:
        return None
    finding = f"{count(len(months), 'planned month')} without budget"
    treatment = "These months are compared with the prior year only."
    return entry_alone("budget", "period", span_of(months), finding, treatment)


@check("major")
def deals_outside_the_horizon(
    planning_periods: DataFrame, opportunities: DataFrame
) -> Issue | None:
    """Find deals outside the planned months; closed deals of closed months are history."""
    closed = opportunities["stage"].str.casefold().isin([WON, LOST])
    live = opportunities[~closed | (opportunities["period"] >= planning_periods["period"].min())]
    entries = _outside("opportunities", live, planning_periods)
    issue = told_over("opportunities", opportunities, "period", planning_periods, but=closed)
    return with_entries(issue or Issue("opportunities", ""), entries) if entries else None


@check("major")
def demand_inputs_outside_the_horizon(
    planning_periods: DataFrame, demand_inputs: DataFrame
) -> Issue | None:
    """Find demand inputs for months after the planned ones."""
    entries = _outside("demand_inputs", demand_inputs, planning_periods)
    return Issue("demand_inputs", "", entries=tuple(entries)) if entries else None


def _outside(name: str, frame: DataFrame, planning_periods: DataFrame) -> list[Entry]:
    outside = frame[~frame["period"].isin(planning_periods["period"])]
    if outside.empty:
        return []
    units = f"{outside['quantity'].sum():,.0f} units"
    finding = f"{count(len(outside), 'row')} ({units}) outside the planned months"
    return [Entry(name, "period", span_of(outside["period"]), finding, "Not part of this plan.")]
