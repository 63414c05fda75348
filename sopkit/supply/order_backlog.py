"""The order backlog of what is made or assembled to order, in units and in weeks of work."""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.supply_modes import is_on_order, order_lead_days
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import MONTH_DAYS, WEEK_DAYS, day_counts

PACE_MONTHS = 3  # whose planned output is the pace at which a backlog is worked off
MADE = ("regular", "overtime", "subcontract")


@on_arrays
def order_backlog(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_plan: ArrayTable,
    supply_plan: ArrayTable,
    constrained_demand: ArrayTable,
) -> ArrayTable:
    """Project the order backlog of products made or assembled to order, at each month's end.

    The order backlog is what customers have ordered by then and not received: what is late, firm
    orders due later, and the forecast that falls due within the order lead time, which will have
    been ordered. In weeks of work it is divided by a week's planned output of the three months that
    follow (of the last three at the end of the plan).

    Returns
    -------
    product, period : opening_order_backlog [units, at the start of the month; in the first month as
        of today], order_backlog [units], backlog_weeks, order_lead_time_weeks [weeks; empty where
        nothing is made, or no order lead time is known]

    Source
    ------
    Wallace & Stahl, Sales & Operations Planning: The How-to Handbook, make-to-order families.
    """
    months = demand_plan.months
    keys, lead_days = _on_order(products)
    own = ArrayTable(keys, months, {})
    asked, made = demand_plan.sums("product"), supply_plan.sums("product")
    late = constrained_demand.sums("product").on(own, default=0.0)["backlog"]
    asked, made = asked.on(own, default=0.0), made.on(own, default=0.0)
    firm, net = asked["firm_orders"], asked["net_forecast"]
    backlog = late + _later(firm) + _within(net, np.nan_to_num(lead_days) / MONTH_DAYS)
    today = asked["past_due_orders"].sum(axis=1) + firm.sum(axis=1)
    opening = np.hstack([today[:, None], backlog[:, :-1]])
    pace = _weekly_pace(sum(made[way] for way in MADE), day_counts(planning_periods) / WEEK_DAYS)
    weeks = np.divide(backlog, pace, out=np.full(backlog.shape, np.nan), where=pace > 0)
    lead_weeks = np.broadcast_to(lead_days[:, None] / WEEK_DAYS, backlog.shape)
    return own.assign(
        opening_order_backlog=opening,
        order_backlog=backlog,
        backlog_weeks=weeks,
        order_lead_time_weeks=lead_weeks,
    )


@remembered
def _on_order(products: DataFrame) -> tuple[Keys, np.ndarray]:
    """The products made or assembled to order, and the days of their order lead time."""
    every = Keys(products[["product"]])
    chosen = is_on_order(products, every)
    return Keys(products.loc[chosen, ["product"]]), order_lead_days(products, every)[chosen]


def _later(units):
    """What falls due after each month."""
    return units.sum(axis=1, keepdims=True) - units.cumsum(axis=1)


def _within(units, window):
    """What falls due within so many months after each month, by row; of the last month in part."""
    total = np.zeros(units.shape)
    for ahead in range(1, units.shape[1]):
        share = np.clip(window - (ahead - 1), 0.0, 1.0)[:, None]
        total[:, :-ahead] += share * units[:, ahead:]
    return total


def _weekly_pace(made: np.ndarray, weeks: np.ndarray) -> np.ndarray:
    """A week's planned output of the months that follow each month; at the end, of the last."""
    count = len(weeks)
    reach = min(PACE_MONTHS, count)
    first = np.minimum(np.arange(count) + 1, count - reach)
    total, time = (
        np.hstack([np.zeros((len(each), 1)), each.cumsum(axis=1)])
        for each in (made, weeks[None, :])
    )
    return (total[:, first + reach] - total[:, first]) / (time[:, first + reach] - time[:, first])
