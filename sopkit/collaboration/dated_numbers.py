"""Numbers that hold from a month on until the next: how they are shown by month, and changed.

A row of a dated table holds several numbers from its month on. Each number is a list of steps: the
months in which it changes. What holds before the first month that is shown is shown in that month.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.dated import DATE
from sopkit.master_data.versions import ENTERED

Number = float | None
Steps = list[tuple[Period | None, Number]]  # the month from which each holds; None: always
Row = dict[str, object]  # the columns of a row, empty cells as None


class Made(NamedTuple):
    """A row that a change makes: its columns, and whether it withdraws the row of its month."""

    row: Row
    is_withdrawn: bool


def records(rows: DataFrame) -> list[Row]:
    """The rows of one thing in the order of their months, without who entered them."""
    kept = [name for name in rows.columns if name not in ENTERED]
    made = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows[kept].to_dict("records")
    ]
    return sorted(made, key=lambda row: _order(row[DATE]))


def steps(rows: Sequence[Row], column: str) -> Steps:
    """The months in which a number changes."""
    return _distinct([(row[DATE], row[column]) for row in rows])


def by_month(found: Steps, months: Sequence[Period]) -> dict[Period, Number]:
    """A number in the months in which it changes, and in the first one as it is; else None."""
    shown = {month: dict(found).get(month) for month in months}
    if found and _order(found[0][0]) <= months[0].ordinal:
        shown[months[0]] = at(found, months[0])
    return shown


def at(found: Steps, month: Period | None) -> Number:
    """A number in a month; before its first step the first holds already."""
    begun = [value for start, value in found if _order(start) <= _order(month)]
    return begun[-1] if begun else (found[0][1] if found else None)


def with_answers(found: Steps, answers: Mapping[Period, Number]) -> Steps:
    """The steps with answers: a number begins in its month, an empty one takes the step away."""
    changed = {**dict(found), **answers}
    kept = [one for one in changed.items() if one[1] is not None or one[0] not in answers]
    return _distinct(sorted(kept, key=lambda step: _order(step[0])))


def changed_rows(rows: Sequence[Row], answers: Mapping[str, Mapping[Period, Number]]) -> list[Made]:
    """The rows that answers make: those of months in which a number begins, and later ones that
    carry it on.

    Parameters
    ----------
    rows : `records` of one thing
    answers : by column, the number that begins in a month; None takes it away
    """
    after = {name: with_answers(steps(rows, name), found) for name, found in answers.items()}
    asked = {month for found in answers.values() for month in found}
    begun = {
        month for found in answers.values() for month, value in found.items() if value is not None
    }
    held = {row[DATE]: row for row in rows}
    made, before = [], None
    for start in sorted({*held, *begun}, key=_order):
        base = _row_at(rows, start) or {}
        row = base | {name: at(found, start) for name, found in after.items()} | {DATE: start}
        carried = before is not None and {**row, DATE: None} == {**before, DATE: None}
        if start in held and row != held[start]:
            is_withdrawn = carried and start in asked
            made.append(Made(held[start] if is_withdrawn else row, is_withdrawn))
        elif start not in held and not carried:
            made.append(Made(row, False))
        before = row
    return made


def _row_at(rows: Sequence[Row], month: Period | None) -> Row | None:
    begun = [row for row in rows if _order(row[DATE]) <= _order(month)]
    return begun[-1] if begun else (rows[0] if rows else None)


def _distinct(found: Steps) -> Steps:
    """Steps without those that change nothing."""
    return [one for n, one in enumerate(found) if n == 0 or one[1] != found[n - 1][1]]


def _order(month: object) -> int:
    return month.ordinal if isinstance(month, Period) else -(10**6)
