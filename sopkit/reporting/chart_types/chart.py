"""What every chart has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from matplotlib.axes import Axes

from sopkit.reporting import axes
from sopkit.reporting.theme import GREY, Look, look

TOP = 12  # shown of what can be many: products, resources, suppliers
TOP_ROWS = 24  # shown where rows are read one by one: families, scenarios, launches


@dataclass(frozen=True, eq=False, kw_only=True)
class Chart:
    """What every chart has."""

    subtitle: str = ""  # what is shown, in one line under the headline
    title: str = ""  # its name as one of several panels
    title_colour: str = GREY
    unit: str = ""  # what the axis of values is labelled with
    shares: bool = False  # values are shares, written in per cent
    looks: Mapping[str, Look] = field(default_factory=dict)  # of columns, other than the theme's
    height: float = 0.0  # inches; 0: as the type needs

    PAGE: ClassVar[float] = 2.7  # inches
    PANEL: ClassVar[float] = 1.45
    TITLE_AT: ClassVar[str] = "right"
    FILLS: ClassVar[bool] = False  # whether it needs no room beside its axes

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        raise NotImplementedError

    @property
    def counted(self) -> tuple[int, int]:
        """How much is shown, and of how much."""
        return 0, 0

    def inches(self) -> float:
        """The height of the chart alone."""
        return self.height or self.PAGE

    def panel_inches(self) -> float:
        """The height of the chart as one of several panels."""
        return self.height or self.PANEL

    def draw(self, ax: Axes, width: float = 1.0) -> None:
        """Draw into axes that take a share `width` of the page."""
        raise NotImplementedError

    def name_series(self, ax: Axes, width: float = 1.0) -> None:
        """Draw the legend, where the type has one."""
        axes.legend(ax, width)

    def look_of(self, name: object) -> Look:
        """The look of a series: the chart's own, or that of the theme."""
        return self.looks[name] if name in self.looks else look(name)
