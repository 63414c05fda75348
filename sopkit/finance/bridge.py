"""The budget-to-plan bridge: volume, mix, price, cost and supply."""

import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.budgets import BUDGETED
from sopkit.tables import attach, conform, empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.on_arrays import on_arrays

ALL = "all"  # all families together


def budget_bridge(
    planning_periods: DataFrame,
    products: DataFrame,
    financial_plan: DataFrame,
    constrained_demand: DataFrame,
    profitability: DataFrame,
    budget: DataFrame | None = None,
) -> DataFrame:
    """Bridge revenue and margin from budget to plan, for each family and for the company (`all`).

    The walk takes the months that both have, of families whose budget is in units and in money; it
    is empty without any. See `walk`.

    Returns
    -------
    measure, family, step : amount [money]; the steps before `plan` add up to it exactly
    """
    if budget is None:
        return empty("budget_bridge")
    months = budget[budget["period"].isin(planning_periods["period"])]
    at_demand = plan_at_demand(products, constrained_demand, profitability)
    rows = [empty("budget_bridge")]
    for measure in ("revenue", "margin"):
        given = months.dropna(subset=["quantity", "revenue", measure])
        planned = attach(given[["family", "period"]], financial_plan)
        planned = attach(planned, at_demand, default=0.0).drop(columns="period")
        base = given.groupby("family")[list(BUDGETED)].sum()
        plan = planned.groupby("family").sum().reindex(base.index)
        rows += [walk(base, plan, measure)] if len(base) else []
    return conform("budget_bridge", pd.concat(rows, ignore_index=True))


def bridged_months(plan_variances: DataFrame) -> Series:
    """The months of the bridge of margin: in which a family has a budget in units and in money.

    Returns
    -------
    period, one each
    """
    rows = plan_variances[plan_variances["reference_type"] == "budget"]
    given = rows[rows["item"] != ALL].groupby(["item", "period"])["measure"].nunique()
    return given[given == len(BUDGETED)].reset_index()["period"].drop_duplicates()


@on_arrays
def plan_at_demand(
    products: DataFrame, constrained_demand: ArrayTable, profitability: ArrayTable
) -> ArrayTable:
    """Value demand at net plan prices, and the cost of not fulfilling it.

    Returns
    -------
    family, period : demand [units], demand_revenue, unserved_revenue, unserved_margin [money]
    """
    prices = profitability.on(constrained_demand)
    price, wanted = prices["net_price"], constrained_demand["demand"]
    missed = constrained_demand["fulfilled"] - wanted
    return constrained_demand.assign(
        demand_revenue=wanted * price,
        unserved_revenue=missed * price,
        unserved_margin=missed * (price - prices["standard_cost"]),
    ).sums("family", master=products)


def walk(base: DataFrame, plan: DataFrame, measure: str, start: str = "budget") -> DataFrame:
    """Walk from a base to the plan, by family and for the company.

    volume : units demanded beyond the base, at the family's own base price (margin: base margin a
        unit); for the company: every family grows as all together do
    mix : of the company: families grow otherwise; families have none
    price : the average price differs (products within the family included)
    supply : units demanded and not fulfilled, at price (margin: less standard cost)
    cost : of the margin: all that is left, what units and activities cost beyond the base

    Parameters
    ----------
    base : family : quantity [units], revenue, margin [money]
    plan : family : demand [units], demand_revenue, unserved_revenue, unserved_margin, revenue,
        margin [money]
    start : the name of the base

    Returns
    -------
    measure, family, step : amount [money]; family `all` is the company
    """
    prices, each = _per_unit(base, "revenue"), _per_unit(base, measure)
    more = plan["demand"] - base["quantity"]
    steps = DataFrame({start: base[measure], "volume": more * each, "mix": 0.0})
    steps["price"] = plan["demand_revenue"] - base["revenue"] - more * prices
    steps["supply"] = plan[f"unserved_{measure}"]
    if measure == "margin":
        steps.insert(4, "cost", plan["margin"] - steps.sum(axis=1))
    steps["plan"] = plan[measure]
    company = steps.sum()
    wanted, budgeted = (plan["demand"] * prices).sum(), (base["quantity"] * prices).sum()
    growth = wanted / budgeted - 1 if budgeted else 0.0
    volume = growth * (base["quantity"] * each).sum()
    company["mix"], company["volume"] = company["volume"] - volume, volume
    steps.loc[ALL] = company
    rows = steps.rename_axis("family").reset_index()
    return rows.melt("family", var_name="step", value_name="amount").assign(measure=measure)


def _per_unit(base, measure):
    """Money per unit of each family; a family without budgeted units takes the company's."""
    units = base["quantity"].sum()
    company = base[measure].sum() / units if units else 0.0
    return (base[measure] / base["quantity"].where(base["quantity"] > 0)).fillna(company)
