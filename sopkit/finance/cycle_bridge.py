"""The bridge from the plan of the prior cycle to this plan: what changed, by cause."""

import pandas as pd
from pandas import DataFrame

from sopkit.finance.bridge import ALL, plan_at_demand, walk
from sopkit.finance.outlook import OutlookInputs, actual_months, latest_cycle
from sopkit.tables import attach, conform, empty

CELL = ["family", "period"]
START = "last_cycle"


def cycle_bridge(
    inputs: OutlookInputs, constrained_demand: DataFrame, profitability: DataFrame
) -> DataFrame:
    """Bridge revenue and margin from the last approved cycle's plan to this one.

    The walk takes the months of both plans, see `bridge.walk`, and those that have closed since:
    what they came to beyond the prior plan is the step `actual`. Margin leaves closed months out
    whose costs are not known. Without an approved plan there is no bridge.

    Returns
    -------
    measure, family, step : amount [money], from_period, to_period; the steps before `plan` add up
        to it exactly; family `all` is the company
    """
    first = inputs.planning_periods["period"].min()
    before = latest_cycle(inputs.approved_financial_plans, first)
    if before is None:
        return empty("cycle_bridge")
    before = before[before["family"].isin(inputs.products["family"])]
    at_demand = plan_at_demand(inputs.products, constrained_demand, profitability)
    both = before[before["period"].isin(inputs.planning_periods["period"])]
    if both.empty:
        return empty("cycle_bridge")
    planned = attach(both[CELL], inputs.financial_plan)
    planned = attach(planned, at_demand, default=0.0).drop(columns="period")
    base = both.groupby("family")[["quantity", "revenue", "margin"]].sum()
    plan = planned.groupby("family").sum().reindex(base.index)
    actual, closed = actual_months(inputs), before[before["period"] < first].set_index(CELL)
    parts = []
    for measure in ("revenue", "margin"):
        steps = walk(base, plan, measure, START)
        moved = actual[measure].reindex(closed.index) - closed[measure]
        known = moved.groupby("period").transform(lambda month: month.notna().all())
        steps = _with_actual(steps, closed.loc[known, measure], moved[known])
        months = [*both["period"], *closed.index[known].get_level_values("period")]
        parts.append(steps.assign(from_period=min(months), to_period=max(months)))
    return conform("cycle_bridge", pd.concat(parts, ignore_index=True))


def _with_actual(steps, planned, moved):
    """The steps with what closed months were planned to bring, and came to beyond that."""
    amounts = steps.set_index(["family", "step"])["amount"].unstack("step")  # noqa: PD010
    before, beyond = (_by_family(rows).reindex(amounts.index) for rows in (planned, moved))
    amounts = amounts.assign(actual=beyond.fillna(0.0))
    amounts[START] += before.fillna(0.0)
    amounts["plan"] += (before + beyond).fillna(0.0)
    order = [START, "actual", *(s for s in steps["step"].unique() if s != START)]
    rows = amounts[order].reset_index().melt("family", var_name="step", value_name="amount")
    return rows.assign(measure=steps["measure"].iloc[0])


def _by_family(rows):
    sums = rows.groupby("family").sum()
    sums.loc[ALL] = sums.sum()
    return sums
