"""What should make the meeting ask, though every unit is served: cash, stock, habits of the forecast, a nervous plan."""

import numpy as np

from sopkit.pre_sop.shape import MEASURES, listed, nothing
from sopkit.tables import attach

MATERIAL_STOCK = 0.10  # of the family's safety stock, which is there to be used now and then
BIASED = 4.0  # mean absolute errors that errors of one side add up to before chance no longer explains them
MATERIAL_BIAS = 0.02  # of what was sold: a smaller bias moves no plan
NERVOUS_DEMAND, NERVOUS_SUPPLY = (
    0.10,
    0.25,
)  # of what was last approved: a larger change needs a reason
NEAR_MONTHS = 6  # within them a change of the plan costs most
IDLE = 0.60  # of the paid hours over the horizon: below it a resource is far under capacity


def cash_sizes(cash_plan):
    """Find the months in which cash is below zero; the money is that of the lowest one."""
    rows = cash_plan[["period", "cash"]].assign(item="company", reference=0.0, gap_units=0.0)
    rows["plan"] = rows["gap_value"] = rows["cash"].clip(upper=0.0)
    return listed("cash", _at_worst(rows.assign(wrong=rows["cash"] < 0)))


def cover_sizes(inventory_plan, products, value):
    """Find stock below safety stock, by family; the money is the contribution of the units missing in the worst month."""
    rows = attach(attach(inventory_plan, products[["product", "family"]]), value)
    rows["plan"], rows["reference"] = rows["inventory"], rows["safety_stock"]
    rows["gap_units"] = (rows["inventory"] - rows["safety_stock"]).clip(upper=0.0)
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"] < -MATERIAL_STOCK * rows["reference"]
    return listed("cover", _at_worst(rows.assign(item=rows["family"])))


def _at_worst(rows):
    """Keep the figures of the worst month of each item: a level is the same money month after month, not a sum."""
    worst = rows.groupby("item")["gap_value"].transform("idxmin") == rows.index
    return rows.assign(**{name: rows[name].where(worst, 0.0) for name in MEASURES})


def bias_sizes(demand_plan, forecast_accuracy, products, value):
    """Hold the consensus against itself without the bias that its forecasts one month ahead have kept.

    A family's bias persists when its errors add up to more than four mean absolute errors on one side.
    """
    habit = forecast_accuracy
    habit = habit[
        (habit["contributor"] == "consensus") & (habit["level"] == "family") & (habit["lag"] == 1)
    ]
    habit = habit.assign(family=habit["item"])[["family", "bias", "tracking_signal"]]
    rows = attach(attach(demand_plan, products[["product", "family"]]), value)
    rows["gap_value"] = rows["consensus"] * rows["contribution"]
    rows = rows.groupby(["family", "period"], as_index=False)[["consensus", "gap_value"]].sum()
    rows = rows[rows["family"].isin(habit["family"])]
    rows = attach(rows, habit)
    rows["plan"], rows["reference"] = rows["consensus"], rows["consensus"] / (1 + rows["bias"])
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] *= rows["bias"] / (1 + rows["bias"])
    rows["wrong"] = (rows["tracking_signal"].abs() > BIASED) & (rows["bias"].abs() > MATERIAL_BIAS)
    return listed("bias", rows.assign(item=rows["family"]))


def demand_change_sizes(plan_gaps, products, value):
    """Find the months in which a family's plan is far from what the last cycle approved."""
    rows = plan_gaps[(plan_gaps["compared_with"] == "last_cycle") & (plan_gaps["item"] != "all")]
    rows = rows[rows["measure"] == "quantity"].rename(columns={"reference_value": "reference"})
    mean = attach(value, products[["product", "family"]])
    mean = mean.groupby(["family", "period"], as_index=False)["contribution"].mean()
    rows = attach(rows.assign(family=rows["item"], gap_units=rows["gap"]), mean)
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows["wrong"] = rows["gap_units"].abs() > NERVOUS_DEMAND * rows["reference"]
    return listed("demand change", rows)


def supply_change_sizes(horizon, supply_plan, products, unit_economics, approved_supply_plans=None):
    """Find families of which much of what was last approved for the next months is no longer made then.

    Money is what holding those units for a month costs: most are made in another month.
    """
    if approved_supply_plans is None:
        return nothing("supply change", horizon)
    near = horizon.loc[horizon["month_number"] <= NEAR_MONTHS, "period"]
    last = approved_supply_plans[approved_supply_plans["cycle"] < horizon["period"].min()]
    last = last[(last["cycle"] == last["cycle"].max()) & last["period"].isin(near)]
    cells = ["product", "site", "period"]
    made = {"plan": supply_plan, "reference": last}
    for name, table in made.items():
        units = table[["regular", "overtime", "subcontract"]].sum(axis=1)
        made[name] = table[cells].assign(**{name: units})
    rows = attach(made["plan"], made["reference"], absent=0.0)
    rows = rows[rows["period"].isin(last["period"])]
    rows = attach(rows, products[["product", "family"]])
    rows = attach(rows, unit_economics[["product", "period", "holding_cost"]])
    rows["gap_units"] = (rows["plan"] - rows["reference"]).clip(upper=0.0)
    rows["gap_value"] = rows["gap_units"] * rows["holding_cost"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    total = rows.groupby("family")[["gap_units", "reference"]].transform("sum")
    rows["wrong"] = total["gap_units"] < -NERVOUS_SUPPLY * total["reference"]
    return listed("supply change", rows.assign(item=rows["family"]))


def idle_sizes(horizon, workforce_plan, rough_cut_capacity, resources=None):
    """Find resources whose paid hours are mostly idle over the horizon; money is the wage of the idle hours."""
    if resources is None:
        return nothing("idle", horizon)
    rows = workforce_plan
    rows = attach(rows, resources[["resource", "regular_wage"]])
    hours = rough_cut_capacity[["resource", "period", "regular_capacity_hours", "capacity_hours"]]
    paid = hours["regular_capacity_hours"] / hours["capacity_hours"].where(
        hours["capacity_hours"] > 0
    )
    rows = attach(rows, hours[["resource", "period"]].assign(paid=paid.fillna(1.0)), absent=1.0)
    rows["plan"] = rows["regular_hours"] + rows["overtime_hours"]
    rows["reference"] = rows["capacity_hours"] * rows["paid"]  # overtime not worked is not paid
    rows["gap_units"], rows["item"] = 0.0, rows["resource"]
    rows["gap_value"] = (rows["plan"] - rows["reference"]).clip(upper=0.0) * rows["regular_wage"]
    total = rows.groupby("resource")[["plan", "reference"]].transform("sum")
    rows["wrong"] = (total["plan"] < IDLE * total["reference"]) & (rows["plan"] < rows["reference"])
    return listed("idle", rows)


def double_sizes(opportunity_plan, demand_overrides, products, value):
    """Find deals that the plan adds although sales has raised its view of the same product, market and month."""
    cells = ["product", "market", "period"]
    raised = demand_overrides[
        (demand_overrides["function"] == "sales") & (demand_overrides["override"] > 0)
    ]
    planned = opportunity_plan[opportunity_plan["period"].isin(value["period"])]
    rows = attach(planned, raised[[*cells, "override"]], absent=0.0)
    rows = attach(attach(rows, value), products[["product", "family"]])
    rows["plan"], rows["item"] = rows["opportunity_demand"], rows["opportunity"]
    rows["gap_units"] = np.minimum(rows["opportunity_demand"], rows["override"])
    rows["reference"] = rows["plan"] - rows["gap_units"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    return listed("double", rows.assign(wrong=rows["gap_units"] > 0))
