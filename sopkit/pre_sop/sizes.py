"""How far the plans are apart: every kind of disagreement, month by month, in units and money.

A row has a `place` (what it is about: the stable part of a disagreement's code), what the `plan` says and the
`reference` it is held against in the kind's own unit, and `gap_units` and `gap_value` = plan - reference in units and
money. `wrong` marks the months that disagree; the others are kept so that the same place can be sized again after
replanning.
"""

import pandas as pd

from sopkit.pre_sop.rules_demand import (
    bias_sizes,
    cash_sizes,
    cover_sizes,
    demand_change_sizes,
    double_sizes,
    idle_sizes,
    supply_change_sizes,
)
from sopkit.pre_sop.rules_finance import (
    budget_sizes,
    excess_sizes,
    goal_sizes,
    path_sizes,
    stranded_sizes,
)
from sopkit.pre_sop.rules_product import launch_sizes, short_launch_sizes
from sopkit.pre_sop.rules_supply import capacity_sizes, component_sizes, unserved_sizes
from sopkit.pre_sop.shape import MEASURES, listed
from sopkit.tables import attach

MATERIAL_VIEW = 0.10  # of the statistical plan: below it a function's view and the statistics agree


def sizes(plan):
    """Size every kind of disagreement in a plan.

    `plan` is a dict of table name -> table; optional inputs that are absent are None.

    Returns
    -------
    place, period : kind, item, family, product, resource, detail, plan, reference [the kind's unit], gap_units [units],
        gap_value [money], wrong
    """
    t = plan.__getitem__
    value = contribution(t("unit_economics"))
    demand, horizon, products = t("demand_plan"), t("horizon"), t("products")
    worth = t("constraint_values")
    parts = [
        view_sizes(t("demand_overrides"), demand, products, value),
        launch_sizes(
            horizon,
            t("launch_plan"),
            demand,
            products,
            value,
            t("launches"),
            t("bill_of_materials"),
            t("components"),
        ),
        short_launch_sizes(
            horizon, t("launch_plan"), t("service_plan"), products, value, t("launches")
        ),
        unserved_sizes(horizon, t("service_plan"), products, t("unit_economics"), value),
        capacity_sizes(
            horizon,
            t("rough_cut_capacity"),
            demand,
            t("supply_plan"),
            t("workforce_plan"),
            worth,
            t("routings"),
        ),
        component_sizes(
            horizon, t("procurement_plan"), demand, worth, value, t("bill_of_materials")
        ),
        budget_sizes(t("plan_gaps")),
        goal_sizes(horizon, t("plan_gaps"), t("financial_plan"), t("goals")),
        path_sizes(horizon, t("plan_gaps"), t("financial_plan"), t("goals")),
        excess_sizes(
            horizon, t("supply_plan"), products, t("unit_economics"), t("inventory_policy")
        ),
        stranded_sizes(horizon, t("supply_plan"), t("segments"), demand, t("unit_economics")),
        cash_sizes(t("cash_plan")),
        cover_sizes(t("inventory_plan"), products, value),
        bias_sizes(demand, t("forecast_accuracy"), products, value),
        demand_change_sizes(t("plan_gaps"), products, value),
        supply_change_sizes(
            horizon, t("supply_plan"), products, t("unit_economics"), t("approved_supply_plans")
        ),
        idle_sizes(horizon, t("workforce_plan"), t("rough_cut_capacity"), t("resources")),
        double_sizes(t("opportunity_plan"), t("demand_overrides"), products, value),
    ]
    return pd.concat(parts, ignore_index=True)


def contribution(unit_economics):
    """What one unit sold leaves after its material.

    Returns
    -------
    product, period : contribution [money per unit]
    """
    left = unit_economics["price"] - unit_economics["material_cost"]
    return unit_economics[["product", "period"]].assign(contribution=left)


def view_sizes(demand_overrides, demand_plan, products, value):
    """Hold the statistical plan (the consensus before overrides) against what each function expects.

    Only the products and markets that a function spoke for are compared.
    """
    cells = ["product", "market", "period"]
    statistical = demand_plan[cells].assign(plan=demand_plan["consensus"] - demand_plan["override"])
    planned = demand_overrides["period"].isin(demand_plan["period"])
    rows = attach(demand_overrides.loc[planned, ["function", *cells, "quantity"]], statistical)
    rows = attach(attach(rows, value), products[["product", "family"]])
    rows["reference"] = rows["quantity"]
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows = rows.groupby(["function", "family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"].abs() > MATERIAL_VIEW * rows["plan"]
    return listed(
        "view",
        rows.assign(item=rows["function"].astype("str") + "-" + rows["family"].astype("str")),
    )
