"""Level changes: months from which on a product sells at another level than before.

The months before a level change still tell of season and noise, but not of the level. So they are
moved to the newest level before forecasting; `cleansed` stays what was asked for at the time.
"""

import numpy as np

from sopkit.forecasting.comparable_months import median
from sopkit.tables.periods import YEAR

SIDE = 6  # months on either side; none of one may reach those of the other
FEWEST_MONTHS = 2 * YEAR  # with less a season looks like a level,
FEWEST_COMPARED = YEAR + 1  # unless the same months of the year before show the change as well
CONFIRMED = 0.7  # that part of it
NOISE_TIMES = 8.0  # the noise from month to month
MOVES_TIMES = 3.0  # the usual move from one half year to the next
SMALLEST = np.log(1.2)  # a smaller change is left to the smoothing
INSIDE = 0.8  # a half year may spread by at most that part of the change
AT_ONCE = 0.5  # and that part of it comes in one month


def level_changes(cleansed: np.ndarray, season: np.ndarray) -> np.ndarray:
    """Find level changes, strictly: nothing else in the series moves like this.

    Parameters
    ----------
    cleansed : series x months [units], NaN where nothing is recorded
    season : each month's usual share of its year (see `comparable_months`)

    Returns
    -------
    change of level in the first month of the new one, in logarithms; 0 in all others (series x
    months)
    """
    changes = np.zeros(cleansed.shape)
    months = cleansed.shape[1]
    if months < FEWEST_COMPARED:
        return changes
    logs = seasonally_adjusted(cleansed, season)
    move = np.diff(logs, axis=1)
    halves = np.lib.stride_tricks.sliding_window_view(logs, SIDE, axis=1)
    low, high, middle = halves.min(axis=2), halves.max(axis=2), np.median(halves, axis=2)
    old, new = slice(0, months - 2 * SIDE + 1), slice(SIDE, months - SIDE + 1)
    change = middle[:, new] - middle[:, old]
    size = np.abs(change)
    noise = 1.4826 * median(np.abs(move)) / np.sqrt(2)
    known = (~np.isnan(logs)).sum(axis=1)
    usual = np.where(known >= FEWEST_MONTHS, median(size), 0.0)
    least = np.maximum(NOISE_TIMES * noise, MOVES_TIMES * 1.4826 * usual)
    with np.errstate(invalid="ignore"):
        apart = (low[:, new] > high[:, old]) | (high[:, new] < low[:, old])
        steady = np.maximum((high - low)[:, new], (high - low)[:, old]) <= INSIDE * size
        sudden = move[:, SIDE - 1 : months - SIDE] * np.sign(change) >= AT_ONCE * size
        found = apart & steady & sudden & (size >= np.maximum(least, SMALLEST)[:, None])
    found &= (known >= FEWEST_COMPARED)[:, None]
    for series, at in np.argwhere(found & (known < FEWEST_MONTHS)[:, None]):
        found[series, at] = _confirmed(logs[series], at + SIDE, change[series, at])
    for series in np.flatnonzero(found.any(axis=1)):
        left = np.where(found[series], size[series], 0.0)
        while left.max() > 0:
            at = int(left.argmax())
            changes[series, at + SIDE] = change[series, at]
            left[max(at - SIDE, 0) : at + SIDE + 1] = 0.0
    return changes


def _confirmed(logs, month, change):
    """Whether the months from a change on differ as much from the same months of the year before,
    which lie before it."""
    now = np.arange(max(month, YEAR), min(len(logs), month + YEAR))
    since = logs[now] - logs[now - YEAR]
    since = since[~np.isnan(since)]
    return since.size > 0 and np.median(since) * np.sign(change) >= CONFIRMED * abs(change)


def stated_changes(cleansed: np.ndarray, season: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Measure level changes that are known to begin in some months: of the half years beside.

    Returns
    -------
    as `level_changes`; 0 where a side has no month
    """
    logs = seasonally_adjusted(cleansed, season)
    changes = np.zeros(cleansed.shape)
    for series, month in np.argwhere(first):
        old, new = logs[series, max(month - SIDE, 0) : month], logs[series, month : month + SIDE]
        old, new = old[~np.isnan(old)], new[~np.isnan(new)]
        if old.size and new.size:
            changes[series, month] = np.median(new) - np.median(old)
    return changes


def seasonally_adjusted(cleansed: np.ndarray, season: np.ndarray) -> np.ndarray:
    """Logarithms of demand at its season; NaN in months without demand."""
    share = np.where((season > 0) & ~np.isnan(season), season, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(cleansed > 0, np.log(cleansed / share), np.nan)


def to_newest_level(changes: np.ndarray) -> np.ndarray:
    """What each month is multiplied with to be at the newest level (series x months)."""
    return np.exp(np.cumsum(changes[:, ::-1], axis=1)[:, ::-1] - changes)
