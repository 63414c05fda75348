"""What a choice does: its changes from its start, and the effects that planning again shows."""

from datetime import date

import pandas as pd
from pandas import DataFrame, Period

from sopkit.schema.tables import APPROVAL
from sopkit.store import decision_log, revisions
from sopkit.store.status import PlanStatus
from sopkit.tables.periods import month

DECIDED_BY = (  # plan tables that a decision is recorded by
    "decisions",
    "option_changes",
    "option_results",
    "planning_periods",
    "scenario_results",
)


def measured(
    url: str,
    standing: PlanStatus,
    decision: str,
    choice: str,
    days: tuple[date | None, Period | None],
    own: DataFrame | None,
) -> str:
    """The record of a choice, as JSON, with what planning again says that it does.

    Parameters
    ----------
    standing : of the submitted plan
    days : the due date and the month from which its changes hold, where they were told
    own : the current `scenario_changes`; scenarios may have been added since the plan was made

    Raises
    ------
    ValueError : the decision or the scenario is unknown, cannot start then, or is in the plan.
    """
    due, _ = days
    plan, number = standing.plan, standing.newest.number
    tables = revisions.read_revision(url, *plan, number, DECIDED_BY)
    question = _question(standing, tables["decisions"], decision)
    choice = decision_log.KEEP if choice == "keep" else choice
    inputs = {} if choice == decision_log.KEEP else revisions.read_inputs(url, *plan, number)
    changes = decision_log.changes_of(question, choice, {**inputs, **tables}, own)
    if changes.empty:
        return decision_log.record(
            question, choice, due.isoformat() if due else None, None, changes, changes.head(0), None
        )
    _refuse_taken(plan, choice, tables, inputs)
    from sopkit import scenarios

    start, changes = _starting(decision, choice, changes, days, {**inputs, **tables})
    due = due or (start.start_time - pd.Timedelta(days=1)).date()
    scenarios.apply(inputs, changes)  # refuses a choice that would alter nothing
    base = scenarios.results_of(tables["scenario_results"], scenarios.BASE)
    other = _planned_with(changes, choice, url, standing, inputs, tables)
    effects = decision_log.expected_effects(plan.cycle, decision, base, other)
    margin, before = (scenarios.whole(one).get("margin") for one in (other, base))
    effect = None if margin is None or before is None else float(margin - before)
    return decision_log.record(question, choice, due.isoformat(), start, changes, effects, effect)


def _refuse_taken(plan, choice, tables, inputs):
    """A scenario is chosen once, unless the planners propose it again as a further step."""
    if choice == plan.scenario:
        raise ValueError(
            f"{plan} already includes scenario {choice}; choose another option, or keep the plan"
        )
    log = inputs.get("decision_log")
    if log is None or choice in set(tables["option_changes"]["scenario"]):
        return
    if ((log["cycle"] == month(plan.cycle)) & (log["scenario"] == choice)).any():
        raise ValueError(
            f"{plan}: {choice} is already in the plan; define a further step as a new scenario"
        )


def _starting(decision, choice, changes, days, tables):
    """The start of a choice, and its changes from then on; what is due in a month starts in the
    next."""
    from sopkit.scenarios import starting

    periods, (due, start) = tables["planning_periods"], days
    first = starting.first_start(changes, periods, tables.get("planning_fences"))
    if start is None:
        start = first if due is None else max(first, pd.Period(due, "M") + int(due.day > 1))
    if not first <= start <= periods["period"].max():
        raise ValueError(
            f"{decision}: {choice} cannot start in {start}; it can from {first}, the first month "
            f"after notice, to {periods['period'].max()}, the last planned one"
        )
    changes = starting.starting(changes, start)
    if changes.empty:
        raise ValueError(
            f"{decision}: {choice} ends before it can start, in {start}; choose another option, or "
            "keep the plan"
        )
    return start, changes


def _planned_with(changes, choice, url, standing, inputs, tables):
    """The values of the plan with a choice alone: those that it was proposed with, else planned
    now."""
    from sopkit import scenarios

    known = scenarios.planned_before(
        changes,
        (tables["option_changes"], tables["option_results"]),
        (inputs.get("scenario_changes"), tables["scenario_results"]),
    )
    if known is not None:
        return known
    from sopkit.cycle import what_if

    whole = revisions.read_revision(url, *standing.plan, standing.newest.number)
    engine = what_if.scenario_engine(inputs, standing.plan.cycle, whole)
    return engine([scenarios.Scenario(choice, changes)])


def _question(standing, decisions, decision):
    if decision == APPROVAL:
        raise ValueError(f"{APPROVAL} is decided by `sopkit approve` or `sopkit rework`")
    rows = decisions[decisions["decision"] == decision]
    if rows.empty:
        asked = ", ".join(decisions.loc[decisions["decision"] != APPROVAL, "decision"]) or "none"
        raise ValueError(
            f"{standing.plan}, revision {standing.newest.number}: no decision {decision!r}; the "
            f"decisions are {asked}"
        )
    return rows.iloc[0]
