"""Files of tables, replaced whole by checked copies: CSV, Parquet, and a company's workbook."""

import csv
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration.cells import filled
from sopkit.io import hashing, readers
from sopkit.io.delimited import TextTable, read_csv
from sopkit.io.writers import put_in_place, write
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import empty
from sopkit.tables.issues import DataError
from sopkit.tables.validation import ignored_columns


def replace_files(
    files: Sequence[tuple[Path, Callable[[Path], object], Mapping[str, DataFrame]]],
) -> None:
    """Write copies beside the files, read them again, and put them in the files' places if each
    says what it should: (file, what writes it, its tables).

    Raises
    ------
    ValueError : a copy cannot be read back, or someone else has just changed a file.
    """
    before = {path: path.read_bytes() if path.exists() else None for path, _, _ in files}
    beside = tempfile.TemporaryDirectory(
        prefix=".adding-", dir=files[0][0].parent, ignore_cleanup_errors=True
    )
    with beside as folder:
        for path, make, wholes in files:
            part = Path(folder) / path.name
            make(part)
            _refuse_unread(part, wholes)
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
        for path, content in before.items():
            if content is not None and path.read_bytes() != content:
                raise ValueError(
                    f"{path.name} was changed by someone else just now; nothing was written, try "
                    "again"
                )
        put_in_place(Path(folder), before)


def _refuse_unread(part, wholes):
    is_book = part.suffix == ".xlsx"
    try:
        found = readers.read(part) if is_book else readers.read(part.parent, list(wholes))
    except DataError as error:
        raise ValueError(
            f"{part.name}: it could not be read once it was written, as where cells are formulas: "
            f"only Excel keeps their values. Replace them by values; nothing was written. {error}"
        ) from None
    for name in wholes:
        read = found.get(name, empty(name))
        if hashing.table_hash(read) != hashing.table_hash(wholes[name]):
            raise ValueError(
                f"{part.name}: the new {name} could not be read back; nothing was written"
            )


def file_with_rows(folder: Path, name: str, written: DataFrame, whole: DataFrame) -> tuple:
    """How a table's file is replaced: the file, what writes it, and the table that it must say."""
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    if parquet.exists():
        _refuse_dropping(name, parquet)
        return parquet, lambda part: whole.to_parquet(part, index=False), {name: whole}
    return text, partial(csv_with_rows, text, written), {name: whole}


def _refuse_dropping(name, parquet):
    """A Parquet file is rewritten, with the table's columns alone."""
    own = ignored_columns(name, pd.read_parquet(parquet))
    if own:
        raise ValueError(
            f"{parquet.name}: {', '.join(own)} would be lost, for {name} has no such column; save "
            "the table as CSV, or remove these columns"
        )


def file_of_table(folder: Path, name: str, whole: DataFrame) -> tuple:
    """How a table's file is replaced by the table: the file, what writes it, and the table."""
    path = folder / f"{name}.parquet"
    path = path if path.exists() else path.with_suffix(".csv")
    return path, partial(write_table, name, whole), {name: whole}


def write_table(name: str, whole: DataFrame, part: Path) -> None:
    """Write a table as a CSV or Parquet file."""
    if part.suffix == ".parquet":
        whole.to_parquet(part, index=False)
    else:
        write(name, filled(whole), part)


def csv_with_rows(path: Path, rows: DataFrame, target: Path) -> None:
    """Copy a CSV file with rows added, in its own separator and with its own decimal mark."""
    old = (
        read_csv(path)
        if path.exists()
        else TextTable(pd.DataFrame(columns=rows.columns), path.name, ",")
    )
    numbers = [c for c in rows.columns if COLUMNS[c].kind in ("number", "whole")]
    if old.delimiter == ";" and _has_commas(old.frame, numbers):
        rows = rows.assign(**{c: rows[c].str.replace(".", ",") for c in numbers})
    columns = [
        *old.frame.columns,
        *(c for c in TABLES[path.stem].columns if c in rows and c not in old.frame),
    ]
    frame = pd.concat([old.frame, rows], ignore_index=True).reindex(columns=columns).astype(object)
    lines = frame.where(frame.notna(), "").to_numpy().tolist()
    with open(target, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=old.delimiter or ",", lineterminator="\n").writerows(
            [columns, *lines]
        )


def _has_commas(frame, numbers):
    return any(frame[c].str.contains(",", regex=False).any() for c in numbers if c in frame)
