"""Supply modes of products: which are served from stock, made or assembled to order, or not
storable, and what follows for stock.

An unknown mode is to stock.
"""

import numpy as np
from pandas import DataFrame, Series

from sopkit.rules.remember import remembered
from sopkit.tables.keys import Keys
from sopkit.tables.periods import MONTH_DAYS

ON_ORDER = ("to_order", "to_assemble")  # customers wait for what they have ordered
NOT_STORABLE = "not_storable"  # nothing is in stock at a month's end


@remembered
def is_on_order(products: DataFrame, keys: Keys) -> np.ndarray:
    """Whether the product of each row is made or assembled after the customer has ordered."""
    return _modes(products, keys).isin(ON_ORDER).to_numpy()


@remembered
def is_storable(products: DataFrame, keys: Keys) -> np.ndarray:
    """Whether the product of each row can be in stock at a month's end."""
    return (_modes(products, keys) != NOT_STORABLE).to_numpy()


@remembered
def has_stock_policy(products: DataFrame, keys: Keys) -> np.ndarray:
    """Whether safety stock and targets apply: the product of the row is served from stock."""
    return ~is_on_order(products, keys) & is_storable(products, keys)


@remembered
def order_lead_days(products: DataFrame, keys: Keys) -> np.ndarray:
    """Days from a customer's order to its due day, of products made or assembled to order.

    Returns
    -------
    days, by row; nan where nothing is said, or the product is not on order
    """
    days = products.set_index("product")["order_lead_time_days"].reindex(keys["product"])
    return np.where(
        is_on_order(products, keys), days.to_numpy(dtype=float, na_value=np.nan), np.nan
    )


@remembered
def order_lead_months(products: DataFrame, keys: Keys) -> np.ndarray:
    """The same in months: so far ahead of its due day a unit may be made, no longer."""
    return order_lead_days(products, keys) / MONTH_DAYS


def _modes(products: DataFrame, keys: Keys) -> Series:
    return products.set_index("product")["supply_mode"].reindex(keys["product"]).astype("object")
