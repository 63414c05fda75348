"""A heat map as a table: its tiles are cells that can be read, searched and copied."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import Normalize, to_hex
from pandas import Index, MultiIndex, PeriodIndex

from sopkit.reporting.chart_types import Chart, Heatmap, SmallMultiples
from sopkit.reporting.theme import ON_BAR, ON_TILE
from sopkit.schema.formatting import month_heads

DARK = 0.55  # brightness of a tile on which words are light
FEW_COLUMNS = 4  # of names: their tiles are wide


class Tile(NamedTuple):
    """A cell: its words in lines, its colours, and whether the words are heavy."""

    lines: list[str]
    paper: str
    ink: str
    bold: bool


class Head(NamedTuple):
    """The name of a column; `apart` where another month begins with it."""

    name: str
    apart: bool = False


class TileTable(NamedTuple):
    """A heat map: its heads, its rows of name and tiles, and the key of its colours."""

    title: str
    heads: list[Head]
    rows: list[tuple[list[str], list[Tile]]]
    key: list[tuple[str, str]]
    wide: bool


def heatmaps(chart: Chart) -> Sequence[Heatmap]:
    """The heat maps that a chart is made of; none where it holds anything else."""
    panels = chart.panels if isinstance(chart, SmallMultiples) else [chart]
    shown = [one for one in panels if not one.empty]
    maps = [one for one in shown if isinstance(one, Heatmap)]
    return maps if len(maps) == len(shown) else []


def tile_table(chart: Heatmap) -> TileTable:
    """The rows that a heat map shows, as cells with the colours of their values."""
    values = chart.shown
    words = chart.words_of(values).to_numpy()
    bold = chart.bold.loc[values.index].to_numpy() if chart.bold is not None else None
    colours = _colours(chart)
    rows = []
    for number, name in enumerate(values.index):
        tiles = [
            Tile(
                str(words[number, place]).strip().split("\n"),
                *colours[number][place],
                bold is not None and bool(bold[number, place]),
            )
            for place in range(len(values.columns))
        ]
        rows.append((str(name).split("\n"), tiles))
    key = [(one.colour, one.label) for one in chart.key]
    return TileTable(
        chart.title, _heads(values.columns), rows, key, len(values.columns) <= FEW_COLUMNS
    )


def _colours(chart: Heatmap) -> list[list[tuple[str, str]]]:
    """The colours of each tile: its own, none without a value, and that of its words."""
    values = chart.shown.to_numpy("float64")
    scale = matplotlib.colormaps.get_cmap(chart.colours)
    painted = scale(Normalize(*chart.limits)(np.ma.masked_invalid(values)))
    light = painted[..., :3].mean(axis=-1) >= DARK
    known = ~np.isnan(values)
    return [
        [
            (to_hex(colour) if is_known else "transparent", _ink(is_known, is_light))
            for colour, is_known, is_light in zip(*row, strict=True)
        ]
        for row in zip(painted, known, light, strict=True)
    ]


def _ink(known, light):
    return "inherit" if not known else ON_TILE if light else ON_BAR


def _heads(columns: Index) -> list[Head]:
    """The names of the columns; weeks by their Mondays."""
    if isinstance(columns, PeriodIndex):
        return [Head(name) for name in month_heads(columns)]
    if not isinstance(columns, MultiIndex):
        return [Head(str(name)) for name in columns]
    month = pd.Series(columns.get_level_values("period"))
    apart = (month != month.shift()) & (month.index > 0)
    weeks = columns.get_level_values("week")
    names = [f"{week.day} {week:%b}" for week in weeks]
    return [Head(name, bool(one)) for name, one in zip(names, apart, strict=True)]
