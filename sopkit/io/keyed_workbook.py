"""Workbooks that come back: a cell that may be changed is known by its row key and column head.

A sheet with such cells has an anchor: a hidden cell that says `sopkit keys`. The row keys are in
its column, the column heads in its row; so sheets, rows and columns may be moved. A hidden sheet
holds what the workbook was made of, and the value with which each of its cells was written.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sopkit.io.excel import open_cells, rows_of_sheet
from sopkit.io.writers import is_formula
from sopkit.tables.issues import DataError, Issue, shown

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet
    from xlsxwriter import Workbook

SEAL = "seal"  # the fact that tells whether the hidden sheet is as it was written
ANCHOR, RECORD = "sopkit keys", "sopkit"  # the anchor's text; the hidden sheet's name
NUMBER, TEXT = "number", "text"
Value = float | str | None


class Place(NamedTuple):
    """What identifies a cell, wherever it stands."""

    row: str  # the row key
    head: str  # the column head


class Cell(NamedTuple):
    """A cell that may be changed, as it was written."""

    place: Place
    kind: str  # number or text
    value: Value


class Found(NamedTuple):
    """A cell as it came back: its value, and where it stands now."""

    value: Value
    where: str  # `form.xlsx sheet Demand cell F12`
    is_percent: bool = False  # shown as a percentage: its value is a share


class Returned(NamedTuple):
    """A workbook that came back."""

    facts: dict[str, str]
    written: dict[Place, Cell]
    found: dict[Place, Found]


def differs(one: Value, other: Value) -> bool:
    """Whether two values of a cell are not the same, but for rounding."""
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) > 1e-9 * max(1.0, abs(one))
    return one != other


def row_key(table: str, **key: object) -> str:
    """The key of a row as the workbook keeps it; empty columns are left out."""
    filled = {name: str(value) for name, value in key.items() if value is not None}
    return json.dumps({"table": table, **filled}, ensure_ascii=False)


def record(book: "Workbook", facts: Mapping[str, str], cells: Iterable[Cell]) -> None:
    """Write the hidden sheet: the facts, and every cell that may be changed with its value."""
    sheet = book.add_worksheet(RECORD)
    sheet.very_hidden()
    cells = list(cells)
    said = {name: str(text) for name, text in facts.items()}
    said[SEAL] = _seal(said, cells)
    for number, (name, text) in enumerate(said.items()):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, text)
    for number, cell in enumerate(cells, start=len(said) + 1):
        sheet.write_row(number, 0, [cell.place.row, cell.place.head, cell.kind])
        if cell.value is not None:
            sheet.write(number, 3, cell.value)


def read(path: Path) -> Returned:
    """Read a workbook that came back.

    Raises
    ------
    DataError : it is no such workbook; its hidden sheet was changed; a cell is missing or there
        twice; a cell of numbers holds text, an error, or a formula without its value, a cell of
        text what looks like a formula. Every fault is named by sheet and cell.
    """
    path = Path(path)
    formulas, values = open_cells(path)
    if RECORD not in values.sheetnames:
        text = "was not made by sopkit, or its hidden sheet is gone. Start from the form again."
        raise DataError([Issue(path.name, text)])
    facts, written = _recorded(path, values[RECORD].iter_rows(values_only=True))
    found: dict[Place, Found] = {}
    faults: list[Issue] = []
    for sheet in values.worksheets:
        for place, held, where in _cells(path, sheet):
            if place not in written:
                continue
            if place in found:
                what = f"{where} and {found[place].where} are the same cell. Keep one of the rows."
                faults.append(Issue(path.name, what))
            formula = formulas[sheet.title][held.coordinate].value
            value, fault = _value(written[place], held.value, formula)
            if fault:
                faults.append(Issue(path.name, f"{where} {fault}"))
            found[place] = Found(value, where, "%" in str(held.number_format))
    faults += _missing(path, written, found)
    if faults:
        raise DataError(faults)
    return Returned(facts, written, found)


def kind_of(path: Path) -> str:
    """What a workbook is that came back: `form`, `pack`, or nothing that is known."""
    path = Path(path)
    rows = rows_of_sheet(path, RECORD)
    return "" if rows is None else _recorded(path, rows)[0]["kind"]


def _recorded(path: Path, rows: Iterable[tuple]) -> tuple[dict[str, str], dict[Place, Cell]]:
    """The facts and cells of the hidden sheet's rows, if they are those that were written."""
    rows = [[*row, None, None, None, None][:4] for row in rows]
    filled = [number for number, row in enumerate(rows) if row[0] is not None]
    blank = next((n for n, number in enumerate(filled) if n != number), len(filled))
    facts = {str(row[0]): "" if row[1] is None else str(row[1]) for row in rows[:blank]}
    texts = [[str(one) for one in row[:3]] + row[3:] for row in rows[blank + 1 :]]
    cells = [Cell(Place(row, head), kind, value) for row, head, kind, value in texts]
    seal = facts.pop(SEAL, "")
    if seal != _seal(facts, cells):
        changed = "has a hidden sheet that was changed, so that answers could be lost"
        text = changed if seal else "is neither a form nor the Excel pack"
        raise DataError([Issue(path.name, f"{text}. Start from the form again.")])
    return facts, {cell.place: cell for cell in cells}


def _seal(facts: Mapping[str, str], cells: Iterable[Cell]) -> str:
    """A digest of the facts and of what identifies the cells; it finds changes, not forgery."""
    named = [*facts.items(), *((*cell.place, cell.kind) for cell in cells)]
    words = [" ".join(text.split()) for row in named for text in row]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def _cells(path: Path, sheet: "Worksheet") -> Iterator[tuple[Place, "object", str]]:
    """The cells of a sheet that have a row key and a column head."""
    rows = list(sheet.iter_rows())
    anchor = next((cell for row in rows for cell in row if cell.value == ANCHOR), None)
    if anchor is None:
        return
    heads = {cell.column: cell.value for cell in rows[anchor.row - 1] if cell.value is not None}
    del heads[anchor.column]
    for row in rows:
        key = row[anchor.column - 1].value
        if key is None or row[0].row == anchor.row:
            continue
        for cell in row:
            if cell.column in heads:
                where = f"{path.name} sheet {sheet.title} cell {cell.coordinate}"
                yield Place(str(key), str(heads[cell.column])), cell, where


def _value(cell: Cell, value: object, formula: object) -> tuple[Value, str]:
    """The value of a cell as it came back, or what is wrong with it."""
    if isinstance(formula, str) and formula.startswith("=") and value is None:
        fault = "holds a formula without its value. Open the file in Excel, save it, and try again."
        return None, fault
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, ""
    if cell.kind == TEXT:
        text = str(value).strip()
        fault = f"holds {shown(text)!r}, which begins like a formula. Begin it with a word."
        return (None, fault) if text != cell.value and is_formula(text) else (text, "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, f"holds {shown(value)!r}, which is not a number. Enter a number, or clear it."
    return float(value), ""


def _missing(path, written, found) -> Iterator[Issue]:
    gone = [place for place in written if place not in found]
    if gone:
        rows = dict.fromkeys(f"{place.head} of {_key_told(place.row)}" for place in gone)
        told = "; ".join(list(rows)[:3]) + (f" and {len(rows) - 3:,} more" if len(rows) > 3 else "")
        text = "Put the row or column back, or start from the form again."
        yield Issue(path.name, f"{len(gone):,} cells of the form are missing: {told}. {text}")


def key_of(row: str) -> dict[str, str]:
    """The key of a row by column, with its table."""
    return json.loads(row)


def _key_told(row: str) -> str:
    return ", ".join(value for name, value in key_of(row).items() if name != "table")
