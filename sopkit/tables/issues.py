"""Issues of a table in words: the rule, the rows, and how to fix them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from sopkit.schema.tables import Table

SHOWN_ROWS = 5
NEAR_SPELLING = 0.87  # likeness of two names, one of which may be a misspelling
SHOWN_TEXT = 60  # characters of a value
BLOCKING = "blocking"  # the severity of what no plan can be made with
SOURCE = "{source}"  # in a text: the file, sheet or table of a database that was read


class Entry(NamedTuple):
    """A row of `data_issues`: an issue and how the plan handles it."""

    table: str
    column: str
    row_key: str
    message: str
    handling: str


@dataclass(frozen=True)
class Issue:
    """One error or anomaly of one table.

    `rows` are the first that it is about: number, counted from 0, and content; `more` counts the
    others.
    `source` names where the table was read, for the lines. `entries` are what `data_issues` says of
    it; an issue without text is listed there only. The `severity` is that of the check which found
    it.
    """

    table: str
    text: str
    rows: tuple[tuple[int, str], ...] = ()
    more: int = 0
    remedy: str = ""
    source: str | None = None
    entries: tuple[Entry, ...] = ()
    severity: str = BLOCKING

    def __str__(self) -> str:
        lines = [f"{self.table}: {self.text.replace(SOURCE, self.source or self.table)}"]
        for number, told in self.rows:
            place = f" ({line_of(self.source, number)})" if self.source else ""
            lines.append(f"  row {number + 1}{place}  {told}")
        if self.more:
            lines.append(f"  ... and {self.more:,} more")
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class DataWarning(UserWarning):
    """An input that is accepted but probably wrong; the message says how it is handled."""


class DataError(ValueError):
    """Tables that cannot be planned; `faults` lists every blocking issue."""

    def __init__(self, faults: Iterable[Issue]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StageError(RuntimeError):
    """A stage failed; the message names stage, cell and cause in one line."""


def fault(
    table: Table,
    frame: DataFrame,
    broken: Series,
    rule: str,
    column: str | None = None,
    source: str | None = None,
    remedy: str = "",
) -> Issue | None:
    """Word a broken rule with the rows that break it; None where none does."""
    count = int(broken.sum())
    text = f"{rule}; {count:,} of {len(frame):,} rows {'is' if count == 1 else 'are'} not:"
    return with_rows(table, frame, broken, text, column, source, remedy)


def told(
    table: Table,
    frame: DataFrame,
    odd: Series,
    text: str,
    column: str | None = None,
    source: str | None = None,
    remedy: str = "",
) -> Issue | None:
    """Word an anomaly with its rows; None where there is none."""
    count = f"{int(odd.sum()):,} of {len(frame):,} rows"
    return with_rows(table, frame, odd, f"{text}; {count}:", column, source, remedy)


def with_rows(
    table: Table,
    frame: DataFrame,
    chosen: Series,
    text: str,
    column: str | None = None,
    source: str | None = None,
    remedy: str = "",
) -> Issue | None:
    """Word an issue with its first rows: key and value of each; None without rows.

    `table` is what the schema says of the table, `frame` its rows or some of them, `chosen` marks
    those meant.
    """
    count = int(chosen.sum())
    if not count:
        return None
    first = frame[chosen.to_numpy()].head(SHOWN_ROWS)
    positions = chosen.to_numpy().nonzero()[0][:SHOWN_ROWS]
    rows = []
    for (label, row), position in zip(first.iterrows(), positions, strict=True):
        number, filled = label if isinstance(label, int) else int(position), row.dropna()
        content = row_key(filled, table.key)
        if column and column not in table.key:
            content += f"  {column}={shown(filled.get(column, ''))}"
        rows.append((number, content))
    return Issue(table.name, text, tuple(rows), max(count - SHOWN_ROWS, 0), remedy, source)


def row_key(row: Series, key: Iterable[str]) -> str:
    return "  ".join(f"{c}={shown(row[c])}" for c in key if c in row.index)


def has_lines(source: str) -> bool:
    """Whether the rows of a source are lines of a file or sheet with a header line."""
    return source.endswith(".csv") or " sheet " in source


def line_of(source: str, number: int) -> str:
    """Write the line or row of a row number, counted from 0, in its source."""
    return f"{source} line {number + 2}" if has_lines(source) else f"{source} row {number + 1}"


def shown(value: object) -> str:
    """Write a value with visible blanks and control characters."""
    is_day = isinstance(value, datetime) and not (value.tzinfo or value.time() != time.min)
    text = f"{value:%Y-%m-%d}" if is_day else str(value)
    text = text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}... ({len(text):,} characters)"
    plain = visible(text)
    return f"'{plain}'" if plain != plain.strip() else plain


def visible(text: str) -> str:
    """Write invisible and control characters as their codes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def spelt_nearly(name: str, others: Iterable[str]) -> list[str]:
    """Find the one name, at most, that a name may be a misspelling of, in a list."""
    return get_close_matches(name, others, 1, NEAR_SPELLING)


def did_you_mean(close: Sequence[str]) -> str:
    return f"; did you mean {close[0]}?" if close else "."
