"""The inventory policy of each product and site, and demand by site."""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.safety_stock import INTERVAL_WIDTH
from sopkit.tables import attach

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


def site_demand(
    demand_plan: DataFrame, sourcing_network: DataFrame, item_locations: DataFrame
) -> DataFrame:
    """Allocate demand to sites: each market to its producing sites of least freight, equally.

    A market that no such site serves counts on none.

    Returns
    -------
    product, site, period : demand [units], variance [units squared], markets taken as independent
    """
    lanes = item_locations.loc[item_locations["produced_here"], SITE].merge(
        sourcing_network, on="site"
    )
    market = lanes.groupby(["product", "market"])["freight_cost"]
    lanes = lanes[lanes["freight_cost"] <= market.transform("min")]
    lanes["share"] = 1 / lanes.groupby(["product", "market"])["site"].transform("size")
    rows = demand_plan.merge(lanes, on=["product", "market"])
    rows["demand"] = rows["consensus"] * rows["share"]
    rows["variance"] = ((rows["upper_80"] - rows["lower_80"]) / INTERVAL_WIDTH * rows["share"]) ** 2
    return rows.groupby([*SITE, "period"], as_index=False)[["demand", "variance"]].sum()


def stock_policy(
    item_locations: DataFrame, demand: DataFrame, inventory_policy: DataFrame | None = None
) -> DataFrame:
    """Find the policy that applies to every product and site.

    A row of the policy that names the site goes before one that does not. Units of a row without a site hold for the
    product as a whole: sites share them as they share demand, or equally without demand.

    Returns
    -------
    product, site : target_service_level, target_fill_rate, forecast_error_correlation [ratio], target_cover_months, max_cover_months
        [months], lead_time_days [days], min_inventory, max_inventory, ending_inventory [units]; empty where the
        policy says nothing

    Raises
    ------
    ValueError : a policy names a site that does not hold the product.
    """
    sites = item_locations[[*SITE, "produced_here"]].sort_values(SITE, ignore_index=True)
    if inventory_policy is None:
        return sites[SITE].assign(**dict.fromkeys(RULES, np.nan))
    named = inventory_policy["site"].notna()
    attach(inventory_policy.loc[named, SITE], sites)
    own = attach(
        sites[SITE], inventory_policy.loc[named, [*SITE, *RULES]].assign(named=True), default=np.nan
    )
    common = attach(sites[SITE], inventory_policy.loc[~named, ["product", *RULES]], default=np.nan)
    common[UNITS] = common[UNITS].mul(_shares(sites, demand), axis=0)
    return common.where(own["named"].isna(), own[common.columns])


def _shares(sites, demand):
    """The share of each product and site in what holds for the product as a whole."""
    rows = attach(sites, demand.groupby(SITE, as_index=False)["demand"].sum(), default=0.0)
    totals = rows.groupby("product")[["demand", "produced_here"]].transform("sum")
    wanted = totals["demand"] > 0
    return (rows["demand"] / totals["demand"].where(wanted)).where(
        wanted, rows["produced_here"] / totals["produced_here"]
    )
