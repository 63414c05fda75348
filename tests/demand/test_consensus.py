"""Inputs, weights, overrides, and the plan as the sum of its parts."""

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same_table, table
from pandas.testing import assert_frame_equal
from shop import shop

from sopkit.cycle import replanning, stages
from sopkit.demand.consensus import (
    RECORD,
    OverrideInputs,
    PlanParts,
    demand_plan,
    forecast_overrides,
    learned_weights,
    learns_weights,
)
from sopkit.demand.disaggregation import disaggregated_inputs
from sopkit.tables import empty
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10").head(2)
PRODUCTS, NO_SALES = empty("products"), empty("sales_history")
PARTS = ["baseline", "launch_demand", "activity_demand", "opportunity_demand", "pickup_demand"]
PARTS += ["override"]
BASELINE = table(
    "baseline_forecast",
    """
product market period baseline lower_80 upper_80 method
TENT-2 north 2026-10 100 80 130 mean
TENT-2 north 2026-11 100 80 130 mean
STOVE-1 north 2026-10 50 40 60 mean
STOVE-1 north 2026-11 50 40 60 mean
""",
)
NO_LAUNCH = table("launch_plan", "launch product market period launch_demand readiness basis")
NO_LIFT = table("promotion_lift", "activity product market period activity_demand lift_ratio basis")
NO_DEALS = table(
    "pipeline_forecast",
    "opportunity product market period quantity probability opportunity_demand handling",
)
LIFT = table(
    "promotion_lift",
    """
activity product market period activity_demand lift_ratio basis
PROMO TENT-2 north 2026-10 20 0.2 history
""",
)
TWO = table(
    "demand_inputs",
    """
function product market period quantity author reason submitted_on
sales TENT-2 north 2026-10 180 Holm big-season 2026-10-05
marketing TENT-2 north 2026-10 140 Novak campaign 2026-10-05
""",
)


SOLD = table(
    "sales_history",
    """
product market period quantity
TENT-2 north 2025-09 90
TENT-2 north 2025-10 110
""",
)
APPROVED = table(
    "approved_forecasts",
    """
cycle contributor product market period quantity
2026-08 consensus TENT-2 north 2026-10 70
2026-09 consensus TENT-2 north 2026-10 90
2026-09 baseline TENT-2 north 2026-10 80
""",
)


def policy(*rows):
    return table("consensus_policy", "function weight author reason\n" + "\n".join(rows))


def overrides(inputs, rules=None, launch=NO_LAUNCH, lift=NO_LIFT, deals=NO_DEALS):
    split = disaggregated_inputs(HORIZON, PRODUCTS, NO_SALES, BASELINE, launch, inputs)
    views = {"disaggregated_inputs": split, "consensus_policy": rules}
    views["approved_forecasts"] = APPROVED
    parts = PlanParts(HORIZON, BASELINE, launch, lift, deals)
    return forecast_overrides(parts, OverrideInputs(SOLD, **views))


def planned(
    inputs=None, rules=None, launch=NO_LAUNCH, lift=NO_LIFT, deals=NO_DEALS, baseline=BASELINE
):
    given = overrides(inputs, rules, launch, lift, deals)
    return demand_plan(PlanParts(HORIZON, baseline, launch, lift, deals), given)


def cell(plan, product, period):
    return plan[(plan["product"] == product) & (plan["period"] == pd.Period(period, "M"))].iloc[0]


def test_an_override_is_the_weight_times_the_difference_to_all_other_parts():
    # reference 100 + 20; sales 0.3 x (180 - 120) = 18, marketing 0.4 x (140 - 120) = 8
    result = overrides(
        TWO, policy("sales 0.3 Fischer biased", "marketing 0.4 Fischer knows"), lift=LIFT
    )
    assert list(result["function"]) == ["marketing", "sales"]
    assert list(result["override"]) == pytest.approx([8, 18])
    plan = planned(
        TWO, policy("sales 0.3 Fischer biased", "marketing 0.4 Fischer knows"), lift=LIFT
    )
    assert cell(plan, "TENT-2", "2026-10")["consensus"] == pytest.approx(146)


def test_without_a_policy_those_who_spoke_share_equally():
    result = overrides(TWO)
    assert list(result["weight"]) == [0.5, 0.5]
    assert cell(planned(TWO), "TENT-2", "2026-10")["consensus"] == pytest.approx(160)


def test_a_function_that_is_not_in_the_policy_weighs_nothing_and_is_seen():
    result = overrides(TWO, policy("sales 0.3 Fischer biased")).set_index("function")
    assert result.loc["marketing", "weight"] == 0
    assert result.loc["marketing", "override"] == 0
    assert result.loc["marketing", "reason"] == "campaign"


def test_weights_above_one_together_are_scaled_to_one():
    result = overrides(TWO, policy("sales 0.9 Fischer a", "marketing 0.6 Fischer b")).set_index(
        "function"
    )
    assert result.loc["sales", "weight"] == pytest.approx(0.6)
    assert result.loc["marketing", "weight"] == pytest.approx(0.4)


def test_without_inputs_the_consensus_is_the_sum_of_the_other_parts():
    plan = planned(lift=LIFT)
    assert list(plan["consensus"]) == [50, 50, 120, 100]
    assert (plan["override"] == 0).all()


def test_an_input_after_the_planned_months_weighs_nothing_and_is_seen():
    result = overrides(TWO.assign(period=pd.PeriodIndex(["2026-10", "2027-05"], freq="M")))
    later = result[result["period"] == pd.Period("2027-05", "M")].iloc[0]
    assert (later["weight"], later["override"], later["quantity"]) == (0.0, 0.0, 140.0)


LAUNCH = table(
    "launch_plan",
    """
launch product market period launch_demand readiness basis
L1 TENT-9 north 2026-11 200 ready like
L1 TENT-2 north 2026-11 -160 ready replaced
""",
)


def test_a_replaced_product_loses_no_more_than_it_has():
    plan = planned(launch=LAUNCH)
    old = cell(plan, "TENT-2", "2026-11")
    assert (old["launch_demand"], old["consensus"]) == (-100.0, 0.0)


def test_a_launched_product_is_planned_in_every_month_of_the_horizon():
    plan = planned(launch=LAUNCH)
    new = plan[plan["product"] == "TENT-9"]
    assert list(new["consensus"]) == [0.0, 200.0]
    assert list(new["baseline"]) == [0.0, 0.0]


def test_a_deal_for_a_product_new_to_the_market_does_not_vanish():
    deal = table(
        "pipeline_forecast",
        """
opportunity product market period quantity probability opportunity_demand handling
OPP-1 TENT-2 export 2026-11 100 0.5 50 probability-weighted
""",
    )
    assert cell(planned(deals=deal), "TENT-2", "2026-11")["market"] == "export"
    assert planned(deals=deal)["opportunity_demand"].sum() == 50


def test_the_interval_moves_with_the_other_parts():
    found = cell(planned(lift=LIFT), "TENT-2", "2026-10")
    assert (found["lower_80"], found["upper_80"]) == (100.0, 150.0)


def test_a_launch_is_as_uncertain_as_launches_are_though_it_has_no_baseline():
    plan = planned(launch=LAUNCH.assign(launch_std=[80.0, 0.0]))
    new = cell(plan, "TENT-9", "2026-11")
    assert (new["consensus"], new["demand_std"], new["zero_probability"]) == (200, 80, 0)
    assert (new["lower_80"], new["median"], new["upper_80"]) == pytest.approx(
        (200 - 1.2816 * 80, 200, 200 + 1.2816 * 80)
    )


def test_a_product_that_sells_now_and_then_does_so_under_an_input_as_well():
    sparse = BASELINE.assign(median=0.0, demand_std=30.0, zero_probability=0.7)
    plan = planned(TWO, baseline=sparse)
    assert set(plan["zero_probability"]) == {0.7}
    assert set(plan["demand_std"]) == {30.0}


def test_the_parts_sum_to_the_consensus_in_every_cell():
    rng = np.random.default_rng(5)
    launch = LAUNCH.assign(launch_demand=[200.3, -160.7])
    lift = LIFT.assign(activity_demand=[-300.1])
    inputs = TWO.assign(quantity=rng.uniform(0, 300, 2))
    plan = planned(inputs, launch=launch, lift=lift)
    assert (plan["consensus"] >= 0).all()
    assert np.abs(plan[PARTS].sum(axis=1) - plan["consensus"]).max() < 1e-9
    assert (plan["lower_80"] <= plan["consensus"] + 1e-9).all()
    assert (plan["upper_80"] >= plan["consensus"] - 1e-9).all()


def test_row_order_and_another_product_change_nothing():
    rules = policy("sales 0.3 Fischer a", "marketing 0.4 Fischer b")
    straight = planned(TWO, rules, LAUNCH, LIFT)
    shuffled = planned(TWO[::-1], rules[::-1], LAUNCH[::-1], LIFT)
    assert_frame_equal(straight, shuffled)
    parts = PlanParts(HORIZON, BASELINE[BASELINE["product"] == "TENT-2"], LAUNCH, LIFT, NO_DEALS)
    alone = demand_plan(parts, overrides(TWO, rules, LAUNCH, LIFT))
    assert_frame_equal(alone, straight[straight["product"] != "STOVE-1"].reset_index(drop=True))


def test_weights_are_learned_beside_the_baseline_and_drawn_to_equal_shares():
    # errors 10, 20 and 20 %: inverse squares 4 to 1 to 1; 12 months of record count half: (4/6 + 1/3) / 2
    accuracy = table(
        "forecast_accuracy",
        """
contributor level item lag wape bias observations
baseline product TENT-1 1 0.1 0 12
marketing product TENT-1 1 0.2 0 12
sales product TENT-1 1 0.1 0 12
sales product STOVE-1 1 0.3 0 12
sales total all 1 0.9 0 12
""",
    )
    weights = learned_weights(accuracy).set_index("function")
    assert set(weights["lag"]) == {1}
    assert weights["weight"].to_dict() == pytest.approx(
        {"marketing": 0.25, "sales": 0.25}
    )  # the baseline keeps 0.5
    assert (
        weights.loc["sales", "reason"] == "past error 20.0 % over 12 months, shrunk to equal shares"
    )


# inputs as differences


def change(of, units="-", ratio="-", period="2026-10"):
    return table(
        "demand_inputs",
        f"""
function product market period reference_type change_units change_ratio author reason submitted_on
sales TENT-2 north {period} {of} {units} {ratio} Holm big-season 2026-10-05
""",
    )


WHOLE = policy("sales 1 Fischer knows")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (change("baseline", units=-30), 100 + 20 - 30),
        (change("baseline", ratio=0.1), 100 + 20 + 10),
        (change("-", ratio=0.1), 100 + 20 + 10),
        (change("last_year", units=15), 110 + 15),
        (change("last_year", ratio=-0.1), 110 - 11),
        (change("last_cycle", ratio=0.2), 90 * 1.2),
        (change("baseline", units=-500), 0),
    ],
)
def test_an_input_may_be_a_change_of_a_reference(said, expected):
    found = overrides(said, WHOLE, lift=LIFT)
    assert found["quantity"].tolist() == pytest.approx([expected])
    consensus = cell(planned(said, WHOLE, lift=LIFT), "TENT-2", "2026-10")["consensus"]
    assert consensus == pytest.approx(expected)


@pytest.mark.parametrize("said", [change("baseline", units=12), change("baseline", ratio=0.12)])
def test_calling_off_a_promotion_takes_its_lift_away_and_no_more(said):
    rules = policy("sales 0.4 Fischer half")
    before, after = planned(said, rules, lift=LIFT), planned(said, rules)
    assert cell(before, "TENT-2", "2026-10")["consensus"] == pytest.approx(120 + 0.4 * 12)
    lost = before["consensus"].sum() - after["consensus"].sum()
    assert lost == pytest.approx(20)


def test_of_units_that_stay_a_promotion_called_off_takes_less():
    units = change("baseline", units=12).assign(quantity=132.0, change_units=None)
    rules = policy("sales 0.4 Fischer half")
    lost = planned(units, rules, lift=LIFT)["consensus"] - planned(units, rules)["consensus"]
    assert lost.sum() == pytest.approx(20 * 0.6)


def test_a_change_of_a_reference_that_is_not_known_is_refused():
    said = change("last_year", ratio=0.1, period="2026-11")
    with pytest.raises(ValueError, match="last_year of product=TENT-2 market=north period=2026-11"):
        overrides(said, WHOLE)


def test_without_a_policy_the_record_at_the_month_s_lag_weighs():
    # sales at lag 1: errors 20 % beside the baseline's 10 %: (0.2 + 1/2) / 2 with a year of record
    record = table(
        "forecast_accuracy",
        """
contributor level item lag wape bias observations
baseline product TENT-2 1 0.1 0 12
sales product TENT-2 1 0.2 0 12
""",
    )
    split = disaggregated_inputs(HORIZON, PRODUCTS, NO_SALES, BASELINE, NO_LAUNCH, TWO)
    found = forecast_overrides(
        PlanParts(HORIZON, BASELINE, NO_LAUNCH, NO_LIFT, NO_DEALS),
        OverrideInputs(SOLD, record, split),
    ).set_index("function")
    assert found.loc["sales", "weight"] == pytest.approx(0.35)
    assert found.loc["marketing", "weight"] == pytest.approx(
        1 / 3
    )  # no record: as much as the baseline


INPUTS = table(
    "demand_inputs",
    """
function product market period  quantity author  reason submitted_on
sales    TEA     town   2026-11 150      K.Holm  more   2026-09-28
finance  TEA     town   2026-11 120      L.Moreau less  2026-09-28
""",
)


@pytest.mark.parametrize(
    ("more", "learns"),
    [
        ((), False),
        (("demand_inputs",), False),
        (("demand_inputs", "approved_forecasts"), True),
        (("demand_inputs", "approved_forecasts", "consensus_policy"), False),
    ],
)
def test_weights_are_earned_of_inputs_with_a_record_where_no_policy_says_them(more, learns):
    assert learns_weights(dict.fromkeys(more, None)) is learns


def test_without_plans_of_earlier_cycles_the_record_changes_no_consensus():
    tables, last = shop() | {"demand_inputs": INPUTS}, "30_demand_review"
    until = stages.STAGE_NAMES.index(last) + 1
    with_record, without = (
        replanning.replan(
            tables,
            "2026-10",
            last,
            only=stages.leading_to(frozenset({"demand_plan"}), until, given=given),
        )
        for given in (frozenset(), frozenset({RECORD}))
    )
    assert RECORD in with_record
    assert RECORD not in without
    assert_same_table(with_record["demand_plan"], without["demand_plan"])
