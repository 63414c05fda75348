"""The Excel pack that comes back: which yellow cells were changed, and the rows they become."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration.form_answers import UNITS
from sopkit.collaboration.form_rows import FUNCTIONS
from sopkit.collaboration.merge_target import Target
from sopkit.io.keyed_workbook import Place, Returned, Value, differs, key_of
from sopkit.master_data.planning_units import in_planning_units
from sopkit.master_data.versions import WITHDRAWN, latest, next_versions
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty
from sopkit.tables.issues import DataError, Issue
from sopkit.tables.periods import month

OVERRIDE, LIMITS = ("kind", "item", "site", "period"), ("fixed", "least", "most")
Limits = dict[str, float | None]  # fixed, least, most


class Signed(NamedTuple):
    """Who returns a pack, of which function, and the reason of rows that give none."""

    author: str
    function: str
    reason: str


class PackChange(NamedTuple):
    """A changed cell: the pack's value, the answer, and what the latest revision, or the planner's
    row, has by now."""

    key: dict[str, str]
    head: str
    old: Value
    new: Value
    now: Value
    reason: str
    where: str


class PackMerged(NamedTuple):
    """What a pack changes: the list, the conflicts, and the rows and choices they become."""

    changes: list[PackChange]
    conflicts: list[PackChange]
    demand_inputs: DataFrame
    plan_overrides: DataFrame
    decisions: list[dict[str, str]]  # decision, choice, due_on, reason


def merge_pack(
    path: Path,
    returned: Returned,
    target: Target,
    signed: Signed,
    plan: Mapping[str, DataFrame],
) -> PackMerged:
    """Read the changed cells of a pack; nothing is written.

    Parameters
    ----------
    plan : demand_plan of the latest revision, whatever revision the pack is of

    Raises
    ------
    DataError : a pack of another company, cycle or revision, a negative number, or a changed row
        that nobody signs or gives a reason for, with file, sheet and cell.
    """
    _refuse_foreign(path, returned.facts, target)
    target = replace(target, tables=in_planning_units(target.tables))
    changes, conflicts = [], []
    for change in _changed(returned, plan, target, signed):
        same = not differs(change.now, change.old)
        (changes if same else conflicts).append(change)
    if faults := [Issue(path.name, text) for text in _faults(changes, signed, target.tables)]:
        raise DataError(faults)
    numbers = [change for change in changes if change.head.startswith(UNITS)]
    demand = [change for change in numbers if change.key["table"] == "demand_plan"]
    made = [change for change in numbers if change.key["table"] == "plan_overrides"]
    return PackMerged(
        changes,
        conflicts,
        _entries(demand, path, target, signed),
        _overrides(made, path, target, signed),
        _decisions(returned, changes),
    )


def _refuse_foreign(path, facts, target):
    faults = []
    for name, wanted in (("company", target.company), ("cycle", target.cycle)):
        if facts[name] != wanted:
            text = f"is the pack of {name} {facts[name]}, not of {wanted}. Merge it there with "
            faults.append(Issue(path.name, f"{text}--{name} {facts[name]}."))
    if int(facts["revision"] or 0) > target.revision:
        text = f"is of revision {facts['revision']}, but the latest is {target.revision}. Give the "
        faults.append(Issue(path.name, f"{text}store that it was made from (--store)."))
    if faults:
        raise DataError(faults)


def _changed(
    returned: Returned, plan: Mapping[str, DataFrame], target: Target, signed: Signed
) -> Iterator[PackChange]:
    """The cells that differ from what the pack was written with, reasons aside; a number that the
    planner's own rows hold already is none."""
    rows = plan["demand_plan"][["product", "market", "period", "consensus"]].round(6)
    consensus = {tuple(row[:3]): row[3] for row in rows.itertuples(index=False)}
    held = _held(target.tables.get("plan_overrides", empty("plan_overrides")))
    for place, cell in returned.found.items():
        old = returned.written[place].value
        if place.head in ("reason", "due_on") or not differs(cell.value, old):
            continue
        key = key_of(place.row)
        reason = returned.found[Place(place.row, "reason")].value or signed.reason
        now = old
        if key["table"] == "demand_plan":
            period = month(place.head.removeprefix(UNITS))
            now = consensus.get((key["product"], key["market"], period), old)
        if key["table"] == "plan_overrides":
            now = held.get(_place(key, place.head), {}).get(key["limit"])
            if not differs(cell.value, now):
                continue
        yield PackChange(key, place.head, old, cell.value, now, str(reason), cell.where)


def _faults(changes: Sequence[PackChange], signed: Signed, tables: Mapping) -> Iterator[str]:
    """What is wrong with changed cells, and with who signs them."""
    if changes and not signed.author.strip():
        yield "is changed, but nobody signs it. Give --author."
    for change in changes:
        if isinstance(change.new, float) and change.new < 0:
            yield f"{change.where} holds {change.new:g}. Enter units, 0 or more."
        if change.new is None and change.key["table"] != "plan_overrides":
            yield f"{change.where} is empty. Enter a value, or {_told(change.old)} as it was."
        if not change.reason.strip():
            yield f"{change.where} is changed without a reason. Enter it in the row's Reason."
        if change.key["table"] == "demand_plan" and signed.function not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            yield f"{change.where} changes demand. Say for which function: --function, of {known}."
    yield from _contradictions(changes, tables.get("plan_overrides", empty("plan_overrides")))


def _contradictions(changes: Sequence[PackChange], plan_overrides: DataFrame) -> Iterator[str]:
    """Numbers of the planner's that cannot hold together in a month."""
    mine = [change for change in changes if change.key["table"] == "plan_overrides"]
    where: dict[tuple, str] = {}
    for change in mine:
        where.setdefault(_place(change.key, change.head), change.where)
    for place, limits in _after(mine, plan_overrides).items():
        least, most = limits["least"], limits["most"]
        if limits["fixed"] is not None and (least is not None or most is not None):
            fixed = _told(limits["fixed"])
            told = f"the month is fixed at {fixed} and has a limit"
            yield f"{where[place]}: {told}. Clear one of them."
        elif least is not None and most is not None and least > most:
            told = f"at least {_told(least)} is more than at most {_told(most)}"
            yield f"{where[place]}: {told}. Correct one of them."


def _told(value):
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _place(key: Mapping[str, str], head: str) -> tuple:
    """Kind, item, site and month of a planner's number."""
    return key["kind"], key["item"], key.get("site"), month(head.removeprefix(UNITS))


def _held(plan_overrides: DataFrame) -> dict[tuple, Limits]:
    """What the planner holds, by kind, item, site and month."""
    rows = latest("plan_overrides", plan_overrides)
    rows = rows[rows["day"].isna()]
    return {
        tuple(None if pd.isna(name) else name for name in row[: len(OVERRIDE)]): {
            limit: None if pd.isna(value) else value
            for limit, value in zip(LIMITS, row[len(OVERRIDE) :], strict=True)
        }
        for row in rows[[*OVERRIDE, *LIMITS]].itertuples(index=False)
    }


def _after(changes: Sequence[PackChange], plan_overrides: DataFrame) -> dict[tuple, Limits]:
    """The planner's numbers of each changed month, as they will be."""
    held, after = _held(plan_overrides), {}
    for change in changes:
        place = _place(change.key, change.head)
        limits = after.setdefault(place, held.get(place, dict.fromkeys(LIMITS)))
        after[place] = limits | {change.key["limit"]: change.new}
    return after


def _entries(changes, path, target, signed) -> DataFrame:
    """Changed demand as final entries of demand_inputs."""
    if not changes:
        return empty("demand_inputs")
    rows = [
        {
            "function": signed.function,
            "product": change.key["product"],
            "market": change.key["market"],
            "period": month(change.head.removeprefix(UNITS)),
            "quantity": change.new,
            "author": signed.author,
            "reason": change.reason,
            "submitted_on": pd.Timestamp(target.now[:10]),
            "is_final": True,
            "cycle": month(target.cycle),
            "submitted_at": target.now,
            "source_file": path.name,
        }
        for change in changes
    ]
    frame = pd.DataFrame(rows).reindex(columns=TABLES["demand_inputs"].columns)
    entries = conform("demand_inputs", frame)
    known = target.tables.get("demand_inputs", empty("demand_inputs"))
    entries = entries.assign(version=next_versions("demand_inputs", known, entries))
    key = ["function", "product", "market", "period"]
    held = latest("demand_inputs", known).query("is_final == True and contributor.isna()")
    held = held.set_index(key)["quantity"]
    now = held.reindex(pd.MultiIndex.from_frame(entries[key])).to_numpy()
    return entries[now != entries["quantity"].to_numpy()].reset_index(drop=True)


def _overrides(
    changes: Sequence[PackChange], path: Path, target: Target, signed: Signed
) -> DataFrame:
    """The planner's numbers as rows of plan_overrides, each a later version of what is held; a
    month without any number is withdrawn."""
    known = target.tables.get("plan_overrides", empty("plan_overrides"))
    held, rows = _held(known), []
    reasons: dict[tuple, dict[str, None]] = {}
    for change in changes:
        reasons.setdefault(_place(change.key, change.head), {})[change.reason] = None
    for place, limits in _after(changes, known).items():
        given = any(value is not None for value in limits.values())
        said = {
            "author": signed.author,
            "reason": "; ".join(reasons[place]),
            "input_status": "answered" if given else WITHDRAWN,
            "submitted_at": target.now,
            "source_file": path.name,
        }
        numbers = limits if given else held[place]
        rows.append({**dict(zip(OVERRIDE, place, strict=True)), **numbers, **said})
    columns = list(TABLES["plan_overrides"].columns)
    frame = conform("plan_overrides", pd.DataFrame(rows, columns=columns))
    return frame.assign(version=next_versions("plan_overrides", known, frame))


def _decisions(returned, changes) -> list[dict[str, str]]:
    """The choices that were made."""
    made = []
    for change in changes:
        if change.key["table"] != "decisions":
            continue
        row = next(place.row for place in returned.found if key_of(place.row) == change.key)
        due = returned.found[Place(row, "due_on")].value
        made.append(
            {
                "decision": change.key["decision"],
                "choice": str(change.new),
                "due_on": str(due or "")[:10],
                "reason": change.reason,
            }
        )
    return made
