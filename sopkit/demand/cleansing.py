"""Historical demand, actual and cleansed.

Sales are not demand: a stock-out hides it, a promotion or a single large order adds to it.
`cleansed` is what an ordinary month would have brought; `cleansing_adjustment`, `finding` and
`reason` say what was changed and why, `quantity` keeps what was sold, and `level_factor` is what a
month is multiplied with to be at the newest level. What is found is a proposal: a row of
`history_corrections` overrules it.

The yardstick is what comparable months say (`forecasting.comparable_months`), quick enough for a
whole portfolio. The few months it suspects of being odd are judged by STL, which follows a level
that moves: it confirms the suspicion and says what the month would have brought, or it rejects it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.demand import corrections, drivers, promotion_cells, promotions
from sopkit.demand.level_changes import level_changes, stated_changes, to_newest_level
from sopkit.demand.odd_months import LATE, judged, not_on_sale, odd_months, without_mirrored
from sopkit.demand.odd_runs import odd_runs
from sopkit.forecasting.comparable_months import bridged, comparable_months
from sopkit.rules.remember import as_known, remembered
from sopkit.tables import attach
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import AVERAGE_DAYS, day_counts

KEYS = ["product", "market", "period"]
MOST_GROSS_UP = 2.0  # without comparable months a short month counts at most double
ODD = {  # side of the odd month: its name, and how it is told
    1: ("one_off_order", "one-off order"),
    -1: ("low_month", "hidden stock-out"),
}
CLEANSED = [*KEYS, "quantity", "cleansed", "cleansing_adjustment", "finding", "reason"]


class Grid(NamedTuple):
    """Position of each row of a monthly table in an array of series x months."""

    series: np.ndarray
    month: np.ndarray
    shape: tuple[int, int]  # series x months


@on_arrays
def demand_history(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    stock_availability: DataFrame | None = None,
    marketing_activities: DataFrame | None = None,
    history_corrections: DataFrame | None = None,
    demand_drivers: DataFrame | None = None,
    calendar: DataFrame | None = None,
) -> DataFrame:
    """Cleanse the closed months of stock-outs, gaps, odd months and promotions.

    Stock-outs: the share of the month without stock is filled with what comparable months say.
    Gaps: months without sales of a product that always sells are filled from the months around.
    Odd months: a single month far off comparable months is brought to what STL expects there, if
    STL confirms it; with less than two full years, to comparable months. Promotions: the estimated
    lift of the activity's kind is removed. Drivers (price, feature, ...): what they did beside
    their reference is removed before all that, so that it is not taken for an odd month. Level
    changes move no month here: `level_factor` does it in the forecast. What `history_corrections`
    states comes before all of it. Where the company plans in periods of its own, all is judged as
    rates, so that a period of five weeks is no odd one.

    Returns
    -------
    product, market, period : quantity, cleansed, cleansing_adjustment [units], finding, reason
        (missing where nothing was changed or suspected), level_factor [ratio], period_days [days,
        where the company plans in periods of its own]
    """
    sold = _closed_months(sales_history, planning_periods)
    if sold.empty:
        nothing = pd.Series(dtype="str")
        return sold.assign(
            cleansed=0.0,
            cleansing_adjustment=0.0,
            finding=nothing,
            reason=nothing,
            level_factor=1.0,
        )
    cells = promotion_cells.past_cells.on_arrays(products, sold, marketing_activities)
    stated = corrections.stated(sold, products, history_corrections)
    moved = drivers.cleansed_factors(sold, demand_drivers, products)
    plain = _at_reference(sold, moved)
    rates = _as_rates(plain, calendar)
    history = _cleansed(rates, as_known(rates, cells), stated, products, stock_availability)
    history = _of_periods(history, plain, calendar)
    return history if plain is sold else _with_drivers(history, sold, moved)


def _at_reference(sold, moved):
    """What would have sold with every driver at its reference."""
    if moved.empty:
        return sold
    factor = attach(sold[KEYS], moved[[*KEYS, "factor"]], default=1.0)["factor"]
    return sold.assign(quantity=sold["quantity"] / factor.to_numpy())


@remembered
def _as_rates(sold, calendar):
    """What would have sold in a month of average length, at the rate of each period."""
    if calendar is None:
        return sold
    return sold.assign(quantity=sold["quantity"] * AVERAGE_DAYS / _days(sold, calendar))


def _of_periods(history, sold, calendar):
    """The history cleansed as rates as quantities of its periods; what was left is as it was."""
    if calendar is None:
        return history
    days = _days(history, calendar)
    quantity = attach(history[KEYS], sold[[*KEYS, "quantity"]])["quantity"].to_numpy()
    left = history["cleansed"] == history["quantity"]
    cleansed = np.where(left, quantity, history["cleansed"] * days / AVERAGE_DAYS)
    return history.assign(
        quantity=quantity,
        cleansed=cleansed,
        cleansing_adjustment=cleansed - quantity,
        period_days=days,
    )


def _days(rows, calendar):
    days = calendar[["period"]].assign(days=day_counts(calendar))
    return attach(rows[["period"]], days)["days"].to_numpy()


def _with_drivers(history, sold, moved):
    """The cleansed history beside what was sold, with what the drivers did as the reason."""
    quantity = attach(history[KEYS], sold[[*KEYS, "quantity"]])["quantity"].to_numpy()
    words = attach(history[KEYS], moved[[*KEYS, "words"]], default="")["words"]
    named = words != ""
    both = (history["reason"] + "; " + words).fillna(words)
    return history.assign(
        quantity=quantity,
        cleansing_adjustment=history["cleansed"] - quantity,
        finding=history["finding"].mask(named & history["finding"].isna(), "driver"),
        reason=history["reason"].mask(named, both),
    )


@remembered
def _cleansed(sold, promoted_cells, stated, products, stock_availability):
    """Cleanse what was sold; a change of activities to come leaves it as it is."""
    ordinary = _without_gaps_and_odd_months(sold, stated, stock_availability, promoted_cells)
    lifts = promotions.past_lifts(
        ordinary[[*KEYS, "quantity", "cleansed"]], promoted_cells, products, stock_availability
    )
    history = _without_promotions(ordinary, lifts[~corrections.settled(sold, stated, lifts)])
    history["cleansing_adjustment"] = history["cleansed"] - history["quantity"]
    history["level_factor"] = _level_factor(history, stated)
    return history[[*CLEANSED, "level_factor"]]


@remembered
def _closed_months(sales_history, planning_periods):
    closed = sales_history["period"] < planning_periods["period"].iloc[0]
    return sales_history.loc[closed, [*KEYS, "quantity"]].sort_values(KEYS).reset_index(drop=True)


def grid_of(rows: DataFrame) -> Grid:
    """Arrange rows of product, market and period as series x months."""
    product, _ = pd.factorize(rows["product"], sort=True)
    market, names = pd.factorize(rows["market"], sort=True)
    series, _ = pd.factorize(product.astype("int64") * len(names) + market, sort=True)
    month = pd.PeriodIndex(rows["period"]).asi8
    return Grid(series, month - month.min(), (series.max() + 1, month.max() - month.min() + 1))


def as_array(grid: Grid, values: Series | np.ndarray) -> np.ndarray:
    """Put one value per row into an array of series x months; cells without a row are NaN."""
    cells = np.full(grid.shape, np.nan)
    cells[grid.series, grid.month] = values
    return cells


# --------------------------------------------------------------------------------------------------
# months that are no ordinary demand


def _without_gaps_and_odd_months(sold, stated, stock_availability, promoted_cells):
    """Everything but promotions: what planners stated, stock-outs, gaps, odd months."""
    grid = grid_of(sold)
    in_stock = _in_stock(sold, stock_availability)
    promoted = rows_of(sold, promoted_cells[KEYS].drop_duplicates(), KEYS) >= 0
    quantity, treatment = sold["quantity"].to_numpy(), stated["treatment"].to_numpy(object)
    kept = treatment == corrections.AS_SOLD
    out = np.isin(treatment, corrections.TAKEN_OUT)
    usable = ~(in_stock < 1) & ~promoted & ~out
    ordinary = as_array(grid, np.where(usable, quantity, np.nan))
    # a month that is known to have been in stock, or is kept, is no gap
    open_cells = as_array(grid, ~kept & ~(in_stock >= 1)) == 1
    gaps = not_on_sale(ordinary) & open_cells
    ordinary = np.where(gaps, np.nan, ordinary)
    expected, season = comparable_months(ordinary)

    nothing = pd.Series(pd.NA, index=sold.index, dtype="str")
    table = sold.assign(cleansed=quantity, finding=nothing, reason=nothing)
    at = grid.series, grid.month
    table = _stock_outs_filled(table, np.where(kept, 1.0, in_stock), expected[at])
    usual = ordinary.copy()
    runs = {side: odd_runs(ordinary, season, side) for side in ODD}
    suspects = {
        side: odd_months(ordinary, season, side) | found for side, (found, _) in runs.items()
    }
    for side, suspect in without_mirrored(ordinary, suspects).items():
        run, level = runs[side]
        expected = np.where(run, level, expected)
        suspect &= as_array(grid, kept) != 1
        judgement = judged(ordinary, expected, suspect & ~run, side)
        table, taken = _levelled(
            table, side, expected[at], suspect[at], *(j[at] for j in judgement)
        )
        usual[grid.series[taken], grid.month[taken]] = table["cleansed"].to_numpy()[taken]
    holes = gaps | (as_array(grid, out & (treatment != corrections.QUANTITY)) == 1)
    filled = bridged(usual, season, holes)[at]
    table = _gaps_filled(table, gaps[at], filled)
    return corrections.applied(table, stated, filled)


def _in_stock(sold, stock_availability):
    """The share of each month in stock; missing where it is not known."""
    if stock_availability is None:
        return np.full(len(sold), np.nan)
    known = attach(sold[KEYS], stock_availability[[*KEYS, "in_stock_ratio"]], default=np.nan)
    return known["in_stock_ratio"].to_numpy(dtype=float)


def _stock_outs_filled(table, in_stock, expected):
    short = in_stock < 1
    sold, ratio, usual = table.loc[short, "quantity"].to_numpy(), in_stock[short], expected[short]
    grossed = sold / np.maximum(ratio, 1 / MOST_GROSS_UP)
    known = ~np.isnan(usual)
    cleaned = np.where(known, sold + (1 - ratio) * usual, grossed)
    basis = np.where(
        known,
        "the rest as in comparable months",
        "grossed up, at most doubled: no comparable months",
    )
    table.loc[short, "cleansed"] = cleaned
    table.loc[short, "finding"] = "stock_out"
    table.loc[short, "reason"] = (
        "in stock " + _percent(ratio) + " of the month: " + pd.Series(basis, dtype="str").to_numpy()
    )
    return table


def _gaps_filled(table, gaps, filled):
    """Months that cannot be demand, filled from the months around."""
    at = np.flatnonzero(gaps & ~np.isnan(filled))
    usual = pd.Series(filled[at]).map("{:,.0f}".format).to_numpy(object)
    words = "no sales where " + usual + " are usual: taken as not on sale"
    late = (table["period"].iloc[at] > table["period"].max() - LATE).to_numpy()
    words = np.where(late, words + "; as the newest months it may be the end of sales", words)
    table.loc[table.index[at], "cleansed"] = filled[at]
    table.loc[table.index[at], "finding"] = "not_on_sale"
    table.loc[table.index[at], "reason"] = pd.array(words, dtype="str")
    return table


def _levelled(table, side, comparable, suspect, heard, confirmed, by_stl):
    """Bring odd months that STL confirms, or cannot judge, to the usual level; note the others.

    Returns
    -------
    table, positions of the rows that were changed
    """
    at = np.flatnonzero(suspect)
    heard, taken = heard[at], (confirmed | ~heard)[at]
    usual = np.where(heard, by_stl[at], comparable[at])
    usual = np.where(taken, usual, comparable[at])
    taken &= usual > 0
    times = (table["quantity"].iloc[at] / np.maximum(usual, 1e-9)).round(1).astype("str")
    yardstick = np.where(heard, "STL expects; comparable months agree", "comparable months say")
    finding, words = ODD[side]
    proposed = f"{words} proposed: " + times + " times what " + yardstick
    last = (table["period"].iloc[at] == table["period"].max()).to_numpy()
    proposed = proposed.mask(last, proposed + "; as the last month it may be a new level")
    rejected = (
        "left as sold: " + times + f" times what comparable months say, but no {words} by STL"
    )
    table.loc[table.index[at], "reason"] = proposed.where(taken, rejected)
    table.loc[table.index[at], "finding"] = finding
    table.loc[table.index[at[taken]], "cleansed"] = usual[taken]
    return table, at[taken]


def _without_promotions(table, lifts):
    """Take the lift out of promoted months: once for all activities of a kind, kind after kind."""
    if lifts.empty:
        return table
    kind = [*KEYS, "kind"]
    names = lifts.groupby(kind)["activity"].transform(" and ".join)
    lifts = lifts.assign(activity=names).drop_duplicates(kind, ignore_index=True)
    lifts = lifts.assign(
        words=lifts["activity"]
        + ": lift of "
        + _percent(lifts["lift_ratio"].to_numpy())
        + " removed"
    )
    lifts["factor"] = 1 + lifts["lift_ratio"]
    total = lifts.groupby(KEYS, as_index=False).agg(
        factor=("factor", "prod"), words=("words", "; ".join)
    )
    place = rows_of(table, total, KEYS)
    at, lift = np.flatnonzero(place >= 0), total.take(place[place >= 0])
    earlier = (table["reason"].take(at) + "; ").fillna("")
    table.loc[at, "cleansed"] = table["cleansed"].to_numpy()[at] / lift["factor"].to_numpy()
    table.loc[at, "reason"] = earlier.array + lift["words"].array
    table.loc[at, "finding"] = table["finding"].take(at).fillna("promotion").array
    return table


def _level_factor(history, stated):
    """What each month is multiplied with to be at the newest level; 1 almost everywhere."""
    grid = grid_of(history)
    cleansed = as_array(grid, history["cleansed"])
    _, season = comparable_months(cleansed)
    treatment = stated["treatment"].to_numpy(object)
    found = level_changes(cleansed, season)
    found[as_array(grid, treatment == corrections.AS_SOLD) == 1] = 0.0
    first = as_array(grid, corrections.first_months(stated)) == 1
    changes = np.where(first, stated_changes(cleansed, season, first), found)
    return to_newest_level(changes)[grid.series, grid.month]


def _percent(ratio):
    return (
        pd.Series(np.asarray(ratio) * 100).round(0).astype("int64").astype("str") + " %"
    ).to_numpy()
