"""Goals: attainment by the plan, and paths to goals beyond the horizon."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.master_data.sales import with_known_revenue
from sopkit.schema.measures import MEASURES
from sopkit.tables import empty
from sopkit.tables.measures import MissingValue, refuse_targets, value
from sopkit.tables.periods import months_between

YEAR = 12


@dataclass(frozen=True)
class Measured:
    """The tables that goals are measured by."""

    products: DataFrame
    financial_plan: DataFrame
    cash_plan: DataFrame
    constrained_demand: DataFrame
    sales_history: DataFrame
    demand_plan: DataFrame | None = None
    supply_plan: DataFrame | None = None
    distribution_plan: DataFrame | None = None
    workforce_plan: DataFrame | None = None
    procurement_plan: DataFrame | None = None
    components: DataFrame | None = None


def unchecked_goals(
    planning_periods: DataFrame, measured: Measured, goals: DataFrame | None = None
) -> DataFrame:
    """List the goals that the plan cannot be checked against, and why.

    Returns
    -------
    goal : measure, from_period, to_period, owner, reason
    """
    judged, paths = judged_goals(planning_periods, measured, goals)
    columns = ["goal", "measure", "from_period", "to_period", "owner", "reason"]
    unchecked = judged["plan"].isna() & ~judged["goal"].isin(paths["goal"])
    return judged.loc[unchecked, columns].reset_index(drop=True)


def goal_paths(
    planning_periods: DataFrame, measured: Measured, goals: DataFrame | None = None
) -> DataFrame:
    """Compare the planned years with the path to each strategic goal beyond the horizon.

    The path leads from what was sold in the last twelve closed months to the goal's yearly target,
    growing by the same share every year, from the middle of the one to the middle of the other.
    What the path asks of each whole planned year is compared with the plan. Only sums that closed
    months know have a path (units and revenue), of goals over whole years.

    Returns
    -------
    goal, to_period (the last month of the planned year) : measure, target, value (of the last
        closed year), reference_value (the path), plan, gap [the measure's unit], required_ratio,
        planned_ratio [change a year], owner
    """
    return judged_goals(planning_periods, measured, goals)[1]


def judged_goals(
    planning_periods: DataFrame, measured: Measured, goals: DataFrame | None
) -> tuple[DataFrame, DataFrame]:
    """Calculate the plan's value of each goal's measure over its months.

    A sum needs every month of the goal, sold or planned; a level is judged over the planned months
    it covers.

    Returns
    -------
    (the goals with plan and reason, the paths of `goal_paths`)

    Raises
    ------
    ValueError : a goal names an unknown measure, or a dimension that its measure does not have.
    """
    goals = empty("goals") if goals is None else goals
    _refuse_unknown_measures(goals)
    refuse_targets("goals", goals)
    first, rows = planning_periods["period"].min(), list(goals.itertuples(index=False))
    tables = _tables(measured, first)
    courses = [_course(goal, tables) for goal in rows]
    verdicts = [_verdict(*each, tables, first) for each in zip(rows, courses, strict=True)]
    judged = goals.assign(
        plan=Series([plan for plan, _ in verdicts], index=goals.index, dtype="float64"),
        reason=Series([reason for _, reason in verdicts], index=goals.index, dtype="str"),
    )
    far = (judged["plan"].isna() & (judged["horizon"] == "strategic")).tolist()
    known = zip(rows, courses, far, strict=True)
    paths = [
        r for goal, course, is_far in known if is_far for r in _path(goal, course, planning_periods)
    ]
    return judged, _listed(paths)


def _refuse_unknown_measures(goals: DataFrame) -> None:
    known = [m.name for m in MEASURES.values() if m.of_plan]
    unknown = goals[~goals["measure"].isin(known)]
    if len(unknown):
        goal = unknown.iloc[0]
        raise ValueError(
            f"goals: measure must be one of {', '.join(known)}; {len(unknown)} of {len(goals)} rows "
            f"are not:\n  goal={goal['goal']}  measure={goal['measure']}\n  Write one of these names."
        )


# -------------------------------------------------------------------------------------------------
# what the plan makes of a goal


def _tables(measured: Measured, first: Period) -> dict[str, DataFrame]:
    """The tables that there are, of sales those of closed months."""
    tables = {name: table for name, table in vars(measured).items() if table is not None}
    sales = tables["sales_history"]
    return tables | {"sales_history": with_known_revenue(sales[sales["period"] < first])}


def _course(goal, tables: dict[str, DataFrame]) -> Series:
    """What a goal measures, month by month, of its item; closed months hold what was sold."""
    measure = MEASURES[goal.measure]
    planned = _monthly(measure.name, goal, tables)
    if not measure.actual or planned.empty:
        return planned
    closed = _monthly(measure.actual, goal, tables)
    if not pd.isna(goal.dimension):  # of months with sales of others alone nothing was sold
        company = _monthly(measure.actual, goal._replace(dimension=None, item=None), tables)
        closed = closed.reindex(company.index.union(closed.index), fill_value=0.0)
    return pd.concat([closed, planned])


def _monthly(name: str, goal, tables: dict[str, DataFrame]) -> Series:
    by = [] if pd.isna(goal.dimension) else [goal.dimension]
    try:
        rows = value(name, tables, [*by, "period"])
    except MissingValue:
        return Series(dtype="float64", index=pd.PeriodIndex([], freq="M"))
    return (rows[rows[by[0]] == goal.item] if by else rows).set_index("period")["value"]


def _verdict(
    goal, course: Series, tables: dict[str, DataFrame], first: Period
) -> tuple[float, str]:
    """The value of the plan for one goal, or why there is none."""
    if goal.to_period < first:
        return np.nan, f"it ended in {goal.to_period}, before this cycle"
    measure = MEASURES[goal.measure]
    months = course[(course.index >= goal.from_period) & (course.index <= goal.to_period)]
    spans = months_between([goal.from_period], [goal.to_period])[0] + 1
    if not pd.isna(goal.dimension) and course.empty:
        return np.nan, f"{measure.table} knows no {goal.dimension} {goal.item}"
    if measure.over_time == "sum" and len(months) < spans:
        return np.nan, f"{goal.measure} is known for {len(months)} of its {spans} months"
    if months.empty:
        return np.nan, "no planned month falls into it"
    return _ratio(goal, tables) if measure.per else months.agg(measure.over_time), ""


def _ratio(goal, tables: dict[str, DataFrame]) -> float:
    by = [] if pd.isna(goal.dimension) else [goal.dimension]
    found = value(goal.measure, tables, by, (goal.from_period, goal.to_period))
    return found.set_index(by[0]).loc[goal.item, "value"] if by else found


# -------------------------------------------------------------------------------------------------
# paths


def _path(goal, course: Series, planning_periods: DataFrame) -> list[tuple]:
    """The planned years of one goal beside its path; none where it has no path."""
    planned = planning_periods["period"]
    first, spans = planned.min(), (goal.to_period - goal.from_period).n + 1
    before = course[course.index < first].tail(YEAR)
    whole = len(before) == YEAR and before.index[0] == first - YEAR
    if spans % YEAR or goal.from_period < first or not whole or not before.sum() > 0:
        return []
    sold = before.sum()
    middle = ((goal.from_period - first).n + (goal.to_period - first).n + YEAR + 1) / 2
    yearly = (goal.target * YEAR / spans / sold) ** (YEAR / middle) - 1
    found, last = [], sold
    for year in range(1, len(planned) // YEAR + 1):
        end = first + YEAR * year - 1
        plan = course[end - YEAR + 1 : end].sum()
        wanted = sold * (1 + yearly) ** year
        sides = (goal.goal, end, goal.measure, goal.target, sold, wanted, plan, plan - wanted)
        found.append((*sides, yearly, plan / last - 1, goal.owner))
        last = plan
    return found


def _listed(paths: list[tuple]) -> DataFrame:
    numbers = ["target", "value", "reference_value", "plan", "variance"]
    numbers += ["required_ratio", "planned_ratio"]
    table = DataFrame(paths, columns=["goal", "to_period", "measure", *numbers, "owner"])
    texts = dict.fromkeys(("goal", "measure", "owner"), "str")
    return table.astype({"to_period": "period[M]", **texts, **dict.fromkeys(numbers, "float64")})
