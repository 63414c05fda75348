"""Plan tables of a solved supply plan."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import Facts, Routes
from sopkit.model.quantities import NEAR, NOTHING, months_covered, utilisation
from sopkit.model.variables import Solution
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.tables.arrays import ArrayTable, Column, Keys
from sopkit.tables.joins import numbered

SUPPLIED = ("regular", "overtime", "subcontract", "purchased", "scheduled_receipts")
NEAR_LIMIT = 0.98  # share of a limit from which it is reported though it costs nothing yet


def supply_plan(facts: Facts, solution: Solution, coming: np.ndarray | None = None) -> ArrayTable:
    """Production, receipts, shipments and inventory of the plan.

    `coming` is the demand of each stock, of more months than are shown where more are planned.

    Returns
    -------
    product, site, period : opening_inventory, regular, overtime, subcontract, scheduled_receipts,
        shipped, inventory, target_inventory, transferred_in, transferred_out, expired [units], runs
        [runs], months_of_supply [months; empty where stock outlasts the demand], purchased,
        consumed, started, in_transit, opening_in_transit [units]
    """
    f, flows = facts, quantities.flows(facts, solution)
    inventory = quantities.inventory(f, flows)
    in_transit = quantities.in_transit(f, solution)
    coming = f.stocks.demand if coming is None else coming
    columns: dict[str, Column] = {
        "opening_inventory": np.hstack([f.stocks.on_hand[:, None], inventory[:, :-1]]),
        **{
            name: flows[name]
            for name in ("regular", "overtime", "subcontract", "scheduled_receipts", "shipped")
        },
        "inventory": inventory,
        "target_inventory": f.stocks.target,
        **{name: flows[name] for name in ("transferred_in", "transferred_out", "expired")},
        "runs": quantities.stock_runs(f, solution),
        "months_of_supply": partial(months_covered, inventory, coming),
        **{name: flows[name] for name in ("purchased", "consumed")},
        "started": quantities.started(f, solution)[0],
        "in_transit": in_transit,
        "opening_in_transit": np.hstack(
            [quantities.opening_in_transit(f)[:, None], in_transit[:, :-1]]
        ),
    }
    return ArrayTable(f.stocks.keys, f.months, columns)


def purchased_products(facts: Facts, solution: Solution) -> ArrayTable:
    """Finished products that suppliers deliver to each site.

    Returns
    -------
    product, site, supplier, period : purchased [units], cost [money]
    """
    units = quantities.clean(solution.columns.purchased)
    columns = {"purchased": units, "cost": units * facts.purchases.cost}
    return ArrayTable(facts.purchases.keys, facts.months, columns)


def distribution_plan(facts: Facts, solution: Solution) -> ArrayTable:
    """Shipments from each site to each market.

    Returns
    -------
    product, site, market, period : shipped, delivered [units; delivered in the month in which they
        arrive, with what was on the way at the start]
    """
    columns: dict[str, Column] = {
        "shipped": quantities.clean(solution.columns.shipped),
        "delivered": partial(quantities.delivered, facts, solution.columns),
    }
    return ArrayTable(facts.lanes.keys, facts.months, columns)


def interplant_transfers(facts: Facts, solution: Solution) -> ArrayTable:
    """Transfers between sites.

    Returns
    -------
    product, site, to_site, period : transferred [units], cost [money]
    """
    moved, freight = quantities.clean(solution.columns.moved), facts.moves.freight[:, None]
    return ArrayTable(
        facts.moves.keys, facts.months, {"transferred": moved, "cost": moved * freight}
    )


def constrained_demand(facts: Facts, solution: Solution) -> ArrayTable:
    """Fulfilled demand, backlog and lost sales of each market.

    Returns
    -------
    product, market, period : demand, fulfilled, backlog, lost_sales [units]
    """
    f = facts
    served, lost, backlog = quantities.service(f, solution.columns)
    columns = {
        "demand": f.wants.demand,
        "fulfilled": served,
        "backlog": backlog,
        "lost_sales": lost,
    }
    return ArrayTable(f.wants.keys, f.months, columns)


def workforce_plan(facts: Facts, solution: Solution) -> ArrayTable:
    """Workers, hiring, layoffs and hours of each resource.

    Returns
    -------
    resource, period : workers, hired, laid_off [workers], regular_hours, overtime_hours [hours
        worked], capacity_hours [hours of these workers, overtime included, that machines allow],
        utilization, leavers [workers who left after the month before]
    """
    f, crews = facts, facts.crews
    regular, overtime = quantities.crew_hours(f, solution)
    workers = quantities.clean(solution.columns.workers)
    capacity = np.minimum(
        workers * (crews.regular_hours + crews.overtime_hours), crews.machine_hours
    )
    columns = {
        "workers": workers,
        "hired": quantities.clean(solution.columns.hired),
        "laid_off": quantities.clean(solution.columns.laid_off),
        "regular_hours": regular,
        "overtime_hours": overtime,
        "capacity_hours": capacity,
        "utilization": utilisation(regular + overtime, capacity),
        "leavers": np.hstack([0 * workers[:, :1], workers[:, :-1]]) * crews.attrition,
    }
    return ArrayTable(_of_crews(crews.codes), f.months, columns)


def planning_rules(facts: Facts, solution: Solution) -> ArrayTable:
    """Firm production, planner's rows, fences and notices, and what the plan makes of them.

    Returns
    -------
    kind, item, site, period : planned [units or workers], breach [the same, above the most, or
        below the least as a negative number], lower_limit, upper_limit [empty where there is none]
    """
    rules, planned = facts.rules, quantities.rule_values(facts, solution)
    breach = np.maximum(planned - rules.most, 0.0) + np.minimum(planned - rules.least, 0.0)
    values = {
        "planned": planned,
        "breach": np.where(np.abs(breach) > NEAR, breach, 0.0),
        "lower_limit": np.where(np.isfinite(rules.least), rules.least, np.nan),
        "upper_limit": np.where(np.isfinite(rules.most), rules.most, np.nan),
    }
    frame = rules.keys.frame
    row, first = numbered(frame, list(frame.columns))
    shape = (len(first), len(facts.months))
    present = np.zeros(shape, dtype=bool)
    present[row, rules.month] = True
    grids = {name: np.full(shape, np.nan) for name in values}
    for name, grid in grids.items():
        grid[row, rules.month] = values[name]
    return ArrayTable(Keys(frame.take(first)), facts.months, dict(grids), present)


def production_plan(facts: Facts, solution: Solution) -> ArrayTable:
    """Production of each resource; its hours sum to those of `workforce_plan`.

    Returns
    -------
    product, resource, period : regular, overtime [units], regular_hours [hours; setting up
        included], overtime_hours [hours], runs
    """
    f, plan, sets = facts, solution.columns, solution.sets
    hours = f.routes.hours[sets.worked]
    regular, overtime = quantities.clean(plan.regular[sets.worked]), quantities.clean(plan.overtime)
    runs = np.zeros(plan.regular.shape)
    runs[sets.batched] = quantities.runs(solution)
    setting_up = runs * f.routes.setup_hours
    columns = {
        "regular": regular,
        "overtime": overtime,
        "regular_hours": regular * hours + setting_up[sets.worked],
        "overtime_hours": overtime * hours,
        "runs": runs[sets.worked],
    }
    return ArrayTable(_of_routes(f.routes, f.items.codes, f.crews.codes), f.months, columns)


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
    return {
        "regular labour": (worked * wage).sum(axis=0),
        "idle labour": ((quantities.clean(plan.workers) * crews.regular_hours - worked) * wage).sum(
            axis=0
        ),
        "overtime": (overtime * crews.overtime_wage).sum(axis=0),
        "subcontracting": (flows["subcontract"] * outside).sum(axis=0),
        "material": (made * f.items.material[f.routes.item])[f.routes.yields].sum(axis=0),
        "purchased goods": (quantities.clean(plan.purchased) * f.purchases.cost).sum(axis=0),
        "making": (made * f.routes.making).sum(axis=0),
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
        "freight": (quantities.clean(plan.shipped) * f.lanes.freight[:, None]).sum(axis=0),
        "transfers": (quantities.clean(plan.moved) * f.moves.freight[:, None]).sum(axis=0),
        "extra storage": (quantities.clean(plan.rented) * np.nan_to_num(f.stores.rent)).sum(axis=0),
    }


def strategy_comparison(facts: Facts, solution: Solution, strategy: str) -> DataFrame:
    """Cost and service of a strategy's plan; deliveries fill the oldest order first.

    Returns
    -------
    strategy, measure, item, period : value [the measure's unit]; item and period are empty in what
        is of the whole plan cost [money] : in all, and by cost item; prices that only rank plans
        are left out, so is the revenue of lost sales fill_rate [delivered in the month of demand /
        demand; 1 without demand] max_inventory_planned, max_backlog [units, highest total of a
        month], below_target [unit-months] max_hours_planned [hours worked, highest total of a
        month], months_short [months with anything late or lost] optimality_gap_ratio [share of the
        cost; 0 where no number must be whole] cumulative_supply [units by month: opening stock and
        all supply since], cumulative_demand [units by month]
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


def shadow_prices(facts: Facts, solution: Solution) -> ArrayTable:
    """Shadow prices of limits that bind, or nearly.

    With whole workers, the value of an hour is that with the number of workers as planned. The
    limit of a supply is what is there in the month: parts left over and parts that can arrive.

    Returns
    -------
    constraint, item, period : limit, used [the limit's unit], shadow_price [money per unit of the
        limit, in the prices of the programme: lost sales at their price]
    """
    found = _limits(facts, solution)
    value, limits, taken = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (np.where(solution.savings[name] > NEAR, solution.savings[name], 0.0), limit, used)
                for name, (_, limit, used) in found.items()
            ),
            strict=True,
        )
    )
    bound = (value > 0) | ((taken > NEAR) & (taken >= NEAR_LIMIT * limits))
    columns = {"limit": limits, "used": taken, "shadow_price": value}
    keys = _of_limits(
        facts.crews.codes,
        facts.stores.codes,
        facts.items.codes,
        facts.purchases.codes,
        facts.materials.codes,
    )
    return ArrayTable(keys, facts.months, columns, np.isfinite(limits) & bound)


@remembered
def _of_crews(codes: pd.Index) -> Keys:
    return Keys(codes.to_frame(index=False, name="resource"))


@remembered
def _of_routes(routes: Routes, products: pd.Index, crews: pd.Index) -> Keys:
    """The products on resources."""
    worked = routes.resource >= 0
    return Keys(
        DataFrame(
            {
                "product": products[routes.item[worked]],
                "resource": crews[routes.resource[worked]],
            }
        )
    )


@remembered
def _of_limits(
    crews: pd.Index, stores: pd.Index, products: pd.Index, sources: pd.Index, materials: pd.Index
) -> Keys:
    """What the limits of the programme are about, in the order of `_limits`."""
    of_crews = ("regular hours", "overtime hours", "machine hours", "max workers")
    things = [*((name, crews) for name in of_crews), ("storage", stores)]
    things += [("subcontract limit", products), ("supply limit", sources), ("material", materials)]
    frames = [
        DataFrame(
            {
                "constraint": pd.array([name] * len(codes), dtype="str"),
                "item": pd.array(codes, dtype="str"),
            }
        )
        for name, codes in things
    ]
    return Keys(pd.concat(frames, ignore_index=True))


class CostlyLimit(NamedTuple):
    """A limit with a shadow price, and what all that is used of it saves."""

    constraint: str
    row: np.intp
    item: str
    worth: float  # money, in the prices of the programme


def costly_limits(facts: Facts, solution: Solution) -> list[CostlyLimit]:
    """The limits with a shadow price, the one that is worth most first."""
    found = []
    for constraint, (codes, limit, used) in _limits(facts, solution).items():
        value = np.where(np.isfinite(limit), solution.savings[constraint], 0.0)
        worth = (np.where(value > NEAR, value, 0.0) * used).sum(axis=1)
        found += [
            CostlyLimit(constraint, row, codes[row], float(worth[row]))
            for row in np.flatnonzero((value > NEAR).any(axis=1))
        ]
    return sorted(found, key=lambda one: -one.worth)


def _limits(f, solution):
    """Each limit of the programme with what it is about, what it allows and what the plan takes."""
    crews, plan = f.crews, solution.columns
    workers = quantities.clean(plan.workers)
    regular, overtime = quantities.crew_hours(f, solution)
    inventory = quantities.inventory(f, quantities.flows(f, solution))
    stored, outside = (
        np.zeros((len(f.stores.codes), len(f.months))),
        np.zeros(f.items.outside_limit.shape),
    )
    held = f.stores.of_stock >= 0
    np.add.at(stored, f.stores.of_stock[held], inventory[held])
    np.add.at(outside, f.stocks.item[f.stocks.makes], quantities.clean(plan.outside))
    there = f.materials.coming + f.materials.receivable
    there[:, 1:] += quantities.clean(plan.left)[:, :-1]
    used = f.materials.coming + quantities.clean(plan.received) - quantities.clean(plan.left)
    used[:, 1:] += quantities.clean(plan.left)[:, :-1]
    bought = np.zeros(f.purchases.most.shape)
    np.add.at(bought, f.purchases.source, quantities.clean(plan.purchased))
    return {
        "regular hours": (crews.codes, workers * crews.regular_hours, regular),
        "overtime hours": (crews.codes, workers * crews.overtime_hours, overtime),
        "machine hours": (crews.codes, crews.machine_hours, regular + overtime),
        "max workers": (crews.codes, crews.most, workers),
        "storage": (f.stores.codes, f.stores.limit, stored),
        "subcontract limit": (f.items.codes, f.items.outside_limit, outside),
        "supply limit": (f.purchases.codes, f.purchases.most, bought),
        "material": (f.materials.codes, there, used),
    }
