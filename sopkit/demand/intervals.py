"""How far demand may fall from its forecast: each series by its own errors, calibrated once on public data.

The scale of a series is the geometric mean of two errors, both as a ratio to the forecast: one month ahead
within the history (many, but too kind), and over the last year forecast a year ago (honest, but few). It
grows with the months ahead, faster where the level moves more. How many scales make an interval was measured
on the earlier origins of the M1, M3 and tourism competitions: `benchmarks/forecast.py --calibrate` prints
these numbers.
"""

import numpy as np

from sopkit.demand.methods import LEVELS, smoothed_level
from sopkit.demand.panel import Panel, latest
from sopkit.demand.seasonality import YEAR

# Scales either side that hold 80 % and 95 % of the coming months.
WIDTH = {0.80: 1.28, 0.95: 2.46}
# The same without a back-test.
WIDTH_UNTESTED = {0.80: 1.57, 0.95: 3.28}
# The scale grows with months ahead to the power of this much plus so much per unit of alpha.
GROWTH, GROWTH_BY_ALPHA = 0.08, 0.30
# A series with less than a year of history is taken to be at least in part as uncertain as this.
UNKNOWN_ERROR = 0.25
# Neither error may shrink the scale below this share of the other.
LEAST_SHARE = 0.1
# The mean absolute error of a normal error, times this, is its standard deviation.
DEVIATIONS = 1.25
RECENT_MONTHS = 24


def interval(history, forecast, errors, coverage):
    """Low and high around a forecast: a factor e^-reach below it and 1 + reach above it, never below zero.

    Noisy demand falls by ratios, like a logarithm, but does not rise that steeply; this shape held both
    tails. `errors` are the combination's errors of the last year forecast a year ago, in logarithms (12 x
    series), or None without a back-test.

    Returns
    -------
    low, high : horizon x series [units]
    """
    widths = WIDTH if errors is not None else WIDTH_UNTESTED
    if coverage not in widths:
        raise ValueError(f"intervals: coverage {coverage} is not calibrated; choose one of {sorted(widths)}")
    one_month, alpha = one_month_error(history)
    scale = one_month if errors is None else joined_scale(one_month, errors)
    far = reach(widths[coverage], scale, alpha, forecast.shape[0])
    lifted = forecast + history.shift
    return np.maximum(lifted * np.exp(-far) - history.shift, 0), lifted * (1 + far) - history.shift


def reach(width, scale, alpha, horizon):
    """How far an interval reaches in each month ahead, as a ratio (horizon x series)."""
    ahead = np.arange(1, horizon + 1)[:, None]
    return width * scale * ahead ** (GROWTH + GROWTH_BY_ALPHA * alpha)


def joined_scale(one_month, errors):
    """The geometric mean of the error one month ahead and that of the back-test, neither taken at nought."""
    last_year = DEVIATIONS * np.abs(errors).mean(axis=0)
    joined = np.maximum(one_month, LEAST_SHARE * last_year) * np.maximum(last_year, LEAST_SHARE * one_month)
    return np.sqrt(joined)


def one_month_error(history):
    """Standard deviation of the error one month ahead in logarithms, and how fast the level moves (alpha)."""
    _, weight, sse = smoothed_level(Panel(history.adjusted, history.length))
    own = np.sqrt((weight * sse).sum(axis=0) / np.maximum(history.length - 2, 1))
    known = np.minimum(history.length / YEAR, 1)
    return known * own + (1 - known) * UNKNOWN_ERROR, (weight * LEVELS.alpha).sum(axis=0)


def empirical_interval(panel, forecast, coverage):
    """Low and high of intermittent demand: quantiles of its last two years, in proportion to the forecast.

    Most months are empty, so `low` is often zero, and the share of months below `high` is what is calibrated.
    """
    recent = np.full((RECENT_MONTHS, panel.length.size), np.nan)
    for back in range(1, min(RECENT_MONTHS, panel.values.shape[0]) + 1):
        known = panel.length >= back
        recent[-back, known] = panel.values[panel.length[known] - back, known]
    # Of n months and the coming one, each is equally likely to be the highest: quantiles at k / (n + 1).
    low, high = np.nanquantile(recent, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0, method="weibull")
    average = np.nanmean(recent, axis=0)
    ratio = forecast / np.where(average > 0, average, 1)
    return np.minimum(low * ratio, forecast), np.maximum(high * ratio, forecast)


def back_test_errors(panel, rehearsed, shift):
    """The last year's errors in logarithms: above zero where demand beat the forecast of a year ago."""
    return np.log((latest(panel, YEAR) + shift) / (rehearsed + shift))
