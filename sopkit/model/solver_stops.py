"""The searches for whole numbers that were stopped, as a table."""

from pandas import DataFrame

from sopkit.model.variables import Solution
from sopkit.schema.formatting import some

NAMED = 5  # items of a part that are named


def solver_stops(solution: Solution, strategy: str) -> DataFrame:
    """List the parts of a strategy's plan whose search was stopped before it was near the best.

    Returns
    -------
    strategy, item [the products or planning groups of the part, or its resources where it has
        none] : stop_reason, gap_cost [money that the part may cost above the least, at most]
    """
    rows = [(strategy, some(one.items, NAMED), one.reason, one.gap) for one in solution.stopped]
    frame = DataFrame(rows, columns=["strategy", "item", "stop_reason", "gap_cost"])
    return frame.astype(dict.fromkeys(frame.columns[:3], "str") | {"gap_cost": float})
