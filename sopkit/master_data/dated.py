"""Dated master data: the row of a table that is in force in each month.

A row is in force from `effective_from` until the next row of its key starts; a row without a date
is in force from the beginning. Before the first row starts, that row holds already.
"""

from functools import partial

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.joins import numbered, rows_of
from sopkit.tables.keys import Keys

DATE = "effective_from"
ALWAYS = -(10**6)  # the month number of a row without a date: before all dates
SPAN = 10**8  # more than the months between any two dates


@remembered
def in_force(table: DataFrame, key: tuple[str, ...], months: PeriodIndex) -> ArrayTable:
    """Lay a dated table out by month, each month with the row in force.

    Parameters
    ----------
    key : the columns that tell things apart, the date not among them

    Returns
    -------
    key, in order : the columns of the table, things x months
    """
    first, order, position = _positions(table, list(key), months.asi8)
    keys = table[list(key)].take(first).reset_index(drop=True)
    sequence = keys.sort_values(list(key)).index.to_numpy()
    rows = order[position[sequence]]

    def grid(name: str) -> np.ndarray:
        cells = table[name]
        if cells.dtype == bool:
            return cells.to_numpy()[rows]
        is_number = pd.api.types.is_numeric_dtype(cells.dtype)
        values = cells.to_numpy(dtype=float, na_value=np.nan) if is_number else cells.to_numpy()
        return values[rows]

    columns = {name: partial(grid, name) for name in table.columns if name not in key}
    return ArrayTable(Keys(keys.take(sequence)), months, columns)


@remembered
def once(table: DataFrame, *key: str) -> DataFrame:
    """One row for each thing, the first in force: for what does not change, such as a site.

    Returns
    -------
    the rows of the table, in its order, without `effective_from`
    """
    ordered = table.assign(_start=_starts(table)).sort_values("_start", kind="stable")
    rows = ordered.drop_duplicates(list(key)).index
    return table.loc[table.index.isin(rows), [c for c in table.columns if c != DATE]]


@remembered
def rows_in_force(table: DataFrame, key: tuple[str, ...], months: PeriodIndex) -> DataFrame:
    """The rows in force as a table of months.

    Returns
    -------
    key, period : the other columns of the table
    """
    return in_force(table, key, months).frame.drop(columns=DATE, errors="ignore")


def position_in_force(
    table: DataFrame, key: list[str], wanted: DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Find the row in force for each wanted key and `period`.

    Returns
    -------
    position in `table` [-1 where the key is unknown], whether that row has started
    """
    months = PeriodIndex(wanted["period"])
    distinct, month = np.unique(months.asi8, return_inverse=True)
    first, order, position = _positions(table, key, distinct)
    thing = rows_of(wanted, table[key].take(first), key)
    row = order[position[thing, month]] if len(order) else np.full(len(wanted), -1)
    row = np.where(thing >= 0, row, -1)
    started = np.append(_starts(table), ALWAYS)[row] <= months.asi8
    return row, started


def _starts(table: DataFrame) -> np.ndarray:
    """The month number from which each row holds."""
    if DATE not in table.columns:
        return np.full(len(table), ALWAYS)
    dates = PeriodIndex(table[DATE])
    return np.where(dates.isna(), ALWAYS, dates.asi8)


def _positions(
    table: DataFrame, key: list[str], months: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first row of each thing; the rows in order of thing and start; of each thing and month
    the place in that order."""
    thing, first = numbered(table, key)
    start = thing * SPAN + _starts(table)
    order = np.argsort(start, kind="stable")
    things = np.arange(len(first))[:, None]
    begun = np.searchsorted(start[order], things * SPAN + months[None, :], side="right") - 1
    begins = np.searchsorted(thing[order], things)
    return first, order, np.maximum(begun, begins)
