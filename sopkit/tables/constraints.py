"""The rules between the columns and rows of a table, as `vocabulary.Table.rules` names them.

A rule says which rows break it, what it demands, in which column (None: in the row), and the remedy.
"""

import pandas as pd

from sopkit.tables.issues import fault

_RESERVED = {"all": "the total, in plan tables", "base": "the plan without any scenario"}


def rule_faults(table, result, source):
    """List the rules of a table that its conformed rows break.

    Returns
    -------
    list of Issue
    """
    broken = [_RULES[kind](result, columns) for kind, *columns in table.rules]
    found = (
        fault(table, result, wrong, rule, column, source, remedy)
        for wrong, rule, column, remedy in broken
    )
    return [issue for issue in found if issue]


def _one_of(result, columns):
    return (
        result[columns].isna().all(axis=1),
        f"one of {', '.join(columns)} must be filled",
        None,
        "",
    )


def _ordered(result, columns):
    first, last = columns
    return result[first] > result[last], f"{first} must not be after {last}", last, ""


def _not_above(result, columns):
    low, high = columns
    rule, remedy = (
        f"{low} must not be more than {high}",
        f"Lower {low}, raise {high}, or leave one empty.",
    )
    return result[low] > result[high], rule, low, remedy


def _above_zero(result, columns):
    (column,) = columns
    remedy = "Remove the row where the step is not needed."
    return result[column] <= 0, f"{column} must be more than 0", column, remedy


def _one_row(result, columns):
    more = pd.Series(len(result) > 1, index=result.index)
    remedy = "Keep the one that holds for the company; it plans in one currency."
    return more, "there must be one row only", columns[0], remedy


def _every_month(result, columns):
    ordered = result.reset_index(drop=True).sort_values([*columns, "period"], kind="stable")
    same = (ordered[columns] == ordered[columns].shift()).all(axis=1)
    ordinal = pd.Series(pd.PeriodIndex(ordered["period"]).asi8, index=ordered.index)
    gap = (same & (ordinal.diff() > 1)).sort_index()
    remedy = "Months are missing just before these rows. Add a row with quantity 0 where nothing was sold."
    return gap, f"every month must be there for each {' and '.join(columns)}", None, remedy


def _reserved(result, columns):
    column, word = columns
    remedy = f"{word!r} has a meaning of its own: {_RESERVED[word]}. Choose another name."
    return result[column].str.casefold() == word, f"{column} must not be {word!r}", column, remedy


_RULES = {
    "one_of": _one_of,
    "ordered": _ordered,
    "not_above": _not_above,
    "above_zero": _above_zero,
    "every_month": _every_month,
    "one_row": _one_row,
    "reserved": _reserved,
}
