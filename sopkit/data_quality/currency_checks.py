"""Checks of currencies and their rates, and what the plan converts."""

from collections.abc import Iterator, Set
from dataclasses import make_dataclass
from difflib import get_close_matches

import pandas as pd
from pandas import DataFrame

from sopkit.data_quality.entries import entry_alone
from sopkit.data_quality.marks import check, given
from sopkit.master_data.currencies import (
    CONVERTED,
    RATES,
    foreign_rows,
    missing_rates,
    reporting_currency,
)
from sopkit.schema.formatting import count, listed, month
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, Issue, did_you_mean, fault

# Policies are read from the supply review on. They are not listed in the data review, which a
# change of them would have to begin with else; the rates of their currencies are told there.
POLICIES = ("inventory_policy", "supply_policy")


def _bundle(name, tables):
    """Tables that hold money in some currency, and those that say what it is worth."""
    names = (*tables, RATES, "company_settings")
    return make_dataclass(name, [(each, DataFrame | None, None) for each in names], frozen=True)


Money = _bundle("Money", CONVERTED)
Listed = _bundle("Listed", [name for name in CONVERTED if name not in POLICIES])


@check(BLOCKING)
def currencies_without_rate(money: Money, refused: Set[str]) -> Iterator[Issue | None]:
    """Find money in a currency that exchange_rates does not know."""
    if refused & {"exchange_rates", "company_settings"}:
        return
    tables = given(money)
    own, rates = reporting_currency(tables), tables.get("exchange_rates")
    for name, rows in missing_rates(tables).items():
        frame = tables[name]
        if own is None:
            rule = "currency needs company_settings, which names the currency to report in"
            remedy = "Add company_settings with its currency, or leave currency empty."
        else:
            rule = f"currency must be {own}, the currency of the company, or in exchange_rates"
            known = [own, *([] if rates is None else rates["currency"])]
            close = get_close_matches(frame.loc[rows, "currency"].iloc[0].upper(), known, 1)
            remedy = "Add its rate to exchange_rates, or correct it here" + did_you_mean(close)
        yield fault(TABLES[name], frame, rows, rule, "currency", remedy=remedy)


@check(BLOCKING)
def rates_of_the_reporting_currency(
    exchange_rates: DataFrame, company_settings: DataFrame
) -> Issue | None:
    """Find a rate other than 1 of the currency that the company reports in."""
    own = company_settings["currency"].iloc[0]
    rate = exchange_rates["exchange_rate"]
    broken = (exchange_rates["currency"] == own) & (rate != 1.0)
    rule = f"exchange_rate of {own}, the currency of company_settings, must be 1"
    remedy = f"Remove the row: the rates are of other currencies, in {own} per unit."
    table = TABLES["exchange_rates"]
    return fault(table, exchange_rates, broken, rule, "exchange_rate", remedy=remedy)


@check("minor")
def converted_money(exchange_rates: DataFrame, money: Listed) -> Iterator[Issue]:
    """List what is in another currency, and the rates at which it is converted."""
    tables = given(money)
    own = reporting_currency(tables)
    for name in CONVERTED:
        rows = foreign_rows(name, tables)  # none of a table that is not listed
        for currency, group in tables[name][rows].groupby("currency") if rows.any() else ():
            told = rates_told(exchange_rates, currency, own)
            finding = f"{count(len(group), 'row')} in {currency}"
            place = f"currency {currency}"
            yield entry_alone(name, "currency", place, finding, f"Converted at {told}.")


def rates_told(exchange_rates: DataFrame, currency: str, own: str | None) -> str:
    """The rates of a currency in words: `0.92 EUR and 0.94 EUR from Jan 2027`."""
    rows = exchange_rates[exchange_rates["currency"] == currency]
    rows = rows.sort_values("effective_from", na_position="first", kind="stable")
    return listed([_told(row.exchange_rate, row.effective_from, own) for row in rows.itertuples()])


def _told(rate: float, start: pd.Period, own: str | None) -> str:
    return f"{rate:g} {own}" + ("" if pd.isna(start) else f" from {month(start)}")
