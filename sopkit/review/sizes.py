"""How far the plans are apart: every kind of disagreement, month by month, in units and money.

Each function sizes one kind. Its rows have `place` (kind and what it is about: the stable part of a disagreement's
code), what the `plan` says and the `reference` it is held against in the kind's own unit, and `gap_units`, `gap_value`
= plan - reference in units and money. `wrong` marks the months that disagree; the others are kept so that the same
place can be sized again after replanning.
"""

import numpy as np
import pandas as pd

from sopkit.tables import attach
from sopkit.vocabulary import WORDS

PLAN_OF_RECORD = "policy"
MATERIAL_VIEW = 0.10  # of the statistical plan: below it a function's view and the statistics agree
MATERIAL_BUDGET = 0.02  # of the budget
NOISE = 0.001  # of the reference: below it a shortage is rounding, not a disagreement
COLUMNS = ["kind", "place", "item", "family", "product", "resource", "period"]
MEASURES = ["plan", "reference", "gap_units", "gap_value"]
HOURS = ("regular hours", "overtime hours", "machine hours")


def sizes(plan):
    """Size every kind of disagreement in a plan.

    `plan` is a dict of table name -> table; optional inputs that are absent are None.

    Returns
    -------
    place, period : kind, item, family, product, resource, plan, reference [the kind's unit], gap_units [units],
        gap_value [money], wrong
    """
    t = plan.get
    value = contribution(t("unit_economics"))
    parts = [
        view_sizes(t("demand_overrides"), t("demand_plan"), t("products"), value),
        unserved_sizes(t("horizon"), t("service_plan"), t("products"), t("unit_economics"), value),
        capacity_sizes(
            t("rough_cut_capacity"), t("demand_plan"), t("supply_plan"), t("constraint_values"), t("routings")
        ),
        component_sizes(
            t("procurement_plan"), t("demand_plan"), t("constraint_values"), value, t("bill_of_materials")
        ),
        launch_sizes(t("launch_plan"), t("demand_plan"), t("products"), value, t("launches")),
        budget_sizes(t("plan_gaps")),
        goal_sizes(t("plan_gaps"), t("financial_plan"), t("goals")),
        excess_sizes(t("supply_plan"), t("products"), t("unit_economics"), t("inventory_policy")),
        stranded_sizes(t("horizon"), t("supply_plan"), t("segments"), t("unit_economics")),
    ]
    result = pd.concat(parts, ignore_index=True)
    return result.astype({c: "str" for c in COLUMNS if c != "period"} | {c: "float64" for c in MEASURES})


def contribution(unit_economics):
    """What one unit sold leaves after its material.

    Returns
    -------
    product, period : contribution [money per unit]
    """
    rows = unit_economics[["product", "period"]].copy()
    return rows.assign(contribution=unit_economics["price"] - unit_economics["material_cost"])


def view_sizes(demand_overrides, demand_plan, products, value):
    """Hold what each function expects against the statistical plan (the consensus before overrides)."""
    cells = ["product", "market", "period"]
    statistical = demand_plan[cells].assign(plan=demand_plan["consensus"] - demand_plan["override"])
    rows = attach(demand_overrides[["function", *cells, "quantity"]], statistical)
    rows = attach(attach(rows, value), products[["product", "family"]])
    rows["reference"] = rows["quantity"]
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows = rows.groupby(["function", "family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"].abs() > MATERIAL_VIEW * rows["plan"]
    return _listed("view", rows["function"] + "-" + rows["family"], rows.assign(item=rows["function"]))


def unserved_sizes(horizon, service_plan, products, unit_economics, value):
    """Find the units that markets want and do not get in their month.

    Money is what waiting costs each month, the contribution and cost of sales lost, and the contribution of what is
    still owed when the horizon ends.
    """
    costs = unit_economics[["product", "period", "backlog_cost", "lost_sale_cost"]].fillna(
        {"lost_sale_cost": 0.0}  # an empty cell adds nothing to the lost contribution
    )
    rows = service_plan[service_plan["strategy"] == PLAN_OF_RECORD]
    rows = attach(attach(attach(rows, value), costs), products[["product", "family"]])
    owed_at_end = rows["backlog"].where(rows["period"] == horizon["period"].max(), 0.0)
    rows["reference"] = rows["demand"]
    rows["gap_units"] = -(rows["demand"] - rows["served"]).clip(lower=0)  # serving old backlog is no surplus
    rows["plan"] = rows["reference"] + rows["gap_units"]
    rows["gap_value"] = -(
        rows["backlog"] * rows["backlog_cost"]
        + rows["lost_sales"] * (rows["contribution"] + rows["lost_sale_cost"])
        + owed_at_end * rows["contribution"]
    )
    rows["short"] = rows["backlog"] + rows["lost_sales"]
    rows = rows.groupby(["family", "period"], as_index=False)[[*MEASURES, "short"]].sum()
    rows["wrong"] = rows["short"] > NOISE * rows["reference"]
    return _listed("unserved", rows["family"], rows.assign(item=rows["family"]))


def capacity_sizes(rough_cut_capacity, demand_plan, supply_plan, constraint_values, routings=None):
    """Hold the hours that demand needs, less what is bought outside, against the hours there are.

    Hours become units at the mix of the demand plan. Money is what the missing hours would save the plan of record.
    """
    rows = rough_cut_capacity[["resource", "period", "required_hours", "capacity_hours"]]
    if routings is None:
        return _listed("capacity", rows["resource"], rows.iloc[:0].assign(item="", wrong=False))
    demand = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    load = _load(demand, "consensus", routings).rename(columns={"hours": "demand_hours"})
    bought = supply_plan[supply_plan["strategy"] == PLAN_OF_RECORD]
    bought = bought.groupby(["product", "period"], as_index=False)["subcontract"].sum()
    outside = _load(bought, "subcontract", routings).rename(columns={"hours": "outside"})
    rows = attach(rows, load, absent=0.0)
    rows = attach(rows, outside[["resource", "period", "outside"]], absent=0.0)
    rows = attach(rows, marginal_values(constraint_values, HOURS, "resource"), absent=0.0)
    rows["reference"] = rows["required_hours"] - rows["outside"]
    rows["plan"] = rows["capacity_hours"]
    short = (rows["reference"] - rows["plan"]).clip(lower=0)  # spare hours are no disagreement
    rows["wrong"] = short > NOISE * rows["reference"]
    per_hour = (rows["units"] / rows["demand_hours"].where(rows["demand_hours"] > 0)).fillna(0.0)
    rows["gap_units"] = -short * per_hour
    rows["gap_value"] = -short * rows["marginal_value"]
    return _listed("capacity", rows["resource"], rows.assign(item=rows["resource"]))


def component_sizes(procurement_plan, demand_plan, constraint_values, value, bill_of_materials=None):
    """Find the components that cannot be had in time, or of which demand needs more than the supplier delivers.

    A unit that cannot be had costs the contribution of the products it goes into; a unit above the supplier's limit
    costs what that limit is worth in the plan of record. Limits that cost nothing (stock covers them) are left out.
    """
    rows = procurement_plan[["component", "period", "supply_limit", "shortage"]]
    if bill_of_materials is None:
        return _listed("component", rows["component"], rows.iloc[:0].assign(item="", wrong=False))
    demand = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    rows = attach(rows, component_need(attach(demand, value), bill_of_materials), absent=0.0)
    rows = attach(rows, marginal_values(constraint_values, ("supply limit",), "component"), absent=0.0)
    above = (rows["need"] - rows["supply_limit"]).clip(lower=0).fillna(0.0)  # no limit, nothing above it
    above = above.where(rows["marginal_value"] > 0, 0.0)
    short = np.maximum(above, rows["shortage"])
    per_unit = (rows["worth"] / rows["need"].where(rows["need"] > 0)).fillna(0.0)
    rows["reference"] = rows["need"]
    rows["plan"] = rows["need"] - short
    rows["gap_units"] = -short
    rows["gap_value"] = -(
        rows["shortage"] * per_unit + (short - rows["shortage"]) * rows["marginal_value"]
    )
    rows["wrong"] = short > NOISE * rows["need"]
    return _listed("component", rows["component"], rows.assign(item=rows["component"]))
