"""Blocking checks of references: codes of other tables, and changes of scenarios."""

from collections.abc import Iterator, Set
from difflib import get_close_matches

import pandas as pd
from pandas import DataFrame

from sopkit.data_quality.marks import Inputs, check, given
from sopkit.master_data.bom import in_a_circle
from sopkit.master_data.economics import MAIN_SITE
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, changeable
from sopkit.tables.issues import BLOCKING, Issue, did_you_mean, fault

SITES = {"inventory", "resources", "lanes"}  # the tables that name a company's sites


@check(BLOCKING)
def unknown_codes(inputs: Inputs, refused: Set[str]) -> Iterator[Issue | None]:
    """Find codes that their reference tables lack; refused tables are not used as reference."""
    tables = given(inputs)
    for name, frame in tables.items():
        table = TABLES[name]
        for column in frame.columns:
            known_in = table.references.get(column, COLUMNS[column].references)
            homes = {home.partition(".")[0] for home in known_in}
            if not known_in or name in known_in or refused & homes:
                continue
            holders = [home for home in known_in if home.partition(".")[0] in tables]
            if not holders and not frame[column].notna().any():
                continue
            known = set().union(*(_known(column, home, tables) for home in holders))
            if homes >= SITES and tables.keys().isdisjoint(SITES):
                known.add(MAIN_SITE)
            stranger = frame[column].notna() & ~frame[column].isin(known)
            if not stranger.any():
                continue
            where = " or ".join(known_in)
            close = _close(frame.loc[stranger, column].iloc[0], known)
            remedy = f"Add it to {where}, or correct it here{did_you_mean(close)}"
            rule = f"{column} must be known in {where}"
            yield fault(table, frame, stranger, rule, column, remedy=remedy)


@check(BLOCKING)
def markets_without_list_price(item_costs: DataFrame) -> Issue | None:
    """Find prices of markets for products whose list price and costs are not given."""
    listed = item_costs.loc[item_costs["market"].isna(), "product"]
    alone = item_costs["market"].notna() & ~item_costs["product"].isin(listed)
    rule = "a product with a price of a market must have a row without market"
    remedy = "Add a row with its list price and costs, and leave its market empty."
    return fault(TABLES["item_costs"], item_costs, alone, rule, "market", remedy=remedy)


@check(BLOCKING)
def unchangeable_by_a_scenario(
    scenario_changes: DataFrame, inputs: Inputs, refused: Set[str]
) -> Iterator[Issue | None]:
    """Find scenario changes of absent tables or fixed columns, and months moved by fractions."""
    changes, present = scenario_changes, given(inputs).keys() | refused
    absent = ~changes["table"].isin(present)
    known = {(name, column) for name in present & set(TABLES) for column in changeable(name)}
    pairs = zip(changes["table"], changes["column"], strict=True)
    other = ~absent & ~pd.Series([pair in known for pair in pairs], index=changes.index)
    dated = [column in COLUMNS and COLUMNS[column].kind == "period" for column in changes["column"]]
    months = pd.Series(dated, index=changes.index, dtype=bool)
    moves = (changes["operation"] == "add") & (changes["amount"] % 1 == 0)
    rules = [
        (
            absent,
            "table",
            "table must be a table of the workspace",
            "Add the table, or remove the change.",
        ),
        (
            other,
            "column",
            "column must be a column of numbers, months, choices or true and false of its table",
            "Enter a column that is not part of the key.",
        ),
        (
            ~absent & ~other & months & ~moves,
            "operation",
            "a month is moved by adding a whole number of months",
            "Write add, and 2 for two months later.",
        ),
    ]
    for broken, at, rule, remedy in rules:
        yield fault(TABLES["scenario_changes"], changes, broken, rule, at, remedy=remedy)


@check(BLOCKING)
def continues_itself(product_succession: DataFrame) -> Issue | None:
    """Find rows by which a product code continues itself, directly or through other codes."""
    names = {"old_product": "product", "product": "component"}
    links = product_succession.rename(columns=names).assign(quantity_per_unit=1.0)
    rule = "a product code must not continue itself"
    remedy = "Remove the row that closes the circle."
    table = TABLES["product_succession"]
    return fault(table, product_succession, in_a_circle(links), rule, remedy=remedy)


@check(BLOCKING)
def part_of_itself(bill_of_materials: DataFrame) -> Issue | None:
    """Find rows by which a component is part of itself, directly or through other components."""
    closes = in_a_circle(bill_of_materials)
    rule = "a component must not be part of itself"
    remedy = "Remove the row that closes the circle."
    return fault(TABLES["bill_of_materials"], bill_of_materials, closes, rule, remedy=remedy)


def _close(code: str, known: set[str]) -> list[str]:
    """The known code nearest to one, which may differ in nothing but its case."""
    plain = {text.casefold(): text for text in known}
    return [plain[text] for text in get_close_matches(code.casefold(), plain, 1)]


def _known(column: str, home: str, tables: dict[str, DataFrame]) -> set[str]:
    """The values a table knows for a column: its own column of that name, else its key
    (like_product is a product).

    `components.supplier` names the column.
    """
    name, _, own = home.partition(".")
    column, frame = own or column, tables[name]
    return set(frame[column if column in frame.columns else TABLES[name].key[0]].dropna().unique())
