"""Sheets of the starter workbook: plain heads for people, hidden heads for the reader.

A sheet has an anchor: a hidden cell that says `sopkit table` and the table. The names of its
columns stand in the anchor's row, what is filled in below it. A head such as `quantity 2026-09` is
a month of a number that stands across. So sheets, rows and columns may be moved, and others added.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sopkit.io.delimited import TextTable, without_blanks
from sopkit.io.excel import cell_text, open_cells
from sopkit.schema.columns import COLUMNS
from sopkit.tables.issues import SHOWN_ROWS, Issue, shown

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

ANCHOR = "sopkit table "  # begins the anchor's text; the table's name follows
RECORD, KIND = "sopkit", "starter"  # the hidden sheet's name; what it says of the workbook


class Starter(NamedTuple):
    """What a starter workbook holds: its tables, its faults, and the sheets that they are of."""

    tables: dict[str, TextTable]
    faults: list[Issue]
    titles: set[str]


def is_starter(found: Mapping[str, TextTable]) -> bool:
    """Whether the sheets of a workbook are those of a starter workbook."""
    return RECORD in found and list(found[RECORD].frame.columns[:2]) == ["kind", KIND]


def read_starter(path: Path) -> Starter:
    """Read the tables of a starter workbook; those in which nothing is filled in are absent.

    Faults of cells, a head that is there twice and a table on two sheets are named by sheet and
    cell.
    """
    formulas, values = open_cells(path)
    made = Starter({}, [], {RECORD, "Start"})
    for sheet in values.worksheets:
        anchor = _anchor(sheet)
        if anchor is None:
            continue
        made.titles.add(sheet.title)
        name = str(anchor.value).removeprefix(ANCHOR)
        source = f"{path.name} sheet {sheet.title}"
        if name in made.tables:
            text = f"{source} is of {name}, as {made.tables[name].source} is. Keep one of them."
            made.faults.append(Issue(name, text))
            continue
        faults: list[str] = []
        rows = list(_rows(sheet, formulas[sheet.title], anchor, faults))
        made.faults.extend(Issue(name, f"{source} {text}") for text in faults[:SHOWN_ROWS])
        if rows and not faults:
            lines, records = zip(*rows, strict=True)
            frame = pd.DataFrame(list(records), index=pd.Index(lines, dtype="int64"))
            frame = frame.fillna("").astype("str")
            made.tables[name] = TextTable(without_blanks(frame), source)
    return made


def _anchor(sheet: "Worksheet") -> "Cell | None":
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith(ANCHOR):
                return cell
    return None


def _rows(
    sheet: "Worksheet", formulas: "Worksheet", anchor: "Cell", faults: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the anchor in which anything is filled in: the line less 2, and the texts by
    column; a row with months across is one for each month."""
    heads: dict[str, int] = {}
    for cell in sheet[anchor.row]:
        if cell.value is None or cell.column == anchor.column:
            continue
        if cell.value in heads:
            faults.append(f"cell {cell.coordinate}: {cell.value} is there twice. Keep one of them.")
        heads[str(cell.value)] = cell.column
    across = {head: column for head, column in heads.items() if " " in head}
    for row in sheet.iter_rows(min_row=anchor.row + 1):
        filled = {
            head: _text(row[column - 1], formulas, head.partition(" ")[0], faults)
            for head, column in heads.items()
        }
        if not any(filled.values()):
            continue
        line = row[0].row - 2
        names = {head: text for head, text in filled.items() if head not in across}
        if not across:
            yield line, names
        for head in across:
            column, _, period = head.partition(" ")
            if filled[head]:
                yield line, names | {"period": period, column: filled[head]}


def _text(cell: "Cell", formulas: "Worksheet", column: str, faults: list[str]) -> str:
    """The text of a cell; what is wrong with it is added to the faults."""
    if cell.value is None:
        if formulas[cell.coordinate].data_type == "f":
            text = "is a formula whose value was not saved. Open and save the file in Excel."
            faults.append(f"cell {cell.coordinate} {text}")
        return ""
    found: list[tuple[str, str]] = []
    text = cell_text(cell, column, found)
    faults.extend(f"cell {place} {wrong}" for place, wrong in found)
    is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    if COLUMNS[column].kind in ("number", "whole") and not is_number and text.strip() and not found:
        wrong = f"holds {shown(cell.value)}, which is not a number. Enter a number, or clear it."
        faults.append(f"cell {cell.coordinate} {wrong}")
    return text
