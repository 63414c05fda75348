"""Write tables for other programs: CSV, Parquet and Excel, in which text stays text."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pandas import DataFrame

from sopkit.io import disk
from sopkit.tables.issues import SHOWN_ROWS

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

EXCEL_ROWS, EXCEL_TEXT = 1_048_576, 32_767
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
# A spreadsheet runs such a cell when it opens a CSV file; "-5" and "+5 % by promotion" are
# harmless.
_RUNS = r"\s*(?:=|@|[+-](?!\s*\d[\d.,]*(?:\s*%)?(?:\s+[^+*/^&(|!=-]*)?$))"


def write(name: str, frame: DataFrame, path: Path) -> None:
    """Write a table to a .csv, .parquet or .xlsx file, whole or not at all.

    Raises
    ------
    ValueError : the ending is another one, or the file could not hold the table as it is.
    """
    path = Path(path)
    writers = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_xlsx}
    if path.suffix not in writers:
        raise ValueError(
            f"{path.name}: a table can be written as {', '.join(writers)}; choose one of these "
            "file extensions"
        )
    with replacing(path) as unfinished:
        writers[path.suffix](name, frame, unfinished)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; it takes the place of `path` when all went well and is on the disk.

    Raises
    ------
    ValueError : a folder is there already.
    OSError : the disk is full or read-only; the file and its bytes are named.
    """
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; give a file name")
    with disk.named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
        os.close(handle)
        try:
            yield Path(unfinished)
            os.chmod(unfinished, 0o644)
            put_on_disk(Path(unfinished))
            os.replace(unfinished, path)
            put_on_disk(path.parent)
        finally:
            Path(unfinished).unlink(missing_ok=True)


def put_on_disk(path: Path) -> None:
    """Wait until what was written of a file, or the names in a folder, would survive a power
    cut."""
    if path.is_dir() and os.name == "nt":  # a folder cannot be opened there
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_text(path: Path, text: str) -> None:
    """Write a text that people read, whole or not at all."""
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def put_in_place(folder: Path, before: Mapping[Path, bytes | None]) -> None:
    """Put the files of a folder in the places of those before; where one cannot be, the others go
    back.

    Parameters
    ----------
    before : the content of each file in place; None where there is none yet

    Raises
    ------
    OSError : a file cannot be put in place; all are as they were.
    """
    kept = folder / "before"
    kept.mkdir()
    for path, content in before.items():
        if content is not None:
            (kept / path.name).write_bytes(content)
    done = []
    try:
        for path in before:
            os.replace(folder / path.name, path)
            done.append(path)
    except OSError:
        for path in done:
            if before[path] is None:
                path.unlink()
            else:
                os.replace(kept / path.name, path)
        raise


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens a CSV file would execute a cell with this text."""
    return re.match(_RUNS, text) is not None


def text_cell(sheet: "WriteOnlyWorksheet", text: object) -> "WriteOnlyCell":
    """Make a cell of a write-only sheet that Excel takes as text, whatever its content."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _write_csv(name, frame, path):
    _refuse(
        name,
        frame,
        _RUNS,
        "starts like a formula, which a spreadsheet would execute",
        "Write .xlsx or .parquet.",
    )
    _as_text(frame).to_csv(path, index=False, lineterminator="\n")


def _write_parquet(_, frame, path):
    months_as_days(frame).to_parquet(path, index=False, compression="zstd")


def months_as_days(frame: DataFrame) -> DataFrame:
    """Write each month as its first day, for programs without a type for months."""
    months = {
        c: frame[c].dt.to_timestamp()
        for c in frame.columns
        if isinstance(frame[c].dtype, pd.PeriodDtype)
    }
    return frame.assign(**months)


def _write_xlsx(name, frame, path):
    from openpyxl import Workbook

    if len(frame) >= EXCEL_ROWS:
        limit = f"{EXCEL_ROWS - 1:,}"
        raise ValueError(
            f"{name}: {len(frame):,} rows; a sheet holds {limit}. Write .parquet or .csv."
        )
    _refuse(
        name,
        frame,
        rf".*{_CONTROL}",
        "holds a control character, which Excel cannot",
        "Write .parquet or .csv.",
    )
    long = rf".{{{EXCEL_TEXT + 1},}}"
    _refuse(
        name,
        frame,
        long,
        f"is longer than Excel's {EXCEL_TEXT:,} characters",
        "Write .parquet or .csv.",
    )
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.append([text_cell(sheet, column) for column in frame.columns])
    columns = [_excel_cells(sheet, frame[column]) for column in frame.columns]
    for row in zip(*columns, strict=True):
        sheet.append(row)
    book.save(path)


def _excel_cells(sheet, cells):
    """Turn a column into cells: months and days as dates that sort and group, text never as a
    formula."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(cells.dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(cells):
        months = isinstance(cells.dtype, pd.PeriodDtype)
        days = cells.dt.to_timestamp() if months else cells
        for day in days:
            cell = WriteOnlyCell(sheet, None if pd.isna(day) else day.to_pydatetime())
            cell.number_format = "yyyy-mm" if months else "yyyy-mm-dd"
            yield cell
    elif pd.api.types.is_string_dtype(cells):
        for text in cells:
            yield None if pd.isna(text) else text_cell(sheet, text)
    else:
        for value in cells.astype(object):
            yield None if pd.isna(value) else value


def _as_text(frame):
    """Write months, days and flags as the workspace reads them."""
    text = {}
    for column, cells in frame.items():
        if pd.api.types.is_datetime64_any_dtype(cells):
            text[column] = cells.dt.strftime("%Y-%m-%d")
        elif pd.api.types.is_bool_dtype(cells):
            text[column] = cells.astype("boolean").map({True: "true", False: "false"})
    return frame.assign(**text)


def _refuse(name, frame, pattern, rule, remedy):
    for column in frame.columns:
        if not pd.api.types.is_string_dtype(frame[column]):
            continue
        broken = frame[column].str.match(pattern, flags=re.DOTALL).fillna(False).astype(bool)
        if broken.any():
            rows = ", ".join(str(row + 1) for row in broken.to_numpy().nonzero()[0][:SHOWN_ROWS])
            example = frame.loc[broken, column].iloc[0][:40]
            raise ValueError(f"{name}: {column} {rule}: row {rows} ({example!r}). {remedy}")
