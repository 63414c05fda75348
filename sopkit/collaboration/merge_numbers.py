"""Prices, unit costs and budgets that come back in a form: what they change, as rows by version."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration import dated_numbers
from sopkit.collaboration.finance_numbers import (
    NUMBERS,
    THING,
    VALUE,
    Asked,
    finance_series,
    told,
    values_of,
)
from sopkit.collaboration.form_faults import out_of_scope, without_reason
from sopkit.io.keyed_workbook import Found, Place, Returned, differs
from sopkit.master_data.dated import DATE
from sopkit.master_data.versions import WITHDRAWN, latest, next_versions
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty
from sopkit.tables.periods import month

Tables = Mapping[str, DataFrame]
FIRST_NEEDS = ("price", "material_cost", "holding_cost", "backlog_cost")  # of a product's first row


class Answered(NamedTuple):
    """A number that a form changes: what the form was made with, says, and the table holds."""

    series: Asked
    period: Period
    made_with: float | None
    answer: float | None
    now: float | None
    where: str
    reason: str
    comment: str | None


def answered_numbers(
    returned: Returned, scopes: DataFrame, tables: Tables
) -> tuple[list[Answered], list[str]]:
    """The numbers that a form changes and that the tables do not hold yet; and what is wrong."""
    cells = [place for place in returned.found if place.head.startswith(VALUE)]
    if not cells:
        return [], []
    months = sorted({month(place.head.removeprefix(VALUE)) for place in cells})
    series = finance_series(scopes, tables, months)
    known, now = {one.key: one for one in series}, values_of(series)
    found, faults = [], []
    for place in cells:
        cell, made_with = returned.found[place], returned.written[place].value
        if not differs(cell.value, made_with):
            continue
        one = known.get(place.row)
        fault = _unsound(returned, place, cell, one, tables)
        if fault or one is None:
            faults.append(fault)
            continue
        texts = [returned.found[Place(place.row, name)].value for name in ("reason", "comment")]
        number = None if cell.value is None else float(cell.value)
        period, held = month(place.head.removeprefix(VALUE)), now[place]
        comment = None if texts[1] is None else str(texts[1])
        found.append(
            Answered(one, period, made_with, number, held, cell.where, str(texts[0]), comment)
        )
    return [one for one in found if not _holds_already(one, found, tables)], faults


def _unsound(
    returned: Returned, place: Place, cell: Found, series: Asked | None, tables: Tables
) -> str:
    """What is wrong with a changed cell; empty: nothing."""
    if series is None:
        return out_of_scope(returned, place)
    if unreasoned := without_reason(returned, place, cell.where):
        return unreasoned
    low = COLUMNS[series.column].low
    if cell.value is None:
        return _unclearable(series, month(place.head.removeprefix(VALUE)), cell, tables)
    number = float(cell.value)
    if cell.is_percent:
        return f"{cell.where} is a percentage. Enter the {told(series)} as an amount."
    if (low is not None and number < low) or abs(number) == float("inf"):
        return f"{cell.where} holds {number:g}. Enter {low or 0:g} or more, or clear it."
    return ""


def _unclearable(series: Asked, period: Period, cell: Found, tables: Tables) -> str:
    """Why a number cannot be taken away: it began before the months of the form."""
    if series.table != "item_costs" or series.numbers[period] is None:
        return ""
    if period in dict(dated_numbers.steps(_rows_of(series, tables), series.column)):
        return ""
    return (
        f"{cell.where} is empty, but the {told(series)} began before {period}. Enter the number "
        f"that holds from {period} on."
    )


def _rows_of(series: Asked, tables: Tables) -> list[dated_numbers.Row]:
    """The rows in which a dated number of a thing stands."""
    held = latest("item_costs", tables.get("item_costs", empty("item_costs")))
    same = held["product"] == series.thing["product"]
    market = series.thing.get("market")
    there = held["market"].isna() if market is None else held["market"] == market
    return dated_numbers.records(held[same & there])


def _holds_already(one: Answered, found: Sequence[Answered], tables: Tables) -> bool:
    """Whether the tables say what is answered; a number that goes on as before is no step."""
    if one.series.table != "item_costs":
        return not differs(one.answer, one.now)
    answers = {each.period: each.answer for each in found if each.series.key == one.series.key}
    steps = dated_numbers.steps(_rows_of(one.series, tables), one.series.column)
    after = dated_numbers.with_answers(steps, answers)
    shown = dated_numbers.by_month(after, list(one.series.numbers))
    return not differs(shown[one.period], one.now)


# --------------------------------------------------------------------------------------------------
# the rows that they become


def changed_tables(
    answers: Sequence[Answered], tables: Tables, said: Mapping[str, object]
) -> tuple[dict[str, DataFrame], list[str]]:
    """The rows to be added to each table, each a later version of its entry; and what is wrong.

    Parameters
    ----------
    said : author, submitted_at and source_file of the rows
    """
    rows: dict[str, list[dict]] = {name: [] for name in THING}
    faults: list[str] = []
    things: dict[tuple, list[Answered]] = {}
    for one in answers:
        things.setdefault((one.series.table, *one.series.thing.items()), []).append(one)
    for (table, *_), of_thing in things.items():
        make = _dated if table == "item_costs" else _plain
        for row, is_withdrawn, of_row in make(table, of_thing, tables):
            faults += _incomplete(table, row, of_row)
            rows[table].append({**row, **_entered(of_row, is_withdrawn), **said})
    if faults:
        return {}, faults
    return {name: _versions(name, made, tables) for name, made in rows.items() if made}, []


def _dated(
    _, answers: Sequence[Answered], tables: Tables
) -> Iterator[tuple[dict, bool, list[Answered]]]:
    """The rows of a product, in all markets or in one, that answers make."""
    by_column: dict[str, dict[Period, float | None]] = {}
    for one in answers:
        by_column.setdefault(one.series.column, {})[one.period] = one.answer
    series = answers[0].series
    rows = _rows_of(series, tables)
    for made in dated_numbers.changed_rows(rows, by_column):
        currency = made.row.get("currency") or series.currency or None
        of_month = [one for one in answers if one.period == made.row[DATE]] or list(answers)
        yield {**made.row, **series.thing, "currency": currency}, made.is_withdrawn, of_month


def _plain(
    table: str, answers: Sequence[Answered], tables: Tables
) -> Iterator[tuple[dict, bool, list[Answered]]]:
    """The rows of a budget that answers make, a month each."""
    held = latest(table, tables.get(table, empty(table)))
    months: dict[Period, list[Answered]] = {}
    for one in answers:
        months.setdefault(one.period, []).append(one)
    for period, of_month in months.items():
        thing = of_month[0].series.thing
        key = {name: thing.get(name) for name in THING[table]} | {"period": period}
        same = pd.Series(True, index=held.index)
        for name, value in key.items():
            same &= held[name].isna() if value is None else held[name] == value
        before = held.loc[same, list(NUMBERS[table])].to_dict("records")
        numbers = before[0] if before else dict.fromkeys(NUMBERS[table])
        after = {**numbers, **{one.series.column: one.answer for one in of_month}}
        is_withdrawn = all(value is None for value in after.values())
        currency = of_month[0].series.currency or None
        yield (
            {**key, **(numbers if is_withdrawn else after), "currency": currency},
            is_withdrawn,
            of_month,
        )


def _incomplete(
    table: str, row: Mapping[str, object], answers: Sequence[Answered]
) -> Iterator[str]:
    """The prices and costs that a product's first row lacks."""
    if table != "item_costs":
        return
    needed = FIRST_NEEDS if row.get("market") is None else ("price",)
    if lacking := [name for name in needed if row.get(name) is None]:
        what = " and ".join(COLUMNS[name].label for name in lacking)
        thing = " ".join(answers[0].series.thing.values())
        yield (
            f"{answers[0].where}: {thing} has no {what} in {answers[0].period}. Enter it as well."
        )


def _entered(answers: Sequence[Answered], is_withdrawn: bool) -> dict[str, object]:
    """Why a row is entered, in the words of its answers."""
    comments = dict.fromkeys(one.comment for one in answers if one.comment)
    return {
        "reason": "; ".join(dict.fromkeys(one.reason for one in answers)),
        "comment": "; ".join(comments) or None,
        "input_status": WITHDRAWN if is_withdrawn else "answered",
    }


def _versions(name: str, rows: Sequence[dict], tables: Tables) -> DataFrame:
    frame = DataFrame(rows).reindex(columns=list(TABLES[name].columns))
    known, made = tables.get(name, empty(name)), conform(name, frame)
    return made.assign(version=next_versions(name, known, made))
