"""Verify the integrity of a plan store: every hash is recalculated and compared."""

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.hashing import combined_hash, table_hash
from sopkit.schema.tables import TABLES
from sopkit.store import audit_log, parts
from sopkit.store.database import reading
from sopkit.store.heads import lost_rows
from sopkit.store.models import (
    AUDIT,
    BLOB,
    DECISION,
    PART,
    REVISION,
    REVISION_TABLE,
    guard_problems,
)
from sopkit.store.revisions import load
from sopkit.store.saving import revision_hash


def audit(store: str) -> DataFrame:
    """List what was done to the store, oldest first; each row's hash covers the row before.

    Returns
    -------
    number : at, who, what, why, company, cycle, scenario, revision, content, previous_hash, hash
    """
    with reading(store) as connection:
        rows = audit_log.rows(connection)
    return pd.DataFrame(rows, columns=[column.name for column in AUDIT.columns])


def verify(store: str, noted: str = "") -> list[str]:
    """List the problems of the hashes of parts, tables, revisions and audit rows, and of triggers.

    Whoever can rewrite the whole database can rewrite every hash, or cut off the newest rows: a
    head (`database.head`) that was kept elsewhere and is handed in as `noted` shows that.

    Returns
    -------
    list of problems in words; empty when the store is whole
    """
    with reading(store) as connection:
        written = audit_log.rows(connection)
        known = connection.execute(sa.select(REVISION).order_by(REVISION.c.id)).mappings().all()
        lost = [lost_rows(connection, one) for one in dict.fromkeys((noted, ""))]
        problems = (
            [text for text in lost if text]
            + _file_problems(connection)
            + guard_problems(connection)
        )
        problems += _blob_problems(connection) + audit_log.problems(written)
        for row in known:
            problems += _table_problems(connection, row)
        return (
            problems + _agreement_problems(known, written) + _decision_problems(connection, written)
        )


def _file_problems(connection):
    """What SQLite itself finds wrong in its file."""
    if connection.dialect.name != "sqlite":
        return []
    return [
        f"the file: {text}"
        for text in connection.scalars(sa.text("PRAGMA integrity_check"))
        if text != "ok"
    ]


def _blob_problems(connection):
    blobs = connection.execution_options(yield_per=16).execute(sa.select(BLOB.c.id, BLOB.c.content))
    return [
        f"part {blob[:12]} was changed"
        for blob, content in blobs
        if parts.blob_name(content) != blob
    ]


def revision_problems(
    connection: sa.Connection, company: str, cycle: str, scenario: str, number: int
) -> list[str]:
    """Re-hash one revision's tables, and list what does not agree."""
    query = sa.select(REVISION).where(
        REVISION.c.company == company,
        REVISION.c.cycle == cycle,
        REVISION.c.scenario == scenario,
        REVISION.c.number == number,
    )
    return _table_problems(connection, connection.execute(query).mappings().one())


def _table_problems(connection, row):
    """Read a revision's tables as anyone would, and hash again what they say."""
    revision = f"{row['company']} {row['cycle']} {row['scenario']}, revision {row['number']}"
    query = sa.select(REVISION_TABLE).where(REVISION_TABLE.c.revision == row["id"])
    saved = {table["table_name"]: table for table in connection.execute(query).mappings()}
    counted = sa.select(PART.c.table_name, sa.func.sum(PART.c.rows)).where(
        PART.c.revision == row["id"]
    )
    in_parts = dict(connection.execute(counted.group_by(PART.c.table_name)).all())
    problems = []
    for name, entry in saved.items():
        try:
            frame = load(connection, row["id"], name)
        except (ValueError, pa.ArrowInvalid) as error:
            problems.append(f"{revision}: {error}")
            continue
        if table_hash(frame) != entry["hash"] or {len(frame)} != {entry["rows"], in_parts[name]}:
            problems.append(f"{revision}: {name} is not what was saved")
    inputs = {
        name: t["hash"] for name, t in saved.items() if name in TABLES and TABLES[name].is_input
    }
    plan = {name: t["hash"] for name, t in saved.items() if name not in inputs}
    if revision_hash(row["inputs_hash"], plan) != row["hash"]:
        problems.append(f"{revision}: its tables are not those that were saved")
    if inputs and combined_hash(inputs) != row["inputs_hash"]:
        problems.append(f"{revision}: its inputs are not those that were saved")
    return problems


def _agreement_problems(known, written):
    """Every revision has its audit row, and says the same; what was submitted and approved is what
    was saved."""
    fields = ("company", "cycle", "scenario", "number", "hash", "made_at", "who", "why")
    columns = ("company", "cycle", "scenario", "revision", "content", "at", "who", "why")
    saved = {tuple(row[c] for c in columns) for row in written if row["what"] in audit_log.SAVED}
    there = {tuple(row[f] for f in fields) for row in known}
    reviewed = {
        tuple(row[c] for c in columns[:5]) for row in written if row["what"] in audit_log.REVIEWED
    }
    words = [
        ("has no matching audit row", there - saved),
        ("is in the audit trail, but not as it was", saved - there),
        (
            "was submitted or approved with another hash than the saved plan",
            reviewed - {row[:5] for row in there},
        ),
    ]
    return [
        f"{' '.join(map(str, r[:3]))}, revision {r[3]}: {text}"
        for text, rows in words
        for r in sorted(rows)
    ]


def _decision_problems(connection, written):
    """Every decision has its record, and every record its decision."""
    records = dict(connection.execute(sa.select(DECISION.c.audit, DECISION.c.record)).all())
    decided = {
        row["number"]: row["content"] for row in written if row["what"] in audit_log.RECORDED
    }
    found = [
        f"audit row {n}: the decision's record is missing"
        for n in sorted(decided.keys() - records.keys())
    ]
    found += [
        f"decision record {n}: it has no row in the audit log"
        for n in sorted(records.keys() - decided.keys())
    ]
    both = sorted(decided.keys() & records.keys())
    return found + [
        f"audit row {n}: the decision's record was changed"
        for n in both
        if audit_log.digest(records[n]) != decided[n]
    ]
