"""Material requirements and purchases of the plan."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.bom import levels_of, stocked_usage
from sopkit.master_data.lead_times import MonthDays, month_days, ordered_for
from sopkit.master_data.sources import (
    ANY_SITE,
    SOURCE,
    open_orders,
    source_terms,
)
from sopkit.model.material_readings import material_usage, on_hand_of
from sopkit.model.requirements import requirements
from sopkit.model.supplier_notice import most_new
from sopkit.rules.remember import remembered
from sopkit.schema.tolerances import ROUNDING
from sopkit.supply.deliveries import by_item, deliveries, known_stock, ways_of
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

NUMBERS = (
    "required",
    "demand_requirement",
    "ordered",
    "received",
    "inventory",
    "shortage",
    "cost",
    "supply_limit",
)


class Procurement(NamedTuple):
    """Requirements of components, and purchases of components and products."""

    procurement_plan: ArrayTable
    purchase_plan: ArrayTable


@on_arrays
def procurement(
    planning_periods: DataFrame,
    products: DataFrame,
    supply_plan: ArrayTable,
    demand_plan: ArrayTable,
    purchased_products: ArrayTable,
    bill_of_materials: DataFrame | None = None,
    components: DataFrame | None = None,
    sources: DataFrame | None = None,
    purchase_orders: DataFrame | None = None,
    planning_fences: DataFrame | None = None,
) -> Procurement:
    """Explode production into components and plan what to purchase each month, from whom.

    Level by level of the bill of materials: needs are met from stock and open orders, then by
    deliveries just in time, earlier where a supply limit asks for it and late where even that is
    not enough, as far as the notice of suppliers lets them. The source of the lowest priority
    number delivers first, as far as it can. A delivery is at least the minimum order and a multiple
    of the order multiple; what it brings beyond the need is carried over. Where a limit is below
    the smallest order the limit holds.
    What goes into a component that is made of others is needed when that one is ordered. A
    component whose stock is not given is assumed to be there until a new order could arrive.
    Products are purchased as `purchased_products` says.

    Returns
    -------
    procurement_plan - component, period : required [units, for the production planned],
        demand_requirement [units, for the demand plan], ordered, received, inventory [units],
        shortage [units that the demand plan has taken by the month's end and that cannot be there],
        cost [money, of what is ordered], supply_limit [units; empty where there is none]
    purchase_plan - item, supplier, site, period : ordered, received [units, without what is on
        order already], cost [money, of what is ordered]; supplier and site are empty where no
        source is given

    Raises
    ------
    ValueError : a component is part of itself.

    Source
    ------
    Orlicky, Material Requirements Planning: low-level coding, netting, lead time offsetting.
    """
    months, days = months_of(planning_periods), month_days(planning_periods)
    terms = source_terms(sources, months)
    goods = _of_products(purchased_products, terms, days)
    if bill_of_materials is None or bill_of_materials.empty:
        return Procurement(_empty(months), goods)
    demand_plan, supply_plan = (table.over(months) for table in (demand_plan, supply_plan))
    codes = _codes(products)
    usage = stocked_usage(bill_of_materials, products, components, sources)
    items, direct, into = material_usage(usage, codes)
    rate = requirements(items, demand_plan, bill_of_materials)
    coming = open_orders(items, planning_periods, purchase_orders)
    most = most_new(items, planning_fences, coming)
    ways = ways_of(items, terms, rate, days)._replace(most_new=most)
    asked = requirements(items, _unstocked(demand_plan, supply_plan), bill_of_materials)
    needed, stated = direct @ _started(codes, supply_plan), on_hand_of(items, components)
    required, received, on_hand = _by_level(needed, items, into, ways, coming, stated, days)
    ordered = ordered_for(received, ways.lead, days)
    plan = _plan(months, items, ways, required, received, ordered, coming, on_hand)
    short = _shortage(asked, stated, coming, ways)
    purchases = _purchases(goods, ways, received, ordered, months)
    return Procurement(_in_order(plan.assign(demand_requirement=asked, shortage=short)), purchases)


def _by_level(needed, items, into, ways, coming, stated, days):
    """What is required and delivered, level by level: what is ordered of an item requires the items
    that go into it.

    Returns
    -------
    required (item x month), received (way x month), on_hand (item) [units]
    """
    on_hand = stated.copy()
    required, received = np.zeros(needed.shape), np.zeros((len(ways.item), needed.shape[1]))
    for level in _levels(items, into):
        required[level] = needed[level]
        own = np.flatnonzero(np.isin(ways.item, level))
        on_hand[level] = known_stock(on_hand, required, ways, level)
        received[own] = deliveries(required, coming, on_hand, ways, own)
        placed = ordered_for(received[own], ways.lead[own], days)
        np.add.at(needed, slice(None), into[:, ways.item[own]] @ placed)
    return required, received, on_hand


@remembered
def _codes(products: DataFrame) -> pd.Index:
    return pd.Index(products["product"].sort_values(), dtype="str")


def _started(codes: pd.Index, supply_plan: ArrayTable) -> np.ndarray:
    """Units of every product that are started in every month under the plan of record."""
    groups = supply_plan.by("product")
    units = np.zeros((len(codes), len(supply_plan.months)))
    row = codes.get_indexer(pd.Index(groups.keys["product"]))
    units[row[row >= 0]] = groups.sum(supply_plan["started"])[row >= 0]
    return units


def _unstocked(demand_plan: ArrayTable, supply_plan: ArrayTable) -> ArrayTable:
    """Demand of each product that its stock and open orders do not cover."""
    demand = demand_plan.sums("product")
    held = supply_plan.sums("product").on(demand, default=0.0)
    there = held["opening_inventory"][:, :1] + held["scheduled_receipts"].cumsum(axis=1)
    missing = np.maximum(demand["total_demand"].cumsum(axis=1) - there, 0.0)
    missing = np.diff(np.maximum.accumulate(missing, axis=1), axis=1, prepend=0.0)
    return ArrayTable(demand.keys, demand.months, {"total_demand": missing})


def _shortage(asked, on_hand, coming, ways):
    """What the demand plan has taken by each month's end and cannot be there: nothing where stock
    is not given."""
    possible = np.minimum(by_item(ways, len(asked), ways.possible), ways.most_new).cumsum(axis=1)
    there = on_hand[:, None] + coming.cumsum(axis=1) + possible
    short = asked.cumsum(axis=1) - there
    return np.where(short > ROUNDING, short, 0.0)


@remembered
def _levels(items: pd.Index, into: csr_array) -> list[np.ndarray]:
    """Positions of the items of each level: after everything they go into."""
    below = levels_of(items, into)
    rest = np.setdiff1d(np.arange(len(items)), np.concatenate([*below, np.zeros(0, dtype=int)]))
    return [rest, *below]


def _plan(months, items, ways, required, received, ordered, coming, on_hand):
    brought, placed, cost, limit = (
        by_item(ways, len(items), grid)
        for grid in (received, ordered, ordered * ways.unit_cost, ways.limit)
    )
    left = on_hand[:, None] + (brought + coming - required).cumsum(axis=1)
    columns = {
        "required": required,
        "ordered": placed,
        "received": brought + coming,
        "inventory": np.where(left > ROUNDING, left, 0.0),
        "cost": cost,
        "supply_limit": limit,
    }
    return ArrayTable(_components(items), months, columns)


def _in_order(plan: ArrayTable) -> ArrayTable:
    """The table with its columns in the order of the schema."""
    return ArrayTable(plan.keys, plan.months, {name: plan[name] for name in NUMBERS})


@remembered
def _components(items: pd.Index) -> Keys:
    return Keys(DataFrame({"component": items}))


def _of_products(purchased_products: ArrayTable, terms: ArrayTable, days: MonthDays) -> ArrayTable:
    """Purchases of products: ordered a lead time before they are received."""
    received = purchased_products["purchased"]
    lead = _lead_of(purchased_products.keys, terms)
    price = np.divide(
        purchased_products["cost"], received, out=np.zeros(received.shape), where=received > 0
    )
    usual = price.max(axis=1, initial=0.0)[:, None]
    ordered = ordered_for(received, lead, days)
    columns = {"ordered": ordered, "received": received, "cost": ordered * usual}
    return ArrayTable(_as_sources(purchased_products.keys), purchased_products.months, columns)


@remembered
def _as_sources(purchased: Keys) -> Keys:
    return Keys(purchased.frame.rename(columns={"product": "item"})[SOURCE])


@remembered
def _lead_of(purchased: Keys, terms: ArrayTable) -> np.ndarray:
    """The lead time of each purchase: that of its source at the site, or at any site."""
    known = terms.keys.frame.assign(days=np.nan_to_num(terms["lead_time_days"][:, -1]))
    days = known.set_index(SOURCE)["days"].to_dict()
    return np.array(
        [
            days.get((row.product, row.supplier, row.site), 0.0)
            or days.get((row.product, row.supplier, ANY_SITE), 0.0)
            for row in purchased.frame.itertuples()
        ],
        dtype=float,
    )


def _purchases(goods, ways, received, ordered, months):
    """Purchases of components and products in one table."""
    columns = {"ordered": ordered, "received": received, "cost": ordered * ways.unit_cost}
    if not len(goods.keys):
        return ArrayTable(ways.keys, months, columns)
    joined = {name: np.vstack([goods[name], grid]) for name, grid in columns.items()}
    return ArrayTable(_both(goods.keys, ways.keys), months, joined)


@remembered
def _both(goods: Keys, components: Keys) -> Keys:
    return Keys(pd.concat([goods.frame, components.frame], ignore_index=True))


def _empty(months: pd.PeriodIndex) -> ArrayTable:
    none = DataFrame({"component": pd.Series(dtype="str")})
    return ArrayTable(Keys(none), months, dict.fromkeys(NUMBERS, np.zeros((0, len(months)))))
