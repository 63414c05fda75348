"""Lead times in months, and open purchase orders by month."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.tables.periods import MONTH_DAYS


def lead_months(lead_time_days: Series) -> np.ndarray:
    """Lead times in whole months, the nearest.

    Returns
    -------
    whole months, by row
    """
    return np.floor(lead_time_days.to_numpy() / MONTH_DAYS + 0.5).astype(int)


def open_receipts(
    items: pd.Index, months: pd.PeriodIndex, open_purchase_orders: DataFrame | None = None
) -> np.ndarray:
    """Units of each item on order by due month; overdue orders count in the first.

    Returns
    -------
    items x months [units]
    """
    grid = np.zeros((len(items), len(months)))
    if open_purchase_orders is None:
        return grid
    row = items.get_indexer(open_purchase_orders["component"])
    month = open_purchase_orders["due_day"].dt.to_period("M").array.asi8 - months[0].ordinal
    planned = (row >= 0) & (month < len(months))
    quantity = open_purchase_orders["quantity"].to_numpy()[planned]
    np.add.at(grid, (row[planned], np.maximum(month[planned], 0)), quantity)
    return grid
