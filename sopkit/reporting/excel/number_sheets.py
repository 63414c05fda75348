"""The sheets of a form in which finance answers prices, unit costs and the budget.

A price or cost begins in the month in which it stands and holds until the next one of its row; the
grey line below says what that comes to. A budget is a number a month.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sopkit.collaboration.finance_numbers import (
    BUDGET,
    BUDGET_COSTS,
    PRICES,
    UNIT_COSTS,
    VALUE,
    Asked,
)
from sopkit.io.keyed_workbook import NUMBER, TEXT, Cell, Place
from sopkit.reporting.excel.answer_sheet import FIRST, FIRST_MONTH, KEPT, LABELS, lay_out
from sopkit.reporting.excel.workbook import INPUT, OPEN, Book, letter, write_text
from sopkit.reporting.theme import GREY
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import capitalised

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

WIDTHS = {"Item": 16, "Market": 16, "Number": 22, "Currency": 9}  # before the months
FROM_ON = (
    "A number holds from its month on until the next one in its row; the first column is what "
    "holds now. Clear a number to withdraw it, and give the reason in its row."
)
EACH_MONTH = (
    "A number of each month. A month is withdrawn by clearing all its numbers. Give the reason in "
    "its row."
)
TOLD = {PRICES: FROM_ON, UNIT_COSTS: FROM_ON, BUDGET: EACH_MONTH, BUDGET_COSTS: EACH_MONTH}


def fill_numbers(book: Book, asked: Sequence[Asked]) -> Iterator[Cell]:
    """Write the sheets of the numbers that are asked; gives the cells that come back."""
    for title, series in groupby(asked, key=lambda one: one.sheet):
        rows = list(series)
        months = list(rows[0].numbers)
        sheet = book.sheet(title, title, colour=INPUT)
        lay_out(book, sheet, title, WIDTHS, months, VALUE)
        write_text(sheet, 2, 1, TOLD[title], book.format("text", font_color=GREY))
        is_dated, row = TOLD[title] == FROM_ON, FIRST
        for one in rows:
            yield from _line(book, sheet, row, one)
            if is_dated:
                _in_force(book, sheet, row + 1, one)
            else:
                _total(book, sheet, row, one)
            row += 2 if is_dated else 1
        sheet.protect(options={"format_columns": True, "format_rows": True})


def _line(book: Book, sheet: "Worksheet", row: int, asked: Asked) -> Iterator[Cell]:
    """The yellow cells of a number, with comment and reason."""
    last, limits = FIRST_MONTH + len(asked.numbers), COLUMNS[asked.column]
    sheet.write_string(row, 0, asked.key)
    for column, text in enumerate(_labels(book.facts, asked), start=1):
        write_text(sheet, row, column, text, book.format("text"))
    style = book.format(_shape(asked), font_color=INPUT, **OPEN)
    for column, (month, value) in enumerate(asked.numbers.items(), start=FIRST_MONTH):
        sheet.write(row, column, value, style)
        yield Cell(Place(asked.key, f"{VALUE}{month}"), NUMBER, value)
    if limits.low is not None:
        said = f"Enter {limits.low:g} or more, or clear the cell."
        allowed = {"validate": "decimal", "criteria": ">=", "value": limits.low,
                   "error_message": said}  # fmt: skip
        sheet.data_validation(row, FIRST_MONTH, row, last - 1, allowed)
    for column, name in enumerate(KEPT, start=last + 1):
        write_text(sheet, row, column, "", book.format("text", **OPEN))
        yield Cell(Place(asked.key, name), TEXT, None)


def _labels(facts: Mapping[str, str], asked: Asked) -> tuple[str, str, str, str]:
    """Item, market, number and currency, as people read them."""
    thing = asked.thing
    item = thing.get("product") or thing.get("family") or "company"
    market = thing.get("market") or ("all markets" if asked.sheet == PRICES else "")
    number = capitalised(COLUMNS[asked.column].label)
    if "account" in thing:
        number = capitalised(thing["account"].replace("_", " "))
    currency = asked.currency or facts["currency"] or "money"
    return item, market, number, "units" if asked.column == "quantity" else currency


def _shape(asked: Asked) -> str:
    return "rate" if asked.table == "item_costs" else "units"


def _in_force(book: Book, sheet: "Worksheet", row: int, asked: Asked) -> None:
    """What holds in each month, by formulas."""
    grey, plain = (book.format(shape, font_color=GREY) for shape in (_shape(asked), "text"))
    item, market, _, unit = _labels(book.facts, asked)
    for column, text in enumerate((item, market, "= in force", unit), start=1):
        write_text(sheet, row, column, text, plain)
    before: float | str = ""
    for column, value in enumerate(asked.numbers.values(), start=FIRST_MONTH):
        before = before if value is None else value
        answer = f"{letter(column)}{row}"
        carried = '""' if column == FIRST_MONTH else f"{letter(column - 1)}{row + 1}"
        sheet.write_formula(row, column, f'=IF({answer}="",{carried},{answer})', grey, before)


def _total(book: Book, sheet: "Worksheet", row: int, asked: Asked) -> None:
    """The sum of a budget over the months."""
    last = FIRST_MONTH + len(asked.numbers)
    known = [number for number in asked.numbers.values() if number is not None]
    cells = f"{letter(FIRST_MONTH)}{row + 1}:{letter(last - 1)}{row + 1}"
    shown = sum(known) if known else ""
    style = book.format(_shape(asked), font_color=GREY)
    sheet.write_formula(row, last, f'=IF(COUNT({cells})=0,"",SUM({cells}))', style, shown)
    right = book.format("text", bold=True, bottom=1, align="right")
    write_text(sheet, LABELS, last, "Total", right)
