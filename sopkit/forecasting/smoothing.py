"""The recursions of the forecasting methods.

Every month is stepped once, for all series and a whole grid of parameters: states are parameters x
series, parameters are columns (parameters x 1). A generator yields each month's errors, and the
states it was given are updated in place, so that whoever drives it decides what to sum and what to
keep.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from sopkit.forecasting.series import Panel, active
from sopkit.tables.periods import YEAR

AIRLINE_LAGS = 13
# Relative to the sum of squares of the data: keeps the weights of a perfect fit finite.
PERFECT_FIT = 1e-12


class States(NamedTuple):
    """What smoothing remembers: level and trend (parameters x series), season (12 x parameters x
    series)."""

    level: np.ndarray
    trend: np.ndarray
    season: np.ndarray


class Grid(NamedTuple):
    """Smoothing parameters, each a column with one row a point of the grid."""

    alpha: np.ndarray
    beta: np.ndarray
    phi: np.ndarray
    gamma: np.ndarray


def grid(
    levels: Sequence[float],
    trends: Sequence[tuple[float, float]] = ((0.0, 1.0),),
    seasons: Sequence[float] = (0.0,),
) -> Grid:
    """Cross smoothing of the level, (trend share of it, damping), and season share of what is
    left."""
    points = [(a, a * b, phi, (1 - a) * g) for a, (b, phi), g in product(levels, trends, seasons)]
    return Grid(*(np.array(column)[:, None] for column in zip(*points, strict=True)))


def opening(level: np.ndarray, trend: np.ndarray, points: Grid) -> States:
    """States before the first month: a level and trend for each series, no season yet."""
    shape = (points.alpha.size, level.size)
    return States(np.full(shape, level), np.full(shape, trend), np.zeros((YEAR, *shape)))


def smoothing(panel: Panel, states: States, points: Grid) -> Iterator[np.ndarray]:
    """Step exponential smoothing with damped trend and additive season through the months.

    forecast = level + phi trend + season;  level += phi trend + alpha error;
    trend = phi trend + beta error;  season += gamma error.
    Without trend it is simple smoothing, with phi = 1 Holt's method, with gamma = 0 it has no
    season.

    Yields
    ------
    error of each month's forecast, of the series that still have data (parameters x series)

    Source
    ------
    Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing (2008), table 2.1:
    ETS(A,Ad,A).
    """
    trended, seasonal = (
        states.trend.any() or points.beta.any(),
        states.season.any() or points.gamma.any(),
    )
    for month, n in enumerate(active(panel)):
        level, trend, season = (
            states.level[:, :n],
            states.trend[:, :n],
            states.season[month % YEAR, :, :n],
        )
        if trended:
            trend *= points.phi
            level += trend
        error = panel.values[month, :n] - level
        if seasonal:
            error -= season
            season += points.gamma * error
        if trended:
            trend += points.beta * error
        level += points.alpha * error
        yield error


def airline(
    panel: Panel, recent: np.ndarray, theta: np.ndarray, theta12: np.ndarray
) -> Iterator[np.ndarray]:
    """Step the airline model through the months; the first thirteen only start it.

    (1 - B)(1 - B^12) y = (1 + theta B)(1 + theta12 B^12) error. `recent` keeps the last thirteen
    errors (13 x parameters x series, by month modulo 13), zero at first: the conditional sum of
    squares.

    Yields
    ------
    error of each month's forecast, of the series that still have data (parameters x series)

    Source
    ------
    Box and Jenkins, Time Series Analysis (1970), chapter 9: ARIMA(0,1,1)(0,1,1) of the airline
    passengers.
    """
    y = panel.values
    both = theta * theta12
    for month, n in enumerate(active(panel)[AIRLINE_LAGS:], AIRLINE_LAGS):
        change = y[month, :n] - y[month - 1, :n] - y[month - 12, :n] + y[month - 13, :n]
        error = change - theta * recent[(month - 1) % AIRLINE_LAGS, :, :n]
        error -= theta12 * recent[(month - 12) % AIRLINE_LAGS, :, :n]
        error -= both * recent[month % AIRLINE_LAGS, :, :n]
        recent[month % AIRLINE_LAGS, :, :n] = error
        yield error


def squares(errors: Iterable[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Sum the squared errors that a recursion yields (parameters x series)."""
    total = np.zeros(shape)
    for error in errors:
        total[:, : error.shape[1]] += error * error
    return total


def likelihood_weights(sse: np.ndarray, panel: Panel) -> np.ndarray:
    """How much each point of the grid is believed, each series on its own (sums to one over the
    grid).

    The likelihood of a normal error, with its variance concentrated out. Averaging the forecasts of
    all points by it is steadier than picking the best one, and makes a coarse grid enough.
    """
    scale = np.nansum(panel.values**2, axis=0) * PERFECT_FIT + np.finfo(float).tiny
    fit = -0.5 * panel.length * np.log(sse + scale)
    weight = np.exp(fit - fit.max(axis=0))
    return weight / weight.sum(axis=0)


def opening_line(panel: Panel, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Straight line through the first `months`: level one month before the first, and monthly
    trend.

    Returns
    -------
    level, trend : a number for each series
    """
    used = np.minimum(panel.length, months)
    month = np.arange(used.max(initial=0))[:, None]
    known = month < used
    values = np.where(known, panel.values[: month.size], 0.0)
    centred = np.where(known, month - (used - 1) / 2, 0.0)
    trend = (centred * values).sum(axis=0) / np.maximum((centred**2).sum(axis=0), 1.0)
    return values.sum(axis=0) / used - trend * (used + 1) / 2, trend


def damped_sum(phi: np.ndarray, horizon: int) -> np.ndarray:
    """phi + phi^2 + ... for each month ahead (horizon x parameters x 1): how far a damped trend
    carries."""
    return np.cumsum(phi[None] ** np.arange(1, horizon + 1)[:, None, None], axis=0)
