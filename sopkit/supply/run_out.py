"""Disaggregation of a plan of groups to products, by equal run-out times.

Source
------
Bitran & Hax, On the design of hierarchical production planning systems, Decision Sciences 8 (1977):
items by equal run-out times.
"""

import numpy as np

from sopkit.model import quantities
from sopkit.model.parameters import Facts
from sopkit.model.variables import Solution
from sopkit.supply.aggregation import places, summed
from sopkit.supply.lane_filling import filled, turn_steps
from sopkit.supply.optimization.programme import supply_sets
from sopkit.supply.planning_groups import Groups


def products_solution(
    f: Facts, groups: Groups | None, planned: Facts, solution: Solution, mode: np.ndarray
) -> Solution:
    """Disaggregate the groups' solution to their products, for the tables of `model.solution`.

    First this month's demand and backlog, then target stock, then the coming months one by one;
    within a step
    every product gets the same share of what it lacks, so that all run out at the same time. Stock
    of a product that outlasts the others gets nothing; what goes beyond the known demand is spread
    by mean demand. What is there is sent at once, over the lanes that the group uses and then over
    the cheapest. Workers and parts are the groups'.

    `planned` are the groups' facts, `solution` their solution under `mode`. Columns that only rank
    plans are empty. Without groups the solution is the products' own.
    """
    if groups is None:
        return solution
    _, at = places(f, groups)
    plan, sets = solution.columns, supply_sets(f, mode)
    by_lane = _lane_shares(f, at["lane"], plan.shipped)
    total, outside = quantities.units_made(planned, solution), np.zeros(planned.stocks.target.shape)
    outside[planned.stocks.makes] = np.maximum(plan.outside, 0.0)
    units = _run_out(f, groups, at["stock"], total, _summed_lanes(f, by_lane))
    bought = _bought(f, groups, at["stock"], units, outside)
    share = _parted(f, groups, at["stock"], units - bought)
    share[~groups.several[f.stocks.item]] = 1.0
    units = bought + share * (total - outside)[at["stock"]]
    made, worked = at["route"], np.cumsum(solution.sets.worked) - 1
    spoils = at["stock"][sets.spoiling]
    shipped, backlog, lost = _sent(f, groups, at, plan, by_lane, units)
    empty = np.zeros((0, len(f.months)))
    columns = plan._replace(
        regular=plan.regular[made] * share[f.routes.stock],
        overtime=plan.overtime[worked[made[sets.worked]]] * share[f.routes.stock[sets.worked]],
        outside=bought[f.stocks.makes],
        shipped=shipped,
        wasted=plan.wasted[np.searchsorted(solution.sets.spoiling, spoils)],
        backlog=backlog,
        lost=lost,
        **dict.fromkeys(("stock", "runs", "above", "below", "more", "less", "rate"), empty),
    )
    spread = solution._replace(columns=columns, sets=sets)
    return spread._replace(
        columns=columns._replace(rented=_over_limit(f, quantities.stock_held(f, spread)))
    )


def _lane_shares(f, at, shipped):
    """The share of each lane in what its market asks: as the group's, and where that sends nothing,
    of the cheapest."""
    cheapest = np.full(f.wants.demand.shape, np.inf)
    np.minimum.at(cheapest, f.lanes.want, f.lanes.freight)
    used = np.maximum(shipped, 0.0)[at] + 1e-9 * (f.lanes.freight <= cheapest[f.lanes.want])
    return used / summed(f.lanes.want, len(f.wants.item), used)[f.lanes.want]


def _summed_lanes(f, by_lane):
    """Demand that each stock is to serve."""
    return summed(f.lanes.stock, len(f.stocks.item), by_lane * f.wants.demand[f.lanes.want])


def _run_out(f, groups, row, made, demand):
    """Units of each stock when what its group makes goes to the stocks that run out first."""
    unit, target = groups.unit[f.stocks.item], np.maximum(f.stocks.target, f.stocks.least)
    waits = np.ones(len(f.items.codes), dtype=bool)
    waits[f.wants.item] = f.wants.waits
    waits, stock, units = waits[f.stocks.item], f.stocks.on_hand.copy(), np.zeros(demand.shape)
    for month in range(demand.shape[1]):
        stock = stock + f.stocks.scheduled_receipts[:, month]
        ahead = demand[:, month:].cumsum(axis=1)
        lacks = np.column_stack([ahead[:, :1], ahead + target[:, [month]]]) - stock[:, None]
        lacks = np.column_stack([np.zeros(len(stock)), np.maximum(lacks, 0.0)])
        units[:, month] = _spread(row, unit, lacks, made[:, month], demand.mean(axis=1))
        stock = stock + units[:, month] - demand[:, month]
        stock = np.where(waits, stock, np.maximum(stock, 0.0))
    return units


def _spread(row, unit, lacks, made, usual):
    """Units of each stock when its group fills one column of `lacks` after the other, as far as
    `made` goes."""
    totals = np.zeros((len(made), lacks.shape[1]))
    np.add.at(totals, row, lacks * unit[:, None])
    step = np.minimum((totals <= made[:, None]).sum(axis=1), lacks.shape[1] - 1)[row]
    at, place = totals[row, step - 1], np.arange(len(row))
    width = totals[row, step] - at
    part = np.clip((made[row] - at) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    units = lacks[place, step - 1] + part * (lacks[place, step] - lacks[place, step - 1])
    rest = np.maximum(made - np.bincount(row, units * unit, minlength=len(made)), 0.0)
    usual = usual + (np.bincount(row, usual, minlength=len(made)) <= 0)[row]  # no demand: all alike
    return units + rest[row] * usual / np.bincount(row, usual * unit, minlength=len(made))[row]


def _bought(f, groups, row, units, outside):
    """Units of each stock that are bought: as its group buys, up to its product's limit; others buy
    the rest."""
    unit = groups.unit[f.stocks.item, None]
    item = f.stocks.item
    total = summed(item, len(f.items.codes), units)[item]
    part = np.where(total > 0, units / np.where(total > 0, total, 1.0), 0.0)
    limit = np.where(part > 0, f.items.outside_limit[item] * np.where(part > 0, part, 1.0), 0.0)
    alone = ~groups.several[item, None]
    most = np.where(alone, outside[row], np.minimum(units, limit))
    bought = np.minimum(_parted(f, groups, row, units) * outside[row], most)
    rest = np.maximum(outside - summed(row, len(outside), bought * unit), 0.0)
    room = summed(row, len(outside), (most - bought) * unit)
    return bought + (most - bought) * np.minimum(rest / np.where(room > 0, room, 1.0), 1.0)[row]


def _parted(f, groups, row, units):
    """Units of each stock for one standard unit of its group."""
    total = summed(row, row.max(initial=-1) + 1, units * groups.unit[f.stocks.item, None])
    return units / np.where(total > 0, total, 1.0)[row]


def _sent(f, groups, at, plan, by_lane, units):
    """Shipments, backlog and lost sales; products planned individually keep their plan."""
    lanes, wants = f.lanes, f.wants
    several = groups.several[wants.item]
    shipped = np.maximum(plan.shipped, 0.0)[at["lane"]]
    lost, backlog = (
        np.maximum(plan.lost, 0.0)[at["want"]],
        np.maximum(plan.backlog, 0.0)[at["want"]],
    )
    way = np.flatnonzero(several[lanes.want])
    stock, want = lanes.stock[way], lanes.want[way]
    steps = turn_steps(stock, wants.item[want], lanes.freight[way].mean(axis=1))
    there, owed = f.stocks.on_hand.copy(), np.zeros(len(wants.item))
    for month in range(len(f.months)):
        there = there + f.stocks.scheduled_receipts[:, month] + units[:, month]
        asked = owed + wants.demand[:, month]
        wish = by_lane[way, month] * asked[want]
        wished = np.bincount(stock, wish, minlength=len(there))
        flow = wish * np.minimum(there / np.where(wished > 0, wished, 1.0), 1.0)[stock]
        there = there - np.bincount(stock, flow, minlength=len(there))
        rest = np.maximum(asked - np.bincount(want, flow, minlength=len(asked)), 0.0)
        more, _ = filled(steps, stock, want, np.maximum(there, 0.0), rest)
        there = np.maximum(there - np.bincount(stock, more, minlength=len(there)), 0.0)
        shipped[way, month] = flow + more
        rest = np.maximum(rest - np.bincount(want, more, minlength=len(asked)), 0.0)
        owed = np.where(wants.waits, rest, 0.0)
        backlog[several, month], lost[several, month] = owed[several], (rest - owed)[several]
    return shipped, backlog, lost


def _over_limit(f, stock):
    """Room that must be had beyond each site's limit."""
    held = f.stores.of_stock >= 0
    stored = summed(f.stores.of_stock[held], len(f.stores.codes), stock[held])
    return np.maximum(stored - f.stores.limit, 0.0)
