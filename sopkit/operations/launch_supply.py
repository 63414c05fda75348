"""The supply of launches: when a product is first made, and its components first ordered."""

from typing import Protocol

import numpy as np
import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.bom import bill_matrix, levels_of
from sopkit.master_data.sources import purchase_terms
from sopkit.operations.purchasing import supplier_calendar
from sopkit.schema.tables import TABLES
from sopkit.schema.tolerances import ROUNDING


class SupplyInputs(Protocol):
    """The tables that say when components can be there."""

    planning_periods: DataFrame
    procurement_plan: DataFrame
    bill_of_materials: DataFrame | None
    components: DataFrame | None
    sources: DataFrame | None
    working_hours: DataFrame | None
    holidays: DataFrame | None


def first_made(
    rows: DataFrame, supply_plan: DataFrame, work_calendar: DataFrame, start: Period
) -> DataFrame:
    """When the plan first makes what a launch to come sells, not before the month ahead of it.

    Parameters
    ----------
    rows : launch, product, launch_period, failed (whether a gate has failed)

    Returns
    -------
    launch : the columns of `launch_readiness`, product, period
    """
    made = supply_plan[["regular", "overtime", "subcontract", "purchased"]]
    plan = supply_plan.assign(quantity=made.fillna(0.0).sum(axis=1))
    plan = plan.groupby(["product", "period"], as_index=False)["quantity"].sum()
    coming = rows.loc[
        (rows["launch_period"] >= start) & ~rows["failed"], ["launch", "product", "launch_period"]
    ]
    pairs = coming.merge(plan[plan["quantity"] > ROUNDING], on="product")
    pairs = pairs[pairs["period"].array.asi8 >= pairs["launch_period"].array.asi8 - 1]
    first = pairs.sort_values(["launch", "period"]).drop_duplicates("launch")
    opened = work_calendar[work_calendar["hours"] > 0].groupby("period")["day"].min()
    return first.assign(
        milestone="production",
        item=first["product"],
        day=opened.reindex(first["period"]).to_numpy(),
        state="planned",
        statement="the month's production begins",
    )


def first_orders(made: DataFrame, inputs: SupplyInputs) -> DataFrame:
    """The first order of each component of a launch's product.

    Parameters
    ----------
    made : of `first_made`

    Returns
    -------
    launch, item : the columns of `launch_readiness`, ready (the day on which it can be there)
    """
    none = (
        made[list(TABLES["launch_readiness"].columns)].iloc[:0].assign(ready=made["day"].iloc[:0])
    )
    bill = inputs.bill_of_materials
    if bill is None or inputs.sources is None or bill.empty or made.empty:
        return none
    items, per_unit = bill_matrix(bill)
    known = purchase_terms(items, inputs.components, inputs.sources)
    months, hours, holidays = inputs.planning_periods, inputs.working_hours, inputs.holidays
    calendar = supplier_calendar(months, known, hours, holidays)
    levels = levels_of(items, per_unit)
    covered = _covered(inputs.procurement_plan, items)
    bought = known["supplier"].notna().to_numpy()
    parts = []
    for row in made[made["product"].isin(items)].itertuples():
        place, position = items.get_loc(row.product), (row.day - calendar.days[0]).days
        needed, units = _needs(per_unit, levels, calendar, bought, place, position, row.quantity)
        ready = _ready(per_unit, levels, calendar, bought, covered(row.period))
        own = np.flatnonzero(np.isfinite(needed) & bought)
        order = calendar.order[own, needed[own].astype(int)]
        days = {
            "order": order,
            "ready": ready[own],
            "enough": covered(row.period)[own],
            "quantity": units[own],
        }
        parts.append(pd.DataFrame(days).assign(launch=row.launch, item=items[own]))
    if not parts:
        return none
    rows = pd.concat(parts, ignore_index=True)
    state = np.select([rows["enough"], rows["order"] < 0], ["done", "late"], "planned")
    words = {
        "done": "in stock",
        "late": "should have been ordered already",
        "planned": "the first order is placed",
    }
    for column, name in (("day", "order"), ("ready", "ready")):
        rows[column] = calendar.days[0] + pd.to_timedelta(rows[name], unit="D")
    return rows.assign(milestone="order", state=state, statement=pd.Series(state).map(words))


def _covered(procurement_plan, items):
    """Whether stock, with nothing more ordered, covers all needs of each item until the end of a
    month."""
    plan = procurement_plan.sort_values(["component", "period"])
    opening = plan["inventory"] + plan["required"] - plan["received"]
    opening = opening.groupby(plan["component"]).first()
    needed = plan.groupby("component")["required"].cumsum()

    def until(period):
        now = (plan["period"] == period).to_numpy()
        left = plan.loc[now, "component"].map(opening) - needed[now]
        return (left.set_axis(plan.loc[now, "component"]).reindex(items) >= -ROUNDING).to_numpy()

    return until


def _needs(per_unit, levels, calendar, bought, product, position, quantity):
    """When each item is first needed (infinite where it is not part of the product), and how much
    of it."""
    count = per_unit.shape[0]
    needed, units = np.full(count, np.inf), np.zeros(count)
    needed[product], units[product] = position, quantity
    for level in levels:
        edges = per_unit[level].tocoo()
        part, whole = level[edges.coords[0]], edges.coords[1]
        there = np.isfinite(needed[whole])
        part, whole, each = part[there], whole[there], edges.data[there]
        at = needed[whole].astype(int)
        placed = np.where(bought[whole], np.maximum(calendar.order[whole, at], 0), at)
        np.minimum.at(needed, part, placed)
        np.add.at(units, part, each * units[whole])
    return needed, units


def _ready(per_unit, levels, calendar, bought, covered):
    """When each item can be there if it is ordered on the first day: at once from stock, else when
    its parts are there."""
    ready = np.zeros(per_unit.shape[0], dtype=int)
    last = calendar.order.shape[1] - 1
    for level in levels[::-1]:
        edges = per_unit[:, level].tocoo()
        begin = np.zeros(len(level), dtype=int)
        np.maximum.at(begin, edges.coords[1], ready[edges.coords[0]])
        order = calendar.order[level]
        arrival = np.minimum((order < begin[:, None]).sum(axis=1), last)
        ready[level] = np.where(covered[level], 0, np.where(bought[level], arrival, begin))
    return ready
