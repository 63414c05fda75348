"""What the demand plan takes of each item, through all levels of the bill of materials."""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.bom import usage_per_unit
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys


def requirements(
    items: pd.Index, demand: ArrayTable, bill_of_materials: DataFrame | None
) -> np.ndarray:
    """Units of each item that the demand plan takes, for sale and in products, stock aside.

    Returns
    -------
    items x months [units]
    """
    products = demand.by("product")
    wanted = products.sum(demand["total_demand"])
    needed = _sold(items, products.keys) @ wanted
    if bill_of_materials is None:
        return needed
    return needed + _used(items, products.keys, bill_of_materials) @ wanted


def gross_demand(demand_plan: ArrayTable, bill_of_materials: DataFrame | None) -> ArrayTable:
    """Demand of each product: what is sold, and what goes into the products that are sold.

    Returns
    -------
    product, period : gross_demand [units]
    """
    products = demand_plan.by("product").keys
    items = _codes(products)
    units = requirements(items, demand_plan, bill_of_materials)
    return ArrayTable(products, demand_plan.months, {"gross_demand": units})


@remembered
def _codes(products: Keys) -> pd.Index:
    return pd.Index(products["product"])


@remembered
def _sold(items: pd.Index, products: Keys) -> csr_array:
    column = np.arange(len(products))
    row = items.get_indexer(_codes(products))
    known = row >= 0
    place = (row[known], column[known])
    return csr_array((np.ones(known.sum()), place), (len(items), len(products)))


@remembered
def _used(items: pd.Index, products: Keys, bill_of_materials: DataFrame) -> csr_array:
    usage = usage_per_unit(bill_of_materials)
    row = items.get_indexer(pd.Index(usage["component"]))
    column = _codes(products).get_indexer(pd.Index(usage["product"]))
    known = (row >= 0) & (column >= 0)
    units = usage["quantity_per_unit"].to_numpy()[known]
    return csr_array((units, (row[known], column[known])), (len(items), len(products)))
