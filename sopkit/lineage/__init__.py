"""Data lineage: trace a number back to input rows, with file and line, author and reason.

What a number rests on is read from the declarations of the cycle: which step wrote its table and
which tables that step reads. Where the arithmetic is exact it is shown (see `rules`); elsewhere the
rows that share the number's words are (see `kin`).
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import pandas as pd
from pandas import DataFrame

from sopkit.cycle import stages
from sopkit.lineage.row_names import main_column
from sopkit.lineage.trace import Walk
from sopkit.rules.text import as_python_text
from sopkit.schema.columns import COLUMNS
from sopkit.schema.stages import BASE
from sopkit.schema.tables import PLAN_OF_RECORD, TABLES
from sopkit.tables.issues import did_you_mean
from sopkit.tables.periods import month

MOST_ROWS = 12  # that a question may match
SHOWN_VALUES = 8


@as_python_text
def explain(
    table: str,
    key: Sequence[str],
    tables: Mapping[str, DataFrame],
    column: str = "",
    located: Callable[[str], tuple[DataFrame, str] | None] | None = None,
    scenario: str = BASE,
) -> DataFrame:
    """Trace a number back to its input rows.

    Parameters
    ----------
    table : name of a plan or input table
    key : list of `column=value`, or values in the order of the table's key; the plan of record
        where no strategy is named
    tables : the input and plan tables by name
    column : the number; the table's main one if empty
    located : gives an input table's rows by line and the name of its file, or None; see
        `workspace.located`

    Returns
    -------
    level (0 is the number to explain), what, value, unit, how, source, author, reason : one row a
    line, from the top down

    Raises
    ------
    ValueError : the table, column or key is unknown, or matches no row or too many; the message
        says what is known.
    """
    frame = _table(table, tables)
    words = _words(table, key, frame)
    column = _column(table, column)
    rows = _rows(table, frame, words)
    walk = Walk(tables, located, scenario)
    label = "  ".join(
        [
            table,
            *(f"{word}={'' if value is None else value}" for word, value in words.items()),
            *([column] * bool(column)),
        ]
    )
    walk.number(0, label, table, rows, column)
    return walk.frame()


def most_changed(demand_plan: DataFrame) -> list[str]:
    """The key of the demand that overrides change most; the largest demand without overrides."""
    changes = demand_plan["override"].abs()
    return _key("demand_plan", demand_plan, changes if changes.any() else demand_plan["consensus"])


def worst_served(constrained_demand: DataFrame) -> list[str]:
    """The key of the deliveries furthest below demand; the largest deliveries without shortfall."""
    missing = constrained_demand["demand"] - constrained_demand["fulfilled"]
    worst = missing if (missing > 0.5).any() else constrained_demand["fulfilled"]
    return _key("constrained_demand", constrained_demand, worst)


def most_earned(financial_plan: DataFrame) -> list[str]:
    """The key of the family and month with the largest margin."""
    return _key("financial_plan", financial_plan, financial_plan["margin"])


def _key(table, rows, order):
    row = rows.loc[order.idxmax()]
    return [f"{word}={row[word]}" for word in TABLES[table].key]


def tree(explanation: DataFrame) -> str:
    """Write an explanation for a terminal: an indented tree, numbers under one another."""
    what = [
        "  " * level + text
        for level, text in zip(explanation["level"], explanation["what"], strict=True)
    ]
    width = min(max(map(len, what)), 60)
    values = ["" if pd.isna(value) else f"{value:,.2f}" for value in explanation["value"]]
    number = max(map(len, values))
    lines = []
    for text, value, row in zip(what, values, explanation.itertuples(index=False), strict=True):
        told = [row.how, f"[{row.source}]" if row.source else "", said(row.author, row.reason)]
        ending = "  ".join(part for part in told if part)
        lines.append(
            f"{text:<{width}}  {value:>{number}} {row.unit if value else '':<8} {ending}".rstrip()
        )
    return "\n".join(lines)


def said(author: str, reason: str) -> str:
    """Author and reason as one text."""
    return ": ".join(part for part in (author, f"“{reason}”" if reason else "") if part)


# --------------------------------------------------------------------------------------------------
# the number to explain


def _table(name, tables):
    if name not in TABLES:
        raise ValueError(f"{name!r} is not a table of the workbook{_known(name, TABLES)}")
    if tables.get(name) is None:
        raise ValueError(
            f"{name} is absent. {TABLES[name].absent or 'This plan has no such table.'}"
        )
    return tables[name]


def _known(word, known):
    close = get_close_matches(str(word), [str(k) for k in known], 1, 0.5)
    return did_you_mean(close) if close else f"; known are {', '.join(map(str, known))}."


def _column(name, column):
    numbers = [
        c
        for c in TABLES[name].columns
        if COLUMNS[c].kind in ("number", "whole") and c not in TABLES[name].key
    ]
    if column and column not in numbers:
        raise ValueError(f"{column!r} is not a number of {name}{_known(column, numbers)}")
    return column or main_column(name)


def _words(name, key, frame):
    """Read a key: `column=value`, or values in key order; `column=` is an empty cell."""
    table, words = TABLES[name], {}
    for place, text in enumerate(key):
        word, sign, value = text.partition("=")
        if not sign:
            if place >= len(table.key):
                raise ValueError(
                    f"{text!r} is one value too many: the key of {name} is {', '.join(table.key)}"
                )
            word, value = table.key[place], text
        if word not in table.columns:
            raise ValueError(f"{name} has no column {word!r}{_known(word, table.columns)}")
        words[word] = _value(name, word, value, frame)
    return words


def _value(name, word, text, frame):
    if text == "" and frame[word].isna().any():
        return None
    kind = COLUMNS[word].kind
    value = (
        month(text)
        if kind == "period"
        else pd.to_numeric(text)
        if kind in ("whole", "number")
        else text
    )
    value = pd.Timestamp(text) if kind == "day" else value
    if not (frame[word] == value).any():
        values = [*pd.unique(frame[word].dropna())]
        close = get_close_matches(text, [str(v) for v in values], 1)
        shown = ", ".join(map(str, values[:SHOWN_VALUES])) + (
            " …" if len(values) > SHOWN_VALUES else ""
        )
        raise ValueError(
            f"{name} has no {word}={text}"
            + (did_you_mean(close) if close else f"; it has {shown or 'no rows'}.")
        )
    return value


def _rows(name, frame, words):
    """The rows to explain: at least one, and not too many."""
    if "strategy" in TABLES[name].key and "strategy" not in words and not TABLES[name].is_input:
        words = words | {"strategy": PLAN_OF_RECORD}
    rows = frame
    for word, value in words.items():
        left = rows[rows[word].isna() if value is None else rows[word] == value]
        if left.empty:
            others = ", ".join(f"{w}={v}" for w, v in words.items() if w != word)
            has = ", ".join(map(str, pd.unique(rows[word].dropna())[:SHOWN_VALUES]))
            raise ValueError(
                f"{name} has no row with {word}={value} and {others}; there it has {word} {has}."
            )
        rows = left
    rows = _in_all(name, rows, words)
    if len(rows) > MOST_ROWS:
        open_words = [w for w in TABLES[name].key if w not in words and len(pd.unique(rows[w])) > 1]
        hints = [
            f"{w} ({', '.join(map(str, pd.unique(rows[w])[:SHOWN_VALUES]))})" for w in open_words
        ]
        raise ValueError(f"{len(rows):,} rows of {name} match; add {' or '.join(hints)}.")
    return rows


def _in_all(name, rows, words):
    """The totals of rows in total and by item or month, unless an item or month is given."""
    for word in set(TABLES[name].key) - set(TABLES[name].must_have) - set(words):
        if not TABLES[name].is_input and rows[word].isna().any():
            rows = rows[rows[word].isna()]
    return rows


__all__ = ["explain", "most_changed", "most_earned", "said", "tree", "worst_served"]
