"""A workbook in the house's look: sheet names that are legal, text that stays text, pages that
print."""

import re
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from sopkit.io.keyed_workbook import ANCHOR
from sopkit.io.writers import EXCEL_TEXT
from sopkit.reporting.theme import GREY, INK, PALE

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET_NAME = 31  # characters that Excel allows
ILLEGAL = (
    r"[\[\]:*?/\\{}\x00-\x1f]"  # in a sheet's name; braces mark the lines of our formula patterns
)
HEAD_ROWS = 3  # title, facts, an empty row
INPUT, CLOSED_BACK = "#1B5E9B", "#F1F3F4"
OPEN = {"bg_color": "#FFF6CC", "locked": False, "border": 1, "border_color": "#E3D9A6"}  # yellow
CHANGE_HEADS = 3  # the row of the hidden heads of sheets that come back
SHAPES = {
    "units": "#,##0;-#,##0;0",
    "money": "#,##0;-#,##0;0",
    "cents": "#,##0.00",
    "rate": "#,##0.00",
    "days": "#,##0",
    "ratio": "0.0%",
    "months": "0.0",
    "month": "mmm yyyy",
    "day": "dd mmm yyyy",
    "text": "@",
    "general": "General",
}


class Book:
    """A workbook being written, with the facts that stand at the head of every sheet."""

    def __init__(self, path: str | Path, facts: Mapping[str, str]) -> None:
        from xlsxwriter import Workbook  # only where a pack is written

        self.facts = facts
        self._path, self._made = Path(path), BytesIO()
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        self.workbook = Workbook(self._made, plain)
        made = facts["made_at"]
        if made:  # the same revision gives the same file
            self.workbook.set_properties(
                {"created": datetime.fromisoformat(made).replace(tzinfo=None)}
            )
        self.workbook.set_size(2400, 1600)
        self._formats, self._names = {}, set()

    def save(self) -> None:
        """Write the file: at once, so that a disk which refuses it has no other file either."""
        self.workbook.close()
        self._path.write_bytes(self._made.getvalue())

    def sheet(self, name: str, title: str, note: str = "", colour: str = PALE) -> "Worksheet":
        """Open a sheet under a name as near as Excel allows, with its title and the plan's facts on
        top."""
        sheet = self.workbook.add_worksheet(self._legal(name))
        sheet.hide_gridlines(2)
        sheet.set_tab_color(colour)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(0.4, 0.4, 0.7, 0.6)
        sheet.set_header(f"&L&8{self._line().replace('&', '&&')}&R&8&A")
        sheet.set_footer("&R&8&P / &N")
        write_text(sheet, 0, 0, title, self.format("text", bold=True, font_size=14))
        write_text(
            sheet,
            1,
            0,
            f"{self._line()}{' · ' if note else ''}{note}",
            self.format("text", font_color=GREY),
        )
        return sheet

    def format(self, shape: str, **look: object) -> "Format":
        """A cell's format: the number's shape by its unit, and how it looks."""
        key = (shape, *sorted(look.items()))
        if key not in self._formats:
            house = {
                "font_name": "Calibri",
                "font_size": 10,
                "font_color": INK,
                "num_format": SHAPES[shape],
            }
            self._formats[key] = self.workbook.add_format(house | look)
        return self._formats[key]

    def _line(self):
        said = self.facts
        if "about" in said:
            return said["about"]
        words = (said["company"], f"cycle {said['cycle']}", f"scenario {said['scenario']}",
                 f"revision {said['revision']}", said["status"], said["currency"])  # fmt: skip
        return " · ".join(word for word in words if word)

    def _legal(self, name):
        """A name that Excel takes and no other sheet has, whatever case it is written in."""
        plain = re.sub(ILLEGAL, "_", name).strip("' ") or "_"
        plain = (
            f"{plain}_" if plain.casefold() == "history" else plain
        )  # Excel keeps this name for itself
        legal, number = _shortened(plain, ""), 1
        while legal.casefold() in self._names:
            number += 1
            legal = _shortened(plain, f" ({number})")
        self._names.add(legal.casefold())
        return legal


def _shortened(name, ending):
    """Cut to Excel's length, which counts UTF-16 units: a character beyond the basic plane is
    two."""
    while len((name + ending).encode("utf-16-le")) // 2 > SHEET_NAME:
        name = name[:-1]
    return name.rstrip("' ") + ending if name.rstrip("' ") else f"_{ending}"


def write_text(sheet: "Worksheet", row: int, column: int, text: object, style: "Format") -> None:
    """Write text as text, whatever it says; what no cell can hold is cut, and the cell says so."""
    text = "" if text is None else str(text)
    if len(text) > EXCEL_TEXT:
        text = f"{text[: EXCEL_TEXT - 60]} … (cut: {len(text):,} characters)"
    sheet.write_string(row, column, text, style)


def quoted(sheet: "Worksheet") -> str:
    """A sheet's name as formulas write it."""
    return "'" + sheet.get_name().replace("'", "''") + "'"


def letter(column: int) -> str:
    """A column's letter: 0 is A."""
    from xlsxwriter.utility import xl_col_to_name

    return xl_col_to_name(column)


def open_changes(
    book: Book, sheet: "Worksheet", labels: tuple[int, int, int], reason: int, keys: int, told: str
) -> None:
    """Begin a sheet of cells that come back: widths, anchor of the hidden keys, and what to do."""
    first, last, width = labels
    sheet.set_column(first, last, width)
    sheet.set_column(reason, reason, 40)
    sheet.set_column(keys, keys, None, None, {"hidden": True})
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHANGE_HEADS + 1)
    sheet.set_row(CHANGE_HEADS, None, None, {"hidden": True})
    sheet.write_string(CHANGE_HEADS, keys, ANCHOR)
    write_text(sheet, 2, 0, told, book.format("text", font_color=GREY))
    bold = book.format("text", bold=True, bottom=1)
    write_text(sheet, CHANGE_HEADS + 1, reason, "Reason", bold)
    sheet.write_string(CHANGE_HEADS, reason, "reason")
