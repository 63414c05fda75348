"""What volumes put on resources by their routings."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.yields import routings_in_force
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys


def routing_load(
    volume: ArrayTable, column: str, routings: DataFrame | None, resources: Keys
) -> tuple[np.ndarray, np.ndarray]:
    """Units and hours that volumes put on resources.

    A product passes every step of its routing; the resources that can do a step share it equally. A
    product without a routing takes no hours.

    Parameters
    ----------
    volume : a table by product, and maybe site or market, whose `column` is volume [good units]

    Returns
    -------
    resources x months [units], resources x months [hours]
    """
    if routings is None:
        nothing = np.zeros((len(resources), len(volume.months)))
        return nothing, nothing
    products = volume.by("product")
    of_resource, of_product, share, hours = _per_unit(
        routings, products.keys, resources, volume.months
    )
    units = share * products.sum(volume[column])[of_product]
    made, worked = np.zeros((2, len(resources), len(volume.months)))
    np.add.at(made, of_resource, units)
    np.add.at(worked, of_resource, units * hours)
    return made, worked


@remembered
def _per_unit(
    routings: DataFrame, products: Keys, resources: Keys, months: PeriodIndex
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The resource and the product of each way of making, its share of the product's units (a
    column), and the hours of a good unit (ways x months)."""
    ways = routings_in_force(routings, months)
    row = pd.Index(resources["resource"]).get_indexer(pd.Index(ways.keys["resource"]))
    column = pd.Index(products["product"]).get_indexer(pd.Index(ways.keys["product"]))
    known = (row >= 0) & (column >= 0)
    hours = ways["hours_per_unit"] * ways["units_worked"]
    return row[known], column[known], ways["share"][known], hours[known]
