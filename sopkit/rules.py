"""The rules between the columns and rows of a table, as `vocabulary.Table.rules` names them."""

import pandas as pd

from sopkit.faults import fault

_RESERVED = {"all": "the total, in plan tables", "base": "the plan without any scenario"}


def rule_faults(table, result, source):
    return [fault for kind, *columns in table.rules for fault in _RULES[kind](table, result, columns, source)]


def _one_of(table, result, columns, source):
    empty = result[columns].isna().all(axis=1)
    return (
        [fault(table, result, empty, f"one of {', '.join(columns)} must be filled", None, source)]
        if empty.any()
        else []
    )


def _ordered(table, result, columns, source):
    first, last = columns
    wrong = result[first] > result[last]
    return (
        [fault(table, result, wrong, f"{first} must not be after {last}", last, source)]
        if wrong.any()
        else []
    )


def _not_above(table, result, columns, source):
    low, high = columns
    wrong = result[low] > result[high]
    rule, remedy = f"{low} must not be more than {high}", f"Lower {low}, raise {high}, or leave one empty."
    return [fault(table, result, wrong, rule, low, source, remedy)] if wrong.any() else []


def _above_zero(table, result, columns, source):
    (column,) = columns
    none = result[column] <= 0
    rule, remedy = f"{column} must be more than 0", "Remove the row where the step is not needed."
    return [fault(table, result, none, rule, column, source, remedy)] if none.any() else []


def _one_row(table, result, columns, source):
    rule, remedy = (
        f"{table.name} must have one row",
        "Keep the one that holds for the company; it plans in one currency.",
    )
    more = pd.Series(len(result) > 1, index=result.index)
    return [fault(table, result, more, rule, columns[0], source, remedy)] if more.any() else []


def _every_month(table, result, columns, source):
    ordered = result.sort_values([*columns, "period"], kind="stable")
    same = (ordered[columns] == ordered[columns].shift()).all(axis=1)
    ordinal = pd.Series(pd.PeriodIndex(ordered["period"]).asi8, index=ordered.index)
    gap = same & (ordinal.diff() > 1)
    if not gap.any():
        return []
    remedy = "Months are missing just before these rows. Add a row with quantity 0 where nothing was sold."
    return [
        fault(
            table,
            ordered,
            gap,
            f"every month must be there for each {' and '.join(columns)}",
            None,
            source,
            remedy,
        )
    ]


def _reserved(table, result, columns, source):
    column, word = columns
    taken = result[column].str.casefold() == word
    remedy = f"{word!r} has a meaning of its own: {_RESERVED[word]}. Choose another name."
    rule = f"{column} must not be {word!r}"
    return [fault(table, result, taken, rule, column, source, remedy)] if taken.any() else []


_RULES = {
    "one_of": _one_of,
    "ordered": _ordered,
    "not_above": _not_above,
    "above_zero": _above_zero,
    "every_month": _every_month,
    "one_row": _one_row,
    "reserved": _reserved,
}
