"""The variables of the supply programme, and their values in a solution, as named arrays."""

from typing import NamedTuple

import numpy as np

from sopkit.tables.periods import YEAR


class Columns(NamedTuple):
    """Position of each variable in the programme (or its value), in the shape of the thing x
    months."""

    regular: np.ndarray  # routes
    overtime: np.ndarray  # routes on a resource
    outside: np.ndarray  # stocks that are made
    shipped: np.ndarray  # lanes
    moved: np.ndarray  # moves
    stock: np.ndarray  # stocks, in four tiers: up to the least, the target, the most, and above
    wasted: np.ndarray  # stocks that spoil
    backlog: np.ndarray  # wants
    lost: np.ndarray  # wants
    workers: np.ndarray  # crews
    hired: np.ndarray  # crews
    laid_off: np.ndarray  # crews
    rented: np.ndarray  # stores
    purchased: np.ndarray  # purchases
    received: np.ndarray  # materials
    left: np.ndarray  # materials
    runs: np.ndarray  # routes in batches: 1 in a month that makes any
    busier: np.ndarray  # crews: hours above the steady pace
    calmer: np.ndarray  # crews
    above: np.ndarray  # level families: units made above the level rate
    below: np.ndarray  # level families
    more: np.ndarray  # stocks with an approved plan: units made beyond it
    less: np.ndarray  # stocks with an approved plan
    posts: np.ndarray  # crews in part-time posts: how many smallest posts
    faster: np.ndarray  # families that pay for it: units a working day more than the month before
    slower: np.ndarray  # the same, fewer
    rate: np.ndarray  # level families x years from the first month: units made a working day
    pace: np.ndarray  # crews x the same years: hours a working day
    over: np.ndarray  # rules, one column: above the most
    under: np.ndarray  # rules, one column: below the least


class Sets(NamedTuple):
    """The items that have each optional variable."""

    worked: np.ndarray  # routes on a resource
    batched: np.ndarray  # routes with a smallest lot or a set-up
    spoiling: np.ndarray  # stocks that do not keep for ever
    approved: np.ndarray  # stocks for which an approved plan said what to make
    level: np.ndarray  # families whose rate stays
    steady: np.ndarray  # crews whose number stays after the first month in which it may change
    parted: np.ndarray  # crews that come whole, in posts of another size than 1
    paced: np.ndarray  # families to which a change of the rate costs something


class Stopped(NamedTuple):
    """A part of the plan whose search for whole numbers was stopped, and how far it may be off."""

    items: tuple[str, ...]  # its products or groups; the resources of a part without any
    reason: str  # time limit or node limit
    gap: float  # the most that it may cost above the best


class Solution(NamedTuple):
    """The value of each variable and the shadow price of each constraint, thing x months."""

    columns: Columns
    sets: Sets
    savings: dict[str, np.ndarray]
    cost: float
    least_cost: float
    stopped: tuple[Stopped, ...] = ()


def years(months: int) -> np.ndarray:
    """The year of a plan of so many months that each month is in.

    Years begin with the plan; what is left over at its end belongs to the last.
    """
    return np.minimum(np.arange(months) // YEAR, max(months // YEAR, 1) - 1)
