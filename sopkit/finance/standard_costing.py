"""Standard cost: what a unit is worth, by material, inbound freight, labour and conversion."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex
from scipy.sparse import csr_array

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.dated import in_force
from sopkit.master_data.yields import routings_in_force
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays


@on_arrays
def standard_costs(
    unit_economics: ArrayTable,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> ArrayTable:
    """Value one unit at standard: material + inbound freight + hours x wage + conversion cost.

    The products that go into a product count at their own standard cost, beside its material. A
    product without routing costs its material; an empty `variable_cost` is no cost; without
    `resources` labour costs nothing.

    Returns
    -------
    product, period : standard_cost [money per unit]
    """
    cost = standard_cost(unit_economics, resources, routings, bill_of_materials)
    return ArrayTable(unit_economics.keys, unit_economics.months, {"standard_cost": cost})


def standard_cost(
    unit_economics: ArrayTable,
    resources: DataFrame | None,
    routings: DataFrame | None,
    bill_of_materials: DataFrame | None = None,
) -> np.ndarray:
    """What a unit costs at standard; see `standard_costs`: products x months [money per unit]."""
    cost = unit_economics["material_cost"] + inbound_freight_of_a_unit(unit_economics)
    if routings is not None:
        cost = cost + _making_cost(unit_economics.keys, unit_economics.months, routings, resources)
    if bill_of_materials is None:
        return cost
    return cost + _products_in(unit_economics.keys, bill_of_materials).T @ cost


def inbound_freight_of_a_unit(unit_economics: ArrayTable) -> np.ndarray:
    """The inbound freight in a unit's standard cost: products x months [money per unit]."""
    return np.nan_to_num(unit_economics["inbound_freight_cost"])


@remembered
def _products_in(products: Keys, bill_of_materials: DataFrame) -> csr_array:
    """Units of each product in a unit of each other, through all levels: products x products."""
    usage = usage_per_unit(bill_of_materials)
    codes = pd.Index(products["product"])
    row, column = (codes.get_indexer(pd.Index(usage[c])) for c in ("component", "product"))
    known = (row >= 0) & (column >= 0)
    units = usage["quantity_per_unit"].to_numpy()[known]
    return csr_array((units, (row[known], column[known])), (len(codes), len(codes)))


@remembered
def _making_cost(
    products: Keys, months: PeriodIndex, routings: DataFrame, resources: DataFrame | None
) -> np.ndarray:
    """What making a unit of each product costs, the mean over the ways to do each step: products x
    months."""
    ways, wage = routings_in_force(routings, months), np.zeros((1, len(months)))
    if resources is not None:
        wage = in_force(resources, ("resource",), months).on(ways)["regular_wage"]
    making = ways["hours_per_unit"] * wage + np.nan_to_num(ways["variable_cost"])
    return added_by_product(products, ways.keys, making * ways["units_worked"] * ways["share"])


def added_by_product(products: Keys, ways: Keys, values: np.ndarray) -> np.ndarray:
    """Numbers of ways of making added up by product; a product without routing has nothing.

    Returns
    -------
    products x months [as `values`]
    """
    row = pd.Index(products["product"]).get_indexer(pd.Index(ways["product"]))
    total = np.zeros((len(products), values.shape[1]))
    np.add.at(total, row[row >= 0], values[row >= 0])
    return total
