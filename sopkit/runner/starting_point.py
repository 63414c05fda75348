"""Which stages a run executes, and what it starts from: inputs, a revision or a stopped run."""

import shutil
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from pandas import DataFrame

from sopkit.io import hashing
from sopkit.runner import artifacts, project, run_log
from sopkit.runner.notebooks import notebooks_of, source_hash
from sopkit.runner.request import Request
from sopkit.schema.stages import STAGE_NAMES
from sopkit.store import revisions
from sopkit.store.revisions import Revision
from sopkit.tables import conform
from sopkit.tables.periods import month, planning_periods


def known_revision(
    request: Request, inputs: Mapping[str, DataFrame], reworked: Revision | None
) -> Revision | None:
    """The revision that says what stages before the first wrote: the one reworked, or the latest of
    the same inputs.

    Returns
    -------
    Revision; None where the first stage of all is run

    Raises
    ------
    ValueError : there is no such revision, or the report lacks a notebook of these stages.
    """
    names = STAGE_NAMES[: STAGE_NAMES.index(request.first)]
    if not names:
        return None
    known = (
        reworked
        if reworked
        else revisions.latest_revision(project.store_url(request.store), *request.plan)
    )
    if reworked is None and (known is None or known.inputs_hash != hashing.content_hash(inputs)):
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


def start_draft(
    request: Request, work: Path, inputs: Mapping[str, DataFrame], known: Revision | None
) -> list[str]:
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
            planning_periods(
                month(request.cycle), inputs.get("company_settings"), inputs.get("calendar")
            ),
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


def unfinished(request: Request, inputs: Mapping[str, DataFrame]) -> dict[str, Any]:
    """Find the record of the run that is to be resumed.

    Raises
    ------
    ValueError : no run stopped after a stage, it was a rework, or the inputs have changed.
    """
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


def keep_completed(work: Path, before: Mapping[str, Any]) -> list[str]:
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
