"""What can be turned to close a gap: rows of `levers`, each a change of one column of one input.

The standard rows stand in `levers.toml`; a company's own table adds to them or takes their place.
What rows cannot say, such as moves in time, are functions: see `moves`.
"""

import math
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.pre_sop.limits import products_using
from sopkit.pre_sop.option import Option, code
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import span
from sopkit.schema.tables import TABLES, changeable
from sopkit.tables import conform

FILE = Path(__file__).parent / "levers.toml"
LIMITS = (
    "overtime hours", "machine hours", "regular hours", "max workers", "subcontract limit",
    "supply limit", "storage",
)  # fmt: skip
MEASURES = ("revenue", "margin", "cash", "inventory_value", "quantity", "fill_rate")
WORDS = ("item", "months", "percent", "amount", "value", "product")  # that a statement may hold
CHANGED = (
    "marketing_activities", "components", "demand_inputs", "item_costs", "inventory_policy", "lanes",
    "launches", "resource_calendar", "resources", "routings", "storage_capacity", "supply_policy", "company_settings",
)  # fmt: skip  # the inputs that people decide about
START = {"multiply": 1.0, "add": 0.0}  # the amount that changes nothing


class Slider(NamedTuple):
    """How far a lever goes in the what-if panel, as a share more or less."""

    name: str
    low: float
    high: float
    step: float


class Lever(NamedTuple):
    """One small change: of which column, how, for what, and what it closes."""

    lever: str
    table: str
    column: str
    operation: str
    amount: float | None
    amount_share: float | None
    scope: str
    monthly: bool
    closes: frozenset[str]
    assumes: str
    instead_of: str
    statement: str
    slider: Slider | None


def known_levers(
    levers: DataFrame | None = None, gap_types: Collection[str] = ()
) -> dict[str, Lever]:
    """The standard levers, and those of a company beside them or in their place.

    Parameters
    ----------
    levers : the company's own rows
    gap_types : the gaps, beside measures and limits, that a row may say it closes; all if empty

    Returns
    -------
    dict of name -> lever, the standard ones first

    Raises
    ------
    ValueError : a company's row names what there is none of; which row, and what to write instead.
    """
    known = {row["lever"]: _lever(row) for row in _standard().to_dict("records")}
    rows = [] if levers is None else [_lever(row) for row in levers.to_dict("records")]
    known |= {row.lever: row for row in rows}
    for row in rows:
        _refuse_unusable(row, known, gap_types)
    return known


def options_of(
    lever: Lever,
    item: str | None,
    from_period: Period,
    to_period: Period,
    tables: Mapping[str, DataFrame | None],
    levers: Mapping[str, Lever],
) -> list[Option]:
    """The option of one lever, turned for an item (all where None) in some months; none where idle."""
    months = (from_period, to_period) if lever.monthly else (None, None)
    first = levers.get(lever.instead_of)
    change = change_of(lever, item, *months, tables)
    if change is None or (first and change_of(first, item, from_period, to_period, tables)):
        return []
    who, amount = item or "all", change["amount"]
    told = {
        "item": who,
        "months": span((from_period, to_period)),
        "percent": f"{round(100 * abs(amount - 1), 2):g} %",
        "amount": f"{amount:g}",
        "value": f"{_cells(lever, item, *months, tables).max():g}",
        "product": change.get("product"),
    }
    statement = lever.statement.format(**told)
    if lever.assumes:
        statement += f", if {lever.assumes}"
    return [Option(code(lever.instead_of or lever.lever, who, *months), statement, (change,))]


def change_of(
    lever: Lever,
    item: str | None,
    from_period: Period | None,
    to_period: Period | None,
    tables: Mapping[str, DataFrame | None],
) -> dict[str, object] | None:
    """The change that a lever is, turned for an item; None where it would change nothing."""
    cells = _cells(lever, item, from_period, to_period, tables)
    if cells.empty or (lever.operation == "multiply" and not (cells > 0).any()):
        return None
    amount = lever.amount
    if lever.amount_share is not None:
        amount = float(max(1, math.ceil(lever.amount_share * cells.max())))
    change = {"table": lever.table, "column": lever.column, "operation": lever.operation}
    change["amount"] = amount
    if lever.scope == "component":
        users = products_using(item, tables["products"], tables.get("bill_of_materials"))
        if not users:
            return None
        change["product"] = min(users)  # changes are filtered by product: its other parts move too
    elif lever.scope != "company":
        change[lever.scope] = item
    if lever.monthly:
        change |= {"from_period": from_period, "to_period": to_period}
    return change


def supposing(levers: Mapping[str, Lever], changes: DataFrame) -> set[str]:
    """Scenarios that suppose something of others: they move a column the way an assuming lever does.

    Setting a value counts as moving it that way: whether it rises is not known.
    """
    start = changes["operation"].map(START).astype("float64")
    way = (changes["amount"] - start).fillna(0.0)
    found: set[str] = set()
    for lever in levers.values():
        if lever.assumes:
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
        mine = Series(False, index=frame.index)
        if lever.scope in frame:
            mine |= frame[lever.scope] == item
        if lever.scope == "family" and "product" in frame:
            products = tables["products"]
            mine |= frame["product"].isin(products.loc[products["family"] == item, "product"])
        frame = frame[mine]
    if lever.monthly and "period" in frame:
        first = frame["period"].min() if from_period is None else from_period
        last = frame["period"].max() if to_period is None else to_period
        frame = frame[frame["period"].between(first, last)]
    return frame[lever.column].dropna()


@cache
def _standard() -> DataFrame:
    rows = [{"lever": name, **row} for name, row in tomllib.loads(FILE.read_text()).items()]
    return conform("levers", DataFrame(rows))


def _lever(row: Mapping) -> Lever:
    said = {name: None if pd.isna(value) else value for name, value in row.items()}
    slider = Slider(*(said[f"slider{end}"] for end in ("", "_low", "_high", "_step")))
    texts = {name: said[name] or "" for name in ("assumes", "instead_of")}
    kept = {name: said[name] for name in Lever._fields if name in said}
    closes = frozenset(name.strip() for name in (said["closes"] or "").split(",") if name.strip())
    whole = {"closes": closes, "monthly": bool(said["monthly"])}
    return Lever(**kept | texts | whole | {"slider": slider if slider.name else None})


def _refuse_unusable(lever: Lever, known: Mapping[str, Lever], gap_types: Collection[str]) -> None:
    """Refuse a company's lever that cannot be turned."""
    _refuse_unknown(lever, "table", lever.table, CHANGED)
    table = TABLES[lever.table]
    _refuse_unknown(lever, "column", lever.column, changeable(lever.table))
    if COLUMNS[lever.column].kind not in ("number", "whole"):
        raise _refusal(lever, "column", lever.column, "holds no numbers", "Name a column that does")
    filters = {"company", *table.columns} | ({"family"} if "product" in table.columns else set())
    _refuse_unknown(lever, "scope", lever.scope, sorted(filters & set(COLUMNS["scope"].choices)))
    for name in lever.closes if gap_types else ():
        _refuse_unknown(lever, "closes", name, (*gap_types, *MEASURES, *LIMITS))
    if lever.amount_share is not None and lever.operation != "add":
        mend = "Write add"
        raise _refusal(lever, "operation", lever.operation, "takes no amount_share", mend)
    if lever.instead_of:
        _refuse_unknown(lever, "instead_of", lever.instead_of, tuple(known))
    for _, word, _, _ in Formatter().parse(lever.statement):
        if word is not None:
            _refuse_unknown(lever, "statement", word, WORDS)
    if lever.monthly and not any(COLUMNS[c].kind == "period" for c in table.columns):
        mend = "Leave monthly empty"
        raise _refusal(lever, "monthly", "true", f"but {lever.table} has no months", mend)
    if lever.slider and any(pd.isna(end) for end in lever.slider[1:]):
        mend = "Fill slider_low, slider_high and slider_step"
        raise _refusal(lever, "slider", lever.slider.name, "goes from nowhere to nowhere", mend)


def _refuse_unknown(lever: Lever, column: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        close = get_close_matches(value, known, 1)
        mend = f"Write {close[0]}" if close else f"Write one of {', '.join(known)}"
        raise _refusal(lever, column, value, "is not known there", mend)


def _refusal(lever: Lever, column: str, value: str, fault: str, mend: str) -> ValueError:
    return ValueError(f"levers: lever={lever.lever} {column}={value} {fault}.\n  {mend}.")
