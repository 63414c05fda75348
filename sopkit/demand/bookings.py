"""Past orders as arrays: how much of each month's demand was booked how many days before it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.forecasting.baseline import completed
from sopkit.tables.joins import rows_of
from sopkit.tables.periods import AVERAGE_DAYS, first_day_of, period_of

PAIR = ["product", "market"]
# findings of months whose sales are no measure of what is usually booked for them
UNUSUAL = ("stock_out", "not_on_sale", "disturbed", "promotion", "driver")
MOST_LEAD_DAYS = 180  # an order book is whole at the latest so long after its first order
LEAD_SHARE = 0.95  # of units whose lead the order book must span to be whole
USED_MONTHS = 24  # the newest, of which the usual share is taken
DRAWN_MONTHS = 3.0  # of the family's share in that of a product and market


class Bookings(NamedTuple):
    """Orders and demand of the closed months, series x months.

    pairs : product, market, a row for each row of the arrays
    families, group : the families, and the number of each series' own
    months : the closed months, as ordinals
    sold : units, NaN where they are no measure of the month
    history : cleansed units at the rate of an average month, to forecast from
    length : days of each month, in months of average length
    first : the first month from which on the order book is whole
    lines : of each order series, month (as positions), lead [days before the month's first day]
        and quantity
    """

    pairs: DataFrame
    families: list[str]
    group: np.ndarray
    months: np.ndarray
    sold: np.ndarray
    history: np.ndarray
    length: np.ndarray
    first: int
    lines: DataFrame


def bookings(
    products: DataFrame,
    demand_history: DataFrame,
    order_history: DataFrame,
    calendar: DataFrame | None = None,
) -> Bookings:
    """Lay orders and demand out by product, market and closed month.

    Only products and markets that have both are laid out. Orders due after the closed months, and
    those ordered after the month they were due in, are not booked for any.
    """
    sold = demand_history[rows_of(demand_history, order_history[PAIR].drop_duplicates(), PAIR) >= 0]
    pairs = sold[PAIR].drop_duplicates().sort_values(PAIR, ignore_index=True)
    month = pd.PeriodIndex(sold["period"]).asi8
    closed = pd.PeriodIndex(demand_history["period"]).asi8
    months = np.arange(closed.min(), closed.max() + 1)
    at = rows_of(sold, pairs, PAIR), month - months[0]
    days = sold["period_days"] if "period_days" in sold else pd.Series(np.nan, sold.index)
    length = np.ones(len(months))
    length[at[1]] = (days / AVERAGE_DAYS).fillna(1.0)
    units, clean = np.full((2, len(pairs), len(months)), np.nan)
    units[at] = sold["quantity"].where(~sold["finding"].isin(UNUSUAL))
    clean[at] = sold["cleansed"]
    history = completed(clean / length)[0] if len(pairs) else clean
    lines = _lines(order_history, pairs, months, calendar)
    family = pairs["product"].map(products.set_index("product")["family"])
    group, families = pd.factorize(family, sort=True)
    return Bookings(
        pairs,
        list(families),
        group,
        months,
        units,
        history,
        length,
        _first_whole(order_history, lines, months, calendar),
        lines,
    )


def booked(book: Bookings, days: int) -> np.ndarray:
    """Units of each series and month that were ordered so many days before the month began."""
    early = book.lines[book.lines["lead"] >= days]
    units = np.zeros(book.sold.shape)
    np.add.at(units, (early["series"], early["month"]), early["quantity"])
    return units


def usual_shares(book: Bookings, units: np.ndarray, end: int) -> np.ndarray:
    """The share of a month's demand that is booked by then, by series; 0 where nothing is known.

    The newest months before `end` count, of a whole order book; the share of each product and
    market is drawn to its family's.
    """
    months = slice(max(book.first, end - USED_MONTHS), end)
    seen = ~np.isnan(book.sold[:, months])
    demand = np.where(seen, book.sold[:, months], 0.0).sum(axis=1)
    early = np.where(seen, units[:, months], 0.0).sum(axis=1)
    count = book.group.max(initial=-1) + 1
    of_group = [np.bincount(book.group, part, count) for part in (early, demand)]
    family = _ratio(*of_group)[book.group]
    drawn = DRAWN_MONTHS * _ratio(demand, seen.sum(axis=1))
    return np.minimum(_ratio(early + drawn * family, demand + drawn), 1.0)


def scale_of(book: Bookings, end: int) -> np.ndarray:
    """The mean monthly demand of each series in the months before `end`; 0 where none is known."""
    months = slice(max(book.first, end - USED_MONTHS), end)
    seen = ~np.isnan(book.sold[:, months])
    return _ratio(np.where(seen, book.sold[:, months], 0.0).sum(axis=1), seen.sum(axis=1))


def _ratio(part, whole):
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)


def _lines(order_history, pairs, months, calendar):
    """The orders as positions in the arrays; see `Bookings.lines`."""
    due = period_of(order_history["due_day"], calendar)
    periods = pd.DataFrame({"period": due}) if calendar is None else calendar
    begin = first_day_of(pd.Series(due, order_history.index), _distinct(periods))
    lines = pd.DataFrame(
        {
            "series": rows_of(order_history, pairs, PAIR),
            "month": due.asi8 - months[0],
            "lead": (begin - order_history["order_day"]).dt.days,
            "quantity": order_history["quantity"].astype(float),
        }
    )
    inside = (lines["series"] >= 0) & lines["month"].between(0, len(months) - 1)
    return lines[inside].reset_index(drop=True)


def _distinct(periods):
    return periods.drop_duplicates("period").reset_index(drop=True)


def _first_whole(order_history, lines, months, calendar):
    """The position of the first month whose orders are all in the history, however early they came:
    its first day is after the first order by the lead that nearly all units keep to."""
    if lines.empty:
        return len(months)
    ordered = lines.sort_values("lead")
    share = ordered["quantity"].cumsum() / max(ordered["quantity"].sum(), 1e-9)
    lead = ordered["lead"].to_numpy()[int((share >= LEAD_SHARE).to_numpy().argmax())]
    since = order_history["order_day"].min() + pd.Timedelta(
        int(np.clip(lead, 0, MOST_LEAD_DAYS)), "D"
    )
    periods = pd.DataFrame({"period": pd.PeriodIndex.from_ordinals(months, freq="M")})
    begin = first_day_of(periods["period"], periods if calendar is None else calendar)
    return int((begin < since).sum())
