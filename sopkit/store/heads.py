"""The head of a plan store: number and hash of its newest audit row, noted outside of it.

Beside an SQLite file lies its head, and a run remembers that of the store it began with: so a store
that is gone, is another one, lost its newest rows or was put back to an older copy is known. Who
adopts such a store adds an audit row that names the heads it does without.
"""

import warnings
from pathlib import Path

import sqlalchemy as sa

from sopkit.io.sql import shown
from sopkit.io.writers import write_text
from sopkit.store.models import AUDIT

ADOPTED = "adopted"  # what an audit row says of heads that are done without
REMEDY = (
    "restore the store from a backup, or take it as it is by `sopkit store adopt`, which keeps who "
    "did it and why"
)


def head(connection: sa.Connection) -> str | None:
    """Number and hash of the latest audit row; None without rows."""
    newest = sa.select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return row and f"{row.number}:{row.hash}"


def lost_rows(connection: sa.Connection, known: str = "") -> str:
    """Report missing audit rows against a noted head: the one given, or the one beside the file.

    Returns
    -------
    what is missing, and what to do; "" where nothing is, or somebody adopted the store without it
    """
    noted = known or noted_head(connection.engine)
    if not noted:
        return ""
    remedy = "" if known else f"; {REMEDY}"
    number, _, seal = noted.partition(":")
    if not number.isdigit() or not seal:
        return f"{noted!r} is not a head such as 12:3fa94c{remedy}"
    found = connection.scalar(sa.select(AUDIT.c.hash).where(AUDIT.c.number == int(number)))
    if (found and found.startswith(seal)) or _is_adopted(connection, noted):
        return ""
    return f"audit row {number}, once the newest, is {'another now' if found else 'gone'}{remedy}"


def refuse_vanished(made: sa.Engine, url: str) -> None:
    """Refuse a place without a plan store where there was one.

    Raises
    ------
    ValueError : the store is gone.
    """
    number, _, seal = noted_head(made).partition(":")
    if number:
        raise ValueError(
            f"{shown(url)}: the plan store is gone; its latest audit row was {number}:{seal[:12]}; "
            f"{REMEDY}"
        )


def _is_adopted(connection, noted):
    rows = sa.select(AUDIT.c.content).where(AUDIT.c.what == ADOPTED)
    return any(noted in content.split() for content in connection.scalars(rows))


def noted_head(made: sa.Engine) -> str:
    """The head that is noted beside a store in SQLite; "" where none is."""
    if made.dialect.name != "sqlite" or not (file := _file(made)).exists():
        return ""
    return file.read_text(encoding="ascii").strip()


def note_head(made: sa.Engine, text: str) -> None:
    """Note the head of a store in SQLite beside it."""
    try:
        write_text(_file(made), f"{text}\n")
    except (
        OSError
    ) as error:  # what was to be written is written and sealed; only this note of it is not
        warnings.warn(f"{_file(made)}: the head {text} was not noted: {error}", stacklevel=2)


def _file(made):
    return Path(f"{made.url.database}.head")
