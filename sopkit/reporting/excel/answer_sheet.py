"""A sheet of answers by month that comes back: heads for people, hidden heads and keys, print."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pandas import Period

from sopkit.io.keyed_workbook import ANCHOR
from sopkit.reporting.excel.workbook import Book, write_text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEADS, LABELS, FIRST, FIRST_MONTH = 3, 4, 5, 5  # rows; the column of the first month
KEPT = ("comment", "reason")  # of a row, behind its months and a column between


def lay_out(
    book: Book,
    sheet: "Worksheet",
    title: str,
    labels: dict[str, int],
    months: Sequence[Period],
    head: str,
) -> None:
    """Write the heads of a sheet, and set its widths and its print.

    Parameters
    ----------
    labels : of the columns before the months, with their widths
    head : begins the hidden head of a month's column
    """
    last = FIRST_MONTH + len(months)
    bold = book.format("text", bold=True, bottom=1)
    write_text(sheet, 0, 1, title, book.format("text", bold=True, font_size=14))
    sheet.set_column(0, 0, None, None, {"hidden": True})
    for column, (label, width) in enumerate(labels.items(), start=1):
        sheet.set_column(column, column, width)
        write_text(sheet, LABELS, column, label, bold)
    sheet.set_column(FIRST_MONTH, last, 10)
    sheet.set_column(last + 1, last + len(KEPT), 40)
    sheet.set_row(HEADS, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST, FIRST_MONTH)
    sheet.repeat_rows(0, LABELS)
    sheet.set_paper(8)  # A3: up to eighteen months on a page
    sheet.fit_to_pages(1, 0)
    sheet.write_string(HEADS, 0, ANCHOR)
    right = book.format("month", bold=True, bottom=1, align="right")
    for column, month in enumerate(months, start=FIRST_MONTH):
        sheet.write_string(HEADS, column, f"{head}{month}")
        sheet.write_datetime(LABELS, column, month.to_timestamp(), right)
    for column, kept in enumerate(KEPT, start=last + 1):
        sheet.write_string(HEADS, column, kept)
        write_text(sheet, LABELS, column, kept.capitalize(), bold)
