"""The letters that a chart can draw: of the fonts on this machine, each letter in the first that has it.

Letters are shaped and ordered by matplotlib itself, those written from right to left among them.
"""

from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.text import Text

FIRST = "DejaVu Sans"  # comes with matplotlib
FALLBACKS = (  # by the system they come with: Linux, Windows, macOS
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK KR", "Noto Sans JP", "Noto Sans SC",
    "Noto Sans KR", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "IPAexGothic", "Droid Sans Fallback", "Noto Sans Arabic",
    "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Yu Gothic",
    "MS Gothic", "Microsoft YaHei", "Microsoft JhengHei", "SimHei", "Malgun Gothic", "Nirmala UI", "Leelawadee UI", "Segoe UI",
    "Hiragino Sans", "PingFang SC", "PingFang TC", "Apple SD Gothic Neo", "Arial Unicode MS",
)  # fmt: skip
BOX = "\u25a1"


def families():
    """The fonts to draw with: the first, and those of the others that are installed."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [FIRST, *(name for name in FALLBACKS if name in installed)]


def box_undrawable(figure):
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
def _drawable(names):
    """The code points that one of the fonts has."""
    files = {font_manager.findfont(name) for name in names}
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))
