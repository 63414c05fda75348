"""Errors of past forecasts: published cases, levels, lags, and who made the forecast better."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.error_measures import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_absolute_scaled_error,
    root_mean_squared_error,
    tracking_signals,
)
from sopkit.demand.forecast_accuracy import (
    forecast_record,
    forecast_value_added,
)
from sopkit.demand.past_forecasts import compared_forecasts
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")
PRODUCTS = table(
    "products",
    "product family unit_of_measure\nTENT-1 tents piece\nTENT-2 tents piece\nSTOVE-1 stoves piece",
)

# Quarterly beer production of Australia, 1992 to 2007 and 2008 to mid-2010.
# Hyndman and Athanasopoulos, Forecasting: Principles and Practice, chapter on forecast accuracy.
# fmt: off
BEER = np.array([
    443, 410, 420, 532, 433, 421, 410, 512, 449, 381, 423, 531, 426, 408, 416, 520, 409, 398, 398, 507, 432, 398,
    406, 526, 428, 397, 403, 517, 435, 383, 424, 521, 421, 402, 414, 500, 451, 380, 416, 492, 428, 408, 406, 506,
    435, 380, 421, 490, 435, 390, 412, 454, 416, 403, 408, 482, 438, 386, 405, 491, 427, 383, 394, 473,
], float)
BEER_LATER = np.array([420, 390, 410, 488, 415, 398, 419, 488, 414, 374], float)
# fmt: on


@pytest.mark.parametrize(
    ("forecast", "published"),
    [
        (np.full(10, BEER.mean()), (38.45, 34.83, 8.28, 2.44)),
        (np.full(10, BEER[-1]), (62.69, 57.40, 14.18, 4.01)),
        (BEER[-4:][np.arange(10) % 4], (14.31, 13.40, 3.17, 0.94)),
    ],
    ids=["mean", "naive", "seasonal naive"],
)
def test_the_beer_forecasts_have_the_published_errors(forecast, published):
    found = (
        root_mean_squared_error(BEER_LATER, forecast),
        mean_absolute_error(BEER_LATER, forecast),
        mean_absolute_percentage_error(BEER_LATER, forecast),
        mean_absolute_scaled_error(BEER_LATER, forecast, BEER, season=4),
    )
    assert found == pytest.approx(published, abs=0.0051)


def test_the_tracking_signals_of_the_course_example_are_as_published():
    signals = tracking_signals([344, 468, 493, 293, 268, 568], [244, 318, 393, 343, 368, 443])
    assert list(signals["running_sum"]) == [100, 250, 350, 300, 200, 325]
    assert list(signals["mean_absolute_deviation"].round(2)) == [100, 125, 116.67, 100, 100, 104.17]
    # the last is published as 3.11, cut rather than rounded: 325 / 104.17 = 3.12
    assert list(signals["tracking_signal"]) == pytest.approx([1, 2, 3, 3, 2, 3.11], abs=0.0101)


def test_a_short_example_crosses_zero_as_published():
    signals = tracking_signals([8, 11, 12, 14], [10, 10, 10, 10])
    assert list(signals["running_sum"]) == [-2, -1, 1, 5]
    assert list(signals["mean_absolute_deviation"].round(2))[:3] == [2, 1.5, 1.67]
    assert list(signals["tracking_signal"].round(2))[:3] == [-1, -0.67, 0.6]


def test_carlson_s_bakery_has_the_published_signal():
    # Heizer and Render, Operations Management, chapter on forecasting, Carlson's Bakery
    last = tracking_signals([90, 95, 115, 100, 125, 140], [100, 100, 100, 110, 110, 110]).iloc[-1]
    assert last["mean_absolute_deviation"] == pytest.approx(14.2, abs=0.05)
    assert last["tracking_signal"] == pytest.approx(2.5, abs=0.05)


def history(**monthly):
    parts = []
    for name, quantity in monthly.items():
        periods = pd.period_range(end="2026-09", periods=len(quantity), freq="M")
        frame = pd.DataFrame(
            {"product": name.replace("_", "-"), "market": "north", "period": periods}
        )
        parts.append(frame.assign(quantity=np.asarray(quantity, float)))
    frame = pd.concat(parts, ignore_index=True).astype({"product": "str", "market": "str"})
    return frame.assign(cleansed=frame["quantity"])


PLANS = table(
    "approved_forecasts",
    """
cycle contributor product market period quantity
2026-08 baseline TENT-1 north 2026-08 110
2026-08 baseline TENT-1 north 2026-09 90
2026-09 baseline TENT-1 north 2026-09 100
2026-08 sales TENT-1 north 2026-08 140
2026-08 sales TENT-1 north 2026-09 140
2026-08 consensus TENT-1 north 2026-08 120
2026-08 consensus TENT-1 north 2026-09 100
2026-09 consensus TENT-1 north 2026-12 100
""",
)


def forecast_accuracy(*tables):
    return forecast_record(*tables).forecast_accuracy


def found(accuracy, contributor, lag, level="product", item="TENT-1"):
    key = ["contributor", "level", "item", "lag"]
    return accuracy.set_index(key).sort_index().loc[(contributor, level, item, lag)]


def test_lag_1_is_the_cycle_s_own_month_and_open_months_are_not_compared():
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 36), HORIZON, PLANS)
    baseline = accuracy[(accuracy["contributor"] == "baseline") & (accuracy["level"] == "total")]
    assert baseline.set_index("lag")["observations"].to_dict() == {1: 2, 2: 1}
    assert set(accuracy.loc[accuracy["contributor"] == "consensus", "lag"]) == {1, 2}


def test_errors_of_the_baseline_by_hand():
    # actual 100 and 100, forecast 110 and 100: |error| 10 of 200, over-forecast
    row = found(
        forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 36), HORIZON, PLANS), "baseline", 1
    )
    assert row["wape"] == pytest.approx(0.05)
    assert row["bias"] == pytest.approx(-0.05)
    assert row["tracking_signal"] == pytest.approx(-2)  # -10 / 5
    assert np.isnan(row["mase"])  # history without any seasonal error scales nothing


@pytest.mark.parametrize(("sold", "sign"), [(80, -1), (120, 1)])
def test_bias_and_tracking_signal_have_the_sign_of_actual_less_forecast(sold, sign):
    """The baseline of 110 and 100 is over-forecast where 80 are sold, under-forecast at 120."""
    record = forecast_accuracy(PRODUCTS, history(TENT_1=[sold] * 36), HORIZON, PLANS)
    known = record[record["tracking_signal"].notna() & (record["bias"] != 0)]
    assert (np.sign(known["bias"]) == np.sign(known["tracking_signal"])).all()
    assert np.sign(found(record, "baseline", 1)["bias"]) == sign


def test_the_baseline_must_beat_naive_and_everyone_else_the_baseline():
    demand = history(TENT_1=[80] * 24 + [100] * 12)  # last year's month says 80
    accuracy = forecast_accuracy(PRODUCTS, demand, HORIZON, PLANS)
    lag_2 = {step: found(accuracy, step, 2) for step in ("naive", "baseline", "sales", "consensus")}
    assert lag_2["naive"]["wape"] == pytest.approx(0.2)
    gains = [lag_2[step]["value_added"] for step in ("baseline", "sales", "consensus")]
    assert gains == pytest.approx([0.2 - 0.1, 0.1 - 0.4, 0.1 - 0.0])
    assert np.isnan(lag_2["naive"]["value_added"])


def test_where_a_function_is_silent_the_baseline_stands():
    # sales spoke in 2026-08 only: of two months of 100, its error there is 40, elsewhere the baseline's 0
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 36), HORIZON, PLANS)
    row = found(accuracy, "sales", 1)
    assert (row["observations"], row["own_observations"]) == (2, 1)
    assert row["wape"] == pytest.approx(40 / 200)
    assert row["value_added"] == pytest.approx((10 - 40) / 200)


def test_errors_cancel_within_a_level_before_they_are_counted():
    plans = table(
        "approved_forecasts",
        """
cycle contributor product market period quantity
2026-09 baseline TENT-1 north 2026-09 110
2026-09 baseline TENT-2 north 2026-09 90
""",
    )
    accuracy = forecast_accuracy(
        PRODUCTS, history(TENT_1=[100] * 36, TENT_2=[100] * 36), HORIZON, plans
    )
    assert found(accuracy, "baseline", 1)["wape"] == pytest.approx(0.1)
    assert found(accuracy, "baseline", 1, "family", "tents")["wape"] == pytest.approx(0.0)
    assert found(accuracy, "baseline", 1, "total", "all")["wape"] == pytest.approx(0.0)


def test_errors_are_computed_from_unrounded_figures():
    plans = PLANS.assign(quantity=PLANS["quantity"] + 1 / 3)
    row = found(
        forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 36), HORIZON, plans), "baseline", 1
    )
    assert row["wape"] == pytest.approx((10 + 1 / 3 + 1 / 3) / 200, abs=1e-12)


def test_a_planned_product_without_sales_counts_as_over_forecast():
    plans = table(
        "approved_forecasts",
        """
cycle contributor product market period quantity
2026-09 baseline TENT-1 north 2026-09 100
2026-09 baseline TENT-2 north 2026-09 50
""",
    )
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 36), HORIZON, plans)
    assert found(accuracy, "baseline", 1, "family", "tents")["bias"] == pytest.approx(-0.5)


def seasonal(months=48):
    return 100 + 40 * np.sin(2 * np.pi * np.arange(months) / 12) + np.arange(months)


def test_without_plans_the_past_is_forecast_again_by_last_year_and_baseline():
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_1=seasonal(), STOVE_1=seasonal()), HORIZON)
    total = accuracy[accuracy["level"] == "total"]
    assert set(total["contributor"]) == {"naive", "baseline"}
    assert sorted(total["lag"].unique()) == [1, 2, 3, 4, 5, 6]
    assert (total["observations"] == 6).all()
    naive = found(accuracy, "naive", 1, "total", "all")
    # the trend makes the same month last year 12 units too low each
    compared = 2 * seasonal()[37:43]
    assert naive["wape"] == pytest.approx(6 * 24 / compared.sum())
    assert naive["mase"] == pytest.approx(1.0)


def test_forecasting_the_past_again_sees_nothing_of_its_future():
    calm = history(TENT_1=seasonal())
    shock = calm.copy()
    late = shock["period"] >= pd.Period("2026-04", "M")
    shock.loc[late, ["quantity", "cleansed"]] = 5000.0
    frames = [compared_forecasts(PRODUCTS, frame, HORIZON) for frame in (calm, shock)]
    origin = [frame["period"].array.asi8 - frame["lag"] + 1 for frame in frames]
    before = [
        frame.loc[start <= pd.Period("2026-04", "M").ordinal, "forecast"].to_numpy()
        for frame, start in zip(frames, origin, strict=True)
    ]
    assert len(before[0]) > 0
    assert np.array_equal(before[0], before[1])


def test_too_short_a_history_gives_no_figures():
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_1=[100] * 3), HORIZON)
    assert accuracy.empty
    assert "wape" in accuracy.columns


def test_row_order_and_another_product_change_nothing():
    demand = history(TENT_1=seasonal(), STOVE_1=seasonal() / 2)
    one = forecast_accuracy(PRODUCTS, demand, HORIZON)
    two = forecast_accuracy(PRODUCTS[::-1], demand.sample(frac=1, random_state=3), HORIZON)
    pd.testing.assert_frame_equal(one, two)
    alone = forecast_accuracy(PRODUCTS, history(TENT_1=seasonal()), HORIZON)
    ours = one[one["item"] == "TENT-1"].reset_index(drop=True)
    theirs = alone[alone["item"] == "TENT-1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, theirs)


YOUNG = history(TENT_1=[100] * 36, TENT_2=[40] * 8, STOVE_1=[0, 30, 0] * 10)


@pytest.mark.parametrize("plans", [None, PLANS])
def test_value_added_is_the_difference_of_two_rows_at_every_level(plans):
    """The young tent has no prior year and was not in the first forecasts; it is in every row."""
    accuracy = forecast_accuracy(PRODUCTS, YOUNG, HORIZON, plans)
    wape = accuracy.pivot_table("wape", ["level", "item", "lag"], "contributor")
    added = accuracy.pivot_table("value_added", ["level", "item", "lag"], "contributor")
    for who in added:
        beaten = wape["naive" if who == "baseline" else "baseline"]
        assert added[who].to_numpy() == pytest.approx((beaten - wape[who]).to_numpy(), nan_ok=True)
    counts = accuracy.groupby(["level", "item", "lag"])["observations"].nunique()
    assert (counts == 1).all()


def test_the_total_is_held_against_all_that_was_sold():
    # tents sold 140 a month and stoves 0, 30, 0; of the plans only TENT-1 is known, 100 and 90
    accuracy = forecast_accuracy(PRODUCTS, YOUNG, HORIZON, PLANS)
    total = found(accuracy, "baseline", 2, "total", "all")
    assert total["wape"] == pytest.approx((140 - 90) / 140)
    assert found(accuracy, "baseline", 2, "market", "north")["wape"] == total["wape"]
    assert found(accuracy, "baseline", 2)["wape"] == pytest.approx(0.1)
    assert not ((accuracy["level"] == "product") & (accuracy["item"] == "TENT-2")).any()


def test_naive_is_the_last_month_where_there_is_no_prior_year():
    accuracy = forecast_accuracy(PRODUCTS, history(TENT_2=[40] * 7 + [50]), HORIZON, PLANS)
    # at lag 1 Aug was seen from Jul (40) and sold 40; Sep was seen from Aug (40) and sold 50
    assert found(accuracy, "naive", 1, "total", "all")["wape"] == pytest.approx(10 / 90)


def test_each_method_has_a_record_of_what_it_forecast():
    accuracy = forecast_accuracy(PRODUCTS, YOUNG, HORIZON)
    methods = accuracy.loc[accuracy["level"] == "method", "item"]
    assert "mean and simple smoothing" in set(methods)
    today = table(
        "baseline_forecast",
        """
        product  market  period   baseline  lower_80  upper_80  method
        TENT-1   north   2026-10  100       90        110       theta;gap
        """,
    )
    record = forecast_record(PRODUCTS, YOUNG, HORIZON, PLANS, baseline_forecast=today)
    row = found(record.forecast_accuracy, "baseline", 1, "method", "theta")
    assert row["wape"] == pytest.approx(10 / 200)


def compared(months, **error):
    """Forecasts that miss 100 units by the given errors, month by month."""
    periods = pd.period_range("2025-10", periods=months, freq="M")
    rows = [
        pd.DataFrame(
            {
                "contributor": name,
                "product": "TENT-1",
                "market": "north",
                "period": periods,
                "lag": 1,
            }
        ).assign(forecast=100.0 + np.asarray(miss, float), actual=100.0, own=True)
        for name, miss in error.items()
    ]
    return pd.concat(rows, ignore_index=True)


def test_skill_that_shows_in_every_month_is_told_from_noise():
    table = forecast_value_added(
        compared(12, naive=[20, 22] * 6, baseline=[10] * 12, sales=[30, 31] * 6)
    )
    result = table.set_index("contributor")
    assert result.loc["baseline", "reference_type"] == "naive"
    assert result.loc["baseline", "value_added"] == pytest.approx(0.11)
    assert result.loc["baseline", "assessment"] == "improves"
    assert result.loc["sales", "reference_type"] == "baseline"
    assert result.loc["sales", "value_added"] == pytest.approx(-0.205)
    assert result.loc["sales", "assessment"] == "worsens"


def test_skill_that_rests_on_one_month_is_not_told_from_noise():
    table = forecast_value_added(compared(12, baseline=[10] * 11 + [60], sales=[11] * 11 + [10]))
    row = table.iloc[0]
    assert row["value_added"] > 0
    assert row["low_ratio"] < 0 < row["high_ratio"]
    assert row["assessment"] == "not significant"


def test_the_last_bits_of_a_sum_are_neither_help_nor_harm():
    table = forecast_value_added(compared(12, naive=[0] * 12, baseline=[1e-12] * 12))
    assert table["assessment"].tolist() == ["not significant"]


def test_the_interval_of_value_added_is_student_s_t_on_months():
    # differences 2, 4, 6 of 100: mean 4, standard error 2 / sqrt(3), t(0.975; 2) = 4.303
    table = forecast_value_added(compared(3, baseline=[10, 10, 10], sales=[8, 6, 4]))
    assert table["high_ratio"].iloc[0] - table["value_added"].iloc[0] == pytest.approx(
        4.303 * 2 / 3**0.5 / 100, rel=1e-3
    )
