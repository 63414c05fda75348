"""The identity of a plan store: what runs remember it by, and who took another one in its place.

A store is known by the hash of its first audit row, which no later row changes and every copy has;
how far it had come, by its head.
"""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from sopkit.io.sql import shown
from sopkit.store import audit_log, heads
from sopkit.store.audit_log import Author
from sopkit.store.database import exists, reading, writing
from sopkit.store.models import AUDIT
from sopkit.store.revisions import Revision
from sopkit.store.status import refuse_unnamed


class Known(NamedTuple):
    """A plan store as a run remembers it; `store` and `head` are empty where it had no rows."""

    place: str
    store: str
    head: str


# What an audit row names that is about the store, and about no plan.
NO_PLAN = Revision(
    company="", cycle="", scenario="", number=0, hash="", inputs_hash="", made_at="", who="", why=""
)


def identity(url: str) -> Known:
    """Which store this is, and how far it has come."""
    if not exists(url):
        return Known(shown(url), "", "")
    with reading(url) as connection:
        return _of(connection, url)


def _of(connection, url):
    first = sa.select(AUDIT.c.hash).where(AUDIT.c.number == 1)
    store = connection.scalar(first) or ""
    return Known(shown(url), store[:12], heads.head(connection) or "")


def other(url: str, known: Known) -> str:
    """Say how the store is not the one that a run remembers, nor a later state of it; "" where it
    is, or was adopted in its place."""
    if not known.head or known.place != shown(url):
        return ""
    was = f"plan store {known.store} (audit row {known.head.partition(':')[0]})"
    if not exists(url):
        return f"{was} is gone"
    with reading(url) as connection:
        lost = heads.lost_rows(connection, known.head)
        now = _of(connection, url).store
    if not lost:
        return ""
    return f"this is plan store {now}, not {was}" if now != known.store else f"{was}: {lost}"


def refuse_other(url: str, remembered: Iterable[Known]) -> None:
    """Refuse a store that is not the one that runs remember.

    Raises
    ------
    ValueError : it is gone, another one, or an older copy.
    """
    for known in remembered:
        if problem := other(url, known):
            raise ValueError(f"{shown(url)}: {problem}; nothing was saved; {heads.REMEDY}")


def adopt(url: str, author: Author, remembered: Iterable[Known]) -> list[str]:
    """Take the store as it is, in place of the one that its head and runs remember; an audit row
    says so.

    A store that is gone begins again.

    Returns
    -------
    the heads that the store does without from now on

    Raises
    ------
    ValueError : author or reason is empty, or the store is the one that is remembered.
    """
    refuse_unnamed(author)
    with writing(url, replacing=True) as connection:
        noted = [heads.noted_head(connection.engine)]
        noted += [known.head for known in remembered if known.place == shown(url)]
        without = [one for one in dict.fromkeys(noted) if one and heads.lost_rows(connection, one)]
        if not without:
            raise ValueError(f"{shown(url)}: nothing to adopt: the store is the one that is known")
        audit_log.append(connection, heads.ADOPTED, NO_PLAN, author, " ".join(without))
    return without
