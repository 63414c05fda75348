"""The periods that a company plans in, for its exports: a fiscal calendar, or calendar months."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame, DatetimeIndex, Period, PeriodIndex

from sopkit.intake.decisions import Decisions
from sopkit.io import readers
from sopkit.tables import conform
from sopkit.tables.fiscal_calendar import continued, fiscal_calendar, pattern_weeks, year_start
from sopkit.tables.periods import (
    DAY,
    YEAR,
    day_counts,
    first_days,
    last_days,
    period_of,
    with_days,
)

NAME = "calendar"
PATTERN, START = "calendar", "fiscal_year_start"  # keys of the answers
YEARS_BACK, YEARS_AHEAD = 40, 6  # of today: what is planned lies within


def calendar_of(folder: Path, decisions: Decisions, today: dt.date) -> DataFrame | None:
    """The company's calendar: that of its folder, continued by its pattern, or one made of this.

    None where neither is there: it plans in calendar months.

    Raises
    ------
    ValueError : a pattern that is not known, or one without the first day of a fiscal year.
    """
    pattern, begins = decisions.told(PATTERN), decisions.told(START)
    known = None
    if (folder / f"{NAME}.csv").exists():
        known = readers.read(folder, (NAME,))[NAME]
    if pattern is None:
        return known
    pattern_weeks(pattern)
    if begins is None:
        raise ValueError(
            f"--calendar {pattern} needs --fiscal-year-start, the first day of any fiscal year, "
            "such as 2026-02-01"
        )
    now = Period(today, "M")
    start, last = year_start(begins), now + YEARS_AHEAD * YEAR
    if known is None:
        return fiscal_calendar(pattern, start, now - YEARS_BACK * YEAR, last)
    return continued(known, pattern, start, last)


def day_after(folder: Path, answers: Mapping[str, str], closed: Period) -> dt.date:
    """The day after a closed period, on which its sales are whole."""
    day = (closed + 1).start_time
    calendar = calendar_of(folder, Decisions(answers), day.date())
    return (last_days(with_days(DataFrame({"period": [closed]}), calendar))[0] + DAY).date()


def kept(calendar: DataFrame, folder: Path, sales_history: DataFrame) -> DataFrame:
    """The calendar to be written: that of the folder whole, a new one from the year of the first
    sale on."""
    if (folder / f"{NAME}.csv").exists():
        return conform(NAME, calendar)
    first = calendar.loc[calendar["period"] == sales_history["period"].min(), "fiscal_year"].item()
    return conform(NAME, calendar[calendar["fiscal_year"] >= first].reset_index(drop=True))


def numbers_of(days: np.ndarray, calendar: DataFrame | None) -> np.ndarray:
    """The number of the period in which each day lies; of a month, as pandas and numpy count it."""
    if calendar is None:
        return days.astype("datetime64[M]").astype("int64")
    flat = DatetimeIndex(days.ravel().astype("datetime64[us]"))
    return period_of(flat, calendar).asi8.reshape(days.shape)


def bounds_of(numbers: np.ndarray, calendar: DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last day of the periods of these numbers."""
    if calendar is None:
        months = numbers.astype("datetime64[M]")
        return months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
    row = numbers - PeriodIndex(calendar["period"]).asi8[0]
    first, last = (days(calendar).to_numpy()[row] for days in (first_days, last_days))
    return first.astype("datetime64[D]"), last.astype("datetime64[D]")


def refuse_outside(dates: pd.Series, calendar: DataFrame, source: str) -> None:
    """Refuse lines before the calendar begins or after it ends."""
    first, last = first_days(calendar)[0], last_days(calendar)[-1]
    outside = (dates < first) | (dates > last)
    if outside.any():
        raise ValueError(
            f"{source}: {int(outside.sum()):,} lines lie outside the calendar, which has the days "
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}; the first is of "
            f"{dates[outside].min():%Y-%m-%d}. Add rows to {NAME}.csv, or leave these lines out."
        )


def said(calendar: DataFrame, numbers: np.ndarray) -> str:
    """Say in what periods the lines are counted, with the newest as example."""
    row = calendar[PeriodIndex(calendar["period"]).asi8 == numbers.max()].iloc[[-1]]
    name = row["label"].fillna("").iloc[0]
    weeks = day_counts(row)[0] / 7
    return (
        f"sales are counted in the periods of {NAME}: {row['period'].iloc[0]}"
        f"{f' ({name})' if name else ''} is {first_days(row)[0]:%Y-%m-%d} to "
        f"{last_days(row)[0]:%Y-%m-%d}, {weeks:g} weeks"
    )
