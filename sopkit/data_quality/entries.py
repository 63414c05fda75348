"""Entries of `data_issues`: what an issue is about, and how the plan handles it.

An issue with a text is also shown when the inputs are read.
"""

from collections.abc import Iterable
from dataclasses import replace

from pandas import Series

from sopkit.tables.issues import Entry, Issue


def with_entries(issue: Issue | None, entries: Iterable[Entry]) -> Issue | None:
    """An issue with its entries in `data_issues`."""
    return None if issue is None else replace(issue, entries=tuple(entries))


def entry_alone(table: str, column: str, place: str, finding: str, treatment: str) -> Issue:
    """An issue that only `data_issues` lists."""
    return Issue(table, "", entries=(Entry(table, column, place, finding, treatment),))


def span_of(months: Series) -> str:
    """The first and the last of some months, as the key of an entry."""
    return f"period {months.min()} to {months.max()}"
