"""Revisions of plans in one SQL database, saved atomically and never changed.

A table is kept as Parquet parts (one a family, where a row has a product), named by the hash of
their bytes, so that what two revisions share is kept once. Every save adds a row to the audit
trail, whose hash covers the row before it. A revision's hash rests on what its tables say, not on
their bytes: the same plan has the same hash anywhere.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.hashing import combined_hash, table_hash
from sopkit.io.places import company_name
from sopkit.io.writers import write
from sopkit.schema.tables import TABLES, dtype
from sopkit.store import audit_log, database, parts
from sopkit.store.database import reading, writing
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


# --------------------------------------------------------------------------------------------------
# saving


def save_revision(
    store: str,
    company: str,
    cycle: str,
    scenario: str,
    tables: dict[str, DataFrame],
    inputs_hash: str,
    who: str,
    why: str,
    inputs: dict[str, DataFrame] | None = None,
    reworked: int | None = None,
) -> Revision:
    """Save a plan (and a snapshot of its inputs) as the next revision, in one transaction.

    `store` is a database URL. `tables` and `inputs` are conformed tables by name. `reworked` is the
    number of the last audit row about the plan that a rework has seen: whatever was done to the
    plan since, it does not know.

    Returns
    -------
    Revision

    Raises
    ------
    ValueError : a table is not conformed, author or reason is empty, `inputs` is not what
        `inputs_hash` was made from, the plan is approved, or it was touched during a rework.
    """
    company, cycle, scenario = company_name(company), str(month(cycle)), company_name(scenario)
    for word, text in (("who", who), ("why", why)):
        if not str(text).strip():
            raise ValueError(
                f"save_revision: {word} is empty; enter who makes the revision and why"
            )
    inputs = inputs or {}
    _refuse_unconformed(tables, inputs)
    plan_hashes, input_hashes = (
        {name: table_hash(f) for name, f in frames.items()} for frames in (tables, inputs)
    )
    if inputs and combined_hash(input_hashes) != inputs_hash:
        raise ValueError("save_revision: inputs_hash was made from other inputs than those given")
    families = inputs["products"][["product", "family"]] if "products" in inputs else None
    pieces = [
        part
        for name, frame in (tables | inputs).items()
        for part in parts.parts(name, frame, families)
    ]
    plan_hash = revision_hash(inputs_hash, plan_hashes)
    with writing(store) as connection:
        _refuse_overtaken(connection, company, cycle, scenario, reworked)
        number = _last_number(connection, company, cycle, scenario) + 1
        made_at = audit_log.now()
        revision = Revision(
            company, cycle, scenario, number, plan_hash, inputs_hash, made_at, who, why
        )
        key = connection.execute(
            sa.insert(REVISION).values(revision._asdict())
        ).inserted_primary_key[0]  # type: ignore[index]
        _insert_tables(connection, key, plan_hashes | input_hashes, pieces)
        what = "saved" if reworked is None else "reworked"
        audit_log.append(connection, what, revision, audit_log.Author(who, why), plan_hash, made_at)
    return revision


def _refuse_overtaken(connection, company, cycle, scenario, reworked):
    done = audit_log.rows(connection, company=company, cycle=cycle, scenario=scenario)
    approval = [row for row in done if row["what"] == audit_log.APPROVED]
    if approval:
        raise ValueError(
            f"{company} {cycle} {scenario} is approved and locked: {audit_log.told(approval[0])}; "
            "nothing was saved"
        )
    later = [row for row in done if reworked is not None and row["number"] > reworked]
    if later:
        raise ValueError(
            f"{company} {cycle} {scenario}: meanwhile {audit_log.told(later[-1])}; nothing was "
            "saved, rework again"
        )


def _refuse_unconformed(tables, inputs):
    for frames, is_input in ((tables, False), (inputs, True)):
        for name, frame in frames.items():
            if name not in TABLES or TABLES[name].is_input != is_input:
                raise ValueError(
                    f"save_revision: {name} is not {'an input' if is_input else 'a plan'} table"
                )
            table = TABLES[name]
            if tuple(frame.columns) != table.columns or any(
                frame[c].dtype != dtype(table, c) for c in table.columns
            ):
                raise ValueError(
                    f"save_revision: {name} is not conformed; pass it through tables.conform first"
                )


def revision_hash(inputs_hash: str, plan_hashes: Mapping[str, str]) -> str:
    """Hash the content of a revision: its inputs and plan tables."""
    return combined_hash({"the inputs": inputs_hash, **plan_hashes})


def _insert_tables(connection, key, hashes, pieces):
    contents = {part.blob: part.content for part in pieces}
    known = set(connection.scalars(sa.select(BLOB.c.id).where(BLOB.c.id.in_(contents))))
    rows = dict.fromkeys(hashes, 0)
    for part in pieces:
        rows[part.table] += part.rows
    written = {
        BLOB: [
            {"id": blob, "content": content}
            for blob, content in contents.items()
            if blob not in known
        ],
        REVISION_TABLE: [
            {"revision": key, "table_name": name, "hash": digest, "rows": rows[name]}
            for name, digest in hashes.items()
        ],
        PART: [
            {
                "revision": key,
                "table_name": part.table,
                "place": part.place,
                "rows": part.rows,
                "blob": part.blob,
            }
            for part in pieces
        ],
    }
    for kind, values in written.items():
        if values:
            connection.execute(sa.insert(kind), values)


def _last_number(connection, company, cycle, scenario):
    query = sa.select(sa.func.max(REVISION.c.number)).where(
        REVISION.c.company == company, REVISION.c.cycle == cycle, REVISION.c.scenario == scenario
    )
    return connection.scalar(query) or 0


# --------------------------------------------------------------------------------------------------
# reading


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
