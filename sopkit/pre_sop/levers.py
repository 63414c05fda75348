"""Levers from rows of `levers`, each a change of one column of one input table.

The standard rows are in `schema/levers.toml`; a company's own table adds to or replaces them.
Levers that need code, such as moves in time, are functions: see `moves`.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.master_data.product_names import called
from sopkit.pre_sop import price_answers
from sopkit.pre_sop.option import Option, code
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import span
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.levers import standard_levers
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.hierarchies import is_within

KINDS = ("product", "resource", "component")  # what tables of levers are about
START = {"multiply": 1.0, "add": 0.0}  # the amount that changes nothing


class Slider(NamedTuple):
    """The range of a lever in the what-if panel, as shares."""

    name: str
    low: float
    high: float
    step: float


class Lever(NamedTuple):
    """One small change: its column, operation and scope, and what it closes.

    It moves a number by an amount, or by one of its further sizes, or it sets a choice of a policy.
    """

    lever: str
    table: str
    column: str
    operation: str
    amount: float | None
    amount_share: float | None
    setting: str | None
    sizes: tuple[float, ...]
    scope: str
    monthly: bool
    closes: frozenset[str]
    assumes: str
    instead_of: str
    statement: str
    slider: Slider | None


def known_levers(levers: DataFrame | None = None) -> dict[str, Lever]:
    """List the standard levers, and a company's own beside them or in their place.

    Returns
    -------
    dict of name -> lever, the standard ones first
    """
    rows = conform("levers", DataFrame(standard_levers())).to_dict("records")
    rows += [] if levers is None else levers.to_dict("records")
    return {row["lever"]: _lever(row) for row in rows}


def options_of(
    lever: Lever,
    item: str | None,
    from_period: Period,
    to_period: Period,
    tables: Mapping[str, DataFrame | None],
    levers: Mapping[str, Lever],
) -> list[Option]:
    """Make the options of one lever for an item (None: all) in some months, one of each size; none
    without effect."""
    months = (from_period, to_period) if lever.monthly else (None, None)
    first = levers.get(lever.instead_of)
    if first and change_of(first, item, from_period, to_period, tables):
        return []
    name, options = code(lever.instead_of or lever.lever, item or "all", *months), []
    for size in (None, *lever.sizes):
        sized = lever if size is None else lever._replace(amount=size, amount_share=None)
        change = change_of(sized, item, *months, tables)
        if change is not None:
            said = _statement(sized, item, (from_period, to_period), change, tables)
            options.append(Option(name if size is None else f"{name}-{size:g}", said, (change,)))
    return options


def _statement(
    lever: Lever,
    item: str | None,
    months: tuple[Period, Period],
    change: Mapping,
    tables: Mapping[str, DataFrame | None],
) -> str:
    """What a lever does to an item, in a sentence."""
    told = {"item": _called(lever, item, tables["products"]), "months": span(months)}
    now = _cells(lever, item, *(months if lever.monthly else (None, None)), tables)
    if lever.setting is None:
        amount = change["amount"]
        told |= {"percent": f"{round(100 * abs(amount - 1), 2):g} %", "amount": f"{amount:g}"}
        told["value"] = f"{now.max():g}"
    else:
        told["value"] = " and ".join(dict.fromkeys(now.astype("str")))
    said = lever.statement.format(**told)
    if (lever.table, lever.column) == price_answers.PRICE:
        return said + price_answers.in_words(change, lever.assumes, tables)
    return f"{said}, if {lever.assumes}" if lever.assumes else said


def _called(lever: Lever, item: str | None, products: DataFrame) -> str:
    """What a lever is about in words; without an item `all products`, where its table is of
    products."""
    if item:
        return called(item, products)
    kind = next((name for name in TABLES[lever.table].key if name in KINDS), "")
    return f"all {kind}s" if kind else "all"


def change_of(
    lever: Lever,
    item: str | None,
    from_period: Period | None,
    to_period: Period | None,
    tables: Mapping[str, DataFrame | None],
) -> dict[str, object] | None:
    """Make the change of a lever for an item; None where it has no effect."""
    cells = _cells(lever, item, from_period, to_period, tables)
    if cells.empty or (lever.operation == "multiply" and not (cells > 0).any()):
        return None
    change = {"table": lever.table, "column": lever.column, "operation": lever.operation}
    if lever.setting is not None:
        if (cells.astype("str").str.lower() == lever.setting).all():
            return None
        change["setting"] = lever.setting
    else:
        amount = lever.amount
        if lever.amount_share is not None:
            amount = float(max(1, math.ceil(lever.amount_share * cells.max())))
        change["amount"] = amount
    if lever.scope != "company":
        change[GROUPED.get(lever.scope, lever.scope)] = item
    if lever.monthly:
        change |= {"from_period": from_period, "to_period": to_period}
    return change


def supposing(
    levers: Mapping[str, Lever],
    changes: DataFrame,
    tables: Mapping[str, DataFrame | None],
) -> set[str]:
    """Name the scenarios that change a column in the direction of a lever with an assumption.

    Setting a value counts as moving it that way: whether it rises is not known. A price supposes
    nothing where the plan has the elasticity of all its products.
    """
    changes = changes[~price_answers.answered(changes, tables)]
    start = changes["operation"].map(START).astype("float64")
    way = (changes["amount"] - start).fillna(0.0)
    found: set[str] = set()
    for lever in levers.values():
        if lever.assumes and lever.setting is None:
            up = lever.amount is None or lever.amount > START[lever.operation]
            moved = (way > 0) if up else (way < 0)
            same = (changes["table"] == lever.table) & (changes["column"] == lever.column)
            found |= set(changes.loc[same & (moved | start.isna()), "scenario"])
    return found


def _cells(
    lever: Lever,
    item: str | None,
    from_period: Period | None,
    to_period: Period | None,
    tables: Mapping[str, DataFrame | None],
) -> Series:
    """The filled cells that a lever would change."""
    frame = tables.get(lever.table)
    if frame is None:
        return Series(dtype="float64")
    if item is not None and lever.scope != "company":
        frame = frame[_is_of(frame, lever.scope, item, tables)]
    if lever.monthly and "period" in frame:
        first = frame["period"].min() if from_period is None else from_period
        last = frame["period"].max() if to_period is None else to_period
        frame = frame[frame["period"].between(first, last)]
    cells = frame[lever.column]
    return cells.fillna(False) if COLUMNS[lever.column].kind == "flag" else cells.dropna()


def _is_of(
    frame: DataFrame, scope: str, item: str, tables: Mapping[str, DataFrame | None]
) -> Series:
    """Mark the rows of an item, such as a family, or of all that is below it."""
    named = GROUPED.get(scope, scope)
    groups = tables.get(table_of(scope)) if scope in GROUPED else None
    mine = Series(False, index=frame.index)
    if named in frame:
        mine |= is_within(frame[named], item, groups)
    if named == "family" and "product" in frame:
        products = tables["products"]
        own = products.loc[is_within(products["family"], item, groups), "product"]
        mine |= frame["product"].isin(own)
    return mine


def _lever(row: Mapping) -> Lever:
    said = {name: None if pd.isna(value) else value for name, value in row.items()}
    slider = Slider(*(said[f"slider{end}"] for end in ("", "_low", "_high", "_step")))
    texts = {name: said[name] or "" for name in ("assumes", "instead_of")}
    kept = {name: said[name] for name in Lever._fields if name in said}
    closes = frozenset(name.strip() for name in (said["closes"] or "").split(",") if name.strip())
    sizes = tuple(float(size) for size in (said["sizes"] or "").split(",") if size.strip())
    whole = {"closes": closes, "monthly": bool(said["monthly"]), "sizes": sizes}
    return Lever(**kept | texts | whole | {"slider": slider if slider.name else None})
