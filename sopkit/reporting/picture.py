"""A chart under its headline: within a notebook, and as a file of its own."""

from base64 import b64encode
from html import escape
from pathlib import Path
from textwrap import fill

from matplotlib.figure import Figure
from matplotlib.text import Annotation

from sopkit.io.writers import replacing
from sopkit.reporting import figures, inline_svg, notebook_output, theme, tiles
from sopkit.reporting.chart_types import Chart
from sopkit.reporting.figures import WIDTH
from sopkit.reporting.theme import GREY

TITLE_CHARACTERS = 94
SUBTITLE, SUBTITLE_HEIGHT = 8.5, 0.2  # points, inches
LARGEST, DPI = 16_000, 200  # pixels of a side, and of an inch
PLACE = "margin:1em 0;max-width:60rem"  # in line with text, wherever it is shown
PAPER = "background:#fff;max-width:100%"  # the colours of a chart are for light paper


def shown(chart: Chart, headline: str) -> dict[str, str]:
    """A chart as a notebook shows it, with its headline as the text for those who cannot see it.

    The chart is an image, which runs nothing: JupyterLab shows it in a notebook that came by mail,
    too. A page sets it inline (`inline_svg.of_page`). A heat map is a table. A chart with nothing
    to draw is shown as its headline alone.

    Returns
    -------
    kind of output (text/html, text/plain) : text
    """
    alt = " ".join(headline.split())
    if chart.empty:
        return dict(zip(("text/html", "text/plain"), notebook_output.sentence(alt), strict=True))
    maps = tiles.heatmaps(chart)
    if maps:
        return {"text/html": _figure(alt, chart, _tiles(maps, alt)), "text/plain": alt}
    svg, legend = inline_svg.with_legend(chart, alt, WIDTH)
    image = inline_svg.of_image(svg)
    source = f"data:image/svg+xml;base64,{b64encode(image.encode()).decode()}"
    shown = f'<img class="chart" style="{PAPER}" alt="{escape(alt)}" src="{source}">'
    return {"text/html": _figure(alt, chart, shown, _key(legend)), "text/plain": alt}


def _key(legend):
    """A legend as HTML; "" without one."""
    html = notebook_output.template("legend.html.j2").render(entries=legend) if legend else ""
    return html.replace("\n", "")


def _figure(alt, chart, drawn, key=""):
    said = f"<b>{escape(alt)}</b><br><small>{escape(figures.subtitle(chart))}</small>{key}"
    return f'<figure tabindex="0" style="{PLACE}"><figcaption>{said}</figcaption>{drawn}</figure>'


def _tiles(maps, alt):
    """Heat maps as tables, each of its colours named once."""
    tables = [tiles.tile_table(one) for one in maps]
    key = list(dict.fromkeys(entry for table in tables for entry in table.key))
    html = notebook_output.template("heatmap.html.j2").render(maps=tables, said=alt, key=key)
    return html.replace("\n", "")


def save(chart: Chart, headline: str, path: Path) -> None:
    """Draw a chart that is not empty into a file, of the kind that its name says: .png or .svg."""
    with theme.applied(), replacing(path) as unfinished:
        figure = draw(chart, headline)
        theme.box_undrawable(figure)
        figure.savefig(unfinished, dpi=min(DPI, LARGEST / max(figure.get_size_inches())))


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
        figure.add_artist(Annotation(figures.subtitle(chart), (0, 0), **place, **style))
        figures.fill(figure, chart)
    return figure


def _balanced(headline):
    """Break a headline into lines of about one length: no word, code or per cent sign alone."""
    if not headline:
        return ""
    lines = -(-len(headline) // TITLE_CHARACTERS)
    width = min(TITLE_CHARACTERS, len(headline) // lines + 14)
    return fill(headline.replace(" %", "\u00a0%"), width, break_on_hyphens=False)
