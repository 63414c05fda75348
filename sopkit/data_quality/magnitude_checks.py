"""Checks of orders of magnitude against sales: capacity, material cost, stock, budget, inputs."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.entries import with_entries
from sopkit.data_quality.marks import check
from sopkit.schema.formatting import some
from sopkit.schema.input_checks import read_input_checks
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import Entry, Issue, told
from sopkit.tables.periods import YEAR

AS_IT_IS = "Planned as it is."
UNITS = "Check its unit, and its decimal and thousands marks."


@check("critical")
def capacity_far_below_sales(
    planning_periods: DataFrame,
    sales_history: DataFrame,
    routings: DataFrame,
    resources: DataFrame,
    resource_calendar: DataFrame,
    sources: DataFrame | None = None,
) -> Issue | None:
    """Find resources with far fewer hours than the sales of the last year took on them alone."""
    share = read_input_checks()["capacity_far_below_sales"]["share_of_hours"]
    taken = _hours_taken(_monthly(planning_periods, sales_history), routings, sources)
    there = _hours_there(resources, resource_calendar)
    both = pd.concat([taken.rename("taken"), there.rename("there")], axis=1).dropna()
    short = both[both["there"] < share * both["taken"]]
    finding = "the hours of a month are far fewer than sales of the last year took"
    entries = [
        Entry(
            "resource_calendar",
            "regular_hours_per_worker",
            f"resource {name}",
            f"{row.there:,.1f} hours a month, but sales of the last year took {row.taken:,.1f}",
            f"{AS_IT_IS} Check workers, hours and hours_per_unit, and their units.",
        )
        for name, row in zip(short.index, short.itertuples(), strict=True)
    ]
    odd = resource_calendar["resource"].isin(short.index)
    text, table = f"{finding} ({some(short.index)})", TABLES["resource_calendar"]
    remedy = "Check workers, hours and hours_per_unit, and their units."
    return with_entries(told(table, resource_calendar, odd, text, remedy=remedy), entries)


def _hours_taken(sold, routings, sources):
    """Hours a month by resource, of what can be made on no other and is not bought."""
    rows = routings[routings["product"].isin(sold.index)]
    if sources is not None:
        rows = rows[~rows["product"].isin(sources["item"])]
    newest = rows[~rows.duplicated(["product", "resource", "routing_step"], keep="last")]
    alone = newest[~newest.duplicated(["product", "routing_step"], keep=False)]
    hours = alone["hours_per_unit"] * alone["product"].map(sold).astype("float64")
    return hours.groupby(alone["resource"]).sum()


def _hours_there(resources, calendar):
    """Hours a month by resource: those of its machine, else of the most workers it may have."""
    most = resources["max_workers"].fillna(resources["opening_workers"])
    workers = calendar["resource"].map(most.groupby(resources["resource"]).max())
    each = calendar["regular_hours_per_worker"] + calendar["overtime_hours_per_worker"].fillna(0.0)
    hours = calendar["machine_hours"].fillna(each * workers)
    return hours.groupby(calendar["resource"]).mean()


@check("major")
def costs_unlike_parts(
    item_costs: DataFrame,
    bill_of_materials: DataFrame,
    sources: DataFrame,
) -> Issue | None:
    """Find material costs of another order of magnitude than the components of one unit."""
    times = read_input_checks()["costs_unlike_parts"]["times"]
    each = sources.groupby("item")["unit_cost"].median()
    cost = bill_of_materials["component"].map(each).astype("float64")
    parts = cost * bill_of_materials["quantity_per_unit"]
    known = parts.groupby(bill_of_materials["product"]).agg(lambda cells: cells.sum(skipna=False))
    usual = item_costs["product"].map(known).astype("float64")
    text = (
        f"material_cost is more than {times:g} times, or less than 1/{times:g} of, what the "
        "components of a unit cost"
    )
    return _unlike("item_costs", item_costs, "material_cost", usual, times, text)


@check("major")
def stock_of_years(
    planning_periods: DataFrame, sales_history: DataFrame, inventory: DataFrame
) -> Iterator[Issue | None]:
    """Find stock that lasts for years: of single products, or of most."""
    limits = read_input_checks()["stock_of_years"]
    monthly = _monthly(planning_periods, sales_history)
    held = inventory.groupby("product")["on_hand"].sum()
    months = held / monthly.reindex(held.index).where(lambda units: units > 0)
    if (months > limits["usual_months"]).sum() > months.notna().sum() / 2 and len(months) > 1:
        finding = f"stock of most products lasts for more than {limits['usual_months']:g} months"
        odd = inventory["product"].isin(months.index[months > limits["usual_months"]])
    else:
        finding = f"on_hand lasts for more than {limits['months']:g} months of sales"
        odd = inventory["product"].isin(months.index[months > limits["months"]])
    yield _told("inventory", inventory, odd, "on_hand", finding, UNITS)


@check("major")
def budgets_unlike_sales(
    planning_periods: DataFrame, sales_history: DataFrame, products: DataFrame, budget: DataFrame
) -> Issue | None:
    """Find budgets of another order of magnitude than a family's sales in the last year."""
    times = read_input_checks()["budgets_unlike_sales"]["times"]
    family = products.set_index("product")["family"]
    monthly = _monthly(planning_periods, sales_history)
    usual = budget["family"].map(monthly.groupby(monthly.index.map(family)).sum())
    text = f"quantity is more than {times:g} times, or less than 1/{times:g} of, the family's sales"
    return _unlike("budget", budget, "quantity", usual, times, text)


@check("major")
def budgets_with_holes(budget: DataFrame) -> Iterator[Issue]:
    """Find months that a family's budget lacks between its first and its last; one that all lack is
    told once."""
    lacking: dict[tuple, list[str]] = {}
    for family, rows in budget.groupby("family"):
        between = pd.period_range(rows["period"].min(), rows["period"].max(), freq="M")
        if len(months := between.difference(rows["period"])):
            lacking.setdefault(tuple(months.astype("str")), []).append(family)
    for months, families in lacking.items():
        whose = "every family" if len(families) == budget["family"].nunique() else some(families)
        finding = f"the budget of {whose} has no row for {some(months)}"
        remedy = "Add these months, with 0 where that is meant."
        handling = f"The plan of these months is compared with no budget. {remedy}"
        place = f"family {some(families)}"
        entry = Entry("budget", "period", place, finding, handling)
        yield with_entries(Issue("budget", finding, remedy=remedy), [entry])


@check("major")
def inputs_unlike_sales(
    planning_periods: DataFrame, sales_history: DataFrame, demand_inputs: DataFrame
) -> Issue | None:
    """Find demand inputs far above the largest month that a product sold in a market."""
    times = read_input_checks()["inputs_unlike_sales"]["times"]
    cycle = planning_periods["period"].min()
    late = sales_history[sales_history["period"].between(cycle - 2 * YEAR, cycle - 1)]
    most = late.groupby(["product", "market"])["quantity"].max()
    keys = pd.MultiIndex.from_frame(demand_inputs[["product", "market"]])
    usual = pd.Series(most.reindex(keys).to_numpy(), index=demand_inputs.index)
    odd = demand_inputs["quantity"] > times * usual.where(usual > 0)
    text = f"quantity is more than {times:g} times the most that was sold in a month"
    return _told("demand_inputs", demand_inputs, odd, "quantity", text, UNITS)


def _monthly(planning_periods, sales_history) -> Series:
    """What was sold a month, by product, in the last twelve closed months or as many as there
    are."""
    cycle = planning_periods["period"].min()
    late = sales_history[sales_history["period"].between(cycle - YEAR, cycle - 1)]
    return late.groupby("product")["quantity"].sum() / max(late["period"].nunique(), 1)


def _unlike(name, frame, column, usual, times, text):
    """An issue of the cells that are more than `times` as much as usual, or less than its
    inverse."""
    cells, usual = frame[column].where(frame[column] > 0), usual.where(usual > 0)
    odd = np.abs(np.log(cells / usual)) > np.log(times)
    most = some(f"{one:,.6g}" for one in usual[odd].drop_duplicates())
    return _told(name, frame, odd, column, f"{text} ({most})", UNITS)


def _told(name, frame, odd, column, text, remedy):
    """An issue with its rows, listed once in `data_issues`."""
    place = some(map(str, frame.loc[odd, TABLES[name].key[0]].unique()))
    entry = Entry(name, column, f"{TABLES[name].key[0]} {place}", text, f"{AS_IT_IS} {remedy}")
    return with_entries(told(TABLES[name], frame, odd, text, column, remedy=remedy), [entry])
