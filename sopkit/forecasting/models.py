"""Forecasting methods, each a plain function: `method(history, horizon)` -> horizon x series
[units].

It may look at every field of `History`; it must treat each series independently. A method of one's
own joins in by being named in a pool (`ensemble.py`).
"""

import numpy as np

from sopkit.forecasting.seasonality import History, back_transform, seasons_ahead, tile_season
from sopkit.forecasting.series import Panel, blocks, latest
from sopkit.forecasting.smoothing import (
    AIRLINE_LAGS,
    Grid,
    States,
    airline,
    damped_sum,
    grid,
    likelihood_weights,
    opening,
    opening_line,
    smoothing,
    squares,
)
from sopkit.tables.periods import YEAR

# Recursions start from a line through the first two years.
START_MONTHS = 24
LEVELS = grid((0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.0))
SEASONAL = grid(
    (0.03, 0.1, 0.25, 0.5, 0.8), ((0.0, 0.9), (0.05, 0.9), (0.1, 0.98)), (0.0, 0.1, 0.3)
)
AGGREGATE = grid(
    (0.05, 0.2, 0.4, 0.7, 1.0),
    tuple((b, phi) for b in (0, 0.03, 0.1, 0.25) for phi in (0.8, 0.9, 0.97)),
)
AIRLINE = np.array(
    [
        (a, b)
        for a in (-0.9, -0.7, -0.5, -0.3, -0.1, 0.1)
        for b in (-0.9, -0.75, -0.6, -0.4, -0.2, 0.0)
    ]
)


def mean(history: History, horizon: int) -> np.ndarray:
    """The mean of all months."""
    return np.tile(np.nanmean(history.values, axis=0), (horizon, 1))


def seasonal_naive(history: History, horizon: int) -> np.ndarray:
    """The same month of last year."""
    return latest(Panel(history.values, history.length), YEAR)[np.arange(horizon) % YEAR]


def simple_smoothing(history: History, horizon: int) -> np.ndarray:
    """The exponentially smoothed level, in logarithms."""
    return back_transform(
        history, theta_line(Panel(history.adjusted, history.length), horizon, share=0.0)
    )


def theta(history: History, horizon: int) -> np.ndarray:
    """Theta: simple smoothing that drifts by half the slope of the whole history, in logarithms.

    Source
    ------
    Assimakopoulos and Nikolopoulos, The theta model, Int. J. Forecasting 16 (2000); as simple
    smoothing with drift: Hyndman and Billah, Unmasking the theta method, Int. J. Forecasting 19
    (2003).
    """
    panel = Panel(history.adjusted, history.length)
    return back_transform(history, theta_line(panel, horizon, share=0.5))


def linear_trend(history: History, horizon: int) -> np.ndarray:
    """Simple smoothing that drifts by the whole slope of the history, in logarithms."""
    return back_transform(
        history, theta_line(Panel(history.adjusted, history.length), horizon, share=1.0)
    )


def theta_line(panel: Panel, horizon: int, share: float) -> np.ndarray:
    """Simple smoothing of a panel plus `share` of its overall slope (horizon x series)."""
    level, weight = smoothed_level(panel)
    return drifting(panel, level, weight, LEVELS, share, horizon)


def drifting(
    panel: Panel, level: np.ndarray, weight: np.ndarray, points: Grid, share: float, horizon: int
) -> np.ndarray:
    """Smoothed levels that drift by a share of the slope of the whole history.

    Smoothing trails a trend; the drift starts from where the level would be without that lag.
    """
    _, slope = opening_line(panel, panel.values.shape[0])
    lag = (weight * (1 - (1 - points.alpha) ** panel.length) / points.alpha).sum(axis=0)
    return (weight * level).sum(axis=0) + share * slope * (np.arange(horizon)[:, None] + lag)


def smoothed_level(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Levels by simple smoothing, and belief in each alpha (parameters x series).

    Returns
    -------
    level [in the measure of the panel], weight : parameters x series
    """
    states = first_level(panel)
    sse = squares(smoothing(panel, states, LEVELS), states.level.shape)
    return states.level, likelihood_weights(sse, panel)


def first_level(panel: Panel) -> States:
    """Where simple smoothing starts: half a month into the line through the first two years."""
    level, trend = opening_line(panel, START_MONTHS)
    return opening(level + trend / 2, np.zeros(level.size), LEVELS)


def smoothed(panel: Panel, horizon: int, points: Grid, start_months: int) -> np.ndarray:
    """Damped smoothing of a panel, averaged over the grid (horizon x series)."""
    states = opening(*opening_line(panel, start_months), points)
    sse = squares(smoothing(panel, states, points), states.level.shape)
    weight = likelihood_weights(sse, panel)
    season = np.einsum("mps,ps->ms", states.season, weight)
    phase = (panel.length + np.arange(horizon)[:, None]) % YEAR
    trend = np.einsum("hpo,ps->hs", damped_sum(points.phi, horizon), weight * states.trend)
    return (weight * states.level).sum(axis=0) + trend + np.take_along_axis(season, phase, axis=0)


def smoothing_in_logs(history: History, horizon: int) -> np.ndarray:
    """Damped trend and slowly changing season, multiplying."""
    return back_transform(
        history, smoothed(Panel(history.adjusted, history.length), horizon, SEASONAL, START_MONTHS)
    )


def dynamic_theta(history: History, horizon: int) -> np.ndarray:
    """Dynamic optimised theta: simple smoothing plus a share of a trend line that is refitted every
    month.

    The share is the one that fits best: ordinary least squares for each smoothing parameter, held
    to 0..1.

    Source
    ------
    Fiorucci et al., Models for optimising the theta method, Int. J. Forecasting 32 (2016),
    equations 11-16.
    """
    season = tile_season(history.season, history.values.shape[0])
    panel = Panel(history.values / np.exp(season), history.length)
    states = opening(panel.values[0], np.zeros(panel.length.size), LEVELS)
    line, slope, (sse, cross, power) = followed_line(panel, states)
    share = np.clip(cross / np.maximum(power, np.finfo(float).tiny), 0, 1)
    weight = likelihood_weights(np.maximum(sse - 2 * share * cross + share**2 * power, 0), panel)
    level = (weight * (states.level + share * line)).sum(axis=0)
    drift = (weight * share).sum(axis=0) * slope * np.arange(horizon)[:, None]
    return (level + drift) * np.exp(seasons_ahead(history, horizon))


def followed_line(panel: Panel, states: States) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow the theta line beside simple smoothing: its next value, its slope, and sums of a
    regression.

    Returns
    -------
    line : parameters x series
    slope : series
    sums : squared error, error x line, squared line (3 x parameters x series)
    """
    alpha, shape = LEVELS.alpha, states.level.shape
    average, slope, line = np.zeros(shape[1]), np.zeros(shape[1]), np.zeros(shape)
    sums = np.zeros((3, *shape))
    for month, error in enumerate(smoothing(panel, states, LEVELS), 1):
        n = error.shape[1]
        y, part = panel.values[month - 1, :n], line[:, :n]
        sums[:, :, :n] += error * error, error * part, part * part
        ahead = y - average[:n]
        slope[:n] = ((month - 2) * slope[:n] + 6 * ahead / month) / (month + 1) if month > 1 else 0
        average[:n] += ahead / month
        faded = (1 - alpha) ** month
        intercept = average[:n] - slope[:n] * (month + 1) / 2
        line[:, :n] = faded * intercept + (1 - faded * (1 - alpha)) / alpha * slope[:n]
    return line, slope, sums


def airline_in_logs(history: History, horizon: int) -> np.ndarray:
    """The airline model: every month follows its own last year, corrected by recent surprises."""
    logs = history.adjusted + tile_season(history.season, history.values.shape[0])
    panel = Panel(logs, history.length)
    theta_1, theta_12 = AIRLINE[:, :1], AIRLINE[:, 1:]
    recent = np.zeros((AIRLINE_LAGS, len(AIRLINE), history.length.size))
    weight = likelihood_weights(
        squares(airline(panel, recent, theta_1, theta_12), recent.shape[1:]), panel
    )
    path = np.concatenate([latest(panel, AIRLINE_LAGS), np.zeros((horizon, history.length.size))])
    # The forecast is linear in the errors, so their averages over the grid suffice.
    month = history.length + np.arange(-AIRLINE_LAGS, 0)[:, None]
    errors = np.take_along_axis(recent, (month % AIRLINE_LAGS)[:, None], axis=0)
    known = np.concatenate([errors, np.zeros((AIRLINE_LAGS, *weight.shape))])
    for step in range(min(horizon, AIRLINE_LAGS)):
        surprise = (
            theta_1 * known[step + 12]
            + theta_12 * known[step + 1]
            + theta_1 * theta_12 * known[step]
        )
        path[AIRLINE_LAGS + step] = (weight * surprise).sum(axis=0)
    for step in range(AIRLINE_LAGS, AIRLINE_LAGS + horizon):
        path[step] += path[step - 1] + path[step - 12] - path[step - 13]
    return history.lift * np.exp(path[AIRLINE_LAGS:]) - history.shift


def aggregated(history: History, horizon: int, months: int) -> np.ndarray:
    """Damped smoothing of averages over blocks of months, drawn out to months again, in logarithms.

    Averaging cancels noise, so the trend shows more clearly.

    Source
    ------
    Kourentzes, Petropoulos and Trapero, Improving forecasting by estimating time series structural
    components across multiple frequencies, Int. J. Forecasting 30 (2014).
    """
    panel = blocks(Panel(history.adjusted, history.length), months)
    ahead = smoothed(panel, -(-horizon // months) + 1, AGGREGATE, max(START_MONTHS // months, 4))
    path = np.concatenate([latest(panel, 1), ahead])
    # A block's value is at its middle; months lie on the straight lines between.
    place = (np.arange(1, horizon + 1) + (months - 1) / 2) / months
    before = place.astype(int)
    part = (place - before)[:, None]
    return back_transform(history, (1 - part) * path[before] + part * path[before + 1])


def two_months(history: History, horizon: int) -> np.ndarray:
    """Damped smoothing of averages over two months."""
    return aggregated(history, horizon, 2)


def quarters(history: History, horizon: int) -> np.ndarray:
    """Damped smoothing of quarterly averages."""
    return aggregated(history, horizon, 3)


def half_years(history: History, horizon: int) -> np.ndarray:
    """Damped smoothing of half-yearly averages."""
    return aggregated(history, horizon, 6)
