"""Exhibit of the last sales import: what was read of the export, to compare with the ledger."""

import pandas as pd
from pandas import DataFrame

from sopkit.reporting.exhibit import Exhibit, Headline, exhibit

STAGE = "10_data_review"
SAME = 0.5  # units between two totals that are the same but for rounding


@exhibit(STAGE, title="Last sales import: control totals", table="import_summary", rows=40)
def imported_sales(import_summary: DataFrame | None = None) -> list[Exhibit]:
    """Lines read and left out, totals, days and decisions; none where nothing was imported."""
    if import_summary is None or import_summary.empty:
        return []
    shown = import_summary.drop(columns="import_entry").dropna(axis="columns", how="all")
    said = _lines(import_summary) + _totals(import_summary) + _decisions(import_summary)
    return [Exhibit(said, table=shown)]


def _of(rows, fact):
    return rows[rows["import_fact"] == fact]


def _lines(rows):
    read = _of(rows, "lines_read").iloc[0]
    return Headline(
        "The last import, {source}: {read:count line} read, {used:whole} used, {left:whole} left "
        "out",
        source=read["about"],
        read=int(read["lines"]),
        used=int(_of(rows, "lines_used")["lines"].sum()),
        left=int(_of(rows, "left_out")["lines"].sum()),
    )


def _totals(rows):
    total = _of(rows, "total").iloc[0]
    said = Headline(
        "; {units:whole} units from {first:day} to {last:day}",
        units=total["imported_quantity"],
        first=_of(rows, "first_day")["day"].iloc[0],
        last=_of(rows, "last_day")["day"].iloc[0],
    )
    if pd.isna(total["file_quantity"]):
        return said + "; the file has no total of its own"
    difference = total["imported_quantity"] - total["file_quantity"]
    if abs(difference) < SAME:
        return said + "; the file's own total is the same"
    own = Headline(
        "; the file's own total is {own:whole}, a difference of {difference:signed} units",
        own=total["file_quantity"],
        difference=difference,
    )
    return said + own


def _decisions(rows):
    taken = len(_of(rows, "decision"))
    if not taken:
        return Headline(".")
    return Headline(". {taken:count decision} taken from the file.", taken=taken)
