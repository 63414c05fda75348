"""The search for the best combination of moves: what it plans, and what it may recommend."""

from itertools import combinations

import numpy as np
import pytest

from sopkit.pre_sop.search import Goals, Moves, Terms, best, extended, searched

NO_GOALS = Goals(np.array([]), np.array([]), np.array([]))


def terms(what_ifs=1000, least_gain=1.0, goals=NO_GOALS):
    return Terms(goals, what_ifs, least_gain)


def moves(count, clash=(), combinable=None):
    free = range(count) if combinable is None else combinable
    return Moves([f"gap-{move % 2}" for move in range(count)], free, set(clash))


def company(alone, beyond=None, goals=None):
    """A company whose profit is what moves add alone, and what some combinations add beyond."""
    beyond = beyond or {}
    goals = goals or {}

    def planned(one):
        profit = sum(alone[move] for move in one)
        profit += sum(more for part, more in beyond.items() if set(part) <= one)
        levels = [base + sum(effect[move] for move in one) for base, effect in goals.values()]
        return np.array([profit, *levels])

    return lambda wanted: [planned(one) for one in wanted]


def found(alone, beyond=None, what_ifs=1000, clash=(), combinable=None, **kept):
    measure = company(alone, beyond)
    known, limits = moves(len(alone), clash, combinable), terms(what_ifs, **kept)
    plans = searched(known, np.array([0.0]), measure, limits)
    return plans, set(best(plans, limits, known.combinable))


def test_every_move_is_planned_alone_and_the_best_pair_and_three_are_found():
    plans, chosen = found([10.0, 20.0, -5.0, 3.0])
    assert {frozenset([move]) for move in range(4)} <= set(plans)
    assert chosen == {0, 1, 3}
    assert len(plans) - 1 == 4 + 6 + 4  # alone, pairs and threes: all of them


def test_two_limits_that_help_only_together_are_found():
    _, chosen = found([0.0, 0.0, 8.0], {(0, 1): 30.0})
    assert chosen == {0, 1, 2}


def test_moves_that_get_into_each_others_way_are_not_combined():
    """Either of two moves earns 20 and 18; together they earn 21, which is 1 more than the first."""
    _, chosen = found([20.0, 18.0], {(0, 1): -17.0}, least_gain=2.0)
    assert chosen == {0}


def test_a_move_joins_a_combination_only_if_it_adds_the_least_gain():
    _, chosen = found([20.0, 4.9], least_gain=5.0)
    assert chosen == {0}
    _, chosen = found([20.0, 5.0], least_gain=5.0)
    assert chosen == {0, 1}


def test_where_nothing_adds_the_least_gain_the_plan_stays():
    _, chosen = found([0.5, -3.0], least_gain=1.0)
    assert chosen == set()


def test_two_moves_of_the_same_rows_are_not_combined():
    plans, chosen = found([20.0, 18.0, 5.0], clash=[(0, 1)])
    assert chosen == {0, 2}
    assert not any({0, 1} <= one for one in plans)


def test_what_rests_on_others_is_planned_alone_and_neither_combined_nor_chosen():
    plans, chosen = found([90.0, 18.0, 5.0], combinable=[1, 2])
    assert plans[frozenset([0])][0] == 90
    assert not any(0 in one for one in plans if len(one) > 1)
    assert chosen == {1, 2}


def test_no_more_is_planned_than_what_ifs_are_given():
    plans, _ = found([float(n) for n in range(9)], what_ifs=20)
    assert len(plans) - 1 == 20
    plans, _ = found([float(n) for n in range(9)], what_ifs=5)
    assert len(plans) - 1 == 5


def with_goal(target, sign, tolerance, base, effects, alone):
    goals = Goals(np.array([target]), np.array([sign]), np.array([tolerance]))
    measure = company(alone, goals={"goal": (base, effects)})
    limits = terms(goals=goals)
    plans = searched(moves(len(alone)), np.array([0.0, base]), measure, limits)
    return set(best(plans, limits))


def test_a_binding_goal_that_is_met_is_not_broken():
    """Stock of 90 may rise to 100: each move fits alone, both together do not."""
    assert with_goal(100, -1, 0, 90, [6, 7], [20, 30]) == {1}
    assert with_goal(100, -1, 0, 90, [5, 5], [20, 30]) == {0, 1}


def test_a_goal_that_is_missed_is_not_worsened_beyond_its_tolerance():
    """Cash of 80 misses its floor of 100; it may fall by 10 more."""
    assert with_goal(100, 1, 10, 80, [-10, -11], [20, 30]) == {0}
    assert with_goal(100, 1, 0, 80, [-4, 3], [20, 30]) == {1}


def test_what_is_recommended_beyond_three_moves_is_planned_together():
    alone = [10.0, 20.0, 30.0, 4.0, 5.0]
    measure, limits = company(alone, {(3, 4): -4.5}), terms()
    known = moves(len(alone))
    plans = searched(known, np.array([0.0]), measure, limits)
    three = best(plans, limits)
    assert set(three) == {0, 1, 2}
    assert set(extended(three, known, plans, measure, limits)) == {0, 1, 2, 4}


def every_subset(measure, count, limits, clash):
    """All combinations of up to three moves, and the best of them by definition."""
    subsets = [frozenset(one) for size in range(1, 4) for one in combinations(range(count), size)]
    subsets = [one for one in subsets if not any(set(pair) <= one for pair in clash)]
    profit = {one: measure([one])[0] for one in [frozenset(), *subsets]}
    goals, base = limits.goals, profit[frozenset()]

    def fits(one):
        missed = np.maximum(goals.sign * (goals.target - profit[one][1:]), 0)
        before = np.maximum(goals.sign * (goals.target - base[1:]), 0)
        kept = (missed <= np.where(before > 0, before + goals.tolerance, 0) + 1e-9).all()
        gains = [profit[one][0] - profit[one - {move}][0] for move in one]
        return kept and min(gains) >= limits.least_gain

    fit = [one for one in subsets if fits(one)]
    return max((profit[one][0] for one in fit), default=0.0)


@pytest.mark.parametrize("seed", range(25))
def test_with_two_thirds_of_the_what_ifs_the_search_finds_what_trying_every_subset_finds(seed):
    """Eight moves of a company drawn by lot, pairs of which help or hinder one another."""
    draw = np.random.default_rng(seed)
    count = 8
    alone = draw.normal(5, 10, count)
    pairs = list(combinations(range(count), 2))
    beyond = {pairs[n]: draw.normal(0, 6) for n in draw.choice(len(pairs), 9, replace=False)}
    stock = draw.uniform(-5, 10, count)
    clash = {pairs[n] for n in draw.choice(len(pairs), 2, replace=False)}
    goals = Goals(np.array([112.0]), np.array([-1.0]), np.array([0.0]))
    measure = company(alone, beyond, {"stock": (95.0, stock)})
    limits = terms(what_ifs=60, goals=goals)
    plans = searched(moves(count, clash), np.array([0.0, 95.0]), measure, limits)
    assert len(plans) - 1 <= 60  # of 92 subsets
    assert plans[best(plans, limits)][0] == pytest.approx(
        every_subset(measure, count, limits, clash)
    )
