"""What each option does to the plan, found by making it again; and what risks would do."""

import pandas as pd
import pytest
from resting import (
    BASE,
    DEFINED,
    POLICY,
    PRODUCTS,
    RISKS,
    beside,
    gaps,
    idea,
    measured,
    nothing,
    only,
    replanned,
    strategies_of,
)

from sopkit import scenarios
from sopkit.cycle import what_if
from sopkit.pre_sop import evaluation
from sopkit.tables import conform


def test_every_set_of_changes_is_planned_once_and_told():
    """Two scenarios of one content are planned once, and the next ones go on from there."""
    made, told = [], []

    def counted(changes, instead=None):
        made.append(scenarios.changes_of(changes))
        return replanned(changes, instead)

    ask = what_if.engine_of({**BASE, "products": PRODUCTS}, counted, told.append)
    ten, four = idea("ten", 10.0), idea("four", 4.0)
    twice = pd.concat([ten, ten.assign(scenario="ten-again")])
    known = conform("scenario_changes", twice.drop(columns=["gap", "statement"]))
    base = scenarios.scenario_results(BASE["financial_plan"], ask, known)
    ask([scenarios.Scenario("four", conform("option_changes", four))])
    assert len(made) == len(set(made)) == 2
    assert told == ["planning scenario ten, 1 of 1", "planning scenario four, 1 of 1"]
    assert base["scenario"].unique().tolist() == ["base", "ten", "ten-again"]


def test_the_plan_as_it_is_stands_beside_every_scenario():
    sides = scenarios.comparison(beside(DEFINED)).set_index(["scenario", "measure"])
    assert sides.index.unique("scenario").tolist() == ["saturdays", "autumn", "strike", "press"]
    row = sides.loc["saturdays", "margin"]
    assert (row["reference_value"], row["variance"]) == (27000, -80)


def test_a_scenario_is_measured_by_making_the_plan_again():
    row = only(measured(idea("ten", 10.0)))
    assert row["gap_closed_ratio"] == pytest.approx(10 / 40)
    assert row["margin_effect"] == -100
    assert row["revenue_effect"] == 0
    assert row["service_effect"] == pytest.approx(10 / 900)


def test_a_gap_that_is_gone_is_closed_in_full():
    assert only(measured(idea("forty", 40.0)))["gap_closed_ratio"] == 1
    assert only(measured(idea("ninety", 90.0)))["gap_closed_ratio"] == 1  # closed is closed


def test_a_gap_that_grows_is_closed_below_nought():
    assert only(measured(idea("less", -10.0)))["gap_closed_ratio"] == pytest.approx(-0.25)


def test_a_scenario_also_counts_for_another_gap_of_which_it_closes_a_quarter():
    """Overtime proposed against too much stock does nothing there, but serves the late tents; four hours do little."""
    rows = measured(
        idea("forty", 40.0, disagreement="excess-tents-2027-04"),
        idea("four", 4.0),
        inventory_policy=POLICY,
    )
    closed = rows.set_index(["gap", "scenario"])["gap_closed_ratio"].to_dict()
    assert closed == {
        ("excess-tents-2027-04", "forty"): 0,
        ("unserved-tents-2027-05", "forty"): 1,
        ("unserved-tents-2027-05", "four"): pytest.approx(0.1),
    }


def test_without_proposals_there_are_no_strategies():
    empty = nothing("option_changes")
    assert strategies_of(gaps(), empty).empty


def test_a_risk_is_expected_at_its_probability_times_its_margin_effect():
    rows = evaluation.risk_impacts(beside(DEFINED), RISKS).set_index("risk")
    assert rows.loc["R-2", "margin_effect"] == -80  # Saturdays add 8 hours at 10
    assert rows.loc["R-2", "expected_effect"] == -40
    assert rows.index.tolist() == ["R-2", "R-1"]


def test_a_risk_whose_scenario_has_no_changes_is_refused():
    with pytest.raises(ValueError) as refusal:
        evaluation.risk_impacts(beside(DEFINED.iloc[:2]), RISKS)
    assert str(refusal.value) == (
        "risks: scenario must have rows in scenario_changes; risk=R-1 has scenario=strike.\n"
        "  Add its changes, or name another scenario."
    )


def test_a_risk_that_the_plan_is_made_under_is_in_it_and_not_measured_again():
    taken = scenarios.take(DEFINED, ["strike"])
    rows = evaluation.risk_impacts(beside(taken), RISKS, taken).set_index("risk")
    assert rows.loc["R-1", ["statement", "margin_effect", "expected_effect"]].tolist() == [
        "Strike (in the plan)",
        0,
        0,
    ]
    assert rows.loc["R-2", "margin_effect"] == -80


def test_without_risks_there_are_no_risk_scenarios():
    assert evaluation.risk_impacts(beside(None)).empty
