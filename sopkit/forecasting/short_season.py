"""The season of histories of one to three years, too short to see a season come back twice.

With one to two years it is last year's shape, as far as the months since then bear it out. With two
to three years it is the mean of the departures from a line, as far as the yearly autocorrelation
bears it out.
"""

import numpy as np

from sopkit.tables.periods import YEAR

# How far last year's shape is believed before a month has come back: at least so far, and the
# farther the smoother it is and the less of it a line explains (full belief from these shares on);
# and how many months that counts as. Found on one half of eight kinds of real series, as good on
# the other: `benchmarks/conditions.py`.
LEAST_BELIEF = 0.6
SMOOTH = 0.6
NO_LINE = 0.3
BELIEF_MONTHS = 4.0
# Months of a second year that count as much for the slope as taking it for level.
SLOPE_MONTHS = 3.0
TINY = np.finfo(float).tiny


def last_year_s_shape(logs: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Last year's departures from a line, times how far the months before it foretold them.

    Parameters
    ----------
    logs : months x series, NaN after the end of each
    length : months of each series, from 12 on

    Returns
    -------
    season : 12 x series, by month since the start modulo 12
    """
    apart = departures(logs, length)
    month = length - YEAR + np.arange(YEAR)[:, None]
    last = np.take_along_axis(apart, month, axis=0)
    size = (last**2).mean(axis=0)
    again, before = apart[YEAR:], apart[: max(len(apart) - YEAR, 0)]
    together = np.nansum(again * before, axis=0)
    alone = np.nansum(np.where(np.isnan(again), np.nan, before**2 + again**2), axis=0) / 2
    prior = BELIEF_MONTHS * size
    belief = (together + belief_at_first(last) * prior) / np.maximum(alone + prior, TINY)
    shape = np.zeros((YEAR, length.size))
    np.put_along_axis(shape, month % YEAR, last - last.mean(axis=0), axis=0)
    return np.clip(belief, 0, 1) * shape


def belief_at_first(last: np.ndarray) -> np.ndarray:
    """How far a year's shape (12 x series) is a season by its looks, 0..1: a smooth one is, but a
    straight line is growth."""
    shape = last - last.mean(axis=0)
    month = np.arange(YEAR)[:, None] - (YEAR - 1) / 2
    rest = shape - month * (month * shape).sum(axis=0) / (month**2).sum()
    power = np.maximum((shape**2).sum(axis=0), TINY)
    smooth = np.clip((shape[1:] * shape[:-1]).sum(axis=0) / power / SMOOTH, 0, 1)
    no_line = np.clip((rest**2).sum(axis=0) / power / NO_LINE, 0, 1)
    return LEAST_BELIEF + (1 - LEAST_BELIEF) * smooth * no_line


def departures(logs: np.ndarray, length: np.ndarray) -> np.ndarray:
    """What is left of each month by a line through the mean: its slope is that of the same months a
    year apart, shrunk while they are few, so that no season is taken for a slope."""
    since = np.maximum(length - YEAR, 0)
    change = np.nansum(logs[YEAR:] - logs[:-YEAR], axis=0) if len(logs) > YEAR else 0.0
    slope = change / (np.maximum(since, 1) * YEAR) * since / (since + SLOPE_MONTHS)
    month = np.arange(len(logs))[:, None] - (length - 1) / 2
    return logs - np.nanmean(logs, axis=0) - slope * month
