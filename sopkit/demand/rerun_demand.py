"""Actual demand in place of forecast demand, as a plan of an earlier cycle is re-run on it."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Period

from sopkit.demand.cleansing import MOST_GROSS_UP
from sopkit.tables import attach
from sopkit.tables.periods import days_left

CELL = ["product", "market", "period"]
RATIO = "lift_deviation_ratio"  # standard deviation of a lift, as a share of it


def closed_months_demand(
    demand_plan: DataFrame,
    sales_history: DataFrame,
    products: DataFrame,
    until: Period,
    stock_availability: DataFrame | None = None,
) -> DataFrame:
    """What customers demanded in the closed months of a plan: what was sold to them, and as much
    more as the product was out of stock, at most MOST_GROSS_UP times what was sold.

    Parameters
    ----------
    demand_plan : of the earlier cycle; its products and markets are those that it knew
    sales_history, products, stock_availability : of today; of products that are planned no longer
        nothing is known
    until : the last closed month

    Returns
    -------
    product, market, period : quantity [units]
    """
    closed = (demand_plan["period"] <= until) & demand_plan["product"].isin(products["product"])
    cells = demand_plan.loc[closed, CELL].reset_index(drop=True)
    sold = attach(cells, sales_history[[*CELL, "quantity"]], default=0.0)
    if stock_availability is None:
        return sold
    known = stock_availability[[*CELL, "in_stock_ratio"]]
    in_stock = attach(cells, known, default=np.nan)["in_stock_ratio"].fillna(1.0)
    return sold.assign(quantity=sold["quantity"] / in_stock.clip(lower=1 / MOST_GROSS_UP))


def in_place(demand_plan: DataFrame, planning_periods: DataFrame, actual: DataFrame) -> DataFrame:
    """A demand plan whose closed months have actual demand in place of the forecast and the orders;
    of a month that had begun, the share that was planned.

    Returns
    -------
    the columns of demand_plan
    """
    share = planning_periods[["period"]].assign(share=days_left(planning_periods))
    known = attach(demand_plan[CELL], actual, default=np.nan)["quantity"]
    closed = known.notna().to_numpy()
    asked = known * attach(demand_plan[["period"]], share)["share"]
    placed = {"consensus": known, "net_forecast": asked, "total_demand": asked}
    placed |= dict.fromkeys(("firm_orders", "past_due_orders"), asked * 0.0)
    rows = {name: demand_plan[name].mask(closed, values) for name, values in placed.items()}
    return demand_plan.assign(**rows)


def without_lift(
    actual: DataFrame, planned: DataFrame, without: DataFrame, scale: pd.Series | float = 1.0
) -> DataFrame:
    """Actual demand without the lift that was modelled for a decision.

    A lift is a share of demand: where 120 were forecast with it and 100 without, a sixth of what
    came is taken out. Where nothing was forecast with the decision, what it was to take is added.

    Parameters
    ----------
    planned, without : the demand plans with and without the decision
    scale : of the modelled lift, by row of `actual`: 1 is the lift as it was modelled

    Returns
    -------
    product, market, period : quantity [units]
    """
    sides = [
        attach(actual[CELL], plan[[*CELL, "consensus"]], default=0.0)["consensus"]
        for plan in (planned, without)
    ]
    before = sides[0]
    other = (before - (before - sides[1]) * scale).clip(lower=0.0)
    share = other / before.where(before > 0)
    return actual.assign(quantity=(actual["quantity"] * share).fillna(actual["quantity"] + other))


def lift_deviation(planned: DataFrame, without: DataFrame) -> DataFrame:
    """How uncertain the lift of a decision is, from the lifts in the plans with and without it.

    The lifts of several activities in a cell are taken to miss in the same direction. A stated
    elasticity has no range.

    Parameters
    ----------
    planned, without : `promotion_lift` with and without the decision

    Returns
    -------
    product, market, period : lift_deviation_ratio [share of the lift]
    """
    rows = pd.concat([_in_units(planned, 1), _in_units(without, -1)], ignore_index=True)
    changed = rows.groupby(["activity", *CELL], as_index=False)[["lift", "deviation"]].sum()
    sums = changed.assign(deviation=changed["deviation"].abs()).groupby(CELL, as_index=False)
    cells = sums[["lift", "deviation"]].sum()
    lift = cells["lift"].abs()
    ratio = (cells["deviation"] / lift.where(lift > 0)).fillna(0.0)
    return cells[CELL].assign(**{RATIO: ratio})


def _in_units(lifts, sign):
    """What each activity brings, and its standard deviation, in units."""
    ratio = lifts["lift_ratio"]
    base = (lifts["activity_demand"] / ratio.where(ratio != 0)).fillna(0.0)
    deviation = base * lifts["standard_error"].fillna(0.0)
    cells = lifts[["activity", *CELL]]
    return cells.assign(lift=sign * lifts["activity_demand"], deviation=sign * deviation)
