"""How numbers, months, lists and the columns of a table become text: one function a format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, Series, Timestamp
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label
from sopkit.schema.measures import MEASURES
from sopkit.schema.tolerances import MATERIAL

MISSING = "–"
LONGEST_NAME = 28  # characters; longer text is prose
PLAIN_RATIOS = ("mase", "tracking_signal")  # every other ratio reads better as a percentage
WRONG = {  # numbers that ought to be zero, and what it is called when they are not
    "backlog": "late",
    "late": "late",
    "late_days": "late",
    "lost_sales": "lost",
    "shortfall": "short",
    "shortage": "short",
    "overcommitted": "over",
}
EFFECT = "_effect"  # ends the name of a column of changes
EFFECTS = {"service": "fill_rate", "inventory": "inventory_value", "expected": "margin"}
CHANGES = ("variance", "gap_ratio")  # of the measure of each row
# what the company calls its periods, while tables are shown
_LABELS: ContextVar[Mapping[Period, str]] = ContextVar("labels", default=MappingProxyType({}))
BAD = {  # values that are marked as bad
    "state": ("late", "failed"),
    "stock_position": ("below_safety",),
    "severity": ("critical",),
    "assessment": ("worsens",),
    "on_target": ("missed",),
}


# -------------------------------------------------------------------------------------------------
# numbers


def number(value: float) -> str:
    """An amount as it is said: `3.4`, `1,240`, `124,000`, `1.24 million`."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:,.2f} million"
    if size >= 1e5:
        return f"{round(value, -3):,.0f}"
    return whole(value) if size >= 100 or value == round(value) else f"{value:,.3g}"


def whole(value: float) -> str:
    """An amount to the unit: `1,240`, `1,236,417`."""
    return f"{value:,.0f}"


def signed(value: float) -> str:
    """A change with its sign: `+12`, `-1.24 million`."""
    return f"+{number(value)}" if value >= 0 else number(value)


def percent(ratio: float, digits: int = 0) -> str:
    """A share in per cent: `25 %`."""
    return f"{100 * ratio:,.{digits}f} %"


def signed_percent(ratio: float) -> str:
    """A change in per cent with its sign: `+12 %`."""
    return f"{100 * ratio:+.0f} %"


def more_or_less(change: float, more: str = "more", less: str = "less") -> str:
    """A relative change without its sign: `3.2 % more`."""
    return f"{percent(abs(change), 1)} {more if change >= 0 else less}"


def money(value: float, currency: str = "") -> str:
    """Money to the unit, after its currency where that is given: `EUR 98,000`."""
    return f"{currency} {whole(value)}".lstrip()


def signed_money(value: float, currency: str = "") -> str:
    """A change in money with its sign: `EUR +12,000`."""
    return f"{currency} {round(value):+,}".lstrip()


def amount(value: float, unit: str, currency: str = "") -> str:
    """A number in its unit: `1,240` units, `EUR 98,000`, `96.1 %`."""
    if unit == "ratio":
        return percent(value, 1)
    return money(value, currency if unit == "money" else "")


def currency_of(company_settings: DataFrame | None) -> str:
    """The company's currency; "" where its tables name none."""
    return "" if company_settings is None else company_settings["currency"].iloc[0]


def compact(value: float, sign: str = "") -> str:
    """A number for a bar or a tile: `-1.50 m`, `204 k`, `17`; `sign` before what is not below 0."""
    size = abs(value)
    divisor, word = (1e6, " m") if size >= 1e6 else (1e3, " k") if size >= 1e3 else (1.0, "")
    return f"{sign if value >= 0 else ''}{digits(value / divisor)}{word}"


def digits(value: float) -> str:
    """A number in three or four digits: `214`, `21.4`, `2.14`."""
    places = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{places}f}"


# -------------------------------------------------------------------------------------------------
# time


@contextmanager
def labelled(calendar: DataFrame | None) -> Iterator[None]:
    """Write the periods of a calendar by its labels (`P04 FY28`) inside this block.

    It is for what shows tables: no step or rule is run in it.
    """
    named: Mapping[Period, str] = {}
    if calendar is not None:
        known = calendar[calendar["label"].notna()]
        named = dict(zip(known["period"], known["label"], strict=True))
    before = _LABELS.set(named)
    try:
        yield
    finally:
        _LABELS.reset(before)


def month(period: Period) -> str:
    """A month, `May 2027`, or what the company calls its period, `P04 FY28` (see `labelled`)."""
    return _LABELS.get().get(period) or period.strftime("%b %Y")


def short_month(period: Period) -> str:
    """The same for narrow columns: `May 27`."""
    return _LABELS.get().get(period) or period.strftime("%b %y")


def span(periods: Iterable[Period]) -> str:
    """The months from first to last: `Oct 2026 to Mar 2028`."""
    first, last = bounds(periods)
    return month(first) if first == last else f"{month(first)} to {month(last)}"


def bounds(periods: Iterable[Period]) -> tuple[Period, Period]:
    """The first and the last of some months."""
    return min(periods), max(periods)


def day(date: Timestamp) -> str:
    """A day: `5 Oct 2026`."""
    date = pd.Timestamp(date)
    return f"{date.day} {date:%b %Y}"


# -------------------------------------------------------------------------------------------------
# things


def count(many: int, noun: str) -> str:
    """A number of things: `1 launch`, `2 launches`."""
    ending = "es" if noun.endswith(("s", "ch", "sh")) else "s"
    return f"{many:,} {noun}{'' if many == 1 else ending}"


def verb(many: int, one: str, several: str) -> str:
    """The verb's form for a number of things."""
    return one if many == 1 else several


def some(names: Iterable[object], most: int = 3) -> str:
    """The first few of many: `a, b, c and 2 more`."""
    texts = [str(name) for name in names]
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def listed(names: Sequence[str]) -> str:
    """All of a few things: `sales, marketing and finance`."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


# -------------------------------------------------------------------------------------------------
# columns of a table


def marks(column: Series, cells: Series, measures: Series | None = None) -> list[str | None]:
    """Mark bad cells: a word beside a number, or "" where the value itself is the mark.

    None where a cell is not bad. What is bad of a change follows from its measure, not from its
    sign: less inventory is good. `cells` is the column as it is written: what is written as 0 is
    no change. `measures` are those of the rows, where the column has the unit of each.
    """
    name = column.name
    if unit(column) is None:
        bad = BAD.get(name, ())
        return ["" if cell in bad else None for cell in column.astype("str").fillna("")]
    wrong = column.gt(1.0005 if name == "utilization" else MATERIAL).fillna(False)
    word = "over" if name == "utilization" else WRONG.get(name)
    worse = _worse(column, cells, measures)
    return [
        word if word and is_wrong else "" if is_worse else None
        for is_wrong, is_worse in zip(wrong, worse, strict=True)
    ]


def _worse(column: Series, cells: Series, measures: Series | None) -> list[bool]:
    """Which numbers are worse than none: below 0 where more is good, above it of a change where
    less is; of what has no direction, none."""
    of_change = column.name in CHANGES or str(column.name).endswith(EFFECT)
    names = [_measure_of(column.name)] * len(column)
    if measures is not None and column.name in CHANGES:
        names = list(measures.astype("str"))
    worse = []
    for cell, size, name in zip(cells, column, names, strict=True):
        direction = MEASURES[name].direction if name in MEASURES else ""
        below = direction == "at_least" and cell.startswith("-")
        above = direction == "at_most" and of_change and size > 0 and cell.strip("+0.,% ") != ""
        worse.append(below or above)
    return worse


def _measure_of(name: object) -> str:
    """The measure that a column holds, or a change of it."""
    stem = str(name).removesuffix(EFFECT)
    return EFFECTS.get(stem, stem) if str(name).endswith(EFFECT) else str(name)


def unit(column: Series) -> str | None:
    """The unit of a column of numbers; None for anything else."""
    if not is_numeric_dtype(column) or is_bool_dtype(column):
        return None
    word = COLUMNS.get(column.name)
    if _is_percentage(column.name):
        return "%"
    if word is None or word.kind not in ("number", "whole"):
        return ""
    return "" if word.unit.startswith("the ") else word.unit


def is_prose(column: Series) -> bool:
    """Whether a column holds sentences, which may break into lines; codes and months stay whole."""
    return not is_numeric_dtype(column) and column.astype("str").str.len().max() > LONGEST_NAME


def capitalised(text: str) -> str:
    """A sentence with its first letter large; one that begins with a code stays as it is.

    >>> capitalised("tents: 120 units are late"), capitalised("sales_history has no rows")
    ('Tents: 120 units are late', 'sales_history has no rows')
    """
    first = text.split(" ", 1)[0]
    is_code = "_" in first or (first == text and "-" in text)
    return text if is_code else text[:1].upper() + text[1:]


def shown_cells(column: Series, cells: Iterable[str]) -> list[str]:
    """The cells of a column as a page shows them: our own words and sentences begin with a capital,
    names and codes of a company stay as they are.

    Parameters
    ----------
    cells : the column as it is written
    """
    if _is_coded(column.name):
        return [cell[:1].upper() + cell[1:] for cell in cells]
    return [capitalised(cell) for cell in cells] if is_prose(column) else list(cells)


def written_table(frame: DataFrame) -> DataFrame:
    """Every cell of a table as text; `the measure's unit` is that of the measure of each row."""
    return DataFrame({name: _written_in(frame, name) for name in frame.columns}, index=frame.index)


def _written_in(frame, name):
    column, word = frame[name], COLUMNS.get(name)
    if "measure" not in frame or word is None or word.unit != "the measure's unit":
        return written(column)
    cells = np.full(len(frame), MISSING, dtype=object)
    numbers = column.to_numpy("float64")
    for measure, rows in frame.groupby("measure").indices.items():
        known = rows[~np.isnan(numbers[rows])]
        ending = " %" if _is_percentage(measure) else ""
        cells[known] = [text + ending for text in _numbers(measure, numbers[known])]
    return Series(cells, index=frame.index, name=name)


def written(column: Series) -> Series:
    """Every cell of a column as text."""
    known = column.notna()
    if not is_numeric_dtype(column) or is_bool_dtype(column):
        return _texts(column).where(known, MISSING)
    cells = np.full(len(column), MISSING, dtype=object)
    cells[known.to_numpy()] = _numbers(column.name, column[known].to_numpy("float64"))
    return Series(cells, index=column.index, name=column.name)


def _texts(column):
    if isinstance(column.dtype, pd.PeriodDtype):
        months = column.dt.strftime("%b %Y").astype(object)
        named = _LABELS.get()
        return column.astype(object).map(named).fillna(months) if named else months
    if is_datetime64_any_dtype(column):
        return column.dt.strftime("%d %b %Y").str.lstrip("0").astype(object)
    if is_bool_dtype(column):
        return column.astype(object).map({True: "yes", False: "no"})
    words = column.astype(object).map(str)
    return words.map(lambda word: label(word, of=column.name)) if _is_coded(column.name) else words


def _is_coded(name):
    """Whether the values are the workbook's own names (phase_out), not the company's."""
    return name == "measure" or (name in COLUMNS and COLUMNS[name].kind == "choice")


def _numbers(name, values):
    """Write numbers, none of them missing, as those of a column of that name."""
    values = values * (100 if _is_percentage(name) else 1)
    places = _places(name, values)
    if places is None:
        return [_as_it_needs(value) for value in values]
    return [f"{value:,.{places}f}" for value in values.round(places) + 0.0]


def _places(name, values):
    """The decimals of a column: the same in each cell, so that digits stand under one another."""
    word = COLUMNS.get(name)
    kind = word.unit if word and word.kind in ("number", "whole") else ""
    if word is None and name in MEASURES:
        kind = MEASURES[name].unit
    if _is_percentage(name):
        return 1
    if kind.startswith("money per") or name in PLAIN_RATIOS:
        return 2
    if (word and word.kind == "whole") or kind == "money":
        return 0
    if kind.startswith("the ") or kind == "ratio":
        return None
    return 0 if np.abs(values).max(initial=0.0) >= 100 or (values % 1 == 0).all() else 1


def _as_it_needs(value):
    size = abs(value)
    return whole(value) if size >= 100 else f"{value:,.3g}" if size > 1e-6 else "0"


def _is_percentage(name):
    return is_share(name) and name not in PLAIN_RATIOS


def is_share(name: str) -> bool:
    """Whether a column or measure is a share, written as a percentage: its unit says so.

    Of measures that only a company knows, whose unit nobody states, the name ends in _ratio.
    """
    known = COLUMNS.get(name) or MEASURES.get(name)
    return str(name).endswith("_ratio") if known is None else known.unit == "ratio"
