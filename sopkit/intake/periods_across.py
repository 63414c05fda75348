"""Periods that are columns of a sheet become rows."""

import re

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.columns import likeness, plain
from sopkit.intake.date_labels import label
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import Column, is_grand_total
from sopkit.intake.rows import MEASURE, PERIOD, LeftOut, Table, is_filled, left_out


def months_of_year(frame: DataFrame) -> tuple[str, dict[str, int]] | None:
    """Find names of months without a year, where a column holds the year."""
    months = {
        name: found.day.month
        for name in frame.columns
        if (found := label(f"{name} 2024")) and found.size == "month" and not name.strip().isdigit()
    }
    years = [name for name in frame.columns if likeness("year", name) >= 2]
    return (years[0], months) if years and len(months) >= 6 else None


def with_periods_in_rows(
    frame: DataFrame,
    periods: dict[str, Column],
    source: str,
    left: list[LeftOut],
    notes: list[str],
) -> Table:
    """Give each period across a row of its own.

    Raises
    ------
    ValueError : two columns say the same period.
    """
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
    some = np.logical_or.reduce([is_filled(long[m]).to_numpy() for m in given])
    first, last = min(days.values()), max(days.values())
    notes.append(
        f"{len(set(days.values()))} {size}s stand across, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )
    return Table(long[some], source, size, given, tuple(left), tuple(notes))


def with_months_in_rows(
    frame: DataFrame,
    across: tuple[str, dict[str, int]],
    source: str,
    left: list[LeftOut],
    notes: list[str],
) -> Table:
    """Give each month of a row that holds a year a row of its own.

    Raises
    ------
    ValueError : a cell of the year is no year.
    """
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
        long[is_filled(long[MEASURE]).to_numpy()],
        source,
        "month",
        (MEASURE,),
        tuple(left),
        tuple(notes),
    )


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


def _year(value, source, name):
    text = text_of(value)
    if not re.fullmatch(r"(?:19|20|21)\d{2}", text):
        raise ValueError(f"{source}: {name} is no year: {text}. Write 2026.")
    return int(text)
