"""Historical demand, actual and cleansed.

Sales are not demand: a stock-out hides it, a promotion or a single large order adds to it.
`cleansed` is what an ordinary month would have brought; `cleansing_adjustment` and `reason` say
what was changed, and `quantity` keeps what was sold.

The yardstick of every correction is what comparable months say: the median month of the year
around, times the month's usual share of it in the other years. That is quick enough for a whole
portfolio. The few months it suspects of a one-off order are judged by STL, which follows a level
that moves: it confirms the suspicion and says what the month would have brought, or it rejects it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.demand import promotions
from sopkit.rules.remember import as_known, remembered
from sopkit.tables import attach
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import YEAR

KEYS = ["product", "market", "period"]
HALF_YEAR = 6
FEWEST_NEIGHBOURS = 3  # ordinary months needed in the year around before they say anything
MOST_GROSS_UP = 2.0  # without comparable months a short month counts at most double
SPIKE_SCORE = 5.0  # robust standard deviations above what comparable months say
SPIKE_RATIO = 1.5  # and at least that many times it
SMALLEST_SPREAD = 0.05  # no series is so regular that 5 % is not ordinary
FEWEST_FOR_STL = 2 * YEAR
EVERY_YEAR = (
    10_001  # months of the seasonal smoother: so long that the season is the same every year
)
TREND_MONTHS = 13
HALF = 0.5  # a unit's half, added before logarithms
MOST_ZEROS_RATIO = 0.2  # with more empty months than this, spikes are the nature of the demand


class Judged(NamedTuple):
    """STL estimates of suspected months (series x months).

    heard : where it could judge
    confirmed : where it judged that the month is a spike
    usual : estimated demand of the month [units], NaN without an estimate
    """

    heard: np.ndarray
    confirmed: np.ndarray
    usual: np.ndarray


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
) -> DataFrame:
    """Cleanse the closed months of stock-outs, one-off orders and promotions.

    Stock-outs: the share of the month without stock is filled with what comparable months say.
    One-off orders: an isolated month far above comparable months is reduced to what STL expects
    there, if STL confirms it; with less
    than two full years, to comparable months. Promotions: the estimated lift of the activity's
    kind is removed.

    Returns
    -------
    product, market, period : quantity, cleansed, cleansing_adjustment [units], reason (missing
        where nothing was changed or suspected)
    """
    sold = _closed_months(sales_history, planning_periods)
    if sold.empty:
        return sold.assign(cleansed=0.0, cleansing_adjustment=0.0, reason=pd.Series(dtype="str"))
    cells = promotions.past_cells.on_arrays(products, sold, marketing_activities)
    return _cleansed(sold, as_known(sold, cells), products, stock_availability)


@remembered
def _cleansed(sold, promoted_cells, products, stock_availability):
    """Cleanse what was sold; a change of activities to come leaves it as it is."""
    ordinary = _without_stock_outs_and_spikes(sold, stock_availability, promoted_cells)
    history = _without_promotions(
        ordinary,
        promotions.past_lifts(
            ordinary[[*KEYS, "quantity", "cleansed"]], promoted_cells, products, stock_availability
        ),
    )
    history["cleansing_adjustment"] = history["cleansed"] - history["quantity"]
    return history[[*KEYS, "quantity", "cleansed", "cleansing_adjustment", "reason"]]


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


def _without_stock_outs_and_spikes(sold, stock_availability, promoted_cells):
    grid = grid_of(sold)
    in_stock = _in_stock(sold, stock_availability)
    promoted = rows_of(sold, promoted_cells[KEYS].drop_duplicates(), KEYS) >= 0
    quantity = sold["quantity"].to_numpy()
    full = in_stock >= 1
    ordinary = as_array(grid, np.where(full & ~promoted, quantity, np.nan))
    expected, season = comparable_months(ordinary)
    table = sold.assign(cleansed=quantity, reason=pd.Series(pd.NA, index=sold.index, dtype="str"))
    usual = expected[grid.series, grid.month]
    table = _stock_outs_filled(table, in_stock, usual)
    suspect = spikes(ordinary, season)
    cells = (
        values[grid.series, grid.month]
        for values in (suspect, *judged(ordinary, expected, suspect))
    )
    return _spikes_levelled(table, usual, *cells)


def _in_stock(sold, stock_availability):
    if stock_availability is None:
        return np.ones(len(sold))
    return attach(sold[KEYS], stock_availability, default=1.0)["in_stock_ratio"].to_numpy()


def comparable_months(ordinary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate each month from the others (series x months, NaN where not ordinary).

    Returns
    -------
    expected [units], NaN where too little is known; season, the month's usual share of its year's
    median month, NaN without another year to compare with
    """
    months = ordinary.shape[1]
    level = np.column_stack([_median_of_year(ordinary, month) for month in range(months)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(level > 0, ordinary / level, np.nan)
    season = np.column_stack([median(share[:, others]) for others in _other_years(months)])
    return level * np.where(np.isnan(season), 1.0, season), season


def _other_years(months):
    """For each month, the same month of the other years."""
    return [
        [other for other in range(month % YEAR, months, YEAR) if other != month]
        for month in range(months)
    ]


def _median_of_year(ordinary, month):
    """The median of the twelve months around a month; at the ends, of the first or last twelve."""
    start = max(0, min(month - YEAR // 2, ordinary.shape[1] - YEAR))
    window = ordinary[:, start : start + YEAR]
    enough = (~np.isnan(window)).sum(axis=1) >= FEWEST_NEIGHBOURS
    return np.where(enough, median(window), np.nan)


def median(values: np.ndarray) -> np.ndarray:
    """Median of each row, ignoring NaN; NaN for an empty row."""
    if values.shape[1] == 0:
        return np.full(values.shape[0], np.nan)
    ordered = np.sort(values, axis=1)  # NaN goes last
    count = (~np.isnan(values)).sum(axis=1)
    lower, upper = np.maximum(count - 1, 0) // 2, count // 2
    middle = np.take_along_axis(
        ordered, np.column_stack([lower, np.minimum(upper, values.shape[1] - 1)]), axis=1
    )
    return np.where(count > 0, middle.mean(axis=1), np.nan)


def spikes(ordinary: np.ndarray, season: np.ndarray) -> np.ndarray:
    """Find isolated months far above the months before and after (series x months of true and
    false).

    The test is on logarithms with a robust spread, so a volatile series needs a larger spike than a
    steady one, and a spike does not hide itself. A level that stays high, and a month that is high
    in another year too, is no spike.
    """
    usual = _higher_side(ordinary / np.where(season > 0, season, np.nan)) * season
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.log(ordinary + 0.5) - np.log(usual + 0.5)
        spread = np.maximum(1.4826 * median(np.abs(surprise)), SMALLEST_SPREAD)[:, None]
        zeros = np.sum(ordinary == 0, axis=1) / np.maximum((~np.isnan(ordinary)).sum(axis=1), 1)
        high = (surprise > SPIKE_SCORE * spread) & (ordinary > SPIKE_RATIO * usual)
    known = np.where(np.isnan(surprise), -np.inf, surprise)
    others = _other_years(ordinary.shape[1])
    recurs = np.column_stack([known[:, months].max(axis=1, initial=-np.inf) for months in others])
    beside = np.pad(known, ((0, 0), (1, 1)), constant_values=-np.inf)
    again = np.maximum(recurs, np.maximum(beside[:, :-2], beside[:, 2:]))
    return high & (again <= surprise / 2) & (zeros <= MOST_ZEROS_RATIO)[:, None]


def _higher_side(plain):
    """The median of the half year before or of the half year after each month, whichever is
    higher."""
    months = plain.shape[1]
    before = np.column_stack([median(plain[:, max(t - HALF_YEAR, 0) : t]) for t in range(months)])
    after = np.column_stack([median(plain[:, t + 1 : t + 1 + HALF_YEAR]) for t in range(months)])
    return np.fmax(before, after)


def judged(ordinary: np.ndarray, expected: np.ndarray, suspect: np.ndarray) -> Judged:
    """Estimate the suspected months of each series of two full years by STL.

    A month is confirmed by the same criteria that made it suspected. What it would have brought is
    fitted once more
    without it, for even a robust season gives way to a spike when there are few years of it.

    Returns
    -------
    Judged

    Source
    ------
    Cleveland and others, STL: a seasonal-trend decomposition procedure based on loess (1990).
    """
    result = Judged(np.zeros_like(suspect), np.zeros_like(suspect), np.full(suspect.shape, np.nan))
    whole = np.where(np.isnan(ordinary), expected, ordinary)
    for series, month in np.argwhere(suspect):  # a few in a thousand series
        known = np.flatnonzero(~np.isnan(ordinary[series]))
        span = slice(known[0], known[-1] + 1)
        logs = np.log(whole[series, span] + HALF)
        if len(logs) < FEWEST_FOR_STL or np.isnan(logs).any():
            continue
        at = month - known[0]
        surprise = logs - _trend_and_season(logs)
        spread = max(1.4826 * np.median(np.abs(np.delete(surprise, at))), SMALLEST_SPREAD)
        result.heard[series, month] = True
        result.confirmed[series, month] = surprise[at] > max(
            SPIKE_SCORE * spread, np.log(SPIKE_RATIO)
        )
        logs[at] = np.log(expected[series, month] + HALF)
        result.usual[series, month] = max(np.exp(_trend_and_season(logs)[at]) - HALF, 0.0)
    return result


def _trend_and_season(logs):
    from statsmodels.tsa.seasonal import STL

    parts = STL(logs, YEAR, EVERY_YEAR, TREND_MONTHS, seasonal_deg=0, robust=True).fit()
    return parts.trend + parts.seasonal


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
    table.loc[short, "reason"] = (
        "in stock " + _percent(ratio) + " of the month: " + pd.Series(basis, dtype="str").to_numpy()
    )
    return table


def _spikes_levelled(table, comparable, suspect, heard, confirmed, by_stl):
    """Reduce spikes that STL confirms, or cannot judge, to the usual level; note the others."""
    at = np.flatnonzero(suspect)
    heard, taken = heard[at], (confirmed | ~heard)[at]
    usual = np.where(heard, by_stl[at], comparable[at])
    usual = np.where(taken, usual, comparable[at])
    times = (table["quantity"].iloc[at] / np.maximum(usual, 1e-9)).round(1).astype("str")
    yardstick = np.where(heard, "STL expects; comparable months agree", "comparable months say")
    proposed = "one-off order proposed: " + times + " times what " + yardstick
    last = (table["period"].iloc[at] == table["period"].max()).to_numpy()
    proposed = proposed.mask(last, proposed + "; as the last month it may be a new level")
    rejected = (
        "left as sold: " + times + " times what comparable months say, but no one-off order by STL"
    )
    table.loc[table.index[at], "reason"] = proposed.where(taken, rejected)
    table.loc[table.index[at[taken]], "cleansed"] = usual[taken]
    return table


def _without_promotions(table, lifts):
    """Take the lift out of promoted months; two activities in one month count one after the
    other."""
    if lifts.empty:
        return table
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
    return table


def _percent(ratio):
    return (
        pd.Series(np.asarray(ratio) * 100).round(0).astype("int64").astype("str") + " %"
    ).to_numpy()
