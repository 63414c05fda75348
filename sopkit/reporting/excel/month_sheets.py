"""The lines of the pack's month sheets: a family in the classic form, profit and loss, cash."""

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.budgets import BUDGETED
from sopkit.reporting.excel.figures import CLOSED_MONTHS, approved_rows, cash_figures, months
from sopkit.reporting.excel.months import Line, MonthSheet, difference
from sopkit.reporting.excel.workbook import Book, quoted
from sopkit.schema.glossary import heading
from sopkit.schema.measures import MEASURES
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables.measures import share
from sopkit.tables.periods import MONTH_DAYS

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COSTS_UNKNOWN = (
    "Costs of some products are not given (item_costs): cost of sales and stock at cost are at least, "
    "margin and cash at most what is shown."
)
PRICES_UNKNOWN = "No prices are given (item_costs, or revenue in sales_history): money is 0 until a price is typed."
OF_FAMILIES = (  # adds families up
    "revenue",
    "cost_of_sales",
    "activity_spend",
    "margin",
    "inventory_value",
)


def ratio_formula(name: str) -> str:
    """The cell formula of a measure that is a ratio: nothing where it would divide by nothing.

    >>> ratio_formula("margin_ratio")
    '=IF({revenue}=0,"",{margin}/{revenue})'
    """
    measure = MEASURES[name]
    part, whole = (re.sub(r"[a-z_]+", r"{\g<0>}", text) for text in (measure.formula, measure.per))
    return f'=IF({whole}=0,"",{part}/{whole})'


def family_lines(unit: str, currency: str, budgeted: Collection[str] = ()) -> list[Line]:
    """The lines of a family's sheet: what the planner changes, and what follows from it.

    `budgeted` are the measures that the budget gives.
    """
    rate = f"{currency} per {'unit' if unit == 'units' else unit}"
    margin = ratio_formula("margin_ratio")
    lines = [
        Line("", "Sales"),
        Line("sales", "Plan", unit, total="sum", strong=True),
        Line("actual_sales", "Actual", unit),
        *difference("sales", "actual_sales", unit),
        Line("last_year", "Prior year", unit),
        Line("", "Demand and backlog"),
        Line("demand", "Unconstrained demand", unit, total="sum"),
        Line("lost_sales", "Lost sales", unit, total="sum"),
        Line("backlog", "Backlog at the month's end", unit,
             formula="={backlog-1}+{demand}-{sales}-{lost_sales}", strong=True),
        Line("", "Production"),
        Line("regular", "Regular time", unit, total="sum"),
        Line("overtime", "Overtime", unit, total="sum"),
        Line("subcontract", "Made outside", unit, total="sum"),
        Line("purchased", "Purchased", unit, total="sum"),
        Line("production", "Plan", unit, formula="=SUM({regular}:{purchased})",
             closed='=IF(COUNT({regular}:{purchased})=0,"",SUM({regular}:{purchased}))', total="sum", strong=True),
        Line("actual_production", "Actual", unit),
        *difference("production", "actual_production", unit),
        Line("scheduled_receipts", "Scheduled receipts", unit, total="sum"),
        Line("", "Inventory"),
        Line("inventory", "Plan, at the month's end", unit,
             formula="={inventory-1}+{production}+{scheduled_receipts}-{sales}-{consumed}-{expired}",
             first="={actual_inventory-1}+{production}+{scheduled_receipts}-{sales}-{consumed}-{expired}", strong=True),
        Line("actual_inventory", "Actual, at the month's end", unit),
        difference("inventory", "actual_inventory", unit)[0],
        Line("consumed", "Used in other products", unit, total="sum"),
        Line("expired", "Expired", unit, total="sum"),
        Line("target_inventory", "Target", unit),
        Line("over_target", "Plan over (+) or under (-) target", unit, formula="={inventory}-{target_inventory}"),
        Line("", "Money"),
        Line("price", "Average price", rate, "rate"),
        Line("revenue", "Revenue", currency, "money", formula="={sales}*{price}", total="sum", strong=True),
        Line("standard_cost", "Average standard cost", rate, "rate"),
        Line("variances", "Variances to standard cost", currency, "money", total="sum"),
        Line("cost_of_sales", "Cost of sales", currency, "money",
             formula="={sales}*{standard_cost}+{variances}", total="sum"),
        Line("activity_spend", "Activity spend", currency, "money", total="sum"),
        Line("margin", "Margin", currency, "money", formula="={revenue}-{cost_of_sales}-{activity_spend}",
             total="sum", strong=True),
        Line("margin_ratio", "Gross margin %", "%", "ratio", formula=margin, total=margin),
        Line("stock_cost", "Average cost of a unit in stock", rate, "rate"),
        Line("inventory_value", "Stock at cost", currency, "money", formula="={inventory}*{stock_cost}"),
    ]  # fmt: skip
    return [*lines, *_budget_lines(unit, currency, budgeted)]


def _budget_lines(unit: str, currency: str, budgeted: Collection[str]) -> list[Line]:
    """Budget, and the plan less budget, of what the budget gives of units, revenue and margin."""
    gap = '=IF({{{0}}}="","",{{{1}}}-{{{0}}})'
    lines = [Line("", "Against the budget")] if budgeted else []
    for measure, line, shown, shape in (
        ("quantity", "sales", unit, "units"),
        ("revenue", "revenue", currency, "money"),
        ("margin", "margin", currency, "money"),
    ):
        if measure not in budgeted:
            continue
        name, said = f"budget_{measure}", f"Plan less budget: {line}"
        lines += [
            Line(name, f"Budget: {line}", shown, shape),
            Line(f"{name}_gap", said, shown, shape, gap.format(name, line), total="sum"),
        ]
    return lines


def family_sheet(
    book: Book,
    sheet: "Worksheet",
    inputs: Mapping[str, DataFrame],
    plan: Mapping[str, DataFrame],
    family: str,
    figures: DataFrame,
) -> MonthSheet:
    """Write a family's sheet; `figures` are its rows of `family_figures`, by month."""
    units = (
        inputs["products"].loc[inputs["products"]["family"] == family, "unit_of_measure"].unique()
    )
    unit = units[0] if len(units) == 1 else "units"
    budgeted = [one for one in BUDGETED if figures[f"budget_{one}"].notna().any()]
    lines = family_lines(unit, book.facts["currency"] or "money", budgeted)
    figures.attrs["totals"] = margin_total(figures)
    notes = _family_notes(inputs, plan)
    if figures["uncosted_revenue"].sum() > ROUNDING:
        lines, notes = _without_ratio(lines), [COSTS_UNKNOWN, *notes]
    if not plan["financial_plan"]["revenue"].any():
        notes = [PRICES_UNKNOWN, *notes]
    return MonthSheet(book, sheet, lines, figures, len(figures) - CLOSED_MONTHS).write(notes)


def _without_ratio(lines: list[Line]) -> list[Line]:
    """The lines where costs are not given: a margin is a bound then, and its ratio says nothing."""
    bound = {
        "margin": "Margin, at most: costs are not given",
        "result": "Operating profit, at most",
    }
    kept = [line for line in lines if line.name != "margin_ratio"]
    return [line._replace(label=bound[line.name]) if line.name in bound else line for line in kept]


def _family_notes(inputs, plan):
    notes = [
        "Blue numbers can be changed; black ones follow. Type actuals over empty cells to see the "
        "differences."
    ]
    for name, what in (("approved_forecasts", "sales"), ("approved_supply_plans", "production")):
        agreed = approved_rows(name, inputs, plan).drop_duplicates("period").sort_values("period")
        said = ", ".join(f"{row.period} by cycle {row.cycle}" for row in agreed.itertuples())
        known = f"The {what} plan of closed months is the last approved before they closed: {said}."
        notes.append(
            known if said else f"No earlier approved {what} plan is known: closed months have none."
        )
    notes.append(
        "Actual production, and stock before the last closed month, are not in the tables given: "
        "not known."
    )
    if inputs.get("inventory") is None:
        notes.append("No opening stock is known: the plan starts from zero.")
    return notes


# --------------------------------------------------------------------------------------------------
# the company


def company_sheet(
    book: Book,
    sheet: "Worksheet",
    inputs: Mapping[str, DataFrame],
    plan: Mapping[str, DataFrame],
    families: Mapping[str, MonthSheet],
) -> MonthSheet:
    """Write profit, loss and cash; `families` are the family sheets by name."""
    currency = book.facts["currency"] or "money"
    lines, values = [], {}
    for measure in OF_FAMILIES:
        more, numbers = _from_families(measure, heading(measure, short=True), currency, families)
        lines, values = lines + more, values | numbers
    company_settings = inputs.get("company_settings")
    fixed = (
        0.0
        if company_settings is None
        else float(company_settings["fixed_cost"].fillna(0.0).iloc[0])
    )
    figures = pd.DataFrame(values).join(cash_figures(inputs, plan)).reindex(months(plan))
    figures["margin_ratio"] = share("margin_ratio", figures["margin"], figures["revenue"])
    figures["fixed_cost"] = figures["revenue"] * 0 + fixed
    figures["result"] = figures["margin"] - figures["fixed_cost"]
    figures["working_capital"] = (
        figures["receivables"] + figures["inventory_value"] - figures["payables"]
    )
    figures.attrs["totals"] = margin_total(figures)
    notes = [
        "Families' lines are taken from their sheets; what is changed there changes here.",
        "Collections and payments follow revenue, what is bought and the days: 45 days is half "
        "after one month, half after two.",
        "Bought on terms are material, subcontracting and open orders; labour, conversion, freight, "
        "rent of extra storage and activities are paid at once.",
        "Both are the plan's: they do not follow changes of production. Type over them.",
    ]
    lines, planned = lines + _result_lines(currency), len(figures) - CLOSED_MONTHS
    if plan["financial_plan"]["uncosted_revenue"].sum() > ROUNDING:
        lines, notes = _without_ratio(lines), [COSTS_UNKNOWN, *notes]
    if not plan["financial_plan"]["revenue"].any():
        notes = [PRICES_UNKNOWN, *notes]
    return MonthSheet(book, sheet, lines, figures, planned).write(notes)


def _from_families(measure, label, currency, families):
    """The lines that take a measure from each family's sheet and add them up, and their numbers."""
    total = "sum" if MEASURES[measure].over_time == "sum" else ""  # stock of months is not added up
    lines, values = [Line("", label)], {}
    for place, (family, sheet) in enumerate(families.items()):
        link = f"={quoted(sheet.sheet)}!{{column}}{sheet.rows[measure] + 1}"
        lines.append(Line(f"{measure}_{place}", family, currency, "money", link, total=total))
        values[f"{measure}_{place}"] = sheet.figures[measure]
    add = f"=SUM({{{measure}_0}}:{{{measure}_{len(families) - 1}}})"
    lines.append(
        Line(measure, f"{label}, all families", currency, "money", add, total=total, strong=True)
    )
    return lines, values | {measure: sum(values.values())}


def margin_total(figures: DataFrame) -> dict[str, Any]:
    """The margin ratio over the planned months, beside the sums."""
    planned = figures.iloc[CLOSED_MONTHS:][["margin", "revenue"]].sum()
    return {"margin_ratio": planned["margin"] / planned["revenue"] if planned["revenue"] else ""}


def _paid_later(amounts, days):
    """What is paid of the planned months' amounts: 45 days is half after one month, half after two."""
    late = f"(COLUMN({{{amounts}}})-COLUMN({{{amounts}^}}:{{{amounts}}})-{{{days}}}/{MONTH_DAYS:g})"
    return f"=SUMPRODUCT({{{amounts}^}}:{{{amounts}}},(ABS({late})<1)*(1-ABS({late})))"


def _result_lines(currency):
    """Result and cash; receivables, payables and cash of the last closed month are what the plan
    starts from."""
    margin = ratio_formula("margin_ratio")
    return [
        Line("", "Result"),
        Line("margin_ratio", "Gross margin %", "%", "ratio", margin, total=margin),
        Line("fixed_cost", "Overhead", currency, "money", total="sum"),
        Line("result", "Operating profit", currency, "money", "={margin}-{fixed_cost}", total="sum", strong=True),
        Line("", "Cash"),
        Line("receivable_days", "Customers pay after", "days", "days"),
        Line("collected_of_plan", "Collected of planned revenue", currency, "money",
             _paid_later("revenue", "receivable_days"), total="sum"),
        Line("collected_of_past", "Collected of earlier sales", currency, "money", total="sum"),
        Line("collections", "Collections", currency, "money", "={collected_of_plan}+{collected_of_past}", total="sum"),
        Line("payable_days", "Suppliers are paid after", "days", "days"),
        Line("bought", "Bought on terms", currency, "money", total="sum"),
        Line("paid_of_plan", "Paid of what is bought", currency, "money", _paid_later("bought", "payable_days"), total="sum"),
        Line("paid_of_past", "Paid of earlier purchases", currency, "money", total="sum"),
        Line("spent", "Paid at once: labour, conversion, freight, rent, activities", currency, "money", total="sum"),
        Line("payments", "Payments", currency, "money", "={paid_of_plan}+{paid_of_past}+{spent}+{fixed_cost}", total="sum"),
        Line("cash", "Cash at the month's end", currency, "money", "={cash-1}+{collections}-{payments}", strong=True),
        Line("receivables", "Receivables", currency, "money", "={receivables-1}+{revenue}-{collections}"),
        Line("payables", "Payables", currency, "money", "={payables-1}+{bought}-{paid_of_plan}-{paid_of_past}"),
        Line("working_capital", "Receivables + stock - payables", currency, "money",
             "={receivables}+{inventory_value}-{payables}"),
    ]  # fmt: skip
