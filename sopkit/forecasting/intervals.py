"""Quantiles of the forecast from each series' own errors, calibrated on public data.

The scale of a series joins two errors, both as a ratio to the forecast: one month ahead over the
last years (many, but too kind), and over the last year forecast a year ago (honest, but few). It
grows with the months ahead as the error of simple smoothing does: not at all if the level is
constant, with the square root if it
is a random walk. How many scales lie between the forecast and a quantile was measured on public
sets, each counting the same: `benchmarks/forecast.py --calibrate` prints these numbers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from sopkit.forecasting.models import LEVELS, first_level
from sopkit.forecasting.seasonality import History, tile_season
from sopkit.forecasting.series import Panel, latest, recent_months
from sopkit.forecasting.smoothing import likelihood_weights, smoothing
from sopkit.tables.periods import YEAR

# The ends and the middle of an 80 % interval, and the standard deviations between its ends.
INTERVAL = (0.1, 0.5, 0.9)
INTERVAL_DEVIATIONS = 2 * ndtri(0.9)
# Scales from the forecast to its 90 % quantile, with and without a back-test.
WIDTH, WIDTH_UNTESTED = 1.52, 1.32
# How far the other quantiles lie, as a multiple of that; in straight lines between, at the normal
# score of the level. Far ones lie further than a normal distribution's (1.28, 1.53, 1.82, 2.01).
SHAPE_LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995)
SHAPE = (0.0, 0.15, 0.34, 0.59, 1.0, 1.38, 1.87, 2.55, 3.1)
# Without a back-test, by months of history and in straight lines between: wider where the
# season has come back in a few months only, so that errors in the past are too kind.
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


class Distribution(NamedTuple):
    """What demand may be in each coming month.

    quantiles : levels x horizon x series [units]
    deviation : standard deviation, horizon x series [units]
    zero_probability : the chance of a month without demand, by series
    """

    quantiles: np.ndarray
    deviation: np.ndarray
    zero_probability: np.ndarray


def refuse_levels(levels: Sequence[float]) -> None:
    """Refuse levels of quantiles that are not probabilities in order."""
    if not levels or min(levels) <= 0 or max(levels) >= 1 or (np.diff(levels) <= 0).any():
        raise ValueError(
            f"levels: {list(levels)} are no levels of quantiles; give numbers above 0 and below 1, "
            "in rising order, such as 0.1, 0.5, 0.9"
        )


def shape(levels: Sequence[float] | np.ndarray) -> np.ndarray:
    """How far quantiles lie from the median, as a multiple of the distance of the 90 % quantile;
    below zero for those under the median."""
    score = ndtri(np.asarray(levels, dtype=float))
    scores, last = ndtri(SHAPE_LEVELS), (SHAPE[-1] - SHAPE[-2])
    beyond = np.maximum(np.abs(score) - scores[-1], 0) * last / (scores[-1] - scores[-2])
    return np.sign(score) * (np.interp(np.abs(score), scores, SHAPE) + beyond)


def measured_distribution(
    history: History,
    forecast: np.ndarray,
    errors: np.ndarray | None,
    levels: Sequence[float] = INTERVAL,
) -> Distribution:
    """Quantiles around a forecast, the median: a factor e^-reach below it and 1 + reach above it,
    never below zero.

    Noisy demand falls by ratios, like a logarithm, but does not rise that steeply; this shape held
    both tails. `errors` are the combination's errors of the last year forecast a year ago, in
    logarithms (12 x series), or None without a back-test.
    """
    one_month, alpha = one_month_error(history)
    scale = one_month if errors is None else joined_scale(one_month, errors, alpha)
    wider = 1.0 if errors is not None else np.interp(history.length, WIDER_MONTHS, WIDER_TIMES)
    wider = np.where(history.length < YEAR, 1.0, wider)
    width = WIDTH if errors is not None else WIDTH_UNTESTED
    unit = reach(width, scale * wider, alpha, forecast.shape[0])
    low, *quantiles, high = (
        _around(forecast, unit * far, history.shift) for far in shape([0.1, *levels, 0.9])
    )
    nothing = np.zeros(forecast.shape[1])
    return Distribution(np.array(quantiles), (high - low) / INTERVAL_DEVIATIONS, nothing)


def _around(forecast, far, shift):
    """What lies so far above the forecast, or below it where `far` is below zero."""
    moved = (forecast + shift) * np.where(far < 0, np.exp(np.minimum(far, 0)), 1 + far)
    return np.maximum(moved - shift, 0)


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


def counted_distribution(
    panel: Panel, forecast: np.ndarray, levels: Sequence[float] = INTERVAL
) -> Distribution:
    """What intermittent demand has been in its last two years, in proportion to the forecast.

    Most months are empty, so most quantiles are zero; the share of months below each is what is
    calibrated. The chance of nothing is that of the months counted; the deviation is theirs too,
    with what their mean may be wrong by.
    """
    recent = recent_months(panel, RECENT_MONTHS)
    count = (~np.isnan(recent)).sum(axis=0)
    # Of n months and the coming one, each is equally likely to be the highest: quantiles at k / (n
    # + 1).
    quantiles = np.nanquantile(recent, levels, axis=0, method="weibull")
    average = np.nanmean(recent, axis=0)
    ratio = forecast / np.where(average > 0, average, 1)
    # of a few months any may come back, and none may
    young = panel.length < YEAR
    quantiles = np.where(young & (np.asarray(levels)[:, None] < 0.5), 0.0, quantiles)
    spread = np.nanvar(recent, axis=0) * (count + 1) / np.maximum(count - 1, 1)
    empty = ((recent == 0).sum(axis=0) + 0.5) / (count + 1)
    return Distribution(
        quantiles[:, None, :] * np.where(young, 1.0, ratio),
        np.sqrt(spread * ratio),
        np.where((forecast > 0).any(axis=0), empty, 1.0),
    )


def back_test_errors(panel: Panel, rehearsed: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """The last year's errors in logarithms: above zero where demand beat the forecast of a year
    ago."""
    return np.log((latest(panel, YEAR) + shift) / (rehearsed + shift))
