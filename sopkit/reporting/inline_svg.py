"""A chart as SVG within a page: its text is text, and its colours are those of the page."""

import re
from html import escape
from io import StringIO

import matplotlib
from matplotlib.figure import Figure

from sopkit.reporting import picture, theme
from sopkit.reporting.chart_types import Chart, SmallMultiples

AS_TEXT = {"svg.fonttype": "none"}
COLOURS = {  # of the theme, and their names in the page's style sheet
    theme.INK: "var(--ink)",
    theme.GREY: "var(--quiet)",
    theme.GOOD: "var(--good)",
    theme.BAD: "var(--bad)",
    theme.PRIOR: "var(--prior)",
    "#FFFFFF": "var(--paper)",
}
DIGITS = re.compile(r"(\d+\.\d{2})\d+")
FONT = re.compile(r"font: ((?:bold |italic )?)([\d.]+px) [^;\"]*")
FAMILY = re.compile(r"font-size: ([\d.]+px); font-family: [^;\"]*")
IDENTITY = re.compile(r' id="([^"]+)"')


def drawn(
    chart: Chart,
    said: str,
    width: float,
    within: tuple[float, float, float, float] | None = None,
) -> str:
    """Draw a chart without title or legend, which are the page's.

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
    with theme.applied(), matplotlib.rc_context(AS_TEXT):
        figure = Figure(figsize=(width, chart.inches()))
        if chart.FILLS:
            chart.draw(figure.add_axes((0.0, 0.0, 1.0, 1.0)), width / picture.WIDTH)
        elif within:
            chart.draw(figure.add_axes(within), width / picture.WIDTH)
        else:
            figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01)
            if isinstance(chart, SmallMultiples):
                chart.figure_axes(figure)
            else:
                chart.draw(figure.subplots(), width / picture.WIDTH)
        picture.shorten_names(figure)
        written = StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return smaller(written.getvalue(), said)


def smaller(svg: str, said: str) -> str:
    """Take from matplotlib's SVG what a page does not need, and give it the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    size = re.search(r'viewBox="([^"]+)"', svg)
    head = f'<svg viewBox="{size[1]}" role="img" aria-label="{escape(said)}"'
    svg = re.sub(r"<svg[^>]*>", f'{head} xmlns:xlink="http://www.w3.org/1999/xlink">', svg, count=1)
    for colour, name in COLOURS.items():
        svg = svg.replace(colour.lower(), name)
    svg = FONT.sub(r"font: \1\2 sans-serif", svg)
    svg = FAMILY.sub(r"font: \1 sans-serif", svg)
    svg = DIGITS.sub(r"\1", svg)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = IDENTITY.sub(lambda found: found[0] if found[1] in used else "", svg)
    return re.sub(r">\s+<", "><", re.sub(r"\n\s*", " ", svg)).strip()
