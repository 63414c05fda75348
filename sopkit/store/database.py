"""The plan store's database, with atomic transactions.

SQLite (a file; not on a network folder) and PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from sopkit.io.sql import engine, is_missing, shown
from sopkit.store.heads import head, lost_rows, note_head, refuse_vanished
from sopkit.store.models import STORE_VERSION, VERSION, make, roles

_LOCK = 7_305_001  # any number; PostgreSQL writers queue for it
_OLDEST_POSTGRESQL = 15
# File systems of other machines: SQLite's lock and its shared memory do not hold there.
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "lustre",
    "glusterfs",
    "beegfs",
    "davfs",
}
_NETWORK |= {
    f"fuse.{name}" for name in ("sshfs", "glusterfs", "ceph", "s3fs", "rclone", "davfs2", "gcsfuse")
}
_PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def exists(url: str) -> bool:
    """Check whether there is a plan store at the URL.

    Raises
    ------
    ValueError : there is none any more.
    """
    with _store_engine(url) as made:
        if _is_there(made):
            return True
        refuse_vanished(made, url)
        return False


def _is_there(made):
    if is_missing(made):
        return False
    with made.connect() as connection:
        return _version(connection) > 0


def _version(connection):
    """The version of the store's tables; 0 where there is none.

    Raises
    ------
    ValueError : a sopkit of another version wrote the store.
    """
    if not sa.inspect(connection).has_table(STORE_VERSION.name):
        return 0
    version = connection.scalar(sa.select(sa.func.max(STORE_VERSION.c.version)))
    if version != VERSION:
        raise ValueError(
            f"the plan store has version {version}, but this sopkit supports version {VERSION}; "
            "use the sopkit that wrote it, or another store (--store)"
        )
    return version


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment of the store.

    Raises
    ------
    FileNotFoundError : there is no plan store at the URL.
    """
    with _store_engine(url) as made:
        if is_missing(made):
            _refuse_missing(made, url)
        snapshot = (
            {"isolation_level": "REPEATABLE READ"} if made.dialect.name == "postgresql" else {}
        )
        with made.connect().execution_options(**snapshot) as connection:
            if not _version(connection):
                _refuse_missing(made, url)
            yield connection


def _refuse_missing(made, url):
    refuse_vanished(made, url)
    raise FileNotFoundError(f"{shown(url)}: no plan store found; run `sopkit run`")


@contextmanager
def adding(url: str) -> Iterator[sa.Connection]:
    """Give a connection as `writing` does, to a store that must be there.

    Raises
    ------
    FileNotFoundError : there is no plan store at the URL.
    """
    with writing(url, is_there=True) as connection:
        yield connection


@contextmanager
def writing(url: str, replacing: bool = False, is_there: bool = False) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that no other writer shares; it is kept whole or not at
    all.

    Parameters
    ----------
    replacing : whether a store that is gone, or is not what it was, is written to nevertheless
    is_there : whether there must be a store; else it is made

    Raises
    ------
    ValueError : the store is gone, or has lost rows since it was last written.
    FileNotFoundError : there is no plan store, and must be.
    """
    with _store_engine(url) as made:
        if is_there and is_missing(made):
            _refuse_missing(made, url)
        if made.dialect.name == "sqlite":
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)
        with made.connect().execution_options(sopkit_writes=True) as connection, connection.begin():
            if made.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            is_new = not _version(connection)
            if is_new and is_there:
                _refuse_missing(made, url)
            if is_new and not replacing:
                refuse_vanished(made, url)
            elif not replacing and (lost := lost_rows(connection)):
                raise ValueError(f"{shown(url)}: {lost}; nothing was written")
            if is_new:
                make(connection)
            yield connection
            written = head(connection)
        if made.dialect.name == "sqlite" and written:
            note_head(made, written)


def refuse_existing(url: str) -> None:
    """Raise FileExistsError where there is a plan store."""
    with _store_engine(url) as made:
        if _is_there(made):
            raise FileExistsError(
                f"{shown(url)}: a plan store exists here; restore into a new one (--store)"
            )


@contextmanager
def making(url: str) -> Iterator[sa.Connection]:
    """Give a connection to fill a new store with the rows of another; no store may exist there.

    Raises
    ------
    FileExistsError : there is a plan store already.
    """
    refuse_existing(url)
    with writing(url, replacing=True) as connection:
        of_others = (
            connection.dialect.name == "postgresql"
        )  # rows that others wrote, put back by the owner
        if of_others:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_actor")
        yield connection
        if of_others:
            connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER audit_actor")
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('revision', 'id'), (SELECT max(id) FROM "
                "revision))"
            )


@contextmanager
def filling(url: str) -> Iterator[sa.Connection]:
    """Give a connection in one transaction to a database that is no plan store and may hold other
    people's tables."""
    with engine(url) as made:
        if made.dialect.name == "sqlite":
            sa.event.listen(made, "connect", _leave_beginning)
            sa.event.listen(made, "begin", _begin_sqlite)
        with made.connect().execution_options(sopkit_writes=True) as connection, connection.begin():
            yield connection


def grant_roles(url: str) -> None:
    """Create the roles of a store in PostgreSQL with their rights; the store is created if absent.

    Raises
    ------
    ValueError : the store is a file, which has no roles.
    """
    if sa.make_url(url).get_backend_name() != "postgresql":
        raise ValueError(f"{shown(url)}: a file has no roles; use a plan store on PostgreSQL")
    with writing(url) as connection:
        schema = connection.dialect.identifier_preparer.quote(
            connection.execute(sa.select(sa.func.current_schema())).scalar_one()
        )
        for statement in roles(schema):
            connection.exec_driver_sql(statement)


# --------------------------------------------------------------------------------------------------
# engines


@contextmanager
def _store_engine(url):
    with engine(url) as made:
        if made.dialect.name == "sqlite":
            if made.url.database in (None, "", ":memory:"):
                raise ValueError(
                    "a plan store in memory would be lost at once; give a file: "
                    "sqlite:///plans.sqlite"
                )
            _refuse_network(Path(made.url.database))
            sa.event.listen(made, "connect", _set_up_sqlite)
            sa.event.listen(made, "begin", _begin_sqlite)
        elif made.dialect.name == "postgresql":
            sa.event.listen(made, "connect", _refuse_old_postgresql)
        else:
            raise ValueError(f"{made.dialect.name}: a plan store is kept in SQLite or PostgreSQL")
        yield made


def _refuse_network(file, mounts=Path("/proc/mounts")):
    """Refuse a file on another machine's disk, where the system lists its mounts."""
    if not mounts.exists():
        return
    lines = [
        line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    kinds = {Path(place.replace("\\040", " ")): kind for _, place, kind, *_ in lines}
    folder = next(
        folder for folder in file.resolve().parents if folder in kinds or folder == folder.parent
    )
    kind = kinds.get(folder, "")
    if kind in _NETWORK:
        raise ValueError(
            f"{file}: {folder} is a network folder ({kind}), where SQLite's locks do not hold and "
            "plans can be lost; "
            "keep the file on a local disk, or share a store on PostgreSQL: --store "
            "postgresql+psycopg://HOST/DATABASE"
        )


def _refuse_old_postgresql(connection, _):
    version = connection.info.server_version // 10_000
    if version < _OLDEST_POSTGRESQL:
        raise ValueError(
            f"PostgreSQL {version} is too old for a plan store; it needs {_OLDEST_POSTGRESQL} or "
            "newer"
        )


def _leave_beginning(connection, _):
    # The driver would begin transactions on its own, and later than needed: that is switched off.
    connection.isolation_level = None


def _set_up_sqlite(connection, _):
    _leave_beginning(connection, _)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection):
    # A writer takes the lock before it reads, so that no other writer comes between its reading
    # and its writing.
    writes = connection.get_execution_options().get("sopkit_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
