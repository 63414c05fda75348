"""The record of a cycle as an input table, from the plan store.

Of this cycle it holds which files were read; what was done with plans is added by a rework, which
knows it for certain. Of earlier cycles it holds what the audit trail tells. So the same inputs make
the same plan, however often it is run.
"""

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.hashing import combined_hash, table_hash
from sopkit.io.places import company_name
from sopkit.rules.call import inputs_of
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.store import audit_log, database
from sopkit.tables import conform
from sopkit.tables.periods import month

NAME = "cycle_record"
SHORT = 12  # characters of a hash that a reader is shown


def add_cycle_record(
    tables: dict[str, DataFrame], url: str, company: str, cycle: str
) -> dict[str, DataFrame]:
    """Add the record of this cycle and earlier ones; it replaces rows given for the same cycles.

    Returns
    -------
    table name : table; those handed in and `cycle_record`
    """
    rows = pd.concat(
        [_acts(_earlier(url, company, cycle)), _read(tables, cycle)], ignore_index=True
    )
    known = tables.get(NAME)
    others = [] if known is None else [known[~known["cycle"].isin(rows["cycle"])]]
    return tables | {NAME: _numbered([*others, rows])}


def with_story(record: DataFrame | None, told: Sequence[sa.RowMapping], cycle: str) -> DataFrame:
    """A record in which this cycle's events are those of the audit rows, oldest first."""
    if record is None:
        return _numbered([_acts(told)])
    kept = record[(record["cycle"] != month(cycle)) | (record["event"] == "read")]
    return _numbered([kept, _acts(told)])


def _earlier(url, company, cycle):
    if not database.exists(url):
        return []
    with database.reading(url) as connection:
        told = audit_log.rows(connection, company=company_name(company))
    return [row for row in told if month(row["cycle"]) < month(cycle)]


def _acts(told):
    rows = [
        {
            "cycle": month(row["cycle"]),
            "event": row["what"],
            "statement": audit_log.told(row),
            "author": row["who"],
            "reason": row["why"],
            "reference": row["content"][:SHORT],
        }
        for row in told
        if row["what"] in COLUMNS["event"].choices  # comments are a list of their own
    ]
    return pd.DataFrame(rows, columns=TABLES[NAME].columns)


def _read(tables, cycle):
    """One row a meeting: the tables that its stage as they came from the files, and the hash of
    what they say."""
    from sopkit.cycle import stages

    hashes = {name: table_hash(frame) for name, frame in tables.items() if name != NAME}
    rows = []
    for stage in stages.STAGES:
        wanted = {name for step in stage.steps for name in inputs_of(step)}
        names = sorted(wanted.intersection(hashes))
        if names:
            count = sum(len(tables[name]) for name in names)
            rows.append(
                {
                    "cycle": month(cycle),
                    "event": "read",
                    "meeting": stage.name.partition("_")[2],
                    "statement": f"read and checked, {count:,} rows: {', '.join(names)}",
                    "reference": combined_hash({name: hashes[name] for name in names})[:SHORT],
                }
            )
    return pd.DataFrame(rows, columns=TABLES[NAME].columns)


def _numbered(parts):
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows = rows.astype({"cycle": "period[M]"}).sort_values(
        "cycle", kind="stable", ignore_index=True
    )
    return conform(NAME, rows.assign(entry=rows.groupby("cycle").cumcount() + 1))
