"""Columns of a table as the cells of a file: numbers with the digits that are sure, days, flags."""

from pandas import DataFrame, Series

from sopkit.schema.columns import COLUMNS

DIGITS = "{:.15g}"  # of a number: as many as are sure in any program


def as_written(table: DataFrame) -> DataFrame:
    """A table with numbers as a file's cells say them: 114.39, not 114.38999999999999."""
    kinds = {c: COLUMNS[c].kind for c in table.columns}
    numbers = [c for c in table.columns if kinds[c] in ("number", "whole")]
    said = {c: table[c].map(DIGITS.format, na_action="ignore").astype("float64") for c in numbers}
    return table.assign(**said).astype(table.dtypes)


def as_text(column: Series) -> Series:
    """Write a column as a file's cells; empty cells stay missing."""
    kind = COLUMNS[column.name].kind
    if kind == "day":
        cells = column.dt.strftime("%Y-%m-%d")
    elif kind in ("number", "whole"):
        cells = column.map(DIGITS.format, na_action="ignore")
    else:
        cells = column.astype("str").str.lower() if kind == "flag" else column.astype("str")
    return cells.astype(object).where(column.notna(), None)


def filled(table: DataFrame) -> DataFrame:
    """The filled columns of a table as cells; all columns where it has no rows."""
    kept = table.dropna(axis="columns", how="all") if len(table) else table
    return kept.apply(as_text)
