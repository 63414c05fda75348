"""Outlines: names that stand once a block, headings, and groups above their members.

In a pivot table in outline form a row that adds up the rows below it looks like one of them;
counted too, all units would be there twice.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.date_labels import label as read_label
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import is_total
from sopkit.intake.measures_down import are_measures
from sopkit.intake.rows import GROUP, LeftOut, filled_count, is_filled, left_out

FAMILY, DATE = "(family)", "(date)"  # the columns of the groups and months that an outline holds
BLOCKS = 0.3  # share of empty cells from which names stand once a block
FEWEST = 2  # columns of numbers that prove a sum
NEAR = 1e-6


def with_blocks_filled(frame: DataFrame, labels: list[str], notes: list[str]) -> DataFrame:
    """Fill names that stand once a block into the rows below; the last column of labels is whole.

    `labels` are the columns that name what the numbers are of, from left to right.
    """
    for name in labels[:-1]:
        codes, _ = distinct(frame[name])
        blank, starts = codes < 0, codes[codes >= 0]
        if blank.mean() < BLOCKS or blank[0] or len(np.unique(starts)) < len(starts):
            continue
        frame = filled_down(frame, name, blank, notes)
    return frame


def filled_down(frame: DataFrame, name: str, blank: np.ndarray, notes: list[str]) -> DataFrame:
    """Fill the names of a column into the blank rows below each."""
    places = np.maximum.accumulate(np.where(blank, 0, np.arange(len(blank))))
    times = len(blank) - blank.sum()
    notes.append(f"{name} stands once a block ({times:,} times) and is filled down")
    return frame.assign(**{name: frame[name].iloc[places].set_axis(frame.index)})


def under_headings(
    frame: DataFrame, label: str, left: list[LeftOut], notes: list[str]
) -> DataFrame:
    """Write the headings, rows that hold nothing but a name, into a column beside the rows below
    them: months, families, or the products whose measures those are."""
    named = is_filled(frame[label]).to_numpy()
    alone = named & (filled_count(frame) == 1)
    codes, values = distinct(frame[label])
    alone &= ~np.array([is_total(text_of(value)) for value in values] + [True])[codes]
    last = np.flatnonzero(~alone).max(initial=-1)  # what stands alone below it is a remark
    alone[last + 1 :] = False
    if alone.sum() < FEWEST or not alone[0] or (alone[1:] & alone[:-1]).any():
        return frame
    heads = frame[label].astype(object).where(alone).ffill()
    name, heads = _named_alike(heads)
    if name and name not in frame.columns:
        column = name
    elif are_measures(frame.loc[~alone, label]):
        column = GROUP
    elif all(read_label(text_of(value)) for value in heads.unique()):
        column = DATE
    else:
        column = FAMILY
    notes.append(f"{alone.sum():,} rows are headings of the rows below them: {heads.iloc[0]}")
    left.append(left_out("a heading", frame, alone))
    return frame.assign(**{column: heads})[~alone]


def _named_alike(heads: pd.Series) -> tuple[str, pd.Series]:
    """Headings that all say what they name, `Item: A-1`: that name, and each without it; else
    nothing, and the headings as they stand."""
    texts = {head: text_of(head).partition(":") for head in heads.unique()}
    names = {name.strip() if mark and rest.strip() else "" for name, mark, rest in texts.values()}
    if len(names) > 1 or names == {""}:
        return "", heads
    return names.pop(), heads.map({head: rest.strip() for head, (_, _, rest) in texts.items()})


def without_sums_above(
    frame: DataFrame, label: str, numbers: list[str], left: list[LeftOut]
) -> DataFrame:
    """Leave out rows that are the sum of the rows below them, where all rows are such blocks; the
    groups that they name become a column.

    Parameters
    ----------
    label : the only column of names
    numbers : the columns of numbers, all of which must add up
    """
    codes, values = distinct(frame[label])
    total = np.array([is_total(text_of(value)) for value in values] + [True])[codes]
    cells = frame.loc[~total, numbers].apply(pd.to_numeric, errors="coerce").fillna(0.0)
    above = _blocks(cells.to_numpy(dtype=float)) if len(numbers) >= FEWEST else None
    if above is None:
        return frame
    lines = np.flatnonzero(~total)
    sums = np.zeros(len(frame), bool)
    sums[lines[above == np.arange(len(above))]] = True
    named = frame[label].astype(object)
    groups = pd.Series(None, index=frame.index, dtype=object)
    groups.iloc[lines] = named.iloc[lines[above]].to_numpy()
    left.append(left_out("the sum of the rows below it", frame, sums))
    return frame.assign(**{FAMILY: groups})[~sums]


def _blocks(cells: np.ndarray) -> np.ndarray | None:
    """For each row the row that adds it up, itself where it is a sum; None where some row is in no
    block, or no block has two members."""
    above, row, largest = np.empty(len(cells), dtype=int), 0, 0
    while row < len(cells):
        sums = cells[row + 1 :].cumsum(axis=0)
        size = np.abs(cells[row]).sum()
        if not size:
            return None
        same = np.flatnonzero((np.abs(sums - cells[row]) <= NEAR * size).all(axis=1))
        if not len(same):
            return None
        members = same[-1] + 1  # rows of nothing at its end belong to the block
        above[row : row + members + 1] = row
        largest, row = max(largest, members), row + members + 1
    return above if largest > 1 else None
