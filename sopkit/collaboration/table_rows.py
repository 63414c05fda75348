"""Rows of a database's tables, added or replaced in one transaction."""

from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.collaboration.cells import filled
from sopkit.io import sql
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES


def add_rows(url: str, added: Mapping[str, DataFrame], tables: Mapping[str, DataFrame]) -> None:
    """Insert the rows of all tables in one transaction; a table that is not there yet is made."""
    with sql.engine(url) as engine, engine.begin() as connection:
        for name, rows in added.items():
            _insert(connection, name, rows, len(tables[name]) if name in tables else 0)


def _insert(connection, name, rows, known):
    table = _found(connection, name, known)
    lacking = [c for c in rows.columns if c not in table.columns]
    if lacking:
        raise ValueError(
            f"{name} has no column {', '.join(lacking)}; add it to the database's table first"
        )
    if len(rows):
        values = [_typed(table, row) for row in rows.to_dict("records")]
        connection.execute(sa.insert(table), values)


def replace_tables(
    url: str, wholes: Mapping[str, DataFrame], tables: Mapping[str, DataFrame]
) -> None:
    """Put tables in place of those of a database, all in one transaction; a table that is not there
    yet is made."""
    with sql.engine(url) as engine, engine.begin() as connection:
        for name, whole in wholes.items():
            known = len(tables[name]) if name in tables else 0
            connection.execute(sa.delete(_found(connection, name, known)))
            _insert(connection, name, filled(whole), 0)


def _found(connection, name, known):
    """A table of the database, made where there is none, with as many rows as are known."""
    if not sa.inspect(connection).has_table(name):
        _made(name).create(connection)
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    if connection.scalar(sa.select(sa.func.count()).select_from(table)) != known:
        raise ValueError(
            f"{name} was changed by someone else just now; nothing was written, try again"
        )
    return table


def _made(name):
    kinds = {"number": sa.Float, "whole": sa.Integer}
    columns = [sa.Column(c, kinds.get(COLUMNS[c].kind, sa.Text)) for c in TABLES[name].columns]
    return sa.Table(name, sa.MetaData(), *columns)


def _typed(table, row):
    """Give each cell the type of its column in the database; a month in a column of dates is its
    first day."""
    typed = {}
    for name, value in row.items():
        kind = table.columns[name].type.python_type
        if value is None or kind is str:
            typed[name] = value
        elif kind in (int, float):
            typed[name] = kind(float(value))
        elif kind is bool:
            typed[name] = value == "true"
        else:
            stamp = pd.Timestamp(value).to_pydatetime()
            typed[name] = stamp if issubclass(kind, pd.Timestamp.__base__) else stamp.date()
    return typed
