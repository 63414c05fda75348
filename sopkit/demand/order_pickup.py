"""Orders as a signal: what is booked now, against what is usually booked by now.

A company with a history of orders knows which share of a month's demand is booked so many days
before it (the booking curve). Orders above or below that share foretell more or less demand than
the baseline. How much of the surprise is believed is found by a back-test: past months are forecast
again from what was known then, and the error of the baseline is regressed on the surprise in
orders, by family and month ahead. Only what makes the error smaller is used.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.bookings import booked, bookings, scale_of, usual_shares
from sopkit.demand.consumption import ON_TOP
from sopkit.forecasting.forecast import forecast_series
from sopkit.rules.remember import remembered
from sopkit.tables import conform, empty
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import as_of_day, first_days, period_of

PAIR = ["product", "market"]
LAGS = 6  # months ahead in which orders are a signal
ORIGINS = 8  # of the back-test
MONTHS_BEFORE = 6  # of a whole order book, before the first of them
FEWEST_CELLS = 12  # of the back-test, by family and lag
LEAST_SHARE = 0.05  # of demand that is usually booked, or orders say nothing yet
LEAST_GAIN = 0.03  # of the error, or orders are shown and not used
LEAST_CERTAINTY = 2.0  # times its standard error, at least, is what is believed of a surprise
CURVE_DAYS = 15  # between the points of the booking curve
NOTHING = 0.005  # of demand: a share that is shown as 0 %


class OrderPickup(NamedTuple):
    """The pick-up forecast, and the record that says how far it is believed."""

    pickup_forecast: DataFrame
    pickup_record: DataFrame


@on_arrays
def order_pickup(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_history: DataFrame,
    order_history: DataFrame | None = None,
    sales_orders: DataFrame | None = None,
    calendar: DataFrame | None = None,
) -> OrderPickup:
    """Forecast the first months from the orders that are booked for them.

    A month's pick-up forecast is what is booked, over the share of demand that is usually booked so
    many days before the month; it is combined with the baseline by its weight. Months that have
    begun, products whose orders come on top of the forecast (consumption_mode none), and months of
    which less than a twentieth is usually booked, have none.

    Returns
    -------
    pickup_forecast : product, market, period : firm_orders [units], booked_ratio (usually booked by
        now), pickup [units], weight (of the pick-up beside all else that is planned; 0 where the
        record does not bear it out)
    pickup_record : family, lag : booked_ratio, wape (of the baseline), pickup_wape (of baseline and
        orders together), observations, weight, in_plan

    Source
    ------
    Talluri and van Ryzin, The Theory and Practice of Revenue Management, section 9.4 (pick-up); the
    combination is that of Bornhuetter and Ferguson, The Actuary and IBNR (1972), with a weight that
    is estimated.
    """
    nothing = OrderPickup(empty("pickup_forecast"), empty("pickup_record"))
    if order_history is None or sales_orders is None or demand_history.empty:
        return nothing
    book = _book(products, demand_history, order_history, calendar)
    days = days_before(planning_periods)
    if book.pairs.empty or len(book.months) - book.first < ORIGINS + MONTHS_BEFORE:
        return nothing
    record = _record(products, demand_history, order_history, calendar, tuple(days))
    rows = _pickups(book, days, record, planning_periods, sales_orders)
    on_top = products.loc[products["consumption_mode"] == ON_TOP, "product"]
    return OrderPickup(
        conform("pickup_forecast", rows[~rows["product"].isin(on_top)]),
        conform("pickup_record", record.drop(columns="believed")),
    )


def booking_curve(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_history: DataFrame,
    order_history: DataFrame | None = None,
    calendar: DataFrame | None = None,
) -> DataFrame:
    """The share of a month's demand that is usually booked so many days before it, by family.

    The curve ends where nothing is booked of any family.

    Returns
    -------
    family, lead_days (before the month's first day) : booked_ratio, of the newest two years
    """
    columns = ["family", "lead_days", "booked_ratio"]
    if order_history is None or demand_history.empty:
        return DataFrame(columns=columns)
    book = _book(products, demand_history, order_history, calendar)
    if book.pairs.empty or book.first >= len(book.months):
        return DataFrame(columns=columns)
    last = int(days_before(planning_periods).max())
    end, rows = len(book.months), []
    weight = scale_of(book, end)
    for days in range(0, last + CURVE_DAYS, CURVE_DAYS):
        share = usual_shares(book, booked(book, days), end)
        if days and not (share > NOTHING).any():
            break
        for number, family in enumerate(book.families):
            mine = (book.group == number) & (weight > 0)
            if mine.any():
                rows.append((family, days, np.average(share[mine], weights=weight[mine])))
    return DataFrame(rows, columns=columns)


def days_before(planning_periods: DataFrame) -> np.ndarray:
    """Days from the as-of day to the first day of each of the first months: none, or less, of a
    month that has begun."""
    return (first_days(planning_periods)[:LAGS] - as_of_day(planning_periods)).days.to_numpy()


@remembered
def _book(products, demand_history, order_history, calendar):
    return bookings(products, demand_history, order_history, calendar)


def _pickups(book, days, record, planning_periods, sales_orders):
    """The pick-up forecast of each series and month ahead of which enough is usually booked."""
    open_orders = _open_orders(book, planning_periods, sales_orders)
    end, parts = len(book.months), []
    for lag, ahead in enumerate(days):
        share = usual_shares(book, booked(book, ahead), end)
        believed = record[record["lag"] == lag + 1].set_index("family")["believed"]
        believed = believed.reindex(book.families).fillna(0.0).to_numpy()[book.group]
        told = (share >= LEAST_SHARE) & (ahead > 0)
        rows = book.pairs.assign(
            period=planning_periods["period"].iloc[lag],
            firm_orders=open_orders[:, lag],
            booked_ratio=share,
            pickup=open_orders[:, lag] / np.maximum(share, LEAST_SHARE),
            weight=np.minimum(believed * share, 1.0),
        )
        parts.append(rows[told])
    return pd.concat(parts, ignore_index=True)


def _open_orders(book, planning_periods, sales_orders):
    """Units of open orders by series and month ahead."""
    units = np.zeros((len(book.pairs), LAGS))
    row = rows_of(sales_orders, book.pairs, PAIR)
    months = pd.PeriodIndex(planning_periods["period"][:LAGS])
    month = months.get_indexer(period_of(sales_orders["due_day"], planning_periods))
    known = (row >= 0) & (month >= 0)
    quantity = sales_orders["quantity"].to_numpy(dtype=float)
    np.add.at(units, (row[known], month[known]), quantity[known])
    return units


# --------------------------------------------------------------------------------------------------
# the back-test


@remembered
def _record(products, demand_history, order_history, calendar, days):
    """How far orders would have made the forecasts of past months better, by family and lag."""
    book = _book(products, demand_history, order_history, calendar)
    rows, rehearsed = [], _rehearsed(book, len(days))
    for lag, ahead in enumerate(days):
        if ahead <= 0:
            continue
        cells = _cells(book, rehearsed, lag, ahead)
        for number, family in enumerate(book.families):
            mine = cells[book.group[cells["series"]] == number]
            if len(mine) >= FEWEST_CELLS and mine["share"].mean() >= LEAST_SHARE:
                rows.append({"family": family, "lag": lag + 1, **_judged(mine)})
    columns = ["booked_ratio", "wape", "pickup_wape", "observations", "weight", "in_plan"]
    return DataFrame(rows, columns=["family", "lag", *columns, "believed"])


def _rehearsed(book, lags):
    """What the baseline would have been at each origin (origins x series x lags), NaN where nothing
    had sold by then."""
    end = len(book.months)
    made = np.full((ORIGINS, len(book.pairs), lags), np.nan)
    for number, start in enumerate(range(end - ORIGINS, end)):
        known = ~np.isnan(book.history[:, :start]).all(axis=1)
        forecast = forecast_series(book.history[known, :start], lags).forecast
        length = np.append(book.length, np.ones(lags))[start : start + lags]
        made[number, known] = forecast * length
    return made


def _cells(book, rehearsed, lag, ahead):
    """The cells of the back-test at a lag.

    Returns
    -------
    origin, series (numbers) : sold, error (of the baseline), surprise (of what is booked) [units],
        share (usually booked), scale (mean monthly demand) [units]
    """
    units, end, parts = booked(book, ahead), len(book.months), []
    for number, start in enumerate(range(end - ORIGINS, end - lag)):
        month, share = start + lag, usual_shares(book, units, start)
        baseline, scale = rehearsed[number, :, lag], scale_of(book, start)
        rows = {
            "origin": number,
            "series": np.arange(len(scale)),
            "sold": book.sold[:, month],
            "error": book.sold[:, month] - baseline,
            "surprise": units[:, month] - share * baseline,
            "share": share,
            "scale": scale,
        }
        parts.append(DataFrame(rows))
    cells = pd.concat(parts, ignore_index=True)
    return cells[cells["error"].notna() & (cells["scale"] > 0)].reset_index(drop=True)


def _judged(cells):
    """Regress the error of the baseline on the surprise in orders, and judge it on origins that it
    was not found of."""
    found, certain = _believed(cells)
    left = cells["error"].copy()
    for origin in cells["origin"].unique():
        out = cells["origin"] == origin
        left[out] -= _believed(cells[~out])[0] * cells.loc[out, "surprise"]
    sold = max(cells["sold"].sum(), 1e-9)
    wape, together = (part.abs().sum() / sold for part in (cells["error"], left))
    helps = bool(certain and together <= (1 - LEAST_GAIN) * wape)
    usual = np.average(cells["share"], weights=cells["scale"])
    return {
        "booked_ratio": usual,
        "wape": wape,
        "pickup_wape": together,
        "observations": len(cells),
        "weight": min(found * usual, 1.0) if helps else 0.0,
        "in_plan": helps,
        "believed": found if helps else 0.0,
    }


def _believed(cells):
    """Units of error that follow a unit of surprise, at most what the pick-up alone would say; and
    whether it is beyond noise."""
    error, surprise = (cells[name] / cells["scale"] for name in ("error", "surprise"))
    moved = (surprise**2).sum()
    if moved <= 0:
        return 0.0, False
    slope = (error * surprise).sum() / moved
    noise = ((error - slope * surprise) ** 2).sum() / max(len(cells) - 1, 1)
    certain = slope >= LEAST_CERTAINTY * np.sqrt(noise / moved)
    return float(np.clip(slope, 0.0, 1 / max(cells["share"].mean(), LEAST_SHARE))), bool(certain)
