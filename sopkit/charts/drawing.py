"""How every figure is drawn: its frame, months, amounts, waterfalls and bars."""

from textwrap import fill, shorten

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter

from sopkit.charts.lettering import families
from sopkit.charts.looks import BETTER, GREY, INK, MEASURES, PALE, TOTAL, WORSE

WIDTH, TITLE_CHARACTERS = 8.0, 94
SUBTITLE, SUBTITLE_HEIGHT, SUBTITLE_CHARACTERS = 8.5, 0.2, 120  # points, inches, one line
SHOWN_BARS, SHOWN_ROWS = 12, 24  # of what can be many: products, families, launches

# Names come from tables: a `$` in one is a dollar, never mathematics.
matplotlib.rcParams.update(
    {
        "text.parse_math": False,
        "font.family": families(),
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": GREY,
        "axes.edgecolor": PALE,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": "#EBEEF0",
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "figure.titlesize": 10.5,
        "figure.titleweight": "bold",
        "hatch.linewidth": 0.5,
        "svg.fonttype": "path",
        "svg.hashsalt": "sopkit",
    }
)


def _figure(claim, shown, height):
    """Open a figure: its claim, what is shown in a grey line below, and the room left for its axes."""
    height = height + SUBTITLE_HEIGHT
    figure = Figure(figsize=(WIDTH, height))
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - SUBTITLE_HEIGHT / height))
    title = figure.suptitle(_balanced(claim), x=0.005, ha="left")
    below = {
        "xycoords": title,
        "xytext": (0, -3),
        "textcoords": "offset points",
        "in_layout": False,
    }
    line = shorten(shown, SUBTITLE_CHARACTERS, placeholder="…")  # a name in it may be of any length
    figure.add_artist(Annotation(line, (0, 0), **below, va="top", color=GREY, fontsize=SUBTITLE))
    return figure


def panel(claim, shown, height, layout, heights):
    """Open a figure whose axes stand as `layout` names them; return them by name."""
    return _figure(claim, shown, height).subplot_mosaic(layout, height_ratios=heights)


def canvas(claim, shown, height=3.2, rows=1, columns=1, **shared):
    """Open a figure under its claim and what it shows; return its axes (one, or a flat list of them)."""
    axes = _figure(claim, shown, height).subplots(rows, columns, squeeze=False, **shared).ravel()
    return axes[0] if rows * columns == 1 else list(axes)


def some(shown, count, total):
    """What a figure shows, and of how many where it leaves any out."""
    if count == total:
        return shown
    said = f"; {count} of {total:,}"
    return shorten(shown, SUBTITLE_CHARACTERS - len(said), placeholder="…") + said


def nothing(claim):
    """Open a figure that has nothing to draw: only its claim will be shown."""
    ax = canvas(claim, "", 0.6)
    ax.set_axis_off()
    return ax


def subtitle(ax):
    """What the figure of these axes says it shows."""
    return next(one.get_text() for one in ax.figure.artists if isinstance(one, Annotation))


def _balanced(claim):
    """Break a claim into lines of about the same length, so that no word, code or per cent sign stands alone."""
    lines = -(-len(claim) // TITLE_CHARACTERS)
    kept = claim.replace(" %", "\u00a0%")
    width = min(TITLE_CHARACTERS, len(claim) // max(lines, 1) + 14)
    return fill(kept, width, break_on_hyphens=False) if claim else ""


def ordinals(periods):
    """Place months on an axis: consecutive whole numbers."""
    return pd.PeriodIndex(periods).asi8


def month_name(ordinal, _position=None):
    """Name the month at a place of the axis: `Oct 26`."""
    return pd.Period(ordinal=round(ordinal), freq="M").strftime("%b %y")


def month_axis(ax, places, most=12):
    """Label at most so many months, at a step that puts years at January."""
    first, last = int(min(places)), int(max(places))
    step = next((s for s in (1, 2, 3, 6, 12, 24) if (last - first + 1) / s <= most), 60)
    ax.set_xticks([place for place in range(first, last + 1) if place % step == 0])
    ax.xaxis.set_major_formatter(FuncFormatter(month_name))
    ax.set_xlim(first - 0.7, last + 0.7)


def today(ax, place):
    """Draw the line between what was and what is planned."""
    ax.axvline(place, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0.9)
    ax.annotate(
        "today", (place, 1), xycoords=("data", "axes fraction"), xytext=(4, -9),
        textcoords="offset points", color=GREY, fontsize=8,
    )  # fmt: skip


def scale(values):
    """Choose the unit in which large amounts stay readable: divisor and its name."""
    largest = max((abs(value) for value in values if pd.notna(value)), default=0)
    return (
        (1e6, "million") if largest >= 2e6 else (1e3, "thousand") if largest >= 2e4 else (1.0, "")
    )


def amounts(axis, unit, values):
    """Write an axis of amounts in millions or thousands, with its unit."""
    divisor, word = scale(values)
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / divisor:,.10g}"))
    text = ", ".join(part for part in (unit, word) if part)
    (axis.axes.set_ylabel if axis.axis_name == "y" else axis.axes.set_xlabel)(text)


def percents(axis, label):
    """Write an axis of shares as percentages."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:,.10g} %"))
    (axis.axes.set_ylabel if axis.axis_name == "y" else axis.axes.set_xlabel)(label)


def line(ax, x, y, measure, **more):
    """Draw a measure over months in its own colour and line."""
    look = MEASURES[measure]
    style = {
        "color": look.colour,
        "linestyle": look.line,
        "linewidth": 1.8,
        "label": look.label,
    } | more
    ax.plot(x, y, **style)


def stack(ax, x, columns, looks, width=0.8):
    """Stack bars, one colour and hatch a part; what takes away goes below zero."""
    above, below = pd.Series(0.0, index=columns.index), pd.Series(0.0, index=columns.index)
    for part in columns:
        look, size = looks[part], columns[part].fillna(0.0)
        bottom = above.where(size >= 0, below)
        ax.bar(x, size, width, bottom=bottom, **filled(look))
        above, below = above + size.clip(lower=0), below + size.clip(upper=0)


def filled(look):
    """The keywords of a bar in a measure's look."""
    return {
        "color": look.colour,
        "hatch": look.hatch,
        "edgecolor": "white",
        "linewidth": 0.4,
        "label": look.label,
    }


def tiles(ax, x, grid, colours, limits, words, bold):
    """Draw a table as coloured tiles with words written in them; `x` are the places of its columns."""
    edges = [*(x - 0.5), x.max() + 0.5], [place - 0.5 for place in range(len(grid) + 1)]
    low, high = limits
    ax.pcolormesh(
        *edges, grid.to_numpy(), cmap=colours, vmin=low, vmax=high, edgecolor="white", linewidth=1.5
    )
    for (row, column), word in np.ndenumerate(words.to_numpy()):
        if not word:
            continue
        weight = "bold" if bold.iloc[row, column] else "normal"
        ax.text(x[column], row, word, ha="center", va="center", fontsize=8, weight=weight)
    ax.set_yticks(range(len(grid)), grid.index)
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlim(x.min() - 0.5, x.max() + 0.5)


def waterfall(ax, names, sizes, is_total, unit):
    """Draw steps from the first total to the last; each bar is labelled with its size.

    Where the steps are small beside the totals the axis starts above zero, and says so.
    """
    divisor, _ = scale(sizes)
    levels, level = [], 0.0
    for place, (size, total) in enumerate(zip(sizes, is_total, strict=True)):
        bottom = 0.0 if total else level
        look = TOTAL if total else BETTER if size >= 0 else WORSE
        ax.bar(place, size, 0.64, bottom=bottom, **filled(look))
        if place:
            ax.plot([place - 0.68, place + 0.32], [level] * 2, color=GREY, linewidth=0.6)
        level = bottom + size
        levels.append(level)
        text = f"{'+' if size > 0 and not total else ''}{short(size / divisor)}"
        at = (place, max(level, bottom))
        ax.annotate(text, at, xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8.5)
    ax.set_xticks(range(len(names)), names)
    amounts(ax.yaxis, unit, sizes)
    _close_up(ax, levels)


def _close_up(ax, levels):
    low, high = min(levels), max(levels)
    if low <= 0 or low == high or high - low > 0.25 * high:
        ax.margins(y=0.14)
        return
    ax.set_ylim(low - 0.6 * (high - low) - 0.01 * high, high + 0.3 * (high - low))
    ax.set_ylabel(f"{ax.get_ylabel()}\n(axis starts above 0)")


def short(value):
    """Write a number beside a bar in three or four digits."""
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def spoken(value, sign=""):
    """Write an amount as it is said in a tile: `-1.50 m`, `204 k`, `17`; `sign` stands before what is not negative."""
    divisor, word = next(
        ((d, w) for d, w in ((1e6, " m"), (1e3, " k")) if abs(value) >= d), (1.0, "")
    )
    return f"{sign if value >= 0 else ''}{short(value / divisor)}{word}"


def sideways(ax, names, sizes, unit, looks=None, labelled=False):
    """Draw bars from top to bottom, names at the left, zero marked; the sizes are written beside them if `labelled`."""
    places = range(len(names))
    for place, size in zip(places, sizes, strict=True):
        look = looks[place] if looks else (BETTER if size >= 0 else WORSE)
        ax.barh(place, size, 0.66, **filled(look))
        if labelled:
            at = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
            ax.annotate(spoken(size), (max(size, 0), place), **at)
    ax.set_yticks(places, [fill(str(name), 46, break_on_hyphens=False) for name in names])
    ax.invert_yaxis()
    across(ax)
    ax.axvline(0, color=GREY, linewidth=0.8)
    amounts(ax.xaxis, unit, sizes)
    if labelled:
        ax.margins(x=0.1)


def across(ax):
    """Rule the axes for what is read from left to right."""
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def legend(ax, columns=6, handles=None):
    """Name the measures in a line above the axes."""
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        borderaxespad=0.2,
        columnspacing=1.4,
    )


def legend_below(ax, columns=6):
    """Name the measures under all panels, where no panel's title is in the way."""
    ax.figure.legend(
        *ax.get_legend_handles_labels(), loc="outside lower left", ncols=columns, columnspacing=1.4
    )
