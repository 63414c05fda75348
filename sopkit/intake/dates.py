"""Columns of dates: one reading for the whole column.

Each distinct cell is taken apart once: year, month, day, week or quarter. A column whose days and
months can be exchanged is read in the way that all of its cells allow; where both do, it is asked.
"""

import datetime as dt
import re
from collections.abc import Hashable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import Series

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, refused, text_of

LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "pl", "cs", "fi", "tr")
SERIALS = (20_000, 80_000)  # day numbers of a spreadsheet: 1954 to 2119
EPOCH = dt.date(1899, 12, 30)
_TIME = re.compile(
    r"(?:[T ,]+|(?<=\d)T)\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:Z|UTC|GMT|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?(?:\s+[+-]\d{4})?$"
)
_SEP = r"\s*[-/.\s,_']\s*"
_FORMS = {
    "ymd": re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})"),
    "compact": re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "compact_dmy": re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])((?:19|20)\d{2})"),
    "numbers": re.compile(rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})"),
    "month": re.compile(rf"((?:19|20)\d{{2}})(?:{_SEP}|\s*[Mm]\s*|-M)?(0?[1-9]|1[0-2])"),
    "month_first": re.compile(rf"[Mm]?0{{0,2}}([1-9]|1[0-2]){_SEP}((?:19|20)\d{{2}})"),
    "quarter": re.compile(r"((?:19|20)?\d{2})\s*[-/ .]?\s*[Qq](?:TR)?\s*([1-4])"),
    "quarter_first": re.compile(
        r"(?:[QqTt](?:TR)?\s*([1-4])|([1-4])\.?\s*Q(?:uartal|TR)?)"
        r"\s*[-/ .']?\s*((?:19|20)?\d{2})"
    ),
    "week": re.compile(
        r"((?:19|20)\d{2})\s*[-/ .]?\s*(?:W|w|Wk|WK|KW|CW|Week|S|Sem)\.?\s*[-/ ]?(\d{1,2})"
    ),
    "week_first": re.compile(
        r"(?:W|Wk|WK|KW|CW|Week|week|S|Sem)\.?\s*(\d{1,2})\s*[-/ .,']\s*((?:19|20)\d{2}|\d{2})"
    ),
}  # fmt: skip
_NAMED = {
    "dmy": re.compile(
        rf"(\d{{1,2}})(?:st|nd|rd|th|\.|º)?{_SEP}?(?:de |of )?<(\d+)>"
        rf"{_SEP}?(?:de |of )?(\d{{4}}|\d{{2}})"
    ),
    "mdy": re.compile(rf"<(\d+)>\.?{_SEP}?(\d{{1,2}})(?:st|nd|rd|th)?{_SEP}(\d{{4}}|\d{{2}})"),
    "ymd": re.compile(rf"(\d{{4}}){_SEP}?<(\d+)>{_SEP}?(\d{{1,2}})"),
    "my": re.compile(rf"<(\d+)>\.?{_SEP}?(?:de |of )?(\d{{4}}|\d{{2}})"),
    "ym": re.compile(rf"(\d{{4}}){_SEP}?<(\d+)>\.?"),
}  # fmt: skip
_WEEKDAY = re.compile(r"^([^\W\d_]+)\.?,?\s+")
_SIX = re.compile(r"((?:19|20)\d{2})(0[1-9]|[1-4]\d|5[0-3])")
_WORD = re.compile(r"[^\W\d_]+")
ORDERS = {"day_first": "day/month/year", "month_first": "month/day/year"}


class Label(NamedTuple):
    """What a text says: the first day of a day, week, month or quarter; or of both orders.

    `exchanged` is the other day that the text can mean, if its day and month are exchanged.
    """

    size: str
    day: dt.date | None
    exchanged: dt.date | None = None


class Dates(NamedTuple):
    """A column as days, the size of what each cell names, and what was decided."""

    days: Series
    size: str
    notes: list[str]


@cache
def label(text: str) -> Label | None:
    """Read one text as a day, week, month or quarter; None where it is none."""
    text = _WEEKDAY.sub(_without_weekday, _TIME.sub("", text.strip()).strip())
    if not any(c.isdigit() for c in text) or len(text) > 40:
        return None
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found and (made := _of_numbers(kind, found.groups())):
            return made
    return _of_names(text)


def _of_numbers(kind, parts):
    if kind in ("ymd", "compact"):
        year, month, day = map(int, parts)
        return _day(year, month, day)
    if kind == "compact_dmy":
        return _day(int(parts[2]), int(parts[1]), int(parts[0]))
    if kind == "numbers":
        first, second, year = int(parts[0]), int(parts[1]), _year(parts[2])
        one, other = _date(year, second, first), _date(year, first, second)
        return Label("day", one, other) if one or other else None
    if kind in ("month", "month_first"):
        year, month = parts if kind == "month" else parts[::-1]
        return Label("month", dt.date(int(year), int(month), 1))
    if kind in ("quarter", "quarter_first"):
        year = parts[0] if kind == "quarter" else parts[2]
        quarter = int(parts[1] if kind == "quarter" else parts[0] or parts[1])
        return Label("quarter", dt.date(_year(year), 3 * quarter - 2, 1))
    year, week = parts if kind == "week" else parts[::-1]
    try:
        return Label("week", dt.date.fromisocalendar(_year(year), int(week), 1))
    except ValueError:
        return None


def _of_names(text):
    numbered = _WORD.sub(_numbered, text).strip()
    numbered = re.sub(r"^[\s,.]+|\s+$", "", numbered)
    for kind, form in _NAMED.items():
        if found := form.fullmatch(numbered):
            if kind in ("my", "ym"):
                month, year = found.groups() if kind == "my" else found.groups()[::-1]
                return Label("month", dt.date(_year(year), int(month), 1))
            order = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}[kind]
            year, month, day = (found.groups()[i] for i in order)
            return _day(_year(year), int(month), int(day))
    return None


def _numbered(found):
    word = found[0].casefold()
    if word in _months():
        return f"<{_months()[word]}>"
    return "" if word in _weekdays() else found[0]


@cache
def _months():
    """Names of months in the languages of exports, without the points of abbreviations."""
    from babel.dates import get_month_names

    found = {}
    for locale in reversed(LOCALES):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                names = get_month_names(width, context, locale)
                for month, name in names.items():
                    plain = name.casefold().strip(". ")
                    if plain.isalpha():
                        found[plain] = month
                        if len(plain) > 3 and width == "wide" and locale in ("en", "de"):
                            found.setdefault(plain[:3], month)
    return found | {"sept": 9, "mrz": 3, "maerz": 3, "mär": 3, "okt": 10, "dez": 12, "mai": 5}


@cache
def _weekdays():
    from babel.dates import get_day_names

    return {
        name.casefold().strip(". ")
        for locale in LOCALES[:6]
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, "format", locale).values()
    }


def _without_weekday(found):
    word = found[1].casefold()
    return "" if word in _weekdays() and word not in _months() else found[0]


def _year(text):
    if len(text) == 4:
        return int(text)
    return 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _date(year, month, day):
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _day(year, month, day):
    made = _date(year, month, day)
    return Label("day", made) if made else None


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
    return isinstance(value, str) and bool(
        _FORMS["numbers"].fullmatch(_TIME.sub("", value).strip())
    )


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
