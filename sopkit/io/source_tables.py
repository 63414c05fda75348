"""Find input tables in a folder of CSV or Parquet files, an Excel workbook or a database.

They are found as they are written; `readers` brings them to one form and validates them.
"""

import logging
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sopkit.io.delimited import TextTable, read_csv
from sopkit.io.excel import read_workbook
from sopkit.io.places import refuse_absent
from sopkit.io.starter_sheets import is_starter, read_starter
from sopkit.schema.tables import INPUT_TABLES, TABLES
from sopkit.tables.issues import SHOWN_ROWS, DataError, Issue, shown, visible

LOG = logging.getLogger(__name__)
SLOW_MEGABYTES = 2  # reading less takes no time worth telling
INPUT_NAMES = tuple(table.name for table in INPUT_TABLES)
IGNORED_SHEETS = ("readme", "notes")
TABLE_ENDINGS = (".csv", ".parquet")


def find(location: str | Path, wanted: Collection[str]) -> tuple[dict[str, TextTable], list[Issue]]:
    """Find the wanted tables at a location, as they are written there.

    Returns
    -------
    (table by name, faults of files, sheets and names)

    Raises
    ------
    FileNotFoundError, ValueError : the location does not exist, or tables cannot be read from it.
    """
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
    if is_starter(found):
        starter = read_starter(path)
        faults = [fault for fault in faults if fault.table not in starter.titles] + starter.faults
        found = {name: one for name, one in found.items() if name not in starter.titles}
        found |= starter.tables
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
