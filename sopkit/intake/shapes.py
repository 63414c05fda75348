"""A grid as a table: a row is a sale, or what one product sold in one period.

Names are found, repeated ones and decoration left out, merged cells and group rows filled down,
periods across turned into rows. What is left out is kept with its reason.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.columns import likeness, plain
from sopkit.intake.dates import label
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import Grid, distinct, text_of
from sopkit.intake.header import Header, find_header, is_grand_total, is_total

PERIOD, MEASURE, GROUP = "(period)", "(quantity)", "(group)"
DECORATION = re.compile(r"[-=_*.|+ ]*")


class LeftOut(NamedTuple):
    """Lines that are not used: why, how many, the first of them, and their units where known."""

    reason: str
    lines: int
    examples: tuple[str, ...]
    units: float = 0.0


class Table(NamedTuple):
    """A table of an export.

    frame : columns by name, labelled by line; a period across is the column `(period)`, its only
        measure `(quantity)`
    source : where it was read
    size : day, week, month or quarter of the periods across, else nothing
    measures : the columns that stood under periods
    left_out : lines that are not in the frame
    notes : what was found and done
    """

    frame: DataFrame
    source: str
    size: str = ""
    measures: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


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
    frame, notes = _body(grid, header, notes)
    frame = _without_hidden(frame, grid, decisions, left)
    frame = _without_blank(frame)
    frame = _without_headers(frame, left)
    frame = _merged(frame, grid, header, notes)
    frame = _grouped(frame, left, notes)
    if frame.empty:
        raise ValueError(f"{grid.source} has no lines below its column names")
    periods = {c.name: c for c in header.columns.values() if c.period and c.name in frame.columns}
    if periods:
        return _long(frame, periods, grid.source, left, notes)
    if across := _months_of_year(frame):
        return _of_years(frame, across, grid.source, left, notes)
    return Table(frame, grid.source, left_out=tuple(left), notes=tuple(notes))


def _body(grid, header: Header, notes):
    """The rows below the names, with the columns that have a name or cells."""
    cells = grid.cells if not header.rows else grid.cells.loc[grid.cells.index > max(header.rows)]
    names = {c: column.name for c, column in header.columns.items()}
    named = {}
    for column in cells.columns:
        if column in names:
            named[names[column]] = cells[column]
        elif (filled := _is_filled(cells[column])).any():
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


def _is_filled(cells: Series) -> Series:
    if isinstance(cells.dtype, pd.CategoricalDtype):
        has = np.array([*(str(name).strip() != "" for name in cells.cat.categories), False])
        return pd.Series(has[cells.cat.codes.to_numpy()], index=cells.index)
    if cells.dtype == object:
        return cells.map(lambda v: v is not None and v == v and str(v).strip() != "").astype(bool)
    return cells.notna()


def filled_count(frame: DataFrame) -> np.ndarray:
    """Count the cells of each row."""
    counted = np.zeros(len(frame), dtype="int32")
    for name in frame.columns:
        counted += _is_filled(frame[name]).to_numpy()
    return counted


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


def left_out(reason: str, frame: DataFrame, rows: np.ndarray, units: float = 0.0) -> LeftOut:
    """Record rows that are left out, with the first of them as they stand."""
    examples = []
    for line, cells in frame[rows].head(3).iterrows():
        texts = [text_of(v) for v in cells if v is not None and v == v and str(v).strip()]
        examples.append(f"line {line}: {', '.join(texts)[:80]}")
    return LeftOut(reason, int(rows.sum()), tuple(examples), units)


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
    has = _is_filled(frame[first]).to_numpy()
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


# --------------------------------------------------------------------------------------------------
# periods across


def _long(frame, periods, source, left, notes):
    sizes = {column.period.size for column in periods.values()}
    if len(sizes) > 1:
        size = max(sizes, key=lambda s: sum(c.period.size == s for c in periods.values()))
        others = [name for name, c in periods.items() if c.period.size != size]
        notes.append(f"columns of another size than {size}s are not read: {', '.join(others[:5])}")
        periods = {name: c for name, c in periods.items() if c.period.size == size}
    size = next(iter(periods.values())).period.size
    days = _days(periods)
    measures = list(dict.fromkeys(column.measure for column in periods.values()))
    seen = {}
    for name, column in periods.items():
        key = (days[name], column.measure)
        if key in seen:
            raise ValueError(
                f"{source}: columns {seen[key]} and {name} say the same period. Keep one of them."
            )
        seen[key] = name
    dims = [name for name in frame.columns if name not in periods and not _is_sum(name)]
    parts = []
    for day in sorted(set(days.values())):
        part = frame[dims].copy(deep=False)
        part[PERIOD] = pd.Timestamp(day)
        for measure in measures:
            name = seen.get((day, measure))
            part[measure or MEASURE] = frame[name] if name else None
        parts.append(part.astype(dict.fromkeys([m or MEASURE for m in measures], object)))
    long = pd.concat(parts)
    given = tuple(measure or MEASURE for measure in measures)
    some = np.logical_or.reduce([_is_filled(long[m]).to_numpy() for m in given])
    first, last = min(days.values()), max(days.values())
    notes.append(
        f"{len(set(days.values()))} {size}s stand across, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )
    return Table(long[some], source, size, given, tuple(left), tuple(notes))


def _days(periods):
    """One reading of days and months for all names together."""
    labels = {name: column.period for name, column in periods.items()}
    swapped = [one.exchanged for one in labels.values()]
    if all(swapped):
        plainly = {one.day for one in labels.values() if one.day}
        others = set(swapped)
        firsts = {day.day for day in others}
        if len(plainly) < len(labels) or (len(firsts) == 1 and len({d.day for d in plainly}) > 1):
            return {name: one.exchanged for name, one in labels.items()}
    return {name: one.day or one.exchanged for name, one in labels.items()}


def _is_sum(name):
    return is_grand_total(name) or plain(name).startswith(("grand total", "gesamt"))


def _months_of_year(frame):
    """Names of months without a year, where a column holds the year."""
    months = {
        name: found.day.month
        for name in frame.columns
        if (found := label(f"{name} 2024")) and found.size == "month" and not name.strip().isdigit()
    }
    years = [name for name in frame.columns if likeness("year", name) >= 2]
    return (years[0], months) if years and len(months) >= 6 else None


def _of_years(frame, across, source, left, notes):
    year, months = across
    codes, values = distinct(frame[year])
    numbers = np.array([_year(value, source, year) for value in values] + [0])[codes]
    rows = numbers > 0
    if not rows.all():
        left.append(left_out(f"{year} is empty", frame, ~rows))
    dims = [n for n in frame.columns if n not in months and n != year and not _is_sum(n)]
    parts = []
    for name, month in months.items():
        part = frame.loc[rows, dims].copy(deep=False)
        days = [f"{number}-{month:02d}-01" for number in numbers[rows]]
        part[PERIOD] = np.array(days, dtype="datetime64[us]")
        part[MEASURE] = frame.loc[rows, name].astype(object)
        parts.append(part)
    long = pd.concat(parts)
    notes.append(f"months stand across, a row a year ({year})")
    return Table(
        long[_is_filled(long[MEASURE]).to_numpy()],
        source,
        "month",
        (MEASURE,),
        tuple(left),
        tuple(notes),
    )


def _year(value, source, name):
    text = text_of(value)
    if not re.fullmatch(r"(?:19|20|21)\d{2}", text):
        raise ValueError(f"{source}: {name} is no year: {text}. Write 2026.")
    return int(text)
