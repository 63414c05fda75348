"""Supply by each strategy, from one programme, and the plan of record.

level : a family makes the same number of units on every working day (every month where no resource is known),
    nothing is bought outside, and its workers stay after the first month; stock and backlog take up the rest.
    Where the policy levels the workforce only, what they make may vary.
chase : supply follows demand: no stock above target and no backlog as far as hours allow; workers come and go.
optimal : least cost, free of both.
last_cycle : what the cycle approved last planned to make, under today's demand; left out where none is known.
policy : the plan of record; each family by its row in supply_policy, optimal without one.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import numpy as np
import pandas as pd

from sopkit.data_quality.feasibility_checks import refuse_impossible
from sopkit.model import solution as results
from sopkit.model.readings import supply_facts
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.supply import aggregation, allocation, run_out
from sopkit.supply.aggregation_check import group_check
from sopkit.supply.optimization.programme import LAST_CYCLE, supply_solution

_ALONE = ContextVar("whether only the plan of record is made", default=False)


@contextmanager
def of_record_alone():
    """Let supply reviews within plan by the policy only: a what-if is held against the plan of record."""
    token = _ALONE.set(True)
    try:
        yield
    finally:
        _ALONE.reset(token)


class SupplyReview(NamedTuple):
    supply_plan: pd.DataFrame
    shipments: pd.DataFrame
    transfers: pd.DataFrame
    service_plan: pd.DataFrame
    workforce_plan: pd.DataFrame
    strategy_comparison: pd.DataFrame
    strategy_service: pd.DataFrame
    production_plan: pd.DataFrame
    constraint_values: pd.DataFrame
    group_check: pd.DataFrame


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
    transfer_lanes=None,
    approved_supply_plans=None,
    allocation_policy=None,
    market_priorities=None,
    terms=None,
    component_receipts=None,
) -> SupplyReview:
    """Plan supply by the level, chase and optimal strategies, and by the mix that the policy asks for.

    The policy's limits on overtime and outside units hold under every strategy.
    A product that is short goes to markets by the rule of its family in allocation_policy.
    From the number of products that `terms` names, products that are made alike are planned in groups; see `portfolio`.

    Returns
    -------
    The tables of `results`, each with the four strategies, production_plan and constraint_values of the plan of record,
    and group_check: what planning in groups changes.

    Source
    ------
    Chopra & Meindl, Supply Chain Management, aggregate planning; Heizer & Render, Operations Management, aggregate
    planning (level and chase).
    """
    tables = dict(locals())
    refuse_impossible(
        horizon, products, demand_plan, unit_economics, product_sites, inventory_policy, resources, routings,
        resource_calendar, storage,
    )  # fmt: skip
    facts = supply_facts(tables)
    groups, planned = aggregation.planned_facts(facts, terms)
    modes = _modes(facts)
    solved = {
        mode: supply_solution(planned, _array(mode)) for mode in dict.fromkeys(modes.values())
    }
    lanes = facts.lanes.keys.assign(freight_cost=facts.lanes.freight)
    turn = allocation.turns(lanes, products, allocation_policy, market_priorities)
    spread = {
        mode: run_out.products_solution(facts, groups, planned, solution, _array(mode))
        for mode, solution in solved.items()
    }
    divided = {mode: _divided(facts, solution, turn) for mode, solution in spread.items()}
    record = modes[PLAN_OF_RECORD]
    return SupplyReview(
        *_tables(facts, {strategy: divided[mode] for strategy, mode in modes.items()}),
        results.production_plan(facts, divided[record], PLAN_OF_RECORD),
        results.constraint_values(planned, solved[record], PLAN_OF_RECORD),
        group_check(facts, groups, terms, _array(record), spread[record]),
    )


def _divided(facts, solution, turn):
    """The solution with products that are short given to markets by turn."""
    f, plan = facts, solution.columns
    shipped, backlog, lost = allocation.allocate(
        f.lanes, f.wants.item, f.wants.demand, plan.shipped, plan.lost, turn
    )
    return solution._replace(columns=plan._replace(shipped=shipped, backlog=backlog, lost=lost))


def _tables(facts, solutions):
    """The tables of all strategies, one strategy after the other."""
    writers = (
        results.supply_plan,
        results.shipments,
        results.transfers,
        results.service_plan,
        results.workforce_plan,
        results.strategy_comparison,
        results.strategy_service,
    )
    return [
        pd.concat([write(facts, s, name) for name, s in solutions.items()], ignore_index=True)
        for write in writers
    ]


def _modes(facts):
    """How supply of each family follows demand, under each strategy; the last one is the plan of record."""
    families = facts.families.codes
    names = [] if _ALONE.get() else ["level", "chase", "optimal"]
    if names and np.isfinite(facts.stocks.approved).any():
        names.append(LAST_CYCLE)
    return {name: (name,) * len(families) for name in names} | {
        PLAN_OF_RECORD: tuple(facts.families.strategy)
    }


def _array(mode):
    return np.array(mode, dtype=object)
