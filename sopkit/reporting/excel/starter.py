"""The starter workbook: the few tables that a company of its kind begins with, to fill in by hand.

Heads are plain, months stand across, cells have drop-downs, and each row says what it lacks. The
hidden heads are those that `starter_sheets` reads, so the file is a workspace as it stands.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import Period

from sopkit.io.starter_sheets import ANCHOR, KIND, RECORD
from sopkit.io.writers import replacing
from sopkit.reporting.excel.workbook import INPUT, OPEN, Book, letter, quoted, write_text
from sopkit.reporting.theme import GREY
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, choices

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

KINDS = ("make", "buy", "serve")
NEEDED = ("products", "sales_history")  # the others may be left empty
TITLES, UNITS, HEADS, FIRST = 3, 4, 5, 6  # rows: heads for people, units, hidden heads, the first
STATUS, COLUMN = 1, 2  # columns: what the row lacks, the first that is filled in
ROWS, MONTHS = 300, 36  # prepared; rows below them are read as well
COMPLETE = "complete"


class Sheet(NamedTuple):
    """A sheet: its table, what is said of it, its columns, and the months across."""

    table: str
    title: str
    told: str
    columns: tuple[str, ...]
    across: str  # the number that stands across; empty: none
    months: tuple[Period, ...]
    needed: tuple[str, ...]  # of its columns those that a row must fill

    @property
    def last(self) -> int:
        """The last column that is filled in."""
        return COLUMN + len(self.columns) + len(self.months) - 1


@cache
def _said() -> dict:
    text = (Path(__file__).parent / "starter.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sheets_of(kind: str, until: Period) -> list[Sheet]:
    """The sheets of a kind of company, with the months of sales up to one."""
    months = tuple(pd.period_range(end=until, periods=MONTHS, freq="M"))
    sheets = []
    for table in _said()["kinds"][kind]:
        about = _said()["sheets"][table]
        across = about.get("across", "")
        columns = tuple(about["columns"])
        said = (table, about["title"], about["told"], columns, across)
        asked = _said()["asked"].get(kind, {}).get(table, ())
        needed = tuple(c for c in columns if c in TABLES[table].must_have or c in asked)
        sheets.append(Sheet(*said, months if across else (), needed))
    return sheets


def write(path: Path, kind: str, until: Period) -> None:
    """Write the starter workbook of a company that makes, buys or serves.

    Raises
    ------
    FileExistsError : there is a file already; nothing is overwritten.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists; choose a new folder")
    with replacing(path) as unfinished:
        about = f"Starter workbook of a company that {kind}s"
        book = Book(str(unfinished), {"about": about, "made_at": ""})
        start = book.sheet("Start", "Start here", colour=INPUT)
        sheets = sheets_of(kind, until)
        made = {one.table: book.sheet(one.title, one.title, one.told) for one in sheets}
        for one in sheets:
            _fill(book, made, one)
        _start(book, start, made, sheets)
        hidden = book.workbook.add_worksheet(RECORD)
        hidden.very_hidden()
        hidden.write_row(0, 0, ["kind", KIND])
        book.save()


# --------------------------------------------------------------------------------------------------
# a sheet


def _fill(book: Book, made: Mapping[str, "Worksheet"], about: Sheet) -> None:
    """Heads, yellow rows with their drop-downs, and the status of each row."""
    sheet = made[about.table]
    _heads(book, sheet, about)
    for number, column in enumerate(about.columns, start=COLUMN):
        kind = COLUMNS[column].kind
        shape = "general" if kind in ("number", "whole") else "day" if kind == "day" else "text"
        style = book.format(shape, font_color=INPUT, **OPEN)
        for row in range(FIRST, FIRST + ROWS):
            sheet.write_blank(row, number, None, style)
        if rule := _rule(made, about.table, column):
            sheet.data_validation(FIRST, number, FIRST + ROWS - 1, number, rule)
    first = COLUMN + len(about.columns)
    units = book.format("general", font_color=INPUT, **OPEN)
    for row in range(FIRST, FIRST + ROWS):
        for number in range(first, first + len(about.months)):
            sheet.write_blank(row, number, None, units)
        sheet.write_formula(row, STATUS, _status(about, row), book.format("text"), "")
    if about.months:
        rule = _number(about.across)
        sheet.data_validation(FIRST, first, FIRST + ROWS - 1, about.last, rule)
    _colour(book, sheet)


def _heads(book: Book, sheet: "Worksheet", about: Sheet) -> None:
    """The heads for people and those of the reader, which are hidden."""
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(STATUS, STATUS, 26)
    sheet.set_column(COLUMN, COLUMN + len(about.columns) - 1, 18)
    if about.months:
        sheet.set_column(COLUMN + len(about.columns), about.last, 9)
    sheet.set_row(HEADS, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST, COLUMN + 1)
    sheet.repeat_rows(TITLES, UNITS)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(HEADS, 0, f"{ANCHOR}{about.table}")
    bold, grey = book.format("text", bold=True), book.format("text", font_color=GREY)
    write_text(sheet, 0, STATUS, about.title, book.format("text", bold=True, font_size=14))
    write_text(sheet, 1, STATUS, about.told, book.format("text", font_color=GREY))
    write_text(sheet, TITLES, STATUS, "Status", bold)
    for number, column in enumerate(about.columns, start=COLUMN):
        write_text(sheet, TITLES, number, _heading(column), bold)
        write_text(sheet, UNITS, number, _need(about, column), grey)
        sheet.write_string(HEADS, number, column)
        sheet.write_comment(TITLES, number, _note(about.table, column), {"x_scale": 2})
    for number, period in enumerate(about.months, start=COLUMN + len(about.columns)):
        month = book.format("month", bold=True, align="right")
        sheet.write_datetime(TITLES, number, period.to_timestamp(), month)
        unit = book.format("text", font_color=GREY, align="right")
        write_text(sheet, UNITS, number, COLUMNS[about.across].unit, unit)
        sheet.write_string(HEADS, number, f"{about.across} {period}")


def _heading(column: str) -> str:
    text = COLUMNS[column].label
    return text[:1].upper() + text[1:]


def _need(sheet: Sheet, column: str) -> str:
    need = "required" if column in sheet.needed else "optional"
    about = COLUMNS[column]
    unit = {"period": "month, as 2026-10", "day": "day"}.get(about.kind, about.unit)
    return f"{need}; {unit}" if unit else need


def _note(table: str, column: str) -> str:
    said = choices(TABLES[table], column)
    words = f"One of: {', '.join(said)}." if said else ""
    return " ".join(filter(None, [f"{COLUMNS[column].description}.", words]))


def _rule(made: Mapping[str, "Worksheet"], table: str, column: str) -> dict[str, object]:
    """What Excel takes in a column: a drop-down, or a number within its limits."""
    about = COLUMNS[column]
    if known := choices(TABLES[table], column):
        text = "Choose from the list, or clear the cell."
        return {"validate": "list", "source": list(known), "error_message": text}
    for home in about.references:
        if home in made and home != table:
            cells = f"${letter(COLUMN)}${FIRST + 1}:${letter(COLUMN)}${FIRST + ROWS}"
            text = f"Enter it on the sheet {made[home].get_name()} first."
            source = f"={quoted(made[home])}!{cells}"
            return {"validate": "list", "source": source, "error_message": text}
    return _number(column) if about.kind in ("number", "whole") else {}


def _number(column: str) -> dict[str, object]:
    about = COLUMNS[column]
    low = -1e15 if about.low is None else about.low
    high = 1e15 if about.high is None else about.high
    text = about.remedy or "Enter a number, or clear the cell."
    return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high,
            "error_message": text[:255]}  # fmt: skip


def _status(about: Sheet, row: int) -> str:
    """The formula that says what a row lacks; nothing of an empty row."""
    place = f"{letter(COLUMN)}{row + 1}:{letter(about.last)}{row + 1}"
    text = f'"{COMPLETE}"'
    if about.months:
        first = COLUMN + len(about.columns)
        cells = f"{letter(first)}{row + 1}:{letter(about.last)}{row + 1}"
        text = f'IF(COUNT({cells})<COUNTA({cells}),"a number is text",{text})'
        text = f'IF(COUNTA({cells})=0,"a month is missing",{text})'
    for number, column in reversed(list(enumerate(about.columns, start=COLUMN))):
        if column in about.needed:
            missing = f'"{_heading(column)} is missing"'
            text = f'IF({letter(number)}{row + 1}="",{missing},{text})'
    return f'=IF(COUNTA({place})=0,"",{text})'


def _colour(book: Book, sheet: "Worksheet") -> None:
    """Green where a row is complete, red where it lacks something."""
    cells = (FIRST, STATUS, FIRST + ROWS - 1, STATUS)
    green = book.workbook.add_format({"font_color": "#117733"})
    red = book.workbook.add_format({"font_color": "#AA3344"})
    complete = {"type": "cell", "criteria": "==", "value": f'"{COMPLETE}"', "format": green}
    sheet.conditional_format(*cells, complete)
    sheet.conditional_format(*cells, {"type": "no_blanks", "format": red})


# --------------------------------------------------------------------------------------------------
# the start


def _start(
    book: Book, start: "Worksheet", made: Mapping[str, "Worksheet"], sheets: list[Sheet]
) -> None:
    """What to fill in first, how far it is, and what the plan assumes where nothing is."""
    start.set_column(0, 0, 22)
    start.set_column(1, 1, 12)
    start.set_column(2, 2, 22)
    start.set_column(3, 3, 60)
    start.set_column(4, 4, 60)
    start.fit_to_pages(1, 1)
    told = (
        "Fill in the yellow cells, sheet by sheet. Products and Sales are enough for a first plan.",
        "Write months as 2026-10. Then sopkit check and sopkit run read the file as it stands.",
    )
    for number, text in enumerate(told, start=2):
        write_text(start, number, 0, text, book.format("text"))
    bold = book.format("text", bold=True, bottom=1)
    for number, text in enumerate(("Sheet", "", "Status", "What it holds", "Where it is empty")):
        write_text(start, 5, number, text, bold)
    plain = book.format("text", text_wrap=True, valign="top")
    for row, one in enumerate(sheets, start=6):
        sheet = made[one.table]
        start.set_row(row, 44)
        link = book.format("text", font_color=INPUT, underline=1, valign="top")
        start.write_url(row, 0, f"internal:{quoted(sheet)}!B1", link, one.title)
        needed = one.table in NEEDED
        write_text(start, row, 1, "required" if needed else "optional", plain)
        empty = "to be filled in" if needed else "empty"
        start.write_formula(row, 2, _progress(sheet, empty), plain, empty)
        write_text(start, row, 3, one.told, plain)
        write_text(start, row, 4, "" if needed else TABLES[one.table].absent, plain)


def _progress(sheet: "Worksheet", empty: str) -> str:
    """The formula that says how many rows of a sheet are complete."""
    cells = f"{quoted(sheet)}!${letter(STATUS)}${FIRST + 1}:${letter(STATUS)}${FIRST + ROWS}"
    done = f'COUNTIF({cells},"{COMPLETE}")'
    rows = f'(ROWS({cells})-COUNTIF({cells},""))'
    return f'=IF({rows}=0,"{empty}",{done}&" of "&{rows}&" {COMPLETE}")'
