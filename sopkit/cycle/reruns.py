"""An approved plan of an earlier cycle re-run on actual demand, with and without a decision.

Both re-runs have the tables of then: stock, capacity, prices, suppliers, orders. Only the demand of
closed months is replaced. Supply is planned for it as if it had been known, in both.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pandas import DataFrame, Period

from sopkit import scenarios
from sopkit.cycle.stages import leading_to, writes
from sopkit.cycle.what_if import carried_on, what_if
from sopkit.demand import rerun_demand
from sopkit.demand.consensus import ONE_SIDE
from sopkit.rules.call import as_frame
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import attach

DEMAND = "demand_plan"
LIFTS = frozenset({DEMAND, "promotion_lift"})  # what says what a decision does to demand
MODELLED = leading_to(LIFTS)
READ = ("planning_periods", *(table for step in MODELLED for table in writes(step)))
STEPS = leading_to(frozenset({"financial_plan", "supply_plan"}), given=frozenset({DEMAND}))
BY_FAMILY = ("quantity", "revenue", "margin", "inventory")
ROW = ["measure", "family", "period"]


class Approved(NamedTuple):
    """An approved plan of an earlier cycle."""

    cycle: str
    inputs: Mapping[str, DataFrame]  # the snapshot that it was made from
    plan: Mapping[str, DataFrame]  # the plan tables READ that were made of it


class Rerun(NamedTuple):
    """An approved plan on actual demand."""

    approved: Approved
    actual: DataFrame  # product, market, period : quantity [units] of closed months
    measured: DataFrame  # measure, family, period : plan
    starts: Starts  # of the solver, for the re-runs without its decisions


def on_actual_demand(approved: Approved, today: Mapping[str, DataFrame], until: Period) -> Rerun:
    """Re-run an approved plan with the demand that came until the last closed month.

    Parameters
    ----------
    today : the company's tables of now: `sales_history`, `products`, `stock_availability` if any
    """
    known = (today["sales_history"], today["products"])
    actual = rerun_demand.closed_months_demand(
        approved.plan[DEMAND], *known, until, today.get("stock_availability")
    )
    starts: Starts = {}
    values = _values(approved, approved.inputs, approved.plan[DEMAND], actual, starts)
    return Rerun(approved, actual, values.rename(columns={"value": "plan"}), starts)


def effects(rerun: Rerun, instead: Mapping[str, DataFrame]) -> DataFrame:
    """Measure a decision: the re-run with it less a re-run without it, on the demand that came.

    For a decision that moves demand, the modelled lift is taken out of actual demand, and the plan
    is re-run with both ends of the lift's 80 % interval too.

    Parameters
    ----------
    instead : the input tables that the decision changed, as they would have been without it

    Returns
    -------
    measure, family, period : reference_value (without it), plan (with it), low_effect and
        high_effect (missing where no demand is modelled, or its range is unknown)
        [the measure's unit]
    """
    approved, inputs = rerun.approved, {**rerun.approved.inputs, **instead}
    replanned = what_if(approved.inputs, approved.cycle, approved.plan, LIFTS)(None, instead)
    planned, without = approved.plan[DEMAND], as_frame(replanned[DEMAND])
    deviation = _deviation(rerun.actual, approved.plan, replanned)

    def value_at(score):
        scale = 1.0 + score * deviation
        demand = rerun_demand.without_lift(rerun.actual, planned, without, scale)
        return _values(approved, inputs, without, demand, rerun.starts).set_index(ROW)["value"]

    rows = rerun.measured.set_index(ROW)
    rows = rows.assign(reference_value=value_at(0.0))
    ends = (-ONE_SIDE, ONE_SIDE) if (deviation > 0).any() else ()
    for name, score in zip(("low_effect", "high_effect"), ends, strict=False):
        rows[name] = rows["plan"] - value_at(score)
    return rows.reset_index()


def _deviation(actual, planned, without):
    """How uncertain the lift of a decision is in each cell of actual demand, as a share of it."""
    lifts = [as_frame(plan["promotion_lift"]) for plan in (planned, without)]
    found = rerun_demand.lift_deviation(*lifts)
    return attach(actual[rerun_demand.CELL], found, default=0.0)[rerun_demand.RATIO]


def _values(approved, inputs, demand_plan, actual, starts):
    """The measures by family and month of a plan on actual demand."""
    periods = approved.plan["planning_periods"]
    known = {
        "planning_periods": periods,
        DEMAND: rerun_demand.in_place(demand_plan, periods, actual),
    }
    supply = {"compared": False, "starts": starts}
    plan = carried_on(inputs, approved.cycle, known, STEPS, frozenset(), supply)
    figures = scenarios.figures({**inputs, **plan}).rename(columns={"item": "family"})
    named = figures["measure"].isin(BY_FAMILY) & figures["family"].notna()
    return figures.loc[named, [*ROW, "value"]]
