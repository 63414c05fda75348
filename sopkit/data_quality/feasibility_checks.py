"""Blocking checks: inputs that contradict one another or leave a gap without a default."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.marks import check, given
from sopkit.master_data import economics
from sopkit.master_data.bom import co_products
from sopkit.rules.call import call
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.schema.tables import TABLES, choices
from sopkit.tables.issues import BLOCKING, SOURCE, Issue, fault
from sopkit.tables.periods import YEAR

FAR_AHEAD = 120  # months from the last sale: too far to plan
CELL, PLACE = ["product", "market"], ["product", "site"]


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


# --------------------------------------------------------------------------------------------------
# months


@check(BLOCKING, withholds="planning_periods")
def cycle_without_history(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Refuse a cycle without sales history before it."""
    cycle, months = planning_periods["period"].min(), sales_history["period"]
    first, last = months.min(), months.max()
    if months.empty or (first < cycle and (cycle - last).n <= FAR_AHEAD):
        return None
    text = f"cycle {cycle} cannot be planned: {SOURCE} holds sales from {first} to {last}"
    remedy = f"Set the cycle, such as --cycle {last + 1}, or add the sales before it."
    return Issue("sales_history", f"{text}. {remedy}")


@check(BLOCKING)
def demand_inputs_of_closed_months(
    planning_periods: DataFrame, demand_inputs: DataFrame
) -> Issue | None:
    """Find demand inputs of closed months."""
    start = planning_periods["period"].min()
    rule = f"period must be in the planned months, which start {start}"
    remedy = "The month is closed and its sales are in sales_history. Remove these inputs."
    closed = demand_inputs["period"] < start
    return fault(TABLES["demand_inputs"], demand_inputs, closed, rule, "period", remedy=remedy)


@check(BLOCKING)
def stages_to_come(planning_periods: DataFrame, opportunity_history: DataFrame) -> Issue | None:
    """Find stages of the pipeline entered after the cycle's month."""
    cycle = planning_periods["period"].min()
    rule = f"entered_on must not be after the cycle's month, {cycle}"
    remedy = "Only stages already entered are history: correct the day, or remove the row."
    late = opportunity_history["entered_on"] > cycle.end_time
    return fault(
        TABLES["opportunity_history"], opportunity_history, late, rule, "entered_on", remedy=remedy
    )


@check(BLOCKING)
def calendar_without_planned_months(
    planning_periods: DataFrame, resources: DataFrame, resource_calendar: DataFrame
) -> Iterator[Issue]:
    """Find resources whose calendar lacks planned months."""
    stated = resources.loc[resources["resource"].isin(resource_calendar["resource"]), ["resource"]]
    wanted = stated.drop_duplicates().merge(planning_periods[["period"]], how="cross")
    known = pd.MultiIndex.from_frame(resource_calendar[["resource", "period"]])
    missing = wanted[~pd.MultiIndex.from_frame(wanted).isin(known)]
    for resource, months in missing.groupby("resource"):
        named = ", ".join(months["period"].astype("str"))
        rule = "a resource's calendar must have every planned month"
        remedy = (
            "Add these months to resource_calendar, or shorten horizon_months in company_settings."
        )
        text = f"{rule}; {resource} has no row for {named}"
        yield Issue("resource_calendar", text, remedy=remedy)


# --------------------------------------------------------------------------------------------------
# demand


@check(BLOCKING)
def launches_like_nothing_sold(
    planning_periods: DataFrame, sales_history: DataFrame, launches: DataFrame
) -> Issue | None:
    """Find launches whose like product has no sales in the market."""
    sold = (sales_history["period"] < planning_periods["period"].min()) & (
        sales_history["quantity"] > 0
    )
    like = launches[["like_product"]].assign(
        market=launches["like_market"].fillna(launches["market"])
    )
    broken = ~_pairs(like).isin(_pairs(sales_history.loc[sold, CELL]))
    rule = "like_product must have sales in the launch's market"
    remedy = (
        "Enter a like product with sales there, or in like_market a market with sales of it; "
        "volume_ratio scales the volume."
    )
    broken = Series(broken, index=launches.index)
    return fault(TABLES["launches"], launches, broken, rule, "like_product", remedy=remedy)


@check(BLOCKING)
def demand_inputs_without_baseline(
    planning_periods: DataFrame,
    sales_history: DataFrame,
    demand_inputs: DataFrame,
    launches: DataFrame | None = None,
) -> Issue | None:
    """Find demand inputs of products without sales or launch in the market."""
    sold = sales_history.loc[sales_history["period"] < planning_periods["period"].min(), CELL]
    known = [sold.drop_duplicates()]
    if launches is not None:
        planned = launches["launch_period"] <= planning_periods["period"].max()
        known.append(launches.loc[planned, CELL])
    strange = ~_pairs(demand_inputs[CELL]).isin(_pairs(pd.concat(known)))
    rule = "product and market must have a baseline or a launch"
    remedy = "Correct the product or market, or enter the new combination in launches."
    broken = Series(strange, index=demand_inputs.index)
    return fault(TABLES["demand_inputs"], demand_inputs, broken, rule, remedy=remedy)


# --------------------------------------------------------------------------------------------------
# prices, places and supply


@check(BLOCKING)
def products_without_price(
    sales_history: DataFrame, item_costs: DataFrame, launches: DataFrame | None = None
) -> Issue | None:
    """Find products without a price that sold in the last twelve months or are to be launched."""
    recent = sales_history[sales_history["period"] > sales_history["period"].max() - YEAR]
    wanted = set(recent.query("quantity > 0")["product"])
    wanted |= set() if launches is None else set(launches["product"])
    missing = ", ".join(sorted(wanted - set(item_costs["product"])))
    text = (
        f"no row for {missing}, which sold in the last twelve months or is to be launched; "
        "add its price and costs. (Without the whole table, prices are assumed.)"
    )
    return Issue("item_costs", text) if missing else None


@check(BLOCKING)
def markets_without_lane(
    sales_history: DataFrame, lanes: DataFrame, launches: DataFrame | None = None
) -> Issue | None:
    """Find markets with demand that no lane serves."""
    markets = set(sales_history["market"])
    markets |= set() if launches is None else set(launches["market"])
    cut_off = ", ".join(sorted(markets - set(lanes["market"])))
    text = f"no site serves market {cut_off}, which has demand; add a row for it"
    return Issue("lanes", text) if cut_off else None


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
    months = planning_periods["period"]
    horizon = (months.max().end_time - months.min().start_time).days + 1
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
        elsewhere &= ~_pairs(rows[PLACE]).isin(_pairs(tables["inventory"][PLACE]))
    if not elsewhere.any() or not {"products", "sales_history"} <= tables.keys():
        return elsewhere & False  # stock is at known sites only, or its site is unknown
    places = _places(tuple(tables), *tables.values())
    return elsewhere & ~_pairs(rows[PLACE]).isin(_pairs(places))


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
        bought = item_costs["subcontract_cost"].notna().groupby(item_costs["product"]).all()
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
def resources_that_move(resources: DataFrame) -> Iterator[Issue | None]:
    """Find dated rows of a resource that differ in what does not change over time."""
    for column in ("site", "opening_workers"):
        differ = resources.groupby("resource")[column].transform("nunique") > 1
        rule = f"{column} must be the same in every row of a resource"
        remedy = (
            "It does not change over time: enter one value in all its rows, or another resource."
        )
        yield fault(TABLES["resources"], resources, differ, rule, column, remedy=remedy)


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


@check(BLOCKING)
def more_stock_than_fits(
    inventory_policy: DataFrame, storage_capacity: DataFrame
) -> Iterator[Issue | None]:
    """Find required stock that exceeds the storage limit of its site."""
    for column in ("min_inventory", "ending_inventory"):
        asked = _most_asked(inventory_policy, column)
        rows = storage_capacity.assign(**{column: storage_capacity["site"].map(asked)})
        broken = (rows[column] > rows["storage_limit"]) & rows["overflow_storage_cost"].isna()
        rule = f"{column} of all products of a site must fit into its storage_limit"
        remedy = "Lower it in inventory_policy, raise the limit, or enter an overflow_storage_cost."
        yield fault(TABLES["storage_capacity"], rows, broken, rule, column, remedy=remedy)


def _most_asked(inventory_policy: DataFrame, column: str) -> Series:
    """The units that the policy asks of each site, each product's most over its dated rows."""
    each = inventory_policy.groupby(["site", "product"])[column].max()
    return each.groupby("site").sum()


@check(BLOCKING)
def certain_service(inventory_policy: DataFrame) -> Iterator[Issue | None]:
    """Find target service levels of 100 %."""
    for column in ("target_service_level", "target_fill_rate"):
        broken = (inventory_policy[column] >= 1).fillna(False).astype(bool)
        rule = f"{column} must be below 1"
        remedy = "No stock makes a stock-out impossible. Write 0.999 or less."
        yield fault(
            TABLES["inventory_policy"], inventory_policy, broken, rule, column, remedy=remedy
        )


# --------------------------------------------------------------------------------------------------
# money


@check(BLOCKING)
def goals_of_unknown_measures(goals: DataFrame) -> Issue | None:
    """Find goals of unknown measures."""
    known = [measure.name for measure in MEASURES.values() if measure.of_plan]
    broken = ~goals["measure"].isin(known)
    rule = f"measure must be one of {', '.join(known)}"
    remedy = "Use the name in the data dictionary."
    return fault(TABLES["goals"], goals, broken, rule, "measure", remedy=remedy)


@check(BLOCKING)
def goals_of_a_strange_dimension(goals: DataFrame) -> Iterator[Issue | None]:
    """Find goals with a dimension that their measure lacks, or half of dimension and item."""
    return _strange_dimensions("goals", goals)


@check(BLOCKING)
def targets_of_a_strange_dimension(kpi_targets: DataFrame) -> Iterator[Issue | None]:
    """Find targets with a dimension that their measure lacks, or half of dimension and item."""
    return _strange_dimensions("kpi_targets", kpi_targets)


def _strange_dimensions(name: str, rows: DataFrame) -> Iterator[Issue | None]:
    half = rows["dimension"].isna() != rows["item"].isna()
    rule, remedy = (
        "dimension and item must both be given",
        "Enter both, or neither for the company.",
    )
    yield fault(TABLES[name], rows, half, rule, "item", remedy=remedy)
    has = {(m.name, dimension) for m in MEASURES.values() for dimension in m.dimensions}
    pairs = pd.MultiIndex.from_frame(rows[["measure", "dimension"]])
    strange = rows["measure"].isin(MEASURES) & rows["dimension"].notna() & ~pairs.isin(has)
    rule = "dimension must be one that the measure has"
    for measure, some in rows[strange].groupby("measure"):
        of = choices(TABLES[name], "dimension")
        known = ", ".join(d for d in MEASURES[measure].dimensions if d in of)
        remedy = f"{measure} can be split by {known}: enter one, or leave dimension and item empty."
        if not known:
            remedy = f"{measure} has no dimension: leave dimension and item empty."
        broken = rows.index.to_series().isin(some.index)
        yield fault(TABLES[name], rows, broken, rule, "dimension", remedy=remedy)


def _pairs(frame: DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame)
