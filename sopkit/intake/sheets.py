"""Which sheet of a workbook is read, and the tables of several files as one."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sopkit.intake import columns
from sopkit.intake.date_labels import label
from sopkit.intake.dates import share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import Grid
from sopkit.intake.header import find_header
from sopkit.intake.rows import PERIOD, Table
from sopkit.intake.shapes import tidy

FEWEST = 3  # sheets, or files, named after months
SHEET, FILE = "(sheet)", "(file)"  # the columns of their months


def sheet_of(grids: Sequence[Grid], decisions: Decisions) -> Grid:
    """The sheet of sales of a workbook: told, the only one that looks like it, or asked."""
    if len(grids) == 1:
        return grids[0]
    names = {grid.source.partition(" sheet ")[2]: grid for grid in grids}
    told = decisions.told("sheet", tuple(names))
    if told is not None:
        return names[told]
    scores = {name: _looks_like_sales(grid) for name, grid in names.items()}
    best = max(scores, key=lambda name: scores[name])
    rivals = [name for name, score in scores.items() if score >= max(scores[best] - 1, 2)]
    if len(rivals) == 1:
        decisions.guess("sheet", best, f"of {len(names)} sheets only {best} looks like sales")
        return names[best]
    source = grids[0].source.partition(" sheet ")[0]
    text = f"Which sheet of {source} holds the sales?"
    choices = tuple(name for name in names if scores[name]) or tuple(names)
    return names[decisions.ask(Question("sheet", text, choices, best, 12.0))]


def sheets_as_tables(grids: Sequence[Grid], decisions: Decisions) -> list[Table]:
    """The table of the sheet of sales; of a workbook with a sheet a month those of all, each with
    its month."""
    names = [grid.source.partition(" sheet ")[2] for grid in grids]
    months = [name for name in names if (found := label(name)) and found.size == "month"]
    if len(months) < FEWEST or len(months) < len(names) or decisions.told("sheet"):
        return [tidy(sheet_of(grids, decisions), decisions)]
    tables = [tidy(grid, decisions) for grid in grids if len(grid.cells) > 1]
    dated = any(share_of_dates(one.frame[c]) >= columns.FITS for one in tables for c in one.frame)
    if dated:
        return tables
    tables = [
        one._replace(frame=one.frame.assign(**{SHEET: one.source.partition(" sheet ")[2]}))
        for one in tables
    ]
    decisions.guess("date", SHEET, f"each of {len(tables)} sheets is named after its month")
    return tables


def dated_by_file(tables: list[Table], decisions: Decisions) -> list[Table]:
    """Tables of files without a date, each with the month that its file is named after."""
    told = decisions.given.get("date") == FILE
    months = [_month_in(one.source) for one in tables]
    if not told and (len(tables) < FEWEST or None in months or any(map(_is_dated, tables))):
        return tables
    if None in months:
        source = tables[months.index(None)].source
        raise ValueError(
            f"{source}: neither a column nor the name of the file gives a date. Name the file "
            "after its month, such as sales-2026-10.csv."
        )
    decisions.guess("date", FILE, f"{tables[0].source} is named after its month")
    return [
        one._replace(frame=one.frame.assign(**{FILE: month}))
        for one, month in zip(tables, months, strict=True)
    ]


def _is_dated(table):
    """Whether a table has periods across, a column of dates, or one of months."""
    names = [*table.frame.columns]
    dated = any(share_of_dates(table.frame[name]) >= columns.FITS for name in names)
    return dated or PERIOD in names or any(columns.likeness("month", name) for name in names)


def _month_in(source):
    """The only month that words of a file's name say, as text; None without one."""
    words = [word for word in re.split(r"[\W_]+", Path(source).stem) if word]
    said = {
        found.day
        for first in range(len(words))
        for count in (1, 2)
        if (found := label(" ".join(words[first : first + count]))) and found.size == "month"
    }
    return f"{said.pop():%Y-%m}" if len(said) == 1 else None


def _looks_like_sales(grid):
    """How many of date, product and quantity a sheet has columns for; periods across are two."""
    try:
        header = find_header(grid)
    except ValueError:
        return 0
    if len(grid.cells) < 2:
        return 0
    across = any(column.period for column in header.columns.values())
    names = [column.name for column in header.columns.values() if not column.period]
    found = [
        max((columns.likeness(role, n) for n in names), default=0) > 0 for role in columns.NEEDED
    ]
    return found[1] + 2 if across else sum(found)


def joined(tables: list[Table]) -> Table:
    """Put the tables of several files of one shape under one another."""
    first = tables[0]
    if len(tables) == 1:
        return first
    frames = []
    for table in tables:
        here, there = list(first.frame.columns), list(table.frame.columns)
        if set(here) != set(there):
            lacks, new = sorted(set(here) - set(there)), sorted(set(there) - set(here))
            differs = [f"lacks {', '.join(lacks)}"] * bool(lacks) + [
                f"has {', '.join(new)}"
            ] * bool(new)
            raise ValueError(
                f"{table.source} {' and '.join(differs)}, other than {first.source}. Files "
                "that are read together need the same columns."
            )
        labels = [f"{line} of {table.source}" for line in table.frame.index]
        frames.append(table.frame[here].astype(object).set_axis(labels))
    both = pd.concat(frames)
    _refuse_twice(tables)
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    left = tuple(one for table in tables for one in table.left_out)
    of = "sheets" if " sheet " in first.source else "files"
    source = f"{len(tables)} {of} ({first.source} to {tables[-1].source})"
    return first._replace(frame=both, source=source, notes=notes, left_out=left)


def _refuse_twice(tables):
    """Refuse two files of the same content: a copy would be counted twice."""
    seen: dict[int, str] = {}
    for table in tables:
        key = int(pd.util.hash_pandas_object(table.frame.astype(str), index=False).sum())
        if key in seen:
            raise ValueError(f"{table.source} has the same lines as {seen[key]}. Remove the copy.")
        seen[key] = table.source
