"""The outlook in money: fiscal years by quarter, families against budget, and the bridge."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame

from sopkit.finance.bridge import ALL, bridged_months
from sopkit.master_data.known_money import cash_is_known, costs_are_known
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.fiscal_years import fiscal_years
from sopkit.reporting.pre_read.page import (
    Cell,
    LeftOut,
    Page,
    Table,
    heads,
    varying,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import currency_of, month, span
from sopkit.schema.glossary import label
from sopkit.schema.tolerances import MATERIAL

TITLE = "P&L outlook"
FAMILIES = 10
STEPS = ("volume", "mix", "price", "cost", "supply")
MIX = "Mix: families grow at different rates; it is known for the company as a whole."


@dataclass(frozen=True)
class OutlookTables:
    """The tables of the outlook."""

    planning_periods: DataFrame
    financial_plan: DataFrame
    cash_plan: DataFrame
    plan_variances: DataFrame
    budget_bridge: DataFrame
    outlook: DataFrame
    company_settings: DataFrame | None = None
    calendar: DataFrame | None = None


def outlook_page(tables: OutlookTables) -> Page | LeftOut:
    """Revenue to profit by quarter and year; families against budget; what explains the change."""
    if not tables.financial_plan["revenue"].sum() > 0:
        return LeftOut(TITLE, "no prices are known")
    currency = currency_of(tables.company_settings)
    blocks = [
        *_years(tables, currency),
        *_families(tables, currency),
        *_bridge(tables, currency),
    ]
    if not blocks:
        return LeftOut(TITLE, "the plan reaches the end of no quarter")
    return Page(
        TITLE, blocks, f"actual to {month(tables.planning_periods['period'].min() - 1)}, then plan"
    )


def _years(tables, currency):
    """The fiscal years of the plan."""
    current = months.year_of(tables.planning_periods, tables.company_settings, tables.calendar)
    cash = tables.cash_plan.set_index("period")["cash"]
    known = cash if cash_is_known(tables.company_settings) else cash.iloc[:0]
    costed = costs_are_known(tables.financial_plan)
    return fiscal_years(tables.outlook, current, known, costed, currency)


def _families(tables, currency):
    """Revenue and margin of each family against budget, or against the prior year without one."""
    rows = tables.plan_variances[tables.plan_variances["measure"].isin(["revenue", "margin"])]
    for reference in ("budget", "last_year"):
        held = rows[rows["reference_type"] == reference]
        if len(held):
            break
    else:
        return []
    sums = held.groupby(["item", "measure"])[["plan", "reference_value", "variance"]].sum()
    items = [one for one in sums.index.unique(0) if one != "all"]
    order = sorted(items, key=lambda one: -sums["plan"].get((one, "revenue"), 0.0))
    shown = [*order[:FAMILIES], *(["all"] if "all" in sums.index.unique(0) else [])]
    wanted = ("revenue", "margin") if costs_are_known(tables.financial_plan) else ("revenue",)
    measures = [one for one in wanted if one in sums.index.unique(1)]
    table = [_family(sums, item, measures) for item in shown]
    word = "budget" if reference == "budget" else "prior year"
    named_ = [Cell("Family")]
    for measure in measures:
        named_ += [
            Cell(f"{label(measure, of='measure').capitalize()}, plan"),
            Cell(word.capitalize()),
            Cell("Variance"),
            Cell("%"),
        ]
    more = len(order) - FAMILIES
    return [
        Table(
            [named_],
            table,
            f"Plan vs. {word} by family, {span(held['period'])}",
            currency or "money",
            strong=frozenset({len(table) - 1}),
            foot=f"{more} more families in the workbook." if more > 0 else "",
        )
    ]


def _family(sums, item, measures):
    cells = [Cell("Total" if item == "all" else item)]
    for measure in measures:
        if (item, measure) not in sums.index:
            cells += [Cell(MISSING)] * 4
            continue
        one = sums.loc[(item, measure)]
        ratio = one["variance"] / one["reference_value"] if one["reference_value"] else float("nan")
        cells += [
            Cell(numbers.amount(one["plan"])),
            Cell(numbers.amount(one["reference_value"])),
            varying(one["variance"], numbers.change(one["variance"])),
            varying(ratio, numbers.relative(ratio)),
        ]
    return cells


def _bridge(tables, currency):
    """The steps from budget to plan, in numbers: a row a family; none without costs."""
    rows = tables.budget_bridge[tables.budget_bridge["measure"] == "margin"]
    if rows.empty or not costs_are_known(tables.financial_plan):
        return []
    wide = rows.pivot_table(
        index="family", columns="step", values="amount", aggfunc="sum", sort=False
    )
    steps = [step for step in ("budget", *STEPS, "plan") if step in wide]
    total, wide = wide.loc[ALL], wide.drop(index=ALL)
    wide = wide.loc[wide["plan"].sort_values(ascending=False, kind="stable").index]
    shown = [_bridge_row(name, one, steps) for name, one in wide.head(FAMILIES).iterrows()]
    if len(wide) > 1:
        shown.append(_bridge_row("Total", total, steps))
    named_ = heads("Family", *[label(step, of="step").capitalize() for step in steps])
    return [
        Table(
            [named_],
            shown,
            bridge_headline(total, currency),
            f"{currency or 'money'}; {span(bridged_months(tables.plan_variances))}",
            strong=frozenset({len(shown) - 1}) if len(wide) > 1 else frozenset(),
            foot=MIX if abs(total.get("mix", 0.0)) > MATERIAL else "",
        )
    ]


def bridge_headline(total: pd.Series, currency: str) -> str:
    """The change of margin from budget to plan, and its largest step."""
    change = total["plan"] - total["budget"]
    steps = total.reindex(list(STEPS)).dropna()
    said = f"Budget-to-plan bridge: margin {numbers.change(change, currency)}"
    if steps.empty or not steps.abs().max():
        return said
    largest = steps.abs().idxmax()
    step = f"{label(largest, of='step')} {numbers.change(steps[largest], currency)}"
    return f"{said}; largest step: {step}"


def _bridge_row(name, one, steps):
    cells = [Cell(name)]
    for step in steps:
        size = float(one[step])
        if step in STEPS:
            cells.append(varying(size, numbers.change(size), even=0.5))
        else:
            cells.append(Cell(numbers.amount(size)))
    return cells
