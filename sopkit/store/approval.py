"""The approval workflow: submit, decide, rework, approve.

What was done is the audit trail itself; a plan's standing is read from it. Every act looks and
writes in one transaction that no other writer shares, so of two people at once one wins and the
other gets an error that names the first.
"""

import json
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from pandas import DataFrame, Period

from sopkit.store import (
    audit_log,
    choices,
    decision_log,
    history,
    revisions,
    separate_approver,
    verify,
)
from sopkit.store.audit_log import Author
from sopkit.store.database import adding, exists, reading
from sopkit.store.models import DECISION
from sopkit.store.revisions import Revision
from sopkit.store.status import (
    Plan,
    open_decisions,
    plan_status,
    refuse_approved,
    refuse_undecidable,
    refuse_unnamed,
    refuse_unsubmitted,
    require_decisions,
    require_latest_revision,
)

SHORTEST_HASH = 8  # so many characters of a hash tell plans apart


class Rework(NamedTuple):
    """The basis of a rework: a revision, its inputs under the decisions, the last audit row."""

    revision: Revision
    inputs: dict
    first: str  # the first stage that the choices reach
    seen: int
    chosen: tuple  # the scenarios chosen


# --------------------------------------------------------------------------------------------------
# the acts


def submit(
    url: str, plan: Plan, author: Author, revision: int | None = None
) -> tuple[Revision, DataFrame]:
    """Submit the latest revision for executive approval.

    Returns
    -------
    (Revision, the decisions that are open)

    Raises
    ------
    ValueError : the author is empty, a newer revision exists, it was submitted already, or the
        cycle is approved.
    """
    refuse_unnamed(author)
    with adding(url) as connection:
        standing = plan_status(connection, plan)
        refuse_approved(standing)
        require_latest_revision(standing, revision)
        if standing.submission:
            raise ValueError(f"{plan}: submitted already; {audit_log.told(standing.submission)}")
        undecided = open_decisions(url, standing)
        audit_log.append(
            connection, audit_log.SUBMITTED, standing.newest, author, standing.newest.hash
        )
    return standing.newest, undecided


def decide(
    url: str,
    plan: Plan,
    decision: str,
    choice: str,
    author: Author,
    due: date | None = None,
    own: DataFrame | None = None,
    replace: bool = False,
    revision: int | None = None,
    start: Period | None = None,
) -> dict[str, Any]:
    """Record one decision on the submitted revision, with its expected effect.

    Parameters
    ----------
    choice : `keep the plan` (or `keep`), or the name of a scenario
    due : the due date of a decision that changes the plan; the day before its start if absent
    own : the current `scenario_changes`; scenarios may have been added since the plan was made
    replace : whether an earlier decision is replaced
    start : the month from which its changes hold; if absent the next month, or the first one that
        the notice of `planning_fences` allows

    Returns
    -------
    the record: decision, question, owner, choice, margin_effect, due_on, start_period, changes,
    effects

    Raises
    ------
    ValueError : author or reason is empty, the revision is not submitted, the decision or scenario
        is unknown, the scenario cannot be planned or would start too early, or somebody decided
        first.
    """
    refuse_unnamed(author)
    with reading(url) as connection:
        standing = plan_status(connection, plan)
    require_latest_revision(standing, revision)
    refuse_undecidable(standing, decision, replace)
    text = choices.measured(url, standing, decision, choice, (due, start), own)
    with adding(url) as connection:
        now = plan_status(connection, plan)
        require_latest_revision(now, standing.newest.number)
        refuse_undecidable(now, decision, replace, seen=standing.story[-1]["number"])
        number = audit_log.append(
            connection, audit_log.DECIDED, now.newest, author, audit_log.digest(text)
        )
        connection.execute(sa.insert(DECISION).values(audit=number, record=text))
    return json.loads(text)


def rework(url: str, plan: Plan) -> Rework:
    """Prepare the next revision: the inputs of the submitted one under its decisions.

    A scenario that was chosen is part of the plan from then on and no longer offered. Decisions go
    with the plan, as rows of
    `decision_log`, and what was done to the plan until now as rows of `cycle_record`.

    Raises
    ------
    ValueError : the newest revision is not submitted, or no choice changes it, or the cycle is
        approved.
    """
    with reading(url) as connection:
        standing = plan_status(connection, plan)
    refuse_approved(standing)
    refuse_unsubmitted(standing)
    taken = {said["choice"]: said for _, said in standing.kept if said["changes"]}
    if not taken:
        raise ValueError(
            f"{plan}, revision {standing.newest.number}: nothing to rework: no decision changes "
            "the plan"
        )
    from sopkit import scenarios
    from sopkit.cycle import stages

    before = revisions.read_inputs(url, *plan, standing.newest.number)
    inputs = before
    for said in taken.values():
        inputs = scenarios.apply(inputs, decision_log.changes(said), idle_allowed=True)
    inputs = scenarios.without_taken(inputs, taken) | {
        "decision_log": decision_log.added(
            "decision_log", before.get("decision_log"), decision_log.log(standing.kept)
        ),
        "expected_effects": decision_log.added(
            "expected_effects", before.get("expected_effects"), decision_log.effects(standing.kept)
        ),
        history.NAME: history.with_story(before.get(history.NAME), standing.story, plan.cycle),
    }
    changed = [name for name, frame in inputs.items() if frame is not before.get(name)]
    first = stages.first_reached(changed)
    return Rework(standing.newest, inputs, first, standing.story[-1]["number"], tuple(taken))


def approve(
    url: str, plan: Plan, author: Author, reviewed: str, revision: int | None = None
) -> Revision:
    """Approve and lock the reviewed revision.

    `reviewed` is the hash that the reviewers saw, or its first characters.

    Raises
    ------
    ValueError : author or reason is empty, no revision has that hash, it is not the newest, it was
        not submitted, a decision is open, a choice is not in the plan yet, the author has a part
        in it where the company asks for a separate approver, the cycle is approved, or the stored
        plan was changed.
    """
    refuse_unnamed(author)
    with reading(url) as connection:
        number = _reviewed(plan_status(connection, plan), reviewed, revision)
    with adding(url) as connection:
        standing = plan_status(connection, plan)
        refuse_approved(standing)
        require_latest_revision(standing, number)
        refuse_unsubmitted(standing)
        require_decisions(standing, open_decisions(url, standing))
        separate_approver.refuse_own_plan(url, standing, author.who)
        problems = verify.revision_problems(connection, *plan, number)
        if problems:
            raise ValueError(f"{problems[0]}; it cannot be approved: run `sopkit verify`")
        audit_log.append(
            connection, audit_log.APPROVED, standing.newest, author, standing.newest.hash
        )
    return standing.newest


def refuse_sealed(url: str, plan: Plan) -> None:
    """Refuse to replan an approved plan; other scenarios of its cycle may be planned."""
    if not exists(url):
        return
    with reading(url) as connection:
        approved = audit_log.rows(connection, **plan._asdict(), what=audit_log.APPROVED)
    if approved:
        raise ValueError(
            f"{plan} is approved and locked: {audit_log.told(approved[0])}; plan the next cycle, "
            "or a scenario"
        )


def _reviewed(standing, reviewed, revision):
    """The number of the revision that was reviewed: the newest one that has the hash."""
    if len(reviewed) < SHORTEST_HASH:
        raise ValueError(
            f"hash {reviewed!r}: enter at least {SHORTEST_HASH} characters of the hash of the "
            "reviewed plan; the report shows it"
        )
    saved = {
        row["revision"]: row["content"] for row in standing.story if row["what"] in audit_log.SAVED
    }
    found = [n for n, full in saved.items() if full.startswith(reviewed) and revision in (None, n)]
    if not found:
        which = "no revision" if revision is None else f"revision {revision}"
        has = ", ".join(f"revision {n}: {full[:12]}" for n, full in saved.items())
        raise ValueError(f"{standing.plan}: {which} has the hash {reviewed}; there are {has}")
    return found[-1]
