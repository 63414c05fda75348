"""Checks of cells against other columns and rows of their table."""

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame, Series

from sopkit.data_quality.marks import Inputs, check, given
from sopkit.schema.columns import LOST, WON
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import Issue, shown, told, with_rows

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
OTHER_THAN = (("launches", "product", "replaces_product"), ("transfer_lanes", "site", "to_site"))
# fmt: on


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
