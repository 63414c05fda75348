"""Text files whose cells stand below one another, with blanks between: where the columns begin.

Between two columns every line is blank, the names of the columns too. What has no name belongs to
the column on its left. A word above blanks alone belongs to the name that it follows after one
blank, else to the column on its right.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TITLES = 12  # lines that may stand above the names
FEWEST_LINES, FEWEST_COLUMNS = 4, 3
BLANK = 0.85  # share of the lines that are blank between two columns: page heads come in between
RULE = re.compile(r"[\s\-=_+|]*")  # a line that is drawn
NUMBER = re.compile(r"\d")
FILLED = 0.5  # share of the lines that have something in a column


class Columns(NamedTuple):
    """At which character the columns begin, and the line of their names."""

    starts: tuple[int, ...]
    header: str


def fixed_columns(lines: Sequence[str]) -> Columns | None:
    """Find the columns of a file of fixed width by its first lines; None where it has none.

    >>> fixed_columns(["Item   Date        Qty"] + ["A-1    2026-01-01   12"] * 3).starts
    (0, 7, 18)
    """
    kept = [line for line in lines if not RULE.fullmatch(line)]
    if any("\t" in line for line in kept) or not any(map(NUMBER.search, kept[len(kept) // 2 :])):
        return None
    places = range(min(TITLES, len(kept) - FEWEST_LINES + 1))
    found = [Columns(_starts(kept[first], kept[first + 1 :]), kept[first]) for first in places]
    found = [one for one in found if len(one.starts) >= FEWEST_COLUMNS]
    words = [one for one in found if not NUMBER.search(one.header)]  # no title of a page, no data
    return max(words or found[:1], key=lambda one: len(one.starts), default=None)


def cut(text: str, columns: Columns) -> str:
    """A text of fixed width as one separated by tabs.

    Drawn lines are empty; a line that is not blank between two columns, such as a title, is one
    cell.
    """
    return "".join(f"{_cut(line.rstrip(), columns.starts)}\n" for line in text.split("\n"))


def _cut(line, starts):
    if RULE.fullmatch(line):
        return ""
    if any(line[start - 1 : start].strip() for start in starts[1:]):
        return " ".join(line.split())
    ends = (*starts[1:], None)
    return "\t".join(line[a:b].strip() for a, b in zip(starts, ends, strict=True))


def _starts(header, body):
    """The first places of the columns below a line of names."""
    width = max(map(len, body), default=0)
    width = max(width, len(header))
    marks = np.array([[char != " " for char in line.ljust(width)] for line in body])
    named = np.array([char != " " for char in header.ljust(width)])
    is_blank = (marks.mean(axis=0) <= 1 - BLANK) & ~named
    begins = np.flatnonzero(~is_blank & np.append(True, is_blank[:-1]))
    starts: list[int] = []
    waits = False  # a name with nothing below it: what follows is its column
    for place, end in zip(begins, [*begins[1:], width], strict=True):
        has_name = named[place:end].any()
        is_filled = marks[:, place:end].any(axis=1).mean() >= FILLED
        goes_on = (
            not is_filled and place > 1 and bool(named[place - 2])
        )  # a word of the name before
        if not starts or (has_name and not waits and not goes_on):
            starts.append(int(place))
        waits = has_name and not is_filled and not goes_on
    return tuple(starts)
