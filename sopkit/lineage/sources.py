"""Location, author and content of input rows."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.versions import CURRENT, current
from sopkit.schema.cells import unit, written
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables.hierarchies import memberships

WHO, WHY = ("author", "owner", "responsible"), ("reason", "note", "statement")
NAMES = 3  # shown of several
BUDGETED = ["family", "period"]
SHOWN_LINES = 4


def places(
    name: str,
    rows: DataFrame,
    file: tuple[DataFrame, str] | None,
    product_groups: DataFrame | None = None,
) -> tuple[str, bool]:
    """Name the file and lines of rows, by their keys; `file` is the result of `readers.located`.

    A family's budget that the file does not have is a part of the nearest group's.

    Returns
    -------
    (text, whether the file now says something else than the rows)
    """
    if file is None or rows.empty:
        return "", False
    table, source = file
    table = current(name, table) if name in CURRENT else table
    if name == "budget" and product_groups is not None:
        split = rows[_absent(rows, table)]
        if len(split):
            return _of_groups(split, table, source, product_groups)
    key, columns = list(TABLES[name].key), list(TABLES[name].columns)
    there = table[columns].assign(line=table.index).drop_duplicates(key)
    found = rows[columns].merge(
        there, on=key, how="left", suffixes=("", "_there"), validate="many_to_one"
    )
    known = found["line"].notna()
    others = [c for c in columns if c not in key]
    differs = known & False
    for column in others:
        ours, theirs = found[column], found[f"{column}_there"]
        differs |= known & ~(
            (ours == theirs).fillna(False).astype(bool) | ours.isna() & theirs.isna()
        )
    lines = sorted(set(found.loc[known, "line"].astype(int)))
    text = f"{source}{_lines(lines)}" if lines else ""
    remarks = [(~known, "not in the tables now"), (differs, "other numbers there")]
    said = [
        f"{mark.sum():,} {remark}" if len(rows) > 1 else remark
        for mark, remark in remarks
        if mark.any()
    ]
    return ", ".join([text, *said] if text else said), bool(differs.any() or (~known).any())


def _absent(rows: DataFrame, table: DataFrame) -> np.ndarray:
    """Mark the families' budgets that a file does not have."""
    own, there = (pd.MultiIndex.from_frame(one[BUDGETED]) for one in (rows, table))
    return ~own.isin(there)


def _of_groups(
    rows: DataFrame, table: DataFrame, source: str, product_groups: DataFrame
) -> tuple[str, bool]:
    """Name the lines of the groups that families' budgets are parts of, and whether there are
    none."""
    above = rows[BUDGETED].merge(memberships(product_groups), left_on="family", right_on="member")
    lines = table[BUDGETED].assign(line=table.index)
    found = above.merge(lines, left_on=["product_group", "period"], right_on=BUDGETED)
    found = found.drop_duplicates(["member", "period"])  # the nearest group
    if found.empty:
        return "not in the tables now", True
    names = " and ".join(found["product_group"].unique())
    numbers = sorted(set(found["line"].astype(int)))
    return f"{source}{_lines(numbers)}, split from {names}", len(found) < len(rows)


def _lines(lines):
    """Write line numbers, a run of them as its ends: 2, 5-9."""
    runs = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    more = (
        f" and {len(lines) - sum(b - a + 1 for a, b in runs[:SHOWN_LINES]):,} more"
        if len(runs) > SHOWN_LINES
        else ""
    )
    return f"{'s' * (len(lines) > 1)} {', '.join(texts[:SHOWN_LINES])}{more}"


def authors(rows: DataFrame) -> tuple[str, str]:
    """Who made the rows, and why."""
    return _distinct(rows, WHO), _distinct(rows, WHY)


def _distinct(rows, words):
    word = next((word for word in words if word in rows.columns and rows[word].notna().any()), None)
    if word is None:
        return ""
    texts = list(rows[word].dropna().unique())
    more = f" and {len(texts) - NAMES:,} more" if len(texts) > NAMES else ""
    return "; ".join(texts[:NAMES]) + more


def content(name: str, rows: DataFrame, column: str) -> str:
    """List the other numbers and choices of one row, in the order of the table."""
    row = rows.iloc[0]
    kinds = ("number", "whole", "choice", "flag")
    columns = [c for c in TABLES[name].columns if c not in TABLES[name].key and c != column]
    filled = [c for c in columns if COLUMNS[c].kind in kinds and pd.notna(row[c])]
    return ", ".join(
        f"{c} {written(rows[c]).iloc[0]}{' %' * (unit(rows[c]) == '%')}" for c in filled
    )
