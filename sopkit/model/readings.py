"""Read the input and plan tables into the parameters of the supply programme."""

from dataclasses import dataclass

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.master_data.lead_times import month_days
from sopkit.master_data.stock_policy import site_demand, stock_levels
from sopkit.model.crew_readings import read_crews
from sopkit.model.demand_readings import read_demands, read_lanes
from sopkit.model.material_readings import assemblies, materials, purchases
from sopkit.model.parameters import Facts, Routes, Rules, Stocks
from sopkit.model.planning_rules import Known, no_rules, planning_rules
from sopkit.model.product_readings import read_families, read_items
from sopkit.model.route_readings import items_without_routing, read_routes
from sopkit.model.stock_readings import (
    approved_production,
    inventory_levels,
    read_storage,
    read_transfers,
    scheduled_receipts,
    stocks_held,
)
from sopkit.model.supply_modes import order_window
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of


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
    selling_prices: ArrayTable | None = None


@on_arrays
def supply_facts(inputs: SupplyInputs) -> Facts:
    """Read the tables of the supply plan into arrays.

    Raises
    ------
    ValueError : a table speaks of a product, site or resource that the tables it rests on do not
        know.
    """
    t = inputs
    months, products, demand = months_of(t.planning_periods), t.products, t.demand_plan
    families = read_families(products, t.supply_policy)
    items = read_items(products, months, families, t.unit_economics, t.selling_prices)
    held = stocks_held(t.item_locations, items)
    stocks = _stocks(t, months, held)
    wants = read_demands(
        demand, items, t.inventory_policy, t.sourcing_network, month_days(t.planning_periods)
    )
    crews = read_crews(
        t.planning_periods, t.resources, t.resource_calendar, t.work_calendar, t.planning_fences
    )
    unmade = items_without_routing(t.sources, t.bill_of_materials)
    routes = read_routes(months, items, held, crews.codes, t.routings, t.resources, unmade)
    bill, codes = t.bill_of_materials, items.codes
    known = Known(months, items, families, held, crews.codes, crews.opening)
    return Facts(
        months=months,
        shown=len(months),
        days=month_days(t.planning_periods),
        items=items,
        families=families,
        stocks=stocks,
        wants=wants,
        lanes=read_lanes(t.sourcing_network, held.keys, wants.keys, months),
        moves=read_transfers(held.keys, t.transfer_lanes, months),
        routes=routes,
        crews=crews,
        stores=read_storage(months, held.keys, t.storage_capacity),
        purchases=purchases(
            stocks, codes, t.planning_periods, demand, items.material, t.sources, bill
        ),
        materials=materials(
            products,
            codes,
            t.planning_periods,
            demand,
            bill,
            t.components,
            t.sources,
            t.purchase_orders,
            t.planning_fences,
        ),
        assemblies=assemblies(held, products, bill, t.components, t.sources),
        rules=_rules(t, known, routes),
    )


def _stocks(t: SupplyInputs, months: PeriodIndex, held: Stocks) -> Stocks:
    """What is held, with its levels, receipts, demand and last approved production."""
    demand = site_demand.on_arrays(t.demand_plan, t.sourcing_network, t.item_locations)
    policy = stock_levels(t.item_locations, demand, months, t.inventory_policy)
    least, target, most = inventory_levels(policy, held.keys, t.inventory_targets)
    asked = demand.on(ArrayTable(held.keys, months, {}), default=0.0)["demand"]
    window = order_window(t.products, held, asked, t.inventory_targets)
    return held._replace(
        least=least,
        target=target,
        most=np.minimum(most, np.maximum(window, target)),
        scheduled_receipts=scheduled_receipts(held.keys, t.planning_periods, t.purchase_orders),
        demand=asked,
        approved=approved_production(held.keys, months, t.approved_supply_plans),
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
