"""Complete master data of the plan: prices and costs, sourcing, locations, worker calendars.

Later stages read prices, lanes and sites from here, so the default of a missing row is given once,
in `basis` or in `data_issues`.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.assumed_costs import (
    BACKLOG_SHARE,
    HOLDING_SHARE,
    assumed_economics,
    material_by_source,
)
from sopkit.master_data.bom import co_products
from sopkit.master_data.dated import once, position_in_force
from sopkit.master_data.selling_prices import list_prices
from sopkit.master_data.sources import first_inbound_freight
from sopkit.rules.remember import remembered
from sopkit.schema.formatting import month
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.periods import months_of, weekdays_left, working_days

MAIN_SITE = "main"  # the one site of a company that names none
DAY_HOURS = 8.0  # worked on a weekday that no calendar describes
PLACE = ["product", "site"]
HOURS = ["working_days", "regular_hours_per_worker", "overtime_hours_per_worker", "machine_hours"]


def unit_economics(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    item_costs: DataFrame | None = None,
    sources: DataFrame | None = None,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """List price and costs of every product in every planned month.

    The row of `item_costs` in force is the latest that started by that month. Without the table,
    and for products that it has no row of, a product is priced at last year's revenue per unit.
    What a row leaves open is taken as without it: holding and backlog costs are shares of the
    price, the material cost is what its first source asks, or those of its components; `basis` says
    which, and `costed` whether the cost is given.
    Inbound freight of what is purchased and not made is that of its first source; a unit in stock
    is worth it beside the material.

    Returns
    -------
    product, period : price, material_cost [money per unit], holding_cost, backlog_cost [money per
        unit and month], basis, costed, lost_sale_cost, subcontract_cost, inbound_freight_cost
        [money per unit],
        subcontract_limit [units a month]
    """
    grid = products[["product"]].merge(planning_periods[["period"]], how="cross")
    known = grid.iloc[:0]
    if item_costs is not None:
        known = _known_costs(grid, list_prices(item_costs).reset_index(drop=True))
        known = _with_what_is_left_open(known, sources, bill_of_materials)
    rest = grid[~grid["product"].isin(known["product"])]
    assumed = assumed_economics(rest, sales_history, sources, bill_of_materials)
    result = pd.concat([known, assumed], ignore_index=True)
    result = result.assign(inbound_freight_cost=_inbound_freight(result, sources, routings))
    columns = [c for c in TABLES["unit_economics"].columns if c in result.columns]
    return result[columns].sort_values(["product", "period"], ignore_index=True)


def _inbound_freight(rows, sources, routings):
    """Inbound freight of a unit of each row's product in its month; of what is made, nothing."""
    months = pd.PeriodIndex(rows["period"].unique()).sort_values()
    items = rows["product"].drop_duplicates()
    if routings is not None:
        items = items[~items.isin(routings["product"])]
    freight = first_inbound_freight(sources, items, months)
    row = pd.Index(items).get_indexer(rows["product"])
    column = months.get_indexer(pd.PeriodIndex(rows["period"]))
    return np.where(row >= 0, freight[row, column] if len(items) else 0.0, 0.0)


def _known_costs(grid, item_costs):
    """Join each month to the item costs in force, and say from when they are."""
    row, started = position_in_force(item_costs, ["product"], grid)
    grid, started, row = grid[row >= 0], started[row >= 0], row[row >= 0]
    dated = item_costs["effective_from"].notna()
    since = " from " + item_costs["effective_from"].map(month, na_action="ignore").astype("str")
    costs = item_costs.drop(columns=["product", "market"]).assign(
        basis="item costs" + since.where(dated, "")
    )
    costs = costs.take(row)
    known = grid.assign(**{name: costs[name].array for name in costs})
    note = np.where(started, "", ", not yet in force")
    return known.assign(basis=known["basis"] + note)


def _with_what_is_left_open(known, sources, bill_of_materials):
    """Costs that a row leaves open: material as sources ask, else not known; holding and backlog
    are shares of the price."""
    asked = material_by_source(sources, bill_of_materials)
    material = known["material_cost"].fillna(known["product"].map(asked))
    shares = {"holding_cost": HOLDING_SHARE, "backlog_cost": BACKLOG_SHARE}
    filled = {name: known[name].fillna(share * known["price"]) for name, share in shares.items()}
    return known.assign(material_cost=material.fillna(0.0), costed=material.notna(), **filled)


def sourcing_network(
    sales_history: DataFrame,
    launches: DataFrame | None = None,
    lanes: DataFrame | None = None,
    resources: DataFrame | None = None,
    inventory: DataFrame | None = None,
) -> DataFrame:
    """List which site serves which market.

    Without `lanes` every known site serves every market, free of freight; without any known site
    there is one, "main".

    Returns
    -------
    site, market, effective_from : freight_cost [money per unit], lead_time_days [days; empty where
        not given]
    """
    if lanes is None:
        markets = _distinct("market", sales_history, launches)
        sites = _distinct("site", resources, inventory)
        sites = sites if len(sites) else pd.DataFrame({"site": [MAIN_SITE]})
        every = sites.merge(markets, how="cross")
        none = pd.PeriodIndex([pd.NaT] * len(every), freq="M")
        return every.assign(effective_from=none, freight_cost=0.0, lead_time_days=np.nan)
    columns = [c for c in TABLES["sourcing_network"].columns if c in lanes.columns]
    keys = ["site", "market", "effective_from"]
    return lanes[columns].sort_values(keys, ignore_index=True, na_position="first")


def item_locations(
    products: DataFrame,
    sourcing_network: DataFrame,
    inventory: DataFrame | None = None,
    routings: DataFrame | None = None,
    resources: DataFrame | None = None,
    transfer_lanes: DataFrame | None = None,
    sources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """List the sites that stock, produce and purchase each product.

    A product is produced at the sites of its routings' resources; one without routings at every
    site, unless it is purchased or a co-product, which is produced where its parent is. Suppliers
    deliver to the site that `sources` names, or to every site.
    It is held where it is made or delivered, where `inventory` counts it, and where transfer lanes
    lead from there.

    Returns
    -------
    product, site : on_hand [units], produced_here, purchased_here
    """
    everywhere = products[["product"]].merge(_distinct("site", sourcing_network), how="cross")
    bought = _delivered_to(everywhere, sources)
    routed = everywhere.iloc[:0]
    if routings is not None and resources is not None:
        places = once(resources, "resource")[["resource", "site"]]
        routed = attach(routings[["product", "resource"]], places)[PLACE]
    free = everywhere[~everywhere["product"].isin([*routed["product"], *bought["product"]])]
    made = _with_co_products(routed, free, bill_of_materials)
    counted = [] if inventory is None else [inventory[PLACE]]
    pairs = _reached(pd.concat([made, bought, *counted]), transfer_lanes)
    if inventory is None:
        pairs = pairs.assign(on_hand=0.0)
    else:
        pairs = attach(pairs, inventory[[*PLACE, "on_hand"]], default=0.0)
    for name, places in (("produced_here", made), ("purchased_here", bought)):
        pairs = attach(pairs, places.assign(**{name: True}), default=False).astype({name: bool})
    return pairs


def _delivered_to(everywhere, sources):
    """The products and sites to which suppliers deliver."""
    if sources is None:
        return everywhere.iloc[:0]
    rows = sources.rename(columns={"item": "product"})[PLACE]
    rows = rows[rows["product"].isin(everywhere["product"])]
    anywhere = everywhere[everywhere["product"].isin(rows.loc[rows["site"].isna(), "product"])]
    return pd.concat([rows.dropna(), anywhere], ignore_index=True).drop_duplicates()


def _with_co_products(routed, free, bill_of_materials):
    """The products and sites of routings and of free making; co-products follow their parents."""
    made = pd.concat([routed, free], ignore_index=True).drop_duplicates()
    if bill_of_materials is None:
        return made
    follow = co_products(bill_of_materials)
    follow = follow[~follow["item"].isin(routed["product"])]
    own = made[~made["product"].isin(follow["item"])]
    with_parent = follow.merge(own, left_on="parent", right_on="product")
    with_parent = with_parent[["item", "site"]].rename(columns={"item": "product"})
    return pd.concat([own, with_parent], ignore_index=True).drop_duplicates()


def _reached(pairs, transfer_lanes):
    """The products and sites, in order, and all sites that transfers lead to from them."""
    pairs = pairs.drop_duplicates()
    if transfer_lanes is None:
        return pairs.sort_values(PLACE, ignore_index=True)
    product, products = pd.factorize(pairs["product"], sort=True)
    ends = (pairs["site"], transfer_lanes["site"], transfer_lanes["to_site"])
    site, sites = pd.factorize(pd.concat(ends), sort=True)
    here, start, end = np.split(site, np.cumsum([len(each) for each in ends])[:-1])
    leads = np.eye(len(sites), dtype=bool)
    leads[start, end] = True
    held = np.zeros((len(products), len(sites)), dtype=bool)
    held[product, here] = True
    while not np.array_equal(held, further := held @ leads):
        held = further
    row, column = np.nonzero(held)
    return DataFrame({"product": products.take(row), "site": sites.take(column)})


def worker_calendar(
    planning_periods: DataFrame, resources: DataFrame, resource_calendar: DataFrame | None = None
) -> DataFrame:
    """The calendar of every resource in every planned month.

    Months that the calendar leaves out are worked 8 hours on each weekday, without overtime or
    machine limit. Of a month that has begun, the share of its weekdays after the as-of day is left.

    Returns
    -------
    resource, period : working_days [days], regular_hours_per_worker, overtime_hours_per_worker,
        machine_hours [hours; machine_hours empty where no machine limits]
    """
    codes = resources["resource"].drop_duplicates().sort_values()
    rows = codes.to_frame().merge(planning_periods[["period"]], how="cross")
    weekdays = (
        working_days(planning_periods).groupby("period", as_index=False)["working_days"].sum()
    )
    usual = attach(rows, weekdays)
    usual["regular_hours_per_worker"] = usual["working_days"] * DAY_HOURS
    usual = usual.assign(overtime_hours_per_worker=0.0, machine_hours=np.nan)
    left = attach(rows, _weekdays_left(planning_periods))["left"]
    if resource_calendar is None:
        return usual.assign(**{name: usual[name] * left for name in HOURS})
    stated = attach(
        rows, resource_calendar[["resource", "period", *HOURS]].assign(stated=True), default=np.nan
    )
    calendar = usual.where(stated["stated"].isna(), stated[usual.columns])
    return calendar.assign(**{name: calendar[name] * left for name in HOURS})


def _weekdays_left(planning_periods):
    return planning_periods[["period"]].assign(left=weekdays_left(planning_periods))


@remembered
def crew_calendar(
    planning_periods: DataFrame,
    resources: DataFrame | None,
    resource_calendar: DataFrame | None = None,
) -> ArrayTable:
    """The calendar of every resource as arrays; without resources it has no rows.

    Returns
    -------
    resource, in order of their codes : as of `worker_calendar`
    """
    months = months_of(planning_periods)
    if resources is None:
        none = DataFrame({"resource": pd.Series(dtype="str")})
        return ArrayTable(Keys(none), months, dict.fromkeys(HOURS, np.zeros((0, len(months)))))
    rows = worker_calendar(planning_periods, resources, resource_calendar)
    return ArrayTable.of_rows(rows, ["resource"], months)


@remembered
def ways_to_do(routings: DataFrame) -> Series:
    """How many resources can do the same step of the same product, for each routing.

    Returns
    -------
    a count, by row of `routings`
    """
    steps = routings.groupby(["product", routings["routing_step"].fillna(0)])["resource"]
    return steps.transform("nunique")


def _distinct(column, *frames):
    """The sorted distinct values of a column over the tables that are there."""
    values = pd.concat([f[column] for f in frames if f is not None] or [pd.Series([], dtype="str")])
    return values.drop_duplicates().sort_values(ignore_index=True).to_frame(column)
