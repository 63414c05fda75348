"""Revisions of plans in one SQL database, never changed; `saving` adds one.

A table is kept as Parquet parts (one a family, where a row has a product), named by the hash of
their bytes, so that what two revisions share is kept once. Every save adds a row to the audit
trail, whose hash covers the row before it. A revision's hash rests on what its tables say, not on
their bytes: the same plan has the same hash anywhere.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.places import company_name
from sopkit.io.writers import write
from sopkit.rules.text import as_python_text
from sopkit.schema.tables import TABLES, dtype
from sopkit.store import database, parts
from sopkit.store.database import reading
from sopkit.store.models import BLOB, PART, REVISION, REVISION_TABLE
from sopkit.tables.periods import month


class Revision(NamedTuple):
    """One saved plan; `number` counts from 1 within company, cycle and scenario."""

    company: str
    cycle: str
    scenario: str
    number: int
    hash: str
    inputs_hash: str
    made_at: str
    who: str
    why: str


def revisions(store: str, company: str | None = None) -> DataFrame:
    """List the revisions of all plans, or of one company's, oldest first.

    Returns
    -------
    company, cycle, scenario, number : hash, inputs_hash, made_at, who, why
    """
    query = sa.select(*(REVISION.c[field] for field in Revision._fields)).order_by(REVISION.c.id)
    if company is not None:
        query = query.where(REVISION.c.company == company_name(company))
    rows: Sequence[sa.Row] = ()
    if database.exists(store):
        with reading(store) as connection:
            rows = connection.execute(query).all()
    frame = (
        pd.DataFrame(rows, columns=list(Revision._fields)).astype("str").astype({"number": "int64"})
    )
    return frame.assign(cycle=pd.PeriodIndex(frame["cycle"], freq="M"))


def latest_revision(store: str, company: str, cycle: str, scenario: str) -> Revision | None:
    """Find the latest revision of a plan; None without any."""
    if not database.exists(store):
        return None
    with reading(store) as connection:
        return newest(connection, company, cycle, scenario)


def newest(connection: sa.Connection, company: str, cycle: str, scenario: str) -> Revision | None:
    """The latest revision of a plan as a connection sees it; None without any."""
    row = _find(connection, company, cycle, scenario, None)
    return row and Revision(*row[1:])


def read_table(
    store: str, company: str, cycle: str, scenario: str, name: str, revision: int | None = None
) -> DataFrame:
    """Read one table (plan or input) of a revision; the latest one unless a number is given.

    Rows come as they were saved; those of big tables come family by family.

    Raises
    ------
    ValueError : there is no such revision, or it has no such table, or a stored part was changed.
    """
    return read_revision(store, company, cycle, scenario, revision, [name])[name]


def read_all(
    store: str, company: str, cycle: str, scenario: str, revision: int | None = None
) -> dict[str, DataFrame]:
    """Read the inputs and the plan tables of a revision.

    Returns
    -------
    table name : conformed table
    """
    plan = (store, company, cycle, scenario, revision)
    return read_inputs(*plan) | read_revision(*plan)


def read_revision(
    store: str,
    company: str,
    cycle: str,
    scenario: str,
    revision: int | None = None,
    names: Collection[str] | None = None,
) -> dict[str, DataFrame]:
    """Read the plan tables of a revision, or the tables named.

    Returns
    -------
    table name : conformed table
    """
    return _read(store, company, cycle, scenario, revision, names, is_input=False)


def read_inputs(
    store: str, company: str, cycle: str, scenario: str, revision: int | None = None
) -> dict[str, DataFrame]:
    """Read the snapshot of the inputs that a revision was made from.

    Returns
    -------
    table name : conformed table
    """
    return _read(store, company, cycle, scenario, revision, None, is_input=True)


def export(
    store: str,
    company: str,
    cycle: str,
    scenario: str,
    name: str,
    path: Path,
    revision: int | None = None,
) -> int:
    """Write one table of a revision to a .csv, .parquet or .xlsx file, and count its rows."""
    table = read_table(store, company, cycle, scenario, name, revision)
    write(name, table, path)
    return len(table)


def _read(store, company, cycle, scenario, revision, names, is_input):
    with reading(store) as connection:
        row = _find(connection, company, cycle, scenario, revision)
        if row is None:
            which = "no revision yet" if revision is None else f"no revision {revision}"
            raise ValueError(
                f"{company} {cycle} {scenario}: {which}; `sopkit status` lists the revisions"
            )
        of_revision = REVISION_TABLE.c.revision == row.id
        present = list(
            connection.scalars(sa.select(REVISION_TABLE.c.table_name).where(of_revision))
        )
        wanted = names
        if names is None:
            wanted = [
                name for name in present if name in TABLES and TABLES[name].is_input == is_input
            ]
        for name in wanted:
            if name not in present:
                has = ", ".join(sorted(present))
                raise ValueError(
                    f"{company} {cycle} {scenario}, revision {row.number}: no table {name}; it has "
                    f"{has}"
                )
        return {name: _as_of_now(name, load(connection, row.id, name)) for name in wanted}


def _find(connection, company, cycle, scenario, number):
    query = sa.select(REVISION.c.id, *(REVISION.c[field] for field in Revision._fields)).where(
        REVISION.c.company == company_name(company),
        REVISION.c.cycle == str(month(cycle)),
        REVISION.c.scenario == company_name(scenario),
    )
    if number is not None:
        query = query.where(REVISION.c.number == int(number))
    return connection.execute(query.order_by(REVISION.c.number.desc()).limit(1)).one_or_none()


@as_python_text
def load(connection: sa.Connection, key: int, name: str) -> DataFrame:
    """Read a table as it was saved; `key` is the revision's row.

    Raises
    ------
    ValueError : a part was changed, or is missing.
    """
    query = (
        sa.select(PART.c.blob, BLOB.c.content)
        .join(BLOB, BLOB.c.id == PART.c.blob)
        .where(PART.c.revision == key, PART.c.table_name == name)
        .order_by(PART.c.place)
    )
    contents = []
    for blob, content in connection.execute(query):
        if parts.blob_name(content) != blob:
            raise ValueError(
                f"{name}: part {blob[:12]} was changed after it was saved; run `sopkit verify`"
            )
        contents.append(content)
    if not contents:
        raise ValueError(f"{name}: its parts are missing in the store; run `sopkit verify`")
    return parts.table(contents)


def _as_of_now(name, frame):
    """Give a table of an older schema today's columns; new ones are empty, or 0 or false.

    What was saved stays as it was: only the reader's copy is changed.
    """
    if name not in TABLES or tuple(frame.columns) == TABLES[name].columns:
        return frame
    table = TABLES[name]
    nothing = {"int64": 0, "bool": False}
    columns = {
        column: frame[column]
        if column in frame
        else pd.Series(nothing.get(kind), index=frame.index, dtype=kind)
        for column in table.columns
        for kind in [dtype(table, column)]
    }
    return pd.DataFrame(columns, index=frame.index).astype(
        {c: dtype(table, c) for c in table.columns}
    )
