"""A mixed-integer linear programme, and the solver that it is given to."""

from typing import NamedTuple

import highspy
import numpy as np
from scipy.sparse import csc_array

TIME_LIMIT, NODE_LIMIT = "time limit", "node limit"  # what may stop a search


class IntegerColumns(NamedTuple):
    """Columns that hold whole numbers: counts, and switches that let an amount be nothing or a lot
    at least."""

    column: np.ndarray
    turn: np.ndarray  # in which order they are settled
    # two columns that the switch turns on; of a count the count itself; -1 for none
    amounts: np.ndarray
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


class Stop(NamedTuple):
    """A search for whole numbers that was stopped before the plan was known to be near the best."""

    columns: np.ndarray  # of the programme's part that was searched
    reason: str  # TIME_LIMIT or NODE_LIMIT
    gap: float  # the most that the plan found may cost above the best


class Answer(NamedTuple):
    """The value of each column, what one more unit of each row and column bound would save, and the
    bound on the cost."""

    values: np.ndarray
    row_savings: np.ndarray
    column_savings: np.ndarray
    cost: float
    least_cost: float  # no plan with whole numbers can cost less
    stops: tuple[Stop, ...]


def run(solver: highspy.Highs) -> np.ndarray:
    """Solve from where the solver stands.

    Returns
    -------
    the value of each column

    Raises
    ------
    RuntimeError : the solver gives up.
    """
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(
            f"the supply programme ended without an answer: {solver.modelStatusToString(status)}"
        )
    return np.array(solver.getSolution().col_value)


def cost_with(solver: highspy.Highs, columns: np.ndarray, numbers: np.ndarray) -> float:
    """The cost where these numbers are fixed; infinite where no plan has them."""
    fix(solver, columns, numbers)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return np.inf
    return solver.getInfo().objective_function_value


def fix(solver: highspy.Highs, columns: np.ndarray, numbers: np.ndarray) -> None:
    """Fix columns at these numbers."""
    numbers = numbers.astype(float)
    solver.changeColsBounds(len(columns), columns.astype(np.int32), numbers, numbers)


def any_number(programme: Model) -> np.ndarray:
    """The kind of each column where none must be whole."""
    return np.full(len(programme.cost), int(highspy.HighsVarType.kContinuous), dtype=np.int32)


def pass_model(solver: highspy.Highs, p: Model, kinds: np.ndarray) -> None:
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
