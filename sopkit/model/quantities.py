"""Units, hours and runs of a solution, by stock, market and resource."""

from collections.abc import Mapping

import numpy as np
from pandas import Series

from sopkit.master_data.lead_times import arrived
from sopkit.model.parameters import QUANTITIES, Facts
from sopkit.model.variables import Columns, Solution

COMING = (
    "regular",
    "overtime",
    "subcontract",
    "purchased",
    "scheduled_receipts",
    "transferred_in",
)
GOING = ("shipped", "transferred_out", "consumed", "expired")
NOTHING = 0.5  # units late or lost in a month below which it is not called short
NEAR = 1e-6  # units and money below this are the solver's rounding


def flows(f: Facts, solution: Solution) -> dict[str, np.ndarray]:
    """Inflows and outflows of each stock, inflows in the month in which they arrive.

    Returns
    -------
    name : stocks x months [units]; scheduled_receipts, regular, overtime, subcontract, purchased,
        transferred_in, transferred_out, shipped, consumed, expired
    """
    plan, sets, finished = solution.columns, solution.sets, f.routes.yields
    worked = np.flatnonzero(sets.worked)
    on_crew = worked[finished[worked]]
    makes = np.flatnonzero(f.stocks.makes)
    overtime = clean(plan.overtime[finished[worked]])
    regular, routes = clean(plan.regular[finished]), np.flatnonzero(finished)
    moves = {
        "regular": (f.routes.stock[routes], arrived(regular, f.routes.lead[routes], f.days)),
        "overtime": (f.routes.stock[on_crew], arrived(overtime, f.routes.lead[on_crew], f.days)),
        "subcontract": (
            makes,
            arrived(clean(plan.outside), f.items.outside_lead[f.stocks.item[makes]], f.days),
        ),
        "purchased": (f.purchases.stock, clean(plan.purchased)),
        "transferred_in": (f.moves.to_stock, arrived(clean(plan.moved), f.moves.lead, f.days)),
        "transferred_out": (f.moves.stock, clean(plan.moved)),
        "shipped": (f.lanes.stock, clean(plan.shipped)),
        "expired": (sets.spoiling, clean(plan.wasted)),
    }
    found = {name: _by_stock(f, *move) for name, move in moves.items()}
    units, good = started(f, solution)
    added = f.assemblies.adds @ good
    return {
        "scheduled_receipts": f.stocks.scheduled_receipts,
        **found,
        "regular": found["regular"] + added,
        "consumed": f.assemblies.uses @ units,
    }


def started(f: Facts, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Units of each stock that are started, and the good units among them, in the month of the
    start.

    Returns
    -------
    started, good : stocks x months [units]
    """
    plan, worked = solution.columns, solution.sets.worked
    units = clean(plan.regular)
    units[worked] += clean(plan.overtime)
    units = units * f.routes.yields[:, None]
    return (
        _by_stock(f, f.routes.stock, units * f.routes.started),
        _by_stock(f, f.routes.stock, units),
    )


def in_transit(f: Facts, solution: Solution) -> np.ndarray:
    """Units at each month's end that were started or sent from a stock and have not arrived.

    Returns
    -------
    stocks x months [units]
    """
    plan = solution.columns
    _, good = started(f, solution)
    moving = flows(f, solution)
    finished = moving["regular"] - f.assemblies.adds @ good + moving["overtime"]
    ordered = _by_stock(f, np.flatnonzero(f.stocks.makes), clean(plan.outside))
    sent = arrived(clean(plan.moved), f.moves.lead, f.days)
    started_or_sent = good + ordered + moving["transferred_out"] + moving["shipped"]
    there = finished + moving["subcontract"] + _by_stock(f, f.moves.stock, sent)
    there = there + _by_stock(f, f.lanes.stock, arrived(clean(plan.shipped), f.lanes.lead, f.days))
    units = (started_or_sent - there).cumsum(axis=1) + opening_in_transit(f)[:, None]
    units = units - _by_first_site(f, f.wants.in_transit).cumsum(axis=1)
    return np.where(units > NEAR, units, 0.0)


def opening_in_transit(f: Facts) -> np.ndarray:
    """Units on the way to customers at the start, by the stock that is assumed to have sent them.

    Returns
    -------
    a number for each stock [units]
    """
    return _by_first_site(f, f.wants.in_transit).sum(axis=1)


def _by_first_site(f, units):
    """Units of each product in each market, at the stock of its lane of least freight."""
    first = _first_lanes(f)
    total = np.zeros(f.stocks.target.shape)
    np.add.at(total, f.lanes.stock[first], units[f.lanes.want[first]])
    return total


def _by_stock(f, stock, amounts):
    total = np.zeros(f.stocks.target.shape)
    np.add.at(total, stock, amounts)
    return total


def runs(solution: Solution) -> np.ndarray:
    """1 in each month in which a batched route makes anything.

    Returns
    -------
    batched routes x months [0 or 1]
    """
    plan, sets = solution.columns, solution.sets
    made = clean(plan.regular)
    made[sets.worked] += clean(plan.overtime)
    return np.where(made[sets.batched] > NEAR, 1.0, 0.0)


def stock_runs(f: Facts, solution: Solution) -> np.ndarray:
    """The runs of each stock in each month.

    Returns
    -------
    stocks x months [runs]
    """
    return _by_stock(f, f.routes.stock[solution.sets.batched], runs(solution))


def inventory(f: Facts, flows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Stock at each month's end, from inflows and outflows.

    Returns
    -------
    stocks x months [units]
    """
    change = np.zeros(f.stocks.target.shape)
    for name in COMING:
        change = change + flows[name]
    for name in GOING:
        change = change - flows[name]
    inventory = f.stocks.on_hand[:, None] + change.cumsum(axis=1)
    return np.where(inventory > NEAR, inventory, 0.0)


def service(f: Facts, plan: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fulfilled, lost and backlog units of each product in each market.

    Returns
    -------
    served, lost, backlog : wants x months [units]; backlog at the month's end
    """
    served = np.zeros(f.wants.demand.shape)
    np.add.at(served, f.lanes.want, delivered(f, plan))
    lost = clean(plan.lost)
    backlog = (f.wants.demand - served - lost).cumsum(axis=1)
    return served, lost, np.where(backlog > NEAR, backlog, 0.0)


def delivered(f: Facts, plan: Columns) -> np.ndarray:
    """Units that arrive over each lane, with what was on the way at the start.

    Returns
    -------
    lanes x months [units]
    """
    units = arrived(clean(plan.shipped), f.lanes.lead, f.days)
    first = _first_lanes(f)
    units[first] += f.wants.in_transit[f.lanes.want[first]]
    return units


def _first_lanes(f):
    """The lane of least freight of each product in each market."""
    order = np.lexsort((f.lanes.freight.mean(axis=1), f.lanes.want))
    return order[np.unique(f.lanes.want[order], return_index=True)[1]]


def crew_hours(f: Facts, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Regular and overtime hours of each resource; set-ups take regular hours.

    Returns
    -------
    regular, overtime : crews x months [hours]
    """
    plan, sets = solution.columns, solution.sets
    crew, hours = f.routes.resource[sets.worked], f.routes.hours[sets.worked]
    regular, overtime = np.zeros(f.crews.days.shape), np.zeros(f.crews.days.shape)
    np.add.at(regular, crew, clean(plan.regular[sets.worked]) * hours)
    np.add.at(overtime, crew, clean(plan.overtime) * hours)
    staffed = f.routes.resource[sets.batched] >= 0
    setting_up = runs(solution) * f.routes.setup_hours[sets.batched]
    np.add.at(regular, f.routes.resource[sets.batched][staffed], setting_up[staffed])
    return regular, overtime


def family_days(f: Facts) -> np.ndarray:
    """Working days of the crews that make each family, on average; 1 where no crew does.

    Returns
    -------
    families x months [days]
    """
    worked = f.routes.resource >= 0
    family = f.items.family[f.routes.item[worked]]
    pairs = np.unique(np.stack([family, f.routes.resource[worked]]), axis=1)
    days, crews = np.zeros((len(f.families.codes), len(f.months))), np.zeros(len(f.families.codes))
    np.add.at(days, pairs[0], f.crews.days[pairs[1]])
    np.add.at(crews, pairs[0], 1)
    return np.where(crews[:, None] > 0, days / np.maximum(crews, 1)[:, None], 1.0)


def rate_changes(f: Facts, solution: Solution) -> np.ndarray:
    """Units a working day more or less than in the month before, by family; 0 in the first month.

    Returns
    -------
    families x months [units per working day]
    """
    moved = flows(f, solution)
    made = np.zeros((len(f.families.codes), len(f.months)))
    np.add.at(made, f.items.family[f.stocks.item], moved["regular"] + moved["overtime"])
    rate = made / np.maximum(family_days(f), 1e-9)
    return np.diff(rate, axis=1, prepend=rate[:, :1])


def rule_values(f: Facts, solution: Solution) -> np.ndarray:
    """What the plan gives each rule: the sum of its terms.

    Returns
    -------
    rules [units or workers]
    """
    moved, plan, terms = flows(f, solution), solution.columns, f.rules.terms
    values = {
        "made": started(f, solution)[1],
        "bought": _by_stock(f, np.flatnonzero(f.stocks.makes), clean(plan.outside))
        + moved["purchased"],
        "stock": inventory(f, moved),
        **{name: clean(getattr(plan, name)) for name in ("workers", "hired", "laid_off")},
    }
    total = np.zeros(len(f.rules.month))
    for number, name in enumerate(QUANTITIES):
        mine = terms.quantity == number
        amount = terms.weight[mine] * values[name][terms.thing[mine], terms.month[mine]]
        np.add.at(total, terms.rule[mine], amount)
    return total


def clean(values: np.ndarray) -> np.ndarray:
    """Values without the solver's rounding."""
    return np.where(values > NEAR / 1000, values, 0.0)


def monthly_unserved(facts: Facts, solution: Solution) -> np.ndarray:
    """Units late or lost at each month's end.

    Returns
    -------
    a number for each month [units]
    """
    _, lost, backlog = service(facts, solution.columns)
    return (lost + backlog).sum(axis=0)


def stock_held(facts: Facts, solution: Solution) -> np.ndarray:
    """Units at each month's end, by stock.

    Returns
    -------
    stocks x months [units]
    """
    return inventory(facts, flows(facts, solution))


def units_made(facts: Facts, solution: Solution) -> np.ndarray:
    """Units produced, subcontracted and purchased, by stock.

    Returns
    -------
    stocks x months [units]
    """
    moved = flows(facts, solution)
    return moved["regular"] + moved["overtime"] + moved["subcontract"] + moved["purchased"]


def months_covered(inventory: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Months of coming demand that the stock at each month's end covers, part months in proportion.

    `inventory` and `demand` have a row a stock and a column a month; demand may go on after the
    months of stock. Stock that outlasts the known demand is nan.

    Returns
    -------
    a row a stock and a column a month [months]

    Source
    ------
    The definition of coverage of the R package planr.
    """
    total = demand.cumsum(axis=1)
    cover = np.full(inventory.shape, np.nan)
    row = np.arange(len(inventory))
    for month in range(min(inventory.shape[1], demand.shape[1] - 1)):
        reach = total[:, month] + inventory[:, month]
        last = np.minimum((total < reach[:, None]).sum(axis=1), demand.shape[1] - 1)
        enough = (total[row, last] >= reach) & (demand[row, last] > 0)
        part = (reach - total[row, last - 1])[enough] / demand[row, last][enough]
        cover[enough, month] = last[enough] - month - 1 + part
    return np.where(inventory > NEAR, cover, 0.0)


def utilisation(used: Series | np.ndarray, capacity: Series | np.ndarray) -> Series | np.ndarray:
    """Hours used / hours available; a number also where none are available (divided by 1)."""
    return used / np.where(capacity > 0, capacity, 1.0)
