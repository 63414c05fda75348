"""Validation of tables against the schema."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, choices, dtype, model
from sopkit.tables.constraints import rule_faults
from sopkit.tables.issues import (
    SHOWN_ROWS,
    SHOWN_TEXT,
    DataError,
    Issue,
    did_you_mean,
    fault,
    has_lines,
    shown,
    spelt_nearly,
)
from sopkit.tables.parsing import KIND_NAMES, REMEDIES, filled, parse


def conform(name: str, frame: DataFrame, source: str | None = None) -> DataFrame:
    """Give a table its columns, order and types, and check every rule that needs no other table.

    `frame` holds text (as read from a file) or typed columns. `source` names the file, for
    messages.

    Returns
    -------
    The table with every column of the schema in order; absent optional columns are empty.

    Raises
    ------
    DataError : a column is missing or unknown, a cell is empty, unreadable or outside its limits, a
        key is double.
    """
    result, faults = validate(name, frame, source)
    if faults or result is None:
        raise DataError(faults)
    return result.reset_index(drop=True)


def laid_out(name: str, frame: DataFrame) -> DataFrame:
    """Give a calculated table its columns in order, unchecked; one that has other types is
    conformed.
    """
    table = TABLES[name]
    whole = frame if _column_faults(table, frame, None) else _with_optional(table, frame)
    if whole.shape[1] != len(table.columns) or not _has_types(name, tuple(whole.dtypes)):
        return conform(name, frame)
    return whole.reset_index(drop=True)


def empty(name: str) -> DataFrame:
    """A table without rows."""
    table = TABLES[name]
    return pd.DataFrame({c: pd.Series(dtype=dtype(table, c)) for c in table.columns})


def conform_all(
    frames: Mapping[str, DataFrame], sources: Mapping[str, str] | None = None
) -> dict[str, DataFrame]:
    """Conform many tables; raise the errors of all at once."""
    sources = sources or {}
    examined = {name: validate(name, frame, sources.get(name)) for name, frame in frames.items()}
    if faults := [fault for _, found in examined.values() for fault in found]:
        raise DataError(faults)
    return {
        name: table.reset_index(drop=True)
        for name, (table, _) in examined.items()
        if table is not None
    }


def validate(
    name: str, frame: DataFrame, source: str | None = None
) -> tuple[DataFrame | None, list[Issue]]:
    """Conform a table as far as possible.

    Returns
    -------
    (table, its rows labelled as in `frame`, or None when cells cannot be read; list of faults)
    """
    table = TABLES.get(name)
    if table is None:
        close = get_close_matches(name, TABLES, 1)
        return None, [Issue(name, f"is not a table of the workbook{did_you_mean(close)}")]
    faults = _column_faults(table, frame, source)
    if faults:
        return None, faults
    if table.is_input and name in ("products", "sales_history") and frame.empty:
        return None, [Issue(name, f"{source or name} has no rows; at least one is needed")]
    whole = _with_optional(table, frame)
    if source is None and _is_sound(table, whole):
        return whole, rule_faults(table, whole, source)
    read, faults = _read(table, whole, frozenset(frame.columns), source)
    result = None if faults else _with_types(table, read)
    if result is None or not _is_sound(table, result):
        faults += _limit_faults(table, read, frame, source)
    return (None, faults) if faults else (result, rule_faults(table, result, source))


# --------------------------------------------------------------------------------------------------
# what can be wrong


def _column_faults(table, frame, source):
    where = f" in {source}" if source else ""
    faults = []
    if tuple(frame.columns) == table.columns:
        return faults
    unknown = [c for c in frame.columns if c not in table.columns]
    if source and has_lines(source) and unknown and len(unknown) == frame.shape[1]:
        names = ", ".join(table.must_have)
        found = ", ".join(shown(c) for c in unknown[:SHOWN_ROWS] if c.strip()) or "only blanks"
        text = (
            f"{source} line 1 must hold the column names ({names}), but holds {found}. Write them "
            "into line 1, and remove the lines above the table."
        )
        return [Issue(table.name, text)]
    missing = [c for c in table.must_have if c not in frame.columns]
    for column in missing:
        faults.append(
            Issue(
                table.name,
                f"column {column} is missing{where}: {COLUMNS[column].description}. Add it.",
            )
        )
    if source:  # in another program's file, what no name is like is its own
        spared = set(ignored_columns(table.name, frame))
        unknown = [c for c in unknown if c not in spared]
    for column in unknown[:SHOWN_ROWS]:
        close = get_close_matches(str(column).casefold(), table.columns, 1)
        named = repr(str(column)[:SHOWN_TEXT]) if column else "without a name"
        unread = " Or put _ before it, and it is not read." if source and column else ""
        text = f"column {named}{where} is unknown{did_you_mean(close)} Rename or remove it.{unread}"
        faults.append(Issue(table.name, text))
    if len(unknown) > SHOWN_ROWS:
        text = (
            f"{len(unknown) - SHOWN_ROWS:,} more columns{where} are unknown. Rename or remove them."
        )
        faults.append(Issue(table.name, text))
    double = sorted({str(c) for c in frame.columns[frame.columns.duplicated()]})
    if double:
        faults.append(
            Issue(table.name, f"duplicate columns{where}: {', '.join(double)}. Keep one of each.")
        )
    return faults


def ignored_columns(name: str, frame: DataFrame) -> list[str]:
    """List the columns of a file that are not read: those that no column of its table, as far as
    it is not there, may be a misspelling of, and those that begin with `_`."""
    table = TABLES[name]
    absent = [c for c in table.columns if c not in frame.columns]
    missing = [c for c in table.must_have if c in absent]
    own = [str(c) for c in frame.columns if c not in table.columns and str(c).strip()]
    return [c for c in own if c.startswith("_") or not _is_meant(_plain_name(c), absent, missing)]


def _is_meant(name, absent, missing):
    """Whether a name may stand for an absent column; for a missing one it need not be so like."""
    return bool(spelt_nearly(name, absent) or get_close_matches(name, missing, 1))


def _plain_name(column):
    return str(column).strip().casefold().replace(" ", "_").replace("-", "_")


def _with_optional(table, frame):
    """The table with every column in order, those left out empty."""
    if tuple(frame.columns) == table.columns:
        return frame
    given, storage = set(frame.columns), pd.get_option("mode.string_storage")
    columns = {
        c: frame[c] if c in given else _nothing(dtype(table, c), storage).repeat(len(frame))
        for c in table.columns
    }
    return pd.DataFrame(columns, index=frame.index)


@cache
def _nothing(kind, storage):
    """One empty cell of a type; text in the `storage` that is set."""
    with pd.option_context("mode.string_storage", storage):
        return pd.Series(index=[0], dtype=kind).array


def _with_types(table, frame):
    """The table with the types of the schema."""
    if _has_types(table.name, tuple(frame.dtypes)):
        return frame
    types = {c: dtype(table, c) for c in table.columns}
    return frame.astype({c: types[c] for c, is_ in frame.dtypes.items() if is_ != types[c]})


def _is_sound(table, frame):
    """Whether a table already has its types, as steps make them, and a look in bulk finds no limit
    or key broken."""
    if not _has_types(table.name, tuple(frame.dtypes)) or frame.duplicated(list(table.key)).any():
        return False
    must_have = frozenset(table.must_have)
    return all(_is_sound_column(table, c, frame[c].array, c in must_have) for c in table.columns)


@cache
def _has_types(name, types):
    """Whether the columns of a table, in order, have the types that the schema gives them."""
    table = TABLES[name]
    return all(is_ == dtype(table, c) for is_, c in zip(types, table.columns, strict=True))


def _is_sound_column(table, column, cells, must_have):
    """Whether the cells of a column are filled where they must be, and within limits."""
    word = COLUMNS[column]
    missing = cells.isna()
    if must_have and missing.any():
        return False
    if word.kind in ("number", "whole"):
        numbers = cells.to_numpy()
        beyond = (numbers < _bound(word.low, -1)) | (numbers > _bound(word.high, 1))
        return not (beyond | np.isinf(numbers)).any()
    if word.kind == "choice":
        return bool((missing | cells.isin(choices(table, column))).all())
    return not (word.kind in ("code", "text") and (cells == "").any())


def _bound(limit, sign):
    return sign * np.inf if limit is None else limit


def _read(table, whole, given, source):
    """Read the columns that are given, each as its kind; what cannot be read becomes a fault."""
    columns, faults = {}, []
    for column in table.columns:
        columns[column] = cells = whole[column]
        if column in given:
            columns[column] = parsed = parse(COLUMNS[column].kind, cells)
            faults += _cell_faults(table, whole, column, parsed, source)
    return pd.DataFrame(columns, index=whole.index), faults


def _cell_faults(table, whole, column, parsed, source):
    """Cells of a column that hold what is not of its kind, or nothing where it must be filled."""
    missing = parsed.isna()
    if not missing.any():
        return []
    faults, full = [], filled(whole[column])
    unreadable, empty = missing & full, ~full
    if unreadable.any():
        rule, remedy = f"{column} must be {KIND_NAMES[COLUMNS[column].kind]}", _remedy(column)
        faults.append(fault(table, whole, unreadable, rule, column, source, remedy))
    if column in table.must_have and empty.any():
        rule, remedy = f"{column} must be filled", f"Fill it in: {COLUMNS[column].description}."
        faults.append(fault(table, whole, empty, rule, column, source, remedy))
    return faults


def _remedy(column):
    """How to write a cell: what the word says of shares, else what its kind says."""
    word = COLUMNS[column]
    return (
        word.remedy
        if word.unit == "ratio" and word.remedy
        else REMEDIES.get(word.kind, word.description)
    )


def _limit_faults(table, result, frame, source):
    """Break of limits, choices and keys, as pandera finds them."""
    from pandera.errors import SchemaErrors

    typed = result.astype({c: dtype(table, c) for c in table.columns if result[c].notna().all()})
    try:
        model(table.name).validate(typed, lazy=True)
    except SchemaErrors as error:
        return _pandera_faults(table, result, frame, error.failure_cases, source)
    return []


def _pandera_faults(table, result, frame, cases, source):
    faults = []
    cases = cases[~cases["check"].astype("str").str.startswith(("not_nullable", "dtype("))]
    keyed = cases[cases["check"] == "multiple_fields_uniqueness"]
    unread = [
        result[c].isna() & filled(frame[c]) for c in table.key if c in frame
    ]  # an optional key may be absent
    unread = pd.concat(unread, axis=1).any(axis=1)
    double = result.duplicated(list(table.key), keep=False) & ~unread
    if len(keyed) and double.any():
        rule, remedy = (
            f"the key ({', '.join(table.key)}) must be unique",
            "Keep one row per key, or sum them.",
        )
        faults.append(fault(table, frame, double, rule, None, source, remedy))
    for (column, check), group in cases.drop(keyed.index).groupby(["column", "check"], sort=False):
        broken = pd.Series(frame.index.isin(group["index"]), index=frame.index)
        rule = f"{column} must be {_rule_text(table, column, str(check))}"
        remedy = COLUMNS[column].remedy or f"Correct it: {COLUMNS[column].description}."
        faults.append(fault(table, frame, broken, rule, column, source, remedy))
    return faults


def _rule_text(table, column, check):
    word = COLUMNS[column]
    if check.startswith("greater_than_or_equal_to"):
        return f"{word.low:g} or more"
    if check.startswith("less_than_or_equal_to"):
        return f"{word.high:g} or less"
    return "one of " + ", ".join(choices(table, column))
