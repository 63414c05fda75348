"""Where the plan misses what was promised in money: budget, goals, the paths to them, cash."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.pre_sop.gap import at_worst, gap
from sopkit.schema import measures
from sopkit.tables import attach
from sopkit.tables.measures import items_of
from sopkit.tables.periods import YEAR


@gap(
    area="finance",
    owner="finance controller",
    statement="{family}: {measure} is {money} ({share}) below budget, {months}",
    question="What wins the {measure} back, or is the outlook restated?",
    table="plan_variances",
    exhibit="50_financial_review.money_against_budget",
    whole=True,
    thresholds={"share_of_budget": 0.02},  # a smaller shortfall is not put before the meeting
    closed_by=("item_costs", "marketing_activities"),
)
def budget(plan_variances: DataFrame, threshold: Mapping[str, float]) -> DataFrame:
    """Hold each family's margin, or else its revenue, against the budget over all months of both.

    A family's revenue counts only where its margin is not short.
    """
    found = plan_variances[
        (plan_variances["reference_type"] == "budget") & (plan_variances["item"] != "all")
    ]
    cells = found.rename(columns={"reference_value": "reference"}).assign(family=found["item"])
    cells = cells[["item", "family", "measure", "period", "plan", "reference", "variance"]]
    units = cells.loc[cells["measure"] == "quantity", ["item", "period", "variance"]]
    money = cells[cells["measure"].isin(["margin", "revenue"])].rename(
        columns={"variance": "gap_value"}
    )
    rows = attach(money, units.rename(columns={"variance": "gap_units"}), default=0.0)
    total = rows.groupby(["item", "measure"])[["gap_value", "reference"]].transform("sum")
    short = total["gap_value"] < -threshold["share_of_budget"] * total["reference"].abs()
    margin = rows["measure"] == "margin"
    told = ~margin & rows["item"].isin(rows.loc[short & margin, "item"])
    item = rows["measure"].astype("str") + "-" + rows["item"].astype("str")
    return rows.assign(item=item, wrong=short & ~told)


@gap(
    area="goals",
    owner="the goal's owner",
    statement="Goal {item} is missed: {measure} is {plan} where {reference} is wanted, {months}",
    question="What is done to reach the goal, or is it given up?",
    table="plan_variances",
    exhibit="50_financial_review.goals",
    whole=True,
    thresholds={"share_of_target": 1e-9},  # less is rounding
    closed_by=("item_costs", "marketing_activities", "inventory_policy"),
)
def goal(
    plan_variances: DataFrame,
    financial_plan: DataFrame,
    goals: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Hold the plan against each goal; a goal met is kept, with its sign, but is not wrong.

    Money: a goal in units counts at the plan's mean revenue per unit, a goal that is a ratio at the
    plan's revenue.
    """
    rows = _held_against(
        "goal", plan_variances, financial_plan, goals, threshold["share_of_target"]
    )
    return rows.assign(begins=rows["from_period"])


@gap(
    area="goals",
    owner="the goal's owner",
    statement="Goal {item} is behind its path: {measure} is {plan} where {reference} would be on the"
    " way, {months}",
    question="What brings the plan back on the way, or is the goal restated?",
    table="plan_variances",
    exhibit="50_financial_review.goal_paths",
    whole=True,
    thresholds={"share_of_path": 0.01},  # a path is drawn between two years, nobody promised it
    closed_by=("item_costs", "marketing_activities", "launches"),
)
def path(
    plan_variances: DataFrame,
    financial_plan: DataFrame,
    goals: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Hold the plan against the path to each goal beyond the horizon; sized as of a goal."""
    rows = _held_against(
        "goal_path", plan_variances, financial_plan, goals, threshold["share_of_path"]
    )
    return rows.assign(begins=rows["period"] - (YEAR - 1))


def _held_against(
    reference_type: str,
    plan_variances: DataFrame,
    financial_plan: DataFrame,
    goals: DataFrame,
    material: float,
) -> DataFrame:
    rows = plan_variances[plan_variances["reference_type"] == reference_type]
    rows = rows.rename(columns={"item": "goal", "reference_value": "reference"})
    rows = attach(
        rows[["goal", "period", "plan", "reference", "variance"]],
        _goal_worth(goals, financial_plan),
    )
    missed = np.where(rows["direction"] == "at_least", -rows["variance"], rows["variance"])
    return rows.assign(
        item=rows["goal"],
        gap_units=rows["variance"].where(rows["measure"] == "quantity", 0.0),
        gap_value=rows["variance"] * rows["worth"],
        wrong=missed > material * rows["reference"].abs(),
    )


def _goal_worth(goals: DataFrame, financial_plan: DataFrame) -> DataFrame:
    """What one unit of each goal's measure is worth in money over the goal's months.

    Returns
    -------
    goal : measure, family, direction, owner, from_period, worth [money per unit of the measure]
    """
    rows = goals[["goal", "measure", "direction", "from_period", "to_period", "owner"]]
    rows = rows.assign(family=items_of(goals, "family"))
    cells = financial_plan[["family", "period", "quantity", "revenue"]].rename(
        columns={"family": "of"}
    )
    pairs = rows.merge(cells, how="cross")
    within = pairs["period"].between(pairs["from_period"], pairs["to_period"])
    pairs = pairs[within & (pairs["family"].isna() | (pairs["family"] == pairs["of"]))]
    sold = pairs.groupby("goal", as_index=False)[["quantity", "revenue"]].sum()
    rows = attach(rows, sold, default=0.0)
    unit = rows["measure"].map({one.name: one.unit for one in measures.MEASURES.values()})
    mean_price = (rows["revenue"] / rows["quantity"].where(rows["quantity"] > 0)).fillna(0.0)
    rows["worth"] = np.select(
        [unit == "units", unit == "ratio", unit == "money"], [mean_price, rows["revenue"], 1.0]
    )
    return rows[["goal", "measure", "family", "direction", "owner", "from_period", "worth"]]


@gap(
    area="finance",
    owner="finance controller",
    statement="Cash falls {money} below zero at its lowest, {months}",
    question="What is financed, put off or collected earlier?",
    table="cash_plan",
    exhibit="50_financial_review.cash_plan",
    whole=True,
)
def cash(cash_plan: DataFrame) -> DataFrame:
    """Find the months in which cash is below zero; the money is that of the lowest one."""
    rows = cash_plan[["period", "cash"]].assign(item="company", reference=0.0, gap_units=0.0)
    below = rows["cash"].clip(upper=0.0)
    return at_worst(rows.assign(plan=below, gap_value=below, wrong=rows["cash"] < 0))
