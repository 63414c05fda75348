"""Read demand and its lanes into the parameters of the supply programme."""

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import once
from sopkit.master_data.freight import LANE, freight_by_month, mean_freight
from sopkit.master_data.lead_times import MonthDays, days_within
from sopkit.model.parameters import Demands, Items, Lanes
from sopkit.model.refusals import refuse
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys


@remembered
def read_demands(
    demand_plan: ArrayTable,
    items: Items,
    inventory_policy: DataFrame | None,
    sourcing_network: DataFrame,
    days: MonthDays,
) -> Demands:
    """Demand of each product and market, whether its customers wait, and what is on the way."""
    keys = _sorted(demand_plan.keys)
    item = items.codes.get_indexer(keys["product"])
    refuse(item < 0, keys.frame, "demand_plan", "product must be in products")
    asked = demand_plan.on(ArrayTable(keys, demand_plan.months, {}), default=0.0)
    waits, demand = _waiting(items, inventory_policy)[item], asked["total_demand"]
    lanes = mean_freight(sourcing_network, LANE, demand_plan.months)
    in_transit = _in_transit(keys, demand, lanes, days)
    return Demands(keys, item, demand, waits, asked["past_due_orders"], in_transit)


def _in_transit(keys: Keys, demand: np.ndarray, lanes: DataFrame, days: MonthDays) -> np.ndarray:
    """Goods assumed in transit to customers at the start: their demand of these days.

    The days are those of the lane with the least freight.
    """
    lanes = lanes.sort_values("freight_cost", kind="stable").drop_duplicates("market")
    lead = keys.frame["market"].map(lanes.set_index("market")["lead_time_days"])
    shares = [days_within(each, days) for each in lead.to_numpy(dtype=float)]
    return demand * np.array(shares).reshape(demand.shape)


@remembered
def _sorted(keys: Keys) -> Keys:
    return Keys(keys.frame.sort_values(["product", "market"]))


def _waiting(items: Items, inventory_policy: DataFrame | None) -> np.ndarray:
    """Whether customers of each product wait: they do, unless any row of the policy says
    otherwise."""
    if inventory_policy is None:
        return np.ones(len(items.codes), dtype=bool)
    leaving = ~inventory_policy["backlog_allowed"].fillna(True).astype(bool)
    return ~items.codes.isin(inventory_policy.loc[leaving, "product"])


@remembered
def read_lanes(
    sourcing_network: DataFrame, stocks: Keys, wants: Keys, months: PeriodIndex
) -> Lanes:
    """The lanes from each stock to the markets that its site serves."""
    lanes = once(sourcing_network, *LANE)
    ways = stocks.frame.reset_index(names="stock").merge(lanes, on="site")
    ways = ways.merge(wants.frame.reset_index(names="want"), on=["product", "market"])
    ways = ways.sort_values(["stock", "want"], ignore_index=True)
    keys = Keys(ways[["product", "site", "market"]])
    return Lanes(
        keys,
        ways["stock"].to_numpy(),
        ways["want"].to_numpy(),
        freight_by_month(keys, sourcing_network, LANE, months),
        np.nan_to_num(ways["lead_time_days"].to_numpy(dtype=float)),
    )
