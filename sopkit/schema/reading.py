"""Strict reading of the schema's data files: unknown fields are refused."""

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent


class SchemaError(ValueError):
    """A data file of the schema has an unknown, duplicate or missing entry."""


def rows_of(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV file that has exactly these fields.

    Returns
    -------
    list of {field : text}, in file order

    Raises
    ------
    SchemaError : a field is unknown or missing, or a line is too long or too short.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        refuse_unknown(path.name, reader.fieldnames or (), fields)
        refuse_missing(path.name, reader.fieldnames or (), fields)
        rows = list(reader)
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise SchemaError(f"{path.name} row {number}: must have {len(fields)} cells")
    return rows


def refuse_unknown(where: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse unknown names."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SchemaError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(known)}")


def refuse_missing(where: str, given: Collection[str], needed: Iterable[str]) -> None:
    """Refuse missing names."""
    missing = [name for name in needed if name not in given]
    if missing:
        raise SchemaError(f"{where}: {', '.join(missing)} must be given")
