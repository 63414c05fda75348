"""The pack's sheets that are not by line and month: lists of rows, the bridge, and the contents."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas import DataFrame
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from sopkit.cycle import stages
from sopkit.finance.bridge import ALL
from sopkit.reporting.excel.figures import CLOSED_MONTHS
from sopkit.reporting.excel.months import MonthSheet
from sopkit.reporting.excel.workbook import HEAD_ROWS, INPUT, Book, letter, quoted, write_text
from sopkit.reporting.theme import GREY, PALE
from sopkit.schema.cells import PLAIN_RATIOS, is_prose, unit
from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import heading, label
from sopkit.schema.tolerances import ROUNDING

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

PROSE_WIDTH, LINE_HEIGHT = 48, 13.5  # characters, points
STEPS = ("budget", "volume", "mix", "price", "cost", "supply")


def fill_list(book: Book, sheet: "Worksheet", frame: DataFrame) -> None:
    """Write a table as it is: text as text, numbers in their units, with a filter on its heads."""
    head = book.format("text", bold=True, bottom=1, text_wrap=True, valign="bottom")
    for place, column in enumerate(frame.columns):
        cells = frame[column]
        said = (unit(cells) or "").replace("money", book.facts["currency"] or "money")
        write_text(
            sheet,
            HEAD_ROWS,
            place,
            f"{heading(str(cells.name))}{f' [{said}]' if said else ''}",
            head,
        )
        sheet.set_column(place, place, _width(cells))
        _write_column(book, sheet, place, cells)
    for row, lines in enumerate(_lines(frame), HEAD_ROWS + 1):
        sheet.set_row(row, LINE_HEIGHT * lines)
    if len(frame):
        sheet.autofilter(HEAD_ROWS, 0, HEAD_ROWS + len(frame), len(frame.columns) - 1)
    sheet.freeze_panes(HEAD_ROWS + 1, 1)
    sheet.repeat_rows(0, HEAD_ROWS)
    sheet.fit_to_pages(1, 0)


def _width(cells):
    if is_numeric_dtype(cells) or not len(cells):
        return 14
    return PROSE_WIDTH if is_prose(cells) else max(12, cells.astype("str").str.len().max() + 2)


def _lines(frame):
    """How many lines each row needs: programs other than Excel do not fit a row's height to wrapped
    text."""
    prose = [frame[column] for column in frame.columns if len(frame) and is_prose(frame[column])]
    lengths = [cells.fillna("").astype("str").str.len() for cells in prose]
    return np.ceil(np.maximum.reduce([np.ones(len(frame)), *lengths]) / PROSE_WIDTH).clip(1, 20)


def _write_column(book, sheet, place, cells):
    wrap = {"text_wrap": True} if len(cells) and is_prose(cells) else {}
    style = book.format(_shape(cells), valign="top", **wrap)
    if isinstance(cells.dtype, pd.PeriodDtype):
        cells = cells.dt.to_timestamp()
    write = sheet.write_number if _is_number(cells) else sheet.write_datetime
    for row, value in enumerate(cells, HEAD_ROWS + 1):
        if pd.isna(value):
            sheet.write_blank(row, place, None, style)
        elif isinstance(value, str):
            write_text(sheet, row, place, value, style)
        elif isinstance(value, bool):
            write_text(sheet, row, place, "yes" if value else "no", style)
        else:
            write(row, place, value, style)


def _is_number(cells):
    return is_numeric_dtype(cells) and not is_bool_dtype(cells)


def _shape(cells):
    if isinstance(cells.dtype, pd.PeriodDtype):
        return "month"
    if pd.api.types.is_datetime64_any_dtype(cells):
        return "day"
    if not _is_number(cells):
        return "text"
    said = COLUMNS[cells.name].unit if cells.name in COLUMNS else unit(cells)
    if unit(cells) == "%":
        return "ratio"
    if said.startswith("money per") or cells.name in PLAIN_RATIOS:
        return "rate"
    return said if said in ("money", "units") else "general"


# --------------------------------------------------------------------------------------------------


def fill_products(
    book: Book, sheet: "Worksheet", inputs: Mapping[str, DataFrame], plan: Mapping[str, DataFrame]
) -> None:
    """Write what is delivered of each product, month by month, as numbers; the total is a sum."""
    served = plan["constrained_demand"]
    wide = served.pivot_table(index="product", columns="period", values="fulfilled", aggfunc="sum")
    wide = wide.reindex(columns=pd.PeriodIndex(plan["planning_periods"]["period"]))
    names = inputs["products"][["family", "product", "description", "unit_of_measure"]]
    rows = names.merge(wide, left_on="product", right_index=True, how="left", validate="one_to_one")
    rows = rows.sort_values(["family", "product"], ignore_index=True)
    head = book.format("text", bold=True, bottom=1)
    for place, column in enumerate(names.columns):
        write_text(sheet, HEAD_ROWS, place, heading(column), head)
        _write_column(book, sheet, place, rows[column])
    first, total = len(names.columns), len(rows.columns)
    for place, month in enumerate(wide.columns, first):
        sheet.write_datetime(
            HEAD_ROWS, place, month.to_timestamp(), book.format("month", bold=True, bottom=1)
        )
        _write_column(book, sheet, place, rows[month].rename("fulfilled"))
    write_text(
        sheet, HEAD_ROWS, total, "total", book.format("text", bold=True, bottom=1, align="right")
    )
    style = book.format("units", bg_color=PALE)
    columns = f"{letter(first)}{{0}}:{letter(total - 1)}{{0}}"
    for row, value in enumerate(rows[wide.columns].sum(axis=1), HEAD_ROWS + 1):
        sheet.write_formula(row, total, f"=SUM({columns.format(row + 1)})", style, value)
    sheet.set_column(0, first - 1, 14)
    sheet.set_column(first, total, 10)
    sheet.autofilter(HEAD_ROWS, 0, HEAD_ROWS + len(rows), total)
    sheet.freeze_panes(HEAD_ROWS + 1, 2)
    sheet.repeat_rows(0, HEAD_ROWS)
    sheet.fit_to_pages(1, 0)


def fill_bridge(book: Book, sheet: "Worksheet", plan: Mapping[str, DataFrame]) -> None:
    """Write the walk from budget to plan, a block for each measure; the plan is the sum of its
    steps."""
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, len(STEPS) + 1, 14)
    sheet.freeze_panes(HEAD_ROWS, 1)
    sheet.fit_to_pages(1, 0)
    row = HEAD_ROWS
    for measure, rows in plan["budget_bridge"].groupby("measure", sort=False):
        wide = rows.pivot_table(
            index="family", columns="step", values="amount", aggfunc="sum", sort=True
        )
        wide = wide.mask(wide.abs() < ROUNDING, 0.0)
        row = _bridge_block(book, sheet, row, measure, wide) + 2
    if plan["budget_bridge"].empty:
        write_text(
            sheet,
            row,
            0,
            "No budget is known: there is no bridge.",
            book.format("text", font_color=GREY),
        )


def _bridge_block(book, sheet, row, measure, wide):
    """Write one measure's walk; return the row of its total."""
    steps = [step for step in STEPS if step in wide.columns]
    last, first = letter(len(steps)), row + 2
    head = book.format("text", bold=True, bottom=1, align="right")
    for place, text in enumerate([measure.capitalize(), *steps, "plan"]):
        write_text(
            sheet, row, place, text, head if place else book.format("text", bold=True, bottom=1)
        )
    company = wide.loc[ALL]
    for family, amounts in wide.drop(index=ALL).iterrows():
        row += 1
        write_text(sheet, row, 0, family, book.format("text"))
        for place, step in enumerate(steps, 1):
            sheet.write_number(row, place, amounts[step], book.format("money", font_color=INPUT))
        total = f"=SUM(B{row + 1}:{last}{row + 1})"
        sheet.write_formula(
            row, len(steps) + 1, total, book.format("money", bold=True), amounts["plan"]
        )
    write_text(sheet, row + 1, 0, "All families", book.format("text", bold=True, top=1))
    look, mix = book.format("money", bold=True, top=1), steps.index("mix") + 1
    for place, step in enumerate([*steps, "plan"], 1):
        column = letter(place)
        formula = f"=SUM({column}{first}:{column}{row + 1})"
        if step == "volume":  # what families grow otherwise than all together is the mix
            formula += f"-{letter(mix)}{row + 2}"
        sheet.write_formula(row + 1, place, formula, look, company[step])
    sheet.write_number(row + 1, mix, company["mix"], look)
    return row + 1


def assumption_rows(inputs: Mapping[str, DataFrame]) -> DataFrame:
    """What people have written down as true, and what the plan takes as true for each table that is
    absent.

    Returns
    -------
    assumption, statement, owner, family, valid_from, valid_to
    """
    columns = ["assumption", "statement", "owner", "family", "valid_from", "valid_to"]
    absent = pd.concat([stages.absent_inputs(name, inputs) for name in stages.STAGE_NAMES])
    absent = absent.drop_duplicates("table").assign(owner="assumed by sopkit")
    absent = absent.rename(columns={"table": "assumption"}).assign(
        assumption=lambda t: "no " + t["assumption"]
    )
    said = inputs.get("assumptions")
    return (
        absent.reindex(columns=columns)
        if said is None
        else pd.concat([said[columns], absent], ignore_index=True)
    )


# --------------------------------------------------------------------------------------------------


def fill_contents(
    book: Book,
    sheet: "Worksheet",
    targets: Sequence[tuple[str, str, "Worksheet"]],
    company: MonthSheet,
) -> None:
    """Fill the first sheet: the plan's facts, what stands where, and whether the workbook still
    says the saved plan."""
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 3, 18)
    sheet.fit_to_pages(1, 0)
    bold, plain = book.format("text", bold=True), book.format("text")
    row = HEAD_ROWS
    for word in (
        "company",
        "cycle",
        "scenario",
        "revision",
        "status",
        "made_at",
        "currency",
        "hash",
    ):
        if book.facts[word]:
            write_text(sheet, row, 0, label(word), bold)
            write_text(sheet, row, 1, book.facts[word], plain)
            row += 1
    row += 1
    write_text(sheet, row, 0, "Contents", bold)
    link = book.format("text", font_color=INPUT, underline=1)
    for title, about, target in targets:
        row += 1
        sheet.write_url(row, 0, f"internal:{quoted(target)}!A1", link, title[:255])
        write_text(sheet, row, 1, about, plain)
    _write_checks(book, sheet, row + 2, company)


def _write_checks(book, sheet, row, company):
    """Hold what the workbook computes against the plan that was saved; a changed cell shows
    here."""
    bold = book.format("text", bold=True)
    for place, text in enumerate(
        ("Check: workbook matches saved plan", "", "saved", "in this workbook")
    ):
        write_text(sheet, row, place, text, bold)
    last, planned = company.months[-1], company.figures.iloc[CLOSED_MONTHS:]
    checks = (
        ("revenue", None, "Revenue, planned months", planned["revenue"].sum()),
        ("margin", None, "Margin, planned months", planned["margin"].sum()),
        ("inventory_value", last, "Stock at the end", planned["inventory_value"].iloc[-1]),
        ("cash", last, "Cash at the end", planned["cash"].iloc[-1]),
    )
    for name, month, said, saved in checks:
        row += 1
        write_text(sheet, row, 0, said, book.format("text"))
        sheet.write_number(row, 2, saved, book.format("cents"))
        formula = f"={quoted(company.sheet)}!{company.cell(name, month)}"
        sheet.write_formula(row, 3, formula, book.format("cents"), saved)
        verdict = f'=IF(ABS(D{row + 1}-C{row + 1})<0.005,"yes","no: numbers were changed")'
        sheet.write_formula(row, 1, verdict, book.format("text"), "yes")
