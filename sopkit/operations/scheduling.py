"""Production schedule and labour schedule by week."""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.dated import once, rows_in_force
from sopkit.master_data.economics import worker_calendar
from sopkit.operations.detail import detailed
from sopkit.operations.split import by_week, portion
from sopkit.operations.weeks import COMING, GOING, MADE
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, empty
from sopkit.tables.periods import months_of

WEEK = ["product", "site", "period", "week"]
HOURS = ["regular_hours", "overtime_hours"]


def production_schedule(
    planning_periods: DataFrame,
    weekly_plan: DataFrame,
    work_calendar: DataFrame,
    production_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> DataFrame:
    """List the weekly production of each resource; what runs out first is produced first.

    The quantities and hours of a product are those of `production_plan`, in the weeks in which
    `weekly_plan` makes it.

    Returns
    -------
    resource, period, week, product : sequence, quantity [units], work_hours [hours], days_of_supply
        [working days; empty where nothing leaves the stock], due_day [on which the stock would run
        out], min_lot [units]
    """
    if resources is None or routings is None:
        return empty("production_schedule")
    made = detailed(planning_periods, production_plan)
    sites = once(resources, "resource")[["resource", "site"]]
    made = attach(made[made[MADE].sum(axis=1) > 0], sites)
    ways = rows_in_force(routings, ("product", "resource"), months_of(planning_periods))
    made = attach(made, ways[["product", "resource", "period", "min_lot"]])
    made["quantity"] = made["regular"] + made["overtime"]
    made["work_hours"] = made["regular_hours"] + made["overtime_hours"]
    weeks = _urgency(_progress(weekly_plan), work_calendar)
    rows = made.drop(columns=[*MADE, *HOURS]).merge(
        weeks, on=["product", "site", "period"], how="inner"
    )
    for amount in ("quantity", "work_hours"):
        rows[amount] = portion(rows[amount], rows["begun"], rows["ended"])
    rows = rows[rows["quantity"] > 0]
    turn = ["resource", "period", "week", "due_day", "days_of_supply", "product"]
    rows = rows.sort_values(turn, na_position="last", ignore_index=True)
    rows["sequence"] = rows.groupby(turn[:3]).cumcount() + 1
    return rows[list(TABLES["production_schedule"].columns)]


def labor_schedule(
    planning_periods: DataFrame,
    production_schedule: DataFrame,
    workforce_plan: DataFrame,
    work_calendar: DataFrame,
    resources: DataFrame | None = None,
    resource_calendar: DataFrame | None = None,
) -> DataFrame:
    """List workers, hours and utilization for each week of the first three months.

    Overtime is the month's, worked in the weeks that are fullest.

    Returns
    -------
    resource, period, week : working_days [days], workers, regular_hours, overtime_hours [hours of
        all workers], regular_capacity_hours, capacity_hours [hours these workers can give],
        utilization [of capacity_hours]
    """
    if resources is None:
        return empty("labor_schedule")
    plan = detailed(planning_periods, workforce_plan)[
        ["resource", "period", "workers", "overtime_hours", "capacity_hours"]
    ]
    plan = attach(
        plan,
        worker_calendar(planning_periods, resources, resource_calendar).drop(
            columns="working_days"
        ),
    )
    regular = plan["workers"] * plan["regular_hours_per_worker"]
    plan["regular_capacity_hours"] = np.minimum(regular, plan["machine_hours"].fillna(np.inf))
    sites = once(resources, "resource")[["resource", "site"]]
    rows = by_week(attach(plan, sites), work_calendar)
    rows["share"] = rows["ended"] - rows["begun"]
    for hours in ("regular_capacity_hours", "capacity_hours"):
        rows[hours] *= rows["share"]
    worked = production_schedule.groupby(["resource", "period", "week"], as_index=False)[
        "work_hours"
    ].sum()
    rows = attach(rows, worked, default=0.0)
    rows["overtime_hours"] = _overtime(rows)
    rows["regular_hours"] = rows["work_hours"] - rows["overtime_hours"]
    rows["utilization"] = rows["work_hours"] / rows["capacity_hours"].where(
        rows["capacity_hours"] > 0, 1.0
    )
    rows = rows.sort_values(["resource", "week", "period"], ignore_index=True)
    return rows[list(TABLES["labor_schedule"].columns)]


def _overtime(rows):
    """The month's overtime in the weeks that are fullest: what lies above one level of hours for
    their length."""
    order = (rows["work_hours"] / rows["share"]).sort_values(ascending=False, kind="stable").index
    month = [rows[key].loc[order] for key in ("resource", "period")]
    hours, length = (
        rows[column].loc[order].groupby(month).cumsum() for column in ("work_hours", "share")
    )
    level = ((hours - rows["overtime_hours"]) / length).groupby(month).transform("max")
    return (rows["work_hours"] - level * rows["share"]).clip(lower=0.0)


def _progress(weekly_plan):
    """Each week with the share of the month's production made before and after it, and its first
    stock."""
    rows = weekly_plan[weekly_plan["working_days"] > 0].sort_values(WEEK, kind="stable")
    month = [rows[key] for key in WEEK[:3]]
    made = rows[MADE].sum(axis=1).groupby(month).cumsum()
    whole = made.groupby(month).transform("last")
    ended = made / whole.where(whole > 0, 1.0)
    change = rows[COMING].sum(axis=1) - rows[GOING].sum(axis=1)
    going = rows[GOING].sum(axis=1) / rows["working_days"]
    stock = (rows["inventory"] - change).clip(lower=0.0)
    return rows[WEEK].assign(
        begun=ended.groupby(month).shift(fill_value=0.0),
        ended=ended,
        days_of_supply=stock / going.where(going > 0),
    )


def _urgency(weeks, work_calendar):
    """Add the working day on which each stock runs out when nothing is made; empty beyond the
    calendar."""
    worked = work_calendar[work_calendar["hours"] > 0].sort_values(["site", "day"])
    worked = worked.assign(number=worked.groupby("site").cumcount())
    first = worked.groupby(["site", "period", "week"], as_index=False)["number"].min()
    rows = attach(weeks, first)
    beyond = len(worked)
    rows["number"] = (rows["number"] + np.floor(rows["days_of_supply"].fillna(beyond))).clip(
        upper=beyond
    )
    days = worked[["site", "number", "day"]].rename(columns={"day": "due_day"})
    return rows.merge(days, on=["site", "number"], how="left").drop(columns="number")
