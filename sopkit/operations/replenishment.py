"""What is sent from sites to markets, and when."""

import pandas as pd

from sopkit.operations.detail import detailed, order_number
from sopkit.periods import working_days
from sopkit.tables import conform
from sopkit.vocabulary import TABLES


def replenishment_orders(horizon, shipments):
    """Order each week's shipments from sites to markets, on the week's first working day.

    Quantities are the plan's own, unrounded, so that the orders sum to the plan. A week without shipment has no order.
    The order's number is made of what it orders, so it stays the same when other products come or go.

    Returns
    -------
    order_number : product, site, market, quantity [units], order_day, responsible
    """
    plan = detailed(horizon, shipments)
    rows = _by_week(plan.loc[plan["shipped"] > 0, ["product", "site", "market", "period", "shipped"]])
    rows["quantity"] = rows["shipped"] * rows["share"]
    rows["order_day"] = _first_working_day(rows["period"], rows["week"])
    rows["responsible"] = rows["site"] + " logistics"
    rows["order_number"] = order_number("R", rows["order_day"], rows["site"], rows["market"], rows["product"])
    rows = rows.sort_values(["order_day", "site", "market", "product"], ignore_index=True)
    return conform("replenishment_orders", rows[list(TABLES["replenishment_orders"].columns)])


def _by_week(plan):
    """Repeat each month's rows for its weeks.

    Returns
    -------
    the rows with week, working_days [days], share [of the month], elapsed [share of the month past when it ends]
    """
    weeks = working_days(plan["period"])
    days = weeks.groupby("period")["working_days"]
    total = days.transform("sum")
    weeks = weeks.assign(share=weeks["working_days"] / total, elapsed=days.cumsum() / total)
    return plan.merge(weeks, on="period", how="left")


def _first_working_day(period, week):
    """The week's Monday, or the month's first working day where the month begins within the week."""
    return week.where(week.dt.to_period("M") == period, _month_start(period))


def _month_start(period):
    """The month's first working day."""
    first = period.dt.to_timestamp()
    weekend = (7 - first.dt.day_of_week).where(first.dt.day_of_week > 4, 0)
    return first + pd.to_timedelta(weekend, unit="D")
