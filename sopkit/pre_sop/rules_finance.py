"""Where the plan misses what was promised: budget, goals and limits on stock."""

import numpy as np
import pandas as pd

from sopkit.pre_sop.shape import MEASURES, listed, nothing
from sopkit.schema.columns import COLUMNS
from sopkit.tables import attach

MATERIAL_BUDGET = 0.02  # of the budget: a smaller shortfall is not put before the meeting
QUARTER = 3  # months
MATERIAL_PATH = (
    0.01  # of what the path asks for: a path is drawn between two years, nobody promised it
)
MATERIAL_STOCK = 0.001  # of the limit


def budget_sizes(plan_gaps):
    """Hold each family's margin, or else its revenue, against the budget over all months both cover.

    A family is short when the total is more than 2 % below budget; its revenue counts only where its margin is not.
    """
    budget = plan_gaps[(plan_gaps["compared_with"] == "budget") & (plan_gaps["item"] != "all")]
    cells = budget.rename(columns={"reference_value": "reference"}).assign(family=budget["item"])
    cells = cells[["item", "family", "measure", "period", "plan", "reference", "gap"]]
    units = cells.loc[cells["measure"] == "quantity", ["item", "period", "gap"]]
    money = cells[cells["measure"].isin(["margin", "revenue"])].rename(columns={"gap": "gap_value"})
    rows = attach(money, units.rename(columns={"gap": "gap_units"}), absent=0.0)
    total = rows.groupby(["item", "measure"])[["gap_value", "reference"]].transform("sum")
    rows["wrong"] = total["gap_value"] < -MATERIAL_BUDGET * total["reference"].abs()
    margin, revenue = rows[rows["measure"] == "margin"], rows[rows["measure"] == "revenue"]
    told = revenue["item"].isin(margin.loc[margin["wrong"], "item"])
    revenue = revenue.assign(wrong=revenue["wrong"] & ~told)
    return pd.concat([listed("budget margin", margin), listed("budget revenue", revenue)])


def goal_sizes(horizon, plan_gaps, financial_plan, goals=None):
    """Hold the plan against each goal; a goal met is kept, with its sign, but is not wrong.

    Money: a goal in units counts at the plan's mean revenue per unit, a goal that is a ratio at the plan's revenue.
    """
    return _held_against("goal", "goal", horizon, plan_gaps, financial_plan, goals)


def path_sizes(horizon, plan_gaps, financial_plan, goals=None):
    """Hold the plan against the path to each goal beyond the horizon; 1 % behind it is a gap, sized as of a goal."""
    return _held_against(
        "path", "goal_path", horizon, plan_gaps, financial_plan, goals, MATERIAL_PATH
    )


def _held_against(kind, compared_with, horizon, plan_gaps, financial_plan, goals, material=1e-9):
    if goals is None:
        return nothing(kind, horizon)
    rows = plan_gaps[plan_gaps["compared_with"] == compared_with]
    rows = rows.rename(columns={"item": "goal", "reference_value": "reference"})
    rows = attach(
        rows[["goal", "period", "plan", "reference", "gap"]], _goal_worth(goals, financial_plan)
    )
    missed = np.where(rows["direction"] == "at_least", -rows["gap"], rows["gap"])
    rows = rows.assign(
        item=rows["goal"],
        gap_units=rows["gap"].where(rows["measure"] == "quantity", 0.0),
        gap_value=rows["gap"] * rows["worth"],
        wrong=missed > material * rows["reference"].abs(),
    )
    return listed(kind, rows)


def _goal_worth(goals, financial_plan):
    """What one unit of each goal's measure is worth in money over the goal's months.

    Returns
    -------
    goal : measure, family, direction, worth [money per unit of the measure]
    """
    rows = goals[["goal", "measure", "family", "direction", "from_period", "to_period"]]
    cells = financial_plan[["family", "period", "quantity", "revenue"]].rename(
        columns={"family": "of"}
    )
    pairs = rows.merge(cells, how="cross")
    within = pairs["period"].between(pairs["from_period"], pairs["to_period"])
    pairs = pairs[within & (pairs["family"].isna() | (pairs["family"] == pairs["of"]))]
    sold = pairs.groupby("goal", as_index=False)[["quantity", "revenue"]].sum()
    rows = attach(rows, sold, absent=0.0)
    unit = rows["measure"].map({name: word.unit for name, word in COLUMNS.items()})
    mean_price = (rows["revenue"] / rows["quantity"].where(rows["quantity"] > 0)).fillna(0.0)
    rows["worth"] = np.select(
        [unit == "units", unit == "ratio"], [mean_price, rows["revenue"]], 1.0
    )
    return rows[["goal", "measure", "family", "direction", "worth"]]


def excess_sizes(horizon, supply_plan, products, unit_economics, inventory_policy=None):
    """Find stock above the policy's maximum, by family; money is what holding it costs.

    A limit that names no site holds for the product as a whole, over the sites without a limit of their own.
    """
    if inventory_policy is None:
        return nothing("excess", horizon)
    limits = inventory_policy[["product", "site"]].assign(
        reference=inventory_policy["max_inventory"]
    )
    named, general = (
        limits[limits["site"].notna()],
        limits[limits["site"].isna()].drop(columns="site"),
    )
    stock = supply_plan[["product", "site", "period", "inventory"]]
    stock = attach(stock, named[["product", "site"]].assign(named=True), absent=False)
    own = stock.pop("named").astype(bool)
    at_sites = attach(stock[own], named)
    rest = stock[~own].groupby(["product", "period"], as_index=False)["inventory"].sum()
    rows = pd.concat([at_sites, attach(rest, general, absent=np.nan)], ignore_index=True)
    rows = rows[rows["reference"].notna()].rename(columns={"inventory": "plan"})
    rows = attach(rows, unit_economics[["product", "period", "holding_cost"]])
    rows = attach(rows, products[["product", "family"]])
    rows["gap_units"] = (rows["plan"] - rows["reference"]).clip(
        lower=0
    )  # room left is no disagreement
    rows["gap_value"] = rows["gap_units"] * rows["holding_cost"]
    rows = rows.groupby(["family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"] > MATERIAL_STOCK * rows["reference"]
    return listed("excess", rows.assign(item=rows["family"]))


def stranded_sizes(horizon, supply_plan, segments, demand_plan, unit_economics):
    """Find stock of phased-out products that is left when the horizon ends; money is its material.

    What a quarter like the last month sells, or what the stock policy asks for, is not stranded.
    """
    last = horizon["period"].max()
    leaving = segments.loc[segments["lifecycle"] == "phase_out", ["product", "family"]]
    rows = supply_plan
    rows = rows[(rows["period"] == last) & rows["product"].isin(leaving["product"])]
    rows = attach(rows[["product", "site", "period", "inventory", "target_inventory"]], leaving)
    rows = attach(rows, unit_economics[["product", "period", "material_cost"]])
    rows["gap_value"] = rows["inventory"] * rows["material_cost"]
    sums = ["inventory", "target_inventory", "gap_value"]
    rows = rows.groupby(["product", "family", "period"], as_index=False)[sums].sum()
    sells = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    rows = attach(rows, sells, absent=0.0)
    rows = rows.assign(
        item=rows["product"],
        plan=rows["inventory"],
        reference=0.0,
        gap_units=rows["inventory"],
        wrong=rows["inventory"]
        > 0.5 + np.maximum(QUARTER * rows["consensus"], rows["target_inventory"]),
    )
    return listed("stranded", rows)
