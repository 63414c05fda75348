"""Read input tables from a folder of CSV or Parquet files, an Excel workbook or a database.

Whatever the source, the tables come out the same: conformed and complete, each for itself. Whether
they go together, and can be planned with, is judged by `data_quality`.
"""

import logging
import re
from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
from pandas import DataFrame
from pyarrow import parquet

from sopkit.io.delimited import TextTable, read_csv, with_points
from sopkit.io.excel import read_workbook
from sopkit.io.places import refuse_absent
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import INPUT_TABLES, TABLES
from sopkit.tables.issues import (
    SHOWN_ROWS,
    DataError,
    Issue,
    has_lines,
    shown,
    told,
    visible,
)
from sopkit.tables.parsing import distinct, each_text, is_text
from sopkit.tables.validation import validate

LOG = logging.getLogger(__name__)
LARGE = 50_000  # rows; parsing fewer takes no time worth telling
SLOW_MEGABYTES = 2  # reading less takes no time worth telling
INPUT_NAMES = tuple(table.name for table in INPUT_TABLES)
FIRST_LINE = 2  # of a table's rows in its file; the first holds the names
REQUIRED = ("products", "sales_history")
IGNORED_SHEETS = ("readme", "notes")
TABLE_ENDINGS = (".csv", ".parquet")
_FIRST_OF_MONTH = r"^\s*(\d{4}-\d{2})-01(?:[ T]00:00(?::00(?:\.0+)?)?)?\s*$"
_MIDNIGHT = r"^\s*(\d{4}-\d{2}-\d{2})[ T]00:00(?::00(?:\.0+)?)?\s*$"


class Parsed(NamedTuple):
    """What was read, as far as it could be.

    tables : by name, every row labelled by its location; without those whose cells cannot be read
    sources : where each table was read
    faults : what cannot be read, or breaks a rule of its own table
    notes : anomalies of files and cells that can be read
    is_whole : whether every file and sheet could be opened
    """

    tables: dict[str, DataFrame]
    sources: dict[str, str]
    faults: list[Issue]
    notes: list[Issue]
    is_whole: bool


def read(location: str | Path, names: Collection[str] | None = None) -> dict[str, DataFrame]:
    """Read the input tables of a company without cross-table checks; see `parse`.

    Returns
    -------
    table name : conformed table; tables that the source does not have are absent

    Raises
    ------
    DataError : all errors of all tables.
    """
    parsed = parse(location, names)
    if parsed.faults:
        raise DataError(parsed.faults)
    return {name: table.reset_index(drop=True) for name, table in parsed.tables.items()}


def parse(location: str | Path, names: Collection[str] | None = None) -> Parsed:
    """Read the input tables of a company (with `names`, only these), as far as they can be read.

    Parameters
    ----------
    location : a folder, an .xlsx workbook or a database URL

    Raises
    ------
    FileNotFoundError, ValueError : the location does not exist, or tables cannot be read from it.
    """
    wanted = INPUT_NAMES if names is None else tuple(names)
    found, faults = _find(location, wanted)
    present = {fault.table for fault in faults} | set(found)
    if found or not faults:  # the content of a workbook that cannot be opened is unknown
        faults += [
            _missing(name, location, present)
            for name in REQUIRED
            if name in wanted and name not in present
        ]
    is_whole, tables = not faults, {}
    for name, table in found.items():
        rows, level = len(table.frame), logging.DEBUG
        LOG.log(logging.INFO if rows > LARGE else level, "checking %s (%s rows)", name, f"{rows:,}")
        try:
            conformed, some = validate(name, _plain(table), table.source)
        except DataError as error:
            is_whole = False
            faults += error.faults
            continue
        faults += some
        if conformed is not None:
            tables[name] = conformed
    sources = {name: table.source for name, table in found.items()}
    notes = [Issue(name, note) for name, table in found.items() for note in table.notes]
    notes += [note for name, table in found.items() for note in _blanks(name, table)]
    notes = [replace(note, severity="minor") for note in notes]
    return Parsed(tables, sources, faults, notes, is_whole)


def _blanks(name, table):
    """Report leading and trailing blanks, which are removed when the cell is read."""
    frame, found = table.frame, []
    if frame.columns.duplicated().any():
        return []
    for column in [c for c in TABLES[name].columns if c in frame and is_text(frame[c])]:
        codes, texts = distinct(frame[column])
        padded = [text != text.strip() and text.strip() != "" for text in texts]
        odd = pd.Series(pd.array([*padded, False])[codes], index=frame.index)
        text, remedy = (
            f"{column} has leading or trailing blanks, which are removed",
            "Remove them in the source.",
        )
        found.append(told(TABLES[name], frame, odd, text, column, table.source, remedy))
    return [note for note in found if note]


def located(location: str | Path, name: str) -> tuple[DataFrame, str] | None:
    """Read one input table with the location of each row.

    Returns
    -------
    (the table, labelled by line or row; what is counted, such as `sales_history.csv line`), or None
    when there is no such source, or no such table in it
    """
    if "://" not in str(location) and not Path(location).exists():
        return None
    found, _ = _find(location, (name,))
    if name not in found:
        return None
    source = found[name].source
    table, faults = validate(name, _plain(found[name]), source)
    if faults:
        raise DataError(faults)
    if has_lines(source):
        return table.set_axis(table.index + FIRST_LINE), f"{source} line"
    return table.set_axis(table.index + 1), f"{source} row"


# --------------------------------------------------------------------------------------------------
# the three kinds of source


def _find(location, wanted):
    if "://" in str(location):
        return _database(str(location), wanted), []
    refuse_absent(location)
    path = Path(location)
    if path.is_dir():
        workbook = lone_workbook(path)
        return _sheets(workbook, wanted) if workbook else _folder(path, wanted)
    return _sheets(path, wanted)


def lone_workbook(folder: Path) -> Path | None:
    """The one workbook of a folder that holds no table files, as `sopkit init` leaves it."""
    files = [
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith((".", "~$"))
    ]
    workbooks = [path for path in files if path.suffix.lower() == ".xlsx"]
    tables = [path for path in files if path.suffix.lower() in TABLE_ENDINGS]
    return workbooks[0] if len(workbooks) == 1 and not tables else None


def _folder(folder, wanted):
    found, faults, paths = {}, [], {}
    files = sorted(folder.iterdir())
    given = {path.stem for path in files if path.suffix.lower() in TABLE_ENDINGS}
    for path in files:
        fault = _file_fault(path, given)
        if fault:
            faults.append(fault)
        elif path.suffix.lower() in TABLE_ENDINGS and path.is_file():
            paths.setdefault(path.stem, []).append(path)
    for name, (path, *others) in paths.items():
        if others:
            both = " and ".join(p.name for p in (path, *others))
            faults.append(Issue(name, f"{both} hold the same table. Keep one of them."))
        elif name in wanted:
            _tell_of(path)
            try:
                found[name] = (
                    _parquet(path) if path.suffix.lower() == ".parquet" else read_csv(path)
                )
            except DataError as error:
                faults += error.faults
    return found, faults


def _tell_of(path):
    megabytes = path.stat().st_size / 1e6
    LOG.log(
        logging.INFO if megabytes > SLOW_MEGABYTES else logging.DEBUG,
        "reading %s (%.0f MB)",
        path.name,
        megabytes,
    )


def _file_fault(path, given):
    """Object to what looks like a table but would not be read; `given` are the names of the table
    files."""
    ending, first = path.suffix.lower(), path.name.partition(".")[0]
    if path.name.startswith((".", "~$")):
        return None
    if ending in TABLE_ENDINGS:
        if path.is_file():
            return _name_fault(path.stem, path.name)
        return Issue(visible(path.stem), f"{visible(path.name)} is not a file but a folder, a "
                                         "device or a broken link. Put the file there, or remove "
                                         "it.")  # fmt: skip
    if not path.is_file():
        return None
    if ending in (".xlsx", ".xlsm", ".xls"):
        return Issue(
            path.stem,
            f"{path.name} is in a folder of tables. Use it as the workspace (--workspace), or save "
            "its sheets as CSV.",
        )
    close = get_close_matches(first.casefold(), INPUT_NAMES, 1, 0.85)  # plans.sqlite is not lanes
    if (
        close and len(path.suffixes) > 1 and close[0] in given
    ):  # such as lanes.csv.bak beside lanes.csv
        return None
    return (
        Issue(
            visible(path.stem),
            f"{visible(path.name)} is not read; save it as {close[0]}.csv, or rename it.",
        )
        if close
        else None
    )


def _name_fault(name, place):
    if name in INPUT_NAMES:
        return None
    name, place = visible(name), visible(place)
    if name in TABLES:
        return Issue(name, f"{place} is a table that the plan writes, not an input. Remove it.")
    close = get_close_matches(name.strip().casefold().replace(" ", "_"), INPUT_NAMES, 1)
    hint = (
        f"did you mean {close[0]}?"
        if close
        else f"remove it, or give it the name of one: {', '.join(INPUT_NAMES)}."
    )
    return Issue(name, f"{place} is not a table of the workbook; {hint}")


def _sheets(path, wanted):
    _tell_of(path)
    try:
        found, faults = read_workbook(path, IGNORED_SHEETS)
    except DataError as error:
        return {}, list(error.faults)
    unknown = [_name_fault(name, f"{path.name} sheet {name}") for name in found]
    faults += [fault for fault in unknown if fault]
    return {
        name: table for name, table in found.items() if name in wanted and name in INPUT_NAMES
    }, faults


def _parquet(path):
    try:
        schema = parquet.read_schema(path)
        _refuse_nested(path, schema)
        texts = [field.name for field in schema if _is_text(field.type)]
        table = parquet.read_table(path, read_dictionary=texts)
        return _named(table.to_pandas(), path.name)
    except (pa.ArrowException, OSError) as error:
        text = f"{path.name} is not a complete Parquet file ({error}). Write it again."
        raise DataError([Issue(path.stem, text)]) from error


def _is_text(kind):
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _refuse_nested(path, schema):
    """Refuse columns with more than one value per cell, or duplicate names."""
    faults = [
        f"column {shown(field.name)} in {path.name} holds {shown(field.type)}, not text or "
        "numbers. Write one value per cell."
        for field in schema
        if pa.types.is_nested(field.type)
    ]
    double = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if double:
        faults.append(
            f"duplicate columns in {path.name}: {', '.join(map(shown, double))}. Keep one of each."
        )
    if faults:
        raise DataError([Issue(path.stem, text) for text in faults[:SHOWN_ROWS]])


def _database(url, wanted):
    """Read the tables and views of these names; others in the database are other people's."""
    import sqlalchemy as sa

    from sopkit.io import sql

    with sql.engine(url) as engine:
        if sql.is_missing(engine):
            raise FileNotFoundError(f"{sql.shown(url)}: there is no such file")
        # One transaction, so that all tables are of the same moment.
        with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
            inspector = sa.inspect(connection)
            present = {*inspector.get_table_names(), *inspector.get_view_names()}
            return {
                name: _named(
                    _rows(connection, name), f"database {engine.url.database}, table {name}"
                )
                for name in wanted
                if name in present
            }


def _named(frame, source):
    """A table whose column names lose the blanks around them, as cells do."""
    names = [str(name) for name in frame.columns]
    padded = ", ".join(shown(name) for name in names if name != name.strip())
    note = (
        f"{source}: column names have leading or trailing blanks, which are removed: {padded}. "
        "Remove them."
    )
    frame = frame.set_axis([name.strip() for name in names], axis="columns")
    return TextTable(frame, source, notes=(note,) if padded else ())


def _rows(connection, name):
    import sqlalchemy as sa

    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    try:
        return pd.read_sql_query(sa.select(table), connection, dtype_backend="numpy_nullable")
    except UnicodeDecodeError as error:
        text = f"table {name} holds bytes that are not text ({error}). Store them as text."
        raise DataError([Issue(name, text)]) from error


def _missing(name, location, present):
    close = get_close_matches(name, present, 1)
    hint = f" (found {close[0]})" if close else ""
    columns = ", ".join(TABLES[name].must_have)
    return Issue(
        name,
        f"is missing in {_shown(location)}{hint}. Add it with the columns {columns}; `sopkit init` "
        "shows how.",
    )


def _shown(location):
    if "://" not in str(location):
        return Path(location).name
    from sopkit.io import sql

    return sql.shown(str(location))


# --------------------------------------------------------------------------------------------------
# one shape for all sources


def _plain(table):
    """Bring cells to the form that `conform` reads: months as 2026-10, codes as text, decimal
    points."""
    numbers = {
        c for c in table.frame.columns if c in COLUMNS and COLUMNS[c].kind in ("number", "whole")
    }
    frame = with_points(table, numbers).frame
    if frame.columns.duplicated().any():
        return frame
    for column in [c for c in frame.columns if frame[c].dtype == object]:
        kind = pd.api.types.infer_dtype(frame[column])
        if kind in ("bytes", "mixed"):
            text = (
                f"column {column} in {table.source} holds {kind} values, not text or numbers. "
                "Write it as text."
            )
            raise DataError([Issue(Path(table.source).stem, text)])
    return frame.assign(
        **{c: _plain_column(COLUMNS[c].kind, frame[c]) for c in frame.columns if c in COLUMNS}
    )


def _plain_column(kind, cells):
    if kind in ("code", "text", "choice") and pd.api.types.is_float_dtype(cells):
        whole = (cells.dropna() % 1 == 0).all()
        return cells.astype("Int64") if whole else cells
    if kind not in ("period", "day") or isinstance(cells.dtype, pd.PeriodDtype):
        return cells
    if kind == "day" and pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    # A date says a month only if it is its first day: a table by day must be summed by its owner.
    form = re.compile(_FIRST_OF_MONTH if kind == "period" else _MIDNIGHT)
    return each_text(cells, lambda text: form.sub(r"\1", text))
