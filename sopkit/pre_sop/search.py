"""Search for the best combination of moves within a number of what-ifs.

Every move is planned alone. Then combinations of up to three are planned, in the order of what is
expected of them: the sum of what their moves do alone, and of what pairs that were planned do
beyond that. With enough what-ifs every combination is planned.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

MOST = 3  # moves of a combination
COMBINED = 24  # moves that are combined: those that earn most alone
BATCH = 8  # combinations planned before the next ones are chosen
NEGLIGIBLE = 1e-9  # of a target: a goal missed by less is met

Combination = frozenset[int]
Plans = dict[Combination, np.ndarray]  # what each planned combination gives: profit, then goals
Measure = Callable[[Sequence[Combination]], Sequence[np.ndarray]]


class Goals(NamedTuple):
    """The goals that no option may miss, each an element of the arrays."""

    target: np.ndarray  # [the goal's measure]
    sign: np.ndarray  # 1: at least, -1: at most
    tolerance: np.ndarray  # by how much a goal that the plan misses may be worse [its measure]


class Terms(NamedTuple):
    """What a search may plan, and what it may recommend."""

    goals: Goals
    what_ifs: int
    least_gain: float  # money that each move must add


class Moves(NamedTuple):
    """The moves of a search, and those that are combined with others."""

    near: Sequence[str]  # the gap of each: combinations within a gap come first among equals
    combinable: Collection[int]
    clash: Collection[tuple[int, int]]  # pairs that change the same rows, the lower number first


def searched(moves: Moves, base: np.ndarray, measure: Measure, terms: Terms) -> Plans:
    """Plan every move alone, then combinations, the most promising first, as long as what-ifs last.

    Parameters
    ----------
    base : profit [money] and goals of the base plan
    measure : plans combinations, and gives for each what `base` is of the plan

    Returns
    -------
    dict of the combinations that were planned -> profit and goals, the empty one among them
    """
    plans: Plans = {frozenset(): base}
    alone = [frozenset([move]) for move in range(len(moves.near))]
    wanted = alone[: terms.what_ifs]
    while wanted:
        plans |= dict(zip(wanted, measure(wanted), strict=True))
        left = terms.what_ifs - (len(plans) - 1)
        wanted = _next(moves, plans, terms)[: min(BATCH, left)] if left > 0 else []
    return plans


def extended(
    one: Combination, moves: Moves, plans: Plans, measure: Measure, terms: Terms
) -> Combination:
    """Add further moves to a combination, one at a time, that earn enough alone and in addition.

    All that is recommended is then planned together. What is planned is added to `plans`.
    """
    base = plans[frozenset()]
    gain = {
        move: plans[alone][0] - base[0]
        for move in moves.combinable
        if (alone := frozenset([move])) in plans and allowed(plans[alone], base, terms.goals)
    }
    for move in sorted(gain, key=lambda move: (-gain[move], move)):
        clashes = any(tuple(sorted((move, other))) in moves.clash for other in one)
        if gain[move] < terms.least_gain or move in one or clashes:
            continue
        more = one | {move}
        if more not in plans:
            plans[more] = measure([more])[0]
        adds = plans[more][0] - plans[one][0] >= terms.least_gain
        if adds and allowed(plans[more], base, terms.goals):
            one = more
    return one


def allowed(plan: np.ndarray, base: np.ndarray, goals: Goals) -> np.ndarray:
    """Check that a plan misses no goal that the base meets, and none much further than the base.

    `plan` may hold many plans, one a row.
    """
    missed = np.maximum(goals.sign * (goals.target - plan[..., 1:]), 0.0)
    before = np.maximum(goals.sign * (goals.target - base[1:]), 0.0)
    rounding = NEGLIGIBLE * np.maximum(np.abs(goals.target), 1.0)
    room = np.where(before > rounding, before + goals.tolerance, 0.0)
    return (missed <= room + rounding).all(axis=-1)


def best(plans: Plans, terms: Terms, among: Collection[int] | None = None) -> Combination:
    """The combination with the highest profit that is allowed and whose every move adds enough.

    Of equal ones that with fewer moves; none where the base plan earns as much.

    Parameters
    ----------
    among : the moves that may be in it; all, if none are named
    """
    base = plans[frozenset()]
    fit = [
        one
        for one in plans
        if (among is None or one.issubset(among))
        and allowed(plans[one], base, terms.goals)
        and all_add(one, plans, terms.least_gain)
    ]
    return max(fit, key=lambda one: (plans[one][0], -len(one), sorted(one)), default=frozenset())


def all_add(one: Combination, plans: Plans, least_gain: float) -> bool:
    """Check that each move of a combination adds enough to the profit of the others."""
    without = [one - {move} for move in one]
    return all(rest in plans and plans[one][0] - plans[rest][0] >= least_gain for rest in without)


def _next(moves: Moves, plans: Plans, terms: Terms) -> list[Combination]:
    """The combinations to plan next: the parts of one that may be the best, then by promise."""
    asked = list(dict.fromkeys(_parts_to_know(plans, terms)))
    return asked or _by_promise(moves, plans, terms)


def _parts_to_know(plans: Plans, terms: Terms) -> Iterator[Combination]:
    base = plans[frozenset()]
    least = plans[best(plans, terms)][0]
    for one, plan in plans.items():
        if plan[0] > least and allowed(plan, base, terms.goals):
            yield from (one - {move} for move in one if one - {move} not in plans)


def _by_promise(moves: Moves, plans: Plans, terms: Terms) -> list[Combination]:
    base = plans[frozenset()]
    known = [move for move in sorted(moves.combinable) if frozenset([move]) in plans]
    known = sorted(known, key=lambda move: -plans[frozenset([move])][0])[:COMBINED]
    clash = frozenset(moves.clash)
    open_ones = [
        one
        for size in range(2, MOST + 1)
        for one in combinations(sorted(known), size)
        if clash.isdisjoint(combinations(one, 2)) and frozenset(one) not in plans
    ]
    if not open_ones:
        return []
    expected = np.array([base + _expected(one, plans) for one in open_ones])
    fits = allowed(expected, base, terms.goals)
    together = np.array([len({moves.near[move] for move in one}) for one in open_ones])
    size = np.array([len(one) for one in open_ones])
    order = np.lexsort([size, together, -expected[:, 0], ~fits])
    return [frozenset(open_ones[place]) for place in order[:BATCH]]


def _expected(one: Sequence[int], plans: Plans) -> np.ndarray:
    """What a combination is expected to change: what its moves do alone, and its pairs beyond."""
    base = plans[frozenset()]
    alone = {move: plans[frozenset([move])] - base for move in one}
    total = sum(alone.values())
    for pair in combinations(one, 2):
        if (both := plans.get(frozenset(pair))) is not None:
            total = total + (both - base - alone[pair[0]] - alone[pair[1]])
    return np.asarray(total)
