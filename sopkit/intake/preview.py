"""The first rows of an export under its column names, to be looked at before columns are chosen."""

from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.intake.formats import read_location
from sopkit.intake.grid import text_of
from sopkit.intake.header import find_header

ROWS = 5


def first_rows(
    location: str | Path, answers: Mapping[str, str] | None = None, rows: int = ROWS
) -> DataFrame:
    """Show the first rows of an export as text; of a workbook those of the answered or first sheet.

    Returns
    -------
    a column for each of the sheet's, labelled by line of the file

    Raises
    ------
    FileNotFoundError, ValueError : nothing is there, or it cannot be read; the message says why.
    """
    answers = answers or {}
    sheets = read_location(location, answers)[0]
    named = {grid.source.partition(" sheet ")[2]: grid for grid in sheets}
    grid = named.get(answers.get("sheet", ""), sheets[0])
    header = find_header(grid)
    below = grid.cells.index > max(header.rows, default=-1)
    cells = grid.cells.loc[below, list(header.columns)].head(rows).astype(object)
    names = [column.name for column in header.columns.values()]
    return cells.where(cells.notna(), "").map(text_of).set_axis(names, axis="columns")
