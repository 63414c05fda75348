"""A close look at one series: its parts sum, its tests find what was planted, its models share one test."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import replanning
from sopkit.demand.diagnostics import decomposition, diagnosed_series, pattern_tests
from sopkit.demand.model_comparison import candidates
from sopkit.forecasting.forecast import forecast_series

YEAR = np.array([60, 70, 90, 110, 130, 140, 135, 120, 100, 85, 75, 85], float)  # sums to 1200
NOISE = np.random.default_rng(7).standard_normal(60)


def series(cleaned, product="TENT-1", market="north"):
    periods = pd.period_range(end="2026-09", periods=len(cleaned), freq="M")
    frame = pd.DataFrame({"product": product, "market": market, "period": periods})
    values = np.asarray(cleaned, float)
    return frame.assign(quantity=values, cleansed=values, cleansing_adjustment=0.0, reason=pd.NA)


SEASONAL = series(np.tile(YEAR, 5) * (1 + 0.01 * np.arange(60)) + 3 * NOISE)
FLAT = series(100 + 10 * NOISE)


def conclusion(series, test):
    return pattern_tests(decomposition(series)).set_index("test")["conclusion"][test]


def test_the_parts_sum_to_what_was_observed():
    parts = decomposition(SEASONAL)
    assert np.allclose(parts["trend"] + parts["seasonal"] + parts["remainder"], parts["observed"])
    assert np.array_equal(parts["observed"], SEASONAL["cleansed"])
    assert list(parts["period"]) == list(SEASONAL["period"])


def test_a_straight_line_and_a_fixed_season_are_taken_apart_as_they_were_put_together():
    parts = decomposition(series(np.tile(YEAR, 5) + 2.0 * np.arange(60)))
    inner = slice(6, 54)
    season = np.tile(YEAR - 100, 5)
    assert parts["trend"].to_numpy()[inner] == pytest.approx(
        100 + 2.0 * np.arange(60)[inner], abs=2
    )
    assert parts["seasonal"].to_numpy()[inner] == pytest.approx(season[inner], abs=2)


def test_one_odd_month_moves_the_remainder_only():
    odd = SEASONAL.copy()
    odd.loc[30, "cleansed"] += 500
    before, after = decomposition(SEASONAL), decomposition(odd)
    assert after.loc[30, "remainder"] - before.loc[30, "remainder"] > 450
    assert (after["trend"] - before["trend"]).abs().max() < 10


def test_a_planted_season_and_trend_are_found():
    assert conclusion(SEASONAL, "strength of season") == "strong"
    assert conclusion(SEASONAL, "months differ (Kruskal and Wallis)") == "months differ"
    # 2 units a month are 24 a year, on a mean of 100 + 2 x 29.5 = 159
    line = series(np.tile(YEAR, 5) + 2.0 * np.arange(60))
    assert conclusion(line, "slope (errors allow for neighbours)") == "+15.1 % a year"


def test_nothing_is_found_in_noise():
    assert conclusion(FLAT, "strength of season") == "weak"
    words = conclusion(FLAT, "months differ (Kruskal and Wallis)")
    assert words == "months do not differ significantly"
    assert conclusion(FLAT, "slope (errors allow for neighbours)").startswith(
        "no significant slope"
    )


def test_a_constant_has_no_pattern_and_no_model_to_fit():
    still = series(np.full(48, 100.0))
    tests = pattern_tests(decomposition(still)).set_index("test")["conclusion"]
    assert list(tests) == ["weak", "every month is alike", "weak", "demand stands still"]
    methods = candidates(still).model_scores
    assert list(methods["kind"]) == ["naive", "engine"]
    assert methods["held_out_wape"].to_numpy() == pytest.approx([0, 0], abs=1e-9)


@pytest.fixture(scope="module")
def found():
    return candidates(SEASONAL)


def test_all_models_are_tested_on_the_same_last_twelve_months(found):
    assert set(found.model_scores["kind"]) == {
        "naive",
        "engine",
        "ETS",
        "ARIMA, drifting",
        "ARIMA, differenced",
    }
    for _, rows in found.holdout_forecasts.groupby("method"):
        assert list(rows["period"]) == list(SEASONAL["period"][-12:])
        assert np.array_equal(rows["actual"], SEASONAL["cleansed"][-12:])


def test_held_out_errors_follow_from_the_forecasts(found):
    rows = found.holdout_forecasts.assign(
        error=found.holdout_forecasts["actual"] - found.holdout_forecasts["forecast"]
    )
    by_method = (
        rows.assign(miss=rows["error"].abs()).groupby("method")[["miss", "error", "actual"]].sum()
    )
    methods = found.model_scores.set_index("method")
    expected = (by_method["miss"] / by_method["actual"]).reindex(methods.index)
    assert methods["held_out_wape"].to_numpy() == pytest.approx(expected.to_numpy())
    expected = (by_method["error"] / by_method["actual"]).reindex(methods.index)
    assert methods["held_out_bias"].to_numpy() == pytest.approx(expected.to_numpy())


def test_the_engine_and_the_naive_forecast_stand_beside_the_models(found):
    known = SEASONAL["cleansed"].to_numpy()[:-12]
    of_engine = found.holdout_forecasts[
        found.holdout_forecasts["method"].str.startswith("engine: ")
    ]["forecast"]
    assert np.array_equal(of_engine, forecast_series(known[None, :], 12).forecast[0])
    of_naive = found.holdout_forecasts[found.holdout_forecasts["method"] == "same month last year"][
        "forecast"
    ]
    assert np.array_equal(of_naive, known[-12:])
    assert (
        found.model_scores.loc[found.model_scores["kind"].isin(["naive", "engine"]), "aicc"]
        .isna()
        .all()
    )


def test_models_do_not_see_the_months_held_out(found):
    later = SEASONAL.copy()
    later.loc[48:, "cleansed"] = 9999.0
    again = candidates(later)
    assert np.array_equal(again.holdout_forecasts["forecast"], found.holdout_forecasts["forecast"])
    columns = ["aicc", "ljung_box_p_value", "residual_bias_ratio"]
    pd.testing.assert_frame_equal(again.model_scores[columns], found.model_scores[columns])


def test_a_model_that_fits_leaves_unbiased_errors_without_pattern(found):
    fitted = found.model_scores[found.model_scores["kind"] == "ETS"]
    assert (fitted["residual_bias_ratio"].abs() < 0.03).all()
    best = found.model_scores.loc[
        found.model_scores["conclusion"].str.contains("lowest AICc"), "kind"
    ]
    assert sorted(best) == ["ARIMA, drifting", "ETS"]
    assert found.model_scores["conclusion"].str.contains("closest").sum() == 1


def test_aicc_and_forecast_are_those_of_statsmodels_fitted_alone(found):
    ets = pytest.importorskip("statsmodels.tsa.exponential_smoothing.ets")
    known = SEASONAL["cleansed"].to_numpy()[:-12]
    fit = ets.ETSModel(known / known.mean(), seasonal="add", seasonal_periods=12).fit(disp=False)
    row = found.model_scores.set_index("method").loc["ETS(A,N,A)"]
    assert row["aicc"] == pytest.approx(fit.aicc)
    forecast = found.holdout_forecasts[found.holdout_forecasts["method"] == "ETS(A,N,A)"][
        "forecast"
    ].to_numpy()
    assert forecast == pytest.approx(known.mean() * fit.forecast(12))


def test_where_few_months_are_left_no_pattern_is_tested_for_and_every_model_still_forecasts():
    # 36 months less 12 held out and 13 to start up leave 11 errors of a seasonal ARIMA, fewer than the lags tested
    methods = candidates(series(np.tile(YEAR, 3) + 3 * NOISE[:36])).model_scores
    arima = methods[methods["kind"].str.contains("ARIMA")]
    assert len(arima) > 0
    assert arima["ljung_box_p_value"].isna().any()
    assert methods["held_out_wape"].notna().all()


def test_multiplicative_models_are_not_asked_of_empty_months():
    methods = candidates(
        series(np.where(np.arange(60) % 7 == 0, 0.0, SEASONAL["cleansed"]))
    ).model_scores
    assert list(methods.loc[methods["kind"] == "ETS", "method"]) == ["ETS(A,N,A)", "ETS(A,Ad,A)"]


# ---------------------------------------------------------------------------------------------------------------
# which series

SEGMENTS = table(
    "segments",
    """
product family revenue revenue_share_ratio abc xyz lifecycle review reason forecast_error_cv
TENT-1 tents 500 0.5 A X mature false none 0.1
TENT-2 tents 300 0.3 A Y mature false none 0.4
STOVE-1 stoves 200 0.2 B Z mature false none 0.9
""",
)
ACCURACY = table(
    "forecast_accuracy",
    """
contributor level item lag wape bias observations
baseline product TENT-1 1 0.3 0 6
baseline product TENT-2 1 0.2 0 6
baseline product TENT-2 6 0.9 0 6
naive product TENT-2 1 0.9 0 6
baseline product STOVE-1 1 0.8 0 6
""",
)
HISTORY = pd.concat(
    [
        series(np.full(60, 50.0), "TENT-1", "north"),
        series(np.full(60, 70.0), "TENT-1", "south"),
        series(np.full(60, 90.0), "TENT-2", "north"),
        series(np.full(60, 10.0), "STOVE-1", "north"),
    ],
    ignore_index=True,
)


def picked(history=HISTORY, accuracy=ACCURACY):
    return (
        diagnosed_series(history, SEGMENTS, accuracy)[["product", "market"]]
        .drop_duplicates()
        .to_numpy()
        .tolist()
    )


def test_the_a_product_with_the_largest_baseline_error_is_picked_in_its_largest_market():
    assert picked() == [["TENT-1", "south"]]


def test_row_order_changes_nothing_in_the_pick():
    shuffled = HISTORY.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(
        diagnosed_series(shuffled, SEGMENTS, ACCURACY),
        diagnosed_series(HISTORY, SEGMENTS, ACCURACY),
    )


def test_where_no_error_was_measured_the_least_steady_a_product_is_picked():
    assert picked(accuracy=ACCURACY.iloc[:0]) == [["TENT-2", "north"]]


def test_a_young_or_ended_series_is_passed_over():
    young = HISTORY[
        (HISTORY["product"] != "TENT-1") | (HISTORY["period"] > pd.Period("2023-10", "M"))
    ]
    ended = HISTORY[
        (HISTORY["market"] != "south") | (HISTORY["period"] < pd.Period("2026-09", "M"))
    ]
    assert picked(young) == [["TENT-2", "north"]]
    assert picked(ended) == [["TENT-1", "north"]]


def test_where_no_product_is_old_enough_everything_is_empty():
    nothing = diagnosed_series(
        HISTORY[HISTORY["period"] > pd.Period("2025-09", "M")], SEGMENTS, ACCURACY
    )
    assert nothing.empty
    assert decomposition(nothing).empty
    assert pattern_tests(decomposition(nothing)).empty
    assert candidates(nothing).model_scores.empty
    assert candidates(nothing).holdout_forecasts.empty


def test_more_than_one_series_or_too_short_a_one_is_refused():
    with pytest.raises(
        ValueError,
        match="is not one series of consecutive months; choose one with diagnosed_series",
    ):
        decomposition(HISTORY)
    with pytest.raises(ValueError, match="TENT-1 in north has 30 months; a close look needs 36"):
        candidates(series(np.full(30, 5.0)))


def test_the_sample_company_s_hardest_a_product_can_be_looked_into(company):
    plan = replanning.replan(company, "2026-10", until="30_demand_review")
    chosen = diagnosed_series(plan["demand_history"], plan["segments"], plan["forecast_accuracy"])
    product = chosen["product"].iloc[0]
    assert plan["segments"].set_index("product")["abc"][product] == "A"
    assert len(chosen) == 60
    assert candidates(chosen).model_scores["held_out_wape"].notna().all()
