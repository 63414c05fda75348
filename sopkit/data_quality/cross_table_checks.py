"""Checks of the rows of a table against other tables."""

from collections.abc import Iterator

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.data_quality.marks import Inputs, check, given
from sopkit.master_data.budgets import with_budget_by_family
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.hierarchies import memberships
from sopkit.tables.issues import Issue, shown, told
from sopkit.tables.periods import YEAR

MANY_CELLS = 5_000_000  # of tables that scenarios change; to try them on more takes too long
NEEDS = (  # table, column, tables that should have it when given, meaning if they do not
    ("components", "component", ("bill_of_materials",), "no product uses it"),
    ("purchase_orders", "supplier", ("sources",), "it is no supplier of any item"),
    ("resources", "resource", ("routings",), "it produces nothing"),
    ("opportunities", "stage", ("opportunity_history",), "its deals never entered it"),
    ("opportunity_history", "stage", ("opportunities",), "no deal is in it"),
)
# tables in which a site is at home
SITES = ("inventory", "resources", "lanes", "transfer_lanes", "storage_capacity")


@check("major")
def named_nowhere_else(inputs: Inputs) -> Iterator[Issue | None]:
    """Find codes of one table that a related table lacks; see `NEEDS`."""
    tables = given(inputs)
    for name, column, others, meaning in NEEDS:
        if name not in tables or others[0] not in tables:
            continue
        frames = [tables[other] for other in others if other in tables]
        known = {
            value
            for frame in frames
            for c in (column, "component")
            if c in frame
            for value in frame[c].unique()
        }
        cells = tables[name][column]
        odd = cells.notna() & ~cells.isin(known) & ~cells.duplicated()
        text = f"{column} is not in {' or '.join(others)}: {meaning}"
        remedy = f"Add it to {others[0]}, or correct it here."
        yield told(TABLES[name], tables[name], odd, text, column, remedy=remedy)


@check("major")
def sites_of_one_table(inputs: Inputs) -> Iterator[Issue | None]:
    """Find sites that only one table has."""
    tables = given(inputs)
    known = {
        name: {
            site
            for c in ("site", "to_site")
            if c in tables[name]
            for site in tables[name][c].unique()
        }
        for name in SITES
        if name in tables
    }
    for name in known:
        others = set().union(*(sites for other, sites in known.items() if other != name))
        for column in ("site", "to_site"):
            if others and column in tables[name]:
                strange = ~tables[name][column].isin(others)
                examples = ", ".join(map(shown, sorted(others)[:5]))
                text = f"{column} is in no other table; their sites are {examples}"
                remedy = "Correct it, or add the site to lanes."
                yield told(TABLES[name], tables[name], strange, text, column, remedy=remedy)


@check("major")
def prices_far_apart(item_costs: DataFrame) -> Issue | None:
    """Find prices of a product that differ as if by a unit or a decimal mark."""
    price = item_costs["price"]
    lowest = price.where(price > 0).groupby(item_costs["product"]).transform("min")
    text = "price is more than ten times another price of the product"
    remedy = "Check its unit and its decimal mark."
    return told(TABLES["item_costs"], item_costs, price > 10 * lowest, text, "price", remedy=remedy)


@check("major")
def revenue_far_from_the_price(
    sales_history: DataFrame | None = None,
    budget: DataFrame | None = None,
    products: DataFrame | None = None,
    item_costs: DataFrame | None = None,
) -> Iterator[Issue | None]:
    """Find revenue per unit, actual or budget, that is far from the price."""
    prices = _price_ranges(products, item_costs)
    if sales_history is not None:
        yield _far_from_the_price("sales_history", sales_history, "product", prices)
    if budget is not None and prices:
        yield _far_from_the_price("budget", budget, "family", prices)


def _price_ranges(products: DataFrame | None, item_costs: DataFrame | None) -> dict[str, DataFrame]:
    """Lowest and highest price by product and by family; nothing where prices are not known."""
    if products is None or item_costs is None:
        return {}
    known = item_costs.merge(products[["product", "family"]], on="product")
    return {by: known.groupby(by)["price"].agg(["min", "max"]) for by in ("product", "family")}


def _far_from_the_price(
    name: str, frame: DataFrame, by: str, prices: dict[str, DataFrame]
) -> Issue | None:
    per_unit = frame["revenue"] / frame["quantity"].where(frame["quantity"] > 0)
    paid = per_unit.where(frame["revenue"].notna())
    usual = paid.groupby(frame[by]).transform("median")
    low, high = (frame[by].map(prices[by][side]) if prices else usual for side in ("min", "max"))
    low, high = low.fillna(usual), high.fillna(usual)
    odd = (low > 0) & ((paid < low / 10) | (paid > high * 10))
    odd |= (frame["quantity"] == 0) & (frame["revenue"] > 0) | (frame["revenue"] < 0)
    basis = "the price in item_costs" if prices else f"what is usual for the {by}"
    text = f"revenue per unit is less than a tenth or more than ten times {basis}"
    remedy = "Check both units, the currency, and that quantity and revenue are not swapped."
    return told(TABLES[name], frame, odd, text, "revenue", remedy=remedy)


@check("major")
def sold_while_out_of_stock(
    stock_availability: DataFrame, sales_history: DataFrame
) -> Issue | None:
    """Find sales in months without any stock."""
    key = ["product", "market", "period"]
    odd = stock_availability["in_stock_ratio"] == 0
    sold = sales_history.query("quantity > 0")
    sold = sold[sold["product"].isin(stock_availability.loc[odd, "product"])]
    odd[odd] = pd.MultiIndex.from_frame(stock_availability.loc[odd, key]).isin(
        pd.MultiIndex.from_frame(sold[key])
    )
    text = "in_stock_ratio is 0 in a month with sales in sales_history"
    remedy = "Enter the share of the month in which it was in stock, such as 0.1."
    return told(
        TABLES["stock_availability"], stock_availability, odd, text, "in_stock_ratio", remedy=remedy
    )


@check("major")
def families_without_budget(
    budget: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    product_groups: DataFrame | None = None,
) -> Issue | None:
    """Find months without budget of a family, where other families have one and it sold before."""
    sales = sales_history.query("quantity > 0")
    sold = sales[["product", "period"]].drop_duplicates()
    sold = attach(sold, products[["product", "family"]], default="")
    again = sold.assign(period=sold["period"] + YEAR)[["family", "period"]].drop_duplicates()
    again = pd.MultiIndex.from_frame(again[again["period"].isin(budget["period"])])
    covered = budget[["family", "period"]]
    if product_groups is not None:
        above = memberships(product_groups).rename(columns={"product_group": "family"})
        below = covered.merge(above, on="family")[["member", "period"]]
        covered = pd.concat([covered, below.rename(columns={"member": "family"})])
    absent = again.difference(pd.MultiIndex.from_frame(covered))
    odd = budget["family"].isin(absent.get_level_values(0)) & ~budget["family"].duplicated()
    text = (
        "a family has no budget in months in which other families have one and in which it sold a "
        "year before; the plan of these months is not compared"
    )
    return told(TABLES["budget"], budget, odd, text, "period", remedy="Add its other months.")


@check("critical", needs_sound=True)
def scenarios_that_cannot_be_planned(
    inputs: Inputs, scenario_changes: DataFrame
) -> Iterator[Issue]:
    """Find scenarios that cannot be applied."""
    tables = dict(with_budget_by_family(given(inputs)))
    touched = [tables[name].size for name in scenario_changes["table"].unique() if name in tables]
    if sum(touched) > MANY_CELLS:
        return
    for name, rows in scenario_changes.groupby("scenario"):
        try:
            scenarios.apply(tables, rows)
        except ValueError as error:
            text = f"scenario {shown(name)} cannot be planned: {error}"
            yield Issue("scenario_changes", text)
