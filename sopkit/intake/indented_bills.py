"""Indented bills of materials: a line goes into the line above it that is of one level less."""

import re
from collections.abc import Collection, Sequence
from itertools import groupby

import numpy as np

from sopkit.intake.columns import plain
from sopkit.intake.decisions import Decisions
from sopkit.intake.grid import distinct, text_of, texts
from sopkit.intake.header import vocabulary
from sopkit.intake.rows import Table, left_out

PARENT = "(parent)"  # the column that the levels say
_LEVEL = re.compile(r"[.\s*>+-]*(\d{1,2})")


def with_parents(
    table: Table,
    item: str | None,
    amount: str | None,
    products: Collection[str],
    decisions: Decisions,
) -> Table:
    """Give each line of an indented bill its parent; without a column of levels nothing is done.

    Products head their lines: those are left out, and so is the bill of an assembly where it
    stands again.

    Parameters
    ----------
    item, amount : the columns of components and of their quantities, as far as they are known
    products : the products of the company, as far as they are known

    Raises
    ------
    ValueError : a level is left out, lines name no parent, or an assembly has two bills.
    """
    name = _column_of_levels(table)
    if name is None or item is None or amount is None:
        return table
    levels, items = _levels_of(table.frame[name]), texts(table.frame[item]).astype(object).tolist()
    parents = _parents(levels, table.frame.index, table.source)
    top = decisions.told("finished_product")
    heads = parents < 0
    if top is None:
        _refuse_unnamed(items, levels, heads, products, table.source)
    named = [top if at < 0 else items[at] for at in parents]
    lines = list(zip(items, texts(table.frame[amount]).astype(object), strict=True))
    again = _again(named, parents, lines, table)
    frame = table.frame.drop(columns=name).assign(**{PARENT: named})
    away = [*table.left_out]
    if again.any():
        away.append(left_out("a repeated bill of an assembly", table.frame, again))
    if top is None:
        away.append(left_out("a finished product at the head of its bill", table.frame, heads))
        again |= heads
    note = f"indented bill of materials: parents follow from the levels in {name}"
    return table._replace(frame=frame[~again], left_out=tuple(away), notes=(*table.notes, note))


def _column_of_levels(table):
    for name in table.frame.columns:
        _, values = distinct(table.frame[name])
        are_levels = bool(values) and all(_LEVEL.fullmatch(text_of(value)) for value in values)
        if are_levels and plain(name) in vocabulary()["bill_levels"]:
            return name
    return None


def _levels_of(cells):
    codes, values = distinct(cells)
    numbers = np.array([*(int(_LEVEL.fullmatch(text_of(v))[1]) for v in values), -1])
    return numbers[codes]


def _parents(levels: np.ndarray, lines: Sequence[int], source: str) -> np.ndarray:
    """The row that each row goes into, -1 of those of the lowest level."""
    lowest, last = levels.min(), {}
    found = np.full(len(levels), -1)
    for row, level in enumerate(levels):
        if level > lowest:
            if level - 1 not in last:
                raise ValueError(
                    f"{source} line {lines[row]} is of level {level}, but no line of level "
                    f"{level - 1} stands above it. Add that line, or correct the level."
                )
            found[row] = last[level - 1]
        last = {known: at for known, at in last.items() if known < level} | {level: row}
    return found


def _refuse_unnamed(items, levels, heads, products, source):
    """Refuse lines of the lowest level that are no products, but components of one."""
    tops = dict.fromkeys(item for item, is_head in zip(items, heads, strict=True) if is_head)
    strange = [item for item in tops if products and item not in products]
    bare = any(is_head and len(list(run)) > 1 for is_head, run in groupby(heads))
    if strange or heads.all() or (bare and not products):
        shown = ", ".join(map(str, (strange or [*tops])[:3]))
        raise ValueError(
            f"{source}: lines of level {levels.min()} ({shown}) have no parent, and are not "
            "finished products with their components below them. Name the finished product with "
            "--answer finished_product=CODE, or add a column of parents."
        )


def _again(named, parents, lines, table):
    """Rows of an assembly whose bill stood above already; both must be the same lines, of component
    and quantity.

    Raises
    ------
    ValueError : the bills of an assembly differ.
    """
    bills: dict[str, dict[int, list]] = {}
    for row, (parent, at) in enumerate(zip(named, parents, strict=True)):
        bills.setdefault(parent, {}).setdefault(int(at), []).append(row)
    again = np.zeros(len(named), dtype=bool)
    for parent, places in bills.items():
        first, *others = places.values()
        for rows in others if parent is not None else ():
            if [lines[row] for row in rows] != [lines[row] for row in first]:
                begin = " and ".join(str(table.frame.index[one[0]]) for one in (first, rows))
                raise ValueError(
                    f"{table.source} has two bills of {parent}, from lines {begin}, with different "
                    "components or quantities. Correct one of them, or give each its own code."
                )
            again[rows] = True
    return again
