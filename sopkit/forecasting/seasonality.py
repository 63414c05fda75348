"""Seasonal indices of many series: old years fade, and noise is shrunk."""

from typing import NamedTuple

import numpy as np

from sopkit.forecasting.series import Panel, blocks
from sopkit.forecasting.short_season import departures, last_year_s_shape
from sopkit.forecasting.smoothing import likelihood_weights
from sopkit.tables.periods import YEAR

# What a year still counts after one more: seasonal patterns drift, some faster than others.
MEMORY = np.array([0.6, 0.8, 0.9, 1.0])[:, None, None]
# The months of a year miss together: twelve of them tell as much as four.
INDEPENDENT_SHARE = 1 / 3
# Fewer than two years cannot tell a season from a trend; with fewer than three, the yearly average
# is known of too few months.
MONTHS_FOR_A_SEASON = 24
MONTHS_FOR_AN_AVERAGE = 36
# Standard errors of the yearly autocorrelation at which a season is believed in full (the usual 90
# % test).
FULL_EVIDENCE = 1.645
# Logarithms need positive numbers: the lowest month is lifted to this share of the mean.
LOWEST_SHARE = 0.05
LIFT_MONTHS = 4


class History(NamedTuple):
    """What a forecasting method may look at: a panel and its seasonal decomposition in logarithms.

    values : months x series [units], row 0 is each series' own first month, NaN after its last
    length : months of history of each series, descending
    shift : added to the units before taking logarithms, 0 unless some months are (almost) zero
        [units]
    lift : mean over geometric mean of the months: what averaging logarithms loses (series)
    season : indices in logarithms by month since the start modulo 12 (12 x series)
    adjusted : logarithms less the season (months x series)
    """

    values: np.ndarray
    length: np.ndarray
    shift: np.ndarray
    lift: np.ndarray
    season: np.ndarray
    adjusted: np.ndarray


def decompose(panel: Panel) -> History:
    """The history of a panel: its logarithms, parted into a season and the rest."""
    with np.errstate(invalid="ignore"):
        shift = np.maximum(
            LOWEST_SHARE * np.nanmean(panel.values, 0) - np.nanmin(panel.values, 0), 0
        )
    logs = np.log(panel.values + shift)
    season = seasonal_indices(logs, panel.length)
    adjusted = logs - tile_season(season, logs.shape[0])
    return History(
        panel.values, panel.length, shift, lift_of(Panel(adjusted, panel.length)), season, adjusted
    )


def lift_of(adjusted: Panel) -> np.ndarray:
    """Mean over geometric mean of the months, by the median block of four; 1 without a whole block.

    Forecasts in logarithms aim at the geometric mean, which lies below the mean the more, the
    noisier demand is. Blocks are short so that a moving level does not count as noise; four months
    show 3/4 of the variance.
    """
    lift = np.ones(adjusted.length.size)
    whole = adjusted.length >= LIFT_MONTHS
    if whole.any():
        panel = Panel(adjusted.values[:, whole], adjusted.length[whole])
        mean = blocks(Panel(np.exp(panel.values), panel.length), LIFT_MONTHS).values
        loss = np.nanmedian(np.log(mean) - blocks(panel, LIFT_MONTHS).values, axis=0)
        lift[whole] = np.exp(loss * LIFT_MONTHS / (LIFT_MONTHS - 1))
    return lift


def back_transform(history: History, logs: np.ndarray) -> np.ndarray:
    """Forecasts of seasonally adjusted logarithms (horizon x series) put back into units."""
    return history.lift * np.exp(logs + seasons_ahead(history, logs.shape[0])) - history.shift


def seasons_ahead(history: History, horizon: int) -> np.ndarray:
    """The season of each of the coming months (horizon x series)."""
    phase = (history.length + np.arange(horizon)[:, None]) % YEAR
    return np.take_along_axis(history.season, phase, axis=0)


def tile_season(season: np.ndarray, months: int) -> np.ndarray:
    """The season of each of the first `months` months of a history."""
    return season[np.arange(months) % YEAR]


def seasonal_indices(logs: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Seasonal indices, summing to zero over the year; zero where nothing speaks for a season.

    With three years and more they are those of `shrunk_indices` about the centred yearly average,
    with two about a line, with one last year's shape (see `short_season`).

    Returns
    -------
    season : 12 x series, by month since the start modulo 12
    """
    season = np.zeros((YEAR, length.size))
    for few, many, way in (
        (YEAR, MONTHS_FOR_A_SEASON, last_year_s_shape),
        (MONTHS_FOR_A_SEASON, MONTHS_FOR_AN_AVERAGE, _about_a_line),
        (MONTHS_FOR_AN_AVERAGE, np.inf, _about_the_average),
    ):
        these = (length >= few) & (length < many)
        if these.any():
            season[:, these] = way(logs[: length[these].max(), these], length[these])
    return season


def _about_a_line(logs, length):
    apart = departures(logs, length)
    evidence = seasonal_evidence(apart, length, seen=length - YEAR)
    return shrunk_indices(apart) * evidence


def _about_the_average(logs, length):
    return shrunk_indices(logs - centred_average(logs, length)) * seasonal_evidence(logs, length)


def shrunk_indices(departure: np.ndarray) -> np.ndarray:
    """Seasonal indices of the departures of months from a level (months x series, NaN unknown).

    An index is the weighted mean of a month's departures. How fast
    old years are forgotten is averaged over a grid, by how well earlier years foretold the later
    ones. As in James and Stein, all twelve are shrunk by the share of their spread that noise alone
    would produce.

    Returns
    -------
    season : 12 x series, by month since the start modulo 12

    Source
    ------
    Miller and Williams, Shrinkage estimators of time series seasonal factors, Int. J. Forecasting
    19 (2003).
    """
    years = by_year(departure)
    known = ~np.isnan(years)
    season, noise_left, misses, foretold = remembered(years, known)
    belief = likelihood_weights(misses, Panel(departure, INDEPENDENT_SHARE * foretold))
    season -= season.mean(axis=1, keepdims=True)
    rest = np.where(known[:, None], years[:, None] - season, 0.0)
    variance = (rest**2).sum(axis=(0, 2)) / np.maximum(known.sum(axis=(0, 1)) - (YEAR - 1), 1)
    spread = (season**2).sum(axis=1) / (YEAR - 1)
    kept = np.clip(1 - variance * noise_left / np.maximum(spread, 1e-300), 0, 1)
    return ((belief * kept)[:, None] * season).sum(axis=0)


def remembered(
    years: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Step through the years, each month's mean forgetting the past at every rate of the grid.

    Returns
    -------
    season : mean departure of each month after the last year (rates x 12 x series)
    noise_left : variance of such a mean as a share of that of one month, averaged over the year
        (rates x series)
    misses, foretold : sum of squared errors of each year told by the years before (rates x series),
        and how many months could be told (series)
    """
    total, count, squared = np.zeros((3, MEMORY.size, *years.shape[1:]))
    misses, foretold = np.zeros((MEMORY.size, years.shape[2])), np.zeros(years.shape[2])
    for year, seen in zip(np.nan_to_num(years), known, strict=True):
        told = seen & (count[0] > 0)
        misses += (np.where(told, year - total / np.maximum(count, 1e-12), 0) ** 2).sum(axis=1)
        foretold += told.sum(axis=0)
        total, count, squared = (
            MEMORY * total + year,
            MEMORY * count + seen,
            MEMORY**2 * squared + seen,
        )
    count = np.maximum(count, 1e-12)
    return total / count, (squared / count**2).mean(axis=1), misses, foretold


def by_year(table: np.ndarray) -> np.ndarray:
    """A months x series table as years x 12 x series, the last year filled up with NaN."""
    years = -(-table.shape[0] // YEAR)
    whole = np.full((years * YEAR, table.shape[1]), np.nan)
    whole[: table.shape[0]] = table
    return whole.reshape(years, YEAR, -1)


def centred_average(logs: np.ndarray, length: np.ndarray) -> np.ndarray:
    """The yearly average centred on each month (2 x 12); NaN in the first and the last six
    months."""
    months = logs.shape[0]
    average = np.full(logs.shape, np.nan)
    if months > YEAR:
        known = np.where(np.isnan(logs), 0.0, logs)
        total = np.concatenate([np.zeros((1, logs.shape[1])), np.cumsum(known, axis=0)])
        year = (total[YEAR:] - total[:-YEAR]) / YEAR
        average[6 : months - 6] = (year[:-1] + year[1:]) / 2
    average[np.arange(months)[:, None] >= length - 6] = np.nan
    return average


def seasonal_evidence(
    logs: np.ndarray, length: np.ndarray, seen: np.ndarray | None = None
) -> np.ndarray:
    """How far to believe in a season, 0..1: its autocorrelation, as a share of what a test would
    ask for.

    `seen` is the number of months that have come back a year later: with it the autocorrelation is
    a mean over these, as it must be where they are few.

    A test says yes or no; fading a season in keeps a forecast from jumping as a month is added.
    """
    if logs.shape[0] <= YEAR:
        return np.zeros(length.size)
    centred = np.nan_to_num(logs - np.nanmean(logs, axis=0))
    power = np.maximum((centred**2).sum(axis=0), np.finfo(float).tiny)
    *before, yearly = [
        (centred[lag:] * centred[:-lag]).sum(axis=0) / power for lag in range(1, YEAR + 1)
    ]
    error = np.sqrt((1 + 2 * sum(value**2 for value in before)) / length)
    yearly = yearly if seen is None else yearly * length / seen
    return np.minimum(np.abs(yearly) / (FULL_EVIDENCE * error), 1)
