"""Blocking checks of where products and components are produced, stocked and purchased."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.marks import check, given
from sopkit.master_data import economics
from sopkit.master_data.bom import co_products
from sopkit.master_data.selling_prices import list_prices
from sopkit.rules.call import call
from sopkit.rules.remember import remembered
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, Issue, fault
from sopkit.tables.periods import day_counts

PLACE = ["product", "site"]


@dataclass(frozen=True)
class Network:
    """The tables that say where products are made and kept."""

    products: DataFrame | None = None
    sales_history: DataFrame | None = None
    launches: DataFrame | None = None
    lanes: DataFrame | None = None
    transfer_lanes: DataFrame | None = None
    inventory: DataFrame | None = None
    routings: DataFrame | None = None
    resources: DataFrame | None = None
    sources: DataFrame | None = None
    bill_of_materials: DataFrame | None = None


@check(BLOCKING)
def orders_where_nothing_is_held(
    network: Network, products: DataFrame, purchase_orders: DataFrame
) -> Iterator[Issue | None]:
    """Find purchase orders of products for a site that does not hold them, or for none of many."""
    table = TABLES["purchase_orders"]
    rows = purchase_orders.rename(columns={"item": "product"})
    goods = rows["product"].isin(products["product"])
    elsewhere = goods & rows["site"].notna()
    elsewhere[elsewhere] = _held_elsewhere(network, rows[elsewhere])
    rule = "an order must be for a site that produces, purchases or stocks the product"
    remedy = (
        "Correct the site, add the product to its inventory (0 units are enough), or add a "
        "transfer lane to the site."
    )
    yield fault(table, purchase_orders, elsewhere, rule, "site", remedy=remedy)
    inventory = given(network).get("inventory")
    if inventory is not None:
        several = inventory.groupby("product")["site"].nunique()
        unclear = goods & rows["site"].isna() & (rows["product"].map(several) > 1)
        rule = "an order of a product that several sites hold must name its site"
        remedy = "Enter the site to which it is delivered."
        yield fault(table, purchase_orders, unclear, rule, "site", remedy=remedy)


@check(BLOCKING)
def sources_that_never_deliver(planning_periods: DataFrame, sources: DataFrame) -> Issue | None:
    """Find lead times beyond the planned months."""
    horizon = int(day_counts(planning_periods).sum())
    late = sources["lead_time_days"] > horizon
    rule = f"lead_time_days must be within the planned months, {horizon} days"
    remedy = "Correct it, or plan more months by horizon_months in company_settings."
    return fault(TABLES["sources"], sources, late, rule, "lead_time_days", remedy=remedy)


@check(BLOCKING)
def sites_of_component_sources(products: DataFrame, sources: DataFrame) -> Issue | None:
    """Find sources of components that name a site: components are planned for all sites."""
    broken = sources["site"].notna() & ~sources["item"].isin(products["product"])
    rule = "site must be empty for a component: its stock is planned for all sites together"
    remedy = "Leave site empty, or add the item to products."
    return fault(TABLES["sources"], sources, broken, rule, "site", remedy=remedy)


@check(BLOCKING)
def stock_rules_where_nothing_is_held(
    network: Network, inventory_policy: DataFrame
) -> Issue | None:
    """Find inventory policies for a site that neither produces nor stocks the product."""
    broken = inventory_policy["site"].notna()
    broken[broken] = _held_elsewhere(network, inventory_policy[broken])
    rule = "a policy must be for a site that produces or stocks the product"
    remedy = (
        "Correct the site, leave it empty, or add the product to its inventory (0 units are "
        "enough)."
    )
    table = TABLES["inventory_policy"]
    return fault(table, inventory_policy, broken, rule, "site", remedy=remedy)


def _held_elsewhere(network: Network, rows: DataFrame) -> Series:
    """Mark the rows about a product at a site that neither makes nor keeps it."""
    tables, elsewhere = given(network), Series(True, index=rows.index)
    if "inventory" in tables:
        elsewhere &= ~_at(rows).isin(_at(tables["inventory"]))
    if not elsewhere.any() or not {"products", "sales_history"} <= tables.keys():
        return elsewhere & False  # stock is at known sites only, or its site is unknown
    places = _places(tuple(tables), *tables.values())
    return elsewhere & ~_at(rows).isin(_at(places))


def _at(rows: DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[PLACE])


@remembered
def _places(names: tuple[str, ...], *tables: DataFrame) -> DataFrame:
    """The sites that make and keep each product, of the tables of these names."""
    known = dict(zip(names, tables, strict=True))
    known["sourcing_network"] = call(economics.sourcing_network, known)
    return call(economics.item_locations, known)[PLACE]


def _unrouted(
    products: DataFrame,
    resources: DataFrame,  # noqa: ARG001 - without any, making takes no capacity
    routings: DataFrame,
    item_costs: DataFrame | None = None,
) -> bool:
    """Whether any product has no routing, and is not always bought."""
    unrouted = ~products["product"].isin(routings["product"])
    if item_costs is not None:
        listed = list_prices(item_costs)
        bought = listed["subcontract_cost"].notna().groupby(listed["product"]).all()
        unrouted &= ~products["product"].isin(bought.index[bought])
    return bool(unrouted.any())


@check(BLOCKING, suspects=_unrouted)
def products_nobody_makes(
    products: DataFrame,
    demand_plan: DataFrame,
    unit_economics: DataFrame,
    item_locations: DataFrame,
    resources: DataFrame,  # noqa: ARG001 - without any, making takes no capacity
    routings: DataFrame,
    sources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> Issue | None:
    """Find products with demand that are neither produced, purchased nor in stock."""
    bought = unit_economics.loc[unit_economics["subcontract_cost"].notna(), "product"]
    made = {*routings["product"], *bought}
    made |= set() if sources is None else set(sources["item"])
    if bill_of_materials is not None:
        made |= set(co_products(bill_of_materials)["item"])
    unmade = ~products["product"].isin(made)
    if not unmade.any():
        return None
    total_demand = products["product"].map(demand_plan.groupby("product")["total_demand"].sum())
    wanted = products.assign(total_demand=total_demand.fillna(0.0))
    stock = item_locations.groupby("product")["on_hand"].sum()
    short = wanted["total_demand"] > wanted["product"].map(stock).fillna(0.0)
    broken = short & unmade
    rule = "a product with demand must be produced, subcontracted or purchased"
    remedy = (
        "Add a routing, a subcontract_cost in item_costs if it is subcontracted, or a row of "
        "sources if it is purchased."
    )
    return fault(TABLES["products"], wanted, broken, rule, "total_demand", remedy=remedy)


@check(BLOCKING)
def components_without_source(
    products: DataFrame, bill_of_materials: DataFrame, sources: DataFrame
) -> Issue | None:
    """Find purchased components that no source supplies, where sources are given."""
    bill, parts = bill_of_materials, bill_of_materials["component"]
    used = ~bill["co_product"].fillna(False).astype(bool)
    made = parts.isin(bill["product"]) | parts.isin(products["product"])
    bought = sources["item"].isin(parts).any()
    broken = used & ~made & ~parts.isin(sources["item"]) & bought
    rule = "a component must have a source, or components of its own"
    remedy = "Add a row to sources: item and supplier, and what is known of lead time and price."
    return fault(TABLES["bill_of_materials"], bill, broken, rule, "component", remedy=remedy)
