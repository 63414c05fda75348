"""Tables as sheets of a company's workbook: rows added to them, and a table in place of another.

A sheet of a starter workbook stays one: what is written stands below its hidden heads, and months
across go on where they end.
"""

from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import load_workbook
from pandas import DataFrame

from sopkit.collaboration.cells import filled
from sopkit.io.starter_sheets import ANCHOR
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


def sheets_with_rows(
    path: Path, added: Mapping[str, DataFrame], wholes: Mapping[str, DataFrame], target: Path
) -> None:
    """Copy a workbook with rows added to sheets."""
    book = load_workbook(path)
    for name, rows in added.items():
        if anchor := _starter_anchor(book, name):
            _fill(anchor, name, filled(wholes[name]))
        else:
            _add_below(book, name, rows)
    book.save(target)


def sheets_of_tables(path: Path, wholes: Mapping[str, DataFrame], target: Path) -> None:
    """Copy a workbook with tables in place of those of its sheets."""
    book = load_workbook(path)
    for name, whole in wholes.items():
        if anchor := _starter_anchor(book, name):
            _fill(anchor, name, filled(whole))
            continue
        place = len(book.sheetnames)
        if name in book.sheetnames:
            place = book.sheetnames.index(name)
            del book[name]
        book.create_sheet(name, place)
        _add_below(book, name, filled(whole))
    book.save(target)


def _starter_anchor(book: "Workbook", name: str) -> "Cell | None":
    """The anchor of the starter sheet of a table; None where there is no such sheet."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == f"{ANCHOR}{name}":
                    return cell
    return None


def _fill(anchor: "Cell", name: str, table: DataFrame) -> None:
    """Put a table below the hidden heads of a starter sheet."""
    sheet, first = anchor.parent, anchor.row + 1
    heads = {
        str(cell.value): cell.column
        for cell in sheet[anchor.row]
        if cell.value is not None and cell.column != anchor.column
    }
    across = next((head.partition(" ")[0] for head in heads if " " in head), "")
    if across:
        table = _across(sheet, name, table, across)
    for head in table.columns:
        if head not in heads:
            heads[head] = _new_column(sheet, anchor.row, head, max(heads.values()))
    for column in heads.values():
        for row in range(first, sheet.max_row + 1):
            sheet.cell(row, column).value = None
    for row, values in enumerate(table.to_dict("records"), start=first):
        for head, value in values.items():
            cell = sheet.cell(row, heads[head])
            cell._style = copy(sheet.cell(first, heads[head])._style)
            _write(cell, head.partition(" ")[0], value)


def _across(sheet: "Worksheet", name: str, table: DataFrame, column: str) -> DataFrame:
    """A table with months across, as the sheet has them."""
    key = [head for head in TABLES[name].key if head in table.columns and head != "period"]
    if other := [head for head in table.columns if head not in (*key, "period", column)]:
        raise ValueError(
            f"{name}: {', '.join(other)} has no place on the sheet {sheet.title}, where months "
            f"stand across. Leave it out of the export, or remove this sheet and add one named "
            f"{name} with a row for each month; nothing was written"
        )
    order = table[key].drop_duplicates()
    wide = table.pivot_table(index=key, columns="period", values=column, aggfunc="first")
    wide = wide.reindex(order[key[0]] if len(key) == 1 else pd.MultiIndex.from_frame(order))
    wide = wide.reset_index()
    wide = wide.rename(
        columns={head: f"{column} {head}" for head in wide.columns if head not in key}
    )
    return wide.astype(object).where(wide.notna(), None)


def _new_column(sheet: "Worksheet", row: int, head: str, last: int) -> int:
    """A further column beside the last one, in its look; its heads stand in the two rows above."""
    column, period = last + 1, head.partition(" ")[2]
    for line in range(1, sheet.max_row + 1):
        sheet.cell(line, column)._style = copy(sheet.cell(line, last)._style)
    title = sheet.cell(row - 2, column)
    title.value = pd.Period(period).to_timestamp() if period else COLUMNS[head].label.capitalize()
    sheet.cell(row - 1, column).value = COLUMNS[head.partition(" ")[0]].unit or None
    sheet.cell(row, column).value = head
    return column


def _write(cell: "Cell", column: str, value: str | None) -> None:
    """A number as a number; text stays text, whatever it begins with."""
    if value is None:
        return
    is_number = COLUMNS[column].kind in ("number", "whole")
    cell.value = float(value) if is_number else value
    cell.data_type = "n" if is_number else "s"


def _add_below(book: "Workbook", name: str, rows: DataFrame) -> None:
    """Add rows below a sheet's last; text stays text, whatever it begins with."""
    sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
    heads = (
        [str(cell.value or "").strip() for cell in sheet[1]]
        if sheet.max_row > 1 or sheet["A1"].value
        else []
    )
    for column in rows.columns:
        if column not in heads:
            heads.append(column)
            sheet.cell(1, len(heads), column)
    filled = [
        row[0].row for row in sheet.iter_rows() if any(cell.value not in (None, "") for cell in row)
    ]
    for line, row in enumerate(rows.to_dict("records"), start=max(filled) + 1):
        for column, value in row.items():
            _write(sheet.cell(line, heads.index(column) + 1), column, value)
