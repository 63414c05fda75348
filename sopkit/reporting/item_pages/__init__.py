"""A page for each family, market and product: demand, plan, money, gaps and decisions."""

from collections.abc import Iterator

from sopkit.reporting.item_pages.aggregates import family_pages, market_pages
from sopkit.reporting.item_pages.item import ItemPage, ItemTables
from sopkit.reporting.item_pages.products import product_pages


def item_pages(tables: ItemTables) -> Iterator[ItemPage]:
    """The pages of the families, then of the markets, then of the products, the largest first.

    How many of them fit is decided by who asks for them.
    """
    yield from family_pages(tables)
    yield from market_pages(tables)
    yield from product_pages(tables)
