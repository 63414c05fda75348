"""The report of a run: its pages and workbook, put into place when all of them are written."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.io.writers import put_on_disk
from sopkit.runner import project, run_log
from sopkit.runner.notebooks import notebooks_of
from sopkit.runner.request import Request
from sopkit.schema.formatting import currency_of
from sopkit.schema.stages import EXECUTIVE, TITLES
from sopkit.store import comments
from sopkit.store.revisions import Revision
from sopkit.store.status import Plan
from sopkit.tables.issues import StageError


def write(
    request: Request,
    work: Path,
    inputs: Mapping[str, DataFrame],
    plan: Mapping[str, DataFrame],
    revision: Revision | None,
) -> None:
    """Write the pages of a run, and of a revision the Excel pack."""
    facts = _facts(request, inputs, revision)
    month, whole = None, None
    if (notebooks_of(work) / f"{EXECUTIVE}.ipynb").exists():
        from sopkit.reporting import pre_read

        whole = {**inputs, **plan}
        month = pre_read.write(work, whole, facts)[0]
    _build_page(work, facts, month, whole)
    if revision:
        from sopkit.reporting import excel

        url = project.store_url(request.store)
        said = comments.open_comments(url, request.plan.company, request.plan.cycle)
        excel.write(work / excel.NAME, inputs, {**plan, "comments": said}, facts)


def refresh_excel(url: str, plan: Plan, revision: Revision) -> Path | None:
    """Write the Excel pack of the report again with the status of its revision.

    Returns
    -------
    path of the pack; None where the report in place is not that of the revision, or has no pack
    """
    from sopkit.reporting import excel

    folder = project.report_folder(*plan)
    if not (folder / excel.NAME).exists() or not is_report_of(folder, revision):
        return None
    excel.of_revision(url, *plan, folder / excel.NAME, revision.number)
    return folder / excel.NAME


def size(folder: Path) -> int:
    """Bytes of a report in place; 0 without one."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def is_report_of(folder: Path, revision: Revision) -> bool:
    """Say whether the report in place is that of a revision: only then do its notebooks serve the
    next one."""
    page = folder / "index.html"
    return page.exists() and revision.hash[:12] in page.read_text(encoding="utf-8")


def move_into_place(request: Request, work: Path) -> None:
    """Put the finished run where the old one was; the old one goes only when the new one is
    there."""
    shutil.rmtree(work / "draft")
    for path in work.rglob("*"):
        put_on_disk(path)
    if request.folder.exists():
        request.folder.rename(work.with_name("old"))
    work.rename(request.folder)
    shutil.rmtree(_failed_folder(request), ignore_errors=True)


def keep_failed(
    request: Request, inputs: Mapping[str, DataFrame], work: Path, error: StageError
) -> None:
    """Keep the notebooks of a run that failed, and a page of them that says so."""
    page = _build_page(work, _facts(request, inputs, None) | {"revision": "none: the run failed"})
    run_log.mark(page, f"FAILED on {run_log.now()}: {error}")
    failed = _failed_folder(request)
    shutil.rmtree(failed, ignore_errors=True)
    shutil.copytree(notebooks_of(work), failed)
    page.replace(failed / page.name)


def _build_page(work, facts, month=None, tables=None):
    from sopkit.reporting import html_report

    executed = [
        (name, title, notebooks_of(work) / f"{name}.ipynb")
        for name, title in TITLES.items()
        if (notebooks_of(work) / f"{name}.ipynb").exists()
    ]
    return html_report.build(executed, work, facts, month, tables)


def _facts(request, inputs, revision):
    """What stands at the head of report and pack."""
    return {
        "company": request.company,
        "cycle": request.cycle,
        "scenario": request.scenario,
        "revision": f"{revision.number}" if revision else f"draft up to {request.last}",
        "status": "saved" if revision else "",
        "hash": revision.hash if revision else "",
        "made_at": f"{revision.made_at}" if revision else "",
        "currency": currency_of(inputs.get("company_settings")),
    }


def _failed_folder(request):
    return request.folder.with_name(f"{request.scenario}.failed")
