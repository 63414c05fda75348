"""Forms that come back: what they change, merged with what was changed meanwhile.

A cell that differs from what the form was made with is a change. If the table holds something else
by now than the form was made with, and not what the form says, both sides changed it: a conflict,
for which the table's value stays until it is decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration.form_answers import UNITS, answer, months_answered
from sopkit.collaboration.form_rows import FUNCTIONS, of_contributor, own_entries
from sopkit.io.keyed_workbook import Place, Returned, Value, key_of
from sopkit.master_data.input_entries import SCOPE, is_split
from sopkit.master_data.versions import WITHDRAWN, latest, next_versions
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty
from sopkit.tables.hierarchies import hierarchies_of, within
from sopkit.tables.issues import DataError, Issue
from sopkit.tables.periods import month

KEEP, TAKE = "table", "form"  # whose value a conflict is decided for


@dataclass(frozen=True)
class Target:
    """What forms are merged into: a company's tables in a cycle, the number of its latest plan
    revision, and the moment."""

    company: str
    cycle: str
    tables: Mapping[str, DataFrame]
    revision: int
    now: str  # 2026-10-05T14:05:09Z


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
    entries: DataFrame  # rows to be added to demand_inputs
    returned: DataFrame  # the row to be added to input_returns


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
    merged, faults, tables = [], [], dict(target.tables)
    for path, returned in forms:
        found = [*_foreign(path, returned.facts, target)]
        found = found or [*_unsound(path, returned, target)]
        faults += found
        if found:
            continue
        one = _merge(path, returned, target, tables, decided_for)
        known = tables.get("demand_inputs", empty("demand_inputs"))
        tables["demand_inputs"] = pd.concat([known, one.entries], ignore_index=True)
        merged.append(one)
    if faults:
        raise DataError(faults)
    return merged


# --------------------------------------------------------------------------------------------------
# what is refused


def _foreign(path: Path, facts: Mapping[str, str], target: Target) -> Iterator[Issue]:
    """Refuse a form that belongs elsewhere, by name."""
    if facts.get("kind") != "form":
        yield Issue(path.name, "is no input form; merge the pack by itself.")
        return
    for name, wanted in (("company", target.company), ("cycle", target.cycle)):
        if facts[name] != wanted:
            text = (
                f"is a form of {name} {facts[name]}, not of {wanted}. Merge it there with --{name} "
                f"{facts[name]}, or send a new form (`sopkit collect`)."
            )
            yield Issue(path.name, text)
    if int(facts["revision"]) > target.revision:
        text = (
            f"was made from revision {facts['revision']}, which this store does not hold (its "
            f"latest is {target.revision}). Give the store it was made from (--store)."
        )
        yield Issue(path.name, text)
    try:
        scopes = of_contributor(_contributors(target), facts["contributor"])
    except ValueError as error:
        yield Issue(path.name, f"{error}. Add the contributor, or send a form to another.")
        return
    if scopes["function"].iloc[0] not in FUNCTIONS:
        text = f"{facts['contributor']} is of {scopes['function'].iloc[0]}, which plans no demand."
        yield Issue(path.name, text)


def _contributors(target: Target) -> DataFrame:
    return target.tables.get("contributors", empty("contributors"))


def _unsound(path: Path, returned: Returned, target: Target) -> Iterator[Issue]:
    """Refuse cells and rows that cannot be kept, by sheet and cell."""
    scopes = of_contributor(_contributors(target), returned.facts["contributor"])
    outside = set()
    for place, cell in returned.found.items():
        key = key_of(place.row)
        if key["table"] == "input_returns":
            yield from _unsound_start(path, key["column"], cell)
        if key["table"] != "demand_inputs" or place.row in outside:
            continue
        if _scope_of(key, scopes, target) is None:
            outside.add(place.row)
            scope = ", ".join(value for name, value in key.items() if name != "table")
            text = (
                f"{cell.where}: {scope} is outside the scope of {returned.facts['contributor']} in "
                "contributors. Widen the scope there, or leave the row as it was."
            )
            yield Issue(path.name, text)
    for place, _ in months_answered(returned):
        if place.row not in outside:
            yield from _unsound_answer(path, returned, place)


def _unsound_answer(path: Path, returned: Returned, place: Place) -> Iterator[Issue]:
    said, fault = answer(returned, place)
    if fault:
        yield Issue(path.name, fault)
    elif said.value is not None and differs(said.value, returned.written[place].value):
        reason = returned.found[Place(place.row, "reason")]
        if reason.value is None:
            text = f"{said.where} is changed without a reason. Enter it in {reason.where}."
            yield Issue(path.name, text)


def _unsound_start(path, column, cell):
    known = COLUMNS["form_status"].choices
    if column == "form_status" and cell.value not in known:
        text = f"{cell.where} holds {cell.value!r}. Choose {' or '.join(known)}."
        yield Issue(path.name, text)
    if column == "author" and not cell.value:
        yield Issue(path.name, f"{cell.where} is empty. Enter who answers.")


def _scope_of(key: Mapping[str, str], scopes: DataFrame, target: Target):
    """The contributor's row that a series is in; None where it is outside of all."""
    groups = hierarchies_of(target.tables)
    products = target.tables["products"]
    own = products.loc[products["product"] == key.get("product"), "family"]
    family = key.get("family") or next(iter(own), None)
    for scope in scopes.itertuples():
        in_family = _covers(scope.family, family, groups.product_groups)
        if in_family and _covers(scope.market, key.get("market"), groups.market_groups):
            return scope
    return None


def _covers(wide: str | None, name: str | None, groups: DataFrame | None) -> bool:
    """Whether a scope's family, market or group holds another; an empty one holds all."""
    return pd.isna(wide) or name in within(wide, groups)


# --------------------------------------------------------------------------------------------------
# what is changed


def _merge(path, returned, target, tables, decided_for):
    contributor = returned.facts["contributor"]
    scopes = of_contributor(_contributors(target), contributor)
    function = scopes["function"].iloc[0]
    own = own_entries(tables.get("demand_inputs", empty("demand_inputs")), contributor, function)
    changes, conflicts = [], []
    for change in _changes(returned, _values(own)):
        same = not differs(change.now, change.made_with)
        (changes if same or decided_for == TAKE else conflicts).append(change)
    start = {
        key_of(place.row)["column"]: cell.value
        for place, cell in returned.found.items()
        if key_of(place.row)["table"] == "input_returns"
    }
    said = {"contributor": contributor, "function": function, "author": start["author"]}
    entries = _entries(changes, returned, own, target, said | {"source_file": path.name})
    entries = entries.assign(split_rule=_rules(entries, scopes, target))
    row = {
        "cycle": month(target.cycle),
        "contributor": contributor,
        "submitted_at": target.now,
        **start,
        "source_file": path.name,
        "changed_cells": len(changes),
    }
    if not changes and _is_known(row, tables.get("input_returns")):
        return Merged(contributor, changes, conflicts, entries, empty("input_returns"))
    kept = conform("input_returns", pd.DataFrame([row]))
    return Merged(contributor, changes, conflicts, entries, kept)


def _rules(entries: DataFrame, scopes: DataFrame, target: Target) -> list[str | None]:
    """The rule by which each entry is split: that of its contributor's scope; none where it is for
    one product in one market."""
    keys = entries[SCOPE].to_dict("records")
    keys = [{name: value for name, value in key.items() if pd.notna(value)} for key in keys]
    rules = (_scope_of(key, scopes, target).split_rule for key in keys)
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


def differs(one: Value, other: Value) -> bool:
    """Whether two values of a cell are not the same, but for rounding."""
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) > 1e-9 * max(1.0, abs(one))
    return one != other


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
