"""Small companies for the tests of supply, written as text."""

import inspect
import io

import pandas as pd

from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.strategies import supply_review
from sopkit.tables import conform


def months(count, first="2026-10"):
    periods = pd.period_range(first, periods=count, freq="M")
    return pd.DataFrame({"period": periods, "month_number": range(1, count + 1)})


def demand(horizon, wanted):
    """A demand plan without uncertainty; `wanted` holds units by month for each (product, market)."""
    rows = [
        {"product": product, "market": market, "period": period, "consensus": float(units)}
        for (product, market), monthly in wanted.items()
        for period, units in zip(horizon["period"], monthly, strict=True)
    ]
    plan = pd.DataFrame(rows)
    for column in ("launch_demand", "activity_demand", "opportunity_demand", "override"):
        plan[column] = 0.0
    return conform(
        "demand_plan",
        plan.assign(baseline=plan["consensus"], low=plan["consensus"], high=plan["consensus"]),
    )


def economics(horizon, text):
    """Economics that hold in every month."""
    frame = pd.read_csv(io.StringIO(text.strip()), sep=r"\s+", na_values=["-"]).merge(
        horizon[["period"]], how="cross"
    )
    return conform("unit_economics", frame.assign(basis="given"))


def calendar(horizon, text):
    """A calendar that is the same in every month."""
    frame = pd.read_csv(io.StringIO(text.strip()), sep=r"\s+", na_values=["-"]).merge(
        horizon[["period"]], how="cross"
    )
    return conform("resource_calendar", frame)


def call(function, tables):
    """Call a step with the tables it reads."""
    wanted = inspect.signature(function).parameters
    return function(**{name: tables[name] for name in wanted if name in tables})


def review(tables):
    """Targets first, then the supply review."""
    targets = call(inventory_targets, tables)
    return call(supply_review, {**tables, "inventory_targets": targets})


def of(table, strategy="policy"):
    return table[table["strategy"] == strategy].reset_index(drop=True)


def cost(plans, item, strategy="policy"):
    rows = of(plans.strategy_comparison, strategy)
    return rows.loc[rows["cost_item"] == item, "cost"].item()


def total_cost(plans, strategy="policy"):
    return of(plans.strategy_service, strategy)["cost"].item()
