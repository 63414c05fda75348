"""Checks of the company's own planning periods: their days, their order, and what they cover."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.data_quality.marks import check
from sopkit.schema.formatting import count
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, Issue, fault
from sopkit.tables.periods import DAY, YEAR, day_counts

NAME = "calendar"
EXTEND = (
    "Add the rows, or remove calendar and let `sopkit init --calendar` write it again from the "
    "sales."
)
NEAR_MONTHS = 1  # between the middle of a period and the month that it is known by
LONGEST = 49  # days: five weeks, the 53rd, and one more of another convention


@check(BLOCKING)
def periods_of_the_calendar(calendar: DataFrame) -> Iterator[Issue | None]:
    """Find periods that end before they begin, overlap, leave days out, or miss a month."""
    rows = calendar.sort_values("period")
    backwards = rows["last_day"] < rows["first_day"]
    rule = "last_day must not be before first_day"
    yield _fault(rows, backwards, rule, "last_day", "Correct the days.")
    after = rows["period"].array.asi8[1:] - rows["period"].array.asi8[:-1] != 1
    rule = "periods must be consecutive: twelve a year, each known by a month"
    remedy = "Add the missing periods; a year of thirteen periods is planned by month, or as 4-4-5."
    yield _fault(rows, np.concatenate([[False], after]), rule, "period", remedy)
    step = (rows["first_day"] - rows["last_day"].shift()) / DAY
    rule = "first_day must be the day after the last_day of the period before: {} days"
    overlap, gap = step < 1, step > 1
    yield _fault(rows, overlap, rule.format("no shared"), "first_day", "Correct one of both rows.")
    yield _fault(rows, gap, rule.format("no left out"), "first_day", "Correct one of both rows.")
    long = ~backwards & (day_counts(rows) > LONGEST)
    rule = f"a period must not be longer than {LONGEST} days"
    yield _fault(rows, long, rule, "last_day", "Correct the days, or split the period.")
    middle = rows["first_day"] + (rows["last_day"] - rows["first_day"]) / 2
    away = np.abs(middle.dt.to_period("M").array.asi8 - rows["period"].array.asi8) > NEAR_MONTHS
    rule = "the days must be those of the month by which a period is known, or of one beside it"
    yield _fault(rows, away, rule, "first_day", "Correct the days, or the month of period.")


@check(BLOCKING)
def years_of_the_calendar(calendar: DataFrame) -> Iterator[Issue | None]:
    """Find fiscal years of more than twelve periods, and quarters that are not three of them."""
    rows = calendar.sort_values("period")
    number = rows.groupby("fiscal_year").cumcount()
    rule = f"a fiscal year must have at most {YEAR} periods"
    remedy = (
        "Thirteen periods of four weeks are not planned in: export sales by day or week, and plan "
        "by calendar month (remove calendar) or in 4-4-5 weeks (sopkit init --calendar 4-4-5)."
    )
    yield _fault(rows, number >= YEAR, rule, "fiscal_year", remedy)
    many = rows.groupby(["fiscal_year", "quarter"]).cumcount() >= YEAR // 4
    many &= rows.groupby("fiscal_year")["period"].transform("size") <= YEAR
    rule = "a quarter must have at most three periods"
    yield _fault(rows, many, rule, "quarter", "Correct quarter or fiscal_year.")
    before = rows["fiscal_year"].diff() < 0
    rule = "fiscal_year must not go back"
    yield _fault(rows, before, rule, "fiscal_year", "Correct fiscal_year.")


@check(BLOCKING)
def periods_without_days(
    calendar: DataFrame, sales_history: DataFrame, planning_periods: DataFrame | None = None
) -> Iterator[Issue | None]:
    """Find months of the history, and of the plan, that the calendar does not have."""
    has = f"it has {calendar['period'].min()} to {calendar['period'].max()}"
    parts = [("sold period", sales_history["period"])]
    if planning_periods is not None:
        parts.append(("planned period", planning_periods["period"]))
    for what, months in parts:
        absent = months[~months.isin(calendar["period"])].drop_duplicates().sort_values()
        if len(absent):
            text = f"has no row for {count(len(absent), what)}, first {absent.iloc[0]}; {has}"
            yield Issue(NAME, text, remedy=EXTEND)


def _fault(
    rows: DataFrame, broken: pd.Series | np.ndarray, rule: str, column: str, remedy: str
) -> Issue | None:
    broken = pd.Series(np.asarray(broken, dtype=bool), index=rows.index)
    return fault(TABLES[NAME], rows, broken, rule, column, remedy=remedy)
