"""How charts look: colours, lines, hatches, fonts; a measure looks the same in every chart."""

import logging
from contextlib import AbstractContextManager
from functools import cache
from typing import NamedTuple

import matplotlib
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text
from pandas import Series

from sopkit.schema.glossary import label

INK, GREY, PALE, GRID = "#22313F", "#6B7680", "#D5DADE", "#EBEEF0"
PLAN = "#1B5E9B"
ON_TILE, ON_BAR = "#22313E", "#FEFEFE"  # words on colours that stay as they are in the dark
PRIOR, GOOD, BAD = "#B9C0C6", "#2F7D32", "#B3261E"  # the prior year; variances by what they mean
COLOUR_NAMES = {  # of colours, in the page's style sheet
    INK: "ink",
    GREY: "quiet",
    PALE: "rule",
    GRID: "grid",
    PLAN: "plan",
    GOOD: "good",
    BAD: "bad",
    PRIOR: "prior",
    "#FFFFFF": "paper",
}


class Look(NamedTuple):
    """A measure's name and colour, and the line and hatch that tell it apart on grey paper."""

    label: str
    colour: str
    line: str | tuple = "-"
    hatch: str = ""
    width: float = 1.8  # points of its line
    marker: str = ""
    hollow: bool = False  # a mark that is only outlined
    steps: bool = False  # a line that goes in steps


# their names are those of their columns; see `look`
MEASURES = {
    "quantity": Look("", "#8A949C", "--"),
    "cleansed": Look("", "#22313F"),
    "baseline": Look("", "#88BBDD", "--"),
    "consensus": Look("", PLAN),
    "demand": Look("", PLAN),
    "firm_orders": Look("", PLAN),
    "past_due_orders": Look("", "#CC3311", "-", "xxx"),
    "net_forecast": Look("", "#88BBDD", "-", "///"),
    "required_hours": Look("", PLAN),
    "launch_demand": Look("", "#117733", "-.", "///"),
    "activity_demand": Look("", "#E69F00", ":", "..."),
    "opportunity_demand": Look("", "#AA4499", "--", "xxx"),
    "pickup_demand": Look("", "#44AA99", "-.", "ooo"),
    "override": Look("", "#CC6677", "-", "\\\\\\"),
    "regular": Look("", "#6699BB"),
    "overtime": Look("", "#DDAA33", "--", "///"),
    "subcontract": Look("", "#AA7744", ":", "..."),
    "scheduled_receipts": Look("", "#B8C4CC", "-.", "\\\\\\"),
    "regular_hours": Look("", "#6699BB"),
    "overtime_hours": Look("", "#DDAA33", "--", "///"),
    "capacity_hours": Look("", "#22313F", "--"),
    "workers": Look("", "#22313F"),
    "inventory": Look("", "#2A9D8F", "-"),
    "inventory_value": Look("", "#2A9D8F", "-"),
    "target_inventory": Look("", "#2A9D8F", ":"),
    "fill_rate": Look("", PLAN),
    "stock_out_probability": Look("", "#CC3311", "--"),
    "backlog": Look("", "#CC3311", "-", "xxx"),
    "lost_sales": Look("", "#882255", "--", "..."),
    "supplied": Look("", "#B8C4CC"),
    "booked": Look("", PLAN),
    "available_to_promise": Look("", "#117733", "--"),
    "spend_share": Look("", "#6699BB"),
    "revenue_dependency": Look("", "#DDAA33", "-", "///"),
    "revenue": Look("", PLAN),
    "margin": Look("", "#117733", "--"),
    "cash": Look("", "#8E86B5"),
    "receivables": Look("", "#3F3A6B", "--"),
    "payables": Look("", "#A35C2E", ":"),
    "last_plan": Look("", "#22313F", (0, (3, 2))),
    "reference_value": Look("", "#8A949C", "--"),
}
COSTS = {
    "regular labour": Look("regular labour", "#6699BB"),
    "unabsorbed labour": Look("unabsorbed labour", "#D5E3EF", "-", "..."),
    "overtime": Look("overtime", "#DDAA33", "--", "///"),
    "subcontracting": Look("subcontracting", "#AA7744", ":", "..."),
    "material": Look("material", "#B8C4CC"),
    "conversion": Look("conversion", "#88BBDD", "-", "---"),
    "set-up": Look("set-up", "#661100", "-", "xx"),
    "transfers": Look("transfers", "#CCBB44", "-", "**"),
    "holding": Look("holding", "#2A9D8F", "-"),
    "backlog": Look("backlog", "#CC3311", "-", "xxx"),
    "lost sales": Look("lost sales", "#882255", "--", "..."),
    "hiring": Look("hiring", "#117733", "-", "|||"),
    "layoff": Look("layoff", "#AA4499", "-", "\\\\\\"),
    "freight": Look("freight", "#999933", "-", "++"),
    "inbound freight": Look("inbound freight", "#6699AA", "-", "\\\\"),
    "extra storage": Look("extra storage", "#DDCC77", "-", "oo"),
}
STRATEGIES = {
    "level": Look("level", "#117733", "--"),
    "chase": Look("chase", "#AA4499", ":"),
    "optimal": Look("optimal", "#DDAA33", "-."),
    "last_cycle": Look("as last approved", "#8A949C", "--"),
    "plan_of_record": Look("plan of record", PLAN),
}
PRODUCTS = (  # the largest first; products take no measure's colour
    Look("", "#33475A"),
    Look("", "#7F92A3", "-", "///"),
    Look("", "#B9C6D0"),
    Look("", "#546A7D", "-", "..."),
    Look("", "#9CAEBB", "-", "xxx"),
    Look("", "#D9E0E6", "-", "\\\\\\"),
)
OTHERS = Look("others", "#EDF0F2")
POSITIONS = {  # of stock against its band, from too little to too much
    "below_safety": Look("below safety stock", "#E58A7B"),
    "below_target": Look("below target", "#F6DDB8"),
    "on_target": Look("in its band", "#E9EEEC"),
    "excess": Look("above maximum", "#A9CBE3"),
}
# From idle to full to overloaded; light enough for dark words to be read on it.
LOAD = LinearSegmentedColormap.from_list(
    "load", ["#F6F8F9", "#C9DDEC", "#F6DDB8", "#EBA67C", "#DD7264"]
)
DIFFERENCE = "BrBG"  # below and above what is compared with
BETTER = Look("adds", "#4E9F6D")
WORSE = Look("takes", "#CC6677", "-", "///")
TOTAL = Look("total", PLAN)


def look(name: str, **changed: object) -> Look:
    """The look of a measure (grey under its own name, if it has none), with what is `changed`."""
    if name not in MEASURES:
        return Look(str(name), GREY)._replace(**changed)
    return MEASURES[name]._replace(label=label(name, short=True))._replace(**changed)


def by_meaning(sizes: Series, more_is_good: bool = True) -> list[Look]:
    """A look for each change: green for what is good, red and hatched for what is bad."""
    return [BETTER if (size >= 0) == more_is_good else WORSE for size in sizes]


# -------------------------------------------------------------------------------------------------
# fonts: of those on this machine, each letter in the first that has it; matplotlib orders them

FIRST = "DejaVu Sans"  # comes with matplotlib
FALLBACKS = (  # by the system they come with: Linux, Windows, macOS
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK KR",
    "Noto Sans JP", "Noto Sans SC", "Noto Sans KR", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "IPAexGothic", "Droid Sans Fallback", "Noto Sans Arabic", "Noto Sans Hebrew",
    "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Yu Gothic",
    "MS Gothic", "Microsoft YaHei", "Microsoft JhengHei", "SimHei", "Malgun Gothic", "Nirmala UI",
    "Leelawadee UI", "Segoe UI", "Hiragino Sans", "PingFang SC", "PingFang TC",
    "Apple SD Gothic Neo", "Arial Unicode MS",
)  # fmt: skip
BOX = "\u25a1"
# Names come from tables: a `$` in one is a dollar, never mathematics.
STYLE = {
    "text.parse_math": False,
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": GREY,
    "axes.edgecolor": PALE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
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


def applied() -> AbstractContextManager:
    """A context in which matplotlib draws as the charts of the workbook look."""
    return matplotlib.rc_context(STYLE | {"font.family": families()})


# a fallback font that lacks a weight is drawn in the weight it has; nobody needs to read that
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


def families() -> list[str]:
    """The fonts to draw with: the first, and those of the others that are installed."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [FIRST, *(name for name in FALLBACKS if name in installed)]


def box_undrawable(figure: Figure) -> str:
    """Put a box where no font has a letter.

    Returns
    -------
    the letters, once each, in the order in which they come
    """
    known, lacking = _drawable(tuple(matplotlib.rcParams["font.family"])), {}

    def boxed(said):
        lacking.update((one, None) for one in said if ord(one) not in known and one.isprintable())
        return "".join(BOX if one in lacking else one for one in said)

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        names = [label.get_text() for label in axis.get_ticklabels()]
        if [boxed(name) for name in names] != names:
            axis.set_ticks(axis.get_ticklocs(), [boxed(name) for name in names])
    for text in figure.findobj(Text):
        text.set_text(boxed(text.get_text()))
    return "".join(lacking)


@cache
def _drawable(names: tuple[str, ...]) -> frozenset[int]:
    """The code points that one of the fonts has."""
    files = {font_manager.findfont(name) for name in names}
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))
