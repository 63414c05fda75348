"""The house keeps its shape: who may import whom, what a module may hold, how steps are declared."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import sopkit
from sopkit.cycle import stages
from sopkit.reporting import pre_read
from sopkit.rules.call import inputs_of
from sopkit.schema.tables import TABLES

LIBRARY = Path(__file__).resolve().parent.parent / "sopkit"
LAYERS = [
    {"schema"},
    {"rules"},
    {"tables"},
    {"io", "master_data", "forecasting"},
    {"model"},
    {"scenarios", "performance"},
    {"data_quality", "demand", "supply", "finance", "operations", "pre_sop"},
    {"cycle"},
    {"store", "lineage", "intake", "collaboration"},
    {"reporting"},
    {"runner"},
    {"cli", "widgets"},
]
DOMAIN = LAYERS[5] | LAYERS[6] | {"master_data"}
STEPS = [step for stage in stages.STAGES for step in stage.steps]


def module_of(path):
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports_of(path):
    """The sopkit modules that a file imports, by their first name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "sopkit":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sopkit."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.split(".")[1] for alias in node.names if alias.name.startswith("sopkit.")
            )


FILES = sorted(LIBRARY.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_arrows_between_modules_run_one_way(path):
    rank = {module: number for number, layer in enumerate(LAYERS) for module in layer}
    me = module_of(path)
    if me == "__init__":
        return  # offers names of every layer, loaded when they are asked for
    assert me in rank, f"give {me} its layer"
    for other in imports_of(path):
        assert other == me or rank[other] < rank[me], f"{me} may not import {other}"


def test_every_public_name_is_loaded_when_it_is_asked_for():
    assert sorted(sopkit.__all__) == sorted(sopkit._PLACES)
    assert all(callable(getattr(sopkit, name)) for name in sopkit.__all__)


def test_domain_code_has_no_classes_with_behaviour_and_touches_no_files():
    for path in FILES:
        if module_of(path) not in DOMAIN:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                assert not any(isinstance(n, ast.FunctionDef) for n in node.body), (
                    f"{path.name}: {node.name} has methods"
                )
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("open", "print", "input"), (
                    f"{path.name}:{node.lineno} touches the world"
                )
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("read_csv", "to_csv", "today", "now", "environ"), (
                    f"{path.name}:{node.lineno} reads the world"
                )


def test_nothing_is_swallowed():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, f"{path.name}:{node.lineno} catches everything"
                assert not all(isinstance(n, ast.Pass) for n in node.body), (
                    f"{path.name}:{node.lineno} swallows an exception"
                )


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.__name__)
def test_every_step_reads_and_writes_tables_of_the_vocabulary(step):
    assert set(inputs_of(step)) <= set(TABLES)
    assert set(stages.writes(step)) <= set(TABLES)
    for name, required in inputs_of(step).items():
        if TABLES[name].is_input and name not in ("products", "sales_history"):
            assert not required, f"{name} must be optional"
            assert TABLES[name].absent, f"say what is assumed without {name}"


@pytest.mark.parametrize("page", pre_read.PAGES, ids=lambda page: page.__name__)
def test_every_page_of_the_pre_read_needs_no_input_but_products_and_sales(page):
    needed = {name for name, required in inputs_of(page).items() if required}
    assert {name for name in needed if TABLES[name].is_input} <= {"products", "sales_history"}


def test_every_plan_table_is_written_once_and_before_it_is_read():
    written = ["planning_periods"]
    for step in STEPS:
        for name in inputs_of(step):
            assert TABLES[name].is_input or name in written, (
                f"{step.__name__} reads {name} before it is written"
            )
        written += stages.writes(step)
    assert len(written) == len(set(written))
    asked_for = {"level_or_chase"}  # the table of an analysis that has a notebook of its own
    assert set(written) | asked_for == {n for n, table in TABLES.items() if not table.is_input}


def test_every_public_function_says_what_it_does():
    for step in STEPS:
        assert inspect.getdoc(step), f"{step.__name__} has no docstring"
        assert "Returns" in inspect.getdoc(step), f"{step.__name__} does not say what it returns"


def test_what_is_said_on_the_terminal_passes_through_one_place():
    for path in FILES:
        if path.name != "terminal.py":
            assert "click.echo" not in path.read_text(encoding="utf-8"), (
                f"{path.name}: call cli.terminal.say"
            )


MARKUP = re.compile(r"</?[a-z][a-z0-9]*[ >/]|text/markdown")
WRITES_MARKUP = {  # a module, and what its markup may hold unescaped: fragments that it has escaped itself, and no data
    "reporting/notebook_output.py": {
        "width", "height", "points", "whole", "more", "title", "heads", "''.join(lines)", "start", "text", "items", "html",
        "label", "rest", "''.join(row)", "styles[name]", "'' if mark is None else NEGATIVE", "MARKED.format(mark) if mark else ''",
        "style", "UNIT.format(escape(unit_of_it)) if said else ''",
    },
    "reporting/arrangement.py": {"stage", "name", "html"},
    "reporting/html_report.py": {"fold", "before", "links", "first", "after", "address", "match[1]", "text"},
    "reporting/inline_svg.py": {"size[1]", "head", "ALONE", "SVG", "PIXELS", "name", "found[1].replace(BREAK, '&#10;')", "TOLD"},
    "reporting/picture.py": {"source", "PLACE", "PAPER", "drawn", "said", "key"},
    "reporting/chart_types/panels.py": {"size", "self.width", "self.height", "points"},
    "runner/run_log.py": {"_STYLE", "state"},
    "runner/progress.py": set(),
    "widgets/panel.py": {"BESIDE", "ROOMY", "chart['text/html']", "html"},
    "widgets/layout.py": {"role", "look", "''.join(lines)", "''.join(row)"},
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_markup_is_written_in_few_places_and_what_comes_from_a_table_is_escaped(path):
    name, tree = str(path.relative_to(LIBRARY)), ast.parse(path.read_text(encoding="utf-8"))
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
    ]
    told = {
        id(one.body[0].value) for one in blocks if one.body and isinstance(one.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in told else ""
        if isinstance(text, str) and MARKUP.search(text):
            assert name in WRITES_MARKUP, f"{name}:{node.lineno} writes markup: show an exhibit"
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        if not any(
            isinstance(part, ast.Constant) and MARKUP.search(str(part.value)) for part in parts
        ):
            continue
        held = [ast.unparse(part.value) for part in parts if isinstance(part, ast.FormattedValue)]
        loose = {one for one in held if not one.startswith("escape(")}
        assert loose <= WRITES_MARKUP[name], f"{name}:{node.lineno} does not escape {loose}"


def test_notebooks_and_library_show_nothing_by_other_means_than_the_reports_own():
    notebooks = sorted((LIBRARY.parent / "notebooks").glob("*.ipynb"))
    for path in [*FILES, *notebooks]:
        text = path.read_text(encoding="utf-8")
        for other in (
            "Markdown(",
            " HTML(",
            ".to_html(",
            ".to_markdown(",
            ".style.",
            "_repr_html_",
        ):
            assert other not in text, f"{path.name}: {other}"
