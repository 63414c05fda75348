"""Rows of `levers` and `gap_thresholds` that the pre-S&OP review cannot use."""

import math
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from string import Formatter

from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.schema.columns import COLUMNS
from sopkit.schema.gap_rules import read_gap_rules
from sopkit.schema.hierarchies import GROUPED
from sopkit.schema.levers import CHANGED, LIMITS, MEASURES, PLACEHOLDERS, standard_levers
from sopkit.schema.tables import TABLES, changeable
from sopkit.tables.issues import BLOCKING, Issue, fault

ENDS = ["slider_low", "slider_high", "slider_step"]


@check(BLOCKING)
def unknown_gap_rules(gap_thresholds: DataFrame) -> Iterator[Issue | None]:
    """Rows of `gap_thresholds` with a gap type or a threshold that does not exist, or a value below
    0."""
    rows, thresholds = gap_thresholds, read_gap_rules()
    with_thresholds = [name for name, own in thresholds.items() if own]
    known = rows["gap_type"].isin(with_thresholds)
    yield _named(rows, "gap_type", ~known, "a gap rule with thresholds", with_thresholds)
    for gap_type in rows.loc[known, "gap_type"].unique():
        own = list(thresholds[gap_type])
        wrong = (rows["gap_type"] == gap_type) & ~rows["threshold"].isin(own)
        yield _named(rows, "threshold", wrong, f"a threshold of {gap_type}", own)
    rule, remedy = "value must be 0 or more", "Write the size from which a gap is reported."
    negative = rows["value"] < 0
    yield fault(TABLES["gap_thresholds"], rows, negative, rule, "value", remedy=remedy)


@check(BLOCKING)
def levers_of_unknown_columns(levers: DataFrame) -> Iterator[Issue | None]:
    """Rows of `levers` with a table, column or scope that no lever can change."""
    table = levers["table"]
    changed = table.isin(CHANGED)
    yield _named(levers, "table", ~changed, "a table that a lever may change", CHANGED)
    for name in table[changed].unique():
        mine = table == name
        for kinds, held, of_kind in (
            (("number", "whole"), "numbers", levers["setting"].isna()),
            (("choice", "flag"), "choices", levers["setting"].notna()),
        ):
            known = [c for c in changeable(name) if COLUMNS[c].kind in kinds]
            wrong = mine & of_kind & ~levers["column"].isin(known)
            yield _named(levers, "column", wrong, f"a column of {held} of {name}", known)
        scopes = _scopes(name)
        wrong = mine & ~levers["scope"].isin(scopes)
        yield _named(levers, "scope", wrong, f"a scope of {name}", scopes)
        monthly = mine & levers["monthly"].fillna(False).astype(bool)
        if not any(COLUMNS[column].kind == "period" for column in TABLES[name].columns):
            rule = f"monthly must be empty: {name} has no months"
            remedy = "Leave monthly empty."
            yield fault(TABLES["levers"], levers, monthly, rule, "monthly", remedy=remedy)


@check(BLOCKING)
def levers_with_unknown_names(levers: DataFrame) -> Iterator[Issue | None]:
    """Rows of `levers` that name an unknown gap, measure or limit, lever or placeholder."""
    closable = [*read_gap_rules(), *MEASURES, *LIMITS]
    rule = "a gap type, measure or limit, or several with commas between them"
    yield _listed(levers, "closes", closable, rule, lambda text: text.split(","))
    names = [*(row["lever"] for row in standard_levers()), *levers["lever"]]
    replaced = levers["instead_of"]
    wrong = replaced.notna() & ~replaced.isin(names)
    yield _named(levers, "instead_of", wrong, "the name of a lever", names)
    rule = f"a sentence with no placeholder but {', '.join(f'{{{p}}}' for p in PLACEHOLDERS)}"
    yield _listed(levers, "statement", PLACEHOLDERS, rule, _placeholders)


@check(BLOCKING)
def levers_with_unusable_amounts(levers: DataFrame) -> Iterator[Issue | None]:
    """Rows of `levers` with an amount, setting or size that does not fit the operation, or a slider
    without its ends."""
    setting = levers["setting"].notna()
    unfit = setting != (levers["operation"] == "set")
    rule, remedy = (
        "operation must be set where a setting is given, and only there",
        ("Write set and a setting, or add or multiply and an amount."),
    )
    yield fault(TABLES["levers"], levers, unfit, rule, "operation", remedy=remedy)
    numbers = levers["sizes"].map(_are_numbers, na_action="ignore")
    rule, remedy = "sizes must be numbers with commas between them", "Write sizes such as 1.1, 1.5."
    wrong = numbers.notna() & (numbers != True)  # noqa: E712 - a column with empty cells
    yield fault(TABLES["levers"], levers, wrong, rule, "sizes", remedy=remedy)
    share = levers["amount_share"].notna() & (levers["operation"] != "add")
    rule, remedy = "operation must be add where amount_share is given", "Write add."
    yield fault(TABLES["levers"], levers, share, rule, "operation", remedy=remedy)
    open_ended = levers["slider"].notna() & levers[ENDS].isna().any(axis=1)
    rule = "a slider must have slider_low, slider_high and slider_step"
    remedy = "Fill slider_low, slider_high and slider_step, or leave slider empty."
    yield fault(TABLES["levers"], levers, open_ended, rule, "slider", remedy=remedy)


def _are_numbers(sizes: str) -> bool:
    """Whether a text holds numbers with commas between them."""
    try:
        return all(math.isfinite(float(size)) for size in sizes.split(","))
    except ValueError:
        return False


def _scopes(name: str) -> list[str]:
    """What a change of a table can be limited to."""
    columns = set(TABLES[name].columns) | {"company"}
    columns |= {"family"} if "product" in columns else set()
    columns |= {group for group, below in GROUPED.items() if below in columns}
    return [scope for scope in COLUMNS["scope"].choices if scope in columns]


def _placeholders(statement: str) -> list[str]:
    """The names in braces in a statement; a brace that is not closed counts as one."""
    try:
        return [name for _, name, _, _ in Formatter().parse(statement) if name is not None]
    except ValueError:
        return ["{"]


def _listed(
    levers: DataFrame,
    column: str,
    known: Collection[str],
    rule: str,
    parts: Callable[[str], list[str]],
) -> Issue | None:
    """Refuse the texts of which a part is unknown; the remedy names what comes nearest to the
    first."""
    unknown = levers[column].map(
        lambda text: [part.strip() for part in parts(text) if part.strip() not in known],
        na_action="ignore",
    )
    wrong = unknown.map(bool, na_action="ignore").fillna(False).astype(bool)
    first = unknown[wrong].iloc[0][0] if wrong.any() else ""
    text, remedy = f"{column} must be {rule}", _remedy(first, known)
    return fault(TABLES["levers"], levers, wrong, text, column, remedy=remedy)


def _named(
    rows: DataFrame, column: str, wrong: Series, rule: str, known: Collection[str]
) -> Issue | None:
    """Refuse cells that are none of the known names; the remedy names what comes nearest to the
    first."""
    table = "levers" if "lever" in rows else "gap_thresholds"
    first = str(rows.loc[wrong, column].iloc[0]) if wrong.any() else ""
    text, remedy = f"{column} must be {rule}", _remedy(first, known)
    return fault(TABLES[table], rows, wrong, text, column, remedy=remedy)


def _remedy(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f"Write {close[0]}." if close else f"Write one of {', '.join(known)}."
