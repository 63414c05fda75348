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
    figure = ax.figure
    alt = alt or " ".join(figure.get_suptitle().split())
    if not ax.has_data():
        display({"text/html": f'<p class="caption"><b>{escape(alt)}</b></p>', "text/plain": alt}, raw=True)
        return
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    kind, data = "image/svg+xml", drawn.getvalue()
    if len(data) > LARGEST_SVG:
        pixels = BytesIO()
        figure.savefig(pixels, format="png", dpi=170)
        kind, data = "image/png", b64encode(pixels.getvalue()).decode()
    figure.clear()
    display({kind: data, "text/plain": alt}, raw=True, metadata={kind: {"alt": alt}})
