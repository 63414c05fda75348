"""What each of the planner's own rows costs, measured by lifting it."""

from typing import NamedTuple

import numpy as np
from pandas import DataFrame

from sopkit.model import quantities, tail
from sopkit.model.parameters import PLANNER, Facts
from sopkit.model.plan_costs import monthly_costs
from sopkit.model.planning_rules import OVERRIDES
from sopkit.model.readings import SupplyInputs, supply_facts
from sopkit.model.variables import Solution
from sopkit.supply.aggregation import planned_facts
from sopkit.supply.closing_stock import ends_alike
from sopkit.supply.optimization.programme import supply_solution
from sopkit.supply.optimization.solver import Starts

MOST = 12  # rows that are lifted: those that bind most
BINDS = 1e-6  # money per unit: a row whose unit is worth less does not bind
MEASURED, FREE, LEFT = (
    "measured by planning without the row, to the same closing stock",
    "the plan is the same without the row",
    f"not measured: only the {MOST} rows that bind most are lifted",
)


class Effect(NamedTuple):
    """What a row costs, what is delivered in time without it, and how that is known."""

    cost: float
    units_recovered: float
    basis: str


def override_costs(inputs: SupplyInputs, tail_months: int | None = None) -> DataFrame:
    """Plan without each of the planner's rows that bind, one at a time, to the same closing stock.

    Of more than twelve the twelve that bind most are lifted, by the worth of a unit x what is
    planned. A shadow price is never shown as a cost: it holds for a little less only. Where
    products are planned in groups, so are they here.

    Returns
    -------
    kind, item, site, period : planned, breach [units or workers], basis, cost [money that the plan
        costs more because of the row], units_recovered [unit-months that are not late or lost
        without it]; both empty where they were not measured
    """
    facts = supply_facts(inputs)
    facts = tail.with_tail(facts, inputs.company_settings, inputs.inventory_policy, tail_months)
    facts = planned_facts(facts, inputs.company_settings)[1]
    rules, kinds = facts.rules, facts.rules.keys.frame["kind"]
    mine = np.flatnonzero((rules.authority == PLANNER) & kinds.isin(OVERRIDES).to_numpy())
    if not len(mine):
        return _table(facts, mine, np.zeros(0), [])
    base = supply_solution(facts, facts.families.strategy)
    planned = quantities.rule_values(facts, base)
    worth = np.abs(base.savings["rules"][:, 0]) * np.maximum(np.abs(planned), 1.0)
    broken = np.abs(_breach(facts, planned)) > BINDS
    binding = [rule for rule in mine if worth[rule] > BINDS or broken[rule]]
    lifted = sorted(binding, key=lambda rule: -worth[rule])[:MOST]
    alike, starts = ends_alike(facts, base), {}
    effects = {rule: _effect(alike, base, rule, starts) for rule in lifted}
    known = {rule: Effect(np.nan, np.nan, LEFT) for rule in binding} | effects
    return _table(facts, mine, planned, [known.get(rule, Effect(0.0, 0.0, FREE)) for rule in mine])


def _effect(alike: Facts, base: Solution, rule: int, starts: Starts) -> Effect:
    """What the plan costs more and delivers later than without a rule."""
    least, most = alike.rules.least.copy(), alike.rules.most.copy()
    least[rule], most[rule] = -np.inf, np.inf
    free = alike._replace(rules=alike.rules._replace(least=least, most=most))
    without = supply_solution(free, free.families.strategy, starts=starts)
    seen = [tail.shown(alike, one) for one in (base, without)]
    cost, late = (
        float(measure(*seen[0]).sum() - measure(*seen[1]).sum())
        for measure in (monthly_costs, quantities.monthly_unserved)
    )
    return Effect(cost, late, MEASURED)


def _breach(facts: Facts, planned: np.ndarray) -> np.ndarray:
    above = np.maximum(planned - facts.rules.most, 0.0)
    return above + np.minimum(planned - facts.rules.least, 0.0)


def _table(facts: Facts, mine: np.ndarray, planned: np.ndarray, effects: list[Effect]) -> DataFrame:
    rules = facts.rules
    rows = rules.keys.frame.iloc[mine].reset_index(drop=True)
    rows["period"] = facts.months[rules.month[mine]]
    breach = _breach(facts, planned)[mine] if len(mine) else np.zeros(0)
    rows["planned"] = planned[mine] if len(mine) else np.zeros(0)
    rows["breach"] = np.where(np.abs(breach) > BINDS, breach, 0.0)
    columns = DataFrame(effects, columns=list(Effect._fields), index=rows.index)
    rows = rows.join(columns.astype({"basis": "str"}))
    return rows[["kind", "item", "site", "period", "planned", "breach", "basis", *_EFFECT]]


_EFFECT = ["cost", "units_recovered"]
