"""Whether the inputs of a plan have changed since its run.

The record of a run keeps the hash of the files that it read, and the newest audit row of earlier
cycles, from which the plan store adds inputs: while both are the same, nothing is read again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sopkit.io import hashing
from sopkit.runner import project, run_log
from sopkit.runner.request import Request
from sopkit.store import audit_log, database
from sopkit.store.status import Plan
from sopkit.tables.issues import DataError
from sopkit.tables.periods import month


def basis(plan: Plan, files_hash: str | None, url: str) -> dict[str, Any]:
    """What a plan is made from, as its run notes it: the files, and what the store adds."""
    return {"files_hash": files_hash, "earlier": _newest_earlier(url, plan)}


def _newest_earlier(url: str, plan: Plan) -> int:
    """The number of the newest audit row of a company's earlier cycles; 0 without one."""
    if not database.exists(url):
        return 0
    with database.reading(url) as connection:
        rows = audit_log.rows(connection, company=plan.company)
    numbers = [row["number"] for row in rows if month(row["cycle"]) < month(plan.cycle)]
    return max(numbers, default=0)


def has_moved_on(folder: Path, attempt: Mapping[str, Any], store: str = "") -> bool:
    """Check whether the inputs have changed since the run of a report; the page is marked if so.

    A rework is made from a snapshot, and tables in a database are not read for this: neither is
    reported.
    """
    if attempt["state"] != run_log.ENDED or attempt["place"] is None:
        return False
    plan, url = Plan(*attempt["plan"].split()), project.store_url(store)
    files_hash = hashing.files_hash(project.workspace_location(plan.company, attempt["place"]))
    now = basis(plan, files_hash, url)
    moved = any(now[name] != attempt.get(name) for name in now) and _differ(plan, attempt, store)
    if moved:
        text = (
            f"STALE: the tables have changed since this plan was made (noticed on {run_log.now()})."
        )
        run_log.mark(folder / "index.html", text)
    return moved


def _differ(plan: Plan, attempt: Mapping[str, Any], store: str) -> bool:
    """Whether the tables themselves say something else: files may be rewritten as they were."""
    from sopkit.runner import run

    request = Request(*plan, workspace=attempt["place"], store=store)
    try:
        return hashing.content_hash(run.inputs_now(request)) != attempt["inputs_hash"]
    except (DataError, ValueError, FileNotFoundError):
        return True
