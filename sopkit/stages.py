"""The cycle, declared once, and computed in memory.

A stage is a list of steps. A step is a pure function whose parameter names are the tables it reads and whose name is
the table it writes (or, where one calculation gives several tables, whose return annotation is a NamedTuple of them).
A parameter without a default is a required table; one with `= None` is optional. Order, staleness, the lineage
picture, the documentation and `replan` all come from these signatures.
"""

import inspect
from dataclasses import dataclass
from functools import cache

import pandas as pd

from sopkit import basis, finance, findings, operations, process, review, scenarios
from sopkit.demand import accuracy, causal, consensus, funnel, history, launches, reconciliation, segments
from sopkit.periods import horizon, month
from sopkit.supply import (
    allocation,
    capacity,
    inventory,
    preference,
    procurement,
    programme,
    relief,
    strategies,
    uncertainty,
)
from sopkit.tables import conform, empty
from sopkit.vocabulary import TABLES


@dataclass(frozen=True)
class Stage:
    """One notebook of the cycle: the question of its meeting, and its steps."""

    name: str
    title: str
    steps: tuple


STAGES = (
    Stage(
        "10_data_review",
        "Data review",
        (
            basis.unit_economics,
            basis.network,
            basis.product_sites,
            operations.work_calendar,
            history.demand_history,
            findings.data_issues,
            process.kpis,
        ),
    ),
    Stage("20_product_review", "Product review", (segments.segments, launches.launch_plan)),
    Stage(
        "30_demand_review",
        "Demand review",
        (
            reconciliation.reconciled_forecast,
            causal.activity_lift,
            funnel.opportunity_plan,
            accuracy.forecast_record,
            consensus.demand_overrides,
            consensus.demand_plan,
        ),
    ),
    Stage(
        "40_supply_review",
        "Supply review",
        (
            inventory.inventory_targets,
            capacity.rough_cut_capacity,
            capacity.resource_load,
            preference.strategy_preference,
            strategies.supply_review,
            allocation.market_shares,
            allocation.available_to_promise,
            relief.constraint_relief,
            inventory.inventory_plan,
            uncertainty.demand_risk,
            procurement.procurement_plan,
            procurement.supplier_exposure,
        ),
    ),
    Stage(
        "50_financial_review",
        "Financial review",
        (
            finance.costs_incurred,
            finance.financial_plan,
            finance.cash_plan,
            finance.plan_gaps,
            finance.finance_adjustments,
            finance.bridge,
        ),
    ),
    Stage(
        "60_pre_sop",
        "Pre-S&OP",
        (
            review.gaps,
            review.proposed_changes,
            review.strategies,
            scenarios.scenario_comparison,
            review.risk_scenarios,
            review.agenda,
        ),
    ),
    Stage("70_executive_sop", "Executive S&OP", (review.decisions, review.decision_results)),
    Stage(
        "80_operations_plan",
        "Operations plan",
        (
            operations.weekly_plan,
            operations.daily_plan,
            operations.production_schedule,
            operations.work_schedule,
            operations.short_items,
            operations.horizons,
            operations.replenishment_orders,
            operations.purchases,
            operations.reorder_points,
            operations.order_list,
            operations.go_to_market,
        ),
    ),
    Stage(
        "90_process_review",
        "Process review",
        (
            process.performance,
            process.performance_review,
            process.process_evidence,
            process.process_register,
            process.audit_page,
            process.survey_balance,
            process.survey_disagreements,
        ),
    ),
)
BASE = "base"  # the scenario that changes nothing
STAGE_NAMES = tuple(stage.name for stage in STAGES)
EXECUTIVE = "70_executive_sop"  # the stage whose report is a pack of its own
MEASURED_BY = "60_pre_sop"  # a what-if is measured by what the meetings from this stage on read of it
_MEASURED = STAGE_NAMES.index(MEASURED_BY)
MEASURED_ON = STAGE_NAMES[_MEASURED - 1]  # the last stage that a what-if computes
HELD = (accuracy.forecast_record,)  # what past forecasts were worth, whatever is supposed


@cache
def reads(step):
    """The tables a step reads.

    Returns
    -------
    dict of table name -> whether it is required. `replan`, the cycle itself as a function, is not among them.
    """
    parameters = inspect.signature(step).parameters.values()
    return {p.name: p.default is p.empty for p in parameters if p.name != "replan"}


@cache
def writes(step):
    """The tables a step writes: the fields of its result, or the one table it is named after."""
    result = inspect.signature(step).return_annotation
    return getattr(result, "_fields", (step.__name__,))


def stage(name):
    """The stage of that name.

    Raises
    ------
    ValueError : there is none.
    """
    for candidate in STAGES:
        if candidate.name == name:
            return candidate
    raise ValueError(f"{name!r} is not a stage; the stages are {', '.join(STAGE_NAMES)}")


def stage_writes(name):
    """The tables a stage writes, in the order it writes them."""
    return tuple(table for step in stage(name).steps for table in writes(step))


def first_reached(changed):
    """The first stage that reads one of these input tables; the last stage of all if none does."""
    stale = {*changed, "horizon"} if "terms" in changed else set(changed)
    reached = (s.name for s in STAGES if any(not stale.isdisjoint(reads(step)) for step in s.steps))
    return next(reached, STAGE_NAMES[-1])


def absent_inputs(name, tables):
    """The optional input tables that a stage could read and that are not there, with what it assumes instead.

    Returns
    -------
    table, statement
    """
    wanted = dict.fromkeys(table for step in stage(name).steps for table in reads(step))
    absent = [t for t in wanted if TABLES[t].is_input and t not in tables]
    return pd.DataFrame({"table": absent, "statement": [TABLES[t].absent for t in absent]}, dtype="str")


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
        raise ValueError(f"scenario_changes: no scenario {scenario!r}; known are {', '.join([BASE, *known])}")
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


def replan(tables, cycle, changes=None, until=None, known=None, only=None, held=(), tell=None, instead=None):
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

    Returns
    -------
    dict of plan table name -> table, `horizon` among them

    Raises
    ------
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
    for each in STAGES[: last + 1]:
        for step in each.steps:
            if only is not None and step not in only:
                continue
            if _untouched(step, frozenset() if step in held else stale, known):
                plan.update({name: known[name] for name in writes(step)})
                continue
            if tell:
                tell(f"{each.title}: {step.__name__.replace('_', ' ')}")
            again = what_if(inputs, cycle, plan, tell=tell and _counted(step, {**inputs, **plan}, tell))
            plan.update(compute(step, {**inputs, **plan}, again))
            stale.update(writes(step))
    return plan


def _counted(step, available, tell):
    """Tell also which scenario of how many, in a step that plans every scenario of a table again."""
    tables = [available.get(name) for name in reads(step) if TABLES[name].key == ("scenario", "change")]
    return _numbered(max((t["scenario"].nunique() for t in tables if t is not None), default=0), tell)


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
    asks_for_replan = "replan" in inspect.signature(step).parameters
    return (
        not asks_for_replan and stale.isdisjoint(reads(step)) and all(name in known for name in writes(step))
    )


def what_if(tables, cycle, plan, wanted=None, tell=None):
    """The cycle as a function of changes to its inputs, or other inputs: what a step that asks for `replan` is given.

    Only steps whose tables the meetings read are computed, or those that the `wanted` tables need. Each supply programme
    starts from the answer of the plan as it is, whatever was asked before; effects may differ from a plan made anew
    where plans cost the same. Only the plan of record is made, and how good past forecasts were stays as it is: no
    supposition changes that.
    """
    starts, steps = {}, _bearing_on(MEASURED_BY) if wanted is None else leading_to(frozenset(wanted))

    def replanned(changes=None, instead=None):
        scenarios_met = [] if changes is None else list(changes["scenario"].unique())
        under_them = f"planning again under {', '.join(scenarios_met)}"
        if tell and scenarios_met:
            tell(under_them)
        try:
            with programme.started_from(starts), strategies.of_record_alone():
                if not starts:
                    compute(strategies.supply_review, {**tables, **plan}, None)
                return replan(
                    tables,
                    cycle,
                    changes,
                    until=MEASURED_ON,
                    known=plan,
                    only=steps,
                    held=HELD,
                    instead=instead,
                )
        except ValueError as error:
            if scenarios_met:
                error.add_note(under_them)
            raise

    return replanned


@cache
def _bearing_on(name):
    """The steps before a stage whose tables that meeting or a later one reads, directly or through other steps.

    The process review, which comes last, looks back and measures no what-if.
    """
    position = STAGE_NAMES.index(name)
    wanted = {table for each in STAGES[position:-1] for step in each.steps for table in reads(step)}
    return leading_to(frozenset(wanted), position)


@cache
def leading_to(tables, position=_MEASURED):
    """The steps of the stages before that position which these tables need, directly or through other steps."""
    wanted, steps = set(tables), set()
    for step in [step for each in STAGES[:position] for step in each.steps][::-1]:
        if wanted.intersection(writes(step)):
            steps.add(step)
            wanted.update(reads(step))
    return frozenset(steps)


def compute(step, available, replan):
    """Run one step on the tables it asks for.

    Returns
    -------
    dict of table name -> conformed table
    """
    wanted = {name: available.get(name) for name in reads(step)}
    missing = [name for name, required in reads(step).items() if required and wanted[name] is None]
    label = f"{step.__module__.removeprefix('sopkit.')}.{step.__name__}"
    if missing:
        raise ValueError(f"{label} needs the table {', '.join(missing)}, which is absent")
    if "replan" in inspect.signature(step).parameters:
        wanted["replan"] = replan
    try:
        result = step(**wanted)
        frames = result._asdict() if isinstance(result, tuple) else {step.__name__: result}
        return {name: conform(name, frame) for name, frame in frames.items()}
    except ValueError as error:
        error.add_note(f"in {label}")
        raise
