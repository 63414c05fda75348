"""The budget-to-plan bridge: volume, mix, price, cost and supply."""

import pandas as pd
from pandas import DataFrame

from sopkit.finance.costing import standard_cost
from sopkit.tables import attach, conform, empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.on_arrays import on_arrays


def budget_bridge(
    planning_periods: DataFrame,
    products: DataFrame,
    financial_plan: DataFrame,
    constrained_demand: DataFrame,
    unit_economics: DataFrame,
    budget: DataFrame | None = None,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """Bridge revenue and margin of each family from budget to plan; the company is their sum.

    volume : every family grows as the company's demand does (at budget prices); mix : it grows
        otherwise;
    price : its average price differs (products within it included); supply : units demanded and
        not fulfilled, at price
    (margin: less standard cost); cost : all that is left, what units cost beyond budget. The walk
    takes the months that both have; without budget it is empty.

    Returns
    -------
    measure, family, step : amount [money]; the steps before `plan` add up to it exactly
    """
    if budget is None:
        return empty("budget_bridge")
    months = budget[budget["period"].isin(planning_periods["period"])]
    plan = attach(
        months[["family", "period"]], financial_plan[["family", "period", "revenue", "margin"]]
    )
    at_demand = plan_at_demand(
        products, constrained_demand, unit_economics, resources, routings, bill_of_materials
    )
    plan = attach(plan, at_demand, default=0.0).drop(columns="period").groupby("family").sum()
    base = months.groupby("family")[["quantity", "revenue", "margin"]].sum()
    return conform(
        "budget_bridge",
        pd.concat([_walk(base, plan, m) for m in ("revenue", "margin")], ignore_index=True),
    )


@on_arrays
def plan_at_demand(
    products: DataFrame,
    constrained_demand: ArrayTable,
    unit_economics: ArrayTable,
    resources: DataFrame | None,
    routings: DataFrame | None,
    bill_of_materials: DataFrame | None = None,
) -> ArrayTable:
    """Value demand at plan prices, and the cost of not fulfilling it.

    Returns
    -------
    family, period : demand [units], demand_revenue, unserved_revenue, unserved_margin [money]
    """
    cost = standard_cost(unit_economics, resources, routings, bill_of_materials)
    service = constrained_demand.sums("product")
    prices = unit_economics.assign(standard_cost=cost).on(service)
    price, missed = prices["price"], service["fulfilled"] - service["demand"]
    return ArrayTable(
        service.keys,
        service.months,
        {
            "demand": service["demand"],
            "demand_revenue": service["demand"] * price,
            "unserved_revenue": missed * price,
            "unserved_margin": missed * (price - prices["standard_cost"]),
        },
    ).sums("family", master=products)


def _walk(base, plan, measure):
    """One measure's steps from budget to plan, family by family."""
    prices = _per_unit(base, "revenue")
    budgeted = base["revenue"].sum()
    growth = (plan["demand"] * prices).sum() / budgeted if budgeted else 1.0
    moved = plan["demand"] - growth * base["quantity"]
    steps = pd.DataFrame({"budget": base[measure], "volume": base[measure] * (growth - 1)})
    steps["mix"] = moved * _per_unit(base, measure)
    steps["price"] = plan["demand_revenue"] - growth * base["revenue"] - moved * prices
    steps["supply"] = plan[f"unserved_{measure}"]
    if measure == "margin":
        steps.insert(4, "cost", plan["margin"] - steps.sum(axis=1))
    steps["plan"] = plan[measure]
    steps = (
        steps.rename_axis("family")
        .reset_index()
        .melt("family", var_name="step", value_name="amount")
    )
    return steps.assign(measure=measure)


def _per_unit(base, measure):
    """Money per unit of each family; a family without budgeted units takes the company's."""
    units = base["quantity"].sum()
    company = base[measure].sum() / units if units else 0.0
    return (base[measure] / base["quantity"].where(base["quantity"] > 0)).fillna(company)
