"""The pack's sheets to change demand and decide in: yellow cells that `sopkit merge` reads back.

Every number is the plan's own until somebody changes it. A changed consensus becomes a final entry
of demand_inputs, a choice a decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.io.keyed_workbook import NUMBER, TEXT, Cell, Place, row_key
from sopkit.reporting.excel.workbook import INPUT, OPEN, Book, open_changes, write_text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEADS, LABELS, FIRST = 3, 4, 5  # rows: hidden heads, heads for people, the first row
SERIES = 2000  # a sheet holds the largest ones; the others are changed in the tables


class Block(NamedTuple):
    """A sheet of numbers by month: its table, key and column, and what is said of it."""

    sheet: "Worksheet"
    table: str
    key: Sequence[str]
    wide: DataFrame  # key as index, months as columns
    told: str


def fill_changes(
    book: Book, sheets: Mapping[str, "Worksheet"], plan: Mapping[str, DataFrame]
) -> Iterator[Cell]:
    """Fill the sheets to change the plan in; gives the cells that come back."""
    demand = _wide(plan["demand_plan"], ["product", "market"], "consensus")
    said = "Change a yellow number and give the reason in its row. It is final: no weights apply."
    yield from _months(
        book, Block(sheets["Change demand"], "demand_plan", demand.index.names, demand, said)
    )
    yield from _decisions(book, sheets["Decide"], plan["decisions"])


def _wide(table, key, column):
    wide = table.pivot_table(index=key, columns="period", values=column, aggfunc="sum")
    largest = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index[:SERIES]
    return wide[wide.index.isin(largest)].round(6)


def _months(book: Book, block: Block) -> Iterator[Cell]:
    """A sheet with a yellow cell for each series and month."""
    sheet, first = block.sheet, len(block.key)
    months = list(block.wide.columns)
    reason, keys = first + len(months), first + len(months) + 1
    open_changes(book, sheet, (0, first - 1, 16), reason, keys, block.told)
    sheet.set_column(first, reason - 1, 10)
    bold = book.format("text", bold=True, bottom=1)
    for column, name in enumerate(block.key):
        write_text(sheet, LABELS, column, name.capitalize(), bold)
    for column, period in enumerate(months, first):
        style = book.format("month", bold=True, bottom=1, align="right")
        sheet.write_datetime(LABELS, column, period.to_timestamp(), style)
        sheet.write_string(HEADS, column, f"quantity {period}")
    number = book.format("units", font_color=INPUT, **OPEN)
    for row, (names, values) in enumerate(block.wide.iterrows(), FIRST):
        key = row_key(block.table, **dict(zip(block.key, names, strict=True)))
        sheet.write_string(row, keys, key)
        for column, name in enumerate(names):
            write_text(sheet, row, column, name, book.format("text"))
        for column, (period, value) in enumerate(values.items(), first):
            known = None if pd.isna(value) else float(value)
            sheet.write(row, column, known, number)
            yield Cell(Place(key, f"quantity {period}"), NUMBER, known)
        write_text(sheet, row, reason, "", book.format("text", **OPEN))
        yield Cell(Place(key, "reason"), TEXT, None)
    sheet.freeze_panes(FIRST, first)


def _decisions(book: Book, sheet: "Worksheet", decisions: DataFrame) -> Iterator[Cell]:
    """A row for each decision, with a yellow choice, day and reason."""
    shown = ("decision", "question", "options", "recommendation", "owner")
    asked = ("choice", "due_on", "reason")
    told = "Enter an option, or keep. Due on is a day as 2026-11-30; empty: the default."
    first, keys = len(shown), len(shown) + len(asked)
    open_changes(book, sheet, (0, first - 1, 32), first + 2, keys, told)
    bold = book.format("text", bold=True, bottom=1)
    for column, name in enumerate((*shown, *asked)):
        write_text(sheet, LABELS, column, name.replace("_", " ").capitalize(), bold)
    for column, name in enumerate(asked, first):
        sheet.write_string(HEADS, column, name)
    style = book.format("text", **OPEN)
    for row, decision in enumerate(decisions.to_dict("records"), FIRST):
        key = row_key("decisions", decision=decision["decision"])
        sheet.write_string(row, keys, key)
        for column, name in enumerate(shown):
            write_text(sheet, row, column, decision[name], book.format("text", text_wrap=True))
        for column, name in enumerate(asked, first):
            value = decision.get(name) if name == "choice" else None
            known = None if pd.isna(value) else str(value)
            write_text(sheet, row, column, known or "", style)
            yield Cell(Place(key, name), TEXT, known)
    sheet.freeze_panes(FIRST, 1)
