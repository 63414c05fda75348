"""Append rows to a company's input tables: all or none, and only if the tables stay valid.

Existing content of the source does not change. Files are replaced whole by a checked copy; a
database is changed in one transaction.
"""

import csv
import os
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit import scenarios
from sopkit.data_quality import judge
from sopkit.io import hashing, readers, source_tables, sql
from sopkit.io.delimited import TextTable, read_csv
from sopkit.io.places import company_name
from sopkit.io.writers import is_formula, put_in_place, write
from sopkit.master_data.planning_units import in_own_units
from sopkit.master_data.versions import current_entries, next_versions
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty
from sopkit.tables.issues import shown
from sopkit.tables.validation import ignored_columns

DIGITS = "{:.15g}"  # of a number: as many as are sure in any program


def add_scenario(location: str | Path, changes: DataFrame, author: str, reason: str) -> None:
    """Add a scenario to scenario_changes; `changes` are its rows without author and note.

    Raises
    ------
    ValueError : author or reason is empty, the scenario exists, or it cannot be made or alters
        nothing.
    """
    _refuse_unnamed(author, reason)
    name = company_name(changes["scenario"].iloc[0])
    tables = readers.read(location)
    if name == "base" or (
        "scenario_changes" in tables and name in set(tables["scenario_changes"]["scenario"])
    ):
        raise ValueError(f"scenario_changes: scenario {name} exists; choose another name")
    scenarios.apply(current_entries(tables), changes)
    _add(location, tables, {"scenario_changes": changes.assign(author=author, note=reason)})


def add_demand_inputs(location: str | Path, rows: DataFrame, author: str, reason: str) -> None:
    """Add a function's forecast to demand_inputs; it replaces the function's earlier entry.

    `rows` are function, product, market, period : quantity [planning units], submitted_on.

    Raises
    ------
    ValueError : author or reason is empty.
    """
    _refuse_unnamed(author, reason)
    tables = readers.read(location)
    rows = conform("demand_inputs", rows.assign(author=author, reason=reason))
    before = tables.get("demand_inputs", empty("demand_inputs"))
    version = next_versions("demand_inputs", before, rows)
    rows = rows.assign(version=version.where(version > 1))  # empty: the first
    _add(location, tables, {"demand_inputs": in_own_units(rows, tables["products"])})


def add_rows(location: str | Path, added: Mapping[str, DataFrame]) -> None:
    """Add rows to several tables: all of them or none. Quantities are in planning units.

    Raises
    ------
    ValueError : the tables would not be valid with them, or someone else has just changed them.
    """
    tables = readers.read(location)
    rows = in_company_units(added, tables)
    _add(location, tables, {name: table for name, table in rows.items() if len(table)})


def in_company_units(
    added: Mapping[str, DataFrame], tables: Mapping[str, DataFrame]
) -> dict[str, DataFrame]:
    """Rows with quantities in planning units, as the company's tables have them."""
    counted = added.keys() & {"demand_inputs", "plan_overrides"}
    return {**added, **{name: in_own_units(added[name], tables["products"]) for name in counted}}


def with_rows(
    tables: Mapping[str, DataFrame], added: Mapping[str, DataFrame]
) -> dict[str, DataFrame]:
    """The tables that rows are added to, as they will be."""
    return {
        name: conform(name, pd.concat([tables.get(name, more.head(0)), more], ignore_index=True))
        for name, more in added.items()
    }


def replace_tables(folder: Path, tables: Mapping[str, DataFrame]) -> None:
    """Put tables in the place of those of a folder of files: all of them or none.

    Raises
    ------
    ValueError : the place is no folder of files, or someone else has just changed one of them.
    """
    if "://" in str(folder) or not Path(folder).is_dir() or source_tables.lone_workbook(folder):
        raise ValueError(
            f"{folder}: only tables in a folder of CSV or Parquet files are rolled forward. Save "
            "them there (`sopkit export`, or one sheet a file)"
        )
    files = []
    for name, whole in tables.items():
        path = Path(folder) / f"{name}.parquet"
        path = path if path.exists() else path.with_suffix(".csv")
        files.append((path, partial(_whole, name, whole), {name: whole}))
    if files:
        _replace(files)


def _whole(name, whole, part):
    if part.suffix == ".parquet":
        whole.to_parquet(part, index=False)
    else:
        filled = whole.dropna(axis="columns", how="all") if len(whole) else whole
        write(name, filled.apply(_text), part)


def _refuse_unnamed(author, reason):
    for said, text in (("author", author), ("reason", reason)):
        if not str(text).strip():
            raise ValueError(f"{said} is empty; enter who does this and why")


def _add(location, tables, added):
    """Add conformed rows to tables, after every table was checked as it will be."""
    rows = {name: _as_written(conform(name, table)) for name, table in added.items()}
    whole = with_rows(tables, rows)
    judge.refuse(current_entries({**tables, **whole}))
    written = {
        name: more.dropna(axis="columns", how="all").apply(_text) for name, more in rows.items()
    }
    if "://" in str(location):
        _add_to_database(str(location), written, tables)
        return
    _refuse_formulas(rows)
    path = Path(location)
    book = path if path.is_file() else source_tables.lone_workbook(path)
    if book:
        _replace([(book, partial(_sheets, book, written), whole)])
    else:
        _replace([_in_folder(path, name, written[name], whole[name]) for name in rows])


def _refuse_formulas(rows):
    """Refuse words that a spreadsheet would execute once it opens the file; codes are as the
    company's other tables have them."""
    for name, table in rows.items():
        for column in table.columns:
            if COLUMNS[column].kind != "text":
                continue
            for text in table[column].dropna().unique():
                if is_formula(text):
                    raise ValueError(
                        f"{name}: {column} {shown(text)!r} begins like a formula, which a "
                        "spreadsheet would execute. Begin it with a word; nothing was written"
                    )


def _in_folder(folder, name, written, whole):
    """How a table's file is replaced: the file, what writes it, and the table that it must say."""
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    if parquet.exists():
        _refuse_dropping(name, parquet)
        return parquet, lambda part: whole.to_parquet(part, index=False), {name: whole}
    return text, partial(_csv, text, written), {name: whole}


def _refuse_dropping(name, parquet):
    """A Parquet file is written anew, with the table's columns alone."""
    own = ignored_columns(name, pd.read_parquet(parquet))
    if own:
        raise ValueError(
            f"{parquet.name}: {', '.join(own)} would be lost, for {name} has no such column; save "
            "the table as CSV, or remove these columns"
        )


def _as_written(table):
    """A table with numbers as a file's cells say them: 114.39, not 114.38999999999999."""
    kinds = {c: COLUMNS[c].kind for c in table.columns}
    numbers = [c for c in table.columns if kinds[c] in ("number", "whole")]
    said = {c: table[c].map(DIGITS.format, na_action="ignore").astype("float64") for c in numbers}
    return table.assign(**said).astype(table.dtypes)


def _text(column):
    """Write a column as a file's cells; empty cells stay missing."""
    kind = COLUMNS[column.name].kind
    if kind == "day":
        cells = column.dt.strftime("%Y-%m-%d")
    elif kind in ("number", "whole"):
        cells = column.map(DIGITS.format, na_action="ignore")
    else:
        cells = column.astype("str").str.lower() if kind == "flag" else column.astype("str")
    return cells.astype(object).where(column.notna(), None)


# --------------------------------------------------------------------------------------------------
# files


def _replace(files):
    """Write copies beside the files, read them again, and put them in the files' places if each
    says what it should: (file, what writes it, its tables)."""
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
    place = part if part.suffix == ".xlsx" else part.parent
    for name, read in readers.read(place, list(wholes)).items():
        if hashing.table_hash(read) != hashing.table_hash(wholes[name]):
            raise ValueError(
                f"{part.name}: the new {name} could not be read back; nothing was written"
            )


def _csv(path, rows, target):
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


def _sheets(path, added, target):
    """Copy a workbook with rows added to sheets."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    for name, rows in added.items():
        _sheet(book, name, rows)
    book.save(target)


def _sheet(book, name, rows):
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
            if value is None:
                continue
            cell = sheet.cell(line, heads.index(column) + 1)
            is_number = COLUMNS[column].kind in ("number", "whole")
            cell.value = float(value) if is_number else value
            cell.data_type = "n" if is_number else "s"


# --------------------------------------------------------------------------------------------------
# a database


def _add_to_database(url, added, tables):
    """Insert the rows of all tables in one transaction; a table that is not there yet is made."""
    with sql.engine(url) as engine, engine.begin() as connection:
        for name, rows in added.items():
            _insert(connection, name, rows, tables)


def _insert(connection, name, rows, tables):
    if not sa.inspect(connection).has_table(name):
        _made(name).create(connection)
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    known = 0 if name not in tables else len(tables[name])
    if connection.scalar(sa.select(sa.func.count()).select_from(table)) != known:
        raise ValueError(
            f"{name} was changed by someone else just now; nothing was written, try again"
        )
    lacking = [c for c in rows.columns if c not in table.columns]
    if lacking:
        raise ValueError(
            f"{name} has no column {', '.join(lacking)}; add it to the database's table first"
        )
    connection.execute(sa.insert(table), [_typed(table, row) for row in rows.to_dict("records")])


def _made(name):
    kinds = {"number": sa.Float, "whole": sa.Integer}
    columns = [sa.Column(c, kinds.get(COLUMNS[c].kind, sa.Text)) for c in TABLES[name].columns]
    return sa.Table(name, sa.MetaData(), *columns)


def _typed(table, row):
    """Give each cell the type of its column in the database; a month in a column of dates is its
    first day."""
    typed = {}
    for name, value in row.items():
        kind = table.columns[name].type.python_type
        if value is None or kind is str:
            typed[name] = value
        elif kind in (int, float):
            typed[name] = kind(float(value))
        elif kind is bool:
            typed[name] = value == "true"
        else:
            stamp = pd.Timestamp(value).to_pydatetime()
            typed[name] = stamp if issubclass(kind, pd.Timestamp.__base__) else stamp.date()
    return typed
