"""Checks of the history of orders: what it says of closed months, and what it cannot say."""

from pandas import DataFrame

from sopkit.data_quality.entries import entry_alone
from sopkit.data_quality.marks import check
from sopkit.schema.formatting import count
from sopkit.schema.input_checks import read_input_checks
from sopkit.tables.issues import Issue
from sopkit.tables.periods import first_days

TABLE = "order_history"


@check("minor")
def order_history_after_closed_months(
    planning_periods: DataFrame, order_history: DataFrame
) -> Issue | None:
    """Find past orders that are due in planned months: those are open orders."""
    open_ = order_history["due_day"] >= first_days(planning_periods)[0]
    if not open_.any():
        return None
    finding = (
        f"{count(int(open_.sum()), 'order')} of {order_history.loc[open_, 'quantity'].sum():,.0f} "
        "units due in planned months"
    )
    treatment = "Not used; open orders are rows of sales_orders."
    return entry_alone(TABLE, "due_day", "planned months", finding, treatment)


@check("minor")
def orders_after_their_due_day(order_history: DataFrame) -> Issue | None:
    """Find past orders that were ordered after the day they were due."""
    late = order_history["order_day"] > order_history["due_day"]
    if not late.any():
        return None
    row = order_history[late].iloc[0]
    finding = (
        f"order_day after due_day in {count(int(late.sum()), 'order')}, first product "
        f"{row['product']}, market {row['market']}, ordered {row['order_day']:%Y-%m-%d}, due "
        f"{row['due_day']:%Y-%m-%d}"
    )
    treatment = "Counted as demand that nobody had booked before; correct the days if they are not."
    return entry_alone(TABLE, "order_day", "orders", finding, treatment)


@check("major")
def orders_unlike_sales(
    planning_periods: DataFrame, sales_history: DataFrame, order_history: DataFrame
) -> Issue | None:
    """Find a history of orders that adds up to far more than was sold: units probably differ."""
    most = read_input_checks()["orders_unlike_sales"]["times"]
    closed = order_history[order_history["due_day"] < first_days(planning_periods)[0]]
    months = closed["due_day"].dt.to_period("M")
    same = sales_history["period"].isin(months) & sales_history["product"].isin(closed["product"])
    ordered, sold = closed["quantity"].sum(), sales_history.loc[same, "quantity"].sum()
    if ordered <= most * sold:
        return None
    finding = (
        f"Orders of {ordered:,.0f} units in months in which {sold:,.0f} units of the same products "
        "were sold"
    )
    treatment = "Shares that are usually booked are taken as 1 at most; give both in one unit."
    return entry_alone(TABLE, "quantity", "closed months", finding, treatment)


@check("minor")
def order_history_without_open_orders(
    order_history: DataFrame, sales_orders: DataFrame | None = None
) -> Issue | None:
    """Find a history of orders that no open orders can be compared with."""
    if sales_orders is not None or order_history.empty:
        return None
    finding = "Past orders are given, and no open orders (sales_orders)"
    treatment = "Not used; add sales_orders, without rows if nothing is ordered."
    return entry_alone(TABLE, "quantity", "all orders", finding, treatment)
