"""A chart in a notebook."""

from base64 import b64encode
from html import escape
from io import BytesIO

from IPython.display import display
from matplotlib.text import Text
from PIL import Image

from sopkit.charts.lettering import box_undrawable

LARGEST = 16_000  # pixels of a side that the format holds
DPI = 200  # twice the pixels of a page on a desk, and enough for print
LONGEST_LABEL, LONGEST_TITLE = 60, 90  # characters; a longer name would leave the axes no room
PLACE = "margin:1em 0;max-width:60rem"  # in line with text, wherever it is shown
LACKING = "Boxes in this chart stand for letters that no font of this machine has: {}. Noto Sans has them."
COLOURS = 128  # more than a figure has, its smoothed edges among them


def show(ax, alt=None):
    """Display a chart with a text for those who cannot see it (its claim, if `alt` is not given).

    A chart with nothing to draw is shown as that text alone.
    """
    display(bundle(ax, alt), raw=True)


def bundle(ax, alt=None):
    """Write a chart as `show` shows it.

    Returns
    -------
    dict of kind : text
    """
    figure = ax.figure
    alt = alt or " ".join(figure.get_suptitle().split())
    if not ax.has_data():
        return {"text/html": f'<p class="caption"><b>{escape(alt)}</b></p>', "text/plain": alt}
    shorten_names(figure)
    undrawn = LACKING.format(lacking) if (lacking := box_undrawable(figure)) else ""
    source = f"data:image/webp;base64,{b64encode(_drawn(figure)).decode()}"
    figure.clear()
    html = f'<figure tabindex="0" style="{PLACE}"><img alt="{escape(alt)}" src="{source}"></figure>'
    note = f'<p class="more"><small>{escape(undrawn)}</small></p>' if undrawn else ""
    return {"text/html": html + note, "text/plain": f"{alt} {undrawn}".strip()}


def show_each(every):
    """Display several charts, one below the other."""
    for ax in every:
        show(ax)


def _drawn(figure):
    """The figure as pixels of few colours, without loss: a fifth of what its lines would take, a fifth less than as PNG.

    It is shown as an image: that runs nothing, so JupyterLab shows it in a notebook that came by mail as well.
    """
    pixels, small = BytesIO(), BytesIO()
    dpi = min(DPI, LARGEST / max(figure.get_size_inches()))
    figure.savefig(pixels, format="raw", dpi=dpi)
    width = int(figure.get_size_inches()[0] * dpi)
    drawn = Image.frombytes(
        "RGBA", (width, pixels.tell() // (4 * width)), pixels.getvalue()
    ).convert("RGB")
    few = drawn.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.convert("RGB").save(small, "webp", lossless=True, quality=50, method=2)
    return small.getvalue()


def shorten_names(figure):
    """Cut names that come from tables, at the axes, above them and in legends, to a length that leaves room to draw."""
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
