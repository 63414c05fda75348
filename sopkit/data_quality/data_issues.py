"""What is wrong, odd or missing in the inputs, in words the planners can act on."""

import numpy as np
import pandas as pd

from sopkit.master_data.economics import worker_calendar
from sopkit.schema.columns import LOST, WON
from sopkit.tables import attach, conform


def data_issues(
    horizon,
    products,
    sales_history,
    demand_history,
    unit_economics,
    work_calendar,
    launches=None,
    resources=None,
    routings=None,
    resource_calendar=None,
    receipts=None,
    component_receipts=None,
    budget=None,
    opportunities=None,
    demand_inputs=None,
):
    """List what the planners should know about the inputs before they trust the plan, gravest first.

    Returns
    -------
    issue : severity, table, finding, treatment, column, place
    """
    found = [
        *_sales_in_planned_months(horizon, sales_history),
        *_late_history(horizon, sales_history),
        *_products_without_demand(products, sales_history, launches),
        *_ended_series(horizon, sales_history),
        *_assumed_prices(unit_economics),
        *_products_without_routing(products, routings),
        *_resources_without_calendar(resources, resource_calendar),
        *_calendars_apart(horizon, work_calendar, resources, resource_calendar),
        *_late_receipts(horizon, receipts),
        *_overdue_orders(horizon, component_receipts),
        *_months_without_budget(horizon, budget),
        *_outside_horizon(horizon, _pipeline(horizon, opportunities), "opportunities"),
        *_outside_horizon(horizon, demand_inputs, "demand_inputs"),
        *_corrections(demand_history),
    ]
    columns = ["severity", "table", "column", "place", "finding", "treatment"]
    frame = pd.DataFrame(found, columns=columns)
    order = frame["severity"].map({"high": 0, "medium": 1, "low": 2})
    frame = frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return conform("data_issues", frame.assign(issue=np.arange(1, len(frame) + 1)))


def _sales_in_planned_months(horizon, sales_history):
    late = sales_history[sales_history["period"] >= horizon["period"].min()]
    if late.empty:
        return []
    place = f"period {late['period'].min()} to {late['period'].max()}"
    finding = f"{_count(len(late), 'row')} ({late['quantity'].sum():,.0f} units) in planned months"
    return [
        (
            "high",
            "sales_history",
            "period",
            place,
            finding,
            "Not used: history ends before the cycle's month.",
        )
    ]


def _late_history(horizon, sales_history):
    last = sales_history["period"].max()
    missing = (horizon["period"].min() - last).n - 1
    if missing <= 0:
        return []
    finding = f"History ends in {last}; {_count(missing, 'month')} before the cycle without sales"
    return [
        (
            "high",
            "sales_history",
            "period",
            f"period {last}",
            finding,
            "The forecast bridges the months without sales.",
        )
    ]


def _products_without_demand(products, sales_history, launches):
    sold = set(sales_history["product"]) | (set() if launches is None else set(launches["product"]))
    return [
        (
            "medium",
            "products",
            "product",
            f"product {product}",
            "Neither sales nor a launch",
            "Not planned.",
        )
        for product in products.loc[~products["product"].isin(sold), "product"]
    ]


def _ended_series(horizon, sales_history):
    closed = sales_history[sales_history["period"] < horizon["period"].min()]
    last = closed.groupby(["product", "market"])["period"].max()
    ended = last[last < closed["period"].max()]
    return [
        (
            "medium",
            "sales_history",
            "period",
            f"product {product}, market {market}",
            f"No rows after {period}",
            "Taken as no sales since.",
        )
        for (product, market), period in ended.items()
    ]


def _assumed_prices(unit_economics):
    assumed = unit_economics[unit_economics["basis"].str.startswith("assumed")].drop_duplicates(
        "product"
    )
    return [
        (
            "medium",
            "economics",
            "price",
            _some(group["product"]),
            f"{_count(len(group), 'product')} without economics",
            f"{basis[0].upper()}{basis[1:]}.",
        )
        for basis, group in assumed.groupby("basis")
    ]


def _products_without_routing(products, routings):
    if routings is None:
        return []
    without = products.loc[~products["product"].isin(routings["product"]), "product"]
    if without.empty:
        return []
    return [
        (
            "medium",
            "routings",
            "product",
            _some(without),
            f"{_count(len(without), 'product')} without routing",
            "Made at every site without using capacity.",
        )
    ]


def _resources_without_calendar(resources, resource_calendar):
    """Resources that a calendar leaves out altogether; one that it leaves some months of cannot be planned."""
    if resources is None or resource_calendar is None:
        return []
    missing = resources.loc[~resources["resource"].isin(resource_calendar["resource"]), "resource"]
    return [
        (
            "high",
            "resource_calendar",
            "resource",
            f"resource {resource}",
            "No planned month has a calendar",
            "Taken as 8 hours on every weekday and no overtime.",
        )
        for resource in missing
    ]


def _calendars_apart(horizon, work_calendar, resources, resource_calendar):
    """Resources planned with other working days than their site has."""
    if resources is None:
        return []
    rows = attach(
        worker_calendar(horizon, resources, resource_calendar), resources[["resource", "site"]]
    )
    open_days = work_calendar[work_calendar["hours"] > 0].groupby(
        ["site", "period"], as_index=False
    )
    rows = attach(rows, open_days.agg(open_days=("day", "size")), absent=0.0)
    apart = rows[rows["working_days"] != rows["open_days"]]
    return [
        (
            "medium",
            "resource_calendar",
            "working_days",
            f"resource {resource}, {months['period'].min()} to {months['period'].max()}",
            f"{_count(len(months), 'month')} with other working days than site {months['site'].iloc[0]}: "
            f"{months['working_days'].sum():g} against {months['open_days'].sum():g}",
            "Months are planned with the resource's days, weeks and days with the site's.",
        )
        for resource, months in apart.groupby("resource")
    ]


def _late_receipts(horizon, receipts):
    if receipts is None:
        return []
    late = receipts[receipts["period"] < horizon["period"].min()]
    if late.empty:
        return []
    place = f"period {late['period'].min()} to {late['period'].max()}"
    finding = f"{_count(len(late), 'receipt')} ({late['quantity'].sum():,.0f} units) due before the planned months"
    return [
        (
            "high",
            "receipts",
            "period",
            place,
            finding,
            "Taken as in stock already; move the month if they are still to come.",
        )
    ]


def _overdue_orders(horizon, component_receipts):
    if component_receipts is None:
        return []
    overdue = component_receipts[component_receipts["due_day"] < horizon["period"].min().start_time]
    return [
        (
            "high",
            "component_receipts",
            "due_day",
            f"component {row.component}, due {row.due_day:%Y-%m-%d}",
            f"{row.quantity:,.0f} units overdue from the supplier",
            "Taken as arriving on the first planned day; move due_day if they come later.",
        )
        for row in overdue.itertuples()
    ]


def _months_without_budget(horizon, budget):
    if budget is None:
        return []
    months = horizon["period"][~horizon["period"].isin(budget["period"])]
    if months.empty:
        return []
    place = f"period {months.min()} to {months.max()}"
    return [
        (
            "low",
            "budget",
            "period",
            place,
            f"{_count(len(months), 'planned month')} without budget",
            "These months are compared with last year only.",
        )
    ]


def _pipeline(horizon, opportunities):
    """Deals that were won or lost in a closed month are a record, and nothing is wrong with them."""
    if opportunities is None:
        return None
    closed = opportunities["stage"].str.lower().isin([WON, LOST])
    return opportunities[~closed | (opportunities["period"] >= horizon["period"].min())]


def _outside_horizon(horizon, frame, name):
    if frame is None:
        return []
    outside = frame[~frame["period"].isin(horizon["period"])]
    if outside.empty:
        return []
    place = f"period {outside['period'].min()} to {outside['period'].max()}"
    finding = f"{_count(len(outside), 'row')} ({outside['quantity'].sum():,.0f} units) outside the planned months"
    return [("medium", name, "period", place, finding, "Not part of this plan.")]


def _corrections(demand_history):
    changed = demand_history[demand_history["reason"].notna()]
    groups = changed.groupby(["reason", "product", "market"])
    rows = groups.agg(
        first=("period", "min"),
        last=("period", "max"),
        months=("period", "size"),
        units=("correction", "sum"),
    )
    return [
        (
            "low",
            "sales_history",
            "quantity",
            f"product {product}, market {market}, {row.first} to {row.last}",
            f"{reason} ({_count(row.months, 'month')})",
            f"History for the baseline is changed by {row.units:+,.0f} units; sales stay as they were."
            if row.units
            else "Nothing was changed.",
        )
        for (reason, product, market), row in zip(rows.index, rows.itertuples(), strict=True)
    ]


def _some(products):
    """Name the first few products of many."""
    names = list(products)
    return (
        "product "
        + ", ".join(names[:3])
        + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    )


def _count(number, noun):
    """A number and its noun: 1 row, 2 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
