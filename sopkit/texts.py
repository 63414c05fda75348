"""How tables keep their text while a plan is made again: where they are small, as Python's own strings (docs/adr/0016)."""

import numpy as np
import pandas as pd

PYTHON, ARROW = (pd.StringDtype(storage, na_value=np.nan) for storage in ("python", "pyarrow"))
MOST_ROWS = (
    400_000  # of all tables; with more, turning the text of every plan costs more than it saves
)


def quickest(tables):
    """The kind of text with which a plan from these tables is made soonest."""
    rows = sum(len(table) for table in tables.values() if table is not None)
    return PYTHON if rows <= MOST_ROWS else ARROW


def made_as(kind):
    """Let text that is made within be of that kind."""
    return pd.option_context("mode.string_storage", kind.storage)


def kept(tables, kind):
    """Tables with all their text kept as that kind.

    Returns
    -------
    dict of table name -> table, the same one where nothing is to be turned; None stays None
    """
    return {name: table if table is None else _kept(table, kind) for name, table in tables.items()}


def _kept(table, kind):
    texts = [
        c
        for c, dtype in table.dtypes.items()
        if isinstance(dtype, pd.StringDtype) and dtype != kind
    ]
    if not texts and table.columns.dtype == kind:
        return table
    table = table.assign(**{c: _turned(table[c].array, kind) for c in texts})
    return table.set_axis(table.columns.astype(kind), axis=1)


def _turned(cells, kind):
    """Cells as that kind; as Python's strings, equal cells are one and the same, so that many take little room."""
    if kind == ARROW:
        return cells.astype(kind)
    codes, texts = pd.factorize(cells)
    return pd.array(np.append(texts.to_numpy(dtype=object), np.nan)[codes], dtype=kind)
