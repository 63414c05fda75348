"""Choices that the plan makes on its own and somebody must answer for: people, stock, customers.

No two plans disagree here. They are sized like gaps, so that a what-if can size them again.
"""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.master_data.dated import in_force
from sopkit.pre_sop.gap import at_worst, contribution, gap, sized
from sopkit.tables.arrays import ArrayTable

CHOICE = "plan choice"


@gap(
    area="supply",
    owner="plant manager",
    statement="{resource}: the plan lays off {plan} of {reference} workers, {months}",
    question="Lay off, or keep the crew with another strategy?",
    table="workforce_plan",
    exhibit="40_supply_review.workforce_plan",
    whole=True,
    closed_by=("resources", "resource_calendar", "supply_policy"),
    origin=CHOICE,
)
def layoffs(
    workforce_plan: ArrayTable, resources: DataFrame, threshold: Mapping[str, float]
) -> ArrayTable:
    """Find resources that lay off a share of their crew; money is laying off and hiring again."""
    return _people(workforce_plan, resources, "laid_off", threshold)


@gap(
    area="supply",
    owner="plant manager",
    statement="{resource}: the plan hires {plan} workers on top of {reference}, {months}",
    question="Hire and train, or add capacity another way?",
    table="workforce_plan",
    exhibit="40_supply_review.workforce_plan",
    whole=True,
    closed_by=("resources", "resource_calendar", "supply_policy"),
    origin=CHOICE,
)
def hires(
    workforce_plan: ArrayTable, resources: DataFrame, threshold: Mapping[str, float]
) -> ArrayTable:
    """Find resources that hire a share of their crew; money is hiring and laying off again."""
    return _people(workforce_plan, resources, "hired", threshold)


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: the plan builds ahead, up to {units} units above target inventory, "
    "{months}",
    question="Build ahead this far, or add capacity at the peak?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    whole=True,
    peak=True,
    closed_by=("inventory_policy", "supply_policy", "resources", "resource_calendar"),
    origin=CHOICE,
)
def prebuild(
    projected_inventory: ArrayTable,
    supply_plan: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find families that hold months of demand above their target; money is its material."""
    stock = projected_inventory
    above = np.maximum(stock["inventory"] - np.nan_to_num(stock["target_inventory"]), 0.0)
    families = stock.by("family", master=products)
    units, held = families.sum(above), families.sum(stock["inventory"])
    shipped = np.nan_to_num(supply_plan.on(stock, default=0.0)["shipped"])
    month = families.sum(shipped).sum(axis=1, keepdims=True) / max(len(stock.months), 1)
    value = families.sum(above * unit_economics.on(stock)["material_cost"])
    wrong = units > threshold["months_of_demand"] * month
    return sized(
        families.keys,
        stock.months,
        "family",
        plan=held,
        reference=held - units,
        gap_units=units,
        gap_value=np.where(at_worst(-value, wrong), value, 0.0),
        wrong=wrong,
    )


@gap(
    area="supply",
    owner="sales manager",
    statement="{family}: {units} of {reference} units demanded are lost sales, {months}",
    question="Accept the lost sales, or raise supply?",
    table="constrained_demand",
    exhibit="40_supply_review.constrained_demand",
    whole=True,
    limited=True,
    closed_by=("resources", "resource_calendar", "sources", "supply_policy", "inventory_policy"),
    origin=CHOICE,
)
def lost_customers(
    constrained_demand: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find families of which the plan never delivers a share; money is the contribution lost."""
    demand = constrained_demand
    families = demand.by("family", master=products)
    lost, wanted = families.sum(demand["lost_sales"]), families.sum(demand["demand"])
    value = families.sum(
        -demand["lost_sales"] * contribution(unit_economics.on(demand), selling_prices)
    )
    return sized(
        families.keys,
        demand.months,
        "family",
        plan=wanted - lost,
        reference=wanted,
        gap_units=-lost,
        gap_value=value,
        wrong=lost > threshold["share_of_demand"] * wanted,
    )


def _people(
    workforce_plan: ArrayTable, resources: DataFrame, moved: str, threshold: Mapping[str, float]
) -> ArrayTable:
    """The workers who come or go in each month, of resources where they are many."""
    plan, people = workforce_plan, workforce_plan[moved]
    start = plan["workers"][:, :1] - plan["hired"][:, :1] + plan["laid_off"][:, :1]
    cost = in_force(resources, ("resource",), plan.months).on(plan)
    both = np.nan_to_num(cost["hire_cost"]) + np.nan_to_num(cost["layoff_cost"])
    many = people.sum(axis=1, keepdims=True) > threshold["share_of_crew"] * start
    wrong = (people > threshold["workers"]) & many
    first = wrong & (wrong.cumsum(axis=1) == 1)
    return sized(
        plan.keys,
        plan.months,
        "resource",
        plan=people,
        reference=np.where(first, start, 0.0),
        gap_units=np.zeros(people.shape),
        gap_value=-people * both,
        wrong=wrong,
    )
