"""The form of a contributor: a workbook to answer in, with what is known above each answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration.form_rows import KNOWN
from sopkit.io import keyed_workbook
from sopkit.io.keyed_workbook import ANCHOR, NUMBER, TEXT, Cell, Place, row_key
from sopkit.io.writers import replacing
from sopkit.master_data.input_entries import SCOPE
from sopkit.reporting.excel.workbook import INPUT, Book, letter, write_text
from sopkit.reporting.theme import GREY

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ANSWER = "#FFF6CC"  # the yellow of cells that may be changed
HEAD_ROW, FIRST_ROW, FIRST_MONTH = 3, 5, 5  # machine heads; the first series; the first month
LINES = {
    "last_year": "Sales, same month last year",
    "baseline": "Statistical baseline and launches",
    "last_cycle": "Consensus of the last cycle",
    "last_input": "Your last input",
}
TOLD = (
    "Fill in the yellow cells of the sheet Demand: units a month, at the level of the row.",
    "Leave a cell empty where you have no view; clear it to withdraw what you said.",
    "Give a reason in every row that you change. A formula is kept by its value.",
    "Set the status to finished, save the file under its name, and send it back.",
)


class Form(NamedTuple):
    """What a form is made of: see `form_rows.form_rows` for its rows."""

    facts: Mapping[str, str]  # company, cycle, contributor, function, revision, made_at, deadline
    rows: DataFrame


def write(path: Path, form: Form) -> None:
    """Write a contributor's form, whole or not at all."""
    facts = dict(form.facts)
    heads = {"scenario": "input form", "status": "", "currency": "", "revision": facts["revision"]}
    with replacing(path) as unfinished:
        book = Book(str(unfinished), {**facts, **heads})
        cells = [*_start(book, facts), *_demand(book, form.rows)]
        keyed_workbook.record(book.workbook, {"kind": "form", **facts}, cells)
        book.workbook.close()


def _start(book: Book, facts: Mapping[str, str]) -> Iterator[Cell]:
    """The first sheet: what to do, by when, and who answers."""
    sheet = book.sheet("Start", f"Your view of demand: {facts['contributor']}", colour=INPUT)
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 60)
    plain, bold = book.format("text"), book.format("text", bold=True)
    write_text(sheet, 0, 1, f"Your view of demand: {facts['contributor']}", bold)
    for number, text in enumerate(TOLD):
        write_text(sheet, 8 + number, 1, text, plain)
    about = (("Answer by", facts["deadline"]), ("Reviewer", facts["reviewer"]))
    for number, (label, text) in enumerate(about):
        write_text(sheet, 13 + number, 1, label, plain)
        write_text(sheet, 13 + number, 2, text, plain)
    sheet.write_string(HEAD_ROW, 0, ANCHOR)
    sheet.write_string(HEAD_ROW, 2, "answer")
    sheet.set_row(HEAD_ROW, None, None, {"hidden": True})
    asked = (("author", "Your name", facts["contributor"]), ("form_status", "Status", "open"),
             ("comment", "Comment", None))  # fmt: skip
    style = book.format("text", bg_color=ANSWER, locked=False)
    for number, (name, label, value) in enumerate(asked, start=HEAD_ROW + 1):
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
    _set_up(book, sheet, months)
    row = FIRST_ROW
    for key, series in rows.groupby(SCOPE, dropna=False, sort=False):
        named = {c: None if pd.isna(v) else v for c, v in zip(SCOPE, key, strict=True)}
        yield from _block(book, sheet, row, named, series.set_index("period").reindex(months))
        row += len(KNOWN) + 2
    sheet.protect(options={"format_columns": True, "format_rows": True})


def _set_up(book: Book, sheet: "Worksheet", months: list[Period]) -> None:
    """Widths, heads for people, and the hidden heads and keys of the cells that come back."""
    last = FIRST_MONTH + len(months)
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 3, 16)
    sheet.set_column(4, 4, 32)
    sheet.set_column(FIRST_MONTH, last, 10)
    sheet.set_column(last + 1, last + 2, 40)
    sheet.set_row(HEAD_ROW, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST_ROW, FIRST_MONTH)
    sheet.repeat_rows(0, HEAD_ROW + 1)
    sheet.set_paper(8)  # A3: up to eighteen months on a page
    sheet.fit_to_pages(1, 0)
    bold = book.format("text", bold=True, bottom=1)
    write_text(sheet, 0, 1, "Demand in units", book.format("text", bold=True, font_size=14))
    for column, text in enumerate(("Family", "Product", "Market", "Line"), start=1):
        write_text(sheet, HEAD_ROW + 1, column, text, bold)
    sheet.write_string(HEAD_ROW, 0, ANCHOR)
    for column, head in enumerate(months, start=FIRST_MONTH):
        sheet.write_string(HEAD_ROW, column, f"quantity {head}")
        style = book.format("month", bold=True, bottom=1, align="right")
        sheet.write_datetime(HEAD_ROW + 1, column, head.to_timestamp(), style)
    for column, text in enumerate(("Total", "Comment", "Reason"), start=last):
        write_text(sheet, HEAD_ROW + 1, column, text, bold)
    for column, head in enumerate(("comment", "reason"), start=last + 1):
        sheet.write_string(HEAD_ROW, column, head)


def _block(
    book: Book, sheet: "Worksheet", row: int, named: dict[str, str | None], series: DataFrame
) -> Iterator[Cell]:
    """The lines of one series, the answer last; gives the cells of the answer."""
    grey, plain = book.format("units", font_color=GREY), book.format("text", font_color=GREY)
    labels = [named["family"] or "", named["product"] or "", named["market"] or "all markets"]
    last = FIRST_MONTH + len(series)
    for number, line in enumerate(KNOWN):
        for column, text in enumerate((*labels, LINES[line]), start=1):
            write_text(sheet, row + number, column, text, plain)
        for column, value in enumerate(series[line], start=FIRST_MONTH):
            if pd.notna(value):
                sheet.write_number(row + number, column, float(value), grey)
        _total(sheet, row + number, last, float(series[line].sum()), grey)
    answer = row + len(KNOWN)
    open_ = {"bg_color": ANSWER, "locked": False, "border": 1, "border_color": "#E3D9A6"}
    for column, text in enumerate((*labels, "Your answer"), start=1):
        write_text(sheet, answer, column, text, book.format("text", bold=True))
    key = row_key("demand_inputs", **named)
    sheet.write_string(answer, 0, key)
    style = book.format("units", font_color=INPUT, **open_)
    limits = {"validate": "decimal", "criteria": ">=", "value": 0,
              "error_message": "Enter units, 0 or more, or clear the cell."}  # fmt: skip
    for column, (head, value) in enumerate(series["last_input"].items(), start=FIRST_MONTH):
        known = None if pd.isna(value) else float(value)
        sheet.write(answer, column, known, style)
        yield Cell(Place(key, f"quantity {head}"), NUMBER, known)
    sheet.data_validation(answer, FIRST_MONTH, answer, last - 1, limits)
    _total(sheet, answer, last, float(series["last_input"].sum()), book.format("units", bold=True))
    for column, name in enumerate(("comment", "reason"), start=last + 1):
        texts = series[name].dropna()
        text = texts.iloc[-1] if len(texts) else None
        write_text(sheet, answer, column, text, book.format("text", **open_))
        yield Cell(Place(key, name), TEXT, text)


def _total(sheet, row, last, value, style):
    cells = f"{letter(FIRST_MONTH)}{row + 1}:{letter(last - 1)}{row + 1}"
    sheet.write_formula(row, last, f"=SUM({cells})", style, value)
