"""Gaps: months that follow one another are one, the most money comes first, thresholds are rows."""

import pandas as pd
import pytest
from conftest import table
from resting import (
    LATE,
    POLICY,
    RESOURCES,
    ROUGH_CUT,
    ROUTINGS,
    budget,
    gaps,
    late_tents,
    only,
    resting_plan,
)

from sopkit.pre_sop import gaps as gaps_module
from sopkit.pre_sop import rules_finance, thresholds
from sopkit.pre_sop.gap import gap, sized
from sopkit.pre_sop.gaps import gap_rules
from sopkit.rules.call import inputs_of
from sopkit.schema.tables import TABLES
from sopkit.tables.arrays import ArrayTable


def test_a_plan_at_rest_has_no_gaps():
    assert gaps().empty


def test_months_of_backlog_that_follow_one_another_are_one_gap():
    gap = only(gaps(constrained_demand=late_tents(april=20, may=10)))
    assert gap["gap"] == "unserved-tents-2027-04"
    assert (str(gap["from_period"]), str(gap["to_period"])) == ("2027-04", "2027-05")
    assert (
        gap["gap_units"] == -30
    )  # 20 of April's and 10 of May's were not delivered in their month
    assert gap["gap_value"] == -(20 * 5 + 10 * 5)
    assert gap["statement"] == ("tents: 30 of 200 units will be late or lost, Apr 2027 to May 2027")
    assert (gap["area"], gap["owner"], gap["family"]) == ("supply", "supply planner", "tents")


def test_months_apart_are_gaps_of_their_own():
    found = gaps(constrained_demand=late_tents(april=20, june=20))
    assert sorted(found["gap"]) == ["unserved-tents-2027-04", "unserved-tents-2027-06"]


def test_what_is_worth_next_to_nothing_beside_the_revenue_is_no_gap():
    late = late_tents(april=20)  # worth 100
    month = resting_plan()["financial_plan"].iloc[:1]
    rich, richer = (month.assign(revenue=revenue) for revenue in (9.9e6, 10.1e6))
    assert len(gaps(constrained_demand=late, financial_plan=rich)) == 1
    assert gaps(constrained_demand=late, financial_plan=richer).empty


def test_every_gap_says_which_table_shows_it_and_where():
    gap = only(
        gaps(**{name: frame for name, frame in LATE.items() if name == "constrained_demand"})
    )
    assert (gap["table"], gap["exhibit"]) == (
        "constrained_demand",
        "40_supply_review.constrained_demand",
    )


def test_the_most_money_comes_first():
    found = gaps(
        constrained_demand=late_tents(april=20),
        plan_variances=budget(5000, 10000),
        inventory_policy=POLICY,
    )
    assert found["gap_value"].abs().is_monotonic_decreasing
    assert found["gap"].tolist() == [
        "budget-margin-tents",
        "unserved-tents-2027-04",
        "excess-tents-2027-04",
    ]


def test_gaps_do_not_depend_on_the_order_of_rows():
    tables = {
        "constrained_demand": late_tents(april=20, may=10),
        "rough_cut_capacity": table("rough_cut_capacity", ROUGH_CUT),
    }
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in tables.items()}
    pd.testing.assert_frame_equal(
        gaps(**tables, routings=ROUTINGS), gaps(**mixed, routings=ROUTINGS)
    )


# thresholds


def idle_crew():
    """60.5 % of the paid hours are worked, which is enough where nobody says otherwise."""
    return table(
        "workforce_plan",
        """
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
        CELL      2027-04  10       0      0         605            0               1000            0.605
        """,
    )


def threshold(gap_type, name, value):
    header = "gap_type threshold value owner reason"
    return table("gap_thresholds", f"{header}\n{gap_type} {name} {value} Silva season")


def test_a_companys_threshold_takes_the_place_of_the_rules_own():
    crew = {"workforce_plan": idle_crew(), "resources": RESOURCES}
    assert gaps(**crew).empty
    rows = threshold("idle", "share_of_paid_hours", 0.7)
    assert only(gaps(**crew, gap_thresholds=rows))["gap"] == "idle-CELL"
    same = threshold("idle", "share_of_paid_hours", 0.6)
    assert gaps(**crew, gap_thresholds=same).empty


# rules


def test_a_rule_can_be_called_alone():
    late = resting_plan()["cash_plan"].assign(cash=[50.0, -20.0, -80.0])
    rows = rules_finance.cash(late)
    assert rows["wrong"].tolist() == [False, True, True]
    assert rows["gap_value"].tolist() == [0, 0, -80]


def test_gaps_read_what_their_rules_read_and_need_no_input_that_may_be_absent():
    inputs = inputs_of(gaps_module.gaps)
    read = {name for rule in gap_rules().values() for name in inputs_of(rule)}
    assert set(inputs) == read | {"gap_thresholds", "company_settings"}
    assert {name for name in inputs if TABLES[name].absent}.isdisjoint(
        name for name, required in inputs.items() if required
    )


def test_a_missing_plan_table_is_named():
    with pytest.raises(ValueError, match=r"pre_sop\.gaps\.gaps needs the table cash_plan"):
        gaps(cash_plan=None)


def test_a_new_rule_is_a_marked_function_and_its_section_of_thresholds(monkeypatch):
    """It is found, worded and sized like the others, and its threshold may be set."""

    @gap(
        area="supply",
        owner="buyer",
        statement="{item}: {units} units come in, {months}",
        question="Why?",
        table="supply_plan",
        exhibit="40_supply_review.supply_plan",
    )
    def made_much(supply_plan: ArrayTable, threshold):
        units = supply_plan["regular"]
        told = {"plan": units, "reference": 0 * units, "gap_units": units, "gap_value": units}
        wrong = units > threshold["units"]
        return sized(supply_plan.keys, supply_plan.months, "product", wrong=wrong, **told)

    monkeypatch.setattr(gaps_module, "gap_rules", lambda: {"made_much": made_much})
    monkeypatch.setattr(thresholds, "read_gap_rules", lambda: {"made_much": {"units": 150.0}})
    found = only(gaps())
    assert found["gap"] == "made-much-STOVE-1-2027-04"
    assert found["statement"] == "STOVE-1: 600 units come in, Apr 2027 to Jun 2027"
    lower = threshold("made_much", "units", 50)
    assert len(gaps(gap_thresholds=lower)) == 2


def test_every_words_of_a_rules_statement_are_known():
    row = dict.fromkeys(("item", "family", "product", "resource", "detail", "owner"), "x")
    row |= {"plan": 1.0, "reference": 2.0, "gap_units": 1.0, "gap_value": 1.0, "measure": "margin"}
    month = pd.Period("2027-04", "M")
    for name in gap_rules():
        told = gaps_module.worded(
            {**row, "rule": name, "from_period": month, "to_period": month}, "", {}
        )
        assert "{" not in told["statement"] + told["question"]
