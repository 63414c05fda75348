"""Variance of the plan to budget, prior year, prior cycle and goals."""

import pandas as pd
from pandas import DataFrame

from sopkit.finance.actuals import family_sales, long
from sopkit.finance.bridge import plan_at_demand
from sopkit.finance.goals import Measured, judged_goals
from sopkit.tables import attach, conform
from sopkit.tables.periods import add_months


def plan_variances(
    planning_periods: DataFrame,
    measured: Measured,
    budget: DataFrame | None = None,
    goals: DataFrame | None = None,
    approved_forecasts: DataFrame | None = None,
    unit_economics: DataFrame | None = None,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> DataFrame:
    """Compare the plan with budget, prior year, prior cycle, unconstrained demand and goals.

    Only months that both sides cover have a row; item `all` adds up the families compared. Last year is the same
    month's sales (revenue where every sale's is known); last cycle is the demand that the latest earlier consensus
    expected, at today's prices (its margin is not known). Unconstrained is the plan if all demand were served in its
    month: its gap is the opportunity. A goal is in its last month, a path to a goal (see
    `goal_paths`) in the last month
    of each planned year; `unchecked_goals` lists the goals that cannot be checked.

    Returns
    -------
    reference_type, measure, item, period : plan, reference_value, variance [the measure's unit]

    Raises
    ------
    ValueError : a goal names a measure that the plan does not have, or a dimension that its measure has not.
    """
    products, sales_history = measured.products, measured.sales_history
    financial_plan, constrained_demand = measured.financial_plan, measured.constrained_demand
    plan = long(financial_plan, ["quantity", "revenue", "margin"], "plan")
    references = {"last_year": _last_year(planning_periods, products, sales_history)}
    if budget is not None:
        references["budget"] = long(budget, ["quantity", "revenue", "margin"], "reference_value")
    if approved_forecasts is not None:
        references["last_cycle"] = _last_cycle(
            planning_periods, products, approved_forecasts, unit_economics
        )
    if unit_economics is not None:
        at_demand = plan_at_demand(
            products, constrained_demand, unit_economics, resources, routings
        )
        references["unconstrained"] = _unconstrained(financial_plan, at_demand)
    parts = [
        _compared(plan, reference, planning_periods).assign(reference_type=name)
        for name, reference in references.items()
    ]
    if goals is not None:
        judged, paths = judged_goals(planning_periods, measured, goals)
        judged = judged[judged["plan"].notna()].drop(columns=["dimension", "item"])
        judged = judged.rename(columns={"target": "reference_value"})
        named = {"goal": "item", "to_period": "period"}
        sides = ["reference_type", "measure", "item", "period", "plan", "reference_value"]
        for name, table in {"goal": judged, "goal_path": paths}.items():
            parts.append(table.rename(columns=named).assign(reference_type=name)[sides])
    gaps = pd.concat(parts, ignore_index=True)
    return conform("plan_variances", gaps.assign(variance=gaps["plan"] - gaps["reference_value"]))


def _compared(plan, reference, planning_periods):
    """Plan beside reference for each family and for all, in planned months."""
    rows = attach(reference[reference["period"].isin(planning_periods["period"])], plan)
    everything = (
        rows.groupby(["measure", "period"], as_index=False)[["plan", "reference_value"]]
        .sum()
        .assign(item="all")
    )
    return pd.concat([rows, everything], ignore_index=True)


def _last_year(planning_periods, products, sales_history):
    sales = family_sales(planning_periods, products, sales_history)
    sales["period"] = add_months(sales["period"], 12)
    return long(sales, ["quantity", "revenue"], "reference_value").dropna(subset="reference_value")


def _last_cycle(planning_periods, products, approved_forecasts, unit_economics):
    earlier = approved_forecasts[
        (approved_forecasts["contributor"] == "consensus")
        & (approved_forecasts["cycle"] < planning_periods["period"].min())
    ]
    latest = earlier[earlier["cycle"] == earlier["cycle"].max()]
    latest = attach(
        latest[["product", "market", "period", "quantity"]], products[["product", "family"]]
    )
    measures = ["quantity"]
    if unit_economics is not None:
        latest = latest[latest["period"].isin(planning_periods["period"])]
        latest = attach(latest, unit_economics[["product", "period", "price"]])
        latest["revenue"] = latest["quantity"] * latest["price"]
        measures.append("revenue")
    sums = latest.groupby(["family", "period"], as_index=False)[measures].sum()
    return long(sums, measures, "reference_value")


def _unconstrained(financial_plan, at_demand):
    """The plan with every unit fulfilled in the month of demand."""
    cells = attach(financial_plan[["family", "period", "margin"]], at_demand, default=0.0)
    cells["margin"] -= cells["unserved_margin"]
    cells = cells.drop(columns="unserved_margin").rename(
        columns={"demand": "quantity", "demand_revenue": "revenue"}
    )
    return long(cells, ["quantity", "revenue", "margin"], "reference_value")
