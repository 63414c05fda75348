"""Which product codes continue others: as planners state it, and as sales suggest it.

A code is suggested to continue another if the one stops selling as the other begins, in the same
family and market and at about the same level. It is treated so until a planner says otherwise: a
row of `history_corrections` that keeps the last month of the old code as sold refuses it.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.forecasting.comparable_months import median
from sopkit.tables import attach, conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.periods import YEAR

PAIR = ["product", "market"]
LEAST_SILENT = 2  # months without sales that end a code
FEWEST_MONTHS = 6  # in which the old code sold
REGULAR = 0.75  # and so many of those from its first to its last
APART = 1  # months between the end of one and the beginning of the other, at most
FEWEST_OF_NEW = 2
ALIKE = 1.6  # the level of one is at most that many times the other's
ROW = ["old_product", "product", "market", "from_period", "to_period", "factor"]


def product_successions(
    products: DataFrame,
    demand_history: DataFrame,
    product_succession: DataFrame | None = None,
    launches: DataFrame | None = None,
) -> DataFrame:
    """List the successions of codes that the forecast follows, stated ones first.

    A stated succession without market holds in every market that the old code sold in. What a
    launch replaces is planned there and not suggested here.

    Returns
    -------
    old_product, product, market : from_period, to_period, factor [ratio], confidence, message
    """
    stated = _stated(demand_history, product_succession)
    found = _suggested(products, demand_history)
    told = set(stated["old_product"]) | set(stated["product"])
    if launches is not None:
        told |= set(launches["product"]) | set(launches["replaces_product"].dropna())
    found = found[~found["old_product"].isin(told) & ~found["product"].isin(told)]
    return conform("product_successions", pd.concat([stated, found], ignore_index=True))


def _stated(demand_history, product_succession):
    """The rows that planners wrote, one for each market."""
    columns = [*ROW, "confidence", "message"]
    if product_succession is None or product_succession.empty:
        return pd.DataFrame(columns=columns)
    sold = demand_history[PAIR].drop_duplicates()
    rows = []
    for row in product_succession.itertuples(index=False):
        markets = [row.market]
        if pd.isna(row.market):
            markets = sorted(sold.loc[sold["product"] == row.old_product, "market"])
        last = row.from_period if pd.isna(row.to_period) else row.to_period
        factor = 1.0 if pd.isna(row.factor) else row.factor
        said = f"stated by {row.owner}: {row.reason}"
        for market in markets:
            rows.append(
                (row.old_product, row.product, market, row.from_period, last, factor, "high", said)
            )
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ROW[:3], ignore_index=True)


def _suggested(products, demand_history):
    """Codes that stop as one other of their family begins in the same market."""
    columns = [*ROW, "confidence", "message"]
    if demand_history.empty:
        return pd.DataFrame(columns=columns)
    history = ArrayTable.of_rows(demand_history[[*PAIR, "period", "quantity"]], PAIR)
    keys = attach(history.keys.frame, products[["product", "family"]])
    sold = np.nan_to_num(history["quantity"])
    some, months = sold > 0, sold.shape[1]
    first = np.where(some.any(axis=1), some.argmax(axis=1), months)
    last = np.where(some.any(axis=1), months - 1 - some[:, ::-1].argmax(axis=1), -1)
    count, life = some.sum(axis=1), last - first + 1
    regular = (count >= FEWEST_MONTHS) & (count >= REGULAR * life)
    stopped = regular & (months - 1 - last >= LEAST_SILENT)
    stopped &= ~_kept(demand_history, history)
    began = (first > 0) & (months - first >= FEWEST_OF_NEW) & (last == months - 1)
    level = _level(sold, np.where(began, first, last - FEWEST_MONTHS + 1))
    rows = []
    for (_, market), group in keys.groupby(["family", "market"]).groups.items():
        at = np.asarray(group)
        olds, news = at[stopped[at]], at[began[at]]
        near = np.abs(first[news][None] - last[olds][:, None] - 1) <= APART
        times = level[news][None] / np.maximum(level[olds][:, None], 1e-12)
        fits = near & (times <= ALIKE) & (times >= 1 / ALIKE)
        for i, j in np.argwhere(fits):
            if fits[i].sum() == 1 and fits[:, j].sum() == 1:
                old, new, begins = olds[i], news[j], history.months[first[news[j]]]
                said = (
                    f"{keys['product'][old]} sold last in {history.months[last[old]]}, "
                    f"{keys['product'][new]} first in {begins}, at {times[i, j]:.0%} of its level"
                )
                names = keys["product"][old], keys["product"][new], market
                rows.append((*names, begins, begins, 1.0, "medium", said))
    return pd.DataFrame(rows, columns=columns)


def _kept(demand_history, history):
    """Whether a planner keeps the newest month of a series as sold."""
    newest = demand_history["period"] == history.months[-1]
    kept = newest & (demand_history["finding"] == "stated").fillna(False)
    pairs = pd.MultiIndex.from_frame(demand_history.loc[kept, PAIR])
    return pd.MultiIndex.from_frame(history.keys.frame[PAIR]).isin(pairs)


def _level(sold, first):
    """The median month of the half year from a month on."""
    columns = np.clip(first[:, None] + np.arange(YEAR // 2), 0, sold.shape[1] - 1)
    beyond = first[:, None] + np.arange(YEAR // 2) >= sold.shape[1]
    half = np.take_along_axis(sold, columns, axis=1)
    return median(np.where(beyond, np.nan, half))
