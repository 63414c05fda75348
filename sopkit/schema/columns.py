"""Every column of the workbook: one meaning and one unit in all tables.

The rows are in `columns.csv`; they are read when `COLUMNS` is first used.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from sopkit.schema.reading import FOLDER, SchemaError, refuse_unknown, rows_of

FILE = FOLDER / "columns.csv"
KINDS = ("code", "text", "choice", "number", "whole", "flag", "period", "day")
WON, LOST = "won", "lost"  # the stages of a closed deal
COLUMNS: dict[str, "Column"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: its kind, unit, meaning and limits, and the words people read for it."""

    column: str
    label: str  # as within a sentence; a heading begins with a capital
    short_label: str  # on charts and where room is short; empty: the label
    kind: str  # one of KINDS
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    references: tuple[str, ...]  # tables, any of which must know the value
    remedy: str
    description: str


@cache
def read_columns(path: Path = FILE) -> dict[str, Column]:
    """Read the columns.

    Returns
    -------
    {column name : Column}, in file order

    Raises
    ------
    SchemaError : a field or kind is unknown, a column is there twice, or a limit is no number.
    """
    columns: dict[str, Column] = {}
    for number, row in enumerate(rows_of(path, [field.name for field in fields(Column)]), 2):
        where = f"{path.name} row {number} ({row['column']})"
        if row["column"] in columns:
            raise SchemaError(f"{where}: the column is there twice")
        columns[row["column"]] = _column(where, row)
    return columns


def _column(where: str, row: dict[str, str]) -> Column:
    refuse_unknown(f"{where} kind", [row["kind"]], KINDS)
    if bool(row["choices"]) != (row["kind"] == "choice"):
        raise SchemaError(f"{where}: a choice has choices, and nothing else has")
    if not row["label"] or not row["description"]:
        raise SchemaError(f"{where}: label and description must be given")
    cells: dict[str, Any] = dict(row)
    try:
        cells |= {end: float(row[end]) if row[end] else None for end in ("low", "high")}
    except ValueError as error:
        raise SchemaError(f"{where}: low and high must be numbers") from error
    lists = {name: tuple(filter(None, row[name].split("|"))) for name in ("choices", "references")}
    return Column(**cells | lists)


def __getattr__(name: str) -> Any:
    if name == "COLUMNS":
        return read_columns()
    raise AttributeError(f"module {__name__} has no attribute {name}")
