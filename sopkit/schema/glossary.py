"""The words people read: labels of columns, measures and terms of `glossary.csv`."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from sopkit.schema.columns import Column, read_columns
from sopkit.schema.measures import Measure, read_measures
from sopkit.schema.reading import FOLDER, SchemaError, rows_of

FILE = FOLDER / "glossary.csv"
TERMS: dict[tuple[str, str], "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A value of a column, or the heading of something that is in no table."""

    of: str  # the column whose value it is; empty: a heading
    term: str
    label: str  # as within a sentence
    short_label: str  # on charts and where room is short; empty: the label
    unit: str
    definition: str


@cache
def read_terms(path: Path = FILE) -> dict[tuple[str, str], Term]:
    """Read the glossary.

    Returns
    -------
    {(column whose value it is, term) : Term}

    Raises
    ------
    SchemaError : a field is unknown, a term is there twice, or lacks its label or definition.
    """
    terms: dict[tuple[str, str], Term] = {}
    for number, row in enumerate(rows_of(path, [field.name for field in fields(Term)]), 2):
        term = Term(**row)
        if (term.of, term.term) in terms or not (term.label and term.definition):
            where = f"{path.name} row {number} ({term.term})"
            raise SchemaError(f"{where}: there twice, or without label or definition")
        terms[term.of, term.term] = term
    return terms


def label(term: str, short: bool = False, of: str = "") -> str:
    """Give the label of a column, a heading or a value `of` a column, as within a sentence.

    What neither file knows is a company's own name: it stays, with blanks for underscores.

    >>> label("utilization"), label("on_target", of="stock_position")
    ('utilization', 'on target')
    >>> label("last_cycle", short=True, of="strategy")
    'as last approved'
    """
    found: Term | Column | Measure | None = read_terms().get((of, term))
    if found is None and of in ("", "measure"):
        found = (read_measures() if of else read_columns()).get(term)
    if found is None:
        return term.replace("_", " ")
    return (short and found.short_label) or found.label


def heading(term: str, short: bool = False) -> str:
    """Give the heading of a column: its label with a capital."""
    text = label(term, short)
    return text[:1].upper() + text[1:]


def __getattr__(name: str) -> Any:
    if name == "TERMS":
        return read_terms()
    raise AttributeError(f"module {__name__} has no attribute {name}")
