"""Discounts and spend of marketing activities, by product, market and month."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.tables.arrays import ArrayTable


def discounts(
    cells: ArrayTable, products: DataFrame, marketing_activities: DataFrame | None
) -> np.ndarray:
    """Find the share of the list price that activities take off; of several the largest.

    A discount holds from the activity's first to its last month, whenever its effect falls.

    Returns
    -------
    rows of `cells` (product, market) x months [ratio]
    """
    found = np.zeros(cells.shape)
    running = _running(marketing_activities)
    for each in running[running["discount_ratio"] > 0].itertuples():
        rows = _rows(cells.keys, products, each)
        run = _months(cells, each)
        found[rows] = np.maximum(found[rows], np.where(run, each.discount_ratio, 0.0))
    return found


def spending(
    cells: ArrayTable,
    sales: np.ndarray,
    products: DataFrame,
    marketing_activities: DataFrame | None,
) -> np.ndarray:
    """Spread the spend of each activity over its months, in equal parts.

    Within a month its products share it as they sell, in equal parts where nothing is sold. What an
    activity spends in a market without its products is borne by them in all markets.

    Parameters
    ----------
    sales : what spend is shared by, rows of `cells` x months [money]

    Returns
    -------
    rows of `cells` (product, market) x months [money]
    """
    spent = np.zeros(cells.shape)
    for each in _running(marketing_activities).itertuples():
        rows, run = _rows(cells.keys, products, each), _months(cells, each)
        if not rows.any():
            rows = _rows(cells.keys, products, each, anywhere=True)
        monthly = each.spend / (each.end_period.ordinal - each.start_period.ordinal + 1)
        sold = np.maximum(sales[rows], 0.0)
        total = sold.sum(axis=0)
        share = np.where(total > 0, sold / np.where(total > 0, total, 1.0), 1.0 / len(sold))
        spent[rows] += np.where(run, share * monthly, 0.0)
    return spent


def _running(marketing_activities):
    """The activities that are not cancelled."""
    if marketing_activities is None:
        columns = ("start_period", "end_period", "spend", "discount_ratio")
        return DataFrame({name: pd.Series(dtype=float) for name in columns})
    cancelled = marketing_activities["cancelled"].fillna(False).astype(bool)
    return marketing_activities[~cancelled]


def _months(cells, activity):
    """The months in which an activity runs: true or false."""
    month = cells.months.asi8
    first, last = activity.start_period.ordinal, activity.end_period.ordinal
    return (month >= first) & (month <= last)


def _rows(keys, products, activity, anywhere=False):
    """The products and markets of an activity: true or false."""
    one = not pd.isna(activity.product)
    of = products["product"] == activity.product if one else products["family"] == activity.family
    rows = keys.equal("product", *products.loc[of, "product"])
    return rows if anywhere else rows & keys.equal("market", activity.market)
