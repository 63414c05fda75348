"""The database schema of the plan store: tables, append-only triggers, and roles."""

from collections.abc import Iterator
from types import MappingProxyType

import sqlalchemy as sa

METADATA = sa.MetaData()
VERSION = 1  # of these tables


def _text(name, **more):
    return sa.Column(name, sa.Text, nullable=False, **more)


BLOB = sa.Table(
    "blob",
    METADATA,
    _text("id", primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
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
    _text(
        "actor", server_default=""
    ),  # whom the database knows: on PostgreSQL the user who is connected
)
DECISION = sa.Table(
    "decision",
    METADATA,
    sa.Column("audit", sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    _text("record"),
)
STORE_VERSION = sa.Table(
    "store_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
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


# --------------------------------------------------------------------------------------------------
# guards

_ONLY_ADDS = "the plan store only adds rows"
_PLANS = (BLOB, REVISION, REVISION_TABLE, PART)
READER, CONTRIBUTOR = "sopkit_reader", "sopkit_contributor"
PLANNER, APPROVER = "sopkit_planner", "sopkit_approver"
ENTERED = ("demand_inputs", "scenario_changes")  # a company's tables to which people add rows
# What must differ in a new row; SQLite's REPLACE would else delete the row that is like it, past
# the other guards.
_UNIQUE = {table.name: [[c.name for c in table.primary_key]] for table in METADATA.sorted_tables}
_UNIQUE["revision"].append(["company", "cycle", "scenario", "number"])
_FUNCTIONS = MappingProxyType(
    {
        "sopkit_only_adds": f" BEGIN RAISE EXCEPTION '{_ONLY_ADDS}'; END ",
        "sopkit_actor": (
            " BEGIN IF NEW.actor IS DISTINCT FROM session_user::text THEN "
            "RAISE EXCEPTION 'the audit trail names who is connected: %, not %', session_user, "
            "NEW.actor; END IF; "
            "IF NEW.what = 'approved' AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = "
            f"'{APPROVER}') "
            f"AND NOT pg_catalog.pg_has_role(session_user, '{APPROVER}', 'MEMBER') THEN "
            f"RAISE EXCEPTION '% may not approve: only members of {APPROVER} do', session_user; "
            "END IF; "
            "RETURN NEW; END "
        ),
    }
)


def sqlite_guards() -> dict[str, str]:
    """The triggers of a store in SQLite by name, as SQL."""
    made = {}
    for table in METADATA.sorted_tables:
        for event in ("UPDATE", "DELETE"):
            made[f"{table.name}_no_{event.lower()}"] = f"BEFORE {event} ON {table.name}"
        same = [" AND ".join(f"{c} = NEW.{c}" for c in columns) for columns in _UNIQUE[table.name]]
        if table is AUDIT:
            same.append(
                "NEW.what = 'approved' AND what = 'approved' AND company = NEW.company AND cycle = "
                "NEW.cycle"
            )
        found = " OR ".join(f"({one})" for one in same)
        made[f"{table.name}_no_replace"] = (
            f"BEFORE INSERT ON {table.name} WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {found})"  # noqa: S608  our own names
        )
    return {
        name: f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDS}'); END"
        for name, when in made.items()
    }


def postgresql_guards() -> dict[str, tuple[str, str, str, str]]:
    """The triggers of a store in PostgreSQL by name: the table, when it acts, and its function."""
    guards = {
        f"{table.name}_only_adds": (
            table.name,
            "BEFORE DELETE OR UPDATE OR TRUNCATE",
            "STATEMENT",
            "sopkit_only_adds",
        )
        for table in METADATA.sorted_tables
    }
    return guards | {"audit_actor": ("audit", "BEFORE INSERT", "ROW", "sopkit_actor")}


def make(connection: sa.Connection) -> None:
    """Create the tables of a new store, and its append-only triggers."""
    METADATA.create_all(connection)
    if connection.dialect.name == "sqlite":
        for statement in sqlite_guards().values():
            connection.exec_driver_sql(statement)
    else:
        for name, body in _FUNCTIONS.items():
            connection.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$${body}$$".replace("%", "%%")
            )
        for name, (table, when, each, function) in postgresql_guards().items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION "
                f"{function}()"
            )
    connection.execute(sa.insert(STORE_VERSION).values(version=VERSION))


def guard_problems(connection: sa.Connection) -> list[str]:
    """List the triggers of a store that are missing, off or changed."""
    find = _sqlite_problems if connection.dialect.name == "sqlite" else _postgresql_problems
    problems = [f"the guard {name} of the store is {what}" for name, what in find(connection)]
    if ONE_APPROVAL.name not in [
        index["name"] for index in sa.inspect(connection).get_indexes("audit")
    ]:
        problems.append(f"the guard {ONE_APPROVAL.name} of the store is gone")
    return problems


def _sqlite_problems(connection):
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    there = dict(connection.execute(query).all())
    for name, statement in sqlite_guards().items():
        if there.get(name) != statement:
            yield name, "changed" if name in there else "gone"


def _postgresql_problems(connection):
    query = sa.text(
        "SELECT tgname, tgenabled, pg_get_triggerdef(t.oid) AS definition, proname, prosrc FROM "
        "pg_trigger t "
        "JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal"
    )
    for name, (table, when, _, function) in postgresql_guards().items():
        found = {row.tgname: row for row in connection.execute(query, {"table": table})}.get(name)
        if found is None:
            yield name, "gone"
        elif found.tgenabled == "D":
            yield name, "off"
        elif (
            (found.proname, found.prosrc) != (function, _FUNCTIONS[function])
            or when not in found.definition
            or " WHEN " in found.definition
        ):
            yield name, "changed"


# --------------------------------------------------------------------------------------------------
# roles


def roles(schema: str) -> Iterator[str]:
    """SQL of the PostgreSQL roles: all read; contributors add inputs, planners plans too, approvers
    approve them.

    No role owns a table: no rights to change or delete are granted. Where a company's tables lie in
    the same schema, every role reads them.
    """
    added = {
        READER: [],
        CONTRIBUTOR: [],
        PLANNER: [*_PLANS, AUDIT, DECISION],
        APPROVER: [AUDIT, DECISION],
    }
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC"
    for role, tables in added.items():
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
        yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"
        for table in tables:
            yield f"GRANT INSERT ON {schema}.{table.name} TO {role}"
    for role in (CONTRIBUTOR, PLANNER):
        for name in ENTERED:
            yield (
                f"DO $$ BEGIN IF to_regclass('{schema}.{name}') IS NOT NULL "
                f"THEN GRANT INSERT ON {schema}.{name} TO {role}; END IF; END $$"
            )
    yield f"GRANT USAGE ON SEQUENCE {schema}.revision_id_seq TO {PLANNER}"
