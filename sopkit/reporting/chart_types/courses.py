"""Charts of courses over months, weeks or a few names: lines, bars and waterfalls."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from pandas import DataFrame, Index, Period, PeriodIndex, Series

from sopkit.reporting import axes
from sopkit.reporting.chart_types.chart import Chart
from sopkit.reporting.theme import BETTER, GREY, INK, TOTAL, WORSE, Look
from sopkit.schema.formatting import compact, digits, percent

PALE = 0.18  # strength of a band's colour


@dataclass(frozen=True, eq=False)
class Band:
    """The room between two courses; `low` may be 0."""

    low: Series | float
    high: Series
    look: Look
    strength: float = PALE


@dataclass(frozen=True, eq=False)
class _Course(Chart):
    """Series over months (an index of periods), weeks (of week and period) or names."""

    data: DataFrame
    _: KW_ONLY
    bands: Sequence[Band] = ()
    today: Period | None = None  # the first planned month
    level: float | None = None  # a dashed line across
    from_zero: bool = True  # the axis of values begins at 0, unless something lies below
    limits: tuple[float, float] | None = None
    of: int = 0  # how many series there are, where `data` holds some of them only

    @property
    def counted(self) -> tuple[int, int]:
        return len(self.data.columns), self.of or len(self.data.columns)

    @property
    def empty(self) -> bool:
        return not any(part.notna().to_numpy().any() for part in self._parts())

    def _parts(self):
        """The frames that are drawn, all with the same kind of index."""
        return [self.data, *(band.high.to_frame() for band in self.bands)]

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        for band in self.bands:
            low = band.low if isinstance(band.low, Series) else 0 * band.high + band.low
            style = {"color": band.look.colour, "alpha": band.strength, "linewidth": 0}
            x = axes.places(band.high.index)
            ax.fill_between(x, low, band.high, **style, label=band.look.label)
        self._draw_data(ax)
        self._name_axes(ax, width)

    def _draw_data(self, ax):
        raise NotImplementedError

    def _name_axes(self, ax, width):
        parts = self._parts()
        values = np.concatenate([part.to_numpy("float64").ravel() for part in parts])
        axes.amounts(ax.yaxis, self.unit, [*values, *self._totals()], self.shares)
        below = np.nanmin(values) < 0
        if below:
            ax.axhline(0, color=GREY, linewidth=0.8)
        if self.level is not None:
            style = {"linewidth": 0.9, "linestyle": (0, (4, 2)), "zorder": 3}
            ax.axhline(self.level, color=INK, **style)
        axes.name_places(ax, _union([part.index for part in parts]), width)
        if self.today is not None:
            axes.today(ax, self.today.ordinal - 0.5)
        if not self.from_zero:
            ax.margins(y=0.2)
        elif not below:
            ax.set_ylim(bottom=0)
        if self.limits:
            ax.set_ylim(self.limits)

    def _totals(self):
        return []

    def _lines(self, ax, frame):
        for name in frame:
            axes.line(ax, frame[name], self.look_of(name), self.shares)


@dataclass(frozen=True, eq=False)
class Lines(_Course):
    """A line a column, over `bands`; `bars` (one series, as what is owed) stand below the lines."""

    _: KW_ONLY
    bars: DataFrame | None = None
    PAGE: ClassVar[float] = 3.2

    def _parts(self):
        return super()._parts() + ([] if self.bars is None else [self.bars])

    def _draw_data(self, ax):
        self._lines(ax, self.data)
        if self.bars is not None:
            looks = [self.look_of(name) for name in self.bars]
            axes.stack(ax, self.bars, looks, 0.5, self.shares)


@dataclass(frozen=True, eq=False)
class Bars(_Course):
    """Bars side by side, a colour a column, `labelled` with their sizes; `lines` in front."""

    _: KW_ONLY
    lines: DataFrame | None = None
    labelled: bool = False
    PAGE: ClassVar[float] = 2.6

    def _parts(self):
        return super()._parts() + ([] if self.lines is None else [self.lines])

    def _draw_data(self, ax):
        looks, labels = [self.look_of(name) for name in self.data], None
        if self.labelled:
            labels = self.data.map(lambda size: percent(size, 1) if self.shares else compact(size))
        axes.side_by_side(ax, self.data, looks, labels, self.shares)
        if self.lines is not None:
            self._lines(ax, self.lines)


@dataclass(frozen=True, eq=False)
class StackedBars(_Course):
    """Bars of parts, a colour a column, the first at the bottom; `lines` in front of them."""

    _: KW_ONLY
    lines: DataFrame | None = None
    PAGE: ClassVar[float] = 2.7

    def _parts(self):
        return super()._parts() + ([] if self.lines is None else [self.lines])

    def _totals(self):
        return list(self.data.sum(axis=1))

    def _draw_data(self, ax):
        looks = [self.look_of(name) for name in self.data]
        axes.stack(ax, self.data, looks, shares=self.shares)
        if self.lines is not None:
            self._lines(ax, self.lines)


def _union(indexes: Sequence[Index]) -> Index:
    """All months of several indexes; of other indexes the first, which the others share."""
    if isinstance(indexes[0], PeriodIndex):
        return PeriodIndex(sorted(set().union(*indexes)), freq=indexes[0].freq)
    return indexes[0]


@dataclass(frozen=True, eq=False)
class Waterfall(Chart):
    """Steps from the first total to the last, each labelled with its size; bars begin at zero.

    Where the steps are small beside the totals only the changes are drawn, from zero: the first
    total then stands in words, and the last bar is the change as a whole. `more_is_good` says
    which steps are good.
    """

    data: Series  # a size a step, by its name
    totals: Sequence[str] = ()  # the steps that are totals
    _: KW_ONLY
    more_is_good: bool = True
    PAGE: ClassVar[float] = 2.5
    PANEL: ClassVar[float] = 1.6
    SMALL: ClassVar[float] = 0.25  # of the largest total: smaller steps are drawn alone

    @property
    def empty(self) -> bool:
        return self.data.empty

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        level, sizes, only_changes = 0.0, self._sizes(), self._only_changes()
        divisor, _ = axes.scale(sizes)
        for place, (name, size) in enumerate(sizes.items()):
            total = name in self.totals
            bottom = 0.0 if total else level
            good = (size >= 0) == self.more_is_good
            shown = (TOTAL if total else BETTER if good else WORSE)._replace(label="")
            (bar,) = ax.bar(place, size, 0.64, bottom=bottom, **axes.filled(shown))
            axes.tell(bar, str(name), axes.said_of(size, self.shares))
            if place:
                ax.plot([place - 0.68, place + 0.32], [level] * 2, color=GREY, linewidth=0.6)
            level = bottom + size
            sign = "+" if size > 0 and (only_changes or not total) else ""
            above = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center"}
            text = f"{sign}{digits(size / divisor)}"
            ax.annotate(text, (place, max(level, bottom)), **above, fontsize=8.5)
        ax.set_xticks(range(len(sizes)), self._names(only_changes))
        if width < 1:
            ax.tick_params(axis="x", labelsize=7.5)
        axes.amounts(ax.yaxis, f"change of {self.unit}" if only_changes else self.unit, sizes)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.margins(y=0.14)

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        """The names stand below the bars."""

    def _only_changes(self):
        """Whether the steps are small beside the totals that they lie between."""
        known = [name for name in self.data.index if name in self.totals]
        if len(known) < 2 or known[0] != self.data.index[0] or known[-1] != self.data.index[-1]:
            return False
        levels = self.data.drop(known).cumsum() + self.data.iloc[0]
        low, high = min([*levels, *self.data[known]]), max([*levels, *self.data[known]])
        return bool(0 < high - low <= self.SMALL * high and low > 0)

    def _sizes(self):
        """What is drawn: the steps, or of the totals their difference alone."""
        if not self._only_changes():
            return self.data
        sizes = self.data.copy()
        sizes.iloc[-1], sizes.iloc[0] = self.data.iloc[-1] - self.data.iloc[0], 0.0
        return sizes

    def _names(self, only_changes):
        if not only_changes:
            return list(self.data.index)
        return [
            f"{name}\n({compact(self.data[name])})" if name in self.totals else str(name)
            for name in self.data.index
        ]
