"""Related rows: by shared dimensions, or through products and routings."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.tables import PLAN_OF_RECORD, TABLES
from sopkit.tables.hierarchies import is_within, memberships

EVERY = "all"  # the family that stands for all of them
THINGS = ("product", "family", "market", "site", "resource", "component")
HISTORY = (
    "sales_history",
    "demand_history",
    "stock_availability",
)  # a planned month rests on all of it
SPANS = (("from_period", "to_period"), ("start_period", "end_period"), ("valid_from", "valid_to"))


def words_of(name: str, row: Series, tables: Mapping[str, DataFrame]) -> dict[str, Any]:
    """What a row of a table is about, by word; an `item` is a product, family or resource where one
    has that name."""
    words = {word: row[word] for word in TABLES[name].key if pd.notna(row[word])}
    if words.get("family") == EVERY:
        del words["family"]
    item = words.pop("item", None)
    for word, table in (("family", "products"), ("product", "products"), ("resource", "resources")):
        if item is not None and table in tables and (tables[table][word] == item).any():
            words[word] = item
    return words


def related(name: str, words: Mapping[str, Any], tables: Mapping[str, DataFrame]) -> DataFrame:
    """The rows of a table that share the words; a table without any of the words holds for all, so
    all of it.

    An empty cell of a filter (a policy without site) applies to every value, a group to what is
    below it. Item costs are those in force.
    """
    frame, table = tables[name], TABLES[name]
    whole_key = set(table.key) <= set(words)
    rows = pd.Series(True, index=frame.index)
    for word in dict.fromkeys(table.key if whole_key else table.key + THINGS):
        if word in frame.columns and word != "period":
            known = _values(word, words, tables, name)
            if known is not None:
                known = [*known, *_groups_above(word, known, tables)]
                rows &= frame[word].isin(known) | frame[word].isna()
    if "product" in words and "component" in frame.columns and "product" not in frame.columns:
        rows &= frame["component"].isin(_parts(words["product"], tables))
    return frame[rows & _in_month(name, frame, rows, words)]


def _values(word, words, tables, name):
    """The values of a word that the given words stand for; None where they say nothing about it."""
    if word == "strategy":
        return None if TABLES[name].is_input else [words.get("strategy", PLAN_OF_RECORD)]
    if word in words:
        return [words[word]]
    products = tables["products"]
    if word == "family" and "product" in words:
        return products.loc[products["product"] == words["product"], "family"]
    if word == "product" and "family" in words:
        own = is_within(products["family"], words["family"], tables.get("product_groups"))
        return products.loc[own, "product"]
    if word == "resource" and "product" in words and "routings" in tables:
        routings = tables["routings"]
        return routings.loc[routings["product"] == words["product"], "resource"]
    return None


def _groups_above(word, known, tables):
    """The groups that families or markets are in, which input tables may name in their place."""
    found = [group for group, below in GROUPED.items() if below == word]
    groups = tables.get(table_of(found[0])) if found else None
    if groups is None:
        return []
    pairs = memberships(groups)
    return pairs.loc[pairs["member"].isin(known), found[0]].unique()


def _parts(product, tables):
    """All components of a product, at any level."""
    bill, parts, found = tables.get("bill_of_materials"), set(), {product}
    while found and bill is not None:
        found = set(bill.loc[bill["product"].isin(found), "component"]) - parts
        parts |= found
    return parts


def _in_month(name, frame, rows, words):
    """Mark the rows of the words' month: in force then, spanning it, or, of history, all."""
    month, all_of_them = words.get("period"), pd.Series(True, index=frame.index)
    if month is None or (name in HISTORY and not (frame.loc[rows, "period"] == month).any()):
        return all_of_them
    if "period" in frame.columns:
        return frame["period"] == month
    if "effective_from" in frame.columns:
        always = pd.Period("1900-01", "M")  # a row without a date holds from the beginning
        start = frame["effective_from"].fillna(always)
        started = start[rows & (start <= month)]
        return start == (started.max() if len(started) else start[rows].min())
    for first, last in SPANS:
        if first in frame.columns and set(TABLES[name].key) - set(words):
            return frame[first].le(month) & frame[last].ge(month) | frame[first].isna()
    return all_of_them
