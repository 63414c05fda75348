"""Tables as text, out of the files that people send: CSV and Excel.

No cell is guessed to be a number, a date or missing, so codes keep their leading zeros and `NA` stays a code.
Whatever a reader would have to guess is refused by file, line and cell.
"""

import csv
import io
import itertools
import os
import re
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from sopkit.cells import TOO_LARGE, distinct, each_text, filled
from sopkit.faults import SHOWN_ROWS, Fault, TableError, shown, visible
from sopkit.words import WORDS

MAX_COLUMNS = 200
FAR_ROWS = 10_000  # empty ones above a cell say that it does not belong to the table
# Settings of the environment, in MB: a workbook of a million rows unpacks to about 200, a zip bomb to far more.
MAX_WORKBOOK, MAX_FILE = ("SOPKIT_MAX_WORKBOOK_MB", 300), ("SOPKIT_MAX_FILE_MB", 2000)
_THOUSANDS = {mark: rf"[+-]?[1-9]\d{{0,2}}(?:[{mark}]\d{{3}})+" for mark in ",."}


class TextTable(NamedTuple):
    """A table as text, and where it was read; the frame's index is the line number less 2."""

    frame: pd.DataFrame
    source: str
    delimiter: str = ""
    notes: tuple[str, ...] = ()  # what is odd about the file itself


# ---------------------------------------------------------------------------------------------------------------
# CSV


def read_csv(path):
    """Read a CSV file as text, separated by commas or by semicolons.

    Raises
    ------
    TableError : the file is empty, not UTF-8, damaged, or has rows longer or shorter than its header.
    """
    path = Path(path)
    raw = _utf8(path)
    delimiter = _delimiter(path, raw)
    header, header_lines, quoted = _header(path, raw, delimiter)
    odd = []
    names = [str(i) for i in range(len(header))]
    each_text_once = pa.dictionary(pa.int32(), pa.string())
    body = arrow_csv.read_csv(
        pa.BufferReader(raw if raw.endswith((b"\n", b"\r")) else raw + b"\n"),
        arrow_csv.ReadOptions(
            use_threads=False, column_names=names, skip_rows=header_lines, block_size=len(raw) + 1
        ),
        arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=lambda row: odd.append(row) or "skip",
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, each_text_once), strings_can_be_null=False
        ),
    )
    _refuse_ragged(path, odd, len(header))
    notes = _notes(path, raw, header)
    frame = body.to_pandas()
    frame.index = (_lines(frame) if quoted else pd.RangeIndex(len(frame))) + header_lines - 1
    frame.columns = [cell.strip() for cell in header]
    return TextTable(_without_blanks(frame), path.name, delimiter, notes)


def _notes(path, raw, header):
    """What is odd about the file, though it can be read."""
    notes = []
    if any(cell != cell.strip() for cell in header):
        names = ", ".join(shown(cell) for cell in header if cell != cell.strip())
        notes.append(
            f"{path.name} line 1: column names have blanks around them, which are left out: {names}. Remove them."
        )
    if not raw.endswith((b"\n", b"\r")):
        line = raw.count(b"\n") + 1
        last = raw[raw.rfind(b"\n") + 1 :].decode("utf-8")
        notes.append(f"{path.name} line {line} ends without a line break, as in a file that was cut off: {shown(last)}. Check the last row, and end it with a line break.")  # fmt: skip
    return tuple(notes)


def _utf8(path):
    _refuse_size(path, path.stat().st_size, MAX_FILE, "is")
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    remedy = "In Excel choose 'Save as', 'CSV UTF-8'."
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal(path, f"is written in UTF-16 or UTF-32. {remedy}")
    if not raw or raw.isspace():
        raise _refusal(path, "is empty; it needs a line of column names.")
    if b"\0" in raw:
        text = f"holds a NUL byte; the file is damaged or written in UTF-16. {remedy}"
        raise _refusal(path, text, raw.index(b"\0"), raw)
    try:
        raw.isascii() or raw.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"holds the byte 0x{raw[error.start]:02x}, which is not UTF-8. {remedy}"
        raise _refusal(path, text, error.start, raw) from None
    return raw


def _delimiter(path, raw):
    first = re.split(rb"[\r\n]", raw, maxsplit=1)[0].decode("utf-8")
    found = [mark for mark in ",;\t|" if len(next(csv.reader([first], delimiter=mark))) > 1]
    if found in ([","], [";"]):
        return found[0]
    if not found:
        return ","
    marks = " and ".join(
        {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[mark] for mark in found
    )
    raise _refusal(path, f"line 1 is separated by {marks}. Separate the cells by commas.")


def _header(path, raw, delimiter):
    """Read the header, after a walk over the rows where quotes could hide a damaged one.

    Returns
    -------
    (column names, lines they take, whether quotes stand below them)
    """
    text = io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline="")
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    start, header, quoted = 1, None, False
    try:
        for row in rows:
            if header is None:
                header, header_lines = row, rows.line_num
                quoted = raw.find(b'"', _end_of(raw, header_lines)) >= 0
                if not quoted:
                    break
            start = rows.line_num + 1
    except csv.Error as error:
        text = f"{path.name} line {start}: a quotation mark is not closed or stands alone ({error})."
        raise TableError(
            [Fault(path.stem, text + ' Write a quotation mark within a cell twice: "".')]
        ) from None
    return header, header_lines, quoted


def _end_of(raw, lines):
    """Where the first lines end."""
    ends = re.finditer(rb"\r\n|\n|\r", raw)
    end = next(itertools.islice(ends, lines - 1, None), None)
    return end.end() if end else len(raw)


def _refuse_size(path, size, limit, verb):
    """Refuse a file that would swamp the machine, before it is opened."""
    name, usual = limit
    megabytes = float(os.environ.get(name, usual))
    if size > megabytes * 1e6:
        other = "CSV" if limit is MAX_WORKBOOK else "Parquet"
        text = f"{verb} {size / 1e6:,.0f} MB; {megabytes:,.0f} MB are read. Send its tables as {other}, or raise {name}."
        raise _refusal(path, text)


def _refuse_ragged(path, odd, width):
    if not odd:
        return
    lines = [f"line {row.number}: {row.actual_columns} cells ({shown(row.text)})" for row in odd[:SHOWN_ROWS]]
    more = f" and {len(odd) - SHOWN_ROWS:,} more" if len(odd) > SHOWN_ROWS else ""
    text = f"has {width} column names, but other rows have another number of cells: {'; '.join(lines)}{more}."
    raise _refusal(path, f"{text} Put text that holds the separator in quotation marks.")


def _lines(frame):
    """Number the rows by the file's lines: a cell may hold line breaks."""
    counts = (each_text(frame[c], lambda text: str(text.count("\n"))).astype(int) for c in frame.columns)
    breaks = sum(counts, start=pd.Series(0, index=frame.index))
    return pd.Index(np.arange(len(frame)) + breaks.cumsum().shift(fill_value=0).to_numpy(dtype="int64"))


def _without_blanks(frame):
    """Drop rows without any cell, and columns without name or cell, as spreadsheets leave them behind."""
    full = [filled(frame.iloc[:, i]) for i in range(frame.shape[1])]
    keep = [bool(name) or cells.any() for name, cells in zip(frame.columns, full, strict=True)]
    some = np.logical_or.reduce(full) if full else np.ones(len(frame), bool)
    return frame.loc[slice(None) if some.all() else some, keep]


def _refusal(path, text, position=None, raw=b""):
    place = path.name
    if position is not None:
        place += f" line {raw.count(10, 0, position) + 1}"
    return TableError([Fault(path.stem, f"{place} {text}")])


def with_points(table, columns):
    """Write the decimal commas of a semicolon-separated file as points, in the number columns named.

    A mark is decimal unless every number with it could be thousands: `1.234` alone does not say what it is.

    Raises
    ------
    TableError : the columns mix both marks, or cannot be told from thousands.
    """
    frame, source, delimiter, _ = table
    columns = [c for c in frame.columns if c in columns]
    if delimiter != ";" or not columns or frame.columns.duplicated().any():
        return table
    cells = pd.concat([pd.Series(distinct(frame[c])[1], dtype="str").str.strip() for c in columns])
    marked = {mark: cells[cells.str.contains(mark, regex=False)] for mark in ",."}
    name = Path(source).stem
    if len(marked[","]) and len(marked["."]):
        text = f"{source} writes numbers both with commas and with points ({marked[','].iloc[0]}, {marked['.'].iloc[0]})"
        raise TableError([Fault(name, f"{text}. Write them without thousands marks, with one decimal mark.")])
    for mark, found in marked.items():
        if len(found) and found.str.fullmatch(_THOUSANDS[mark]).all():
            text = f"{source} writes {found.iloc[0]}, which may be thousands or decimals"
            raise TableError([Fault(name, f"{text}. Write numbers without thousands marks.")])
    points = {c: each_text(frame[c], lambda text: text.replace(",", ".")) for c in columns}
    return table._replace(frame=frame.assign(**points))


# ---------------------------------------------------------------------------------------------------------------
# Excel


def read_workbook(path, ignore=()):
    """Read every sheet of an Excel workbook as text.

    Dates become 2026-10-31, whole numbers lose their point, true and false are written small.

    Returns
    -------
    sheet name : TextTable

    Raises
    ------
    TableError : the file is no workbook or too big, or a cell holds an error, a formula without its value,
        or a date where a code belongs.
    """
    from openpyxl import load_workbook

    path = Path(path)
    formulas = _inspect_zip(path)
    try:
        values = load_workbook(path, read_only=True, data_only=True)
        texts = load_workbook(path, read_only=True) if formulas else None
        found, faults = {}, []
        for sheet in values.worksheets:
            if sheet.title.casefold() in ignore:
                continue
            try:
                found[sheet.title] = _sheet(path, sheet, texts and texts[sheet.title])
            except TableError as error:
                faults += error.faults
    except TableError:
        raise
    except _DAMAGES as error:
        raise _refusal(
            path, f"is damaged ({visible(str(error))[:200]}). Open and save it in Excel."
        ) from error
    for book in filter(None, (values, texts)):
        book.close()
    if faults:
        raise TableError(faults)
    return found


_LOCKED = "is not an Excel workbook (.xlsx), or is protected by a password. Save it as .xlsx without one."
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


def _inspect_zip(path):
    """Refuse what would swamp the machine when unpacked; say whether any sheet holds formulas."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {item.filename: item for item in archive.infolist()}
            _refuse_size(path, sum(item.file_size for item in parts.values()), MAX_WORKBOOK, "unpacks to")
            if any(item.flag_bits & 1 for item in parts.values()):
                raise _refusal(path, _LOCKED)
            if any(name.casefold().endswith("vbaproject.bin") for name in parts):
                raise _refusal(path, "holds macros, which are not run. Save it as .xlsx without macros.")
            sheets = [name for name in parts if name.startswith("xl/worksheets/") and name.endswith(".xml")]
            if not sheets:
                raise _refusal(path, "holds no sheets; it is not an Excel workbook. Save it as .xlsx.")
            return any(b"<f" in archive.read(name) for name in sheets)
    except zipfile.BadZipFile:
        raise _refusal(path, _LOCKED) from None
    except (zlib.error, NotImplementedError, EOFError) as error:
        raise _refusal(path, f"is damaged ({error}). Open and save it in Excel.") from error


def _sheet(path, sheet, formulas):
    """Read one sheet; rows are as wide as their last cell, so a stray cell far away costs nothing."""
    source = f"{path.name} sheet {sheet.title}"
    sheet.reset_dimensions()
    if formulas is not None:
        formulas.reset_dimensions()
    written = formulas.iter_rows() if formulas is not None else iter(lambda: (), None)
    rows, lines, faults, header, last = [], [], [], None, 1
    for line, (cells, texts) in enumerate(zip(sheet.iter_rows(), written, strict=False), start=1):
        if len(cells) > MAX_COLUMNS:
            far = f"{source} has a cell in {cells[-1].coordinate}, far from the table. Delete what stands there."
            raise TableError([Fault(sheet.title, far)])
        if header is None:
            header = [str(cell.value or "").strip() for cell in cells]
            continue
        if line - last > FAR_ROWS and any(cell.value is not None for cell in cells):
            far = f"{source} has a cell in row {line}, far from the table. Delete what stands there."
            raise TableError([Fault(sheet.title, far)])
        row = [_cell(cell, header[i] if i < len(header) else "", faults) for i, cell in enumerate(cells)]
        _note_empty_formulas(cells, texts, faults)
        if any(row):
            last = line
            rows.append(row)
            lines.append(line - 2)
    if faults:
        raise TableError([Fault(sheet.title, _cells_text(source, faults))])
    if not header or not any(header):
        raise TableError([Fault(sheet.title, f"{source} has no column names in row 1.")])
    width = max([len(header), *map(len, rows)])
    full = [row + [""] * (width - len(row)) for row in rows]
    columns = header + [""] * (width - len(header))
    frame = pd.DataFrame(full, columns=columns, index=pd.Index(lines, dtype="int64")).astype("str")
    hidden = f"{source} is hidden, and read all the same. Show it, or delete it."
    return TextTable(
        _without_blanks(frame), source, notes=() if sheet.sheet_state == "visible" else (hidden,)
    )


def _cell(cell, column, faults):
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        faults.append((cell.coordinate, f"holds the error {value}. Mend the formula or type the value."))
    turned = _turned(value) if column in WORDS and WORDS[column].kind in ("code", "text", "choice") else None
    if turned:
        faults.append(
            (cell.coordinate, f"({column}) is {turned}; Excel has turned a code into it. Type it as text.")
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        midnight = isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return str(value)


def _turned(value):
    """What a spreadsheet makes of a code that it takes for something else; whole numbers are codes often enough."""
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
                (text.coordinate, "is a formula whose value was not saved. Open and save the file in Excel.")
            )


def _cells_text(source, faults):
    shown = [f"cell {place} {text}" for place, text in faults[:SHOWN_ROWS]]
    if len(faults) > SHOWN_ROWS:
        shown.append(f"... and {len(faults) - SHOWN_ROWS:,} more")
    return "\n  ".join([f"{source} has cells that cannot be read:", *shown])
