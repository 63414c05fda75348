"""The pages of families, markets and their groups: what their products come to together."""

from collections.abc import Iterator, Mapping, Set

import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.product_names import named
from sopkit.reporting.exhibits.pre_sop import family_of
from sopkit.reporting.exhibits.profit_and_loss import with_ratio
from sopkit.reporting.item_pages import grids, sentences, touching
from sopkit.reporting.item_pages.item import ItemPage, ItemTables, by_size, size_said, sums
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Sign, Table, Words, heads, row, whole_cell
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import currency_of, listed, percent
from sopkit.tables.hierarchies import within

SHOWN_PRODUCTS = 12
ROWS = (  # the tables of which a page holds the rows of its products or its market
    "demand_history",
    "demand_plan",
    "supply_plan",
    "constrained_demand",
    "projected_inventory",
    "profitability",
)


def family_pages(tables: ItemTables) -> Iterator[ItemPage]:
    """The pages of the groups of families, then of the families, by planned revenue."""
    families = {one: {one} for one in tables.products["family"]}
    yield from _of_families(
        "product_group", _groups(tables.product_groups, "product_group"), tables
    )
    yield from _of_families("family", families, tables)


def market_pages(tables: ItemTables) -> Iterator[ItemPage]:
    """The pages of the groups of markets, then of the markets, by planned revenue.

    Sites hold stock, so that a market has none.
    """
    markets = {one: {one} for one in tables.profitability["market"].dropna().unique()}
    yield from _of_markets("market_group", _groups(tables.market_groups, "market_group"), tables)
    yield from _of_markets("market", markets, tables)


def _groups(groups: DataFrame | None, name: str) -> dict[str, Set[str]]:
    """What is below each group."""
    if groups is None:
        return {}
    return {group: within(group, groups) for group in groups[name].unique()}


def _of_families(
    kind: str, items: Mapping[str, Set[str]], tables: ItemTables
) -> Iterator[ItemPage]:
    family = tables.products.set_index("product")["family"]
    of_gap = family_of(tables.gaps, tables.products)
    members = {item: family.index[family.isin(below)] for item, below in items.items()}
    for item in _by_size(tables.profitability, "product", members):
        own = {name: _rows(getattr(tables, name), "product", members[item]) for name in ROWS}
        gaps = tables.gaps[of_gap.isin(items[item])]
        yield _page(kind, item, own, tables, gaps)


def _of_markets(kind: str, items: Mapping[str, Set[str]], tables: ItemTables) -> Iterator[ItemPage]:
    for item in _by_size(tables.profitability, "market", items):
        own = {name: _rows(getattr(tables, name), "market", items[item]) for name in ROWS}
        yield _page(kind, item, own, tables, tables.gaps.head(0))


def _by_size(profitability, column, members) -> list[str]:
    """The items that sell anything, by what their members bring."""
    sums_of = {
        item: profitability.loc[profitability[column].isin(below), ["revenue", "quantity"]].sum()
        for item, below in members.items()
    }
    sizes = DataFrame(sums_of, index=["revenue", "quantity"]).T
    return by_size(sizes[sizes["quantity"] > 0])


def _rows(table: DataFrame, column: str, members) -> DataFrame:
    """The rows of some products or markets; none of a table that does not name them."""
    return table[table[column].isin(members)] if column in table else table.head(0)


def _page(kind, code, own, tables, gaps) -> ItemPage:
    start, currency = tables.planning_periods["period"].min(), currency_of(tables.company_settings)
    planned = PeriodIndex(sorted(tables.planning_periods["period"].unique()))
    figures, named_kind = {kind: code} | sums(own), kind.replace("_", " ")
    said = [
        Sign(f"{named_kind.capitalize()}:", _about(kind, own)),
        Sign("Money:", sentences.earned(figures, planned, currency) + "."),
        Sign("Forecast:", sentences.forecast(own, planned)),
        Sign("Service:", "; ".join(sentences.service(own, figures)) + "."),
    ]
    blocks = [
        Words(said),
        *grids.chart(own["demand_history"], own["demand_plan"], start, code),
        grids.history(own["demand_history"], start),
        grids.plan(own, planned, currency),
        _products(own, named(tables.products), currency),
        *touching.gaps(gaps, currency, f"of the {named_kind}"),
        *touching.decisions(tables.gap_causes, tables.decisions, gaps),
    ]
    note = f"{named_kind} · {size_said(figures, currency)}"
    return ItemPage(kind, code, code, note, blocks, figures)


def _about(kind, own):
    """How many products and markets it has."""
    products = own["demand_plan"]["product"].nunique()
    said = f"{products:,} product{'s' * (products != 1)}"
    if kind.startswith("market"):
        return said + "."
    return f"{said}, sold in {listed(sorted(own['demand_plan']['market'].unique()))}."


def _products(own, names, currency) -> Table:
    """The products that bring most, with what they bring."""
    money = _earned(own["profitability"])
    ordered = by_size(money)
    late = own["constrained_demand"].pivot_table(
        index="period", columns="product", values="backlog", aggfunc="sum"
    )
    divisor, sign = numbers.scale(*money["revenue"])
    is_money = money["revenue"].any()
    rows = [
        row(
            names.get(code, code),
            whole_cell(one["quantity"]),
            *(_money(one, divisor) if is_money else ()),
            whole_cell(_peak(late, code), bad=True),
        )
        for code, one in money.loc[ordered].head(SHOWN_PRODUCTS).iterrows()
    ]
    more = len(ordered) - SHOWN_PRODUCTS
    by = "revenue" if is_money else "volume"
    foot = f"{more} more, by {by}, in the list of products." if more > 0 else ""
    unit = numbers.unit(currency or "money", sign)
    shown = (f"Revenue, {unit}", "Margin, %") if is_money else ()
    head = heads("Product", "Units", *shown, "Peak backlog, units")
    return Table([head], rows, "Products", foot=foot)


def _money(earned, divisor):
    """What a product brings, and the share of it that is margin."""
    revenue = numbers.in_scale(earned["revenue"], divisor)
    return revenue, _share(earned["margin"], earned["revenue"])


def _earned(profitability):
    """What each product earns; the margin of one whose costs are not given is empty."""
    columns = ["quantity", "revenue", "cost_of_sales", "margin", "uncosted_revenue"]
    return with_ratio(profitability.groupby("product")[columns].sum())


def _share(margin: float, revenue: float) -> str:
    return percent(margin / revenue, 1) if revenue > 0 and pd.notna(margin) else MISSING


def _peak(late: DataFrame, code: str) -> float:
    found: Series = late[code] if code in late else Series([0.0])
    return float(found.max())
