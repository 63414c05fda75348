"""Excel workbooks as tables of text.

No cell is guessed to be a number, a date or missing; see `files`.
"""

import contextlib
import zipfile
import zlib
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from sopkit.io.delimited import (
    FAR_ROWS,
    MAX_COLUMNS,
    MAX_WORKBOOK,
    TextTable,
    refusal,
    refuse_size,
    without_blanks,
)
from sopkit.io.workbook_parts import (
    MANY_EMPTY,
    SHEETS,
    calls_a_program,
    contents,
    empty_cells,
    without_empty_cells,
)
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import SHOWN_ROWS, DataError, Issue, visible
from sopkit.tables.parsing import TOO_LARGE

if TYPE_CHECKING:
    from openpyxl import Workbook


def read_workbook(
    path: Path, ignore: Collection[str] = ()
) -> tuple[dict[str, TextTable], list[Issue]]:
    """Read every sheet of an Excel workbook as text.

    Dates become 2026-10-31, whole numbers lose their point, true and false are written small.

    Returns
    -------
    (sheet name : TextTable; faults of the sheets that are left out: a cell holds an error, a
    formula without its value,
        or a date where a code belongs)

    Raises
    ------
    DataError : the file is no workbook or too big.
    """
    from openpyxl import load_workbook

    path = Path(path)
    source, formulas = _inspected(path)
    try:
        alike = {"read_only": True, "keep_links": False}
        values = load_workbook(source, data_only=True, **alike)
        texts = load_workbook(source, **alike) if formulas else None
        found, faults = {}, []
        for sheet in values.worksheets:
            if sheet.title.casefold() in ignore:
                continue
            try:
                table = _sheet(path, sheet, texts and texts[sheet.title])
                if table is not None:
                    found[sheet.title] = table
            except DataError as error:
                faults += error.faults
    except DataError:
        raise
    except _DAMAGES as error:
        raise refusal(
            path, f"is damaged ({visible(str(error))[:200]}). Open and save it in Excel."
        ) from error
    for book in filter(None, (values, texts)):
        book.close()
    return found, faults


def open_cells(path: Path) -> tuple["Workbook", "Workbook"]:
    """Open a workbook twice: its formulas, and the values that they were saved with.

    Raises
    ------
    DataError : the file is no workbook or too big.
    """
    from openpyxl import load_workbook

    source, _ = _inspected(path)
    try:
        formulas = load_workbook(source, keep_links=False)
        return formulas, load_workbook(source, data_only=True, keep_links=False)
    except _DAMAGES as error:
        raise refusal(
            path, f"is damaged ({visible(str(error))[:200]}). Open and save it in Excel."
        ) from error


def rows_of_sheet(path: Path, name: str) -> list[tuple] | None:
    """The values of one sheet, row by row, without reading the others; None where it is not there.

    Raises
    ------
    DataError : the file is no workbook or too big.
    """
    from openpyxl import load_workbook

    source, _ = _inspected(path)
    try:
        book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        with contextlib.closing(book):
            if name not in book.sheetnames:
                return None
            book[name].reset_dimensions()  # a file may say anything of its size
            return list(book[name].iter_rows(values_only=True))
    except _DAMAGES as error:
        raise refusal(
            path, f"is damaged ({visible(str(error))[:200]}). Open and save it in Excel."
        ) from error


_LOCKED = (
    "is not an Excel workbook (.xlsx), or is protected by a password. Save it as .xlsx without one."
)
# What the reader raises where the parts of a workbook contradict one another, or are cut off.
_DAMAGES = (
    KeyError,
    ValueError,
    ParseError,
    TypeError,
    AttributeError,
    IndexError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)


def _inspected(path):
    """Refuse what would swamp the machine when unpacked.

    Returns
    -------
    (the workbook to read: the file, or a copy without its empty cells where it has many; whether
    any sheet holds formulas)
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {item.filename: item for item in archive.infolist()}
            refuse_size(
                path, sum(item.file_size for item in parts.values()), MAX_WORKBOOK, "unpacks to"
            )
            if any(item.flag_bits & 1 for item in parts.values()):
                raise refusal(path, _LOCKED)
            if any(name.casefold().endswith("vbaproject.bin") for name in parts):
                raise refusal(
                    path, "holds macros, which are not run. Save it as .xlsx without macros."
                )
            has_formulas, has_empty = _looked_through(path, archive)
            return without_empty_cells(archive) if has_empty else path, has_formulas
    except zipfile.BadZipFile:
        raise refusal(path, _LOCKED) from None
    except (zlib.error, NotImplementedError, EOFError) as error:
        raise refusal(path, f"is damaged ({error}). Open and save it in Excel.") from error


def _looked_through(path, archive):
    """Unpack every part, and say whether sheets hold formulas, and many empty cells."""
    found, has_empty = {}, False
    for name, content in contents(archive):
        if calls_a_program(name, content):
            text = "links cells to another program (DDE or OLE), which is not started. "
            raise refusal(path, f"{text}Break the link in Excel: Data, Edit Links.")
        if name.startswith(SHEETS) and name.endswith(".xml"):
            found[name] = b"<f" in content
            has_empty = has_empty or empty_cells(name, content) >= MANY_EMPTY
    if not found:
        raise refusal(path, "holds no sheets; it is not an Excel workbook. Save it as .xlsx.")
    return any(found.values()), has_empty


def _sheet(path, sheet, formulas):
    """Read one sheet, or None of an empty one that is no table."""
    source = f"{path.name} sheet {sheet.title}"
    header, rows, lines = _header_and_rows(source, sheet, formulas)
    if not rows and not any(header) and sheet.title not in TABLES:
        return None  # the empty sheet that a new workbook comes with
    if not any(header):
        raise DataError([Issue(sheet.title, f"{source} has no column names in row 1.")])
    width = max([len(header), *map(len, rows)])
    full = [row + [""] * (width - len(row)) for row in rows]
    columns = header + [""] * (width - len(header))
    frame = pd.DataFrame(full, columns=columns, index=pd.Index(lines, dtype="int64")).astype("str")
    hidden = f"{source} is hidden, but is read. Unhide or delete it."
    notes = () if sheet.sheet_state == "visible" else (hidden,)
    return TextTable(without_blanks(frame), source, notes=notes)


def _header_and_rows(source, sheet, formulas):
    """The texts of a sheet; rows are as wide as their last cell, so that a stray one costs nothing.

    Returns
    -------
    (names in row 1, rows that are not empty, the line number less 2 of each)
    """
    sheet.reset_dimensions()
    if formulas is not None:
        formulas.reset_dimensions()
    written = formulas.iter_rows() if formulas is not None else iter(lambda: (), None)
    rows, lines, faults, header, last = [], [], [], None, 1
    for line, (cells, texts) in enumerate(zip(sheet.iter_rows(), written, strict=False), start=1):
        if len(cells) > MAX_COLUMNS:
            _refuse_far(source, sheet, cells[-1].coordinate)
        if header is None:
            header = [str(cell.value or "").strip() for cell in cells]
            continue
        if line - last > FAR_ROWS and any(cell.value is not None for cell in cells):
            _refuse_far(source, sheet, f"row {line}")
        row = [
            cell_text(cell, header[i] if i < len(header) else "", faults)
            for i, cell in enumerate(cells)
        ]
        _note_empty_formulas(cells, texts, faults)
        if any(row):
            last = line
            rows.append(row)
            lines.append(line - 2)
    if faults:
        raise DataError([Issue(sheet.title, _cells_text(source, faults))])
    return header or [], rows, lines


def _refuse_far(source, sheet, place):
    far = f"{source} has a cell in {place}, far from the table. Delete it."
    raise DataError([Issue(sheet.title, far)])


def cell_text(cell: Any, column: str, faults: list[tuple[str, str]]) -> str:
    """The text of a cell of a column; what is wrong with it is added, with its place."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        faults.append(
            (cell.coordinate, f"holds the error {value}. Fix the formula or type the value.")
        )
    turned = (
        _turned(value)
        if column in COLUMNS and COLUMNS[column].kind in ("code", "text", "choice")
        else None
    )
    if turned:
        faults.append(
            (
                cell.coordinate,
                f"({column}) is {turned}; Excel has converted a code. Type it as text.",
            )
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        midnight = isinstance(value, datetime) and (value.hour, value.minute, value.second) == (
            0,
            0,
            0,
        )
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return str(value)


def _turned(value):
    """What a spreadsheet makes of a code that it takes for something else; whole numbers are codes
    often enough."""
    if isinstance(value, bool):
        return f"the truth value {value}"
    if isinstance(value, date):
        return f"a date ({value:%Y-%m-%d})"
    if isinstance(value, float) and not value.is_integer():
        return f"the number {value}"
    if isinstance(value, (int, float)) and abs(value) >= TOO_LARGE:
        return f"the number {value:g}, of which it keeps 15 digits"
    return None


def _note_empty_formulas(cells, texts, faults):
    for cell, text in zip(cells, texts, strict=False):
        if cell.value is None and text.data_type == "f":
            faults.append(
                (
                    text.coordinate,
                    "is a formula whose value was not saved. Open and save the file in Excel.",
                )
            )


def _cells_text(source, faults):
    shown = [f"cell {place} {text}" for place, text in faults[:SHOWN_ROWS]]
    if len(faults) > SHOWN_ROWS:
        shown.append(f"... and {len(faults) - SHOWN_ROWS:,} more")
    return "\n  ".join([f"{source} has cells that cannot be read:", *shown])
