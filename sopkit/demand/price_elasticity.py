"""Price elasticity of demand: one number, by which the plan moves demand where a price changes.

What the company states of a product comes first, then the effect of its price driver
(`drivers`), then what past prices say where they have moved enough. There each product and market
is regressed on its own, as activities are: the logarithm of units on a bent trend, the month of the
year, the kinds of activity and the logarithm of the price, robustly. A price that only follows the
trend, the calendar or the activities says nothing of its own, and gives no estimate. Estimates are
pooled over the products of a family.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand import drivers, promotion_regression
from sopkit.demand.cleansing import as_array, grid_of
from sopkit.demand.pooling import partial_pooling
from sopkit.demand.promotion_cells import past_cells
from sopkit.forecasting.comparable_months import median
from sopkit.rules.remember import as_known, remembered
from sopkit.tables import attach
from sopkit.tables.on_arrays import on_arrays

CELL = ["product", "market", "period"]
SMALLEST_VARIATION = (
    0.01  # what trend, season and activities must leave of the price, as a share of it
)
# a month at more than double or less than half the usual price is a credit note or a mistake
STRANGEST_PRICE = 2.0
LARGEST_ERROR = 1.0  # an elasticity known no better than this is not known
RIDGE = 1e-8
FEWEST_PRODUCTS = 2  # that speak, before the others of a family take over their elasticity
TOO_SHORT = f"no estimate: fewer than {promotion_regression.FEWEST_MONTHS} months with revenue"
TOO_STEADY = "no estimate: the price hardly moved beside trend, season and activities"
TOO_NOISY = "no estimate: what the price did is lost in the noise"
USUAL_SPREAD = 0.5  # how far the elasticities of a family's products are expected to lie apart
NORMAL_95 = 1.96
COLUMNS = [
    "family",
    "product",
    "market",
    "elasticity_ratio",
    "standard_error",
    "low_ratio",
    "high_ratio",
    "price_variation_ratio",
    "series",
    "basis",
    "in_plan",
]


@on_arrays
def price_elasticity(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    stock_availability: DataFrame | None = None,
    marketing_activities: DataFrame | None = None,
    demand_drivers: DataFrame | None = None,
) -> DataFrame:
    """Estimate the change of demand in per cent when the price rises by 1 %, and say what is used.

    The plan uses what `products` states; else what the price driver is known to do, by product and
    market; else what past prices say of the product, where the whole 95 % interval is below 0 (of a
    product that takes over its family's, where at least two products of it speak).
    Where nothing of that is there, demand is planned as if it did not react.

    The past price is revenue over units of the closed months, so a mix of discounts within a month
    is taken for one price, and the price is taken as set beforehand, not as an answer to demand.
    Months with a stock-out are left out. What activities of a kind bring belongs to them
    (`promotions.promotion_effects`): a price cut made only in promotions is not counted here.

    Returns
    -------
    family, product (missing: the whole family), market (missing: all) : elasticity_ratio,
        standard_error, low_ratio, high_ratio [% per %] (a 95 % interval; all missing without an
        estimate), price_variation_ratio (what trend, season and activities leave of the price),
        series (products and markets that speak), basis, in_plan
    """
    sold = _closed_months(sales_history, planning_periods)
    cells = as_known(sold, past_cells.on_arrays(products, sold, marketing_activities))
    past = _of_past_prices(sold, cells, products, stock_availability)
    table = _with_stated(past.assign(in_plan=_borne_out(past)), products)
    if demand_drivers is not None:
        table = pd.concat([table, _of_price_driver(sold, demand_drivers, products)])
    order = ["family", "product", "market"]
    return table.sort_values(order, na_position="first", ignore_index=True)[COLUMNS]


@remembered
def _closed_months(sales_history, planning_periods):
    sold = sales_history[sales_history["period"] < planning_periods["period"].iloc[0]]
    return sold.sort_values(CELL, ignore_index=True)


@remembered
def _of_past_prices(sold, cells, products, stock_availability):
    """What past prices say of families (product missing) and products."""
    series = _moves(sold, cells, products, stock_availability)
    table = _estimates(products, _over_markets(series)).assign(market=None)
    facts = _facts(products, series)
    table[["months", "price_variation_ratio"]] = facts[["months", "price_variation_ratio"]]
    silent = [table["months"] < promotion_regression.FEWEST_MONTHS, ~_varies(table)]
    reason = pd.Series(np.select(silent, [TOO_SHORT, TOO_STEADY], TOO_NOISY), dtype="str")
    table["basis"] = table["basis"].where(table["effect"].notna(), reason)
    table["elasticity_ratio"], table["standard_error"] = table["effect"], np.sqrt(table["variance"])
    table["low_ratio"] = table["effect"] - NORMAL_95 * table["standard_error"]
    table["high_ratio"] = table["effect"] + NORMAL_95 * table["standard_error"]
    return table


def _borne_out(past):
    """Whether past prices bear a product's elasticity out: it is surely below 0, and what it takes
    over from its family rests on more than one product."""
    product, speaks = past["product"].notna(), past["series"] > 0
    speakers = (product & speaks).groupby(past["family"]).transform("sum")
    return product & (past["high_ratio"] < 0) & (speaks | (speakers >= FEWEST_PRODUCTS))


def _with_stated(table, products):
    """The elasticities that the company states in place of those of its past prices."""
    stated = table["product"].map(products.set_index("product")["price_elasticity"]).astype(float)
    said = stated.notna()
    if not said.any():
        return table
    nothing = dict.fromkeys(["standard_error", "low_ratio", "high_ratio"], np.nan)
    of_it = table.assign(
        **nothing, elasticity_ratio=stated, series=0, basis=drivers.STATED, in_plan=True
    )
    return table.where(~said, of_it).astype({"series": "int64", "in_plan": bool})


def _of_price_driver(sold, demand_drivers, products):
    """What the price driver is known to do, by product and market; nothing of what is stated."""
    rows = drivers.price_effects(sold, demand_drivers, products)
    basis = "price driver: " + rows["basis"].astype("str")
    return rows.assign(elasticity_ratio=rows["effect"], series=1, basis=basis, in_plan=True)


def _varies(table):
    return table["price_variation_ratio"] >= SMALLEST_VARIATION


# --------------------------------------------------------------------------------------------------
# each product and market on its own


def _moves(sold, cells, products, stock_availability):
    """Regress each series whose price moved; `cells` are those of past activities.

    Returns
    -------
    product, market : family, months (with a price), price_variation_ratio, effect, variance
        (missing where nothing can be estimated)
    """
    table = attach(
        sold[["product", "market"]].drop_duplicates(ignore_index=True),
        products[["product", "family"]],
    )
    if sold.empty:
        return table.assign(months=0, price_variation_ratio=0.0, effect=0.0, variance=0.0)
    grid = grid_of(sold)
    units, price = _units_and_log_price(sold, stock_availability)
    demand, price = as_array(grid, units), as_array(grid, price)
    price = _without_strange_prices(price)
    seen = (demand > 0) & ~np.isnan(price)
    ran = _activities(cells, sold, grid)
    table["months"] = seen.sum(axis=1)
    centred = np.where(seen, price - median(np.where(seen, price, np.nan))[:, None], 0.0)
    table["price_variation_ratio"] = _left_of_price(centred, ran, seen)
    moved = _varies(table).to_numpy()
    table["effect"] = table["variance"] = np.nan
    if moved.any():
        regressors = np.concatenate([centred[moved][:, :, None], ran[moved]], axis=2)
        effect, variance = promotion_regression.log_effects(
            np.where(seen, demand, np.nan)[moved], regressors
        )
        table.loc[moved, ["effect", "variance"]] = np.column_stack([effect[:, 0], variance[:, 0]])
    return table


def _units_and_log_price(sold, stock_availability):
    """Units of months in full stock (else NaN), and the logarithm of revenue over units (else
    NaN)."""
    units = sold["quantity"].to_numpy()
    priced = (sold["revenue"] > 0).to_numpy() & (units > 0)
    price = np.where(priced, sold["revenue"].to_numpy(), 1.0) / np.where(priced, units, 1.0)
    if stock_availability is not None:
        short = attach(sold[CELL], stock_availability, default=1.0)["in_stock_ratio"].to_numpy() < 1
        units = np.where(short, np.nan, units)
    return units, np.where(priced, np.log(price), np.nan)


def _without_strange_prices(price):
    return np.where(
        np.abs(price - median(price)[:, None]) <= np.log(STRANGEST_PRICE), price, np.nan
    )


def _activities(cells, sold, grid):
    """Where each kind of activity ran (series x months x kinds)."""
    kinds = sorted(cells["kind"].unique())
    ran = np.zeros((*grid.shape, len(kinds)))
    place = attach(cells[CELL], sold[CELL].assign(row=np.arange(len(sold))))["row"].to_numpy(
        dtype="int64"
    )
    ran[grid.series[place], grid.month[place], pd.Index(kinds).get_indexer(cells["kind"])] = 1.0
    return ran


def _left_of_price(price, ran, seen):
    """Standard deviation of what trend, season and activities do not say of the logarithm of the
    price."""
    parts = []
    for first in range(0, len(price), promotion_regression.BLOCK):
        block = slice(first, first + promotion_regression.BLOCK)
        x = promotion_regression.design(ran[block], seen[block])
        across = np.swapaxes(x, 1, 2)
        y = price[block][:, :, None]
        fit = x @ np.linalg.solve(across @ x + RIDGE * np.eye(x.shape[2]), across @ y)
        parts.append((((y - fit)[:, :, 0] * seen[block]) ** 2).sum(axis=1))
    return np.sqrt(np.concatenate(parts) / np.maximum(seen.sum(axis=1), 1))


# --------------------------------------------------------------------------------------------------
# over products and families


def _over_markets(series):
    """One estimate a product: its markets weighed by what they know, the error widened where they
    disagree.

    Returns
    -------
    product : family, effect, variance, markets (count)
    """
    rows = series[series["effect"].notna()]
    rows = rows.assign(weight=1 / rows["variance"], markets=1)
    rows["first"] = rows["weight"] * rows["effect"]
    rows["second"] = rows["first"] * rows["effect"]
    key = ["family", "product"]
    table = rows.groupby(key, as_index=False)[["weight", "first", "second", "markets"]].sum()
    table["effect"] = table["first"] / table["weight"]
    disagreement = table["second"] - table["first"] * table["effect"]
    widened = np.maximum(disagreement / np.maximum(table["markets"] - 1, 1), 1.0)
    table["variance"] = widened / table["weight"]
    return table[[*key, "effect", "variance", "markets"]]


def _estimates(products, own):
    """Elasticities of families (product missing) and products, missing where they are not known
    well enough.

    Returns
    -------
    family, product : effect, variance, series (count), basis
    """
    group, families = pd.factorize(own["family"])
    found = partial_pooling(
        own["effect"].to_numpy(), own["variance"].to_numpy(), group, USUAL_SPREAD
    )
    drawn = own[["product", "markets"]].assign(effect=found.effect, variance=found.variance)
    mean = pd.DataFrame(
        {"family": families, "mean": found.group_effect, "mean_variance": found.group_variance}
    )
    mean = mean.astype({"family": "str"}).assign(newcomer_variance=found.newcomer_variance)
    table = attach(products[["product", "family"]], drawn, default=np.nan)
    table = attach(table, mean, default=np.nan)
    whole = table.groupby("family", as_index=False).agg(
        effect=("mean", "first"), variance=("mean_variance", "first"), markets=("markets", "sum")
    )
    whole["basis"] = "mean of the products whose price moved"
    borrowed = table["effect"].isna()
    table["basis"] = np.where(
        borrowed,
        "the family's, as its own months say nothing",
        "own months, drawn towards the family's",
    )
    table["effect"] = table["effect"].fillna(table["mean"])
    table["variance"] = table["variance"].fillna(table["newcomer_variance"])
    rows = pd.concat([whole, table], ignore_index=True)
    known = rows["variance"] <= LARGEST_ERROR**2
    rows[["effect", "variance"]] = rows[["effect", "variance"]].where(known)
    return rows.assign(series=rows["markets"].fillna(0.0).astype("int64"))


def _facts(products, series):
    """What the months of each family (product missing) and product have to say.

    Returns
    -------
    family, product : months, price_variation_ratio (of the series that says most)
    """
    table = attach(products[["product", "family"]], _most(series, "product"), default=0.0)
    return pd.concat([_most(table, "family"), table], ignore_index=True)


def _most(rows, item):
    return rows.groupby(item, as_index=False)[["months", "price_variation_ratio"]].max()
