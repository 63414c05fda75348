"""How supply answers the demand plan: level, chase, optimal and the company's policy, under the same limits."""

import pandas as pd

from sopkit.master_data import economics as basis
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.procurement import procurement_plan
from sopkit.supply.rccp import rough_cut_capacity
from sopkit.supply.strategies import supply_review
from sopkit.tables import conform

MADE_UP = ("launch_demand", "activity_demand", "opportunity_demand", "override")


def plan_supply(
    products,
    demand_plan,
    economics=None,
    inventory=None,
    inventory_policy=None,
    resources=None,
    routings=None,
    resource_calendar=None,
    supply_policy=None,
    lanes=None,
    transfer_lanes=None,
    storage=None,
    receipts=None,
    bill_of_materials=None,
    components=None,
    approved_supply_plans=None,
    allocation_policy=None,
    market_priorities=None,
    component_receipts=None,
):
    """Plan supply for a given demand plan, from input tables alone, as the tables of `workspace.read` hold them.

    The planned months are those of `demand_plan`, which needs no more than product, market, period and consensus: without
    low and high, demand is certain.

    Returns
    -------
    dict of plan table name -> table: unit_economics, network, product_sites, inventory_targets, rough_cut_capacity,
        the tables of `strategies.SupplyReview`, procurement_plan

    Raises
    ------
    ValueError : a step refuses its tables.
    """
    demand = _demand_plan(demand_plan)
    months = demand["period"].drop_duplicates().sort_values(ignore_index=True)
    horizon = conform("horizon", months.to_frame().assign(month_number=range(1, len(months) + 1)))
    sold = demand.rename(columns={"consensus": "quantity"})[
        ["product", "market", "period", "quantity"]
    ]
    sold = conform("sales_history", sold)
    prices = basis.unit_economics(horizon, products, sold, economics)
    network = basis.network(sold, None, lanes, resources, inventory)
    sites = basis.product_sites(products, network, inventory, routings, resources, transfer_lanes)
    targets = inventory_targets(horizon, demand, network, sites, inventory_policy, products)
    load = rough_cut_capacity(horizon, demand, resources, routings, resource_calendar)
    plans = supply_review(
        horizon, products, demand, conform("unit_economics", prices), network, sites, targets, inventory_policy,
        resources, routings, resource_calendar, supply_policy, storage, receipts, bill_of_materials, components,
        transfer_lanes, approved_supply_plans, allocation_policy, market_priorities,
        component_receipts=component_receipts,
    )  # fmt: skip
    basics = {
        "unit_economics": prices,
        "network": network,
        "product_sites": sites,
        "inventory_targets": targets,
    }
    bought = procurement_plan(
        horizon, plans.supply_plan, bill_of_materials, components, component_receipts
    )
    return basics | {"rough_cut_capacity": load, **plans._asdict(), "procurement_plan": bought}


def _demand_plan(demand_plan):
    """The demand plan with all its columns: what is not given is certain, and all of it is baseline."""
    said = demand_plan["consensus"]
    whole = {"baseline": said, "low": said, "high": said} | dict.fromkeys(MADE_UP, 0.0)
    absent = {name: value for name, value in whole.items() if name not in demand_plan.columns}
    return conform("demand_plan", pd.DataFrame(demand_plan).assign(**absent))
