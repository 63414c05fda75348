"""What a reader is shown of the tables of the supply review."""

from sopkit.model.comparison import costs_by_strategy, measures_by_strategy

NEAR_MONTHS = 6  # until then little of the plan can still be changed


def overload(resource_load, rough_cut_capacity):
    """The products that make the load in months over capacity, the largest first, resource by resource."""
    over = rough_cut_capacity[
        rough_cut_capacity["required_hours"] > rough_cut_capacity["capacity_hours"] + 0.5
    ]
    rows = resource_load.merge(
        over[["resource", "period"]], on=["resource", "period"], validate="many_to_one"
    )
    keys = ["resource", "family", "product"]
    rows = rows.groupby(keys, as_index=False).agg(
        months=("period", "nunique"), required_hours=("required_hours", "sum")
    )
    return rows.sort_values(["resource", "required_hours"], ascending=[True, False], kind="stable")


def promises(available_to_promise):
    """What can be promised of each product, month by month for half a year; booked products first."""
    first = available_to_promise["period"].min()
    rows = available_to_promise[available_to_promise["period"] < first + 6]
    units = rows.pivot_table(index="product", columns="period", values="available_to_promise")
    units.columns = units.columns.astype(str)
    totals = available_to_promise.groupby("product").agg(
        booked=("booked", "sum"), overpromised=("overpromised", "max")
    )
    table = totals.join(units).sort_values(
        ["overpromised", "booked"], ascending=False, kind="stable"
    )
    return table.reset_index()


def suppliers(supplier_exposure):
    """The suppliers, the one on whom most revenue depends first."""
    return supplier_exposure.sort_values("dependent_revenue", ascending=False, kind="stable")


def strategies(strategy_comparison):
    """What each strategy costs and gives over the horizon."""
    columns = [
        "cost",
        "service_level_ratio",
        "max_inventory_planned",
        "max_backlog",
        "below_target",
        "max_hours_planned",
        "months_short",
        "optimality_gap_ratio",
    ]
    return measures_by_strategy(strategy_comparison)[columns].reset_index()


def strategy_costs(strategy_comparison):
    """Each cost item's cost, a column for each strategy."""
    costs = costs_by_strategy(strategy_comparison).pivot_table(
        index="cost_item", columns="strategy", values="cost", aggfunc="sum", sort=False
    )
    return costs.rename_axis(columns=None).reset_index()


def shortfalls(service_plan):
    """Where the plan of record delivers late or never, the worst first."""
    rows = service_plan[service_plan[["backlog", "lost_sales"]].sum(axis=1) > 0.5]
    return rows.sort_values(["lost_sales", "backlog"], ascending=False, kind="stable")


def out_of_band(inventory_plan):
    """Each stock below target or above the most wanted, in the month when it is furthest out; the furthest first."""
    rows = inventory_plan[inventory_plan["stock_position"] != "in_band"]
    furthest = rows[["shortfall", "excess"]].max(axis=1).sort_values(ascending=False, kind="stable")
    return rows.loc[furthest.index].drop_duplicates(["product", "site", "stock_position"])


def at_risk(stock_risk):
    """The month of the coming ones in which each stock is most short, the shortest first."""
    near = stock_risk[stock_risk["period"] < stock_risk["period"].min() + NEAR_MONTHS]
    rows = near.sort_values("unmet", ascending=False, kind="stable").drop_duplicates(
        ["product", "site"]
    )
    return rows[rows["stock_out_probability"] > 0]


def constraints(constraint_values):
    """What one more unit of each limit is worth in the plan of record, the scarcest first."""
    return constraint_values.sort_values("marginal_value", ascending=False, kind="stable")


def sites(supply_plan):
    """What each site makes, receives, sends on and ships over the horizon, and the most it holds."""
    flows = [
        "regular",
        "overtime",
        "subcontract",
        "receipts",
        "transferred_in",
        "transferred_out",
        "shipped",
        "wasted",
    ]
    held = supply_plan.groupby(["site", "period"])["inventory"].sum().groupby("site").max()
    return supply_plan.groupby("site")[flows].sum().assign(max_inventory_planned=held).reset_index()


def relief(constraint_relief):
    """What lifting each limit brings over the horizon, what recovers most first."""
    rows = constraint_relief.groupby(["constraint", "item"], as_index=False)[
        ["saving", "recovered"]
    ].sum()
    return rows.sort_values(["recovered", "saving"], ascending=False, kind="stable")


def shortages(procurement_plan):
    """Components that cannot be had in time, the largest shortage first."""
    return procurement_plan[procurement_plan["shortage"] > 0.5].sort_values(
        "shortage", ascending=False, kind="stable"
    )
