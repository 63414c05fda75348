"""Past cycles planned again know nothing of what came after them."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import replanning
from sopkit.demand.backtest import CUT, OUT, TODAY, assumptions, known_then, past_cycles, replay
from sopkit.tables import conform
from sopkit.tables.periods import month

PRODUCTS = table(
    "products",
    """
product family unit_of_measure lifecycle description shelf_life_months
TENT-1 tents piece phase_out - -
STOVE-1 stoves piece - - -
""",
)
MONTHS = pd.period_range("2022-10", "2026-09", freq="M")
TERMS = table(
    "company_settings",
    "currency receivable_days payable_days opening_cash fixed_cost horizon_months\nEUR 30 30 0 0 6",
)


def sold(product, level):
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(48) / 12)
    wobble = 1 + 0.05 * np.sin(np.arange(48) * 1.7 + level)
    frame = {
        "product": product,
        "market": "north",
        "period": MONTHS,
        "quantity": level * season * wobble,
    }
    return pd.DataFrame(frame)


SALES = conform(
    "sales_history", pd.concat([sold("TENT-1", 100), sold("STOVE-1", 300)], ignore_index=True)
)
PLANS = table(
    "approved_forecasts",
    """
cycle contributor product market period quantity
2026-06 sales TENT-1 north 2026-07 140
2026-06 consensus TENT-1 north 2026-07 120
2026-07 sales TENT-1 north 2026-08 150
2026-07 sales TENT-1 south 2026-08 150
""",
)
INPUTS = table(
    "demand_inputs",
    """
function product market period quantity author reason submitted_on
sales TENT-1 north 2026-08 999 Holm early 2026-07-01
marketing TENT-1 north 2026-08 120 Holm fair 2026-06-20
marketing TENT-1 north 2026-09 777 Holm late 2026-07-02
finance TENT-1 north 2026-06 100 Novak closed 2026-05-20
""",
)
LAUNCHES = table(
    "launches",
    """
launch product market launch_period like_product volume_ratio ramp_months gate_demand gate_supply gate_finance
L-1 STOVE-1 south 2026-09 TENT-1 0.5 2 passed passed passed
L-2 STOVE-1 north 2026-09 TENT-1 0.5 2 passed passed passed
L-3 TENT-1 north 2027-05 STOVE-1 0.5 2 passed passed passed
""",
)
TABLES = {"products": PRODUCTS, "sales_history": SALES, "company_settings": TERMS}


def planned_again(tables, cycles=3):
    return replay(tables, "2026-10", replanning.replan, cycles).plans


def plans_of(plans, last):
    return plans[plans["cycle"] <= month(last)].reset_index(drop=True)


def test_each_cycle_plans_its_own_months_from_the_months_before_it():
    result = replay(TABLES, "2026-10", replanning.replan, 3)
    by_cycle = result.plans.groupby("cycle")["period"].agg(["min", "max"])
    assert [str(cycle) for cycle in by_cycle.index] == ["2026-07", "2026-08", "2026-09"]
    assert (by_cycle["min"] == by_cycle.index).all()
    known = result.knowledge[result.knowledge["table"] == "sales_history"]
    assert list(known["known"]) == [2 * 45, 2 * 46, 2 * 47]
    assert list(known["rows"]) == [2 * 48] * 3


def test_a_replayed_cycle_says_what_the_cycle_would_have_said():
    then = {
        **TABLES,
        "sales_history": SALES[SALES["period"] < month("2026-08")].reset_index(drop=True),
    }
    then["products"] = PRODUCTS.assign(lifecycle=pd.Series(pd.NA, PRODUCTS.index, dtype="str"))
    plan = replanning.replan(then, "2026-08", until="30_demand_review")["demand_plan"]
    again = planned_again(TABLES)
    again = again[(again["cycle"] == month("2026-08")) & (again["contributor"] == "baseline")]
    key = ["product", "market", "period"]
    paired = plan.merge(again, on=key, validate="one_to_one")
    assert len(paired) == len(plan) == len(again)
    assert np.array_equal(paired["baseline"], paired["quantity"])


@pytest.mark.parametrize("spike", [0.0, 50.0])
def test_a_spike_in_the_future_changes_no_plan_made_before_it(spike):
    shocked = SALES.copy()
    shocked.loc[shocked["period"] >= month("2026-08"), "quantity"] *= spike
    calm, after = planned_again(TABLES), planned_again({**TABLES, "sales_history": shocked})
    pd.testing.assert_frame_equal(plans_of(calm, "2026-08"), plans_of(after, "2026-08"))
    assert not calm.equals(after)


def test_inputs_plans_stock_outs_and_deals_of_the_future_change_no_plan_made_before_them():
    calm = {**TABLES, "demand_inputs": INPUTS.iloc[:2], "approved_forecasts": PLANS.iloc[:2]}
    late = table(
        "demand_inputs",
        """
function product market period quantity author reason submitted_on
product TENT-1 north 2026-09 5000 Holm late 2026-07-02
sales STOVE-1 north 2026-12 9000 Holm late 2026-10-02
""",
    )
    later = table(
        "approved_forecasts",
        """
cycle contributor product market period quantity
2026-08 sales STOVE-1 north 2026-09 9000
2026-08 consensus STOVE-1 north 2026-09 9000
""",
    )
    future = {
        **calm,
        "demand_inputs": pd.concat([calm["demand_inputs"], late], ignore_index=True),
        "approved_forecasts": pd.concat([calm["approved_forecasts"], later], ignore_index=True),
        "stock_availability": table(
            "stock_availability", "product market period in_stock_ratio\nTENT-1 north 2026-07 0.1"
        ),
        "opportunities": table(
            "opportunities",
            """
opportunity product market period quantity probability stage owner
D-1 TENT-1 north 2026-08 8000 1.0 won Holm
""",
        ),
    }
    before, after = planned_again(calm), planned_again(future)
    pd.testing.assert_frame_equal(plans_of(before, "2026-07"), plans_of(after, "2026-07"))


def test_a_function_s_words_of_the_cycle_stand_in_the_approved_plans():
    known = known_then({**TABLES, "demand_inputs": INPUTS, "approved_forecasts": PLANS}, "2026-07")
    said = known["demand_inputs"].set_index(["function", "market", "period"])["quantity"].to_dict()
    # what sales said in the cycle comes before what it gave on 1 July; marketing spoke in June; 2 July is too late,
    # June is closed, and TENT-1 was never sold in the south
    assert said == {
        ("sales", "north", month("2026-08")): 150,
        ("marketing", "north", month("2026-08")): 120,
    }
    assert list(known["demand_inputs"].columns) == list(INPUTS.columns)
    assert (known["approved_forecasts"]["cycle"] < month("2026-07")).all()


def test_launches_in_the_planned_months_are_known_if_their_like_product_had_sold():
    known = known_then({**TABLES, "launches": LAUNCHES}, "2026-07")
    assert list(known["launches"]["launch"]) == [
        "L-2"
    ]  # nothing sells in the south; May 2027 is too far
    replay({**TABLES, "launches": LAUNCHES}, "2026-10", replanning.replan, 1)


def test_what_became_of_a_product_since_is_not_known():
    assert known_then(TABLES, "2026-07")["products"]["lifecycle"].isna().all()
    assert set(PRODUCTS["lifecycle"].dropna()) == {"phase_out"}


def test_every_table_given_is_said_to_be_cut_as_it_is_or_left_out(company):
    said = assumptions(company).set_index("table")["handling"]
    assert set(said.index) == set(company)
    assert set(said[said == TODAY].index) == {
        "history_corrections",
        "product_succession",
        "marketing_activities",
        "demand_drivers",
        "consensus_policy",
        "company_settings",
    }
    assert {"sales_history", "demand_inputs", "approved_forecasts"} <= set(said[said == CUT].index)
    assert {"opportunities", "inventory", "budget"} <= set(said[said == OUT].index)
    assert set(known_then(company, "2026-03")) == set(said[said != OUT].index)


def test_accuracy_is_by_contributor_and_lag_and_errors_can_be_checked_by_hand():
    result = replay(TABLES, "2026-10", replanning.replan, 3)
    total = result.accuracy[result.accuracy["level"] == "total"]
    assert set(total["contributor"]) == {"naive", "baseline", "consensus"}
    months = total[total["contributor"] == "baseline"].set_index("lag")["observations"]
    assert months.to_dict() == {1: 3, 2: 2, 3: 1}
    closed = result.plans.merge(SALES, on=["product", "market", "period"], suffixes=("", "_sold"))
    lag_3 = closed[(closed["cycle"] == month("2026-07")) & (closed["period"] == month("2026-09"))]
    baseline = lag_3[lag_3["contributor"] == "baseline"]
    error = (
        abs(baseline["quantity"].sum() - baseline["quantity_sold"].sum())
        / baseline["quantity_sold"].sum()
    )
    row = total[(total["contributor"] == "baseline") & (total["lag"] == 3)].iloc[0]
    assert row["wape"] == pytest.approx(error)
    against = result.value_added.set_index("contributor")["reference_type"].to_dict()
    assert against == {"baseline": "naive", "consensus": "baseline"}


def test_with_nothing_but_history_the_consensus_is_the_baseline():
    plans = planned_again(TABLES)
    wide = plans.pivot_table(
        index=["cycle", "product", "period"], columns="contributor", values="quantity"
    )
    assert np.array_equal(wide["baseline"], wide["consensus"])


def test_row_order_changes_nothing():
    shuffled = {
        **TABLES,
        "sales_history": SALES.sample(frac=1, random_state=1).reset_index(drop=True),
    }
    pd.testing.assert_frame_equal(planned_again(TABLES, 1), planned_again(shuffled, 1))


def test_more_cycles_than_history_can_bear_are_refused():
    with pytest.raises(ValueError, match="sales_history begins in 2022-10; use at most 47 cycles"):
        past_cycles(TABLES, "2026-10", 48)
    assert len(past_cycles(TABLES, "2026-10", 47)) == 47
    with pytest.raises(ValueError, match="cycles must be 1 or more; it is 0"):
        past_cycles(TABLES, "2026-10", 0)


def test_an_error_says_in_which_cycle_it_arose():
    def refusing(tables, cycle, until):
        raise ValueError("no plan")

    with pytest.raises(ValueError, match="no plan") as caught:
        replay(TABLES, "2026-10", refusing, 2)
    assert caught.value.__notes__ == ["in the replay of cycle 2026-08"]
