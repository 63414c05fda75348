"""The list of names that changed: nothing became two things, or two things one, and every new name is there."""

import csv
from collections import Counter

import pytest
from conftest import ROOT

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES

with (ROOT / "docs" / "renames.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
MADE_SINCE = {"history_corrections", "history_findings"}


def rows_of(kind):
    return [row for row in ROWS if row["kind"] == kind]


@pytest.mark.parametrize("kind", ["table", "column", "value", "function"])
def test_each_name_changes_once_and_no_two_become_one(kind):
    for side in ("old", "new"):
        counts = Counter(
            (row["table"] if kind == "value" else "", row[side]) for row in rows_of(kind)
        )
        assert [name for name, count in counts.items() if count > 1] == []


def test_every_new_table_and_column_is_in_the_schema():
    assert {row["new"] for row in rows_of("table")} <= set(TABLES)
    assert {row["new"] for row in rows_of("column")} <= set(COLUMNS)


def test_a_column_that_changed_in_one_table_is_in_that_table():
    now = {row["old"]: row["new"] for row in rows_of("table")}
    found = [
        (now.get(row["table"], row["table"]), row["new"])
        for row in rows_of("column")
        if row["table"]
    ]
    assert [(table, column) for table, column in found if column not in TABLES[table].columns] == []


def test_no_old_name_is_left_in_the_schema_but_where_it_is_another_s_new_one():
    """What changed in one table may be a column of others, and of tables made since."""
    new, now = {row["new"] for row in ROWS}, {row["old"]: row["new"] for row in rows_of("table")}
    left = {row["old"] for row in rows_of("table")} & set(TABLES)
    for row in rows_of("column"):
        one = now.get(row["table"], row["table"])
        tables = [one] if one else set(TABLES) - MADE_SINCE
        left |= {row["old"] for table in tables if row["old"] in TABLES[table].columns}
    assert left <= new
