"""Whether tables contain a change already: every cell that it moves has come as far, or further."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.dated import DATE, position_in_force
from sopkit.scenarios.changes import apply
from sopkit.schema.tables import TABLES

EARLIEST = Period("1900-01", "M")  # in force for a row without a date
CLOSE = 1e-6  # of the way a cell is moved


def contained(
    now: Mapping[str, DataFrame], before: Mapping[str, DataFrame], changes: DataFrame
) -> bool:
    """Check whether today's tables contain what changes do to the tables of the day they were
    decided on.

    A number contains a change that has moved at least as far in its direction; a choice, one that
    is the same. Rows that today's tables no longer have are left out; where none is left, nothing
    is contained.
    """
    after = apply(before, changes, idle_allowed=True)
    seen = [
        _as_far(now.get(name), before[name], after[name], name, column)
        for name, column in changes[["table", "column"]].drop_duplicates().itertuples(index=False)
    ]
    far = np.concatenate(seen)
    return bool(len(far) and far.all())


def _as_far(now, before, after, name, column):
    """Whether each cell of a column that was to move has moved so far today."""
    if now is None:
        return np.zeros(0, dtype=bool)
    old, new, today = (_cells(table, after, name, column) for table in (before, after, now))
    moved = ~_same(old, new)
    old, new, today = old[moved], new[moved], today[moved]
    known = np.array([value is not None for value in today], dtype=bool)
    old, new, today = old[known], new[known], today[known]
    return np.array([_reached(*cells) for cells in zip(old, new, today, strict=True)], dtype=bool)


def _reached(old, new, today):
    if any(isinstance(each, (str, bool)) or pd.isna(each) for each in (old, new, today)):
        return bool(_same(np.array([new], dtype=object), np.array([today], dtype=object))[0])
    return bool((today - old) / (new - old) >= 1 - CLOSE)


def _same(one, other):
    return np.array(
        [a is b or (pd.isna(a) and pd.isna(b)) or a == b for a, b in zip(one, other, strict=True)],
        dtype=bool,
    )


def _cells(table, wanted, name, column):
    """The cells of a column in force for each row that is wanted; None where there is no row."""
    key = [each for each in TABLES[name].key if each != DATE]
    if DATE in TABLES[name].key:
        months = wanted[DATE].fillna(EARLIEST)
        row, _ = position_in_force(table, key, wanted[key].assign(period=months))
    else:
        place = pd.MultiIndex.from_frame(table[key])
        row = place.get_indexer(pd.MultiIndex.from_frame(wanted[key]))
    values = table[column]
    if isinstance(values.dtype, pd.PeriodDtype):
        values = pd.Series(values.array.asi8, index=values.index)
    cells = np.empty(len(wanted), dtype=object)
    cells[:] = [None if place < 0 else values.iloc[place] for place in row]
    return cells
