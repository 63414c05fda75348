"""Forms that come back: what they change, merged with what was changed meanwhile.

A cell that differs from what the form was made with is a change. If the table holds something else
by now than the form was made with, and not what the form says, both sides changed it: a conflict,
for which the table's value stays until it is decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration.form_answers import UNITS, answer, months_answered
from sopkit.collaboration.form_faults import contributors, foreign, scope_of, unsound
from sopkit.collaboration.form_rows import of_contributor, own_entries
from sopkit.collaboration.merge_numbers import Answered, answered_numbers, changed_tables
from sopkit.collaboration.merge_target import Target
from sopkit.io.keyed_workbook import Returned, Value, differs, key_of
from sopkit.master_data.input_entries import SCOPE, is_split
from sopkit.master_data.planning_units import in_planning_units
from sopkit.master_data.versions import WITHDRAWN, latest, next_versions
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty
from sopkit.tables.issues import DataError, Issue
from sopkit.tables.periods import month

KEEP, TAKE = "table", "form"  # whose value a conflict is decided for


class Change(NamedTuple):
    """A cell that differs: where it stands, what the form was made with, says, and the table
    holds, and how the answer was given (empty: in units)."""

    scope: dict[str, str]
    period: Period
    made_with: float | None
    answer: float | None
    now: float | None
    where: str
    answered_as: str


class Merged(NamedTuple):
    """What a form changes."""

    contributor: str
    changes: list[Change]
    conflicts: list[Change]
    rows: dict[str, DataFrame]  # to be added to tables
    returned: DataFrame  # the row to be added to input_returns


class Numbers(NamedTuple):
    """What a form of finance changes beside demand."""

    changes: list[Answered]
    conflicts: list[Answered]
    rows: dict[str, DataFrame]


One = TypeVar("One", Change, Answered)


def merge_forms(
    forms: Iterable[tuple[Path, Returned]], target: Target, decided_for: str = KEEP
) -> list[Merged]:
    """Merge forms that came back, one after another; nothing is written.

    Parameters
    ----------
    decided_for : whose value counts in a conflict, `table` or `form`

    Raises
    ------
    DataError : a form of another company, cycle or contributor, a cell that is no answer, a row
        outside the contributor's scope, an answer without a reason. Every fault of every form is
        listed with file, sheet and cell.
    """
    merged, faults, tables = [], [], dict(in_planning_units(target.tables))
    own = dict(target.tables)
    for path, returned in forms:
        if found := [*foreign(path, returned.facts, target)]:
            faults += found
            continue
        numbers, found = _numbers(path, returned, target, own, decided_for)
        if found := [*unsound(path, returned, target), *found]:
            faults += found
            continue
        one = _merge(path, returned, target, tables, numbers, decided_for)
        for name, rows in one.rows.items():
            into = tables if name == "demand_inputs" else own
            into[name] = pd.concat([into.get(name, empty(name)), rows], ignore_index=True)
        merged.append(one)
    if faults:
        raise DataError(faults)
    return merged


def _numbers(
    path: Path, returned: Returned, target: Target, own: Mapping[str, DataFrame], decided_for: str
) -> tuple[Numbers, list[Issue]]:
    """What a form of finance changes beside demand, and what is wrong with it."""
    scopes = of_contributor(contributors(target), returned.facts["contributor"])
    answered, told = answered_numbers(returned, scopes, own)
    changes, conflicts = _parted(answered, decided_for)
    said = {"author": _start(returned)["author"]}
    said |= {"submitted_at": target.now, "source_file": path.name}
    rows, lacking = changed_tables(changes, own, said)
    faults = [Issue(path.name, text) for text in [*told, *lacking]]
    return Numbers(changes, conflicts, rows), faults


def _parted(changes: Iterable[One], decided_for: str) -> tuple[list[One], list[One]]:
    """Changes that are kept, and those that conflict with what was changed meanwhile."""
    kept, conflicts = [], []
    for change in changes:
        same = not differs(change.now, change.made_with)
        (kept if same or decided_for == TAKE else conflicts).append(change)
    return kept, conflicts


def _start(returned: Returned) -> dict[str, Value]:
    """What the first sheet says: author, form_status, comment."""
    return {
        key_of(place.row)["column"]: cell.value
        for place, cell in returned.found.items()
        if key_of(place.row)["table"] == "input_returns"
    }


def _merge(
    path: Path,
    returned: Returned,
    target: Target,
    tables: Mapping[str, DataFrame],
    numbers: Numbers,
    decided_for: str,
) -> Merged:
    contributor = returned.facts["contributor"]
    scopes = of_contributor(contributors(target), contributor)
    function = scopes["function"].iloc[0]
    own = own_entries(tables.get("demand_inputs", empty("demand_inputs")), contributor, function)
    changes, conflicts = _parted(_changes(returned, _values(own)), decided_for)
    start = _start(returned)
    said = {"contributor": contributor, "function": function, "author": start["author"]}
    entries = _entries(changes, returned, own, target, said | {"source_file": path.name})
    entries = entries.assign(split_rule=_rules(entries, scopes, target))
    rows = numbers.rows | ({"demand_inputs": entries} if len(entries) else {})
    changes = [*changes, *map(_as_change, numbers.changes)]
    conflicts = [*conflicts, *map(_as_change, numbers.conflicts)]
    row = {
        "cycle": month(target.cycle),
        "contributor": contributor,
        "submitted_at": target.now,
        **start,
        "source_file": path.name,
        "changed_cells": len(changes),
    }
    if not changes and _is_known(row, target.tables.get("input_returns")):
        return Merged(contributor, changes, conflicts, rows, empty("input_returns"))
    kept = conform("input_returns", pd.DataFrame([row]))
    return Merged(contributor, changes, conflicts, rows, kept)


def _as_change(one: Answered) -> Change:
    """A number of finance, as the list of changes shows it."""
    scope = {**one.series.thing, "column": one.series.column}
    return Change(scope, one.period, one.made_with, one.answer, one.now, one.where, "")


def _rules(entries: DataFrame, scopes: DataFrame, target: Target) -> list[str | None]:
    """The rule by which each entry is split: that of its contributor's scope; none where it is for
    one product in one market."""
    keys = entries[SCOPE].to_dict("records")
    keys = [{name: value for name, value in key.items() if pd.notna(value)} for key in keys]
    rules = (scope_of(key, scopes, target).split_rule for key in keys)
    split = is_split(entries, target.tables.get("market_groups"))
    return [
        rule if wide and pd.notna(rule) else None for rule, wide in zip(rules, split, strict=True)
    ]


def _is_known(row: Mapping[str, object], input_returns: DataFrame | None) -> bool:
    """Whether the contributor's last form said the same."""
    if input_returns is None:
        return False
    mine = input_returns[
        (input_returns["contributor"] == row["contributor"])
        & (input_returns["cycle"] == row["cycle"])
    ]
    last = mine.sort_values("submitted_at").tail(1)
    said = ("author", "form_status", "comment", "source_file")
    return len(last) > 0 and all(_plain(last[name])[0] == row[name] for name in said)


def _changes(returned: Returned, now: Mapping[tuple, float]) -> Iterator[Change]:
    """The cells that the form changes and that the table does not hold yet."""
    for place, key in months_answered(returned):
        said, _ = answer(returned, place)
        period = month(place.head.removeprefix(UNITS))
        made_with = returned.written[place].value
        held = now.get((*(key.get(name) for name in SCOPE), period))
        if differs(said.value, made_with) and differs(said.value, held):
            yield Change(key, period, made_with, said.value, held, said.where, said.told)


def _values(own: DataFrame) -> dict[tuple, float]:
    """What is in force, by scope and month."""
    entries = latest("demand_inputs", own)
    keys = zip(*(_plain(entries[name]) for name in SCOPE), entries["period"], strict=True)
    return dict(zip(keys, _plain(entries["quantity"]), strict=True))


def _plain(column):
    return [None if pd.isna(value) else value for value in column]


def _entries(
    changes: Sequence[Change], returned: Returned, own: DataFrame, target: Target, said: dict
) -> DataFrame:
    """Changes as rows of demand_inputs, each a later version of its entry."""
    if not changes:
        return empty("demand_inputs")
    texts = {place.row: {} for place in returned.found}
    for place, cell in returned.found.items():
        texts[place.row][place.head] = cell.value
    keyed = {row: key_of(row) for row in texts}
    by_scope = {
        tuple(key.get(name) for name in SCOPE): texts[row]
        for row, key in keyed.items()
        if key["table"] == "demand_inputs"
    }
    rows = []
    for change in changes:
        scope = {name: change.scope.get(name) for name in SCOPE}
        text = by_scope[tuple(scope.values())]
        withdrawn = change.answer is None
        rows.append(
            {
                **said,
                **scope,
                "period": change.period,
                "quantity": (change.now or 0.0) if withdrawn else change.answer,
                "input_status": WITHDRAWN if withdrawn else "answered",
                "cycle": month(target.cycle),
                "reason": text["reason"] or "withdrawn",
                "comment": text["comment"],
                "answered_as": change.answered_as or None,
                "submitted_on": pd.Timestamp(target.now[:10]),
                "submitted_at": target.now,
            }
        )
    frame = pd.DataFrame(rows).reindex(columns=TABLES["demand_inputs"].columns)
    entries = conform("demand_inputs", frame)
    return entries.assign(version=next_versions("demand_inputs", own, entries))
