"""Checks of cells against other columns, rows and tables."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit import scenarios
from sopkit.data_quality.marks import Inputs, check, given
from sopkit.master_data.group_budgets import with_budget_by_family
from sopkit.schema.columns import LOST, WON
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.hierarchies import memberships
from sopkit.tables.issues import Issue, shown, told, with_rows
from sopkit.tables.periods import YEAR

SINGLE = (
    "piece",
    "evidence_count",
    "pc",
    "pcs",
    "each",
    "ea",
    "unit",
    "units",
    "set",
    "pair",
)  # counted together
MANY_CELLS = (
    5_000_000  # of the tables that scenarios change; trying them out on more takes too long
)
FEW = 3  # rows that show what is usual
# fmt: off
NOT_ABOVE = (  # table, column, limit
    ("item_costs", "material_cost", "price"), ("item_costs", "holding_cost", "price"),
    ("resources", "opening_workers", "max_workers"), ("resources", "regular_wage", "overtime_wage"),
    ("inventory_policy", "min_inventory", "max_inventory"), ("inventory_policy", "ending_inventory", "max_inventory"),
    ("inventory_policy", "target_cover_months", "max_cover_months"), ("sources", "min_order", "supply_limit"),
    ("budget", "margin", "revenue"),
)
PEERS = (  # table, column, group, multiple of the usual of the group that is an anomaly
    ("sales_history", "quantity", ("product", "market"), 100), ("demand_inputs", "quantity", ("product", "market"), 100),
    ("sales_orders", "quantity", ("product", "market"), 100), ("approved_forecasts", "quantity", ("product", "market"), 100),
    ("approved_supply_plans", "regular", ("product", "site"), 100), ("production_history", "produced", ("product", "site"), 100),
    ("budget", "quantity", ("family",), 100), ("budget", "revenue", ("family",), 100), ("hours_history", "regular_hours", ("resource",), 10),
    ("resource_calendar", "regular_hours_per_worker", ("resource",), 10), ("resources", "regular_wage", (), 20),
    ("routings", "hours_per_unit", ("family",), 20), ("bill_of_materials", "quantity_per_unit", ("component",), 100),
    ("sources", "lead_time_days", ("supplier",), 10), ("sources", "unit_cost", ("item",), 10),
)
COUNTED = (("sales_history", "quantity"), ("inventory", "on_hand"), ("purchase_orders", "quantity"), ("sales_orders", "quantity"))
NEEDS = (  # table, column, tables that should have it when given, meaning if they do not
    ("components", "component", ("bill_of_materials",), "no product uses it"),
    ("purchase_orders", "supplier", ("sources",), "it is no supplier of any item"),
    ("resources", "resource", ("routings",), "it produces nothing"),
    ("opportunities", "stage", ("opportunity_history",), "its deals never entered it"), ("opportunity_history", "stage", ("opportunities",), "no deal is in it"),
)
# tables in which a site is at home
SITES = ("inventory", "resources", "lanes", "transfer_lanes", "storage_capacity")
OTHER_THAN = (("launches", "product", "replaces_product"), ("transfer_lanes", "site", "to_site"))
# fmt: on


# --------------------------------------------------------------------------------------------------
# the same table


@check("major")
def limits_above_limits(inputs: Inputs) -> Iterator[Issue | None]:
    """Find values above the limit that another column gives; see `NOT_ABOVE`."""
    for name, low, high in NOT_ABOVE:
        frame = given(inputs).get(name)
        if frame is not None:
            text = f"{low} is more than {high}"
            remedy = f"Check both and their units: {high} must be at least {low}."
            yield told(TABLES[name], frame, frame[low] > frame[high], text, low, remedy=remedy)


@check("major")
def numbers_unlike_their_peers(inputs: Inputs) -> Iterator[Issue | None]:
    """Find numbers many times as large as the usual of their group; see `PEERS`."""
    tables = given(inputs)
    for name, column, group, times in PEERS:
        if name not in tables:
            continue
        frame = tables[name]
        if group == ("family",) and "family" not in frame:
            families = (
                tables["products"].set_index("product")["family"] if "products" in tables else {}
            )
            frame = frame.assign(family=frame["product"].map(families))
        cells = frame[column].where(frame[column] > 0)
        by = [frame[c] for c in group] if group else np.zeros(len(cells))
        alike = cells.groupby(by)
        usual = alike.transform("median").where(alike.transform("count") >= FEW)
        whose = f"of its {' and '.join(group)}" if group else "of the others"
        odd = cells > times * usual
        text = f"{column} is more than {times} times the usual {whose} ({usual[odd].max():,.6g})"
        remedy = "Check its unit, its decimal mark and its thousands marks."
        yield told(TABLES[name], tables[name], odd, text, column, remedy=remedy)


@check("major")
def parts_of_pieces(inputs: Inputs, products: DataFrame) -> Iterator[Issue | None]:
    """Find fractions of products that are counted in pieces."""
    units = products.set_index("product")["unit_of_measure"].str.casefold()
    for name, column in COUNTED:
        frame = given(inputs).get(name)
        if frame is not None:
            odd = frame[column] % 1 != 0
            code = "product" if "product" in frame else "item"
            odd[odd] = frame.loc[odd, code].map(units).isin(SINGLE)
            text = f"{column} is not a whole number, but the product is counted in pieces"
            remedy = (
                "Check whether the point separates thousands, or correct unit_of_measure in "
                "products."
            )
            yield told(TABLES[name], frame, odd, text, column, remedy=remedy)


@check("major")
def things_beside_themselves(inputs: Inputs) -> Iterator[Issue | None]:
    """Find rows that replace or supply themselves."""
    for name, one, other in OTHER_THAN:
        frame = given(inputs).get(name)
        if frame is not None:
            text, remedy = f"{other} is the same as {one}", "Enter another one, or remove the row."
            same = frame[one] == frame[other]
            yield told(TABLES[name], frame, same, text, other, remedy=remedy)


@check("major")
def deals_that_go_on_after_closing(opportunity_history: DataFrame) -> Issue | None:
    """Find deals that entered a stage after they were won or lost."""
    entered = opportunity_history["entered_on"]
    closing = opportunity_history["stage"].str.casefold().isin([WON, LOST])
    closed = entered.where(closing).groupby(opportunity_history["opportunity"]).transform("min")
    text = "entered_on is after the deal was won or lost"
    remedy = "Correct the date, or remove the stage that was not entered."
    late = entered > closed
    return told(
        TABLES["opportunity_history"], opportunity_history, late, text, "entered_on", remedy=remedy
    )


@check("major")
def sites_that_never_open(working_hours: DataFrame) -> Issue | None:
    """Find sites without working hours."""
    odd = working_hours.groupby("site")["hours"].transform("sum") == 0
    text, remedy = (
        "hours are 0 on every day: the site never works",
        "Enter its hours, or remove its rows.",
    )
    return told(TABLES["working_hours"], working_hours, odd, text, "hours", remedy=remedy)


@check("major")
def series_of_one_month(sales_history: DataFrame) -> Issue | None:
    """Find products with sales in a market in one month only."""
    series = _series(sales_history)
    remedy = "Add its other months, with 0 where nothing was sold."
    text = "has one month of sales only"
    return _of_series(sales_history, series, series["size"] == 1, text, remedy)


@check("major")
def series_that_never_sold(sales_history: DataFrame) -> Issue | None:
    """Find products without sales in a market."""
    series = _series(sales_history)
    odd = (series["max"] == 0) & (series["size"] > 1)
    remedy = "Remove it, or correct its quantities."
    return _of_series(sales_history, series, odd, "has no sales", remedy)


def _series(sales_history: DataFrame) -> DataFrame:
    by = sales_history.groupby(["product", "market"], sort=False)
    return by["quantity"].agg(["size", "max"])


def _of_series(
    sales: DataFrame, series: DataFrame, odd: Series, text: str, remedy: str
) -> Issue | None:
    """Word an anomaly of products in markets, with the first row of each."""
    first = ~sales.duplicated(["product", "market"])  # of each series, in the order of `series`
    first[first] = odd.to_numpy()
    text = f"a product in a market {text} ({odd.sum():,} of {len(series):,} series):"
    return with_rows(TABLES["sales_history"], sales, first, text, "quantity", remedy=remedy)


@check("major")
def units_that_differ_in_a_family(products: DataFrame) -> Issue | None:
    """Find families with different units of measure."""
    units = products["unit_of_measure"].str.casefold()
    units = units.mask(units.isin(SINGLE), SINGLE[0])
    usual = units.groupby(products["family"]).transform(lambda cells: cells.mode().iloc[0])
    odd = units != usual
    families = ", ".join(map(shown, products.loc[odd, "family"].unique()[:3]))
    text = f"unit_of_measure differs within a family ({families}), whose quantities are summed"
    remedy = "Use one unit, or split the family."
    return told(TABLES["products"], products, odd, text, "unit_of_measure", remedy=remedy)


# --------------------------------------------------------------------------------------------------
# other tables


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
