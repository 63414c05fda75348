"""An exhibit: one sentence with its values, and the chart and the table that show it."""

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import IPython.display
from pandas import DataFrame

from sopkit.master_data.known_money import prices_are_known
from sopkit.reporting import chart_numbers, notebook_output, picture
from sopkit.reporting.chart_types import Chart
from sopkit.reporting.notebook_output import Fragment
from sopkit.rules.call import call, inputs_of
from sopkit.rules.marks import mark, mark_of
from sopkit.schema import formatting
from sopkit.schema.columns import COLUMNS

Rule = TypeVar("Rule", bound=Callable)
Drawer = Callable[[Chart, str], tuple[dict[str, str], dict[str, str]]]  # (output, its own marks)


class Headline(str):
    """A sentence that keeps the values it states.

    The template names a format of `schema.formatting` after each value's colon, with what the
    format takes beside the value: `{hours:number}`, `{share:percent 1}`, `{months:count month}`;
    Python's own formats do as well: `{points:.1f}`. A value without a format is written as it is.
    What is added keeps its values too.

    >>> said = Headline("{resource} lacks {hours:number} hours", resource="SEWING", hours=1240.0)
    >>> said + Headline(" in {months:count month}.", months=2)
    'SEWING lacks 1,240 hours in 2 months.'
    >>> said.figures["hours"]
    1240.0
    """

    figures: Mapping[str, object]

    def __new__(cls, template: str, **figures: object) -> "Headline":
        return cls._of(_Formats().vformat(template, (), figures), figures)

    @classmethod
    def _of(cls, text, figures):
        said = super().__new__(cls, text)
        said.figures = dict(figures)
        return said

    def __add__(self, other: str) -> "Headline":
        return self._of(str(self) + str(other), self.figures | getattr(other, "figures", {}))

    def capitalised(self) -> "Headline":
        """The same with its first letter large."""
        return self._of(self[:1].upper() + self[1:], self.figures)

    @classmethod
    def joined(cls, parts: Sequence[str], between: str) -> "Headline":
        """Several parts as one, with all their values."""
        figures = {name: value for part in parts for name, value in _figures(part).items()}
        return cls._of(between.join(parts), figures)

    @classmethod
    def each(
        cls, template: str, rows: Iterable[Mapping[str, object]], between: str = ", "
    ) -> "Headline":
        """The same said of each of some rows; each value is kept as a list.

        >>> Headline.each("{name} {share:percent}", [{"name": "sales", "share": 0.25}]).figures
        {'name': ['sales'], 'share': [0.25]}
        """
        rows = list(rows)
        figures = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
        return cls._of(between.join(cls(template, **row) for row in rows), figures)


def _figures(text):
    return getattr(text, "figures", {})


class _Formats(string.Formatter):
    """Writes values by the name of a format: `number`, `percent 1`, `count month`."""

    def format_field(self, value, format_spec):
        if not format_spec:
            return str(value)
        name, *more = format_spec.split(" ", 1)
        if not name.isidentifier():
            return format(value, format_spec)
        more = [int(one) if one.isdigit() else one for one in more]
        return getattr(formatting, name)(value, *more)


@dataclass(frozen=True, eq=False)
class Exhibit:
    """What is shown of some tables: the sentence they support, a chart and rows of a table.

    A chart without data is told by the headline; a table without rows, too. A fragment stands for
    itself, in place of the headline: a form that is neither chart nor table.
    """

    headline: str
    chart: Chart | None = None
    table: DataFrame | None = None
    fragment: Fragment | None = None

    def in_units(self) -> "Exhibit":
        """The same without the columns of its table that are money: no price is known."""
        if self.table is None:
            return self
        units = {name: COLUMNS[name].unit for name in self.table if name in COLUMNS}
        money = [name for name, unit in units.items() if unit.startswith(formatting.MONEY)]
        return replace(self, table=self.table.drop(columns=money))


def exhibit(
    stage: str,
    *,
    title: str,
    table: str = "",
    rows: int = notebook_output.SHOWN_ROWS,
    links: str = "",
    money: bool = False,
) -> Callable[[Rule], Rule]:
    """Mark a function as an exhibit of a stage.

    `title` stands above its table where a chart has the headline. `table` is the plan table that
    holds all rows, of which the first `rows` are shown; `links` a column that says where in the
    report each row is seen. What shows nothing but `money` is left out where no price is known.
    """
    shown = {"title": title, "table": table, "rows": rows, "links": links}
    return mark("exhibit", stage=stage, money=money, **shown)


def made(function: Callable, tables: Mapping[str, DataFrame]) -> list[Exhibit]:
    """The exhibits that a marked function makes of the tables that it names, one or several; none
    of money where no price is known."""
    if _is_left_out(function, tables):
        return []
    with formatting.company_terms(tables):
        exhibits = call(function, tables)
    exhibits = [exhibits] if isinstance(exhibits, Exhibit) else exhibits
    return exhibits if prices_are_known(tables) else [one.in_units() for one in exhibits]


def display(
    function: Callable, tables: Mapping[str, DataFrame], drawn: Drawer | None = None
) -> None:
    """Show the exhibits that a marked function makes of the tables that it names.

    Each output says what it shows, the exhibit and its tables, for the report to lead there.
    `drawn` says how a chart is shown; it is drawn at once if absent.
    """
    shows = [function.__name__, *inputs_of(function)]
    said = tables.get("comments")
    about = mark_of(function).about
    for one in [_left_out(about)] if _is_left_out(function, tables) else made(function, tables):
        marks = {"shows": shows, "title": about["title"]}
        with formatting.company_terms(tables):
            shown = marked_outputs(one, drawn or _at_once, **about)
        for output, own in shown:
            metadata = {notebook_output.MARK: marks | own}
            IPython.display.display(output, raw=True, metadata=metadata)
    if said is not None:
        for text in notebook_output.comment_lines(said[said["table"] == about["table"]]):
            output = _output(*notebook_output.sentence(text))
            marks = {notebook_output.MARK: {"shows": shows}}
            IPython.display.display(output, raw=True, metadata=marks)


def _is_left_out(function, tables):
    return mark_of(function).about["money"] and not prices_are_known(tables)


def _left_out(about):
    """What stands in place of an exhibit of money where no price is known."""
    return Exhibit(
        Headline("{title}: not known, because no prices are given.", title=about["title"])
    )


def _at_once(chart, headline):
    return picture.shown(chart, headline), {}


def outputs(shown: Exhibit, **about: Any) -> list[dict[str, str]]:
    """An exhibit as a notebook shows it: its chart under the headline, then its table.

    A table without a chart stands under the headline itself, and the numbers of a chart without a
    table under the chart.

    Returns
    -------
    for each output: kind (text/html, text/plain) : text
    """
    return [output for output, _ in marked_outputs(shown, _at_once, **about)]


def marked_outputs(
    shown: Exhibit, drawn: Drawer, title: str, table: str, rows: int, links: str, **_stage: str
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """As `outputs`, each with the marks that are its own."""
    if shown.fragment is not None:
        return [(_output(shown.fragment.html, shown.fragment.text), {})]
    if shown.chart is None and shown.table is None:
        return [(_output(*notebook_output.sentence(shown.headline)), {})]
    made = [] if shown.chart is None else [drawn(shown.chart, shown.headline)]
    if shown.table is not None:
        caption = shown.headline if shown.chart is None else title
        rows_of_it = notebook_output.table_or_none(shown.table, caption, rows, table, links)
        made.append((_output(*rows_of_it), {}))
    elif numbers := chart_numbers.fold(shown.chart):
        made.append((_output(numbers.html, numbers.text), {}))
    return made


def _output(html, text):
    return {"text/html": html, "text/plain": str(text)}
