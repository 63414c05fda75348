"""What holds for every exhibit: its mark names what there is, its subtitle fits into one line."""

import ast
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

from sopkit.reporting import exhibits, figures
from sopkit.rules.marks import mark_of
from sopkit.schema.tables import TABLES

FILES = sorted(Path(exhibits.__file__).parent.glob("[!_]*.py"))
COUNT = len("; 12 of 3,400")


def subtitles(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "subtitle":
            yield "".join(
                part.value
                for part in ast.walk(node.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_subtitle_fits_into_one_line_with_what_it_leaves_out(path):
    room = figures.SUBTITLE_CHARACTERS - COUNT
    assert [text for text in subtitles(path) if len(text) > room] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mark_names_a_plan_table_and_its_docstring_says_what_is_shown(path):
    module = import_module(f"{exhibits.__name__}.{path.stem}")
    for function in filter(isfunction, vars(module).values()):
        if mark_of(function) is not None:
            assert mark_of(function).about["table"] in ("", *TABLES), function.__name__
            assert function.__doc__, function.__name__
