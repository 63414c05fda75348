"""Seasonal indices: found where they are, shrunk where they are noise."""

import numpy as np
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose

from sopkit.forecasting.seasonality import (
    back_transform,
    centred_average,
    decompose,
    seasonal_evidence,
    seasonal_indices,
)
from sopkit.forecasting.series import Panel
from sopkit.forecasting.short_season import belief_at_first

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


def test_less_than_a_year_has_no_season():
    assert not seasonal_indices(*panel_of_columns(SEASON[MONTH[:11] % 12])).any()


def test_the_second_year_bears_last_year_s_shape_out_or_not():
    came_back = seasonal_indices(*panel_of_columns(SEASON[MONTH[:23] % 12]))[:, 0]
    assert came_back == pytest.approx(SEASON, abs=0.05)
    once = np.where(MONTH[:23] < 11, 0.0, SEASON[MONTH[:23] % 12])
    assert np.abs(seasonal_indices(*panel_of_columns(once))).max() < 0.6 * np.abs(SEASON).max()


def test_a_first_year_that_grows_in_a_line_shows_no_season_and_a_smooth_wave_does():
    shape = np.column_stack([np.linspace(-0.3, 0.3, 12), SEASON])
    line, wave = belief_at_first(shape)
    assert (line, wave) == (pytest.approx(0.6, abs=0.02), pytest.approx(1.0))


def test_recent_years_count_more_than_old_ones():
    growing = np.where(MONTH < 30, 1, 2) * SEASON[MONTH % 12]
    amplitude = seasonal_indices(*panel_of_columns(growing))[3, 0] / SEASON[3]
    assert 1.5 < amplitude < 2


def test_a_steady_season_is_remembered_longer_than_one_that_drifts():
    noise = np.random.default_rng(4).normal(0, 0.3, (20 * 12, 300))
    month, length = np.arange(20 * 12), np.full(300, 20 * 12)
    steady = np.abs(
        seasonal_indices(SEASON[month % 12, None] + noise, length) - SEASON[:, None]
    ).mean()
    # Indices of a mean of nineteen years miss by 0.3 / sqrt(19); of a memory of 0.8 it would be 0.3 / 3.
    assert steady < 0.8 * np.sqrt(2 / np.pi) * 0.3 / 3
    # A memory of 0.8 looks four years back, where this season was 2 - 2 x 4 / 19 = 1.58 times as large.
    drifting = SEASON[month % 12] * np.linspace(0, 2, 20 * 12)
    assert 1.6 * SEASON[3] < seasonal_indices(*panel_of_columns(drifting))[3, 0] < 2 * SEASON[3]


def test_a_season_is_believed_as_far_as_its_autocorrelation_speaks_for_it():
    noise = np.random.default_rng(9).normal(0, 1, 60)
    clear, faint, none = (size * SEASON[MONTH % 12] + 0.1 * noise for size in (1.0, 0.15, 0.0))
    believed = seasonal_evidence(*panel_of_columns(clear, faint, none))
    assert believed[0] == 1
    assert 1 > believed[1] > believed[2]


def test_a_flat_history_speaks_for_no_season():
    assert seasonal_evidence(*panel_of_columns(np.full(60, 3.0))).tolist() == [0.0]


def test_logarithms_are_shifted_only_where_months_are_almost_empty():
    history = decompose(panel_of_columns(np.full(24, 10.0), np.r_[0.0, np.full(23, 24.0)]))
    assert history.shift.tolist() == pytest.approx([0.0, 0.05 * 23])


def test_logarithms_put_back_into_units_aim_at_the_mean_of_noisy_demand():
    counts = np.random.default_rng(5).negative_binomial(3, 0.1, (72, 300)).astype(float)
    history = decompose(Panel(counts, np.full(300, 72)))
    level = back_transform(history, history.adjusted.mean(axis=0)[None])
    geometric = np.exp(history.adjusted.mean(axis=0)) - history.shift
    assert geometric.mean() < 0.9 * counts.mean()
    assert level.mean() == pytest.approx(counts.mean(), rel=0.06)
