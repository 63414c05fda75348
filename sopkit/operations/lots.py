"""Assignment of lots to weeks: most urgent first, whole lots, no stock below shipments."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import once, rows_in_force
from sopkit.operations.detail import detailed
from sopkit.tables import attach

ROUNDING = 1e-9  # of a lot
TURNS = (
    1,
    4,
    np.inf,
)  # lots a week: what has fewer is placed first, the next has what room is left
STOCK_MONTH = ["product", "site", "period"]


def lots(
    planning_periods: DataFrame,
    plan: DataFrame,
    production_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> DataFrame:
    """Calculate the equal lots of each month's production, their resource and priority.

    A lot is as small as the smallest of the routings allows; what is set up is made in one run, as
    it was planned. Products of a resource take turns: those whose stock lasts shortest come first,
    each for as long as its hours take.

    Returns
    -------
    product, site, period : resource [on which it takes most hours], lots [infinite where any amount
        can be made], hours, early [0 .. 1: 1 is first]
    """
    made = _routes(detailed(planning_periods, production_plan), resources, routings)
    made = made.sort_values("hours", ascending=False, kind="stable")
    rows = made.groupby(STOCK_MONTH, as_index=False).agg(
        resource=("resource", "first"), lots=("lots", "min"), hours=("hours", "sum")
    )
    going = plan["shipped"] + plan["transferred_out"] + plan["expired"]
    cover = plan["opening_inventory"] / going.where(going > 0)
    rows = attach(rows, plan[STOCK_MONTH].assign(cover=cover.fillna(np.inf)))
    rows = rows.sort_values(["resource", "period", "cover", "product"], ignore_index=True)
    turn = rows.groupby(["resource", "period"])["hours"]
    middle = (turn.cumsum() - rows["hours"] / 2) / turn.transform("sum")
    return rows.drop(columns="cover").assign(early=1 - middle)


def made_by_week(weeks: DataFrame) -> DataFrame:
    """The share of the month's production completed by the start and by the end of each week.

    `weeks` are rows of the plan by week with what `lots` says. A lot is made by the week in which
    its turn comes, and sooner where stock would not last. What is made in few lots goes first; what
    can be divided better fills the weeks of the resource.

    Returns
    -------
    made_begun, made_ended [share of the month's production]
    """
    month = [weeks[key] for key in STOCK_MONTH]
    week = [weeks[key] for key in ("resource", "period", "week")]
    number = weeks.groupby(STOCK_MONTH)["week"].transform("size")
    load = ((weeks["ended"] - weeks["begun"]) * weeks["hours"]).groupby(week).transform("sum")
    share = pd.Series(0.0, index=weeks.index)
    placed = pd.Series(False, index=weeks.index)
    for lots_a_week in TURNS:
        tier = ~placed & (weeks["lots"] <= lots_a_week * number)
        taken = (share - share.groupby(month).shift(fill_value=0.0)) * weeks["hours"]
        past = (load - taken.groupby(week).transform("sum")).clip(lower=0.0).groupby(month).cumsum()
        whole = past.groupby(month).transform("last")
        pace = (past / whole).where(whole > 0, weeks["ended"])
        share = share.mask(tier, _whole_lots(weeks, pace))
        placed |= tier
    return pd.DataFrame(
        {"made_begun": share.groupby(month).shift(fill_value=0.0), "made_ended": share}
    )


def _whole_lots(weeks, pace):
    """The share made by the end of each week when production keeps pace, in whole lots, and stock
    lasts."""
    made = weeks["regular"] + weeks["overtime"]
    others = weeks[["subcontract", "purchased", "scheduled_receipts", "transferred_in"]].sum(axis=1)
    going = weeks[["shipped", "transferred_out", "consumed", "expired"]].sum(axis=1)
    needed = (weeks["ended"] * (going - others) - weeks["opening_inventory"]) / made.where(made > 0)
    needed = needed.fillna(0.0)
    any_amount = np.isinf(weeks["lots"])
    count = weeks["lots"].mask(any_amount, 1.0)
    done = np.maximum(np.floor(pace * count + weeks["early"]), np.ceil(needed * count - ROUNDING))
    share = (np.minimum(done, count) / count).mask(any_amount, np.maximum(pace, needed))
    return share.groupby([weeks[key] for key in STOCK_MONTH]).cummax()


def _routes(production, resources, routings):
    """Production of each resource: its site, hours, and the lots that the routing allows."""
    made = production[production["regular"] + production["overtime"] > 0]
    if resources is None or routings is None:
        return made.iloc[:0].assign(site="", hours=0.0, lots=0.0)
    terms = ["min_lot", "setup_cost", "setup_hours"]
    made = attach(made, once(resources, "resource")[["resource", "site"]])
    ways = rows_in_force(routings, ("product", "resource"), PeriodIndex(made["period"].unique()))
    made = attach(made, ways[["product", "resource", "period", *terms]])
    smallest = made["min_lot"].where(made["min_lot"] > 0)
    count = np.floor((made["regular"] + made["overtime"]) / smallest + ROUNDING).clip(lower=1.0)
    is_set_up = (made[terms[1:]].fillna(0.0) > 0).any(axis=1)
    hours = made["regular_hours"] + made["overtime_hours"]
    return made.assign(hours=hours, lots=count.fillna(np.inf).mask(is_set_up, 1.0))
