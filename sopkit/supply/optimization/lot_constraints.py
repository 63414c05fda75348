"""Constraints of production lots: runs and the smallest lot."""

import numpy as np

from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets
from sopkit.supply.optimization.rows import Rows, at_most, numbered


def batch(f: Facts, at: Columns, sets: Sets) -> Rows:
    """What is made <= the most that can be, in a month with a run."""
    row = numbered(len(sets.batched), at.regular)
    return at_most(
        0.0, row, [*_batch_made(at, sets, row, 1.0), (row, at.runs, -_most_made(f, sets.batched))]
    )


def smallest_lot(f: Facts, at: Columns, sets: Sets) -> Rows:
    """The smallest lot <= what is made, in a month with a run."""
    row = numbered(len(sets.batched), at.regular)
    lot = f.routes.lot[sets.batched]
    return at_most(0.0, row, [*_batch_made(at, sets, row, -1.0), (row, at.runs, lot)])


def _batch_made(at, sets, row, sign):
    overtime = np.cumsum(sets.worked) - 1  # position of a worked route among those with overtime
    on_crew = sets.worked[sets.batched]
    return [
        (row, at.regular[sets.batched], sign),
        (row[on_crew], at.overtime[overtime[sets.batched[on_crew]]], sign),
    ]


def _most_made(f, routes):
    """No plan makes more of a product in a month than all its demand and stock, nor more than the
    hours allow."""
    item, crew = f.routes.item[routes], f.routes.resource[routes]
    wanted = np.zeros(len(f.items.codes))
    np.add.at(wanted, f.wants.item, f.wants.demand.sum(axis=1))
    np.add.at(wanted, f.stocks.item, f.stocks.target.max(axis=1))
    each = f.crews.regular_hours + f.crews.overtime_hours
    hours = np.minimum(f.crews.most * each, f.crews.machine_hours)
    hours = np.vstack([hours, np.full((1, len(f.months)), np.inf)])[crew]
    possible = hours / np.maximum(f.routes.hours[routes], 1e-12)
    return np.minimum(np.maximum(wanted[item][:, None], f.routes.lot[routes]), possible)
