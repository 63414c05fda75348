"""CSV files as tables of text.

No cell is guessed to be a number, a date or missing, so codes keep their leading zeros and `NA`
stays a code. Whatever a reader would have to guess is refused by file, line and cell.
"""

import csv
import io
import itertools
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame
from pyarrow import csv as arrow_csv

from sopkit.tables.issues import SHOWN_ROWS, DataError, Issue, shown
from sopkit.tables.parsing import distinct, each_text, filled

MAX_COLUMNS = 200
FAR_ROWS = 10_000  # empty ones above a cell say that it does not belong to the table
# Settings of the environment, in MB: a workbook of a million rows unpacks to about 200, a zip bomb
# to far more.
MAX_WORKBOOK, MAX_FILE = ("SOPKIT_MAX_WORKBOOK_MB", 300), ("SOPKIT_MAX_FILE_MB", 2000)
_THOUSANDS = {mark: rf"[+-]?[1-9]\d{{0,2}}(?:[{mark}]\d{{3}})+" for mark in ",."}


class TextTable(NamedTuple):
    """A table as text, and where it was read; the frame's index is the line number less 2."""

    frame: pd.DataFrame
    source: str
    delimiter: str = ""
    notes: tuple[str, ...] = ()  # anomalies of the file itself


def read_csv(path: Path) -> TextTable:
    """Read a CSV file as text, separated by commas or by semicolons.

    Raises
    ------
    DataError : the file is empty, not UTF-8, damaged, or has rows longer or shorter than its
        header.
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
    _refuse_ragged(path, odd, header, len(body))
    notes = _notes(path, raw, header)
    frame = body.to_pandas()
    frame.index = (_lines(frame) if quoted else pd.RangeIndex(len(frame))) + header_lines - 1
    frame.columns = [cell.strip() for cell in header]
    return TextTable(without_blanks(frame), path.name, delimiter, notes)


def _notes(path, raw, header):
    """Anomalies of a file that can be read."""
    notes = []
    if any(cell != cell.strip() for cell in header):
        names = ", ".join(shown(cell) for cell in header if cell != cell.strip())
        notes.append(
            f"{path.name} line 1: column names have leading or trailing blanks, which are removed: "
            f"{names}. Remove them."
        )
    if not raw.endswith((b"\n", b"\r")):
        line = raw.count(b"\n") + 1
        last = raw[raw.rfind(b"\n") + 1 :].decode("utf-8")
        notes.append(
            f"{path.name} line {line} ends without a line break, as in a file that was "
            f"cut off: {shown(last)}. Check the last row, and end it with a line break."
        )
    return tuple(notes)


def _utf8(path):
    refuse_size(path, path.stat().st_size, MAX_FILE, "is")
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    remedy = "In Excel choose 'Save as', 'CSV UTF-8'."
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refusal(path, f"is written in UTF-16 or UTF-32. {remedy}")
    if not raw or raw.isspace():
        raise refusal(path, "is empty; it needs a line of column names.")
    if b"\0" in raw:
        text = f"holds a NUL byte; the file is damaged or written in UTF-16. {remedy}"
        raise refusal(path, text, raw.index(b"\0"), raw)
    try:
        raw.isascii() or raw.decode("utf-8")
    except UnicodeDecodeError as error:
        text = f"holds the byte 0x{raw[error.start]:02x}, which is not UTF-8. {remedy}"
        raise refusal(path, text, error.start, raw) from None
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
    raise refusal(path, f"line 1 is separated by {marks}. Separate the cells by commas.")


def _header(path, raw, delimiter):
    """Read the header, after a walk over the rows where quotes could hide a damaged one.

    Returns
    -------
    (column names, lines they take, whether quotes are below them)
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
        text = (
            f"{path.name} line {start}: a quotation mark is not closed or stands alone ({error})."
        )
        raise DataError(
            [Issue(path.stem, text + ' Write a quotation mark within a cell twice: "".')]
        ) from None
    return header, header_lines, quoted


def _end_of(raw, lines):
    """Where the first lines end."""
    ends = re.finditer(rb"\r\n|\n|\r", raw)
    end = next(itertools.islice(ends, lines - 1, None), None)
    return end.end() if end else len(raw)


def refuse_size(path: Path, size: float, limit: tuple[str, int], verb: str) -> None:
    """Refuse a file that is too large, before it is opened."""
    name, usual = limit
    megabytes = float(os.environ.get(name, usual))
    if size > megabytes * 1e6:
        other = "Parquet" if limit is MAX_FILE else "CSV"
        text = (
            f"{verb} {size / 1e6:,.0f} MB; {megabytes:,.0f} MB are read. "
            f"Send its tables as {other}, or raise {name}."
        )
        raise refusal(path, text)


def _refuse_ragged(path, odd, header, even):
    if not odd:
        return
    width = len(header)
    if len(odd) > even:
        text = (
            f"has rows of {odd[0].actual_columns} cells, but {width} in line 1 "
            f"({shown(', '.join(header))})."
        )
        raise refusal(
            path, f"{text} Line 1 must hold the column names: remove the lines above them."
        )
    lines = [
        f"line {row.number}: {row.actual_columns} cells ({shown(row.text)})"
        for row in odd[:SHOWN_ROWS]
    ]
    more = f" and {len(odd) - SHOWN_ROWS:,} more" if len(odd) > SHOWN_ROWS else ""
    text = (
        f"has {width} column names, but other rows have another number of cells: "
        f"{'; '.join(lines)}{more}."
    )
    raise refusal(path, f"{text} Put text that holds the separator in quotation marks.")


def _lines(frame):
    """Number the rows by the file's lines: a cell may hold line breaks."""
    counts = (
        each_text(frame[c], lambda text: str(text.count("\n"))).astype(int) for c in frame.columns
    )
    breaks = sum(counts, start=pd.Series(0, index=frame.index))
    return pd.Index(
        np.arange(len(frame)) + breaks.cumsum().shift(fill_value=0).to_numpy(dtype="int64")
    )


def without_blanks(frame: DataFrame) -> DataFrame:
    """Drop rows without any cell, and columns without name or cell, as spreadsheets leave them
    behind."""
    full = [filled(frame.iloc[:, i]) for i in range(frame.shape[1])]
    keep = [bool(name) or cells.any() for name, cells in zip(frame.columns, full, strict=True)]
    some = np.logical_or.reduce(full) if full else np.ones(len(frame), bool)
    return frame.loc[slice(None) if some.all() else some, keep]


def refusal(path: Path, text: str, position: int | None = None, raw: bytes = b"") -> DataError:
    place = path.name
    if position is not None:
        place += f" line {raw.count(10, 0, position) + 1}"
    return DataError([Issue(path.stem, f"{place} {text}")])


def with_points(table: TextTable, columns: Collection[str]) -> TextTable:
    """Write the decimal commas of a semicolon-separated file as points, in the number columns
    named.

    A mark is decimal unless every number with it could be thousands: `1.234` alone does not say
    what it is.

    Raises
    ------
    DataError : the columns mix both marks, or cannot be distinguished from thousands.
    """
    frame, source, delimiter, _ = table
    columns = [c for c in frame.columns if c in columns]
    if delimiter != ";" or not columns or frame.columns.duplicated().any():
        return table
    cells = pd.concat([pd.Series(distinct(frame[c])[1], dtype="str").str.strip() for c in columns])
    marked = {mark: cells[cells.str.contains(mark, regex=False)] for mark in ",."}
    name = Path(source).stem
    if len(marked[","]) and len(marked["."]):
        text = (
            f"{source} has numbers both with commas and with points ({marked[','].iloc[0]}, "
            f"{marked['.'].iloc[0]})"
        )
        raise DataError(
            [Issue(name, f"{text}. Write them without thousands marks, with one decimal mark.")]
        )
    for mark, found in marked.items():
        if len(found) and found.str.fullmatch(_THOUSANDS[mark]).all():
            text = f"{source} has {found.iloc[0]}, which may be thousands or decimals"
            raise DataError([Issue(name, f"{text}. Write numbers without thousands marks.")])
    points = {c: each_text(frame[c], lambda text: text.replace(",", ".")) for c in columns}
    return table._replace(frame=frame.assign(**points))
