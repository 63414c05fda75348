"""How a column is written for a reader: its unit, its cells."""

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label

MISSING = "–"
LONGEST_NAME = 28  # characters; longer text is prose
PLAIN_RATIOS = ("mase", "tracking_signal")  # every other ratio reads better as a percentage
MATERIAL = 0.5  # units; less is a rounding error of the solver
WRONG = {  # numbers that ought to be zero, and what it is called when they are not
    "backlog": "late", "late": "late", "late_days": "late", "lost_sales": "lost", "shortfall": "short",
    "shortage": "short", "overpromised": "over",
}  # fmt: skip
GRAVE = {  # words that say by themselves that something is wrong
    "state": ("late", "failed"), "stock_position": ("below_safety",), "severity": ("high",), "verdict": ("hurts",),
    "met": ("missed",),
}  # fmt: skip


def marks(column, cells):
    """Say what is wrong with each cell: a word beside a number, "" where the cell itself says it, None if nothing is.

    `cells` is the column as it is written: what is written as 0 is not below it.
    """
    name = column.name
    if unit(column) is None:
        return [
            "" if cell in GRAVE.get(name, ()) else None for cell in column.astype("str").fillna("")
        ]
    wrong = column.gt(1.0005 if name == "utilisation_ratio" else MATERIAL).fillna(False)
    word = "over" if name == "utilisation_ratio" else WRONG.get(name)
    below = cells.str.startswith("-")
    return [
        word if word and is_wrong else "" if is_below else None
        for is_wrong, is_below in zip(wrong, below, strict=True)
    ]


def unit(column):
    """Say the unit of a column of numbers; None for anything else."""
    if not is_numeric_dtype(column) or is_bool_dtype(column):
        return None
    word = COLUMNS.get(column.name)
    if _is_percentage(column.name):
        return "%"
    if word is None or word.kind not in ("number", "whole"):
        return ""
    return "" if word.unit.startswith("the ") else word.unit


def is_prose(column):
    """Whether a column holds sentences, which may break into lines; codes, names and months stay whole."""
    return not is_numeric_dtype(column) and column.astype("str").str.len().max() > LONGEST_NAME


def written_table(frame):
    """Write every cell of a table as text; a column in `the measure's unit` row by row, in that measure's."""
    return pd.DataFrame(
        {name: _written_in(frame, name) for name in frame.columns}, index=frame.index
    )


def _written_in(frame, name):
    column, word = frame[name], COLUMNS.get(name)
    if "measure" not in frame or word is None or word.unit != "the measure's unit":
        return written(column)
    cells, numbers = np.full(len(frame), MISSING, dtype=object), column.to_numpy("float64")
    for measure, rows in frame.groupby("measure").indices.items():
        known = rows[~np.isnan(numbers[rows])]
        ending = " %" if _is_percentage(measure) else ""
        cells[known] = [number + ending for number in _numbers(measure, numbers[known])]
    return pd.Series(cells, index=frame.index, name=name)


def written(column):
    """Write every cell of a column as text."""
    known = column.notna()
    if not is_numeric_dtype(column) or is_bool_dtype(column):
        return _texts(column).where(known, MISSING)
    cells = np.full(len(column), MISSING, dtype=object)
    cells[known.to_numpy()] = _numbers(column.name, column[known].to_numpy("float64"))
    return pd.Series(cells, index=column.index, name=column.name)


def _texts(column):
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.strftime("%b %Y").astype(object)
    if is_datetime64_any_dtype(column):
        return column.dt.strftime("%d %b %Y").str.lstrip("0").astype(object)
    if is_bool_dtype(column):
        return column.astype(object).map({True: "yes", False: "no"})
    words = column.astype(object).map(str)
    return words.map(lambda word: label(word, of=column.name)) if _is_coded(column.name) else words


def _is_coded(name):
    """Whether the values are the workbook's own names (phase_out, inventory_value), not the company's."""
    return name == "measure" or (name in COLUMNS and COLUMNS[name].kind == "choice")


def _numbers(name, numbers):
    """Write numbers, none of them missing, as those of a column of that name.

    Returns
    -------
    list of texts
    """
    numbers = numbers * (100 if _is_percentage(name) else 1)
    digits = _digits(name, numbers)
    if digits is None:
        return [_as_it_needs(number) for number in numbers]
    return [f"{number:,.{digits}f}" for number in numbers.round(digits) + 0.0]


def _digits(name, numbers):
    """The decimals of a column: the same in each cell, so that digits stand under one another."""
    word = COLUMNS.get(name)
    kind = word.unit if word and word.kind in ("number", "whole") else ""
    if _is_percentage(name):
        return 1
    if kind.startswith("money per") or name in PLAIN_RATIOS:
        return 2
    if (word and word.kind == "whole") or kind == "money":
        return 0
    if kind.startswith("the ") or kind == "ratio":
        return None
    return 0 if np.abs(numbers).max(initial=0.0) >= 100 or (numbers % 1 == 0).all() else 1


def _as_it_needs(number):
    return (
        f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.3g}" if abs(number) > 1e-6 else "0"
    )


def _is_percentage(name):
    is_ratio = str(name).endswith("_ratio") or (name in COLUMNS and COLUMNS[name].unit == "ratio")
    return is_ratio and name not in PLAIN_RATIOS
