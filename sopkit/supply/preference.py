"""Whether a family had better level or chase: the cost of holding stock against the cost of changing the rate."""

import numpy as np
import pandas as pd

from sopkit.master_data.economics import worker_calendar
from sopkit.supply.rccp import resource_load
from sopkit.tables import attach, conform
from sopkit.tables.periods import working_days


def strategy_preference(
    horizon,
    products,
    demand_plan,
    unit_economics,
    resources=None,
    routings=None,
    resource_calendar=None,
    supply_policy=None,
):
    """Weigh, family by family, stock at a steady rate against hiring and laying off at the rate of demand.

    Levelling: the family makes the same number of units on every working day; the stock that this needs, so that no
    month is short, is held at the family's holding cost. Chasing: workers follow the hours that demand takes; every
    worker more is hired, every worker less laid off. Opening stock, safety stock and limits are left aside: this is the
    arithmetic of the swing alone, beside the plans that keep to all limits.

    Returns
    -------
    family : levelling_cost, chasing_cost [money over the horizon], preferred, strategy [of the policy; empty without],
        statement

    Source
    ------
    The trade-off of aggregate planning: Chopra & Meindl, Supply Chain Management; Heizer & Render, Operations
    Management.
    """
    demand = attach(
        demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum(),
        unit_economics[["product", "period", "holding_cost"]],
    )
    demand = attach(demand, products[["product", "family"]])
    levelling = _levelling(horizon, demand)
    load = resource_load(products, demand_plan, resources, routings)
    chasing = _chasing(horizon, load, resources, resource_calendar)
    table = pd.DataFrame(
        {
            "levelling_cost": levelling,
            "chasing_cost": chasing.reindex(levelling.index, fill_value=0.0),
        }
    )
    table["preferred"] = np.where(table["levelling_cost"] < table["chasing_cost"], "level", "chase")
    table = table.rename_axis("family").reset_index()
    if supply_policy is not None:
        policy = supply_policy[["family", "strategy"]]
        table = attach(table, policy, absent=np.nan)
    table["statement"] = [_statement(row) for row in table.itertuples()]
    return conform("strategy_preference", table)


def _levelling(horizon, demand):
    """Cost of the stock under a steady rate, by family."""
    days = working_days(horizon["period"]).groupby("period")["working_days"].sum().to_numpy()
    units = demand.pivot_table(
        index="family", columns="period", values="consensus", aggfunc="sum", fill_value=0.0
    )
    units = units.reindex(columns=horizon["period"], fill_value=0.0)
    held = (demand["consensus"] * demand["holding_cost"]).groupby(demand["family"]).sum()
    holding = held / demand.groupby("family")["consensus"].sum().where(lambda total: total > 0, 1.0)
    rate = units.sum(axis=1) / days.sum()
    ahead = (rate.to_numpy()[:, None] * days - units.to_numpy()).cumsum(axis=1)
    stock = ahead + np.maximum(-ahead.min(axis=1, keepdims=True), 0)
    return pd.Series(stock.sum(axis=1), index=units.index) * holding


def _chasing(horizon, load, resources, resource_calendar):
    """Cost of hiring and laying off so that workers follow the load, by family."""
    if load.empty:
        return pd.Series(dtype="float64")
    load = load.groupby(["family", "resource", "period"], as_index=False)["required_hours"].sum()
    calendar = worker_calendar(horizon, resources, resource_calendar)
    load = attach(load, calendar[["resource", "period", "regular_hours_per_worker"]])
    load["workers"] = load["required_hours"] / load["regular_hours_per_worker"].where(
        load["regular_hours_per_worker"] > 0
    )
    load = attach(load, resources[["resource", "hire_cost", "layoff_cost"]]).sort_values("period")
    change = load.groupby(["family", "resource"])["workers"].diff().fillna(0.0)
    cost = change.clip(lower=0) * load["hire_cost"] + (-change).clip(lower=0) * load["layoff_cost"]
    return cost.groupby(load["family"]).sum()


def _statement(row):
    words = {
        "level": f"Holding stock through the swing costs {row.levelling_cost:,.0f}, hiring and laying off after it {row.chasing_cost:,.0f}",
        "chase": f"Hiring and laying off after the swing costs {row.chasing_cost:,.0f}, holding stock through it {row.levelling_cost:,.0f}",
    }
    return f"{words[row.preferred]}: {row.preferred} is cheaper."
