"""A page of the pre-read: a fixed A4 sheet of headed blocks, as data that the template writes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import NamedTuple

from sopkit.reporting import inline_svg
from sopkit.reporting.chart_types import PlanColumns
from sopkit.reporting.pre_read import numbers
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import whole
from sopkit.schema.tolerances import MATERIAL

WIDTH, HALF = 7.4, 3.55  # inches of a chart across the page, and of one of two beside each other
ENDS = re.compile(r"(?<!vs)(?<![A-Z])[.?;:](?= )")  # of a sentence or a part of it
FEWEST_WORDS = 3  # of a part that says something
EARLY = 0.45  # of the room: a text does not end at a colon before
PROMISES = "the largest"  # at the end of a part: what follows is what it is about
EVEN = 0.0005  # of a reference: what is nearer is in line with it
LEGEND = {  # of the columns of a chart
    "actual": "actual",
    "plan": "plan",
    "prior_year": "prior year",
    "reference": "budget",
    "maximum": "maximum",
}


class Cell(NamedTuple):
    """A cell of a table: its text, and what it means."""

    text: str
    tone: str = ""  # good, watch, bad, strong: a class of the style sheet; the text says it too
    across: int = 1  # columns that it takes


class Sign(NamedTuple):
    """A sentence that begins with a few strong words."""

    strong: str
    text: str = ""


@dataclass(frozen=True)
class Words:
    """Sentences, one a line; `heading` may be empty."""

    lines: Sequence[Sign]
    heading: str = ""
    note: str = ""
    kind: str = "words"


@dataclass(frozen=True)
class Table:
    """A table: heads in one or several rows, then its rows; the first columns hold names."""

    heads: Sequence[Sequence[Cell]]
    rows: Sequence[Sequence[Cell]]
    heading: str = ""
    note: str = ""
    names: int = 1  # columns at the left that hold text
    strong: frozenset[int] = frozenset()  # rows that stand out
    foot: str = ""
    dense: bool = False
    wrap: frozenset[int] = frozenset()  # columns of sentences, which may break into lines
    kind: str = "table"


@dataclass(frozen=True)
class Drawing:
    """A chart as SVG under its headline, its legend beside it."""

    heading: str
    svg: str
    note: str = ""
    legend: Sequence[tuple[str, str]] = ()
    kind: str = "drawing"


@dataclass(frozen=True)
class Beside:
    """Blocks in two columns."""

    left: Sequence["Block"]
    right: Sequence["Block"]
    kind: str = "beside"


Block = Words | Table | Drawing | Beside


@dataclass(frozen=True)
class Page:
    """One sheet of A4, with its heading."""

    title: str
    blocks: Sequence[Block]
    note: str = ""


class LeftOut(NamedTuple):
    """A page that has nothing to show, and why."""

    title: str
    reason: str


def heads(*names: str) -> list[Cell]:
    """The head of a table, in one row."""
    return [Cell(name) for name in names]


def row(*cells: object) -> list[Cell]:
    """A row of a table, of cells and texts."""
    return [cell if isinstance(cell, Cell) else Cell(str(cell)) for cell in cells]


def clipped(text: object, most: int) -> str:
    """A text from a table in so many characters at most: pages are of one size."""
    words = " ".join(str(text).split())
    return shorten(words, most, placeholder=" …") if " " in words else words[:most]


def phrase(text: object, most: int) -> str:
    """A text as far as it fits, cut where a sentence or a part of it ends, else at a word.

    >>> phrase("Keep the plan: no option adds to the margin.", 26)
    'Keep the plan'
    >>> phrase("Two gaps: bar: the plan lays off 4 of 4 workers, Apr 2027 to Oct 2027.", 36)
    'Two gaps: bar: the plan lays off …'
    >>> phrase("tents: 120 units are late. How do we deliver?", 30)
    'tents: 120 units are late.'
    """
    words = " ".join(str(text).split())
    if len(words) <= most:
        return words
    ends = [found.end() for found in ENDS.finditer(words[: most + 1])]
    parts = [words[:end] for end in ends if _ends_well(words[:end], most)]
    return parts[-1].rstrip(";:") if parts else clipped(words, most)


def _ends_well(part, most):
    """Whether a text may end here: what comes last says something, and a colon, which promises
    more, stands late enough."""
    last = re.split(r"[;:] ", part[:-1])[-1]
    if last.count(" ") < FEWEST_WORDS - 1:
        return False
    return part[-1] != ":" or (len(part) > EARLY * most and not last.endswith(PROMISES))


def tone_of(change: float, more_is_good: bool = True, even: float = 0.0) -> str:
    """What a change means: good, bad, or "" where it is at most `even`."""
    if not abs(change) > even:
        return ""
    return "good" if (change > 0) == more_is_good else "bad"


def varying(change: float, text: str, more_is_good: bool = True, even: float = 0.0) -> Cell:
    """The cell of a variance, which its meaning colours and not its sign."""
    if change != change:
        return Cell(MISSING)
    return Cell(text, tone_of(change, more_is_good, even))


def relative_to(change: float, more_is_good: bool = True) -> Cell:
    """The cell of a relative change from a reference; what is nearer than `EVEN` has no colour."""
    return varying(change, numbers.relative(change), more_is_good, EVEN)


def whole_cell(value: float, bad: bool = False) -> Cell:
    """A number of a grid to the unit; `bad` colours what ought to be nothing and is not."""
    if value != value:
        return Cell(MISSING)
    return Cell(
        whole(value) if abs(value) >= 0.5 else "0", "bad" if bad and value > MATERIAL else ""
    )


def columns(
    chart: PlanColumns,
    heading: str,
    when: str = "by month",
    width: float = WIDTH,
    currency: str = "",
    **labels: str,
) -> Drawing:
    """Months as columns under their headline, the unit beside it; `labels` rename what the legend
    names."""
    shown = [name for name in LEGEND if name in chart.data and chart.data[name].notna().any()]
    legend = [(name, labels.get(name, LEGEND[name])) for name in shown]
    note = f"{numbers.unit(currency, chart.scale[1])} {when}"
    if chart.has_pins:
        note += "; above: % vs. budget"
    return Drawing(heading, inline_svg.drawn(chart, heading, width), note, legend)
