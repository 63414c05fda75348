"""What the axes of charts have in common: months, weeks, names, amounts, bars, lines, legends."""

from collections.abc import Iterable, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter
from pandas import DataFrame, Index, MultiIndex, Period, PeriodIndex, Series

from sopkit.reporting.theme import GREY, ON_BAR, Look
from sopkit.schema.formatting import month, number, percent, short_month

LONGEST_ROW = 46  # characters of a name at the left before it is broken into lines
MONTHS = 12  # labelled at most in the width of a page
NAME_CHARACTERS, NAMES_BESIDE = 108, 12  # below a page; what values at the left take of them
LEGEND_CHARACTERS, LEGEND_MARK = 126, 8  # in the width of a page; what a mark takes of them
BESIDE = 10  # characters that names at the left take
DOTTED = (0, (2, 2))
TOLD, BREAK = "told:", "\u001f"  # what an artist stands for, and between its lines: see `tell`


def places(index: Index) -> np.ndarray:
    """Where the entries of an index stand on an axis: months by their number, all else in order."""
    return index.asi8 if isinstance(index, PeriodIndex) else np.arange(len(index))


def name_places(ax: Axes, index: Index, width: float = 1.0) -> None:
    """Name the places of an index below the axes, which take a share `width` of the page.

    An index of (week, period) is named by the weeks' Mondays, with a line between months.
    """
    if isinstance(index, PeriodIndex):
        months(ax, index, max(2, int(MONTHS * width)))
        return
    weeks = isinstance(index, MultiIndex)
    names = _weeks(ax, index) if weeks else [str(name) for name in index]
    ax.set_xticks(range(len(names)), names)
    room = NAME_CHARACTERS * width - NAMES_BESIDE
    if weeks or sum(max(len(line) for line in name.split("\n")) + 1 for name in names) > room:
        ax.tick_params(axis="x", rotation=45)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def _weeks(ax, index):
    month = pd.Series(index.get_level_values("period"))
    for start in month.index[month != month.shift()][1:]:
        ax.axvline(start - 0.5, color=GREY, linewidth=0.8, linestyle=DOTTED)
    return [f"{week.day} {week:%b}" for week in index.get_level_values("week")]


def months(ax: Axes, index: PeriodIndex, most: int = MONTHS) -> None:
    """Label at most so many months, at a step that puts years at January."""
    first, last = int(index.asi8.min()), int(index.asi8.max())
    step = next((s for s in (1, 2, 3, 6, 12, 24) if (last - first + 1) / s <= most), 60)
    ax.set_xticks([place for place in range(first, last + 1) if place % step == 0])
    ax.xaxis.set_major_formatter(FuncFormatter(_month))
    ax.set_xlim(first - 0.7, last + 0.7)


def _month(ordinal, _position=None):
    return short_month(Period(ordinal=round(ordinal), freq="M"))


def name_rows(ax: Axes, names: Iterable[object]) -> None:
    """Name rows at the left, the first at the top."""
    said = [fill(str(name), LONGEST_ROW, break_on_hyphens=False) for name in names]
    said = [str(n) if "\n" in str(n) else one for n, one in zip(names, said, strict=True)]
    ax.set_yticks(range(len(said)), said)
    ax.set_ylim(len(said) - 0.5, -0.5)


def scale(values: Iterable[float]) -> tuple[float, str]:
    """The unit in which large amounts stay readable: its divisor and name."""
    largest = max((abs(value) for value in values if pd.notna(value)), default=0)
    big, some = (1e6, "million"), (1e3, "thousand")
    return big if largest >= 2e6 else some if largest >= 2e4 else (1.0, "")


def amounts(axis: Axis, unit: str, values: Iterable[float], shares: bool = False) -> None:
    """Write an axis of amounts in its unit, thousands or millions; `shares` in per cent."""
    if shares:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:,.10g} %"))
        label = unit
    else:
        divisor, word = scale(values)
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / divisor:,.10g}"))
        label = ", ".join(part for part in (unit, word) if part)
    (axis.axes.set_ylabel if axis.axis_name == "y" else axis.axes.set_xlabel)(label)


def today(ax: Axes, place: float) -> None:
    """Draw the line between what was and what is planned."""
    ax.axvline(place, color=GREY, linewidth=0.8, linestyle=DOTTED, zorder=0.9)
    ax.annotate(
        "today",
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -9),
        textcoords="offset points",
        color=GREY,
        fontsize=8,
    )


def tell(artist: Artist, *lines: str) -> None:
    """Say what an artist stands for where the pointer rests: it is the artist's mark in the SVG."""
    artist.set_gid(TOLD + BREAK.join(lines))


def said_of(value: float, shares: bool) -> str:
    """A value as it is told of a mark."""
    return percent(value, 1) if shares else number(value)


def place_names(index: Index) -> list[str]:
    """What the entries of an index are called where there is room for it."""
    if isinstance(index, PeriodIndex):
        return [month(one) for one in index]
    if isinstance(index, MultiIndex):
        return [f"week of {week.day} {week:%b %Y}" for week in index.get_level_values("week")]
    return [str(one) for one in index]


def tell_bars(bars: Iterable[Artist], name: str, values: Series, shares: bool = False) -> None:
    """Say of each bar of a series where it stands and how much it is."""
    for bar, place, value in zip(bars, place_names(values.index), values, strict=True):
        if value == value and value != 0:
            tell(bar, f"{name}, {place}" if name else place, said_of(value, shares))


def beside(ax: Axes, text: str, at: tuple[float, float], **more: object) -> None:
    """Write a text to the right of a bar."""
    ax.annotate(
        text, at, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, **more
    )


def within(ax: Axes, text: str, at: tuple[float, float]) -> None:
    """Write a text into the middle of a dark bar."""
    ax.text(*at, text, ha="center", va="center", fontsize=8, color=ON_BAR)


def line(ax: Axes, values: Series, look: Look, shares: bool = False) -> None:
    """Draw a series in its look, from its first to its last known value."""
    known = values.loc[values.first_valid_index() : values.last_valid_index()]
    if values.notna().any():
        start = values.index.get_loc(known.index[0])
        x = places(values.index)[start : start + len(known)]
        (drawn_line,) = ax.plot(x, known.to_numpy("float64"), **drawn(look), label=look.label)
        ends = known.iloc[[0, -1]]
        told = zip(place_names(ends.index), ends, strict=True)
        tell(drawn_line, look.label, *(f"{at}: {said_of(value, shares)}" for at, value in told))


def drawn(look: Look) -> dict[str, object]:
    """The keywords of a line, or of marks alone where a look has no line."""
    size = 3 if look.line else 6
    mark = {"marker": look.marker, "markersize": size} if look.marker else {}
    return {
        "color": look.colour,
        "linestyle": look.line,
        "linewidth": look.width,
        "drawstyle": "steps-mid" if look.steps else "default",
    } | mark


def dots(look: Look, size: float = 6.0) -> dict[str, object]:
    """The keywords of single marks: full ones, or outlined where the look is hollow."""
    return {
        "marker": look.marker or "o",
        "color": look.colour,
        "markerfacecolor": "white" if look.hollow else look.colour,
        "markersize": size,
        "linestyle": "",
    }


def filled(look: Look) -> dict[str, object]:
    """The keywords of a bar."""
    return {
        "color": look.colour,
        "hatch": look.hatch,
        "edgecolor": "white",
        "linewidth": 0.4,
        "label": look.label,
    }


def stack(
    ax: Axes, data: DataFrame, looks: Sequence[Look], width: float = 0.8, shares: bool = False
) -> None:
    """Stack bars, one colour and hatch a part; what takes away goes below zero."""
    x, above, below = places(data.index), np.zeros(len(data)), np.zeros(len(data))
    for look, column in zip(looks, data, strict=True):
        size = data[column].fillna(0.0).to_numpy("float64")
        bars = ax.bar(x, size, width, bottom=np.where(size >= 0, above, below), **filled(look))
        tell_bars(bars, look.label, data[column], shares)
        above, below = above + size.clip(min=0), below + size.clip(max=0)


def side_by_side(
    ax: Axes,
    data: DataFrame,
    looks: Sequence[Look],
    labels: DataFrame | None,
    shares: bool = False,
) -> None:
    """Draw the bars of several series beside one another, with words above them."""
    wide = 0.8 / len(data.columns)
    for side, (look, column) in enumerate(zip(looks, data, strict=True)):
        x = places(data.index) + (side - (len(data.columns) - 1) / 2) * wide
        bars = ax.bar(x, data[column].to_numpy("float64"), 0.95 * wide, **filled(look))
        tell_bars(bars, look.label, data[column], shares)
        if labels is not None:
            ax.bar_label(bars, list(labels[column]), padding=2, fontsize=8)


def across(ax: Axes) -> None:
    """Rule the axes for what is read from left to right."""
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def bare(ax: Axes) -> None:
    """Take the frame, grid and ticks from the axes."""
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def legend(ax: Axes, width: float = 1.0, handles: Sequence[Artist] | None = None) -> None:
    """Name the series in lines above the axes, which take a share `width` of the page."""
    handles = ax.get_legend_handles_labels()[0] if handles is None else handles
    if handles:
        ax.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=_columns([one.get_label() for one in handles], width),
            borderaxespad=0.2,
            columnspacing=1.4,
        )


def legend_below(axes: Sequence[Axes]) -> None:
    """Name the series of all panels once, under them, where no panel's title is in the way."""
    named = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    if named:
        axes[0].figure.legend(
            named.values(),
            named.keys(),
            loc="outside lower left",
            ncols=_columns(list(named), 1.0),
            columnspacing=1.4,
        )


def _columns(labels, width):
    """As many columns as have room, were the longest labels to stand in one line."""
    longest = sorted((len(label) + LEGEND_MARK for label in labels), reverse=True)
    most = range(1, min(6, len(labels)) + 1)
    return max(1, sum(sum(longest[:many]) <= LEGEND_CHARACTERS * width - BESIDE for many in most))
