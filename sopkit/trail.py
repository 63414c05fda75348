"""The audit trail of the plan store: who did what, when and why, each row sealed with a hash over the row before."""

import hashlib
import json

import sqlalchemy as sa

from sopkit.database import AUDIT


def append(connection, what, revision):
    """Add a row about a revision; the connection must be the only one that writes."""
    last = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1)).mappings().first()
    row = {
        "number": last["number"] + 1 if last else 1,
        "at": revision.made_at,
        "who": revision.who,
        "what": what,
        "why": revision.why,
        "company": revision.company,
        "cycle": revision.cycle,
        "scenario": revision.scenario,
        "revision": revision.number,
        "content": revision.hash,
        "previous_hash": last["hash"] if last else "",
    }
    connection.execute(sa.insert(AUDIT).values(**row, hash=_seal(row)))


def rows(connection):
    """Read the whole trail, oldest first."""
    return connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number)).mappings().all()


def problems(trail):
    """Say in words where a trail was changed, cut or mended."""
    found, previous = [], ""
    for place, row in enumerate(trail, start=1):
        if row["number"] != place:
            return [*found, f"audit row {place} is missing"]
        if row["hash"] != _seal(row):
            found.append(f"audit row {place} was changed")
        if row["previous_hash"] != previous:
            found.append(f"audit row {place} does not follow the row before it")
        previous = row["hash"]
    return found


def _seal(row):
    content = {name: value for name, value in row.items() if name != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
