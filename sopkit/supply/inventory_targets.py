"""Inventory targets by product and site, and projected inventory against them."""

from functools import partial

import numpy as np
from pandas import DataFrame, Series

from sopkit.master_data.safety_stock import NORMAL, Exposure, safety_stock
from sopkit.master_data.sources import first_lead_times
from sopkit.master_data.stock_policy import SITE, site_demand, stock_levels, stock_policy
from sopkit.master_data.supply_modes import has_stock_policy, is_storable, order_lead_months
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import keys_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import MONTH_DAYS, YEAR, months_of

# Share of the error's variance that the months of one forecast have in common, when the policy does
# not say. Measured by benchmarks/risk.py: on the M1 and M3 competitions errors share a level that
# hardly decays (correlation 0.7 from month to month, 0.5 a year apart). With 0.4 the 80 % interval
# of 2 to 18 months together held 73 to 87 % (90 to 97 % on the tourism set); with independent
# months it would have held 34 to 80 %.
COMMON_ERROR = 0.4
REVIEW_MONTHS = 1.0  # supply is planned once a month
ROUNDING = 1e-5  # units: less is the rounding of the plan's sums


@on_arrays
def inventory_targets(
    planning_periods: DataFrame,
    demand_plan: ArrayTable,
    sourcing_network: DataFrame,
    item_locations: DataFrame,
    inventory_policy: DataFrame | None = None,
    products: DataFrame | None = None,
    sources: DataFrame | None = None,
) -> ArrayTable:
    """Calculate the target inventory of each product and site at the end of each month.

    Safety stock is what demand over the exposure asks for beyond its mean; the exposure is the
    month until supply is planned again and the lead time, that of the policy, or of a purchased
    product's first source. A target cycle service level asks for that quantile of it, a target fill
    rate for the quantity beyond which no more than the rest is expected; where the policy's
    `demand_distribution` is normal, it is z times the spread of forecast errors. The target is the
    larger of safety stock and target cover, kept between the policy's least and most stock, and
    never more than is sold within the shelf life; the last month's target is the required ending
    stock where there is one. What is made or assembled to order has no safety stock and no target
    beyond units that the policy names, and no more stock than falls due within its order lead time;
    what is not storable has none. Where the policy names no most stock, it is what periodic review
    orders up to: the demand of the exposure and safety stock. Months after the horizon repeat those
    a year earlier (like the mean month when the horizon is shorter).

    Returns
    -------
    product, site, period : safety_stock, target_inventory, max_inventory [units]

    Raises
    ------
    ValueError : a policy for a site that does not hold the product.

    Source
    ------
    Chopra & Meindl, Supply Chain Management, safety inventory: cycle service level, fill rate,
    periodic review. Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains:
    errors over the review interval and lead time.
    """
    months = months_of(planning_periods)
    demand = site_demand.on_arrays(demand_plan, sourcing_network, item_locations)
    policy = stock_policy(item_locations, demand, inventory_policy)
    levels = stock_levels(item_locations, demand, months, inventory_policy)
    stocks = ArrayTable(keys_of(policy, *SITE), months, {})
    demand = demand.on(stocks, default=0.0)
    mean, deviation = demand["demand"], np.sqrt(demand["variance"])
    exposure = exposure_months(policy, sources)
    exposed = _coming(mean, exposure)
    spread = exposure_spread(
        deviation, exposure, policy["forecast_error_correlation"].fillna(COMMON_ERROR)
    )
    from_stock = np.ones((len(policy), 1), dtype=bool)
    if products is not None:
        from_stock = has_stock_policy(products, stocks.keys)[:, None]
    normal = (policy["demand_distribution"] == NORMAL).to_numpy(dtype=bool)[:, None]
    covered = Exposure(exposed, spread, demand["zero_probability"] > 0, normal)
    safety = _safety_stock(levels, covered, exposure) * from_stock
    cover = _coming(mean, np.nan_to_num(levels["target_cover_months"])) * from_stock
    most = _most(policy, levels, mean, products)
    target = _target(levels, safety, cover, most)
    most = np.maximum(np.where(np.isfinite(most), most, exposed + safety), target)
    return stocks.assign(safety_stock=safety, target_inventory=target, max_inventory=most)


@on_arrays
def projected_inventory(
    supply_plan: ArrayTable, inventory_targets: ArrayTable, products: DataFrame | None = None
) -> ArrayTable:
    """Compare the projected inventory of the plan of record with safety stock, target and maximum.

    What is not storable has no inventory, and no row.

    Returns
    -------
    product, site, period : inventory, safety_stock, target_inventory, max_inventory [units],
        shortfall [units below target], excess [units above the most], stock_position,
        months_of_supply [months; empty where stock outlasts the horizon]
    """
    if products is not None:
        held = is_storable(products, supply_plan.keys)
        supply_plan = supply_plan.keep(held)
    stock, band = supply_plan["inventory"], inventory_targets.on(supply_plan)
    safety, target, most = (
        band[name] for name in ("safety_stock", "target_inventory", "max_inventory")
    )
    shortfall = np.where(target - stock > ROUNDING, target - stock, 0.0)
    excess = np.where(stock - most > ROUNDING, stock - most, 0.0)
    exposed = (shortfall > 0) & (stock < safety - ROUNDING)
    position = partial(
        np.select,
        [exposed, shortfall > 0, excess > 0],
        ["below_safety", "below_target", "excess"],
        "on_target",
    )
    return ArrayTable(
        supply_plan.keys,
        supply_plan.months,
        {
            "inventory": stock,
            "safety_stock": safety,
            "target_inventory": target,
            "max_inventory": most,
            "shortfall": shortfall,
            "excess": excess,
            "stock_position": position,
            "months_of_supply": lambda: supply_plan["months_of_supply"],
        },
    )


def exposure_spread(
    deviation: np.ndarray, exposure: np.ndarray, common_error: Series | np.ndarray
) -> np.ndarray:
    """The standard deviation of cumulative forecast errors over each month's exposure.

    Errors of one forecast share a part (the level was missed) and each month adds its own: of the
    variance, the share `common_error` moves all months together, so its deviations add up; in the
    rest variances add up. 0 is the textbook's square-root rule for independent months, 1 its
    opposite.

    Parameters
    ----------
    deviation : standard deviation of each month's error, a row a stock and a column a month [units]
    exposure, common_error : for each row [months, ratio]

    Returns
    -------
    a row a stock and a column a month [units]
    """
    together, apart = _coming(deviation, exposure), _coming(deviation, exposure, power=2)
    common = np.asarray(common_error, dtype=float)[:, None]
    return np.sqrt(common * together**2 + (1 - common) * apart)


def exposure_months(policy: DataFrame, sources: DataFrame | None) -> np.ndarray:
    """Months of demand that safety stock covers, by row: the review interval and the lead time.

    Parameters
    ----------
    policy : of `stock_policy`
    """
    lead = policy["lead_time_days"].fillna(policy["product"].map(first_lead_times(sources)))
    return REVIEW_MONTHS + lead.fillna(0).to_numpy(dtype=float) / MONTH_DAYS


def _safety_stock(levels, covered, exposure):
    """The stock of the cycle service level, or the fill rate where one is given, a review's demand
    being the cycle."""
    fill = levels["target_fill_rate"]
    short = (1 - fill) * covered.mean / exposure[:, None]
    return safety_stock(covered, levels["target_service_level"], fill, short)


def _target(levels, safety, cover, most):
    """The larger of safety stock and cover within the policy's limits; the ending stock at last."""
    target = np.maximum(safety, cover)
    target = np.maximum(target, np.nan_to_num(levels["min_inventory"]))
    target = np.minimum(target, most)
    ending = levels["ending_inventory"][:, -1]
    target[:, -1] = np.where(np.isnan(ending), target[:, -1], ending)
    return target


def _most(policy, levels, mean, products):
    """The most stock that the policy and the shelf life allow; inf where neither says."""
    limits = [
        np.nan_to_num(levels["max_inventory"], nan=np.inf),
        _sold_within(mean, levels["max_cover_months"]),
    ]
    if products is not None:
        kept = attach(policy[["product"]], products[["product", "shelf_life_months"]])
        limits.append(
            _sold_within(mean, np.floor(kept["shelf_life_months"].to_numpy(dtype=float)))
        )  # as the plan counts them
        keys = keys_of(policy, *SITE)
        limits.append(_sold_within(mean, order_lead_months(products, keys)))
        limits.append(np.where(is_storable(products, keys), np.inf, 0.0)[:, None])
    return np.minimum.reduce(np.broadcast_arrays(*limits))


def _sold_within(mean, cover):
    """The demand of so many coming months; inf where their number is unknown."""
    cover = cover.reshape(len(mean), -1)
    return np.where(np.isnan(cover), np.inf, _coming(mean, np.nan_to_num(cover)))


def _extended(monthly, count):
    """Append `count` months after the horizon."""
    length = monthly.shape[1]
    if length < YEAR:
        return np.hstack([monthly, np.repeat(monthly.mean(axis=1, keepdims=True), count, axis=1)])
    source = length - YEAR + np.arange(count) % YEAR
    return np.hstack([monthly, monthly[:, source]])


def _coming(demand, cover, power=1):
    """The demand of the next `cover` months (each month's raised to `power`), as seen from the end
    of each month; `cover` is of each row, or of each row and month."""
    length, cover = demand.shape[1], cover.reshape(len(demand), -1)
    whole = np.floor(cover).astype(int)
    later = _extended(demand, int(whole.max(initial=0)) + 1) ** power
    total = np.hstack([np.zeros((len(later), 1)), later.cumsum(axis=1)])
    first = np.arange(length)[None, :] + 1
    last = first + whole
    row = np.arange(len(later))[:, None]
    return total[row, last] - total[row, first] + (cover - whole) * later[row, last]
