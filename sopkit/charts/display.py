"""A chart in a notebook."""

from base64 import b64encode
from html import escape
from io import BytesIO, StringIO

from IPython.display import display

LARGEST_SVG = 150_000  # bytes; a denser figure is smaller as pixels


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
    kind, picture = _drawn(figure)
    figure.clear()
    source = f"data:{kind};base64,{b64encode(picture).decode()}"
    return {"text/html": f'<figure><img alt="{escape(alt)}" src="{source}"></figure>', "text/plain": alt}


def _drawn(figure):
    """The figure as lines, or as pixels when it is dense.

    It is shown as an image: that runs nothing, so JupyterLab shows it in a notebook that came by mail as well.
    """
    lines = StringIO()
    figure.savefig(lines, format="svg", metadata={"Date": None})
    if len(lines.getvalue()) <= LARGEST_SVG:
        return "image/svg+xml", lines.getvalue().encode()
    pixels = BytesIO()
    figure.savefig(pixels, format="png", dpi=170)
    return "image/png", pixels.getvalue()
