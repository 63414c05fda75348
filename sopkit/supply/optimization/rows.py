"""Rows of constraints, and the terms that several constraints share."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sopkit.master_data.lead_times import MonthDays, arrival_shares
from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets, years

Term = tuple[np.ndarray, np.ndarray, Any]  # row, column, coefficient: one, or an array


class Rows(NamedTuple):
    """Constraints: what their sum must be at least and at most, and its terms (row, column,
    coefficient)."""

    lower: np.ndarray
    upper: np.ndarray
    terms: list[Term]


def numbered(count: int, like: np.ndarray) -> np.ndarray:
    """The number of each of so many things in each month: things x months."""
    return np.arange(count * like.shape[-1]).reshape(count, like.shape[-1])


def at_most(limit: np.ndarray | float, row: np.ndarray, terms: list[Term]) -> Rows:
    """The terms of each row add up to at most the limit."""
    upper = np.array(np.broadcast_to(limit, row.shape), dtype=float)
    return Rows(np.full(row.shape, -np.inf), upper, terms)


def exactly(value: np.ndarray | float, row: np.ndarray, terms: list[Term]) -> Rows:
    """The terms of each row add up to exactly the value."""
    side = np.array(np.broadcast_to(value, row.shape), dtype=float)
    return Rows(side, side.copy(), terms)


def carried(row: np.ndarray, column: np.ndarray) -> list[Term]:
    """A balance's own month and the one it carries over from: this month's value less last
    month's."""
    return [(row, column, 1.0), (row[:, 1:], column[:, :-1], -1.0)]


def arriving(
    row: np.ndarray, column: np.ndarray, lead: np.ndarray, days: MonthDays, sign: float
) -> list[Term]:
    """What was started arrives after its lead time, by the calendar days of the months."""
    terms = []
    for each in np.unique(lead):
        which, shares = lead == each, arrival_shares(each, days)
        for late in range(row.shape[1]):
            share = np.diagonal(shares, late)
            if share.any():
                moved = slice(0, row.shape[1] - late)
                terms.append((row[which, late:], column[which, moved], sign * share))
    return terms


def yielded(f: Facts, at: Columns, sets: Sets) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """What comes from the last steps: positions of stocks, the columns that add to them, and
    routes."""
    finished = np.flatnonzero(f.routes.yields)
    worked = np.flatnonzero(sets.worked)
    on_crew = f.routes.yields[worked]
    return [
        (f.routes.stock[finished], at.regular[finished], finished),
        (f.routes.stock[worked[on_crew]], at.overtime[on_crew], worked[on_crew]),
    ]


def leaving(f: Facts, at: Columns, sets: Sets) -> list[tuple[np.ndarray, np.ndarray]]:
    """What leaves each stock: positions of stocks, and the columns that take from them."""
    return [(f.lanes.stock, at.shipped), (f.moves.stock, at.moved), (sets.spoiling, at.wasted)]


def position_in(chosen: np.ndarray, count: int) -> np.ndarray:
    """The place of each thing among the chosen ones; -1 where it is not chosen."""
    place = np.full(count, -1)
    place[chosen] = np.arange(len(chosen))
    return place


def incidence(position: np.ndarray, count: int) -> csr_array:
    """A row for each thing, with 1 in the column of its position."""
    return csr_array(
        (np.ones(len(position)), (np.arange(len(position)), position)), shape=(len(position), count)
    )


def of_year(columns: np.ndarray, f: Facts) -> np.ndarray:
    """The column of its year for each month; years begin with the plan."""
    return columns[:, years(len(f.months))]
