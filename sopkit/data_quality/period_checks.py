"""Checks of months and days against the planning cycle."""

from collections.abc import Iterator

import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.data_quality.marks import Inputs, check, given
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, Table
from sopkit.tables.issues import Issue, told
from sopkit.tables.periods import DAY, as_of_day, first_days, is_as_of, last_days

FAR_BACK, FAR_AHEAD = 240, 120  # months from the cycle
PAST_DAYS = ("submitted_on", "decided_on", "actual_date")
PAST = ("stock_availability", "production_history", "hours_history")  # whose months are closed


@check("major")
def months_far_from_the_cycle(
    inputs: Inputs, planning_periods: DataFrame
) -> Iterator[Issue | None]:
    """Find months and days decades away, probably a mistyped year."""
    cycle = _cycle(planning_periods)
    for table, frame, column in _columns(inputs, "period", "day"):
        cells = frame[column]
        months = cells.dt.to_period("M") if COLUMNS[column].kind == "day" else cells
        away = pd.PeriodIndex(months).asi8 - cycle.ordinal
        far = cells.notna() & ((away < -FAR_BACK) | (away > FAR_AHEAD))
        years = f"{FAR_BACK // 12} years before or {FAR_AHEAD // 12} after"
        text = f"{column} is more than {years} cycle {cycle}"
        yield told(table, frame, far, text, column, remedy="Correct the year.")


@check("major")
def cycles_to_come(inputs: Inputs, planning_periods: DataFrame) -> Iterator[Issue | None]:
    """Find rows of cycles after the planned one."""
    cycle = _cycle(planning_periods)
    for table, frame, column in _columns(inputs, "period"):
        if column == "cycle":
            text = f"cycle is after cycle {cycle}, which is planned"
            remedy = "Correct it, or set the cycle (--cycle)."
            yield told(table, frame, frame[column] > cycle, text, column, remedy=remedy)


@check("major")
def days_to_come(inputs: Inputs, planning_periods: DataFrame) -> Iterator[Issue | None]:
    """Find dates of past events that lie after the cycle's month."""
    cycle, over = _cycle(planning_periods), last_days(planning_periods)[0] + DAY
    for table, frame, column in _columns(inputs, "day"):
        if column in PAST_DAYS:
            after = frame[column] >= over
            text = f"{column} is after the end of cycle {cycle}"
            remedy = "Correct the date, or set the cycle (--cycle)."
            yield told(table, frame, after, text, column, remedy=remedy)


@check("major")
def planned_months_in_records(
    inputs: Inputs, planning_periods: DataFrame
) -> Iterator[Issue | None]:
    """Find planned months in tables of closed months."""
    cycle = _cycle(planning_periods)
    for name in PAST:
        frame = given(inputs).get(name)
        if frame is not None:
            text = (
                f"period is in planned months, from cycle {cycle} on, but the table is of closed "
                "months"
            )
            remedy = "Correct it, or set the cycle (--cycle)."
            late = frame["period"] >= cycle
            yield told(TABLES[name], frame, late, text, "period", remedy=remedy)


@check("critical")
def as_of_day_outside_the_cycle(
    planning_periods: DataFrame, company_settings: DataFrame
) -> Issue | None:
    """Find an as-of day after the first planned month, or well before it."""
    cycle, day = _cycle(planning_periods), company_settings["as_of_day"]
    outside = day.notna() & ~day.map(lambda each: is_as_of(each, planning_periods)).astype(bool)
    text = (
        f"as_of_day is not in the first planned month, {cycle}, or the one before it, with a day "
        "left to plan; the day before the first planned month is used"
    )
    remedy = "Correct it, leave it empty, or set the cycle (--cycle)."
    table = TABLES["company_settings"]
    return told(table, company_settings, outside, text, "as_of_day", remedy=remedy)


@check("major")
def stock_of_another_day(planning_periods: DataFrame, inventory: DataFrame) -> Issue | None:
    """Find stock counted before the as-of day, or after it."""
    return _of_another_day(planning_periods, "inventory", inventory)


@check("major")
def components_of_another_day(planning_periods: DataFrame, components: DataFrame) -> Issue | None:
    """Find components counted before the as-of day, or after it."""
    return _of_another_day(planning_periods, "components", components)


def _of_another_day(planning_periods: DataFrame, name: str, stock: DataFrame) -> Issue | None:
    day = as_of_day(planning_periods)
    other = stock["counted_on"].notna() & (stock["counted_on"] != day)
    text = f"stock is not of the as-of day, {day:%Y-%m-%d}; it opens the plan unchanged"
    remedy = (
        "Enter the stock of that day, or set as_of_day in company_settings: what came in, was made "
        "or was delivered in between is missing, or planned twice."
    )
    return told(TABLES[name], stock, other, text, "counted_on", remedy=remedy)


@check("minor")
def orders_after_the_plan(planning_periods: DataFrame, sales_orders: DataFrame) -> Issue | None:
    """Find orders due after the planned months; they are demand of later plans."""
    last = planning_periods["period"].max()
    beyond = sales_orders["due_day"] >= last_days(planning_periods)[-1] + DAY
    text = f"due_day is after {last}, the last planned month; the order is not in the plan"
    remedy = "Plan more months (horizon_months of company_settings), or correct the day."
    return told(TABLES["sales_orders"], sales_orders, beyond, text, "due_day", remedy=remedy)


def told_over(
    name: str, frame: DataFrame, column: str, planning_periods: DataFrame, but: Series | None = None
) -> Issue | None:
    """Word the past rows of a table of coming months, except those marked."""
    cycle = _cycle(planning_periods)
    first = cycle if COLUMNS[column].kind == "period" else first_days(planning_periods)[0]
    over = frame[column] < first
    if but is not None:
        over &= ~but
    text = f"{column} is before cycle {cycle}, but the table is of coming months"
    remedy = "Remove past rows, or move them to a coming month."
    return told(TABLES[name], frame, over, text, column, remedy=remedy)


def _columns(inputs: Inputs, *kinds: str) -> Iterator[tuple[Table, DataFrame, str]]:
    """The columns of these kinds in all tables that have rows."""
    for name, frame in given(inputs).items():
        for column in TABLES[name].columns if len(frame) else ():
            if COLUMNS[column].kind in kinds:
                yield TABLES[name], frame, column


def _cycle(planning_periods: DataFrame) -> Period:
    return planning_periods["period"].min()
