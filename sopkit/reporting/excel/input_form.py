"""The form of a contributor: a workbook to answer in, with what is known above each answer."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import DataFrame, Series

from sopkit.collaboration.finance_numbers import Asked
from sopkit.collaboration.form_answers import LINES as REFERRED
from sopkit.collaboration.form_answers import MONEY, OTHERWISE, PRICE, SHOWN, UNITS, WAY, WAYS
from sopkit.collaboration.form_rows import KNOWN
from sopkit.io import keyed_workbook
from sopkit.io.keyed_workbook import ANCHOR, NUMBER, TEXT, Cell, Place, row_key
from sopkit.io.writers import replacing
from sopkit.master_data.input_entries import SCOPE
from sopkit.reporting.excel.answer_sheet import FIRST, FIRST_MONTH, HEADS, KEPT, LABELS, lay_out
from sopkit.reporting.excel.number_sheets import fill_numbers
from sopkit.reporting.excel.workbook import INPUT, OPEN, Book, letter, write_text
from sopkit.reporting.theme import GREY

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WIDTHS = {"Family": 16, "Product": 16, "Market": 16, "Line": 30}  # before the months
LINES = {
    "last_year": "Sales, same month last year",
    "forecast": "Forecast before inputs",
    "last_cycle": "Consensus of the last cycle",
    "last_input": "Your last input",
    "price": "Price of a unit",
}
TOLD = (
    "Fill in the yellow cells of the sheet Demand: units a month, at the level of the row.",
    "Or fill in the row below: a change of a line above (5 is 5 %), or money; choose which there.",
    "Leave a cell empty where you have no view; clear it to withdraw what you said.",
    "Give a reason in every row that you change. A formula is kept by its value.",
    "Set the status to finished, save the file under its name, and send it back.",
)


NUMBERS = (
    "Prices, unit costs and the budget are on further sheets, in the company's own units and "
    "currencies: change the yellow cells there in the same way."
)


class Form(NamedTuple):
    """What a form is made of: see `form_rows.form_rows` for its rows, and for the numbers of
    finance `finance_numbers.finance_series`."""

    facts: Mapping[str, str]  # company, cycle, contributor, function, revision, made_at, deadline
    rows: DataFrame
    numbers: Sequence[Asked] = ()


def write(path: Path, form: Form) -> None:
    """Write a contributor's form, whole or not at all."""
    facts = dict(form.facts)
    heads = {"scenario": "input form", "status": ""}
    with replacing(path) as unfinished:
        book = Book(str(unfinished), {**facts, **heads})
        told = (*TOLD, NUMBERS) if form.numbers else TOLD
        cells = [*_start(book, facts, told), *_demand(book, form.rows)]
        cells += fill_numbers(book, form.numbers)
        keyed_workbook.record(book.workbook, {"kind": "form", **facts}, cells)
        book.save()


def _start(book: Book, facts: Mapping[str, str], told: Sequence[str]) -> Iterator[Cell]:
    """The first sheet: what to do, by when, and who answers."""
    sheet = book.sheet("Start", f"Your view of demand: {facts['contributor']}", colour=INPUT)
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 60)
    plain, bold = book.format("text"), book.format("text", bold=True)
    write_text(sheet, 0, 1, f"Your view of demand: {facts['contributor']}", bold)
    for number, text in enumerate(told):
        write_text(sheet, 8 + number, 1, text, plain)
    about = (("Answer by", facts["deadline"]), ("Reviewer", facts["reviewer"]))
    for number, (label, text) in enumerate(about):
        write_text(sheet, 9 + len(told) + number, 1, label, plain)
        write_text(sheet, 9 + len(told) + number, 2, text, plain)
    sheet.write_string(HEADS, 0, ANCHOR)
    sheet.write_string(HEADS, 2, "answer")
    sheet.set_row(HEADS, None, None, {"hidden": True})
    asked = (("author", "Your name", facts["contributor"]), ("form_status", "Status", "open"),
             ("comment", "Comment", None))  # fmt: skip
    style = book.format("text", **OPEN)
    for number, (name, label, value) in enumerate(asked, start=HEADS + 1):
        key = row_key("input_returns", contributor=facts["contributor"], column=name)
        place = Place(key, "answer")
        sheet.write_string(number, 0, place.row)
        write_text(sheet, number, 1, label, plain)
        write_text(sheet, number, 2, value or "", style)
        if name == "form_status":
            choice = {"validate": "list", "source": ["open", "finished"]}
            sheet.data_validation(number, 2, number, 2, choice)
        yield Cell(place, TEXT, value)
    sheet.protect()


def _demand(book: Book, rows: DataFrame) -> Iterator[Cell]:
    """The sheet of answers: a block of lines for each series, months across."""
    months = sorted(rows["period"].unique())
    sheet = book.sheet("Demand", "Demand in units", colour=INPUT)
    lay_out(book, sheet, "Demand in units", WIDTHS, months, UNITS)
    sheet.write_string(HEADS, 4, WAY)
    right = book.format("text", bold=True, bottom=1, align="right")
    write_text(sheet, LABELS, FIRST_MONTH + len(months), "Total", right)
    row = FIRST
    for key, series in rows.groupby(SCOPE, dropna=False, sort=False):
        named = {c: None if pd.isna(v) else v for c, v in zip(SCOPE, key, strict=True)}
        yield from _block(book, sheet, row, named, series.set_index("period").reindex(months))
        row += len(KNOWN) + 5
    sheet.protect(options={"format_columns": True, "format_rows": True})


def _block(
    book: Book, sheet: "Worksheet", row: int, named: dict[str, str | None], series: DataFrame
) -> Iterator[Cell]:
    """The lines of one series, the answers, and what they come to; gives the cells that come
    back."""
    labels = [named["family"] or "", named["product"] or "", named["market"] or "all markets"]
    yield from _shown(book, sheet, row, (labels, named), series)
    answer = row + len(KNOWN)
    yield from _in_units(book, sheet, answer, (labels, named), series)
    yield from _otherwise(book, sheet, answer + 1, (labels, named), series)
    _come_to(book, sheet, answer + 2, labels, series)


def _shown(
    book: Book, sheet: "Worksheet", row: int, names: tuple[list, dict], series: DataFrame
) -> Iterator[Cell]:
    """What is known: the lines above an answer; what answers refer to comes back."""
    plain, last = book.format("text", font_color=GREY), FIRST_MONTH + len(series)
    for number, line in enumerate(KNOWN, start=row):
        grey = book.format("rate" if line == PRICE else "units", font_color=GREY)
        key = row_key(SHOWN, line=line, **names[1])
        for column, text in enumerate((*names[0], LINES[line]), start=1):
            write_text(sheet, number, column, text, plain)
        if line != "last_input":
            sheet.write_string(number, 0, key)
        for column, (head, value) in enumerate(series[line].items(), start=FIRST_MONTH):
            known = None if pd.isna(value) else float(value)
            sheet.write(number, column, known, grey)
            if line != "last_input":
                yield Cell(Place(key, f"{UNITS}{head}"), NUMBER, known)
        if line != PRICE:
            _total(sheet, number, last, series[line], grey)


def _in_units(
    book: Book, sheet: "Worksheet", row: int, names: tuple[list, dict], series: DataFrame
) -> Iterator[Cell]:
    """The answer in units, with comment and reason."""
    last, key = FIRST_MONTH + len(series), row_key("demand_inputs", **names[1])
    for column, text in enumerate((*names[0], "Your answer"), start=1):
        write_text(sheet, row, column, text, book.format("text", bold=True))
    sheet.write_string(row, 0, key)
    style = book.format("units", font_color=INPUT, **OPEN)
    limits = {"validate": "decimal", "criteria": ">=", "value": 0,
              "error_message": "Enter units, 0 or more, or clear the cell."}  # fmt: skip
    for column, (head, value) in enumerate(series["entered"].items(), start=FIRST_MONTH):
        known = None if pd.isna(value) else float(value)
        sheet.write(row, column, known, style)
        yield Cell(Place(key, f"{UNITS}{head}"), NUMBER, known)
    sheet.data_validation(row, FIRST_MONTH, row, last - 1, limits)
    for column, name in enumerate(KEPT, start=last + 1):
        texts = series[name].dropna()
        text = texts.iloc[-1] if len(texts) else None
        write_text(sheet, row, column, text, book.format("text", **OPEN))
        yield Cell(Place(key, name), TEXT, text)


def _otherwise(
    book: Book, sheet: "Worksheet", row: int, names: tuple[list, dict], series: DataFrame
) -> Iterator[Cell]:
    """The answer as a change of a line or as money, and the cell that says which."""
    last, key = FIRST_MONTH + len(series), row_key(OTHERWISE, **names[1])
    sheet.write_string(row, 0, key)
    for column, text in enumerate((*names[0][:2], "or answer in"), start=1):
        write_text(sheet, row, column, text, book.format("text"))
    write_text(sheet, row, 4, WAYS[0], book.format("text", font_color=INPUT, **OPEN))
    choices = {"validate": "list", "source": list(WAYS)}
    sheet.data_validation(row, 4, row, 4, choices)
    yield Cell(Place(key, WAY), TEXT, WAYS[0])
    cell = f"{letter(FIRST_MONTH)}{row + 1}"
    is_no_share = f'OR(LEFT($E{row + 1},1)<>"%",{cell}=0,ABS({cell})>=1)'
    numbers = {"validate": "custom", "value": f"=AND(ISNUMBER({cell}),{is_no_share})",
               "error_message": "Enter a number; 5 for 5 %. Or clear the cell."}  # fmt: skip
    sheet.data_validation(row, FIRST_MONTH, row, last - 1, numbers)
    style = book.format("general", font_color=INPUT, **OPEN)
    for column, head in enumerate(series.index, start=FIRST_MONTH):
        sheet.write_blank(row, column, None, style)
        yield Cell(Place(key, f"{UNITS}{head}"), NUMBER, None)


def _come_to(
    book: Book, sheet: "Worksheet", row: int, labels: list[str], series: DataFrame
) -> None:
    """What the answers come to, in units and in money, by formulas."""
    last, plain = FIRST_MONTH + len(series), book.format("text", italic=True)
    units, money = (book.format(shape, italic=True) for shape in ("units", "money"))
    currency = book.facts["currency"] or "money"
    for number, text in enumerate(("= in units", f"= in {currency}"), start=row):
        for column, label in enumerate((*labels, text), start=1):
            write_text(sheet, number, column, label, plain)
    for column, (_, known) in enumerate(series.iterrows(), start=FIRST_MONTH):
        given, price = known["entered"], known[PRICE]
        shown = "" if pd.isna(given) else float(given)
        worth = "" if pd.isna(given) or pd.isna(price) else float(given * price)
        at = letter(column)
        sheet.write_formula(row, column, _units_formula(row, at), units, shown)
        cells = f"{at}{row + 1},{at}{row - 2}"
        formula = f'=IF(COUNT({cells})=2,PRODUCT({cells}),"")'
        sheet.write_formula(row + 1, column, formula, money, worth)
    given = series["entered"]
    _total(sheet, row, last, given, units)
    _total(sheet, row + 1, last, given * series[PRICE], money)


def _units_formula(row: int, at: str) -> str:
    """The answer of a month in units: what `form_answers` makes of it."""
    first = row - 2 - len(KNOWN)  # the first line, counted from 0
    line = {name: f"{at}{first + 1 + KNOWN.index(name)}" for name in KNOWN}
    other, way, answer = f"{at}{row}", f"$E${row}", f"{at}{row - 1}"
    base = line["last_cycle"]
    for name in ("last_year", "forecast"):
        base = f'IF(RIGHT({way},{len(REFERRED[name])})="{REFERRED[name]}",{line[name]},{base})'
    change = f'IF(LEFT({way},1)="%",{base}*(1+{other}/100),{base}+{other})'
    other_units = f'IF({way}="{MONEY}",{other}/{line[PRICE]},{change})'
    unanswered = f'IF({answer}="","",{answer})'
    return f'=IF({other}="",{unanswered},IFERROR({other_units},""))'


def _total(sheet: "Worksheet", row: int, last: int, values: Series, style: "Format") -> None:
    """The sum of a line; nothing where the line is empty."""
    cells = f"{letter(FIRST_MONTH)}{row + 1}:{letter(last - 1)}{row + 1}"
    shown = float(values.sum()) if values.notna().any() else ""
    sheet.write_formula(row, last, f'=IF(COUNT({cells})=0,"",SUM({cells}))', style, shown)
