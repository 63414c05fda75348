"""What no supply plan can be made from: said at once, with the rows and how to mend them."""

import pandas as pd

from sopkit.schema.tables import TABLES
from sopkit.tables.issues import Fault, TableError, fault


def refuse_impossible(
    horizon,
    products,
    demand_plan,
    unit_economics,
    product_sites,
    inventory_policy=None,
    resources=None,
    routings=None,
    resource_calendar=None,
    storage=None,
):
    """Refuse tables that contradict one another or leave a gap that nobody should fill silently.

    Raises
    ------
    TableError : a product with demand that nobody makes or sells to us, a planned month that a resource's calendar
        leaves out, or more stock wanted at a site than it can hold.
    """
    faults = [
        *_nobody_makes(products, demand_plan, unit_economics, product_sites, resources, routings),
        *_months_left_out(horizon, resources, resource_calendar),
        *_more_than_fits(inventory_policy, storage),
    ]
    if faults:
        raise TableError(faults)


def _nobody_makes(products, demand_plan, unit_economics, product_sites, resources, routings):
    """Where routings are known, a product with demand has one, or can be bought, or is all in stock."""
    if resources is None or routings is None:
        return []
    wanted = products.assign(
        consensus=products["product"]
        .map(demand_plan.groupby("product")["consensus"].sum())
        .fillna(0.0)
    )
    bought = unit_economics.loc[unit_economics["subcontract_cost"].notna(), "product"]
    stock = product_sites.groupby("product")["on_hand"].sum()
    short = wanted["consensus"] > wanted["product"].map(stock).fillna(0.0)
    broken = short & ~wanted["product"].isin(routings["product"]) & ~wanted["product"].isin(bought)
    remedy = "Add a routing, or a subcontract_cost to economics if the product is bought."
    return _faults(
        "products",
        wanted,
        broken,
        "a product with demand must be made or bought",
        "consensus",
        remedy,
    )


def _months_left_out(horizon, resources, resource_calendar):
    """A resource that has a calendar has one for every planned month."""
    if resources is None or resource_calendar is None:
        return []
    told = resources.loc[resources["resource"].isin(resource_calendar["resource"]), ["resource"]]
    wanted = told.merge(horizon[["period"]], how="cross")
    known = pd.MultiIndex.from_frame(resource_calendar[["resource", "period"]])
    missing = wanted[~pd.MultiIndex.from_frame(wanted).isin(known)]
    return [
        Fault(
            "resource_calendar",
            f"a resource's calendar must hold every planned month; {resource} has no row for"
            f" {', '.join(months['period'].astype('str'))}\n"
            "  Add these months to resource_calendar, or plan fewer: horizon_months in terms.",
        )
        for resource, months in missing.groupby("resource")
    ]


def _more_than_fits(inventory_policy, storage):
    """The stock that a site must keep, or must end with, fits into the site."""
    if inventory_policy is None or storage is None:
        return []
    faults = []
    for column in ("min_inventory", "ending_inventory"):
        asked = inventory_policy.groupby("site", as_index=False)[column].sum()
        rows = storage.merge(asked, on="site", how="left")
        broken = (rows[column] > rows["storage_limit"]) & rows["rent_cost"].isna()
        rule = f"{column} of all products of a site must fit into its storage_limit"
        remedy = "Lower it in inventory_policy, raise the limit, or give a rent_cost."
        faults += _faults("storage", rows, broken, rule, column, remedy)
    return faults


def _faults(name, rows, broken, rule, column, remedy):
    return [fault(TABLES[name], rows, broken, rule, column, None, remedy)] if broken.any() else []
