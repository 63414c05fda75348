"""Reconciliation of the strategic, monthly, weekly and daily plans."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame

from sopkit.operations.detail import detailed
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import attach, conform

UNITS = ["regular", "overtime", "subcontract", "purchased", "shipped"]
HOURS = ["regular_hours", "overtime_hours"]


@dataclass(frozen=True)
class AlignmentInputs:
    """The plans of every horizon: goals, months, weeks and days."""

    planning_periods: DataFrame
    supply_plan: DataFrame
    workforce_plan: DataFrame
    financial_plan: DataFrame
    plan_variances: DataFrame
    weekly_plan: DataFrame
    daily_plan: DataFrame
    labor_schedule: DataFrame
    work_calendar: DataFrame
    goals: DataFrame | None = None


def plan_alignment(inputs: AlignmentInputs) -> DataFrame:
    """Compare each planning horizon with the sum of the next: variance = below - above.

    strategic : a goal of the years; below it the planned months, empty where they do not reach far
        enough.
    tactical : a goal of the months; what each quarter sells in the money plan, below it what supply
        ships; each month of the supply plan, below it its weeks.
    operational : each of the first weeks, below it its days.

    Returns
    -------
    horizon, item, measure, period : reference_value, plan, variance [the measure's unit; plan and
        gap may be empty]
    """
    sold = inputs.financial_plan.rename(columns={"quantity": "shipped"})
    months, in_weeks = _months(inputs), _months_of_weeks(inputs)
    rows = [
        _goals(inputs.plan_variances, inputs.goals),
        _beside("tactical", _quarters(sold), _quarters(inputs.supply_plan)),
        _beside("tactical", _named(months, "month"), _named(in_weeks, "month")),
        _beside("operational", *_weeks(inputs)),
    ]
    table = pd.concat([part for part in rows if len(part)], ignore_index=True)
    gap = table["plan"] - table["reference_value"]
    return conform("plan_alignment", table.assign(variance=gap.mask(gap.abs() < ROUNDING, 0.0)))


def _goals(plan_variances, goals):
    if goals is None:
        return pd.DataFrame()
    found = plan_variances[plan_variances["reference_type"] == "goal"][["item", "plan"]]
    rows = goals.drop(columns=["dimension", "item"]).rename(
        columns={"goal": "item", "to_period": "period", "target": "reference_value"}
    )
    rows = rows.merge(found, on="item", how="left")
    return rows[["horizon", "item", "measure", "period", "reference_value", "plan"]]


def _quarters(plan):
    """What is shipped in each quarter, by its last planned month."""
    quarter = plan["period"].dt.asfreq("Q")
    total = plan.groupby(quarter).agg(period=("period", "max"), shipped=("shipped", "sum"))
    return total.assign(item=total.index.astype("str")).set_index(["item", "period"])


def _months(inputs):
    """Units, closing stock and hours of the months planned by week, by the monthly plan."""
    supply = detailed(inputs.planning_periods, inputs.supply_plan)
    crews = detailed(inputs.planning_periods, inputs.workforce_plan)
    units = supply.groupby("period")[[*UNITS, "inventory"]].sum()
    return units.join(crews.groupby("period")[HOURS].sum())


def _months_of_weeks(inputs):
    """The same of the weeks: a month's stock is that of its last week."""
    weeks = inputs.weekly_plan
    cells = weeks.sort_values("week").groupby(["product", "site", "period"], as_index=False)
    stock = cells.last().groupby("period")[["inventory"]].sum()
    units = weeks.groupby("period")[UNITS].sum().join(stock)
    return units.join(inputs.labor_schedule.groupby("period")[HOURS].sum())


def _weeks(inputs):
    """The first weeks, and what their days add up to."""
    days = attach(inputs.daily_plan, inputs.work_calendar[["site", "day", "period", "week"]])
    weeks = inputs.weekly_plan[inputs.weekly_plan["week"].isin(days["week"])]
    return [_by_week(table) for table in (weeks, days)]


def _by_week(table):
    table = table.groupby(["week", "period"])[UNITS].sum().reset_index("week")
    return _named(table, "week of " + table["week"].dt.strftime("%Y-%m-%d"))


def _named(table, item):
    table = table.assign(item=item)
    columns = [c for c in table.columns if c in [*UNITS, "inventory", *HOURS]]
    return table.reset_index().set_index(["item", "period"])[columns]


def _beside(horizon, above, below):
    """Both in long form, side by side."""
    keys = ["item", "period", "measure"]
    rows = _long(above, "reference_value").merge(_long(below, "plan"), on=keys, how="outer")
    known = rows.dropna(
        subset=["reference_value", "plan"], how="all"
    )  # hours are unknown without resources
    return known.assign(horizon=horizon)


def _long(table, name):
    return table.reset_index().melt(["item", "period"], var_name="measure", value_name=name)
