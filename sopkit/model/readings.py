"""Read the input and plan tables into the parameters of the supply programme."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.bom import co_products
from sopkit.master_data.dated import in_force, once
from sopkit.master_data.economics import HOURS, crew_calendar
from sopkit.master_data.sources import lead_shift
from sopkit.master_data.stock_policy import site_demand, stock_levels
from sopkit.master_data.supply_modes import is_storable
from sopkit.master_data.yields import days_of_all_steps, routings_in_force
from sopkit.model import supply_modes
from sopkit.model.material_readings import assemblies, materials, purchases
from sopkit.model.parameters import (
    Demands,
    Facts,
    Families,
    Items,
    Lanes,
    Resources,
    Routes,
    Rules,
    Stocks,
    StorageSites,
    TransferArcs,
)
from sopkit.model.planning_rules import Known, no_rules, notice_months, planning_rules
from sopkit.model.staffing import staffed_while_open
from sopkit.rules.remember import remembered
from sopkit.tables import attach, empty
from sopkit.tables.arrays import ArrayTable, Keys, keys_of, rows_in
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

# what a routing says of a unit or a run
ROUTE = [
    "hours_per_unit",
    "variable_cost",
    "min_lot",
    "setup_cost",
    "setup_hours",
    "routing_step",
]


PAY = ("regular_wage", "overtime_wage", "hire_cost", "layoff_cost")  # as fields of `Resources`
PER_UNIT = ("hours_per_unit", "variable_cost")  # what a route takes of a unit it works on

PRICES = (
    "price",
    "material_cost",
    "holding_cost",
    "backlog_cost",
    "lost_sale_cost",
    "subcontract_cost",
    "subcontract_limit",
    "subcontract_lead_time_days",
)


@dataclass(frozen=True)
class SupplyInputs:
    """The tables of the supply plan."""

    planning_periods: DataFrame
    products: DataFrame
    demand_plan: ArrayTable
    unit_economics: ArrayTable
    sourcing_network: DataFrame
    item_locations: DataFrame
    inventory_targets: ArrayTable
    inventory_policy: DataFrame | None = None
    resources: DataFrame | None = None
    routings: DataFrame | None = None
    resource_calendar: DataFrame | None = None
    supply_policy: DataFrame | None = None
    storage_capacity: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    components: DataFrame | None = None
    sources: DataFrame | None = None
    purchase_orders: DataFrame | None = None
    transfer_lanes: DataFrame | None = None
    approved_supply_plans: DataFrame | None = None
    allocation_policy: DataFrame | None = None
    market_priorities: DataFrame | None = None
    company_settings: DataFrame | None = None
    planning_fences: DataFrame | None = None
    plan_overrides: DataFrame | None = None
    production_history: DataFrame | None = None
    work_calendar: DataFrame | None = None


@on_arrays
def supply_facts(inputs: SupplyInputs) -> Facts:
    """Read the tables of the supply plan into arrays.

    Raises
    ------
    ValueError : a table speaks of a product, site or resource that the tables it rests on do not
        know.
    """
    t = inputs
    months, products, demand_plan = months_of(t.planning_periods), t.products, t.demand_plan
    families = _families(products, t.supply_policy)
    items = _items(products, months, families, t.unit_economics)
    demand = site_demand.on_arrays(demand_plan, t.sourcing_network, t.item_locations)
    policy = stock_levels(t.item_locations, demand, months, t.inventory_policy)
    makes = _makes(t.item_locations, items)
    least, target, most = _levels(policy, makes.keys, t.inventory_targets)
    asked = demand.on(ArrayTable(makes.keys, months, {}), default=0.0)["demand"]
    window = supply_modes.order_window(products, makes, asked, t.inventory_targets)
    stocks = makes._replace(
        least=least,
        target=target,
        most=np.minimum(most, np.maximum(window, target)),
        scheduled_receipts=_coming(makes.keys, months, t.purchase_orders),
        demand=asked,
        approved=_approved(makes.keys, months, t.approved_supply_plans),
    )
    wants = _wants(demand_plan, items, t.inventory_policy, t.sourcing_network)
    crews = _crews(
        t.planning_periods, t.resources, t.resource_calendar, t.work_calendar, t.planning_fences
    )
    unmade = _unmade(t.sources, t.bill_of_materials)
    routes = _routes(months, items, makes, crews.codes, t.routings, t.resources, unmade)
    return Facts(
        months=months,
        shown=len(months),
        items=items,
        families=families,
        stocks=stocks,
        wants=wants,
        lanes=_lanes(t.sourcing_network, makes.keys, wants.keys),
        moves=_moves(makes.keys, t.transfer_lanes),
        routes=routes,
        crews=crews,
        stores=_stores(months, makes.keys, t.storage_capacity),
        purchases=purchases(
            stocks,
            items.codes,
            months,
            demand_plan,
            items.material,
            t.sources,
            t.bill_of_materials,
        ),
        materials=materials(
            products,
            items.codes,
            months,
            demand_plan,
            t.bill_of_materials,
            t.components,
            t.sources,
            t.purchase_orders,
        ),
        assemblies=assemblies(makes, products, t.bill_of_materials, t.components, t.sources),
        rules=_rules(t, Known(months, items, families, makes, crews.codes, crews.opening), routes),
    )


def _rules(t: SupplyInputs, known: Known, routes: Routes) -> Rules:
    """Firm production, planner's rows, fences and notices; crews that are kept or ended with."""
    of_kept = known.families.kept[known.items.family]
    crews = np.unique(routes.resource[of_kept[routes.item] & (routes.resource >= 0)])
    ending: tuple[float, ...] = ()
    if t.resources is not None and t.resources["ending_workers"].notna().any():
        last = in_force(t.resources, ("resource",), known.months)["ending_workers"][:, -1]
        ending = tuple(last.tolist())
    tables = (t.planning_fences, t.plan_overrides)
    if not len(crews) and not ending and all(table is None for table in tables):
        return no_rules()
    return planning_rules(
        known,
        *tables,
        t.approved_supply_plans,
        t.production_history,
        tuple(known.crews[crews]),
        ending,
    )


@remembered
def _families(products: DataFrame, supply_policy: DataFrame | None) -> Families:
    codes = pd.Index(products["family"].drop_duplicates().sort_values())
    if supply_policy is None:
        unknown, nothing = np.full(len(codes), np.nan), np.zeros(len(codes))
        return Families(
            codes,
            strategy=np.full(len(codes), "optimal", dtype=object),
            holds_rate=np.ones(len(codes), dtype=bool),
            overtime=unknown,
            outside=unknown,
            chase_by=np.full(len(codes), "", dtype=object),
            kept=np.zeros(len(codes), dtype=bool),
            rate_up=nothing,
            rate_down=nothing,
            plan_change_cost=nothing,
        )
    policy = supply_policy.set_index("family").reindex(codes)
    return Families(
        codes,
        strategy=policy["strategy"].fillna("optimal").to_numpy(dtype=object),
        holds_rate=(policy["level_basis"].fillna("rate") == "rate").to_numpy(),
        overtime=policy["overtime_allowed"].astype("float64").to_numpy(),
        outside=policy["subcontract_allowed"].astype("float64").to_numpy(),
        chase_by=policy["chase_by"].fillna("").to_numpy(dtype=object),
        kept=policy["crew_kept"].fillna(False).to_numpy(dtype=bool),
        rate_up=policy["rate_increase_cost"].fillna(0.0).to_numpy(),
        rate_down=policy["rate_decrease_cost"].fillna(0.0).to_numpy(),
        plan_change_cost=policy["plan_change_cost"].fillna(0.0).to_numpy(),
    )


@remembered
def _items(
    products: DataFrame, months: PeriodIndex, families: Families, unit_economics: ArrayTable
) -> Items:
    table = products[["product", "family", "shelf_life_months"]].sort_values("product")
    codes = pd.Index(table["product"])
    known = unit_economics.keys
    _refuse(
        codes.get_indexer(known["product"]) < 0,
        known.frame,
        "unit_economics",
        "product must be in products",
    )
    prices = unit_economics.on(ArrayTable(Keys(table[["product"]]), months, {}), default=np.nan)
    grids = [prices[name] for name in PRICES]
    gap = np.argwhere(np.isnan(np.stack(grids[:4])))
    if len(gap):
        column, item, month = gap[0]
        raise ValueError(
            f"unit_economics: {PRICES[column]} must be known in every planned month;"
            f" product={codes[item]}  period={months[month]} has none\n"
            "  Add a row to item_costs that applies from that month or earlier."
        )
    grids[4] = np.nan_to_num(grids[4], nan=0.0)
    grids[6] = np.nan_to_num(grids[6], nan=np.inf)
    grids[7] = np.nan_to_num(grids[7])[:, 0]
    keeps = np.floor(table["shelf_life_months"].fillna(np.inf).to_numpy())
    keeps = np.where(is_storable(products, keys_of(table, "product")), keeps, 0.0)
    return Items(codes, families.codes.get_indexer(table["family"]), *[*grids, keeps])


@remembered
def _makes(item_locations: DataFrame, items: Items) -> Stocks:
    """The products at sites, what is on hand there, and whether they are made there."""
    table = item_locations.sort_values(["product", "site"], ignore_index=True)
    sites = pd.Index(table["site"].drop_duplicates().sort_values(), dtype="str")
    item = items.codes.get_indexer(table["product"])
    _refuse(item < 0, table, "item_locations", "product must be in products")
    nothing = np.zeros((len(table), 0))
    return Stocks(
        keys=Keys(table[["product", "site"]]),
        item=item,
        site=sites.get_indexer(table["site"]),
        makes=table["produced_here"].to_numpy(dtype=bool),
        on_hand=table["on_hand"].to_numpy(dtype=float),
        **dict.fromkeys(Stocks._fields[5:], nothing),
    )


@remembered
def _levels(
    policy: ArrayTable, keys: Keys, inventory_targets: ArrayTable
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The least, wanted and most stock at the end of each month: stocks x months."""
    _refuse_others(keys, inventory_targets.keys, "inventory_targets")
    levels = inventory_targets.on(ArrayTable(keys, inventory_targets.months, {}), default=0.0)
    target = levels["target_inventory"]
    most = np.nan_to_num(policy["max_inventory"], nan=np.inf)
    least = np.minimum(np.nan_to_num(policy["min_inventory"]), target)
    ending = policy["ending_inventory"][:, -1]
    least[:, -1] = np.where(np.isnan(ending), least[:, -1], ending)
    return least, target, np.maximum(most, target)


@remembered
def _coming(keys: Keys, months: PeriodIndex, purchase_orders: DataFrame | None) -> np.ndarray:
    """Products on order by the month in which they come: what is overdue, in the first.

    An order that names no site is for the first site that holds the product.
    """
    coming = np.zeros((len(keys), len(months)))
    if purchase_orders is None:
        return coming
    first = keys.frame.drop_duplicates("product").set_index("product")["site"]
    rows = purchase_orders[purchase_orders["item"].isin(first.index)]
    place = pd.DataFrame(
        {"product": rows["item"], "site": rows["site"].fillna(rows["item"].map(first))}
    )
    _refuse_others(keys, Keys(place), "purchase_orders")
    row = rows_in(Keys(place), keys)
    month = np.maximum(PeriodIndex(rows["due_day"], freq="M").asi8 - months[0].ordinal, 0)
    planned = month < len(months)
    quantity = rows["quantity"].to_numpy(dtype=float)
    np.add.at(coming, (row[planned], month[planned]), quantity[planned])
    return coming


@remembered
def _approved(
    keys: Keys, months: PeriodIndex, approved_supply_plans: DataFrame | None
) -> np.ndarray:
    """Units that the cycle approved last planned to make; a product that is no longer held is left
    out."""
    if approved_supply_plans is None or approved_supply_plans.empty:
        return np.full((len(keys), len(months)), np.nan)
    newest = approved_supply_plans["cycle"] == approved_supply_plans["cycle"].max()
    last = approved_supply_plans[newest]
    units = last[["regular", "overtime", "subcontract"]].sum(axis=1)
    rows = last[["product", "site", "period"]].assign(units=units)
    plan = ArrayTable.of_rows(rows, ["product", "site"], months)
    return plan.on(ArrayTable(keys, months, {}), default=np.nan)["units"]


@remembered
def _wants(
    demand_plan: ArrayTable,
    items: Items,
    inventory_policy: DataFrame | None,
    sourcing_network: DataFrame,
) -> Demands:
    keys = _sorted(demand_plan.keys)
    item = items.codes.get_indexer(keys["product"])
    _refuse(item < 0, keys.frame, "demand_plan", "product must be in products")
    asked = demand_plan.on(ArrayTable(keys, demand_plan.months, {}), default=0.0)
    waits, demand = _waiting(items, inventory_policy)[item], asked["total_demand"]
    in_transit = _in_transit(keys, demand, sourcing_network)
    return Demands(keys, item, demand, waits, asked["past_due_orders"], in_transit)


def _in_transit(keys: Keys, demand: np.ndarray, sourcing_network: DataFrame) -> np.ndarray:
    """What is assumed to be on the way to customers at the start: their demand of these days.

    The days are those of the lane with the least freight.
    """
    lanes = sourcing_network.sort_values("freight_cost", kind="stable").drop_duplicates("market")
    days = keys.frame["market"].map(lanes.set_index("market")["lead_time_days"])
    whole, part = lead_shift(days.to_numpy(dtype=float))
    month = np.arange(demand.shape[1])
    share = np.where(month < whole[:, None], 1.0, 0.0)
    return demand * np.where(month == whole[:, None], part[:, None], share)


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
def _lanes(sourcing_network: DataFrame, stocks: Keys, wants: Keys) -> Lanes:
    ways = stocks.frame.reset_index(names="stock").merge(sourcing_network, on="site")
    ways = ways.merge(wants.frame.reset_index(names="want"), on=["product", "market"])
    ways = ways.sort_values(["stock", "want"], ignore_index=True)
    freight, lead = ways[["freight_cost", "lead_time_days"]].to_numpy(dtype=float).T
    return Lanes(
        Keys(ways[["product", "site", "market"]]),
        ways["stock"].to_numpy(),
        ways["want"].to_numpy(),
        freight,
        np.nan_to_num(lead),
    )


@remembered
def _moves(stocks: Keys, transfer_lanes: DataFrame | None) -> TransferArcs:
    if transfer_lanes is None:
        transfer_lanes = empty("transfer_lanes")
    held = stocks.frame.reset_index(names="stock")
    ways = held.merge(transfer_lanes, on="site")
    ways = ways.merge(
        held.rename(columns={"site": "to_site", "stock": "to_stock"}), on=["product", "to_site"]
    )
    ways = ways.sort_values(["stock", "to_stock"], ignore_index=True)
    freight, lead = ways[["freight_cost", "lead_time_days"]].to_numpy(dtype=float).T
    keys = Keys(ways[["product", "site", "to_site"]])
    stock, to_stock = (ways[name].to_numpy(dtype=int) for name in ("stock", "to_stock"))
    return TransferArcs(keys, stock, to_stock, freight, np.nan_to_num(lead))


@remembered
def _routes(
    months: PeriodIndex,
    items: Items,
    stocks: Stocks,
    crews: pd.Index,
    routings: DataFrame | None,
    resources: DataFrame | None,
    unmade: frozenset[str],
) -> Routes:
    """Routings, then free making for what has none, at every site that makes it.

    `unmade` are products that are only purchased or come with others. Rates are of a good unit of
    the product: a step works for what it and the steps after it lose.
    """
    ways = routings_in_force(empty("routings") if routings is None else routings, months)
    cheapest = _cheapest(items.codes, ways)
    made = ways.keys.frame.iloc[:0] if resources is None else ways.keys.frame
    if resources is not None:
        made = attach(made, once(resources, "resource")[["resource", "site"]])
    routed = stocks.keys.frame["product"].isin([*made["product"], *unmade]).to_numpy()
    free = np.flatnonzero(stocks.makes & ~routed)
    stock = (
        rows_in(Keys(made[["product", "site"]]), stocks.keys)
        if len(made)
        else np.zeros(0, dtype=int)
    )
    _refuse(
        stock < 0, made, "routings", "product must be held at the resource's site in item_locations"
    )
    worked = ways["units_worked"][: len(made)]
    numbers = {name: np.nan_to_num(ways[name].astype(float))[: len(made)] for name in ROUTE}
    for name in PER_UNIT:
        numbers[name] = numbers[name] * worked
    started = _most_of_each(stock, worked)
    stock = np.concatenate([stock, free])
    numbers = {
        name: np.vstack([grid, np.zeros((len(free), len(months)))])
        for name, grid in numbers.items()
    }
    numbers["variable_cost"][len(made) :] = cheapest[stocks.item[free]]
    step, last = numbers.pop("routing_step").max(axis=1, initial=0), np.zeros(len(stocks.item))
    np.maximum.at(last, stock, step)
    return Routes(
        stock=stock,
        item=stocks.item[stock],
        resource=np.concatenate([crews.get_indexer(made["resource"]), np.full(len(free), -1)]),
        hours=numbers["hours_per_unit"],
        making=numbers["variable_cost"],
        lot=numbers["min_lot"],
        setup_cost=numbers["setup_cost"],
        setup_hours=numbers["setup_hours"],
        step=step,
        yields=step == last[stock],
        lead=np.concatenate([days_of_all_steps(ways)[: len(made)], np.zeros(len(free))]),
        started=np.vstack([started, np.ones((len(free), len(months)))]),
    )


def _most_of_each(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The largest values of each row's group: rows x months."""
    most = np.zeros((group.max(initial=-1) + 1, values.shape[1]))
    np.maximum.at(most, group, values)
    return most[group]


def _unmade(sources: DataFrame | None, bill_of_materials: DataFrame | None) -> frozenset[str]:
    """Items that need no routing: they have a supplier, or come with the production of others."""
    names = [] if sources is None else list(sources["item"])
    if bill_of_materials is not None:
        names += list(co_products(bill_of_materials)["item"])
    return frozenset(names)


def _cheapest(products: pd.Index, ways: ArrayTable) -> np.ndarray:
    """What the cheapest way costs to make a unit where it takes no resource: products x months."""
    cost = np.full((len(products), len(ways.months)), np.inf)
    row = products.get_indexer(pd.Index(ways.keys["product"]))
    own = np.nan_to_num(ways["variable_cost"].astype(float)) * ways["units_worked"]
    np.minimum.at(cost, row[row >= 0], own[row >= 0])
    return np.where(np.isfinite(cost), cost, 0.0)


@remembered
def _crews(
    planning_periods: DataFrame,
    resources: DataFrame | None,
    resource_calendar: DataFrame | None,
    work_calendar: DataFrame | None,
    planning_fences: DataFrame | None,
) -> Resources:
    calendar = crew_calendar(planning_periods, resources, resource_calendar)
    hours = [np.nan_to_num(calendar[name], nan=np.inf) for name in HOURS]
    if resources is None:
        one, none = np.zeros(0), np.zeros(hours[0].shape)
        ones = [one, one.astype(bool), one, one.astype(int), one.astype(int)]
        return Resources(pd.Index([], dtype="str"), *ones, *[none] * 7, *hours)
    table = in_force(resources, ("resource",), months_of(planning_periods))
    codes = pd.Index(table.keys["resource"])
    while_open = staffed_while_open(table, hours[1], work_calendar)
    columns = [
        table["opening_workers"][:, 0],
        table["whole_workers"][:, 0] == 1,
        np.nan_to_num(table["part_time_ratio"][:, 0], nan=1.0),
        notice_months(codes, planning_fences, "hiring_notice"),
        notice_months(codes, planning_fences, "layoff_notice"),
        np.maximum(np.nan_to_num(table["min_workers"]), while_open),
        np.nan_to_num(table["max_workers"], nan=np.inf),
        *[table[name] for name in PAY],
        np.nan_to_num(table["attrition_ratio"]),
        *hours,
    ]
    return Resources(codes, *columns)


@remembered
def _stores(months: PeriodIndex, stocks: Keys, storage_capacity: DataFrame | None) -> StorageSites:
    if storage_capacity is None:
        none = np.zeros((0, len(months)))
        return StorageSites(pd.Index([], dtype="str"), np.full(len(stocks), -1), none, none)
    held = storage_capacity["site"].isin(stocks.frame["site"])
    table = in_force(storage_capacity[held], ("site",), months)
    codes = pd.Index(table.keys["site"])
    place = codes.get_indexer(stocks["site"])
    return StorageSites(codes, place, table["storage_limit"], table["overflow_storage_cost"])


def _refuse_others(keys: Keys, others: Keys, name: str) -> None:
    """Refuse rows of a table of products at sites that are not held there."""
    rule = "product and site must be together in item_locations"
    _refuse(rows_in(others, keys) < 0, others.frame, name, rule)


def _refuse(broken, table, name, rule):
    if np.any(broken):
        row = table[np.asarray(broken)].iloc[0]
        keys = "  ".join(
            f"{c}={row[c]}" for c in ("product", "site", "market", "resource") if c in table.columns
        )
        raise ValueError(f"{name}: {rule}; {np.sum(broken)} of {len(table)} rows are not: {keys}")
