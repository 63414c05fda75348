"""The plan held against the company's goals, and against the path to those that lie beyond it."""

import numpy as np
import pandas as pd

from sopkit.finance.actuals import family_sales, long, sums_where_whole
from sopkit.performance.measures import GOAL_MEASURES
from sopkit.tables import attach, empty
from sopkit.tables.periods import months_between

YEAR = 12


def unchecked_goals(
    horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals=None
):
    """List the goals that the plan cannot be held against, and why.

    Returns
    -------
    goal : measure, from_period, to_period, owner, reason
    """
    if goals is None:
        goals = empty("goals")
    judged, paths = judged_goals(
        horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals
    )
    columns = ["goal", "measure", "from_period", "to_period", "owner", "reason"]
    unchecked = judged["plan"].isna() & ~judged["goal"].isin(paths["goal"])
    return judged.loc[unchecked, columns].reset_index(drop=True)


def goal_paths(
    horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals=None
):
    """Hold the planned years against the path to each strategic goal whose months the plan does not wholly hold.

    The path leads from what was sold in the last twelve closed months to the goal's yearly target, growing by the same
    share every year, from the middle of the one to the middle of the other. What the path asks of each whole planned year
    stands beside the plan. Only sums that closed months know have a path (units and revenue), of goals over whole years.

    Returns
    -------
    goal, to_period (the last month of the planned year) : measure, target, value (of the last closed year),
        reference_value (the path), plan, gap [the measure's unit], required_ratio, planned_ratio [change a year], owner
    """
    if goals is None:
        goals = empty("goals")
    return judged_goals(
        horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals
    )[1]


def _paths(judged, monthly, planned):
    """The paths of `goal_paths`, to the strategic goals that could not be judged."""
    far = judged.query("plan.isna() and horizon == 'strategic'")
    rows = [row for goal in far.itertuples() for row in _path(goal, monthly, planned)]
    columns = ["goal", "to_period", "measure", "target", "value", "reference_value", "plan", "gap"]
    columns += ["required_ratio", "planned_ratio", "owner"]
    table = pd.DataFrame(rows, columns=columns)
    numbers = dict.fromkeys(columns[3:-1], "float64")
    return table.astype(
        {"to_period": "period[M]", **dict.fromkeys(("goal", "measure", "owner"), "str"), **numbers}
    )


def _path(goal, monthly, planned):
    """The planned years of one goal beside its path; none where it has no path."""
    first, spans = planned.min(), (goal.to_period - goal.from_period).n + 1
    if spans % YEAR or goal.from_period < first:
        return []
    family = goal.family if isinstance(goal.family, str) else "all"
    rows = monthly[(monthly["family"] == family) & (monthly["measure"] == goal.measure)]
    months = rows.set_index("period")["value"]
    before = months[months.index < first].tail(YEAR)
    if (
        GOAL_MEASURES[goal.measure] != "sum"
        or len(before) < YEAR
        or before.index[0] != first - YEAR
    ):
        return []
    sold = before.sum()
    if sold <= 0:
        return []
    middle = ((goal.from_period - first).n + (goal.to_period - first).n + YEAR + 1) / 2
    yearly = (goal.target * YEAR / spans / sold) ** (YEAR / middle) - 1
    found, last = [], sold
    for year in range(1, len(planned) // YEAR + 1):
        end = first + YEAR * year - 1
        plan = months[end - YEAR + 1 : end].sum()
        wanted = sold * (1 + yearly) ** year
        sides = (goal.goal, end, goal.measure, goal.target, sold, wanted, plan, plan - wanted)
        found.append((*sides, yearly, plan / last - 1, goal.owner))
        last = plan
    return found


def judged_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals):
    """The goals with what the plan makes of each: sums over its months, the highest stock, the lowest cash.

    A sum needs every month of the goal, sold or planned; a level is judged over the planned months it covers.

    Returns
    -------
    (the goals with plan and reason, the paths of `goal_paths`)
    """
    monthly = _monthly_measures(
        horizon, products, financial_plan, cash_plan, service_plan, sales_history
    )
    first = horizon["period"].min()
    verdicts = [_verdict(goal, monthly, first) for goal in goals.itertuples(index=False)]
    judged = goals.assign(
        plan=pd.Series([plan for plan, _ in verdicts], index=goals.index, dtype="float64"),
        reason=pd.Series([reason for _, reason in verdicts], index=goals.index, dtype="str"),
    )
    return judged, _paths(judged, monthly, horizon["period"])


def _monthly_measures(horizon, products, financial_plan, cash_plan, service_plan, sales_history):
    """Everything that a goal may measure, month by month; closed months hold what was sold.

    Returns
    -------
    family (or all), measure, period : value
    """
    sold = long(family_sales(horizon, products, sales_history), ["quantity", "revenue"], "value")
    planned = ["quantity", "revenue", "cost_of_sales", "margin", "inventory_value"]
    service = attach(service_plan, products[["product", "family"]])
    # late and lost units are the ones not delivered in the month they were wanted
    service["on_time"] = (service["demand"] - service["backlog"] - service["lost_sales"]).clip(
        lower=0.0
    )
    service = service.groupby(["family", "period"], as_index=False)[["demand", "on_time"]].sum()
    families = pd.concat(
        [
            sold,
            long(financial_plan, planned, "value"),
            long(service, ["demand", "on_time"], "value"),
        ],
        ignore_index=True,
    )
    company = sums_where_whole(families, ["measure", "period"], ["value"]).reset_index()
    cash = long(cash_plan.assign(family="all"), ["cash"], "value")
    months = pd.concat([families, company.assign(item="all"), cash], ignore_index=True).dropna(
        subset="value"
    )
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
        return (
            (on_time / wanted, "")
            if wanted > 0
            else (np.nan, "nothing is wanted in its planned months")
        )
    months = rows.loc[rows["measure"] == goal.measure, "value"]
    spans = months_between([goal.from_period], [goal.to_period])[0] + 1
    if kind == "sum" and len(months) < spans:
        return np.nan, f"{goal.measure} is known for {len(months)} of its {spans} months"
    return (months.agg(kind), "") if len(months) else (np.nan, "no planned month falls into it")
