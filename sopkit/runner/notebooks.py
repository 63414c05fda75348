"""Execute the stages' notebooks by papermill, and verify that all cells ran and tables exist."""

import hashlib
import logging
import os
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from sopkit.forecasting import parallel
from sopkit.runner import artifacts, drawing, project, run_log
from sopkit.runner.request import Request
from sopkit.schema.stages import TITLES
from sopkit.tables.issues import StageError

LOG = logging.getLogger(__name__)
MOST_LINES = 20  # of a message; a longer one is in the stage's notebook


def execute(request: Request, work: Path, names: Sequence[str], progress: bool) -> None:
    variables = {
        artifacts.VARIABLE: str(work / "draft"),
        drawing.VARIABLE: str(charts_of(work)),
        project.STORE_VARIABLE: project.store_url(request.store),
        parallel.VARIABLE: request.cluster
        or os.environ.get(parallel.VARIABLE)
        or parallel.PROCESSES,
    }
    done = run_log.last(request.folder)["done"]
    with (
        _environment(variables),
        tqdm(names, disable=not progress, unit="stage") as bar,
    ):
        for name in bar:
            bar.set_description(TITLES[name])
            if not progress:
                place = f"{list(names).index(name) + 1} of {len(names)}"
                LOG.info("%s, stage %s", TITLES[name], place)
            run_log.note(request.folder, stage=name)
            source = source_hash(name)
            _execute_one(request, name, notebooks_of(work) / f"{name}.ipynb")
            _check_written(name, notebooks_of(work) / f"{name}.ipynb", work / "draft" / "plan")
            done[name] = source
            run_log.note(request.folder, done=done)
    run_log.note(request.folder, stage="the charts")
    drawing.fill(charts_of(work), sorted(notebooks_of(work).glob("*.ipynb")))


def _parameters(request):
    """The notebooks' parameters. URLs are left out: the draft has the tables, and a URL may hold a
    password."""
    place = request.workspace if "://" not in request.workspace else ""
    return {
        "company": request.company,
        "cycle": request.cycle,
        "scenario": request.scenario,
        "workspace": place,
        "store": "",
    }


def _execute_one(request, name, target):
    import papermill  # here, as it loads half of Jupyter: most refusals of a run come before
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    from sopkit.runner import kernels

    deadline = monotonic() + request.stage_timeout
    try:
        papermill.execute_notebook(
            _source(name),
            target,
            _parameters(request),
            timeout_func=lambda _: max(deadline - monotonic(), 1),
            kernel_name="python3",
            language="python",
            kernel_manager_class=kernels.RunKernelManager,
            shutdown_kernel="immediate",
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
    except PapermillExecutionError as error:
        raise StageError(
            f"{name}, cell In [{error.exec_count}]: {error.ename}: {_said(error)}"
        ) from error
    except CellTimeoutError as error:
        raise StageError(
            f"{name} took longer than {request.stage_timeout:,.0f} s; raise --stage-timeout SECONDS"
        ) from error
    except Exception as error:
        raise StageError(f"{name}: {type(error).__name__}: {error}") from error


def _said(error):
    """What a cell refused, with the rows and the remedy; of a long list its beginning."""
    lines = str(error.evalue).splitlines() or [""]
    more = (
        [f"  ... {len(lines) - MOST_LINES} more lines in the stage's notebook"]
        if len(lines) > MOST_LINES
        else []
    )
    return "\n".join([*lines[:MOST_LINES], *more])


def _check_written(name, executed, plan):
    """A notebook can end early and still report success: what counts is that every cell ran and
    every table is there."""
    import nbformat

    from sopkit.cycle import stages

    cells = nbformat.read(executed, as_version=4).cells
    idle = [
        i
        for i, cell in enumerate(cells, 1)
        if cell.cell_type == "code" and cell.source.strip() and not cell.execution_count
    ]
    if idle:
        raise StageError(f"{name}, cell {idle[0]}: did not run; the notebook ended before it")
    missing = [
        table for table in stages.stage_writes(name) if not (plan / f"{table}.parquet").exists()
    ]
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


def notebooks_of(work: Path) -> Path:
    folder = work / "notebooks"
    folder.mkdir(exist_ok=True)
    return folder


def charts_of(work: Path) -> Path:
    return work / "draft" / "charts"


def source_hash(name: str) -> str:
    return hashlib.sha256(_source(name).read_bytes()).hexdigest()


def _source(name):
    return project.root() / "notebooks" / f"{name}.ipynb"
