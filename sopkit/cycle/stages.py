"""The cycle, declared once.

A stage is a list of steps. A step is a pure function whose parameter names are the tables it reads
and whose name is the table it writes (or, where one calculation gives several tables, whose return
annotation is a NamedTuple of them). A parameter without a default is a required table; one with `=
None` is optional. Order, staleness, the lineage picture, the documentation and `replanning` all
come from these signatures.
"""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.data_quality import data_issues
from sopkit.demand import (
    cleansing,
    consensus,
    diagnostics,
    disaggregation,
    forecast_accuracy,
    history_findings,
    model_comparison,
    new_products,
    order_pickup,
    pipeline,
    price_elasticity,
    price_response,
    product_successions,
    promotions,
    segmentation,
)
from sopkit.finance import (
    adjustments,
    bridge,
    costing,
    cycle_bridge,
    goals,
    outlook,
    profitability,
    statements,
    variance,
)
from sopkit.forecasting import reconciliation
from sopkit.master_data import economics, selling_prices, work_calendar
from sopkit.operations import (
    launch_readiness,
    plan_alignment,
    purchasing,
    reorder_points,
    replenishment,
    scheduling,
    shortages,
    weeks,
)
from sopkit.performance import iso_9001, kpis, process_register, scorecard, survey
from sopkit.pre_sop import (
    agenda,
    causes,
    decision_options,
    decisions,
    evaluation,
    follow_up,
    gaps,
    option_search,
    stress_test,
)
from sopkit.rules.call import asks_for, inputs_of
from sopkit.schema.stages import STAGE_NAMES, TITLES, refuse_unknown_stage
from sopkit.schema.tables import TABLES
from sopkit.supply import (
    allocation,
    available_to_promise,
    bottlenecks,
    expected_service,
    inventory_targets,
    level_or_chase,
    order_backlog,
    override_costs,
    procurement,
    rccp,
    risk_simulation,
    strategies,
    supplier_dependency,
)


@dataclass(frozen=True)
class Stage:
    """One notebook of the cycle: its steps, and the analyses that it shows and nobody stores."""

    name: str
    steps: tuple
    analyses: tuple = ()

    @property
    def title(self) -> str:
        """What people call it."""
        return TITLES[self.name]


STAGES = (
    Stage(
        "10_data_review",
        (
            economics.unit_economics,
            economics.sourcing_network,
            economics.item_locations,
            work_calendar.work_calendar,
            cleansing.demand_history,
            history_findings.history_findings,
            product_successions.product_successions,
            data_issues.data_issues,
            kpis.kpis,
        ),
    ),
    Stage(
        "20_product_review",
        (segmentation.segments, new_products.launch_plan),
        analyses=(new_products.launch_actuals,),
    ),
    Stage(
        "30_demand_review",
        (
            reconciliation.reconciled_forecast,
            price_elasticity.price_elasticity,
            price_response.driver_lifts,
            promotions.promotion_lift,
            disaggregation.disaggregated_inputs,
            pipeline.pipeline_forecast,
            order_pickup.order_pickup,
            forecast_accuracy.forecast_record,
            consensus.forecast_overrides,
            consensus.demand_plan,
            selling_prices.selling_prices,
        ),
        analyses=(
            promotions.promotion_effects,
            pipeline.campaign_revenue,
            pipeline.reach_in_plan,
            pipeline.estimated_rates,
            order_pickup.booking_curve,
            pipeline.stage_win_rates,
            pipeline.win_rates,
            consensus.learned_weights,
            diagnostics.diagnosed_series,
            diagnostics.decomposition,
            diagnostics.pattern_tests,
            model_comparison.candidates,
        ),
    ),
    Stage(
        "40_supply_review",
        (
            inventory_targets.inventory_targets,
            rccp.rough_cut_capacity,
            rccp.resource_load,
            strategies.supply_review,
            data_issues.plan_issues,
            allocation.market_shares,
            available_to_promise.available_to_promise,
            order_backlog.order_backlog,
            bottlenecks.bottleneck_analysis,
            override_costs.override_costs,
            inventory_targets.projected_inventory,
            risk_simulation.demand_risk,
            expected_service.expected_service,
            procurement.procurement,
            supplier_dependency.supplier_dependency,
        ),
        analyses=(level_or_chase.level_or_chase,),
    ),
    Stage(
        "50_financial_review",
        (
            costing.product_costs,
            profitability.profitability,
            statements.financial_plan,
            statements.cash_plan,
            variance.plan_variances,
            scenarios.scenario_results,
            adjustments.finance_adjustments,
            bridge.budget_bridge,
            outlook.outlook,
            cycle_bridge.cycle_bridge,
        ),
        analyses=(goals.goal_paths, goals.unchecked_goals),
    ),
    Stage(
        "60_pre_sop",
        (
            gaps.gaps,
            option_search.option_search,
            evaluation.gap_options,
            causes.gap_causes,
            decision_options.decision_options,
            evaluation.risk_impacts,
            stress_test.stress_test,
            agenda.agenda,
        ),
    ),
    Stage("70_executive_sop", (decisions.decisions, follow_up.decision_follow_up)),
    Stage(
        "80_operations_plan",
        (
            weeks.weekly_plan,
            weeks.daily_plan,
            scheduling.production_schedule,
            scheduling.labor_schedule,
            shortages.shortages,
            plan_alignment.plan_alignment,
            replenishment.replenishment_orders,
            purchasing.purchases,
            reorder_points.reorder_points,
            replenishment.short_term_orders,
            launch_readiness.launch_readiness,
        ),
    ),
    Stage(
        "90_process_review",
        (
            kpis.performance,
            scorecard.scorecard,
            process_register.process_evidence,
            process_register.process_register,
            iso_9001.iso_9001_checklist,
            survey.survey_results,
            survey.survey_differences,
        ),
    ),
)
MEASURED_BY = (
    "60_pre_sop"  # a what-if is measured by what the meetings from this stage on read of it
)
_MEASURED = STAGE_NAMES.index(MEASURED_BY)
MEASURED_ON = STAGE_NAMES[_MEASURED - 1]  # the last stage that a what-if computes


@cache
def writes(step: Callable) -> tuple[str, ...]:
    """The tables a step or analysis writes: the fields of its result, or the one it is named
    after."""
    result = inspect.signature(step).return_annotation
    return getattr(result, "_fields", (step.__name__,))


def stage(name: str) -> Stage:
    """The stage of that name.

    Raises
    ------
    ValueError : there is none.
    """
    refuse_unknown_stage(name)
    return next(candidate for candidate in STAGES if candidate.name == name)


def stage_writes(name: str) -> tuple[str, ...]:
    """The tables a stage writes, in the order it writes them."""
    return tuple(table for step in stage(name).steps for table in writes(step))


def stage_of(table: str) -> str:
    """The stage that writes a plan table; the first of all where none does, as of inputs."""
    return next((each.name for each in STAGES if table in stage_writes(each.name)), STAGE_NAMES[0])


def first_reached(changed: Collection[str]) -> str:
    """The first stage that reads one of these input tables; the last stage of all if none does."""
    stale = set(changed)
    if not stale.isdisjoint(("company_settings", "calendar")):
        stale.add("planning_periods")
    reached = (
        s.name for s in STAGES if any(not stale.isdisjoint(inputs_of(step)) for step in s.steps)
    )
    return next(reached, STAGE_NAMES[-1])


def absent_inputs(name: str, tables: Collection[str]) -> DataFrame:
    """The optional input tables that a stage could read and that are not there, with what it
    assumes instead.

    Returns
    -------
    table, statement
    """
    wanted = dict.fromkeys(table for step in stage(name).steps for table in inputs_of(step))
    absent = [t for t in wanted if TABLES[t].is_input and t not in tables]
    return pd.DataFrame(
        {"table": absent, "statement": [TABLES[t].absent for t in absent]}, dtype="str"
    )


@cache
def bearing_on(name: str) -> frozenset[Callable]:
    """The steps before a stage whose tables that meeting or a later one reads, directly or through
    other steps.

    The process review, which comes last, looks back and measures no what-if.
    """
    position = STAGE_NAMES.index(name)
    wanted = {
        table for each in STAGES[position:-1] for step in each.steps for table in inputs_of(step)
    }
    return leading_to(frozenset(wanted), position)


@cache
def leading_to(
    tables: Collection[str], position: int = _MEASURED, given: Collection[str] = frozenset()
) -> frozenset[Callable]:
    """The steps of the stages before that position which these tables need, directly or through
    other steps.

    Steps that plan again themselves are never among them, nor those that write `given` tables.
    """
    wanted, steps = set(tables), set()
    for step in [step for each in STAGES[:position] for step in each.steps][::-1]:
        if wanted.difference(given).intersection(writes(step)) and not asks_for(step, "replan"):
            steps.add(step)
            wanted.update(inputs_of(step))
    return frozenset(steps)
