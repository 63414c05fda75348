"""Runs of odd months: an order delivered in parts, a strike, some months of shortage.

What is above or below its level for a while and comes back to it is no new level, and it says
nothing of the months to come.
"""

import numpy as np

from sopkit.demand.odd_months import (
    FEWEST_UNITS,
    HALF,
    HALF_YEAR,
    ODD_RATIO,
    ODD_SCORE,
    noise,
    seldom_empty,
    surprise_of,
)
from sopkit.forecasting.comparable_months import median

RUNS = (2, 3, 4)  # months of an odd run
BESIDE = 3  # months before and after it, at least


def odd_runs(ordinary: np.ndarray, season: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Find runs of two to four months far above (`side` 1) or below (-1) the months beside them.

    The months before and after a run are alike and ordinary, and so are its months in other years.
    The newest months are no run, for nothing shows yet whether their level stays.

    Returns
    -------
    whether each month is in a run; what is usual in it [units], NaN elsewhere
    """
    found, usual = np.zeros(ordinary.shape, bool), np.full(ordinary.shape, np.nan)
    plain = ordinary / np.where(season > 0, season, np.nan)
    spread, again = noise(ordinary, season, side)
    least = np.maximum(ODD_SCORE * spread, np.log(ODD_RATIO))
    for length in RUNS:
        for start in range(BESIDE, ordinary.shape[1] - length - BESIDE + 1):
            run, end = slice(start, start + length), start + length
            level = _level_beside(plain, start, end, side)
            near = slice(start - 1, end + 1)
            expected = level[:, None] * season[:, near]
            off = surprise_of(ordinary[:, near], expected, side)
            size = off[:, 1:-1].min(axis=1)
            with np.errstate(invalid="ignore"):
                beside = np.fmax(off[:, 0], off[:, -1])
                others = np.fmax(beside, again[:, run].max(axis=1))
                odd = (size > least) & (others <= size / 2)
                odd &= expected[:, 1:-1].min(axis=1) >= (FEWEST_UNITS if side < 0 else HALF)
            odd &= seldom_empty(ordinary)
            found[odd, run] = True
            usual[odd, run] = expected[odd, 1:-1]
    return found, usual


def _level_beside(plain, start, end, side):
    """The level of the half years before and after a run, NaN where they differ."""
    before = median(plain[:, max(start - HALF_YEAR, 0) : start])
    after = median(plain[:, end : end + HALF_YEAR])
    with np.errstate(invalid="ignore"):
        alike = np.abs(np.log(before + HALF) - np.log(after + HALF)) <= np.log(ODD_RATIO)
    return np.where(alike, (np.fmax if side > 0 else np.fmin)(before, after), np.nan)
