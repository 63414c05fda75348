"""A chart laid out in a matplotlib figure, as a page, a notebook or a file shows it."""

from textwrap import shorten

from matplotlib.figure import Figure
from matplotlib.text import Text

from sopkit.reporting.chart_types import Chart, SmallMultiples

WIDTH = 8.0  # inches of a page
SUBTITLE_CHARACTERS = 120  # in one line
LONGEST_LABEL, LONGEST_TITLE = 60, 90  # characters; a longer name would leave the axes no room


def fill(figure: Figure, chart: Chart, named: bool = True) -> None:
    """Draw a chart that is not empty into a figure; `named` says whether its series are named."""
    share = figure.get_figwidth() / WIDTH
    if isinstance(chart, SmallMultiples):
        chart.figure_axes(figure)
    else:
        ax = figure.subplots()
        chart.draw(ax, share)
        if named:
            chart.name_series(ax, share)
    shorten_names(figure)


def subtitle(chart: Chart) -> str:
    """What a chart shows, and of how many where it leaves any out, in one line."""
    count, total = chart.counted
    of = f"; {count} of {total:,}" if count != total else ""
    return shorten(chart.subtitle, SUBTITLE_CHARACTERS - len(of), placeholder="…") + of


def shorten_names(figure: Figure) -> None:
    """Cut names that come from tables to a length that leaves room to draw."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            names = [label.get_text() for label in axis.get_ticklabels()]
            if any(len(name) > LONGEST_LABEL for name in names):
                axis.set_ticks(axis.get_ticklocs(), [_short(name) for name in names])
        for text in axes.get_legend().get_texts() if axes.get_legend() else []:
            text.set_text(_short(text.get_text()))
        for text in axes.findobj(lambda one: isinstance(one, Text) and one.get_in_layout()):
            text.set_text(_short(text.get_text(), LONGEST_TITLE))


def _short(name, most=LONGEST_LABEL):
    return name if len(name) <= most else f"{name[: most - 1]}…"
