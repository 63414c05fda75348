"""How tables keep their text while a plan is made again: as Python's own strings instead of Arrow's (docs/adr/0016)."""

import numpy as np
import pandas as pd

PYTHON, ARROW = (pd.StringDtype(storage, na_value=np.nan) for storage in ("python", "pyarrow"))


def as_python():
    """Let text that is made within be Python's own strings."""
    return pd.option_context("mode.string_storage", "python")


def kept(tables, kind):
    """Tables with all their text kept as that kind.

    Returns
    -------
    dict of table name -> table, as in `tables`; one that is None stays so
    """
    return {name: table if table is None else _kept(table, kind) for name, table in tables.items()}


def _kept(table, kind):
    texts = [c for c, dtype in table.dtypes.items() if isinstance(dtype, pd.StringDtype)]
    table = table.assign(**{c: table[c].astype(kind) for c in texts})
    return table.set_axis(table.columns.astype(kind), axis=1)
