"""Gap rules of supply: shortages, capacity, components, inventory, plan changes, idle resources.

Money of a shortage is what it costs the plan of record: the waiting and the lost contribution, or
the whole shortage at what one more unit of the limit would save. The latter is the most it can
cost: each further unit saves less.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.economics import ways_to_do
from sopkit.pre_sop.gap import MEASURES, at_worst, contribution, gap, with_family
from sopkit.schema import measures
from sopkit.tables import attach

HOURS = ("overtime hours", "machine hours")  # a regular hour more would also save its wage
MAKERS = ("resources", "resource_calendar", "routings")  # tables that say what can be made


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: {units} of {reference} units wanted cannot be delivered on time, {months}",
    question="How is supply raised, or which customers wait?",
    table="constrained_demand",
    exhibit="40_supply_review.constrained_demand",
    limited=True,
    closed_by=(
        *MAKERS,
        "components",
        "inventory",
        "scheduled_receipts",
        "launches",
        "marketing_activities",
    ),
)
def unserved(
    planning_periods: DataFrame,
    constrained_demand: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find units that markets demand and do not get in the month.

    Money is what waiting costs each month, the contribution and cost of sales lost, and the
    contribution of the backlog at the end of the horizon.
    """
    costs = unit_economics[["product", "period", "backlog_cost", "lost_sale_cost"]]
    rows = attach(attach(constrained_demand, contribution(unit_economics)), costs)
    rows = with_family(rows, products)
    still_owed = rows["backlog"].where(rows["period"] == planning_periods["period"].max(), 0.0)
    # the oldest order is served first
    late = measures.MEASURES["unmet_demand"].of(rows)
    # an empty cell: no cost beside the contribution
    lost_cost = rows["contribution"] + rows["lost_sale_cost"].fillna(0.0)
    waiting = rows["backlog"] * rows["backlog_cost"]
    rows = rows.assign(
        plan=rows["demand"] - late,
        reference=rows["demand"],
        gap_units=-late,
        gap_value=-(waiting + rows["lost_sales"] * lost_cost + still_owed * rows["contribution"]),
        short=rows["backlog"] + rows["lost_sales"],
    )
    rows = rows.groupby(["family", "period"], as_index=False)[[*MEASURES, "short"]].sum()
    wrong = rows["short"] > threshold["share_of_demand"] * rows["reference"]
    return rows.assign(item=rows["family"], wrong=wrong)


@gap(
    area="supply",
    owner="supply planner",
    statement="{resource} can give {plan} hours and demand needs {reference}: {short} hours (about"
    " {units} units) are missing, {months}",
    question="Which hours, outside capacity or earlier production close it?",
    table="rough_cut_capacity",
    exhibit="40_supply_review.rough_cut_capacity",
    limited=True,
    closed_by=(*MAKERS, "launches", "marketing_activities"),
)
def capacity(
    rough_cut_capacity: DataFrame,
    demand_plan: DataFrame,
    supply_plan: DataFrame,
    workforce_plan: DataFrame,
    shadow_prices: DataFrame,
    routings: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Compare available hours with the hours that demand requires, less subcontracting.

    The hours there are: today's workers', or the plan's where it has hired. Hours become units at
    the mix of the demand plan. Money is 0 where the plan carries the peak at no cost.
    """
    asked = _hours(demand_plan.rename(columns={"consensus": "units"}), routings)
    bought = _hours(supply_plan.rename(columns={"subcontract": "units"}), routings)
    bought = bought[["resource", "period", "hours"]].rename(columns={"hours": "bought"})
    staffed = workforce_plan[["resource", "period", "capacity_hours"]]
    rows = attach(rough_cut_capacity, asked, default=0.0)
    rows = attach(rows, bought, default=0.0)
    rows = attach(rows, _marginal(shadow_prices, HOURS, "resource"), default=0.0)
    rows = attach(rows, staffed.rename(columns={"capacity_hours": "staffed"}), default=0.0)
    rows["plan"] = rows[["capacity_hours", "staffed"]].max(axis=1)
    # no demand, no units
    per_hour = (rows["units"] / rows["hours"].where(rows["hours"] > 0)).fillna(0.0)
    rows["reference"] = rows["required_hours"] - rows["bought"]
    short = (rows["reference"] - rows["plan"]).clip(lower=0)  # spare hours are no disagreement
    return rows.assign(
        item=rows["resource"],
        gap_units=-short * per_hour,
        gap_value=-short * rows["shadow_price"],
        wrong=short > threshold["share_of_hours"] * rows["reference"],
    )


@gap(
    area="supply",
    owner="buyer",
    statement="Component {item}: demand needs {reference} units, {units} of them more than suppliers"
    " can deliver in time, {months}",
    question="Can the supplier deliver more, is there a second source, or does demand move?",
    table="procurement_plan",
    exhibit="40_supply_review.procurement_plan",
    closed_by=("components", "launches", "marketing_activities"),
)
def component(
    procurement_plan: DataFrame,
    demand_plan: DataFrame,
    shadow_prices: DataFrame,
    unit_economics: DataFrame,
    bill_of_materials: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find components that arrive late, or whose requirements exceed the supply limit.

    A unit that arrives too late costs the contribution of the products that contain it; a unit
    above the supplier's limit costs what the limit is worth in the plan. Limits that cost nothing,
    because stock covers them, are left out.
    """
    need = _need(attach(demand_plan, contribution(unit_economics)), bill_of_materials)
    rows = attach(procurement_plan, need, default=0.0)
    rows = attach(rows, _marginal(shadow_prices, ("supply limit",), "component"), default=0.0)
    # no limit, nothing above it
    above = (rows["need"] - rows["supply_limit"]).clip(lower=0).fillna(0.0)
    above = above.where(rows["shadow_price"] > 0, 0.0)
    short = np.maximum(above, rows["shortage"])
    worth = (rows["contribution"] / rows["need"].where(rows["need"] > 0)).fillna(0.0)
    return rows.assign(
        item=rows["component"],
        plan=rows["need"] - short,
        reference=rows["need"],
        gap_units=-short,
        gap_value=-(rows["shortage"] * worth + (short - rows["shortage"]) * rows["shadow_price"]),
        wrong=short > threshold["share_of_need"] * rows["need"],
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: stock is up to {units} units above its maximum, {months}",
    question="Is less made, or is the maximum raised?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    peak=True,
    closed_by=("inventory_policy",),
)
def excess(
    supply_plan: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    inventory_policy: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find stock above the policy's maximum, by family, valued at holding cost.

    A limit that names no site holds for the product as a whole, over the sites without a limit of
    their own.
    """
    limits = inventory_policy[["product", "site"]].assign(
        reference=inventory_policy["max_inventory"]
    )
    named = limits[limits["site"].notna()]
    general = limits[limits["site"].isna()].drop(columns="site")
    stock = supply_plan[["product", "site", "period", "inventory"]]
    stock = attach(stock, named[["product", "site"]].assign(named=True), default=False)
    own = stock.pop("named").astype(bool)
    at_sites = attach(stock[own], named)
    rest = stock[~own].groupby(["product", "period"], as_index=False)["inventory"].sum()
    rows = pd.concat([at_sites, attach(rest, general, default=np.nan)], ignore_index=True)
    rows = rows[rows["reference"].notna()].rename(columns={"inventory": "plan"})
    rows = attach(rows, unit_economics[["product", "period", "holding_cost"]])
    rows = with_family(rows, products)
    # room left is no disagreement
    rows["gap_units"] = (rows["plan"] - rows["reference"]).clip(lower=0)
    rows["gap_value"] = rows["gap_units"] * rows["holding_cost"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"] > threshold["share_of_maximum"] * rows["reference"]
    return rows.assign(item=rows["family"])


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: stock is up to {units} units below its safety stock, {months}",
    question="Is stock built up again, or is the risk taken?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    whole=True,
)
def cover(
    projected_inventory: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find stock below safety stock, by family.

    Money is the contribution of the units missing in the worst month.
    """
    rows = attach(with_family(projected_inventory, products), contribution(unit_economics))
    rows["plan"], rows["reference"] = rows["inventory"], rows["safety_stock"]
    rows["gap_units"] = (rows["inventory"] - rows["safety_stock"]).clip(upper=0.0)
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"] < -threshold["share_of_safety_stock"] * rows["reference"]
    return at_worst(rows.assign(item=rows["family"]))


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: {units} of {reference} units approved last are no longer made in their month,"
    " {months}",
    question="Is the change worth what it costs, or is the plan held?",
    table="supply_plan",
    exhibit="40_supply_review.supply_plan",
    whole=True,
)
def supply_change(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    approved_supply_plans: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find families whose production differs widely from the last approved plan in the next months.

    Money is what holding those units for a month costs: most are made in another month.
    """
    near = planning_periods.loc[planning_periods["month_number"] <= threshold["months"], "period"]
    last = approved_supply_plans[approved_supply_plans["cycle"] < planning_periods["period"].min()]
    last = last[(last["cycle"] == last["cycle"].max()) & last["period"].isin(near)]
    cells = ["product", "site", "period"]
    made = {"plan": supply_plan, "reference": last}
    for name, table in made.items():
        units = table[["regular", "overtime", "subcontract"]].sum(axis=1)
        made[name] = table[cells].assign(**{name: units})
    rows = attach(made["plan"], made["reference"], default=0.0)
    rows = rows[rows["period"].isin(last["period"])]
    rows = with_family(rows, products)
    rows = attach(rows, unit_economics[["product", "period", "holding_cost"]])
    rows["gap_units"] = (rows["plan"] - rows["reference"]).clip(upper=0.0)
    rows["gap_value"] = rows["gap_units"] * rows["holding_cost"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    total = rows.groupby("family")[["gap_units", "reference"]].transform("sum")
    wrong = total["gap_units"] < -threshold["share_of_last_plan"] * total["reference"]
    return rows.assign(item=rows["family"], wrong=wrong)


@gap(
    area="supply",
    owner="supply planner",
    statement="{resource} pays {reference} hours and needs {plan}, {months}",
    question="What else can it make, or are hours given up?",
    table="workforce_plan",
    exhibit="40_supply_review.workforce_plan",
    whole=True,
)
def idle(
    workforce_plan: DataFrame,
    rough_cut_capacity: DataFrame,
    resources: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find resources with mostly idle paid hours over the horizon, valued at wages."""
    rows = attach(workforce_plan, resources[["resource", "regular_wage"]])
    hours = rough_cut_capacity[["resource", "period", "regular_capacity_hours", "capacity_hours"]]
    there = hours["capacity_hours"].where(hours["capacity_hours"] > 0)
    paid = (hours["regular_capacity_hours"] / there).fillna(1.0)
    rows = attach(rows, hours[["resource", "period"]].assign(paid=paid), default=1.0)
    rows["plan"] = rows["regular_hours"] + rows["overtime_hours"]
    rows["reference"] = rows["capacity_hours"] * rows["paid"]  # overtime not worked is not paid
    rows["gap_units"], rows["item"] = 0.0, rows["resource"]
    rows["gap_value"] = (rows["plan"] - rows["reference"]).clip(upper=0.0) * rows["regular_wage"]
    total = rows.groupby("resource")[["plan", "reference"]].transform("sum")
    far_under = total["plan"] < threshold["share_of_paid_hours"] * total["reference"]
    return rows.assign(wrong=far_under & (rows["plan"] < rows["reference"]))


def _hours(volume: DataFrame, routings: DataFrame) -> DataFrame:
    """The hours that volumes take: a product passes every step, its resources share it equally.

    Returns
    -------
    resource, period : units, hours
    """
    routes = routings[["product", "resource"]].assign(
        per_unit=routings["hours_per_unit"], ways=ways_to_do(routings)
    )
    total = volume.groupby(["product", "period"], as_index=False)["units"].sum()
    # a product without routing takes no hours
    rows = total.merge(routes, on="product", how="inner")
    rows["units"] = rows["units"] / rows["ways"]
    rows["hours"] = rows["units"] * rows["per_unit"]
    return rows.groupby(["resource", "period"], as_index=False)[["units", "hours"]].sum()


def _need(demand: DataFrame, bill_of_materials: DataFrame) -> DataFrame:
    """The components that the demand plan takes, and the contribution that hangs on them.

    Returns
    -------
    component, period : need [units], contribution [money]
    """
    parts = usage_per_unit(bill_of_materials)
    rows = demand.groupby(["product", "period"], as_index=False).agg(
        consensus=("consensus", "sum"), contribution=("contribution", "first")
    )
    rows = rows.merge(parts, on="product", how="inner")  # a product without components needs none
    rows["need"] = rows["consensus"] * rows["quantity_per_unit"]
    rows["contribution"] = rows["consensus"] * rows["contribution"]
    return rows.groupby(["component", "period"], as_index=False)[["need", "contribution"]].sum()


def _marginal(shadow_prices: DataFrame, constraints: Sequence[str], thing: str) -> DataFrame:
    """Shadow prices of a limit of the plan of record, by the `thing` it limits.

    Returns
    -------
    thing, period : shadow_price [money per unit of the limit]
    """
    rows = shadow_prices
    rows = rows[rows["constraint"].isin(constraints)].rename(columns={"item": thing})
    return rows.groupby([thing, "period"], as_index=False)["shadow_price"].max()
