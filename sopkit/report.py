"""What people read: tables, conclusions and decisions in a notebook, and the executed notebooks as one HTML page.

What comes from a table is escaped before it becomes HTML. The page runs no script and asks no network.
"""

import ast
from base64 import b64encode
from html import escape
from pathlib import Path

import nbformat
from IPython.display import display
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sopkit.presentation import heading, is_prose, unit, written_table

SHOWN_ROWS = 12
TEMPLATES = Path(__file__).parent / "templates"
MARK = "sopkit"  # the key of our entries in an output's metadata
SHOWN_KINDS = ["text/html", "image/svg+xml", "image/png", "text/plain"]  # best first; no script, no widget


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
    shown = frame.head(rows)
    anchors = list(shown[links].astype("str")) if links else []
    shown = shown.drop(columns=links) if links else shown
    cells = written_table(shown)
    left = _left_out(len(frame) - len(shown), table)
    text = "\n".join(part for part in (caption, cells.to_string(index=False), left) if part)
    return _html(shown, cells, caption, left, anchors), text


def conclude(*claims):
    """Show what the review concludes; the report puts it at the head of the stage and into its summary."""
    items = "".join(f"<li>{escape(claim)}</li>" for claim in claims)
    text = "\n".join(f"- {claim}" for claim in claims)
    _show(
        f'<div class="conclusions"><p><b>In short</b></p><ul>{items}</ul></div>',
        text,
        conclusions=list(claims),
    )


def ask(decisions):
    """Show the decisions asked of the executives, each with its options; the report's summary shows them too."""
    columns = ["decision", "question", "options", "recommendation", "effect", "owner", "choice"]
    rows = decisions[columns].astype({"choice": "str"}).fillna({"choice": ""})
    asked = [dict(zip(columns, row, strict=True)) for row in rows.itertuples(index=False)]
    html = _page("decisions.html.j2").render(decisions=asked, with_options=True)
    text = "\n".join(
        f"{n}. {one['question']} {one['recommendation']} ({one['owner']})" for n, one in enumerate(asked, 1)
    )
    _show(html, text or "Nothing needs to be decided.", decisions=asked)


def _show(html, text, **marks):
    display({"text/html": html, "text/plain": text}, raw=True, metadata={MARK: marks} if marks else None)


def _left_out(count, table):
    if not count:
        return ""
    where = f"; all of {table}: sopkit export {table} FILE.xlsx" if table else ""
    return f"… {count:,} more row{'s' * (count != 1)}{where}"


def _html(frame, cells, caption, left, anchors=()):
    """Escaped HTML of a table; numbers stand to the right, the unit under the column's name."""
    leads = dict(zip(range(len(cells)), anchors, strict=False))
    align = {name: _style(frame[name]) for name in frame.columns}
    heads = "".join(
        f"<th{align[name]}>{escape(heading(frame[name]))}<br><small>{escape(unit(frame[name]) or '')}</small></th>"
        for name in frame.columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{align[name]}>{_linked(escape(cell), leads.get(number) if not place else None)}</td>"
            for place, (name, cell) in enumerate(zip(cells.columns, row, strict=True))
        )
        + "</tr>"
        for number, row in enumerate(cells.itertuples(index=False, name=None))
    )
    title = f'<p class="caption"><b>{escape(caption)}</b></p>' if caption else ""
    grid = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    more = f'<p class="more"><small>{escape(left)}</small></p>' if left else ""
    return f'<div class="exhibit">{title}<div class="scroll">{grid}</div>{more}</div>'


def _linked(html, anchor):
    return html if anchor is None else f'<a href="#{escape(anchor)}">{html}</a>'


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
    sections = [_section(exporter, name, title, path) for name, title, path in executed]
    decisions = [decision for section in sections for decision in section["decisions"]]
    page = _page("report.html.j2").render(sections=sections, decisions=decisions, facts=facts)
    target = Path(folder) / "index.html"
    target.write_text(page, encoding="utf-8")
    return target


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


def _section(exporter, name, title, path):
    notebook = _anchored(name, _for_a_page(nbformat.read(path, as_version=4)))
    marks = [_mark(output) for cell in notebook.cells for output in _outputs(cell)]
    body, _ = exporter.from_notebook_node(notebook)
    conclusions = [claim for mark in marks for claim in mark.get("conclusions", [])]
    decisions = [decision for mark in marks for decision in mark.get("decisions", [])]
    return {"name": name, "title": title, "body": body, "conclusions": conclusions, "decisions": decisions}


def _anchored(name, notebook):
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


def _for_a_page(notebook):
    """Fit a notebook, read for this alone, to the page: what a page can show, headings one level down, conclusions first."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_shown(one) for one in cell.outputs if not _mark(one).get("notebook_only")]
        elif cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            cell.source = "\n".join(f"#{line}" if line.startswith("#") else line for line in lines)
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
