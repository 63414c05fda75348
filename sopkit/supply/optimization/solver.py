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

SEARCHED_NUMBERS = (
    250  # so many whole numbers are searched for the best; more are settled one after the other
)
SEARCHED_NODES = 3000  # of the search tree, after which the best so far is used
SEARCHED_GAP = 1e-6  # share of the objective by which the best so found may miss
SMALL = 2000  # columns; smaller parts are solved together
# share of the objective by which numbers settled all at once may miss before they are settled in
# turns
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
    answers = _started([_part(programme, *part) for part in parts], name, starts)
    values, column_savings = np.zeros(len(programme.cost)), np.zeros(len(programme.cost))
    row_savings = np.zeros(len(programme.row_lower))
    for (columns, rows), answer in zip(parts, answers, strict=True):
        values[columns], column_savings[columns] = answer.values, answer.column_savings
        row_savings[rows] = answer.row_savings
    totals = [sum(answer.cost for answer in answers), sum(answer.least_cost for answer in answers)]
    return Answer(values, row_savings, column_savings, *totals)


def _parts(programme):
    """Columns and rows of each part that shares no row and no column with another; small ones
    together."""
    matrix, (rows, columns) = programme.matrix, programme.matrix.shape
    # rows, then columns, each column joined to its rows: the matrix as it lies in memory
    edges = np.concatenate([np.zeros(rows, dtype=matrix.indptr.dtype), matrix.indptr])
    pattern = csr_array(
        (matrix.data, matrix.indices, edges), shape=(rows + columns, rows + columns)
    )
    count, part = connected_components(pattern, directed=False)
    size = np.bincount(part[rows:], minlength=count)
    large = np.flatnonzero(size >= SMALL)
    number = np.full(count, len(large))
    number[large] = np.arange(len(large))
    of_row, of_column = number[part[:rows]], number[part[rows:]]
    parts = [
        (np.flatnonzero(of_column == n), np.flatnonzero(of_row == n)) for n in range(len(large) + 1)
    ]
    return [(columns, rows) for columns, rows in parts if len(columns)]


def _part(programme, columns, rows):
    """The programme of some columns and of the rows that hold them."""
    if len(columns) == len(programme.cost):
        return programme
    place = np.full(len(programme.cost) + 1, -1)
    place[columns] = np.arange(len(columns))
    whole = programme.whole
    mine = place[whole.column] >= 0
    return Model(
        programme.cost[columns],
        programme.lower[columns],
        programme.upper[columns],
        programme.matrix[:, columns][rows],
        programme.row_lower[rows],
        programme.row_upper[rows],
        IntegerColumns(
            place[whole.column[mine]],
            whole.turn[mine],
            place[whole.amounts[mine]],
            whole.lot[mine],
            whole.charged[mine],
        ),
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
    if _fractional(programme.whole, values).any():
        found = len(programme.whole.column) <= SEARCHED_NUMBERS and _search(programme)
        if found:
            numbers, least = found
            _fix(solver, programme.whole.column, numbers)
            values = _run(solver)
        values = _settled(solver, programme, values, least)
    counts = programme.whole.column[np.isnan(programme.whole.lot)]
    values[counts] = np.round(values[counts])
    solution = solver.getSolution()
    cost = solver.getInfo().objective_function_value
    return Answer(
        values, -np.array(solution.row_dual), -np.array(solution.col_dual), cost, least
    ), basis


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
            _amount(whole, values)[now] / np.where(count, 1, whole.lot[now]),
        )
        least = np.where(count, np.floor(values[column]), 0)
        choices = [
            np.clip(least + up, programme.lower[column], programme.upper[column])
            for up in (part >= 0.5, 1)
        ]
        outcomes = []
        for numbers in choices:
            _fix(solver, column, numbers)
            outcomes.append((_run(solver), solver.getInfo().objective_function_value))
        if outcomes[0][1] <= outcomes[1][1]:
            _fix(solver, column, choices[0])
            _run(solver)
        values = min(outcomes, key=lambda outcome: outcome[1])[0]
    return values


def _fix(solver, columns, numbers):
    numbers = numbers.astype(float)
    solver.changeColsBounds(len(columns), columns.astype(np.int32), numbers, numbers)


def _search(programme):
    """The best whole numbers and the bound on the cost; None where the search found no plan."""
    solver = highspy.Highs()
    options = {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": SEARCHED_GAP,
        "mip_max_nodes": SEARCHED_NODES,
    }
    for option, value in options.items():
        solver.setOptionValue(option, value)
    kinds = _any_number(programme)
    kinds[programme.whole.column] = int(highspy.HighsVarType.kInteger)
    _pass_model(solver, programme, kinds)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    values = np.array(solver.getSolution().col_value)
    return np.round(values[programme.whole.column]), info.mip_dual_bound


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
