"""What is calculated once of the same tables, and what is not."""

import pandas as pd
import pytest
from conftest import table

from sopkit.demand.new_products import launch_plan
from sopkit.rules.remember import as_known, remembered
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")


def asked_of(calls):
    @remembered
    def total(frame, column):
        calls.append(column)
        return frame[column].sum()

    return total


def test_the_same_table_is_asked_once_and_an_equal_one_anew():
    calls, frame = [], pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    total = asked_of(calls)
    assert [total(frame, "a"), total(frame, "a"), total(frame, "b")] == [3, 3, 7]
    assert total(frame.copy(), "a") == 3
    assert calls == ["a", "b", "a"]


def test_a_small_table_that_comes_out_as_it_was_is_the_table_that_was_asked_about():
    calls, owner = [], pd.DataFrame({"a": [0]})
    total = asked_of(calls)
    for values in ([1, 2], [1, 2], [1, 3], [1, 2]):
        total(as_known(owner, pd.DataFrame({"a": values})), "a")
    assert calls == ["a", "a"]


def test_a_person_may_change_a_table_in_place_between_two_calls_of_a_step():
    months = pd.period_range(end="2026-09", periods=48, freq="M")
    history = pd.DataFrame({"product": "TENT-2", "market": "north", "period": months})
    history = history.assign(quantity=100.0, cleansed=100.0).astype(
        {"product": "str", "market": "str"}
    )
    launches = table(
        "launches",
        "launch product market launch_period like_product volume_ratio ramp_months gate_demand "
        "gate_supply gate_finance\nL1 TENT-9 north 2027-01 TENT-2 0.5 1 passed passed passed",
    )
    before = launch_plan(HORIZON, history, launches)["launch_demand"].sum()
    history["cleansed"] = 50.0
    after = launch_plan(HORIZON, history, launches)["launch_demand"].sum()
    assert after == pytest.approx(before / 2)
    launches.loc[0, "volume_ratio"] = 1.0
    again = launch_plan(HORIZON, history, launches)["launch_demand"].sum()
    assert again == pytest.approx(before)
