"""What tests of exhibits look with: tables written as text, and charts as they are drawn."""

from functools import cache
from io import StringIO

import pandas as pd

from sopkit.reporting import picture
from sopkit.tables.validation import conform


def table(name, text):
    """A conformed table: a row a line, cells between `|`."""
    return _conformed(name, text).copy()


@cache
def _conformed(name, text):
    cells = pd.read_csv(
        StringIO(text), sep=r"\s*\|\s*", engine="python", dtype=str, keep_default_na=False
    )
    cells.columns = [column.strip() for column in cells.columns]
    return conform(name, cells.apply(lambda column: column.str.strip()))


def frame(text):
    """Any table, written as `table` is; its columns take the types that their cells have."""
    cells = pd.read_csv(StringIO(text), sep=r"\s*\|\s*", engine="python", skipinitialspace=True)
    cells.columns = [column.strip() for column in cells.columns]
    cells = cells.apply(lambda column: column.str.strip() if column.dtype == "str" else column)
    if "period" in cells:
        return cells.assign(period=pd.PeriodIndex(cells["period"], freq="M"))
    return cells


def drawn(chart, headline=""):
    """The axes of a chart, drawn whole."""
    figure = picture.draw(chart, headline)
    figure.draw_without_rendering()
    return figure.axes


def lines(ax):
    """The values of each named line."""
    return {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}


def texts(ax):
    """What is written into the axes."""
    return [text.get_text() for text in ax.texts]


def weights(ax):
    """How heavy each text in the axes is."""
    return {text.get_text(): text.get_weight() for text in ax.texts}


def rows(ax):
    """The names at the left, from the top."""
    return [label.get_text() for label in ax.get_yticklabels()]


def columns(ax):
    """The names below, from the left."""
    return [label.get_text() for label in ax.get_xticklabels()]


def named(ax):
    """The legend above the axes."""
    return [text.get_text() for text in ax.get_legend().get_texts()]
