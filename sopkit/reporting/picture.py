"""A chart under its headline, as a picture."""

from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from textwrap import fill, shorten

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from PIL import Image

from sopkit.io.writers import replacing
from sopkit.reporting import notebook_output, theme
from sopkit.reporting.chart_types import Chart, SmallMultiples
from sopkit.reporting.theme import GREY

WIDTH, TITLE_CHARACTERS = 8.0, 94
SUBTITLE, SUBTITLE_HEIGHT, SUBTITLE_CHARACTERS = 8.5, 0.2, 120  # points, inches, one line
LARGEST = 16_000  # pixels of a side that the format holds
DPI = 200  # twice the pixels of a page on a desk, and enough for print
LONGEST_LABEL, LONGEST_TITLE = 60, 90  # characters; a longer name would leave the axes no room
COLOURS = 128  # more than a picture has, its smoothed edges among them
PLACE = "margin:1em 0;max-width:60rem"  # in line with text, wherever it is shown
LACKING = (
    "Boxes in this chart stand for letters that no font of this machine has: {}. "
    "Noto Sans has them."
)


def shown(chart: Chart, headline: str) -> dict[str, str]:
    """A chart as a notebook shows it, with its headline as the text for those who cannot see it.

    A chart with nothing to draw is shown as its headline alone.

    Returns
    -------
    kind of output (text/html, text/plain) : text
    """
    alt = " ".join(headline.split())
    if chart.empty:
        return dict(zip(("text/html", "text/plain"), notebook_output.sentence(alt), strict=True))
    with theme.applied():
        figure = draw(chart, headline)
        shorten_names(figure)
        undrawn = LACKING.format(lacking) if (lacking := theme.box_undrawable(figure)) else ""
        source = f"data:image/webp;base64,{b64encode(pixels(figure)).decode()}"
    image = f'<img alt="{escape(alt)}" src="{source}">'
    html = f'<figure tabindex="0" style="{PLACE}">{image}</figure>'
    note = f'<p class="more"><small>{escape(undrawn)}</small></p>' if undrawn else ""
    return {"text/html": html + note, "text/plain": f"{alt} {undrawn}".strip()}


def save(chart: Chart, headline: str, path: Path) -> None:
    """Draw a chart that is not empty into a file, of the kind that its name says: .png or .svg."""
    with theme.applied(), replacing(path) as unfinished:
        draw(chart, headline).savefig(unfinished)


def draw(chart: Chart, headline: str = "") -> Figure:
    """Draw a chart that is not empty under its headline and what it shows."""
    with theme.applied():
        height = chart.inches() + SUBTITLE_HEIGHT
        figure = Figure(figsize=(WIDTH, height))
        rect = (0, 0, 1, 1 - SUBTITLE_HEIGHT / height)
        figure.set_layout_engine("constrained", rect=rect)
        title = figure.suptitle(_balanced(headline), x=0.005, ha="left")
        place = {"xycoords": title, "xytext": (0, -3), "textcoords": "offset points"}
        style = {"va": "top", "color": GREY, "fontsize": SUBTITLE, "in_layout": False}
        figure.add_artist(Annotation(subtitle(chart), (0, 0), **place, **style))
        if isinstance(chart, SmallMultiples):
            chart.figure_axes(figure)
        else:
            ax = figure.subplots()
            chart.draw(ax)
            chart.name_series(ax)
    return figure


def subtitle(chart: Chart) -> str:
    """What a chart shows, and of how many where it leaves any out, in one line."""
    count, total = chart.counted
    of = f"; {count} of {total:,}" if count != total else ""
    return shorten(chart.subtitle, SUBTITLE_CHARACTERS - len(of), placeholder="…") + of


def _balanced(headline):
    """Break a headline into lines of about one length: no word, code or per cent sign alone."""
    if not headline:
        return ""
    lines = -(-len(headline) // TITLE_CHARACTERS)
    width = min(TITLE_CHARACTERS, len(headline) // lines + 14)
    return fill(headline.replace(" %", "\u00a0%"), width, break_on_hyphens=False)


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


def pixels(figure: Figure) -> bytes:
    """A figure as pixels of few colours, without loss: a fifth of what its lines would take.

    It is shown as an image: that runs nothing, so JupyterLab shows it in a notebook sent by mail.
    """
    small = BytesIO()
    figure.set_dpi(min(DPI, LARGEST / max(figure.get_size_inches())))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # once, where saving to a file lays the figure out in a first drawing
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    how = {"method": Image.Quantize.FASTOCTREE, "dither": Image.Dither.NONE}
    few = picture.quantize(COLOURS, **how).convert("RGB")
    few.save(small, "webp", lossless=True, quality=50, method=2)
    return small.getvalue()
