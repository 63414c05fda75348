"""The audit trail of the plan store: who did what, when and why, in rows chained by hashes."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from sopkit.store.models import AUDIT

if TYPE_CHECKING:
    from sopkit.store.revisions import Revision

SAVED = ("saved", "reworked")  # what made a revision: a run, or a rework of the revision before it
SUBMITTED, DECIDED, APPROVED = "submitted", "decided", "approved"
COMMENTED, CLOSED = "commented", "closed"  # a comment on a number, and its end
RECORDED = ("decided", "withdrew", COMMENTED, CLOSED)  # with a record of what was said
WITHDRAWN = "withdrew"  # a decision of an approved plan, which later cycles no longer apply
REVIEWED = (SUBMITTED, APPROVED)  # done to a revision whose hash is noted


class Author(NamedTuple):
    """Who acts, and why."""

    who: str
    why: str


def now() -> str:
    """This moment, as the trail writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def append(
    connection: sa.Connection,
    what: str,
    revision: "Revision",
    author: Author,
    content: str,
    at: str | None = None,
) -> int:
    """Add a row about a revision, and give its number; the connection must be the only one that
    writes.

    `content` is the hash of what was done, or of what it was done to.
    """
    last = (
        connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1))
        .mappings()
        .first()
    )
    row = {
        "number": last["number"] + 1 if last else 1,
        "at": at or now(),
        "who": author.who,
        "what": what,
        "why": author.why,
        "company": revision.company,
        "cycle": revision.cycle,
        "scenario": revision.scenario,
        "revision": revision.number,
        "content": content,
        "previous_hash": last["hash"] if last else "",
        "actor": _actor(connection),
    }
    connection.execute(sa.insert(AUDIT).values(**row, hash=_seal(row)))
    return row["number"]


def _actor(connection):
    """The database user, where it differs from `who`; a file has no users."""
    return (
        connection.scalar(sa.text("SELECT session_user"))
        if connection.dialect.name == "postgresql"
        else ""
    )


def rows(connection: sa.Connection, **where: str) -> Sequence[sa.RowMapping]:
    """Read the trail, oldest first: all of it, or the rows of a company, cycle, scenario."""
    query = sa.select(AUDIT).order_by(AUDIT.c.number)
    for column, value in where.items():
        query = query.where(AUDIT.c[column] == value)
    return connection.execute(query).mappings().all()


def told(row: sa.RowMapping) -> str:
    """Word an audit row: `B. Chen submitted revision 2 of base on 2026-10-14 at 09:30 UTC`."""
    done = {
        "decided": "decided on",
        "reworked": "reworked the plan into",
        "withdrew": "withdrew a decision of",
        COMMENTED: "commented on",
        CLOSED: "closed a comment on",
    }.get(row["what"], row["what"])
    when = f"{row['at'][:10]} at {row['at'][11:16]} UTC"
    return (
        f"{row['who']} {done} revision {row['revision']} of {row['scenario']} on {when} "
        f'("{row["why"]}"){known_as(row)}'
    )


def known_as(row: sa.RowMapping) -> str:
    """The database user of an audit row, where it has another name."""
    return "" if row["actor"] in ("", row["who"]) else f", connected as {row['actor']}"


def problems(trail: Sequence[sa.RowMapping]) -> list[str]:
    """List where the audit trail was changed or cut."""
    found: list[str] = []
    previous = ""
    for place, row in enumerate(trail, start=1):
        if row["number"] != place:
            return [*found, f"audit row {place} is missing"]
        if row["hash"] != _seal(row):
            found.append(f"audit row {place} was changed")
        if row["previous_hash"] != previous:
            found.append(f"audit row {place} does not follow the row before it")
        previous = row["hash"]
    return found


def digest(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _seal(row):
    # Rows of the second version had no actor, and rows in a file have none: their seals say nothing
    # of one.
    sealed = {
        name: value for name, value in row.items() if name != "hash" and (name != "actor" or value)
    }
    return digest(json.dumps(sealed, sort_keys=True))
