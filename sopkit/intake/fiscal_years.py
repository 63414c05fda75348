"""Periods of fiscal years as calendar months: `FY24 P03`, `2024-P03`, a column named fiscal, or the
names of months beside a fiscal year.

A fiscal year may start in any month, and be named by the year in which it starts or ends; so the
month of its first period is asked.
"""

import datetime as dt
import re
from collections.abc import Sequence

import pandas as pd
from pandas import Series

from sopkit.intake.date_labels import FISCAL, Label, label
from sopkit.intake.decisions import Decisions, Question

START = "fiscal_start"  # begins the key of a fiscal year's first month: fiscal_start.2024
_SAYS_FISCAL = re.compile(
    r"\b(?:fiscal|fy|gjahr|gesch(?:ä|ae)ftsjahr|ejercicio|exercice|esercizio)", re.IGNORECASE
)


def says_fiscal(name: str) -> bool:
    """Whether the name of a column says that it holds fiscal years or periods."""
    return bool(_SAYS_FISCAL.search(name.replace("_", " ")))


def in_calendar_months(
    labels: Sequence[Label], name: str, source: str, decisions: Decisions
) -> list[Label]:
    """Turn periods of fiscal years into the months that they are.

    Raises
    ------
    ValueError : the answer is no month, or a year has more than twelve periods.
    """
    months = [one for one in labels if one.size in (FISCAL, "month")]
    is_fiscal = any(one.size == FISCAL for one in labels) or says_fiscal(name)
    if not is_fiscal or len(months) < len(labels) or not months:
        return list(labels)
    days = [one.day for one in months if one.day]
    if len(days) < len(months):
        raise ValueError(
            f"{source}: {name} has a 13th period of a fiscal year; plans are by month or in 4-4-5 "
            "weeks. Export the sales by calendar month or by day."
        )
    year, start = _start(min(days).year, name, source, decisions)
    moved = (start.year - year) * 12 + start.month - 1
    return [Label("month", _moved(day, moved)) for day in days]


def of_named_months(days: Series, name: str, source: str, decisions: Decisions) -> Series:
    """Turn months by name of a fiscal year, read as those of a calendar year, into the months that
    they are: July of a year that starts in July lies in the calendar year before its January.

    Raises
    ------
    ValueError : the answer is no month.
    """
    year, start = _start(int(days.dt.year.min()), name, source, decisions)
    moved = start.year - year + (days.dt.month < start.month)
    parts = {"year": days.dt.year + moved, "month": days.dt.month, "day": 1}
    return pd.to_datetime(pd.DataFrame(parts)).astype("datetime64[us]")


def _start(year, name, source, decisions):
    """A fiscal year and its first month, as told for any year."""
    known = [key for key in decisions.given if re.fullmatch(rf"{START}\.\d{{4}}", key)]
    if known:
        year = int(known[0].removeprefix(f"{START}."))
    text = (
        f"{name} of {source} holds periods of fiscal years. Which month is the first of fiscal "
        f"year {year} (write {year}-01)?"
    )
    told = decisions.ask(Question(f"{START}.{year}", text, (), f"{year}-01", 7.0))
    start = label(told)
    if start is None or start.size != "month":
        raise ValueError(f"{START}.{year}={told!r} is no month; write {year}-01.")
    return year, start.day


def _moved(day, months):
    count = day.year * 12 + day.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
