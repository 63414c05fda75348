"""Comments on numbers of a plan: who says what of which row, until somebody closes it.

A comment is a row of the audit trail with its text as the record; closing it is another. What is
open in a cycle is carried to the next.
"""

import json
from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.schema.tables import TABLES
from sopkit.store import audit_log, database, revisions
from sopkit.store.audit_log import Author
from sopkit.store.models import DECISION
from sopkit.store.status import Plan, decision_records, plan_status, refuse_unnamed
from sopkit.tables.issues import did_you_mean, row_key, spelt_nearly
from sopkit.tables.periods import month

COLUMNS = ["number", "at", "author", "cycle", "revision", "table", "row_key", "comment"]


def comment_on(
    url: str, plan: Plan, table: str, key: Mapping[str, str], text: str, author: str
) -> int:
    """Keep a comment on rows of a table of the latest revision, and give its number.

    Parameters
    ----------
    key : columns of the table's key with their values; without any, the comment is on the table

    Raises
    ------
    ValueError : author or text is empty, or the revision has no such table, column or row.
    """
    refuse_unnamed(Author(author, text))
    with database.reading(url) as connection:
        newest = plan_status(connection, plan).newest
    told = _key_told(url, plan, newest.number, table, key)
    said = {"table": table, "row_key": told, "comment": text}
    return _kept(url, plan, audit_log.COMMENTED, Author(author, text), said)


def close(url: str, plan: Plan, number: int, author: Author) -> None:
    """Close an open comment; it is shown no longer, and stays in the trail.

    Raises
    ------
    ValueError : author or reason is empty, or no comment of that number is open.
    """
    refuse_unnamed(author)
    known = open_comments(url, plan.company, plan.cycle)
    if number not in set(known["number"]):
        numbers = ", ".join(known["number"].astype("str")) or "none"
        raise ValueError(f"comment {number} is not open; open are {numbers}")
    _kept(url, plan, audit_log.CLOSED, author, {"comment": number})


def open_comments(url: str, company: str, cycle: str) -> DataFrame:
    """List the comments of a company that are open in a cycle, oldest first.

    Returns
    -------
    number : at, author, cycle, revision, table, row_key, comment
    """
    if not database.exists(url):
        return pd.DataFrame(columns=COLUMNS)
    acts = (audit_log.COMMENTED, audit_log.CLOSED)
    with database.reading(url) as connection:
        told = audit_log.rows(connection, company=company)
        told = [row for row in told if row["what"] in acts and month(row["cycle"]) <= month(cycle)]
        records = decision_records(connection, [row["number"] for row in told])
    closed = {records[row["number"]]["comment"] for row in told if row["what"] == audit_log.CLOSED}
    rows = [
        {**row, **records[row["number"]], "author": row["who"]}
        for row in told
        if row["what"] == audit_log.COMMENTED and row["number"] not in closed
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _key_told(url, plan, number, table, key):
    """The key in words, if the revision has such rows."""
    known = TABLES.get(table)
    if known is None:
        raise ValueError(f"{table} is no table{did_you_mean(spelt_nearly(table, TABLES))}")
    if unknown := [name for name in key if name not in known.key]:
        raise ValueError(
            f"{table} has no key {unknown[0]}; its key is {', '.join(known.key)}. Write "
            "COLUMN=VALUE"
        )
    rows = revisions.read_table(url, *plan, table, number)
    for name, value in key.items():
        rows = rows[rows[name].astype("str") == value]
    if rows.empty:
        raise ValueError(f"{table} has no row {row_key(pd.Series(dict(key)), key)}")
    return row_key(pd.Series(dict(key)), key) if key else "whole table"


def _kept(url, plan, what, author, said):
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    with database.adding(url) as connection:
        newest = plan_status(connection, plan).newest
        number = audit_log.append(connection, what, newest, author, audit_log.digest(text))
        connection.execute(sa.insert(DECISION).values(audit=number, record=text))
    return number
