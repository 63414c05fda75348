"""The status of a plan: its history, decisions, and the actions they allow."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit.io.places import company_name
from sopkit.schema.tables import APPROVAL
from sopkit.store import audit_log, revisions
from sopkit.store.audit_log import Author
from sopkit.store.database import exists, reading
from sopkit.store.models import DECISION
from sopkit.store.revisions import Revision
from sopkit.tables.periods import month


class Plan(NamedTuple):
    """Which plan is meant."""

    company: str
    cycle: str
    scenario: str

    def __str__(self):
        return " ".join(self)


class PlanStatus(NamedTuple):
    """The status of a plan: its latest revision, history, and decisions on that revision."""

    plan: Plan
    newest: Revision
    story: list[sa.RowMapping]  # audit rows of the plan, oldest first
    approval: (
        sa.RowMapping | None
    )  # the audit row that approved a plan of this company and cycle, in whatever scenario
    kept: list[
        tuple[sa.RowMapping, dict[str, Any]]
    ]  # (audit row, record) of the choices for the newest revision, the latest of each decision

    @property
    def submission(self) -> sa.RowMapping | None:
        """The audit row that submitted the newest revision, or None."""
        submitted = [
            r
            for r in self.story
            if r["what"] == audit_log.SUBMITTED and r["revision"] == self.newest.number
        ]
        return submitted[-1] if submitted else None


def plan_of(company: str, cycle: str, scenario: str) -> Plan:
    """Name a plan.

    Raises
    ------
    ValueError : one of the three could not be the name of a company, a month, the name of a
        scenario.
    """
    return Plan(company_name(company), str(month(cycle)), company_name(scenario))


# --------------------------------------------------------------------------------------------------
# the status of a plan


def open_decisions(url: str, standing: PlanStatus) -> DataFrame:
    """List the open decisions of the latest revision, without the approval.

    Returns
    -------
    decision : question, options, recommendation, effect, owner, ...
    """
    asked = revisions.read_table(url, *standing.plan, "decisions", standing.newest.number)
    made = [said["decision"] for _, said in standing.kept]
    return asked[asked["choice"].isna() & ~asked["decision"].isin([APPROVAL, *made])]


def story(
    url: str, company: str, cycle: str | None = None, scenario: str | None = None
) -> DataFrame:
    """List the audit trail of a company's plans, oldest first.

    Returns
    -------
    at : who, what, cycle, scenario, revision, why, content
    """
    where = {
        "company": company_name(company),
        "cycle": cycle and str(month(cycle)),
        "scenario": scenario,
    }
    rows: Sequence[sa.RowMapping] = ()
    records: dict[int, dict[str, Any]] = {}
    if exists(url):
        with reading(url) as connection:
            rows = audit_log.rows(
                connection, **{name: value for name, value in where.items() if value}
            )
            records = decision_records(connection, [row["number"] for row in rows])
    told = [{**row, "what": _what(row, records.get(row["number"]))} for row in rows]
    return pd.DataFrame(
        told, columns=["at", "who", "what", "cycle", "scenario", "revision", "why", "content"]
    )


def with_states(url: str, revisions: DataFrame) -> DataFrame:
    """Add the status of each revision: submitted, approved or empty.

    Returns
    -------
    the columns given, and state
    """
    with reading(url) as connection:
        done = [row for row in audit_log.rows(connection) if row["what"] in audit_log.REVIEWED]
    states = {
        (row["company"], row["cycle"], row["scenario"], row["revision"]): row["what"]
        for row in done
    }
    keys = revisions[["company", "cycle", "scenario", "number"]].astype({"cycle": "str"})
    return revisions.assign(
        state=[states.get(key, "") for key in keys.itertuples(index=False, name=None)]
    )


def _what(row, said):
    if said is None:
        return row["what"]
    if row["what"] in (audit_log.COMMENTED, audit_log.CLOSED):
        on = f"on {said['table']} {said['row_key']}" if "table" in said else said["comment"]
        return f"{row['what']} {on}"
    due = f", due {said['due_on']}" if said["due_on"] else ""
    return f"{row['what']} {said['decision']}: {said['choice']}{due}"


def plan_status(connection: sa.Connection, plan: Plan) -> PlanStatus:
    """Read the status of a plan, as a connection sees it.

    Raises
    ------
    ValueError : there is no revision.
    """
    newest = revisions.newest(connection, *plan)
    if newest is None:
        raise ValueError(f"{plan}: no revision yet; run `sopkit run`")
    of_cycle = audit_log.rows(connection, company=plan.company, cycle=plan.cycle)
    approval = next((row for row in of_cycle if row["what"] == audit_log.APPROVED), None)
    told = [row for row in of_cycle if row["scenario"] == plan.scenario]
    return PlanStatus(plan, newest, told, approval, kept(connection, told, newest.number))


def kept(
    connection: sa.Connection, told: Sequence[sa.RowMapping], number: int
) -> list[tuple[sa.RowMapping, dict[str, Any]]]:
    """List the latest record of each decision on a revision, from the audit rows of its plan.

    Returns
    -------
    list of (audit row, record)
    """
    decided = [
        row for row in told if row["what"] == audit_log.DECIDED and row["revision"] == number
    ]
    records = decision_records(connection, [row["number"] for row in decided])
    latest = {records[row["number"]]["decision"]: (row, records[row["number"]]) for row in decided}
    return list(latest.values())


def decision_records(
    connection: sa.Connection, numbers: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The records of decisions, by the number of their audit row."""
    query = sa.select(DECISION.c.audit, DECISION.c.record).where(DECISION.c.audit.in_(numbers))
    return {number: json.loads(text) for number, text in connection.execute(query)}


# --------------------------------------------------------------------------------------------------
# what is refused


def refuse_unnamed(author: Author) -> None:
    """Refuse an action without author or reason."""
    for option, text in (("--author", author.who), ("--reason", author.why)):
        if not str(text).strip():
            raise ValueError(f"{option} is empty; enter who does this and why")


def refuse_approved(standing: PlanStatus) -> None:
    """Refuse actions on an approved cycle, in every scenario."""
    if standing.approval:
        cycle = f"{standing.plan.company} {standing.plan.cycle}"
        raise ValueError(f"{cycle} is approved and locked: {audit_log.told(standing.approval)}")


def require_latest_revision(standing: PlanStatus, number: int | None) -> None:
    """Refuse actions on any revision but the latest, which is the default."""
    newest = standing.newest.number
    if number is None or number == newest:
        return
    if number > newest:
        raise ValueError(f"{standing.plan}: there is no revision {number}; the newest is {newest}")
    made = next(
        r for r in standing.story if r["what"] in audit_log.SAVED and r["revision"] == newest
    )
    raise ValueError(
        f"{standing.plan}: revision {number} is no longer the latest: {audit_log.told(made)}"
    )


def refuse_unsubmitted(standing: PlanStatus) -> None:
    """Refuse decisions on a revision that is not submitted."""
    if standing.submission is None:
        raise ValueError(
            f"{standing.plan}: revision {standing.newest.number} has not been submitted; run "
            "`sopkit submit`"
        )


def refuse_undecidable(
    standing: PlanStatus, decision: str, replace: bool, seen: int | None = None
) -> None:
    """Refuse a decision that exists, unless replaced; `seen` is the caller's last audit row."""
    refuse_approved(standing)
    refuse_unsubmitted(standing)
    made = next(((row, said) for row, said in standing.kept if said["decision"] == decision), None)
    if made and (not replace or (seen and made[0]["number"] > seen)):
        row, said = made
        raise ValueError(
            f"{decision} is decided: {said['choice']}; {audit_log.told(row)}. Use --replace to "
            "change it"
        )


def require_decisions(standing: PlanStatus, undecided: DataFrame) -> None:
    """Refuse an approval with open decisions, or decisions that are not in the plan."""
    revision = f"{standing.plan}, revision {standing.newest.number}"
    if len(undecided):
        raise ValueError(
            f"{revision}: undecided: {', '.join(undecided['decision'])}; run `sopkit decide`"
        )
    waiting = [said["decision"] for _, said in standing.kept if said["changes"]]
    if waiting:
        raise ValueError(
            f"{revision}: the decision on {', '.join(waiting)} is not in this plan; run `sopkit "
            "rework`"
        )
