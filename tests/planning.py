"""Small companies for the tests of supply, written as text."""

import io
from functools import cache

import pandas as pd
from conftest import table

from sopkit.model.comparison import costs_by_strategy, measures_by_strategy
from sopkit.rules.call import call
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.strategies import supply_review
from sopkit.tables import conform


def months(count, first="2026-10"):
    periods = pd.period_range(first, periods=count, freq="M")
    return pd.DataFrame({"period": periods, "month_number": range(1, count + 1)})


def demand(planning_periods, wanted):
    """A demand plan without uncertainty; `wanted` holds units by month for each (product, market)."""
    rows = [
        {"product": product, "market": market, "period": period, "consensus": float(units)}
        for (product, market), monthly in wanted.items()
        for period, units in zip(planning_periods["period"], monthly, strict=True)
    ]
    plan = pd.DataFrame(rows)
    for column in ("launch_demand", "activity_demand", "opportunity_demand", "override"):
        plan[column] = 0.0
    said = ("baseline", "lower_80", "upper_80", "net_forecast", "total_demand")
    given = dict.fromkeys(said, plan["consensus"])
    return conform("demand_plan", plan.assign(**given, firm_orders=0.0, past_due_orders=0.0))


def item_costs(planning_periods, text):
    """Economics that hold in every month."""
    return _monthly("unit_economics", tuple(planning_periods["period"]), text, basis="given").copy()


def calendar(planning_periods, text):
    """A calendar that is the same in every month."""
    return _monthly("resource_calendar", tuple(planning_periods["period"]), text).copy()


@cache
def _monthly(name, periods, text, **of_each_row):
    rows = pd.read_csv(io.StringIO(text.strip()), sep=r"\s+", na_values=["-"])
    frame = rows.merge(pd.DataFrame({"period": periods}), how="cross")
    return conform(name, frame.assign(**of_each_row))


def review(tables, strategy=None, tail_months=0, **services):
    """Targets first, then the supply review; under a strategy, if one is named, that all families follow.

    The demand is all there is, unless months after it are asked for.
    """
    targets = call(inventory_targets, tables)
    given = {**tables, "inventory_targets": targets}
    if strategy:
        families = tables["products"]["family"].unique()
        rows = "\n".join(f"{family} {strategy} Larsen test" for family in families)
        given["supply_policy"] = table("supply_policy", f"family strategy author reason\n{rows}")
    return call(supply_review, given, tail_months=tail_months, **services)


def call_with_targets(step, tables):
    """A step of the supply review, with the targets that it reads."""
    targets = call(inventory_targets, tables)
    return call(step, {**tables, "inventory_targets": targets}, tail_months=0)


def figure(plans, measure, strategy=PLAN_OF_RECORD):
    return measures_by_strategy(plans.strategy_comparison).loc[strategy, measure]


def cost(plans, item, strategy=PLAN_OF_RECORD):
    rows = costs_by_strategy(plans.strategy_comparison).set_index(["strategy", "cost_item"])
    return rows.loc[(strategy, item), "cost"]


def total_cost(plans, strategy=PLAN_OF_RECORD):
    return figure(plans, "cost", strategy)
