"""A planner answers in per cent and in money in JupyterLab's form: in a real browser."""

import shutil

import nbformat
import pytest
from driver import FAULTS, button, labelled, open_and_run, open_page, picture_of, running_lab
from nbformat.v4 import new_code_cell, new_notebook

from sopkit.io import readers

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

CELLS = """
from sopkit.runner.session import Review
from sopkit.widgets import forms
review = Review("40_supply_review", "poolside-cafe", "2027-03")
forms.override_grid(review)
"""
TEXT = "document.body.innerText"
SHOWN = "document.querySelector('.widget-dropdown select')"


def choose(page, label, text):
    """Choose an option of a drop-down by what it says."""
    field = labelled(label, "select")
    page.value(
        f"(() => {{ const f = {field}; f.value = [...f.options].find(o => o.text.replace(/\\u00a0/g, ' ') === '{text}').value;"
        " f.dispatchEvent(new Event('change', {bubbles: true})) })()"
    )


def test_an_answer_in_per_cent_is_shown_in_units_and_money_and_kept(tmp_path):
    with running_lab(tmp_path) as (project, address), open_page(CHROMIUM, tmp_path) as page:
        path = project / "notebooks" / "form.ipynb"
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nbformat.write(new_notebook(cells=[new_code_cell(CELLS)], metadata=kernel), path)
        loaded = "document.querySelectorAll('.jp-CodeCell').length === 1"
        open_and_run(page, address("notebooks/form.ipynb"), loaded, SHOWN)
        assert page.value(FAULTS) == []
        choose(page, "Product", "burger")
        choose(page, "Answer in", "% vs. last year")
        page.click(labelled("Mar 2027"))
        page.type("10")
        page.press("Enter")
        page.wait_until(f"{TEXT}.includes('= in units') && {TEXT}.includes('= in EUR')")
        picture_of(page, "form-percent")
        for label, text in (("Author", "E. Berg"), ("Reason", "Longer season")):
            page.click(labelled(label))
            page.type(text)
        page.click(button("Keep as demand input"))
        page.wait_until(f"{TEXT}.includes('Kept 1 month of burger')")
        tables = readers.read(str(project / "data" / "poolside-cafe"))
        kept, sold = tables["demand_inputs"].iloc[-1], tables["sales_history"]
        march = sold[(sold["product"] == "burger") & (sold["period"] == "2026-03")]
        (units,) = march.loc[march["market"] == kept["market"], "quantity"]
        assert kept["quantity"] == pytest.approx(1.1 * units)
        assert kept["answered_as"] == f"+10 % vs. last year {units:g}"
        assert page.errors == []
