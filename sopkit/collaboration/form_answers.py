"""What a form answers: units, or a change of a line shown above, or money, made into units.

The lines and the price are those that the form shows, whatever the tables say by now.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sopkit.io.keyed_workbook import Found, Place, Returned, key_of, row_key

UNITS = "quantity "  # begins the head of a month's column
OTHERWISE, SHOWN = "answers", "shown"  # what the rows of other answers, and of lines, are keyed by
WAY = "answer_as"  # the head of the cell that says how a row is answered otherwise
LINES = {"forecast": "forecast", "last_year": "last year", "last_cycle": "last cycle"}
PERCENT, CHANGE, MONEY = "% vs. ", "units vs. ", "money"
WAYS = (*(f"{kind}{line}" for kind in (PERCENT, CHANGE) for line in LINES.values()), MONEY)
PRICE = "price"
AMBIGUOUS = (
    "holds {:g}, which may mean a share or less than 1 %. Enter 5 for 5 %; for less than 1 % enter "
    "units."
)


class Answer(NamedTuple):
    """An answer in units, where it stands, and how it was given (empty: in units)."""

    value: float | None
    where: str
    told: str


def months_answered(returned: Returned) -> Iterator[tuple[Place, dict[str, str]]]:
    """The cells of answers in units, each with the key of its row."""
    for place in returned.found:
        key = key_of(place.row)
        if key.pop("table") == "demand_inputs" and place.head.startswith(UNITS):
            yield place, key


def answer(returned: Returned, place: Place) -> tuple[Answer, str]:
    """The answer of a series in a month, and what is wrong with it (empty: nothing).

    `place` is the cell of units. Where the cell below it is filled, that is the answer.
    """
    units, series = returned.found[place], key_of(place.row)
    del series["table"]
    other = row_key(OTHERWISE, **series)
    cell = returned.found[Place(other, place.head)]
    if cell.value is None:
        return Answer(units.value, units.where, ""), _unsound_units(units)
    changed = units.value != returned.written[place].value
    if changed:
        return _refused(units, f"{cell.where} and {units.where} both answer. Clear one of them.")
    way = returned.found[Place(other, WAY)]
    if way.value not in WAYS:
        known = ", ".join(WAYS)
        return _refused(units, f"{way.where} holds {way.value!r}. Choose one of {known}.")
    return _made_units(returned, place.head, series, cell, way)


def _unsound_units(cell: Found) -> str:
    if isinstance(cell.value, float) and not 0 <= cell.value < float("inf"):
        return f"{cell.where} holds {cell.value:g}. Enter units, 0 or more, or clear it."
    return ""


def _refused(cell: Found, text: str) -> tuple[Answer, str]:
    return Answer(None, cell.where, ""), text


def _made_units(
    returned: Returned, head: str, series: dict[str, str], cell: Found, way: Found
) -> tuple[Answer, str]:
    """An answer that is not in units, made into units by what the form shows."""
    number, kind = float(cell.value or 0.0), str(way.value)
    line = line_of(kind)
    shown = returned.written[Place(row_key(SHOWN, line=line, **series), head)].value
    if not isinstance(shown, float | int):
        return _refused(cell, _unknown(line, series, cell, way))
    if cell.is_percent and kind.startswith(PERCENT):
        return _refused(cell, f"{cell.where} {AMBIGUOUS.format(number)}")
    try:
        units, told = in_units(number, kind, shown)
    except ValueError as error:
        return _refused(cell, f"{cell.where} {error}")
    return Answer(units, cell.where, told), ""


def line_of(way: str) -> str:
    """The line that an answer refers to: the price of an amount of money."""
    return PRICE if way == MONEY else next(k for k, text in LINES.items() if way.endswith(text))


def in_units(number: float, way: str, shown: float) -> tuple[float, str]:
    """Make units of a change or of money.

    Parameters
    ----------
    shown : the value of the line that the answer refers to, see `line_of`

    Returns
    -------
    units, and how they were given

    Raises
    ------
    ValueError : a percentage may mean a share, less than 0 units are left, or the price is 0.

    Examples
    --------
    >>> in_units(5, "% vs. last year", 200)
    (210.0, '+5 % vs. last year 200')
    >>> in_units(-30, "units vs. forecast", 200)
    (170, '-30 units vs. forecast 200')
    >>> in_units(500, "money", 4)
    (125.0, '500 in money, at a price of 4')
    """
    line = LINES.get(line_of(way), "")
    if way == MONEY and not shown:
        raise ValueError("is money, but the price is 0. Enter units.")
    if way == MONEY:
        units, told = number / shown, f"{number:,.10g} in money, at a price of {shown:,.10g}"
    elif way.startswith(CHANGE):
        units, told = shown + number, f"{number:+,.10g} units vs. {line} {shown:,.10g}"
    elif 0 < abs(number) < 1:
        raise ValueError(AMBIGUOUS.format(number))
    else:
        units = shown * (1 + number / 100)
        told = f"{number:+,.10g} % vs. {line} {shown:,.10g}"
    if not 0 <= units < float("inf"):
        raise ValueError(
            f"holds {number:g} ({way}), which gives {units:,.10g} units. Enter what leaves 0 units "
            "or more, or clear it."
        )
    return units, told


def _unknown(line: str, series: dict[str, str], cell: Found, way: Found) -> str:
    what = ", ".join(series.values())
    if line == PRICE:
        return (
            f"{cell.where} is money, but {what} has no price. Enter units; or add the price to "
            "item_costs and send a new form (`sopkit collect`)."
        )
    return (
        f"{cell.where} is a change of {LINES[line]}, which is not known for {what} in this month. "
        f"Choose another line in {way.where}, or enter units."
    )
