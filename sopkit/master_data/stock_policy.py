"""The inventory policy of each product and site, and demand by site."""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.master_data.safety_stock import INTERVAL_WIDTH
from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable, Keys, grouped, keys_of
from sopkit.tables.on_arrays import on_arrays

SITE = ["product", "site"]
UNITS = ["min_inventory", "max_inventory", "ending_inventory"]
SERVICE = ["target_service_level", "target_fill_rate"]
RULES = [
    *SERVICE,
    *UNITS,
    "target_cover_months",
    "max_cover_months",
    "lead_time_days",
    "forecast_error_correlation",
]


@on_arrays
@remembered
def site_demand(
    demand_plan: ArrayTable, sourcing_network: DataFrame, item_locations: DataFrame
) -> ArrayTable:
    """Allocate demand to sites: each market to its supplying sites of least freight, equally.

    A market that no such site serves counts on none.

    Returns
    -------
    product, site, period : demand [units], variance [units squared], markets taken as independent
    """
    stocks, share = _counted_on(demand_plan.keys, sourcing_network, item_locations)
    width = (demand_plan["upper_80"] - demand_plan["lower_80"]) / INTERVAL_WIDTH
    columns = {
        "demand": share @ demand_plan["total_demand"],
        "variance": share.power(2) @ width**2,
    }
    return ArrayTable(stocks, demand_plan.months, columns)


@remembered
def _counted_on(
    wants: Keys, sourcing_network: DataFrame, item_locations: DataFrame
) -> tuple[Keys, csr_array]:
    """The products and sites that demand counts on, and the share of each row of demand."""
    supplied = item_locations["produced_here"] | item_locations["purchased_here"]
    lanes = item_locations.loc[supplied, SITE].merge(sourcing_network, on="site")
    market = lanes.groupby(["product", "market"])["freight_cost"]
    lanes = lanes[lanes["freight_cost"] <= market.transform("min")]
    lanes["share"] = 1 / lanes.groupby(["product", "market"])["site"].transform("size")
    rows = wants.frame.reset_index(names="want").merge(lanes, on=["product", "market"])
    stocks = rows[SITE].drop_duplicates().sort_values(SITE, ignore_index=True)
    row = pd.MultiIndex.from_frame(stocks).get_indexer(pd.MultiIndex.from_frame(rows[SITE]))
    share = csr_array((rows["share"], (row, rows["want"])), shape=(len(stocks), len(wants)))
    return Keys(stocks), share


@remembered
def stock_policy(
    item_locations: DataFrame, demand: ArrayTable, inventory_policy: DataFrame | None = None
) -> DataFrame:
    """Find the policy that applies to every product and site.

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
