"""How far changes move prices from the price list of the company, so that demand can answer.

Demand answers a price that changes, not the price: so what `item_costs` says after a change is
compared with what it said before, and kept as the table `price_changes`.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.dated import DATE, position_in_force
from sopkit.tables import conform

NAME, PRICES = "price_changes", "item_costs"
KEY = ["product", "market"]


def moved_prices(before: DataFrame, after: DataFrame, known: DataFrame | None) -> DataFrame:
    """Compare two states of `item_costs`, one made of the other by changes.

    Parameters
    ----------
    known : what earlier changes moved already, which those of now come on top of

    Returns
    -------
    product, market, effective_from : price_ratio; of a product whose price moves every row of its
        prices, of others none
    """
    rows = after[[*KEY, DATE]].drop_duplicates(ignore_index=True)
    wanted = rows[KEY].assign(period=rows[DATE])
    new, old = _in_force(after, "price", wanted), _in_force(before, "price", wanted)
    comparable = (old > 0) & ~np.isnan(new)
    ratio = np.where(comparable, new / np.where(comparable, old, 1.0), 1.0)
    if known is not None:
        ratio = ratio * np.nan_to_num(_in_force(known, "price_ratio", wanted), nan=1.0)
    moved = rows.loc[~np.isclose(ratio, 1.0, rtol=1e-12, atol=0.0), "product"]
    kept = rows["product"].isin(moved).to_numpy()
    return conform(NAME, rows[kept].assign(price_ratio=ratio[kept]).reset_index(drop=True))


def lie_ahead(changes: DataFrame, cycle: Period) -> bool:
    """Whether changes move prices from planned months on: a price of a closed month is in its
    sales."""
    prices = changes[(changes["table"] == PRICES) & (changes["column"] == "price")]
    return bool(len(prices) and (prices["from_period"] >= cycle).all())


def _in_force(table, column, wanted):
    """The cell of a column in force for each row that is wanted; NaN where there is none."""
    row, _ = position_in_force(table, KEY, wanted)
    return np.where(row >= 0, pd.Series(table[column], dtype=float).to_numpy()[row], np.nan)
