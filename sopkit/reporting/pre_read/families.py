"""A page a family: demand, supply and inventory by month, its grid of numbers, money and gaps."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.known_money import costs_are_known
from sopkit.reporting.chart_types import PlanColumns
from sopkit.reporting.exhibits.pre_sop import family_of
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.page import (
    Cell,
    LeftOut,
    Page,
    Sign,
    Table,
    Words,
    clipped,
    columns,
    whole_cell,
)
from sopkit.schema.formatting import capitalised, currency_of, month, short_month, span, whole
from sopkit.schema.tolerances import MATERIAL

MOST_PAGES = 3
GRID_MONTHS = 12
SHOWN_GAPS = 4
LONGEST_GAP = 150  # characters of a gap's statement


@dataclass(frozen=True)
class FamilyTables:
    """The tables of a family's page."""

    products: DataFrame
    planning_periods: DataFrame
    sales_history: DataFrame
    demand_plan: DataFrame
    supply_plan: DataFrame
    constrained_demand: DataFrame
    projected_inventory: DataFrame
    financial_plan: DataFrame
    gaps: DataFrame
    budget: DataFrame | None = None
    production_history: DataFrame | None = None
    company_settings: DataFrame | None = None


def family_pages(tables: FamilyTables) -> list[Page] | LeftOut:
    """The families with most planned revenue, by units where no prices are known."""
    size = tables.financial_plan.groupby("family")[["revenue", "quantity"]].sum()
    if size.empty:
        return LeftOut("Families", "nothing is planned")
    by = "revenue" if size["revenue"].sum() > 0 else "quantity"
    families = list(size[by].sort_values(ascending=False, kind="stable").index)
    shown = families[:MOST_PAGES]
    return [_page(tables, family, number, len(families)) for number, family in enumerate(shown, 1)]


def _page(tables, family, number, many):
    own = _of(tables, family)
    start = tables.planning_periods["period"].min()
    currency = currency_of(tables.company_settings)
    demand = months.by_month(own.sales_history, own.demand, "quantity", own.budget)
    shown = months.charted(demand, start, 18)
    blocks = [
        Words(_sentences(own, currency)),
        _demand(shown),
        *_stock_and_production(own, start),
        _grid(own, demand, currency),
        *_gaps(tables.gaps, tables.products, family, currency),
    ]
    rest = f"; {many - MOST_PAGES} more in the workbook" if many > MOST_PAGES else ""
    size = "revenue" if tables.financial_plan["revenue"].any() else "volume"
    note = f"family {number} of {many} by {size}, {span(tables.planning_periods['period'])}"
    return Page(
        f"Family: {clipped(family, 40)}", blocks, note + (rest if number == MOST_PAGES else "")
    )


@dataclass(frozen=True)
class _Own:
    """The tables of one family."""

    sales_history: DataFrame
    demand: DataFrame
    supply: DataFrame
    service: DataFrame
    stock: DataFrame
    money: DataFrame
    budget: DataFrame | None
    past: DataFrame | None


def _of(tables, family):
    products = tables.products
    part = {
        name: months.of_family(getattr(tables, name), products, family)
        for name in (
            "sales_history",
            "demand_plan",
            "supply_plan",
            "constrained_demand",
            "projected_inventory",
        )
    }
    budget, past = tables.budget, tables.production_history
    return _Own(
        part["sales_history"],
        part["demand_plan"].rename(columns={"consensus": "quantity"}),
        part["supply_plan"],
        part["constrained_demand"],
        part["projected_inventory"],
        tables.financial_plan[tables.financial_plan["family"] == family],
        None if budget is None else budget[budget["family"] == family],
        None if past is None else months.of_family(past, products, family),
    )


def _sentences(own, currency):
    service = Sign("Service:", capitalised(_served(own.service) + "."))
    return [Sign("Money:", _earned(own, currency) + "."), service]


def _earned(own, currency):
    """What the family brings, and against its budget."""
    if not own.money["revenue"].any():
        return "Unknown: no prices are given"
    revenue, margin = own.money["revenue"].sum(), own.money["margin"].sum()
    share, costed = margin / revenue if revenue else float("nan"), costs_are_known(own.money)
    said = f"Revenue {numbers.amount(revenue, currency)}, "
    said += (
        f"margin {numbers.amount(margin, currency)} ({numbers.percent(share)})"
        if costed
        else "margin unknown: costs are not given for all that is sold"
    )
    if costed and own.budget is not None and len(own.budget):
        both = own.money.merge(
            own.budget, on="period", suffixes=("", "_budget"), validate="one_to_one"
        ).dropna(subset=["margin_budget"])
        if both["margin_budget"].sum() > 0:
            ratio = both["margin"].sum() / both["margin_budget"].sum() - 1
            said += f"; margin {numbers.relative(ratio)} vs. budget {span(both['period'])}"
    return said


def _served(service):
    """What is late and lost, or that nothing is."""
    late = service.groupby("period")["backlog"].sum()
    lost = service["lost_sales"].sum()
    told = []
    if len(late) and late.max() > MATERIAL:
        told.append(f"backlog peaks at {whole(late.max())} units in {month(late.idxmax())}")
    if lost > MATERIAL:
        told.append(f"{whole(lost)} units of lost sales")
    return "; ".join(told) if told else "every order is delivered in its month"


def _demand(shown):
    planned = shown[shown["actual"].isna()]
    both = planned[["plan", "prior_year"]].dropna()
    both = both[both.index < planned.index.min() + 12]  # whose prior year is all actual
    heading = "Demand"
    if len(both) and both["prior_year"].sum() > 0:
        ratio = both["plan"].sum() / both["prior_year"].sum() - 1
        heading = f"Demand {numbers.relative(ratio)} vs. prior year, {span(both.index)}"
    return columns(PlanColumns(shown, pins=True, height=1.6), heading)


def _stock_and_production(own, start):
    blocks = []
    made = (
        own.supply.groupby("period")[["regular", "overtime", "subcontract", "purchased"]]
        .sum()
        .sum(axis=1)
    )
    past = own.past
    actual = (
        past.groupby("period")["produced"].sum() if past is not None else Series(dtype="float64")
    )
    if made.sum() > MATERIAL:
        produced = _course(actual, made, start)
        blocks.append(_columns(produced, "Production and purchases", 1.15))
    stock = own.stock.groupby("period")[["inventory", "target_inventory", "max_inventory"]].sum()
    if len(stock) and stock["inventory"].sum() > MATERIAL:
        held = Series(dtype="float64")
        if past is not None and "inventory" in past:
            held = past.groupby("period")["inventory"].agg(lambda one: one.sum(skipna=False))
        shown = _course(held, stock["inventory"], start)
        shown = shown.assign(reference=stock["target_inventory"], maximum=stock["max_inventory"])
        peak = stock["inventory"].idxmax()
        said = (
            f"Inventory peaks at {numbers.amount(stock['inventory'].max())} units in {month(peak)}"
        )
        blocks.append(
            _columns(
                shown,
                f"{said} (target {numbers.amount(stock.loc[peak, 'target_inventory'])})",
                1.15,
            )
        )
    return blocks


def _course(actual, plan, start):
    """A year of what was, if it is known, then the plan; on the months of the demand chart."""
    span_ = pd.period_range(start - months.BEFORE, plan.index.max(), freq="M")
    past = actual[actual.index < start]
    return DataFrame(
        {"actual": past.reindex(span_).astype("float64"), "plan": plan.reindex(span_)}, index=span_
    )


def _columns(shown, heading, height):
    return columns(PlanColumns(shown, height=height), heading, reference="target")


def _grid(own, demand, currency):
    """The classic grid of numbers: sales, supply, inventory and money by month."""
    index = PeriodIndex(sorted(own.money["period"].unique()))[:GRID_MONTHS]
    by = own.service.groupby("period")
    supply = own.supply.groupby("period")
    stock = own.stock.groupby("period")
    money = own.money.set_index("period")
    divisor, sign = numbers.scale(*money[["revenue", "margin"]].to_numpy("float64").ravel())
    if sign == "m":
        divisor, sign = 1e3, "k"
    lines = {
        "Demand, consensus": (demand["plan"], 1),
        "Budget": (demand["reference"], 1),
        "Prior year": (demand["prior_year"], 1),
        "Production, regular": (supply["regular"].sum(), 1),
        "Production, overtime": (supply["overtime"].sum(), 1),
        "Subcontracted": (supply["subcontract"].sum(), 1),
        "Purchased": (supply["purchased"].sum(), 1),
        "Delivered": (by["fulfilled"].sum(), 1),
        "Backlog, month end": (by["backlog"].sum(), 1),
        "Lost sales": (by["lost_sales"].sum(), 1),
        "Inventory, month end": (stock["inventory"].sum(), 1),
        "Target inventory": (stock["target_inventory"].sum(), 1),
        f"Revenue, {numbers.unit(currency or 'money', sign)}": (money["revenue"], divisor),
        f"Margin, {numbers.unit(currency or 'money', sign)}": (money["margin"], divisor),
    }
    if not costs_are_known(own.money):
        lines = {named: one for named, one in lines.items() if not named.startswith("Margin")}
    rows = []
    for named, (values, per) in lines.items():
        found = values.reindex(index)
        if found.fillna(0.0).abs().max() <= MATERIAL and named != "Backlog, month end":
            continue
        bad = named in ("Backlog, month end", "Lost sales")
        rows.append([Cell(named), *[whole_cell(value / per, bad) for value in found]])
    return Table([[Cell("units"), *[Cell(short_month(one)) for one in index]]], rows, dense=True)


def _gaps(gaps, products, family, currency):
    own = gaps[family_of(gaps, products) == family]
    if own.empty:
        return []
    largest = own.reindex(own["gap_value"].abs().sort_values(ascending=False, kind="stable").index)
    more = len(own) - SHOWN_GAPS
    note = f"the {SHOWN_GAPS} largest of {len(own)}" if more > 0 else ""
    return [Words(gap_lines(largest.head(SHOWN_GAPS), currency), heading="Gaps", note=note)]


def gap_lines(gaps: DataFrame, currency: str) -> list[Sign]:
    """Each gap in words behind what is at stake, where that is known."""
    return [
        Sign(
            numbers.amount(abs(one.gap_value), currency) + ":" if one.gap_value else "",
            capitalised(clipped(one.statement, LONGEST_GAP)),
        )
        for one in gaps.itertuples()
    ]
