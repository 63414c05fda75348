"""The cycle computed in memory: whole, up to a stage, under a scenario, or only what a change touches."""

from functools import cache

import pandas as pd

from sopkit import scenarios
from sopkit.cycle.stages import (
    BASE,
    HELD,
    MEASURED_BY,
    MEASURED_ON,
    STAGE_NAMES,
    STAGES,
    bearing_on,
    compute,
    leading_to,
    stage,
    stage_of,
    writes,
)
from sopkit.data_quality import judge
from sopkit.rules.call import asks_for, inputs_of
from sopkit.schema.tables import TABLES
from sopkit.supply import strategies
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import conform, empty
from sopkit.tables.periods import horizon, month


def under(tables, scenario):
    """The input tables under a named scenario, which is marked as taken; `base` changes nothing.

    Raises
    ------
    ValueError : `scenario_changes` does not know the scenario.
    """
    if scenario == BASE:
        return tables
    changes = tables.get("scenario_changes")
    rows = None if changes is None else changes[changes["scenario"] == scenario]
    if rows is None or rows.empty:
        known = [] if changes is None else changes["scenario"].unique()
        raise ValueError(
            f"scenario_changes: no scenario {scenario!r}; known are {', '.join([BASE, *known])}"
        )
    return scenarios.apply(tables, rows) | {"scenario_changes": scenarios.take(changes, [scenario])}


def planned_scenarios(tables, cycle, names=(), tell=None):
    """Plan the cycle and each named scenario (all if none is named), and hold them side by side.

    Returns
    -------
    scenario, measure : plan, reference_value, gap [the measure's unit]

    Raises
    ------
    ValueError : an unknown scenario, or one that cannot be applied or alters nothing.
    """
    changes = tables.get("scenario_changes")
    wanted = [name for name in dict.fromkeys(names) if name != BASE]
    wanted = wanted or ([] if changes is None else list(changes["scenario"].unique()))
    for name in wanted:
        under(tables, name)  # refuses before anything is planned
    if not wanted:
        return empty("scenario_comparison")
    plan = replan(tables, cycle, until=MEASURED_ON, tell=tell)
    chosen = pd.concat([changes[changes["scenario"] == name] for name in wanted])
    known = {name: plan[name] for name in scenarios.COMPARED}
    return scenarios.scenario_comparison(
        **known,
        replan=what_if(tables, cycle, plan, tell=tell and _numbered(len(wanted), tell)),
        scenario_changes=chosen,
    )


def replan(
    tables,
    cycle,
    changes=None,
    until=None,
    known=None,
    only=None,
    held=(),
    tell=None,
    instead=None,
    judged=True,
    **services,
):
    """Compute the cycle's plan tables in memory, without notebooks.

    Parameters
    ----------
    tables : dict of input table name -> conformed table
    cycle : the first planned month, `2026-10`
    changes : rows of `scenario_changes` to apply to the inputs first; none if absent
    until : the last stage wanted; all if absent
    known : plan tables computed before from `tables` unchanged; steps that `changes` do not touch are taken from it
    only : the steps wanted; all if absent
    held : steps whose tables are taken from `known` even where the changes touch them
    tell : is told in a sentence what is computed now
    instead : input tables that take the place of those of the same name; none if absent
    judged : whether what the changes lead to, and the plan after each stage, is held against the checks that block;
        the inputs as they are were judged when they were read
    services : how supply is planned in it; see `strategies.supply_review`

    Returns
    -------
    dict of plan table name -> table, `horizon` among them

    Raises
    ------
    TableError : no plan can be made under the changes.
    ValueError : a required table is absent, or a step refuses its tables; a note names stage and step.
    """
    inputs = {**tables, **(instead or {})}
    if changes is not None and len(changes):
        inputs = scenarios.apply(inputs, changes, idle_allowed=True)
    last = STAGE_NAMES.index(stage(until or STAGE_NAMES[-1]).name)
    plan = {"horizon": conform("horizon", horizon(month(cycle), inputs.get("terms")))}
    known = known or {}
    stale = {name for name in inputs if inputs[name] is not tables.get(name)}
    if "horizon" not in known or not plan["horizon"].equals(known["horizon"]):
        stale.add("horizon")
    touched = stale if known else None
    if judged and stale - {"horizon"}:
        judge.refuse({**inputs, **plan}, stale)
    for each in STAGES[: last + 1]:
        if judged and (due := due_before(each.name)):
            judge.refuse({**inputs, **plan}, touched, due)
        for step in each.steps:
            if only is not None and step not in only:
                continue
            if _untouched(step, frozenset() if step in held else stale, known):
                plan.update({name: known[name] for name in writes(step)})
                continue
            if tell:
                tell(f"{each.title}: {step.__name__.replace('_', ' ')}")
            again = what_if(
                inputs, cycle, plan, tell=tell and _counted(step, {**inputs, **plan}, tell)
            )
            plan.update(compute(step, {**inputs, **plan}, replan=again, **services))
            stale.update(writes(step))
    return plan


@cache
def due_before(name):
    """The checks that block, of plan tables the last of which the stage before this one writes."""
    position = STAGE_NAMES.index(name)
    return tuple(
        check
        for check in judge.BLOCKING_CHECKS
        if (tables := judge.plan_tables_of(check))
        and max(STAGE_NAMES.index(stage_of(table)) for table in tables) == position - 1
    )


def _counted(step, available, tell):
    """Tell also which scenario of how many, in a step that plans every scenario of a table again."""
    tables = [
        available.get(name)
        for name in inputs_of(step)
        if TABLES[name].key == ("scenario", "change")
    ]
    return _numbered(
        max((t["scenario"].nunique() for t in tables if t is not None), default=0), tell
    )


def _numbered(count, tell):
    number = iter(range(1, count + 1))
    return lambda text: tell(f"{text}, {next(number, count)} of {count}")


def replan_before(name, tables, cycle, tell=None):
    """Compute what the stages before this one write; see `replan`."""
    position = STAGE_NAMES.index(stage(name).name)
    if position == 0:
        return {"horizon": conform("horizon", horizon(month(cycle), tables.get("terms")))}
    return replan(tables, cycle, until=STAGE_NAMES[position - 1], tell=tell)


def _untouched(step, stale, known):
    asks_for_replan = asks_for(step, "replan")
    return (
        not asks_for_replan
        and stale.isdisjoint(inputs_of(step))
        and all(name in known for name in writes(step))
    )


def what_if(tables, cycle, plan, wanted=None, tell=None):
    """The cycle as a function of changes to its inputs, or other inputs: what a step that asks for `replan` is given.

    Only steps whose tables the meetings read are computed, or those that the `wanted` tables need. Each supply programme
    starts from the answer of the plan as it is, whatever was asked before; effects may differ from a plan made anew
    where plans cost the same. Only the plan of record is made, and how good past forecasts were stays as it is: no
    supposition changes that.
    """
    starts: Starts = {}
    supply = {"compared": False, "starts": starts}
    steps = bearing_on(MEASURED_BY) if wanted is None else leading_to(frozenset(wanted))

    def replanned(changes=None, instead=None):
        under_them = _named_in(changes)
        if tell and under_them:
            tell(under_them)
        try:
            if not starts:
                compute(strategies.supply_review, {**tables, **plan}, **supply)
            return replan(
                tables,
                cycle,
                changes,
                until=MEASURED_ON,
                known=plan,
                only=steps,
                held=HELD,
                instead=instead,
                **supply,
            )
        except ValueError as error:
            if under_them:
                error.add_note(under_them)
            raise

    return replanned


def _named_in(changes):
    """Say under which scenarios a plan is made again; nothing where there is none."""
    names = [] if changes is None else changes["scenario"].unique()
    return f"planning again under {', '.join(names)}" if len(names) else ""
