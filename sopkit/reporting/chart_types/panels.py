"""Several charts in one picture, and the course of one figure without axes."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopkit.reporting import axes
from sopkit.reporting.chart_types.chart import Chart
from sopkit.reporting.theme import GREY


@dataclass(frozen=True, eq=False)
class SmallMultiples(Chart):
    """Charts beside and below one another, row by row; those without data are left out.

    Panels that all have a title share one legend below; others have their own. `layout` places them
    otherwise: rows of panel numbers, a number may fill several cells.
    """

    panels: Sequence[Chart]
    columns: int = 2
    _: KW_ONLY
    showing: int = 0  # how many are shown, where that is not the number of panels
    of: int = 0  # how many there are, where some of them only are shown
    layout: Sequence[Sequence[int]] | None = None
    widths: Sequence[float] | None = None  # of the columns, beside one another
    heights: Sequence[float] | None = None  # of the rows, in inches
    share_x: bool = False
    share_y: bool = False
    quick: bool = False  # while somebody waits: a fixed layout takes half the time

    @property
    def empty(self) -> bool:
        return all(panel.empty for panel in self.panels)

    @property
    def counted(self) -> tuple[int, int]:
        shown = self.showing or len(self.panels)
        return shown, self.of or shown

    def inches(self) -> float:
        return self.height or 0.55 + sum(self._heights())

    def figure_axes(self, figure: Figure) -> list[Axes]:
        """Draw the panels into a figure."""
        mosaic = self._mosaic()
        made = figure.subplot_mosaic(
            mosaic,
            empty_sentinel=".",
            sharex=self.share_x,
            sharey=self.share_y,
            height_ratios=self._heights(),
            width_ratios=self.widths or [1] * len(mosaic[0]),
        )
        together = all(panel.title for panel in self._shown())
        for number, panel in enumerate(self._shown()):
            ax = made[number]
            panel.draw(ax, self._width(number))
            if not together:
                panel.name_series(ax, self._width(number))
            ax.set_title(panel.title, loc=panel.TITLE_AT, fontsize=9, color=GREY)
        if self.share_x:
            self._name_last(made)
        drawn = [made[number] for number in range(len(self._shown()))]
        if together:
            axes.legend_below(drawn)
        if self.quick:
            self._place(figure, len(mosaic))
        return drawn

    def _shown(self):
        return [panel for panel in self.panels if not panel.empty]

    def _mosaic(self):
        if self.layout is not None:
            return [list(row) for row in self.layout]
        count, columns = len(self._shown()), min(self.columns, len(self._shown()))
        cells = [*range(count), *["."] * (-count % columns)]
        return [cells[start : start + columns] for start in range(0, len(cells), columns)]

    def _width(self, number):
        """The share of the page's width that a panel takes."""
        row = next(row for row in self._mosaic() if number in row)
        widths = self.widths or [1] * len(row)
        own = sum(w for cell, w in zip(row, widths, strict=True) if cell == number)
        return own / sum(widths)

    def _heights(self):
        if self.heights:
            return list(self.heights)
        shown = self._shown()
        return [max(shown[n].panel_inches() for n in row if n != ".") for row in self._mosaic()]

    def _name_last(self, made):
        """Panels that share months name them where no panel stands below."""
        rows = self._mosaic()
        for row, below in zip(rows, [*rows[1:], ["."] * len(rows[0])], strict=True):
            for number, under in zip(row, below, strict=True):
                if number != "." and under == ".":
                    made[number].tick_params(labelbottom=True)

    def _place(self, figure, rows):
        figure.set_layout_engine(None)
        head = 0.26 / rows + 0.2 / figure.get_figheight()
        figure.subplots_adjust(0.08, 0.12 / rows, 0.99, 1 - head, 0.22, 0.35)


@dataclass(frozen=True, eq=False)
class Sparkline:
    """The course of a figure as a small picture without axes."""

    values: Sequence[float]
    width: int = 120  # pixels
    height: int = 28

    def svg(self) -> str:
        """An SVG of numbers alone; "" for less than two values."""
        if len(self.values) < 2:
            return ""
        low, high = min(self.values), max(self.values)
        scale = (self.height - 4) / (high - low) if high > low else 0.0
        step = (self.width - 4) / (len(self.values) - 1)
        points = " ".join(
            f"{2 + number * step:.1f},{self.height - 2 - (value - low) * scale:.1f}"
            for number, value in enumerate(self.values)
        )
        size = f'width="{self.width}" height="{self.height}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {self.width} {self.height}"><polyline points="{points}" fill="none" '
            'stroke="#3E84C4" stroke-width="2" stroke-linejoin="round"/></svg>'
        )
