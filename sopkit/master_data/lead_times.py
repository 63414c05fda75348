"""Lead times in calendar days: what starts in a month arrives in the months that its days end in.

What starts is spread evenly over the planned days of its month, in the first month over those after
the as-of day. Of 45 days from an October of 31, the days up to the 16th end in November: 16/31
arrives there, and 15/31 in December. A share under a tenth counts with its neighbour: of 30 days
from October one day in 31 would arrive in October itself, and a plan would start ten months of
production to have a third of a month's sooner.
"""

from typing import NamedTuple

import numpy as np
from pandas import DataFrame

from sopkit.rules.remember import remembered
from sopkit.tables.periods import day_counts, first_days, first_planned_day

SLIGHT = 0.1  # of what starts in a month: less arrives with its neighbour month


class MonthDays(NamedTuple):
    """The calendar days of the months of a plan."""

    lengths: np.ndarray  # one row of a column for each month, so that the tail repeats them
    passed: float  # days of the first month that are past


@remembered
def month_days(planning_periods: DataFrame) -> MonthDays:
    """The days of the planned months, and how many of the first are past."""
    passed = (first_planned_day(planning_periods) - first_days(planning_periods).min()).days
    return MonthDays(day_counts(planning_periods)[None, :], float(passed))


def arrival_shares(lead_time_days: float, days: MonthDays) -> np.ndarray:
    """The share of what starts in each month (rows) that arrives in each month (columns).

    A row adds up to 1, or less where the rest arrives after the last month.

    >>> quarter = MonthDays(np.array([[31.0, 30.0, 31.0]]), 0.0)
    >>> (arrival_shares(45, quarter) * [[31], [30], [31]]).tolist()
    [[0.0, 16.0, 15.0], [0.0, 0.0, 16.0], [0.0, 0.0, 0.0]]
    """
    begin, end, edges = _spans(days)
    lead = float(np.nan_to_num(lead_time_days))
    return _shares(begin + lead, end + lead, edges)[:, 1:-1]


def order_shares(lead_time_days: float, days: MonthDays) -> np.ndarray:
    """The share of what arrives in each month (rows) that was ordered in each month (columns).

    What would have been ordered before the first planned day is ordered in the first month.
    """
    begin, end, edges = _spans(days)
    lead = float(np.nan_to_num(lead_time_days))
    shares = _shares(begin - lead, end - lead, edges)
    shares[:, 1] += shares[:, 0]
    return shares[:, 1:-1]


def days_within(lead_time_days: float, days: MonthDays) -> np.ndarray:
    """The share of each month's planned days that lie within the first so many."""
    begin, end, _ = _spans(days)
    until = days.passed + float(np.nan_to_num(lead_time_days))
    return np.clip((until - begin) / (end - begin), 0.0, 1.0)


def arrived(started: np.ndarray, lead_time_days: np.ndarray, days: MonthDays) -> np.ndarray:
    """What has arrived in each month of what was started, by its lead time.

    Returns
    -------
    rows x months, as `started` is
    """
    return _by_lead(started, lead_time_days, arrival_shares, days)


def ordered_for(received: np.ndarray, lead_time_days: np.ndarray, days: MonthDays) -> np.ndarray:
    """The months in which what is received was ordered; see `order_shares`.

    Returns
    -------
    rows x months, as `received` is
    """
    return _by_lead(received, lead_time_days, order_shares, days)


def _by_lead(units, lead_time_days, shares, days):
    """Move units by the shares of their lead time; what takes no time stays as it is."""
    leads = np.nan_to_num(np.asarray(lead_time_days, dtype=float))
    moved = units.astype(float, copy=True)
    for lead in np.unique(leads[leads > 0]):
        rows = leads == lead
        moved[rows] = units[rows] @ shares(lead, days)
    return moved


def _spans(days):
    """The first planned day and the end of each month, and where months begin."""
    edges = np.concatenate([[0.0], np.cumsum(days.lengths[0])])
    begin = edges[:-1].copy()
    begin[0] = min(days.passed, edges[1] - 1)
    return begin, edges[1:], edges


def _shares(begin, end, edges):
    """The share of each span of days in each month, and before and after all: spans x months + 2.

    A slight share is added to the larger of its neighbours.
    """
    edges = np.concatenate([[-np.inf], edges, [np.inf]])
    first, last = np.maximum.outer(begin, edges[:-1]), np.minimum.outer(end, edges[1:])
    shares = np.maximum(last - first, 0.0) / (end - begin)[:, None]
    for row, month in zip(*np.nonzero((shares > 0) & (shares < SLIGHT)), strict=True):
        beside = [each for each in (month - 1, month + 1) if 0 <= each < shares.shape[1]]
        largest = max(beside, key=lambda each: shares[row, each])
        shares[row, largest] += shares[row, month]
        shares[row, month] = 0.0
    return shares
