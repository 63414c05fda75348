"""What comparable months say of a month: the level around it, and the month's usual share of it.

Arrays are series x months, NaN where nothing is known.
"""

import numpy as np

from sopkit.tables.periods import YEAR

FEWEST_NEIGHBOURS = 3  # ordinary months needed in the year around before they say anything
SIDE = 3  # known months on each side of a hole that it is bridged from
ONE_SIDED = 6  # and where there is only one side
SMALLEST = 0.5  # a unit's half, below which logarithms do not go


def comparable_months(ordinary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate each month from the others: the median month of the year around, times its share.

    Returns
    -------
    expected [units], NaN where too little is known; season, the month's usual share of its year's
    median month, NaN without another year to compare with
    """
    months = ordinary.shape[1]
    level = np.column_stack([_median_of_year(ordinary, month) for month in range(months)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(level > 0, ordinary / level, np.nan)
    season = np.column_stack([median(share[:, others]) for others in other_years(months)])
    return level * np.where(np.isnan(season), 1.0, season), season


def other_years(months: int) -> list[list[int]]:
    """For each month, the same month of the other years."""
    return [
        [other for other in range(month % YEAR, months, YEAR) if other != month]
        for month in range(months)
    ]


def _median_of_year(ordinary, month):
    """The median of the twelve months around a month; at the ends, of the first or last twelve."""
    start = max(0, min(month - YEAR // 2, ordinary.shape[1] - YEAR))
    window = ordinary[:, start : start + YEAR]
    enough = (~np.isnan(window)).sum(axis=1) >= FEWEST_NEIGHBOURS
    return np.where(enough, median(window), np.nan)


def median(values: np.ndarray) -> np.ndarray:
    """Median of each row, ignoring NaN; NaN for an empty row."""
    if values.shape[1] == 0:
        return np.full(values.shape[0], np.nan)
    ordered = np.sort(values, axis=1)  # NaN goes last
    count = (~np.isnan(values)).sum(axis=1)
    lower, upper = np.maximum(count - 1, 0) // 2, count // 2
    middle = np.take_along_axis(
        ordered, np.column_stack([lower, np.minimum(upper, values.shape[1] - 1)]), axis=1
    )
    return np.where(count > 0, middle.mean(axis=1), np.nan)


def bridged(values: np.ndarray, season: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Fill holes from the known months on either side of them, each at its season.

    The level goes in a straight line, in logarithms, from the median of the three known months
    before a hole to that of the three after it; at an end it is that of the nearest six.

    Parameters
    ----------
    season : each month's usual share of its year, see `comparable_months`; NaN counts as 1
    holes : the months to fill; a series without any other month stays as it is
    """
    share = np.where((season > 0) & ~np.isnan(season), season, 1.0)
    with np.errstate(invalid="ignore"):
        level = np.log(np.maximum(values, SMALLEST) / share)
    filled = values.copy()
    for series in np.flatnonzero(holes.any(axis=1)):
        known = np.flatnonzero(~np.isnan(values[series]) & ~holes[series])
        if known.size:
            for month in np.flatnonzero(holes[series]):
                filled[series, month] = np.exp(_level_at(level[series], known, month))
                filled[series, month] *= share[series, month]
    return filled


def _level_at(level, known, month):
    before, after = known[known < month], known[known > month]
    if not before.size or not after.size:
        nearest = before[-ONE_SIDED:] if before.size else after[:ONE_SIDED]
        return np.median(level[nearest])
    left, right = np.median(level[before[-SIDE:]]), np.median(level[after[:SIDE]])
    return left + (right - left) * (month - before[-1]) / (after[0] - before[-1])
