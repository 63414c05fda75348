"""A grid as a table: a row is a sale, or what one product sold in one period.

Names are found, repeated ones and decoration left out, merged cells and group rows filled down,
periods across turned into rows. What is left out is kept with its reason.
"""

import re

import numpy as np
import pandas as pd

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.fiscal_years import of_named_months, says_fiscal
from sopkit.intake.grid import Grid, distinct, text_of
from sopkit.intake.header import Header, find_header, is_total
from sopkit.intake.neighbours import without_neighbours
from sopkit.intake.outline import under_headings, with_blocks_filled, without_sums_above
from sopkit.intake.periods_across import (
    in_calendar,
    is_sum,
    months_of_year,
    months_without_year,
    unknown_among,
    with_months_in_rows,
    with_periods_in_rows,
    with_years_in_rows,
    years_of_month,
)
from sopkit.intake.rows import GROUP, PERIOD, Table, filled_count, is_filled, left_out

DECORATION = re.compile(r"[-=_*.|+ ]*")


def tidy(grid: Grid, decisions: Decisions) -> Table:
    """Turn a grid into a table of rows.

    Raises
    ------
    ValueError : there are no column names, no lines below them, or periods across contradict one
        another.
    """
    told = tuple(
        decisions.given[r] for r in ("date", "product", "quantity") if r in decisions.given
    )
    header = find_header(grid, told)
    notes, left = list(grid.notes), []
    if header.titles:
        notes.append(
            f"{len(header.titles)} lines above the column names are no data: {header.titles[0]}"
        )
    grid, header = without_neighbours(grid, header, notes)
    frame, notes = _body(grid, header, notes)
    frame = _without_hidden(frame, grid, decisions, left)
    frame = _without_blank(frame)
    frame = _without_headers(frame, left)
    frame = _merged(frame, grid, header, notes)
    frame = _grouped(frame, left, notes)
    if frame.empty:
        raise ValueError(f"{grid.source} has no lines below its column names")
    periods = {c.name: c for c in header.columns.values() if c.period and c.name in frame.columns}
    if not periods and not (across := months_of_year(frame)):
        periods = months_without_year(frame, header.titles, grid.source, decisions)
    if periods:
        periods |= unknown_among(frame, periods, grid.source, decisions)
        periods = in_calendar(periods, grid.source, decisions)
        labels = [n for n in frame.columns if n not in periods and not is_sum(n)]
        frame = with_blocks_filled(frame, labels, notes)
        if len(labels) == 1:
            frame = under_headings(frame, labels[0], left, notes)
            frame = without_sums_above(frame, labels[0], list(periods), left)
        return with_periods_in_rows(frame, periods, grid.source, left, notes)
    if across:
        return _of_years(
            with_months_in_rows(frame, across, grid.source, left, notes), across[0], decisions
        )
    if years := years_of_month(frame):
        return with_years_in_rows(frame, years, grid.source, left, notes)
    frame = under_headings(frame, frame.columns[0], left, notes)
    return Table(frame, grid.source, left_out=tuple(left), notes=tuple(notes))


def _of_years(table, year, decisions):
    """The months of a column of years in the calendar years they lie in, where those are fiscal."""
    if not says_fiscal(year):
        return table
    months = of_named_months(table.frame[PERIOD], year, table.source, decisions)
    return table._replace(frame=table.frame.assign(**{PERIOD: months.to_numpy()}))


def _body(grid, header: Header, notes):
    """The rows below the names, with the columns that have a name or cells."""
    cells = grid.cells if not header.rows else grid.cells.loc[grid.cells.index > max(header.rows)]
    names = {c: column.name for c, column in header.columns.items()}
    named = {}
    for column in cells.columns:
        if column in names:
            named[names[column]] = cells[column]
        elif (filled := is_filled(cells[column])).any():
            _refuse_wider(cells, filled, column, names, grid)
            name = GROUP if column == 0 else f"(column {column + 1})"
            named[name] = cells[column]
    return pd.DataFrame(named), notes


def _refuse_wider(cells, filled, column, names, grid):
    """Refuse lines of a text file that go on to the right of its column names."""
    is_text = isinstance(cells[column].dtype, pd.CategoricalDtype)
    if is_text and names and column > max(names):
        count, first = int(filled.sum()), filled[filled].index[0]
        raise ValueError(
            f"{grid.source} has {max(names) + 1} columns, but {count:,} lines have more cells, the "
            f"first is line {first}. Put text that holds the separator in quotation marks."
        )


def _without_hidden(frame, grid, decisions, left):
    hidden = frame.index.isin(list(grid.hidden))
    if not hidden.any():
        return frame
    text = (
        f"{grid.source} has {hidden.sum():,} hidden rows of {len(frame):,}, such as row "
        f"{frame.index[hidden][0]}. Are they sales (use) or filtered out (leave)?"
    )
    share = float(hidden.mean())
    if decisions.ask(Question("hidden_rows", text, ("use", "leave"), "use", 2 * share)) == "use":
        return frame
    left.append(left_out("hidden in the sheet", frame, hidden))
    return frame[~hidden]


def _without_blank(frame):
    counted = filled_count(frame)
    few = np.flatnonzero((counted > 0) & (counted <= 3))
    keep = counted > 0
    if len(few) < 5000:
        for i in few:
            cells = [str(v) for v in frame.iloc[i] if v is not None and v == v]
            if all(DECORATION.fullmatch(text) for text in cells):
                keep[i] = False
    return frame if keep.all() else frame[keep]


def _without_headers(frame, left):
    """Leave out rows that repeat the column names, as page breaks print them."""
    same = np.zeros(len(frame), dtype="int32")
    for name in frame.columns:
        codes, values = distinct(frame[name])
        own = " ".join(name.casefold().split())
        hit = np.array(
            [isinstance(v, str) and " ".join(v.casefold().split()) == own for v in values] + [False]
        )
        if hit.any():
            same += hit[codes]
    rows = (
        (same >= 2) & (same >= 0.6 * np.maximum(filled_count(frame), 1)) if same.any() else same > 0
    )
    if rows.any():
        left.append(left_out("repeats the column names", frame, rows))
        return frame[~rows]
    return frame


def _merged(frame, grid, header, notes):
    """Write the value of cells merged over rows into each of them."""
    names = {c: column.name for c, column in header.columns.items()}
    count = 0
    for top, left, bottom, _ in grid.merged:
        if bottom > top and left in names and top in frame.index:
            rows = frame.index[(frame.index > top) & (frame.index <= bottom)]
            column = frame[names[left]].astype(object)
            column.loc[rows] = column.loc[top]
            frame = frame.assign(**{names[left]: column})
            count += len(rows)
    if count:
        notes.append(f"merged cells are filled down in {count:,} rows")
    return frame


def _grouped(frame, left, notes):
    """Fill the name of a group, which stands on a row of its own, into the rows below it."""
    if frame.shape[1] < 3 or frame.empty:
        return frame
    first = frame.columns[0]
    has = is_filled(frame[first]).to_numpy()
    counted = filled_count(frame)
    alone = has & (counted == 1)
    codes, values = distinct(frame[first])
    total = np.array([is_total(text_of(value)) for value in values] + [False])[codes]
    lines, others = ~has & (counted >= 2), has & (counted >= 2) & ~total
    if not alone.any() or lines.sum() < 9 * others.sum() or not lines.any() or not has[0]:
        return frame
    cells = frame[first].astype(object).where(has).ffill()
    notes.append(f"{alone.sum():,} rows hold the name of a group only, which is filled down")
    left.append(left_out("the name of a group", frame, alone))
    return frame.assign(**{first: cells})[~alone]
