"""Solve a programme part by part.

Parts of a programme that share nothing are solved apart, at the same time. A programme that differs
little from one solved before starts from that one's answer, and parts that do not differ at all
take it over.
"""

import copyreg

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from sopkit.forecasting.parallel import mapped
from sopkit.supply.optimization.linear_programme import (
    Answer,
    IntegerColumns,
    Model,
    Stop,
    any_number,
    pass_model,
    run,
)
from sopkit.supply.optimization.whole_numbers import with_whole_numbers

SMALL = 2000  # columns; smaller parts without whole numbers are solved together


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
    cost = sum(answer.cost for answer in answers)
    least = sum(answer.least_cost for answer in answers)
    stops = [
        stop._replace(columns=columns[stop.columns])
        for (columns, _, _), answer in zip(parts, answers, strict=True)
        for stop in answer.stops
    ]
    return Answer(values, row_savings, column_savings, cost, least, tuple(stops))


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
    pass_model(solver, programme, any_number(programme))
    if basis is not None:
        solver.setBasis(basis)
    values = run(solver)
    basis, least = solver.getBasis(), solver.getInfo().objective_function_value
    values, least, reason = with_whole_numbers(solver, programme, values, least)
    cost = solver.getInfo().objective_function_value
    stops = (Stop(np.arange(len(values)), reason, cost - least),) if reason else ()
    return Answer(values, *_savings(solver, programme), cost, least, stops), basis


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
