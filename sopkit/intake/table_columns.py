"""Which column of an export holds each column of an input table: told, by name, or by its cells.

What a table must have and no name tells is found by the kind of the cells: the only column of dates
is the day, of several one is asked for. Of a table that needs one of several numbers, such as a
budget, it is asked which of them an unnamed column is.
"""

import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from pandas import Series

from sopkit.intake.columns import FITS, exact, plain, roles, without_unit
from sopkit.intake.counted_in import without_count
from sopkit.intake.dates import share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.numbers import is_numeric
from sopkit.intake.rows import MEASURE, PERIOD, Table
from sopkit.schema import tables as schema
from sopkit.schema.columns import COLUMNS

ACROSS = "across"  # the key of what stands under the periods
ONE_OF = "number"  # the key of which number an unnamed column holds
UNDER = "What stands under the periods of {}?"
NUMBERS, DATES = ("number", "whole"), ("period", "day")
SEARCHED = {"dates": DATES, "numbers": NUMBERS}  # kinds of cells that are known from others


@cache
def _names() -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "table_columns.toml").read_text(encoding="utf-8")
    return {column: tuple(names) for column, names in tomllib.loads(text).items()}


def names_a_parent(name: str) -> bool:
    """Whether a column goes by a name of what components go into: parent, assembly."""
    return without_unit(name) in _names()["product"]


def columns_of(
    table: schema.Table, read: Table, decisions: Decisions, assumed: Collection[str] = ()
) -> dict[str, str]:
    """Find the column of the file for each column of a table.

    Parameters
    ----------
    assumed : columns that have a value where the file has none

    Returns
    -------
    column of the table : column of the file; what no column holds is absent. `product` stands in
        for a family that the file does not name

    Raises
    ------
    ValueError : a told column is not in the file, or a column that the table must have is not
        found; the message says which columns the file has.
    """
    found: dict[str, str] = {}
    for column in table.columns:
        if (told := decisions.told(column)) is not None:
            found[column] = exact(read.frame.columns, told, read.source)
    if PERIOD in read.frame and "period" in table.columns:
        found |= _across(table, read, found, decisions)
    for column in table.columns:
        free = [name for name in read.frame.columns if name not in found.values()]
        if column not in found and (best := column_named(table.name, column, free)):
            found[column] = decisions.guess(column, best, f"column {best} has the name of it")
    needed = [c for c in table.must_have if decisions.given.get(f"value.{c}") is None]
    lacking = [column for column in needed if column not in found and column not in assumed]
    for column in lacking:
        if name := _by_cells(column, lacking, read, found, decisions):
            found[column] = name
    several = _needed_numbers(table)
    if several and not any(c in found or f"value.{c}" in decisions.given for c in several):
        found |= _asked_number(table, several, read, found, decisions)
    if "family" in lacking and (
        product := column_named(table.name, "product", unread(read, found))
    ):
        found["product"] = decisions.guess("product", product, "it is added up by family")
        lacking.remove("family")
    _refuse_lacking(table, read, [column for column in lacking if column not in found])
    return found


def unread(read: Table, found: dict[str, str]) -> list[str]:
    """The columns of the file that no column of the table is read from."""
    return [name for name in read.frame.columns if name not in {*found.values(), PERIOD, MEASURE}]


def _across(table, read, found, decisions):
    """The periods across and, where they have one measure, the column that it is."""
    about = {} if "period" in found else {"period": PERIOD}
    if list(read.measures) != [MEASURE] or MEASURE in found.values():
        return about
    free = [c for c in table.columns if COLUMNS[c].kind in NUMBERS and c not in found]
    free = [c for c in free if decisions.given.get(f"value.{c}") is None]
    one_of = [c for c in _needed_numbers(table) if c in free]
    amounts = one_of or [c for c in free if c in table.required] or free
    if not amounts:
        return about
    told = amounts[0]
    if one_of:
        told = decisions.ask(Question(ACROSS, UNDER.format(read.source), tuple(amounts), told))
    elif len(amounts) > 1:
        reason = "nothing says what stands under the periods"
        told = decisions.guess(ACROSS, told, reason, amounts)
    return about | {told: MEASURE}


def _needed_numbers(table: schema.Table) -> list[str]:
    """The numbers of which every row of a table must give one."""
    several = [check["columns"] for check in table.checks if check["rule"] == "one_of"]
    return [c for columns in several for c in columns if COLUMNS[c].kind in NUMBERS]


def column_named(table: str, column: str, names: list[str]) -> str | None:
    """The column of a file that goes by the name of a table's column; None where none does."""
    known = [*_names().get(f"{table}.{column}", ()), plain(column), plain(COLUMNS[column].label)]
    known += _names().get(column, ())
    if column in roles():
        known += [name for name in roles()[column].names if name not in known]
    known = [text.replace(" ", "") for text in known]
    written = [(without_unit(name), name) for name in names]
    written += [(without_count(column, name), name) for name in names]
    ranked = [
        (known.index(text), name)
        for text, name in ((text.replace(" ", ""), name) for text, name in written)
        if text in known
    ]
    return min(ranked)[1] if ranked else None


def _by_cells(column, lacking, read, found, decisions):
    """The column whose cells are of the kind that a lacking column needs: the only one, or the
    one that is asked for; None where no cells are, or where several columns lack cells of it."""
    for kind, kinds in SEARCHED.items():
        if COLUMNS[column].kind not in kinds:
            continue
        free = [name for name in unread(read, found) if _holds(kind, read.frame[name])]
        if not free or sum(COLUMNS[one].kind in kinds for one in lacking) > 1:
            return None
        if len(free) == 1:
            return decisions.guess(column, free[0], f"{free[0]} is the only other column of {kind}")
        text = f"Which column of {read.source} holds {COLUMNS[column].label}?"
        return decisions.ask(Question(column, text, tuple(free), free[0]))
    return None


def _asked_number(table, several, read, found, decisions):
    """Which of several numbers the only unnamed column of numbers is."""
    free = [name for name in unread(read, found) if _holds("numbers", read.frame[name])]
    if len(free) != 1:
        _refuse_lacking(table, read, several, "one of ")
        return {}
    text = f"What does column {free[0]} of {read.source} hold?"
    return {decisions.ask(Question(ONE_OF, text, tuple(several), several[0])): free[0]}


def _holds(kind: str, cells: Series) -> bool:
    if kind == "dates":
        return share_of_dates(cells) >= FITS
    return is_numeric(cells) >= FITS and share_of_dates(cells) < FITS


def _refuse_lacking(
    table: schema.Table, read: Table, lacking: Sequence[str], which: str = ""
) -> None:
    if not lacking:
        return
    has = ", ".join(name for name in read.frame.columns if name not in (PERIOD, MEASURE))
    across = " beside periods across" if PERIOD in read.frame else ""
    raise ValueError(
        f"{table.name} needs {which}{', '.join(lacking)}, which no column of the file is named "
        f"like; it has {has}{across}. Name it with --answer {lacking[0]}=COLUMN, or give all rows "
        f"one value with --answer value.{lacking[0]}=VALUE."
    )
