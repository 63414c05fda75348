"""The products of the report's page: their list, and a page of each as far as the weight allows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pandas import DataFrame

from sopkit.reporting.notebook_output import exhibit, template
from sopkit.reporting.pre_read.supply import named
from sopkit.reporting.product_pages import ProductPage, product_pages
from sopkit.rules.call import call
from sopkit.schema.formatting import company_terms, count

COLUMNS = (
    "product", "family", "abc", "xyz", "quantity", "revenue", "margin", "max_backlog", "lost_sales",
)  # fmt: skip
LISTED = 8  # rows of the list that stand open


class ProductSection(NamedTuple):
    """The products of the page.

    `listed` and `pages` are HTML; `said` how many have a page; `names` code -> name, for the search
    """

    listed: str
    pages: list[str]
    said: str
    names: dict[str, str]


def product_section(tables: Mapping[str, DataFrame], room: int) -> ProductSection:
    """Write products by revenue, the largest first, until their pages take `room` bytes.

    Parameters
    ----------
    tables : inputs and plan
    """
    names = named(tables["products"])
    room -= sum(len(code) + len(name) for code, name in names.items())
    pages, rows = _within(call(product_pages, tables), room)
    frame = DataFrame(rows, columns=[*COLUMNS, "address"])
    many = len(tables["products"])
    said = f"{count(len(pages), 'product')}, by planned revenue."
    if len(pages) < many:
        said = f"{len(pages):,} of {count(many, 'product')} have a page, by planned revenue; "
        said += "the numbers of the others are in sop.xlsx."
    with company_terms(tables):
        title = "Products by planned revenue"
        listed = exhibit(frame, title, LISTED, "products", links="address")[0]
    return ProductSection(listed, pages, said, names)


def _within(found: Iterable[ProductPage], room: int):
    """The pages that fit, and their rows of the list."""
    written, rows, page = [], [], template("product.html.j2")
    for number, one in enumerate(found, 1):
        address = f"product-{number}"
        html = page.render(page=one, address=address)
        room -= len(html.encode())
        if room < 0:
            break
        written.append(html)
        rows.append({**one.figures, "address": address})
    return written, rows
