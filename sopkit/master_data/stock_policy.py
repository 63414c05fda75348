"""The inventory policy of each product and site, and demand by site."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex
from scipy.sparse import csr_array

from sopkit.master_data.dated import in_force, once
from sopkit.master_data.freight import LANE, mean_freight
from sopkit.master_data.safety_stock import INTERVAL_WIDTH
from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, grouped, keys_of, rows_in
from sopkit.tables.on_arrays import on_arrays

SITE = ["product", "site"]
NEVER = -800.0  # the logarithm of no chance at all
UNITS = ["min_inventory", "max_inventory", "ending_inventory"]
SERVICE = ["target_service_level", "target_fill_rate"]
LEVELS = [*UNITS, *SERVICE, "target_cover_months", "max_cover_months"]
RULES = [
    *SERVICE,
    *UNITS,
    "target_cover_months",
    "max_cover_months",
    "lead_time_days",
    "forecast_error_correlation",
    "demand_distribution",
]


@on_arrays
@remembered
def site_demand(
    demand_plan: ArrayTable, sourcing_network: DataFrame, item_locations: DataFrame
) -> ArrayTable:
    """Allocate demand to sites: each market to its supplying sites of least freight, equally.

    Freight is that of the planned months on average.

    A market that no such site serves counts on none.

    Returns
    -------
    product, site, period : demand [units], variance [units squared], markets taken as independent,
        zero_probability [ratio], the chance that no market wants anything
    """
    lanes = mean_freight(sourcing_network, LANE, demand_plan.months)
    stocks, share = _counted_on(demand_plan.keys, lanes, item_locations)
    with np.errstate(divide="ignore"):  # the logarithm of no chance
        nothing = np.log(np.nan_to_num(demand_plan["zero_probability"]))
    columns = {
        "demand": share @ demand_plan["total_demand"],
        "variance": share.power(2) @ month_deviation(demand_plan) ** 2,
        "zero_probability": np.exp(share.sign() @ np.maximum(nothing, NEVER)),
    }
    return ArrayTable(stocks, demand_plan.months, columns)


def month_deviation(demand_plan: ArrayTable | DataFrame) -> np.ndarray:
    """The standard deviation of each month's demand [units]: as forecast, else by its interval."""
    width = (demand_plan["upper_80"] - demand_plan["lower_80"]) / INTERVAL_WIDTH
    known = np.asarray(demand_plan["demand_std"], dtype=float)
    return np.where(np.isnan(known), width, known)


@remembered
def _counted_on(
    wants: Keys, network: DataFrame, item_locations: DataFrame
) -> tuple[Keys, csr_array]:
    """The products and sites that demand counts on, and the share of each row of demand."""
    supplied = item_locations["produced_here"] | item_locations["purchased_here"]
    lanes = item_locations.loc[supplied, SITE].merge(network, on="site")
    market = lanes.groupby(["product", "market"])["freight_cost"]
    lanes = lanes[lanes["freight_cost"] <= market.transform("min")]
    lanes["share"] = 1 / lanes.groupby(["product", "market"])["site"].transform("size")
    rows = wants.frame.reset_index(names="want").merge(lanes, on=["product", "market"])
    stocks = rows[SITE].drop_duplicates().sort_values(SITE, ignore_index=True)
    row = pd.MultiIndex.from_frame(stocks).get_indexer(pd.MultiIndex.from_frame(rows[SITE]))
    share = csr_array((rows["share"], (row, rows["want"])), shape=(len(stocks), len(wants)))
    return Keys(stocks), share


@remembered
def stock_levels(
    item_locations: DataFrame,
    demand: ArrayTable,
    months: PeriodIndex,
    inventory_policy: DataFrame | None = None,
) -> ArrayTable:
    """The levels of stock and service that the policy in force asks of every product and site.

    What `stock_policy` says of rows holds here too, in each month.

    Returns
    -------
    product, site : min_inventory, max_inventory, ending_inventory [units], target_cover_months,
        max_cover_months [months], target_service_level, target_fill_rate [ratio]; nan where the
        policy says nothing
    """
    cells = ArrayTable(keys_of(_held(item_locations), *SITE), months, {})
    if inventory_policy is None:
        return cells.assign(**dict.fromkeys(LEVELS, np.full(cells.shape, np.nan)))
    rows = in_force(inventory_policy, ("product", "site"), months)
    named = rows.keys.frame["site"].notna().to_numpy()
    own, common = rows.keep(named), rows.keep(~named)
    by_site = (rows_in(cells.keys, own.keys) >= 0)[:, None]
    own = own.on(cells, default=np.nan)
    common = common.about(Keys(common.keys.frame[["product"]])).on(cells, default=np.nan)
    share = np.where(by_site, 1.0, _shares(item_locations, demand)[:, None])
    grids = {name: np.where(by_site, own[name], common[name]).astype(float) for name in LEVELS}
    return cells.assign(**{n: g * share if n in UNITS else g for n, g in grids.items()})


@remembered
def stock_policy(
    item_locations: DataFrame, demand: ArrayTable, inventory_policy: DataFrame | None = None
) -> DataFrame:
    """Find the policy that applies to every product and site, in the first month of each row.

    A row of the policy that names the site goes before one that does not. Units of a row without a
    site hold for the product as a whole: sites share them as they share demand, or equally without
    demand.

    Returns
    -------
    product, site : target_service_level, target_fill_rate, forecast_error_correlation [ratio],
        target_cover_months, max_cover_months [months], lead_time_days [days], min_inventory,
        max_inventory, ending_inventory [units]; empty where the policy says nothing

    Raises
    ------
    ValueError : a policy names a site that does not hold the product.
    """
    rules, by_site = _rules_of(item_locations, inventory_policy)
    share = np.where(by_site, 1.0, _shares(item_locations, demand))
    return rules.assign(**{name: rules[name] * share for name in UNITS})


@remembered
def _rules_of(
    item_locations: DataFrame, inventory_policy: DataFrame | None
) -> tuple[DataFrame, np.ndarray]:
    """The rules of every product and site as the policy states them, and whether it names the
    site."""
    sites = _held(item_locations)
    if inventory_policy is not None:
        inventory_policy = once(inventory_policy, *SITE)
    if inventory_policy is None:
        return sites[SITE].assign(**dict.fromkeys(RULES, np.nan)), np.ones(len(sites), dtype=bool)
    named = inventory_policy["site"].notna()
    attach(inventory_policy.loc[named, SITE], sites)
    own = attach(
        sites[SITE], inventory_policy.loc[named, [*SITE, *RULES]].assign(named=True), default=np.nan
    )
    common = attach(sites[SITE], inventory_policy.loc[~named, ["product", *RULES]], default=np.nan)
    by_site = own["named"].notna()
    return common.where(~by_site, own[common.columns]), by_site.to_numpy()


@remembered
def _held(item_locations: DataFrame) -> DataFrame:
    rows = item_locations[[*SITE, "produced_here", "purchased_here"]]
    return rows.sort_values(SITE, ignore_index=True)


def _shares(item_locations: DataFrame, demand: ArrayTable) -> np.ndarray:
    """The share of each product and site in what holds for the product as a whole."""
    sites = _held(item_locations)
    keys = keys_of(sites, *SITE)
    products = grouped(keys, None, "product")
    wanted = demand.on(ArrayTable(keys, demand.months, {}), default=0.0)["demand"].sum(axis=1)
    made = (sites["produced_here"] | sites["purchased_here"]).to_numpy(dtype=float)
    total, places = (products.sum(each)[products.number] for each in (wanted, made))
    with np.errstate(divide="ignore", invalid="ignore"):  # made nowhere: no share is known
        return np.where(total > 0, wanted / total, made / places)
