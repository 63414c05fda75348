"""The rows of an export as a table by column name, and rows that are left out of it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.grid import text_of

PERIOD, MEASURE, GROUP = "(period)", "(quantity)", "(group)"


class LeftOut(NamedTuple):
    """Lines that are not used: why, how many, the first of them, and their units where known."""

    reason: str
    lines: int
    examples: tuple[str, ...]
    units: float = 0.0


class Table(NamedTuple):
    """A table of an export.

    frame : columns by name, labelled by line; a period across is the column `(period)`, its only
        measure `(quantity)`
    source : where it was read
    size : day, week, month or quarter of the periods across, else nothing
    measures : the columns that stood under periods
    left_out : lines that are not in the frame
    notes : what was found and done
    """

    frame: DataFrame
    source: str
    size: str = ""
    measures: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def amount(number: float, sign: str = "") -> str:
    """Write units to hundredths, as ledgers do: `1,776.14`; less than one unit in full.

    `sign` is `+` where the sign is always shown.
    """
    places = 2 if abs(number) >= 1 else 6
    return f"{round(float(number), places):{sign},.12g}"


def left_out(reason: str, frame: DataFrame, rows: np.ndarray, units: float = 0.0) -> LeftOut:
    """Record rows that are left out, with the first of them as they stand."""
    examples = []
    for line, cells in frame[rows].head(3).iterrows():
        known = [v for v in cells if v is not None and v == v and str(v).strip()]
        texts = [amount(v).replace(",", "") if isinstance(v, float) else text_of(v) for v in known]
        examples.append(f"line {line}: {', '.join(texts)[:80]}")
    return LeftOut(reason, int(rows.sum()), tuple(examples), units)


def is_filled(cells: Series) -> Series:
    """Say which cells of a column hold anything but blanks."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        names = cells.cat.categories.tolist()
        has = np.array([*(str(name).strip() != "" for name in names), False])
        return pd.Series(has[cells.cat.codes.to_numpy()], index=cells.index)
    if cells.dtype == object:
        return cells.map(lambda v: v is not None and v == v and str(v).strip() != "").astype(bool)
    return cells.notna()


def filled_count(frame: DataFrame) -> np.ndarray:
    """Count the cells of each row that hold anything but blanks."""
    counted = np.zeros(len(frame), dtype="int32")
    for name in frame.columns:
        counted += is_filled(frame[name]).to_numpy()
    return counted
