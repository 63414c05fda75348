"""Demand with many empty months."""

import numpy as np
import pytest

from sopkit.forecasting.intermittent import (
    demand_interval,
    imapa,
    months_without_demand,
    twelve_month_mean,
)
from sopkit.forecasting.seasonality import decompose
from sopkit.forecasting.series import Panel

QUARTERLY = np.tile([0.0, 0.0, 6.0], 20)


def history_of(values):
    return decompose(Panel(np.asarray(values, float)[:, None], np.array([len(values)])))


def test_the_interval_counts_months_up_to_the_last_demand():
    values = np.array([[0, 4, 0], [3, 4, 0], [0, 0, 0], [3, 0, 0], [0, 0, 0]], float)
    panel = Panel(values, np.array([5, 5, 5]))
    assert demand_interval(panel).tolist() == [2.0, 1.0, np.inf]
    assert months_without_demand(panel).tolist() == [1, 3, 5]


@pytest.mark.parametrize("method", [imapa, twelve_month_mean])
def test_regular_orders_are_spread_to_their_monthly_mean(method):
    np.testing.assert_allclose(method(history_of(QUARTERLY), 6), 2.0, rtol=0.02)


def test_what_has_stopped_fades():
    stopped = history_of(np.r_[QUARTERLY, np.zeros(24)])
    assert imapa(stopped, 1).item() < 0.7


def test_the_cumulative_forecast_of_random_demand_is_unbiased():
    rng = np.random.default_rng(8)
    demand = rng.poisson(0.3, (60, 2000)) * rng.integers(1, 5, (60, 2000)).astype(float)
    demand[0] = 1.0
    history = decompose(Panel(demand, np.full(2000, 60)))
    assert imapa(history, 1).mean() == pytest.approx(0.75, rel=0.04)
    assert twelve_month_mean(history, 1).mean() == pytest.approx(0.75, rel=0.04)
