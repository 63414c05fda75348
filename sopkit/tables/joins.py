"""The one join of the workbook."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.tables import DIMENSIONS
from sopkit.tables.issues import SHOWN_ROWS, row_key


def attach(left: DataFrame, right: DataFrame, default: object = None) -> DataFrame:
    """Add the columns of `right` to each row of `left`, joined on every dimension they share.

    The only join of the workbook: many rows of `left` to exactly one of `right`. `absent` is the
    value that a row of `left` without a match gets in the added columns; without it such rows are
    refused.

    Raises
    ------
    ValueError : nothing to join on, `right` has two rows for one key, rows of `left` find no match,
        or both tables hold a measure of the same name.
    """
    on = [c for c in left.columns if c in right.columns and c in DIMENSIONS]
    both = [c for c in left.columns if c in right.columns and c not in on]
    if not on or both:
        raise ValueError(
            f"attach: the tables share the key {on} and also hold {both} both; select the columns "
            "meant"
        )
    place = rows_of(left, right, on)
    unmatched = place < 0
    if unmatched.any() and default is None:
        rows = "; ".join(row_key(row, on) for _, row in left[unmatched].head(SHOWN_ROWS).iterrows())
        raise ValueError(f"attach: {unmatched.sum()} of {len(left)} rows have no match: {rows}")
    measures = right.drop(columns=on)
    if not unmatched.any():
        return left.assign(**{c: measures[c].array.take(place) for c in measures.columns})
    added = measures.set_axis(range(len(right))).reindex(place)
    added.loc[-1, :] = default
    return left.assign(**{c: added[c].array for c in added.columns})


def rows_of(left: DataFrame, right: DataFrame, on: list[str]) -> np.ndarray:
    """Find the position of the row of `right` that each row of `left` belongs to, -1 if none does.

    Raises
    ------
    ValueError : `right` has two rows for one key.
    """
    wanted, numbers = _numbered(left, right, on)
    known = pd.Index(numbers)
    if not known.is_unique:
        raise ValueError(f"two rows to join for {row_key(right[known.duplicated()].iloc[0], on)}")
    return known.get_indexer(wanted)


def numbered(frame: DataFrame, key: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct keys of a table as they come.

    Returns
    -------
    (number of each row's key; the first row of each key)
    """
    codes, _ = pd.factorize(_numbers([frame[column].array for column in key], len(frame)))
    return codes, np.unique(codes, return_index=True)[1]


def _numbered(left, right, on):
    """Number the rows of two tables by their keys: equal keys have equal numbers.

    Returns
    -------
    (number of each row of `left`, of `right`)
    """
    both = [_stacked(left[column].array, right[column].array) for column in on]
    number = _numbers(both, len(left) + len(right))
    return number[: len(left)], number[len(left) :]


def _numbers(columns, rows):
    number = np.zeros(rows, dtype="int64")
    for cells in columns:
        codes, values = pd.factorize(cells)
        number = number * (len(values) + 1) + codes + 1
    return number


def _stacked(above, below):
    if above.dtype == below.dtype:
        return above._concat_same_type([above, below])  # pd.concat takes three times as long
    return pd.concat([pd.Series(above), pd.Series(below)]).array
