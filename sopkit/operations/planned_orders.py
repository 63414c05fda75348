"""The purchases of each month as orders: their source, day and size."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.operations.detail import DETAILED_MONTHS, order_number
from sopkit.schema.tables import TABLES
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import attach, conform, empty
from sopkit.tables.periods import first_day_of, first_days, last_days, period_of

COLUMNS = list(TABLES["planned_orders"].columns)


class MonthlyPurchases(NamedTuple):
    """What the purchase plan receives, by item and source, in the months of the plan."""

    components: DataFrame  # item, supplier, period : received
    products: DataFrame  # the orders of products, as `planned_orders` has them


def received_by_month(
    monthly: MonthlyPurchases, items: pd.Index, periods: pd.PeriodIndex
) -> np.ndarray:
    """Units of each component that are planned to come by the end of each month.

    Parameters
    ----------
    periods : the period of each day of the plan

    Returns
    -------
    items x months [units]
    """
    number, months = pd.factorize(periods)
    grid, rows = np.zeros((len(items), number.max() + 1)), monthly.components
    row, month = items.get_indexer(rows["item"]), months.get_indexer(rows["period"])
    there = (row >= 0) & (month >= 0)
    np.add.at(grid, (row[there], month[there]), rows["received"].to_numpy()[there])
    return grid.cumsum(axis=1)


def monthly_purchases(
    planning_periods: DataFrame,
    products: DataFrame,
    purchase_plan: DataFrame,
    sources: DataFrame | None,
) -> MonthlyPurchases:
    """Part the purchase plan into components, and products as orders.

    A product's order is due on the first day of its month on which it can be there.
    """
    rows = purchase_plan[purchase_plan["received"] > ROUNDING]
    goods = rows["item"].isin(products["product"])
    parts = rows.loc[~goods, ["item", "supplier", "period", "received", "ordered", "cost"]]
    if sources is None or not goods.any():
        return MonthlyPurchases(parts, empty("planned_orders"))
    start = first_days(planning_periods).min()
    lead = _lead_days(rows[goods], sources)
    due = np.maximum(first_day_of(rows.loc[goods, "period"], planning_periods), start + lead)
    orders = rows[goods].assign(
        quantity=rows.loc[goods, "received"],
        required=rows.loc[goods, "received"],
        due_day=due.astype("datetime64[us]"),
        arrival_day=due.astype("datetime64[us]"),
        order_day=(due - lead).astype("datetime64[us]"),
        late_days=0,
    )
    end = last_days(planning_periods)[:DETAILED_MONTHS].max()
    orders = orders[orders["order_day"] <= end]
    return MonthlyPurchases(parts, _worded(orders, sources))


def by_source(
    orders: DataFrame, monthly: MonthlyPurchases, sources: DataFrame, planning_periods: DataFrame
) -> DataFrame:
    """Give the orders of components to their sources, as the purchase plan has them month by month.

    Orders have item, quantity, required, order_day, due_day, arrival_day, late_days, and the days
    of the item's first source. What goes to another source is ordered by its lead
    time, on the first planned day at the earliest.

    Returns
    -------
    order_number : item, supplier, quantity, required [units], order_day, due_day, arrival_day,
        late_days [days], cost [money], responsible, site
    """
    plan, today = monthly.components, first_days(planning_periods).min()
    several = plan.groupby("item")["supplier"].transform("nunique") > 1
    first = sources.sort_values("priority", kind="stable").drop_duplicates("item")
    rows = attach(orders, first[["item", "supplier"]])
    shared = rows["item"].isin(plan.loc[several, "item"])
    parts = [rows[~shared]]
    for item, own in rows[shared].groupby("item"):
        divided = _divided(own, plan[plan["item"] == item], planning_periods)
        parts.append(_on_days_of(divided, sources[sources["item"] == item], today))
    return _worded(pd.concat(parts, ignore_index=True), sources)


def _divided(orders: DataFrame, plan: DataFrame, planning_periods: DataFrame) -> DataFrame:
    """The orders of an item by source: what each is planned to have delivered by the month's end;
    what is beyond that stays with the first."""
    suppliers = plan["supplier"].drop_duplicates().tolist()
    received = plan.pivot_table(
        index="period", columns="supplier", values="received", aggfunc="sum"
    )
    received = received.fillna(0.0).cumsum()
    taken, divided = dict.fromkeys(suppliers, 0.0), []
    orders = orders.sort_values("due_day")
    months = period_of(orders["due_day"], planning_periods)
    for order, month in zip(orders.to_dict("records"), months, strict=True):
        known = received[received.index <= month]
        left = known.iloc[-1] if len(known) else received.iloc[0] * 0.0
        parts = dict.fromkeys(suppliers, 0.0)
        for supplier in suppliers:
            room = max(left[supplier] - taken[supplier], 0.0)
            parts[supplier] = min(room, order["quantity"] - sum(parts.values()))
        parts[order["supplier"]] += order["quantity"] - sum(parts.values())
        for supplier, size in parts.items():
            if size > ROUNDING:
                taken[supplier] += size
                share = {"quantity": size, "required": order["required"] * size / order["quantity"]}
                divided.append(order | share | {"supplier": supplier})
    return pd.DataFrame(divided)


def _on_days_of(orders: DataFrame, sources: DataFrame, today: pd.Timestamp) -> DataFrame:
    """The orders of an item with the days of their own source, where that is not the first."""
    first = sources.sort_values("priority", kind="stable")["supplier"].iloc[0]
    lead = pd.Series(_lead_days(orders, sources), index=orders.index)
    due, other = orders["due_day"], orders["supplier"] != first
    placed = orders["order_day"].mask(other, due - lead)
    late = (today - placed).dt.days.clip(lower=0)
    there = orders["arrival_day"].mask(other, due.clip(lower=today + lead))
    return orders.assign(
        order_day=placed.astype("datetime64[us]"),
        arrival_day=there.astype("datetime64[us]"),
        late_days=orders["late_days"].mask(other, late),
    )


def _lead_days(rows, sources):
    days = sources.groupby(["item", "supplier"])["lead_time_days"].last().fillna(0.0)
    place = pd.MultiIndex.from_frame(rows[["item", "supplier"]])
    return pd.to_timedelta(days.reindex(place).to_numpy(), unit="D")


def _worded(orders, sources):
    """The orders with their cost, number and who places them."""
    price = sources.groupby(["item", "supplier"])["unit_cost"].last().fillna(0.0)
    place = pd.MultiIndex.from_frame(orders[["item", "supplier"]])
    cost = orders["quantity"] * price.reindex(place).to_numpy()
    urgent = "purchasing: expedite, " + orders["late_days"].astype("str") + " days late"
    site = orders["site"] if "site" in orders else pd.Series(pd.NA, index=orders.index, dtype="str")
    codes = orders["item"]
    for name, other in (("supplier", orders["supplier"]), ("site", site)):
        alike = DataFrame({"code": codes, "day": orders["due_day"]}).duplicated(keep=False)
        codes = codes + ("/" + other.fillna(name)).where(alike, "")
    rows = orders.assign(
        cost=cost,
        site=site,
        responsible=urgent.where(orders["late_days"] > 0, "purchasing"),
        order_number=order_number("P", orders["due_day"], codes),
    )
    return rows[COLUMNS]


def orders_of(parts: list[DataFrame]) -> DataFrame:
    """Orders of components and products in one table, those to be placed first on top."""
    filled = [part for part in parts if len(part)] or parts[:1]
    rows = pd.concat(filled, ignore_index=True)
    rows = rows.sort_values(["order_day", "due_day", "item", "supplier"], ignore_index=True)
    return conform("planned_orders", rows[COLUMNS])
