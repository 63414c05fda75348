"""Plan tables of a solved supply plan."""

from functools import partial

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import Facts, Routes
from sopkit.model.quantities import NEAR, months_covered, utilisation
from sopkit.model.variables import Solution
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable, Column
from sopkit.tables.joins import numbered
from sopkit.tables.keys import Keys


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
    product, site, supplier, period : purchased [units], cost, inbound_freight [money]
    """
    units, bought = quantities.clean(solution.columns.purchased), facts.purchases
    columns = {
        "purchased": units,
        "cost": units * bought.cost,
        "inbound_freight": units * bought.freight,
    }
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
    moved = quantities.clean(solution.columns.moved)
    columns = {"transferred": moved, "cost": moved * facts.moves.freight}
    return ArrayTable(facts.moves.keys, facts.months, columns)


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
