"""Forecast consumption: what customers have ordered, what it consumes of the forecast, and what
supply is asked for.

An order is part of what was forecast until it exceeds it. So it consumes the forecast of the month
it is due in, and where it exceeds that, of months before and after within the product's window.
Supply is asked for the orders and for the forecast that is left.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.supply_modes import order_lead_days
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, keys_of, rows_in
from sopkit.tables.periods import (
    DAY,
    as_of_day,
    day_counts,
    days_left,
    first_planned_day,
    last_days,
    period_of,
)

PAIR = ["product", "market"]
ON_TOP = "none"  # the consumption mode under which orders consume no forecast
WINDOW = ["consumption_mode", "consumption_backward_months", "consumption_forward_months"]
DIRECTIONS = {  # consumption mode: signs of the months that are consumed, one after the other
    "backward_forward": (-1, 1),
    "forward_backward": (1, -1),
    "backward": (-1,),
    "forward": (1,),
}


def on_supply(
    forecast: ArrayTable,
    planning_periods: DataFrame,
    products: DataFrame | None = None,
    sales_orders: DataFrame | None = None,
) -> ArrayTable:
    """Let firm orders consume the forecast, and add up what supply is asked for.

    Orders due before the first planned day are past due: they are demand of the first month, and
    consume nothing, for the forecast of their month is over. Of a product made or assembled to
    order, the forecast of days within its order lead time, counted from the as-of day, can no
    longer be ordered and is left out. Of a month that has begun, the forecast of its days after the
    as-of day is left. Orders after the planned months belong to other plans. Where the pick-up of
    orders is part of the consensus (`order_pickup`), they are part of their month's demand and
    consume no other month's, nor is it consumed by orders of others.

    Parameters
    ----------
    forecast : by product and market, `consensus` [units] among other columns

    Returns
    -------
    the forecast, and a row of nothing for what is ordered and not forecast, with firm_orders,
    past_due_orders, net_forecast and total_demand [units]

    Source
    ------
    ASCM Supply Chain Dictionary, consuming the forecast, demand time fence. The settings are those
    of SAP (consumption mode, backward and forward period) and frePPLe (net early, net late).
    """
    forecast = _with_rows_of(forecast, _ordered(planning_periods, sales_orders))
    firm, past_due = _by_month(forecast, planning_periods, sales_orders)
    net = forecast["consensus"] * days_left(planning_periods)
    picked_up = _picked_up(forecast)
    for rows, mode, backward, forward in _windows(forecast.keys, products):
        if mode != ON_TOP:
            offsets = _offsets(mode, backward, forward)
            net[rows] = _left(net[rows], firm[rows], picked_up[rows], offsets)
    open_share = _still_open(forecast.keys, planning_periods, products)
    net = np.minimum(net, forecast["consensus"] * open_share)
    return forecast.assign(
        firm_orders=firm,
        past_due_orders=past_due,
        net_forecast=net,
        total_demand=firm + past_due + net,
    )


def _picked_up(forecast):
    """The cells whose orders are in the consensus by their pick-up."""
    if "pickup_demand" not in forecast:
        return np.zeros(forecast.shape, dtype=bool)
    return np.nan_to_num(forecast["pickup_demand"]) != 0


def _left(forecast, orders, picked_up, offsets):
    """The forecast that orders leave; those of picked-up cells consume that of their own."""
    rest = consumed(np.where(picked_up, 0, forecast), np.where(picked_up, 0, orders), offsets)
    return np.where(picked_up, np.maximum(forecast - orders, 0.0), rest)


def consumed(forecast: np.ndarray, orders: np.ndarray, offsets: tuple[int, ...]) -> np.ndarray:
    """The forecast that orders leave, a row a series and a column a month.

    Orders consume the forecast of their own month first. What exceeds it consumes the months at
    `offsets` from its own in their order, orders due first before later ones.

    >>> consumed(np.array([[10.0, 10.0, 10.0]]), np.array([[0.0, 25.0, 4.0]]), (-1, 1))
    array([[0., 0., 1.]])
    """
    net = np.maximum(forecast - orders, 0.0)
    excess = np.maximum(orders - forecast, 0.0)
    count = forecast.shape[1]
    for month in range(count):
        for offset in offsets:
            if 0 <= month + offset < count:
                taken = np.minimum(excess[:, month], net[:, month + offset])
                net[:, month + offset] -= taken
                excess[:, month] -= taken
    return net


def _ordered(planning_periods, sales_orders):
    """The products and markets with an order in the planned months or past due."""
    if sales_orders is None:
        return pd.DataFrame({"product": [], "market": []}, dtype="str")
    planned = sales_orders["due_day"] < last_days(planning_periods)[-1] + DAY
    return sales_orders.loc[planned & (sales_orders["quantity"] > 0), PAIR]


def _with_rows_of(forecast, pairs):
    both = pd.concat([forecast.keys.frame, pairs]).drop_duplicates()
    if len(both) == len(forecast.keys):
        return forecast
    return forecast.on(ArrayTable(Keys(both.sort_values(PAIR)), forecast.months, {}), default=0.0)


def _by_month(forecast, planning_periods, sales_orders):
    """Units ordered by due month, and those past due in the first month."""
    firm, past_due = np.zeros((2, *forecast.shape))
    if sales_orders is None or sales_orders.empty:
        return firm, past_due
    row = rows_in(keys_of(sales_orders, *PAIR), forecast.keys)
    due = sales_orders["due_day"]
    month = forecast.months.get_indexer(period_of(due, planning_periods))
    late = (due < first_planned_day(planning_periods)).to_numpy()
    units = sales_orders["quantity"].to_numpy(dtype=float)
    known = row >= 0
    coming = known & ~late & (month >= 0)
    np.add.at(firm, (row[coming], month[coming]), units[coming])
    np.add.at(past_due, (row[known & late], 0), units[known & late])
    return firm, past_due


def _windows(keys: Keys, products: DataFrame | None) -> Iterator[tuple]:
    """The rows of each consumption window: rows, mode, months backward and forward."""
    if products is None:
        yield np.arange(len(keys)), "backward_forward", 0, 0
        return
    own = products.set_index("product")[WINDOW].reindex(keys["product"])
    own["consumption_mode"] = own["consumption_mode"].astype("object").fillna("backward_forward")
    own[WINDOW[1:]] = own[WINDOW[1:]].astype(float).fillna(0.0)
    for (mode, backward, forward), rows in own.reset_index(drop=True).groupby(WINDOW):
        yield rows.index.to_numpy(), mode, int(backward), int(forward)


def _offsets(mode: str, backward: int, forward: int) -> tuple[int, ...]:
    """Months from an order's own whose forecast it may consume, nearest of a direction first."""
    reach = {-1: backward, 1: forward}
    return tuple(sign * months for sign in DIRECTIONS[mode] for months in range(1, reach[sign] + 1))


def _still_open(keys, planning_periods, products):
    """The share of each month's forecast that can still be ordered: what lies after the order lead
    time of products made or assembled to order."""
    if products is None:
        return np.ones((len(keys), len(planning_periods)))
    lead = np.nan_to_num(order_lead_days(products, keys))
    ends = (last_days(planning_periods) - as_of_day(planning_periods)).days.to_numpy(dtype=float)
    days = day_counts(planning_periods)
    return np.clip((ends[None, :] - lead[:, None]) / days[None, :], 0.0, 1.0)
