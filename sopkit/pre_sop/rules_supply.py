"""Where demand asks for more than supply can give: deliveries, hours and components.

Money is what the shortage costs the plan of record: the waiting and the lost contribution, or the whole shortage at
what one more unit of the limit would save. The latter is the most it can cost: each further unit saves less.
"""

import numpy as np

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.economics import ways_to_do
from sopkit.pre_sop.shape import MEASURES, listed, nothing
from sopkit.tables import attach

NOISE = 0.001  # of what is asked for: a smaller shortage is rounding, not a disagreement
HOURS = ("overtime hours", "machine hours")  # a regular hour more would also save its wage


def unserved_sizes(horizon, service_plan, products, unit_economics, value):
    """Find the units that markets want and do not get in their month.

    Money is what waiting costs each month, the contribution and cost of sales lost, and the contribution of what is
    still owed when the horizon ends.
    """
    costs = unit_economics[["product", "period", "backlog_cost", "lost_sale_cost"]]
    rows = attach(attach(service_plan, value), costs)
    rows = attach(rows, products[["product", "family"]])
    still_owed = rows["backlog"].where(rows["period"] == horizon["period"].max(), 0.0)
    late = np.minimum(
        rows["demand"], rows["backlog"] + rows["lost_sales"]
    )  # the oldest order is served first
    lost_cost = rows["contribution"] + rows["lost_sale_cost"].fillna(
        0.0
    )  # an empty cell: no cost beside it
    waiting = rows["backlog"] * rows["backlog_cost"]
    rows = rows.assign(
        plan=rows["demand"] - late,
        reference=rows["demand"],
        gap_units=-late,
        gap_value=-(waiting + rows["lost_sales"] * lost_cost + still_owed * rows["contribution"]),
        short=rows["backlog"] + rows["lost_sales"],
    )
    rows = rows.groupby(["family", "period"], as_index=False)[[*MEASURES, "short"]].sum()
    return listed(
        "unserved",
        rows.assign(item=rows["family"], wrong=rows["short"] > NOISE * rows["reference"]),
    )


def capacity_sizes(
    horizon,
    rough_cut_capacity,
    demand_plan,
    supply_plan,
    workforce_plan,
    constraint_values,
    routings=None,
):
    """Hold the hours there are against those that demand needs, less what is bought outside.

    The hours there are: today's workers', or the plan's where it has hired. Hours become units at the mix of the
    demand plan. Money is 0 where the plan carries the peak at no cost.
    """
    if routings is None:
        return nothing("capacity", horizon)
    asked = _hours(demand_plan.rename(columns={"consensus": "units"}), routings)
    bought = _hours(supply_plan.rename(columns={"subcontract": "units"}), routings)
    rows = attach(rough_cut_capacity, asked, absent=0.0)
    rows = attach(
        rows,
        bought[["resource", "period", "hours"]].rename(columns={"hours": "bought"}),
        absent=0.0,
    )
    rows = attach(rows, _marginal(constraint_values, HOURS, "resource"), absent=0.0)
    staffed = workforce_plan[["resource", "period", "capacity_hours"]]
    rows = attach(rows, staffed.rename(columns={"capacity_hours": "staffed"}), absent=0.0)
    rows["plan"] = rows[["capacity_hours", "staffed"]].max(axis=1)
    per_hour = (rows["units"] / rows["hours"].where(rows["hours"] > 0)).fillna(
        0.0
    )  # no demand, no units
    rows["reference"] = rows["required_hours"] - rows["bought"]
    short = (rows["reference"] - rows["plan"]).clip(lower=0)  # spare hours are no disagreement
    rows = rows.assign(
        item=rows["resource"],
        gap_units=-short * per_hour,
        gap_value=-short * rows["marginal_value"],
        wrong=short > NOISE * rows["reference"],
    )
    return listed("capacity", rows)


def component_sizes(
    horizon, procurement_plan, demand_plan, constraint_values, value, bill_of_materials=None
):
    """Find components that cannot be had in time, or of which demand needs more than the supplier delivers.

    A unit that comes too late costs the contribution of the products it goes into; a unit above the supplier's limit
    costs what the limit is worth in the plan. Limits that cost nothing, because stock covers them, are left out.
    """
    if bill_of_materials is None or procurement_plan.empty:
        return nothing("component", horizon)
    rows = attach(
        procurement_plan, _need(attach(demand_plan, value), bill_of_materials), absent=0.0
    )
    rows = attach(rows, _marginal(constraint_values, ("supply limit",), "component"), absent=0.0)
    above = (
        (rows["need"] - rows["supply_limit"]).clip(lower=0).fillna(0.0)
    )  # no limit, nothing above it
    above = above.where(rows["marginal_value"] > 0, 0.0)
    short = np.maximum(above, rows["shortage"])
    worth = (rows["contribution"] / rows["need"].where(rows["need"] > 0)).fillna(0.0)
    rows = rows.assign(
        item=rows["component"],
        plan=rows["need"] - short,
        reference=rows["need"],
        gap_units=-short,
        gap_value=-(rows["shortage"] * worth + (short - rows["shortage"]) * rows["marginal_value"]),
        wrong=short > NOISE * rows["need"],
    )
    return listed("component", rows)


def _hours(volume, routings):
    """The hours that volumes take: a product passes every step, each shared equally by the step's resources.

    Returns
    -------
    resource, period : units, hours
    """
    routes = routings[["product", "resource"]].assign(
        per_unit=routings["hours_per_unit"], ways=ways_to_do(routings)
    )
    total = volume.groupby(["product", "period"], as_index=False)["units"].sum()
    rows = total.merge(
        routes, on="product", how="inner"
    )  # a product without routing takes no hours
    rows["units"] = rows["units"] / rows["ways"]
    rows["hours"] = rows["units"] * rows["per_unit"]
    return rows.groupby(["resource", "period"], as_index=False)[["units", "hours"]].sum()


def _need(demand, bill_of_materials):
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


def _marginal(constraint_values, constraints, thing):
    """What one more unit of a limit would save the plan of record, by the `thing` it limits.

    Returns
    -------
    thing, period : marginal_value [money per unit of the limit]
    """
    rows = constraint_values
    rows = rows[rows["constraint"].isin(constraints)].rename(columns={"item": thing})
    return rows.groupby([thing, "period"], as_index=False)["marginal_value"].max()
