"""What is wrong with a table, in words: the rule, the rows that break it, and how to mend them."""

from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_ROWS = 5
NEAR_SPELLING = 0.87  # likeness of two names, one of which may be a misspelling
SHOWN_TEXT = 60  # characters of a value


@dataclass(frozen=True)
class Fault:
    """One broken rule of one table, with the first rows that break it."""

    table: str
    text: str

    def __str__(self):
        return f"{self.table}: {self.text}"


class OddInput(UserWarning):
    """An input that is accepted, but may not be what was meant; the message says how it was taken."""


class TableError(ValueError):
    """Tables break rules of the schema; `faults` lists all of them."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StageError(RuntimeError):
    """A stage failed; the message names stage, cell and cause in one line."""


def fault(table, frame, broken, rule, column, source, remedy=""):
    """Word a fault: the rule, how many rows break it, the first of them with line, key and value, and the remedy."""
    count = int(broken.sum())
    text = f"{rule}; {count:,} of {len(frame):,} rows {'is' if count == 1 else 'are'} not:"
    return with_rows(table, frame, broken, text, column, source, remedy)


def with_rows(table, frame, broken, text, column, source, remedy=""):
    """Word a finding: what it is, the first rows it is about with line, key and value, and the remedy."""
    count = int(broken.sum())
    lines = [text]
    first = frame[broken.to_numpy()].head(SHOWN_ROWS)
    positions = broken.to_numpy().nonzero()[0][:SHOWN_ROWS]
    for (label, row), position in zip(first.iterrows(), positions, strict=True):
        number = label if isinstance(label, int) else position
        place = f"row {number + 1}" + (f" ({line_of(source, number)})" if source else "")
        value = f"  {column}={shown(row[column])}" if column and column not in table.key else ""
        lines.append(f"  {place}  {row_key(row, table.key)}{value}")
    if count > SHOWN_ROWS:
        lines.append(f"  ... and {count - SHOWN_ROWS:,} more")
    if remedy:
        lines.append(f"  {remedy}")
    return Fault(table.name, "\n".join(lines))


def told(table, frame, odd, text, column, source, remedy):
    """Word what is odd, and in how many rows."""
    count = f"{int(odd.sum()):,} of {len(frame):,} rows"
    return with_rows(table, frame, odd, f"{text}; {count}:", column, source, remedy)


def row_key(row, key):
    return "  ".join(f"{c}={shown(row[c])}" for c in key if c in row.index)


def has_lines(source):
    """Whether the rows of a source are the lines of a file or sheet, the first of which holds the names."""
    return source.endswith(".csv") or " sheet " in source


def line_of(source, number):
    """Say where the row of a number, counted from 0, stands in its source."""
    return f"{source} line {number + 2}" if has_lines(source) else f"{source} row {number + 1}"


def shown(value):
    """Write a value so that all of it is seen: blanks around it, and characters that are invisible or steer a terminal."""
    text = str(value)
    text = text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}... ({len(text):,} characters)"
    plain = visible(text)
    return f"'{plain}'" if plain != plain.strip() else plain


def visible(text):
    """Write characters that cannot be seen, or that steer a terminal, as their codes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def spelt_nearly(name, others):
    """The one of the others, at most, that a name may be a misspelling of, in a list."""
    return get_close_matches(name, others, 1, NEAR_SPELLING)


def did_you_mean(close):
    return f"; did you mean {close[0]}?" if close else "."
