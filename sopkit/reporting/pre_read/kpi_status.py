"""The KPI table of the month on a page: actual, year to date, outlook, target, status and trend."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.known_money import cash_is_known, costs_are_known, uncosted_share
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.page import Cell, Table, relative_to, row, varying
from sopkit.reporting.pre_read.status import RULE, TREND, status, trend
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import short_month, span
from sopkit.schema.glossary import heading, label
from sopkit.schema.measures import MEASURES
from sopkit.tables.measures import MissingValue, value

SALES = {"revenue": "Revenue", "quantity": "Volume"}
CLOSED = (  # measures of closed months that are shown, where they are known
    "in_stock_ratio",
    "forecast_accuracy_ratio",
    "production_attainment_ratio",
    "inventory_turns",
    "overtime_ratio",
)
PLANNED = {
    "margin": "Margin",
    "fill_rate": "On-time fill rate",
    "inventory_value": "Peak inventory",
    "cash": "Minimum cash",
}
RECENT = 3  # months of a trend


@dataclass(frozen=True)
class KpiTables:
    """The tables of the KPI status."""

    planning_periods: DataFrame
    sales_history: DataFrame
    financial_plan: DataFrame
    constrained_demand: DataFrame
    cash_plan: DataFrame
    kpis: DataFrame
    budget: DataFrame | None = None
    goals: DataFrame | None = None
    kpi_targets: DataFrame | None = None
    company_settings: DataFrame | None = None
    calendar: DataFrame | None = None

    @property
    def year(self) -> months.Year:
        """The fiscal year in which the plan starts."""
        return months.year_of(self.planning_periods, self.company_settings, self.calendar)


def kpi_status(tables: KpiTables, currency: str) -> Table:
    """Show each KPI with its last closed month, year to date, outlook, target, status and trend."""
    year = tables.year
    last = year.start - 1
    rows = [
        *(_sales(tables, measure, year, currency) for measure in SALES),
        *(row_ for measure in CLOSED for row_ in _closed(tables, measure, year)),
        *(row_ for measure in PLANNED for row_ in _planned(tables, measure, currency)),
    ]
    groups = [
        Cell(""),
        Cell(short_month(last), across=2),
        Cell("Year to date", across=3),
        Cell(f"Outlook {year.name} or plan", across=4),
        Cell("", across=2),
    ]
    named = ["", "actual", "vs. target", "actual", "vs. target", "vs. PY"]
    named += ["outlook", "target", "vs. target", "vs. PY", "status", "trend"]
    foot = f"Target: budget, KPI target or goal; PY: prior year. {RULE}. {TREND}."
    return Table([groups, row(*named)], rows, "KPI status", foot=foot, dense=True)


def _sales(tables, measure, year, currency):
    """A measure that closed months and the plan have: against budget and prior year."""
    if measure == "revenue" and not tables.financial_plan["revenue"].any():
        return _unknown(SALES[measure], "no prices are given", status(float("nan"), float("nan")))
    known = months.by_month(tables.sales_history, tables.financial_plan, measure, tables.budget)
    money = currency or "money" if measure == "revenue" else ""
    parts = [
        months.against(known, pd.period_range(year.start - 1, periods=1, freq="M")),
        months.against(known, year.closed),
        months.against(known, year.months),
    ]
    divisor, sign = numbers.scale(*[part["value"] for part in parts])
    newest, to_date, whole = parts
    shown = [numbers.in_scale(part["value"], divisor) for part in parts]
    actual = known["actual"].dropna().tail(RECENT)
    before = known["prior_year"].reindex(actual.index)
    return row(
        f"{SALES[measure]}, {numbers.unit(money, sign)}",
        shown[0],
        relative_to(newest["vs_reference"]),
        shown[1],
        relative_to(to_date["vs_reference"]),
        relative_to(to_date["vs_prior_year"]),
        Cell(shown[2], "strong"),
        numbers.in_scale(whole["reference"], divisor),
        relative_to(whole["vs_reference"]),
        relative_to(whole["vs_prior_year"]),
        status(whole["value"], whole["reference"]).cell,
        trend(actual, before),
    )


def _unknown(named, reason, stands):
    """The row of a measure that is not known, with the reason."""
    told = (Cell(reason, across=5), Cell("unknown", "strong"))
    return row(named, *told, *[MISSING] * 3, stands.cell, MISSING)


def _closed(tables, measure, year) -> Iterator[list[Cell]]:
    """A measure of closed months alone: against its target."""
    rows = tables.kpis[tables.kpis["measure"] == measure]
    values = rows.set_index("period")["value"].dropna().sort_index()
    if values.empty:
        return
    target = _kpi_target(tables.kpi_targets, rows, measure)
    more = MEASURES[measure].direction != "at_most"
    to_date = values[values.index.isin(year.closed)]
    mean = float(to_date.mean()) if len(to_date) else float("nan")
    write = numbers.percent if MEASURES[measure].unit == "ratio" else "{:.1f}".format
    gap = numbers.points if MEASURES[measure].unit == "ratio" else "{:+.1f}".format
    newest = float(values.iloc[-1])
    yield row(
        heading_of(measure),
        write(newest),
        varying(newest - target, gap(newest - target), more, even=1e-9),
        write(mean) if len(to_date) else MISSING,
        varying(mean - target, gap(mean - target), more, even=1e-9),
        MISSING, MISSING,
        MISSING if np.isnan(target) else write(target),
        MISSING, MISSING,
        status(mean if len(to_date) else newest, target, more).cell,
        trend(values.tail(RECENT), values.iloc[:-RECENT].tail(RECENT), more),
    )  # fmt: skip


def _kpi_target(kpi_targets, rows, measure):
    """The target of the whole company: that of the newest month, or else the one that is set."""
    known = rows["target"].dropna()
    if len(known):
        return float(known.iloc[-1])
    if kpi_targets is None:
        return float("nan")
    own = kpi_targets[(kpi_targets["measure"] == measure) & kpi_targets["item"].isna()]
    return float(own["target"].iloc[0]) if len(own) else float("nan")


def _planned(tables, measure, currency) -> Iterator[list[Cell]]:
    """A measure of the plan: over the months of its goal, or all planned ones."""
    goal = goal_of(tables.goals, measure)
    own = None if goal is None else (goal["from_period"], goal["to_period"])
    target = float("nan") if goal is None else float(goal["target"])
    known = {name: getattr(tables, name) for name in ("financial_plan", "constrained_demand")}
    try:
        found = float(value(measure, known | {"cash_plan": tables.cash_plan}, months=own))
    except MissingValue:
        return
    more = MEASURES[measure].direction != "at_most"
    share = MEASURES[measure].unit == "ratio"
    stands = status(float("nan"), target, more)
    if not share and not costs_are_known(tables.financial_plan):
        reason = "no costs are given" + _of_part(tables.financial_plan)
        yield _unknown(PLANNED[measure], reason, stands)
        return
    if measure == "cash" and not cash_is_known(tables.company_settings):
        yield _unknown(PLANNED[measure], "no opening cash is given", stands)
        return
    gap = found - target if share else found / target - 1 if target else float("nan")
    written = numbers.points(gap) if share else numbers.relative(gap)
    divisor, sign = numbers.scale(found, target)
    write = numbers.percent if share else (lambda number: numbers.in_scale(number, divisor))
    unit = "" if share else f", {numbers.unit(currency or 'money', sign)}"
    yield row(
        f"{PLANNED[measure]}{unit}",
        Cell(f"plan, {span(own or tables.planning_periods['period'])}", across=5),
        Cell(write(found), "strong"),
        MISSING if np.isnan(target) else write(target),
        varying(gap, written, more, even=1e-9),
        MISSING,
        status(found, target, more).cell,
        MISSING,
    )


def _of_part(financial_plan):
    """For which part of revenue no costs are given, where it is not all of it."""
    part = uncosted_share(financial_plan)
    return "" if part > 0.999 else f" for {numbers.percent(part)} of revenue"


def goal_of(goals: DataFrame | None, measure: str) -> Series | None:
    """The company's own goal for a measure, the earliest; None where there is none."""
    if goals is None:
        return None
    own = goals[(goals["measure"] == measure) & goals["item"].isna()]
    return None if own.empty else own.sort_values("from_period", kind="stable").iloc[0]


def heading_of(measure: str) -> str:
    """A measure's short name with a capital, as a row is named."""
    named = label(measure, short=True, of="measure")
    return named[:1].upper() + named[1:] if named else heading(measure)
