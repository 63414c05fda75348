"""An analyst opens a notebook in JupyterLab, asks what if, and keeps the answer: in a real browser."""

import os
import shutil
from pathlib import Path

import pytest
from driver import open_page, running_lab

from sopkit.io import readers

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

LOADED = "document.querySelectorAll('.jp-CodeCell').length === 3"
FIRST = "document.querySelector('.jp-CodeCell .jp-InputArea-prompt')"
CONNECTED = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === 'connected'"
IDLE = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
RUN_ALL = "void jupyterapp.commands.execute('notebook:run-all-cells')"
FAULTS = "[...document.querySelectorAll('[data-mime-type=\"application/vnd.jupyter.stderr\"]')].map(e => e.innerText)"
PICTURE = "document.querySelector('.jp-OutputArea figure img')"
FIGURES = "document.querySelector('.jp-OutputArea .exhibit')"
SHOWN = "document.querySelector('.noUi-handle')"


def labelled(label, kind="input, select"):
    """The field that stands beside a label; the first where several have it."""
    return (
        "[...document.querySelectorAll('.widget-label')]"
        f".find(e => e.innerText.trim() === '{label}').parentElement.querySelector('{kind}')"
    )


def button(text):
    return f"[...document.querySelectorAll('button.jupyter-button')].find(e => e.innerText.trim() === '{text}')"


def picture_of(page, name):
    """Leave a picture where SOPKIT_TEST_PICTURES says, to be looked at."""
    if "SOPKIT_TEST_PICTURES" in os.environ:
        page.photograph(Path(os.environ["SOPKIT_TEST_PICTURES"]) / f"{name}.png")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The what-if notebook, opened and run: the copy of the project, and the page."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(folder) as (project, address), open_page(CHROMIUM, folder) as page:
        page.go_to(address("notebooks/what_if.ipynb"))
        page.wait_until(LOADED)
        page.click(FIRST)
        page.wait_until(f"{CONNECTED} && {IDLE}")
        page.value(RUN_ALL)
        page.wait_until(f"{SHOWN} || {FAULTS}.length")
        yield project, page


def test_a_question_is_asked_answered_and_kept_without_an_error_in_the_console(opened):
    project, page = opened
    assert page.value(FAULTS) == []
    before = page.value(f"[{PICTURE}.src, {FIGURES}.innerText]")
    picture_of(page, "panel-before")

    handle = labelled("clothing", ".noUi-handle")
    page.value(f"{handle}.scrollIntoView({{block: 'center'}}); {handle}.focus()")
    page.press("ArrowRight")
    page.wait_until(f"{FIGURES}.innerText.includes('Change')")
    after = page.value(f"[{PICTURE}.src, {FIGURES}.innerText]")
    assert after[0] != before[0]
    assert after[1] != before[1]
    picture_of(page, "panel-moved")

    for label, text in (
        ("Name", "more-clothing"),
        ("Author", "E. Berg"),
        ("Reason", "The fair went well"),
    ):
        page.click(labelled(label))
        page.type(text)
    page.click(button("Keep as scenario"))
    page.wait_until("document.body.innerText.includes('Kept as scenario more-clothing')")
    picture_of(page, "panel-kept")

    kept = (
        readers.read(str(project / "data" / "summit"))["scenario_changes"]
        .set_index("scenario")
        .loc["more-clothing"]
    )
    assert set(kept["table"]) == {"sales_history", "demand_inputs"}
    assert set(kept["amount"]) == {1.05}
    assert set(kept["author"]) == {"E. Berg"}
    assert set(kept["note"]) == {"The fair went well"}
    assert page.errors == []


def test_a_name_is_not_given_twice(opened):
    project, page = opened
    before = (project / "data" / "summit" / "scenario_changes.csv").read_bytes()
    page.click(button("Keep as scenario"))
    page.wait_until(
        "document.body.innerText.includes('Not kept: scenario_changes: scenario more-clothing exists')"
    )
    assert (project / "data" / "summit" / "scenario_changes.csv").read_bytes() == before
