"""How the cells of a table are written: places, units, labels, and the marks of what is bad."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import capitalised, in_currency, period_labels, whole
from sopkit.schema.glossary import TERMS, label
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
BAD = {  # values that are marked as bad
    "state": ("late", "failed"),
    "stock_position": ("below_safety",),
    "severity": ("critical",),
    "assessment": ("worsens",),
    "on_target": ("missed",),
}


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
    if _is_percentage(column.name):
        return "%"
    known, term = COLUMNS.get(column.name), TERMS.get(("", str(column.name)))
    word = term if known is None else known if known.kind in ("number", "whole") else None
    if word is None:
        return ""
    said = "" if word.unit.startswith("the ") else word.unit
    return in_currency(said)


def is_prose(column: Series) -> bool:
    """Whether a column holds sentences, which may break into lines; codes and months stay whole."""
    return not is_numeric_dtype(column) and column.astype("str").str.len().max() > LONGEST_NAME


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
        named = period_labels()
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
