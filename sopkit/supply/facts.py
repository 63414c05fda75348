"""The tables of the supply review as arrays: rows in order of their codes, a column for each planned month.

The order of codes makes the plan independent of the order of rows in the input.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from sopkit.supply.capacity import worker_calendar
from sopkit.supply.inventory import site_demand, stock_policy
from sopkit.supply.procurement import lead_months, usage_per_unit
from sopkit.tables import attach


class Items(NamedTuple):
    """Products and their money; `outside` is nan where nobody else makes the product."""

    codes: pd.Index
    family: np.ndarray  # position in families
    families: pd.Index
    price: np.ndarray
    material: np.ndarray
    holding: np.ndarray
    late: np.ndarray
    lost: np.ndarray
    outside: np.ndarray
    outside_limit: np.ndarray


class Stocks(NamedTuple):
    """A product at a site."""

    keys: pd.DataFrame
    item: np.ndarray
    site: np.ndarray
    makes: np.ndarray
    on_hand: np.ndarray
    receipts: np.ndarray
    least: np.ndarray
    target: np.ndarray
    most: np.ndarray
    demand: np.ndarray  # of the markets that count on the site


class Wants(NamedTuple):
    """A product in a market."""

    keys: pd.DataFrame
    item: np.ndarray
    demand: np.ndarray
    waits: np.ndarray


class Lanes(NamedTuple):
    """A product's way from a site to a market."""

    keys: pd.DataFrame
    stock: np.ndarray
    want: np.ndarray
    freight: np.ndarray


class Routes(NamedTuple):
    """A way to make a product: on a resource, or freely (resource -1)."""

    stock: np.ndarray
    item: np.ndarray
    resource: np.ndarray
    hours: np.ndarray
    making: np.ndarray


class Crews(NamedTuple):
    """A resource; `machine_hours` is inf where no machine limits."""

    codes: pd.Index
    opening: np.ndarray
    least: np.ndarray
    most: np.ndarray
    regular_wage: np.ndarray
    overtime_wage: np.ndarray
    hire_cost: np.ndarray
    layoff_cost: np.ndarray
    whole: np.ndarray
    days: np.ndarray
    regular_hours: np.ndarray
    overtime_hours: np.ndarray
    machine_hours: np.ndarray


class Stores(NamedTuple):
    """A site with a limit; `rent` is nan where more room cannot be had for money."""

    codes: pd.Index
    of_stock: np.ndarray  # position of each stock's site in codes; -1 where the site has no limit
    limit: np.ndarray
    rent: np.ndarray


class Parts(NamedTuple):
    """A component whose supplier has a limit."""

    codes: pd.Index
    arriving: np.ndarray  # stock in the first month; the limit once a new order can arrive
    usage: csr_array  # component x product


class Facts(NamedTuple):
    months: pd.PeriodIndex
    items: Items
    stocks: Stocks
    wants: Wants
    lanes: Lanes
    routes: Routes
    crews: Crews
    stores: Stores
    parts: Parts


def supply_facts(
    horizon,
    products,
    demand_plan,
    unit_economics,
    network,
    product_sites,
    inventory_targets,
    inventory_policy=None,
    resources=None,
    routings=None,
    resource_calendar=None,
    storage=None,
    receipts=None,
    bill_of_materials=None,
    components=None,
):
    """Read the tables of the supply review into arrays.

    Raises
    ------
    ValueError : a table speaks of a product, site or resource that the tables it rests on do not know.
    """
    months = pd.PeriodIndex(horizon["period"])
    items = _items(months, products, unit_economics)
    sites = pd.Index(product_sites["site"].drop_duplicates().sort_values(), dtype="str")
    waiting = _waiting(items, inventory_policy)
    demand = site_demand(demand_plan, network, product_sites)
    policy = stock_policy(product_sites, demand, inventory_policy)
    stocks = _stocks(months, items, sites, product_sites, policy, demand, inventory_targets, receipts)
    wants = _wants(months, items, demand_plan, waiting)
    crews = _crews(horizon, resources, resource_calendar)
    return Facts(
        months=months,
        items=items,
        stocks=stocks,
        wants=wants,
        lanes=_lanes(stocks, wants, network),
        routes=_routes(items, stocks, crews, routings, resources),
        crews=crews,
        stores=_stores(stocks, storage),
        parts=_parts(len(months), items, bill_of_materials, components),
    )


def _items(months, products, unit_economics):
    table = products[["product", "family"]].sort_values("product")
    codes = pd.Index(table["product"])
    families = pd.Index(table["family"].drop_duplicates().sort_values())
    row = codes.get_indexer(unit_economics["product"])
    _refuse(row < 0, unit_economics, "unit_economics", "product must be in products")
    columns = ["price", "material_cost", "holding_cost", "backlog_cost", "lost_sale_cost"]
    columns += ["subcontract_cost", "subcontract_limit"]
    grids = [
        _grid(months, len(codes), row, unit_economics["period"], unit_economics[c].astype(float))
        for c in columns
    ]
    gap = np.argwhere(np.isnan(np.stack(grids[:4])))
    if len(gap):
        column, item, month = gap[0]
        raise ValueError(
            f"unit_economics: {columns[column]} must be known in every planned month;"
            f" product={codes[item]}  period={months[month]} has none\n"
            "  Add a row to economics that holds from that month or earlier."
        )
    grids[4] = np.nan_to_num(grids[4], nan=0.0)
    grids[6] = np.nan_to_num(grids[6], nan=np.inf)
    return Items(codes, families.get_indexer(table["family"]), families, *grids)


def _waiting(items, inventory_policy):
    """Whether customers of each product wait: they do, unless any row of the policy says otherwise."""
    if inventory_policy is None:
        return np.ones(len(items.codes), dtype=bool)
    leaving = ~inventory_policy["backlog_allowed"].fillna(True).astype(bool)
    return ~items.codes.isin(inventory_policy.loc[leaving, "product"])


def _stocks(months, items, sites, product_sites, policy, demand, inventory_targets, receipts):
    table = product_sites.sort_values(["product", "site"], ignore_index=True)
    keys = table[["product", "site"]]
    item = items.codes.get_indexer(table["product"])
    _refuse(item < 0, table, "product_sites", "product must be in products")

    def spread(rows, name, values):
        row = _rows(keys, rows)
        _refuse(row < 0, rows, name, "product and site must be together in product_sites")
        return _grid(months, len(keys), row, rows["period"], values, absent=0.0)

    target = spread(inventory_targets, "inventory_targets", inventory_targets["target_inventory"])
    most = policy["max_inventory"].fillna(np.inf).to_numpy()[:, None]
    coming = 0.0 if receipts is None else spread(receipts, "receipts", receipts["quantity"])
    return Stocks(
        keys=keys,
        item=item,
        site=sites.get_indexer(table["site"]),
        makes=table["makes"].to_numpy(dtype=bool),
        on_hand=table["on_hand"].to_numpy(dtype=float),
        receipts=np.zeros(target.shape) + coming,
        least=np.minimum(policy["min_inventory"].fillna(0).to_numpy()[:, None], target),
        target=target,
        most=np.maximum(most, target),
        demand=spread(demand, "demand_plan", demand["demand"]),
    )


def _wants(months, items, demand_plan, waiting):
    keys = (
        demand_plan[["product", "market"]]
        .drop_duplicates()
        .sort_values(["product", "market"], ignore_index=True)
    )
    item = items.codes.get_indexer(keys["product"])
    _refuse(item < 0, keys, "demand_plan", "product must be in products")
    demand = _grid(
        months, len(keys), _rows(keys, demand_plan), demand_plan["period"], demand_plan["consensus"], 0.0
    )
    return Wants(keys, item, demand, waiting[item])


def _lanes(stocks, wants, network):
    ways = stocks.keys.reset_index(names="stock").merge(network, on="site")
    ways = ways.merge(wants.keys.reset_index(names="want"), on=["product", "market"])
    ways = ways.sort_values(["stock", "want"], ignore_index=True)
    freight = ways["freight_cost"].to_numpy(dtype=float)
    return Lanes(
        ways[["product", "site", "market"]], ways["stock"].to_numpy(), ways["want"].to_numpy(), freight
    )


def _routes(items, stocks, crews, routings, resources):
    """Routings, then free making for what has none, at every site that makes it."""
    if routings is None:
        routings = pd.DataFrame({"product": [], "resource": [], "hours_per_unit": [], "variable_cost": []})
    making = routings["variable_cost"].fillna(0).astype(float)
    cheapest = making.groupby(routings["product"]).min().reindex(items.codes).fillna(0).to_numpy()
    if resources is None:
        routings, making = routings.iloc[:0], making.iloc[:0]
    else:
        routings = attach(routings, resources[["resource", "site"]])
    free = np.flatnonzero(stocks.makes & ~stocks.keys["product"].isin(routings["product"]).to_numpy())
    order = np.lexsort((routings["resource"], routings["product"]))
    made, making = routings.iloc[order], making.to_numpy()[order]
    stock = _rows(stocks.keys, made) if len(made) else np.zeros(0, dtype=int)
    _refuse(stock < 0, made, "routings", "product must be held at the resource's site in product_sites")
    stock = np.concatenate([stock, free])
    return Routes(
        stock=stock,
        item=stocks.item[stock],
        resource=np.concatenate([crews.codes.get_indexer(made["resource"]), np.full(len(free), -1)]),
        hours=np.concatenate([made["hours_per_unit"].to_numpy(dtype=float), np.zeros(len(free))]),
        making=np.concatenate([making, cheapest[stocks.item[free]]]),
    )


def _crews(horizon, resources, resource_calendar):
    if resources is None:
        one, monthly = np.zeros(0), np.zeros((0, len(horizon)))
        return Crews(pd.Index([], dtype="str"), *[one] * 7, one.astype(bool), *[monthly] * 4)
    table = resources.sort_values("resource")
    calendar = worker_calendar(horizon, resources, resource_calendar).sort_values(["resource", "period"])
    hours = calendar[
        ["working_days", "regular_hours_per_worker", "overtime_hours_per_worker", "machine_hours"]
    ]
    hours = hours.fillna({"machine_hours": np.inf}).to_numpy().T.reshape(4, len(table), len(horizon))
    paid = table[["regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]].to_numpy().T
    return Crews(
        pd.Index(table["resource"]),
        table["opening_workers"].to_numpy(),
        table["min_workers"].fillna(0).to_numpy(),
        table["max_workers"].fillna(np.inf).to_numpy(),
        *paid,
        table["whole_workers"].fillna(False).to_numpy(dtype=bool),
        *hours,
    )


def _stores(stocks, storage):
    if storage is None:
        return Stores(pd.Index([], dtype="str"), np.full(len(stocks.item), -1), np.zeros(0), np.zeros(0))
    table = storage[storage["site"].isin(stocks.keys["site"])].sort_values("site")
    codes = pd.Index(table["site"])
    place = codes.get_indexer(stocks.keys["site"])
    return Stores(codes, place, table["storage_limit"].to_numpy(), table["rent_cost"].to_numpy())


def _parts(length, items, bill_of_materials, components):
    """Components with a supplier's limit; nothing else is held to stop production."""
    if bill_of_materials is None or components is None:
        return Parts(pd.Index([], dtype="str"), np.zeros((0, length)), csr_array((0, len(items.codes))))
    table = components[components["supply_limit"].notna()].sort_values("component")
    usage = usage_per_unit(bill_of_materials)
    usage = usage[usage["component"].isin(table["component"]) & usage["product"].isin(items.codes)]
    table = table[table["component"].isin(usage["component"])]
    codes = pd.Index(table["component"])
    place = (codes.get_indexer(usage["component"]), items.codes.get_indexer(usage["product"]))
    arrives = np.arange(length)[None, :] >= lead_months(table["lead_time_days"])[:, None]
    arriving = arrives * table[["supply_limit"]].to_numpy()
    arriving[:, 0] += table["on_hand"].to_numpy()
    return Parts(
        codes, arriving, csr_array((usage["quantity_per_unit"], place), shape=(len(codes), len(items.codes)))
    )


def _grid(months, count, row, periods, values, absent=np.nan):
    """Lay values out by row and planned month; months outside the horizon belong to other plans."""
    month = pd.PeriodIndex(periods).asi8 - months[0].ordinal
    planned = (month >= 0) & (month < len(months))
    grid = np.full((count, len(months)), absent)
    grid[row[planned], month[planned]] = np.asarray(values, dtype=float)[planned]
    return grid


def _rows(keys, table):
    """The position in `keys` of each row of a table; -1 where it has none."""
    columns = list(keys.columns)
    return pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(table[columns]))


def _refuse(broken, table, name, rule):
    if np.any(broken):
        row = table[np.asarray(broken)].iloc[0]
        keys = "  ".join(
            f"{c}={row[c]}" for c in ("product", "site", "market", "resource") if c in table.columns
        )
        raise ValueError(f"{name}: {rule}; {np.sum(broken)} of {len(table)} rows are not: {keys}")
