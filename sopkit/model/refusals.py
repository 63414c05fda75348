"""Refuse rows about things that the tables they refer to do not have."""

import numpy as np
from pandas import DataFrame

from sopkit.tables.keys import Keys, rows_in


def refuse_others(keys: Keys, others: Keys, name: str) -> None:
    """Refuse rows of a table of products at sites that are not held there."""
    rule = "product and site must be together in item_locations"
    refuse(rows_in(others, keys) < 0, others.frame, name, rule)


def refuse(broken: np.ndarray, table: DataFrame, name: str, rule: str) -> None:
    """Refuse a table with broken rows.

    Raises
    ------
    ValueError : any row is broken; the first of them is named.
    """
    if np.any(broken):
        row = table[np.asarray(broken)].iloc[0]
        keys = "  ".join(
            f"{c}={row[c]}" for c in ("product", "site", "market", "resource") if c in table.columns
        )
        raise ValueError(f"{name}: {rule}; {np.sum(broken)} of {len(table)} rows are not: {keys}")
