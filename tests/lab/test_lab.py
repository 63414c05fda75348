"""An analyst opens a notebook in JupyterLab, asks what if, and keeps the answer: in a real browser."""

import shutil

import pytest
from driver import FAULTS, button, labelled, open_and_run, open_page, picture_of, running_lab

from sopkit.io import readers

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

LOADED = "document.querySelectorAll('.jp-CodeCell').length === 3"
PICTURE = "document.querySelector('.jp-OutputArea figure img')"
FIGURES = "document.querySelector('.jp-OutputArea .exhibit')"
SHOWN = "document.querySelector('.noUi-handle')"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The what-if notebook, opened and run: the copy of the project, and the page."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(folder) as (project, address), open_page(CHROMIUM, folder) as page:
        open_and_run(page, address("notebooks/what_if.ipynb"), LOADED, SHOWN)
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
