"""Every subtitle fits into one line, together with "12 of 3,400"."""

import ast
from pathlib import Path

import pytest

from sopkit.reporting import exhibits, picture

FILES = sorted(Path(exhibits.__file__).parent.glob("*.py"))
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
def test_every_subtitle_fits_into_one_line(path):
    room = picture.SUBTITLE_CHARACTERS - COUNT
    assert [text for text in subtitles(path) if len(text) > room] == []
