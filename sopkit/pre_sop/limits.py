"""The products of a gap, the constraints with the highest shadow prices, and what lifts them."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.bom import usage_per_unit

ONE_UNIT, IN_FULL = "one unit", "in full"  # how far a limit is lifted
FAR = 100.0  # times what a limit is, and as many more: above all that a plan uses
HELD_BY = {  # constraint: the table and column that say the limit, and the filter of its item
    "max workers": ("resources", "max_workers", "resource"),
    "overtime hours": ("resource_calendar", "overtime_hours_per_worker", "resource"),
    "machine hours": ("resource_calendar", "machine_hours", "resource"),
    "subcontract limit": ("item_costs", "subcontract_limit", "product"),
    "supply limit": ("sources", "supply_limit", "item"),
    "material": ("sources", "supply_limit", "item"),
    "storage": ("storage_capacity", "storage_limit", ""),
}
MONTHS_AHEAD = 6  # a limit is lifted at most so long before the gap begins


def bearing_on(
    family: str | None,
    resource: str | None,
    products: DataFrame,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> set[str] | None:
    """Name the products, resources and components related to a family or resource; else None."""
    if pd.notna(resource):
        if routings is None:
            return {resource}
        return {resource, *routings.loc[routings["resource"] == resource, "product"]}
    if pd.isna(family):
        return None
    made = set(products.loc[products["family"] == family, "product"])
    used = resources_of(family, products, routings)
    return made | used | _parts_of(made, bill_of_materials)


def resources_of(family: str, products: DataFrame, routings: DataFrame | None) -> set[str]:
    """Name the resources that produce the products of a family."""
    if routings is None:
        return set()
    made = products.loc[products["family"] == family, "product"]
    return set(routings.loc[routings["product"].isin(made), "resource"])


def products_using(
    component: str, products: DataFrame, bill_of_materials: DataFrame | None
) -> set[str]:
    """Name the products that contain a component, at any level."""
    if bill_of_materials is None or bill_of_materials.empty:
        return set()
    usage = usage_per_unit(bill_of_materials)
    return set(usage.loc[usage["component"] == component, "product"]) & set(products["product"])


def scarce_limits(
    items: set[str] | None, from_period: Period, to_period: Period, shadow_prices: DataFrame
) -> DataFrame:
    """List the most costly constraints of some items (or all), up to a gap's last month.

    Returns
    -------
    constraint, item : worth [money, of as much again], first [month]; the dearest first
    """
    rows = shadow_prices
    early = from_period - MONTHS_AHEAD
    rows = rows[(rows["shadow_price"] > 0) & rows["period"].between(early, to_period)]
    if items is not None:
        rows = rows[rows["item"].isin(items)]
    rows = rows.assign(worth=rows["shadow_price"] * rows["limit"])
    limits = rows.groupby(["constraint", "item"], as_index=False).agg(
        worth=("worth", "sum"), first=("period", "min")
    )
    return limits.sort_values(
        ["worth", "constraint", "item"], ascending=[False, True, True], ignore_index=True
    )


def _parts_of(made: set[str], bill_of_materials: DataFrame | None) -> set[str]:
    if bill_of_materials is None or bill_of_materials.empty:
        return set()
    usage = usage_per_unit(bill_of_materials)
    return set(usage.loc[usage["product"].isin(made), "component"])


def lifted(
    shadow_prices: DataFrame, tables: Mapping[str, DataFrame | None]
) -> dict[tuple[str, str, str], dict[str, object]]:
    """Lift each binding limit: by one unit, and in full.

    Limits that no number of an input table says, such as regular hours that come with workers, are
    not lifted. What is worth most in the plan comes first.

    Returns
    -------
    dict of (constraint, item, how far) -> the change that lifts it
    """
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    binding = shadow_prices[shadow_prices["shadow_price"] > 0]
    worth = (binding["shadow_price"] * binding["used"]).groupby(
        [binding["constraint"], binding["item"]]
    )
    for constraint, item in worth.sum().sort_values(ascending=False, kind="stable").index:
        change = _lift(constraint, item, tables)
        if change is not None:
            most, change = change
            found[constraint, item, ONE_UNIT] = {**change, "operation": "add", "amount": 1.0}
            found[constraint, item, IN_FULL] = {**change, "operation": "set", "amount": most}
    return found


def _lift(
    constraint: str, item: str, tables: Mapping[str, DataFrame | None]
) -> tuple[float, dict[str, object]] | None:
    """The cells that hold a limit, and a number above all that a plan could use; None without."""
    if constraint not in HELD_BY:
        return None
    table, column, filtered = HELD_BY[constraint]
    frame = tables.get(table)
    if frame is None or column not in frame:
        return None
    rows = frame[frame[filtered] == item] if filtered else frame
    cells = rows[column]
    if cells.empty or cells.isna().any():
        return None
    change = {"table": table, "column": column} | ({filtered: item} if filtered else {})
    return float(cells.max()) * FAR + FAR, change
