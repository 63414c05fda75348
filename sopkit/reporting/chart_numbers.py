"""The numbers behind a chart as a table, one click away from it, for those who cannot see or read
the picture: on a phone, by a screen reader, to copy."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.reporting import axes, notebook_output
from sopkit.reporting.chart_types import (
    Bars,
    Chart,
    HorizontalBars,
    Intervals,
    Lines,
    SmallMultiples,
    StackedBars,
    Waterfall,
)
from sopkit.reporting.notebook_output import Fragment
from sopkit.schema.cells import MISSING

SUMMARY = "Numbers"
ROUNDING = 1e-9  # of the largest number of a table: less is nothing


class Numbers(NamedTuple):
    """A table of a chart: its title, its heads and its rows, all as words."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def fold(chart: Chart) -> Fragment | None:
    """The numbers of a chart as a fold to be set under it; None where it has none to tell, or is a
    table itself."""
    tables = list(tables_of(chart))
    if not tables:
        return None
    html = notebook_output.template("numbers.html.j2").render(tables=tables, summary=SUMMARY)
    text = "\n\n".join(_plain(one) for one in tables)
    return Fragment(html.replace("\n", ""), text)


def tables_of(chart: Chart) -> Iterator[Numbers]:
    """The numbers that a chart shows: a table for each of its panels."""
    if chart.empty:
        return
    if isinstance(chart, SmallMultiples):
        for panel in chart.panels:
            yield from tables_of(panel)
    elif isinstance(chart, Waterfall):
        yield _table(chart, chart.data.to_frame(""))
    elif isinstance(chart, HorizontalBars | Intervals):
        yield _table(chart, chart.shown)
    elif isinstance(chart, Lines | Bars | StackedBars):
        yield _table(chart, pd.concat(list(_series(chart)), axis=1).sort_index())


def _series(chart: Lines | Bars | StackedBars) -> Iterator[Series]:
    """The series of a course: its bands, then what is drawn over them."""
    for band in chart.bands:
        if isinstance(band.low, Series) and band.look.label:
            yield band.low.rename(f"{band.look.label}, low")
            yield band.high.rename(f"{band.look.label}, high")
    others = chart.bars if isinstance(chart, Lines) else chart.lines
    for frame in (chart.data, others):
        for name in frame if frame is not None else ():
            yield frame[name].rename(chart.look_of(name).label or str(name))


def _table(chart: Chart, frame: DataFrame) -> Numbers:
    """A frame in words: its index names the rows."""
    names = axes.place_names(frame.index)
    heads = [_head(chart, name) for name in frame]
    numbers = frame.astype("float64").to_numpy()
    nothing = np.nanmax(np.abs(numbers), initial=0.0) * ROUNDING
    numbers = np.where(np.abs(numbers) <= nothing, 0.0, numbers)
    rows = [
        [name, *(_cell(value, chart.shares) for value in values)]
        for name, values in zip(names, numbers, strict=True)
    ]
    return Numbers(chart.title, heads, rows)


def _head(chart: Chart, name: object) -> str:
    label = chart.look_of(name).label if name else ""
    return label or chart.unit


def _cell(value: float, shares: bool) -> str:
    return MISSING if value != value else axes.said_of(value, shares)


def _plain(numbers: Numbers) -> str:
    frame = DataFrame(numbers.rows, columns=[numbers.title, *numbers.heads])
    return frame.to_string(index=False)
