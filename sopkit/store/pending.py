"""Decisions that carry on: approved changes, applied in every later cycle from their start until
the company's own tables contain them or they are withdrawn.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame

from sopkit import scenarios
from sopkit.scenarios import price_changes
from sopkit.scenarios.contained import contained
from sopkit.schema.formatting import month as worded_month
from sopkit.schema.tables import TABLES
from sopkit.store import audit_log, database, decision_log, revisions
from sopkit.store.approved_plans import approved_before
from sopkit.store.audit_log import Author
from sopkit.store.database import adding
from sopkit.store.models import DECISION
from sopkit.store.status import Plan, decision_records, plan_status, refuse_unnamed
from sopkit.tables import conform
from sopkit.tables.periods import month

NAME = "pending_decisions"
REOPENED = ("withdrawn", "impossible")  # whose scenario may be proposed again


class Chosen(NamedTuple):
    """A decision of an approved plan that changes it."""

    plan: Plan
    row: sa.RowMapping  # of the audit trail
    record: Mapping[str, Any]
    withdrawn: sa.RowMapping | None


def add_pending(
    tables: dict[str, DataFrame], url: str, company: str, cycle: str
) -> dict[str, DataFrame]:
    """Apply the approved changes of earlier cycles, oldest first, and list what became of each.

    A change that the tables contain is not applied again. What is no longer possible, because the
    tables have changed otherwise, is not applied and said. Demand answers a decided price as long
    as it lies ahead, whether the tables contain it or not; of a closed month it is in the sales.

    Returns
    -------
    table name : table; those handed in under the pending changes, and `pending_decisions` where an
        earlier cycle decided a change
    """
    given, rows = tables, []
    for one in chosen(url, company, cycle):
        changes = decision_log.changes(one.record)
        state, statement = _state(one, changes, given, url, cycle)
        ahead = price_changes.lie_ahead(changes, month(cycle))
        if state == "pending":
            try:
                after = scenarios.apply(tables, changes, idle_allowed=True)
                tables = after if ahead else _answered_as(tables, after)
            except ValueError as error:
                state, statement = "impossible", f"cannot be applied any more: {error}"
        elif state == "contained" and ahead:
            before = revisions.read_inputs(url, *one.plan, one.row["revision"])
            moved = scenarios.apply(_answered_as(tables, before), changes, idle_allowed=True)
            tables = _answered_as(moved, tables)
        rows.append(_told(one, state, statement))
    if not rows:
        return tables
    listed = conform(NAME, pd.DataFrame(rows, columns=TABLES[NAME].columns))
    taken = listed.loc[~listed["pending_state"].isin(REOPENED), "scenario"]
    return {**scenarios.without_taken(tables, taken), NAME: listed}


def _answered_as(one, other):
    """The other tables, with the changes of prices that demand answers in the one."""
    rest = {name: table for name, table in other.items() if name != price_changes.NAME}
    known = one.get(price_changes.NAME)
    return rest if known is None else {**rest, price_changes.NAME: known}


def withdraw(url: str, plan: Plan, decision: str, author: Author) -> Mapping[str, Any]:
    """Withdraw a decision of an approved plan: later cycles no longer apply its changes.

    Raises
    ------
    ValueError : author or reason is empty, the plan is not approved, or it holds no such decision,
        or it was withdrawn before.
    """
    refuse_unnamed(author)
    with adding(url) as connection:
        standing = plan_status(connection, plan)
        if standing.approval is None:
            raise ValueError(f"{plan} is not approved; replace its decision: `sopkit decide`")
        of_plan = {one.record["decision"]: one for one in _of_plan(connection, plan)}
        if decision not in of_plan:
            known = ", ".join(of_plan) or "none"
            raise ValueError(
                f"{plan}: no decision {decision!r} changes it; those that do are {known}"
            )
        if (before := of_plan[decision].withdrawn) is not None:
            raise ValueError(f"{decision} is withdrawn already; {audit_log.told(before)}")
        said = {
            "decision": decision,
            "choice": of_plan[decision].record["choice"],
            "due_on": None,
        }
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        number = audit_log.append(
            connection, audit_log.WITHDRAWN, standing.newest, author, audit_log.digest(text)
        )
        connection.execute(sa.insert(DECISION).values(audit=number, record=text))
    return said


def chosen(url: str, company: str, cycle: str) -> Iterator[Chosen]:
    """The decisions of earlier approved plans that change them, oldest first."""
    plans = dict.fromkeys(Plan(*plan) for plan, _ in approved_before(url, company, cycle))
    for plan in plans:
        with database.reading(url) as connection:
            yield from _of_plan(connection, plan)


def _of_plan(connection: sa.Connection, plan: Plan) -> list[Chosen]:
    """The latest choice of each decision of a plan, as far as it changes the plan."""
    told = audit_log.rows(connection, **plan._asdict())
    known = decision_records(connection, [row["number"] for row in told])
    decided = [row for row in told if row["what"] == audit_log.DECIDED]
    latest = {known[row["number"]]["decision"]: row for row in decided}
    withdrawn = {
        known[row["number"]]["decision"]: row for row in told if row["what"] == audit_log.WITHDRAWN
    }
    return [
        Chosen(plan, row, known[row["number"]], withdrawn.get(decision))
        for decision, row in latest.items()
        if known[row["number"]]["changes"]
    ]


def _state(chosen, changes, tables, url, cycle):
    """What becomes of a decision in a cycle, and in words."""
    if chosen.withdrawn is not None:
        return "withdrawn", audit_log.told(chosen.withdrawn)
    if (changes["to_period"] < month(cycle)).all():
        return "over", f"its changes ended before {worded_month(month(cycle))}"
    before = revisions.read_inputs(url, *chosen.plan, chosen.row["revision"])
    if contained(tables, before, changes):
        return "contained", "the input tables contain it; it is no longer applied"
    return "pending", "applied to the input tables, which do not contain it yet"


def _told(chosen, state, statement):
    record = chosen.record
    return {
        "cycle": month(chosen.plan.cycle),
        "decision": record["decision"],
        "scenario": record["choice"],
        "start_period": month(record["start_period"]),
        "pending_state": state,
        "statement": statement,
        "owner": record["owner"],
        "due_on": record["due_on"],
        "author": chosen.row["who"],
        "reason": chosen.row["why"],
    }
