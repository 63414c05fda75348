"""What-ifs: the plan recalculated under changes to its inputs, only as far as the changes reach.

The plan of record is a set of tables. A what-if starts from it, computes the steps that a changed
table reaches, and hands on what they calculate as arrays.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit import scenarios
from sopkit.cycle.checks import due_before
from sopkit.cycle.computing import compute, first_table
from sopkit.cycle.stages import (
    MEASURED_BY,
    MEASURED_ON,
    STAGE_NAMES,
    STAGES,
    bearing_on,
    leading_to,
    writes,
)
from sopkit.data_quality import judge
from sopkit.demand.forecast_accuracy import forecast_record
from sopkit.forecasting.parallel import in_two
from sopkit.pre_sop import evaluation
from sopkit.rules.call import inputs_of
from sopkit.rules.text import as_python_text
from sopkit.supply import strategies
from sopkit.supply.optimization.solver import Starts
from sopkit.tables.arrays import ArrayTable


def scenario_engine(
    tables: Mapping[str, DataFrame],
    cycle: str,
    plan: Mapping[str, DataFrame],
    tell: Callable[[str], object] | None = None,
    starts: Starts | None = None,
) -> scenarios.Engine:
    """Build the engine that plans scenarios, the only way in which a step plans a what-if.

    Parameters
    ----------
    tables, plan : the inputs, and the plan tables made of them so far
    tell : receives a sentence on what is planned now
    starts : starting points of the solver, where they are shared between engines
    """
    return engine_of({**tables, **plan}, what_if(tables, cycle, plan, starts=starts), tell)


def engine_of(
    known: Mapping[str, DataFrame],
    replanned: Callable[..., Mapping[str, Any]],
    tell: Callable[[str], object] | None = None,
) -> scenarios.Engine:
    """Measure scenarios by plans made under them.

    Each distinct set of changes is planned once; a scenario that changes nothing is the plan as it
    is, and is not planned. Progress is told as `planning scenario X, 3 of 12`.

    Parameters
    ----------
    known : the inputs and the base plan, by table name
    replanned : makes the plan's tables again under changes, or from other inputs; see `what_if`
    tell : is told what is planned now

    Returns
    -------
    a function of scenarios that gives scenario, measure, item, period : value [the measure's unit];
    see `scenarios.figures` and `pre_sop.evaluation.gap_results`
    """

    @cache
    def as_it_is() -> tuple[DataFrame, Series]:
        """The values of the base plan, and the gaps that it has."""
        base = evaluation.gap_results(known)
        places = base.loc[base["measure"] == "gap_value", "item"]
        return pd.concat([scenarios.figures(known), base], ignore_index=True), places

    begun: list[scenarios.Scenario] = []

    @as_python_text
    def engine(asked: Sequence[scenarios.Scenario]) -> DataFrame:
        base, places = as_it_is()
        values = {(): base}
        distinct = {_what_is_changed(one): one for one in reversed(asked)}
        distinct.pop((), None)
        wanted = list(enumerate(reversed(distinct.items()), start=1))

        def planned(place: tuple[int, tuple[Hashable, scenarios.Scenario]]) -> DataFrame:
            number, (_, one) = place
            made = {**known, **_told(replanned, one, f"{number} of {len(distinct)}", tell)}
            found = [scenarios.figures(made), evaluation.gap_results(made, places)]
            return pd.concat(found, ignore_index=True)

        alone = 0 if begun else 1  # the first of all leaves what the others start from
        begun.extend(one for _, (_, one) in wanted[:alone])
        found = [planned(place) for place in wanted[:alone]] + in_two(planned, wanted[alone:])
        values |= {key: rows for (_, (key, _)), rows in zip(wanted, found, strict=True)}
        parts = [values[_what_is_changed(one)].assign(scenario=one.name) for one in asked]
        return pd.concat(parts, ignore_index=True)

    return engine


def _what_is_changed(scenario):
    """What tells sets of changes apart; nothing where a scenario changes nothing."""
    instead = scenario.instead or {}
    changes = scenarios.changes_of(scenario.changes)
    told = (changes, tuple(map(id, instead.values())), scenario.alike)
    return told if changes or instead else ()


def _told(replanned, scenario, number, tell):
    """Plan a scenario; it and its number are told, and named where it cannot be planned."""
    said = f"planning scenario {scenario.name}"
    if tell:
        tell(f"{said}, {number}")
    try:
        if scenario.alike:
            return replanned(scenario.changes, scenario.instead, alike=True)
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
) -> Callable[..., dict[str, Any]]:
    """Build a function that recalculates the plan under changes, or with other input tables.

    Only steps whose tables the meetings read are calculated, or those that the `wanted` tables
    need. Each supply programme starts from the solution of the current plan, so that results do
    not depend on the order of what-ifs; they may differ from a plan calculated from the start where
    plans cost the same. Only the plan of record is calculated; past forecast accuracy is unchanged.
    A plan `alike` ends with the stock of the current plan, product by product, so that the two
    compare.
    """
    starts = {} if starts is None else starts
    alike_starts: Starts = {}
    closing: list[np.ndarray] = []
    supply: dict[str, Any] = {"compared": False, "starts": starts}
    reached = bearing_on(MEASURED_BY) if wanted is None else leading_to(frozenset(wanted))
    record = {name: plan[name] for name in writes(forecast_record) if name in plan}
    steps = reached - {forecast_record} if record else reached

    @as_python_text
    def replanned(
        changes: DataFrame | None = None,
        instead: Mapping[str, DataFrame] | None = None,
        alike: bool = False,
    ) -> dict[str, Any]:
        if not starts and strategies.supply_review in steps:
            compute(strategies.supply_review, {**tables, **plan}, **supply)
        told = supply
        if alike:
            told = {"compared": False, "starts": alike_starts, "closing": closing}
            if not closing:  # the base plan leaves its stock, then what the others start from
                compute(strategies.supply_review, {**tables, **plan}, **supply, closing=closing)
                compute(strategies.supply_review, {**tables, **plan}, **told)
        inputs = {**tables, **(instead or {})}
        if changes is not None and len(changes):
            inputs = scenarios.apply(inputs, changes, idle_allowed=True)
        stale = {name for name in inputs if inputs[name] is not tables.get(name)}
        return carried_on(inputs, cycle, plan, steps, stale, told)

    return replanned


def carried_on(
    inputs: Mapping[str, DataFrame],
    cycle: str,
    plan: Mapping[str, DataFrame],
    steps: Collection[Callable],
    changed: Collection[str],
    supply: Mapping[str, Any],
) -> dict[str, Any]:
    """Calculate the steps that changed inputs reach, and those whose tables are not in the plan;
    all other tables are those of the plan.

    Parameters
    ----------
    steps : those that may be calculated
    changed : input tables that are others than those the plan was made of
    supply : services of the supply programme
    """
    made: dict[str, Any] = dict(plan)
    stale = set(changed)
    if not (first := first_table(inputs, cycle))["planning_periods"].equals(
        plan["planning_periods"]
    ):
        made |= first
        stale.add("planning_periods")
    judge.refuse({**inputs, **made}, stale)
    for each in STAGES[: STAGE_NAMES.index(MEASURED_ON) + 1]:
        if due := due_before(each.name):
            judge.refuse({**inputs, **made}, stale, due)
        for step in each.steps:
            unknown = any(name not in made for name in writes(step))
            if step in steps and (unknown or not stale.isdisjoint(inputs_of(step))):
                found = compute(step, {**inputs, **made}, as_arrays=True, **supply)
                stale |= {name for name, table in found.items() if not _same(name, table, made)}
                made |= {name: table for name, table in found.items() if name in stale}
    return made


def _same(name: str, table: Any, made: Mapping[str, Any]) -> bool:
    """Check whether a recalculated table equals the plan's, so that no later step is reached."""
    known = made.get(name)
    if isinstance(table, ArrayTable) and isinstance(known, DataFrame):
        return table.equals(ArrayTable.of_table(name, known))
    return isinstance(table, DataFrame) and isinstance(known, DataFrame) and table.equals(known)
