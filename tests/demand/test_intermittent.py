"""Demand with many empty months."""

import numpy as np
import pytest

from sopkit.forecasting.intermittent import (
    demand_interval,
    imapa,
    months_without_demand,
    sba,
    tsb,
    twelve_month_mean,
)
from sopkit.forecasting.seasonality import decomposed
from sopkit.forecasting.series import Panel

QUARTERLY = np.tile([0.0, 0.0, 6.0], 20)


def history_of(values):
    return decomposed(Panel(np.asarray(values, float)[:, None], np.array([len(values)])))


def test_the_interval_counts_months_up_to_the_last_demand():
    values = np.array([[0, 4, 0], [3, 4, 0], [0, 0, 0], [3, 0, 0], [0, 0, 0]], float)
    panel = Panel(values, np.array([5, 5, 5]))
    assert demand_interval(panel).tolist() == [2.0, 1.0, np.inf]
    assert months_without_demand(panel).tolist() == [1, 3, 5]


@pytest.mark.parametrize("method", [imapa, twelve_month_mean])
def test_regular_orders_are_spread_to_their_monthly_mean(method):
    np.testing.assert_allclose(method(history_of(QUARTERLY), 6), 2.0, rtol=0.02)


def test_croston_without_its_bias_on_the_worked_steps():
    # Orders of 6 every third month: size 6, interval 3, so 6 / 3 less the factor 1 - 0.1 / 2.
    np.testing.assert_allclose(sba(history_of(QUARTERLY), 3), 0.95 * 2)


def test_what_has_stopped_fades_with_tsb_and_imapa_but_not_with_croston():
    stopped = history_of(np.r_[QUARTERLY, np.zeros(24)])
    assert sba(stopped, 1).item() == pytest.approx(1.9)
    assert tsb(stopped, 1).item() < 0.7
    assert imapa(stopped, 1).item() < 0.7


def test_tsb_on_the_worked_steps():
    # Six of the first twelve months sold, and the seven demands average 32 / 7; then each month moves both.
    values = [0, 4] * 6 + [0, 8]
    chance, size = 0.5, 32 / 7
    for value in values:
        chance += 0.05 * ((value > 0) - chance)
        size += 0.1 * (value - size) if value else 0
    assert tsb(history_of(values), 1).item() == pytest.approx(chance * size)


def test_the_cumulative_forecast_of_random_demand_is_unbiased():
    rng = np.random.default_rng(8)
    demand = rng.poisson(0.3, (60, 2000)) * rng.integers(1, 5, (60, 2000)).astype(float)
    demand[0] = 1.0
    history = decomposed(Panel(demand, np.full(2000, 60)))
    assert imapa(history, 1).mean() == pytest.approx(0.75, rel=0.04)
    assert twelve_month_mean(history, 1).mean() == pytest.approx(0.75, rel=0.04)
