"""Fiscal calendars of weeks: 4-4-5, 4-5-4 and 5-4-4, with a 53rd week in some years.

A year has twelve periods, three a quarter. It begins on the same weekday each year, on the one
nearest to the same date; a year that is 53 weeks long has the last of them in its last period.
"""

import datetime as dt
import re

import pandas as pd
from pandas import DataFrame, Period, Timestamp

from sopkit.tables.periods import DAY, WEEK_DAYS, YEAR

PATTERNS = ("4-4-5", "4-5-4", "5-4-4")
NEAR_DAYS = 3  # from the first of a month: the year begins on the weekday nearest to that first
INTO_MONTH = 14  # days after its first day lies the month that a period is known by


def pattern_weeks(pattern: str) -> tuple[int, ...]:
    """The weeks of the periods of a quarter.

    Raises
    ------
    ValueError : no pattern of twelve periods a year; thirteen periods are refused with what to do.
    """
    if pattern in PATTERNS:
        return tuple(int(weeks) for weeks in pattern.split("-"))
    thirteen = bool(re.search(r"13|thirteen|4-4-4", pattern.casefold()))
    why = "Thirteen periods of four weeks do not fit twelve labels of months. " if thirteen else ""
    raise ValueError(
        f"--calendar {pattern!r} is not a calendar to plan in; write one of: "
        f"{', '.join(PATTERNS)}. {why}Without --calendar, weeks and four-week periods are spread "
        "over calendar months by their days."
    )


def year_start(text: str) -> Timestamp:
    """The first day of a fiscal year, as told.

    Raises
    ------
    ValueError : it is no day.
    """
    try:
        return Timestamp(dt.date.fromisoformat(text))
    except ValueError:
        raise ValueError(
            f"--fiscal-year-start {text!r} is not a day; write the first day of any fiscal year, "
            "such as 2026-02-01"
        ) from None


def fiscal_calendar(pattern: str, start: Timestamp, first: Period, last: Period) -> DataFrame:
    """List the periods of all fiscal years from that of the first to that of the last month.

    A period is known by the month in which its fifteenth day lies. A fiscal year is named by the
    calendar year of its last period.

    Parameters
    ----------
    pattern : weeks of the periods of a quarter, such as 4-4-5
    start : the first day of any fiscal year

    Returns
    -------
    period : first_day, last_day, fiscal_year, quarter, label

    >>> rows = fiscal_calendar(
    ...     "4-4-5", Timestamp("2026-02-01"), Period("2026-04", "M"), Period("2026-04", "M")
    ... )
    >>> rows.loc[2, ["first_day", "last_day", "label"]].astype(str).tolist()
    ['2026-03-29', '2026-05-02', 'P03 FY27']
    """
    weeks = pattern_weeks(pattern) * 4
    begin = (start + pd.Timedelta(INTO_MONTH, "D")).to_period("M")
    before = -(-(begin - first).n // YEAR)
    after = (last - begin).n // YEAR
    parts = [
        _year(weeks, start, begin + YEAR * number, number) for number in range(-before, after + 1)
    ]
    return pd.concat(parts, ignore_index=True)


def continued(calendar: DataFrame, pattern: str, start: Timestamp, last: Period) -> DataFrame:
    """A calendar with the fiscal years it lacks until a month; its own rows stay as they are."""
    end = calendar["period"].max()
    if end >= last:
        return calendar
    more = fiscal_calendar(pattern, start, end + 1, last)
    more = more[more["period"] > end].reset_index(drop=True)
    more.loc[0, "first_day"] = calendar["last_day"].max() + DAY
    return pd.concat([calendar, more], ignore_index=True)


def _year(weeks: tuple[int, ...], start: Timestamp, begin: Period, number: int) -> DataFrame:
    """The twelve periods of the fiscal year that is so many years from that of `start`."""
    first, following = (_begins(start, years) for years in (number, number + 1))
    lengths = pd.Series(weeks).cumsum().shift(fill_value=0) * WEEK_DAYS
    begins = first + pd.to_timedelta(lengths, unit="D")
    periods = pd.period_range(begin, periods=YEAR, freq="M")
    year = periods[-1].year
    return DataFrame(
        {
            "period": periods,
            "first_day": begins,
            "last_day": begins.shift(-1, fill_value=following) - DAY,
            "fiscal_year": year,
            "quarter": pd.Series(range(YEAR)) // 3 + 1,
            "label": [f"P{each:02d} FY{year % 100:02d}" for each in range(1, YEAR + 1)],
        }
    )


def _begins(start: Timestamp, years: int) -> Timestamp:
    """The first day of the fiscal year so many years later: the same weekday, nearest to the same
    date."""
    firsts = [start.to_period("M").start_time, (start.to_period("M") + 1).start_time]
    near = [first for first in firsts if abs(first - start).days <= NEAR_DAYS]
    goal = (near[0] if near else start) + pd.DateOffset(years=years)
    days = (start.day_of_week - goal.day_of_week + 3) % WEEK_DAYS - 3
    return goal + pd.Timedelta(days, "D")
