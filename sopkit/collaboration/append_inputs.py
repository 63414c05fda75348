"""Append rows to a company's input tables: all or none, and only if the tables stay valid.

Existing content of the source does not change. Files are replaced whole by a checked copy; a
database is changed in one transaction.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.collaboration import table_files, table_rows, table_sheets
from sopkit.collaboration.cells import as_written, filled
from sopkit.data_quality import judge
from sopkit.io import hashing, readers, source_tables
from sopkit.io.places import company_name
from sopkit.io.writers import is_formula
from sopkit.master_data.planning_units import in_own_units
from sopkit.master_data.versions import current_entries, next_versions
from sopkit.schema.columns import COLUMNS
from sopkit.tables import conform, empty
from sopkit.tables.issues import shown


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


def replace_tables(
    location: str | Path, wholes: Mapping[str, DataFrame], before: Mapping[str, DataFrame]
) -> None:
    """Put tables in the place of those of a company: all of them or none.

    Parameters
    ----------
    before : the tables as they were read

    Raises
    ------
    ValueError : someone else has just changed one of them, or it cannot be written.
    """
    wholes = {name: as_written(whole) for name, whole in wholes.items()}
    if not wholes:
        return
    _refuse_changed(location, before, wholes)
    if "://" in str(location):
        table_rows.replace_tables(str(location), wholes, before)
        return
    path = Path(location)
    book = path if path.is_file() else source_tables.lone_workbook(path)
    if book:
        make = partial(table_sheets.sheets_of_tables, book, wholes)
        table_files.replace_files([(book, make, wholes)])
    else:
        files = [table_files.file_of_table(path, name, one) for name, one in wholes.items()]
        table_files.replace_files(files)


def _refuse_changed(location, before, wholes):
    """Refuse to replace tables that say something else than when they were read."""
    now = readers.read(location)
    for name in wholes:
        was, there = before.get(name), now.get(name)
        if (was is None) != (there is None) or (
            was is not None
            and there is not None
            and hashing.table_hash(as_written(was)) != hashing.table_hash(as_written(there))
        ):
            raise ValueError(
                f"{name} was changed by someone else just now; nothing was written, try again"
            )


def _refuse_unnamed(author, reason):
    for said, text in (("author", author), ("reason", reason)):
        if not str(text).strip():
            raise ValueError(f"{said} is empty; enter who does this and why")


def _add(location, tables, added):
    """Add conformed rows to tables, after every table was checked as it will be."""
    rows = {name: as_written(conform(name, table)) for name, table in added.items()}
    whole = with_rows(tables, rows)
    judge.refuse(current_entries({**tables, **whole}))
    written = {name: filled(more) for name, more in rows.items()}
    if "://" in str(location):
        table_rows.add_rows(str(location), written, tables)
        return
    _refuse_formulas(rows)
    path = Path(location)
    book = path if path.is_file() else source_tables.lone_workbook(path)
    if book:
        make = partial(table_sheets.sheets_with_rows, book, written, whole)
        table_files.replace_files([(book, make, whole)])
    else:
        files = [table_files.file_with_rows(path, n, written[n], whole[n]) for n in rows]
        table_files.replace_files(files)


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
