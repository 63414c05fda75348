"""The bill of materials through all levels."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sopkit.rules.remember import remembered


@remembered
def usage_per_unit(bill_of_materials: DataFrame) -> DataFrame:
    """Units of every component, through all levels, in one unit of every product.

    Returns
    -------
    product, component : quantity_per_unit [units per unit]

    Raises
    ------
    ValueError : a component is part of itself.
    """
    items, per_unit = bill_matrix(bill_of_materials)
    total = step = per_unit
    for _ in levels_of(items, per_unit)[1:]:
        step = per_unit @ step
        total = total + step
    total = total.tocoo()
    part, whole = total.coords
    return pd.DataFrame(
        {"product": items[whole], "component": items[part], "quantity_per_unit": total.data}
    )


@remembered
def bill_matrix(bill_of_materials: DataFrame) -> tuple[pd.Index, csr_array]:
    """Every item of the bill, and a matrix of units of the row's item in one unit of the column's.

    Returns
    -------
    items : in order of their codes
    per_unit : items x items [units per unit]
    """
    items = pd.Index(
        np.unique(bill_of_materials[["product", "component"]].to_numpy(dtype=object)), dtype="str"
    )
    part, whole = (items.get_indexer(bill_of_materials[c]) for c in ("component", "product"))
    quantity = bill_of_materials["quantity_per_unit"].to_numpy()
    return items, csr_array((quantity, (part, whole)), shape=(len(items), len(items)))


def in_a_circle(bill_of_materials: DataFrame) -> Series:
    """Find the rows of the bill that are part of a circle, in which a component contains itself.

    Returns
    -------
    true or false, by row of the bill
    """
    items, per_unit = bill_matrix(bill_of_materials)
    rows, columns = per_unit.tocoo().coords
    pattern = csr_array((np.ones(len(rows)), (rows, columns)), shape=per_unit.shape)
    _, circle = connected_components(pattern, directed=True, connection="strong")
    part, whole = (
        circle[items.get_indexer(bill_of_materials[c])] for c in ("component", "product")
    )
    return pd.Series(part == whole, index=bill_of_materials.index)


def levels_of(items: pd.Index, per_unit: csr_array) -> list[np.ndarray]:
    """Positions of the components of each level: below everything they go into.

    Returns
    -------
    positions in `items`, level by level from the top
    """
    part, whole = per_unit.tocoo().coords
    level = np.zeros(len(items), dtype=int)
    while True:
        below = level.copy()
        np.maximum.at(below, part, level[whole] + 1)
        if (below == level).all():
            return [np.flatnonzero(level == depth) for depth in range(1, level.max() + 1)]
        if below.max() >= len(items):
            raise ValueError(
                "bill_of_materials: a component must not be part of itself; "
                f"component={items[below.argmax()]} is\n"
                "  Remove the row that closes the circle."
            )
        level = below
