"""The cycle computed in memory: whole, up to a stage, or only the steps that are wanted."""

from collections.abc import Callable, Collection, Mapping, Sequence

from pandas import DataFrame

from sopkit import scenarios
from sopkit.cycle.checks import due_before
from sopkit.cycle.computing import compute, first_table
from sopkit.cycle.stages import (
    MEASURED_BY,
    MEASURED_ON,
    STAGE_NAMES,
    STAGES,
    bearing_on,
    stage,
    writes,
)
from sopkit.cycle.what_if import scenario_engine
from sopkit.data_quality import judge
from sopkit.master_data.plan_units import in_plan_units
from sopkit.rules.text import as_python_text
from sopkit.schema.stages import BASE
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import conform, empty


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
    scenario, measure, item, period : value [the measure's unit]; the base plan as `base`

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


@as_python_text
def replan(
    tables: Mapping[str, DataFrame],
    cycle: str,
    until: str | None = None,
    known: Mapping[str, DataFrame] | None = None,
    only: Collection[Callable] | None = None,
    tell: Callable[[str], object] | None = None,
    judged: bool = True,
) -> dict[str, DataFrame]:
    """Compute the cycle's plan tables in memory, without notebooks.

    Parameters
    ----------
    tables : dict of input table name -> conformed table; see `plan_units` for other units
    cycle : the first planned month, `2026-10`
    until : the last stage wanted; all if absent
    known : plan tables computed before from the same tables; their steps are not computed again
    only : the steps wanted; all if absent
    tell : receives a sentence on what is computed now
    judged : whether the plan is checked, before each stage, by the checks that block

    Returns
    -------
    dict of plan table name -> table, `planning_periods` among them

    Raises
    ------
    DataError : no plan can be made.
    ValueError : a required table is absent, or a step refuses its tables; a note names stage and
        step.
    """
    tables = in_plan_units(tables, cycle)
    plan, known = first_table(tables, cycle), known or {}
    starts: Starts = {}  # of all what-ifs within
    for each in STAGES[: STAGE_NAMES.index(stage(until or STAGE_NAMES[-1]).name) + 1]:
        if judged and (due := due_before(each.name)):
            judge.refuse({**tables, **plan}, None, due)
        for step in each.steps:
            if only is not None and step not in only:
                continue
            if all(name in known for name in writes(step)):
                plan |= {name: known[name] for name in writes(step)}
                continue
            if tell:
                tell(f"{each.title}: {step.__name__.replace('_', ' ')}")
            engine = scenario_engine(tables, cycle, plan, tell, starts)
            plan |= compute(step, {**tables, **plan}, replan=engine)
    return plan


def replan_before(
    name: str,
    tables: Mapping[str, DataFrame],
    cycle: str,
    tell: Callable[[str], object] | None = None,
) -> dict[str, DataFrame]:
    """Compute what the stages before this one write; see `replan`."""
    position = STAGE_NAMES.index(stage(name).name)
    if position == 0:
        return first_table(tables, cycle)
    return replan(tables, cycle, until=STAGE_NAMES[position - 1], tell=tell)
