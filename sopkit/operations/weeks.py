"""The approved months as weeks and days."""

import numpy as np
import pandas as pd

from sopkit.operations.detail import DETAILED_WEEKS, detailed
from sopkit.periods import working_days
from sopkit.vocabulary import TABLES

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
    plan = detailed(horizon, supply_plan)
    plan[FLOWS] = plan[FLOWS].fillna(0.0)
    rows = by_week(plan[["product", "site", "period", "opening_inventory", "inventory", *FLOWS]])
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


def by_week(plan):
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
