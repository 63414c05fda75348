"""Gap rules of finance: budget, goals, paths to goals, cash."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.pre_sop.gap import at_worst, compared, gap, sized
from sopkit.rules.remember import remembered
from sopkit.schema import measures
from sopkit.tables.arrays import ArrayTable, present
from sopkit.tables.hierarchies import within
from sopkit.tables.keys import Keys
from sopkit.tables.measures import items_of
from sopkit.tables.periods import YEAR


@gap(
    area="finance",
    owner="finance controller",
    statement="{family}: {measure} is {money} ({share}) below budget, {months}",
    question="How do we recover the {measure}, or do we re-forecast?",
    table="plan_variances",
    exhibit="50_financial_review.money_against_budget",
    whole=True,
    closed_by=("item_costs", "marketing_activities"),
)
def budget(plan_variances: ArrayTable, threshold: Mapping[str, float]) -> ArrayTable:
    """Compare each family's margin, or else its revenue, with the budget over all common months.

    A family's revenue counts only where its margin is not short.
    """
    rows = compared(plan_variances, "budget", "margin", "revenue")
    units = compared(plan_variances, "budget", "quantity")
    units = units.about(Keys(units.keys.frame[["family"]]))
    gap_value = rows["variance"]
    total = np.nansum(gap_value, axis=1)
    short = total < -threshold["share_of_budget"] * np.abs(
        np.nansum(rows["reference_value"], axis=1)
    )
    family, measure = rows.keys.frame["family"], rows.keys.frame["measure"]
    told = (measure != "margin") & family.isin(family[short & (measure == "margin")])
    keys = rows.keys.assign(place=measure + "-" + family)
    return sized(
        keys,
        rows.months,
        "place",
        plan=rows["plan"],
        reference=rows["reference_value"],
        gap_units=units.on(rows, default=0.0)["variance"],
        gap_value=gap_value,
        wrong=np.broadcast_to((short & ~told).to_numpy()[:, None], rows.shape) & present(rows),
        present=rows.present,
    )


@gap(
    area="goals",
    owner="the goal's owner",
    statement="Goal {item} missed: {measure}{of} {plan} vs. target {reference}, {months}",
    question="Act, or drop the target?",
    table="plan_variances",
    exhibit="50_financial_review.goals",
    whole=True,
    closed_by=("item_costs", "marketing_activities", "inventory_policy"),
)
def goal(
    plan_variances: ArrayTable,
    financial_plan: ArrayTable,
    goals: DataFrame,
    threshold: Mapping[str, float],
    product_groups: DataFrame | None = None,
) -> ArrayTable:
    """Compare the plan with each goal; a goal met is kept, but is not wrong.

    Money: a goal in units counts at the plan's mean revenue per unit, a goal that is a ratio at the
    plan's revenue.
    """
    rows = _against_goals(
        "goal",
        plan_variances,
        financial_plan,
        goals,
        threshold["share_of_target"],
        product_groups,
    )
    begins = PeriodIndex(rows.keys["from_period"]).asi8[:, None]
    return rows.assign(begins=np.broadcast_to(begins, rows.shape))


@gap(
    area="goals",
    owner="the goal's owner",
    statement="Goal {item} behind its path: {measure}{of} {plan} vs. {reference} on the path, "
    "{months}",
    question="How do we return to the path, or do we restate the goal?",
    table="plan_variances",
    exhibit="50_financial_review.goal_paths",
    whole=True,
    closed_by=("item_costs", "marketing_activities", "launches"),
)
def path(
    plan_variances: ArrayTable,
    financial_plan: ArrayTable,
    goals: DataFrame,
    threshold: Mapping[str, float],
    product_groups: DataFrame | None = None,
) -> ArrayTable:
    """Compare the plan with the path to each goal beyond the horizon; sized as a goal."""
    rows = _against_goals(
        "goal_path",
        plan_variances,
        financial_plan,
        goals,
        threshold["share_of_path"],
        product_groups,
    )
    begins = rows.months.asi8[None, :] - (YEAR - 1)
    return rows.assign(begins=np.broadcast_to(begins, rows.shape))


def _against_goals(
    reference_type: str,
    plan_variances: ArrayTable,
    financial_plan: ArrayTable,
    goals: DataFrame,
    material: float,
    product_groups: DataFrame | None,
) -> ArrayTable:
    rows = plan_variances.keep(plan_variances.keys.equal("reference_type", reference_type))
    keys, known = _with_goals(rows.keys, goals)
    worth = np.array([_worth(one, financial_plan, product_groups) for one in known])[:, None]
    of_units = np.array([one.measure == "quantity" for one in known])[:, None]
    at_least = np.array([one.direction == "at_least" for one in known])[:, None]
    change = rows["variance"]
    missed = np.where(at_least, -change, change)
    return sized(
        keys,
        rows.months,
        "goal",
        plan=rows["plan"],
        reference=rows["reference_value"],
        gap_units=np.where(of_units, change, 0.0),
        gap_value=change * worth.reshape(-1, 1),
        wrong=missed > material * np.abs(rows["reference_value"]),
        present=rows.present,
    )


@remembered
def _with_goals(keys: Keys, goals: DataFrame) -> tuple[Keys, list[Any]]:
    """Rows of goals with what the goals say of themselves; each row's goal."""
    known = goals.set_index("goal").loc[keys.frame["item"]].reset_index()
    columns = ["measure", "direction", "owner", "from_period"]
    told = {name: known[name].array for name in columns}
    rows = Keys(keys.frame[["item"]].assign(goal=keys.frame["item"]))
    return rows.assign(family=items_of(known, "family").array, **told), list(known.itertuples())


def _worth(goal: Any, financial_plan: ArrayTable, product_groups: DataFrame | None) -> float:
    """What one unit of a goal's measure is worth over the goal's months [money per its unit]."""
    unit = measures.MEASURES[goal.measure].unit
    if unit == "money":
        return 1.0
    month = financial_plan.months.asi8
    asked = (month >= goal.from_period.ordinal) & (month <= goal.to_period.ordinal)
    rows: Any = slice(None)
    if goal.dimension in ("family", "product_group"):
        rows = financial_plan.keys.equal("family", *sorted(within(goal.item, product_groups)))
    revenue = financial_plan["revenue"][rows][:, asked].sum()
    if unit == "ratio":
        return revenue
    quantity = financial_plan["quantity"][rows][:, asked].sum()
    return revenue / quantity if unit == "units" and quantity > 0 else 0.0


@gap(
    area="finance",
    owner="finance controller",
    statement="Minimum cash balance is {money} below zero, {months}",
    question="Finance, defer spending, or collect earlier?",
    table="cash_plan",
    exhibit="50_financial_review.cash_plan",
    whole=True,
)
def cash(cash_plan: ArrayTable) -> ArrayTable:
    """Find the months in which cash is below zero; the money is that of the lowest one."""
    below = np.minimum(cash_plan["cash"], 0.0)
    lowest = np.where(at_worst(below), below, 0.0)
    nothing = np.zeros(below.shape)
    return sized(
        _company(cash_plan.keys),
        cash_plan.months,
        "company",
        plan=lowest,
        reference=nothing,
        gap_units=nothing,
        gap_value=lowest,
        wrong=cash_plan["cash"] < 0,
    )


@remembered
def _company(keys: Keys) -> Keys:
    """The one row of the company, under its name."""
    return keys.assign(company="company")
