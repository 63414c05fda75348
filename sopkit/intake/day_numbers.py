"""Days that are written as a count: of a spreadsheet, of a computer's clock, of the year."""

import datetime as dt
import re
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from sopkit.intake.grid import text_of

SPREADSHEET = dt.date(1899, 12, 30)
CLOCK = dt.datetime(1970, 1, 1)
EARLIEST, LATEST = dt.date(1954, 1, 1), dt.date(2119, 1, 1)
_JULIAN = re.compile(r"(1\d{2})(00[1-9]|0[1-9]\d|[12]\d{2}|3[0-5]\d|36[0-6])")


class Counted(NamedTuple):
    """How a column counts days: what a text says, and how that was read of the first."""

    day: Callable[[str], dt.date]
    example: str


def spreadsheet_days(values: Sequence[Hashable]) -> Counted | None:
    """Days as a spreadsheet counts them, where all cells can be that."""
    return _counted(values, {"the spreadsheet's day number": _of_spreadsheet})


def counted_days(values: Sequence[Hashable]) -> Counted | None:
    """Days in any count that all cells allow.

    Numbers of orders and products look alike: of a column that is known to hold dates only.
    """
    return _counted(
        values,
        {
            "the spreadsheet's day number": _of_spreadsheet,
            "seconds since 1970": lambda text: _of_clock(text, 10, 1),
            "milliseconds since 1970": lambda text: _of_clock(text, 13, 1000),
            "century, year and day of the year": _julian,
        },
    )


def _counted(values, ways):
    texts = [text_of(value) for value in values if not isinstance(value, dt.date)]
    for said, way in ways.items():
        if texts and all(way(text) is not None for text in texts):
            return Counted(way, f"{texts[0]} is read as {said} of {way(texts[0])}")
    return None


def _of_spreadsheet(text):
    if not re.fullmatch(r"\d{5}(?:[.,]\d+)?", text):
        return None
    return _likely(SPREADSHEET + dt.timedelta(days=int(text[:5])))


def _of_clock(text, digits, factor):
    if not re.fullmatch(rf"\d{{{digits}}}", text):
        return None
    return _likely((CLOCK + dt.timedelta(seconds=int(text) / factor)).date())


def _julian(text):
    found = _JULIAN.fullmatch(text)
    if not found:
        return None
    year, days = 1900 + int(found[1]), int(found[2])
    day = dt.date(year, 1, 1) + dt.timedelta(days=days - 1)
    return day if day.year == year else None


def _likely(day):
    return day if EARLIEST <= day < LATEST else None
