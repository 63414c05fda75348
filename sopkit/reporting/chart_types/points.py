"""Points by two measures: what is gained against what it takes, and the frontier of both."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from pandas import DataFrame

from sopkit.reporting import axes
from sopkit.reporting.chart_types.chart import Chart
from sopkit.reporting.theme import GREY, INK, PALE, TOTAL, Look

APART = 0.075  # of the height: how far labels that are near one another stand apart
NEAR = 0.3  # of the width: labels that start within it could cover one another
LEFT_FROM = 0.55  # of the width: from here on words stand at the left of their point
RIGHT, ABOVE = 0.008, 0.012  # of width and height: how far words stand from their point
OTHER, NAMED = Look("other", PALE, marker="o"), Look("named", GREY, marker="o")


@dataclass(frozen=True, eq=False)
class Points(Chart):
    """Points of two columns, what it takes (to the right) and what is gained (upwards).

    `labels` name the first points, those on the frontier, which a line of steps joins; the others
    are dots without names. `marked` is the position of the one that is chosen. The base plan
    stands at 0.
    """

    data: DataFrame
    _: KW_ONLY
    labels: Sequence[str] = ()
    marked: int | None = None
    unit_across: str = ""
    origin: str = "plan"

    PAGE: ClassVar[float] = 3.6

    @property
    def empty(self) -> bool:
        return self.data.empty

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        across, up = self.data.to_numpy(dtype=float).T
        named = len(self.labels)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.axvline(0, color=GREY, linewidth=0.8)
        self._frontier(ax, np.append(across[:named], 0.0), np.append(up[:named], 0.0))
        ax.plot(across[named:], up[named:], **axes.dots(OTHER, 5.0))
        for place in range(named):
            chosen = place == self.marked
            look = TOTAL._replace(marker="D") if chosen else NAMED
            ax.plot(across[place], up[place], zorder=3, **axes.dots(look, 8.0 if chosen else 6.0))
        ax.plot(0, 0, zorder=3, **axes.dots(Look("", INK, marker="s", hollow=True)))
        ax.margins(x=0.16, y=0.14)
        axes.amounts(ax.xaxis, self.unit_across, across)
        axes.amounts(ax.yaxis, self.unit, up)
        self._label(ax, across[:named], up[:named])
        if width < 0.5:
            ax.locator_params(axis="x", nbins=3)

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        """The points are named where they stand."""

    def _frontier(self, ax: Axes, across: np.ndarray, up: np.ndarray) -> None:
        """The most that is gained with so much, in steps."""
        order = np.lexsort([-up, across])
        x, y = across[order], np.maximum.accumulate(up[order])
        ax.plot(x, y, color=GREY, linewidth=1.2, drawstyle="steps-post", zorder=1)

    def _label(self, ax: Axes, across: np.ndarray, up: np.ndarray) -> None:
        """Words beside the points, moved apart where they would cover one another."""
        x, y = np.append(across, 0.0), np.append(up, 0.0)
        words = [*self.labels, self.origin]
        wide, high = np.diff(ax.get_xlim())[0], np.diff(ax.get_ylim())[0]
        placed: list[tuple[float, float]] = []
        for place in np.argsort(-y, kind="stable"):
            at = y[place]
            for left, height in placed:
                if abs(left - x[place]) < NEAR * wide and height - at < APART * high:
                    at = min(at, height - APART * high)
            placed.append((x[place], at))
            bold = "bold" if place == self.marked else "normal"
            right = x[place] > ax.get_xlim()[0] + LEFT_FROM * wide
            ax.annotate(
                words[place],
                (x[place], y[place]),
                xytext=((-RIGHT if right else RIGHT) * wide + x[place], at + ABOVE * high),
                textcoords="data",
                ha="right" if right else "left",
                va="bottom",
                fontsize=8,
                fontweight=bold,
                color=INK,
            )
