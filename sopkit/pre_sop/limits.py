"""The products of a gap, and the constraints with the highest shadow prices."""

import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.bom import usage_per_unit

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
