"""Supply on a page: rough-cut capacity, headcount, inventory against policy, unserved demand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.product_names import named
from sopkit.reporting.chart_types import PlanColumns
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import (
    HALF,
    WIDTH,
    Beside,
    Cell,
    LeftOut,
    Page,
    Table,
    clipped,
    columns,
    heads,
    row,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import month, month_heads, span, whole
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables import attach

RESOURCES, PRODUCTS, FAMILIES = 10, 6, 8
MONTHS, MOST = 18, 9.99  # columns of the heat map; the largest load that is written
FULL, HIGH = 1.0, 0.9  # utilization from which a month is above capacity, or close to it

PEOPLE = ["workers", "hired", "laid_off", "leavers"]


@dataclass(frozen=True)
class SupplyTables:
    """The tables of the supply page."""

    products: DataFrame
    planning_periods: DataFrame
    rough_cut_capacity: DataFrame
    workforce_plan: DataFrame
    supply_plan: DataFrame
    projected_inventory: DataFrame
    constrained_demand: DataFrame
    resources: DataFrame | None = None
    production_history: DataFrame | None = None


def supply_page(tables: SupplyTables) -> Page | LeftOut:
    """Load by resource, people, stock, and customers who are served late or never."""
    blocks = [
        *_capacity(tables.rough_cut_capacity),
        *_people_and_stock(tables),
        *_inventory_by_family(tables),
        *_unserved(tables),
        *_sources_of_supply(tables),
    ]
    if not blocks:
        return LeftOut("Supply", "neither resources nor stock are known")
    return Page("Supply", blocks, f"plan of record, {span(tables.planning_periods['period'])}")


def _people_and_stock(tables):
    """Headcount and inventory, beside each other where both are known."""
    workers, stock = _workers(tables), _stock(tables)
    if workers.empty or stock.empty:
        return [*_people(tables, workers, WIDTH), *_inventory(tables, stock, WIDTH)]
    return [Beside(_people(tables, workers, HALF), _inventory(tables, stock, HALF))]


def _workers(tables):
    months = tables.workforce_plan.groupby("period")[PEOPLE].sum()
    return months if months["workers"].sum() else months.head(0)


def _stock(tables):
    held = ["inventory", "target_inventory", "max_inventory"]
    months = tables.projected_inventory.groupby("period")[held].sum()
    return months if months["inventory"].sum() else months.head(0)


def _capacity(rough_cut_capacity):
    rows = rough_cut_capacity
    if rows.empty:
        return []
    load = rows.pivot_table(index="resource", columns="period", values="utilization").iloc[
        :, :MONTHS
    ]
    load = load.loc[load.max(axis=1).sort_values(ascending=False, kind="stable").index]
    named = heads("Resource", *month_heads(load.columns))
    shown = [
        [Cell(clipped(resource, 26)), *[_tile(share) for share in load.loc[resource]]]
        for resource in load.index[:RESOURCES]
    ]
    more = len(load) - RESOURCES
    foot = f"{more} more resources in the workbook, none with a higher peak." if more > 0 else ""
    note = "required hours, % of the current workforce's hours with overtime; bold: above 100"
    return [Table([named], shown, capacity_headline(rows), note, foot=foot, dense=True)]


def _tile(share):
    if pd.isna(share):
        return Cell(MISSING, "load-0")
    level = 2 if share > FULL + 0.0005 else 1 if share > HIGH else 0
    return Cell(f"{100 * share:.0f}" if share <= MOST else "> 999", f"load-{level}")


def capacity_headline(rough_cut_capacity: DataFrame) -> str:
    """How many resources lack hours, and which most; or the highest load."""
    rows = rough_cut_capacity
    over = rows[rows["required_hours"] - rows["capacity_hours"] > MATERIAL]
    if over.empty:
        peak = rows.loc[rows["utilization"].idxmax()]
        return (
            f"Rough-cut capacity (RCCP): no resource above 100 %; highest load {peak['resource']}, "
            f"{numbers.percent(peak['utilization'], 0)} in {month(peak['period'])}"
        )
    missing = (over["required_hours"] - over["capacity_hours"]).groupby(over["resource"]).sum()
    most = missing.idxmax()
    own = over[over["resource"] == most]
    hours = f"{whole(missing.max())} hours before hiring and subcontracting, {span(own['period'])}"
    said = f"Rough-cut capacity (RCCP): {most} lacks {hours}"
    others = len(missing) - 1
    return said + (f"; {others} more resource{'s' * (others != 1)} above 100 %" if others else "")


def _people(tables, workers, width):
    if workers.empty:
        return []
    shown = DataFrame({"plan": workers["workers"]})
    opening = _opening(tables.resources)
    if not np.isnan(opening):
        before = pd.PeriodIndex([workers.index.min() - 1], freq="M")
        shown = pd.concat([DataFrame({"actual": [opening]}, index=before), shown])
    chart = PlanColumns(shown, short_names=width < WIDTH, height=1.45)
    _, hired, laid_off, gone = workers[PEOPLE].sum()
    moved = [f"{hired:,.0f} hires", f"{laid_off:,.0f} layoffs"]
    moved += [f"{gone:,.0f} leavers"] if round(gone) else []
    when = f"at month end; {', '.join(moved)}"
    return [columns(chart, headcount_headline(opening, workers), when, width, "workers")]


def headcount_headline(opening: float, workers: DataFrame) -> str:
    """How many workers the plan ends with, and what it hires and lays off."""
    last = workers["workers"].iloc[-1]
    end = month(workers.index.max())
    if np.isnan(opening):
        return f"Headcount {last:,.0f} in {end}"
    change = round(last) - round(opening)
    side = "unchanged at" if not change else f"{change:+,d} to"
    return f"Headcount {side} {last:,.0f} by {end}"


def _opening(resources):
    if resources is None:
        return float("nan")
    now = resources.sort_values("effective_from", na_position="first").groupby("resource").first()
    return float(now["opening_workers"].sum())


def _inventory(tables, stock, width):
    if stock.empty:
        return []
    names = {"inventory": "plan", "target_inventory": "reference", "max_inventory": "maximum"}
    shown, past = stock.rename(columns=names), tables.production_history
    if past is not None and "inventory" in past:
        closed = past.groupby("period")["inventory"].agg(lambda one: one.sum(skipna=False))
        closed = closed[closed.index < stock.index.min()].dropna().tail(1).rename("actual")
        shown = pd.concat([closed.to_frame(), shown])
    chart = PlanColumns(shown, short_names=width < WIDTH, height=1.45)
    headline = inventory_headline(stock)
    return [columns(chart, headline, "at month end", width, reference="target")]


def inventory_headline(stock: DataFrame) -> str:
    """Where inventory peaks, beside its target of that month."""
    peak = stock["inventory"].idxmax()
    target = stock.loc[peak, "target_inventory"]
    return (
        f"Inventory peaks at {numbers.amount(stock['inventory'].max())} units in {month(peak)} "
        f"(target {numbers.amount(target)})"
    )


def _inventory_by_family(tables):
    rows = tables.projected_inventory
    if rows.empty:
        return []
    rows = attach(rows, tables.products[["product", "family"]])
    found = []
    for family, part in rows.groupby("family"):
        by_month = part.groupby("period")[["inventory", "target_inventory"]].sum()
        found.append((by_month["inventory"].max(), family, part, by_month))
    found.sort(key=lambda one: -one[0])
    shown = [_stock_row(*one[1:]) for one in found[:FAMILIES]]
    named = heads("Family", "First month end", "Peak", "Last month end", "Target, last month",
                  "Month-ends below safety stock", "Month-ends above maximum")  # fmt: skip
    more = len(found) - FAMILIES
    return [
        Table(
            [named],
            shown,
            "Inventory vs. policy",
            "units; month-ends of each product and site",
            foot=f"{more} more families in the workbook." if more > 0 else "",
        )
    ]


def _stock_row(family, part, by_month):
    stock = by_month["inventory"]
    below = int((part["inventory"] < part["safety_stock"] - MATERIAL).sum())
    above = int((part["inventory"] > part["max_inventory"] + MATERIAL).sum())
    return row(
        clipped(family, 28),
        whole(stock.iloc[0]),
        f"{whole(stock.max())} ({month(stock.idxmax())})",
        whole(stock.iloc[-1]),
        whole(by_month["target_inventory"].iloc[-1]),
        Cell(f"{below} of {len(part)}", "bad" if below else ""),
        Cell(f"{above} of {len(part)}", "watch" if above else ""),
    )


def _unserved(tables):
    rows = tables.constrained_demand
    found = rows.groupby("product").agg(demand=("demand", "sum"), lost=("lost_sales", "sum"))
    late = rows.groupby(["product", "period"])["backlog"].sum().groupby("product")
    found["late"], found["worst"] = late.max(), late.idxmax().map(lambda one: one[1])
    short = found[(found["late"] > MATERIAL) | (found["lost"] > MATERIAL)]
    if short.empty:
        return []
    short = short.assign(size=short["late"] + short["lost"]).sort_values("size", ascending=False)
    names = named(tables.products)
    shown = [
        row(
            clipped(names.get(product, product), 40),
            whole(one.demand),
            f"{whole(one.late)} ({month(one.worst)})" if one.late > MATERIAL else MISSING,
            whole(one.lost) if one.lost > MATERIAL else MISSING,
        )
        for product, one in zip(
            short.index[:PRODUCTS], short.head(PRODUCTS).itertuples(), strict=True
        )
    ]
    more = len(short) - PRODUCTS
    return [
        Table(
            [heads("Product", "Demand", "Peak backlog", "Lost sales")],
            shown,
            f"Constrained demand: {len(short)} product{'s' * (len(short) != 1)} short",
            "units over the horizon",
            foot=f"{more} more in the workbook." if more > 0 else "",
        )
    ]


def _sources_of_supply(tables):
    """How the supply comes about, by quarter."""
    rows = tables.supply_plan
    parts = {
        "regular": "Regular production",
        "overtime": "Overtime",
        "subcontract": "Subcontracted",
        "purchased": "Purchased",
        "scheduled_receipts": "Scheduled receipts",
    }
    quarters = rows["period"].dt.asfreq("Q") if len(rows) else None
    if quarters is None:
        return []
    sums = rows.groupby(quarters)[list(parts)].sum()
    kept = [name for name in parts if sums[name].sum() > MATERIAL]
    if not kept:
        return []
    sums = sums.iloc[:7]
    named_ = heads("Source", *[f"Q{one.quarter} {one.year}" for one in sums.index])
    shown = [row(parts[name], *[whole(size) for size in sums[name]]) for name in kept]
    first, last = rows["period"].min(), rows["period"].max()
    whole_quarters = (first.month % 3 == 1) and (last.month % 3 == 0)
    foot = "" if whole_quarters else f"Planned months only, {month(first)} to {month(last)}."
    return [Table([named_], shown, "Supply by source", "units", foot=foot)]
