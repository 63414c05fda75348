"""The lists of families, markets, their groups, and products, and a page of each that fits."""

from collections.abc import Iterable, Mapping
from itertools import count as iter_count
from typing import NamedTuple

from pandas import DataFrame

from sopkit.master_data.product_names import named
from sopkit.reporting.item_pages import ItemPage, item_pages
from sopkit.reporting.notebook_output import exhibit, template
from sopkit.rules.call import call
from sopkit.schema.formatting import company_terms, count

FIGURES = ("quantity", "revenue", "margin", "max_backlog", "lost_sales")
MONEY = ("revenue", "margin")
KINDS = {  # of items, in their order: the heading of the list, and what names an item
    "product_group": ("Product groups", ("product_group",)),
    "family": ("Families", ("family",)),
    "market_group": ("Market groups", ("market_group",)),
    "market": ("Markets", ("market",)),
    "product": ("Products", ("product", "family", "abc", "xyz")),
}
LISTED = 5  # rows of a list that stand open


class ItemList(NamedTuple):
    """The items of one kind; `listed` and `pages` are HTML."""

    heading: str
    listed: str
    pages: list[str]


class ItemSection(NamedTuple):
    """The items of the page.

    `said` how many products have a page; `names` code -> name, for the search
    """

    lists: list[ItemList]
    said: str
    names: dict[str, str]


def item_section(tables: Mapping[str, DataFrame], room: int) -> ItemSection:
    """Write families, markets, their groups, and products by size, until they take `room` bytes.

    Parameters
    ----------
    tables : inputs and plan
    """
    names = named(tables["products"])
    room -= sum(len(code) + len(name) for code, name in names.items())
    with company_terms(tables):
        written = _within(call(item_pages, tables), room)
        is_money = any(page.figures["revenue"] for page, *_ in written)
        lists = [_list(kind, written, is_money) for kind in KINDS]
    many, shown = len(tables["products"]), len(lists[-1].pages)
    size = _size(is_money)
    said = f"{count(shown, 'product')}, by {size}."
    if shown < many:
        said = f"{shown:,} of {count(many, 'product')} have a page, by {size}; "
        said += "the numbers of the others are in sop.xlsx."
    return ItemSection([one for one in lists if one.pages], said, names)


def _within(found: Iterable[ItemPage], room: int) -> list[tuple[ItemPage, str, str]]:
    """The pages that fit: each with its address and its HTML."""
    written, page = [], template("item.html.j2")
    numbers = {kind: iter_count(1) for kind in KINDS}
    for one in found:
        address = f"{one.kind}-{next(numbers[one.kind])}"
        html = page.render(page=one, address=address)
        room -= len(html.encode())
        if room < 0:
            break
        written.append((one, address, html))
    return written


def _size(is_money: bool) -> str:
    """What items are put in order by; no revenue is planned where no price is known."""
    return "planned revenue" if is_money else "planned volume"


def _list(kind: str, written: list[tuple[ItemPage, str, str]], is_money: bool) -> ItemList:
    heading, named_by = KINDS[kind]
    own = [one for one in written if one[0].kind == kind]
    rows = [{**page.figures, "address": address} for page, address, _ in own]
    figures = [name for name in FIGURES if is_money or name not in MONEY]
    frame = DataFrame(rows, columns=[*named_by, *figures, "address"])
    title = f"{heading} by {_size(is_money)}"
    listed = exhibit(frame, title, LISTED, heading.lower(), links="address")[0]
    return ItemList(heading, listed, [html for *_, html in own])
