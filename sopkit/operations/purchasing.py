"""What is ordered from suppliers, and when."""

import numpy as np
import pandas as pd

from sopkit.operations.detail import DETAILED_MONTHS, order_number
from sopkit.tables import attach, conform, empty
from sopkit.vocabulary import TABLES


def procurement_orders(horizon, procurement_plan, components=None):
    """Order what the plan receives a lead time before it is due; due is the first working day of its month.

    Listed are the orders to be placed by the end of the third month. An order whose day lies before the cycle keeps
    that day, and purchasing is told how late it is.

    Returns
    -------
    order_number : component, supplier, quantity [units], order_day, due_day, cost [money], responsible
    """
    if components is None:
        return empty("procurement_orders")
    terms = components[["component", "supplier", "lead_time_days", "unit_cost"]]
    # every delivery planned is one order planned: `received` says when it is due, `ordered` only the month of the order
    rows = procurement_plan.loc[procurement_plan["received"] > 0, ["component", "period", "received"]]
    rows = attach(rows, terms).rename(columns={"received": "quantity"})
    rows["due_day"] = _month_start(rows["period"])
    rows["order_day"] = _working_day_by(
        rows["due_day"] - pd.to_timedelta(np.ceil(rows["lead_time_days"]), unit="D")
    )
    rows = rows[rows["order_day"] <= horizon["period"].iloc[:DETAILED_MONTHS].max().end_time]
    rows["cost"] = rows["quantity"] * rows["unit_cost"]
    rows["responsible"] = _purchasing(rows["order_day"], horizon["period"].min().start_time)
    rows["order_number"] = order_number("P", rows["due_day"], rows["component"])
    rows = rows.sort_values(["order_day", "due_day", "component"], ignore_index=True)
    return conform("procurement_orders", rows[list(TABLES["procurement_orders"].columns)])


def _working_day_by(day):
    """The day itself, or the Friday before a weekend."""
    return day - pd.to_timedelta((day.dt.day_of_week - 4).clip(lower=0), unit="D")


def _purchasing(order_day, start):
    """Purchasing, told to expedite what should have been ordered before the cycle's first day."""
    late = (start - order_day).dt.days
    urgent = "purchasing: expedite, " + late.astype("str") + " days late"
    return urgent.where(late > 0, "purchasing")


def _month_start(period):
    """The month's first working day."""
    first = period.dt.to_timestamp()
    weekend = (7 - first.dt.day_of_week).where(first.dt.day_of_week > 4, 0)
    return first + pd.to_timedelta(weekend, unit="D")
