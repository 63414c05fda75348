"""The pages of families and of markets: what their products come to together."""

from collections.abc import Iterator

import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.reporting.exhibits.pre_sop import family_of
from sopkit.reporting.item_pages import grids, sentences, touching
from sopkit.reporting.item_pages.item import ItemPage, ItemTables, by_size, sums
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Sign, Table, Words, heads, row, whole_cell
from sopkit.reporting.pre_read.supply import named
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import currency_of, listed, percent

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
    """The pages of the families, by planned revenue."""
    family = tables.products.set_index("product")["family"]
    of = tables.profitability["product"].map(family)
    for code in by_size(tables.profitability.groupby(of)[["revenue", "quantity"]].sum()):
        members = family.index[family == code]
        own = {name: _of_products(getattr(tables, name), members) for name in ROWS}
        gaps = tables.gaps[(family_of(tables.gaps, tables.products) == code).fillna(False)]
        yield _page("family", code, own, tables, gaps)


def market_pages(tables: ItemTables) -> Iterator[ItemPage]:
    """The pages of the markets, by planned revenue; sites hold stock, so that a market has none."""
    sizes = tables.profitability.groupby("market")[["revenue", "quantity"]].sum()
    for code in by_size(sizes):
        own = {name: _of_market(getattr(tables, name), code) for name in ROWS}
        yield _page("market", code, own, tables, tables.gaps.head(0))


def _of_products(table: DataFrame, members) -> DataFrame:
    return table[table["product"].isin(members)]


def _of_market(table: DataFrame, market: str) -> DataFrame:
    return table[table["market"] == market] if "market" in table else table.head(0)


def _page(kind, code, own, tables, gaps) -> ItemPage:
    start, currency = tables.planning_periods["period"].min(), currency_of(tables.company_settings)
    planned = PeriodIndex(sorted(tables.planning_periods["period"].unique()))
    figures = {kind: code} | sums(own)
    said = [
        Sign(f"{kind.capitalize()}:", _about(kind, own)),
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
        *touching.gaps(gaps, currency, f"of the {kind}"),
        *touching.decisions(tables.gap_causes, tables.decisions, gaps),
    ]
    note = f"{kind} · {numbers.amount(figures['revenue'], currency)}"
    return ItemPage(kind, code, code, note, blocks, figures)


def _about(kind, own):
    """How many products and markets it has."""
    products = own["demand_plan"]["product"].nunique()
    said = f"{products:,} product{'s' * (products != 1)}"
    if kind == "market":
        return said + "."
    return f"{said}, sold in {listed(sorted(own['demand_plan']['market'].unique()))}."


def _products(own, names, currency) -> Table:
    """The products that bring most, with what they bring."""
    money = own["profitability"].groupby("product")[["quantity", "revenue", "margin"]].sum()
    ordered = by_size(money)
    late = own["constrained_demand"].pivot_table(
        index="period", columns="product", values="backlog", aggfunc="sum"
    )
    divisor, sign = numbers.scale(*money["revenue"])
    rows = [
        row(
            names.get(code, code),
            whole_cell(one["quantity"]),
            numbers.in_scale(one["revenue"], divisor),
            _share(one["margin"], one["revenue"]),
            whole_cell(_peak(late, code), bad=True),
        )
        for code, one in money.loc[ordered].head(SHOWN_PRODUCTS).iterrows()
    ]
    more = len(ordered) - SHOWN_PRODUCTS
    foot = f"{more} more, by revenue, in the list of products." if more > 0 else ""
    unit = numbers.unit(currency or "money", sign)
    head = heads("Product", "Units", f"Revenue, {unit}", "Margin, %", "Peak backlog, units")
    return Table([head], rows, "Products", foot=foot)


def _share(margin: float, revenue: float) -> str:
    return percent(margin / revenue, 1) if revenue > 0 and pd.notna(margin) else MISSING


def _peak(late: DataFrame, code: str) -> float:
    found: Series = late[code] if code in late else Series([0.0])
    return float(found.max())
