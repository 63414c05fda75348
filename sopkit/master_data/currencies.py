"""Currencies: amounts given in other currencies, made to add up in the reporting currency.

Input tables that hold money have a column `currency`; an empty cell is the reporting currency, that
of `company_settings`. `exchange_rates` says what one unit of another is worth. Tables are converted
once, before anything is planned, so every later table is in the reporting currency.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.master_data.dated import DATE, position_in_force
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import INPUT_TABLES, TABLES

CURRENCY, RATES = "currency", "exchange_rates"
CONVERTED = tuple(  # the tables whose rows may be in another currency
    table.name
    for table in INPUT_TABLES
    if CURRENCY in table.columns and table.name not in (RATES, "company_settings")
)
MONTH = ("period", "start_period")  # columns that date an amount, the first that is there


def money_columns(name: str) -> list[str]:
    """The columns of an input table that hold money; an `amount` beside a currency is money."""
    return [c for c in TABLES[name].columns if c == "amount" or COLUMNS[c].unit.startswith("money")]


def in_reporting_currency(
    tables: Mapping[str, DataFrame], first: Period | None = None
) -> Mapping[str, DataFrame]:
    """Convert the money of every input table to the reporting currency.

    An amount of a month is converted at the rate in force in that month. A dated row (a price, a
    wage) holds from a month on, and starts again in each later month from which another rate is in
    force. What has no month is converted at the rate of the first planned month.
    `applied_rate` says afterwards what the tables are converted at, so nothing is converted twice,
    and a scenario that changes a rate converts by the change.

    Parameters
    ----------
    first : the first planned month; the month after the last sales if absent

    Returns
    -------
    table name : table; those handed in where nothing is in another currency

    Raises
    ------
    ValueError : a currency without rate.
    """
    given = {name: rows for name in CONVERTED if (rows := foreign_rows(name, tables)).any()}
    if not given:
        return tables
    if missing := missing_rates(tables):
        name, rows = next(iter(missing.items()))
        currency = tables[name].loc[rows, CURRENCY].iloc[0]
        raise ValueError(f"{name}: currency={currency} has no rate. Add it to {RATES}.")
    rates = tables[RATES]
    first = tables["sales_history"]["period"].max() + 1 if first is None else first
    changed: dict[str, DataFrame] = {}
    for name in given:
        table = _with_rate_changes(name, tables[name], rates)
        rows = foreign_rows(name, {**tables, name: table})
        factor = _factors(table, rows, rates, first)
        if len(table) > len(tables[name]) or (factor != 1.0).any():
            changed[name] = table.assign(**{c: table[c] * factor for c in money_columns(name)})
    if rates["applied_rate"].equals(rates["exchange_rate"]):
        return {**tables, **changed} if changed else tables
    return {**tables, **changed, RATES: rates.assign(applied_rate=rates["exchange_rate"])}


def foreign_rows(name: str, tables: Mapping[str, DataFrame]) -> Series:
    """Mark the rows of a table that are in another currency than the company reports in."""
    table = tables.get(name)
    if table is None or CURRENCY not in table.columns:
        return Series(dtype=bool)
    return table[CURRENCY].notna() & (table[CURRENCY] != reporting_currency(tables))


def reporting_currency(tables: Mapping[str, DataFrame]) -> str | None:
    """The currency in which the company reports; None where `company_settings` names none."""
    settings = tables.get("company_settings")
    return None if settings is None or settings.empty else settings[CURRENCY].iloc[0]


def missing_rates(tables: Mapping[str, DataFrame]) -> dict[str, Series]:
    """Mark the rows in a currency without rate, by table; without any, nothing is in the dict."""
    rates = tables.get(RATES)
    known = [] if rates is None else rates[CURRENCY]
    rows = {name: foreign_rows(name, tables) for name in CONVERTED}
    rows = {n: each & ~tables[n][CURRENCY].isin(known) for n, each in rows.items() if each.any()}
    return {name: each for name, each in rows.items() if each.any()}


def _with_rate_changes(name: str, table: DataFrame, rates: DataFrame) -> DataFrame:
    """A dated table in which what is in force when its rate changes starts again in that month.

    New rows stand behind the row that they carry on, with its label.
    """
    changes = rates.loc[rates[DATE].notna(), [CURRENCY, DATE]]
    if DATE not in TABLES[name].key or changes.empty:
        return table
    key = [column for column in TABLES[name].key if column != DATE]
    things = table.loc[table[CURRENCY].isin(changes[CURRENCY]), key].drop_duplicates()
    months = changes[DATE].drop_duplicates().sort_values().to_frame("period")
    wanted = things.merge(months, how="cross")
    row, begun = position_in_force(table, key, wanted)
    month = PeriodIndex(wanted["period"])
    pairs = pd.MultiIndex.from_arrays([table[CURRENCY].array.take(row), month])
    changed = pairs.isin(pd.MultiIndex.from_frame(changes))
    own = PeriodIndex(table[DATE].array.take(row))
    new = begun & changed & np.asarray(own != month)
    if not new.any():
        return table
    added = table.iloc[row[new]].assign(**{DATE: month[new]})
    place = np.concatenate([np.arange(len(table)), row[new]])
    return pd.concat([table, added.astype(table.dtypes)]).iloc[np.argsort(place, kind="stable")]


def _factors(table: DataFrame, foreign: Series, rates: DataFrame, first: Period) -> np.ndarray:
    """What each row's money is multiplied by."""
    dated = next((c for c in (*MONTH, DATE) if c in table.columns), None)
    months = PeriodIndex([first] * len(table)) if dated is None else PeriodIndex(table[dated])
    wanted = DataFrame({CURRENCY: table[CURRENCY].array, "period": months})
    row, _ = position_in_force(rates, [CURRENCY], wanted)
    factor = rates["exchange_rate"] / rates["applied_rate"].fillna(1.0)
    return np.where(foreign, factor.to_numpy(dtype=float)[row], 1.0)
