"""Where the column names of a sheet stand, and which of them are periods.

A title may stand above them, and they may take two rows: months above measures, measures above
months, years above months.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sopkit.intake.columns import is_known, plain
from sopkit.intake.date_labels import Label, label
from sopkit.intake.grid import Grid, text_of

SEEN = 60  # rows in which the names are looked for
STARS = ("*", "**", "***", "Σ", "∑")  # how lists of SAP mark their totals
ACROSS = 3  # so many names that are periods say that periods stand across


@cache
def vocabulary() -> dict[str, frozenset[str]]:
    """Read the words for totals and for lines that do not count."""
    text = (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
    return {name: frozenset(map(plain, rows)) for name, rows in tomllib.loads(text).items()}


def is_total(text: str) -> bool:
    """Whether a text begins or ends with a word for a total: `Total Tents`, `Tents Total`."""
    split, ends = plain(text).split(), vocabulary()["total_words"]
    return bool(split) and (is_grand_total(text) or split[0] in ends or split[-1] in ends)


def is_grand_total(text: str) -> bool:
    """Whether a text says nothing but that it is a total."""
    return plain(text) in vocabulary()["totals"] or text.strip() in STARS


def says(text: object, kind: str) -> bool:
    """Whether a text has a word of the vocabulary: `credits`, `drivers`, `plans`."""
    if not isinstance(text, str):
        return False
    words = f" {plain(text)} "
    return any(f" {word} " in words for word in vocabulary()[kind])


class Column(NamedTuple):
    """A column of a sheet: its name, and the period and measure that its name says."""

    name: str
    period: Label | None = None
    measure: str = ""


class Header(NamedTuple):
    """The columns of a sheet by position, the rows of their names, and what stands above them."""

    columns: dict[int, Column]
    rows: tuple[int, ...]
    titles: tuple[str, ...]


def find_header(grid: Grid, told: tuple[str, ...] = ()) -> Header:
    """Find the row, or the two rows, of column names.

    `told` are columns that must be among them.

    Raises
    ------
    ValueError : no row holds names, or one that has data stands in their place.
    """
    if grid.names:
        names = _unique(dict(enumerate(grid.names)))
        return Header(_single(names), (), ())
    head = _head(grid)
    if not head:
        raise ValueError(f"{grid.source} is empty; it needs a line of column names.")
    row = _row(head, told)
    _refuse_data(grid, head, row)
    columns, rows = _columns(head, row, grid)
    above = [r for r in head if r < min(rows)]
    titles = tuple(" ".join(head[r].values())[:120] for r in above)
    return Header(columns, rows, titles)


def _head(grid):
    """The first rows that have cells, as texts by column."""
    found = {}
    for row, cells in grid.cells.head(SEEN).iterrows():
        texts = {
            column: _text(cell)
            for column, cell in cells.items()
            if cell is not None and not pd.isna(cell) and str(cell).strip()
        }
        if texts:
            found[row] = texts
    return found


def _text(cell):
    if hasattr(cell, "hour") and hasattr(cell, "year"):
        return text_of(cell.to_pydatetime() if hasattr(cell, "to_pydatetime") else cell)
    return " ".join(text_of(cell).split())


def _row(head, told):
    wanted = {plain(name) for name in told if not name.endswith(")")}
    if wanted:
        for row, cells in head.items():
            texts = cells.values()
            named = sum(_is_word(text) or label(text) is not None for text in texts)
            if wanted <= set(map(plain, texts)) and named > len(texts) / 2:  # else it is data
                return row
    widths = sorted(len(cells) for cells in head.values() if len(cells) > 1)
    usual = widths[int(len(widths) * 0.7)] if widths else 1
    return max(head, key=lambda row: (_score(head[row], usual), -row))


def _score(cells, usual):
    """How far a row looks like names: as wide as the others, text or periods, and names known."""
    periods = sum(label(text) is not None for text in cells.values())
    words = sum(_is_word(text) for text in cells.values())
    texts = words + (periods if periods >= ACROSS else 0)
    known = sum(is_known(text) for text in cells.values())
    if len(cells) < 2:
        return 0.0
    wide = min(len(cells) / usual, 1.0)
    return wide + texts / len(cells) + 0.5 * bool(known) + 0.3 * min(known / len(cells), 1.0)


def _is_word(text):
    return any(c.isalpha() for c in text) and label(text) is None


def _refuse_data(grid, head, row):
    """Refuse a sheet whose first row already is data."""
    texts = head[row].values()
    words = [text for text in texts if _is_word(text)]
    is_across = sum(label(text) is not None for text in texts) >= ACROSS
    if is_across or (words and any(is_known(text) for text in words)):
        return
    if len(words) < 0.6 * len(head[row]):
        raise ValueError(
            f"{grid.source} has no line of column names: line {row} is "
            f"{', '.join(list(texts)[:6])}. Add a line of names above the data."
        )


def _columns(head, row, grid):
    """Name the columns by one row, or by it and its neighbour."""
    names, order = head[row], list(head)
    place = order.index(row)
    above = head[order[place - 1]] if place else {}
    below = head[order[place + 1]] if place + 1 < len(order) else {}
    periods = {c: label(text) for c, text in names.items() if label(text)}
    upper = {c: label(text) for c, text in above.items() if label(text)}
    if len(upper) >= 2 and len(periods) < ACROSS and _is_wide(upper, names):
        filled = _forward(above, names, grid, order[place - 1])
        dims = {c: text for c, text in above.items() if c not in upper and c < min(upper)}
        return _two(dims | names, filled, period_above=True), (order[place - 1], row)
    if len(periods) >= 2 and below and _is_second(below, periods):
        filled = _forward(names, below | names, grid, row)
        dims = {c: text for c, text in names.items() if c not in periods}
        return _two(dims | below, filled, period_above=True), (row, order[place + 1])
    if years := _years(above, names):
        filled = _forward(years, names, grid, order[place - 1])
        joined = {
            c: f"{text} {filled[c]}" if c in filled and label(f"{text} {filled[c]}") else text
            for c, text in ({c: t for c, t in above.items() if c not in years} | names).items()
        }
        return _single(_unique(joined)), (order[place - 1], row)
    if len(periods) >= ACROSS and len({c for c in above if c in periods}) >= 2:
        filled = _forward({c: t for c, t in above.items() if c in periods}, names, grid, row)
        return _two(names, filled, period_above=False), (order[place - 1], row)
    return _single(_unique(names)), (row,)


def _is_wide(upper, names):
    """Whether periods above stand over names that come again under each of them."""
    under = [text for c, text in names.items() if c >= min(upper)]
    return len(under) > len(set(under)) or set(upper) <= set(names)


def _is_second(below, periods):
    under = [below.get(c, "") for c in periods]
    words = [text for c, text in below.items() if c >= min(periods)]
    return all(map(_is_word, words)) and all(under) and len(set(words)) < len(words)


def _years(above, names):
    years = {c: text for c, text in above.items() if text.isdigit() and 1950 <= int(text) <= 2150}
    months = [c for c, text in names.items() if label(f"{text} 2024") and not label(text)]
    return years if years and len(months) >= ACROSS else {}


def _forward(texts, names, grid, row):
    """Carry each text to the columns on its right that have none, as merged cells show them."""
    filled, last = {}, ""
    width = max([*names, *texts])
    for column in range(min(texts, default=0), width + 1):
        last = texts.get(column, last)
        if column in names:
            filled[column] = last
    ends = {left: right for top, left, _, right in grid.merged if top == row}
    for left, right in ends.items():
        for column in range(left, right + 1):
            if left in texts and column in names:
                filled[column] = texts[left]
    return filled


def _two(names, others, period_above):
    """Columns of two rows: one says the period and the other the measure."""
    columns = {}
    for c, name in names.items():
        other = others.get(c, "")
        period = label(other) if period_above else label(name)
        measure = name if period_above else other
        if period and measure:
            columns[c] = Column(f"{other} {name}", period, measure)
        elif not is_grand_total(other):
            columns[c] = Column(name)
        else:
            columns[c] = Column(f"{other} {name}")
    given = _unique({c: column.name for c, column in columns.items()})
    return {c: column._replace(name=given[c]) for c, column in columns.items()}


def _single(names):
    """Columns of one row: a name may say a period, alone or with a measure."""
    columns = {c: _column(name) for c, name in names.items()}
    measures = {column.measure for column in columns.values() if column.period}
    if sum(column.period is not None for column in columns.values()) < ACROSS:
        return {c: Column(column.name) for c, column in columns.items()}
    if len(measures) > 1 and "" in measures:
        return {c: x if not x.measure else Column(x.name) for c, x in columns.items()}
    return columns


def _column(name):
    if found := label(name):
        return Column(name, found)
    words = name.replace("_", " ").split()
    for cut in range(1, len(words)):
        first, rest = " ".join(words[:cut]), " ".join(words[cut:])
        if (found := label(rest)) and _is_word(first):
            return Column(name, found, first.strip(" -:/"))
        if (found := label(first)) and _is_word(rest):
            return Column(name, found, rest.strip(" -:/"))
    return Column(name)


def _unique(names):
    """Tell columns of one name apart by their position."""
    texts = list(names.values())
    return {
        c: f"{text} (column {c + 1})" if texts.count(text) > 1 else text
        for c, text in names.items()
    }
