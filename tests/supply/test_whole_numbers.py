"""Whole numbers at size: independent parts apart, and never worse than what HiGHS finds itself."""

import highspy
import numpy as np
import pandas as pd
import pytest
import test_model
from conftest import table
from pandas.testing import assert_frame_equal
from planning import figure

from sopkit.data_quality.data_issues import plan_issues
from sopkit.model.readings import supply_facts
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.optimization import solver, whole_numbers
from sopkit.supply.optimization.linear_programme import any_number, pass_model
from sopkit.supply.optimization.programme import supply_programme
from sopkit.supply.strategies import supply_review

COPIED = (
    *("products", "demand_plan", "unit_economics", "item_locations", "inventory_policy"),
    "routings",
)


def copies(count, apart, routing="product resource hours_per_unit setup_cost\nSPADE PRESS 1 54"):
    """So many spades of Silver, Pyke & Peterson's demand; each with a machine and market of its own
    if apart."""
    tables = test_model.TestLots().tables(routing)
    codes = [f"SPADE-{number:02d}" for number in range(count)]
    made = {
        name: pd.concat([tables[name].assign(product=code) for code in codes], ignore_index=True)
        for name in COPIED
    }
    if apart:
        rows = made["routings"]
        made["routings"] = rows.assign(resource="PRESS-" + rows["product"])
        for name in ("resources", "resource_calendar"):
            own = [tables[name].assign(resource=f"PRESS-{code}") for code in codes]
            made[name] = pd.concat(own, ignore_index=True)
    return {**tables, **made}


def programme(tables):
    given = {**tables, "inventory_targets": call(inventory_targets, tables)}
    facts = call(supply_facts, given)
    return supply_programme(facts, facts.families.strategy)[3]


def test_parts_that_share_nothing_are_solved_apart_though_they_are_small():
    model = programme(copies(20, apart=True))
    parts = solver._parts(model)
    with_numbers = [part for part in parts if len(part[2])]
    assert len(with_numbers) == 20
    assert {len(numbers) for _, _, numbers in with_numbers} == {12}
    one, all_of_them = (solver.solve(programme(copies(n, True)), ("x",)) for n in (1, 20))
    # but for the price that decides between equal machines, a hundred-thousandth of what is made
    assert all_of_them.cost == pytest.approx(20 * one.cost, rel=0.002)
    assert all_of_them.cost == pytest.approx(all_of_them.least_cost, rel=1e-5)


def test_the_programmes_of_the_parts_are_the_programme():
    model = programme(copies(3, apart=True))
    parts = solver._parts(model)
    taken = solver._taken(model, parts)
    x = np.random.default_rng(1).random(len(model.cost))
    for (columns, rows, _), part in zip(parts, taken, strict=True):
        assert part.matrix @ x[columns] == pytest.approx((model.matrix @ x)[rows])
        assert (part.cost == model.cost[columns]).all()


def test_above_what_is_always_searched_the_plan_is_as_good_as_that_of_highs(monkeypatch):
    # 4 products, 48 set-ups, one machine on which they compete for hours; 40 are always searched
    monkeypatch.setattr(whole_numbers, "SEARCHED_NUMBERS", 40)
    monkeypatch.setattr(whole_numbers, "SEARCHED_NODES", 60)
    tables = copies(4, apart=False)
    hours = tables["resource_calendar"].assign(machine_hours=4 * 110.0)
    model = programme({**tables, "resource_calendar": hours})
    count = len(model.whole.column)
    assert count > whole_numbers.SEARCHED_NUMBERS
    bare = highspy.Highs()
    nodes = whole_numbers.SEARCHED_NODES * whole_numbers.SEARCHED_NUMBERS // count
    for option, value in (
        *(("output_flag", False), ("threads", 1), ("mip_max_nodes", nodes)),
        ("mip_rel_gap", whole_numbers.ROUGH),
    ):
        bare.setOptionValue(option, value)
    kinds = any_number(model)
    kinds[model.whole.column] = int(highspy.HighsVarType.kInteger)
    pass_model(bare, model, kinds)
    bare.run()
    ours = solver.solve(model, ("x",))
    assert ours.cost <= bare.getInfo().objective_function_value * (1 + whole_numbers.ROUGH)


# --------------------------------------------------------------------------------------------------
# a search that is stopped


def reviewed(tables):
    targets = call(inventory_targets, tables)
    return call(supply_review, {**tables, "inventory_targets": targets}, tail_months=0)


def short_of_hours():
    """Four spades on one press with the hours of little more than one: the search takes long."""
    tables = copies(4, apart=False)
    hours = tables["resource_calendar"].assign(machine_hours=4 * 110.0)
    return {**tables, "resource_calendar": hours}


def test_a_search_that_ends_within_its_limits_is_no_issue():
    plans = reviewed(copies(1, apart=True))
    assert plans.solver_stops.empty
    assert plan_issues(plans.solver_stops).empty


def test_a_search_that_its_time_limit_ends_is_a_data_issue_with_product_and_money(monkeypatch):
    monkeypatch.setattr(whole_numbers, "LONGEST", 0.0)
    plans = reviewed(short_of_hours())
    stops = plans.solver_stops.set_index("strategy").loc["plan_of_record"]
    assert stops["item"] == "SPADE-00, SPADE-01, SPADE-02, SPADE-03"
    assert stops["stop_reason"] == "time limit"
    share = figure(plans, "optimality_gap_ratio")
    assert stops["gap_cost"] == pytest.approx(share * figure(plans, "cost"))
    settings = table(
        "company_settings",
        "currency receivable_days payable_days opening_cash fixed_cost\nEUR 0 0 0 0",
    )
    found = plan_issues(plans.solver_stops, settings)
    of_record = found[found["row_key"].str.startswith("strategy plan_of_record")].iloc[0]
    assert of_record[["severity", "table", "column"]].tolist() == [
        "major",
        "solver_stops",
        "gap_cost",
    ]
    assert of_record["message"] == (
        "The solver stopped at its time limit: the plan of record of SPADE-00, SPADE-01, SPADE-02, "
        f"SPADE-03 may cost up to EUR {stops['gap_cost']:,.0f} more than the least-cost one"
    )
    assert "the same inputs may give another one" in of_record["handling"]


def test_a_search_that_its_node_limit_ends_far_from_the_best_gives_the_same_plan_again(monkeypatch):
    monkeypatch.setattr(whole_numbers, "SEARCHED_NODES", 1)
    monkeypatch.setattr(whole_numbers, "ROUGH", 1e-9)
    first, second = reviewed(short_of_hours()), reviewed(short_of_hours())
    assert set(first.solver_stops["stop_reason"]) == {"node limit"}
    assert_frame_equal(first.solver_stops, second.solver_stops)
    found = plan_issues(first.solver_stops)
    assert set(found["severity"]) == {"minor"}
    assert found["handling"].str.contains("the same inputs always give it").all()
