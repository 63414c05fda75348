"""Goals: attainment by the plan, and paths to goals beyond the horizon."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.master_data.sales import with_known_revenue
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.tables import empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.measures import MissingValue, by_month, refuse_targets, value
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import YEAR, months_between


@dataclass(frozen=True)
class GoalInputs:
    """The tables that goals are measured by."""

    products: DataFrame
    financial_plan: ArrayTable
    cash_plan: ArrayTable
    constrained_demand: ArrayTable
    sales_history: DataFrame
    demand_plan: ArrayTable | None = None
    supply_plan: ArrayTable | None = None
    distribution_plan: ArrayTable | None = None
    workforce_plan: ArrayTable | None = None
    purchase_plan: ArrayTable | None = None


@on_arrays
def unchecked_goals(
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame | None = None
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


@on_arrays
def goal_paths(
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame | None = None
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
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame | None
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
            f"goals: measure must be one of {', '.join(known)}; {len(unknown)} of {len(goals)} "
            "rows "
            f"are not:\n  goal={goal['goal']}  measure={goal['measure']}\n  Write one of these "
            "names."
        )


# -------------------------------------------------------------------------------------------------
# what the plan makes of a goal


def _tables(measured: GoalInputs, first: Period) -> dict[str, Any]:
    """The tables that there are, of sales those of closed months."""
    tables = {name: table for name, table in vars(measured).items() if table is not None}
    return tables | {"sales_history": _closed_sales(measured.sales_history, first)}


@remembered
def _closed_sales(sales_history: DataFrame, first: Period) -> DataFrame:
    return with_known_revenue(sales_history[sales_history["period"] < first])


def _course(goal, tables: dict[str, Any]) -> Series:
    """What a goal measures, month by month, of its item; closed months hold what was sold."""
    measure, dimension = MEASURES[goal.measure], _dimension(goal)
    planned = _planned(measure.name, dimension, goal.item, tables)
    if not measure.actual or planned.empty:
        return planned
    sales, products = tables["sales_history"], tables["products"]
    closed = _closed(sales, products, measure.actual, dimension, goal.item)
    if dimension:  # of months with sales of others alone nothing was sold
        company = _closed(sales, products, measure.actual, None, None)
        closed = closed.reindex(company.index.union(closed.index), fill_value=0.0)
    return pd.concat([closed, planned])


def _dimension(goal) -> str | None:
    """What a goal is about: a dimension of its measure; None where it is the company."""
    return None if pd.isna(goal.dimension) else goal.dimension


def _planned(name: str, dimension: str | None, item: str | None, tables: dict[str, Any]) -> Series:
    try:
        found = by_month(name, tables, [dimension] if dimension else [])
    except MissingValue:
        return _no_months()
    if not dimension:
        return Series(found["value"][0], index=found.months).dropna()
    rows = found.keys.equal(dimension, str(item))
    return (
        Series(found["value"][rows][0], index=found.months).dropna() if rows.any() else _no_months()
    )


@remembered
def _closed(
    sales_history: DataFrame,
    products: DataFrame,
    name: str,
    dimension: str | None,
    item: str | None,
) -> Series:
    by = [dimension] if dimension else []
    try:
        rows = value(name, {"sales_history": sales_history, "products": products}, [*by, "period"])
    except MissingValue:
        return _no_months()
    return (rows[rows[by[0]] == item] if by else rows).set_index("period")["value"]


def _no_months() -> Series:
    return Series(dtype="float64", index=pd.PeriodIndex([], freq="M"))


def _verdict(goal, course: Series, tables: dict[str, Any], first: Period) -> tuple[float, str]:
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


def _ratio(goal, tables: dict[str, Any]) -> float:
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
