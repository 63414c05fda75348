"""Supply by each strategy, from one programme, and the plan of record."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sopkit.supply import results
from sopkit.supply.facts import supply_facts
from sopkit.supply.model import solve
from sopkit.tables import attach


class SupplyReview(NamedTuple):
    supply_plan: pd.DataFrame
    shipments: pd.DataFrame
    service_plan: pd.DataFrame
    workforce_plan: pd.DataFrame
    strategy_comparison: pd.DataFrame
    strategy_service: pd.DataFrame
    constraint_values: pd.DataFrame


def supply_review(
    horizon,
    products,
    demand_plan,
    unit_economics,
    network,
    product_sites,
    inventory_targets,
    inventory_policy=None,
    resources=None,
    routings=None,
    resource_calendar=None,
    supply_policy=None,
    storage=None,
    receipts=None,
    bill_of_materials=None,
    components=None,
) -> SupplyReview:
    """Plan supply by the level, chase and optimal strategies, and by the mix that the policy asks for.

    level : a family makes the same number of units on every working day (every month where no resource is known),
        nothing is bought outside, and its workers stay after the first month; stock and backlog take up the rest.
    chase : supply follows demand: no stock above target and no backlog as far as hours allow; workers come and go.
    optimal : least cost, free of both.
    policy : the plan of record; each family by its row in supply_policy, optimal without one.

    Returns
    -------
    The tables of `results`, each with the four strategies, and constraint_values of the plan of record.

    Source
    ------
    Chopra & Meindl, Supply Chain Management, aggregate planning; Heizer & Render, Operations Management, aggregate
    planning (level and chase).
    """
    facts = supply_facts(
        horizon,
        products,
        demand_plan,
        unit_economics,
        network,
        product_sites,
        inventory_targets,
        inventory_policy,
        resources,
        routings,
        resource_calendar,
        storage,
        receipts,
        bill_of_materials,
        components,
    )
    modes = _modes(facts, supply_policy)
    different = {mode: solve(facts, np.array(mode)) for mode in dict.fromkeys(map(tuple, modes.values()))}
    return _review(facts, {strategy: different[tuple(mode)] for strategy, mode in modes.items()})


def _review(facts, solutions):
    """The tables of all strategies, one strategy after the other."""
    writers = (
        results.supply_plan,
        results.shipments,
        results.service_plan,
        results.workforce_plan,
        results.strategy_comparison,
        results.strategy_service,
    )
    tables = [
        pd.concat([write(facts, s.columns, name) for name, s in solutions.items()], ignore_index=True)
        for write in writers
    ]
    return SupplyReview(*tables, results.constraint_values(facts, solutions["policy"], "policy"))


def _modes(facts, supply_policy):
    """How supply of each family follows demand, under each strategy."""
    families = pd.DataFrame({"family": facts.items.families})
    modes = {name: np.full(len(families), name, dtype=object) for name in ("level", "chase", "optimal")}
    if supply_policy is None:
        return {**modes, "policy": modes["optimal"]}
    chosen = attach(families, supply_policy[["family", "strategy"]], absent="optimal")
    return {**modes, "policy": chosen["strategy"].to_numpy(dtype=object)}
