"""Run the cycle's notebooks in stage order, and save a report and a revision, or neither.

What plans, executes notebooks and writes pages is imported when it does: most refusals come before.
"""

import getpass
import shutil
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from pandas import DataFrame

from sopkit.forecasting import parallel
from sopkit.io import hashing
from sopkit.runner import artifacts, planning_inputs, project, run_log, staleness
from sopkit.runner.notebooks import execute, notebooks_of, source_hash
from sopkit.runner.request import Request
from sopkit.schema.formatting import currency_of
from sopkit.schema.stages import EXECUTIVE, STAGE_NAMES, TITLES
from sopkit.store import approval, history, revisions
from sopkit.store.revisions import Revision
from sopkit.store.status import Plan
from sopkit.tables import conform
from sopkit.tables.issues import DataError, StageError
from sopkit.tables.periods import month, planning_periods


def run(
    request: Request, with_report: bool = True, progress: bool = True
) -> tuple[Path, Revision | None]:
    """Plan one cycle: execute the notebooks, save the revision, build the report.

    Returns
    -------
    (folder of the outcome, Revision or None when the run ended before the last stage)

    Raises
    ------
    DataError : the inputs break rules; nothing was written.
    StageError : a notebook failed, or took too long; it is kept in a folder beside the report for
        looking.
    ValueError : somebody runs the same plan, or the inputs changed meanwhile; nothing was saved.
    """
    run_log.refuse_running(request.folder)
    if request.cluster:
        parallel.reach(request.cluster)
    if request.is_whole:
        approval.refuse_sealed(project.store_url(request.store), request.plan)
    try:
        read = _read(request)
        inputs = _inputs(request, read)
    except DataError as error:
        errors = f"{len(error.faults)} errors"
        text = f"STALE: on {run_log.now()} the tables had {errors}; no newer plan could be made."
        run_log.mark(request.folder / "index.html", text)
        raise
    return _carry_out(request, inputs, read, with_report, progress)


def _read(request, before=None):
    """The company's tables as they are now; nothing is read again while their files are the
    same."""
    place = project.workspace_location(request.company, request.workspace)
    return planning_inputs.read_once(place, request.cycle, before, request.as_of)


def _inputs(request, read):
    """The tables that the plan is made from."""
    url = project.store_url(request.store)
    return planning_inputs.with_record(read.tables, url, *request.plan)


def inputs_now(request: Request) -> dict[str, DataFrame]:
    """Read the tables that the plan would be made from now.

    Raises
    ------
    DataError : every issue that blocks.
    """
    return _inputs(request, _read(request))


def rework(
    request: Request, with_report: bool = True, progress: bool = True
) -> tuple[Path, Revision, tuple[str, ...]]:
    """Replan the submitted revision under its decisions, and save the next revision.

    The inputs are the snapshot of the submitted revision: what changed in the workspace since is
    for the next run.

    Returns
    -------
    (folder of the outcome, Revision, the scenarios taken)

    Raises
    ------
    ValueError : there is nothing to rework, or somebody touched the plan meanwhile; nothing was
        saved.
    StageError : a notebook failed.
    """
    basis = approval.rework(project.store_url(request.store), request.plan)
    planning_inputs.refuse(basis.inputs, request.cycle, _taken(basis))
    if _is_report_of(request.folder, basis.revision):
        request = replace(request, first=basis.first)
    folder, revision = _carry_out(request, basis.inputs, basis, with_report, progress)
    return folder, revision, basis.chosen


def _taken(basis):
    """Say which scenarios were chosen for a plan."""
    return f"with the decisions: {', '.join(basis.chosen)}" if basis.chosen else ""


def refresh_excel(url: str, plan: Plan, revision: Revision) -> Path | None:
    """Write the Excel pack of the report again with the status of its revision.

    Returns
    -------
    path of the pack; None where the report in place is not that of the revision, or has no pack
    """
    from sopkit.reporting import excel

    folder = project.report_folder(*plan)
    if not (folder / excel.NAME).exists() or not _is_report_of(folder, revision):
        return None
    excel.of_revision(url, *plan, folder / excel.NAME, revision.number)
    return folder / excel.NAME


def _is_report_of(folder, revision):
    """Whether the report in place is that of a revision: only then do its notebooks serve the next
    one."""
    page = folder / "index.html"
    return page.exists() and revision.hash[:12] in page.read_text(encoding="utf-8")


def _carry_out(request, inputs, origin, with_report, progress):
    """Execute the notebooks on these inputs.

    `origin` is what they come from: the tables read, or the revision that a rework starts from.
    """
    basis = None if isinstance(origin, planning_inputs.Read) else origin
    before = _unfinished(request, inputs) if request.resume else None
    if before:
        request = replace(request, first=before["first"])
    known = None if before else _known_revision(request, inputs, basis)
    from sopkit.runner import kernels

    kernels.warm_up()
    with run_log.begun(
        request.folder,
        _opening(request, inputs, basis, before, None if basis else origin.files_hash),
        request.resume,
    ) as work:
        names = _resumed(work, before) if before else _start_draft(request, work, inputs, known)
        page = request.folder / "index.html"
        run_log.mark(page, f"STALE: a newer run began on {run_log.now()} and has not ended.")
        try:
            execute(request, work, names, progress)
            if request.is_whole and basis is None:
                _refuse_changed(request, inputs, origin)
            run_log.note(request.folder, stage="saving")
            plan = artifacts.load_all(work / "draft" / "plan")
            revision = _save(request, inputs, plan, basis) if request.is_whole else None
            run_log.note(request.folder, stage="the report", revision=revision and revision.number)
            if with_report:
                facts = _facts(request, inputs, revision)
                _build_report(work, facts)
                if revision:
                    _write_workbook(work, inputs, plan, facts)
        except BaseException as error:
            run_log.mark(page, f"STALE: a newer run failed on {run_log.now()}: {error}")
            if isinstance(error, StageError):
                _keep_failed(request, inputs, work, error)
            raise
        _move_into_place(request, work)
    return request.folder, revision


def _opening(request, inputs, basis, before, files_hash):
    """What the record of a run says from the start; the place of tables in a database may hold a
    password."""
    return {
        "plan": f"{request.plan}",
        "stage": request.first,
        "first": request.first,
        "place": None if basis or "://" in request.workspace else request.workspace,
        "inputs_hash": hashing.content_hash(inputs),
        **staleness.basis(request.plan, files_hash, project.store_url(request.store)),
        "done": before["done"] if before else {},
    }


# --------------------------------------------------------------------------------------------------
# going on where a run stopped


def _unfinished(request, inputs):
    """The record of the run that is to be resumed."""
    before = run_log.last(request.folder)
    if before is None or before["state"] == run_log.ENDED or not before["done"]:
        raise ValueError(
            f"--resume: no run of {request.plan} stopped after a completed stage; run it without "
            "--resume"
        )
    if before["place"] is None and "://" not in request.workspace:
        raise ValueError("--resume: the run that stopped was a rework; run `sopkit rework` again")
    if before["inputs_hash"] != hashing.content_hash(inputs):
        raise ValueError(
            f"--resume: the inputs have changed since the run of {before['began']}; run it without "
            "--resume"
        )
    return before


def _resumed(work, before):
    """Keep the stages that were good, under notebooks that are the same still, and clear away what
    came after.

    Returns
    -------
    names of the stages to run
    """
    from sopkit.cycle import stages

    names = STAGE_NAMES[STAGE_NAMES.index(before["first"]) :]
    good = list(takewhile(lambda name: before["done"].get(name) == source_hash(name), names))
    for name in names[len(good) :]:
        (notebooks_of(work) / f"{name}.ipynb").unlink(missing_ok=True)
        for table in stages.stage_writes(name):
            (work / "draft" / "plan" / f"{table}.parquet").unlink(missing_ok=True)
    return names[len(good) :]


# --------------------------------------------------------------------------------------------------
# the draft and the notebooks


def _start_draft(request, work, inputs, known):
    """Write the snapshot of the inputs, and the plan tables of stages that are not run again.

    Returns
    -------
    names of the stages to run
    """
    from sopkit.cycle import stages

    artifacts.save(work / "draft" / "inputs", inputs)
    first, last = (STAGE_NAMES.index(name) for name in (request.first, request.last))
    plan = {
        "planning_periods": conform(
            "planning_periods",
            planning_periods(month(request.cycle), inputs.get("company_settings")),
        )
    }
    if first:
        earlier_tables = [
            table for name in STAGE_NAMES[:first] for table in stages.stage_writes(name)
        ]
        url = project.store_url(request.store)
        plan.update(revisions.read_revision(url, *request.plan, known.number, names=earlier_tables))
        for name in STAGE_NAMES[:first]:
            shutil.copy(request.folder / "notebooks" / f"{name}.ipynb", notebooks_of(work))
    artifacts.save(work / "draft" / "plan", plan)
    return STAGE_NAMES[first : last + 1]


def _known_revision(request, inputs, basis):
    """The revision that says what stages before the first wrote: the one reworked, or the latest of
    the same inputs.

    Returns
    -------
    Revision; None where the first stage of all is run
    """
    names = STAGE_NAMES[: STAGE_NAMES.index(request.first)]
    if not names:
        return None
    known = (
        basis.revision
        if basis
        else revisions.latest_revision(project.store_url(request.store), *request.plan)
    )
    if basis is None and (known is None or known.inputs_hash != hashing.content_hash(inputs)):
        state = (
            "there is no revision yet"
            if known is None
            else f"the inputs have changed since revision {known.number}"
        )
        raise ValueError(f"--from {request.first}: {state}; run the cycle from its first stage")
    missing = [
        name for name in names if not (request.folder / "notebooks" / f"{name}.ipynb").exists()
    ]
    if missing:
        raise ValueError(
            f"--from {request.first}: the report has no notebook {missing[0]}; run the cycle from "
            "its first stage"
        )
    return known


def _refuse_changed(request, inputs, read):
    """A plan is saved only if its inputs still are what it was made from."""
    try:
        now = _inputs(request, _read(request, read))
    except DataError as error:
        raise ValueError(
            f"the tables were changed during the run, and have {len(error.faults)} errors; "
            "nothing was saved"
        ) from error
    before, after = (
        {name: hashing.table_hash(f) for name, f in tables.items() if name != history.NAME}
        for tables in (inputs, now)
    )
    changed = sorted(name for name, _ in set(before.items()) ^ set(after.items()))
    if changed:
        names = ", ".join(dict.fromkeys(changed))
        raise ValueError(f"{names}: changed during the run; nothing was saved. Run again.")


def _save(request, inputs, plan, basis):
    return revisions.save_revision(
        project.store_url(request.store),
        *request.plan,
        plan,
        inputs_hash=hashing.content_hash(inputs),
        who=request.author or getpass.getuser(),
        why=request.reason,
        inputs=inputs,
        reworked=basis and basis.seen,
    )


def _write_workbook(work, inputs, plan, facts):
    from sopkit.reporting import excel

    excel.write(work / excel.NAME, inputs, plan, facts)


def _build_report(work, facts):
    from sopkit.reporting import html_report

    executed = [
        (name, title, notebooks_of(work) / f"{name}.ipynb")
        for name, title in TITLES.items()
        if (notebooks_of(work) / f"{name}.ipynb").exists()
    ]
    page = html_report.build(executed, work, facts)
    for one in executed:
        if one[0] == EXECUTIVE:
            html_report.build_alone(one, work, facts)
    return page


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


def _move_into_place(request, work):
    """Put the finished run where the old one was; the old one goes only when the new one is
    there."""
    shutil.rmtree(work / "draft")
    if request.folder.exists():
        request.folder.rename(work.with_name("old"))
    work.rename(request.folder)
    shutil.rmtree(_failed_folder(request), ignore_errors=True)


def _keep_failed(request, inputs, work, error):
    """Keep the notebooks of a run that failed, and a page of them that says so."""
    page = _build_report(work, _facts(request, inputs, None) | {"revision": "none: the run failed"})
    run_log.mark(page, f"FAILED on {run_log.now()}: {error}")
    failed = _failed_folder(request)
    shutil.rmtree(failed, ignore_errors=True)
    shutil.copytree(notebooks_of(work), failed)
    page.replace(failed / page.name)


def _failed_folder(request):
    return request.folder.with_name(f"{request.scenario}.failed")
