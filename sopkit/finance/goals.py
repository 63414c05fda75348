"""Goals: attainment by the plan, and paths to goals beyond the horizon."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.master_data.sales import with_known_revenue
from sopkit.rules.remember import remembered
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.measures import MEASURES
from sopkit.tables import empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.measures import MissingValue, by_month, refuse_targets, value
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import YEAR

_OVER_TIME = {"sum": np.sum, "last": lambda values: values[-1], "max": np.max, "min": np.min}


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
    product_groups: DataFrame | None = None
    market_groups: DataFrame | None = None


@on_arrays
def unchecked_goals(
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame | None = None
) -> DataFrame:
    """List the goals that the plan cannot be checked against, and why.

    Returns
    -------
    goal : measure, from_period, to_period, owner, reason
    """
    goals = empty("goals") if goals is None else goals
    judged = judged_goals(planning_periods, measured, goals)
    with_path = {each.goal.goal for each in judged if each.path}
    unchecked = [np.isnan(each.plan) and each.goal.goal not in with_path for each in judged]
    columns = ["goal", "measure", "from_period", "to_period", "owner"]
    reason = Series([each.reason for each in judged], index=goals.index, dtype="str")
    return goals[columns].assign(reason=reason)[unchecked].reset_index(drop=True)


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
    goals = empty("goals") if goals is None else goals
    return _listed(judged_goals(planning_periods, measured, goals))


class Course(NamedTuple):
    """What a goal measures in each month that is known."""

    month: np.ndarray  # ordinals, ascending
    value: np.ndarray  # [the measure's unit]


NOWHERE = Course(np.array([], dtype=int), np.array([]))


class Year(NamedTuple):
    """A planned year beside the path to a goal [the measure's unit; change a year]."""

    end: int  # ordinal of its last month
    sold: float  # in the last closed year
    wanted: float
    plan: float
    required: float
    planned: float


class Judged(NamedTuple):
    """A goal, the plan's value of its measure (NaN without one), why there is none, its path."""

    goal: Any
    plan: float
    reason: str
    path: list[Year]


def judged_goals(
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame
) -> list[Judged]:
    """Calculate the plan's value of each goal's measure over its months.

    A sum needs every month of the goal, sold or planned; a level is judged over the planned months
    it covers. Only a strategic goal that has no value has a path; see `goal_paths`.

    Raises
    ------
    ValueError : a goal names an unknown measure, or a dimension that its measure does not have.
    """
    first = planning_periods["period"].min()
    tables = _tables(measured, first)
    return [_judged(goal, tables, first, len(planning_periods)) for goal in _rows(goals)]


@remembered
def _rows(goals: DataFrame) -> list[Any]:
    """The goals one by one, their measures and dimensions known."""
    _refuse_unknown_measures(goals)
    refuse_targets("goals", goals)
    return list(goals.itertuples(index=False))


def _judged(goal, tables: dict[str, Any], first: Period, planned: int) -> Judged:
    course = _course(goal, tables)
    plan, reason = _verdict(goal, course, tables, first)
    is_far = np.isnan(plan) and goal.horizon == "strategic"
    return Judged(goal, plan, reason, _path(goal, course, first, planned) if is_far else [])


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


def _course(goal, tables: dict[str, Any]) -> Course:
    """What a goal measures, month by month, of its item; closed months hold what was sold."""
    measure, dimension = MEASURES[goal.measure], _dimension(goal)
    planned = _planned(measure.name, dimension, goal.item, tables)
    if not measure.actual or not len(planned.month):
        return planned
    sales, products = tables["sales_history"], tables["products"]
    groups = tables.get(table_of(dimension)) if dimension in GROUPED else None
    closed = _closed(sales, products, groups, measure.actual, dimension, goal.item)
    return Course(*map(np.concatenate, zip(closed, planned, strict=True)))


def _dimension(goal) -> str | None:
    """What a goal is about: a dimension of its measure; None where it is the company."""
    return None if pd.isna(goal.dimension) else goal.dimension


def _planned(name: str, dimension: str | None, item: str | None, tables: dict[str, Any]) -> Course:
    try:
        found = by_month(name, tables, [dimension] if dimension else [])
    except MissingValue:
        return NOWHERE
    rows = found.keys.equal(dimension, str(item)) if dimension else np.array([True])
    if not rows.any():
        return NOWHERE
    values = found["value"][rows][0]
    known = ~np.isnan(values)
    return Course(found.months.asi8[known], values[known])


@remembered
def _closed(
    sales_history: DataFrame,
    products: DataFrame,
    groups: DataFrame | None,
    name: str,
    dimension: str | None,
    item: str | None,
) -> Course:
    """What was sold; nothing of an item in months with sales of others alone."""
    by = [dimension] if dimension else []
    tables = {"sales_history": sales_history, "products": products}
    if dimension is not None and groups is not None:
        tables[table_of(dimension)] = groups
    try:
        rows = value(name, tables, [*by, "period"])
    except MissingValue:
        rows = DataFrame({"period": PeriodIndex([], freq="M"), "value": [], **{d: [] for d in by}})
    own = rows[rows[dimension] == item] if dimension else rows
    own = Course(PeriodIndex(own["period"]).asi8, own["value"].to_numpy(dtype=float))
    if not dimension:
        return own
    months = np.union1d(_closed(sales_history, products, None, name, None, None).month, own.month)
    values = np.zeros(len(months))
    values[np.searchsorted(months, own.month)] = own.value
    return Course(months, values)


def _verdict(goal, course: Course, tables: dict[str, Any], first: Period) -> tuple[float, str]:
    """The value of the plan for one goal, or why there is none."""
    if goal.to_period < first:
        return np.nan, f"it ended in {goal.to_period}, before this cycle"
    measure = MEASURES[goal.measure]
    begin, end = goal.from_period.ordinal, goal.to_period.ordinal
    values = course.value[(course.month >= begin) & (course.month <= end)]
    spans = end - begin + 1
    if not pd.isna(goal.dimension) and not len(course.month):
        return np.nan, f"{measure.table} knows no {goal.dimension} {goal.item}"
    if measure.over_time == "sum" and len(values) < spans:
        return np.nan, f"{goal.measure} is known for {len(values)} of its {spans} months"
    if not len(values):
        return np.nan, "no planned month falls into it"
    return _ratio(goal, tables) if measure.per else _OVER_TIME[measure.over_time](values), ""


def _ratio(goal, tables: dict[str, Any]) -> float:
    by = [] if pd.isna(goal.dimension) else [goal.dimension]
    found = value(goal.measure, tables, by, (goal.from_period, goal.to_period))
    return found.set_index(by[0]).loc[goal.item, "value"] if by else found


# -------------------------------------------------------------------------------------------------
# paths


def _path(goal, course: Course, first: Period, planned: int) -> list[Year]:
    """The planned years of one goal beside its path; none where it has no path."""
    start, begin, end = first.ordinal, goal.from_period.ordinal, goal.to_period.ordinal
    before = course.month < start
    months, sold = course.month[before][-YEAR:], course.value[before][-YEAR:].sum()
    whole = len(months) == YEAR and months[0] == start - YEAR
    spans = end - begin + 1
    if spans % YEAR or begin < start or not whole or not sold > 0:
        return []
    middle = ((begin - start) + (end - start) + YEAR + 1) / 2
    yearly = (goal.target * YEAR / spans / sold) ** (YEAR / middle) - 1
    found, last = [], sold
    for year in range(1, planned // YEAR + 1):
        until = start + YEAR * year - 1
        plan = course.value[(course.month > until - YEAR) & (course.month <= until)].sum()
        found.append(Year(until, sold, sold * (1 + yearly) ** year, plan, yearly, plan / last - 1))
        last = plan
    return found


def _listed(judged: list[Judged]) -> DataFrame:
    """The paths as a table; see `goal_paths`."""
    years = [(each.goal, year) for each in judged for year in each.path]
    return DataFrame(
        {
            "goal": Series([goal.goal for goal, _ in years], dtype="str"),
            "to_period": PeriodIndex.from_ordinals([year.end for _, year in years], freq="M"),
            "measure": Series([goal.measure for goal, _ in years], dtype="str"),
            "target": Series([goal.target for goal, _ in years], dtype=float),
            "value": Series([year.sold for _, year in years], dtype=float),
            "reference_value": Series([year.wanted for _, year in years], dtype=float),
            "plan": Series([year.plan for _, year in years], dtype=float),
            "variance": Series([year.plan - year.wanted for _, year in years], dtype=float),
            "required_ratio": Series([year.required for _, year in years], dtype=float),
            "planned_ratio": Series([year.planned for _, year in years], dtype=float),
            "owner": Series([goal.owner for goal, _ in years], dtype="str"),
        }
    )
