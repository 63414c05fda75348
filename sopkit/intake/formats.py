"""Files, archives, folders and databases as grids: what kind each is, by its first bytes."""

import gzip
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePath

import pandas as pd
import pyarrow as pa

from sopkit.intake.delimited_grid import read_text
from sopkit.intake.grid import MAX_COLUMNS, MAX_ROWS, Grid
from sopkit.intake.markup_grids import is_markup, read_markup
from sopkit.intake.workbook_grids import read_workbook
from sopkit.io.delimited import MAX_FILE, refuse_size

GROWTH = 100  # a file that unpacks to so many times its size is refused
SMALL = 20_000_000  # bytes that may be unpacked whatever the growth
MAX_PARTS = 500  # files of a folder or archive
DATABASE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
IGNORED = (".ds_store", "thumbs.db", "desktop.ini")
_DAMAGES = (  # what unpacking raises where an archive contradicts itself, or is cut off
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    ValueError,
    OSError,
)
_NOT_TABLES = {
    b"%PDF": "is a PDF, which holds pages and no table. Export it as CSV or Excel",
    **dict.fromkeys((b"{", b"[{", b"[\n", b"[\r\n"), "is JSON. Export it as CSV or Excel"),
    b"\x89PNG": "is a picture. Export it as CSV or Excel",
    b"\xff\xd8\xff": "is a picture. Export it as CSV or Excel",
    b"7z\xbc\xaf": "is a 7-Zip archive. Unpack it, or pack it as .zip",
    b"Rar!": "is a RAR archive. Unpack it, or pack it as .zip",
    b"SQLite format 3": "is a database. Name its URL in an environment variable: env:NAME",
}


def read_location(location: str | Path, given: Mapping[str, str]) -> list[list[Grid]]:
    """Read a file, an archive, a folder of files or the answer of a database.

    Parameters
    ----------
    location : a path; or env:NAME, an environment variable that holds a database's URL
    given : answers; `encoding` and `separator` of text files and the database's `query` are used

    Returns
    -------
    for each file the grids of its sheets, one of them for a text file

    Raises
    ------
    FileNotFoundError, ValueError : nothing is there, or it cannot be read; the message says why.
    """
    if told := DATABASE.fullmatch(str(location)):
        return [[_query(told[1], given.get("query", ""))]]
    path = Path(location)
    if path.is_dir():
        files = [one for one in sorted(path.iterdir()) if _is_data(one.name) and one.is_file()]
        if not files:
            raise ValueError(f"{path} has no files")
        if len(files) > MAX_PARTS:
            raise ValueError(f"{path} has {len(files):,} files; at most {MAX_PARTS} are read")
        return [grids for one in files for grids in _of_file(one, given)]
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    if not path.is_file():
        raise ValueError(f"{path} is not a file but a device or pipe")
    return _of_file(path, given)


def _is_data(name):
    return not name.startswith((".", "~$", "__MACOSX")) and name.casefold() not in IGNORED


def _of_file(path, given):
    refuse_size(path, path.stat().st_size, MAX_FILE, "is")
    return _read(path.read_bytes(), path.name, given)


def _read(raw, name, given, depth=0):
    """Read the bytes of one file, by what they begin with."""
    if not raw:
        raise ValueError(f"{name} is empty; it needs a line of column names and lines of data.")
    if raw.startswith(b"\x1f\x8b"):
        return _read(_unpacked(raw, name), re.sub(r"\.gz$", "", name), given, _deeper(name, depth))
    if raw.startswith(b"PK") and _is_archive(raw, name):
        return _archive(raw, name, given, _deeper(name, depth))
    if raw.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return [read_workbook(raw, name)]
    if raw.startswith(b"PAR1"):
        return [[_parquet(raw, name)]]
    if is_markup(raw):
        return [read_markup(raw, name, given.get("encoding", ""))]
    for mark, text in _NOT_TABLES.items():
        if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(mark):
            raise ValueError(f"{name} {text}.")
    return [[read_text(raw, name, given.get("encoding", ""), given.get("separator", ""))]]


def _deeper(name, depth):
    if depth >= 2:
        raise ValueError(f"{name} is packed more than twice. Unpack it.")
    return depth + 1


def _limit(size):
    return max(SMALL, GROWTH * size)


def _unpacked(raw, name):
    """Unpack a .gz file, at most as far as its limit."""
    limit = _limit(len(raw))
    try:
        with gzip.open(io.BytesIO(raw)) as stream:
            data = stream.read(limit + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{name} is damaged ({error}). Pack it again.") from error
    if len(data) > limit:
        raise ValueError(f"{name} unpacks to more than {GROWTH} times its size, and is not read.")
    refuse_size(PurePath(name), len(data), MAX_FILE, "unpacks to")
    return data


def _is_archive(raw, name):
    """Whether a zip file holds files, rather than the parts of a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
        raise ValueError(
            f"{name} is damaged or cut off ({error}). Save or send it again."
        ) from error
    return "[Content_Types].xml" not in names and "content.xml" not in names


def _archive(raw, name, given, depth):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = [
            item
            for item in archive.infolist()
            if not item.is_dir() and _is_data(item.filename) and _is_data(_last(item.filename))
        ]
        if any(item.flag_bits & 1 for item in parts):
            raise ValueError(f"{name} is protected by a password. Pack it without one.")
        if not parts:
            raise ValueError(f"{name} holds no files")
        if len(parts) > MAX_PARTS:
            raise ValueError(f"{name} holds {len(parts):,} files; at most {MAX_PARTS} are read")
        size = sum(item.file_size for item in parts)
        if size > _limit(len(raw)):
            raise ValueError(
                f"{name} unpacks to more than {GROWTH} times its size, and is not read."
            )
        refuse_size(PurePath(name), size, MAX_FILE, "unpacks to")
        try:
            held = {item.filename: archive.read(item) for item in parts}
        except _DAMAGES as error:
            raise ValueError(f"{name} is damaged ({error}). Pack it again.") from error
    read = sorted(held.items())
    return [grids for part, data in read for grids in _read(data, _last(part), given, depth)]


def _last(name):
    return name.rsplit("/", 1)[-1]


def _parquet(raw, name):
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pa.BufferReader(raw))
        meta, schema = file.metadata, file.schema_arrow
        if meta.num_rows > MAX_ROWS or meta.num_columns > MAX_COLUMNS:
            raise ValueError(f"{name} has more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns.")
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if nested:
            raise ValueError(f"{name}: {', '.join(nested)} hold several values in a cell.")
        texts = [f.name for f in schema if pa.types.is_string(f.type)]
        table = parquet.read_table(pa.BufferReader(raw), read_dictionary=texts)
        for place, field in enumerate(table.schema):
            if pa.types.is_decimal(field.type):
                table = table.set_column(place, field.name, table[place].cast("float64"))
        frame = table.to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{name} is not a whole Parquet file ({error}). Write it again.") from None
    return _typed(frame, name)


def _query(variable, query):
    import sqlalchemy as sa

    from sopkit.io import sql

    url = os.environ.get(variable)
    if not url:
        raise ValueError(f"env:{variable}: there is no environment variable {variable}")
    if not query.strip():
        raise ValueError(f'env:{variable} needs a query: --answer "query=SELECT ..."')
    with sql.engine(url) as engine:
        if sql.is_missing(engine):
            raise FileNotFoundError(f"{sql.shown(url)}: there is no such file")
        try:
            with engine.connect() as connection:
                frame = pd.read_sql_query(sa.text(query), connection)
        except sa.exc.ResourceClosedError:
            raise ValueError("the query returns no rows; write a select") from None
    return _typed(frame, f"query of {sql.shown(url)}")


def _typed(frame, source):
    """A table that knows its names and types, as a grid whose first row are the names."""
    if frame.empty:
        raise ValueError(f"{source} has no rows")
    names = [str(name) for name in frame.columns]
    cells = frame.set_axis(range(frame.shape[1]), axis="columns")
    return Grid(cells.set_axis(pd.RangeIndex(1, len(cells) + 1)), source, names=tuple(names))
