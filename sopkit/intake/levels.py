"""Levels above the family and the market in an export: its columns of categories, divisions,
countries and regions become groups.

A column is a level where each family (or market) has one value of it, and it has fewer values than
there are families. Levels above one another make a tree: the one with the most groups is the
lowest.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.codes import read_codes
from sopkit.intake.columns import NOBODY, WHOLE, exact, likeness
from sopkit.intake.decisions import Decisions
from sopkit.intake.lines import ALL
from sopkit.io import readers
from sopkit.schema.formatting import some
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.tables import conform

BETWEEN = ", "  # the columns of an answer
LEAF = 0  # the column of families or markets, which is no name


class Levels(NamedTuple):
    """Tables of groups by name, the columns that they were made of, and what was seen on the
    way."""

    tables: dict[str, DataFrame]
    columns: list[str]
    notes: list[str]


def read_levels(
    frame: DataFrame, made: DataFrame, taken: Mapping[str, str], source: str, decisions: Decisions
) -> Levels:
    """Find the levels above families and markets among the columns that hold nothing else.

    Parameters
    ----------
    frame : the columns of the file, by line
    made : family and market of the lines that count
    taken : the column of each role

    Raises
    ------
    ValueError : a column that is told as a level is not in the file, or is none.
    """
    tables, columns, notes = {}, [], []
    for dimension, leaf in GROUPED.items():
        free = [name for name in frame if name not in (*taken.values(), *columns)]
        told = decisions.told(table_of(dimension))
        if told == NOBODY or leaf not in made:
            continue
        names = _told(told, free, source) if told else _named_alike(dimension, free)
        if not names:
            continue
        pairs = _pairs(frame, made[leaf], names, source, notes if told is None else None)
        found = _levels_of(dimension, pairs, bool(told), source, notes)
        if found and told is None:
            reason = f"each {leaf} has one value: groups above it; {NOBODY}: none are"
            decisions.guess(table_of(dimension), BETWEEN.join(found), reason)
        if found:
            tables[table_of(dimension)] = _tree(dimension, pairs, found)
            columns += found
    return Levels(tables, columns, notes)


def with_known(folder: Path, tables: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """The groups that a company's folder has, with the members that the file has beyond them."""
    found = {}
    for name, new in tables.items():
        known = (folder / f"{name}.csv").exists()
        old = readers.read(folder, (name,))[name] if known else new.head(0)
        found[name] = conform(name, pd.concat([old, new[~new["member"].isin(old["member"])]]))
    return found


def _told(told: str, free: list[str], source: str) -> list[str]:
    return [exact(free, one, source) for one in told.split(BETWEEN)]


def _pairs(
    frame: DataFrame, leaves: Series, names: list[str], source: str, notes: list[str] | None
) -> DataFrame:
    """What stands beside each family or market in the columns, once; with `notes`, a column that
    cannot be read is left out and said."""
    first = ~leaves.index.duplicated()
    rows = {LEAF: leaves[first]}
    for name in names:
        cells = frame[name]
        cells = cells[~cells.index.duplicated()]
        try:
            rows[name] = read_codes(cells, name, source, {})[0].reindex(rows[LEAF].index)
        except ValueError as error:
            if notes is None:
                raise
            notes.append(f"{name} is not read: {error}")
    return DataFrame(rows).drop_duplicates().astype("str").reset_index(drop=True)


def _levels_of(
    dimension: str, pairs: DataFrame, is_told: bool, source: str, notes: list[str]
) -> list[str]:
    """The columns that are levels, the lowest first."""
    found = []
    for name in pairs.columns.drop(LEAF):
        why = _no_level(pairs, GROUPED[dimension], name)
        if why is None:
            found.append(name)
        elif is_told:
            said = why or f"{name} has one value in all, or one of its own for each"
            remedy = f"Name other columns: --answer {table_of(dimension)}=COLUMN"
            raise ValueError(f"{source}: {said}. {remedy}")
        elif why:
            notes.append(why)
    kept: list[str] = []
    for name in sorted(found, key=lambda each: -pairs[each].nunique()):
        if kept and pairs[[kept[-1], name]].dropna().drop_duplicates()[kept[-1]].duplicated().any():
            notes.append(f"{name} is no level above {kept[-1]}, and is not used")
        else:
            kept.append(name)
    return kept


def _named_alike(dimension: str, free: list[str]) -> list[str]:
    """The columns that are named like a family or market, or like groups of them."""
    roles = (GROUPED[dimension], dimension)
    return [name for name in free if any(likeness(role, name) >= WHOLE for role in roles)]


def _no_level(pairs: DataFrame, leaf: str, name: str) -> str | None:
    """Why a column is no level above; None where it is one, empty where it says nothing."""
    pairs = pairs[[LEAF, name]].dropna().drop_duplicates()
    several = pairs.loc[pairs[LEAF].duplicated(keep=False), LEAF].unique()
    if not len(several):
        return None if 1 < pairs[name].nunique() < pairs[LEAF].nunique() else ""
    if not pairs[name].duplicated().any():
        return (
            f"{name} is below the {leaf}; to plan by it, name it with --{leaf}, and what is the "
            f"{leaf} now becomes a group"
        )
    return f"{name} is no level above the {leaf}: {some(sorted(several))} have several of it"


def _tree(dimension: str, pairs: DataFrame, levels: list[str]) -> DataFrame:
    """A row for each family or market, and each group, that is part of a group."""
    named = _renamed(pairs, levels)
    rows = []
    for below, above in pairwise([LEAF, *levels]):
        found = named[[below, above]].dropna().drop_duplicates()
        rows.append(found.set_axis(["member", dimension], axis=1).sort_values("member"))
    return pd.concat(rows, ignore_index=True)


def _renamed(pairs: DataFrame, levels: list[str]) -> DataFrame:
    """The levels with a name that another level has followed by that of its column."""
    taken = {*pairs[LEAF].dropna(), ALL}
    for name in levels:
        again = {one: f"{one} ({name})" for one in set(pairs[name].dropna()) & taken}
        taken |= set(pairs[name].dropna())
        pairs = pairs.assign(**{name: pairs[name].replace(again)}) if again else pairs
    return pairs
