"""What a product's supply mode means for the stock of the plan."""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.supply_modes import is_on_order, order_lead_days
from sopkit.model.parameters import Stocks
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable


@remembered
def order_window(
    products: DataFrame, stocks: Stocks, demand: np.ndarray, inventory_targets: ArrayTable
) -> np.ndarray:
    """The most stock of what is made or assembled to order: what falls due within the order lead
    time, for nobody has ordered more; opening stock may wait longer for its customers.

    Parameters
    ----------
    demand : of the markets that count on each stock, stocks x months [units]

    Returns
    -------
    stocks x months [units]; inf where stock may be built ahead, or no order lead time is known
    """
    bound = is_on_order(products, stocks.keys)
    bound = bound & np.isfinite(order_lead_days(products, stocks.keys))
    level = inventory_targets.on(ArrayTable(stocks.keys, inventory_targets.months, {}), default=0.0)
    left = np.maximum(stocks.on_hand[:, None] - demand.cumsum(axis=1), 0.0)
    return np.where(bound[:, None], np.maximum(level["max_inventory"], left), np.inf)
