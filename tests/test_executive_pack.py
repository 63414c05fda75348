"""The executive pack: one notebook that prints as a pack of pages."""

import re
import shutil
import subprocess

import papermill
import pytest

from sopkit.cycle import stages
from sopkit.reporting import html_report
from sopkit.runner import artifacts, project
from sopkit.schema.stages import EXECUTIVE

MOST_PAGES = 15
FACTS = {
    "company": "summit", "cycle": "2026-10", "scenario": "base", "revision": "3", "hash": "a" * 64,
    "made_at": "2026-10-05T09:00:00", "currency": "EUR",
}  # fmt: skip


@pytest.fixture(scope="module")
def page(root, company, plan, tmp_path_factory):
    """The executive notebook of the sample company, executed on its plan, as a page of its own."""
    folder, stage = tmp_path_factory.mktemp("pack"), stages.stage(EXECUTIVE)
    artifacts.save(folder / "inputs", company)
    artifacts.save(folder / "plan", plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(artifacts.VARIABLE, str(folder))
        patch.setenv(project.STORE_VARIABLE, f"sqlite:///{folder / 'plans.sqlite'}")
        notebook = folder / "executed.ipynb"
        source = root / "notebooks" / f"{stage.name}.ipynb"
        papermill.execute_notebook(
            source, notebook, {}, kernel_name="python3", progress_bar=False, cwd=root
        )
    return html_report.build_alone((stage.name, stage.title, notebook), folder, FACTS)


def test_the_pack_is_read_from_what_must_be_decided_to_what_was_decided(page):
    headings = re.findall(r"<h2[^>]*>([^<]*)", page.read_text(encoding="utf-8"))
    assert headings == [
        "Decisions required", "Changes since the previous revision", "Executive dashboard",
        "Budget-to-plan bridge", "Families", "Launches", "Rough-cut capacity (RCCP)",
        "Scenarios, risks and opportunities", "KPIs", "Agenda", "Decision log",
        "Decision follow-up", "Audit trail", "Assumptions",
    ]  # fmt: skip


def test_each_family_has_a_picture_that_tells_what_it_brings(page, company):
    text = page.read_text(encoding="utf-8")
    for family in company["products"]["family"].unique():
        assert re.search(rf'<img alt="{family} brings [^"]* of revenue', text)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_the_pack_prints_on_few_pages_of_a4(page, tmp_path):
    target = tmp_path / "executive.pdf"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
               "--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri()]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    printed = target.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 5 <= pages <= MOST_PAGES
    assert set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", printed)) == {(b"594", b"841")}
