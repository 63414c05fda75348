"""Months that are hardly demand: zeros of a product that always sells, and single odd months.

Arrays are series x months [units], NaN where a month is not ordinary (promoted, out of stock) or
not recorded. What comparable months say is the yardstick; it is never 0, so that no month is
cleansed to nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sopkit.forecasting.comparable_months import comparable_months, median, other_years
from sopkit.tables.periods import YEAR

HALF_YEAR = 6
ODD_SCORE = 4.0  # robust standard deviations off what comparable months say
ODD_RATIO = 1.5  # and at least that many times it, or that part of it
SMALLEST_SPREAD = 0.05  # no series is so regular that 5 % is not ordinary
MOST_ZEROS_RATIO = 0.2  # with more empty months than this, odd months are the nature of the demand
FEWEST_FOR_STL = 3 * YEAR + 1  # of fewer it takes part of an odd month for the season
# months of the seasonal smoother: so long that the season is the same every year
EVERY_YEAR = 10_001
TREND_MONTHS = 13
HALF = 0.5  # a unit's half, added before logarithms

FEWEST_UNITS = 8  # a product that sells fewer in its median month may well sell none in another
LOW_SHARE = 1 / 3  # its lowest other months are at least that part of what is usual
LOW_MONTHS = 0.04  # but for so many of them: another fault hides no gap
FEWEST_SOLD = 6  # and it has sold in so many of them
MOST_GAPS = 1 / 3  # empty months, as a share of the others; with more they belong to the demand
LATE = 2  # so many empty months at the end are a doubt; more are the end of sales


class Judged(NamedTuple):
    """STL estimates of suspected months (series x months).

    heard : where it could judge
    confirmed : where it judged that the month is odd
    usual : estimated demand of the month [units], NaN without an estimate
    """

    heard: np.ndarray
    confirmed: np.ndarray
    usual: np.ndarray


def not_on_sale(sold: np.ndarray) -> np.ndarray:
    """Find the zeros that cannot be demand: true where a product that always sells sold nothing.

    Its median month is 8 units or more, and hardly an other month lies below a third of what is
    usual. Months before the first sale, the same months of most years (a season or a yearly
    closure), and more than two months at the end are no such gaps.
    """
    months = np.arange(sold.shape[1])
    with np.errstate(invalid="ignore"):
        some, none = sold > 0, sold == 0
    first = np.where(some.any(axis=1), some.argmax(axis=1), months.size)
    last = np.where(some.any(axis=1), months.size - 1 - some[:, ::-1].argmax(axis=1), -1)
    end = np.where(months.size - 1 - last <= LATE, months.size, last)
    inside = (months >= first[:, None]) & (months < end[:, None])
    empty = none & inside
    if not empty.any():
        return empty
    value = np.where(some, sold, np.nan)
    expected, _ = comparable_months(value)
    always = (median(value) >= FEWEST_UNITS) & (_lowest(value, expected) >= LOW_SHARE)
    always &= some.sum(axis=1) >= FEWEST_SOLD
    always &= empty.sum(axis=1) <= MOST_GAPS * (some & inside).sum(axis=1)
    return empty & always[:, None] & ~_yearly(empty, inside & ~np.isnan(sold))


def _lowest(value, expected):
    """The lowest month of each series as a share of what is usual, but for a few."""
    share = np.where(expected > 0, value / np.where(expected > 0, expected, 1.0), np.nan)
    ordered = np.sort(share, axis=1)  # NaN goes last
    place = (LOW_MONTHS * (~np.isnan(share)).sum(axis=1)).round().astype(int)
    return np.nan_to_num(ordered[np.arange(len(share)), place])


def _yearly(empty, known):
    """Where the same month is empty in two years or more, and in more than half of all."""
    years = np.zeros_like(empty)
    for month in range(min(YEAR, empty.shape[1])):
        same = slice(month, None, YEAR)
        count, whole = empty[:, same].sum(axis=1), known[:, same].sum(axis=1)
        years[:, same] = ((count >= 2) & (count > whole / 2))[:, None]
    return years


def odd_months(ordinary: np.ndarray, season: np.ndarray, side: int) -> np.ndarray:
    """Find single months far above (`side` 1) or below (-1) the months before and after.

    The test is on logarithms with a robust spread, so a volatile series needs a larger one than a
    steady one, and an odd month does not hide itself. A level that stays, and a month that is odd
    in another year too, is none; neither is the newest month if the one before it was odd too.
    """
    before, _, usual, surprise = _beside(ordinary, season, side)
    spread, recurs = noise(ordinary, season, side)
    spread = spread[:, None]
    with np.errstate(invalid="ignore"):
        far = surprise > np.maximum(ODD_SCORE * spread, np.log(ODD_RATIO))
        far &= usual >= (FEWEST_UNITS if side < 0 else HALF)
    known = np.where(np.isnan(surprise), -np.inf, surprise)
    beside = np.pad(known, ((0, 0), (1, 1)), constant_values=-np.inf)
    beside = np.maximum(beside[:, :-2], beside[:, 2:])
    if ordinary.shape[1] > 1:
        since = surprise_of(ordinary, before * season, side)[:, -2]
        beside[:, -1] = np.where(np.isnan(since), -np.inf, since)
    again = np.maximum(recurs, beside)
    return far & (again <= surprise / 2) & seldom_empty(ordinary)[:, None]


def without_mirrored(
    ordinary: np.ndarray, suspect: Mapping[int, np.ndarray]
) -> dict[int, np.ndarray]:
    """Clear the month that looks odd only because the same month of the other year is: with two
    years of it, the season is half of the odd one. Of the two that one is odd that is farther from
    the months around it.

    `suspect` are the suspected months by side.
    """
    before, after = _sides(ordinary)
    around = np.where(
        np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2)
    )
    far = np.abs(np.log(ordinary + HALF) - np.log(around + HALF))
    short = (~np.isnan(ordinary)).sum(axis=1) < FEWEST_FOR_STL
    kept = {}
    for side, months in suspect.items():
        other = np.where(suspect[-side], far, -np.inf)
        mirrored = np.full(far.shape, -np.inf)
        mirrored[:, :-YEAR] = other[:, YEAR:]
        mirrored[:, YEAR:] = np.maximum(mirrored[:, YEAR:], other[:, :-YEAR])
        kept[side] = months & ~(short[:, None] & (mirrored > far))
    return kept


def _beside(ordinary, season, side):
    """The levels before and after each month, what is usual by them, and how far off it is."""
    before, after = _sides(ordinary / np.where(season > 0, season, np.nan))
    usual = (np.fmax if side > 0 else np.fmin)(before, after) * season
    return before, after, usual, surprise_of(ordinary, usual, side)


def seldom_empty(ordinary: np.ndarray) -> np.ndarray:
    """Which series have so few months without sales that an odd month is not their nature."""
    known = np.maximum((~np.isnan(ordinary)).sum(axis=1), 1)
    return np.sum(ordinary == 0, axis=1) / known <= MOST_ZEROS_RATIO


def noise(ordinary: np.ndarray, season: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """How far off a series' months usually are, and each month at most in other years, in
    logarithms."""
    surprise = _beside(ordinary, season, side)[3]
    spread = np.maximum(1.4826 * median(np.abs(surprise)), SMALLEST_SPREAD)
    known = np.where(np.isnan(surprise), -np.inf, surprise)
    others = other_years(ordinary.shape[1])
    again = np.column_stack([known[:, months].max(axis=1, initial=-np.inf) for months in others])
    return spread, again


def surprise_of(ordinary: np.ndarray, usual: np.ndarray, side: int) -> np.ndarray:
    """How far months are above (`side` 1) or below (-1) what is usual, in logarithms."""
    return side * (np.log(ordinary + HALF) - np.log(usual + HALF))


def _sides(plain):
    """The medians of the half years before and after each month."""
    months = plain.shape[1]
    before = np.column_stack([median(plain[:, max(t - HALF_YEAR, 0) : t]) for t in range(months)])
    after = np.column_stack([median(plain[:, t + 1 : t + 1 + HALF_YEAR]) for t in range(months)])
    return before, after


def judged(
    ordinary: np.ndarray, expected: np.ndarray, suspect: np.ndarray, side: int = 1
) -> Judged:
    """Estimate the suspected months of each series of two full years by STL.

    A month is confirmed by the same criteria that made it suspected. What it would have brought is
    fitted once more without it, for even a robust season gives way to an odd month when there are
    few years of it.

    Returns
    -------
    Judged

    Source
    ------
    Cleveland and others, STL: a seasonal-trend decomposition procedure based on loess (1990).
    """
    result = Judged(np.zeros_like(suspect), np.zeros_like(suspect), np.full(suspect.shape, np.nan))
    whole = np.where(np.isnan(ordinary), expected, ordinary)
    for series, month in np.argwhere(suspect):  # a few in a thousand series
        known = np.flatnonzero(~np.isnan(ordinary[series]))
        span = slice(known[0], known[-1] + 1)
        logs = np.log(whole[series, span] + HALF)
        if len(logs) < FEWEST_FOR_STL or np.isnan(logs).any():
            continue
        at = month - known[0]
        surprise = side * (logs - _trend_and_season(logs))
        spread = max(1.4826 * np.median(np.abs(np.delete(surprise, at))), SMALLEST_SPREAD)
        result.heard[series, month] = True
        result.confirmed[series, month] = surprise[at] > max(ODD_SCORE * spread, np.log(ODD_RATIO))
        logs[at] = np.log(expected[series, month] + HALF)
        result.usual[series, month] = max(np.exp(_trend_and_season(logs)[at]) - HALF, 0.0)
    return result


def _trend_and_season(logs):
    from statsmodels.tsa.seasonal import STL

    parts = STL(logs, YEAR, EVERY_YEAR, TREND_MONTHS, seasonal_deg=0, robust=True).fit()
    return parts.trend + parts.seasonal
