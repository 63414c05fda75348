"""The approved months as weeks and days of work, and the orders that follow from them.

A month is split by its working days, Monday to Friday: every working day gets the same share, so the weeks sum to the
month, whatever its length. A week that the month's end cuts is two rows. Only the policy plan, the plan of record, is
carried out.
"""

import numpy as np
import pandas as pd

from sopkit.periods import working_days
from sopkit.tables import attach, conform, empty
from sopkit.vocabulary import PLAN_OF_RECORD, TABLES

DETAILED_MONTHS = 3  # planned by week
DETAILED_WEEKS = 4  # planned by day
FLOWS = [
    "regular",
    "overtime",
    "subcontract",
    "receipts",
    "transferred_in",
    "shipped",
    "transferred_out",
    "wasted",
]


def weekly_plan(horizon, supply_plan):
    """Split the first three months of the plan into weeks.

    Inventory moves from the month's opening to its closing stock in step with the working days.

    Returns
    -------
    product, site, period, week : working_days [days], regular, overtime, subcontract, receipts, transferred_in,
        shipped, transferred_out, wasted, inventory [units, at the end of the week]
    """
    plan = _detailed(horizon, supply_plan)
    plan[FLOWS] = plan[FLOWS].fillna(0.0)
    rows = _by_week(plan[["product", "site", "period", "opening_inventory", "inventory", *FLOWS]])
    rows[FLOWS] = rows[FLOWS].mul(rows["share"], axis=0)
    rows["inventory"] = (
        rows["opening_inventory"] * (1 - rows["elapsed"]) + rows["inventory"] * rows["elapsed"]
    )
    rows = rows.sort_values(["product", "site", "week", "period"], ignore_index=True)
    return rows[list(TABLES["weekly_plan"].columns)]


def daily_plan(weekly_plan):
    """Split the first four weeks into working days, each with the same share of its week.

    Returns
    -------
    product, site, day : regular, overtime, subcontract, receipts, transferred_in, shipped, transferred_out,
        wasted [units]
    """
    first = np.sort(weekly_plan["week"].unique())[:DETAILED_WEEKS]
    weeks = weekly_plan[weekly_plan["week"].isin(first)]
    rows = weeks.merge(_days(weeks), on=["period", "week"], how="left")
    rows[FLOWS] = rows[FLOWS].div(rows["working_days"], axis=0)
    rows = rows.sort_values(["product", "site", "day"], ignore_index=True)
    return rows[list(TABLES["daily_plan"].columns)]


def work_schedule(horizon, workforce_plan):
    """Say who works how many hours in each week of the first three months.

    Returns
    -------
    resource, period, week : working_days [days], workers, regular_hours, overtime_hours [hours of all workers]
    """
    plan = _detailed(horizon, workforce_plan)
    hours = ["regular_hours", "overtime_hours"]
    rows = _by_week(plan[["resource", "period", "workers", *hours]])
    rows[hours] = rows[hours].mul(rows["share"], axis=0)
    rows = rows.sort_values(["resource", "week", "period"], ignore_index=True)
    return rows[list(TABLES["work_schedule"].columns)]


def replenishment_orders(horizon, shipments):
    """Order each week's shipments from sites to markets, on the week's first working day.

    Quantities are the plan's own, unrounded, so that the orders sum to the plan. A week without shipment has no order.
    The order's number is made of what it orders, so it stays the same when other products come or go.

    Returns
    -------
    order_number : product, site, market, quantity [units], order_day, responsible
    """
    plan = _detailed(horizon, shipments)
    rows = _by_week(plan.loc[plan["shipped"] > 0, ["product", "site", "market", "period", "shipped"]])
    rows["quantity"] = rows["shipped"] * rows["share"]
    rows["order_day"] = _first_working_day(rows["period"], rows["week"])
    rows["responsible"] = rows["site"] + " logistics"
    rows["order_number"] = _joined("R", rows["order_day"], rows["site"], rows["market"], rows["product"])
    rows = rows.sort_values(["order_day", "site", "market", "product"], ignore_index=True)
    return conform("replenishment_orders", rows[list(TABLES["replenishment_orders"].columns)])


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
    rows["order_number"] = _joined("P", rows["due_day"], rows["component"])
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


def _detailed(horizon, table):
    """The rows of the plan of record in the months planned by week."""
    months = horizon.loc[horizon["month_number"] <= DETAILED_MONTHS, "period"]
    return table[(table["strategy"] == PLAN_OF_RECORD) & table["period"].isin(months)]


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


def _days(weeks):
    """The working days of each week, within its month.

    Returns
    -------
    period, week, day
    """
    pairs = weeks[["period", "week"]].drop_duplicates()
    days = pairs.merge(pd.DataFrame({"weekday": range(5)}), how="cross")
    days["day"] = days["week"] + pd.to_timedelta(days["weekday"], unit="D")
    return days.loc[days["day"].dt.to_period("M") == days["period"], ["period", "week", "day"]]


def _first_working_day(period, week):
    """The week's Monday, or the month's first working day where the month begins within the week."""
    return week.where(week.dt.to_period("M") == period, _month_start(period))


def _month_start(period):
    """The month's first working day."""
    first = period.dt.to_timestamp()
    weekend = (7 - first.dt.day_of_week).where(first.dt.day_of_week > 4, 0)
    return first + pd.to_timedelta(weekend, unit="D")


def _joined(kind, day, *codes):
    """An order number such as R/2026-10-05/main/north/TENT-2."""
    number = kind + "/" + day.dt.strftime("%Y-%m-%d").astype("str")
    for code in codes:
        number = number + "/" + code
    return number
