"""How an explanation names tables, rows and steps."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.cycle import stages
from sopkit.lineage.formulas import RULES
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES

STEPS = {
    name: (stage, step)
    for stage in stages.STAGES
    for step in stage.steps
    for name in stages.writes(step)
}


def main_column(name: str) -> str:
    """The number a table is about: the first that a rule explains, else its first column of
    numbers; None without any."""
    if name in RULES:
        return next(iter(RULES[name]))
    columns = [
        c
        for c in TABLES[name].columns
        if c not in TABLES[name].key and COLUMNS[c].kind in ("number", "whole")
    ]
    return next(iter([c for c in columns if c in TABLES[name].required] or columns), "")


def together(rows: DataFrame, column: str) -> float:
    """Rows as one number: units and money are summed, other units need a single row."""
    if not column or rows.empty:
        return 0.0 if column else np.nan
    if len(rows) == 1 or COLUMNS[column].unit in ("units", "money", "hours"):
        return float(rows[column].sum(min_count=1))
    return np.nan


def apart(name: str, row: Series, rows: DataFrame) -> str:
    """What tells a row from the others: the words of its key in which they differ."""
    words = [c for c in TABLES[name].key if c in rows.columns and len(pd.unique(rows[c])) > 1]
    return "  ".join(f"{c}={_day(row[c])}" for c in words) or name


def _day(value):
    return value.date() if isinstance(value, pd.Timestamp) else value


def shared_words(name: str, rows: DataFrame) -> dict:
    """The words of a table's key that all rows have."""
    return {c: rows[c].iloc[0] for c in TABLES[name].key if len(pd.unique(rows[c])) == 1}


def without_month(words: dict) -> dict:
    """The words of a key but its period."""
    return {word: value for word, value in words.items() if word != "period"}


def maker(name: str) -> str:
    """The step that makes a table, and its stage."""
    if name not in STEPS:
        return "the cycle, and the number of months in company_settings"
    stage, step = STEPS[name]
    return f"{step.__module__.removeprefix('sopkit.')}.{step.__name__} ({stage.name})"
