"""What earlier decisions were expected to do by now, beside what happened; numbers checked by hand."""

import pandas as pd
import pytest
from conftest import table

from sopkit.pre_sop.decisions import PlanInputs, decisions
from sopkit.pre_sop.follow_up import decision_follow_up
from sopkit.tables import conform, empty
from sopkit.tables.periods import month

PRODUCTS = (
    "product family unit_of_measure\nTENT-1 tents piece\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)
SALES = """
product  market  period   quantity  revenue
TENT-1   north   2026-08  80        8000
TENT-1   north   2026-09  90        9000
TENT-2   north   2026-08  30        -
TENT-2   north   2026-09  40        4000
STOVE-1  north   2026-08  10        100
STOVE-1  north   2026-09  10        100
"""
LOG = """
cycle    decision    question  choice  author  reason  decided_on  scenario
2026-08  shift       Shift?    late    Novak   more    2026-08-14  late
2026-08  tents       Tents?    late    Novak   same    2026-08-14  late
2026-08  price       Price?    keep    Novak   no      2026-08-14  -
"""
EFFECTS = """
cycle    decision  measure    family  period   reference_value  plan
2026-08  shift     quantity   tents   2026-08  100              120
2026-08  shift     quantity   tents   2026-09  100              130
2026-08  shift     quantity   tents   2026-10  100              150
2026-08  shift     revenue    tents   2026-08  9000             9900
2026-08  shift     inventory  tents   2026-08  10               40
2026-08  shift     inventory  tents   2026-09  20               60
2026-08  shift     inventory  stoves  2026-09  5                5
2026-08  shift     margin     tents   2026-09  900              950
2026-08  tents     quantity   tents   2026-09  100              130
"""
INVENTORY = "product site on_hand\nTENT-1 main 30\nTENT-2 main 15\nSTOVE-1 main 7"
ACCURACY = """
contributor  level   item   lag  wape  bias  observations
consensus    family  tents  1    0.02  0     12
"""
CYCLE = conform(
    "planning_periods", table("planning_periods", "period month_number\n2026-10 1\n2026-11 2")
)


def results(**changes):
    tables = {
        "products": table("products", PRODUCTS),
        "sales_history": table("sales_history", SALES),
        "forecast_accuracy": table("forecast_accuracy", ACCURACY),
        "decision_log": table("decision_log", LOG),
        "expected_effects": table("expected_effects", EFFECTS),
        "inventory": table("inventory", INVENTORY),
    }
    return decision_follow_up(planning_periods=CYCLE, **{**tables, **changes}).set_index("measure")


def test_sales_of_the_closed_months_are_held_against_both_plans():
    sold = results().loc["quantity"]
    assert (sold["reference_value"], sold["plan"], sold["value"]) == (200, 250, 240)
    assert (str(sold["from_period"]), str(sold["to_period"])) == ("2026-08", "2026-09")
    expected = "Aug 2026 to Sep 2026: expected 200 without and 250 with it, came 240; 80.0 % of the way, from whatever cause"
    assert sold["statement"] == expected


def test_stock_is_what_is_on_hand_at_the_start_of_the_cycle():
    stock = results().loc["inventory"]
    assert (stock["family"], stock["reference_value"], stock["plan"], stock["value"]) == (
        "tents",
        20,
        60,
        45,
    )


def test_what_no_table_tells_is_not_measured():
    rows = results(inventory=None)
    assert (
        rows.loc["margin", "statement"]
        == "Sep 2026: cannot be measured, actual costs are in no table"
    )
    assert (
        rows.loc["revenue", "statement"]
        == "Aug 2026: cannot be measured, no table tells the revenue"
    )
    assert (
        rows.loc["inventory", "statement"]
        == "Sep 2026: cannot be measured, no table tells the inventory"
    )
    assert rows.loc[["margin", "revenue", "inventory"], "value"].isna().all()


def test_months_whose_sales_are_no_longer_kept_are_not_counted_as_nothing():
    sales = table("sales_history", SALES)
    sold = results(sales_history=sales[sales["period"] >= month("2026-09")]).loc["quantity"]
    assert pd.isna(sold["value"])
    assert sold["statement"] == (
        "Aug 2026 to Sep 2026: cannot be measured, no table tells the quantity before Sep 2026"
    )


def test_an_effect_smaller_than_the_usual_forecast_error_is_hidden_by_chance():
    usual = table("forecast_accuracy", ACCURACY.replace("0.02", "0.3"))
    said = results(forecast_accuracy=usual).loc["quantity", "statement"]
    assert said.endswith("came 240; forecasts usually miss by 60, so chance hides the effect")


def test_what_came_far_off_both_plans_has_other_causes():
    effects = table("expected_effects", EFFECTS.replace("120", "102").replace("130", "103"))
    assert (
        results(expected_effects=effects)
        .loc["quantity", "statement"]
        .endswith("other causes outweigh the effect")
    )


def test_a_scenario_that_answered_two_decisions_is_told_once_and_nothing_expected_is_no_row():
    rows = results()
    assert set(rows["decision"]) == {"shift"}
    assert set(rows["family"]) == {"tents"}


def test_what_starts_in_a_month_is_measured_from_that_month_on():
    log = LOG.replace("scenario\n", "scenario start_period\n", 1)
    log = log.replace("2026-08-14  late", "2026-08-14  late 2026-09").replace(
        "2026-08-14  -", "2026-08-14  - -"
    )
    sold = results(decision_log=table("decision_log", log)).loc["quantity"]
    assert str(sold["from_period"]) == "2026-09"
    assert (sold["reference_value"], sold["plan"], sold["value"]) == (100, 130, 130)


@pytest.mark.parametrize("absent", ["decision_log", "expected_effects"])
def test_without_earlier_decisions_there_is_nothing_to_measure(absent):
    assert results(**{absent: None}).empty


def test_choices_of_this_cycle_stand_beside_their_questions_and_those_of_another_do_not():
    money = "family period quantity revenue cost_of_sales margin inventory_value\ntents 2026-10 1 2 1 1 0"
    log = table(
        "decision_log", LOG + "2026-10  approve-plan  Plan?  later  Novak  wait  2026-10-14  -\n"
    )
    none = [
        empty(name)
        for name in ("gaps", "gap_causes", "decision_options", "tried_options", "gap_options")
    ]
    known = table("financial_plan", money), empty("risk_impacts")
    asked = decisions(*none, PlanInputs(*known, decision_log=log))
    assert asked["choice"].tolist() == ["later"]
    older = log[log["cycle"] < "2026-10"]
    asked = decisions(*none, PlanInputs(*known, decision_log=older))
    assert asked["choice"].isna().all()
