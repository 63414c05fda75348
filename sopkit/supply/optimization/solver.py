"""A mixed-integer linear programme and its solution.

Parts of a programme that share nothing are solved apart, at the same time. A programme that differs
little from one solved before starts from that one's answer, and parts that do not differ at all
take it over.
"""

import copyreg
from typing import NamedTuple

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from sopkit.forecasting.parallel import mapped

# so many whole numbers of a part are always searched for the best; more are settled first, and
# searched where that misses the bound by more than ROUGH
SEARCHED_NUMBERS = 250
SEARCHED_NODES = 3000  # of the search tree with so many numbers, in proportion fewer with more
SEARCHED_GAP = 1e-6  # share of the objective by which the best so found may miss
LONGEST = 300  # seconds of a search: an emergency stop, for nodes decide
SMALL = 2000  # columns; smaller parts without whole numbers are solved together
# share of the objective by which numbers that are settled may miss its bound
ROUGH = 0.001
LOOSE = 1e-6


class IntegerColumns(NamedTuple):
    """Columns that hold whole numbers: counts, and switches that let an amount be nothing or a lot
    at least."""

    column: np.ndarray
    turn: np.ndarray  # in which order they are settled
    amounts: (
        np.ndarray
    )  # two columns that the switch turns on; of a count the count itself; -1 for none
    lot: np.ndarray  # nan for a count
    charged: np.ndarray  # whether turning it on costs something


class Model(NamedTuple):
    """Least cost x, with lower <= x <= upper and row_lower <= matrix x <= row_upper."""

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    matrix: csc_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    whole: IntegerColumns
    worth: np.ndarray  # the cost by which one unit more of a limit is valued


class Answer(NamedTuple):
    """The value of each column, what one more unit of each row and column bound would save, and the
    bound on the cost."""

    values: np.ndarray
    row_savings: np.ndarray
    column_savings: np.ndarray
    cost: float
    least_cost: float  # no plan with whole numbers can cost less


# (name of a programme, number of its part) -> the part, its first answer and the basis of that
Starts = dict[tuple[tuple[str, ...], int], tuple[Model, Answer, highspy.HighsBasis]]


def solve(programme: Model, name: tuple[str, ...], starts: Starts | None = None) -> Answer:
    """Find the least cost.

    `name` tells which programmes may start from one another's answers. A programme starts from the
    first answer of its name in `starts`, or leaves its own there; without, each starts from
    nothing.

    Raises
    ------
    RuntimeError : the solver gives up.
    """
    parts = _parts(programme)
    answers = _started(_taken(programme, parts), name, starts)
    values, column_savings = np.zeros(len(programme.cost)), np.zeros(len(programme.cost))
    row_savings = np.zeros(len(programme.row_lower))
    for (columns, rows, _), answer in zip(parts, answers, strict=True):
        values[columns], column_savings[columns] = answer.values, answer.column_savings
        row_savings[rows] = answer.row_savings
    totals = [sum(answer.cost for answer in answers), sum(answer.least_cost for answer in answers)]
    return Answer(values, row_savings, column_savings, *totals)


def _parts(programme):
    """Columns, rows and whole numbers of each part that shares no row and no column with another.

    Small parts without whole numbers are put together: they are solved as fast as one.
    """
    matrix, (rows, columns) = programme.matrix, programme.matrix.shape
    # rows, then columns, each column joined to its rows: the matrix as it lies in memory
    edges = np.concatenate([np.zeros(rows, dtype=matrix.indptr.dtype), matrix.indptr])
    pattern = csr_array(
        (matrix.data, matrix.indices, edges), shape=(rows + columns, rows + columns)
    )
    count, part = connected_components(pattern, directed=False)
    apart = np.bincount(part[rows:], minlength=count) >= SMALL
    apart[part[rows + programme.whole.column]] = True
    number = np.full(count, apart.sum())
    number[apart] = np.arange(apart.sum())
    of_columns, of_rows, of_numbers = (
        _members(number[things], apart.sum() + 1)
        for things in (part[rows:], part[:rows], part[rows + programme.whole.column])
    )
    parts = zip(of_columns, of_rows, of_numbers, strict=True)
    return [members for members in parts if len(members[0])]


def _members(number, count):
    """The positions of the members of each of `count` parts, in order."""
    order = np.argsort(number, kind="stable")
    return np.split(order, np.searchsorted(number[order], np.arange(1, count)))


def _taken(programme, parts):
    """The programme of each part."""
    if len(parts) == 1:
        return [programme]
    row_place = np.zeros(len(programme.row_lower), dtype=programme.matrix.indices.dtype)
    place = np.full(len(programme.cost) + 1, -1)
    for columns, rows, _ in parts:
        place[columns], row_place[rows] = np.arange(len(columns)), np.arange(len(rows))
    return [_part(programme, *part, place, row_place) for part in parts]


def _part(programme, columns, rows, numbers, place, row_place):
    """The programme of some columns, and of the rows and whole numbers that go with them."""
    mine, whole = programme.matrix[:, columns], programme.whole
    matrix = csc_array(
        (mine.data, row_place[mine.indices], mine.indptr), shape=(len(rows), len(columns))
    )
    return Model(
        programme.cost[columns],
        programme.lower[columns],
        programme.upper[columns],
        matrix,
        programme.row_lower[rows],
        programme.row_upper[rows],
        IntegerColumns(
            place[whole.column[numbers]],
            whole.turn[numbers],
            place[whole.amounts[numbers]],
            whole.lot[numbers],
            whole.charged[numbers],
        ),
        programme.worth[columns],
    )


def _started(parts, name, starts):
    """Solve each from the first answer of its name and number, or take it over where nothing has
    changed."""
    known = [None if starts is None else starts.get((name, number)) for number in range(len(parts))]
    same = [k is not None and _same(k[0], part) for k, part in zip(known, parts, strict=True)]
    blocks = [
        (part, k[2] if k is not None and k[0].matrix.shape == part.matrix.shape else None)
        for k, part, taken_over in zip(known, parts, same, strict=True)
        if not taken_over
    ]
    found = mapped(_answer, blocks, by_threads=True)
    answers = []
    for number, part in enumerate(parts):
        answer, basis = known[number][1:] if same[number] else next(found)
        answers.append(answer)
        if starts is not None:
            starts.setdefault((name, number), (part, answer, basis))
    return answers


def _same(one, other):
    pairs = zip((*one[:3], *one[4:6]), (*other[:3], *other[4:6]), strict=True)
    matrices = zip(
        (one.matrix.indptr, one.matrix.indices, one.matrix.data),
        (other.matrix.indptr, other.matrix.indices, other.matrix.data),
        strict=True,
    )
    return all(np.array_equal(a, b) for a, b in (*pairs, *matrices))


def _answer(programme, basis):
    """Solve with parts of whole numbers first; settle the whole numbers where that leaves any
    open."""
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1)):
        solver.setOptionValue(option, value)
    _pass_model(solver, programme, _any_number(programme))
    if basis is not None:
        solver.setBasis(basis)
    values = _run(solver)
    basis, least = solver.getBasis(), solver.getInfo().objective_function_value
    loose = np.flatnonzero(_fractional(programme.whole, values))
    if len(loose):
        few = len(programme.whole.column) <= SEARCHED_NUMBERS
        values = _settled(solver, programme, values, least)
        if not few and _misses(solver, least):
            values = _turned(solver, programme, values, loose)
        if few or _misses(solver, least):
            values, least = _searched(solver, programme, values, least)
    counts = programme.whole.column[np.isnan(programme.whole.lot)]
    values[counts] = np.round(values[counts])
    cost = solver.getInfo().objective_function_value
    return Answer(values, *_savings(solver, programme), cost, least), basis


def _savings(solver, programme):
    """What one more unit of each row and column bound saves at the plan found, valued at `worth`.

    The prices that rank plans are no money; at the same basis other prices give other duals.
    """
    columns = np.arange(len(programme.worth), dtype=np.int32)
    solver.changeColsCost(len(columns), columns, programme.worth)
    solver.setOptionValue("simplex_iteration_limit", 0)
    solver.run()
    solution = solver.getSolution()
    return -np.array(solution.row_dual), -np.array(solution.col_dual)


def _misses(solver, least):
    return solver.getInfo().objective_function_value - least > ROUGH * abs(least)


def _turned(solver, programme, values, loose):
    """Turn over one after the other the numbers that the solution with parts left open, and keep
    what costs less."""
    column, count = programme.whole.column[loose], np.isnan(programme.whole.lot[loose])
    best, kept = solver.getInfo().objective_function_value, np.round(values[column])
    other = np.where(count, kept + np.where(values[column] > kept, 1, -1), 1 - kept)
    other = np.clip(other, programme.lower[column], programme.upper[column])
    for place in range(len(loose)):
        one = slice(place, place + 1)
        cost = _cost_with(solver, column[one], other[one])
        turned = np.array(solver.getSolution().col_value)
        if cost < best - LOOSE and not _fractional(programme.whole, turned).any():
            best, kept[one] = cost, other[one]
        else:
            _fix(solver, column[one], kept[one])
    return _run(solver)


def _searched(solver, programme, values, least):
    """The best of what is settled and what searches find, and the bound on the cost.

    The first search begins with the plan that is known; where that is still rough, a second begins
    with none, so that the plan is never worse than one that is searched for alone.
    """
    whole = programme.whole.column
    best = solver.getInfo().objective_function_value
    kept = np.round(_numbers(programme.whole, values))
    for begin in (values, None):
        if begin is None and best - least <= ROUGH * abs(least):
            break
        found = _search(programme, begin)
        if found is None:
            continue
        numbers, bound = found
        least = max(least, bound) if np.isfinite(bound) else least
        _fix(solver, whole, numbers)
        _run(solver)
        if solver.getInfo().objective_function_value < best:
            best, kept = solver.getInfo().objective_function_value, numbers
    _fix(solver, whole, kept)
    return _run(solver), least


def _numbers(whole, values):
    """Counts, and 1 for each switch of an amount that is made."""
    return np.where(np.isnan(whole.lot), values[whole.column], _amount(whole, values) > LOOSE)


def _basis(columns, rows):
    """A basis as another process sent it: the number of each status."""
    basis = highspy.HighsBasis()
    basis.valid, basis.alien = True, False
    basis.col_status, basis.row_status = (
        [highspy.HighsBasisStatus(status) for status in statuses] for statuses in (columns, rows)
    )
    return basis


def _sent(basis):
    return _basis, tuple(
        bytes(int(s) for s in statuses) for statuses in (basis.col_status, basis.row_status)
    )


copyreg.pickle(highspy.HighsBasis, _sent)


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
    return _round_integers(solver, programme, _run(solver))


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
        costs = [_cost_with(solver, column, numbers) for numbers in choices]
        if np.isinf(costs).all():
            choices, costs = [_one_by_one(solver, programme, column, choices[0])], [0.0]
        _fix(solver, column, choices[int(np.argmin(costs))])
        values = _run(solver)
    return values


def _one_by_one(solver, programme, columns, numbers):
    """Numbers that go together, where neither all of the nearest nor all rounded up do."""
    lower, upper = programme.lower[columns], programme.upper[columns]
    solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)
    numbers = numbers.copy()
    for place in range(len(columns)):
        one = slice(place, place + 1)
        near = np.clip(numbers[place] + np.array([0, 1, -1]), lower[place], upper[place])
        costs = [_cost_with(solver, columns[one], np.array([number])) for number in near]
        numbers[place] = near[int(np.argmin(costs))]
        _fix(solver, columns[one], numbers[one])
    return numbers


def _cost_with(solver, columns, numbers):
    """The cost where these numbers are fixed; infinite where no plan has them."""
    _fix(solver, columns, numbers)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return np.inf
    return solver.getInfo().objective_function_value


def _fix(solver, columns, numbers):
    numbers = numbers.astype(float)
    solver.changeColsBounds(len(columns), columns.astype(np.int32), numbers, numbers)


def _search(programme, start):
    """The best whole numbers and the bound on the cost; None where the search found no plan.

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
    kinds = _any_number(programme)
    kinds[programme.whole.column] = int(highspy.HighsVarType.kInteger)
    _pass_model(solver, programme, kinds)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = _with_numbers(programme, start)
        solver.setSolution(known)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    values = np.array(solver.getSolution().col_value)
    return np.round(values[programme.whole.column]), info.mip_dual_bound


def _with_numbers(programme, values):
    values = values.copy()
    values[programme.whole.column] = np.round(_numbers(programme.whole, values))
    return values.tolist()


def _run(solver):
    """Solve from where the solver stands."""
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(
            f"the supply programme ended without an answer: {solver.modelStatusToString(status)}"
        )
    return np.array(solver.getSolution().col_value)


def _any_number(programme):
    return np.full(len(programme.cost), int(highspy.HighsVarType.kContinuous), dtype=np.int32)


def _pass_model(solver, p, kinds):
    """Give the solver the programme as arrays, which takes a fifth of the time that a model object
    takes."""
    # counted from the best each price could give, so that shares of the cost (gaps) mean something
    offset = -float(p.cost[p.cost < 0] @ np.where(np.isfinite(p.upper), p.upper, 0)[p.cost < 0])
    rows, columns = p.matrix.shape
    terms, by_column = p.matrix.nnz, int(highspy.MatrixFormat.kColwise)
    vectors = p.cost, p.lower, p.upper, p.row_lower, p.row_upper
    matrix = p.matrix.indptr, p.matrix.indices, p.matrix.data
    solver.passModel(
        columns,
        rows,
        terms,
        by_column,
        int(highspy.ObjSense.kMinimize),
        offset,
        *vectors,
        *matrix,
        kinds,
    )
