"""Material requirements planning: purchase orders, their dates and shortages."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.bom import bill_matrix, levels_of
from sopkit.master_data.sources import purchase_terms
from sopkit.master_data.work_calendar import work_calendar as days_worked
from sopkit.master_data.yields import days_of_all_steps, routings_in_force
from sopkit.operations.detail import DETAILED_MONTHS, working_weeks
from sopkit.operations.materials import Lots, Terms, lots
from sopkit.operations.planned_orders import (
    MonthlyPurchases,
    by_source,
    monthly_purchases,
    orders_of,
    received_by_month,
)
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import empty
from sopkit.tables.periods import (
    MONTH_DAYS,
    around,
    first_days,
    last_days,
    months_of,
    period_of,
)


@dataclass(frozen=True)
class PurchasingInputs:
    """The tables that say what is made when, of which parts, and on which terms they are bought."""

    planning_periods: DataFrame
    supply_plan: DataFrame
    weekly_plan: DataFrame
    daily_plan: DataFrame
    work_calendar: DataFrame
    products: DataFrame
    purchase_plan: DataFrame
    bill_of_materials: DataFrame | None = None
    routings: DataFrame | None = None
    components: DataFrame | None = None
    sources: DataFrame | None = None
    purchase_orders: DataFrame | None = None
    working_hours: DataFrame | None = None
    holidays: DataFrame | None = None


class Purchases(NamedTuple):
    """Requirements and orders of components: see `purchases`."""

    material_plan: DataFrame
    planned_orders: DataFrame


class SupplierCalendar(NamedTuple):
    """The days of the plan, and for each item its supplier's delivery and order days."""

    days: pd.DatetimeIndex
    delivery: np.ndarray  # position of the last day the supplier works, by then
    # position of the day the order for that delivery is placed; negative before the first day
    order: np.ndarray
    earliest: np.ndarray  # position of the day on which an order of the first day is there


def purchases(inputs: PurchasingInputs) -> Purchases:
    """Explode production by day through all levels of the bill, net it, and order a lead time
    ahead.

    What a day of the first weeks makes needs its parts on that day; what a later week makes needs
    them on its first working day; production that takes time needs them so much earlier. A part of
    several levels is summed; what goes into a pre-made part is needed when that part is ordered.
    An order covers the rest of its week (see `lots`); the orders of a month are those of
    `purchase_plan`, by source, but for components that do not keep for a month. An order is
    placed its lead time before, in calendar days, on a day on which the supplier works. Suppliers
    work from Monday to Friday, unless `working_hours` or `holidays` name them. Purchased products
    are due on the first day of their month on which they can be there. An order that should have
    been placed before the cycle keeps its days and says how late it is.

    Returns
    -------
    material_plan - component, period, week : opening_inventory, required, received, ordered,
        expired, inventory, shortage [units; inventory and shortage at the week's end], for the
        months planned by week
    planned_orders - order_number : item, supplier, quantity, required [units], order_day, due_day,
        arrival_day, late_days [days], cost [money], responsible, site [of products], for orders to
        be placed in those months

    Raises
    ------
    ValueError : a component is part of itself.

    Source
    ------
    Orlicky, Material Requirements Planning: low-level coding, netting, lead time offsetting, lot
    sizing.
    """
    planned = monthly_purchases(
        inputs.planning_periods, inputs.products, inputs.purchase_plan, inputs.sources
    )
    bill = inputs.bill_of_materials
    if bill is None or inputs.sources is None or bill.empty:
        return Purchases(empty("material_plan"), orders_of([planned.products]))
    return _of_components(inputs, bill, inputs.sources, planned)


def _of_components(
    inputs: PurchasingInputs, bill: DataFrame, sources: DataFrame, planned: MonthlyPurchases
) -> Purchases:
    """The material plan of components, and their orders with those of products."""
    items, per_unit = bill_matrix(bill)
    known = purchase_terms(items, inputs.components, sources)
    months = inputs.planning_periods
    calendar = supplier_calendar(months, known, inputs.working_hours, inputs.holidays)
    arriving = _open(inputs.purchase_orders, calendar.days)
    made = _by_day(items, calendar.days, _made(inputs))
    periods = period_of(calendar.days, months)
    terms = _terms(known, calendar, _by_day(items, calendar.days, arriving))
    monthly = received_by_month(planned, items, periods)
    perishes = terms.keeps[:, None] <= MONTH_DAYS  # the monthly plan does not know what is wasted
    terms = terms._replace(planned=np.where(perishes, np.inf, monthly))
    of_products = items.isin(inputs.products["product"])
    levels = [level[~of_products[level]] for level in levels_of(items, per_unit)]
    required, found = _netted(per_unit, levels, calendar, terms, made, periods)
    bought = known["supplier"].notna().to_numpy() & ~of_products
    end = last_days(months)[:DETAILED_MONTHS].max()
    last = (end - calendar.days[0]).days + 1
    orders = _orders(known, calendar, found, bought, last)
    return Purchases(
        _material_plan(known, calendar, required, found, bought, periods[:last]),
        orders_of([by_source(orders, planned, sources, months), planned.products]),
    )


# -------------------------------------------------------------------------------------------------
# what is needed, and when


def _netted(per_unit, levels, calendar, terms, made, periods):
    """Units required and ordered of every item by day, from the products down through the bill.

    Returns
    -------
    (required [units], the lots of `lots`), both item x day
    """
    week, month = (pd.factorize(each)[0] for each in (calendar.days.to_period("W"), periods))
    released = made.copy()
    required = np.zeros(released.shape)
    found = Lots(*(np.zeros(released.shape) for _ in Lots._fields))
    for level in levels:
        required[level] = per_unit[level] @ released
        result = lots(required[level], Terms(*(part[level] for part in terms)), week, month)
        for whole, part in zip(found, result, strict=True):
            whole[level] = part
        day = np.maximum(calendar.order[level], 0)
        np.add.at(released, (level[:, None], day), found.ordered[level])
    return required, found


def _made(inputs):
    """Units made in the house: by day in the first weeks, then on each week's first working day.

    Returns
    -------
    code, day : quantity
    """
    planning_periods, supply_plan = inputs.planning_periods, inputs.supply_plan
    weekly_plan, daily_plan = inputs.weekly_plan, inputs.daily_plan
    work_calendar = inputs.work_calendar
    near = daily_plan.assign(quantity=daily_plan["regular"] + daily_plan["overtime"])
    by_day = work_calendar["day"].isin(daily_plan["day"])
    starts = working_weeks(work_calendar)
    starts = starts[~starts["week"].isin(work_calendar.loc[by_day, "week"])]
    weekly = weekly_plan.assign(quantity=weekly_plan["regular"] + weekly_plan["overtime"])
    weekly = weekly.loc[weekly["quantity"] > 0, ["product", "site", "period", "week", "quantity"]]
    weekly = weekly.merge(starts, on=["site", "period", "week"])
    months = planning_periods.loc[planning_periods["month_number"] > DETAILED_MONTHS, "period"]
    plan = supply_plan[supply_plan["period"].isin(months)]
    plan = plan.assign(quantity=plan["regular"] + plan["overtime"])
    later = plan[["product", "site", "period", "quantity"]].merge(starts, on=["site", "period"])
    later["quantity"] = later["quantity"] * later["share"]
    rows = pd.concat([part[["product", "day", "quantity"]] for part in (near, weekly, later)])
    return _as_started(rows.rename(columns={"product": "code"}), inputs)


def _as_started(rows, inputs):
    """Good units finished on a day as units started, the lead time of production before."""
    if inputs.routings is None:
        return rows
    first = first_days(inputs.planning_periods).min()
    ways = routings_in_force(inputs.routings, months_of(inputs.planning_periods))
    found = ways.keys.frame.assign(worked=ways["units_worked"][:, 0], days=days_of_all_steps(ways))
    terms = found.groupby("product")[["worked", "days"]].max()
    worked = rows["code"].map(terms["worked"]).fillna(1.0)
    days = pd.to_timedelta(rows["code"].map(terms["days"]).fillna(0.0), unit="D")
    return rows.assign(
        quantity=rows["quantity"] * worked,
        day=(rows["day"] - days).clip(lower=first).astype("datetime64[us]"),
    )


def _open(purchase_orders, days):
    """What is on order already; what is overdue comes on the first day.

    Returns
    -------
    code, day : quantity
    """
    rows = empty("purchase_orders") if purchase_orders is None else purchase_orders
    rows = rows.rename(columns={"item": "code", "due_day": "day"})
    return rows.assign(day=rows["day"].clip(lower=days[0]))[["code", "day", "quantity"]]


def _by_day(items, days, table):
    """Add quantities up by item and day; what is no item of the bill has no parts and is none."""
    grid = np.zeros((len(items), len(days)))
    row, day = items.get_indexer(table["code"]), days.get_indexer(table["day"])
    there = (row >= 0) & (day >= 0)
    np.add.at(grid, (row[there], day[there]), table["quantity"].to_numpy()[there])
    return grid


# --------------------------------------------------------------------------------------------------
# terms and days of suppliers


def _terms(known, calendar, arriving):
    """The terms of every item; one that is not bought is made with its parent, on the same day."""
    length = len(calendar.days)
    keeps = known["shelf_life_days"].fillna(length).clip(1, length)
    return Terms(
        on_hand=known["on_hand"].fillna(0.0).to_numpy(),
        least=known["min_order"].fillna(0.0).to_numpy(),
        multiple=known["order_multiple"].fillna(0.0).to_numpy(),
        keeps=np.floor(keeps.to_numpy()).astype(int),
        limit=known["supply_limit"].fillna(np.inf).to_numpy(),
        together=known["supplier"].notna().to_numpy(),
        arriving=arriving,
        delivery=calendar.delivery,
        earliest=calendar.earliest,
        planned=np.full((len(known), 1), np.inf),
    )


def supplier_calendar(
    planning_periods: DataFrame,
    known: DataFrame,
    working_hours: DataFrame | None,
    holidays: DataFrame | None,
) -> SupplierCalendar:
    """When each item is delivered and must be ordered, on the working days of its supplier."""
    first, last = first_days(planning_periods).min(), last_days(planning_periods).max()
    lead = np.ceil(known["lead_time_days"].fillna(0.0).to_numpy()).astype(int)
    reach = int(lead.max(initial=0) / MONTH_DAYS) + 2
    works = _days_at_work(around(planning_periods, reach), known, working_hours, holidays)
    past = (first - works.columns[0]).days
    length = (last - first).days + 1
    days = pd.DatetimeIndex(works.columns[past : past + length]).as_unit("us")
    everyday = np.arange(length)
    delivery, order = (np.tile(everyday, (len(known), 1)) for _ in range(2))
    earliest = np.zeros(len(known), dtype=int)
    for supplier, working in zip(works.index, works.to_numpy(), strict=True):
        own = np.flatnonzero(known["supplier"] == supplier)
        at_work = np.flatnonzero(working) - past
        until = np.searchsorted(at_work, everyday, side="right") - 1
        delivered = at_work[until]
        placed = np.searchsorted(at_work, delivered - lead[own][:, None], side="right") - 1
        # an order of the first day is accepted on the supplier's first working day
        today = at_work[np.searchsorted(at_work, 0)]
        delivery[own] = np.maximum(delivered, 0)
        order[own] = at_work[placed]
        earliest[own] = at_work[np.searchsorted(at_work, today + lead[own])]
    return SupplierCalendar(days, delivery, order, earliest)


def _days_at_work(months, known, working_hours, holidays):
    """Whether each supplier works: supplier x day."""
    suppliers = known["supplier"].dropna().drop_duplicates().rename("site").to_frame()
    opened = days_worked(months, suppliers, None, working_hours, holidays)
    works = opened.assign(works=opened["hours"] > 0)
    return works.pivot_table(index="site", columns="day", values="works", aggfunc="max")


# --------------------------------------------------------------------------------------------------
# the tables


def _material_plan(known, calendar, required, found, bought, periods):
    """The days of the months planned by week, as weeks; `periods` are those of these days."""
    last = len(periods)
    placed = np.zeros(required.shape)
    np.add.at(
        placed, (np.arange(len(placed))[:, None], np.maximum(calendar.order, 0)), found.ordered
    )
    on_hand = known[["on_hand"]].fillna(0.0).to_numpy()
    opening = np.hstack([on_hand, found.inventory[:, :-1]])
    grids = {
        "opening_inventory": opening,
        "required": required,
        "received": found.received,
        "ordered": placed,
        "expired": found.wasted,
        "inventory": found.inventory,
        "shortage": found.shortage,
    }
    days = calendar.days[:last]
    rows = pd.DataFrame({name: grid[bought, :last].ravel() for name, grid in grids.items()})
    rows["component"] = pd.array(np.repeat(known.index[bought].to_numpy(), last), dtype="str")
    rows["period"] = np.tile(periods, int(bought.sum()))
    rows["week"] = np.tile(days - pd.to_timedelta(days.day_of_week, unit="D"), int(bought.sum()))
    how = dict.fromkeys(grids, "sum") | {
        "opening_inventory": "first",
        "inventory": "last",
        "shortage": "last",
    }
    return rows.groupby(["component", "period", "week"], as_index=False).agg(how)


def _orders(known, calendar, found, bought, last):
    """The orders of components to be placed in the months planned by week."""
    row, due = np.nonzero((found.ordered > ROUNDING) & bought[:, None] & (calendar.order < last))
    order = calendar.order[row, due]
    return pd.DataFrame(
        {
            "item": pd.array(known.index[row].to_numpy(), dtype="str"),
            "quantity": found.ordered[row, due],
            "required": found.needed[row, due],
            "order_day": calendar.days[0] + pd.to_timedelta(order, unit="D"),
            "due_day": calendar.days[due],
            "arrival_day": calendar.days[0]
            + pd.to_timedelta(np.maximum(due, calendar.earliest[row]), unit="D"),
            "late_days": np.maximum(-order, 0),
        }
    )
