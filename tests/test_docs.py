"""What the documents say is so: commands parse, names exist, links lead somewhere, messages are those of the code."""

import ast
import re
import shlex
from functools import cache
from glob import glob

import click
import pytest
import test_faults as faults
from conftest import ROOT
from PIL import Image

from sopkit.cli import main
from sopkit.cycle.stages import STAGE_NAMES
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs" / f"{n}.md" for n in ("guide", "month", "errors", "your_data", "before_after"))]  # fmt: skip
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def text_of(page):
    return page.read_text(encoding="utf-8")


def commands(page):
    """The command lines in the page's blocks, without what stands before `sopkit`."""
    lines = [
        line
        for language, block in FENCE.findall(text_of(page))
        if language == "sh"
        for line in block.replace("\\\n", "").splitlines()
    ]
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"(\.venv/bin/)?sopkit ", line)]  # fmt: skip


def command_of(words):
    """The command that words name, and what follows them."""
    command, context = main, click.Context(main)
    while isinstance(command, click.Group) and words:
        _, found, words = command.resolve_command(context, words)
        command, context = found, click.Context(found, parent=context)
    return command, words


@each_page
def test_every_command_line_is_one_that_the_command_takes(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forms" / "back").mkdir(parents=True)
    for file in ("orders.csv", "sop.xlsx", "forms/back/finance.xlsx"):
        (tmp_path / file).touch()
    for line in commands(page):
        command, words = command_of(line)
        words = [file for word in words for file in glob(word) or [word]]  # as a shell does
        assert not isinstance(command, click.Group), line
        command.make_context(command.name, words, parent=click.Context(main))


@each_page
def test_every_command_and_option_that_the_text_names_exists(page):
    prose = FENCE.sub("", text_of(page))
    for said in re.findall(r"`sopkit ([a-z][^`]*)`", prose):
        command, rest = command_of(said.split())
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= known, said


def test_the_documents_do_show_commands():
    assert sum(len(commands(page)) for page in PAGES) > 15


# Names in the text that are neither a table, nor a column, nor a stage.
OTHERS = {"sopkit_reader", "sopkit_contributor", "sopkit_planner", "sopkit_approver"}


@each_page
def test_every_table_column_and_stage_that_the_text_names_exists(page):
    prose = FENCE.sub("", text_of(page))
    columns = {column for table in TABLES.values() for column in table.columns}
    known = {*TABLES, *columns, *COLUMNS, *STAGE_NAMES, *OTHERS}
    named = re.findall(r"`([0-9a-z]+(?:_[0-9a-z]+)+)`", prose)
    assert set(named) <= known
    for table, column in re.findall(r"`([a-z_]+)\.([a-z_]+)`", prose):
        assert table not in TABLES or column in TABLES[table].columns, f"{table}.{column}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "docs" / "adr" / "README.md"], ids=lambda page: page.parent.name + page.stem)  # fmt: skip
def test_every_link_and_picture_is_there(page):
    for place, _, heading in re.findall(
        r"\]\((?!https:)([^)#]*)(#([^)]*))?\)", FENCE.sub("", text_of(page))
    ):
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), place
        titles = re.findall(r"^#+ (.*)$", text_of(target), re.MULTILINE) if heading else []
        anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
        assert not heading or heading in anchors, f"{place}#{heading}"


def test_every_decision_is_in_the_index():
    index = text_of(ROOT / "docs" / "adr" / "README.md")
    for file in (ROOT / "docs" / "adr").glob("0*.md"):
        title = text_of(file).partition("\n")[0].partition(". ")[2]
        assert f"[{title}]({file.name})" in index, file.name


def test_pictures_are_small_and_each_is_shown():
    shown = "".join(text_of(page) for page in PAGES)
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    for file in pictures:
        assert f"pictures/{file.name})" in shown, file.name
        assert file.stat().st_size <= 150_000, file.name
        assert Image.open(file).mode == "P", file.name


# --- messages --------------------------------------------------------------------------------------------------

ERRORS = text_of(ROOT / "docs" / "errors.md")
OF_INPUT = re.findall(r"^### ([^\n]*)\n\n```\n(.*?)\n```$", ERRORS, re.MULTILINE | re.DOTALL)
OF_COMMANDS = [
    message.strip() for _, message in FENCE.findall(ERRORS.partition("\n## Starting from")[2])
]


def test_the_page_shows_many_messages():
    assert len(OF_INPUT) > 30
    assert len(OF_COMMANDS) > 30


@pytest.mark.parametrize(("fault", "message"), OF_INPUT, ids=[fault for fault, _ in OF_INPUT])
def test_a_fault_of_the_tables_is_told_as_the_page_shows_it(tmp_path, fault, message):
    in_csv = faults.REFUSED | faults.WARNED
    if fault in in_csv:
        place = faults.folder(tmp_path / "company", in_csv[fault][0])
    else:
        place = faults.workbook(tmp_path / "company.xlsx", faults.IN_A_CELL[fault][0])
    assert message in faults.check(place).stdout


@cache
def templates():
    """The first line of every text of the sources as a pattern, in which what is put in may be anything."""
    found = []
    for file in (ROOT / "sopkit").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = (
                getattr(node, "values", [node])
                if isinstance(node, ast.JoinedStr | ast.Constant)
                else []
            )
            texts = [str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts]
            line = "".join(texts).partition("\n")[0]
            if len(line.replace("\0", "")) >= 12:  # a shorter one says too little
                found.append(re.escape(line).replace("\0", ".+"))
    return [re.compile(pattern) for pattern in found]


@pytest.mark.parametrize("message", OF_COMMANDS)
def test_a_message_of_a_command_is_a_text_of_the_sources(message):
    said = message.removeprefix("Error: ").rpartition("DataError: ")[2]
    of_a_table = re.sub(r"^[a-z_]+: ", "", said)
    assert any(one.fullmatch(said) or one.fullmatch(of_a_table) for one in templates()), message
