"""What decisions of earlier cycles did, from re-runs of the plans that approved them."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.store import decision_log, pending, revisions
from sopkit.store.approved_plans import approved_before
from sopkit.store.status import Plan
from sopkit.tables import conform, empty
from sopkit.tables.periods import month

if TYPE_CHECKING:
    from sopkit.cycle import reruns

NAME = "measured_effects"
NEWEST = 6  # decisions that are followed up by a re-run; of older ones the actuals alone are shown


def add_measured_effects(
    tables: dict[str, DataFrame], url: str, company: str, cycle: str
) -> dict[str, DataFrame]:
    """Measure the decisions of earlier cycles that have begun, the NEWEST of them.

    The plan that was approved is re-run on the demand that came since, with the decision and
    without it, from the snapshot of then (`cycle.reruns`). Left out is what was withdrawn, and what
    was decided before the first month whose sales are kept.

    Returns
    -------
    table name : table; those handed in, and `measured_effects` where a decision was measured
    """
    from sopkit.cycle import reruns

    @cache
    def snapshot(plan, number):
        return revisions.read_inputs(url, *plan, number)

    until = month(cycle) - 1
    numbers = {Plan(*plan): number for plan, number in approved_before(url, company, cycle)}
    chosen = list(pending.chosen(url, company, cycle))
    begun = [one for one in chosen if _has_begun(one, tables, cycle)][-NEWEST:]
    parts = []
    for plan, decisions in groupby(begun, key=lambda one: one.plan):
        rerun = reruns.on_actual_demand(approved(url, plan, numbers[plan]), tables, until)
        of_plan = [one for one in chosen if one.plan == plan]
        for one in decisions:
            before = snapshot(plan, one.row["revision"])
            rows = reruns.effects(rerun, without(before, one, of_plan))
            start = month(one.record["start_period"])
            rows = rows[rows["period"].between(start, until)]
            key = {"cycle": month(plan.cycle), "decision": one.record["decision"]}
            parts.append(rows.assign(**key))
    if not parts:
        return tables
    return {**tables, NAME: conform(NAME, pd.concat(parts, ignore_index=True))}


def _has_begun(one: pending.Chosen, tables: Mapping[str, DataFrame], cycle: str) -> bool:
    """Whether a decision has begun, and can be measured."""
    first = tables["sales_history"]["period"].min()
    begun = month(one.record["start_period"]) < month(cycle)
    return one.withdrawn is None and begun and first <= month(one.plan.cycle)


def approved(url: str, plan: Plan, number: int) -> "reruns.Approved":
    """The approved revision of a plan, as it is re-run."""
    from sopkit.cycle import reruns

    inputs = revisions.read_inputs(url, *plan, number)
    planned = revisions.read_revision(url, *plan, number, reruns.READ)
    return reruns.Approved(plan.cycle, inputs, planned)


def without(
    before: Mapping[str, DataFrame], one: pending.Chosen, of_plan: Sequence[pending.Chosen]
) -> dict[str, DataFrame]:
    """The tables that a decision changed, as the other decisions of its plan left them.

    Parameters
    ----------
    before : the snapshot of the revision on which it was decided
    of_plan : all decisions of the plan
    """
    others = before
    after = scenarios.apply(before, decision_log.changes(one.record), idle_allowed=True)
    for other in of_plan:
        if other is not one and other.row["revision"] >= one.row["revision"]:
            changes = decision_log.changes(other.record)
            others = scenarios.apply(others, changes, idle_allowed=True)
    changed = [name for name in after if after[name] is not before.get(name)]
    return {name: others.get(name, empty(name)) for name in changed}
