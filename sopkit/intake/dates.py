"""Columns of dates: one reading for the whole column.

Each distinct cell is taken apart once: year, month, day, week, quarter or fiscal period. A column
whose days and months can be exchanged is read in the way that all of its cells allow; where both
do, it is asked.
"""

import datetime as dt
import re
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import Series

from sopkit.intake.date_labels import Label, is_day_of_two_numbers, label
from sopkit.intake.day_numbers import Counted, counted_days, spreadsheet_days
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.fiscal_years import in_calendar_months
from sopkit.intake.grid import distinct, refused, text_of

ORDERS = {"day_first": "day/month/year", "month_first": "month/day/year"}
LAST_MONTH = 12
FEWEST_EXCHANGED = 6  # distinct days up to the 12th, of which it can be told that all are exchanged
_SIX = re.compile(r"((?:19|20)\d{2})(0[1-9]|[1-4]\d|5[0-3])")


class Dates(NamedTuple):
    """A column as days, the size of what each cell names, and what was decided."""

    days: Series
    size: str
    notes: list[str]


def read_dates(cells: Series, name: str, source: str, decisions: Decisions) -> Dates:
    """Read a column of dates in the one way that fits all of its cells; empty ones are missing.

    Raises
    ------
    ValueError : cells are no dates, or no one way fits them all; the message has their lines.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        plain = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        return Dates(plain.dt.normalize().astype("datetime64[us]"), "day", [])
    codes, values = distinct(cells)
    counted = counted_days(values)
    notes = [f"{name}: {counted.example}"] if counted else []
    labels = [_label_of(value, counted) for value in _weeks(values)]
    bad = np.array([one is None for one in labels])
    if bad.any():
        rule = f"{source}: {name} is not a date"
        raise refused(cells, bad, rule, "Write 2026-10-31, or correct the cell.")
    labels = _exchanged_back(values, labels, name, source, decisions)
    labels = in_calendar_months(labels, name, source, decisions)
    sizes = {one.size for one in labels}
    if len(sizes) > 1:
        odd = min(sizes, key=lambda size: sum(one.size == size for one in labels))
        bad = np.array([one.size == odd for one in labels])
        rule = f"{source}: {name} mixes {' and '.join(sorted(sizes))}s: it names a {odd}"
        raise refused(cells, bad, rule, "Write all in one way.")
    order, more = _order(cells, labels, name, source, decisions)
    days = [one.day if order == "day_first" or one.exchanged is None else one.exchanged
            for one in labels]  # fmt: skip
    if order == "month_first":
        days = [one.exchanged or one.day for one in labels]
    read = np.array([*days, "NaT"], dtype="datetime64[D]").astype("datetime64[us]")
    size = sizes.pop() if sizes else "day"
    return Dates(Series(read[codes], index=cells.index), size, notes + more)


def share_of_dates(cells: Series, is_named: bool = False) -> float:
    """Which share of the distinct cells can be a date, as far as the first ones tell.

    Numbers may be days in any count where the column's name says that it holds dates.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return 1.0
    _, values = distinct(cells)
    seen = values[:500]
    counted = counted_days(seen) if is_named else spreadsheet_days(seen)
    found = [_label_of(value, counted) is not None for value in _weeks(seen)]
    return sum(found) / len(found) if found else 0.0


def readable(value: Hashable) -> bool:
    """Whether a cell alone can be a date."""
    return _label_of(value, spreadsheet_days([value])) is not None


def _label_of(value: Hashable, counted: Counted | None) -> Label | None:
    if isinstance(value, dt.datetime):
        return Label("day", value.date())
    if isinstance(value, dt.date):
        return Label("day", value)
    return Label("day", counted.day(text_of(value))) if counted else label(text_of(value))


def _weeks(values):
    """Six digits are year and week where some of the last two cannot be months."""
    found = [_SIX.fullmatch(text_of(value)) for value in values]
    if not values or not all(found) or all(one[2] <= "12" for one in found):
        return values
    return [f"{one[1]}-W{one[2]}" for one in found]


def _exchanged_back(values, labels, name, source, decisions):
    """Dates of which a spreadsheet exchanged day and month where it could, and left the others as
    text: those that it made have days up to the 12th only, the texts none; asked."""
    pairs = list(zip(values, labels, strict=True))
    made = [one for value, one in pairs if isinstance(value, dt.date)]
    texts = {value: one for value, one in pairs if not isinstance(value, dt.date)}
    if len(made) < FEWEST_EXCHANGED or not texts or not all(map(_is_numbers, texts)):
        return labels
    early = all(one.day.day <= LAST_MONTH for one in made)
    late = all((one.day is None) != (one.exchanged is None) for one in texts.values())
    if not (early and late):
        return labels
    text = (
        f"{source}: {name} holds dates, none later than the 12th of its month, and texts, all of "
        f"later days, such as {next(iter(texts))}. A spreadsheet that exchanges day and month of "
        "the dates that it can read leaves a column like that. Exchange them back (exchange), or "
        "read them as they are (keep)?"
    )
    asked = Question(f"exchanged.{name}", text, ("exchange", "keep"), "exchange", 5.0)
    if decisions.ask(asked) == "keep":
        return labels
    return [_turned(one) if isinstance(value, dt.date) else one for value, one in pairs]


def _turned(one):
    return Label("day", one.day.replace(month=one.day.day, day=one.day.month))


def _order(cells, labels, name, source, decisions):
    """Whether the day or the month comes first in a column of numbers."""
    codes, values = distinct(cells)
    both = [one for one in labels if one.exchanged is not None or one.day is None]
    doubtful = [one for one in labels if one.day and one.exchanged and one.day != one.exchanged]
    swappable = [one for one, value in zip(labels, values, strict=True) if _is_numbers(value)]
    if not swappable:
        return "day_first", []
    fits = {
        "day_first": all(one.day is not None for one in swappable),
        "month_first": all(one.exchanged is not None for one in swappable),
    }
    if not any(fits.values()):
        bad = np.array(
            [_is_numbers(v) and one.day is None for v, one in zip(values, labels, strict=True)]
        )
        rule = f"{source}: {name} is day/month/year in some lines, but cannot be"
        raise refused(cells, bad, rule, "Write all dates in one way.")
    if not doubtful or not both:
        return "day_first" if fits["day_first"] else "month_first", []
    if not all(fits.values()):
        order = "day_first" if fits["day_first"] else "month_first"
        return order, [f"{name} is read as {ORDERS[order]}: the other way does not fit all cells"]
    if all("." in v for v in values if _is_numbers(v)):
        reason = f"{name} is written with points, as day.month.year"
        return decisions.guess(f"date_order.{name}", "day_first", reason, ORDERS), []
    return _asked_order(codes, labels, values, name, source, decisions), []


def _is_numbers(value):
    return isinstance(value, str) and is_day_of_two_numbers(value)


def _asked_order(codes, labels, values, name, source, decisions):
    """Both ways fit: the order of the lines can tell, else somebody must."""
    in_order = {}
    seen = codes[codes >= 0]
    for order in ORDERS:
        days = np.array(
            [one.day if order == "day_first" else one.exchanged or one.day for one in labels],
            dtype="datetime64[D]",
        )[seen]
        steps = np.diff(days.astype("int64"))
        in_order[order] = bool(len(steps) and ((steps >= 0).all() or (steps <= 0).all()))
    if len(labels) >= 6 and sum(in_order.values()) == 1:
        order = next(order for order, sorted_ in in_order.items() if sorted_)
        return decisions.guess(
            f"date_order.{name}", order, f"only as {ORDERS[order]} are the lines in order", ORDERS
        )
    example = next(v for v, one in zip(values, labels, strict=True) if one.day != one.exchanged)
    days = next(one for one in labels if one.day != one.exchanged)
    text = (
        f"Is {example} in column {name} of {source} {days.day} (answer day_first) or "
        f"{days.exchanged} (answer month_first)?"
    )
    return decisions.ask(Question(f"date_order.{name}", text, tuple(ORDERS), "day_first", 4.0))
