"""The plan store's database: its tables, and transactions that never see or leave anything half done.

SQLite (a file; not on a network folder) and PostgreSQL. Rows are only ever added: triggers refuse the rest.
"""

from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

METADATA = sa.MetaData()
VERSION = 2  # of these tables: 1 had neither decisions nor a version


def _text(name, **more):
    return sa.Column(name, sa.Text, nullable=False, **more)


BLOB = sa.Table(
    "blob", METADATA, _text("id", primary_key=True), sa.Column("content", sa.LargeBinary, nullable=False)
)
REVISION = sa.Table(
    "revision",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("company"),
    _text("cycle"),
    _text("scenario"),
    sa.Column("number", sa.Integer, nullable=False),
    _text("hash"),
    _text("inputs_hash"),
    _text("made_at"),
    _text("who"),
    _text("why"),
    sa.UniqueConstraint("company", "cycle", "scenario", "number"),
)
REVISION_TABLE = sa.Table(
    "revision_table",
    METADATA,
    sa.Column("revision", sa.ForeignKey("revision.id"), primary_key=True),
    _text("table_name", primary_key=True),
    _text("hash"),
    sa.Column("rows", sa.Integer, nullable=False),
)
PART = sa.Table(
    "part",
    METADATA,
    sa.Column("revision", sa.Integer, primary_key=True),
    _text("table_name", primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("blob", sa.ForeignKey("blob.id"), nullable=False),
    sa.ForeignKeyConstraint(
        ["revision", "table_name"], ["revision_table.revision", "revision_table.table_name"]
    ),
)
AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("at"),
    _text("who"),
    _text("what"),
    _text("why"),
    _text("company"),
    _text("cycle"),
    _text("scenario"),
    sa.Column("revision", sa.Integer, nullable=False),
    _text("content"),
    _text("previous_hash"),
    _text("hash"),
)
DECISION = sa.Table(
    "decision",
    METADATA,
    sa.Column("audit", sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    _text("record"),
)
STORE_VERSION = sa.Table(
    "store_version", METADATA, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False)
)
_IS_APPROVAL = AUDIT.c.what == "approved"
ONE_APPROVAL = sa.Index(
    "audit_one_approval",
    AUDIT.c.company,
    AUDIT.c.cycle,
    unique=True,
    sqlite_where=_IS_APPROVAL,
    postgresql_where=_IS_APPROVAL,
)
_LOCK = 7_305_001  # any number; PostgreSQL writers queue for it
_PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


@contextmanager
def engine(url):
    """Give an engine for a database; what the driver objects to is said without the password.

    Raises
    ------
    ValueError : the URL is wrong, its driver is not installed, or the database refuses.
    """
    try:
        made = sa.create_engine(url, poolclass=sa.NullPool)
    except ImportError as error:
        raise ValueError(f"{shown(url)}: {error}; PostgreSQL needs `pip install sopkit[postgres]`") from error
    except sa.exc.ArgumentError as error:
        raise ValueError(f"not the URL of a database, such as sqlite:///plans.sqlite: {error}") from error
    try:
        yield made
    except sa.exc.DBAPIError as error:
        raise ValueError(f"{shown(url)}: {error.orig}") from error
    finally:
        made.dispose()


def shown(url):
    """Write a database's URL without its password.

    Raises
    ------
    ValueError : it is no URL of a database.
    """
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ValueError("not the URL of a database, such as sqlite:///plans.sqlite") from error


def is_missing(made):
    """Say whether a database is an SQLite file that is not there; connecting would create it."""
    return made.dialect.name == "sqlite" and not Path(made.url.database or "").is_file()


def exists(url):
    """Say whether there is a plan store at the URL."""
    with _store_engine(url) as made:
        return not is_missing(made) and _version(made) > 0


def _version(connected):
    """The version of the store's tables; 0 where there is none.

    Raises
    ------
    ValueError : a newer sopkit wrote the store.
    """
    inspector = sa.inspect(connected)
    if not inspector.has_table(STORE_VERSION.name):
        return int(inspector.has_table(REVISION.name))
    newest = sa.select(sa.func.max(STORE_VERSION.c.version))
    if isinstance(connected, sa.Engine):
        with connected.connect() as connection:
            version = connection.scalar(newest)
    else:
        version = connected.scalar(newest)
    if version > VERSION:
        raise ValueError(
            f"the plan store has version {version}, and this sopkit knows {VERSION}: a newer sopkit wrote it; "
            "update this one"
        )
    return version


@contextmanager
def reading(url):
    """Give a connection that sees one moment of the store; an older store is brought up to date first.

    Raises
    ------
    FileNotFoundError : there is no plan store at the URL.
    """
    _refuse_missing(url)
    with _store_engine(url) as made:
        if _version(made) < VERSION:
            with writing(url):
                pass
        snapshot = {"isolation_level": "REPEATABLE READ"} if made.dialect.name == "postgresql" else {}
        with made.connect().execution_options(**snapshot) as connection:
            yield connection


def _refuse_missing(url):
    if not exists(url):
        raise FileNotFoundError(f"{shown(url)}: there is no plan store yet; `sopkit run` makes one")


@contextmanager
def adding(url):
    """Give a connection as `writing` does, to a store that must be there.

    Raises
    ------
    FileNotFoundError : there is no plan store at the URL.
    """
    _refuse_missing(url)
    with writing(url) as connection:
        yield connection


@contextmanager
def writing(url):
    """Give a connection in a transaction that no other writer shares; it is kept whole or not at all."""
    with _store_engine(url) as made:
        if made.dialect.name == "sqlite":
            Path(made.url.database).parent.mkdir(parents=True, exist_ok=True)
        with made.connect().execution_options(sopkit_writes=True) as connection, connection.begin():
            if made.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            _bring_up_to_date(connection)
            yield connection


def _bring_up_to_date(connection):
    """Add what an older store, or a new one, lacks; nothing that is there is changed."""
    if _version(connection) == VERSION:
        return
    METADATA.create_all(connection)
    ONE_APPROVAL.create(connection, checkfirst=True)
    connection.execute(sa.insert(STORE_VERSION).values(version=VERSION))


@contextmanager
def _store_engine(url):
    with engine(url) as made:
        if made.dialect.name == "sqlite":
            if made.url.database in (None, "", ":memory:"):
                raise ValueError(
                    "a plan store in memory would be lost at once; give a file: sqlite:///plans.sqlite"
                )
            sa.event.listen(made, "connect", _set_up_sqlite)
            sa.event.listen(made, "begin", _begin_sqlite)
        elif made.dialect.name != "postgresql":
            raise ValueError(f"{made.dialect.name}: a plan store is kept in SQLite or PostgreSQL")
        yield made


def _set_up_sqlite(connection, _):
    # The driver would begin transactions by itself, and later than needed: it is told to leave that to us.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection):
    # A writer takes the lock before it reads, so that nobody can write between its reading and its writing.
    writes = connection.get_execution_options().get("sopkit_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _append_only(table):
    """Make the database refuse to change or delete rows."""
    for event in ("UPDATE", "DELETE"):
        sqlite = (
            f"CREATE TRIGGER {table.name}_no_{event.lower()} BEFORE {event} ON {table.name} "
            "BEGIN SELECT RAISE(ABORT, 'the plan store only adds rows'); END"
        )
        sa.event.listen(table, "after_create", sa.DDL(sqlite).execute_if(dialect="sqlite"))
    function = (
        "CREATE OR REPLACE FUNCTION sopkit_only_adds() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the plan store only adds rows'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {table.name}_only_adds BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION sopkit_only_adds()"
    )
    for statement in (function, trigger):
        sa.event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect="postgresql"))


for _table in METADATA.sorted_tables:
    _append_only(_table)
