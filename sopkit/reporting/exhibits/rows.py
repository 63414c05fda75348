"""Rows of plan tables in the order and shape in which exhibits show them."""

from collections.abc import Iterable, Sequence

from pandas import DataFrame, Series

from sopkit.reporting.theme import OTHERS


def grid(
    rows: DataFrame, index: str | Sequence[str], values: str, columns: str = "period"
) -> DataFrame:
    """A value for each of `index` (down) and `columns` (across), of which each pair has one row."""
    return rows.pivot(index=index, columns=columns, values=values)  # noqa: PD010 - none to add up


def with_others(parts: DataFrame, most: int) -> DataFrame:
    """The columns that are largest in all, the largest first, and the sum of the `others`.

    A legend of more than five is not read; what the others are stands in the table below.
    """
    order = parts.sum().sort_values(ascending=False, kind="stable").index
    first, rest = order[:most], order[most:]
    if len(rest) <= 1:
        return parts[order]
    return parts[first].assign(**{OTHERS.label: parts[rest].sum(axis=1)})


def largest_first(frame: DataFrame, by: Series) -> DataFrame:
    """The rows of a frame in the order of `by`, the largest first; equal ones keep their order."""
    return frame.loc[by.sort_values(ascending=False, kind="stable").index]


def with_demand(demand_plan: DataFrame, parts: Iterable[str]) -> list[str]:
    """The parts of demand, without the pick-up of orders where no order is a signal."""
    name = "pickup_demand"
    silent = name not in demand_plan or not demand_plan[name].fillna(0.0).any()
    return [part for part in parts if part != name or not silent]
