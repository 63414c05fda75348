"""What people read: tables, conclusions and decisions in a notebook, and the executed notebooks as one HTML page.

What comes from a table is escaped before it becomes HTML. The page asks no network, and runs one script, its search:
the page's policy names that script by its hash, so nothing else can run.
"""

import ast
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path

import nbformat
from IPython.display import display
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sopkit.presentation import heading, is_prose, marks, unit, written_table

SHOWN_ROWS = 12
FOLDED_ROWS = 100  # more, one click away
TEMPLATES = Path(__file__).parent / "templates"
NEGATIVE, MARKED = ' class="negative"', "<small>{}</small> "
MARK = "sopkit"  # the key of our entries in an output's metadata
SHOWN_KINDS = ["text/html", "image/svg+xml", "image/png", "text/plain"]  # best first; no widget


# ---------------------------------------------------------------------------------------------------------------
# in a notebook


def show_line(text):
    """Show one line about the notebook itself; the report leaves it out, since its sections have their own."""
    _show(f'<p class="line">{escape(text)}</p>', text, notebook_only=True)


def show_claim(claim):
    """Show a sentence that needs neither chart nor table."""
    _show(f'<p class="caption"><b>{escape(claim)}</b></p>', claim)


def show_table(frame, caption="", rows=SHOWN_ROWS, table="", links=""):
    """Show a table: its caption, its first rows, and how many more there are.

    `table` names the plan table behind it, `links` a column that says where in the report each row is seen: the first
    column leads there, and it is not shown itself. A table without rows is told by its caption.
    """
    if frame.empty:
        show_claim(caption if caption.endswith(".") else f"{caption or 'Rows'}: none.")
        return
    _show(*exhibit(frame, caption, rows, table, links))


def exhibit(frame, caption="", rows=SHOWN_ROWS, table="", links=""):
    """Write a table as `show_table` shows it.

    Returns
    -------
    (html, text)
    """
    if links:
        anchors, frame = list(frame[links].astype("str")), frame.drop(columns=links)
    cells = written_table(frame.head(rows + FOLDED_ROWS))
    left = _left_out(len(frame) - len(cells), table)
    hidden = _left_out(len(frame) - min(len(frame), rows), table)
    text = "\n".join(part for part in (caption, cells.head(rows).to_string(index=False), hidden) if part)
    return _html(frame, cells, caption, rows, left, anchors if links else None), text


def conclude(*claims):
    """Show what the review concludes; the report puts it at the head of the stage and into its summary."""
    items = "".join(f"<li>{escape(claim)}</li>" for claim in claims)
    text = "\n".join(f"- {claim}" for claim in claims)
    _show(
        f'<div class="conclusions"><p><b>In short</b></p><ul>{items}</ul></div>',
        text,
        conclusions=list(claims),
    )


def ask(decisions, strategies):
    """Show the decisions asked of the executives, each with its options and what they do; the summary shows them too."""
    columns = ["decision", "question", "options", "recommendation", "effect", "owner", "choice"]
    rows = decisions[columns].astype({"choice": "str"}).fillna({"choice": ""})
    asked = [dict(zip(columns, row, strict=True)) for row in rows.itertuples(index=False)]
    ways = decisions["disagreement"].map(lambda gap: _ways(strategies[strategies["disagreement"] == gap]))
    shown = [one | {"ways": way} for one, way in zip(asked, ways, strict=True)]
    html = _page("decisions.html.j2").render(decisions=shown, with_options=True)
    text = "\n".join(
        f"{n}. {one['question']} {one['recommendation']} ({one['owner']})" for n, one in enumerate(asked, 1)
    )
    _show(html, text or "Nothing needs to be decided.", decisions=asked)


def _ways(strategies):
    """The options of one decision as rows of words, the recommended one first, then by what they earn."""
    rows = strategies.sort_values(["recommended", "margin_effect"], ascending=False, kind="stable")
    return written_table(rows).to_dict("records")


def show_month(headlines, gaps):
    """Show the month on one screen: the plan's headline figures, and how far it is from what it is held against.

    The report's summary begins with it.
    """
    figures = [one._asdict() | {"course": sparkline(one.course)} for one in headlines]
    html = _page("month.html.j2").render(headlines=figures, picture=_data_uri)
    gap_table = _html(
        gaps,
        written_table(gaps),
        "How far the plan is from budget, last year and the last cycle",
        len(gaps),
        "",
    )
    text = "\n".join(f"{one.name}: {one.figure} ({one.note})" for one in headlines)
    html += gap_table if len(gaps) else ""
    _show(f'<div class="month">{html}</div>', text, month=html)


def sparkline(values, width=120, height=28):
    """Draw the course of a figure as a small picture without axes: an SVG of numbers alone; "" for less than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    scale = (height - 4) / (high - low) if high > low else 0.0
    step = (width - 4) / (len(values) - 1)
    points = " ".join(
        f"{2 + n * step:.1f},{height - 2 - (value - low) * scale:.1f}" for n, value in enumerate(values)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<polyline points="{points}" fill="none" stroke="#3E84C4" stroke-width="2" stroke-linejoin="round"/></svg>'
    )


def _show(html, text, **marks):
    display({"text/html": html, "text/plain": text}, raw=True, metadata={MARK: marks} if marks else None)


def _left_out(count, table):
    if not count:
        return ""
    where = f"; all of {table}: sopkit export {table} FILE.xlsx" if table else ""
    return f"… {count:,} more row{'s' * (count != 1)}{where}"


def _html(frame, cells, caption, rows, left, anchors=None):
    """Escaped HTML of a table: numbers stand to the right, the unit under the column's name; later rows are folded."""
    styles = {name: _style(frame[name]) for name in frame.columns}
    heads = "".join(
        f'<th scope="col"{styles[name]}>{escape(heading(frame[name]))}'
        f"<br><small>{escape(unit(frame[name]) or '')}</small></th>"
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


def _grid(heads, lines, caption, label):
    title = f'<caption style="text-align:left"><span>{escape(caption)}</span></caption>' if caption else ""
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(label)}">'
        f"<table>{title}<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _lines(frame, cells, styles, anchors):
    """Each row of a table; what is below nothing or wrong is coloured, beside its minus or a word that says so."""
    columns = [
        [
            f"<td{styles[name]}{'' if mark is None else NEGATIVE}>{MARKED.format(mark) if mark else ''}{escape(cell)}</td>"
            for cell, mark in zip(cells[name], marks(frame[name]), strict=True)
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
    """Numbers stand to the right, names stay in one line, sentences get room. Inline, so that any viewer shows it."""
    if unit(column) is not None:
        return ""
    return (
        ' style="text-align:left;min-width:14em"'
        if is_prose(column)
        else ' style="text-align:left;white-space:nowrap"'
    )


# ---------------------------------------------------------------------------------------------------------------
# the report


def build(executed, folder, facts):
    """Make one self-contained page of executed notebooks: a summary, then a section for each stage.

    Parameters
    ----------
    executed : list of (stage name, title, path of the executed notebook), in order
    folder : where `index.html` goes
    facts : company, cycle, scenario, revision, hash, made_at, currency ("" when unknown); shown on every section

    Returns
    -------
    path of the page
    """
    exporter = _exporter()
    sections = [_section(exporter, *one) for one in executed]
    decisions = [decision for section in sections for decision in section["decisions"]]
    month_shown = "".join(section["month"] for section in sections)
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    told = {"sections": sections, "decisions": decisions, "month": month_shown, "script": script}
    target = Path(folder) / "index.html"
    return _written("report.html.j2", target, facts, script_hash=_policy_hash(script), **told)


def build_alone(executed, folder, facts):
    """Make a page of one executed notebook, to be printed or mailed by itself: `executive.html` of 70_executive_sop.

    `executed` is (stage name, title, path of the executed notebook).

    Returns
    -------
    path of the page
    """
    section = _section(_exporter(), *executed, level=1)
    name = executed[0].split("_")[1]
    return _written("alone.html.j2", Path(folder) / f"{name}.html", facts, section=section)


def _written(template, target, facts, **told):
    target.write_text(_page(template).render(facts=facts, **told), encoding="utf-8")
    return target


def _policy_hash(script):
    """The name under which a content-security policy lets exactly this script run."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _page(name):
    # These templates escape all they are given; only a section's body, escaped by our exporter, is marked as safe.
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template(name)


def _exporter():
    from nbconvert import HTMLExporter  # a notebook's kernel never exports

    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)], template_name="stage", exclude_anchor_links=True
    )
    exporter.register_filter("data_uri", _data_uri)
    return exporter


def _data_uri(data, kind):
    """An image as its own address; as an image, an SVG runs nothing."""
    encoded = b64encode(data.encode()).decode() if kind == "image/svg+xml" else "".join(data.split())
    return f"data:{kind};base64,{encoded}"


def _section(exporter, name, title, path, level=2):
    """A notebook as a section; `level` is that of its own first heading on the page."""
    notebook = _for_a_page(nbformat.read(path, as_version=4), "#" * (level - 1))
    notebook = _with_anchors(name, notebook)
    marks = [_mark(output) for cell in notebook.cells for output in _outputs(cell)]
    body = _anchored(exporter.from_notebook_node(notebook)[0], name)
    conclusions = [claim for mark in marks for claim in mark.get("conclusions", [])]
    decisions = [decision for mark in marks for decision in mark.get("decisions", [])]
    return {
        "name": name,
        "title": title,
        "body": body,
        "conclusions": conclusions,
        "decisions": decisions,
        "month": "".join(mark.get("month", "") for mark in marks),
    }


def _anchored(body, name):
    """Give each section of a stage an address of its own, and list them before the first; headings are our own text."""
    headings = []

    def anchored(match):
        address = anchor(name, match[1])
        headings.append((address, match[1]))
        return f'<h3 id="{address}">{match[1]}</h3>'

    body = re.sub(r"<h3>(.*?)</h3>", anchored, body)
    if not headings:
        return body
    links = "".join(f'<li><a href="#{address}">{text}</a></li>' for address, text in headings)
    before, first, after = body.partition("<h3 ")
    return f'{before}<ul class="toc">{links}</ul>{first}{after}'


def anchor(stage, section):
    """The address of a section of a stage on the page."""
    return f"{stage}-{re.sub('[^a-z0-9]+', '-', section.lower()).strip('-')}"


def _with_anchors(name, notebook):
    """Give each cell the anchors of what it is the first of its stage to show: `stage.table`, `stage.view`."""
    known = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            fresh = shown_names(cell.source) - known
            known |= fresh
            cell.metadata["anchors"] = [f"{name}.{one}" for one in sorted(fresh)]
    return notebook


def shown_names(source):
    """The tables, views and charts that a cell shows: the names in its calls of `charts.show` and `report.show_table`."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a notebook's own magic is no Python; nothing leads to such a cell
        return set()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    shows = [call for call in calls if getattr(call.func, "attr", "") in ("show", "show_table")]
    inside = [node for call in shows for given in call.args for node in ast.walk(given)]
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in inside
        if isinstance(node, ast.Name | ast.Attribute)
    }


def _outputs(cell):
    return cell.outputs if cell.cell_type == "code" else []


def _mark(output):
    return output.get("metadata", {}).get(MARK, {})


def _for_a_page(notebook, deeper):
    """Fit a notebook, read for this alone, to the page: what a page can show, headings `deeper`, conclusions first."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_shown(one) for one in cell.outputs if not _mark(one).get("notebook_only")]
        elif cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            cell.source = "\n".join(f"{deeper}{line}" if line.startswith("#") else line for line in lines)
    concluding = [
        cell for cell in notebook.cells if any("conclusions" in _mark(one) for one in _outputs(cell))
    ]
    others = [cell for cell in notebook.cells if cell not in concluding]
    notebook.cells = [*others[:1], *concluding, *others[1:]]
    return notebook


def _shown(output):
    """Leave of an output the kind that a page without script shows best."""
    if "data" in output:
        best = next((kind for kind in SHOWN_KINDS if kind in output.data), None)
        data = (
            {best: output.data[best]} if best else {"text/plain": "(an output that only a notebook can show)"}
        )
        output.data = data
    return output
