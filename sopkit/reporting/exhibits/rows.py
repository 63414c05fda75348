"""Rows of plan tables in the order and shape in which exhibits show them."""

from collections.abc import Sequence

from pandas import DataFrame, Series


def grid(
    rows: DataFrame, index: str | Sequence[str], values: str, columns: str = "period"
) -> DataFrame:
    """A value for each of `index` (down) and `columns` (across), of which each pair has one row."""
    return rows.pivot(index=index, columns=columns, values=values)  # noqa: PD010 - none to add up


def largest_first(frame: DataFrame, by: Series) -> DataFrame:
    """The rows of a frame in the order of `by`, the largest first; equal ones keep their order."""
    return frame.loc[by.sort_values(ascending=False, kind="stable").index]
