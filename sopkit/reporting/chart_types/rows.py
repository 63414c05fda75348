"""Charts that are read row by row, the first at the top: bars, tiles, intervals and times."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Literal

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from pandas import DataFrame, Period, Series

from sopkit.reporting import axes
from sopkit.reporting.chart_types.chart import TOP, TOP_ROWS, Chart
from sopkit.reporting.theme import GREY, INK, LOAD, ON_BAR, ON_TILE, Look
from sopkit.schema.formatting import compact

DARK = 0.55  # brightness of a tile on which words are white


@dataclass(frozen=True, eq=False)
class _Rows(Chart):
    """Rows by name, sorted by whoever asks for the chart: the first `top` of them are drawn."""

    data: DataFrame
    _: KW_ONLY
    top: int = TOP
    of: int = 0  # how many there are, where `data` holds some of them only
    row: float = 0.28  # inches
    rest: float = 1.0  # inches of what is not rows

    @property
    def empty(self) -> bool:
        return not self.data.notna().to_numpy().any()

    @property
    def counted(self) -> tuple[int, int]:
        return len(self.shown), self.of or len(self.data)

    @property
    def shown(self) -> DataFrame:
        """The rows that are drawn."""
        return self.data.head(self.top)

    def inches(self) -> float:
        return self.height or self.rest + self.row * len(self.shown)

    def panel_inches(self) -> float:
        return self.height or 0.7 * self.rest + self.row * len(self.shown)


@dataclass(frozen=True, eq=False)
class HorizontalBars(_Rows):
    """Bars from left to right, a colour a column: one beside, upon or within the other.

    `row_looks` colours rows where there is one column; `labels` are words beside the bars (True:
    their sizes). `named_above` writes the names over the bars, where they are sentences. `centred`
    makes a funnel.
    """

    _: KW_ONLY
    arranged: Literal["beside", "stacked", "within"] = "beside"
    row_looks: Sequence[Look] | None = None
    labels: Sequence[str] | bool = False
    named_above: bool = False
    centred: bool = False
    level: float | None = None  # a dashed line at this size
    top: int = TOP
    BELOW: ClassVar[float] = 0.38  # of a row: where a bar stands under its name

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        rows = self.shown.astype("float64")
        left = np.zeros(len(rows))
        for number, name in enumerate(rows):
            sizes = rows[name].fillna(0.0).to_numpy()
            start = -sizes / 2 if self.centred else left
            self._bars(ax, np.arange(len(rows)) + self._shift(number), sizes, start, name)
            if self.arranged == "stacked":
                left = left + sizes
        if self.labels is not False:
            self._label(ax, rows.iloc[:, 0])
        if self.named_above:
            self._name_above(ax, rows.index)
        else:
            axes.name_rows(ax, rows.index)
        axes.across(ax)
        values = rows.sum(axis=1) if self.arranged == "stacked" else rows.to_numpy().ravel()
        axes.amounts(ax.xaxis, self.unit, values, self.shares)
        if self.centred:
            axes.bare(ax)
            ax.set_xticks([])
        else:
            ax.axvline(0, color=GREY, linewidth=0.8)
        if self.level is not None:
            ax.axvline(self.level, color=GREY, linewidth=1, linestyle=axes.DOTTED)
        if width < 0.5:
            ax.locator_params(axis="x", nbins=3)

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        if self.row_looks is None:
            super().name_series(ax, width)

    def _shift(self, number):
        """How far below the middle of its row the bars of a column stand."""
        if self.named_above:
            return self.BELOW
        several = len(self.data.columns)
        return (number - (several - 1) / 2) * 0.76 / several if self.arranged == "beside" else 0.0

    def _bars(self, ax, y, sizes, left, name):
        thick = 0.24 if self.named_above else 0.86 if self.centred else 0.66
        first = name == self.data.columns[0]
        if self.arranged == "beside" and len(self.data.columns) > 1:
            thick = 0.72 / len(self.data.columns)
        if self.arranged == "within" and not self.centred and not first:
            thick = 0.26
        if self.row_looks is None or (self.arranged == "within" and name in self.looks):
            shown = self.look_of(name)
            bars = ax.barh(y, sizes, thick, left=left, **axes.filled(shown))
            told = shown.label
        else:
            bars, told = [], ""
            for place, size, start, shown in zip(y, sizes, left, self.row_looks, strict=False):
                bars += ax.barh(place, size, thick, left=start, **axes.filled(shown))
        values = Series(sizes, index=self.shown.index).head(len(bars))
        axes.tell_bars(bars, told, values, self.shares)

    def _label(self, ax, sizes):
        words = [compact(size) for size in sizes] if self.labels is True else self.labels
        for place, (size, word) in enumerate(zip(sizes, words, strict=False)):
            if self.centred:
                axes.within(ax, word, (0, place))
            else:
                axes.beside(ax, word, (max(size, 0), place + self.named_above * self.BELOW))
        ax.margins(x=0.1 if self.labels is True else 0.18)

    def _name_above(self, ax, names):
        for place, name in enumerate(names):  # a sentence takes no room from the panels beside
            axes.beside(ax, str(name), (0, place), in_layout=False)
        ax.set_ylim(max(len(names), 4) - 0.35, -0.4)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)


@dataclass(frozen=True, eq=False)
class Heatmap(_Rows):
    """Tiles: a colour a value, with `words` written in them, `bold` where that is true.

    Without words the values are written as whole numbers, `shares` as whole per cent. Columns are
    months, weeks (of week and period) or names; `key` names the colours.
    """

    _: KW_ONLY
    words: DataFrame | None = None
    bold: DataFrame | None = None
    colours: Colormap | str = field(default_factory=lambda: LOAD)
    limits: tuple[float, float] = (0.0, 1.0)  # the values of the first and the last colour
    key: Sequence[Look] = ()
    named_on_top: bool = False
    small: bool = False  # words that are long
    row: float = 0.32
    rest: float = 0.9
    TITLE_AT: ClassVar[str] = "left"

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        values = self.shown
        x = axes.places(values.columns)
        edges = [*(x - 0.5), x.max() + 0.5], [row - 0.5 for row in range(len(values) + 1)]
        low, high = self.limits
        style = {"edgecolor": "white", "linewidth": 1.5, "cmap": self.colours}
        tiles = ax.pcolormesh(*edges, values.to_numpy("float64"), vmin=low, vmax=high, **style)
        self._write(ax, x, tiles)
        axes.name_places(ax, values.columns, width)
        axes.name_rows(ax, values.index)
        axes.bare(ax)
        ax.set_xlim(x.min() - 0.5, x.max() + 0.5)
        if self.named_on_top:
            ax.xaxis.tick_top()

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        axes.legend(ax, width, [Patch(facecolor=one.colour, label=one.label) for one in self.key])

    def _write(self, ax, x, tiles):
        values = self.shown
        words = self.words_of(values)
        bold = self.bold.loc[values.index].to_numpy() if self.bold is not None else None
        ink = tiles.to_rgba(np.ma.masked_invalid(values.to_numpy("float64")))[..., :3].mean(axis=-1)
        for (row, column), word in np.ndenumerate(words.to_numpy()):
            if word:
                heavy = bold is not None and bold[row, column]
                ax.text(
                    x[column],
                    row,
                    word,
                    ha="center",
                    va="center",
                    fontsize=7 if self.small else 8,
                    weight="bold" if heavy else "normal",
                    color=ON_BAR if ink[row, column] < DARK else ON_TILE,
                )

    def words_of(self, values: DataFrame) -> DataFrame:
        """What is written in the tiles of some rows; empty where nothing is."""
        if self.words is not None:
            words = self.words.reindex(index=values.index, columns=values.columns)
            return words.astype(object).fillna("")
        times = 100 if self.shares else 1
        return values.map(lambda value: "" if pd.isna(value) else f"{times * value:,.0f}")


@dataclass(frozen=True, eq=False)
class Intervals(_Rows):
    """A dot with its interval a row: columns `value`, `low`, `high`; `points` are further marks,
    behind the dots.

    `kinds` says of which kind each row is; `looks` holds the look of `value` or of each kind.
    """

    _: KW_ONLY
    kinds: Series | None = None
    points: DataFrame | None = None
    zero: bool = False  # a line at 0
    limits: tuple[float, float] | None = None
    top: int = TOP_ROWS

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        rows = self.shown
        kinds = self.kinds.reindex(rows.index) if self.kinds is not None else None
        for place, row in enumerate(rows.itertuples()):
            if pd.notna(row.value):
                shown = self.look_of("value" if kinds is None else kinds.iloc[place])
                ax.plot([row.low, row.high], [place] * 2, color=shown.colour, linewidth=1.6)
                (dot,) = ax.plot(row.value, place, **axes.dots(shown))
                told = [axes.said_of(one, self.shares) for one in (row.value, row.low, row.high)]
                axes.tell(dot, str(row.Index), "{} ({} to {})".format(*told))
        for name in self.points if self.points is not None else ():
            marks = self.points[name].reindex(rows.index)
            shown = self.look_of(name)
            ax.plot(marks, range(len(rows)), **axes.dots(shown), label=shown.label, zorder=1.9)
        axes.name_rows(ax, rows.index)
        axes.across(ax)
        axes.amounts(ax.xaxis, self.unit, rows["value"], self.shares)
        if self.zero:
            ax.axvline(0, color=INK, linewidth=0.8)
        if self.limits:
            ax.set_xlim(self.limits)
        if width < 0.5:
            ax.locator_params(axis="x", nbins=6)
        for kind in ["value"] if kinds is None else [k for k in self.looks if (kinds == k).any()]:
            ax.plot([], [], **axes.dots(self.look_of(kind)), label=self.look_of(kind).label)


@dataclass(frozen=True, eq=False)
class Timeline(_Rows):
    """What happens when, a row a name (the index of `data`).

    `marks` (name, day, kind, state) are drawn one over the other, in their order; `spans` (name,
    start, end, kind) as lines. `looks` holds the look of each kind, its marker and its size in
    points; `states` the colour of each state, which the subtitle tells; `shifts` how far above its
    row a kind stands.
    """

    marks: DataFrame
    spans: DataFrame
    _: KW_ONLY
    states: Mapping[str, str] = field(default_factory=dict)
    shifts: Mapping[str, float] = field(default_factory=dict)
    now: Period | None = None
    top: int = TOP_ROWS
    row: float = 0.34
    rest: float = 1.3
    PALE_SPAN: ClassVar[float] = 0.25

    @property
    def empty(self) -> bool:
        return self.marks.empty and self.spans.empty

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        place = {name: row for row, name in enumerate(self.shown.index)}
        for span in self._within(self.spans, place):
            shown = self.look_of(span.kind)
            level = place[span.name] - self.shifts.get(span.kind, 0.0)
            style = {"color": shown.colour, "linewidth": shown.width, "marker": "|"}
            strength = self.PALE_SPAN if shown.width > 4 else 0.9
            ax.plot([span.start, span.end], [level] * 2, **style, alpha=strength)
        for mark in self._within(self.marks, place):
            shown = self.look_of(mark.kind)
            level = place[mark.name] - self.shifts.get(mark.kind, 0.0)
            dot = axes.dots(shown, shown.width) | {"color": self.states[mark.state]}
            ax.plot(
                mark.day,
                level,
                **dot | {"markerfacecolor": self.states[mark.state]},
                markeredgecolor="white",
                markeredgewidth=0.5,
            )
        axes.name_rows(ax, place)
        ax.grid(axis="x")
        self._name_days(ax, max(4, int(8 * width)))
        if self.now is not None:
            axes.today(ax, self.now.start_time)

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        axes.legend(ax, width, self._legend())

    def _within(self, rows, place):
        return rows[rows["name"].isin(list(place))].itertuples(index=False)

    def _name_days(self, ax, most):
        days = pd.concat([self.marks["day"], self.spans["start"], self.spans["end"]])
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=4, maxticks=most))
        long = (days.max() - days.min()).days > 240
        ax.xaxis.set_major_formatter(mdates.DateFormatter("%b %y" if long else "%d %b"))

    def _legend(self):
        marked, spanned = set(self.marks["kind"]), set(self.spans["kind"])
        handles = []
        for kind, shown in self.looks.items():
            if not shown.label:
                continue
            if kind in spanned:
                style = {"linewidth": min(shown.width, 5), "alpha": self.PALE_SPAN}
                handles.append(Line2D([], [], color=shown.colour, label=shown.label, **style))
            elif kind in marked:
                style = axes.dots(shown) | {"color": GREY, "markerfacecolor": GREY}
                handles.append(Line2D([], [], label=shown.label, **style))
        return handles
