"""The legend of a chart as HTML beside its headline: it can be read on a phone, searched, copied.

A picture of several panels with legends of their own keeps each beside its panel.
"""

from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sopkit.reporting.theme import COLOUR_NAMES

LINES = {"--": "dashed", ":": "dotted", "-.": "dashed"}  # of matplotlib and of a style sheet
NO_LINE = ("", "None", "none", " ")


class Entry(NamedTuple):
    """What a mark stands for, and the style of the mark."""

    label: str
    style: str


def taken(figure: Figure) -> list[Entry]:
    """Take the one legend out of a drawn figure; [] where there is none, or there are several."""
    own = [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    found = [*figure.legends, *own]
    if len(found) != 1:
        return []
    (legend,) = found
    labels = [text.get_text() for text in legend.get_texts()]
    pairs = zip(labels, legend.legend_handles, strict=True)
    entries = [Entry(label, _style(handle)) for label, handle in pairs]
    legend.remove()
    return entries


def _style(handle: Artist) -> str:
    """The style of a mark: a line, a dot or a filled box."""
    if isinstance(handle, Line2D):
        colour = _colour(handle.get_color())
        if str(handle.get_linestyle()) in NO_LINE:
            return f"width:.6em;height:.6em;border-radius:50%;background:{colour}"
        kind = LINES.get(str(handle.get_linestyle()), "solid")
        return f"width:1.4em;border-top:2px {kind} {colour};vertical-align:.25em"
    colour = _colour(_face(handle))
    strength = handle.get_alpha()
    opacity = f";opacity:{strength:g}" if strength is not None else ""
    if isinstance(handle, Patch) and handle.get_hatch():
        stripes = f"repeating-linear-gradient(45deg,{colour} 0 2px,transparent 2px 4px)"
        return f"width:.9em;height:.7em;border:1px solid {colour};background:{stripes}{opacity}"
    return f"width:.9em;height:.7em;background:{colour}{opacity}"


def _face(handle):
    """The colour that a mark is filled with."""
    colours = handle.get_facecolor()
    return colours[0] if getattr(colours, "ndim", 1) > 1 else colours


def _colour(colour) -> str:
    """A colour as the page's own where it has a name, with that of light paper for a notebook."""
    shown = to_hex(colour).upper()
    named = COLOUR_NAMES.get(shown)
    return f"var(--{named},{shown})" if named else shown
