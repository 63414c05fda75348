"""A plan's stock, hours, money and measures are those of a second calculation, in any scenario.

`oracle.py` calculates them from the plan's decisions. Both are equal to 1e-9 of the number, and to
1e-6 of a unit or of money: what the solver rounds, below 1e-6 of a unit, is no stock in either.
"""

import inspect
from functools import cache
from typing import NamedTuple

import numpy as np
import oracle
import pandas as pd
import pytest
from conftest import trials
from pandas import DataFrame

from sopkit import scenarios
from sopkit.cycle import replanning, stages
from sopkit.cycle.what_if import what_if
from sopkit.io import readers
from sopkit.pre_sop import gaps, options
from sopkit.rules.call import as_frame
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.tables import conform

SAME, ROUNDING = 1e-9, 1e-6
CYCLE_OF_SMALL = "2026-10"
CYCLES = {"poolside-cafe": "2027-03", "summit": "2026-10"}
KEYS = {
    "supply_plan": ["product", "site", "period"],
    "constrained_demand": ["product", "market", "period"],
    "workforce_plan": ["resource", "period"],
    "product_costs": ["product", "period", "cost_item"],
    "profitability": ["product", "market", "period"],
    "financial_plan": ["family", "period"],
    "cash_plan": ["period"],
    "figures": ["measure", "item", "period"],
    "costs": ["cost_item"],
}
READ = frozenset([*oracle.DECISIONS, *KEYS, "strategy_comparison"])


class Company(NamedTuple):
    name: str
    tables: dict
    plan: dict


@pytest.fixture(scope="module", params=CYCLES)
def planned(request, root):
    """A sample company's inputs, and its plan with the options that could close its gaps."""
    tables = readers.read(str(root / "data" / request.param))
    steps = stages.bearing_on(stages.MEASURED_BY) | {gaps.gaps}
    cycle = CYCLES[request.param]
    plan = replanning.replan(tables, cycle, until=stages.MEASURED_BY, only=steps)
    known, read = {**tables, **plan}, inspect.signature(options.proposed).parameters
    told = {name: known.get(name) for name in [*read][1:]}
    changed = {name: known.get(name) for name in options.option_tables()}
    plan["option_changes"] = options.proposed(changed, **told)
    return Company(request.param, tables, plan)


def scenarios_of(company):
    """Scenarios not taken, and options: the first to change each set of tables; `make prove` asks all."""
    options = company.plan["option_changes"].assign(applied=False)
    found = [*scenarios.defined(company.tables["scenario_changes"]), *scenarios.defined(options)]
    kind = trials(lambda changes: tuple(sorted({*changes["table"]})), scenarios.changes_of)
    return [*{kind(one.changes): one for one in found[::-1]}.values()]


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
        if not one.index.equals(other.index):
            absent = 0.0 if name == "product_costs" else np.nan  # what costs nothing has no row
            one, other = one[shared].align(other[shared], axis=0, fill_value=absent)
        for column in shared:
            both = np.column_stack([one[column], other[column]])
            close = np.abs(both[:, 0] - both[:, 1]) <= SAME * np.abs(both[:, 1]) + ROUNDING
            if not close.all():  # nor where a row is missing
                rows = pd.DataFrame(both, index=one.index, columns=["oracle", "steps"])
                told[f"{name}.{column}"] = rows[~close]
    return told


def _keyed(table, key):
    table = table.fillna({"item": ""}) if "item" in key else table
    return table.set_index(key).select_dtypes("number").sort_index()


def test_every_scenario_of_a_sample_company(planned):
    asked, cycle = scenarios_of(planned), CYCLES[planned.name]
    replanned = what_if(planned.tables, cycle, planned.plan, wanted=READ)
    assert len(asked) >= 10
    for one in [scenarios.Scenario(scenarios.BASE), *asked]:
        made, inputs = replanned(one.changes), planned.tables
        if one.changes is not None:
            inputs = scenarios.apply(inputs, one.changes, idle_allowed=True)
        found = oracle.recalculated(given(inputs, made))
        far = differences(found, of_the_steps(inputs, made))
        assert not far, one.name


def with_prices_of_markets(seed):
    """A small company whose first market pays other prices than the list, from two dates on."""
    tables, _ = small_company(seed, ())
    listed = tables["item_costs"].drop_duplicates("product")
    market = tables["sales_history"]["market"].min()
    later = str(tables["sales_history"]["period"].max() + 4)
    parts = [
        DataFrame(
            {
                "product": listed["product"],
                "market": market,
                "effective_from": pd.Period(start, "M"),
                "price": listed["price"] * factor,
            }
        )
        for start, factor in (("2020-01", 1.3), (later, 0.6))
    ]
    dear = conform("item_costs", pd.concat([tables["item_costs"], *parts], ignore_index=True))
    return {**tables, "item_costs": dear}


@pytest.mark.parametrize("seed", [1, 6, 9])
def test_prices_of_markets_in_the_plan_and_under_a_scenario_of_prices(seed):
    tables = with_prices_of_markets(seed)
    steps = stages.leading_to(READ)
    plan = replanning.replan(tables, CYCLE_OF_SMALL, until=stages.MEASURED_ON, only=steps)
    assert plan["selling_prices"]["market"].notna().any()
    dearer = conform(
        "scenario_changes",
        DataFrame(
            {
                "scenario": ["dearer"],
                "change": 1,
                "table": "item_costs",
                "column": "price",
                "operation": "multiply",
                "amount": 1.1,
            }
        ),
    )
    replanned = what_if(tables, CYCLE_OF_SMALL, plan, wanted=READ)
    margins = []
    for changes in (None, dearer):
        inputs = tables if changes is None else scenarios.apply(tables, changes)
        made = replanned(changes)
        found = oracle.recalculated(given(inputs, made))
        assert not differences(found, of_the_steps(inputs, made))
        margins.append(found["financial_plan"]["list_revenue"].sum())
    assert margins[1] == pytest.approx(1.1 * margins[0])


@cache
def small_company(seed, without):
    """A company made up at random, and its plan; every third seed has all optional tables."""
    made_up = pytest.importorskip("test_properties")
    rng = np.random.default_rng(seed)
    kinds = ["steady", *rng.choice(made_up.KINDS, rng.integers(1, 6))]
    some = rng.choice(made_up.OPTIONAL, rng.integers(len(made_up.OPTIONAL) + 1), replace=False)
    present = set(some) if seed % 3 else set(made_up.OPTIONAL)
    markets = [f"market {n}" for n in range(rng.integers(1, 4))]
    months, families = int(rng.integers(14, 31)), int(rng.integers(1, 4))
    tables = made_up.company(kinds, markets, months, families, present, rng)
    tables = {name: table for name, table in tables.items() if name not in without}
    steps = stages.leading_to(READ)
    plan = replanning.replan(tables, made_up.CYCLE, until=stages.MEASURED_ON, only=steps)
    return tables, plan


@pytest.mark.parametrize(
    ("seed", "without"),
    [(0, ()), (1, ()), (9, ("resources", "resource_calendar")), (5, ()), (31, ())],
)
def test_small_companies_with_some_of_the_optional_tables(seed, without):
    tables, plan = small_company(seed, without)
    far = differences(oracle.recalculated(given(tables, plan)), of_the_steps(tables, plan))
    assert not far


@pytest.mark.parametrize(
    ("table", "column", "seen"),
    [
        ("production_plan", "regular", {"supply_plan.inventory", "workforce_plan.regular_hours"}),
        ("supply_plan", "subcontract", {"supply_plan.inventory", "costs.cost", "cash_plan.cash"}),
        ("supply_plan", "expired", {"supply_plan.inventory", "financial_plan.margin"}),
        (
            "distribution_plan",
            "shipped",
            {"constrained_demand.fulfilled", "financial_plan.revenue"},
        ),
        ("interplant_transfers", "transferred", {"supply_plan.inventory", "costs.cost"}),
        ("workforce_plan", "workers", {"workforce_plan.capacity_hours", "product_costs.cost"}),
        ("constrained_demand", "lost_sales", {"constrained_demand.backlog", "figures.value"}),
    ],
)
def test_one_unit_more_of_a_decision_is_seen(table, column, seen):
    scarce = column in ("subcontract", "lost_sales")  # where supply is, units are bought or lost
    tables, plan = small_company(6 if scarce else 0, ())
    known = given(tables, plan)
    changed = known[table].copy()
    units = changed["backlog" if column == "lost_sales" else column]  # what is lost waited before
    taken = changed[(units > 0) | (units.max() <= 0)]
    changed.loc[taken["period"].idxmin(), column] += 1.0  # what it costs is paid within the plan
    found = oracle.recalculated(known | {table: changed})
    assert seen <= set(differences(found, of_the_steps(tables, plan)))


def test_a_unit_made_more_is_in_stock_at_the_end_of_its_month_and_of_all_later_ones():
    tables, plan = small_company(0, ())
    known = given(tables, plan)
    made = known["production_plan"].copy()
    most = made["regular"].idxmax()
    made.loc[most, "regular"] += 1.0
    product, resource, period = made.loc[most, ["product", "resource", "period"]]
    site = tables["resources"].set_index("resource").loc[resource, "site"]
    found = oracle.recalculated(known | {"production_plan": made})
    rows = differences(found, of_the_steps(tables, plan))["supply_plan.inventory"]
    later = [each for each in known["planning_periods"]["period"] if each >= period]
    assert rows.index.tolist() == [(product, site, each) for each in later]
    assert (rows["oracle"] - rows["steps"]).to_numpy() == pytest.approx(1.0)
