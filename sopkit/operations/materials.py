"""Daily requirements of every component, and the lots that cover them.

All arrays have a row a component and a column for every calendar day of the plan.
"""

from typing import NamedTuple

import numpy as np

from sopkit.schema.tolerances import ROUNDING


class Terms(NamedTuple):
    """Purchase terms of components; those made with their parent arrive at once."""

    on_hand: np.ndarray  # units
    least: np.ndarray  # units, the smallest order
    multiple: np.ndarray  # units, 0 where any quantity is accepted
    keeps: np.ndarray  # days, the shelf life; the plan's length where there is none
    limit: np.ndarray  # units a month, infinite where there is none
    together: np.ndarray  # whether what a week needs is ordered at once
    arriving: np.ndarray  # units on order already, by day
    delivery: np.ndarray  # position of the day on which the supplier delivers what a day needs
    earliest: np.ndarray  # position of the day on which an order of the first day can be there
    planned: np.ndarray  # units the monthly plan orders by each month's end; infinite without one


class Lots(NamedTuple):
    """Orders of each component and their use, by day (components x days)."""

    ordered: np.ndarray  # units, by the day they are due
    needed: np.ndarray  # units of them that are needed, without what the order's size adds
    received: np.ndarray  # units, by the day they come
    wasted: np.ndarray  # units that outlived their shelf life
    inventory: np.ndarray  # units at the day's end
    shortage: np.ndarray  # units needed until then that were not there


def lots(required: np.ndarray, terms: Terms, week: np.ndarray, month: np.ndarray) -> Lots:
    """Order what stock and open orders do not cover, due on the required day.

    An order covers the rest of its week, never more days than the component keeps, and is then
    raised to the smallest order and the order's multiple. Before a peak beyond the supplier's limit
    it is due in an earlier month. What cannot arrive on time keeps its due day, comes as soon as it
    can, and is a shortage until then. The oldest stock is used first; opening stock is assumed to
    be fresh.

    Parameters
    ----------
    required : units by the day they are used
    week, month : number of the week and of the month of each day

    Returns
    -------
    Lots : components x days [units]
    """
    count, length = required.shape
    rows, days = np.arange(count), np.arange(length)
    left = _limits(terms, month)
    wanted = _cumulative_need(required, terms, month, left)
    covers, usable = _covered_until(terms, week), _used_while_kept(required, terms)
    ordered, needed, coming, wasted, inventory, shortage = (
        np.zeros(required.shape) for _ in range(6)
    )
    supply = np.zeros((count, length + 1))  # all that ever came, from the day before the first
    supply[:, 0] = terms.on_hand
    position, used, owed = terms.on_hand.copy(), np.zeros(count), np.zeros(count)
    placed, month_ends = np.zeros(count), set(np.flatnonzero(np.diff(month, append=-1)))
    for day in days:
        oldest = np.maximum(day - terms.keeps, -1) + 1
        expired = np.where(day >= terms.keeps, supply[rows, oldest], 0.0)
        wasted[:, day] = np.maximum(expired - used, 0.0)
        used += wasted[:, day]
        position -= wasted[:, day]
        arrival = np.maximum(day, np.minimum(terms.earliest, length - 1))
        short = wanted[:, day] > position + ROUNDING
        covered = np.maximum(
            wanted[:, day], np.minimum(wanted[rows, covers[:, day]], usable[:, day])
        )
        need = np.where(short, covered - position, 0.0)
        size = np.minimum(_size(need, terms), left[rows, month[arrival]])
        now = np.where(short, wanted[:, day] - position, 0.0)
        now = np.minimum(_size(now, terms), left[rows, month[arrival]])
        size = np.maximum(_as_planned(size, placed, terms, month[covers[:, day]], rows), now)
        if day in month_ends:
            size = np.maximum(size, _left_over(placed, terms, month[day]))
        placed += size
        left[rows, month[arrival]] -= size
        position += size
        ordered[:, day], needed[:, day] = size, np.minimum(need, size)
        coming[rows, arrival] += size
        supply[:, day + 1] = supply[:, day] + terms.arriving[:, day] + coming[:, day]
        owed += required[:, day]
        taken = np.minimum(owed, supply[:, day + 1] - used)
        used, owed = used + taken, owed - taken
        inventory[:, day], shortage[:, day] = supply[:, day + 1] - used, owed
    clean = [np.where(grid > ROUNDING, grid, 0.0) for grid in (wasted, inventory, shortage)]
    return Lots(ordered, needed, coming + terms.arriving, *clean)


def _as_planned(size, placed, terms, month, rows):
    """What is ordered for the days to come, within the monthly plan; what would be left of it below
    a smallest order is taken with it."""
    planned = terms.planned[rows, np.minimum(month, terms.planned.shape[1] - 1)]
    room = np.maximum(planned - placed, 0.0)
    kept = np.minimum(size, room)
    alone = (kept > 0) & np.isfinite(room) & (room - kept < terms.least)
    return np.where(alone, room, kept)


def _left_over(placed, terms, month):
    """What the monthly plan still has to order."""
    planned = terms.planned[:, min(month, terms.planned.shape[1] - 1)]
    rest = np.where(np.isfinite(planned), planned - placed, 0.0)
    return np.where(rest > ROUNDING, rest, 0.0)


def _size(need, terms):
    """What is ordered for a need: at least the smallest order, in whole multiples."""
    size = np.where(need > 0, np.maximum(need, terms.least), 0.0)
    steps = np.where(terms.multiple > 0, terms.multiple, 1.0)
    return np.where(terms.multiple > 0, np.ceil(size / steps - ROUNDING) * steps, size)


def _limits(terms, month):
    """What each supplier can still deliver in each month, beside what is on order already."""
    months = np.eye(month.max() + 1)[month]
    limit = np.broadcast_to(terms.limit[:, None], (len(terms.limit), months.shape[1]))
    return np.maximum(limit - terms.arriving @ months, 0.0)


def _cumulative_need(required, terms, month, limit):
    """What stock and orders must have brought by each day, beside open orders; peaks beyond a limit
    come earlier."""
    by_delivery = np.zeros(required.shape)
    np.add.at(by_delivery, (np.arange(len(required))[:, None], terms.delivery), required)
    need = np.maximum.accumulate((by_delivery - terms.arriving).cumsum(axis=1), axis=1)
    last = np.flatnonzero(np.diff(month, append=month[-1] + 1))  # each month's last day
    for number in reversed(range(len(last) - 1)):
        ahead = need[:, last[number + 1]] - limit[:, number + 1]
        possible = (terms.earliest <= last[number]) & np.isfinite(ahead)
        day = terms.delivery[:, last[number]]
        rows = np.flatnonzero(possible)
        need[rows, day[rows]] = np.maximum(need[rows, day[rows]], ahead[rows])
        need = np.maximum.accumulate(need, axis=1)
    return need


def _used_while_kept(required, terms):
    """What will have been used, beside open orders, when what comes on each day has perished."""
    used = np.maximum.accumulate((required - terms.arriving).cumsum(axis=1), axis=1)
    last = np.minimum(
        np.arange(required.shape[1]) + np.maximum(terms.keeps, 1)[:, None] - 1,
        required.shape[1] - 1,
    )
    return np.take_along_axis(used, last, axis=1)


def _covered_until(terms, week):
    """Position of the last day that an order due on each day covers."""
    days = np.arange(len(week))
    week_end = np.searchsorted(week, week, side="right") - 1
    keeps = np.minimum(week_end, days + np.maximum(terms.keeps, 1)[:, None] - 1)
    return np.where(terms.together[:, None], keeps, days)
