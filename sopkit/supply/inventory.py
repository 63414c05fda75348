"""How much stock the policy asks for, and how long a stock lasts."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sopkit.tables import attach

SERVICE_LEVEL = 0.95  # wanted when the policy does not say
INTERVAL_WIDTH = 2 * ndtri(0.9)  # standard deviations between the ends of an 80 % interval
YEAR = 12
SITE = ["product", "site"]
UNITS = ["min_inventory", "max_inventory", "ending_inventory"]
RULES = ["service_level", "target_cover_months", *UNITS]


def inventory_targets(horizon, demand_plan, network, product_sites, inventory_policy=None):
    """Say how much of each product every site should hold at the end of each month.

    Safety stock is z x the standard deviation of next month's demand at the site. The target is the larger of safety
    stock and the wanted cover, kept between the policy's least and most stock; the last month's target is the wanted
    ending stock where there is one. Months after the horizon are taken like those a year earlier (like the mean month
    when the horizon is shorter than a year).

    Returns
    -------
    product, site, period : safety_stock, target_inventory [units]

    Raises
    ------
    ValueError : a service level of 1, or a policy for a site that does not hold the product.

    Source
    ------
    Chopra & Meindl, Supply Chain Management, safety inventory: z x standard deviation over the exposure.
    """
    months = pd.PeriodIndex(horizon["period"])
    demand = site_demand(demand_plan, network, product_sites)
    policy = stock_policy(product_sites, demand, inventory_policy)
    mean, deviation = (
        _by_site(policy, months, demand, v) for v in (demand["demand"], demand["variance"] ** 0.5)
    )
    safety = _quantile(policy) * _extended(deviation, 1)[:, 1:]
    target = np.maximum(safety, _coming(mean, policy["target_cover_months"].fillna(0).to_numpy()))
    target = np.maximum(target, policy[["min_inventory"]].fillna(0).to_numpy())
    target = np.minimum(target, policy[["max_inventory"]].fillna(np.inf).to_numpy())
    target[:, -1] = policy["ending_inventory"].fillna(pd.Series(target[:, -1], index=policy.index))
    result = policy.loc[policy.index.repeat(len(months)), SITE].reset_index(drop=True)
    result["period"] = pd.PeriodIndex.from_ordinals(np.tile(months.asi8, len(policy)), freq="M")
    return result.assign(safety_stock=safety.ravel(), target_inventory=target.ravel())


def site_demand(demand_plan, network, product_sites):
    """Share demand over sites: a market counts on the sites that make the product at least freight, equally.

    A market that no such site serves counts on none.

    Returns
    -------
    product, site, period : demand [units], variance [units squared], markets taken as independent
    """
    lanes = product_sites.loc[product_sites["makes"], SITE].merge(network, on="site")
    market = lanes.groupby(["product", "market"])["freight_cost"]
    lanes = lanes[lanes["freight_cost"] <= market.transform("min")]
    lanes["share"] = 1 / lanes.groupby(["product", "market"])["site"].transform("size")
    rows = demand_plan.merge(lanes, on=["product", "market"])
    rows["demand"] = rows["consensus"] * rows["share"]
    rows["variance"] = ((rows["high"] - rows["low"]) / INTERVAL_WIDTH * rows["share"]) ** 2
    return rows.groupby([*SITE, "period"], as_index=False)[["demand", "variance"]].sum()


def stock_policy(product_sites, demand, inventory_policy=None):
    """Give every product and site the rules that hold there.

    A row of the policy that names the site goes before one that does not. Units of a row without a site hold for the
    product as a whole: sites share them as they share demand, or equally when nobody wants the product.

    Returns
    -------
    product, site : service_level [ratio], target_cover_months [months], min_inventory, max_inventory,
        ending_inventory [units]; empty where the policy says nothing

    Raises
    ------
    ValueError : a policy names a site that does not hold the product.
    """
    sites = product_sites[[*SITE, "makes"]].sort_values(SITE, ignore_index=True)
    if inventory_policy is None:
        return sites[SITE].assign(**dict.fromkeys(RULES, np.nan))
    named = inventory_policy["site"].notna()
    attach(inventory_policy.loc[named, SITE], sites)
    own = attach(sites[SITE], inventory_policy.loc[named, [*SITE, *RULES]].assign(named=True), absent=np.nan)
    common = attach(sites[SITE], inventory_policy.loc[~named, ["product", *RULES]], absent=np.nan)
    common[UNITS] = common[UNITS].mul(_shares(sites, demand), axis=0)
    return common.where(own["named"].isna(), own[common.columns])


def _shares(sites, demand):
    """The share of each product and site in what holds for the product as a whole."""
    rows = attach(sites, demand.groupby(SITE, as_index=False)["demand"].sum(), absent=0.0)
    totals = rows.groupby("product")[["demand", "makes"]].transform("sum")
    wanted = totals["demand"] > 0
    return (rows["demand"] / totals["demand"].where(wanted)).where(wanted, rows["makes"] / totals["makes"])


def _by_site(sites, months, demand, values):
    """Lay values out with a row for each of `sites` and a column for each month; 0 where there is no demand."""
    row = pd.MultiIndex.from_frame(sites[SITE]).get_indexer(pd.MultiIndex.from_frame(demand[SITE]))
    month = pd.PeriodIndex(demand["period"]).asi8 - months[0].ordinal
    planned = (month >= 0) & (month < len(months))
    grid = np.zeros((len(sites), len(months)))
    grid[row[planned], month[planned]] = values[planned]
    return grid


def _quantile(policy):
    level = policy["service_level"].fillna(SERVICE_LEVEL)
    if (level >= 1).any():
        row = policy[level >= 1].iloc[0]
        raise ValueError(
            f"inventory_policy: service_level must be below 1; product={row['product']}  site={row['site']} has 1\n"
            "  No stock makes a stock-out impossible. Write 0.999 or less."
        )
    return ndtri(np.maximum(level.to_numpy(), 0.5))[:, None]  # up to one half, no stock is held for safety


def _extended(monthly, count):
    """Append `count` months after the horizon."""
    length = monthly.shape[1]
    if length < YEAR:
        return np.hstack([monthly, np.repeat(monthly.mean(axis=1, keepdims=True), count, axis=1)])
    source = length - YEAR + np.arange(count) % YEAR
    return np.hstack([monthly, monthly[:, source]])


def _coming(demand, cover):
    """The demand of the next `cover` months, as seen from the end of each month."""
    length = demand.shape[1]
    whole = np.floor(cover).astype(int)
    later = _extended(demand, int(whole.max(initial=0)) + 1)
    total = np.hstack([np.zeros((len(later), 1)), later.cumsum(axis=1)])
    first = np.arange(length)[None, :] + 1
    last = first + whole[:, None]
    row = np.arange(len(later))[:, None]
    return total[row, last] - total[row, first] + (cover - whole)[:, None] * later[row, last]


def months_covered(inventory, demand):
    """How many months of coming demand the stock at each month's end covers, part months by proportion.

    `inventory` and `demand` have a row a stock and a column a month. Stock that outlasts the known demand is nan.

    Source
    ------
    The definition of coverage of the R package planr.
    """
    total = demand.cumsum(axis=1)
    cover = np.full(inventory.shape, np.nan)
    row = np.arange(len(inventory))
    for month in range(inventory.shape[1] - 1):
        reach = total[:, month] + inventory[:, month]
        last = np.minimum((total < reach[:, None]).sum(axis=1), inventory.shape[1] - 1)
        enough = (total[row, last] >= reach) & (demand[row, last] > 0)
        part = (reach - total[row, last - 1])[enough] / demand[row, last][enough]
        cover[enough, month] = last[enough] - month - 1 + part
    return np.where(inventory > 1e-6, cover, 0.0)
