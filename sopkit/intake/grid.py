"""A sheet as it stands in its file: cells by row and column, nothing decided yet."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.tables.issues import SHOWN_ROWS, shown

MAX_ROWS, MAX_COLUMNS = 20_000_000, 2_000


class Grid(NamedTuple):
    """The cells of a file, or of one sheet of a workbook.

    cells : columns are numbered from 0; labelled by line of the file or row of the sheet, from 1.
        Text is a category; a spreadsheet's column holds objects, a database's or Parquet's its type
    source : the file, and the sheet
    hidden : rows of the sheet that its reader does not see
    merged : (first row, first column, last row, last column), rows from 1
    notes : what was found out about the file itself
    names : the columns' names, where the source knows them and they are no cells
    """

    cells: DataFrame
    source: str
    hidden: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def frame_of(rows: Mapping[int, list[Any]]) -> DataFrame:
    """The cells of a sheet, by row as they stand in the file; shorter rows end with empty cells."""
    width = max(map(len, rows.values()))
    full = [row + [None] * (width - len(row)) for row in rows.values()]
    frame = DataFrame(full, columns=range(width), dtype=object)
    return frame.set_axis(pd.Index(list(rows), dtype="int64"))


def distinct(cells: Series) -> tuple[np.ndarray, list[Hashable]]:
    """Number the distinct cells of a column: a few thousand stand for millions.

    Returns
    -------
    (number of each cell, -1 where it is empty; the cells, text without blanks around it)
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        codes, values = cells.cat.codes.to_numpy(), cells.cat.categories.tolist()
        if all(isinstance(text, str) and text and text == text.strip() for text in values):
            return _used(codes, values)
    else:
        codes, values = pd.factorize(cells)
    known: dict[tuple[type, Hashable], int] = {}
    place = np.full(len(values) + 1, -1)
    kept: list[Hashable] = []
    used = counts(codes, len(values))
    for old, cell in enumerate(values):
        if not used[old]:
            continue
        value = cell.strip() if isinstance(cell, str) else _plain(cell)
        if value is None or value == "":
            continue
        key = (str if isinstance(value, str) else float, value)
        if key not in known:
            known[key] = len(kept)
            kept.append(value)
        place[old] = known[key]
    return place[codes], kept


def _used(codes, values):
    """Leave out the values that no cell has."""
    is_used = counts(codes, len(values)) > 0
    place = np.append(np.where(is_used, is_used.cumsum() - 1, -1), -1)
    return place[codes], [value for value, used in zip(values, is_used, strict=True) if used]


def _plain(cell):
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def text_of(value: Hashable) -> str:
    """Write a cell as a person would read it: whole numbers without a point, days without a
    time."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def texts(cells: Series) -> Series:
    """Write every cell of a column as text, as a category; empty cells are missing."""
    codes, values = distinct(cells)
    written, names = pd.factorize(np.array([text_of(value) for value in values], dtype=object))
    places = np.append(written, -1)[codes]
    return Series(pd.Categorical.from_codes(places, names), index=cells.index)


def refused(cells: Series, bad: np.ndarray, rule: str, remedy: str) -> ValueError:
    """Word the refusal of cells of a column: how many, and the lines of the first.

    `bad` says of each distinct cell, as `distinct` numbers them, whether it is refused.
    """
    codes, values = distinct(cells)
    rows = np.flatnonzero(np.append(bad, False)[codes])
    first = "; ".join(
        f"line {cells.index[row]}: {shown(text_of(values[codes[row]]))}"
        for row in rows[:SHOWN_ROWS]
    )
    return ValueError(f"{rule} in {len(rows):,} of {len(codes):,} lines ({first}). {remedy}")


def counts(codes: np.ndarray, size: int) -> np.ndarray:
    """Count the cells of each distinct value."""
    return np.bincount(codes[codes >= 0], minlength=size)
