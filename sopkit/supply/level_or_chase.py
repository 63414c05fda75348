"""Level or chase: the cost of changing a rate at which a level plan becomes the cheaper one."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.forecasting.parallel import in_two
from sopkit.model import quantities, tail
from sopkit.model.parameters import Facts
from sopkit.model.plan_costs import monthly_costs
from sopkit.model.readings import SupplyInputs, supply_facts
from sopkit.supply import aggregation
from sopkit.supply.closing_stock import ends_alike
from sopkit.supply.optimization.programme import supply_solution
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import conform
from sopkit.tables.on_arrays import on_arrays

ROUNDS = 4  # of solving again at the cost found
NEAR = 1e-3  # of the level plan's cost: plans that differ by less cost the same
STILL = 1e-6  # units a day: rates that move by less do not move


class Course(NamedTuple):
    """A plan under one strategy of one family, at one cost of changing its rate."""

    cost: float  # without that of changing the family's rate [money]
    moved: float  # by which its rate goes up and down in all [units a working day]


@on_arrays
def level_or_chase(
    inputs: SupplyInputs, starts: Starts | None = None, tail_months: int | None = None
) -> DataFrame:
    """Find the break-even of each family between a level rate and chasing demand.

    Both plans keep the other families' strategies and end with the stock of the plan of record.
    Where changing the rate costs nothing, chasing is mostly the cheaper; the break-even is the cost
    of a unit a working day, up or down, at which both cost the same. It is found by solving both
    again at the cost that the last two plans give, until they do. It is 0 where level is cheaper
    whatever a change costs, and empty where no cost makes it so.

    Returns
    -------
    family : strategy, level_cost, chase_cost [money, without changes of the family's rate],
        level_moved, chase_moved [units a working day], break_even, rate_cost [money per unit a
        day; what the policy says, the mean of up and down]

    Source
    ------
    Heizer & Render, Operations Management, aggregate planning: costs of level and chase plans.
    """
    i = inputs
    facts = supply_facts.on_arrays(inputs)
    facts = tail.with_tail(facts, i.company_settings, i.inventory_policy, tail_months)
    _, planned = aggregation.planned_facts(facts, i.company_settings)
    record = np.array(planned.families.strategy, dtype=object)
    starts = {} if starts is None else starts
    alike = ends_alike(planned, supply_solution(planned, record, starts=starts))
    families = range(len(planned.families.codes))
    rows = in_two(partial(_row, alike, starts), families)
    return conform("level_or_chase", pd.concat(rows, ignore_index=True))


def _row(facts: Facts, starts: Starts, family: int) -> DataFrame:
    level, chase, even = _break_even(facts, family, starts)
    of = facts.families
    row = {
        "family": of.codes[family],
        "strategy": of.strategy[family],
        "level_cost": level.cost,
        "chase_cost": chase.cost,
        "level_moved": level.moved,
        "chase_moved": chase.moved,
        "break_even": even,
        "rate_cost": (of.rate_up[family] + of.rate_down[family]) / 2,
    }
    return DataFrame([row])


def _break_even(facts, family, starts):
    """Both plans at the break-even, and what it is; at no cost of changes where there is none."""
    level, chase = _both(facts, family, 0.0, starts)
    if chase.cost >= level.cost:
        return level, chase, 0.0
    even = 0.0
    for _ in range(ROUNDS):
        more = chase.moved - level.moved
        if more <= STILL:
            return level, chase, np.nan
        even = (level.cost - chase.cost) / more
        level, chase = _both(facts, family, even, starts)
        apart = level.cost + even * level.moved - chase.cost - even * chase.moved
        if abs(apart) <= NEAR * abs(level.cost):
            break
    return level, chase, even


def _both(facts, family, rate_cost, starts):
    """The family level and chasing, where changing its rate costs that much."""
    up, down = facts.families.rate_up.copy(), facts.families.rate_down.copy()
    up[family] = down[family] = rate_cost
    facts = facts._replace(families=facts.families._replace(rate_up=up, rate_down=down))
    return tuple(_course(facts, family, strategy, starts) for strategy in ("level", "chase"))


def _course(facts, family, strategy, starts):
    mode = np.array(facts.families.strategy, dtype=object)
    mode[family] = strategy
    shown, solution = tail.shown(facts, supply_solution(facts, mode, starts=starts))
    moved = np.abs(quantities.rate_changes(shown, solution)[family]).sum()
    cost = monthly_costs(shown, solution).sum() - shown.families.rate_up[family] * moved
    return Course(cost, moved)
