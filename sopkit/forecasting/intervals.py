"""Prediction intervals from each series' own errors, calibrated on public data.

The scale of a series joins two errors, both as a ratio to the forecast: one month ahead over the
last years (many, but too kind), and over the last year forecast a year ago (honest, but few). It
grows with the months ahead as the error of simple smoothing does: not at all if the level is
constant, with the square root if it
is a random walk. How many scales make an interval was measured on earlier origins of public sets,
each counting the same: `benchmarks/forecast.py --calibrate` prints these numbers.
"""

import numpy as np

from sopkit.forecasting.models import LEVELS, first_level
from sopkit.forecasting.seasonality import History, tile_season
from sopkit.forecasting.series import Panel, latest
from sopkit.forecasting.smoothing import likelihood_weights, smoothing
from sopkit.tables.periods import YEAR

# Scales either side that hold 80 % and 95 % of the coming months.
WIDTH = {0.80: 1.52, 0.95: 2.84}
# The same without a back-test, by months of history and in straight lines between: wider where the
# season has come back in a few months only, so that errors in the past are too kind.
WIDTH_UNTESTED = {0.80: 1.32, 0.95: 2.63}
WIDER_MONTHS = (12, 18, 23, 24, 27)
WIDER_TIMES = (1.44, 1.0, 1.0, 1.44, 1.21)
# The part of last year's shape that is counted as noise while it has not come back.
UNPROVEN_SHARE = 0.5
# The error one month ahead is that of these last months: long histories were noisier once, or
# calmer.
ERROR_MONTHS = 48
# Weight of that error in the scale; the rest is the back-test's, of a fourth as many months.
ONE_MONTH_SHARE = 2 / 3
# A series with less than a year of history is assumed to be at least in part as uncertain as this.
UNKNOWN_ERROR = 0.25
# Neither error may shrink the scale below this share of the other.
LEAST_SHARE = 0.1
# The mean absolute error of a normal error, times this, is its standard deviation.
DEVIATIONS = 1.25
RECENT_MONTHS = 24


def interval(
    history: History, forecast: np.ndarray, errors: np.ndarray | None, coverage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high around a forecast: a factor e^-reach below it and 1 + reach above it, never
    below zero.

    Noisy demand falls by ratios, like a logarithm, but does not rise that steeply; this shape held
    both tails. `errors` are the combination's errors of the last year forecast a year ago, in
    logarithms (12 x series), or None without a back-test.

    Returns
    -------
    low, high : horizon x series [units]
    """
    widths = WIDTH if errors is not None else WIDTH_UNTESTED
    if coverage not in widths:
        raise ValueError(
            f"intervals: coverage {coverage} is not calibrated; choose one of {sorted(widths)}"
        )
    one_month, alpha = one_month_error(history)
    scale = one_month if errors is None else joined_scale(one_month, errors, alpha)
    wider = 1.0 if errors is not None else np.interp(history.length, WIDER_MONTHS, WIDER_TIMES)
    wider = np.where(history.length < YEAR, 1.0, wider)
    far = reach(widths[coverage], scale * wider, alpha, forecast.shape[0])
    lifted = forecast + history.shift
    return np.maximum(lifted * np.exp(-far) - history.shift, 0), lifted * (1 + far) - history.shift


def reach(width: float, scale: np.ndarray, alpha: np.ndarray, horizon: int) -> np.ndarray:
    """How far an interval reaches in each month ahead, as a ratio (horizon x series)."""
    return width * scale * growth(alpha, horizon)


def growth(alpha: np.ndarray, horizon: int) -> np.ndarray:
    """Error of each month ahead as a multiple of that of the first (horizon x series)."""
    return np.arange(1, horizon + 1)[:, None] ** (alpha / 2)


def joined_scale(one_month: np.ndarray, errors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The weighted geometric mean of the two errors one month ahead, neither taken as 0."""
    last_year = DEVIATIONS * np.abs(errors).mean(axis=0) / growth(alpha, YEAR).mean(axis=0)
    kind = np.maximum(one_month, LEAST_SHARE * last_year)
    honest = np.maximum(last_year, LEAST_SHARE * one_month)
    return kind**ONE_MONTH_SHARE * honest ** (1 - ONE_MONTH_SHARE)


def one_month_error(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation of late errors one month ahead in logarithms, and how fast the level moves
    (alpha).

    Returns
    -------
    deviation, alpha : a number for each series, in logarithms and 0..1
    """
    unproven = UNPROVEN_SHARE * (history.length < 2 * YEAR)
    season = tile_season(history.season, len(history.adjusted))
    panel = Panel(history.adjusted + unproven * season, history.length)
    states = first_level(panel)
    whole, late = np.zeros((2, *states.level.shape))
    for month, error in enumerate(smoothing(panel, states, LEVELS)):
        n = error.shape[1]
        whole[:, :n] += error**2
        late[:, :n] += error**2 * (month >= panel.length[:n] - ERROR_MONTHS)
    weight = likelihood_weights(whole, panel)
    own = np.sqrt((weight * late).sum(axis=0) / np.clip(panel.length - 2, 1, ERROR_MONTHS))
    known = np.minimum(panel.length / YEAR, 1)
    return known * own + (1 - known) * UNKNOWN_ERROR, (weight * LEVELS.alpha).sum(axis=0)


def empirical_interval(
    panel: Panel, forecast: np.ndarray, coverage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of intermittent demand: quantiles of its last two years, in proportion to the
    forecast.

    Most months are empty, so `low` is often zero, and the share of months below `high` is what is
    calibrated.

    Returns
    -------
    low, high : horizon x series [units]
    """
    recent = np.full((RECENT_MONTHS, panel.length.size), np.nan)
    for back in range(1, min(RECENT_MONTHS, panel.values.shape[0]) + 1):
        known = panel.length >= back
        recent[-back, known] = panel.values[panel.length[known] - back, known]
    # Of n months and the coming one, each is equally likely to be the highest: quantiles at k / (n
    # + 1).
    low, high = np.nanquantile(
        recent, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0, method="weibull"
    )
    average = np.nanmean(recent, axis=0)
    ratio = forecast / np.where(average > 0, average, 1)
    # of a few months any may come back, and none may
    low, ratio = np.where(panel.length < YEAR, 0.0, low), np.where(panel.length < YEAR, 1.0, ratio)
    return np.minimum(low * ratio, forecast), np.maximum(high * ratio, forecast)


def back_test_errors(panel: Panel, rehearsed: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """The last year's errors in logarithms: above zero where demand beat the forecast of a year
    ago."""
    return np.log((latest(panel, YEAR) + shift) / (rehearsed + shift))
