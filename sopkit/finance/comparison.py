"""The plan held against budget, last year, last cycle and the company's goals."""

import numpy as np
import pandas as pd

from sopkit.finance.budget_bridge import plan_at_demand
from sopkit.finance.costs import of_record
from sopkit.periods import add_months, months_between
from sopkit.tables import attach, conform, empty

GOAL_MEASURES = {
    "quantity": "sum",
    "revenue": "sum",
    "cost_of_sales": "sum",
    "margin": "sum",
    "inventory_value": "max",
    "cash": "min",
    "service_level_ratio": "ratio",
}


def plan_gaps(
    horizon,
    products,
    financial_plan,
    cash_plan,
    service_plan,
    sales_history,
    budget=None,
    goals=None,
    approved_plans=None,
    unit_economics=None,
    resources=None,
    routings=None,
):
    """Hold the plan against budget, last year, last cycle, what supply does not limit, and goals: gap = plan - reference.

    Only months that both sides cover have a row; item `all` adds up the families compared. Last year is the same
    month's sales (revenue where every sale's is known); last cycle is the demand that the latest earlier consensus
    expected, at today's prices (its margin is not known). Unconstrained is the plan if all demand were served in its
    month: its gap is the opportunity. A goal stands in its last month; `unchecked_goals` lists those that cannot be checked.

    Returns
    -------
    compared_with, measure, item, period : plan, reference_value, gap [the measure's unit]

    Raises
    ------
    ValueError : a goal names a measure that the plan does not have, or cash of one family.
    """
    plan = _long(financial_plan, ["quantity", "revenue", "margin"], "plan")
    references = {"last_year": _last_year(horizon, products, sales_history)}
    if budget is not None:
        references["budget"] = _long(budget, ["quantity", "revenue", "margin"], "reference_value")
    if approved_plans is not None:
        references["last_cycle"] = _last_cycle(horizon, products, approved_plans, unit_economics)
    if unit_economics is not None:
        at_demand = plan_at_demand(products, service_plan, unit_economics, resources, routings)
        references["unconstrained"] = _unconstrained(financial_plan, at_demand)
    parts = [
        _compared(plan, reference, horizon).assign(compared_with=name)
        for name, reference in references.items()
    ]
    if goals is not None:
        judged = _judged_goals(
            horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals
        )
        parts.append(
            judged[judged["plan"].notna()]
            .rename(columns={"goal": "item", "to_period": "period", "target": "reference_value"})
            .assign(compared_with="goal")[
                ["compared_with", "measure", "item", "period", "plan", "reference_value"]
            ]
        )
    gaps = pd.concat(parts, ignore_index=True)
    return conform("plan_gaps", gaps.assign(gap=gaps["plan"] - gaps["reference_value"]))


def _long(table, measures, value):
    rows = table.rename(columns={"family": "item"}).melt(["item", "period"], measures, "measure", value)
    return rows.astype({"measure": "str"})


def _compared(plan, reference, horizon):
    """Plan beside reference for each family and for all, in planned months."""
    rows = attach(reference[reference["period"].isin(horizon["period"])], plan)
    everything = (
        rows.groupby(["measure", "period"], as_index=False)[["plan", "reference_value"]]
        .sum()
        .assign(item="all")
    )
    return pd.concat([rows, everything], ignore_index=True)


def family_sales(horizon, products, sales_history):
    """Add up closed months' sales by family; revenue is missing where a sale's revenue is.

    A family without sales in a month that history holds sold nothing then.

    Returns
    -------
    family, period : quantity [units], revenue [money]
    """
    sold = sales_history[sales_history["period"] < horizon["period"].min()]
    sold = attach(sold[["product", "period", "quantity", "revenue"]], products[["product", "family"]])
    recorded = sold["revenue"].notna().groupby(sold["period"]).transform("any")
    sold["revenue"] = sold["revenue"].mask(recorded & (sold["quantity"] == 0), 0.0)
    sums = _sums_where_whole(sold, ["family", "period"], ["quantity", "revenue"])
    grid = pd.MultiIndex.from_product(
        [products["family"].unique(), np.sort(sold["period"].unique())], names=["family", "period"]
    )
    nothing = pd.DataFrame({"quantity": 0.0, "revenue": 0.0}, index=grid)
    known = grid.get_level_values("period").isin(sold.loc[recorded, "period"])
    nothing["revenue"] = nothing["revenue"].where(known)
    nothing.loc[sums.index] = sums
    return nothing.reset_index()


def _sums_where_whole(rows, keys, columns):
    """Add up; a sum with a part missing is missing."""
    groups = rows.groupby(keys)
    return groups[columns].sum().where(groups[columns].count().eq(groups.size(), axis=0))


def _last_year(horizon, products, sales_history):
    sales = family_sales(horizon, products, sales_history)
    sales["period"] = add_months(sales["period"], 12)
    return _long(sales, ["quantity", "revenue"], "reference_value").dropna(subset="reference_value")


def _last_cycle(horizon, products, approved_plans, unit_economics):
    earlier = approved_plans[
        (approved_plans["contributor"] == "consensus") & (approved_plans["cycle"] < horizon["period"].min())
    ]
    latest = earlier[earlier["cycle"] == earlier["cycle"].max()]
    latest = attach(latest[["product", "market", "period", "quantity"]], products[["product", "family"]])
    measures = ["quantity"]
    if unit_economics is not None:
        latest = latest[latest["period"].isin(horizon["period"])]
        latest = attach(latest, unit_economics[["product", "period", "price"]])
        latest["revenue"] = latest["quantity"] * latest["price"]
        measures.append("revenue")
    sums = latest.groupby(["family", "period"], as_index=False)[measures].sum()
    return _long(sums, measures, "reference_value")


def _unconstrained(financial_plan, at_demand):
    """What the plan would be if every unit were served in the month it is wanted."""
    cells = attach(financial_plan[["family", "period", "margin"]], at_demand, absent=0.0)
    cells["margin"] -= cells["unserved_margin"]
    cells = cells.drop(columns="unserved_margin").rename(
        columns={"demand": "quantity", "demand_revenue": "revenue"}
    )
    return _long(cells, ["quantity", "revenue", "margin"], "reference_value")


# ---------------------------------------------------------------------------------------------------------------
# goals


def unchecked_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals=None):
    """List the goals that the plan cannot be held against, and why.

    Returns
    -------
    goal : measure, from_period, to_period, owner, reason
    """
    if goals is None:
        goals = empty("goals")
    judged = _judged_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals)
    columns = ["goal", "measure", "from_period", "to_period", "owner", "reason"]
    return judged.loc[judged["plan"].isna(), columns].reset_index(drop=True)


def _judged_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals):
    """The goals with what the plan makes of each: sums over its months, the highest stock, the lowest cash.

    A sum needs every month of the goal, sold or planned; a level is judged over the planned months it covers.
    """
    _refuse_unknown_measures(goals)
    monthly = _monthly_measures(horizon, products, financial_plan, cash_plan, service_plan, sales_history)
    first = horizon["period"].min()
    verdicts = [_verdict(goal, monthly, first) for goal in goals.itertuples(index=False)]
    return goals.assign(
        plan=pd.Series([plan for plan, _ in verdicts], index=goals.index, dtype="float64"),
        reason=pd.Series([reason for _, reason in verdicts], index=goals.index, dtype="str"),
    )


def _refuse_unknown_measures(goals):
    unknown = goals[~goals["measure"].isin(GOAL_MEASURES)]
    if len(unknown):
        goal = unknown.iloc[0]
        raise ValueError(
            f"goals: measure must be one of {', '.join(GOAL_MEASURES)}; {len(unknown)} of {len(goals)} rows are not:\n"
            f"  goal={goal['goal']}  measure={goal['measure']}\n  Write the measure by the name of its column."
        )
    split = goals[(goals["measure"] == "cash") & goals["family"].notna()]
    if len(split):
        goal = split.iloc[0]
        raise ValueError(
            f"goals: cash is known for the whole company only; goal={goal['goal']} has family={goal['family']}. "
            "Leave its family empty."
        )


def _monthly_measures(horizon, products, financial_plan, cash_plan, service_plan, sales_history):
    """Everything that a goal may measure, month by month; closed months hold what was sold.

    Returns
    -------
    family (or all), measure, period : value
    """
    sold = _long(family_sales(horizon, products, sales_history), ["quantity", "revenue"], "value")
    planned = ["quantity", "revenue", "cost_of_sales", "margin", "inventory_value"]
    service = attach(of_record(service_plan), products[["product", "family"]])
    # late and lost units are the ones not delivered in the month they were wanted
    service["on_time"] = (service["demand"] - service["backlog"] - service["lost_sales"]).clip(lower=0.0)
    service = service.groupby(["family", "period"], as_index=False)[["demand", "on_time"]].sum()
    families = pd.concat(
        [sold, _long(financial_plan, planned, "value"), _long(service, ["demand", "on_time"], "value")],
        ignore_index=True,
    )
    company = _sums_where_whole(families, ["measure", "period"], ["value"]).reset_index()
    cash = _long(cash_plan.assign(family="all"), ["cash"], "value")
    months = pd.concat([families, company.assign(item="all"), cash], ignore_index=True).dropna(subset="value")
    return months.rename(columns={"item": "family"})


def _verdict(goal, monthly, first):
    """What the plan makes of one goal, or why that cannot be said."""
    if goal.to_period < first:
        return np.nan, f"it ended in {goal.to_period}, before this cycle"
    family = goal.family if isinstance(goal.family, str) else "all"
    rows = monthly[
        (monthly["family"] == family) & monthly["period"].between(goal.from_period, goal.to_period)
    ]
    kind = GOAL_MEASURES[goal.measure]
    if kind == "ratio":
        wanted = rows.loc[rows["measure"] == "demand", "value"].sum()
        on_time = rows.loc[rows["measure"] == "on_time", "value"].sum()
        return (on_time / wanted, "") if wanted > 0 else (np.nan, "nothing is wanted in its planned months")
    months = rows.loc[rows["measure"] == goal.measure, "value"]
    spans = months_between([goal.from_period], [goal.to_period])[0] + 1
    if kind == "sum" and len(months) < spans:
        return np.nan, f"{goal.measure} is known for {len(months)} of its {spans} months"
    return (months.agg(kind), "") if len(months) else (np.nan, "no planned month falls into it")
