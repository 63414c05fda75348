"""The checks of rows and columns that `schema/tables.toml` names.

A rule says which rows break it, what it demands, in which column (None: in the row), and the
remedy.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import Table
from sopkit.tables.issues import SHOWN_ROWS, Issue, fault

SEVERAL = 2  # series; of a single one its rows say where a month is missing
MOST_LOST = 12  # months that an extract may have lost


def rule_faults(table: Table, result: DataFrame, source: str | None) -> list[Issue]:
    """List the checks of a table that its rows break.

    Returns
    -------
    list of Issue
    """
    broken = [_RULES[check["rule"]](result, **_told(check)) for check in table.checks]
    found = [
        fault(table, result, wrong, rule, column, source, remedy)
        for wrong, rule, column, remedy in broken
    ]
    found += [
        _lost_months(table, result, source, check["by"])
        for check in table.checks
        if check["rule"] == "every_month"
    ]
    return [issue for issue in found if issue]


def _lost_months(table, result, source, by):
    """Say once which months are in no row at all, between the first and the last."""
    lost = _absent(result, by)
    if lost.empty:
        return None
    months = ", ".join(map(str, lost[:SHOWN_ROWS])) + (" ..." if len(lost) > SHOWN_ROWS else "")
    remedy = (
        "The extract has probably lost what is missing: export it again. Where nothing at all was "
        "sold, add rows with quantity 0."
    )
    return Issue(table.name, f"no series has a row for {months}.", remedy=remedy, source=source)


def _absent(result, by):
    """The months between the first and the last that none of several series has; of many a year is
    wrong instead."""
    there = pd.PeriodIndex(result["period"].dropna().unique(), freq="M")
    if len(result[by].drop_duplicates()) < SEVERAL:
        return there[:0]
    lost = pd.period_range(there.min(), there.max(), freq="M").difference(there)
    return lost if len(lost) <= MOST_LOST else lost[:0]


def _told(check):
    return {word: value for word, value in check.items() if word != "rule"}


def _one_of(result, columns):
    rule = f"one of {', '.join(columns)} must be filled"
    return result[columns].isna().all(axis=1), rule, None, ""


def _not_after(result, first, last):
    return result[first] > result[last], f"{first} must not be after {last}", last, ""


def _not_above(result, column, limit):
    rule = f"{column} must not be more than {limit}"
    remedy = f"Lower {column}, raise {limit}, or leave one empty."
    return result[column] > result[limit], rule, column, remedy


def _above_zero(result, column):
    remedy = f"Correct it: {COLUMNS[column].description}; or remove the row."
    return result[column] <= 0, f"{column} must be more than 0", column, remedy


def _one_row(result, column):
    more = pd.Series(len(result) > 1, index=result.index)
    remedy = "Keep the row of the company's currency; exchange_rates holds the others."
    return more, "there must be one row only", column, remedy


def _every_month(result, by):
    ordered = result.reset_index(drop=True).sort_values([*by, "period"], kind="stable")
    same = (ordered[by] == ordered[by].shift()).all(axis=1)
    lost = _absent(result, by).asi8  # in no series at all: told once, for all of them
    ordinal = pd.Series(pd.PeriodIndex(ordered["period"]).asi8, index=ordered.index)
    ordinal -= np.searchsorted(lost, ordinal)
    gap = (same & (ordinal.diff() > 1)).sort_index()
    remedy = "Months are missing just before these rows. "
    remedy += "Add a row with quantity 0 where nothing was sold."
    return gap, f"every month must have a row for each {' and '.join(by)}", None, remedy


def _reserved(result, column, value, meaning):
    remedy = f"{value!r} is reserved: {meaning}. Choose another name."
    return result[column].str.casefold() == value, f"{column} must not be {value!r}", column, remedy


_RULES: dict[str, Callable[..., tuple]] = {
    "one_of": _one_of,
    "not_after": _not_after,
    "not_above": _not_above,
    "above_zero": _above_zero,
    "every_month": _every_month,
    "one_row": _one_row,
    "reserved": _reserved,
}
