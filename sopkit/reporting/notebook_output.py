"""What people read in a notebook: tables, conclusions, decisions and the month on one screen.

What comes from a table is escaped before it becomes HTML.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from IPython.display import display
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pandas import DataFrame

from sopkit.schema.cells import is_prose, marks, shown_cells, unit, written_table
from sopkit.schema.formatting import capitalised, money_unit
from sopkit.schema.glossary import heading

SHOWN_ROWS = 5
SHOWN_OPTIONS = 3  # of each decision
SHOWN_CLAIMS = 5  # of the conclusions of a stage; the others one click away
OPEN_DECISIONS = 3  # with a recommended option show their options; the others one click away
FOLDED_ROWS = 100  # more, one click away
TEMPLATES = Path(__file__).parent / "templates"
TEXT, PROSE = "text-align:left;white-space:nowrap", "text-align:left;min-width:14em"
NEGATIVE, MARKED, UNIT = ' class="negative"', "<small>{}</small> ", "<br><small>{}</small>"
CONCLUSIONS = "sopkit-conclusions"  # the place where a notebook concludes
SENTENCES = re.compile(r"(?<!vs\.)(?<![A-Z]\.)(?<=[.?]) ")  # the spaces between sentences
MARK = "sopkit"  # the key of our entries in an output's metadata


def show_line(text: str) -> None:
    """Show one line about the notebook; the report, whose sections have their own, leaves it
    out."""
    bundle = {"text/html": f'<p class="line">{escape(text)}</p>', "text/plain": text}
    display(bundle, raw=True, metadata={MARK: {"notebook_only": True}})


def sentence(claim: str) -> tuple[str, str]:
    """Write a sentence that needs neither chart nor table: (html, text)."""
    return f'<p class="caption"><b>{escape(claim)}</b></p>', claim


def comment_lines(comments: DataFrame) -> list[str]:
    """Write comments as lines under what they are about."""
    return [
        "Comment {number} on {row_key}: {comment} ({author}, {day})".format(
            **row, day=row["at"][:10]
        )
        for row in comments.to_dict("records")
    ]


def table_or_none(
    frame: DataFrame, caption: str, rows: int, table: str, links: str
) -> tuple[str, str]:
    """Write a table; one without rows is told by its caption: (html, text)."""
    if frame.empty:
        return sentence(caption if caption.endswith(".") else f"{caption or 'Rows'}: none.")
    return exhibit(frame, caption, rows, table, links)


def exhibit(
    frame: DataFrame,
    caption: str = "",
    rows: int = SHOWN_ROWS,
    table: str = "",
    links: str = "",
    headings: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Write a table: its caption, its first rows, and how many more there are.

    Parameters
    ----------
    table : names the plan table behind it, of which later rows are told
    links : a column that says where in the report each row is seen: the first column leads there,
        and it is not shown itself
    headings : other words above some columns

    Returns
    -------
    (html, text)
    """
    if links:
        anchors, frame = list(frame[links].astype("str")), frame.drop(columns=links)
    cells = written_table(frame.head(rows + FOLDED_ROWS))
    left = _left_out(len(frame) - len(cells), table)
    hidden = _left_out(len(frame) - min(len(frame), rows), table)
    text = "\n".join(
        part for part in (caption, cells.head(rows).to_string(index=False), hidden) if part
    )
    return _html(
        frame, cells, caption, rows, left, anchors if links else None, headings or {}
    ), text


def reserve_conclusions() -> None:
    """Keep the place, at the head of a notebook, where its conclusions will stand."""
    display({"text/plain": ""}, raw=True, display_id=CONCLUSIONS)


def show_conclusions(headlines: Iterable[str]) -> None:
    """Show what the review concludes in the place kept for it; the report's summary has it, too."""
    said = [str(headline) for headline in headlines]
    html = template("conclusions.html.j2").render(
        first=said[:SHOWN_CLAIMS], more=said[SHOWN_CLAIMS:]
    )
    bundle = {"text/html": html, "text/plain": "\n".join(f"- {one}" for one in said)}
    marks = {MARK: {"conclusions": said}}
    display(bundle, raw=True, metadata=marks, display_id=CONCLUSIONS, update=True)


class Fragment(NamedTuple):
    """A form that is neither chart nor table, and its plain text."""

    html: str
    text: str


def decisions_asked(decisions: DataFrame, decision_options: DataFrame) -> Fragment:
    """The decisions required of the executives, each with its first options and their effects."""
    columns = ["decision", "question", "options", "recommendation", "effect", "owner", "choice"]
    rows = decisions[columns].astype({"choice": "str"}).fillna({"choice": ""})
    asked = [dict(zip(columns, row, strict=True)) for row in rows.itertuples(index=False)]
    ways = decisions["decision"].map(
        lambda one: _ways(decision_options[decision_options["decision"] == one])
    )
    shown = [
        one
        | _begun(one["question"])
        | {"ways": way[:SHOWN_OPTIONS], "more": len(way[SHOWN_OPTIONS:])}
        for one, way in zip(asked, ways, strict=True)
    ]
    html = template("decisions.html.j2").render(
        decisions=shown, open=OPEN_DECISIONS, money=money_unit()
    )
    text = "\n".join(
        f"{n}. {one['question']} {one['recommendation']} ({one['owner']})"
        for n, one in enumerate(asked, 1)
    )
    return Fragment(html, text or "No decision is required.")


def _begun(question):
    """A question as its first sentence and the rest."""
    first, *rest = SENTENCES.split(question, maxsplit=1)
    return {"first": capitalised(first), "rest": "".join(rest)}


def _ways(options):
    """The options of one decision as rows of words, the recommended one first, then by margin."""
    rows = options.sort_values(["recommended", "margin_effect"], ascending=False, kind="stable")
    return written_table(rows).to_dict("records")


def dashboard(figures: Sequence[Mapping[str, str]], gaps: DataFrame) -> Fragment:
    """The month on one screen: its key figures, and how far the plan is from what it is held to.

    Parameters
    ----------
    figures : name, figure, note, course (an SVG, or "") of each
    gaps : reference_type, measure : from_period, to_period, plan, reference_value, variance,
        gap_ratio
    """
    rows = written_table(gaps)
    rows = rows.assign(
        below=[
            mark is not None for mark in marks(gaps["variance"], rows["variance"], gaps["measure"])
        ]
    )
    held = [
        {"name": name, "rows": part.to_dict("records")}
        for name, part in rows.groupby("reference_type", sort=False)
    ]
    html = template("month.html.j2").render(headlines=figures, picture=data_uri, held=held)
    text = "\n".join(f"{one['name']}: {one['figure']} ({one['note']})" for one in figures)
    return Fragment(f'<div class="dashboard">{html}</div>', text)


def _left_out(count, table):
    if not count:
        return ""
    where = f" in the table {table}" if table else ""
    return f"… {count:,} more row{'s' * (count != 1)}{where}"


def _html(frame, cells, caption, rows, left, anchors=None, headings=MappingProxyType({})):
    """Escaped HTML of a table: numbers stand to the right, the unit under the column's name; later
    rows are folded."""
    styles = {name: _style(frame[name]) for name in frame.columns}
    heads = "".join(
        _head(headings.get(name) or heading(str(name)), unit(frame[name]), styles[name])
        for name in frame.columns
    )
    lines = _lines(frame.head(len(cells)), cells, styles, anchors)
    whole = _grid(heads, lines[:rows], caption, caption or "Table")
    if len(lines) > rows:
        label = f"{len(lines) - rows:,} more row{'s' * (len(lines) - rows != 1)}"
        rest = _grid(heads, lines[rows:], "", f"{caption}: {label}")
        whole += f'<details class="fold"><summary>{label}</summary>{rest}</details>'
    more = f'<p class="more"><small>{escape(left)}</small></p>' if left else ""
    return f'<div class="exhibit">{whole}{more}</div>'


def _head(words, unit_of_it, style):
    """A column's name, and its unit where the name does not end in it."""
    said = unit_of_it and not words.lower().endswith(unit_of_it.lower())
    return (
        f'<th scope="col"{style}>{escape(words)}{UNIT.format(escape(unit_of_it)) if said else ""}'
        "</th>"
    )


def _grid(heads, lines, caption, label):
    title = (
        f'<caption style="text-align:left"><span>{escape(caption)}</span></caption>'
        if caption
        else ""
    )
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(label)}">'
        f"<table>{title}<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _lines(frame, cells, styles, anchors):
    """Each row of a table; what is below nothing or wrong is coloured, beside its minus or a word
    that says so."""
    columns = [
        [
            f"<td{styles[name]}{'' if mark is None else NEGATIVE}>"
            f"{MARKED.format(mark) if mark else ''}{escape(said)}</td>"
            for said, mark in zip(
                shown_cells(frame[name], cells[name]),
                marks(frame[name], cells[name], frame.get("measure")),
                strict=True,
            )
        ]
        for name in frame.columns
    ]
    if anchors:
        first = columns[0]
        columns[0] = [
            _linked(cell, anchor) for cell, anchor in zip(first, anchors[: len(first)], strict=True)
        ]
    return [f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True)]


def _linked(cell, anchor):
    """A table's cell, its text leading to a place of the page."""
    start, text = cell.removesuffix("</td>").split(">", 1)
    return f'{start}><a href="#{escape(anchor)}">{text}</a></td>'


def _style(column):
    """Numbers stand to the right, names stay in one line, sentences get room. Inline, so that any
    viewer shows it."""
    if unit(column) is not None:
        return ""
    return f' style="{PROSE if is_prose(column) else TEXT}"'


def template(name: str) -> Template:
    # These templates escape all they are given; only a section's body, escaped by our exporter, is
    # marked as safe.
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template(name)


def data_uri(data: str, kind: str) -> str:
    """An image as its own address; as an image, an SVG runs nothing."""
    encoded = (
        b64encode(data.encode()).decode() if kind == "image/svg+xml" else "".join(data.split())
    )
    return f"data:{kind};base64,{encoded}"
