"""The bill of materials through all levels."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.sparse import csr_array, diags_array
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
    total = _through_all_levels(items, per_unit).tocoo()
    part, whole = total.coords
    return pd.DataFrame(
        {"product": items[whole], "component": items[part], "quantity_per_unit": total.data}
    )


def _through_all_levels(items: pd.Index, per_unit: csr_array) -> csr_array:
    """Units of every item in one unit of every other, through all levels."""
    total = step = per_unit
    for _ in levels_of(items, per_unit)[1:]:
        step = per_unit @ step
        total = total + step
    return total


@remembered
def stocked_usage(
    bill_of_materials: DataFrame,
    products: DataFrame,
    components: DataFrame | None = None,
    sources: DataFrame | None = None,
) -> DataFrame:
    """Units of each item with a stock of its own that go into a unit of each product or component.

    Such items are products, what `components` or `sources` name, and what has no components. An
    assembly that is none of these is made with its parent: what goes into it goes into the parent.

    Returns
    -------
    parent, item : quantity_per_unit [units per unit]
    """
    items, per_unit = bill_matrix(bill_of_materials)
    stocked = items.isin(products["product"]) | ~items.isin(bill_of_materials["product"])
    for table, code in ((components, "component"), (sources, "item")):
        if table is not None:
            stocked |= items.isin(table[code])
    total = step = per_unit
    phantom = diags_array((~stocked).astype(float)).tocsr()
    while step.nnz:
        step = per_unit @ phantom @ step
        step.eliminate_zeros()
        total = total + step
    total = total.tocoo()
    part, whole = total.coords
    kept = stocked[part] & stocked[whole]
    rows = {"parent": items[whole[kept]], "item": items[part[kept]]}
    return pd.DataFrame({**rows, "quantity_per_unit": total.data[kept]})


@remembered
def co_products(bill_of_materials: DataFrame) -> DataFrame:
    """Units of each co-product that come with a unit of each product.

    Returns
    -------
    parent, item : quantity_per_unit [units per unit]
    """
    columns = {"product": "parent", "component": "item"}
    rows = bill_of_materials[_is_co_product(bill_of_materials)].rename(columns=columns)
    return rows[[*columns.values(), "quantity_per_unit"]].reset_index(drop=True)


def _is_co_product(bill_of_materials: DataFrame) -> np.ndarray:
    if "co_product" not in bill_of_materials:
        return np.zeros(len(bill_of_materials), dtype=bool)
    return bill_of_materials["co_product"].fillna(False).to_numpy(dtype=bool)


@remembered
def bill_matrix(bill_of_materials: DataFrame) -> tuple[pd.Index, csr_array]:
    """Every item of the bill, and a matrix of units of the row's item in one unit of the column's.

    Co-products are items, but go into nothing.

    Returns
    -------
    items : in order of their codes
    per_unit : items x items [units per unit]
    """
    items = pd.Index(
        np.unique(bill_of_materials[["product", "component"]].to_numpy(dtype=object)), dtype="str"
    )
    used = bill_of_materials[~_is_co_product(bill_of_materials)]
    part, whole = (items.get_indexer(used[c]) for c in ("component", "product"))
    quantity = used["quantity_per_unit"].to_numpy()
    return items, csr_array((quantity, (part, whole)), shape=(len(items), len(items)))


def in_a_circle(bill_of_materials: DataFrame) -> Series:
    """Find the rows of the bill that are part of a circle, in which a component contains itself.

    Returns
    -------
    true or false, by row of the bill
    """
    items = bill_matrix(bill_of_materials)[0]
    place = tuple(items.get_indexer(bill_of_materials[c]) for c in ("component", "product"))
    pattern = csr_array((np.ones(len(place[0])), place), shape=(len(items), len(items)))
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
            return [np.flatnonzero(level == depth) for depth in range(1, level.max(initial=0) + 1)]
        if below.max(initial=-1) >= len(items):
            raise ValueError(
                "bill_of_materials: a component must not be part of itself; "
                f"component={items[below.argmax()]} is\n"
                "  Remove the row that closes the circle."
            )
        level = below
