"""Sheets of workbooks as grids: .xlsx and .xlsm by openpyxl, .xls, .xlsb and .ods by calamine.

openpyxl gives number formats; hidden rows, merged cells and formulas without a saved value stand in
the sheet's XML. calamine gives values only, so what it cannot see is said.
"""

import io
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from xml.etree.ElementTree import ParseError

from sopkit.intake.grid import MAX_COLUMNS, Grid, frame_of
from sopkit.io.delimited import FAR_ROWS, MAX_WORKBOOK, refuse_size
from sopkit.io.workbook_parts import contents
from sopkit.tables.issues import visible

_HIDDEN = re.compile(rb"<(?:\w+:)?row\b([^>]*\bhidden=\"(?:1|true)\"[^>]*)>")
_NUMBER = re.compile(rb"\br=\"(\d+)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
_UNSAVED = re.compile(
    rb"<c r=\"([A-Z]+\d+)\"(?![^>]*t=\"str\")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*"
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_ZEROS = re.compile(r"0{2,}")
_DAMAGES = (
    KeyError, ValueError, ParseError, TypeError, AttributeError, IndexError, EOFError,
    zipfile.BadZipFile, zlib.error, NotImplementedError,
)  # fmt: skip
LOCKED = "is protected by a password, or is no workbook. Save it without one."


def read_workbook(raw: bytes, source: str) -> list[Grid]:
    """Read every visible sheet of a workbook that has cells.

    Raises
    ------
    ValueError : the workbook is damaged, protected or too large.
    """
    kind = _kind(raw, source)
    if kind == "locked":
        raise ValueError(f"{source} {LOCKED}")
    try:
        grids = _by_openpyxl(raw, source) if kind == "xlsx" else _guarded(raw, source, kind)
    except _DAMAGES as error:
        if str(error).startswith(source):
            raise
        told = visible(str(error))[:200]
        raise ValueError(f"{source} is damaged ({told}). Open and save it in Excel.") from error
    if not grids:
        raise ValueError(f"{source} has no visible sheet with cells.")
    return grids


def _kind(raw, source):
    """Say which kind of workbook the bytes are, after a look at what they unpack to."""
    if not raw.startswith(b"PK"):
        return "xls"
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = {item.filename: item for item in archive.infolist()}
            size = sum(item.file_size for item in parts.values())
            refuse_size(PurePath(source), size, MAX_WORKBOOK, "unpacks to")
            is_locked = any(item.flag_bits & 1 for item in parts.values())
            if is_locked:
                return "locked"
            strict = [
                name == "xl/workbook.xml" and _STRICT in content
                for name, content in contents(archive)
            ]
            if "xl/workbook.bin" in parts:
                return "xlsb"
            if "content.xml" in parts:
                return "ods"
            return "strict" if any(strict) else "xlsx"
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error) as error:
        raise ValueError(f"{source} is damaged ({error}). Open and save it in Excel.") from error


# --------------------------------------------------------------------------------------------------
# .xlsx and .xlsm


def _by_openpyxl(raw, source) -> list[Grid]:
    return list(_sheets(raw, source))


def _sheets(raw, source) -> Iterator[Grid]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            place = f"{source} sheet {sheet.title}"
            xml = archive.read(sheet._worksheet_path)
            rows = _rows(sheet, place)
            if not rows:
                continue
            _refuse_unsaved(xml, place)
            hidden = frozenset(
                int(_NUMBER.search(found[1])[1])
                for found in _HIDDEN.finditer(xml)
                if _NUMBER.search(found[1])
            )
            merged = tuple(_area(found[1].decode()) for found in _MERGED.finditer(xml))
            yield Grid(frame_of(rows), place, hidden & set(rows), merged)
    book.close()


def _rows(sheet, place):
    sheet.reset_dimensions()
    rows, last = {}, 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = [_value(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        if len(values) > MAX_COLUMNS or (rows and number - last > FAR_ROWS):
            far = cells[len(values) - 1].coordinate
            raise ValueError(f"{place} has a cell in {far}, far from the table. Delete it.")
        rows[number], last = values, number
    return rows


def _value(cell):
    value = cell.value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int) and not isinstance(value, bool):
        pattern = cell.number_format
        return str(value).zfill(len(pattern)) if _ZEROS.fullmatch(pattern or "") else float(value)
    return value


def _refuse_unsaved(xml, place):
    cells = [found[1].decode() for found in _UNSAVED.finditer(xml)]
    if cells:
        more = f" and {len(cells) - 3:,} more" if len(cells) > 3 else ""
        raise ValueError(
            f"{place}: {', '.join(cells[:3])}{more} hold formulas whose values were not saved. "
            "Open and save the file in Excel."
        )


def _area(ref):
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(ref)
    return top, left - 1, bottom, right - 1


# --------------------------------------------------------------------------------------------------
# what calamine reads


def _guarded(raw, source, kind) -> list[Grid]:
    """Read by calamine, which panics at some damaged files: no exception, and a page on stderr."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        return list(_calamine(raw, source, kind))
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"{source} is damaged. Open and save it in Excel as .xlsx.") from None
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _calamine(raw, source, kind) -> Iterator[Grid]:
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        hidden = _hidden_of_ods(raw) if kind == "ods" else {}
        for meta in book.sheets_metadata:
            is_seen = meta.visible == SheetVisibleEnum.Visible
            if not is_seen or meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            rows = _filled(sheet.to_python(skip_empty_area=False), f"{source} sheet {meta.name}")
            if not rows:
                continue
            merged = tuple(
                (top + 1, left, bottom + 1, right)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            )
            unseen = () if kind == "ods" else ("hidden rows of this kind of file cannot be seen",)
            rows_hidden = frozenset(hidden.get(meta.name, ())) & set(rows)
            yield Grid(frame_of(rows), f"{source} sheet {meta.name}", rows_hidden, merged, unseen)
    except PasswordError:
        raise ValueError(f"{source} {LOCKED}") from None
    except CalamineError as error:
        raise ValueError(
            f"{source} is no workbook that can be read ({error}). Save it as .xlsx."
        ) from error


def _filled(rows, place):
    kept = {}
    for number, row in enumerate(rows, start=1):
        values = [None if isinstance(cell, str) and not cell.strip() else cell for cell in row]
        if any(value is not None for value in values):
            kept[number] = values
    if kept and max(map(len, kept.values())) > MAX_COLUMNS:
        raise ValueError(f"{place} has more than {MAX_COLUMNS:,} columns.")
    return kept


def _hidden_of_ods(raw):
    """Rows that a filter or a person hid, by sheet; calamine does not tell them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        text = archive.read("content.xml").decode("utf-8", errors="replace")
    found = {}
    for table in re.split(r"<table:table(?=[ >])", text)[1:]:
        name = re.search(r'table:name="([^"]*)"', table)
        row, hidden = 1, set()
        for tag in re.finditer(r"<table:table-row\b([^>]*)>", table):
            again = re.search(r'number-rows-repeated="(\d+)"', tag[1])
            size = int(again[1]) if again else 1
            if 'table:visibility="' in tag[1] and size < FAR_ROWS:
                hidden |= set(range(row, row + size))
            row += size
        found[name[1] if name else ""] = hidden
    return found
