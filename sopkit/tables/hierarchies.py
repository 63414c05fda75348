"""Hierarchies of products and of markets: groups of any depth above families and markets.

`product_groups` and `market_groups` have a row for each family, market or group that is part of a
group. A group is what its members are together; what is said of it is said of all below it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.rules.remember import remembered
from sopkit.schema.hierarchies import GROUPED


@dataclass(frozen=True)
class Hierarchies:
    """The tables of groups; without one there are no groups."""

    product_groups: DataFrame | None = None
    market_groups: DataFrame | None = None


NO_GROUPS = Hierarchies()


def hierarchies_of(tables: Mapping[str, DataFrame]) -> Hierarchies:
    """The groups of a company's tables."""
    return Hierarchies(tables.get("product_groups"), tables.get("market_groups"))


def within(name: str, groups: DataFrame | None) -> frozenset[str]:
    """A name with all that is below it: of a family or market, and of what is unknown, itself.

    >>> groups = pd.DataFrame({"member": ["tents", "camp"], "product_group": ["camp", "all"]})
    >>> sorted(within("all", groups)), sorted(within("tents", groups))
    (['all', 'camp', 'tents'], ['tents'])
    """
    alone = frozenset({name})
    return alone if groups is None else _below(groups).get(name, alone)


def is_within(cells: Series, name: str, groups: DataFrame | None) -> np.ndarray:
    """Mark the cells that hold a name, or what is below it."""
    known = within(name, groups)
    return (cells == name).to_numpy() if len(known) == 1 else cells.isin(known).to_numpy()


def is_group(names: Series, groups: DataFrame | None) -> Series:
    """Mark the names that are those of groups."""
    known = [] if groups is None else groups[_dimension(groups)]
    return names.isin(known)


def top_of(names: Series, groups: DataFrame | None) -> Series:
    """The highest group that each name is in; the name itself where it is in none."""
    if groups is None:
        return names
    above = dict(zip(groups["member"], groups[_dimension(groups)], strict=True))
    tops = {name: name for name in names.unique()}
    for _ in range(len(groups)):
        tops = {name: above.get(top, top) for name, top in tops.items()}
    return names.map(tops).astype("str")


def memberships(groups: DataFrame) -> DataFrame:
    """Every group that a family, market or group is in, directly or through other groups.

    Returns
    -------
    member, and product_group or market_group, as the table handed in
    """
    return _memberships(groups)


def tree(groups: DataFrame, leaves: Series) -> DataFrame:
    """Groups in the order of a tree, each followed by its members; what is in no group comes last.

    Parameters
    ----------
    leaves : the families or markets that are looked at; groups without any of them are left out

    Returns
    -------
    name, depth (0 at the top), is_group, parent (missing at the top)
    """
    dimension, wanted = _dimension(groups), set(leaves)
    members = defaultdict(list)
    for member, group in zip(groups["member"], groups[dimension], strict=True):
        members[group].append(member)
    below = set(groups["member"])
    rows: list[tuple[str, int, bool, str | None]] = []

    def add(name: str, depth: int, parent: str | None) -> None:
        if wanted.isdisjoint(within(name, groups)):
            return
        rows.append((name, depth, name in members, parent))
        for member in sorted(members[name], key=lambda one: (one not in members, one)):
            add(member, depth + 1, name)

    for top in sorted(set(members) - below):
        add(top, 0, None)
    for leaf in sorted(wanted - below):
        add(leaf, 0, None)
    return DataFrame(rows, columns=["name", "depth", "is_group", "parent"])


def _dimension(groups: DataFrame) -> str:
    """The dimension of a table of groups: the column that names them."""
    return next(dimension for dimension in GROUPED if dimension in groups.columns)


@remembered
def _memberships(groups: DataFrame) -> DataFrame:
    dimension = _dimension(groups)
    step = groups[["member", dimension]]
    found = [step]
    while len(step) and len(found) <= len(groups):  # a circle, which is refused elsewhere, ends too
        above = step.rename(columns={"member": "below", dimension: "member"})
        step = above.merge(groups[["member", dimension]], on="member")
        step = step[["below", dimension]].rename(columns={"below": "member"})
        found.append(step)
    return pd.concat(found).drop_duplicates(ignore_index=True)


@remembered
def _below(groups: DataFrame) -> dict[str, frozenset[str]]:
    pairs = memberships(groups)
    return {
        group: frozenset({group, *members})
        for group, members in pairs.groupby(_dimension(groups))["member"]
    }
