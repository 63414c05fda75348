"""Demand on a page: the consensus by month and family, and what each function changed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import PlanColumns
from sopkit.reporting.exhibits.rows import with_demand
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.page import (
    Cell,
    LeftOut,
    Page,
    Table,
    columns,
    heads,
    row,
    varying,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import span, whole
from sopkit.schema.glossary import label
from sopkit.tables import attach

FAMILIES = 10  # shown, the largest first
PARTS = {
    "baseline": "Statistical baseline",
    "launch_demand": "Launches",
    "activity_demand": "Activities and other effects",
    "opportunity_demand": "Sales opportunities",
    "pickup_demand": "Pick-up of orders",
    "override": "Overrides by functions",
}
RECORD = (
    "FVA: forecast value added, accuracy gained on the naive or the baseline forecast. "
    "Bias above 0: under-forecast."
)
LAG = 1  # month ahead, of the record


@dataclass(frozen=True)
class DemandTables:
    """The tables of the demand page."""

    products: DataFrame
    planning_periods: DataFrame
    sales_history: DataFrame
    demand_plan: DataFrame
    financial_plan: DataFrame
    plan_variances: DataFrame
    forecast_overrides: DataFrame
    forecast_accuracy: DataFrame
    budget: DataFrame | None = None


def demand_page(tables: DemandTables) -> Page | LeftOut:
    """Units by month, by family over the next twelve months, by part and by function."""
    if tables.demand_plan.empty:
        return LeftOut("Demand", "no demand is planned")
    plan = attach(tables.demand_plan, tables.products[["product", "family"]])
    start = tables.planning_periods["period"].min()
    year = pd.period_range(start, periods=12, freq="M")
    year = year[year <= tables.planning_periods["period"].max()]
    consensus = plan.rename(columns={"consensus": "quantity"})
    known = months.by_month(tables.sales_history, consensus, "quantity", tables.budget)
    shown = months.charted(known, start)
    blocks = [
        columns(PlanColumns(shown, pins=True, height=2.1), demand_headline(known, year)),
        _families(tables, consensus, year),
        _parts(plan, year),
        *_functions(tables, year),
    ]
    return Page("Demand", blocks, f"consensus, {span(year)}, units")


def demand_headline(known: DataFrame, year: pd.PeriodIndex) -> str:
    """What is planned over the next twelve months, against the prior year and budget."""
    found = months.against(known, year)
    said = f"Consensus demand {numbers.amount(found['value'])} units {span(year)}"
    versus = [
        f"{numbers.relative(found[f'vs_{name}'])} vs. {word}"
        for name, word in {"prior_year": "prior year", "reference": "budget"}.items()
        if not np.isnan(found[f"vs_{name}"])
    ]
    return ", ".join([said, *versus])


def _families(tables, consensus, year):
    planned = consensus[consensus["period"].isin(year)].groupby("family")["quantity"].sum()
    largest = planned.sort_values(ascending=False).index
    rows = [_family(tables, consensus, family, year) for family in largest[:FAMILIES]]
    if len(largest) > 1:
        rows.append(_family(tables, consensus, None, year))
    more = len(largest) - FAMILIES
    foot = f"{more} more families in the workbook." if more > 0 else ""
    prior = _prior_cycle(tables, None)
    if prior is not None:
        foot = f"Prior cycle: over {span(prior['period'])}. {foot}"
    named = heads(
        "Family", "Consensus", "Prior year", "vs. PY", "Budget", "vs. budget", "vs. prior cycle"
    )
    strong = frozenset({len(rows) - 1}) if len(largest) > 1 else frozenset()
    return Table(
        [named], rows, f"By family, {span(year)}", "units", strong=strong, foot=foot.strip()
    )


def _family(tables, consensus, family, year):
    sales, budget, plan = tables.sales_history, tables.budget, consensus
    if family is not None:
        sales = months.of_family(sales, tables.products, family)
        plan = consensus[consensus["family"] == family]
        budget = None if budget is None else budget[budget["family"] == family]
    found = months.against(months.by_month(sales, plan, "quantity", budget), year)
    prior = _prior_cycle(tables, family or "all")
    change = float("nan")
    if prior is not None and prior["reference_value"].sum():
        change = prior["variance"].sum() / prior["reference_value"].sum()
    return row(
        family or "Total",
        _units(found["value"]),
        _units(found["prior_year"]),
        varying(found["vs_prior_year"], numbers.relative(found["vs_prior_year"])),
        _units(found["reference"]),
        varying(found["vs_reference"], numbers.relative(found["vs_reference"])),
        varying(change, numbers.relative(change)),
    )


def _prior_cycle(tables, item):
    rows = tables.plan_variances
    rows = rows[(rows["reference_type"] == "last_cycle") & (rows["measure"] == "quantity")]
    rows = rows[rows["item"] == (item or "all")]
    return rows if len(rows) else None


def _units(value):
    return MISSING if np.isnan(value) else whole(value)


def _parts(plan, year):
    """What the consensus is made of."""
    near = plan[plan["period"].isin(year)]
    total = near["consensus"].sum()
    sizes = {name: near[name].sum() for name in with_demand(near, PARTS)}
    rows = [
        row(
            PARTS[name],
            whole(size),
            numbers.percent(size / total if total else float("nan")),
        )
        for name, size in sizes.items()
        if abs(size) >= 0.5
    ]
    rows.append(row("Consensus", whole(total), numbers.percent(1.0)))
    return Table(
        [heads("Part of the consensus", "Units", "Share")],
        rows,
        f"What the consensus is made of, {span(year)}",
        strong=frozenset({len(rows) - 1}),
    )


def _functions(tables, year):
    """What each function changed, beside its record one month ahead."""
    changes = tables.forecast_overrides
    if changes.empty and tables.forecast_accuracy.empty:
        return []
    near = changes[changes["period"].isin(year)] if len(changes) else changes
    moved = near.groupby("function")["override"].sum() if len(near) else {}
    accuracy = tables.forecast_accuracy
    record = accuracy[(accuracy["level"] == "total") & (accuracy["lag"] == LAG)]
    record = record.set_index("contributor")
    names = list(dict.fromkeys([*record.index, *dict(moved)]))
    rows = [_function(name, moved, record) for name in names]
    if not rows:
        return []
    named = heads("Contributor", "Change to consensus, units", "Accuracy (1 - WAPE)", "Bias", "FVA")
    return [
        Table(
            [named],
            rows,
            "Contributors and their record",
            f"record: total company, {LAG} month ahead",
            foot=RECORD,
        )
    ]


def _function(name, moved, record):
    change = float(moved[name]) if name in moved else float("nan")
    cells = [MISSING] * 3
    if name in record.index:
        known = record.loc[name]
        added = known["value_added"]
        cells = [
            numbers.percent(1 - known["wape"]),
            numbers.relative(known["bias"]),
            varying(added, numbers.points(added), even=0.0005)
            if not pd.isna(added)
            else Cell(MISSING),
        ]
    said = MISSING if np.isnan(change) else f"{change:+,.0f}"
    named = label(name, of="contributor")
    return row(named[:1].upper() + named[1:], said, *cells)
