"""Methods are combined by each series' own back-test."""

import numpy as np
import pytest

from sopkit.forecasting import models
from sopkit.forecasting.ensemble import (
    INTERMITTENT,
    REGULAR,
    Pool,
    cap_runaway_forecasts,
    combination,
    weights_by_error,
)
from sopkit.forecasting.seasonality import decompose
from sopkit.forecasting.series import Panel

MONTH = np.arange(60)


def history_of(*columns):
    return decompose(
        Panel(np.column_stack(columns).astype(float), np.full(len(columns), len(columns[0])))
    )


def test_half_the_error_gets_four_times_the_weight():
    errors = np.array([[[1.0]], [[-2.0]]])
    np.testing.assert_allclose(weights_by_error(errors), [[0.8], [0.2]], atol=1e-3)


def test_methods_that_are_all_perfect_share_the_weight():
    np.testing.assert_allclose(weights_by_error(np.zeros((4, 12, 1))), 0.25)


def test_a_method_that_runs_away_is_left_out():
    history = history_of(np.full(60, 10.0))
    forecasts = np.array([[[10.0]], [[12.0]], [[31.0]]])
    np.testing.assert_allclose(
        cap_runaway_forecasts(np.full((3, 1), 1 / 3), forecasts, history), [[0.5], [0.5], [0]]
    )


def test_if_all_methods_run_away_none_is_left_out():
    history = history_of(np.full(60, 10.0))
    np.testing.assert_allclose(
        cap_runaway_forecasts(np.full((2, 1), 0.5), np.full((2, 1, 1), 50.0), history), 0.5
    )


def test_the_back_test_sees_nothing_of_the_last_year():
    rng = np.random.default_rng(1)
    known = 100 + 10 * np.sin(MONTH * np.pi / 6) + rng.normal(0, 3, 60)
    changed = known.copy()
    changed[-12:] *= rng.uniform(0.5, 2, 12)
    # The weights may differ, as they compare with the last year; with one method there is nothing to weigh.
    for method in REGULAR[0].methods:
        pool = Pool("one", 36, (method,), weighed=True)
        before, after = (combination(history_of(y), pool, 6).rehearsed for y in (known, changed))
        np.testing.assert_allclose(before, after, rtol=1e-9)


def test_the_rehearsal_is_what_would_have_been_forecast_a_year_ago():
    y = 100 + 10 * np.sin(MONTH * np.pi / 6) + np.random.default_rng(2).normal(0, 3, 60)
    pool = Pool("one", 24, (models.theta,), weighed=True)
    rehearsed = combination(history_of(y), pool, 6).rehearsed
    np.testing.assert_allclose(
        rehearsed, combination(history_of(y[:48]), pool, 12).forecast, rtol=1e-9
    )


def test_a_method_of_ones_own_joins_by_being_named_in_a_pool():
    def always_seven(history, horizon):
        return np.full((horizon, history.length.size), 7.0)

    forecast = combination(
        history_of(np.full(60, 9.0)), Pool("mine", 1, (models.mean, always_seven)), 3
    ).forecast
    np.testing.assert_allclose(forecast, 8.0)


def test_forecasts_below_zero_count_as_zero():
    def falling(history, horizon):
        return np.full((horizon, history.length.size), -4.0)

    assert not combination(
        history_of(np.full(60, 9.0)), Pool("mine", 1, (falling,)), 3
    ).forecast.any()


@pytest.mark.parametrize("pools", [REGULAR, INTERMITTENT])
def test_pools_go_from_long_to_short_and_end_with_a_single_month(pools):
    months = [pool.months for pool in pools]
    assert months == sorted(months, reverse=True)
    assert months[-1] == 1
