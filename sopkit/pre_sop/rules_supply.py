"""Gap rules of supply: shortages, capacity, components, plan changes, idle resources.

Money of a shortage is what it costs the plan of record: the waiting and the lost contribution, or
the contribution of what the missing hours or components would make. Shadow prices are no money:
they hold the penalties that rank plans.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex
from scipy.sparse import csr_array

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.dated import in_force
from sopkit.model.requirements import gross_demand
from sopkit.model.routing_load import routing_load
from sopkit.pre_sop.gap import at_worst, contribution, gap, sized
from sopkit.rules.remember import remembered
from sopkit.schema import measures
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

HOURS = ("overtime hours", "machine hours")  # a regular hour more would also save its wage
MAKERS = ("resources", "resource_calendar", "routings")  # tables that say what can be made


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: {units} of {reference} units will be late or lost, {months}",
    question="Raise supply or allocate?",
    table="constrained_demand",
    exhibit="40_supply_review.constrained_demand",
    limited=True,
    closed_by=(
        *MAKERS,
        "sources",
        "inventory",
        "purchase_orders",
        "launches",
        "marketing_activities",
    ),
)
def unserved(
    constrained_demand: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find units that markets demand and do not get in the month.

    Money is what waiting costs each month, the contribution and cost of sales lost, and the
    contribution of the backlog at the end of the horizon.
    """
    demand, costs = constrained_demand, unit_economics.on(constrained_demand)
    backlog, lost = demand["backlog"], demand["lost_sales"]
    # the oldest order is served first
    late = measures.MEASURES["unmet_demand"].of(demand)
    # an empty cell: no cost beside the contribution
    lost_cost = contribution(costs, selling_prices) + np.nan_to_num(costs["lost_sale_cost"])
    still_owed = np.zeros(backlog.shape)
    still_owed[:, -1] = backlog[:, -1] * contribution(costs, selling_prices)[:, -1]
    families = demand.by("family", master=products)
    wanted = families.sum(demand["demand"])
    return sized(
        families.keys,
        demand.months,
        "family",
        plan=families.sum(demand["demand"] - late),
        reference=wanted,
        gap_units=families.sum(-late),
        gap_value=families.sum(-(backlog * costs["backlog_cost"] + lost * lost_cost + still_owed)),
        wrong=families.sum(backlog + lost) > threshold["share_of_demand"] * wanted,
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{resource} lacks {short} h after subcontracting: {reference} h required vs. "
    "{plan} h available (about {units} units), {months}",
    question="Close with overtime, subcontracting, more capacity or pre-build?",
    table="rough_cut_capacity",
    exhibit="40_supply_review.rough_cut_capacity",
    limited=True,
    closed_by=(*MAKERS, "launches", "marketing_activities"),
)
def capacity(
    rough_cut_capacity: ArrayTable,
    demand_plan: ArrayTable,
    supply_plan: ArrayTable,
    workforce_plan: ArrayTable,
    shadow_prices: ArrayTable,
    unit_economics: ArrayTable,
    routings: DataFrame,
    threshold: Mapping[str, float],
    bill_of_materials: DataFrame | None = None,
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Compare available hours with the hours that demand requires, less subcontracting.

    The hours available: today's workers', or the plan's where it has hired. Hours become units at
    the mix of the demand plan. Money is the contribution that the missing hours would earn at that
    mix, and 0 where no hours hold the plan back.
    """
    rough, keys = rough_cut_capacity, rough_cut_capacity.keys
    gross = gross_demand(demand_plan, bill_of_materials)
    units, hours = routing_load(gross, "gross_demand", routings, keys)
    earned = gross["gross_demand"] * contribution(unit_economics.on(gross), selling_prices)
    earned, _ = routing_load(gross.assign(earned=earned), "earned", routings, keys)
    _, bought = routing_load(supply_plan, "subcontract", routings, keys)
    staffed = workforce_plan.on(rough, default=0.0)["capacity_hours"]
    plan = np.maximum(rough["capacity_hours"], staffed)
    # no demand, no units
    per_hour, earned_an_hour = (
        np.divide(total, hours, out=np.zeros(hours.shape), where=hours > 0)
        for total in (units, earned)
    )
    binding = _holds_back(shadow_prices, HOURS, keys, rough.months)
    reference = rough["required_hours"] - bought
    short = np.maximum(reference - plan, 0.0)  # spare hours are no gap
    return sized(
        keys,
        rough.months,
        "resource",
        plan=plan,
        reference=reference,
        gap_units=-short * per_hour,
        gap_value=-short * earned_an_hour * binding,
        wrong=short > threshold["share_of_hours"] * reference,
    )


@gap(
    area="supply",
    owner="buyer",
    statement="Component {item}: {reference} units required, {units} of them before suppliers "
    "can deliver, {months}",
    question="Expedite, second-source, or move demand?",
    table="procurement_plan",
    exhibit="40_supply_review.procurement_plan",
    whole=True,
    closed_by=("sources", "purchase_orders", "launches", "marketing_activities"),
)
def component(
    procurement_plan: ArrayTable,
    demand_plan: ArrayTable,
    unit_economics: ArrayTable,
    bill_of_materials: DataFrame,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find components that cannot be there when the demand plan needs them.

    The shortage is what demand has taken by a month's end beyond stock and all that suppliers can
    have delivered; its size is that of the worst month, against all that demand has taken by then.
    Money is the contribution of the products that contain the missing units.
    """
    parts, months = procurement_plan.keys, procurement_plan.months
    demand = demand_plan.over(months).filled(0.0)
    need, hanging = _need(demand, unit_economics, bill_of_materials, parts, selling_prices)
    short = procurement_plan["shortage"]
    asked = procurement_plan["demand_requirement"].cumsum(axis=1)
    worth = np.divide(hanging, need, out=np.zeros(need.shape), where=need > 0)
    wrong = short > threshold["share_of_need"] * asked
    worst = at_worst(-short, wrong)
    return sized(
        parts,
        months,
        "component",
        plan=np.where(worst, asked - short, 0.0),
        reference=np.where(worst, asked, 0.0),
        gap_units=np.where(worst, -short, 0.0),
        gap_value=np.where(worst, -short * worth, 0.0),
        wrong=wrong,
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: {units} of {reference} units of the last approved plan are no longer "
    "planned in their month, {months}",
    question="Accept the cost of the change, or keep the approved plan?",
    table="supply_plan",
    exhibit="40_supply_review.supply_plan",
    whole=True,
)
def supply_change(
    supply_plan: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    approved_supply_plans: DataFrame,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find families whose production differs widely from the last approved plan in the next months.

    Money is what holding those units for a month costs: most are made in another month.
    """
    near = supply_plan.months[: int(threshold["months"])]
    last = last_approved(approved_supply_plans, near)
    approved = made(last.on(supply_plan, default=0.0))
    families = supply_plan.by("family", master=products)
    planned = np.isin(supply_plan.months.asi8, last.months.asi8)[None, :]
    units = np.minimum(made(supply_plan) - approved, 0.0) * planned
    change, reference = families.sum(units), families.sum(approved * planned)
    total = change.sum(axis=1) < -threshold["share_of_last_plan"] * reference.sum(axis=1)
    return sized(
        families.keys,
        supply_plan.months,
        "family",
        plan=families.sum(made(supply_plan)),
        reference=reference,
        gap_units=change,
        gap_value=families.sum(units * unit_economics.on(supply_plan)["holding_cost"]),
        wrong=np.broadcast_to(total[:, None], change.shape),
        present=np.broadcast_to(planned, change.shape),
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{resource}: {reference} h paid vs. {plan} h required, {months}",
    question="Find other work, or reduce hours?",
    table="workforce_plan",
    exhibit="40_supply_review.workforce_plan",
    whole=True,
)
def idle(
    workforce_plan: ArrayTable,
    rough_cut_capacity: ArrayTable,
    resources: DataFrame,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find resources with mostly idle paid hours over the horizon, valued at wages."""
    rough = rough_cut_capacity.on(workforce_plan, default=np.nan)
    share = rough["regular_capacity_hours"] / np.where(
        rough["capacity_hours"] > 0, rough["capacity_hours"], np.nan
    )
    worked = workforce_plan["regular_hours"] + workforce_plan["overtime_hours"]
    # overtime not worked is not paid
    paid = workforce_plan["capacity_hours"] * np.nan_to_num(share, nan=1.0)
    wage = in_force(resources, ("resource",), workforce_plan.months).on(workforce_plan)
    far_under = worked.sum(axis=1) < threshold["share_of_paid_hours"] * paid.sum(axis=1)
    return sized(
        workforce_plan.keys,
        workforce_plan.months,
        "resource",
        plan=worked,
        reference=paid,
        gap_units=np.zeros(worked.shape),
        gap_value=np.minimum(worked - paid, 0.0) * wage["regular_wage"],
        wrong=far_under[:, None] & (worked < paid),
    )


def made(supply_plan: ArrayTable) -> np.ndarray:
    """Units produced or subcontracted: rows x months."""
    made = supply_plan["regular"] + supply_plan["overtime"]
    return made + supply_plan["subcontract"] + np.nan_to_num(supply_plan["purchased"])


@remembered
def last_approved(approved_supply_plans: DataFrame, near: PeriodIndex) -> ArrayTable:
    """What the latest cycle before these months approved for them, by product and site."""
    last = approved_supply_plans[approved_supply_plans["cycle"] < near[0]]
    last = last[(last["cycle"] == last["cycle"].max()) & last["period"].isin(near)]
    return ArrayTable.of_table("supply_plan", last.drop(columns="cycle"))


def _need(
    demand_plan: ArrayTable,
    unit_economics: ArrayTable,
    bill_of_materials: DataFrame,
    components: Keys,
    selling_prices: ArrayTable | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The components that the demand plan takes, and the contribution that hangs on them.

    Returns
    -------
    components x months [units], components x months [money]
    """
    products = demand_plan.by("product")
    usage = _usage(bill_of_materials, products.keys, components)
    demand = products.sum(demand_plan["total_demand"])
    wanted = ArrayTable(products.keys, demand_plan.months, {"demand": demand})
    earned = demand * contribution(unit_economics.on(wanted), selling_prices)
    return usage @ demand, (usage > 0).astype(float) @ earned


@remembered
def _usage(bill_of_materials: DataFrame, products: Keys, components: Keys) -> csr_array:
    """Units of each component in a unit of each product, at any depth: components x products."""
    parts = usage_per_unit(bill_of_materials)
    row = pd.Index(components["component"]).get_indexer(pd.Index(parts["component"]))
    column = pd.Index(products["product"]).get_indexer(pd.Index(parts["product"]))
    known = (row >= 0) & (column >= 0)
    place = (row[known], column[known])
    quantity = parts["quantity_per_unit"].to_numpy()[known]
    return csr_array((quantity, place), (len(components), len(products)))


def _holds_back(
    shadow_prices: ArrayTable, constraints: Sequence[str], things: Keys, months: PeriodIndex
) -> np.ndarray:
    """Whether any of some limits holds the plan of record back, by the `thing` it limits.

    Returns
    -------
    things x months [true or false]
    """
    saved = np.zeros((len(things), len(months)))
    rows = np.isin(np.asarray(shadow_prices.keys["constraint"], dtype=object), constraints)
    prices = shadow_prices.over(months).keep(rows)
    row = pd.Index(things[things.names[0]]).get_indexer(pd.Index(prices.keys["item"]))
    np.maximum.at(saved, row[row >= 0], np.nan_to_num(prices["shadow_price"])[row >= 0])
    return saved > 0
