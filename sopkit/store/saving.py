"""Saving a plan as the next revision: in one transaction, or not at all."""

from collections.abc import Mapping

import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.hashing import combined_hash, table_hash
from sopkit.io.places import company_name
from sopkit.schema.tables import TABLES, dtype
from sopkit.store import audit_log, parts
from sopkit.store.database import writing
from sopkit.store.models import BLOB, PART, REVISION, REVISION_TABLE
from sopkit.store.revisions import Revision
from sopkit.tables.periods import month


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
