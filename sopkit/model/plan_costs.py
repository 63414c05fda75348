"""Cost of a solved supply plan, and the comparison of strategies by cost and service."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import Facts
from sopkit.model.quantities import NEAR, NOTHING
from sopkit.model.variables import Solution
from sopkit.schema.measures import MEASURES

SUPPLIED = ("regular", "overtime", "subcontract", "purchased", "scheduled_receipts")


def monthly_costs(facts: Facts, solution: Solution) -> np.ndarray:
    """Cost of the plan in each month."""
    return sum(_costs(facts, solution).values())


def _costs(facts, solution):
    """Money by cost item and month."""
    f, crews, plan, flows = facts, facts.crews, solution.columns, quantities.flows(facts, solution)
    made = quantities.clean(plan.regular)
    made[solution.sets.worked] += quantities.clean(plan.overtime)
    _, lost, backlog = quantities.service(f, plan)
    item, want, wage = f.stocks.item, f.wants.item, crews.regular_wage
    worked, overtime = quantities.crew_hours(f, solution)
    outside = np.where(flows["subcontract"] > 0, f.items.outside[item], 0.0)
    rates = quantities.rate_changes(f, solution)
    inbound = (quantities.clean(plan.purchased) * f.purchases.freight).sum(axis=0)
    return ({"inbound freight": inbound} if f.purchases.freight.any() else {}) | {
        "regular labour": (worked * wage).sum(axis=0),
        "unabsorbed labour": (
            (quantities.clean(plan.workers) * crews.regular_hours - worked) * wage
        ).sum(axis=0),
        "overtime": (overtime * crews.overtime_wage).sum(axis=0),
        "subcontracting": (flows["subcontract"] * outside).sum(axis=0),
        "material": (made * f.items.material[f.routes.item])[f.routes.yields].sum(axis=0),
        "purchased goods": (quantities.clean(plan.purchased) * f.purchases.cost).sum(axis=0),
        "conversion": (made * f.routes.making).sum(axis=0),
        "set-up": (quantities.runs(solution) * f.routes.setup_cost[solution.sets.batched]).sum(
            axis=0
        ),
        "holding": (quantities.inventory(f, flows) * f.items.holding[item]).sum(axis=0),
        "backlog": (backlog * f.items.late[want]).sum(axis=0),
        "lost sales": (lost * f.items.lost[want]).sum(axis=0),
        "hiring": (quantities.clean(plan.hired) * crews.hire_cost).sum(axis=0),
        "layoff": (quantities.clean(plan.laid_off) * crews.layoff_cost).sum(axis=0),
        "rate change": (
            np.maximum(rates, 0.0) * f.families.rate_up[:, None]
            + np.maximum(-rates, 0.0) * f.families.rate_down[:, None]
        ).sum(axis=0),
        "freight": (quantities.clean(plan.shipped) * f.lanes.freight).sum(axis=0),
        "transfers": (quantities.clean(plan.moved) * f.moves.freight).sum(axis=0),
        "extra storage": (quantities.clean(plan.rented) * np.nan_to_num(f.stores.rent)).sum(axis=0),
    }


def strategy_comparison(facts: Facts, solution: Solution, strategy: str) -> DataFrame:
    """Cost and service of a strategy's plan; deliveries fill the oldest order first.

    Returns
    -------
    strategy, measure, item, period : value [the measure's unit]; item and period are empty in what
        is of the whole plan

    The measures are cost [money, in all and by cost item; without prices that only rank plans and
    without the revenue of lost sales], fill_rate [delivered in the month of demand / demand; 1
    without demand], max_inventory_planned, max_backlog [units, highest total of a month],
    below_target [unit-months], max_hours_planned [hours worked, highest total of a month],
    months_short [months with anything late or lost], optimality_gap_ratio [share of the cost; 0
    where no number must be whole], cumulative_supply [units by month: opening stock and all supply
    since] and cumulative_demand [units by month].
    """
    items = {name: float(cost.sum()) for name, cost in _costs(facts, solution).items()}
    whole = _whole_plan(facts, solution, pd.Series(items).sum())
    months = _cumulative(facts, solution)
    ways: list[tuple] = [(list(whole), None, None, list(whole.values()))]
    ways.append((["cost"] * len(items), list(items), None, list(items.values())))
    ways += [([name] * len(grid), None, facts.months, grid) for name, grid in months.items()]
    none = pd.PeriodIndex([pd.NaT], freq="M")
    parts = [
        pd.DataFrame(
            {
                "strategy": pd.array([strategy] * len(measures), dtype="str"),
                "measure": pd.array(measures, dtype="str"),
                "item": pd.array(named or [None] * len(measures), dtype="str"),
                "period": none.repeat(len(measures)) if periods is None else periods,
                "value": np.asarray(values, dtype=float),
            }
        )
        for measures, named, periods, values in ways
    ]
    return pd.concat(parts, ignore_index=True)


def _whole_plan(f, solution, cost):
    """The figures of the whole plan, by measure."""
    _, lost, backlog = quantities.service(f, solution.columns)
    wanted = f.wants.demand.sum()
    units = {"demand": f.wants.demand, "backlog": backlog, "lost_sales": lost}
    on_time = MEASURES["fill_rate"].of(units).sum()
    inventory = quantities.inventory(f, quantities.flows(f, solution))
    gap = solution.cost - solution.least_cost
    return {
        "cost": cost,
        "fill_rate": on_time / wanted if wanted > 0 else 1.0,
        "max_inventory_planned": inventory.sum(axis=0).max(),
        "max_backlog": backlog.sum(axis=0).max(),
        "below_target": np.maximum(f.stocks.target - inventory, 0.0).sum(),
        "max_hours_planned": sum(quantities.crew_hours(f, solution)).sum(axis=0).max(initial=0.0),
        "months_short": float(((backlog + lost).sum(axis=0) > NOTHING).sum()),
        "optimality_gap_ratio": gap / cost if cost > 0 and gap > NEAR * cost else 0.0,
    }


def _cumulative(f, solution):
    """Cumulative supply and cumulative demand at each month's end."""
    flows = quantities.flows(f, solution)
    supplied = sum(flows[way].sum(axis=0) for way in SUPPLIED)
    return {
        "cumulative_supply": f.stocks.on_hand.sum() + supplied.cumsum(),
        "cumulative_demand": f.wants.demand.sum(axis=0).cumsum(),
    }
