"""Read the input and plan tables into the parameters of the supply programme."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.economics import worker_calendar
from sopkit.master_data.lead_times import lead_months, open_receipts
from sopkit.master_data.stock_policy import site_demand, stock_policy
from sopkit.model.parameters import (
    Components,
    Demands,
    Facts,
    Families,
    Items,
    Lanes,
    Resources,
    Routes,
    Stocks,
    StorageSites,
    TransferArcs,
)
from sopkit.tables import attach


@dataclass(frozen=True)
class SupplyInputs:
    """The tables of the supply plan."""

    planning_periods: DataFrame
    products: DataFrame
    demand_plan: DataFrame
    unit_economics: DataFrame
    sourcing_network: DataFrame
    item_locations: DataFrame
    inventory_targets: DataFrame
    inventory_policy: DataFrame | None = None
    resources: DataFrame | None = None
    routings: DataFrame | None = None
    resource_calendar: DataFrame | None = None
    supply_policy: DataFrame | None = None
    storage_capacity: DataFrame | None = None
    scheduled_receipts: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    components: DataFrame | None = None
    transfer_lanes: DataFrame | None = None
    approved_supply_plans: DataFrame | None = None
    allocation_policy: DataFrame | None = None
    market_priorities: DataFrame | None = None
    company_settings: DataFrame | None = None
    open_purchase_orders: DataFrame | None = None


def supply_facts(tables: SupplyInputs) -> Facts:
    """Read the tables of the supply plan into arrays.

    Raises
    ------
    ValueError : a table speaks of a product, site or resource that the tables it rests on do not know.
    """
    planning_periods, products, demand_plan = (
        tables.planning_periods,
        tables.products,
        tables.demand_plan,
    )
    sourcing_network, item_locations = tables.sourcing_network, tables.item_locations
    resources, inventory_policy = tables.resources, tables.inventory_policy
    months = pd.PeriodIndex(planning_periods["period"])
    families = _families(products, tables.supply_policy)
    items = _items(months, families, products, tables.unit_economics)
    demand = site_demand(demand_plan, sourcing_network, item_locations)
    policy = stock_policy(item_locations, demand, inventory_policy)
    targets, scheduled_receipts = tables.inventory_targets, tables.scheduled_receipts
    stocks = _stocks(months, items, item_locations, policy, demand, targets, scheduled_receipts)
    stocks = stocks._replace(approved=_approved(months, stocks.keys, tables.approved_supply_plans))
    wants = _wants(months, items, demand_plan, _waiting(items, inventory_policy))
    crews = _crews(planning_periods, resources, tables.resource_calendar)
    return Facts(
        months=months,
        items=items,
        families=families,
        stocks=stocks,
        wants=wants,
        lanes=_lanes(stocks, wants, sourcing_network),
        moves=_moves(stocks, tables.transfer_lanes),
        routes=_routes(items, stocks, crews, tables.routings, resources),
        crews=crews,
        stores=_stores(stocks, tables.storage_capacity),
        parts=_parts(months, items, tables),
    )


def _families(products, supply_policy):
    codes = pd.Index(products["family"].drop_duplicates().sort_values())
    if supply_policy is None:
        yes = np.ones(len(codes), dtype=bool)
        return Families(
            codes,
            np.full(len(codes), "optimal", dtype=object),
            yes,
            yes,
            yes * np.nan,
            np.zeros(len(codes)),
        )
    policy = supply_policy.set_index("family").reindex(codes)
    return Families(
        codes,
        strategy=policy["strategy"].fillna("optimal").to_numpy(dtype=object),
        holds_rate=(policy["level_basis"].fillna("rate") == "rate").to_numpy(),
        overtime=policy["overtime_allowed"].fillna(True).to_numpy(dtype=bool),
        outside=policy["subcontract_allowed"].astype("float64").to_numpy(),
        plan_change_cost=policy["plan_change_cost"].fillna(0.0).to_numpy(),
    )


def _items(months, families, products, unit_economics):
    table = products[["product", "family", "shelf_life_months"]].sort_values("product")
    codes = pd.Index(table["product"])
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
            "  Add a row to item_costs that applies from that month or earlier."
        )
    grids[4] = np.nan_to_num(grids[4], nan=0.0)
    grids[6] = np.nan_to_num(grids[6], nan=np.inf)
    keeps = np.floor(table["shelf_life_months"].fillna(np.inf).to_numpy())
    return Items(codes, families.codes.get_indexer(table["family"]), *grids, keeps=keeps)


def _waiting(items, inventory_policy):
    """Whether customers of each product wait: they do, unless any row of the policy says otherwise."""
    if inventory_policy is None:
        return np.ones(len(items.codes), dtype=bool)
    leaving = ~inventory_policy["backlog_allowed"].fillna(True).astype(bool)
    return ~items.codes.isin(inventory_policy.loc[leaving, "product"])


def _due(scheduled_receipts, months):
    """Finished goods on order by the month in which they come: what is overdue, as of components, in the first."""
    first = scheduled_receipts["period"].where(scheduled_receipts["period"] >= months[0], months[0])
    rows = scheduled_receipts.assign(period=first)
    return rows.groupby(["product", "site", "period"], as_index=False)["quantity"].sum()


def _stocks(months, items, item_locations, policy, demand, inventory_targets, scheduled_receipts):
    table = item_locations.sort_values(["product", "site"], ignore_index=True)
    sites = pd.Index(table["site"].drop_duplicates().sort_values(), dtype="str")
    keys = table[["product", "site"]]
    item = items.codes.get_indexer(table["product"])
    _refuse(item < 0, table, "item_locations", "product must be in products")

    def spread(rows, name, values):
        row = _rows(keys, rows)
        _refuse(row < 0, rows, name, "product and site must be together in item_locations")
        return _grid(months, len(keys), row, rows["period"], values, absent=0.0)

    target = spread(inventory_targets, "inventory_targets", inventory_targets["target_inventory"])
    most = policy["max_inventory"].fillna(np.inf).to_numpy()[:, None]
    coming = 0.0
    if scheduled_receipts is not None:
        due = _due(scheduled_receipts, months)
        coming = spread(due, "scheduled_receipts", due["quantity"])
    least = np.minimum(policy["min_inventory"].fillna(0).to_numpy()[:, None], target)
    least[:, -1] = policy["ending_inventory"].fillna(pd.Series(least[:, -1], index=policy.index))
    return Stocks(
        keys=keys,
        item=item,
        site=sites.get_indexer(table["site"]),
        makes=table["produced_here"].to_numpy(dtype=bool),
        on_hand=table["on_hand"].to_numpy(dtype=float),
        scheduled_receipts=np.zeros(target.shape) + coming,
        least=least,
        target=target,
        most=np.maximum(most, target),
        demand=spread(demand, "demand_plan", demand["demand"]),
        approved=np.full(target.shape, np.nan),
    )


def _approved(months, keys, approved_supply_plans):
    """Units that the cycle approved last planned to make; a product that is no longer held is left out."""
    if approved_supply_plans is None or approved_supply_plans.empty:
        return np.full((len(keys), len(months)), np.nan)
    last = approved_supply_plans[
        approved_supply_plans["cycle"] == approved_supply_plans["cycle"].max()
    ]
    row = _rows(keys, last)
    last, row = last[row >= 0], row[row >= 0]
    return _grid(
        months,
        len(keys),
        row,
        last["period"],
        last[["regular", "overtime", "subcontract"]].sum(axis=1),
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
        months,
        len(keys),
        _rows(keys, demand_plan),
        demand_plan["period"],
        demand_plan["consensus"],
        0.0,
    )
    return Demands(keys, item, demand, waiting[item])


def _lanes(stocks, wants, sourcing_network):
    ways = stocks.keys.reset_index(names="stock").merge(sourcing_network, on="site")
    ways = ways.merge(wants.keys.reset_index(names="want"), on=["product", "market"])
    ways = ways.sort_values(["stock", "want"], ignore_index=True)
    freight = ways["freight_cost"].to_numpy(dtype=float)
    return Lanes(
        ways[["product", "site", "market"]],
        ways["stock"].to_numpy(),
        ways["want"].to_numpy(),
        freight,
    )


def _moves(stocks, transfer_lanes):
    if transfer_lanes is None:
        transfer_lanes = pd.DataFrame({"site": [], "to_site": [], "freight_cost": []}, dtype="str")
    held = stocks.keys.reset_index(names="stock")
    ways = held.merge(transfer_lanes, on="site")
    ways = ways.merge(
        held.rename(columns={"site": "to_site", "stock": "to_stock"}), on=["product", "to_site"]
    )
    ways = ways.sort_values(["stock", "to_stock"], ignore_index=True)
    freight = ways["freight_cost"].to_numpy(dtype=float)
    keys = ways[["product", "site", "to_site"]]
    return TransferArcs(
        keys, ways["stock"].to_numpy(dtype=int), ways["to_stock"].to_numpy(dtype=int), freight
    )


def _routes(items, stocks, crews, routings, resources):
    """Routings, then free making for what has none, at every site that makes it."""
    columns = [
        "product",
        "resource",
        "hours_per_unit",
        "variable_cost",
        "min_lot",
        "setup_cost",
        "setup_hours",
        "routing_step",
    ]
    if routings is None:
        routings = pd.DataFrame(columns=columns)
    making = routings["variable_cost"].astype("float64").fillna(0.0)
    cheapest = making.groupby(routings["product"]).min().reindex(items.codes).fillna(0.0).to_numpy()
    if resources is None:
        routings = routings.iloc[:0]
    else:
        routings = attach(routings, resources[["resource", "site"]])
    free = np.flatnonzero(
        stocks.makes & ~stocks.keys["product"].isin(routings["product"]).to_numpy()
    )
    made = routings.sort_values(["product", "resource"])
    stock = _rows(stocks.keys, made) if len(made) else np.zeros(0, dtype=int)
    _refuse(
        stock < 0, made, "routings", "product must be held at the resource's site in item_locations"
    )
    stock = np.concatenate([stock, free])
    numbers = made[columns[2:]].astype("float64").fillna(0.0).to_numpy().T
    unstaffed = np.zeros((len(numbers), len(free)))
    unstaffed[1] = cheapest[stocks.item[free]]
    numbers = np.hstack([numbers, unstaffed])
    last = np.zeros(len(stocks.item))
    np.maximum.at(last, stock, numbers[-1])
    return Routes(
        stock,
        stocks.item[stock],
        np.concatenate([crews.codes.get_indexer(made["resource"]), np.full(len(free), -1)]),
        *numbers,
        yields=numbers[-1] == last[stock],
    )


def _crews(planning_periods, resources, resource_calendar):
    if resources is None:
        one, monthly = np.zeros(0), np.zeros((0, len(planning_periods)))
        return Resources(pd.Index([], dtype="str"), *[one] * 7, one.astype(bool), *[monthly] * 4)
    table = resources.sort_values("resource")
    calendar = worker_calendar(planning_periods, resources, resource_calendar).sort_values(
        ["resource", "period"]
    )
    hours = calendar[
        ["working_days", "regular_hours_per_worker", "overtime_hours_per_worker", "machine_hours"]
    ]
    hours = (
        hours.fillna({"machine_hours": np.inf})
        .to_numpy()
        .T.reshape(4, len(table), len(planning_periods))
    )
    paid = table[["regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]].to_numpy().T
    return Resources(
        pd.Index(table["resource"]),
        table["opening_workers"].to_numpy(),
        table["min_workers"].fillna(0).to_numpy(),
        table["max_workers"].fillna(np.inf).to_numpy(),
        *paid,
        table["whole_workers"].fillna(False).to_numpy(dtype=bool),
        *hours,
    )


def _stores(stocks, storage_capacity):
    if storage_capacity is None:
        return StorageSites(
            pd.Index([], dtype="str"), np.full(len(stocks.item), -1), np.zeros(0), np.zeros(0)
        )
    table = storage_capacity[storage_capacity["site"].isin(stocks.keys["site"])].sort_values("site")
    codes = pd.Index(table["site"])
    place = codes.get_indexer(stocks.keys["site"])
    return StorageSites(
        codes, place, table["storage_limit"].to_numpy(), table["overflow_storage_cost"].to_numpy()
    )


def _parts(months, items, tables):
    """Components with a supplier's limit; nothing else is held to stop production."""
    bill_of_materials, components = tables.bill_of_materials, tables.components
    if bill_of_materials is None or components is None:
        return Components(
            pd.Index([], dtype="str"), np.zeros((0, len(months))), csr_array((0, len(items.codes)))
        )
    table = components[components["supply_limit"].notna()].sort_values("component")
    usage = usage_per_unit(bill_of_materials)
    usage = usage[usage["component"].isin(table["component"]) & usage["product"].isin(items.codes)]
    table = table[table["component"].isin(usage["component"])]
    codes = pd.Index(table["component"])
    place = (codes.get_indexer(usage["component"]), items.codes.get_indexer(usage["product"]))
    arrives = np.arange(len(months))[None, :] >= lead_months(table["lead_time_days"])[:, None]
    open_orders = open_receipts(codes, months, tables.open_purchase_orders)
    arriving = np.maximum(arrives * table[["supply_limit"]].to_numpy(), open_orders)
    arriving[:, 0] += table["on_hand"].to_numpy()
    return Components(
        codes,
        arriving,
        csr_array((usage["quantity_per_unit"], place), shape=(len(codes), len(items.codes))),
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
