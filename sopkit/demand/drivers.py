"""Drivers of demand: price, discount, feature, distribution or any number that a company gives.

What a driver does is estimated from the past of each product and market, as activities are
(`promotion_regression`), and pooled over the products of a family: one with little evidence takes
over the family's effect, one with much keeps its own. A driver whose values are all above zero
enters as its logarithm, so that its effect is an elasticity; any other as it is. Demand is planned
at a reference, the median of the last twelve months: history is brought to it, and the plan departs
from it, by the same factor. The driver named `price` is the selling price: where the company states
the elasticity of a product, that is its effect.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.pooling import partial_pooling
from sopkit.demand.promotion_regression import log_effects
from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.joins import rows_of
from sopkit.tables.periods import YEAR

PRICE = "price"  # the driver that is the selling price
STATED = "stated in products"
PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
EFFECT = [
    *("demand_driver", *PAIR, "family", "effect", "standard_error"),
    *("low_ratio", "high_ratio", "basis"),
]
HORIZON = 5 * YEAR  # months after the history in which a driver keeps its last value
FEWEST = 9  # months from which on a series has a say
USUAL_SPREAD = 0.5  # how far the effects of a family's products are expected to lie apart
# An effect that is known no better than this share of it, or this much, is not used.
LEAST_CERTAINTY = 2.0
FARTHEST = 3.0  # a factor is no larger than this, nor smaller than one over it
NORMAL_95 = 1.96


class Values(NamedTuple):
    """Drivers as arrays, over all months of history and plan.

    pairs : product, market, a row for each row of the arrays
    names : the drivers
    first : the first month, as its ordinal
    moved : how far each is from its reference, in logarithms or units (drivers x series x months),
        NaN where it is not known
    logs : which of the drivers are logarithms
    """

    pairs: DataFrame
    names: list[str]
    first: int
    moved: np.ndarray
    logs: np.ndarray


@remembered
def driver_effects(sold: DataFrame, demand_drivers: DataFrame, products: DataFrame) -> DataFrame:
    """Estimate what each driver does to demand, from the closed months of `sold`.

    Parameters
    ----------
    sold : product, market, period, quantity of the closed months

    Returns
    -------
    demand_driver, product, market : family, effect (of the logarithm of demand, for 1 more
        of the driver or its logarithm), standard_error, low_ratio, high_ratio (a 95 % interval),
        basis; only what is known beyond noise, or stated: an elasticity of `products` is without
        range and without error
    """
    values = _values(sold, demand_drivers)
    if not values.names:
        return pd.DataFrame(columns=EFFECT)
    demand = _quantities(sold, values)
    months = demand.shape[1]
    moved = np.nan_to_num(np.moveaxis(values.moved[:, :, :months], 0, 2))
    effect, variance = log_effects(demand, moved, FEWEST)
    family = attach(values.pairs, products[["product", "family"]])["family"]
    group, _ = pd.factorize(family)
    parts = [
        _pooled(
            values.pairs.assign(family=family, demand_driver=name),
            effect[:, i],
            variance[:, i],
            group,
        )
        for i, name in enumerate(values.names)
    ]
    table = pd.concat(parts, ignore_index=True)
    width = NORMAL_95 * table["standard_error"]
    table = table.assign(low_ratio=table["effect"] - width, high_ratio=table["effect"] + width)
    certain = table["effect"].abs() >= LEAST_CERTAINTY * table["standard_error"]
    return _with_stated(table.loc[certain, EFFECT].reset_index(drop=True), values, products)


def _with_stated(table, values, products):
    """The effects, with the elasticities that the company states in place of its price driver's."""
    said = attach(values.pairs, products[["product", "family", "price_elasticity"]])
    said = said[said["price_elasticity"].notna()]
    if said.empty or _log_price(values) is None:
        return table
    said = said.assign(demand_driver=PRICE, effect=said["price_elasticity"], basis=STATED)
    said = said.assign(standard_error=0.0, low_ratio=np.nan, high_ratio=np.nan)
    replaced = (table["demand_driver"] == PRICE) & (rows_of(table, said, PAIR) >= 0)
    return pd.concat([table[~replaced], said[EFFECT]], ignore_index=True)


def _log_price(values):
    """The number of the price driver; None where there is none whose values are all above 0."""
    return next((i for i, n in enumerate(values.names) if n == PRICE and values.logs[i]), None)


def price_effects(sold: DataFrame, demand_drivers: DataFrame, products: DataFrame) -> DataFrame:
    """The elasticities of the price driver, those that are estimated.

    Returns
    -------
    product, market : family, effect, standard_error, low_ratio, high_ratio, basis (as of
        `driver_effects`), price_variation_ratio (standard deviation of the price's logarithm)
    """
    values, effects = _values(sold, demand_drivers), driver_effects(sold, demand_drivers, products)
    price = _log_price(values)
    estimated = (effects["demand_driver"] == PRICE) & effects["low_ratio"].notna()
    if price is None or not estimated.any():
        return effects.iloc[:0].assign(price_variation_ratio=0.0)
    closed = int(pd.PeriodIndex(sold["period"]).asi8.max()) - values.first + 1
    rows = effects[estimated].reset_index(drop=True)
    moved = values.moved[price, rows_of(rows, values.pairs, PAIR), :closed]
    return rows.assign(price_variation_ratio=np.nanstd(moved, axis=1))


def driver_factors(effects: DataFrame, sold: DataFrame, demand_drivers: DataFrame) -> DataFrame:
    """By which factor each driver moves demand from its reference, in every month it is known of.

    Returns
    -------
    demand_driver, product, market, period : factor [ratio], standard_error [ratio], basis
    """
    values = _values(sold, demand_drivers)
    known = effects.assign(row=rows_of(effects, values.pairs, PAIR))
    driver = pd.Index(values.names).get_indexer(known["demand_driver"])
    moved = values.moved[driver, known["row"].to_numpy()]
    row, month = np.nonzero(~np.isnan(moved) & (moved != 0))
    step = moved[row, month]
    cells = known.iloc[row].reset_index(drop=True)
    limit = np.log(FARTHEST)
    factor = np.exp(np.clip(cells["effect"].to_numpy() * step, -limit, limit))
    period = pd.PeriodIndex.from_ordinals(values.first + month, freq="M")
    error = factor * np.abs(step) * cells["standard_error"].to_numpy()
    cells = cells.assign(period=period, factor=factor, standard_error=error)
    return cells[["demand_driver", *CELL, "factor", "standard_error", "basis", "family"]]


def cleansed_factors(
    sold: DataFrame, demand_drivers: DataFrame | None, products: DataFrame
) -> DataFrame:
    """By which factor all drivers together moved each closed month, and the words for it.

    Returns
    -------
    product, market, period : factor [ratio], words
    """
    if demand_drivers is None or demand_drivers.empty or sold.empty:
        return sold[CELL].iloc[:0].assign(factor=1.0, words=pd.Series(dtype="str"))
    effects = driver_effects(sold, demand_drivers, products)
    cells = driver_factors(effects, sold, demand_drivers)
    percent = ((cells["factor"] - 1) * 100).round().astype("int64")
    percent = percent.map("{:+d} %".format).astype("str")
    cells = cells.assign(words=(cells["demand_driver"] + " " + percent + " removed").astype("str"))
    together = {"factor": ("factor", "prod"), "words": ("words", "; ".join)}
    return cells.groupby(CELL, as_index=False).agg(**together)


def planned_lifts(
    demand_history: DataFrame,
    demand_drivers: DataFrame | None,
    products: DataFrame,
    planning_periods: DataFrame,
) -> DataFrame:
    """The lift of each driver in the planned months.

    Returns
    -------
    activity, product, market, period : lift_ratio, standard_error [ratio], basis
    """
    columns = ["activity", *CELL, "lift_ratio", "standard_error", "basis"]
    if demand_drivers is None or demand_drivers.empty or demand_history.empty:
        return pd.DataFrame(columns=columns)
    effects = driver_effects(demand_history, demand_drivers, products)
    cells = driver_factors(effects, demand_history, demand_drivers)
    cells = cells[cells["period"].isin(planning_periods["period"])].reset_index(drop=True)
    given = demand_drivers[["demand_driver", *CELL]]
    known = rows_of(cells, given, ["demand_driver", *CELL]) >= 0
    basis = (
        cells["demand_driver"]
        + ": "
        + cells["basis"]
        + np.where(known, "", "; its last value kept")
    )
    return cells.assign(
        activity=cells["demand_driver"],
        lift_ratio=cells["factor"] - 1,
        basis=basis,
    )[columns]


def _pooled(rows, effect, variance, group):
    """The effect of one driver by series, drawn towards its family's."""
    own = ~np.isnan(effect)
    if not own.any():
        return rows.iloc[:0].assign(effect=0.0, standard_error=0.0, basis="")
    present = np.unique(group[own])
    number = np.searchsorted(present, group[own])
    found = partial_pooling(effect[own], variance[own], number, USUAL_SPREAD)
    in_group = np.isin(group, present)
    place = np.searchsorted(present, np.where(in_group, group, present[0]))
    mean = np.where(in_group, found.group_effect[place], np.nan)
    error = np.where(in_group, np.sqrt(found.newcomer_variance[place]), np.nan)
    mean[own], error[own] = found.effect, np.sqrt(found.variance)
    words = np.where(own, "own months, drawn towards the family's", "the family's")
    table = rows.assign(effect=mean, standard_error=error, basis=pd.array(words, dtype="str"))
    return table[in_group].reset_index(drop=True)


@remembered
def _values(sold: DataFrame, demand_drivers: DataFrame) -> Values:
    """The drivers of all series that sell, from their first month on; see `Values`.

    A month without a row keeps the value before it, and so do the months after the last row.
    """
    pairs = sold[PAIR].drop_duplicates(ignore_index=True)
    rows = demand_drivers[rows_of(demand_drivers, pairs, PAIR) >= 0]
    names = sorted(rows["demand_driver"].unique())
    month, closed = pd.PeriodIndex(rows["period"]).asi8, pd.PeriodIndex(sold["period"]).asi8
    first = int(closed.min())
    last = int(max(closed.max() + HORIZON, month.max(initial=0)))
    cells = np.full((len(names), len(pairs), last - first + 1), np.nan)
    inside = month >= first
    cells[
        pd.Index(names).get_indexer(rows["demand_driver"])[inside],
        rows_of(rows, pairs, PAIR)[inside],
        month[inside] - first,
    ] = rows["driver_value"].to_numpy()[inside]
    positive = np.min(np.where(np.isnan(cells), np.inf, cells), axis=(1, 2)) > 0
    cells = np.where(
        positive[:, None, None], np.log(np.where(positive[:, None, None], cells, 1)), cells
    )
    flat = pd.DataFrame(cells.reshape(-1, cells.shape[2])).ffill(axis=1)
    closing = int(closed.max()) - first + 1
    reference = flat.iloc[:, max(closing - YEAR, 0) : closing].median(axis=1)
    moved = flat.sub(reference, axis=0).to_numpy().reshape(cells.shape)
    return Values(pairs, names, first, moved, positive)


def _quantities(sold, values):
    """Quantities as series x months of the history, NaN where nothing is known."""
    month = pd.PeriodIndex(sold["period"]).asi8 - values.first
    demand = np.full((len(values.pairs), month.max() + 1), np.nan)
    demand[rows_of(sold, values.pairs, PAIR), month] = sold["quantity"].to_numpy()
    return demand
