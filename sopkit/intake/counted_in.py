"""What the numbers of a table count: a price per 100 units, a lead time in weeks.

A price list says it in a column's name, or in a column of its own (SAP's price unit); times say it
in a column's name or in each cell.
"""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.columns import plain
from sopkit.intake.decisions import Decisions
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.numbers import is_numeric, read_numbers, scaled
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import count
from sopkit.tables.periods import MONTH_DAYS, WEEK_DAYS

PER_UNIT, DAYS = "money per unit", "days"  # units of the schema
_PER = re.compile(r"\b(?:per|je|pro|par|por|pour) ([1-9]\d*)\b(?: \w+)?$")
_PRICE_UNITS = ("price unit", "pricing unit", "preiseinheit", "peinh", "kpein", "unite de prix")
_OF_LISTS = ("per",)  # in lists of prices; in sales it is the period
_SPANS = {
    1: "d day days tag tage tagen jour jours dia dias giorno giorni",
    WEEK_DAYS: "w wk wks week weeks woche wochen semaine semaines semana semanas settimane",
    MONTH_DAYS: "m mo mth month months monat monate monaten mois mes meses mese mesi",
}
_DAYS_OF = {word: days for days, words in _SPANS.items() for word in words.split()}
_TENS = [10.0**power for power in range(7)]
_CELL = re.compile(r"(\d+(?:[.,]\d+)?) ?([^\W\d]+)\.?")


def without_count(column: str, name: str) -> str:
    """The plain name of a column of the file without what its numbers count, for a column of the
    table that counts such: `lead time`, of `Lead Time (weeks)`."""
    text, unit = plain(name), COLUMNS[column].unit
    head, _, last = text.rpartition(" ")
    if unit == DAYS and head and last in _DAYS_OF:
        return head.removesuffix(" in")
    return _PER.sub("", text).strip() if unit == PER_UNIT else text


def factor_of(column: str, name: str, decisions: Decisions) -> float:
    """By what the numbers of a column of the file are multiplied, to be those of the table."""
    text, unit, factor = plain(name), COLUMNS[column].unit, 1.0
    if unit == PER_UNIT and (found := _PER.search(text)):
        factor = 1 / int(found[1])
    elif unit == DAYS:
        factor = float(_DAYS_OF.get(text.rpartition(" ")[2], 1))
    return scaled(column, name, factor, decisions)


def spans_in_days(cells: Series) -> Series | None:
    """Times of which each cell says what it counts, in days; None where cells do not.

    >>> spans_in_days(Series(["6 weeks", "10 Tage", None])).tolist()
    [42.0, 10.0, nan]
    """
    codes, values = distinct(cells)
    found = [_CELL.fullmatch(text_of(value).casefold().strip()) for value in values]
    if not values or not all(one and one[2] in _DAYS_OF for one in found):
        return None
    days = [float(one[1].replace(",", ".")) * _DAYS_OF[one[2]] for one in found]
    return pd.Series(np.array([*days, np.nan])[codes], index=cells.index)


def price_unit(
    frame: DataFrame,
    unread: Iterable[str],
    source: str,
    decisions: Decisions,
    notes: list[str],
    of_sales: bool = False,
) -> Series | float:
    """The units that a price is of, line by line, where a column says it (1, 10, 100); else 1."""
    known = _PRICE_UNITS if of_sales else (*_PRICE_UNITS, *_OF_LISTS)
    for name in unread:
        if plain(name) not in known or is_numeric(frame[name]) < 1:
            continue
        units, _ = read_numbers(frame[name], name, source, decisions)
        units = units.fillna(1.0)
        if not units.isin(_TENS).all():
            continue
        if (several := units != 1).any():
            notes.append(f"prices are divided by {name}, above 1 in {count(several.sum(), 'line')}")
        return units
    return 1.0
