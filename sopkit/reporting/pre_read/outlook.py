"""The outlook in money: fiscal years by quarter, families against budget, and the bridge."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, PeriodIndex

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
    row,
    varying,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import currency_of, month, span
from sopkit.schema.glossary import label
from sopkit.schema.tolerances import MATERIAL

TITLE = "P&L outlook"
FAMILIES = 10
QUARTERS = 8
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
        *(_years(tables, currency) or [_quarters(tables, currency)]),
        *_families(tables, currency),
        *_bridge(tables, currency),
    ]
    return Page(
        TITLE, blocks, f"actual to {month(tables.planning_periods['period'].min() - 1)}, then plan"
    )


def _years(tables, currency):
    """The fiscal years that the plan reaches the end of."""
    current = months.year_of(tables.planning_periods, tables.company_settings, tables.calendar)
    cash = tables.cash_plan.set_index("period")["cash"]
    known = cash if cash_is_known(tables.company_settings) else cash.iloc[:0]
    costed = costs_are_known(tables.financial_plan)
    return fiscal_years(tables.outlook, current, known, costed, currency)


def _quarters(tables, currency):
    """The planned quarters in money, where the plan reaches the end of no fiscal year."""
    plan = tables.financial_plan
    by = plan.groupby("period")[["quantity", "revenue", "cost_of_sales", "margin"]].sum()
    fixed = _fixed_cost(tables.company_settings)
    by["fixed"], by["profit"] = fixed, by["margin"] - fixed
    quarters = by.groupby(PeriodIndex(by.index).asfreq("Q")).agg("sum").iloc[:QUARTERS]
    divisor, sign = numbers.scale(*by[["revenue"]].to_numpy("float64").ravel())
    unit = numbers.unit(currency or "money", sign)
    costed = costs_are_known(plan)
    lines = {"revenue": "Revenue"}
    if costed:
        lines |= {"cost_of_sales": "Cost of sales", "margin": "Margin"}
    if costed and fixed:
        lines |= {"fixed": "Fixed cost", "profit": "Operating profit (margin - fixed cost)"}
    rows = [
        row(named, *[numbers.in_scale(size, divisor) for size in quarters[name]])
        for name, named in lines.items()
    ]
    if costed:
        rows.append(_ratio(quarters))
        if cash_is_known(tables.company_settings):
            rows.append(_cash(quarters, tables.cash_plan, divisor))
    named_ = heads(unit, *[f"Q{one.quarter} {one.year}" for one in quarters.index])
    first, end = by.index.min(), by.index.max()
    cut = (
        ""
        if first.month % 3 == 1 and end.month % 3 == 0
        else f"Planned months only, {month(first)} to {month(end)}."
    )
    return Table([named_], rows, "Plan by quarter", strong=frozenset({2}), foot=cut)


def _ratio(quarters):
    """The margin of each quarter as a share of revenue."""
    ratio = quarters["margin"] / quarters["revenue"].where(quarters["revenue"] > 0)
    return row("Margin, % of revenue", *[numbers.percent(share) for share in ratio])


def _cash(quarters, cash_plan, divisor):
    """The cash at the end of each quarter."""
    cash = cash_plan.set_index("period")["cash"]
    last = cash.groupby(PeriodIndex(cash.index).asfreq("Q")).last().reindex(quarters.index)
    return row("Cash, end of quarter", *[numbers.in_scale(size, divisor) for size in last])


def _fixed_cost(company_settings):
    """Fixed cost a month; 0 where none is given."""
    if company_settings is None or "fixed_cost" not in company_settings:
        return 0.0
    given = company_settings["fixed_cost"].iloc[0]
    return 0.0 if pd.isna(given) else float(given)


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
