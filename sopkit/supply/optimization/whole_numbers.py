"""Whole numbers of workers, lots and posts: settle what the continuous solution leaves open."""

import highspy
import numpy as np

from sopkit.supply.optimization.linear_programme import (
    NODE_LIMIT,
    TIME_LIMIT,
    Model,
    any_number,
    cost_with,
    fix,
    pass_model,
    run,
)

# so many whole numbers of a part are always searched for the best; more are settled first, and
# searched where that misses the bound by more than ROUGH
SEARCHED_NUMBERS = 250
SEARCHED_NODES = 3000  # of the search tree with so many numbers, in proportion fewer with more
SEARCHED_GAP = 1e-6  # share of the objective by which the best so found may miss
LONGEST = 300  # seconds of a search: an emergency stop, for nodes decide
# share of the objective by which numbers that are settled may miss its bound
ROUGH = 0.001
LOOSE = 1e-6
STOPPED = {
    highspy.HighsModelStatus.kTimeLimit: TIME_LIMIT,
    highspy.HighsModelStatus.kSolutionLimit: NODE_LIMIT,
}


def with_whole_numbers(
    solver: highspy.Highs, programme: Model, values: np.ndarray, least: float
) -> tuple[np.ndarray, float, str]:
    """Settle the whole numbers that the solution with parts leaves open, from where the solver
    stands.

    Returns
    -------
    the value of each column, the bound on the cost, and what stopped the search before the plan
    was near enough to it: `TIME_LIMIT`, `NODE_LIMIT`, or "" where nothing did
    """
    reason = ""
    loose = np.flatnonzero(_fractional(programme.whole, values))
    if len(loose):
        few = len(programme.whole.column) <= SEARCHED_NUMBERS
        values = _settled(solver, programme, values, least)
        if not few and _misses(solver, least):
            values = _turned(solver, programme, values, loose)
        if few or _misses(solver, least):
            values, least, reason = _searched(solver, programme, values, least)
    counts = programme.whole.column[np.isnan(programme.whole.lot)]
    values[counts] = np.round(values[counts])
    return values, least, reason


def _misses(solver, least, share=ROUGH):
    return solver.getInfo().objective_function_value - least > share * abs(least)


def _turned(solver, programme, values, loose):
    """Turn over one after the other the numbers that the solution with parts left open, and keep
    what costs less."""
    column, count = programme.whole.column[loose], np.isnan(programme.whole.lot[loose])
    best, kept = solver.getInfo().objective_function_value, np.round(values[column])
    other = np.where(count, kept + np.where(values[column] > kept, 1, -1), 1 - kept)
    other = np.clip(other, programme.lower[column], programme.upper[column])
    for place in range(len(loose)):
        one = slice(place, place + 1)
        cost = cost_with(solver, column[one], other[one])
        turned = np.array(solver.getSolution().col_value)
        if cost < best - LOOSE and not _fractional(programme.whole, turned).any():
            best, kept[one] = cost, other[one]
        else:
            fix(solver, column[one], kept[one])
    return run(solver)


def _searched(solver, programme, values, least):
    """The best of what is settled and what searches find, the bound on the cost, and what stopped
    the searches.

    A stop at the time limit is told wherever the plan is not proved the best, for another machine
    may find another; one at the node limit where the plan is rough.

    The first search begins with the plan that is known; where that is still rough, a second begins
    with none, so that the plan is never worse than one that is searched for alone.
    """
    whole, stopped = programme.whole.column, ""
    best = solver.getInfo().objective_function_value
    kept = np.round(_numbers(programme.whole, values))
    for begin in (values, None):
        if begin is None and best - least <= ROUGH * abs(least):
            break
        numbers, bound, status = _search(programme, begin)
        stopped = TIME_LIMIT if TIME_LIMIT in (stopped, status) else status
        least = max(least, bound) if np.isfinite(bound) else least
        if numbers is None:
            continue
        fix(solver, whole, numbers)
        run(solver)
        if solver.getInfo().objective_function_value < best:
            best, kept = solver.getInfo().objective_function_value, numbers
    fix(solver, whole, kept)
    values = run(solver)
    near = {TIME_LIMIT: SEARCHED_GAP, NODE_LIMIT: ROUGH}.get(stopped, np.inf)
    return values, least, stopped if _misses(solver, least, near) else ""


def _numbers(whole, values):
    """Counts, and 1 for each switch of an amount that is made."""
    return np.where(np.isnan(whole.lot), values[whole.column], _amount(whole, values) > LOOSE)


def _fractional(whole, values):
    """Which whole numbers are not settled: broken counts, and amounts between nothing and their
    lot."""
    number = values[whole.column]
    amount = _amount(whole, values)
    broken = np.abs(number - np.round(number)) > LOOSE
    between = (amount > LOOSE) & (
        (amount < whole.lot * (1 - LOOSE) - LOOSE) | (whole.charged & (number < 1 - LOOSE))
    )
    return np.where(np.isnan(whole.lot), broken, between)


def _amount(whole, values):
    return np.append(values, 0.0)[whole.amounts].sum(axis=1)


def _settled(solver, programme, values, least):
    """Settle what is loose all at once; where that misses the best by more than a little, turn by
    turn."""
    whole, lower, upper = programme.whole.column, programme.lower, programme.upper
    together = programme._replace(
        whole=programme.whole._replace(turn=np.zeros_like(programme.whole.turn))
    )
    quick = _round_integers(solver, together, values)
    if solver.getInfo().objective_function_value - least <= ROUGH * abs(least):
        return quick
    solver.changeColsBounds(len(whole), whole.astype(np.int32), lower[whole], upper[whole])
    return _round_integers(solver, programme, run(solver))


def _round_integers(solver, programme, values):
    """Settle whole numbers turn by turn, each turn with all that follows solved again.

    A turn's numbers go to the nearest, or all up where that costs less. Near the best, quickly, and
    the same on every machine.
    """
    whole = programme.whole
    while (loose := _fractional(whole, values)).any():
        now = np.flatnonzero(loose & (whole.turn == whole.turn[loose].min()))
        column, count = whole.column[now], np.isnan(whole.lot[now])
        part = np.where(
            count,
            values[column] % 1,
            _amount(whole, values)[now] / np.where(count, 1, np.maximum(whole.lot[now], LOOSE)),
        )
        least = np.where(count, np.floor(values[column]), 0)
        choices = [
            np.clip(least + up, programme.lower[column], programme.upper[column])
            for up in (part >= 0.5, 1)
        ]
        costs = [cost_with(solver, column, numbers) for numbers in choices]
        if np.isinf(costs).all():
            choices, costs = [_one_by_one(solver, programme, column, choices[0])], [0.0]
        fix(solver, column, choices[int(np.argmin(costs))])
        values = run(solver)
    return values


def _one_by_one(solver, programme, columns, numbers):
    """Numbers that go together, where neither all of the nearest nor all rounded up do."""
    lower, upper = programme.lower[columns], programme.upper[columns]
    solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)
    numbers = numbers.copy()
    for place in range(len(columns)):
        one = slice(place, place + 1)
        near = np.clip(numbers[place] + np.array([0, 1, -1]), lower[place], upper[place])
        costs = [cost_with(solver, columns[one], np.array([number])) for number in near]
        numbers[place] = near[int(np.argmin(costs))]
        fix(solver, columns[one], numbers[one])
    return numbers


def _search(programme, start):
    """The best whole numbers, None where the search found no plan, the bound on the cost, and which
    limit stopped the search, if any did.

    The search begins with the plan that is known, if one is.
    """
    solver, count = highspy.Highs(), len(programme.whole.column)
    options = {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": SEARCHED_GAP,
        "mip_max_nodes": max(1, SEARCHED_NODES * SEARCHED_NUMBERS // max(count, SEARCHED_NUMBERS)),
        "time_limit": float(LONGEST),
    }
    for option, value in options.items():
        solver.setOptionValue(option, value)
    kinds = any_number(programme)
    kinds[programme.whole.column] = int(highspy.HighsVarType.kInteger)
    pass_model(solver, programme, kinds)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = _with_numbers(programme, start)
        solver.setSolution(known)
    solver.run()
    info, status = solver.getInfo(), STOPPED.get(solver.getModelStatus(), "")
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, info.mip_dual_bound, status
    values = np.array(solver.getSolution().col_value)
    return np.round(values[programme.whole.column]), info.mip_dual_bound, status


def _with_numbers(programme, values):
    values = values.copy()
    values[programme.whole.column] = np.round(_numbers(programme.whole, values))
    return values.tolist()
