"""Intervals hold what they promise."""

import numpy as np
import pytest

from sopkit.forecasting.forecast import forecast_series
from sopkit.forecasting.intervals import counted_distribution, growth, joined_scale
from sopkit.forecasting.series import Panel

RNG = np.random.default_rng(12)


def seasonal_demand(series, months, noise):
    month = np.arange(months)
    season = np.exp(0.3 * np.sin(month * np.pi / 6 + RNG.uniform(0, 6, (series, 1))))
    level = np.exp(np.cumsum(RNG.normal(0, noise / 3, (series, months)), axis=1))
    return 200 * level * season * np.exp(RNG.normal(0, noise, (series, months)))


@pytest.mark.parametrize(("coverage", "least", "most"), [(0.80, 0.74, 0.90), (0.95, 0.92, 0.99)])
@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_about_as_many_months_fall_inside_as_promised(coverage, least, most, noise):
    demand = seasonal_demand(300, 90, noise)
    tail = (1 - coverage) / 2
    result = forecast_series(demand[:, :72], 18, (tail, 1 - tail))
    inside = (demand[:, 72:] >= result.low) & (demand[:, 72:] <= result.high)
    assert least < inside.mean() < most


def test_low_is_never_above_nor_high_below_the_forecast():
    result = forecast_series(seasonal_demand(50, 60, 0.4), 18)
    assert (result.low >= 0).all()
    assert (result.low <= result.forecast).all()
    assert (result.high >= result.forecast).all()


def test_further_ahead_is_less_certain():
    result = forecast_series(seasonal_demand(50, 60, 0.1), 18)
    width = (result.high - result.low) / result.forecast
    assert (width[:, 17] > width[:, 0]).all()


STILL, WALKING = np.array([0.0]), np.array([1.0])


def test_the_scale_joins_both_errors_the_one_month_ahead_with_twice_the_weight():
    # 0.08 mean absolute error in the back-test is a deviation of 0.1; with 0.4 a month ahead: (0.4^2 0.1)^(1/3).
    scale = joined_scale(np.array([0.4]), np.full((12, 1), -0.08), STILL)
    np.testing.assert_allclose(scale, (0.4**2 * 0.1) ** (1 / 3))


def test_the_error_of_a_back_test_is_brought_down_to_one_month_ahead():
    # A random walk errs by sqrt(1), sqrt(2), ... sqrt(12) times its first error.
    errors = 0.08 * np.sqrt(np.arange(1, 13))[:, None]
    np.testing.assert_allclose(joined_scale(np.array([0.1]), errors, WALKING), 0.1)


def test_one_lucky_error_does_not_make_the_scale_nought():
    scale = joined_scale(np.array([0.4]), np.zeros((12, 1)), STILL)
    np.testing.assert_allclose(scale, (0.4**2 * 0.04) ** (1 / 3))


def test_intervals_of_a_random_walk_widen_with_the_square_root_and_of_a_still_level_not_at_all():
    np.testing.assert_allclose(growth(WALKING, 9)[:, 0], np.sqrt(np.arange(1, 10)))
    np.testing.assert_allclose(growth(STILL, 9), 1)


def test_errors_of_long_ago_do_not_widen_the_interval_of_today():
    calm = 100 * np.exp(RNG.normal(0, 0.02, (40, 120)))
    once_wild = np.concatenate([100 * np.exp(RNG.normal(0, 0.4, (40, 120))), calm], axis=1)
    width = [
        np.ptp([r.low, r.high], axis=0).mean()
        for r in map(forecast_series, (calm, once_wild), (6, 6))
    ]
    assert width[1] < 1.5 * width[0]


def test_any_quantile_can_be_asked_for_and_the_middle_one_is_the_forecast():
    levels = (0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
    result = forecast_series(seasonal_demand(20, 60, 0.2), 6, levels)
    assert (np.diff(result.quantiles, axis=2) > 0).all()
    np.testing.assert_allclose(result.quantiles[..., 2], result.forecast)
    # 0.9 lies as far as it does when it is asked for alone; 0.99 is 2.55 times as far.
    np.testing.assert_allclose(
        result.quantiles[..., 5] - result.forecast,
        2.55 * (result.quantiles[..., 4] - result.forecast),
    )


@pytest.mark.parametrize("levels", [(0.0, 0.5), (0.9, 0.1), (0.5, 1.0), ()])
def test_levels_that_are_no_probabilities_in_order_are_refused(levels):
    with pytest.raises(ValueError, match="give numbers above 0 and below 1, in rising order"):
        forecast_series(np.full((1, 24), 5.0), 3, levels)


def test_intermittent_demand_is_counted():
    # Of the last 24 months one had 5 and four had 2: place 0.9 x 25 = 22.5 in order is a month of 2, 0.94 x 25 = 23.5
    # half way to the 5; 19 of them had none, and half a month more is counted in as neither.
    values = np.zeros((30, 1))
    values[8, 0], values[[14, 20, 25, 29], 0] = 5, 2
    panel = Panel(values, np.array([30]))
    known = counted_distribution(panel, np.array([[13 / 24]]), (0.1, 0.5, 0.9, 0.94))
    assert known.quantiles.ravel() == pytest.approx([0, 0, 2, 3.5])
    assert known.zero_probability.item() == pytest.approx(19.5 / 25)
    # The variance of the months is 41 / 24 - (13 / 24)^2, 24 / 23 times that without its mean.
    months = 41 / 24 - (13 / 24) ** 2
    assert known.deviation.item() ** 2 == pytest.approx(months * 24 / 23 * (1 + 1 / 24))
    twice = counted_distribution(panel, np.array([[2 * 13 / 24]]))
    assert twice.quantiles.ravel() == pytest.approx([0, 0, 4])


def test_what_sells_now_and_then_has_a_mean_above_its_median():
    history = np.tile([0.0, 0, 0, 0, 10], 8)[None]
    result = forecast_series(history, 3)
    assert result.median.tolist() == [[0, 0, 0]]
    assert result.forecast == pytest.approx(np.full((1, 3), 2.0), rel=0.2)
    assert result.zero_probability.item() == pytest.approx((19 + 0.5) / 25)


def test_what_no_longer_sells_is_nothing_for_certain():
    result = forecast_series(np.r_[np.full(24, 5.0), np.zeros(24)][None], 3)
    assert result.quantiles.tolist() == [[[0.0] * 3] * 3]
    assert (result.deviation.max(), result.zero_probability.item()) == (0, 1)


def test_intermittent_demand_stays_below_high_nine_times_in_ten():
    demand = RNG.poisson(0.6, (400, 72)) * RNG.integers(1, 6, (400, 72))
    result = forecast_series(demand[:, :60].astype(float), 12)
    assert 0.86 < (demand[:, 60:] <= result.high).mean() < 0.94
