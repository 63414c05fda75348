"""Entries by version: a later version of an entry replaces the earlier ones, which are kept.

An entry is withdrawn by a version that says so. The plan reads the latest versions alone, except of
`demand_inputs`: what was said in an earlier cycle is asked for when that cycle is replayed.
"""

from collections.abc import Mapping

from pandas import DataFrame, Series

from sopkit.schema.tables import TABLES

VERSION, STATUS, WITHDRAWN = "version", "input_status", "withdrawn"
ENTERED = (VERSION, STATUS, "author", "reason", "comment", "submitted_at", "source_file")
CURRENT = ("plan_overrides", "item_costs", "budget", "budget_costs")  # read as they are now


def latest(name: str, rows: DataFrame) -> DataFrame:
    """The latest version of every entry, without those withdrawn; rows keep their labels."""
    if rows[VERSION].isna().all() and rows[STATUS].isna().all():
        return rows
    version = rows[VERSION].fillna(1.0)
    newest = rows.loc[version.sort_values(kind="stable").index]
    newest = newest.drop_duplicates(_entry(name), keep="last").sort_index()
    return newest[newest[STATUS].fillna("") != WITHDRAWN]


def next_versions(name: str, known: DataFrame, added: DataFrame) -> Series:
    """The version that each added entry gets: one more than the latest of the same entry."""
    entry = _entry(name)
    known = known[entry].assign(version=known[VERSION].fillna(1.0))
    newest = known.groupby(entry, dropna=False, as_index=False)[VERSION].max()
    found = added[entry].merge(newest, on=entry, how="left")[VERSION]
    return (found.fillna(0.0) + 1.0).set_axis(added.index)


def current(name: str, rows: DataFrame) -> DataFrame:
    """The latest entries as rows without versions; those handed in where none has one."""
    newest = latest(name, rows)
    if newest is rows:
        return rows
    status = newest[STATUS].mask(newest[STATUS].notna())
    return newest.assign(**{VERSION: float("nan"), STATUS: status})


def current_entries(tables: Mapping[str, DataFrame]) -> Mapping[str, DataFrame]:
    """A company's tables with what is valid now, once; those handed in where nothing has a version.

    `demand_inputs` keeps all versions.
    """
    found = {name: current(name, tables[name]) for name in CURRENT if name in tables}
    changed = {name: rows for name, rows in found.items() if rows is not tables[name]}
    return {**tables, **changed} if changed else tables


def _entry(name: str) -> list[str]:
    """The key of an entry, whichever its version."""
    return [column for column in TABLES[name].key if column != VERSION]
