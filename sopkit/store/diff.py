"""Compare two plans, table by table and row by row."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.tables import TABLES

SAME = 1e-9  # of a number: less is the same number


def tables(before: Mapping[str, DataFrame], after: Mapping[str, DataFrame]) -> DataFrame:
    """Count the changes in each table.

    Returns
    -------
    table : rows_before, rows_after, added, removed, changed [rows]; only tables that differ
    """
    counts = []
    for name in dict.fromkeys([*before, *after]):
        old, new = (_keyed(name, plan.get(name)) for plan in (before, after))
        both = old.index.intersection(new.index)
        changed = _differs(old.reindex(both), new.reindex(both)).any(axis=1).sum()
        counts.append(
            (name, len(old), len(new), len(new) - len(both), len(old) - len(both), int(changed))
        )
    frame = pd.DataFrame(
        counts, columns=["table", "rows_before", "rows_after", "added", "removed", "changed"]
    )
    return frame[frame[["added", "removed", "changed"]].any(axis=1)].reset_index(drop=True)


def rows(name: str, before: DataFrame | None, after: DataFrame | None) -> DataFrame:
    """List the cells of a table that changed; a row that only one side has shows all of its cells.

    Returns
    -------
    the table's key, column : before, after
    """
    old, new = (_keyed(name, frame) for frame in (before, after))
    every = old.index.union(new.index)
    old, new = old.reindex(every), new.reindex(every)
    sides = [
        frame.astype(object).reset_index(drop=True).melt(ignore_index=False, var_name="column")
        for frame in (old, new, _differs(old, new))
    ]
    before, after, differs = (side["value"] for side in sides)
    listed = sides[0][["column"]].assign(before=before.to_numpy(), after=after.to_numpy())
    listed = listed[differs.to_numpy(dtype=bool)].sort_index(kind="stable")
    keys = every.to_frame(index=False).loc[listed.index]
    return pd.concat([keys, listed], axis=1).reset_index(drop=True)


def told(rows: DataFrame) -> list[str]:
    """Write changed cells as lines: `TENT-2 main 2026-10 level  regular: 410 -> 455`."""
    key = [column for column in rows.columns if column not in ("column", "before", "after")]
    return [
        f"{' '.join('-' if pd.isna(row[k]) else str(row[k]) for k in key)}  {row['column']}: "
        f"{_written(row['before'])} -> {_written(row['after'])}"
        for row in rows.to_dict("records")
    ]


def _written(value):
    if pd.isna(value):
        return "nothing"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _keyed(name, frame):
    key, columns = list(TABLES[name].key), list(TABLES[name].columns)
    return (pd.DataFrame(columns=columns) if frame is None else frame).set_index(key)


def _differs(old, new):
    """Mark the cells that differ; two empty cells are the same."""
    marks = {}
    for column in old.columns:
        one, two = old[column], new[column]
        if pd.api.types.is_numeric_dtype(one) and not pd.api.types.is_bool_dtype(one):
            same = np.isclose(
                one.astype("float64"), two.astype("float64"), rtol=SAME, atol=SAME, equal_nan=True
            )
        else:
            one, two = (
                side.astype(object).where(side.notna(), None).to_numpy() for side in (one, two)
            )
            same = one == two
        marks[column] = ~np.asarray(same, dtype=bool)
    return pd.DataFrame(marks, index=old.index)
