"""The pipeline counted once, and the funnel forward and backward."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.pipeline import (
    campaign_revenue,
    campaign_units,
    estimated_rates,
    pipeline_forecast,
    reach_in_plan,
    required_reach,
    stage_win_rates,
    win_rates,
)
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")
DEALS = table(
    "opportunities",
    """
opportunity product market period quantity probability stage owner source_activity
OPP-1 TENT-2 north 2026-12 100 0.3 offer Holm -
OPP-2 TENT-2 south 2026-12 100 0.5 offer Holm -
OPP-3 STOVE-1 export 2027-03 300 0.5 offer Conti FAIR
OPP-4 STOVE-1 export 2026-08 50 0.9 offer Conti -
OPP-5 STOVE-1 export 2028-06 50 0.9 offer Conti -
""",
)
INPUTS = table(
    "disaggregated_inputs",
    """
function product market period contributor quantity entered_quantity entered_for carried author reason
sales TENT-2 south 2026-12 sales 400 400 TENT-2 false Holm large-order
marketing TENT-2 north 2026-12 marketing 400 400 TENT-2 false Novak campaign
""",
)
LIFT = table(
    "promotion_lift",
    """
activity product market period activity_demand lift_ratio basis
FAIR STOVE-1 export 2027-03 375 0.9 rates
""",
)
FAIR = table(
    "marketing_activities",
    """
activity kind product market start_period end_period spend reach response_ratio win_ratio units_per_win lag_months
FAIR fair STOVE-1 export 2027-02 2027-02 40000 2500 0.05 0.25 12 1
""",
)


def test_a_deal_counts_with_its_probability():
    plan = pipeline_forecast(HORIZON, DEALS).set_index("opportunity")
    assert plan.loc["OPP-1", "opportunity_demand"] == pytest.approx(30)
    assert plan.loc["OPP-1", "handling"] == "by its stated probability"


def test_a_deal_in_the_sales_input_is_not_counted_again():
    plan = pipeline_forecast(HORIZON, DEALS, INPUTS).set_index("opportunity")
    assert tuple(plan.loc["OPP-2", ["opportunity_demand", "handling"]]) == (
        0.0,
        "already in the sales input",
    )
    assert plan.loc["OPP-1", "opportunity_demand"] == pytest.approx(
        30
    )  # marketing's input holds no deals


def test_a_deal_from_a_counted_activity_is_not_counted_again():
    plan = pipeline_forecast(HORIZON, DEALS, INPUTS, LIFT).set_index("opportunity")
    assert tuple(plan.loc["OPP-3", ["opportunity_demand", "handling"]]) == (
        0.0,
        "counted in activity FAIR",
    )


def test_a_deal_from_an_activity_that_brings_nothing_counts_itself():
    plan = pipeline_forecast(HORIZON, DEALS, None, LIFT.assign(activity_demand=0.0)).set_index(
        "opportunity"
    )
    assert plan.loc["OPP-3", "opportunity_demand"] == pytest.approx(150)


def test_deals_outside_the_planned_months_are_shown_and_not_counted():
    plan = pipeline_forecast(HORIZON, DEALS).set_index("opportunity")
    assert plan.loc["OPP-4", "handling"] == "closed month: not planned"
    assert plan.loc["OPP-5", "handling"] == "after the planned months"
    assert (plan.loc[["OPP-4", "OPP-5"], "opportunity_demand"] == 0).all()
    assert len(plan) == len(DEALS)


def test_a_lost_deal_brings_nothing():
    plan = pipeline_forecast(HORIZON, DEALS.assign(stage=pd.array(["Lost"] * 5, dtype="str")))
    assert plan["opportunity_demand"].sum() == 0
    assert plan["handling"].iloc[0] == "lost"


def test_without_a_pipeline_the_plan_is_empty():
    assert pipeline_forecast(HORIZON).empty
    assert list(pipeline_forecast(HORIZON).columns) == list(
        pipeline_forecast(HORIZON, DEALS).columns
    )


def test_the_funnel_forward_multiplies_reach_by_its_rates():
    # 2,500 people x 0.05 = 125 opportunities x 0.25 = 31.25 wins x 12 = 375 units
    found = campaign_units(FAIR).iloc[0]
    assert (found["opportunities"], found["wins"], found["units"]) == (125.0, 31.25, 375.0)
    assert found["lag_months"] == 1


def test_the_funnel_backward_is_the_funnel_forward_undone():
    wanted = pd.DataFrame({"activity": ["FAIR"], "quantity": [750.0]}).astype({"activity": "str"})
    found = required_reach(FAIR, wanted).iloc[0]
    assert found["reach"] == pytest.approx(5000)
    assert found["spend"] == pytest.approx(80000)


def test_without_rates_the_way_back_is_refused_by_name():
    wanted = pd.DataFrame({"activity": ["FAIR"], "quantity": [750.0]}).astype({"activity": "str"})
    with pytest.raises(
        ValueError, match="must be above 0 to calculate the required reach; they are not for FAIR"
    ):
        required_reach(FAIR.assign(win_ratio=np.nan), wanted)


def test_a_campaign_is_valued_at_the_planned_price_beside_its_spend():
    item_costs = HORIZON[["period"]].assign(
        product=pd.array(["STOVE-1"] * 18, dtype="str"), price=80.0
    )
    found = campaign_revenue(LIFT, item_costs, FAIR).iloc[0]
    assert (found["revenue"], found["spend"]) == (30000.0, 40000.0)
    assert found["spend_per_unit"] == pytest.approx(106.67, abs=0.01)


def test_what_drivers_of_demand_bring_is_spent_by_no_campaign():
    item_costs = HORIZON[["period"]].assign(
        product=pd.array(["STOVE-1"] * 18, dtype="str"), price=80.0
    )
    with_driver = pd.concat([LIFT, LIFT.assign(activity="feature")], ignore_index=True)
    assert campaign_revenue(with_driver, item_costs, FAIR)["activity"].tolist() == ["FAIR"]
    assert campaign_revenue(with_driver, item_costs).empty


def test_rates_of_a_kind_are_estimated_from_the_deals_its_activities_brought():
    deals = table(
        "opportunities",
        """
opportunity product market period quantity probability stage owner source_activity
A STOVE-1 export 2026-01 30 1 won Holm FAIR
B STOVE-1 export 2026-01 50 0 lost Holm FAIR
C STOVE-1 export 2026-12 50 0.4 offer Holm FAIR
D STOVE-1 export 2026-01 90 1 won Holm -
""",
    )
    past = FAIR.assign(**dict.fromkeys(["start_period", "end_period"], pd.Period("2025-12", "M")))
    found = estimated_rates(HORIZON, past, deals).iloc[0]
    assert found["response_ratio"] == pytest.approx(3 / 2500)
    assert found["win_ratio"] == pytest.approx(1 / 2)
    assert found["units_per_win"] == 30
    beside = win_rates(deals).iloc[0]
    assert (beside["open_deals"], beside["stated_ratio"], beside["closed_deals"]) == (1, 0.4, 3)
    assert beside["won_ratio"] == pytest.approx(2 / 3)


def test_an_activity_that_is_still_to_come_tells_nothing_about_rates():
    assert (FAIR["end_period"] >= HORIZON["period"].iloc[0]).all()
    assert estimated_rates(HORIZON, FAIR, DEALS).empty


def test_what_the_plan_counts_on_is_followed_back_to_the_reach_it_needs():
    # 450 units / 12 = 37.5 wins / 0.25 = 150 opportunities / 0.05 = 3,000 people; 2,500 are planned
    found = reach_in_plan(LIFT.assign(activity_demand=450.0), FAIR).iloc[0]
    assert (found["quantity"], found["reach"]) == (450, 2500)
    assert found["required_reach"] == pytest.approx(3000)


def test_an_activity_without_rates_is_not_followed_back():
    assert reach_in_plan(LIFT, FAIR.assign(win_ratio=np.nan)).empty


def test_without_activities_and_deals_the_funnel_has_nothing_to_say():
    item_costs = HORIZON[["period"]].assign(
        product=pd.array(["STOVE-1"] * 18, dtype="str"), price=80.0
    )
    nothing = LIFT.iloc[:0]
    tables = (
        campaign_revenue(nothing, item_costs),
        reach_in_plan(nothing),
        estimated_rates(HORIZON),
        win_rates(),
    )
    assert all(found.empty for found in tables)


# --- win rates by stage

CLOSED = table(
    "opportunities",
    """
opportunity product market period quantity probability stage owner source_activity
A STOVE-1 export 2026-01 30 1 Won Holm -
B STOVE-1 export 2026-01 50 0 lost Holm -
C STOVE-1 export 2026-02 50 0 lost Holm -
D STOVE-1 export 2026-12 90 0.5 Offer Holm -
E STOVE-1 export 2026-12 40 0.9 pilot Holm -
""",
)
STAGES = table(
    "opportunity_history",
    """
opportunity stage entered_on
A contact 2025-09-01
A offer 2025-10-01
A Won 2025-12-01
B contact 2025-09-04
B lost 2025-09-30
C Contact 2025-09-05
C offer 2025-10-20
D contact 2026-07-01
D offer 2026-08-01
""",
)


def test_a_stage_s_rate_is_the_won_share_of_the_closed_deals_that_entered_it():
    # of all three closed deals (1 + 1) / (3 + 2) = 0.4 are won; one more deal in that proportion joins each stage:
    # contact (1 + 0.4) / (3 + 1) = 0.35, offer (1 + 0.4) / (2 + 1) = 0.467, a stage nobody has closed 0.4
    found = stage_win_rates(CLOSED, STAGES).set_index("stage")
    assert list(found.index) == ["contact", "offer", "pilot"]
    assert list(found["closed_deals"]) == [3, 2, 0]
    assert list(found["won_deals"]) == [1, 1, 0]
    assert list(found["won_ratio"]) == pytest.approx([0.35, 1.4 / 3, 0.4])
    assert list(found["open_deals"]) == [0, 1, 1]
    assert found.loc["offer", "stated_ratio"] == 0.5
    assert (found["low_ratio"] < found["won_ratio"]).all()
    assert (found["won_ratio"] < found["high_ratio"]).all()


def test_many_deals_leave_nothing_but_their_own_record():
    deals = pd.concat(
        [CLOSED[:3].assign(opportunity=CLOSED["opportunity"][:3] + str(n)) for n in range(400)]
    )
    history = pd.concat(
        [STAGES[:7].assign(opportunity=STAGES["opportunity"][:7] + str(n)) for n in range(400)]
    )
    found = stage_win_rates(deals, history).set_index("stage")
    assert list(found["won_ratio"]) == pytest.approx([1 / 3, 1 / 2], abs=0.001)
    assert (found["high_ratio"] - found["low_ratio"] < 0.08).all()


def test_the_true_rates_lie_in_about_95_of_100_intervals():
    truth = np.array([0.2, 0.36, 0.54, 0.75, 1.0])
    draw, inside = np.random.default_rng(5), []
    for _ in range(60):
        went_on = draw.random((60, 4)) < truth[:-1] / truth[1:]
        entered = np.minimum(went_on.cumprod(axis=1).sum(axis=1) + 1, 4)
        deal, stage = np.nonzero(np.arange(4) < entered[:, None])
        day = pd.Timestamp("2025-01-01") + pd.to_timedelta(stage, "D")
        history = pd.DataFrame(
            {"opportunity": deal.astype("str"), "stage": stage.astype("str"), "entered_on": day}
        )
        outcome = np.where(went_on.all(axis=1), "won", "lost")
        deals = pd.DataFrame(
            {"opportunity": np.arange(60).astype("str"), "probability": 0.0, "stage": outcome}
        )
        found = stage_win_rates(deals, history)
        inside += list((found["low_ratio"] <= truth[:4]) & (truth[:4] <= found["high_ratio"]))
    assert 0.91 <= np.mean(inside) <= 0.98


def test_the_record_stands_beside_the_stated_probability_and_changes_no_demand():
    plain = pipeline_forecast(HORIZON, CLOSED)
    beside = pipeline_forecast(HORIZON, CLOSED, opportunity_history=STAGES).set_index("opportunity")
    assert list(beside["opportunity_demand"]) == list(plain["opportunity_demand"]) == [45.0, 36.0]
    assert beside.loc["D", "won_ratio"] == pytest.approx(1.4 / 3)
    assert set(beside["handling"]) == {"by its stated probability"}
    assert plain["won_ratio"].isna().all()


def test_deals_closed_in_months_that_have_passed_are_no_longer_part_of_the_plan():
    assert list(pipeline_forecast(HORIZON, CLOSED)["opportunity"]) == ["D", "E"]


def test_without_a_stage_history_rates_are_known_by_owner_only():
    assert stage_win_rates(CLOSED).empty
    assert win_rates(CLOSED).iloc[0]["won_ratio"] == pytest.approx(1 / 3)
