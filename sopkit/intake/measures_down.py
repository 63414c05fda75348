"""Measures that stand one below another become columns: a line says `Revenue`, the next `Units`."""

import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.columns import FITS, WHOLE, likeness, plain
from sopkit.intake.dates import share_of_dates
from sopkit.intake.grid import distinct
from sopkit.intake.header import vocabulary
from sopkit.intake.numbers import is_numeric
from sopkit.intake.rows import MEASURE, PERIOD, Table

NUMBERS = ("quantity", "revenue", "price")
MOST = 20  # measures of a file
COUNT = "(count)"  # tells lines of the same cells apart


def with_measures_in_columns(table: Table) -> Table:
    """Give each measure a column of its own, where a column names what each line holds.

    The lines of one product and period become one. Without such a column, or with several columns
    of numbers, the table is as it was.
    """
    frame = table.frame
    named = [
        name
        for name in frame.columns
        if name not in (PERIOD, MEASURE) and are_measures(frame[name])
    ]
    if len(named) != 1:
        return table
    values = [MEASURE] if list(table.measures) == [MEASURE] else _numbers(frame)
    if len(values) != 1 or (table.measures and values != list(table.measures)):
        return table
    wide = _wide(frame, named[0], values[0])
    measures = tuple(name for name in wide.columns if name not in frame.columns)
    note = f"{named[0]} says what each line holds: {', '.join(measures)}"
    return table._replace(
        frame=wide, measures=measures if table.measures else (), notes=(*table.notes, note)
    )


def are_measures(cells: Series) -> bool:
    """Whether a column holds names of several measures, and nothing else."""
    _, values = distinct(cells)
    if not 2 <= len(values) <= MOST:
        return False
    return all(isinstance(value, str) and _is_measure(value) for value in values)


def _is_measure(text):
    is_known = plain(text) in vocabulary()["measures"]
    return is_known or any(likeness(role, text) >= WHOLE for role in NUMBERS)


def _numbers(frame):
    return [
        name
        for name in frame.columns
        if is_numeric(frame[name]) >= FITS
        and share_of_dates(frame[name]) < FITS
        and not any(likeness(role, name) >= WHOLE for role in ("product", "year", "month", "order"))
    ]


def _wide(frame: DataFrame, named: str, value: str) -> DataFrame:
    """A line for each set of the other cells; lines of one measure stay apart."""
    codes, measures = distinct(frame[named])
    kept = [name for name in frame.columns if name not in (named, value)]
    place = frame[kept].assign(**{named: codes})
    by = {"dropna": False, "observed": True, "sort": False}
    place[COUNT] = place.groupby([*kept, named], **by).cumcount()
    line = place.groupby([*kept, COUNT], **by).ngroup().to_numpy()
    first = ~pd.Series(line).duplicated().to_numpy()
    wide = frame.loc[first, kept]
    for number, measure in enumerate(measures):
        rows = codes == number
        cells = pd.Series(frame.loc[rows, value].astype(object).to_numpy(), line[rows])
        wide[str(measure)] = cells.reindex(line[first]).to_numpy()
    return wide
