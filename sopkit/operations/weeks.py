"""The approved months by week and day.

Everything moves with the hours that the site works, except what is made in lots. Quantities are the
plan's own, unrounded: weeks add up to their month and days to their week, to the last bit. Goods
sent from one site to another move by each site's own calendar.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.operations.detail import DETAILED_WEEKS, detailed
from sopkit.operations.lots import lots, made_by_week
from sopkit.operations.released_orders import (
    MADE,
    MONTH,
    WEEK,
    gone_after,
    made_by_orders,
    released_orders,
)
from sopkit.operations.split import by_week, days_of, portion
from sopkit.schema.tables import TABLES
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import attach

COMING = [*MADE, "subcontract", "purchased", "scheduled_receipts", "transferred_in"]
GOING = ["shipped", "transferred_out", "consumed", "expired"]
FLOWS = [*COMING, *GOING]


def weekly_plan(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    work_calendar: DataFrame,
    production_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    plan_overrides: DataFrame | None = None,
) -> DataFrame:
    """Split the first three months of the plan of record into weeks.

    Released orders are made in the week of their day; what leaves waits for them.

    Returns
    -------
    product, site, period, week : working_days [days], regular, overtime, subcontract,
        purchased, scheduled_receipts, transferred_in, shipped, transferred_out, consumed, expired,
        inventory [units, at the end of the week]

    Raises
    ------
    ValueError : a month in which a site has something to do has no working day there.
    """
    plan = detailed(planning_periods, supply_plan)
    plan = plan[["product", "site", "period", "opening_inventory", "inventory", *FLOWS]].fillna(0.0)
    _refuse_closed_months(plan, work_calendar)
    batches = lots(planning_periods, plan, production_plan, resources, routings)
    plan = plan.merge(batches, on=["product", "site", "period"], how="left")
    plan = plan.fillna({"resource": "", "hours": 0.0, "early": 0.0, "lots": np.inf})
    rows = by_week(plan, work_calendar)
    rows = rows.sort_values(["product", "site", "week", "period"], ignore_index=True)
    rows = rows.join(made_by_week(rows))
    rows = rows.rename(columns={"inventory": "closing"})
    orders = released_orders(plan, plan_overrides)
    shares = dict.fromkeys(FLOWS, (rows["begun"], rows["ended"]))
    if len(orders):
        sunday = rows["week"] + pd.Timedelta(days=6)
        made = made_by_orders(rows, MONTH, sunday, orders, rows["made_ended"])
        others, going = (rows[flows].sum(axis=1) for flows in (COMING[len(MADE) :], GOING))
        gone = gone_after(rows, orders, made[1], others, going)
        shares |= dict.fromkeys(GOING, gone)
    else:
        made = (rows["made_begun"], rows["made_ended"])
    shares |= dict.fromkeys(MADE, made)
    for flow, (begun, ended) in shares.items():
        rows[flow] = portion(rows[flow], begun, ended)
    rows["inventory"] = _inventory(rows)
    return rows[list(TABLES["weekly_plan"].columns)]


def daily_plan(
    weekly_plan: DataFrame, work_calendar: DataFrame, plan_overrides: DataFrame | None = None
) -> DataFrame:
    """Split the first four weeks into working days, by their hours; released orders keep their day.

    Returns
    -------
    product, site, day : regular, overtime, subcontract, purchased, scheduled_receipts,
        transferred_in, shipped, transferred_out, consumed, expired [units]
    """
    first = np.sort(weekly_plan["week"].unique())[:DETAILED_WEEKS]
    weeks = weekly_plan[weekly_plan["week"].isin(first)]
    rows = weeks.merge(days_of(work_calendar), on=["site", "period", "week"], how="inner")
    rows = rows.sort_values(["product", "site", "day"], ignore_index=True)
    shares = dict.fromkeys(FLOWS, (rows["begun"], rows["ended"]))
    orders = released_orders(weekly_plan, plan_overrides)
    if len(orders):
        made = made_by_orders(rows, WEEK, rows["day"], orders, rows["ended"])
        shares |= dict.fromkeys(MADE, made)
    rows = rows.assign(**{flow: portion(rows[flow], *share) for flow, share in shares.items()})
    return rows[list(TABLES["daily_plan"].columns)]


def _inventory(rows):
    """Stock at the end of each week: the month's opening stock with what came and went; the plan's
    at the month's end."""
    change = rows[COMING].sum(axis=1) - rows[GOING].sum(axis=1)
    stock = (
        rows["opening_inventory"]
        + change.groupby([rows["product"], rows["site"], rows["period"]]).cumsum()
    )
    return pd.Series(np.where(stock.abs() < ROUNDING, 0.0, stock), index=rows.index).where(
        rows["ended"] < 1, rows["closing"]
    )


def _refuse_closed_months(plan, work_calendar):
    worked = work_calendar[work_calendar["hours"] > 0][["site", "period"]].drop_duplicates()
    rows = attach(plan, worked.assign(worked=True), default=False)
    idle = rows[~rows["worked"].astype(bool) & (rows[FLOWS].sum(axis=1) > ROUNDING)]
    if len(idle):
        places = idle[["site", "period"]].drop_duplicates()
        named = ", ".join(f"site={row.site} period={row.period}" for row in places.itertuples())
        raise ValueError(
            "work_calendar: a month with production, receipts or shipments must have a working "
            f"day; {named} has "
            f"none, with {idle[FLOWS].sum().sum():,.0f} units planned.\n  Open a weekday in "
            "working_hours or take a day "
            "out of holidays; to plan nothing there, set the month's hours to 0 in "
            "resource_calendar."
        )
