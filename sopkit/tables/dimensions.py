"""Dimensions that a measure's table does not have itself: the family of a product, and the groups
that a family or a market is in.

Where groups are above one another, a row counts in each group that it is in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pandas import DataFrame

from sopkit.rules.remember import remembered
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.measures import Measure, master_of
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.hierarchies import memberships
from sopkit.tables.joins import attach
from sopkit.tables.keys import Groups, Keys, with_column


class MissingValue(ValueError):
    """A measure without a value, and the reason."""


def with_dimensions(
    measure: Measure, rows: DataFrame, tables: Mapping[str, Any], by: Sequence[str]
) -> DataFrame:
    """Add the dimensions that other tables know of the rows; once for each group they are in.

    Raises
    ------
    MissingValue : the table that knows a dimension is absent, or no row is in a group.
    """
    for dimension in by:
        own = GROUPED.get(dimension, dimension)
        master = _table(master_of(measure.table, own), measure, dimension, tables)
        if master is not None and own not in rows:
            rows = attach(rows, master[["product", own]])
        if dimension in GROUPED:
            rows = _in_groups(rows, _table(table_of(dimension), measure, dimension, tables), own)
    return rows


def grouped_by(
    measure: Measure, table: ArrayTable, tables: Mapping[str, Any], by: Sequence[str]
) -> Groups:
    """Bring the rows of an array table together by dimensions; see `with_dimensions`.

    Raises
    ------
    MissingValue : as of `with_dimensions`.
    """
    named = {d: master_of(measure.table, GROUPED.get(d, d)) for d in by}
    masters = [_table(name, measure, d, tables) for d, name in named.items()]
    master = next((each for each in masters if each is not None), None)
    if not any(dimension in GROUPED for dimension in by):
        return table.by(*by, master=master)
    groups = [_table(table_of(d), measure, d, tables) if d in by else None for d in GROUPED]
    return _in_any_group(table.keys, master, *groups, *by)


def _table(name: str, measure: Measure, dimension: str, tables: Mapping[str, Any]) -> Any:
    """The table that knows a dimension; None where the rows have it themselves."""
    if name and tables.get(name) is None:
        raise MissingValue(f"{measure.name} by {dimension} is not known without {name}")
    return tables[name] if name else None


@remembered
def _in_any_group(
    keys: Keys,
    master: DataFrame | None,
    product_groups: DataFrame | None,
    market_groups: DataFrame | None,
    *by: str,
) -> Groups:
    """The rows of an array table by dimensions, groups among them."""
    known = dict(zip(GROUPED, (product_groups, market_groups), strict=True))
    own = [GROUPED.get(dimension, dimension) for dimension in by]
    for name in own:
        keys = keys if name in keys or master is None else with_column(keys, master, name)
    rows = keys.frame[own].assign(row=np.arange(len(keys)))
    for dimension, name in zip(by, own, strict=True):
        if dimension in GROUPED:
            rows = _in_groups(rows, known[dimension], name)
    names = list(by)
    number = rows.groupby(names, sort=True, dropna=False).ngroup().to_numpy()
    distinct = rows[names].drop_duplicates().sort_values(names)
    return Groups(Keys(distinct), number, rows["row"].to_numpy(), len(keys))


def _in_groups(rows: DataFrame, groups: DataFrame, name: str) -> DataFrame:
    """Each row once for every group that its family or market is in; not those in none."""
    found = rows.merge(memberships(groups).rename(columns={"member": name}), on=name)
    if found.empty and len(rows):
        raise MissingValue(f"no {name} of these rows is in a group")
    return found
