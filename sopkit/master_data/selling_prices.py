"""Selling prices by market: where a market has a price of its own, and what a product is sold at.

`item_costs` has a product's list price in its row without market, and the price of a market in a
row with that market. Every formula reads prices here: on rows with a market that of the market, on
rows by product the mean of its markets, weighted by demand. What has no price of a market is sold
at list price everywhere.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, joined
from sopkit.tables.on_arrays import on_arrays

PAIR = ["product", "market"]


@on_arrays
def selling_prices(
    unit_economics: ArrayTable, demand_plan: ArrayTable, item_costs: DataFrame | None = None
) -> ArrayTable:
    """List the prices of markets, and the mean price of each product that has any.

    The mean is over the markets of the demand plan, those at list price among them, weighted by the
    month's demand; the list price in a month without any.

    Returns
    -------
    product, market, period : price [money per unit]; market is empty in the rows of means
    """
    months = unit_economics.months
    own = None if item_costs is None else _of_markets(item_costs)
    if own is None:
        none = Keys(DataFrame({name: pd.Series(dtype="str") for name in PAIR}))
        return ArrayTable(none, months, {"price": np.zeros((0, len(months)))})
    prices = in_force(own, tuple(PAIR), months)
    at_market = _price_on(demand_plan, unit_economics.on(demand_plan)["price"], prices)
    demand = demand_plan["total_demand"]
    means = ArrayTable(_products(prices.keys), months, {})
    groups = demand_plan.by("product")
    total = ArrayTable(
        groups.keys,
        months,
        {"demand": groups.sum(demand), "revenue": groups.sum(demand * at_market)},
    ).on(means, default=0.0)
    sold = total["demand"] > 0
    mean = np.where(
        sold,
        total["revenue"] / np.where(sold, total["demand"], 1.0),
        unit_economics.on(means)["price"],
    )
    keys = joined(prices.keys, _without_market(means.keys))
    return ArrayTable(keys, months, {"price": np.vstack([prices["price"], mean])})


def prices_on(costs: ArrayTable, selling_prices: ArrayTable | None) -> np.ndarray:
    """The price at which the product of each row is sold, in its market where the rows have one.

    Parameters
    ----------
    costs : `unit_economics` on the rows, by product, or by product and market

    Returns
    -------
    rows x months [money per unit]
    """
    if selling_prices is None or not len(selling_prices.keys):
        return costs["price"]
    market = selling_prices.keys.frame["market"]
    if "market" in costs.keys:
        return _price_on(costs, costs["price"], selling_prices.keep(market.notna().to_numpy()))
    means = selling_prices.keep(market.isna().to_numpy())
    return _price_on(costs, costs["price"], means.about(_products(means.keys)))


def priced(
    rows: DataFrame, unit_economics: DataFrame, selling_prices: DataFrame | None = None
) -> DataFrame:
    """Rows of a table by product, maybe market, and period, with the price; see `prices_on`."""
    rows = attach(rows, unit_economics[["product", "period", "price"]])
    if selling_prices is None or selling_prices.empty:
        return rows
    own = selling_prices[selling_prices["market"].notna() == ("market" in rows)]
    own = own if "market" in rows else own.drop(columns="market")
    price = attach(rows.drop(columns="price"), own, default=np.nan)["price"]
    return rows.assign(price=price.fillna(rows["price"]))


def market_prices(item_costs: DataFrame | None, months: PeriodIndex) -> DataFrame | None:
    """The prices of markets in some months; None where none has any.

    Returns
    -------
    product, market, period : price [money per unit]
    """
    own = None if item_costs is None else _of_markets(item_costs)
    return (
        None
        if own is None
        else in_force(own, tuple(PAIR), months).frame[[*PAIR, "period", "price"]]
    )


def list_prices(item_costs: DataFrame) -> DataFrame:
    """The rows of `item_costs` of the product itself: its list price and costs."""
    return item_costs[item_costs["market"].isna()]


@remembered
def _of_markets(item_costs: DataFrame) -> DataFrame | None:
    if item_costs["market"].isna().all():
        return None
    return item_costs[item_costs["market"].notna()].reset_index(drop=True)


@remembered
def _products(keys: Keys) -> Keys:
    return Keys(keys.frame[["product"]].drop_duplicates(ignore_index=True))


@remembered
def _without_market(keys: Keys) -> Keys:
    nowhere = pd.array([None] * len(keys), dtype="str")
    return Keys(keys.frame.assign(market=nowhere)[PAIR])


def _price_on(rows: ArrayTable, listed: np.ndarray, prices: ArrayTable) -> np.ndarray:
    own = prices.on(rows, default=np.nan)["price"]
    return np.where(np.isnan(own), listed, own)
