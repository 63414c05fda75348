"""The executed notebooks as one HTML page that can be mailed.

The page asks no network, and runs two scripts: the library that sorts, filters and pages its
tables, and its own, which shows stages as tabs and searches. The page's policy names both by their
hashes, so nothing else can run. Without script the stages stand one after another.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

import nbformat
from pandas import DataFrame

from sopkit.io.writers import write_text
from sopkit.reporting import inline_svg
from sopkit.reporting.arrangement import arranged
from sopkit.reporting.item_section import item_section
from sopkit.reporting.notebook_output import MARK, PROSE, TEMPLATES, TEXT, data_uri, template
from sopkit.reporting.pre_read.page import Page

CLASSES = {TEXT: "n", PROSE: "s"}  # of a table's cells, in report.css
SCRIPTS = ("vendor/datatables-3.1.5.min.js", "report.js")
LARGEST = 4_800_000  # bytes; the page stays below 5 MB with its head, summary and lists
SHOWN_CONCLUSIONS = 2  # of each stage in the summary; its own page has all
CHART = re.compile(  # nbconvert orders the attributes as it likes
    r'<img (?=[^>]*class="chart")[^>]*src="data:image/svg\+xml;base64,([^"]+)"[^>]*>'
)
SHOWN_KINDS = ["text/html", "image/svg+xml", "image/png", "text/plain"]  # best first; no widget


def build(
    executed: Sequence[tuple[str, str, Path]],
    folder: str | Path,
    facts: Mapping[str, str],
    month: Page | None = None,
    tables: Mapping[str, DataFrame] | None = None,
) -> Path:
    """Make one self-contained page of executed notebooks: a summary, then a section for each stage.

    Parameters
    ----------
    executed : list of (stage name, title, path of the executed notebook), in order
    folder : where `index.html` goes
    facts : company, cycle, scenario, revision, hash, made_at, currency ("" when unknown); shown on
        every section
    month : the month on a page, which the summary begins with; a plan that failed has none
    tables : inputs and plan, from which families, markets and products have their pages; absent of
        a plan that failed

    Returns
    -------
    path of the page
    """
    exporter, seen = _exporter(), set()
    sections = [_section(exporter, *one, seen) for one in executed]
    scripts = [(TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS]
    room = LARGEST - sum(len(one["body"].encode()) for one in sections) - len("".join(scripts))
    items = None if tables is None else item_section(tables, room)
    told = {"sections": sections, "month": month, "scripts": scripts, "shown": SHOWN_CONCLUSIONS}
    told |= {"items": items}
    hashes = [_policy_hash(script) for script in scripts]
    return _written("report.html.j2", Path(folder) / "index.html", facts, hashes=hashes, **told)


def _written(name, target, facts, **told):
    write_text(target, template(name).render(facts=facts, **told))
    return target


def _policy_hash(script):
    """The name under which a content-security policy lets exactly this script run."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _exporter():
    from nbconvert import HTMLExporter  # a notebook's kernel never exports

    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)], template_name="stage", exclude_anchor_links=True
    )
    exporter.register_filter("data_uri", data_uri)
    return exporter


def _section(exporter, name, title, path, seen):
    """A notebook as a section: its headings stand below the page's own; `seen` are the exhibits
    that earlier ones have shown."""
    notebook = _for_atemplate(nbformat.read(path, as_version=4), "#")
    marks = [_mark(output) for cell in notebook.cells for output in _outputs(cell)]
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    notebook = _with_anchors(name, notebook)
    notebook.cells = arranged(name, notebook.cells, seen)
    body = _slim(_anchored(exporter.from_notebook_node(notebook)[0], name))
    body = CHART.sub(lambda chart: inline_svg.of_page(b64decode(chart[1]).decode()), body)
    body += _code(sources)
    conclusions = [claim for mark in marks for claim in mark.get("conclusions", [])]
    return {"name": name, "title": title, "body": body, "conclusions": conclusions}


def _code(sources):
    """The code of a stage, folded."""
    code = "\n\n".join(source for source in sources if source.strip())
    if not code:
        return ""
    fold = '<details class="code"><summary>code</summary><pre><code>'
    return f"{fold}{escape(code)}</code></pre></details>"


def _slim(body):
    """Say by a class of the page what a notebook's tables say inline, and leave out the ends that
    HTML implies."""
    for style, short in CLASSES.items():
        body = body.replace(f'class="negative" style="{style}"', f'class="negative {short}"')
        body = body.replace(f'style="{style}"', f'class="{short}"')
    return re.sub("</t[dhr]>(?=<t[dhr][ >]|</t[hbr])", "", body)


def _anchored(body, name):
    """Give each section of a stage an address of its own, and list them before the first; headings
    are our own text."""
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


def anchor(stage: str, section: str) -> str:
    """The address of a section of a stage on the page."""
    return f"{stage}-{re.sub('[^a-z0-9]+', '-', section.lower()).strip('-')}"


def _with_anchors(name, notebook):
    """Give each cell the anchors of what it is the first of its stage to show.

    An anchor is `stage.exhibit`, or `stage.table` for each table that the exhibit reads.
    """
    known = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            told = {name for output in _outputs(cell) for name in _mark(output).get("shows", [])}
            fresh = told - known
            known |= fresh
            cell.metadata["anchors"] = [f"{name}.{one}" for one in sorted(fresh)]
    return notebook


def _outputs(cell):
    return cell.outputs if cell.cell_type == "code" else []


def _mark(output):
    return output.get("metadata", {}).get(MARK, {})


def _for_atemplate(notebook, deeper):
    """Fit a notebook, read for this alone, to the page: what a page can show, headings `deeper`,
    conclusions first."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                _shown(one) for one in cell.outputs if not _mark(one).get("notebook_only")
            ]
        elif cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            cell.source = "\n".join(
                f"{deeper}{line}" if line.startswith("#") else line for line in lines
            )
    concluding = [
        cell
        for cell in notebook.cells
        if any("conclusions" in _mark(one) for one in _outputs(cell))
    ]
    others = [cell for cell in notebook.cells if cell not in concluding]
    notebook.cells = [*others[:1], *concluding, *others[1:]]
    return notebook


def _shown(output):
    """Leave of an output the kind that a page without script shows best."""
    if "data" in output:
        best = next((kind for kind in SHOWN_KINDS if kind in output.data), None)
        data = (
            {best: output.data[best]}
            if best
            else {"text/plain": "(an output that only a notebook can show)"}
        )
        output.data = data
    return output
