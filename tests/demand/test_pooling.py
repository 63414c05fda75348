"""Estimates of one effect from many series."""

import numpy as np
import pytest

from sopkit.demand.pooling import random_effects


def test_estimates_that_err_apart_are_pooled_as_in_statsmodels():
    from statsmodels.stats.meta_analysis import combine_effects

    effect, variance = np.array([0.10, 0.35, 0.22, 0.60]), np.array([0.010, 0.004, 0.020, 0.008])
    lever = np.sqrt(variance)[:, None] * np.ones((1, 4)) / 2
    pooled, of_mean, spread, _ = random_effects(effect, lever, np.eye(4), freedom=40)
    expected = combine_effects(effect, variance, method_re="dl")
    assert spread == pytest.approx(expected.tau2)
    assert [pooled, np.sqrt(of_mean)] == pytest.approx(list(expected.summary_frame().iloc[-3, :2]))


def test_estimates_that_err_as_one_are_no_better_than_one():
    lever, error = np.full((3, 4), 0.1), np.ones((3, 4))
    pooled, variance, spread, freedom = random_effects(np.full(3, 0.3), lever, error, freedom=40)
    assert [pooled, variance, spread, freedom] == pytest.approx([0.3, 0.04 * 4, 0, 40])
