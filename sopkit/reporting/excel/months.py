"""A sheet with a column for each month: lines of numbers, and formulas written in the names of
lines.

`{sales}` is the cell of the line `sales` in the same month, `{sales-1}` the month before,
`{sales@}` the first month of the sheet, `{sales^}` the first planned month (both kept in place),
`{column}` the letter of the month's column.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.reporting.excel.workbook import CLOSED_BACK, HEAD_ROWS, INPUT, Book, letter, write_text
from sopkit.reporting.theme import GREY, INK, PALE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

REFERENCE = re.compile(r"\{(\w+)(?:([+-]\d+)|([@^]))?\}")
FIRST_COLUMN = 2  # after the label and the unit
COLUMNS_A_PAGE = 24
UP_TO_HERE = "SUM({{{0}@}}:{{{0}}})"


class Line(NamedTuple):
    """A line of the sheet; without a name it is a heading.

    `formula` makes the cell of a planned month, `first` that of the first planned month where it
    differs, `closed` that of a closed month. A cell without formula is a number to change. `total`
    is `sum`, a formula, or empty.
    """

    name: str
    label: str
    unit: str = ""
    shape: str = "units"
    formula: str = ""
    first: str = ""
    closed: str = ""
    total: str = ""
    strong: bool = False


def difference(plan: str, actual: str, unit: str, label: str = "Difference") -> tuple[Line, Line]:
    """The two lines that compare an actual with its plan: their difference, and the differences so
    far."""
    name = f"{actual}_difference"
    less = f'=IF(OR({{{actual}}}="",{{{plan}}}=""),"",{{{actual}}}-{{{plan}}})'
    so_far = f'=IF({{{name}}}="","",{UP_TO_HERE.format(name)})'
    return (
        Line(name, label, unit, formula=less, closed=less),
        Line(f"{actual}_cumulative", "Cumulative difference", unit, formula=so_far, closed=so_far),
    )


class MonthSheet:
    """One sheet of lines by month. `planned` counts the months of the horizon, which stand last."""

    def __init__(
        self,
        book: Book,
        sheet: "Worksheet",
        lines: Sequence[Line],
        figures: DataFrame,
        planned: int,
    ) -> None:
        self.book, self.sheet, self.lines, self.figures = book, sheet, lines, figures
        self.months, self.planned = list(figures.index), planned
        self.closed = len(self.months) - planned
        self.rows = {line.name: HEAD_ROWS + 2 + i for i, line in enumerate(lines) if line.name}
        self.total_column = FIRST_COLUMN + len(self.months)

    def write(self, notes: Iterable[str] = ()) -> "MonthSheet":
        """Write head, lines and notes."""
        self._set_up()
        self._heads()
        for place, line in enumerate(self.lines):
            row = HEAD_ROWS + 2 + place
            if line.name:
                self._line(row, line)
            else:
                style = self.book.format("text", bold=True, font_color="#FFFFFF", bg_color=INK)
                for column in range(self.total_column + 1):
                    write_text(self.sheet, row, column, "" if column else line.label, style)
        for place, note in enumerate(notes):
            row = HEAD_ROWS + 3 + len(self.lines) + place
            write_text(
                self.sheet, row, 0, note, self.book.format("text", font_color=GREY, italic=True)
            )
        return self

    def cell(self, name: str, month: Period | None = None) -> str:
        """The place of a line's cell, for formulas of other sheets; without a month, its total."""
        column = self.total_column if month is None else FIRST_COLUMN + self.months.index(month)
        return f"{letter(column)}{self.rows[name] + 1}"

    def _set_up(self):
        self.sheet.set_column(0, 0, 33)
        self.sheet.set_column(1, 1, 11)
        self.sheet.set_column(FIRST_COLUMN, self.total_column, 10)
        self.sheet.freeze_panes(HEAD_ROWS + 2, FIRST_COLUMN)
        self.sheet.repeat_rows(0, HEAD_ROWS + 1)
        self.sheet.repeat_columns(0, 1)
        self.sheet.fit_to_pages(-(-len(self.months) // COLUMNS_A_PAGE), 0)

    def _heads(self):
        quiet = self.book.format("text", font_color=GREY, align="right")
        for place, month in enumerate(self.months):
            word = "closed" if place < self.closed else "planned"
            write_text(self.sheet, HEAD_ROWS, FIRST_COLUMN + place, word, quiet)
            head = self.book.format("month", bold=True, bottom=1, align="right")
            self.sheet.write_datetime(
                HEAD_ROWS + 1, FIRST_COLUMN + place, month.to_timestamp(), head
            )
        for column, text in ((0, ""), (1, "unit"), (self.total_column, "total")):
            style = self.book.format(
                "text", bold=True, bottom=1, align="right" if column > 1 else "left"
            )
            write_text(self.sheet, HEAD_ROWS + 1, column, text, style)

    def _line(self, row, line):
        look = {"bold": True, "top": 1} if line.strong else {}
        write_text(self.sheet, row, 0, line.label, self.book.format("text", **look))
        write_text(self.sheet, row, 1, line.unit, self.book.format("text", font_color=GREY, **look))
        values = self.figures[line.name]
        for place, value in enumerate(values):
            back = {"bg_color": CLOSED_BACK} if place < self.closed else {}
            self._cell(
                row, FIRST_COLUMN + place, line, self._pattern(line, place), value, look | back
            )
        self._total(row, line, values.iloc[self.closed :], look)

    def _pattern(self, line, place):
        if place < self.closed:
            return line.closed
        return line.first if line.first and place == self.closed else line.formula

    def _cell(self, row, column, line, pattern, value, look):
        missing = pd.isna(value)
        if pattern:
            text = self._formula(pattern, column)
            style = self.book.format(line.shape, **look)
            self.sheet.write_formula(row, column, text, style, "" if missing else float(value))
            return
        style = self.book.format(line.shape, **(look | {"font_color": INPUT}))
        if missing:
            self.sheet.write_blank(row, column, None, style)
        else:
            self.sheet.write_number(row, column, float(value), style)

    def _total(self, row, line, planned, look):
        style = self.book.format(line.shape, **(look | {"bg_color": PALE}))
        if not line.total:
            self.sheet.write_blank(row, self.total_column, None, style)
            return
        if line.total == "sum":
            first, last = (
                letter(FIRST_COLUMN + place) for place in (self.closed, len(self.months) - 1)
            )
            text, value = f"=SUM({first}{row + 1}:{last}{row + 1})", planned.sum()
        else:
            text = self._formula(line.total, self.total_column)
            value = self.figures.attrs.get("totals", {}).get(line.name, "")
        self.sheet.write_formula(
            row, self.total_column, text, style, "" if value != value else value
        )

    def _formula(self, pattern, column):
        def place(match):
            name, offset, fixed = match.groups()
            if name == "column":
                return letter(column)
            row = self.rows[name] + 1
            if fixed:
                return f"${letter(FIRST_COLUMN + (self.closed if fixed == '^' else 0))}{row}"
            return f"{letter(column + int(offset or 0))}{row}"

        return REFERENCE.sub(place, pattern)
