"""Columns of numbers: one decimal mark for the whole column, signs and currencies taken off.

`$1,234.50`, `1.234,50 €`, `1'234.50`, `(12)`, `12-` and `12 CR` are numbers; `1.234` alone is not
decided. Each distinct cell is looked at once.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from pandas import Series

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, refused
from sopkit.tables.parsing import TOO_LARGE

STYLES = {"point": "1,234.5", "comma": "1.234,5"}
EMPTY = frozenset(
    ["-", "–", "—", "null", "nan", "n/a", "na", "none", "(blank)", "(leer)", "#n/a", "nil"]
)
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009\u2007\t"))
CURRENCIES = (
    "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|JPY|CNY|RMB|INR|AUD|CAD|NZD|SGD|HKD|ZAR|"
    "BRL|MXN|AED|SAR|KRW|THB|MYR|IDR|PHP|VND|ILS|RUB"
)
_CURRENCY = re.compile(  # the yen sign of Japanese files is a backslash elsewhere
    rf"[$€£¥\\₹₽₺₩₪₫฿¢円元원]|\b(?:US|A|C|NZ|HK|R)\$|\b(?:{CURRENCIES}|kr|zł|Kč|Fr|Rs|R)\b\.?",
    re.IGNORECASE,
)
SCALES = {  # how names of columns say what their numbers are counted in
    re.compile(
        r"['’(]0{3}s?\b|\b1[., ]?000s?\b|\bthousands?\b|\btsd\b|\btausend\b|"
        r"\b[tk](?:EUR|USD|CHF|GBP)\b|\bkpcs\b|\bk units\b",
        re.IGNORECASE,
    ): 1000.0,
    re.compile(r"\bmillions?\b|\bmio\b|\bmln\b", re.IGNORECASE): 1_000_000.0,
}
_UNIT = re.compile(
    r"(?<=[\d)])\s*(pcs?|pieces?|st(?:ü|ue)?ck|stk?|ea|each|units?|uds?|kg|l|m|box(?:es)?|ct|cs|un|"
    r"pce|szt)\.?$",
    re.IGNORECASE,
)
_GROUP = r"(?:\d{{1,3}}(?:{0}\d{{3}})+|\d{{1,3}}(?:{0}\d{{2}})*{0}\d{{3}}|\d+)"
_FORMS = {
    "point": re.compile(_GROUP.format("[,']") + r"?(?:\.\d+)?(?:[eE][+-]?\d+)?\.?"),
    "comma": re.compile(_GROUP.format(r"[.']") + r"?(?:,\d+)?(?:[eE][+-]?\d+)?,?"),
}
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_THREES = {mark: re.compile(rf"[1-9]\d{{0,2}}[{mark}]\d{{3}}") for mark in ",."}


@dataclass(frozen=True)
class Cell:
    """A distinct cell without its sign and currency."""

    digits: str
    sign: int


def read_numbers(
    cells: Series, name: str, source: str, decisions: Decisions, hint: str = ""
) -> tuple[Series, list[str]]:
    """Read a column as numbers; empty cells, and `-` or `n/a`, are missing.

    `hint` is the style that other columns of the file have, where this one alone does not decide.

    Returns
    -------
    (number by row; what was taken off or decided)

    Raises
    ------
    ValueError : cells are no numbers, or the column mixes decimal marks; the message has their
        lines.
    """
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return cells.astype("float64"), []
    codes, values = distinct(cells)
    typed = np.array([_typed(value) for value in values], dtype="float64")
    told = {i: _cell(v) for i, v in enumerate(values) if isinstance(v, str) and not _empty(v)}
    style, notes = _style(told, name, source, decisions, hint)
    for i, cell in told.items():
        if cell is not None and _FORMS[style].fullmatch(cell.digits):
            typed[i] = cell.sign * _value(cell.digits, style)
    bad = np.array(
        [not _empty(v) and not abs(typed[i]) < TOO_LARGE for i, v in enumerate(values)], dtype=bool
    )
    if bad.any():
        raise refused(cells, bad, f"{source}: {name} is not a number", _remedy(bad, style, told))
    notes += _taken_off(values, name)
    return Series(np.append(typed, np.nan)[codes], index=cells.index), notes


def scale_of(key: str, name: str, decisions: Decisions) -> float:
    """By how much the numbers of a column are multiplied: told, or 1000 where its name says
    thousands."""
    found = (factor for pattern, factor in SCALES.items() if pattern.search(name))
    return scaled(key, name, next(found, 1.0), decisions)


def scaled(key: str, name: str, factor: float, decisions: Decisions) -> float:
    """By how much the numbers of a column are multiplied: told, or by what its name says."""
    told = decisions.told_number(f"scale.{key}")
    if told is not None or factor == 1:
        return 1.0 if told is None else told
    reason = f"the name of column {name} says so"
    return float(decisions.guess(f"scale.{key}", f"{factor:.15g}", reason))


def is_numeric(cells: Series) -> float:
    """Which share of the distinct cells can be a number in some style."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return 1.0
    _, values = distinct(cells)
    values = [value for value in values[:2000] if not _empty(value)]
    return sum(map(readable, values)) / len(values) if values else 0.0


def readable(value: Hashable) -> bool:
    """Whether a cell alone can be a number, in some style."""
    if not isinstance(value, str):
        return not np.isnan(_typed(value))
    cell = _cell(value)
    return cell is not None and any(form.fullmatch(cell.digits) for form in _FORMS.values())


def style_of(columns: Iterable[Series]) -> str:
    """The decimal style that some column decides and no other contradicts, or nothing."""
    found = set()
    for cells in columns:
        if not pd.api.types.is_numeric_dtype(cells):
            _, values = distinct(cells)
            told = [_cell(v) for v in values if isinstance(v, str) and not _empty(v)]
            decided = _decided([cell.digits for cell in told if cell])
            found |= {decided} if decided in STYLES else set()
    return found.pop() if len(found) == 1 else ""


def _empty(value):
    return isinstance(value, str) and value.casefold() in EMPTY


def _typed(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return np.nan
    return float(value)


@lru_cache(maxsize=1 << 18)
def _cell(text):
    """Take sign, currency and spaces off; None where what is left is no number."""
    if _PLAIN.fullmatch(text):
        return Cell(text, 1)
    text = _CURRENCY.sub("", _UNIT.sub("", text.replace("\u2212", "-"))).strip()
    sign = 1
    if text.endswith(("CR", "Cr", "cr")):
        text, sign = text[:-2], -1
    elif text.endswith(("DR", "Dr", "dr")):
        text = text[:-2]
    text = text.translate(_SPACES).replace("’", "'").replace("`", "'")
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], -sign
    if text.endswith("-") or text.startswith("-"):
        text, sign = text.removeprefix("-") if text[0] == "-" else text[:-1], -sign
    text = text.removeprefix("+")
    return Cell(text, sign) if text and text[0] in "0123456789.," else None


def _value(digits, style):
    grouped, decimal = ("','", ".") if style == "point" else (".'", ",")
    plain = "".join(c for c in digits if c not in grouped.replace(decimal, ""))
    return float(plain.replace(decimal, "."))


def _style(told, name, source, decisions, hint):
    """Decide the decimal mark from all cells of the column together."""
    digits = [cell.digits for cell in told.values() if cell is not None]
    decided = _decided(digits)
    if decided in STYLES:
        return decided, []
    if decided == "none":
        return hint or "point", []
    example = next(d for d in digits if _THREES[decided].fullmatch(d))
    if hint:
        text = f"{name}: {example} is {_value(example, hint):g}, as the other columns say"
        return hint, [text]
    as_thousands = "point" if decided == "," else "comma"
    small = [d for d in digits if d.isdigit()]
    marked = {d for d in digits if not d.isdigit()}
    if small and len(marked) >= 5 and max(map(len, small)) <= 3:
        reason = f"{example} in {source}: every marked number has three digits after the mark"
        return decisions.guess(f"decimals.{name}", as_thousands, reason, STYLES), []
    texts = {style: f"{_value(example, style):g}" for style in STYLES}
    question = Question(
        f"decimals.{name}",
        f"Is {example} in column {name} of {source} {texts['point']} (answer point, as in "
        f"1,234.5) or {texts['comma']} (answer comma, as in 1.234,5)?",
        tuple(STYLES),
        as_thousands,
        3.0,
    )
    return decisions.ask(question), []


def _decided(digits):
    """Say which style the cells prove: point, comma, none without a mark, or the mark in doubt."""
    proof = set()
    doubt = ""
    for text in digits:
        marks = [c for c in text if c in ",."]
        if not marks:
            continue
        last = marks[-1]
        style = "point" if last == "." else "comma"
        other = "comma" if last == "." else "point"
        if len(set(marks)) == 2:
            proof.add(style)
        elif len(marks) > 1:
            proof.add(other)
        elif _THREES[last].fullmatch(text):
            doubt = doubt or last
        else:
            proof.add(style)
    if len(proof) == 1:
        return proof.pop()
    if len(proof) == 2:
        return max(STYLES, key=lambda s: sum(bool(_FORMS[s].fullmatch(d)) for d in digits))
    return doubt or "none"


def _remedy(bad, style, told):
    other = "comma" if style == "point" else "point"
    mixed = [
        cell
        for i, cell in told.items()
        if bad[i] and cell and _FORMS[other].fullmatch(cell.digits)
        if not _FORMS[style].fullmatch(cell.digits)
    ]
    if mixed:
        return f"The other cells are written as {STYLES[style]}: write all with one decimal mark."
    return "Correct these cells, or leave them empty where the value is unknown."


def _taken_off(values, name):
    texts = [value for value in values if isinstance(value, str)]
    money = [text for text in texts if _CURRENCY.search(text)]
    notes = []
    if money:
        notes.append(f"{name}: {money[0]} is read as a number without its currency")
    below = [t for t in texts if (t.endswith("-") and len(t) > 1) or t.startswith("(")]
    if below and (cell := _cell(below[0])) and cell.sign < 0:
        notes.append(f"{name}: {below[0]} is read as a negative number")
    return notes
