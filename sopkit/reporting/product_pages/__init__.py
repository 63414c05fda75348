"""A page a product: master data, demand as sold and as used, plan, money, orders, gaps, decisions.

Products stand by revenue, the largest first; how many of them fit is decided by who asks for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Block, Sign, Words
from sopkit.reporting.pre_read.supply import named
from sopkit.reporting.product_pages import grids, touching
from sopkit.schema.formatting import currency_of, listed, percent, span, whole
from sopkit.schema.glossary import label
from sopkit.schema.tolerances import MATERIAL


@dataclass(frozen=True)
class ProductTables:
    """The tables of a product's page."""

    products: DataFrame
    planning_periods: DataFrame
    segments: DataFrame
    demand_history: DataFrame
    demand_plan: DataFrame
    supply_plan: DataFrame
    constrained_demand: DataFrame
    projected_inventory: DataFrame
    profitability: DataFrame
    unit_economics: DataFrame
    item_locations: DataFrame
    gaps: DataFrame
    gap_causes: DataFrame
    decisions: DataFrame
    production_plan: DataFrame | None = None
    sales_orders: DataFrame | None = None
    purchase_orders: DataFrame | None = None
    planned_orders: DataFrame | None = None
    company_settings: DataFrame | None = None


@dataclass(frozen=True)
class ProductPage:
    """A product by name, its blocks, and its row in the list of products.

    `figures` : product, family, abc, xyz, quantity [units], revenue, margin [money], max_backlog,
    lost_sales [units]
    """

    code: str
    name: str
    note: str
    blocks: list[Block]
    figures: Mapping[str, object]


def product_pages(tables: ProductTables) -> Iterator[ProductPage]:
    """The pages of the products, by planned revenue, by units where no prices are known."""
    sizes = tables.profitability.groupby("product")[["revenue", "quantity"]].sum()
    by = "revenue" if sizes["revenue"].sum() > 0 else "quantity"
    ordered = sizes[by].sort_values(ascending=False, kind="stable").index
    called, parts = named(tables.products), _by_product(tables)
    for code in ordered:
        yield _page(tables, parts, str(code), called.get(code, code))


def _by_product(tables):
    """Where the rows of each table are by product: table -> product -> places."""
    found = {}
    for name, table in vars(tables).items():
        key = "item" if name in ("purchase_orders", "planned_orders") else "product"
        if table is not None and key in table and name not in ("products", "gaps"):
            found[name] = table.groupby(key, sort=False).indices
    return found


def _page(tables, parts, code, name):
    own = {
        each: table.iloc[parts.get(each, {}).get(code, [])]
        for each, table in vars(tables).items()
        if table is not None
    }
    product = tables.products[tables.products["product"] == code].iloc[0]
    start, currency = tables.planning_periods["period"].min(), currency_of(tables.company_settings)
    planned = PeriodIndex(sorted(tables.planning_periods["period"].unique()))
    gaps = touching.gaps_of(tables.gaps, tables.products, own.get("production_plan"), product)
    figures = _figures(own, product, name)
    blocks = [
        Words(_sentences(own, product, figures, planned, currency)),
        *grids.chart(own["demand_history"], own["demand_plan"], start, name),
        grids.history(own["demand_history"], start),
        grids.plan(own, planned, currency),
        *touching.orders(own),
        *touching.gaps(gaps, currency),
        *touching.decisions(tables.gap_causes, tables.decisions, gaps),
    ]
    note = f"{product['family']} · {numbers.amount(figures['revenue'], currency)}"
    return ProductPage(code, name, note, blocks, figures)


def _figures(own, product, name):
    """The row of a product in the list of products."""
    money = own["profitability"]
    segment = own["segments"].iloc[0] if len(own["segments"]) else {}
    late = own["constrained_demand"].groupby("period")["backlog"].sum()
    return {
        "product": name,
        "family": product["family"],
        "abc": segment.get("abc"),
        "xyz": segment.get("xyz"),
        "quantity": money["quantity"].sum(),
        "revenue": money["revenue"].sum(),
        "margin": money["margin"].sum(),
        "max_backlog": late.max() if len(late) else 0.0,
        "lost_sales": own["constrained_demand"]["lost_sales"].sum(),
    }


# -------------------------------------------------------------------------------------------------
# what is said of it


def _sentences(own, product, figures, planned, currency):
    return [
        Sign("Product:", _master_data(own, product, figures)),
        Sign("Price and cost:", _economics(own, figures, planned, currency)),
        Sign("Forecast:", _forecast(own, planned)),
        Sign("Supply:", _supply(own, figures)),
    ]


def _master_data(own, product, figures):
    parts = [f"family {product['family']}"]
    if isinstance(figures["abc"], str):
        parts.append(f"class {figures['abc']}{figures['xyz']}")
    for column in ("lifecycle", "supply_mode"):
        if isinstance(product.get(column), str):
            parts.append(label(product[column], of=column))
    parts.append("sold in " + listed(sorted(own["demand_plan"]["market"].unique())))
    if product.get("shelf_life_months", float("nan")) > 0:
        parts.append(f"shelf life {product['shelf_life_months']:.0f} months")
    return "; ".join(parts) + "."


def _economics(own, figures, planned, currency):
    costs = own["unit_economics"].sort_values("period")
    said = []
    if len(costs) and costs["price"].iloc[0] > 0:
        said.append(f"price {currency} {costs['price'].iloc[0]:,.2f}".replace("  ", " "))
    if len(costs) and costs["material_cost"].iloc[0] > 0:
        said.append(f"material {currency} {costs['material_cost'].iloc[0]:,.2f} a unit".strip())
    money = f"revenue {numbers.amount(figures['revenue'], currency)}"
    if figures["revenue"] > 0 and pd.notna(figures["margin"]):
        share = percent(figures["margin"] / figures["revenue"], 1)
        money += f", margin {numbers.amount(figures['margin'], currency)} ({share})"
    return "; ".join([*said, f"{money}, {span(planned)}"]) + "."


def _forecast(own, planned):
    demand = own["demand_plan"].groupby("period")["consensus"].sum().reindex(planned[:12])
    said = f"consensus {whole(demand.sum())} units, {span(demand.index)}"
    sold = own["demand_history"].groupby("period")["quantity"].sum().reindex(demand.index - 12)
    if len(demand) == 12 and sold.notna().all() and sold.sum() > 0:
        said += f", {numbers.relative(demand.sum() / sold.sum() - 1)} vs. the 12 months before"
    return said + "."


def _supply(own, figures):
    held = own["item_locations"]
    stock = [f"{whole(one.on_hand)} at {one.site}" for one in held.itertuples() if one.on_hand > 0]
    said = [f"on hand {listed(stock)}" if stock else "nothing on hand"]
    if own.get("production_plan") is not None and len(own["production_plan"]):
        said.append("made on " + listed(sorted(own["production_plan"]["resource"].unique())))
    late = own["constrained_demand"].groupby("period")["backlog"].sum()
    if figures["max_backlog"] > MATERIAL:
        said.append(f"backlog peaks at {whole(late.max())} units in {late.idxmax():%b %Y}")
    if figures["lost_sales"] > MATERIAL:
        said.append(f"{whole(figures['lost_sales'])} units of lost sales")
    if figures["max_backlog"] <= MATERIAL and figures["lost_sales"] <= MATERIAL:
        said.append("all demand is met in its month")
    return "; ".join(said) + "."
