"""The cycle computed in memory: whole, up to a stage, under a scenario, or only what a change touches."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.cycle.stages import (
    BASE,
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
from sopkit.demand.forecast_accuracy import forecast_record
from sopkit.pre_sop import evaluation
from sopkit.rules.call import asks_for, inputs_of
from sopkit.supply import strategies
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import conform, empty
from sopkit.tables.periods import month, planning_periods


def under(tables: dict[str, DataFrame], scenario: str) -> dict[str, DataFrame]:
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


def planned_scenarios(
    tables: dict[str, DataFrame],
    cycle: str,
    names: Sequence[str] = (),
    tell: Callable[[str], object] | None = None,
) -> DataFrame:
    """Plan the cycle and each named scenario (all if none is named).

    Returns
    -------
    scenario, measure, item, period : value [the measure's unit]; the plan as it is as `base`

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
        return empty("scenario_results")
    plan = replan(tables, cycle, until=MEASURED_ON, only=bearing_on(MEASURED_BY), tell=tell)
    asked = {one.name: one for one in scenarios.defined(changes)}
    chosen = [asked[name] for name in wanted if name in asked]
    results = scenario_engine(tables, cycle, plan, tell)([scenarios.Scenario(BASE), *chosen])
    return conform("scenario_results", results)


def replan(
    tables: Mapping[str, DataFrame],
    cycle: str,
    changes: DataFrame | None = None,
    until: str | None = None,
    known: Mapping[str, DataFrame] | None = None,
    only: Collection[Callable] | None = None,
    tell: Callable[[str], object] | None = None,
    instead: Mapping[str, DataFrame] | None = None,
    judged: bool = True,
    **services: object,
) -> dict[str, DataFrame]:
    """Compute the cycle's plan tables in memory, without notebooks.

    Parameters
    ----------
    tables : dict of input table name -> conformed table
    cycle : the first planned month, `2026-10`
    changes : rows of `scenario_changes` to apply to the inputs first; none if absent
    until : the last stage wanted; all if absent
    known : plan tables computed before from `tables` unchanged; steps that `changes` do not touch are taken from it
    only : the steps wanted; all if absent
    tell : is told in a sentence what is computed now
    instead : input tables that take the place of those of the same name; none if absent
    judged : whether what the changes lead to, and the plan after each stage, is held against the checks that block;
        the inputs as they are were judged when they were read
    services : how supply is planned in it; see `strategies.supply_review`

    Returns
    -------
    dict of plan table name -> table, `planning_periods` among them

    Raises
    ------
    DataError : no plan can be made under the changes.
    ValueError : a required table is absent, or a step refuses its tables; a note names stage and step.
    """
    inputs = {**tables, **(instead or {})}
    if changes is not None and len(changes):
        inputs = scenarios.apply(inputs, changes, idle_allowed=True)
    last = STAGE_NAMES.index(stage(until or STAGE_NAMES[-1]).name)
    plan = {
        "planning_periods": conform(
            "planning_periods", planning_periods(month(cycle), inputs.get("company_settings"))
        )
    }
    known = known or {}
    starts: Starts = {}  # of all what-ifs within
    stale = {name for name in inputs if inputs[name] is not tables.get(name)}
    if "planning_periods" not in known or not plan["planning_periods"].equals(
        known["planning_periods"]
    ):
        stale.add("planning_periods")
    touched = stale if known else None
    if judged and stale - {"planning_periods"}:
        judge.refuse({**inputs, **plan}, stale)
    for each in STAGES[: last + 1]:
        if judged and (due := due_before(each.name)):
            judge.refuse({**inputs, **plan}, touched, due)
        for step in each.steps:
            if only is not None and step not in only:
                continue
            if _untouched(step, stale, known):
                plan.update({name: known[name] for name in writes(step)})
                continue
            if tell:
                tell(f"{each.title}: {step.__name__.replace('_', ' ')}")
            engine = scenario_engine(inputs, cycle, plan, tell, starts)
            plan.update(compute(step, {**inputs, **plan}, replan=engine, **services))
            stale.update(writes(step))
    return plan


@cache
def due_before(name: str) -> tuple[Callable, ...]:
    """The checks that block, of plan tables the last of which the stage before this one writes."""
    position = STAGE_NAMES.index(name)
    return tuple(
        check
        for check in judge.BLOCKING_CHECKS
        if (tables := judge.plan_tables_of(check))
        and max(STAGE_NAMES.index(stage_of(table)) for table in tables) == position - 1
    )


def replan_before(
    name: str,
    tables: Mapping[str, DataFrame],
    cycle: str,
    tell: Callable[[str], object] | None = None,
) -> dict[str, DataFrame]:
    """Compute what the stages before this one write; see `replan`."""
    position = STAGE_NAMES.index(stage(name).name)
    if position == 0:
        return {
            "planning_periods": conform(
                "planning_periods", planning_periods(month(cycle), tables.get("company_settings"))
            )
        }
    return replan(tables, cycle, until=STAGE_NAMES[position - 1], tell=tell)


def _untouched(step, stale, known):
    asks_for_replan = asks_for(step, "replan")
    return (
        not asks_for_replan
        and stale.isdisjoint(inputs_of(step))
        and all(name in known for name in writes(step))
    )


def scenario_engine(
    tables: Mapping[str, DataFrame],
    cycle: str,
    plan: Mapping[str, DataFrame],
    tell: Callable[[str], object] | None = None,
    starts: Starts | None = None,
) -> scenarios.Engine:
    """The engine that plans scenarios: the only way in which a step makes another plan than its own.

    Parameters
    ----------
    tables, plan : the inputs, and the plan tables made of them so far
    tell : is told what is planned now
    starts : what the solver's what-ifs start from, where it is to be shared
    """
    return engine_of({**tables, **plan}, what_if(tables, cycle, plan, starts=starts), tell)


def engine_of(
    known: Mapping[str, DataFrame],
    replanned: Callable[..., Mapping[str, DataFrame]],
    tell: Callable[[str], object] | None = None,
) -> scenarios.Engine:
    """Measure scenarios by plans made under them.

    Each distinct set of changes is planned once; a scenario that changes nothing is the plan as it
    is, and is not planned. Progress is told as `planning scenario X, 3 of 12`.

    Parameters
    ----------
    known : the inputs and the plan as it is, by table name
    replanned : makes the plan's tables anew under changes, or from other inputs; see `what_if`
    tell : is told what is planned now

    Returns
    -------
    a function of scenarios that gives scenario, measure, item, period : value [the measure's unit];
    see `scenarios.figures` and `pre_sop.evaluation.gap_results`
    """

    def engine(asked: Sequence[scenarios.Scenario]) -> DataFrame:
        base = evaluation.gap_results(known)
        places = base.loc[base["measure"] == "gap_value", "item"]
        values = {(): pd.concat([scenarios.figures(known), base], ignore_index=True)}
        distinct = {_what_is_changed(one): one for one in reversed(asked)}
        distinct.pop((), None)
        for number, (key, one) in enumerate(reversed(distinct.items()), start=1):
            made = {**known, **_told(replanned, one, f"{number} of {len(distinct)}", tell)}
            found = [scenarios.figures(made), evaluation.gap_results(made, places)]
            values[key] = pd.concat(found, ignore_index=True)
        parts = [values[_what_is_changed(one)].assign(scenario=one.name) for one in asked]
        return pd.concat(parts, ignore_index=True)

    return engine


def _what_is_changed(scenario):
    """What tells sets of changes apart; nothing where a scenario changes nothing."""
    instead = scenario.instead or {}
    changes = scenarios.changes_of(scenario.changes)
    return (changes, tuple(map(id, instead.values()))) if changes or instead else ()


def _told(replanned, scenario, number, tell):
    """Plan a scenario; it and its number are told, and named where it cannot be planned."""
    said = f"planning scenario {scenario.name}"
    if tell:
        tell(f"{said}, {number}")
    try:
        return replanned(scenario.changes, scenario.instead)
    except ValueError as error:
        error.add_note(said)
        raise


def what_if(
    tables: Mapping[str, DataFrame],
    cycle: str,
    plan: Mapping[str, DataFrame],
    wanted: Iterable[str] | None = None,
    starts: Starts | None = None,
) -> Callable[..., dict[str, DataFrame]]:
    """The cycle as a function of changes to its inputs, or of other inputs, that gives plan tables.

    Only steps whose tables the meetings read are computed, or those that the `wanted` tables need. Each supply programme
    starts from the answer of the plan as it is, whatever was asked before; effects may differ from a plan made anew
    where plans cost the same. Only the plan of record is made, and how good past forecasts were stays as it is: no
    supposition changes that.
    """
    starts = {} if starts is None else starts
    supply = {"compared": False, "starts": starts}
    steps = bearing_on(MEASURED_BY) if wanted is None else leading_to(frozenset(wanted))
    record = {name: plan[name] for name in writes(forecast_record) if name in plan}
    steps = steps - {forecast_record} if record else steps
    tables = {**tables, **record}

    def replanned(changes=None, instead=None):
        if not starts:
            compute(strategies.supply_review, {**tables, **plan}, **supply)
        return replan(
            tables,
            cycle,
            changes,
            until=MEASURED_ON,
            known=plan,
            only=steps,
            instead=instead,
            **supply,
        )

    return replanned
