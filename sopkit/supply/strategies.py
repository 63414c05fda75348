"""The supply plan by each strategy, and the plan of record.

level : a family makes the same number of units on every working day of a year from the first month
    on (every month where no resource is known), nothing is subcontracted, and its workers stay
    after the first month of the year; stock and backlog take up the rest. Where the policy levels
    the workforce only, what they make may vary.
chase : supply follows demand: no stock above target and no backlog as far as hours allow; workers
    come and go.
optimal : least cost, free of both.
last_cycle : what the cycle approved last planned to make, under today's demand; left out where none
    is known.
plan_of_record : the plan to be executed; each family by its row in supply_policy, optimal without
    one.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import solution as results
from sopkit.model import tail
from sopkit.model.plan_costs import strategy_comparison
from sopkit.model.readings import SupplyInputs, supply_facts
from sopkit.model.shadow_prices import shadow_prices
from sopkit.model.solver_stops import solver_stops
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.supply import aggregation, allocation, run_out
from sopkit.supply.aggregation_check import aggregation_check
from sopkit.supply.closing_stock import closing_stock, ends_alike, ends_with
from sopkit.supply.optimization.programme import LAST_CYCLE, supply_solution
from sopkit.supply.optimization.solver import Starts
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.on_arrays import on_arrays


class SupplyReview(NamedTuple):
    """The plan of record and the comparison of strategies: see the functions of these names."""

    supply_plan: ArrayTable
    purchased_products: ArrayTable
    distribution_plan: ArrayTable
    interplant_transfers: ArrayTable
    constrained_demand: ArrayTable
    workforce_plan: ArrayTable
    production_plan: ArrayTable
    shadow_prices: ArrayTable
    planning_rules: ArrayTable
    strategy_comparison: DataFrame
    solver_stops: DataFrame
    aggregation_check: DataFrame


@on_arrays
def supply_review(
    inputs: SupplyInputs,
    compared: bool = True,
    starts: Starts | None = None,
    tail_months: int | None = None,
    closing: list[np.ndarray] | None = None,
) -> SupplyReview:
    """Plan supply by the level, chase and optimal strategies, and by the mix of the policy.

    The policy's limits on overtime and outside units hold under every strategy, and each ends with
    the stock of the plan of record, so that costs compare.
    A product that is short goes to markets by the rule of its family in allocation_policy.
    From the number of products that `company_settings` names, products that are made alike are
    planned in groups; see `aggregation`. Months after the horizon are planned too and not shown;
    see `model.tail`.

    Parameters
    ----------
    compared : whether the other strategies are planned too, for comparison with the plan of record
    starts : answers that the solver starts from; see `solver.solve`
    tail_months : months planned after the horizon; as `model.tail` finds if absent
    closing : the stock that the plan of record ends with, where its list has one; else it is left
        there for plans that are to end alike

    Returns
    -------
    The tables of the plan of record, see `model.solution`, and strategy_comparison of all
    strategies; solver_stops: see `model.solver_stops`; aggregation_check: what planning in groups
    changes, see `aggregation_check`.

    Source
    ------
    Chopra & Meindl, Supply Chain Management, aggregate planning; Heizer & Render, Operations
    Management, aggregate planning (level and chase).
    """
    facts = supply_facts.on_arrays(inputs)
    settings = inputs.company_settings
    facts = tail.with_tail(facts, settings, inputs.inventory_policy, tail_months)
    groups, planned = aggregation.planned_facts(facts, settings)
    modes = _modes(facts, compared)
    record = modes[PLAN_OF_RECORD]
    if closing:
        planned = ends_with(planned, closing[0])
    solved = _solved(planned, modes, starts)
    if closing is not None and not closing:
        closing.append(closing_stock(planned, solved[record]))
    spread = {
        mode: run_out.products_solution(facts, groups, planned, solution, _array(mode))
        for mode, solution in solved.items()
    }
    divided = _among_markets(inputs, facts, spread)
    seen, plan = divided[record]
    of_programme = tail.shown(planned, solved[record])
    comparison = [strategy_comparison(*divided[mode], name) for name, mode in modes.items()]
    stops = [solver_stops(solved[mode], name) for name, mode in modes.items()]
    return SupplyReview(
        supply_plan=results.supply_plan(seen, plan, facts.stocks.demand),
        purchased_products=results.purchased_products(seen, plan),
        distribution_plan=results.distribution_plan(seen, plan),
        interplant_transfers=results.interplant_transfers(seen, plan),
        constrained_demand=results.constrained_demand(seen, plan),
        workforce_plan=results.workforce_plan(seen, plan),
        production_plan=results.production_plan(seen, plan),
        shadow_prices=shadow_prices(*of_programme),
        planning_rules=results.planning_rules(*of_programme),
        strategy_comparison=pd.concat(comparison, ignore_index=True),
        solver_stops=pd.concat(stops, ignore_index=True),
        aggregation_check=aggregation_check(
            facts, groups, settings, _array(record), spread[record], starts
        ),
    )


def _among_markets(inputs, facts, spread):
    """Each solution with what is short divided among markets, over the months that are shown."""
    rules = inputs.products, inputs.allocation_policy, inputs.market_priorities
    turn = allocation.turns(facts.lanes, *rules)
    return {
        mode: tail.shown(facts, _divided(facts, solution, turn))
        for mode, solution in spread.items()
    }


def _divided(facts, solution, turn):
    """The solution with products that are short given to markets by turn."""
    f, plan = facts, solution.columns
    shipped, backlog, lost = allocation.allocate(
        f.lanes, f.wants.item, f.wants.demand, plan.shipped, plan.lost, turn
    )
    return solution._replace(columns=plan._replace(shipped=shipped, backlog=backlog, lost=lost))


def _solved(planned, modes, starts):
    """The solution of each mode; the others end with the stock of the plan of record."""
    record = modes[PLAN_OF_RECORD]
    solved = {record: supply_solution(planned, _array(record), starts=starts)}
    if others := [mode for mode in dict.fromkeys(modes.values()) if mode != record]:
        alike = ends_alike(planned, solved[record])
        solved |= {mode: supply_solution(alike, _array(mode), starts=starts) for mode in others}
    return solved


def _modes(facts, compared):
    """How supply of each family follows demand, under each strategy; the last one is the plan of
    record."""
    families = facts.families.codes
    names = ["level", "chase", "optimal"] if compared else []
    if names and np.isfinite(facts.stocks.approved).any():
        names.append(LAST_CYCLE)
    return {name: (name,) * len(families) for name in names} | {
        PLAN_OF_RECORD: tuple(facts.families.strategy)
    }


def _array(mode):
    return np.array(mode, dtype=object)
