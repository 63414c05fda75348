"""Periods that are columns of a sheet become rows."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.columns import FITS, WHOLE, likeness, plain
from sopkit.intake.date_labels import Label, label, month_and_year
from sopkit.intake.dates import share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.fiscal_years import in_calendar_months
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import Column, is_grand_total, vocabulary
from sopkit.intake.numbers import is_numeric
from sopkit.intake.rows import MEASURE, PERIOD, LeftOut, Table, is_filled, left_out

YEAR_ACROSS = "year_across"  # the key of the year of the first month across
YEARS = re.compile(r"(?<!\d)(?:19|20|21)\d{2}(?!\d)")
DIGITS = set("0123456789")
FEWEST = 3  # months across
LEAVE = "leave"


def months_of_year(frame: DataFrame) -> tuple[str, dict[str, int]] | None:
    """Find names of months without a year, where a column holds the year."""
    months = {
        name: found.day.month
        for name in frame.columns
        if (found := label(f"{name} 2024")) and found.size == "month" and not name.strip().isdigit()
    }
    years = [name for name in frame.columns if likeness("year", name) >= 2]
    return (years[0], months) if years and len(months) >= 6 else None


def months_without_year(
    frame: DataFrame, titles: Sequence[str], source: str, decisions: Decisions
) -> dict[str, Column]:
    """Find months across that name no year; the one year of the titles, or of the file's name, is
    that of the first.

    Raises
    ------
    ValueError : nothing says the year.
    """
    found = {name: label(f"{name} 2024") for name in frame.columns if not set(name) & DIGITS}
    months = [
        name
        for name, read in found.items()
        if read and read.size == "month" and is_numeric(frame[name]) >= FITS
    ]
    dated = any(likeness("date", n) and share_of_dates(frame[n]) >= FITS for n in frame.columns)
    if len(months) < FEWEST or dated:
        return {}
    year, before, across = _first_year(months, titles, source, decisions), 0, {}
    for name in months:
        month = found[name].day.month
        year += month <= before
        across[name] = Column(name, Label("month", dt.date(year, month, 1)))
        before = month
    return across


def _first_year(months, titles, source, decisions):
    named = [sorted(set(YEARS.findall(text))) for text in (" ".join(titles), source)]
    known = next((years[0] for years in named if len(years) == 1), None)
    if known is None and decisions.told(YEAR_ACROSS) is None:
        raise ValueError(
            f"{source}: the months {', '.join(months[:3])} name no year. Say that of {months[0]}: "
            f"--answer {YEAR_ACROSS}=2026."
        )
    reason = f"the months across name no year; it is that of {months[0]}"
    return int(_year(decisions.guess(YEAR_ACROSS, known or "", reason), source, YEAR_ACROSS))


def unknown_among(
    frame: DataFrame, periods: Mapping[str, Column], source: str, decisions: Decisions
) -> dict[str, Column]:
    """Ask about columns of numbers that are written as the periods are, but are none that is known:
    a month in another language, a plan.

    Returns
    -------
    those that an answer gives a period
    """
    shapes = {_shape(name) for name in periods}
    found = {}
    for name in frame.columns:
        if name in periods or is_sum(name) or _shape(name) not in shapes:
            continue
        if is_numeric(frame[name]) < FITS:
            continue
        text = (
            f"Column {name} of {source} is written as the periods beside it are, but is none that "
            "is known. Leave it out (leave), or which period is it (2026-01)?"
        )
        answer = decisions.ask(Question(f"across.{name}", text, (), LEAVE))
        if answer == LEAVE:
            continue
        if (period := label(answer)) is None:
            raise ValueError(f"across.{name}={answer!r} is no period; write 2026-01, or {LEAVE}.")
        found[name] = Column(name, period)
    return found


def in_calendar(
    periods: Mapping[str, Column], source: str, decisions: Decisions
) -> dict[str, Column]:
    """Turn columns that are periods of fiscal years into months."""
    labels = [column.period for column in periods.values() if column.period]
    months = in_calendar_months(labels, next(iter(periods)), source, decisions)
    return {
        name: column._replace(period=month)
        for (name, column), month in zip(periods.items(), months, strict=True)
    }


def _shape(name):
    """How a name is written: letters as one, each digit as 0."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", name.strip()))


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
    ValueError : two columns say the same period, or all hold the year to date.
    """
    periods = _without_cumulative(periods, source, notes)
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
    dims = [name for name in frame.columns if name not in periods and not is_sum(name)]
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


def _without_cumulative(periods, source, notes):
    """Leave out what counts from the year's start; where nothing else is there it is refused."""
    summed = [n for n, c in periods.items() if plain(c.measure) in vocabulary()["cumulative"]]
    if summed and len(summed) == len(periods):
        raise ValueError(
            f"{source}: the columns hold the year to date ({', '.join(summed[:2])}), not the "
            "months. Export each month alone."
        )
    if summed:
        notes.append(f"columns of the year to date are not read: {', '.join(summed[:5])}")
    return {name: column for name, column in periods.items() if name not in summed}


def years_of_month(frame: DataFrame) -> tuple[str, list[str]] | None:
    """Find columns named after years, where a column holds names or numbers of months."""
    years = [name for name in frame.columns if re.fullmatch(YEARS, name.strip())]
    months = [name for name in frame.columns if likeness("month", name) >= WHOLE]
    if len(years) < 2 or len(months) != 1:
        return None
    _, values = distinct(frame[months[0]])
    named = [
        label(month_and_year(text_of(value), "2024")) for value in values if not is_sum(str(value))
    ]
    is_month = [one is not None and one.size == "month" for one in named]
    return (months[0], years) if is_month and all(is_month) else None


def with_years_in_rows(
    frame: DataFrame,
    across: tuple[str, list[str]],
    source: str,
    left: list[LeftOut],
    notes: list[str],
) -> Table:
    """Give each year of a row that holds a month a row of its own."""
    month, years = across
    codes, values = distinct(frame[month])
    sums = np.array([is_sum(str(value)) for value in values] + [False])[codes]
    if sums.any():
        left.append(left_out("a total of the months", frame, sums))
    dims = [name for name in frame.columns if name not in (month, *years) and not is_sum(name)]
    parts = []
    for name in years:
        days = [label(month_and_year(text_of(value), name.strip())) for value in values]
        read = np.array([one.day if one else None for one in days] + [None], "datetime64[us]")
        part = frame.loc[~sums, dims].copy(deep=False)
        part[PERIOD] = read[codes[~sums]]
        part[MEASURE] = frame.loc[~sums, name].astype(object)
        parts.append(part)
    long = pd.concat(parts)
    notes.append(f"years stand across, a row a month ({month})")
    long = long[is_filled(long[MEASURE]).to_numpy() & long[PERIOD].notna().to_numpy()]
    return Table(long, source, "month", (MEASURE,), tuple(left), tuple(notes))


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
    dims = [n for n in frame.columns if n not in months and n != year and not is_sum(n)]
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


def is_sum(name: str) -> bool:
    """Whether a column's name says that it adds up the others."""
    return is_grand_total(name) or plain(name).startswith(("grand total", "gesamt"))


def _year(value, source, name):
    text = text_of(value)
    if not re.fullmatch(r"(?:19|20|21)\d{2}", text):
        raise ValueError(f"{source}: {name} is no year: {text}. Write 2026.")
    return int(text)
