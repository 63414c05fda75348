"""Simulation of stock and service when demand deviates from the plan and supply does not change.

Demand of every product and market is drawn many times around the consensus, and each time stock and
backlog are rolled forward with what the plan of record makes and receives. No replanning is
assumed: the later months show how far the current plan would be off, not what the company would let
happen.

- A month's demand is lognormal, with the consensus as its mean and the deviation of the forecast:
  never below zero, its tenth and ninetieth percentiles near `low` and `high`. What sells now and
  then has nothing in as many months as the forecast says (`demand_draws`).
- Months of one product and market err together: they share a part of the variance
(`forecast_error_correlation`), as they do
  in safety stock. Markets, and products, err independently.
- A market's extra demand falls on the sites that send to it, in the shares of the plan. It is taken
from stock, then
  owed, and delivered once there is stock again; customers who do not wait are lost. Less demand
  than planned first relieves what the plan leaves unmet, then stays in stock.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.stock_policy import SITE, month_deviation
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.supply.demand_draws import DRAWS, drawn_demand, normal_draws
from sopkit.supply.inventory_targets import COMMON_ERROR, ROUNDING
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, grouped
from sopkit.tables.measures import share
from sopkit.tables.on_arrays import on_arrays

BLOCK = 64  # products rolled forward at a time: their draws stay in tens of megabytes
WANT = ["product", "market"]
EXPECTED = ["stock_out_probability", "fill_rate", "unmet"]
QUANTILES = {"inventory_low": 0.1, "inventory_median": 0.5, "inventory_high": 0.9}


class DemandRisk(NamedTuple):
    """Simulated range of stock and service under the plan of record: see `demand_risk`."""

    inventory_risk: ArrayTable
    service_risk: DataFrame


class PlanOfRecord(NamedTuple):
    """The plan tables that are rolled forward."""

    demand_plan: ArrayTable
    supply_plan: ArrayTable
    distribution_plan: ArrayTable
    constrained_demand: ArrayTable


class Pairs(NamedTuple):
    """Stocks and markets of the same product."""

    keys: Keys
    stock: np.ndarray  # row in stocks
    want: np.ndarray  # row in wants


class Drawn(NamedTuple):
    """What a month comes to: stocks x draws."""

    wanted: np.ndarray
    on_time: np.ndarray
    unmet: np.ndarray
    stock: np.ndarray


class Position(NamedTuple):
    """The plan of record as arrays with a column a month; rows in order of their keys, so by
    product."""

    months: pd.PeriodIndex
    stocks: DataFrame  # product, site
    wants: DataFrame  # product, market
    inventory: np.ndarray  # stocks
    waits: np.ndarray  # stocks: whether what is unmet is owed
    demand: np.ndarray  # wants
    unmet: np.ndarray  # wants: owed or lost
    deviation: np.ndarray  # wants: standard deviation
    nothing: np.ndarray  # wants: the chance of no demand
    common: np.ndarray  # wants: share of the variance that months have in common
    lanes: np.ndarray  # row in stocks, row in wants
    share: np.ndarray  # lanes: of the market's demand that falls on the site


@on_arrays
def demand_risk(
    demand_plan: ArrayTable,
    supply_plan: ArrayTable,
    distribution_plan: ArrayTable,
    constrained_demand: ArrayTable,
    inventory_policy: DataFrame | None = None,
) -> DemandRisk:
    """Simulate demand within its intervals, and roll stock forward under the plan of record.

    The draws of a product and market rest on their codes alone: the same inputs give the same
    answer, in any order of rows and whatever else is planned.

    Returns
    -------
    inventory_risk : product, site, period : stock_out_probability, fill_rate [units expected in
        time / units demand; 1 without demand], unmet, inventory_low, inventory_median,
        inventory_high [units]
    service_risk : period : the same of all stocks together, with service_low_ratio and without the
        chance

    Source
    ------
    Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains: service measures of
    a stock under forecast errors; here by simulation, because production is planned and not
    triggered by stock.
    """
    plan = PlanOfRecord(demand_plan, supply_plan, distribution_plan, constrained_demand)
    position = _position(plan, inventory_policy)
    months = position.months
    totals = np.zeros((4, len(months), DRAWS))  # wanted, on time, unmet, stock
    values = np.concatenate([_rolled(block, totals) for block in _blocks(position)], axis=1)
    columns = dict(zip([*EXPECTED, *QUANTILES], values, strict=True))
    risk = ArrayTable(Keys(position.stocks), months, columns)
    return DemandRisk(risk, _total(months, *totals))


def simulated_service(
    plan: PlanOfRecord, inventory_policy: DataFrame | None, count: int
) -> ArrayTable:
    """What `demand_risk` expects of the first months, the same to the bit, without quantiles.

    Parameters
    ----------
    count : of months

    Returns
    -------
    product, site, period : stock_out_probability, fill_rate [ratio], unmet [units]
    """
    position = _position(plan, inventory_policy)
    months = position.months[:count]
    blocks = [
        np.stack([_expected(one) for one in _month_by_month(block, count)], axis=-1)
        for block in _blocks(position)
    ]
    values = np.concatenate(blocks, axis=1)
    return ArrayTable(Keys(position.stocks), months, dict(zip(EXPECTED, values, strict=True)))


def _total(months, wanted, on_time, unmet, stock):
    service = share("fill_rate", on_time, wanted, 1.0)
    columns = {
        "fill_rate": _in_time(wanted, on_time),
        "service_low_ratio": np.quantile(service, 0.1, axis=1),
        "unmet": unmet.mean(axis=1),
        **dict(zip(QUANTILES, np.quantile(stock, list(QUANTILES.values()), axis=1), strict=True)),
    }
    return pd.DataFrame({"period": months, **columns})


def _rolled(block, totals):
    """Roll the stocks of a block forward through the months, and add them to the totals.

    Returns
    -------
    chance of a stock-out, service, unmet, and three quantiles of stock : measures x stocks x months
    """
    results = np.zeros((len(EXPECTED) + len(QUANTILES), *block.inventory.shape))
    for month, one in enumerate(_month_by_month(block, len(block.months))):
        results[: len(EXPECTED), :, month] = _expected(one)
        results[len(EXPECTED) :, :, month] = np.quantile(one.stock, [*QUANTILES.values()], axis=1)
        drawn = (one.wanted, one.on_time, one.unmet, one.stock)
        totals[:, month] += [part.sum(axis=0) for part in drawn]
    return results


def _month_by_month(block, count):
    """Roll the stocks of a block forward, and give what each month comes to in every draw."""
    draws = normal_draws(block.wants, count)
    common = np.sqrt(block.common)[:, None] * draws[:, 0]
    carried = np.zeros((len(block.stocks), DRAWS))
    for month in range(count):
        shares = csr_array(
            (block.share[:, month], block.lanes), shape=(len(block.stocks), len(block.wants))
        )
        z = common + np.sqrt(1 - block.common)[:, None] * draws[:, month + 1]
        expected, *spread = (
            grid[:, [month]] for grid in (block.demand, block.deviation, block.nothing)
        )
        demand = drawn_demand(z, expected, *spread)
        wanted, planned = shares @ demand, block.inventory[:, [month]]
        extra = carried + shares @ (demand - expected)
        owed = shares @ block.unmet[:, [month]]
        unmet = np.maximum(owed + np.minimum(extra, 0), 0) + np.maximum(extra - planned, 0)
        stock = np.maximum(planned - np.maximum(extra, 0), 0) + np.maximum(-extra - owed, 0)
        # What is owed is carried on; what is lost is not, only what it leaves in stock.
        carried = np.where(block.waits[:, None], extra, planned - stock)
        units = {"demand": wanted, "backlog": unmet, "lost_sales": 0.0}  # unmet is both
        yield Drawn(wanted, MEASURES["fill_rate"].of(units), unmet, stock)


def _expected(one):
    """The chance of a stock-out, the share in time and the units unmet in a month: 3 x stocks."""
    out = (one.unmet > ROUNDING).mean(axis=1)
    return np.stack([out, _in_time(one.wanted, one.on_time), one.unmet.mean(axis=1)])


def _in_time(wanted, on_time):
    """Units delivered in their month / demand, over all draws; 1 without demand."""
    return share("fill_rate", on_time.sum(axis=1), wanted.sum(axis=1), 1.0)


def _position(plan: PlanOfRecord, inventory_policy: DataFrame | None) -> Position:
    months = plan.supply_plan.months
    stocks, wants = (
        grouped(keys, None, *names).keys
        for keys, names in ((plan.supply_plan.keys, SITE), (plan.demand_plan.keys, WANT))
    )
    pairs = _pairs(stocks, wants)
    asked, held, sent = (
        table.on(ArrayTable(keys, months, {}), default=0.0)
        for table, keys in (
            (plan.demand_plan, wants),
            (plan.supply_plan, stocks),
            (plan.distribution_plan, pairs.keys),
        )
    )
    service = plan.constrained_demand.on(ArrayTable(wants, months, {}), default=0.0)
    waits, common = _product_rules(stocks, wants, inventory_policy)
    return Position(
        months=months,
        stocks=stocks.frame,
        wants=wants.frame,
        inventory=held["inventory"],
        waits=waits,
        demand=asked["total_demand"],
        unmet=service["backlog"] + service["lost_sales"],
        deviation=month_deviation(asked),
        nothing=np.nan_to_num(asked["zero_probability"].astype(float)),
        common=common,
        lanes=np.stack([pairs.stock, pairs.want]),
        share=_shares(pairs.want, sent["shipped"]),
    )


@remembered
def _pairs(stocks: Keys, wants: Keys) -> Pairs:
    """Every stock of a product with every market of it."""
    held, asked = stocks.frame.reset_index(names="stock"), wants.frame.reset_index(names="want")
    rows = held.merge(asked, on="product")
    return Pairs(Keys(rows[[*SITE, "market"]]), rows["stock"].to_numpy(), rows["want"].to_numpy())


@remembered
def _product_rules(
    stocks: Keys, wants: Keys, inventory_policy: DataFrame | None
) -> tuple[np.ndarray, np.ndarray]:
    """Whether customers of each stock wait, and what months of each series have in common; the
    policy speaks of products."""
    if inventory_policy is None:
        return np.ones(len(stocks), dtype=bool), np.full(len(wants), COMMON_ERROR)
    rules = inventory_policy[["product", "forecast_error_correlation"]].assign(
        waits=inventory_policy["backlog_allowed"].fillna(True).astype(bool)
    )
    rules = rules.groupby("product", as_index=False).agg(
        {"waits": "min", "forecast_error_correlation": "max"}
    )
    waits = attach(stocks.frame, rules[["product", "waits"]], default=True)["waits"].astype(bool)
    common = attach(wants.frame, rules[["product", "forecast_error_correlation"]], default=np.nan)[
        "forecast_error_correlation"
    ]
    return waits.to_numpy(), common.fillna(COMMON_ERROR).to_numpy()


def _shares(want, shipped):
    """The share of each lane in its market's demand: as planned for the month, else for all months,
    else equal."""
    share = np.full(shipped.shape, np.nan)
    for weight in (shipped, shipped.sum(axis=1, keepdims=True), np.ones((len(want), 1))):
        total = np.zeros((want.max(initial=-1) + 1, weight.shape[1]))
        np.add.at(total, want, weight)
        known = np.isnan(share) & (total[want] > 0)
        share = np.where(known, weight / np.where(total > 0, total, 1.0)[want], share)
    return share


def _blocks(position):
    """The position in blocks of products."""
    codes = pd.Index(position.stocks["product"].unique())
    stock, want = (codes.get_indexer(keys["product"]) for keys in (position.stocks, position.wants))
    lane = stock[position.lanes[0]]
    for first in range(0, len(codes), BLOCK):
        held, asked, sent = (
            slice(*np.searchsorted(of_product, [first, first + BLOCK]))
            for of_product in (stock, want, lane)
        )
        yield position._replace(
            stocks=position.stocks[held],
            wants=position.wants[asked],
            inventory=position.inventory[held],
            waits=position.waits[held],
            demand=position.demand[asked],
            unmet=position.unmet[asked],
            deviation=position.deviation[asked],
            nothing=position.nothing[asked],
            common=position.common[asked],
            lanes=position.lanes[:, sent] - [[held.start], [asked.start]],
            share=position.share[sent],
        )
