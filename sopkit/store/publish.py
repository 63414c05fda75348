"""Publish a plan as plain tables, and back up the store."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io import sql
from sopkit.io.places import company_name
from sopkit.io.writers import months_as_days, replacing, write
from sopkit.schema.tables import TABLES
from sopkit.store import audit_log, database, revisions, verify
from sopkit.store.models import METADATA, STORE_VERSION
from sopkit.tables.periods import month

HEAD = "publication"  # the table that says which plan the others are
PREFIX = "sop_"  # of tables in a database, which may hold others


def publish(
    url: str, company: str, cycle: str, target: str | Path, unapproved: str = "", form: str = "csv"
) -> DataFrame:
    """Write a cycle's approved plan, and its products, as tables; earlier ones are replaced.

    Parameters
    ----------
    target : a folder, or the URL of a database: there all tables change in one transaction
    unapproved : a scenario whose newest revision is meant, approved or not; "" for the plan that
        was approved
    form : csv or parquet, in a folder

    Returns
    -------
    publication, one row: company, cycle, scenario, revision, hash, state, approved_by, approved_at

    Raises
    ------
    ValueError : nothing is approved, a table cannot be written so, or the folder holds something
        else.
    """
    about = _about(url, company_name(company), str(month(cycle)), unapproved)
    plan = (url, *about.loc[0, ["company", "cycle", "scenario", "revision"]])
    tables = {HEAD: about} | revisions.read_revision(*plan)
    products = revisions.read_inputs(*plan).get("products")
    if products is not None:
        tables["products"] = products
    if "://" in str(target):
        _into_database(target, tables)
    else:
        _into_folder(Path(target), tables, form)
    return about


def _about(url, company, cycle, unapproved):
    with database.reading(url) as connection:
        rows = audit_log.rows(connection, company=company, cycle=cycle)
    approval = next((row for row in rows if row["what"] == audit_log.APPROVED), None)
    if not unapproved and approval is None:
        raise ValueError(
            f"{company} {cycle}: no plan is approved; --unapproved SCENARIO publishes the latest "
            "revision as it is"
        )
    scenario = unapproved or approval["scenario"]
    known = revisions.latest_revision(url, company, cycle, scenario)
    if known is None:
        raise ValueError(
            f"{company} {cycle} {scenario}: no revision yet; `sopkit status` lists the revisions"
        )
    sealed = (
        approval is not None
        and approval["scenario"] == scenario
        and approval["content"] == known.hash
    )
    facts = {
        "company": company,
        "cycle": cycle,
        "scenario": scenario,
        "revision": known.number,
        "hash": known.hash,
    }
    facts["state"] = "approved" if sealed else "not approved"
    facts["approved_by"], facts["approved_at"] = (
        (approval["who"], approval["at"]) if sealed else ("", "")
    )
    return pd.DataFrame([facts])


def _into_folder(folder, tables, form):
    if folder.exists() and any(folder.iterdir()) and not any(folder.glob(f"{HEAD}.*")):
        raise ValueError(
            f"{folder} contains other files; use a new folder, or the folder of an earlier "
            "publication"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        made, old = Path(temporary) / "new", Path(temporary) / "old"
        for name, table in tables.items():
            write(name, table, made / f"{name}.{form}")
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _into_database(url, tables):
    with database.filling(url) as connection:
        ours = {f"{PREFIX}{name}" for name in (HEAD, *TABLES)}
        for name in sorted(ours & set(sa.inspect(connection).get_table_names())):
            connection.execute(sa.schema.DropTable(sa.Table(name, sa.MetaData())))
        for name, table in tables.items():
            try:
                months_as_days(table).to_sql(f"{PREFIX}{name}", connection, index=False)
            except pd.errors.DatabaseError as error:
                raise ValueError(
                    f"{sql.shown(url)}: {name} could not be written; nothing was changed"
                ) from error


# --------------------------------------------------------------------------------------------------
# backup


def backup(url: str, path: Path) -> str:
    """Copy a whole plan store, as it is at one moment, into one new SQLite file, and verify the
    copy.

    Returns
    -------
    the copy's head: number and hash of its newest audit row

    Raises
    ------
    FileExistsError : there is a file already.
    ValueError : the store, and so the copy, is not whole.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(
            f"{path}: the file exists and is not overwritten; choose another name"
        )
    with replacing(path) as unfinished:
        try:
            return _copied(url, f"sqlite:///{unfinished}")
        finally:
            Path(f"{unfinished}.head").unlink(missing_ok=True)


def restore(path: Path, url: str) -> str:
    """Restore a plan store from a backup; none may exist at the URL.

    Returns
    -------
    the store's head: number and hash of its newest audit row

    Raises
    ------
    FileExistsError : there is a plan store already.
    ValueError : the backup is not whole; nothing was made.
    """
    source = f"sqlite:///{path}"
    database.refuse_existing(url)
    _refuse_broken(source)
    return _copied(source, url)


def _copied(source, target):
    with database.reading(source) as there, database.making(target) as here:
        for table in METADATA.sorted_tables:
            if table is not STORE_VERSION:
                rows = there.execution_options(yield_per=64).execute(sa.select(table)).mappings()
                for some in rows.partitions():
                    here.execute(sa.insert(table), [dict(row) for row in some])
    _refuse_broken(target)
    with database.reading(target) as connection:
        return database.head(connection)


def _refuse_broken(url):
    problems = verify.verify(url)
    if problems:
        more = f", and {len(problems) - 1} more problems" if problems[1:] else ""
        raise ValueError(
            f"{sql.shown(url)} is damaged: {problems[0]}{more}; `sopkit verify` lists them"
        )
