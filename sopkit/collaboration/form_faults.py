"""Forms that cannot be merged: of another company or cycle, cells that are no answer, rows out of
scope."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration.form_answers import answer, months_answered
from sopkit.collaboration.form_rows import FUNCTIONS, of_contributor
from sopkit.collaboration.merge_target import Target
from sopkit.io.keyed_workbook import Place, Returned, differs, key_of
from sopkit.schema.columns import COLUMNS
from sopkit.tables import empty
from sopkit.tables.hierarchies import hierarchies_of, within
from sopkit.tables.issues import Issue


def foreign(path: Path, facts: Mapping[str, str], target: Target) -> Iterator[Issue]:
    """Refuse a form that belongs elsewhere, by name."""
    if facts.get("kind") != "form":
        yield Issue(path.name, "is no input form; merge the pack on its own.")
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
        scopes = of_contributor(contributors(target), facts["contributor"])
    except ValueError as error:
        yield Issue(path.name, f"{error}. Add the contributor, or send a form to another.")
        return
    if scopes["function"].iloc[0] not in FUNCTIONS:
        text = f"{facts['contributor']} is of {scopes['function'].iloc[0]}, which plans no demand."
        yield Issue(path.name, text)


def contributors(target: Target) -> DataFrame:
    return target.tables.get("contributors", empty("contributors"))


def unsound(path: Path, returned: Returned, target: Target) -> Iterator[Issue]:
    """Refuse cells and rows that cannot be kept, by sheet and cell."""
    scopes = of_contributor(contributors(target), returned.facts["contributor"])
    outside = set()
    for place, cell in returned.found.items():
        key = key_of(place.row)
        if key["table"] == "input_returns":
            yield from _unsound_start(path, key["column"], cell)
        if key["table"] != "demand_inputs" or place.row in outside:
            continue
        if scope_of(key, scopes, target) is None:
            outside.add(place.row)
            yield Issue(path.name, out_of_scope(returned, place))
    for place, _ in months_answered(returned):
        if place.row not in outside:
            yield from _unsound_answer(path, returned, place)


def _unsound_answer(path: Path, returned: Returned, place: Place) -> Iterator[Issue]:
    said, fault = answer(returned, place)
    if fault:
        yield Issue(path.name, fault)
        return
    changed = said.value is not None and differs(said.value, returned.written[place].value)
    if changed and (unreasoned := without_reason(returned, place, said.where)):
        yield Issue(path.name, unreasoned)


def out_of_scope(returned: Returned, place: Place) -> str:
    """Say that a cell is of a row that its contributor is not asked about."""
    key = key_of(place.row)
    named = ", ".join(value for name, value in key.items() if name != "table")
    return (
        f"{returned.found[place].where}: {named} is outside the scope of "
        f"{returned.facts['contributor']} in contributors. Widen the scope there, or leave the row "
        "as it was."
    )


def without_reason(returned: Returned, place: Place, where: str) -> str:
    """Say that the cell that was changed has no reason in its row; empty where it has one."""
    reason = returned.found[Place(place.row, "reason")]
    if reason.value is not None:
        return ""
    return f"{where} is changed without a reason. Enter it in {reason.where}."


def _unsound_start(path, column, cell):
    known = COLUMNS["form_status"].choices
    if column == "form_status" and cell.value not in known:
        text = f"{cell.where} holds {cell.value!r}. Choose {' or '.join(known)}."
        yield Issue(path.name, text)
    if column == "author" and not cell.value:
        yield Issue(path.name, f"{cell.where} is empty. Enter who answers.")


def scope_of(key: Mapping[str, str], scopes: DataFrame, target: Target):
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
