"""The recursions give what statsmodels gives at equal parameters."""

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX

from sopkit.forecasting.models import drifting
from sopkit.forecasting.series import Panel
from sopkit.forecasting.smoothing import (
    AIRLINE_LAGS,
    Grid,
    States,
    airline,
    damped_sum,
    grid,
    likelihood_weights,
    opening,
    opening_line,
    smoothing,
    squares,
)

MONTHS = 60


def demand(months=MONTHS, seed=7):
    month = np.arange(months)
    noise = np.random.default_rng(seed).normal(0, 5, months)
    return 100 + 0.6 * month + 15 * np.sin(month * np.pi / 6) + noise


def one_series(values):
    return Panel(np.asarray(values, float)[:, None], np.array([len(values)]))


def one_point(alpha, beta=0.0, phi=1.0, gamma=0.0):
    return Grid(*(np.array([[value]]) for value in (alpha, beta, phi, gamma)))


def run(values, states, points):
    """Drive a recursion to its end: one-month errors; the states are left as after the last month."""
    return np.array([error.item() for error in smoothing(one_series(values), states, points)])


def test_simple_smoothing_is_that_of_statsmodels():
    y = demand()
    theirs = SimpleExpSmoothing(y, initialization_method="known", initial_level=90.0).fit(
        smoothing_level=0.3, optimized=False
    )
    points = one_point(0.3)
    states = opening(np.array([90.0]), np.array([0.0]), points)
    np.testing.assert_allclose(run(y, states, points), theirs.resid, atol=1e-6)
    assert states.level.item() == pytest.approx(theirs.forecast(1)[0], abs=1e-6)


@pytest.mark.parametrize("phi", [1.0, 0.9])
def test_holt_with_and_without_damping_is_that_of_statsmodels(phi):
    y = demand()
    model = Holt(
        y,
        damped_trend=phi < 1,
        initialization_method="known",
        initial_level=90.0,
        initial_trend=1.0,
    )
    given = {"damping_trend": phi} if phi < 1 else {}
    theirs = model.fit(smoothing_level=0.4, smoothing_trend=0.2, optimized=False, **given)
    points = one_point(0.4, 0.4 * 0.2, phi)
    states = opening(np.array([90.0]), np.array([1.0]), points)
    np.testing.assert_allclose(run(y, states, points), theirs.resid, atol=1e-6)
    ours = states.level + damped_sum(points.phi, 12)[:, 0] * states.trend
    np.testing.assert_allclose(ours.ravel(), theirs.forecast(12), atol=1e-6)


def test_damped_trend_with_season_is_the_ets_of_statsmodels():
    y = demand()
    season = 15 * np.sin(np.arange(12) * np.pi / 6)
    model = ETSModel(
        y,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=12,
        initialization_method="known",
        initial_level=95.0,
        initial_trend=0.5,
        initial_seasonal=season,
    )
    names = dict(zip(model.param_names, model.start_params, strict=True))
    names |= {
        "smoothing_level": 0.35,
        "smoothing_trend": 0.05,
        "smoothing_seasonal": 0.15,
        "damping_trend": 0.92,
    }
    theirs = model.smooth(np.array(list(names.values())))
    points = one_point(0.35, 0.05, 0.92, 0.15)
    states = opening(np.array([95.0]), np.array([0.5]), points)
    states.season[:, 0, 0] = season
    np.testing.assert_allclose(run(y, states, points), theirs.resid, atol=1e-6)
    ahead = np.arange(1, 19)
    ours = (
        states.level
        + damped_sum(points.phi, 18)[:, 0] * states.trend
        + states.season[(MONTHS + ahead - 1) % 12, 0]
    )
    np.testing.assert_allclose(ours.ravel(), theirs.forecast(18), atol=1e-6)


def test_theta_is_that_of_statsmodels_at_equal_alpha():
    y = demand()
    theirs = ThetaModel(y, period=12, deseasonalize=False).fit()
    points = one_point(theirs.params["alpha"])
    states = opening(y[:1], np.array([0.0]), points)
    run(y, states, points)
    ours = drifting(one_series(y), states.level, np.ones((1, 1)), points, 0.5, 18)
    np.testing.assert_allclose(ours.ravel(), theirs.forecast(18, theta=2), atol=1e-6)


def test_the_airline_model_forecasts_as_the_sarimax_of_statsmodels():
    # Exact likelihood and conditional sum of squares differ by their start alone, which 40 years have
    # forgotten.
    y = np.cumsum(np.random.default_rng(3).normal(0, 1, 480)) + 50
    theta, theta12 = -0.4, -0.3
    model = SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), simple_differencing=False)
    theirs = model.filter([theta, theta12, 1.0])
    recent = np.zeros((AIRLINE_LAGS, 1, 1))
    errors = [
        e.item() for e in airline(one_series(y), recent, np.array([[theta]]), np.array([[theta12]]))
    ]
    np.testing.assert_allclose(errors[-60:], theirs.resid[-60:], atol=1e-6)


def test_a_grid_steps_every_point_as_if_it_were_alone():
    y, points = demand(), grid((0.1, 0.5), ((0.0, 0.9), (0.2, 0.9)), (0.0, 0.2))
    together = opening(np.array([90.0]), np.array([1.0]), points)
    squares(smoothing(one_series(y), together, points), together.level.shape)
    for row in range(8):
        point = Grid(*(column[row : row + 1] for column in points))
        alone = opening(np.array([90.0]), np.array([1.0]), point)
        run(y, alone, point)
        assert together.level[row, 0] == pytest.approx(alone.level.item(), abs=1e-9)
        assert together.trend[row, 0] == pytest.approx(alone.trend.item(), abs=1e-9)


def test_a_short_series_beside_a_long_one_keeps_the_states_of_its_own_end():
    long, short, points = demand(60, 1), demand(25, 2), one_point(0.3, 0.03, 0.9, 0.1)
    values = np.full((60, 2), np.nan)
    values[:, 0], values[:25, 1] = long, short
    both = opening(np.array([90.0, 90.0]), np.array([1.0, 1.0]), points)
    squares(smoothing(Panel(values, np.array([60, 25])), both, points), both.level.shape)
    alone = opening(np.array([90.0]), np.array([1.0]), points)
    run(short, alone, points)
    for ours, theirs in zip(both, alone, strict=True):
        np.testing.assert_allclose(ours[..., 1], theirs[..., 0], atol=1e-9)


def test_a_line_is_opened_with_its_own_slope_one_month_before_its_first():
    level, trend = opening_line(one_series([12.0, 14.0, 16.0, 18.0, 99.0]), 4)
    assert (level.item(), trend.item()) == pytest.approx((10.0, 2.0))


def test_the_better_fit_is_believed_more_and_beliefs_sum_to_one():
    weight = likelihood_weights(np.array([[1.0], [2.0]]), one_series(demand(10)))
    assert weight.sum() == pytest.approx(1)
    assert weight[0] / weight[1] == pytest.approx(
        2**5, rel=1e-3
    )  # half the squared error, ten months


def test_a_perfect_fit_leaves_no_unknown_weights():
    weight = likelihood_weights(np.zeros((3, 1)), one_series(np.zeros(10)))
    np.testing.assert_allclose(weight, 1 / 3)


def test_states_are_levels_and_trends_without_season():
    states = opening(np.array([1.0, 2.0]), np.array([0.1, 0.2]), grid((0.1, 0.2, 0.3)))
    assert isinstance(states, States)
    assert states.level.shape == states.trend.shape == (3, 2)
    assert not states.season.any()
