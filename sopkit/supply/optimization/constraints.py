"""The balances and constraints of the supply programme, each in the shape of the thing x months."""

import numpy as np

from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets
from sopkit.supply.optimization.fences import rule_terms
from sopkit.supply.optimization.lot_constraints import batch, smallest_lot
from sopkit.supply.optimization.material_constraints import (
    material_balance,
    shelf_life,
    supply_limit,
)
from sopkit.supply.optimization.rate_constraints import approved_plan, level_rate, rate_change
from sopkit.supply.optimization.rows import (
    Rows,
    arriving,
    at_most,
    carried,
    exactly,
    incidence,
    leaving,
    numbered,
    yielded,
)
from sopkit.supply.optimization.workforce_constraints import (
    hours_worked,
    level_workforce,
    part_time_posts,
    steady_pace,
    worker_balance,
)


def constraints(f: Facts, at: Columns, sets: Sets) -> dict[str, Rows]:
    """Every constraint of the programme, by name.

    Returns
    -------
    constraint : its rows, in the shape of the thing x months
    """
    made = [at.regular[sets.worked], at.overtime]
    hours, crews = f.routes.setup_hours[sets.batched], f.routes.resource[sets.batched]
    setups = [(crews[crews >= 0], at.runs[crews >= 0], hours[crews >= 0])]
    return {
        "stock": _stock_balance(f, at, sets),
        "demand": _demand_balance(f, at),
        "workers": worker_balance(f, at),
        "regular hours": hours_worked(f, at, made[:1], setups, 0.0, f.crews.regular_hours),
        "overtime hours": hours_worked(f, at, made[1:], [], 0.0, f.crews.overtime_hours),
        "machine hours": hours_worked(f, at, made, setups, f.crews.machine_hours, None),
        "storage": _storage(f, at),
        "subcontract limit": _outside_limit(f, at),
        "supply limit": supply_limit(f, at),
        "material": material_balance(f, at, sets),
        "steps": _steps(f, at, sets),
        "shelf life": shelf_life(f, at, sets),
        "batch": batch(f, at, sets),
        "smallest lot": smallest_lot(f, at, sets),
        "level rate": level_rate(f, at, sets),
        "steady pace": steady_pace(f, at, sets),
        "approved plan": approved_plan(f, at, sets),
        "rules": _rules(f, at, sets),
        "level workforce": level_workforce(f, at, sets),
        "part-time posts": part_time_posts(f, at, sets),
        "rate change": rate_change(f, at, sets),
    }


def _stock_balance(f, at, sets):
    """Stock at the end = stock before + what arrives of what is made, bought and moved in +
    receipts - moved out - shipped - wasted - used in other products."""
    row = numbered(len(f.stocks.item), at.regular)
    made_outside = f.items.outside_lead[f.stocks.item[f.stocks.makes]]
    terms = [term for tier in at.stock for term in carried(row, tier)]
    for stock, column, route in yielded(f, at, sets):
        terms += arriving(row[stock], column, f.routes.lead[route], f.days, -1.0)
        terms += _assembled(f, row, stock, column, route)
    terms += arriving(row[f.stocks.makes], at.outside, made_outside, f.days, -1.0)
    terms += arriving(row[f.moves.to_stock], at.moved, f.moves.lead, f.days, -1.0)
    terms.append((row[f.purchases.stock], at.purchased, -1.0))
    terms += [(row[stock], column, 1.0) for stock, column in leaving(f, at, sets)]
    right = f.stocks.scheduled_receipts.copy()
    right[:, 0] += f.stocks.on_hand
    return exactly(right, row, terms)


def _assembled(f, row, stock, column, route):
    """What the units that are started take from other stocks, and the co-products they add."""
    terms = []
    for matrix, sign in ((f.assemblies.uses, 1.0), (f.assemblies.adds, -1.0)):
        if matrix.nnz:
            units = matrix[:, stock].tocoo()
            of_stock, place = units.coords
            started = f.routes.started[route[place]] if sign > 0 else 1.0
            terms.append((row[of_stock], column[place], sign * units.data[:, None] * started))
    return terms


def _demand_balance(f, at):
    """Backlog at the end = backlog before + demand - what arrives of what was shipped - lost."""
    row = numbered(len(f.wants.item), at.regular)
    terms = [*carried(row, at.backlog), (row, at.lost, 1.0)]
    terms += arriving(row[f.lanes.want], at.shipped, f.lanes.lead, f.days, 1.0)
    return exactly(f.wants.demand - f.wants.in_transit, row, terms)


def _storage(f, at):
    """Stock of all products at the site <= limit + rented room."""
    row = numbered(len(f.stores.codes), at.regular)
    stored = f.stores.of_stock >= 0
    terms = [(row[f.stores.of_stock[stored]], tier[stored], 1.0) for tier in at.stock]
    return at_most(f.stores.limit, row, [*terms, (row, at.rented, -1.0)])


def _outside_limit(f, at):
    """Subcontracted units of a product, over all sites, <= limit."""
    row = numbered(len(f.items.codes), at.regular)
    terms = [(row[f.stocks.item[f.stocks.makes]], at.outside, 1.0)]
    return at_most(f.items.outside_limit, row, terms)


def _steps(f, at, sets):
    """What each step before the last makes = what the last step makes, in the same month."""
    early = np.flatnonzero(~f.routes.yields)
    steps, place = np.unique(
        np.stack([f.routes.stock[early], f.routes.step[early]]), axis=1, return_inverse=True
    )
    row = numbered(steps.shape[1], at.regular)
    group = np.full(len(f.routes.stock), -1)
    group[early] = place.ravel()
    crewed = group[sets.worked]
    terms = [
        (row[group[early]], at.regular[early], 1.0),
        (row[crewed[crewed >= 0]], at.overtime[crewed >= 0], 1.0),
    ]
    of_stock = incidence(steps[0].astype(int), len(f.stocks.item))
    for stock, column, _ in yielded(f, at, sets):
        step, route = (of_stock @ incidence(stock, len(f.stocks.item)).T).tocoo().coords
        terms.append((row[step], column[route], -1.0))
    return exactly(0.0, row, terms)


def _rules(f, at, sets):
    """Least <= terms of the rule + under - over <= most."""
    number = np.arange(len(f.rules.month))
    terms = [*rule_terms(f, at, sets), (number, at.over[:, 0], -1.0), (number, at.under[:, 0], 1.0)]
    return Rows(f.rules.least[:, None].copy(), f.rules.most[:, None].copy(), terms)
