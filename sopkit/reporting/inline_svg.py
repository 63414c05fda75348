"""A chart as SVG within a page: its text is text, its colours are those of the page, and what its
marks stand for is told where the pointer rests.

Set inline, a chart takes the page's colours by their names (`theme.COLOUR_NAMES`), in the dark as
well. As an image it stands alone and brings them along.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from io import StringIO

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from sopkit.reporting import figures, legends, theme
from sopkit.reporting.axes import BREAK, TOLD
from sopkit.reporting.chart_types import Chart

SVG, PIXELS = "http://www.w3.org/2000/svg", 768  # of an image's width
AS_TEXT = {"svg.fonttype": "none"}
ALONE = "".join(f"--{name}:{colour.lower()};" for colour, name in theme.COLOUR_NAMES.items())
ALONE = f"<style>:root{{{ALONE}}}</style>"
DIGITS = re.compile(r"(\d+\.\d{2})\d+")
FONT = re.compile(r"font: ((?:bold |italic )?)([\d.]+px) [^;\"]*")
FAMILY = re.compile(r"font-size: ([\d.]+px); font-family: [^;\"]*")
IDENTITY = re.compile(r' id="([^"]+)"')
USED = re.compile(r'(url\(#|href="#)([^")]+)')
HOVER = re.compile(rf'<g id="{TOLD}([^"]*)">')
HATCH = re.compile(r"<pattern.*?</pattern>", re.S)
DOT = re.compile(r"M ([-\d.]+) ([-\d.]+)\s+(?:C [-\d. ]+\s+)+z", re.I)
SQUARE = r"M\1 \2h.8v.8h-.8z"  # for a dot of a hatch, whose curves take a hundred kilobytes


def drawn(
    chart: Chart,
    said: str,
    width: float,
    within: tuple[float, float, float, float] | None = None,
) -> str:
    """Draw a chart without its title, which is the page's.

    Parameters
    ----------
    said : what it shows, for those who cannot see it
    width : in inches
    within : left, bottom, width and height of the axes as shares of the picture, where they need
        not be found by laying out: that takes half the time

    Returns
    -------
    an `svg` element, as wide as the place that it is put into; "" for a chart without data
    """
    if chart.empty:
        return ""
    with _as_text():
        figure = Figure(figsize=(width, chart.inches()), facecolor="none")
        if chart.FILLS or within:
            place = within or (0.0, 0.0, 1.0, 1.0)
            chart.draw(figure.add_axes(place), width / figures.WIDTH)
            figures.shorten_names(figure)
        else:
            figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01)
            figures.fill(figure, chart, named=False)
        return _written(figure, said)


def with_legend(chart: Chart, said: str, width: float) -> tuple[str, list[legends.Entry]]:
    """Draw a chart that is not empty, with the legend that goes above it; see `drawn`."""
    with _as_text():
        figure = Figure(figsize=(width, chart.inches()), facecolor="none")
        figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01)
        figures.fill(figure, chart)
        legend = legends.taken(figure)
        return _written(figure, said), legend


@contextmanager
def _as_text() -> Iterator[None]:
    """Draw in the theme, with text as text."""
    with theme.applied(), matplotlib.rc_context(AS_TEXT), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's machine draws letters
        yield


def _written(figure, said):
    written = StringIO()
    for axes in figure.axes:
        axes.patch.set_facecolor("none")
    # not `savefig`, which draws a figure that lays itself out twice
    FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None})
    return smaller(written.getvalue(), said)


def of_image(svg: str) -> str:
    """A drawn chart as the content of an image: with its colours and its width."""
    return svg.replace("<svg", f'<svg xmlns="{SVG}" width="{PIXELS}"', 1).replace(
        ">", f">{ALONE}", 1
    )


def of_page(svg: str) -> str:
    """The content of an image as part of a page, whose colours it takes."""
    return svg.replace(f' xmlns="{SVG}" width="{PIXELS}"', "", 1).replace(ALONE, "", 1)


def smaller(svg: str, said: str) -> str:
    """Take from matplotlib's SVG what a page does not need, and give it the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    size = re.search(r'viewBox="([^"]+)"', svg)
    head = f'<svg viewBox="{size[1]}" role="img" aria-label="{escape(said)}"'
    head = f'{head} xmlns:xlink="http://www.w3.org/1999/xlink">'
    svg = head + svg.partition(">")[2]
    for colour, name in theme.COLOUR_NAMES.items():
        svg = svg.replace(colour.lower(), f"var(--{name})")
    svg = FONT.sub(r"font: \1\2 sans-serif", svg)
    svg = FAMILY.sub(r"font: \1 sans-serif", svg)
    svg = DIGITS.sub(r"\1", svg)
    svg = HATCH.sub(lambda found: DOT.sub(SQUARE, found[0]), svg)
    svg = HOVER.sub(lambda found: f"<g><title>{found[1].replace(BREAK, '&#10;')}</title>", svg)
    return re.sub(r">\s+<", "><", re.sub(r"\n\s*", " ", _with_own_names(svg))).strip()


def _with_own_names(svg):
    """Keep the ids that are used, under names that no other chart of a page has.

    Of two equal ids a browser takes the first: hatches were lost where that chart was hidden.
    """
    own, used = f"c{sha256(svg.encode()).hexdigest()[:6]}", {one[2] for one in USED.finditer(svg)}
    kept = IDENTITY.sub(lambda one: f' id="{own}{one[1]}"' if one[1] in used else "", svg)
    return USED.sub(rf"\1{own}\2", kept)
