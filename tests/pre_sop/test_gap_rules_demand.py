"""Gap rules of demand: views, bias, changes since the last plan, deals counted twice."""

import pandas as pd
from conftest import table
from resting import MONTHS, gaps, only


def view(quantity, months=MONTHS):
    rows = [f"sales TENT-2 north {month} {quantity} 1 10 Holm hope" for month in months]
    return table(
        "forecast_overrides",
        "\n".join(["function product market period quantity weight override author reason", *rows]),
    )


def test_a_view_that_differs_by_more_than_a_tenth_from_the_statistics_is_a_gap():
    gap = only(gaps(forecast_overrides=view(108)))  # the statistical plan is 100 - 10 = 90
    assert (gap["gap"], gap["area"]) == ("view-sales-tents-2027-04", "demand")
    assert (gap["gap_units"], gap["gap_value"]) == (3 * (90 - 108), 3 * (90 - 108) * 60)


def test_a_view_within_a_tenth_is_agreement():
    assert gaps(forecast_overrides=view(99)).empty


def test_views_on_either_side_do_not_cancel():
    mixed = pd.concat([view(120, MONTHS[:1]), view(60, MONTHS[1:2])])
    assert gaps(forecast_overrides=mixed)["gap_units"].tolist() == [-30, 30]


def habit(bias, signal):
    return table(
        "forecast_accuracy",
        f"""
        contributor  level   item   lag  wape  bias    observations  tracking_signal
        consensus    family  tents  1    0.1   {bias}  12            {signal}
        sales        family  tents  1    0.3   -0.30   12            -12
        """,
    )


def test_a_bias_persists_when_errors_add_up_on_one_side():
    gap = only(gaps(forecast_accuracy=habit(-0.25, -9)))
    assert gap["gap"] == "bias-tents"
    assert "corrected for bias the plan is 240 units vs. 300" in gap["statement"]
    assert (gap["gap_units"], gap["gap_value"]) == (60, 60 * 60)
    assert gaps(forecast_accuracy=habit(-0.25, -3)).empty
    assert gaps(forecast_accuracy=habit(-0.01, -9)).empty


def naive_record(baseline, observations=6):
    return table(
        "forecast_accuracy",
        f"""
        contributor  level   item   lag  wape        bias  observations
        naive        family  tents  1    0.10        0     {observations}
        baseline     family  tents  1    {baseline}  0     {observations}
        """,
    )


def sold_last_year(quantity):
    months = "\n".join(f"TENT-2 north {month} {quantity} {quantity} 0" for month in LAST_YEAR)
    head = "product market period quantity cleansed cleansing_adjustment"
    return table("demand_history", f"{head}\n{months}")


LAST_YEAR = ["2026-04", "2026-05", "2026-06"]


def test_a_baseline_that_lost_to_naive_is_put_beside_the_prior_year():
    gap = only(gaps(forecast_accuracy=naive_record(0.15), demand_history=sold_last_year(90)))
    assert gap["gap"] == "naive-tents"
    assert gap["statement"] == (
        "tents: the baseline has been less accurate than the prior year (15.0 % against 10.0 %); "
        "prior year 270 units vs. plan 300, Apr 2027 to Jun 2027"
    )
    assert (gap["gap_units"], gap["gap_value"]) == (30, 30 * 60)


def test_a_loss_within_two_points_or_of_a_short_record_is_no_gap():
    sold = sold_last_year(90)
    assert gaps(forecast_accuracy=naive_record(0.12), demand_history=sold).empty
    assert gaps(forecast_accuracy=naive_record(0.15, 5), demand_history=sold).empty


def approved_last(units):
    frame = table(
        "plan_variances",
        f"reference_type measure item period plan reference_value variance\nlast_cycle quantity tents 2027-04 100 {units} 0",
    )
    return frame.assign(variance=frame["plan"] - frame["reference_value"])


def test_a_demand_plan_far_from_the_last_one_needs_a_reason():
    gap = only(gaps(plan_variances=approved_last(80)))
    assert gap["statement"] == "tents: plan 100 units vs. 80 in the last approved plan, Apr 2027"
    assert (gap["gap_units"], gap["gap_value"]) == (20, 20 * 60)
    assert gaps(plan_variances=approved_last(95)).empty


def test_a_deal_on_top_of_what_sales_added_may_be_counted_twice():
    deals = table(
        "pipeline_forecast",
        """
        opportunity  product  market  period   quantity  probability  opportunity_demand  handling
        D-1          TENT-2   north   2027-04  40        0.5          20                  added
        D-2          TENT-2   north   2027-05  40        0.5          20                  added
        """,
    )
    views = table(
        "forecast_overrides",
        """
        function  product  market  period   quantity  weight  override  author  reason
        sales     TENT-2   north   2027-04  95        1       5         Kim     dealers
        sales     TENT-2   north   2027-05  90        1       0         Kim     dealers
        """,
    )
    gap = only(gaps(pipeline_forecast=deals, forecast_overrides=views))
    assert (gap["gap"], gap["gap_units"], gap["gap_value"]) == (
        "double-D-1-2027-04",
        5,
        5 * 60,
    )
