"""Run the cycle's notebooks in stage order, and save a report and a revision, or neither.

What plans, executes notebooks and writes pages is imported when it does: most refusals come before.
"""

import getpass
from dataclasses import replace
from pathlib import Path

from pandas import DataFrame

from sopkit.forecasting import parallel
from sopkit.io import disk, hashing, sql
from sopkit.runner import (
    artifacts,
    forks,
    planning_inputs,
    project,
    report_folder,
    run_log,
    staleness,
    starting_point,
    stores,
)
from sopkit.runner.notebooks import execute
from sopkit.runner.request import Request
from sopkit.store import approval, history, identity, saving
from sopkit.store.revisions import Revision
from sopkit.tables.issues import DataError, StageError


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
    _refuse_hopeless(request)
    if request.cluster:
        parallel.reach(request.cluster)
    if request.is_whole:
        approval.refuse_sealed(project.store_url(request.store), request.plan)
    forks.warm_up()
    try:
        read = _read(request)
        inputs = _inputs(request, read)
    except DataError as error:
        errors = f"{len(error.faults)} errors"
        text = f"STALE: on {run_log.now()} the tables had {errors}; no newer plan could be made."
        run_log.mark(request.folder / "index.html", text)
        raise
    return _carry_out(request, inputs, read, with_report, progress)


def _refuse_hopeless(request):
    """Refuse a run whose plan could not be saved: the disk is full, or the store another one."""
    url = project.store_url(request.store)
    disk.refuse_scarce(request.folder, report_folder.size(request.folder))
    if file := sql.file_of(url):
        disk.refuse_scarce(file.parent, file.stat().st_size // 10 if file.exists() else 0)
    identity.refuse_other(url, stores.remembered())


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
    _refuse_hopeless(request)
    basis = approval.rework(project.store_url(request.store), request.plan)
    forks.warm_up()
    planning_inputs.refuse(basis.inputs, request.cycle, _taken(basis))
    if report_folder.is_report_of(request.folder, basis.revision):
        request = replace(request, first=basis.first)
    folder, revision = _carry_out(request, basis.inputs, basis, with_report, progress)
    return folder, revision, basis.chosen


def _taken(basis):
    """Say which scenarios were chosen for a plan."""
    return f"with the decisions: {', '.join(basis.chosen)}" if basis.chosen else ""


def _carry_out(request, inputs, origin, with_report, progress):
    """Execute the notebooks on these inputs.

    `origin` is what they come from: the tables read, or the revision that a rework starts from.
    """
    basis = None if isinstance(origin, planning_inputs.Read) else origin
    before = starting_point.unfinished(request, inputs) if request.resume else None
    if before:
        request = replace(request, first=before["first"])
    known = (
        None if before else starting_point.known_revision(request, inputs, basis and basis.revision)
    )
    with run_log.begun(
        request.folder,
        _opening(request, inputs, basis, before, None if basis else origin.files_hash),
        request.resume,
    ) as work:
        names = (
            starting_point.keep_completed(work, before)
            if before
            else starting_point.start_draft(request, work, inputs, known)
        )
        page = request.folder / "index.html"
        run_log.mark(page, f"STALE: a newer run began on {run_log.now()} and has not ended.")
        try:
            execute(request, work, names, progress)
            if request.is_whole and basis is None:
                _refuse_changed(request, inputs, origin)
            run_log.note(request.folder, stage="saving")
            plan = artifacts.load_all(work / "draft" / "plan")
            revision = _save(request, inputs, plan, basis) if request.is_whole else None
            said = {"revision": revision.number, "store": _store(request)} if revision else {}
            run_log.note(request.folder, stage="the report", **said)
            if with_report:
                report_folder.write(request, work, inputs, revision)
        except BaseException as error:
            _tell_of_disks(request, error)
            with disk.added_to(error):
                run_log.mark(page, f"STALE: a newer run failed on {run_log.now()}: {error}")
                if isinstance(error, StageError):
                    report_folder.keep_failed(request, inputs, work, error)
            raise
        report_folder.move_into_place(request, work)
    return request.folder, revision


def _tell_of_disks(request, error):
    """Add to an error that a disk is full or read-only, and how to go on when it is not."""
    file = sql.file_of(project.store_url(request.store))
    for folder in dict.fromkeys([request.folder.parent, *([file.parent] if file else [])]):
        if trouble := disk.trouble(folder):
            error.add_note(
                f"{trouble}. What was computed is kept: make room, then add --resume to the command"
            )


def _store(request):
    return identity.identity(project.store_url(request.store))._asdict()


def _opening(request, inputs, basis, before, files_hash):
    """What the record of a run says from the start; the place of tables in a database may hold a
    password."""
    return {
        "plan": f"{request.plan}",
        "stage": request.first,
        "first": request.first,
        "place": None if basis or "://" in request.workspace else request.workspace,
        "inputs_hash": hashing.content_hash(inputs),
        "store": _store(request),
        **staleness.basis(request.plan, files_hash, project.store_url(request.store)),
        "done": before["done"] if before else {},
    }


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
    began_with = stores.known(run_log.last(request.folder))
    identity.refuse_other(project.store_url(request.store), [began_with])
    return saving.save_revision(
        project.store_url(request.store),
        *request.plan,
        plan,
        inputs_hash=hashing.content_hash(inputs),
        who=request.author or getpass.getuser(),
        why=request.reason,
        inputs=inputs,
        reworked=basis and basis.seen,
    )
