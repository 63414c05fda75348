"""Each method does what it is for; all keep series apart and give finite numbers."""

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from sopkit.forecasting import intermittent, models
from sopkit.forecasting.seasonality import decompose
from sopkit.forecasting.series import Panel

MONTH = np.arange(72)
SEASON = np.exp(0.3 * np.sin(np.arange(84) * np.pi / 6))
SEASONAL = (
    models.seasonal_naive,
    models.theta,
    models.linear_trend,
    models.dynamic_theta,
    models.smoothing_in_logs,
    models.airline_in_logs,
    models.two_months,
    models.quarters,
    models.half_years,
)
LEVEL = (models.mean, models.simple_smoothing, intermittent.imapa, intermittent.twelve_month_mean)


def history_of(*columns):
    length = np.array([len(column) for column in columns])
    values = np.full((length[0], len(columns)), np.nan)
    for place, column in enumerate(columns):
        values[: len(column), place] = column
    return decompose(Panel(values, length))


@pytest.mark.parametrize("method", [*SEASONAL, *LEVEL])
def test_a_constant_demand_is_forecast_to_stay(method):
    np.testing.assert_allclose(method(history_of(np.full(48, 20.0)), 18), 20, rtol=1e-6)


@pytest.mark.parametrize("method", SEASONAL)
def test_a_clean_season_is_repeated(method):
    forecast = method(history_of(100 * SEASON[:72]), 12)[:, 0]
    np.testing.assert_allclose(forecast, 100 * SEASON[72:], rtol=0.02)


@pytest.mark.parametrize("method", [m for m in SEASONAL if m is not models.seasonal_naive])
def test_steady_growth_is_carried_on_at_least_in_part(method):
    growth = 100 * 1.01**MONTH
    forecast = method(history_of(growth), 12)[:, 0]
    assert growth[-1] * 1.01 < forecast[11] <= growth[-1] * 1.01**12 * 1.01


@pytest.mark.parametrize("method", SEASONAL + LEVEL)
def test_a_series_is_forecast_alike_alone_and_beside_a_longer_one(method):
    rng = np.random.default_rng(4)
    long, short = rng.poisson(40, 72) + 1.0, rng.poisson(9, 50) + 1.0
    both = method(history_of(long, short), 18)
    np.testing.assert_allclose(both[:, 1], method(history_of(short), 18)[:, 0], rtol=1e-9)
    np.testing.assert_allclose(both[:, 0], method(history_of(long), 18)[:, 0], rtol=1e-9)


def test_last_year_is_the_seasonal_naive_forecast():
    np.testing.assert_array_equal(
        models.seasonal_naive(history_of(MONTH[:30] + 1.0), 14)[:, 0], [*range(19, 31), 19, 20]
    )


def test_the_airline_model_forecasts_as_the_sarimax_of_statsmodels(monkeypatch):
    # Forty years: exact likelihood and conditional sum of squares have forgotten their different starts.
    y = 5 + np.cumsum(np.random.default_rng(3).normal(0, 0.05, 480))
    monkeypatch.setattr(models, "AIRLINE", np.array([[-0.4, -0.3]]))
    history = history_of(np.exp(y))._replace(lift=np.ones(1))
    theirs = (
        SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12))
        .filter([-0.4, -0.3, 1.0])
        .forecast(30)
    )
    np.testing.assert_allclose(np.log(models.airline_in_logs(history, 30)[:, 0]), theirs, atol=1e-6)


def test_dynamic_theta_is_its_equations_stepped_one_by_one():
    # Fiorucci et al. (2016), equations 11-16, for one alpha and one share written out as plain arithmetic.
    y, alpha = np.random.default_rng(6).normal(100, 5, 30) + np.arange(30), 0.35
    row = np.flatnonzero(models.LEVELS.alpha[:, 0] == alpha).item()
    states = models.opening(y[:1], np.zeros(1), models.LEVELS)
    line, slope, _ = models.followed_line(Panel(y[:, None], np.array([30])), states)
    level, average, b = y[0], 0.0, 0.0
    for t, value in enumerate(y, 1):
        level = alpha * value + (1 - alpha) * level
        b = ((t - 2) * b + 6 / t * (value - average)) / (t + 1) if t > 1 else 0.0
        average = ((t - 1) * average + value) / t
        a = average - b * (t + 1) / 2
    assert states.level[row, 0] == pytest.approx(level)
    assert slope[0] == pytest.approx(b)
    assert b == pytest.approx(np.polyfit(np.arange(30), y, 1)[0])
    assert line[row, 0] == pytest.approx(
        (1 - alpha) ** 30 * a + (1 - (1 - alpha) ** 31) / alpha * b
    )
