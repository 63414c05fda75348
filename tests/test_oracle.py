"""Stock, service, hours, money and measures of a plan are those of a second calculation, whatever the scenario.

`oracle.py` calculates them from the plan's decisions. Both are equal to 1e-9 of the number, and to
1e-6 of a unit or of money: what the solver rounds, below 1e-6 of a unit, is no stock in either.
"""

from typing import NamedTuple

import numpy as np
import oracle
import pandas as pd
import pytest

from sopkit import scenarios
from sopkit.cycle import replanning, stages
from sopkit.cycle.what_if import what_if
from sopkit.io import readers
from sopkit.pre_sop import gaps, options
from sopkit.rules.call import as_frame
from sopkit.schema.tables import PLAN_OF_RECORD

SAME, ROUNDING = 1e-9, 1e-6
CYCLES = {"poolside-cafe": "2027-03", "summit": "2026-10"}
KEYS = {
    "supply_plan": ["product", "site", "period"],
    "constrained_demand": ["product", "market", "period"],
    "workforce_plan": ["resource", "period"],
    "product_costs": ["product", "period", "cost_item"],
    "financial_plan": ["family", "period"],
    "cash_plan": ["period"],
    "figures": ["measure", "item", "period"],
    "costs": ["cost_item"],
}
PLANNED = stages.bearing_on(stages.MEASURED_BY)
READ = frozenset([*oracle.DECISIONS, *KEYS, "strategy_comparison"])


class Company(NamedTuple):
    name: str
    tables: dict
    plan: dict


@pytest.fixture(scope="module", params=CYCLES)
def planned(request, root):
    """A sample company's inputs, and its plan with the options that could close its gaps."""
    tables = readers.read(str(root / "data" / request.param))
    steps = PLANNED | {gaps.gaps, options.option_changes}
    cycle = CYCLES[request.param]
    plan = replanning.replan(tables, cycle, until=stages.MEASURED_BY, only=steps)
    return Company(request.param, tables, plan)


def scenarios_of(company):
    """Scenarios that are not taken, and options: of summit those that change a column before none did."""
    options = company.plan["option_changes"].assign(applied=False)
    found = [*scenarios.defined(company.tables["scenario_changes"]), *scenarios.defined(options)]
    if company.name != "summit":
        return found
    chosen, seen = [], set()
    for one in found:
        columns = set(zip(one.changes["table"], one.changes["column"], strict=True))
        if columns - seen:
            chosen.append(one)
        seen |= columns
    return chosen


def given(tables, made):
    """Inputs and plan as tables, as far as the oracle and the comparison read them."""
    return {**tables, **{name: as_frame(made[name]) for name in READ & set(made)}}


def of_the_steps(tables, made):
    """The same tables as the oracle gives, as the steps calculated them."""
    known = given(tables, made)
    rows = known["strategy_comparison"]
    rows = rows[(rows["strategy"] == PLAN_OF_RECORD) & (rows["measure"] == "cost")]
    costs = rows.dropna(subset="item").rename(columns={"item": "cost_item", "value": "cost"})
    return known | {"costs": costs, "figures": scenarios.figures({**tables, **made})}


def differences(found, known):
    """Where the oracle and the steps differ: table.column -> rows."""
    told = {}
    for name, key in KEYS.items():
        one, other = (_keyed(each[name], key) for each in (found, known))
        shared = other.columns.intersection(one.columns)
        one, other = one[shared].align(other[shared], axis=0)
        if name == "product_costs":  # what costs nothing has no row
            one, other = one.fillna(0.0), other.fillna(0.0)
        far = ~((one - other).abs() <= SAME * other.abs() + ROUNDING)  # true where one is missing
        for column in shared[far.any()]:
            both = pd.DataFrame({"oracle": one[column], "steps": other[column]})
            told[f"{name}.{column}"] = both[far[column]]
    return told


def _keyed(table, key):
    names = table[key].astype(str).fillna("").agg("|".join, axis=1)
    return table.select_dtypes("number").astype(float).set_axis(names)


def test_every_scenario_of_a_sample_company(planned):
    asked, cycle = scenarios_of(planned), CYCLES[planned.name]
    replanned = what_if(planned.tables, cycle, planned.plan, wanted=READ)
    assert len(asked) >= 12
    for one in [scenarios.Scenario(scenarios.BASE), *asked]:
        made, inputs = replanned(one.changes), planned.tables
        if one.changes is not None:
            inputs = scenarios.apply(inputs, one.changes, idle_allowed=True)
        found = oracle.recalculated(given(inputs, made))
        assert not differences(found, of_the_steps(inputs, made)), one.name


@pytest.mark.parametrize(
    ("seed", "without"), [(0, ()), (1, ()), (9, ("resources", "resource_calendar")), (5, ()), (31, ())]
)
def test_small_companies_with_some_of_the_optional_tables(seed, without):
    made_up = pytest.importorskip("test_properties")
    rng = np.random.default_rng(seed)
    kinds = ["steady", *rng.choice(made_up.KINDS, rng.integers(1, 6))]
    some = rng.choice(made_up.OPTIONAL, rng.integers(len(made_up.OPTIONAL) + 1), replace=False)
    present = set(some) if seed % 3 else set(made_up.OPTIONAL)
    markets = [f"market {n}" for n in range(rng.integers(1, 4))]
    months, families = int(rng.integers(14, 31)), int(rng.integers(1, 4))
    tables = made_up.company(kinds, markets, months, families, present, rng)
    tables = {name: table for name, table in tables.items() if name not in without}
    plan = replanning.replan(tables, made_up.CYCLE, until=stages.MEASURED_ON, only=PLANNED)
    assert not differences(oracle.recalculated(given(tables, plan)), of_the_steps(tables, plan))
