"""What a change of price does to demand, estimated where the price has moved enough to tell.

Each product and market is regressed on its own, as activities are: the logarithm of units on a bent trend, the month of
the year, the kinds of activity and the logarithm of the price, robustly. A price that only follows the trend, the calendar
or the activities says nothing of its own, and gives no estimate. Estimates are pooled over the products of a family.
"""

import numpy as np
import pandas as pd

from sopkit.demand import causal
from sopkit.demand.history import as_array, grid_of, median
from sopkit.tables import attach

CELL = ["product", "market", "period"]
SMALLEST_VARIATION = 0.01  # what trend, season and activities must leave of the price, as a share of it
STRANGEST_PRICE = 2.0  # a month at more than double or less than half the usual price is a credit note or a mistake
LARGEST_ERROR = 1.0  # an elasticity known no better than this is not known
RIDGE = 1e-8
TOO_SHORT = f"no estimate: fewer than {causal.FEWEST_MONTHS} months with revenue"
TOO_STEADY = "no estimate: the price hardly moved beside trend, season and activities"
TOO_NOISY = "no estimate: what the price did is lost in the noise"
COLUMNS = ["family", "product", "elasticity_ratio", "standard_error", "price_variation_ratio", "series", "basis"]


def price_elasticity(horizon, products, sales_history, availability=None, activities=None):
    """Estimate by how many per cent demand changes when the price rises by one per cent.

    The price is revenue over units of the closed months, so a mix of discounts within a month is taken for one price, and
    the price is taken as set beforehand, not as an answer to demand. Months with a stock-out are left out. What activities
    of a kind bring belongs to them (`causal.promotion_effects`): a price cut made only in promotions is not counted here.

    Returns
    -------
    family, product (missing: the whole family) : elasticity_ratio, standard_error [ratio] (missing without an estimate),
        price_variation_ratio (what trend, season and activities leave of the price), series (products and markets that
        speak), basis
    """
    series = _moves(horizon, products, sales_history, availability, activities)
    spoke = series[series["effect"].notna()].assign(kind="price")
    own = causal.pooled(spoke, ["kind", "family", "product"]).rename(columns={"series": "markets"})
    table = _estimates(products, own)
    facts = series.groupby("product", as_index=False).agg(
        price_variation_ratio=("price_variation_ratio", "max"), months=("months", "max")
    )
    table = attach(table, facts, absent=np.nan)
    silent = table["effect"].isna()
    reasons = [~(table["months"] >= causal.FEWEST_MONTHS), ~_varies(table)]
    reason = pd.Series(np.select(reasons, [TOO_SHORT, TOO_STEADY], TOO_NOISY), dtype="str")
    table["basis"] = table["basis"].where(~silent, reason)
    table = pd.concat([_family_rows(table, own), table], ignore_index=True)
    table = table.rename(columns={"effect": "elasticity_ratio", "markets": "series"})
    table["standard_error"] = np.sqrt(table["variance"])
    table = table.sort_values(["family", "product"], na_position="first", ignore_index=True)
    return table.astype({"series": "int64", "product": "str", "basis": "str"})[COLUMNS]


def _varies(table):
    return table["price_variation_ratio"] >= SMALLEST_VARIATION


# ---------------------------------------------------------------------------------------------------------------
# each product and market on its own


def _moves(horizon, products, sales_history, availability, activities):
    """Regress each series whose price moved.

    Returns
    -------
    product, market : family, months (with a price), price_variation_ratio, effect, variance (missing without estimate)
    """
    sold = sales_history[sales_history["period"] < horizon["period"].iloc[0]].sort_values(CELL, ignore_index=True)
    table = attach(sold[["product", "market"]].drop_duplicates(ignore_index=True), products[["product", "family"]])
    if sold.empty:
        return table.assign(months=0, price_variation_ratio=0.0, effect=0.0, variance=0.0)
    grid = grid_of(sold)
    units, price = _units_and_log_price(sold, availability)
    demand, price = as_array(grid, units), as_array(grid, price)
    price = _without_strange_prices(price)
    seen = (demand > 0) & ~np.isnan(price)
    ran = _activities(products, sold, grid, activities)
    table["months"] = seen.sum(axis=1)
    centred = np.where(seen, price - median(np.where(seen, price, np.nan))[:, None], 0.0)
    table["price_variation_ratio"] = _left_of_price(centred, ran, seen)
    moved = _varies(table).to_numpy()
    table["effect"] = table["variance"] = np.nan
    if moved.any():
        regressors = np.concatenate([centred[moved][:, :, None], ran[moved]], axis=2)
        effect, variance = causal.log_effects(np.where(seen, demand, np.nan)[moved], regressors)
        table.loc[moved, ["effect", "variance"]] = np.column_stack([effect[:, 0], variance[:, 0]])
    return table


def _units_and_log_price(sold, availability):
    """Units of months in full stock (else NaN), and the logarithm of revenue over units (NaN without both)."""
    units = sold["quantity"].to_numpy()
    priced = (sold["revenue"] > 0).to_numpy() & (units > 0)
    price = np.where(priced, sold["revenue"].to_numpy(), 1.0) / np.where(priced, units, 1.0)
    if availability is not None:
        short = attach(sold[CELL], availability, absent=1.0)["in_stock_ratio"].to_numpy() < 1
        units = np.where(short, np.nan, units)
    return units, np.where(priced, np.log(price), np.nan)


def _without_strange_prices(price):
    return np.where(np.abs(price - median(price)[:, None]) <= np.log(STRANGEST_PRICE), price, np.nan)


def _activities(products, sold, grid, activities):
    """Where each kind of activity ran (series x months x kinds)."""
    cells = causal.past_cells(products, sold, activities)
    kinds = sorted(cells["kind"].unique())
    ran = np.zeros((*grid.shape, len(kinds)))
    place = attach(cells[CELL], sold[CELL].assign(row=np.arange(len(sold))))["row"].to_numpy(dtype="int64")
    ran[grid.series[place], grid.month[place], pd.Index(kinds).get_indexer(cells["kind"])] = 1.0
    return ran


def _left_of_price(price, ran, seen):
    """Standard deviation of what trend, season and activities do not say of the logarithm of the price."""
    parts = []
    for first in range(0, len(price), causal.BLOCK):
        block = slice(first, first + causal.BLOCK)
        x = causal.design(ran[block], seen[block])
        across = np.swapaxes(x, 1, 2)
        y = price[block][:, :, None]
        fit = x @ np.linalg.solve(across @ x + RIDGE * np.eye(x.shape[2]), across @ y)
        parts.append((((y - fit)[:, :, 0] * seen[block]) ** 2).sum(axis=1))
    return np.sqrt(np.concatenate(parts) / np.maximum(seen.sum(axis=1), 1))


# ---------------------------------------------------------------------------------------------------------------
# over products and families


def _estimates(products, own):
    """Each product's elasticity: its own drawn towards its family's, else its family's.

    Returns
    -------
    product : family, markets (count), effect, variance (missing without estimate), basis
    """
    table = products[["product", "family"]].sort_values("product", ignore_index=True)
    family = causal.pooled(own, ["kind", "family"])
    drawn = causal.shrunk(own[["kind", "family", "product", "effect", "variance", "markets"]])
    table = attach(table, drawn[["product", "markets", "effect", "variance"]], absent=np.nan)
    # a product that has not spoken may lie as far from the family's mean as those that have
    family["family_variance"] = family["variance"] + family["spread"]
    family = family.rename(columns={"effect": "family_effect"})
    table = attach(table, family[["family", "family_effect", "family_variance"]], absent=np.nan)
    borrowed = table["effect"].isna()
    table["basis"] = np.where(borrowed, "the family's: nothing to see in its own months", "own months, pooled with the family's")
    table["effect"] = table["effect"].fillna(table["family_effect"])
    table["variance"] = table["variance"].fillna(table["family_variance"])
    known = table["variance"] <= LARGEST_ERROR**2
    table[["effect", "variance"]] = table[["effect", "variance"]].where(known)
    return table.assign(markets=table["markets"].fillna(0.0))


def _family_rows(table, own):
    """The mean of each family's products, or why there is none."""
    families = table.groupby("family", as_index=False).agg(
        price_variation_ratio=("price_variation_ratio", "max"), months=("months", "max"), markets=("markets", "sum")
    )
    family = causal.pooled(own, ["kind", "family"])[["family", "effect", "variance", "series"]]
    rows = attach(families, family, absent=np.nan)
    known = rows["variance"] <= LARGEST_ERROR**2
    rows[["effect", "variance"]] = rows[["effect", "variance"]].where(known)
    reasons = [~(rows["months"] >= causal.FEWEST_MONTHS), ~_varies(rows)]
    rows["basis"] = np.select(reasons, [TOO_SHORT, TOO_STEADY], TOO_NOISY)
    words = rows["series"].fillna(0.0).astype("int64").astype("str") + " product(s) whose price moved"
    rows["basis"] = rows["basis"].where(~known, words)
    return rows.drop(columns="series").assign(product=pd.Series(pd.NA, index=rows.index, dtype="str"))
