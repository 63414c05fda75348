"""Columns of dates: one reading for the whole column.

Each distinct cell is taken apart once: year, month, day, week or quarter. A column whose days and
months can be exchanged is read in the way that all of its cells allow; where both do, it is asked.
"""

import datetime as dt
import re
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import Series

from sopkit.intake.date_labels import Label, is_day_of_two_numbers, label
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, refused, text_of

SERIALS = (20_000, 80_000)  # day numbers of a spreadsheet: 1954 to 2119
EPOCH = dt.date(1899, 12, 30)
ORDERS = {"day_first": "day/month/year", "month_first": "month/day/year"}
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
    is_serial, notes = _serials(values, name)
    labels = [_label_of(value, is_serial) for value in _weeks(values)]
    bad = np.array([one is None for one in labels])
    if bad.any():
        rule = f"{source}: {name} is not a date"
        raise refused(cells, bad, rule, "Write 2026-10-31, or correct the cell.")
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


def share_of_dates(cells: Series) -> float:
    """Which share of the distinct cells can be a date, as far as the first ones tell."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return 1.0
    _, values = distinct(cells)
    seen = values[:500]
    is_serial, _ = _serials(seen, "")
    found = [_label_of(value, is_serial) is not None for value in seen]
    return sum(found) / len(found) if found else 0.0


def readable(value: Hashable) -> bool:
    """Whether a cell alone can be a date."""
    return _label_of(value, False) is not None or _serials([value], "")[0]


def _label_of(value: Hashable, is_serial: bool) -> Label | None:
    if isinstance(value, dt.datetime):
        return Label("day", value.date())
    if isinstance(value, dt.date):
        return Label("day", value)
    if isinstance(value, str) and not is_serial:
        return label(value)
    text = text_of(value)
    if is_serial and re.fullmatch(r"\d{5}(?:[.,]\d+)?", text):
        return Label("day", EPOCH + dt.timedelta(days=int(text[:5])))
    return label(text) if not is_serial else None


def _weeks(values):
    """Six digits are year and week where some of the last two cannot be months."""
    found = [_SIX.fullmatch(text_of(value)) for value in values]
    if not values or not all(found) or all(one[2] <= "12" for one in found):
        return values
    return [f"{one[1]}-W{one[2]}" for one in found]


def _serials(values, name):
    """Whether all cells are day numbers of a spreadsheet."""
    texts = [text_of(value) for value in values if not isinstance(value, dt.date)]
    fits = [
        bool(re.fullmatch(r"\d{5}(?:[.,]\d+)?", text)) and SERIALS[0] <= int(text[:5]) <= SERIALS[1]
        for text in texts
    ]
    if not texts or not all(fits):
        return False, []
    day = EPOCH + dt.timedelta(days=int(texts[0][:5]))
    return True, [f"{name}: {texts[0]} is read as the spreadsheet's day number of {day}"]


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
