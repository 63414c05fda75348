"""Demand with many empty months."""

import numpy as np
import pytest

from sopkit.forecasting.forecast import forecast_series
from sopkit.forecasting.intermittent import (
    demand_interval,
    imapa,
    mean_since_first_sale,
    months_without_demand,
    sells_in_season,
    twelve_month_mean,
)
from sopkit.forecasting.reconciliation import sparse_families
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


def test_a_young_product_s_first_sale_does_not_count_as_a_month_like_others():
    # after the first month 20 in 7 months; the prior counts 2 months with a quarter of 20 each
    history = history_of([20, 0, 0, 20, 0, 0, 0, 0])
    assert mean_since_first_sale(history, 1)[0, 0] == pytest.approx((20 + 2 * 5) / (7 + 2))
    assert mean_since_first_sale(history_of([0, 20, 0, 0]), 1)[0, 0] == 5


def test_a_family_of_young_sparse_products_adds_up_to_what_it_sells():
    """200 products sell 20 in one month of seven at random: 571 a month; each is known from its
    first sale on."""
    sold = np.random.default_rng(3).random((200, 9)) < 1 / 7
    sold = sold[sold.any(axis=1)]
    begun = np.cumsum(sold, axis=1) > 0
    history = np.where(begun, 20.0 * sold, np.nan)
    member = np.zeros(len(history), dtype=int)
    forecast = forecast_series(history, 1, likely_sparse=sparse_families(history, member))
    assert forecast.forecast.sum() == pytest.approx(571, rel=0.15)
    assert (forecast.low == 0).mean() > 0.9


def test_one_month_of_a_family_that_sells_every_month_is_no_sparse_product():
    history = np.array([[np.nan] * 8 + [20.0], [20.0] * 9])
    assert not sparse_families(history, np.array([0, 0])).any()


# --------------------------------------------------------------------------------------------------
# goods of a season


def of_season(years, months, level=400.0):
    """A product that sells in some months of the year only, a little more or less each time."""
    calendar = np.arange(years * 12) % 12
    return np.where(np.isin(calendar, months), level + 10.0 * (calendar % 3), 0.0)


@pytest.mark.parametrize(
    ("years", "months"),
    [(2, (10, 11)), (2, (3, 4, 5, 6)), (3, (5,)), (4, (0, 11)), (5, (9, 10, 11))],
)
def test_goods_of_a_season_are_forecast_in_their_season(years, months):
    found = forecast_series(of_season(years, months)[None], 12)
    assert found.forecast[0].round() == pytest.approx(of_season(1, months), abs=100)
    assert found.forecast[0][[m for m in range(12) if m not in months]] == pytest.approx(0, abs=2)


def test_a_season_is_not_seen_in_months_that_come_by_chance():
    rng = np.random.default_rng(5)
    values = np.where(rng.random((48, 400)) < 0.2, 5.0, 0.0)
    values[0] = 5.0
    assert sells_in_season(Panel(values, np.full(400, 48))).mean() < 0.02


def test_what_sells_every_month_or_stopped_has_no_such_season():
    every, stopped = np.full(48, 9.0), np.r_[np.full(36, 9.0), np.zeros(12)]
    panel = Panel(np.column_stack([every, stopped]), np.array([48, 48]))
    assert not sells_in_season(panel).any()
