"""The report of a run: its pages and workbook, put into place when all of them are written."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.io.writers import put_on_disk
from sopkit.runner import artifacts, forks, project, run_log
from sopkit.runner.notebooks import notebooks_of
from sopkit.runner.request import Request
from sopkit.schema.formatting import currency_of
from sopkit.schema.stages import EXECUTIVE, TITLES
from sopkit.store import comments
from sopkit.store.revisions import Revision
from sopkit.store.status import Plan
from sopkit.tables.issues import StageError


def write(
    request: Request, work: Path, inputs: Mapping[str, DataFrame], revision: Revision | None
) -> None:
    """Write the pages of a run, and of a revision the Excel pack, from the draft of the run."""
    if revision:
        url = project.store_url(request.store)
        said = comments.open_comments(url, request.plan.company, request.plan.cycle)
        artifacts.save(work / "draft" / "comments", {"comments": said})
    facts = json.dumps(_facts(request, inputs, revision))
    forks.side_by_side((write_page, write_mailed), str(work), facts)


def write_page(work: str, facts: str) -> None:
    """Write the page of all stages; `facts` is what stands at its head, as JSON."""
    _build_page(Path(work), json.loads(facts), with_month=_has_executive(Path(work)))


def write_mailed(work: str, facts: str) -> None:
    """Write what is mailed: the pre-read, and of a revision the Excel pack."""
    from sopkit.reporting import excel, pre_read

    draft, said = Path(work) / "draft", json.loads(facts)
    inputs, plan = artifacts.load_all(draft / "inputs"), artifacts.load_all(draft / "plan")
    if _has_executive(Path(work)):
        pre_read.write(Path(work), {**inputs, **plan}, said)
    if said["hash"]:
        plan |= artifacts.load_all(draft / "comments")
        excel.write(Path(work) / excel.NAME, inputs, plan, said)


def _has_executive(work):
    return (notebooks_of(work) / f"{EXECUTIVE}.ipynb").exists()


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


def _build_page(work, facts, with_month=False):
    from sopkit.reporting import html_report

    month, tables = None, None
    if with_month:
        from sopkit.reporting import pre_read

        draft = work / "draft"
        tables = artifacts.load_all(draft / "inputs") | artifacts.load_all(draft / "plan")
        month = pre_read.first_page(tables)
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
