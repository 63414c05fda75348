"""Columns of months in the notation of IBCS: actual solid, plan outlined, prior year light, budget
a line across the column."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas import DataFrame, PeriodIndex

from sopkit.reporting import axes
from sopkit.reporting.chart_types.chart import Chart
from sopkit.reporting.theme import BAD, GOOD, GREY, INK, PRIOR
from sopkit.schema.formatting import month_ticks

WIDE, SHIFT, TICK = 0.62, 0.14, 0.42  # of a month: a column, how far the prior year is shifted
ROOM = 0.12  # of the tallest column, for its label
PINS = 0.42  # of the tallest column, for the relative variances above
LONGEST_PIN = 0.13  # of the tallest column; the largest variance is as long
NAMES = 0.3  # inches below the axis, for the names of months and years
KINDS = ("actual", "plan", "prior_year", "reference", "maximum")


@dataclass(frozen=True, eq=False)
class PlanColumns(Chart):
    """Months as columns from zero, each labelled; time runs from left to right.

    `data` has a row a month (a PeriodIndex) and any of the columns `actual`, `plan`, `prior_year`,
    `reference` (a budget or target: a line across the column) and `maximum`. `pins` draws the
    relative variance to the reference above, green where it is good: `more_is_good` says which.
    """

    data: DataFrame
    _: KW_ONLY
    pins: bool = False
    more_is_good: bool = True
    short_names: bool = False  # of months: their first letter, where the chart is narrow
    PAGE: ClassVar[float] = 1.9
    FILLS: ClassVar[bool] = True  # it writes the names of its months into its own axes

    @property
    def has_pins(self) -> bool:
        """Whether relative variances are drawn: asked for, and to something."""
        return self.pins and "reference" in self.data and bool(self.data["reference"].gt(0).any())

    @property
    def scale(self) -> tuple[float, str]:
        """The divisor of its labels, and its sign: millions, thousands, or as they are."""
        largest = float(np.nanmax(np.abs(self.data.to_numpy("float64")), initial=0.0))
        return (1e6, "m") if largest >= 2e6 else (1e3, "k") if largest >= 2e3 else (1.0, "")

    @property
    def empty(self) -> bool:
        return not self.data.notna().to_numpy().any()

    def draw(self, ax: Axes, _width: float = 1.0) -> None:
        data, x = self._known(), np.arange(len(self.data))
        tallest = float(np.nanmax(data.to_numpy(), initial=0.0)) or 1.0
        ax.bar(x - SHIFT, data["prior_year"], WIDE, color=PRIOR)
        ax.bar(x, data["actual"], WIDE, color=INK)
        ax.bar(x, data["plan"], WIDE, facecolor="white", edgecolor=INK, linewidth=1)
        self._line_across(ax, x, data["reference"], INK)
        self._line_across(ax, x, data["maximum"], BAD)
        self._label(ax, x, data, tallest)
        if self.has_pins:
            self._draw_pins(ax, x, data, tallest)
        ax.axhline(0, color=INK, linewidth=0.8)
        self._part_plan(ax, data)
        low = min(0.0, float(np.nanmin(data.to_numpy(), initial=0.0))) * (1 + ROOM)
        self._name_months(ax, x, low)
        top = tallest * (1 + ROOM + (PINS if self.has_pins else 0.0))
        below = NAMES / (self.inches() - NAMES)  # of what is drawn, for the names of months
        ax.set_ylim(low - below * (top - low), top)
        ax.set_axis_off()

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        """The legend stands beside the headline, in HTML."""

    def _known(self):
        data = self.data.astype("float64").reindex(columns=list(KINDS))
        return data / self.scale[0]

    @staticmethod
    def _line_across(ax, x, values, colour):
        known = values.notna().to_numpy()
        if known.any():
            at = x[known]
            ax.hlines(values[known], at - TICK, at + TICK, color=colour, linewidth=1.4)

    @staticmethod
    def _label(ax, x, data, tallest):
        shown = data["actual"].fillna(data["plan"])
        tops = data[["actual", "plan", "reference"]].max(axis=1)
        places = 0 if tallest >= 100 else 1
        for at, (value, top) in zip(x, zip(shown, tops, strict=True), strict=True):
            if pd.notna(value):
                said = f"{value:,.{places}f}".replace("-0.0", "0.0")
                ax.text(at, max(top, 0) + 0.03 * tallest, said, ha="center", fontsize=6)

    def _draw_pins(self, ax, x, data, tallest):
        """Draw the relative variance to the reference on a line of its own, above the columns."""
        shown = data["actual"].fillna(data["plan"])
        change = (shown / data["reference"].where(data["reference"] > 0) - 1).to_numpy()
        if np.isnan(change).all():
            return
        zero = tallest * (1 + ROOM + PINS / 2)
        length = tallest * LONGEST_PIN / max(np.nanmax(np.abs(change)), 0.01)
        ax.axhline(zero, color=INK, linewidth=0.8)
        for at, part in zip(x, change, strict=True):
            if np.isnan(part):
                continue
            good = (part >= 0) == self.more_is_good
            colour, end = GOOD if good else BAD, zero + length * part
            ax.plot([at, at], [zero, end], color=colour, linewidth=1.6)
            ax.plot(at, end, marker="s", markersize=3, color=colour)
            beyond = end + (0.025 if part >= 0 else -0.025) * tallest
            said = f"{100 * part:+.0f}".replace("-0", "0").replace("+0", "0")
            side = "bottom" if part >= 0 else "top"
            ax.text(at, beyond, said, ha="center", va=side, fontsize=6, color=colour)

    def _name_months(self, ax, x, low):
        names = month_ticks(PeriodIndex(self.data.index), short=self.short_names)
        for at, name in zip(x, names, strict=True):
            place = {"xytext": (0, -3), "textcoords": "offset points", "ha": "center", "va": "top"}
            ax.annotate(name, (at, low), **place, fontsize=6.5, color=GREY)
        ax.set_xlim(-0.7, len(x) - 0.3)

    @staticmethod
    def _part_plan(ax, data):
        """Draw the line between the last actual month and the plan."""
        closed = int(data["actual"].notna().sum())
        if 0 < closed < len(data):
            ax.axvline(closed - 0.5, 0.1, 0.9, color=INK, linewidth=0.6, linestyle=axes.DOTTED)
