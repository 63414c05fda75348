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
    receivable,
    source_terms,
)
from sopkit.model.material_readings import material_usage, on_hand_of
from sopkit.model.requirements import requirements
from sopkit.model.supplier_notice import most_new
from sopkit.rules.remember import remembered
from sopkit.schema.tolerances import ROUNDING
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


class Deliveries(NamedTuple):
    """The ways of items from their suppliers: one row each, in the order in which they are used."""

    item: np.ndarray
    rank: np.ndarray  # 0 is used first
    possible: np.ndarray  # units, by month
    least: np.ndarray  # units, by month
    multiple: np.ndarray  # units, by month
    lead: np.ndarray  # days
    unit_cost: np.ndarray  # money per unit, by month
    limit: np.ndarray  # units, by month; nan without a limit
    most_new: np.ndarray  # items x months: units that notice lets new orders bring
    keys: Keys  # item, supplier, site


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
    usage = stocked_usage(bill_of_materials, products, components, sources)
    codes = _codes(products)
    items, direct, into = material_usage(usage, codes)
    rate = requirements(items, demand_plan, bill_of_materials)
    coming = open_orders(items, planning_periods, purchase_orders)
    ways = _ways(items, terms, rate, days)
    ways = ways._replace(most_new=most_new(items, planning_fences, coming))
    asked = requirements(items, _unstocked(demand_plan, supply_plan), bill_of_materials)
    needed = direct @ _started(codes, supply_plan)
    stated = on_hand_of(items, components)
    on_hand = stated.copy()
    required, received = np.zeros(needed.shape), np.zeros((len(ways.item), len(months)))
    for level in _levels(items, into):
        required[level] = needed[level]
        own = np.flatnonzero(np.isin(ways.item, level))
        on_hand[level] = _known(on_hand, required, ways, level)
        received[own] = _deliveries(required, coming, on_hand, ways, own)
        placed = ordered_for(received[own], ways.lead[own], days)
        np.add.at(needed, slice(None), into[:, ways.item[own]] @ placed)
    ordered = ordered_for(received, ways.lead, days)
    return Procurement(
        _in_order(
            _plan(months, items, ways, required, received, ordered, coming, on_hand).assign(
                demand_requirement=asked, shortage=_shortage(asked, stated, coming, ways)
            )
        ),
        _purchases(goods, ways, received, ordered, months),
    )


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
    possible = np.minimum(_by_item(ways, len(asked), ways.possible), ways.most_new).cumsum(axis=1)
    there = on_hand[:, None] + coming.cumsum(axis=1) + possible
    short = asked.cumsum(axis=1) - there
    return np.where(short > ROUNDING, short, 0.0)


@remembered
def _levels(items: pd.Index, into: csr_array) -> list[np.ndarray]:
    """Positions of the items of each level: after everything they go into."""
    below = levels_of(items, into)
    rest = np.setdiff1d(np.arange(len(items)), np.concatenate([*below, np.zeros(0, dtype=int)]))
    return [rest, *below]


def _ways(items: pd.Index, terms: ArrayTable, rate: np.ndarray, days: MonthDays) -> Deliveries:
    """The sources of every item; one without any is there when it is needed."""
    own = _rows_of(items, terms.keys)
    place = items.get_indexer(pd.Index(terms.keys["item"]))[own]
    alone = np.setdiff1d(np.arange(len(items)), place)
    given = terms.keep(own)
    nothing = np.full((len(alone), len(terms.months)), np.nan)
    number = {name: np.vstack([given[name], nothing]) for name in given.names}
    item = np.concatenate([place, alone]).astype(int)
    possible = receivable(given, rate[place], days)
    possible = np.vstack([possible, np.full(nothing.shape, np.inf)])
    return Deliveries(
        item=item,
        rank=_rank(item),
        possible=possible,
        least=np.nan_to_num(number["min_order"]),
        multiple=np.nan_to_num(number["order_multiple"]),
        lead=np.nan_to_num(number["lead_time_days"][:, -1]),
        unit_cost=np.nan_to_num(number["unit_cost"]),
        limit=number["supply_limit"],
        most_new=np.full((len(items), len(terms.months)), np.inf),
        keys=_way_keys(given.keys, items, alone.tobytes()),
    )


@remembered
def _rows_of(items: pd.Index, sources: Keys) -> np.ndarray:
    return np.flatnonzero(items.get_indexer(pd.Index(sources["item"])) >= 0)


@remembered
def _way_keys(sources: Keys, items: pd.Index, alone: bytes) -> Keys:
    rest = items[np.frombuffer(alone, dtype=np.int64)]
    unknown = DataFrame({"item": rest}).reindex(columns=SOURCE)
    unknown = unknown.astype(dict.fromkeys(SOURCE, "str"))
    frame = sources.frame.assign(site=pd.NA)
    return Keys(pd.concat([frame, unknown], ignore_index=True).astype("str"))


def _rank(item: np.ndarray) -> np.ndarray:
    """The place of each row among those of its item."""
    return DataFrame({"item": item}).groupby("item").cumcount().to_numpy()


def _known(on_hand, required, ways, level):
    """Stock of items; what is not given covers the need until a new order could arrive."""
    before = np.ones(required.shape, dtype=bool)
    for row, item in enumerate(ways.item):
        before[item] &= np.minimum(ways.possible[row], ways.most_new[item]).cumsum() == 0
    assumed = (required * before).sum(axis=1)
    return np.where(np.isnan(on_hand), assumed, on_hand)[level]


def _deliveries(required, coming, on_hand, ways, own):
    """Deliveries of some ways that cover what stock does not: just in time, earlier before a peak,
    late where nothing else helps."""
    count = len(required)
    possible = np.zeros(required.shape)
    np.add.at(possible, ways.item[own], ways.possible[own])
    balance = (required - coming).cumsum(axis=1) - on_hand[:, None]
    need = np.diff(np.maximum.accumulate(np.maximum(balance, 0), axis=1), axis=1, prepend=0)
    possible = np.maximum(possible - np.where(np.isfinite(possible), coming, 0.0), 0.0)
    possible = np.minimum(possible, ways.most_new)
    wanted, pushed = np.zeros(need.shape), np.zeros(count)
    for month in reversed(range(need.shape[1])):
        wanted[:, month] = np.minimum(need[:, month] + pushed, possible[:, month])
        pushed += need[:, month] - wanted[:, month]
    received, late, spare = np.zeros((len(own), need.shape[1])), pushed, np.zeros(count)
    turns = [np.flatnonzero(ways.rank[own] == turn) for turn in np.unique(ways.rank[own])]
    for month in range(need.shape[1]):
        due, open_limit = np.maximum(wanted[:, month] + late - spare, 0), possible[:, month].copy()
        brought = np.zeros(count)
        for turn in turns:
            way = own[turn]
            item = ways.item[way]
            rest = np.maximum(due[item] - brought[item], 0.0)
            size = _lot(rest, ways.least[way, month], ways.multiple[way, month])
            size = np.minimum(np.minimum(size, ways.possible[way, month]), open_limit[item])
            received[turn, month] = size
            brought[item] += size
            open_limit[item] -= size
        balance = spare + brought - wanted[:, month] - late
        spare, late = np.maximum(balance, 0), np.maximum(-balance, 0)
    return received


def _lot(need, least, multiple):
    """What is ordered for a need: at least the minimum order, in whole multiples."""
    size = np.where(need > ROUNDING, np.maximum(need, least), 0.0)
    step = np.where(multiple > 0, multiple, 1.0)
    return np.where(multiple > 0, np.ceil(size / step - ROUNDING) * step, size)


def _plan(months, items, ways, required, received, ordered, coming, on_hand):
    brought, placed, cost, limit = (
        _by_item(ways, len(items), grid)
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


def _by_item(ways, count, grid):
    total = np.zeros((count, grid.shape[1]))
    np.add.at(total, ways.item, grid)
    return total


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
