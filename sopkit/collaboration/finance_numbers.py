"""What finance is asked beside demand: list prices, unit costs and the budget, where they are held.

Prices, costs and budgets belong to products and families, so the markets of a scope limit prices of
markets alone. Numbers are as the company's own tables have them: in its units and currencies.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration.dated_numbers import Row, by_month, records, steps
from sopkit.io.keyed_workbook import Place, row_key
from sopkit.master_data.budgets import BUDGETED
from sopkit.master_data.versions import latest
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, choices
from sopkit.tables import empty
from sopkit.tables.hierarchies import hierarchies_of, within

VALUE = "value "  # begins the head of a month's column
COSTS = ("material_cost", "holding_cost", "backlog_cost", "lost_sale_cost", "subcontract_cost")
THING = {
    "item_costs": ("product", "market"),
    "budget": ("family",),
    "budget_costs": ("account", "family"),
}
NUMBERS = {
    "item_costs": ("price", *COSTS),
    "budget": BUDGETED,
    "budget_costs": ("amount",),
}
PRICES, UNIT_COSTS, BUDGET, BUDGET_COSTS = "Prices", "Unit costs", "Budget", "Budget costs"


class Asked(NamedTuple):
    """A number that finance answers by month: its sheet, table, column, and what it is of."""

    sheet: str
    table: str
    column: str
    thing: dict[str, str]  # the filled columns of the table's thing
    currency: str  # empty: that of the company
    numbers: dict[Period, float | None]

    @property
    def key(self) -> str:
        """The key of its row in a workbook."""
        return row_key(self.table, **self.thing, column=self.column)


def finance_series(
    scopes: DataFrame, tables: Mapping[str, DataFrame], months: Sequence[Period]
) -> list[Asked]:
    """The numbers that a contributor of finance answers, with what is held.

    Parameters
    ----------
    scopes : the contributor's rows of contributors
    tables : the company's own tables
    """
    held = {name: latest(name, tables.get(name, empty(name))) for name in THING}
    found: dict[str, Asked] = {}
    for scope in scopes.itertuples():
        families = _families(scope.family, tables)
        for one in (
            *_of_products(scope, families, tables, held["item_costs"], months),
            *_of_families(scope, families, tables, held, months),
        ):
            found.setdefault(one.key, one)
    order = [PRICES, UNIT_COSTS, BUDGET, BUDGET_COSTS]
    return sorted(found.values(), key=lambda one: order.index(one.sheet))


def values_of(series: Sequence[Asked]) -> dict[Place, float | None]:
    """What is held, by the cells of a workbook."""
    return {
        Place(one.key, f"{VALUE}{month}"): value
        for one in series
        for month, value in one.numbers.items()
    }


def _families(family: object, tables: Mapping[str, DataFrame]) -> set[str]:
    """The families of a scope, and the groups within it; all where it names none."""
    groups = hierarchies_of(tables).product_groups
    if pd.notna(family):
        return set(within(str(family), groups))
    names = set(tables["products"]["family"])
    return names if groups is None else names | set(groups["product_group"])


def _of_products(
    scope, families: set[str], tables: Mapping[str, DataFrame], held: DataFrame, months
) -> Iterator[Asked]:
    """Prices of products and of their markets, and unit costs."""
    products = tables["products"]
    for product in products.loc[products["family"].isin(families), "product"]:
        rows = held[held["product"] == product]
        own = records(rows[rows["market"].isna()])
        yield _dated(PRICES, "price", {"product": product}, own, months)
        for column in COSTS:
            yield _dated(UNIT_COSTS, column, {"product": product}, own, months)
        for market in _markets(scope.market, product, tables, rows):
            there = records(rows[rows["market"] == market])
            thing = {"product": product, "market": market}
            priced = _dated(PRICES, "price", thing, there, months)
            yield priced._replace(currency=_currency(there or own))


def _dated(sheet: str, column: str, thing: dict[str, str], rows: list[Row], months) -> Asked:
    values = by_month(steps(rows, column), months)
    return Asked(sheet, "item_costs", column, thing, _currency(rows), values)


def _currency(rows: list[Row]) -> str:
    return next((str(row["currency"]) for row in reversed(rows) if row["currency"]), "")


def _markets(scope: object, product: str, tables, rows: DataFrame) -> list[str]:
    """The markets of a scope in which a product is sold, launched or has a price."""
    parts = [tables["sales_history"], tables.get("launches", empty("launches")), rows]
    known = {m for part in parts for m in part.loc[part["product"] == product, "market"].dropna()}
    if pd.notna(scope):
        known &= within(str(scope), hierarchies_of(tables).market_groups)
    return sorted(known)


def _of_families(
    scope, families: set[str], tables: Mapping[str, DataFrame], held, months
) -> Iterator[Asked]:
    """The budget at the level at which it is held, of families where it is not."""
    budget, costs = held["budget"], held["budget_costs"]
    for family in _budgeted(families, tables, budget):
        rows = budget[budget["family"] == family]
        for column in NUMBERS["budget"]:
            yield _plain(BUDGET, "budget", column, {"family": family}, rows, months)
    whole = costs["family"].isna() & pd.isna(scope.family)
    lines = costs[whole | costs["family"].isin(families)]
    accounts = (
        choices(TABLES["budget_costs"], "account") if costs.empty and pd.isna(scope.family) else ()
    )
    things = [{"account": account} for account in accounts]
    for row in lines[["account", "family"]].drop_duplicates().itertuples():
        named = {} if pd.isna(row.family) else {"family": row.family}
        things.append({"account": row.account, **named})
    for thing in things:
        rows = lines[lines["account"] == thing["account"]]
        rows = rows[rows["family"].fillna("") == thing.get("family", "")]
        yield _plain(BUDGET_COSTS, "budget_costs", "amount", thing, rows, months)


def _budgeted(families: set[str], tables: Mapping[str, DataFrame], budget: DataFrame) -> list[str]:
    """The names that have a budget, and the families that are in none of them."""
    groups = hierarchies_of(tables).product_groups
    held = sorted(set(budget["family"]) & families)
    inside = {name for family in set(budget["family"]) for name in within(family, groups)}
    return [*held, *sorted((set(tables["products"]["family"]) & families) - inside)]


def _plain(sheet: str, table: str, column: str, thing: dict[str, str], rows, months) -> Asked:
    known = dict(zip(rows["period"], rows[column], strict=True))
    currencies = rows["currency"].dropna()
    currency = currencies.iloc[-1] if len(currencies) else ""
    values = {m: None if pd.isna(known.get(m)) else float(known[m]) for m in months}
    return Asked(sheet, table, column, thing, currency, values)


def told(series: Asked) -> str:
    """What a number is of, in words: `price of TEA in town`."""
    parts = [value for name, value in series.thing.items() if name != "market"]
    where = f" in {series.thing['market']}" if "market" in series.thing else ""
    return f"{COLUMNS[series.column].label} of {' '.join(parts)}{where}"
