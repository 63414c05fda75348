"""The plan store's database: its tables, and transactions that never see or leave anything half done.

SQLite (a file; not on a network folder) and PostgreSQL. Rows are only ever added: triggers refuse the rest.
"""

from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

METADATA = sa.MetaData()


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
_LOCK = 7_305_001  # any number; PostgreSQL writers queue for it
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


def exists(url):
    """Say whether there is a plan store at the URL."""
    engine = _engine(url)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            return False
        return sa.inspect(engine).has_table(REVISION.name)
    finally:
        engine.dispose()


@contextmanager
def reading(url):
    """Give a connection that sees one moment of the store.

    Raises
    ------
    FileNotFoundError : there is no plan store at the URL.
    """
    if not exists(url):
        shown = sa.make_url(url).render_as_string(hide_password=True)
        raise FileNotFoundError(f"{shown}: there is no plan store yet; `sopkit run` makes one")
    engine = _engine(url)
    try:
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        with engine.connect().execution_options(**snapshot) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writing(url):
    """Give a connection in a transaction that no other writer shares; it is kept whole or not at all."""
    engine = _engine(url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        with engine.connect().execution_options(sopkit_writes=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            METADATA.create_all(connection)
            yield connection
    finally:
        engine.dispose()


def _engine(url):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        if not engine.url.database or engine.url.database == ":memory:":
            raise ValueError(
                "a plan store in memory would be lost at once; give a file: sqlite:///plans.sqlite"
            )
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name != "postgresql":
        raise ValueError(f"{engine.dialect.name}: a plan store is kept in SQLite or PostgreSQL")
    return engine


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
