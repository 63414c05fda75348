"""A planner starts a company from an export in JupyterLab: in a real browser."""

import shutil

import pytest
from driver import FAULTS, button, labelled, open_and_run, open_page, picture_of, running_lab

from sopkit.io import readers

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

LOADED = "document.querySelectorAll('.jp-CodeCell').length === 1"
EXPORT = "Day;Item;Pieces;Town\n03.08.2026;Tent;4;Oslo\n30.09.2026;Tent;6;Bergen\n"
TEXT = "document.body.innerText"


def test_an_export_is_previewed_its_market_chosen_and_saved(tmp_path):
    export = tmp_path / "orders.csv"
    export.write_text(EXPORT)
    with running_lab(tmp_path) as (project, address), open_page(CHROMIUM, tmp_path) as page:
        shown = f"({button('Preview')})"
        open_and_run(page, address("notebooks/explore/new_company.ipynb"), LOADED, shown)
        assert page.value(FAULTS) == []
        for label, text in (("Company", "acme"), ("or path", str(export))):
            page.click(labelled(label))
            page.type(text)
        page.click(button("Preview"))
        page.wait_until(f"{TEXT}.includes('2 of 2 lines used')")
        picture_of(page, "import-previewed")
        market = labelled("Market", "select")
        page.value(
            f"{market}.value = 'Town'; {market}.dispatchEvent(new Event('change', {{bubbles: true}}))"
        )
        page.click(button("Save"))
        page.wait_until(f"{TEXT}.includes('Next: sopkit run --company acme --cycle 2026-10')")
        picture_of(page, "import-saved")
        sold = readers.read(str(project / "data" / "acme"))["sales_history"]
        assert set(sold["market"]) == {"Oslo", "Bergen"}
        assert page.errors == []
