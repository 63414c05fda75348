"""The pages of products: master data, demand as sold and as used, plan, money, orders, gaps."""

from collections.abc import Iterator

from pandas import PeriodIndex

from sopkit.master_data.product_names import named
from sopkit.reporting.item_pages import grids, sentences, touching
from sopkit.reporting.item_pages.item import ItemPage, ItemTables, by_size, size_said, sums
from sopkit.reporting.pre_read.page import Sign, Words
from sopkit.schema.formatting import currency_of, listed, whole
from sopkit.schema.glossary import label


def product_pages(tables: ItemTables) -> Iterator[ItemPage]:
    """The pages of the products, by planned revenue, by units where no prices are known."""
    sizes = tables.profitability.groupby("product")[["revenue", "quantity"]].sum()
    called, parts = named(tables.products), _by_product(tables)
    for code in by_size(sizes):
        yield _page(tables, parts, code, called.get(code, code))


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
    note = f"{product['family']} · {size_said(figures, currency)}"
    return ItemPage("product", code, name, note, blocks, figures)


def _figures(own, product, name):
    """The row of a product in the list of products."""
    segment = own["segments"].iloc[0] if len(own["segments"]) else {}
    named_by = {
        "product": name,
        "family": product["family"],
        "abc": segment.get("abc"),
        "xyz": segment.get("xyz"),
    }
    return named_by | sums(own)


# -------------------------------------------------------------------------------------------------
# what is said of it


def _sentences(own, product, figures, planned, currency):
    return [
        Sign("Product:", _master_data(own, product, figures)),
        Sign("Price and cost:", _economics(own, figures, planned, currency)),
        Sign("Forecast:", sentences.forecast(own, planned)),
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
    return "; ".join([*said, sentences.earned(figures, planned, currency)]) + "."


def _supply(own, figures):
    held = own["item_locations"]
    stock = [f"{whole(one.on_hand)} at {one.site}" for one in held.itertuples() if one.on_hand > 0]
    said = [f"on hand {listed(stock)}" if stock else "nothing on hand"]
    if own.get("production_plan") is not None and len(own["production_plan"]):
        said.append("made on " + listed(sorted(own["production_plan"]["resource"].unique())))
    return "; ".join([*said, *sentences.service(own, figures)]) + "."
