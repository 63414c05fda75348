"""Seasonal indices: found where they are, shrunk where they are noise."""

import numpy as np
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose

from sopkit.demand.panel import Panel
from sopkit.demand.seasonality import centred_average, decomposed, in_units, is_seasonal, seasonal_indices

MONTH = np.arange(60)
SEASON = 0.3 * np.sin(np.arange(12) * np.pi / 6)


def panel_of_columns(*columns):
    return Panel(np.column_stack(columns).astype(float), np.full(len(columns), len(columns[0])))


def test_the_centred_average_is_that_of_statsmodels():
    logs = panel_of_columns(SEASON[MONTH % 12] + 0.01 * MONTH)
    theirs = seasonal_decompose(logs.values[:, 0], period=12).trend
    np.testing.assert_allclose(centred_average(*logs)[:, 0], theirs, atol=1e-12)


def test_a_clean_season_is_found_whole():
    logs = panel_of_columns(5 + SEASON[MONTH % 12] + 0.01 * MONTH)
    np.testing.assert_allclose(seasonal_indices(*logs)[:, 0], SEASON, atol=1e-9)


def test_indices_sum_to_nothing_over_the_year():
    logs = panel_of_columns(SEASON[MONTH % 12] + np.random.default_rng(1).normal(0, 0.1, 60))
    assert seasonal_indices(*logs).sum() == pytest.approx(0, abs=1e-12)


def test_noise_shrinks_indices_towards_nothing():
    noise = np.random.default_rng(2).normal(0, 0.3, (60, 200))
    length = np.full(200, 60)
    flat, waved = noise, noise + SEASON[MONTH % 12, None]
    assert np.abs(seasonal_indices(flat, length)).mean() < 0.04
    assert np.corrcoef(seasonal_indices(waved, length).mean(axis=1), SEASON)[0, 1] > 0.99


def test_less_than_two_years_have_no_season():
    assert not seasonal_indices(*panel_of_columns(SEASON[MONTH[:23] % 12])).any()


def test_a_recent_change_of_season_counts_more_than_an_old_one():
    turned = np.where(MONTH < 30, SEASON[MONTH % 12], -SEASON[MONTH % 12])
    assert np.corrcoef(seasonal_indices(*panel_of_columns(turned))[:, 0], SEASON)[0, 1] < 0


def test_the_autocorrelation_of_a_year_tells_season_from_level():
    waved, flat = SEASON[MONTH % 12], np.zeros(60)
    assert is_seasonal(*panel_of_columns(waved, flat)).tolist() == [True, False]


def test_logarithms_are_shifted_only_where_months_are_almost_empty():
    history = decomposed(panel_of_columns(np.full(24, 10.0), np.r_[0.0, np.full(23, 24.0)]))
    assert history.shift.tolist() == pytest.approx([0.0, 0.05 * 23])


def test_logarithms_put_back_into_units_aim_at_the_mean_of_noisy_demand():
    counts = np.random.default_rng(5).negative_binomial(3, 0.1, (72, 300)).astype(float)
    history = decomposed(Panel(counts, np.full(300, 72)))
    level = in_units(history, history.adjusted.mean(axis=0)[None])
    geometric = np.exp(history.adjusted.mean(axis=0)) - history.shift
    assert geometric.mean() < 0.9 * counts.mean()
    assert level.mean() == pytest.approx(counts.mean(), rel=0.06)
