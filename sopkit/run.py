"""Run the cycle's notebooks in stage order, and keep what they made: a report and a revision, or neither."""

import getpass
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from tqdm import tqdm

from sopkit import draft, earlier, kernels, loop, pack, project, record, report, stages, store, workspace
from sopkit.periods import horizon, month
from sopkit.standing import plan_of
from sopkit.tables import conform


class StageError(RuntimeError):
    """A stage failed; the message names stage, cell and cause in one line."""


@dataclass(frozen=True)
class Request:
    """What is to be run, checked.

    `first` and `last` are stage names. `reason` is written beside the revision, and `author`: who runs it if empty.
    """

    company: str
    cycle: str
    scenario: str = stages.BASE
    workspace: str = ""
    store: str = ""
    first: str = stages.STAGE_NAMES[0]
    last: str = stages.STAGE_NAMES[-1]
    reason: str = "planned"
    author: str = ""

    def __post_init__(self):
        workspace.company_name(self.company)
        workspace.company_name(self.scenario)
        month(self.cycle)
        if stages.STAGE_NAMES.index(stages.stage(self.first).name) > stages.STAGE_NAMES.index(
            stages.stage(self.last).name
        ):
            raise ValueError(f"the first stage {self.first} comes after the last {self.last}")

    @property
    def plan(self):
        """Which plan is run."""
        return plan_of(self.company, self.cycle, self.scenario)

    @property
    def is_whole(self):
        """Whether the run ends with a plan that can be a revision."""
        return self.last == stages.STAGE_NAMES[-1]

    @property
    def folder(self):
        """Where the outcome goes: a part of the cycle never takes the place of a whole one."""
        folder = project.report_folder(self.company, self.cycle, self.scenario)
        return folder if self.is_whole else folder.with_name(folder.name + ".draft")


def run(request, with_report=True, progress=True):
    """Plan one cycle: execute the notebooks, save the revision, build the report, move it all into place.

    Returns
    -------
    (folder of the outcome, Revision or None when the run ended before the last stage)

    Raises
    ------
    TableError : the inputs break rules; nothing was written.
    StageError : a notebook failed; it is kept in a folder beside the report for looking.
    """
    if request.is_whole:
        loop.refuse_sealed(project.store_url(request.store), request.plan)
    place = project.workspace_location(request.company, request.workspace)
    tables = workspace.read(place, cycle=request.cycle)
    known = (project.store_url(request.store), request.company, request.cycle)
    tables = record.with_record(earlier.with_earlier(tables, *known), *known)
    return _carry_out(request, stages.under(tables, request.scenario), None, with_report, progress)


def rework(request, with_report=True, progress=True):
    """Plan the submitted revision again under the choices made for it, and save that as the next revision.

    The inputs are the snapshot of the submitted revision: what changed in the workspace since is for the next run.

    Returns
    -------
    (folder of the outcome, Revision, the scenarios taken)

    Raises
    ------
    ValueError : there is nothing to rework, or somebody touched the plan meanwhile; nothing was saved.
    StageError : a notebook failed.
    """
    basis = loop.rework(project.store_url(request.store), request.plan)
    if _is_report_of(request.folder, basis.revision):
        request = replace(request, first=basis.first)
    folder, revision = _carry_out(request, basis.inputs, basis, with_report, progress)
    return folder, revision, basis.chosen


def restate_pack(url, plan, revision):
    """Write the Excel pack of the report in place again, so that it says what became of its revision.

    Returns
    -------
    path of the pack; None where the report in place is not that of the revision, or has no pack
    """
    folder = project.report_folder(*plan)
    if not (folder / pack.NAME).exists() or not _is_report_of(folder, revision):
        return None
    pack.of_revision(url, *plan, folder / pack.NAME, revision.number)
    return folder / pack.NAME


def _is_report_of(folder, revision):
    """Whether the report in place is that of a revision: only then do its notebooks serve the next one."""
    page = folder / "index.html"
    return page.exists() and revision.hash[:12] in page.read_text(encoding="utf-8")


def _carry_out(request, inputs, basis, with_report, progress):
    """Execute the notebooks on these inputs; `basis` is the rework this is, or None."""
    kernels.warm_up()
    request.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".run-", dir=request.folder.parent) as temporary:
        work = Path(temporary) / "report"
        work.mkdir()
        names = _start_draft(request, work, inputs, basis)
        try:
            _execute(request, work, names, progress)
        except StageError:
            _keep_failed(request, work)
            raise
        plan = draft.load_all(work / "draft" / "plan")
        revision = _save(request, inputs, plan, basis) if request.is_whole else None
        if with_report:
            facts = _facts(request, inputs, revision)
            _build_report(work, facts)
            if revision:
                pack.write(work / pack.NAME, inputs, plan, facts)
        _move_into_place(request, work)
    return request.folder, revision


def _start_draft(request, work, inputs, basis):
    """Write the snapshot of the inputs, and the plan tables of stages that are not run again.

    Returns
    -------
    names of the stages to run
    """
    draft.save(work / "draft" / "inputs", inputs)
    first, last = (stages.STAGE_NAMES.index(name) for name in (request.first, request.last))
    plan = {"horizon": conform("horizon", horizon(month(request.cycle), inputs.get("terms")))}
    if first:
        plan.update(_tables_before(request, inputs, stages.STAGE_NAMES[:first], basis))
        for name in stages.STAGE_NAMES[:first]:
            shutil.copy(request.folder / "notebooks" / f"{name}.ipynb", _notebooks(work))
    draft.save(work / "draft" / "plan", plan)
    return stages.STAGE_NAMES[first : last + 1]


def _notebooks(work):
    folder = work / "notebooks"
    folder.mkdir(exist_ok=True)
    return folder


def _tables_before(request, inputs, names, basis):
    """The tables of stages before the first, from the revision reworked, or from the latest one of the same inputs."""
    url = project.store_url(request.store)
    known = basis.revision if basis else store.latest_revision(url, *request.plan)
    if basis is None and (known is None or known.inputs_hash != workspace.content_hash(inputs)):
        state = (
            "there is no revision yet"
            if known is None
            else f"the inputs have changed since revision {known.number}"
        )
        raise ValueError(f"--from {request.first}: {state}; run the cycle from its first stage")
    wanted = [table for name in names for table in stages.stage_writes(name)]
    missing = [name for name in names if not (request.folder / "notebooks" / f"{name}.ipynb").exists()]
    if missing:
        raise ValueError(
            f"--from {request.first}: the report has no notebook {missing[0]}; run the cycle from its first stage"
        )
    return store.read_revision(url, *request.plan, known.number, names=wanted)


def _execute(request, work, names, progress):
    notebooks = project.root() / "notebooks"
    variables = {
        draft.VARIABLE: str(work / "draft"),
        project.STORE_VARIABLE: project.store_url(request.store),
    }
    with (
        _environment(variables),
        tqdm(names, disable=not progress, unit="stage") as bar,
    ):
        for name in bar:
            bar.set_description(stages.stage(name).title)
            _execute_one(
                name, notebooks / f"{name}.ipynb", _notebooks(work) / f"{name}.ipynb", _parameters(request)
            )
            _check_written(name, _notebooks(work) / f"{name}.ipynb", work / "draft" / "plan")


def _parameters(request):
    """The notebooks' parameters. URLs are left out: the draft has the tables, and a URL may hold a password."""
    place = request.workspace if "://" not in request.workspace else ""
    return {
        "company": request.company,
        "cycle": request.cycle,
        "scenario": request.scenario,
        "workspace": place,
        "store": "",
    }


def _execute_one(name, source, target, parameters):
    try:
        papermill.execute_notebook(
            source,
            target,
            parameters,
            kernel_name="python3",
            language="python",
            kernel_manager_class=kernels.RunKernelManager,
            shutdown_kernel="immediate",
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
    except PapermillExecutionError as error:
        raise StageError(
            f"{name}, cell In [{error.exec_count}]: {error.ename}: {_first_line(error)}"
        ) from error
    except Exception as error:
        raise StageError(f"{name}: {type(error).__name__}: {error}") from error


def _first_line(error):
    return str(error.evalue).partition("\n")[0]


def _check_written(name, executed, plan):
    """A notebook can end early and still report success: what counts is that every cell ran and every table is there."""
    cells = nbformat.read(executed, as_version=4).cells
    idle = [
        i
        for i, cell in enumerate(cells, 1)
        if cell.cell_type == "code" and cell.source.strip() and not cell.execution_count
    ]
    if idle:
        raise StageError(f"{name}, cell {idle[0]}: did not run; the notebook ended before it")
    missing = [table for table in stages.stage_writes(name) if not (plan / f"{table}.parquet").exists()]
    if missing:
        raise StageError(f"{name}: ended without writing {', '.join(missing)}")


@contextmanager
def _environment(variables):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _save(request, inputs, plan, basis):
    return store.save_revision(
        project.store_url(request.store),
        *request.plan,
        plan,
        inputs_hash=workspace.content_hash(inputs),
        who=request.author or getpass.getuser(),
        why=request.reason,
        inputs=inputs,
        reworked=basis and basis.seen,
    )


def _build_report(work, facts):
    executed = [
        (stage.name, stage.title, work / "notebooks" / f"{stage.name}.ipynb")
        for stage in stages.STAGES
        if (work / "notebooks" / f"{stage.name}.ipynb").exists()
    ]
    report.build(executed, work, facts)
    for one in executed:
        if one[0] == stages.EXECUTIVE:
            report.build_alone(one, work, facts)


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
        "currency": inputs["terms"]["currency"].iloc[0] if "terms" in inputs else "",
    }


def _move_into_place(request, work):
    """Put the finished run where the old one was; the old one goes only when the new one is there."""
    shutil.rmtree(work / "draft")
    old = work.with_name("old")
    if request.folder.exists():
        request.folder.rename(old)
    work.rename(request.folder)
    shutil.rmtree(_failed_folder(request), ignore_errors=True)


def _keep_failed(request, work):
    failed = _failed_folder(request)
    shutil.rmtree(failed, ignore_errors=True)
    shutil.copytree(_notebooks(work), failed)


def _failed_folder(request):
    return request.folder.with_name(f"{request.scenario}.failed")
