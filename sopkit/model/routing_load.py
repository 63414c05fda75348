"""What volumes put on resources by their routings."""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.economics import ways_to_do
from sopkit.master_data.yields import units_worked
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable, Keys


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
    units, hours = _per_unit(routings, products.keys, resources)
    total = products.sum(volume[column])
    return units @ total, hours @ total


@remembered
def _per_unit(routings: DataFrame, products: Keys, resources: Keys) -> tuple[csr_array, csr_array]:
    """Of a unit of each product, what each resource makes [units] and works [hours]."""
    share = 1.0 / ways_to_do(routings).to_numpy()
    row = pd.Index(resources["resource"]).get_indexer(pd.Index(routings["resource"]))
    column = pd.Index(products["product"]).get_indexer(pd.Index(routings["product"]))
    known, shape = (row >= 0) & (column >= 0), (len(resources), len(products))
    place = (row[known], column[known])
    hours = share * routings["hours_per_unit"].to_numpy(dtype=float) * units_worked(routings)
    return csr_array((share[known], place), shape), csr_array((hours[known], place), shape)
