"""Constraints of purchasing, components and shelf life."""

import numpy as np

from sopkit.master_data.lead_times import order_shares
from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets
from sopkit.supply.optimization.rows import (
    Rows,
    at_most,
    carried,
    exactly,
    leaving,
    numbered,
    position_in,
    yielded,
)


def supply_limit(f: Facts, at: Columns) -> Rows:
    """Units purchased from a source, over all sites, <= what it can have delivered."""
    row = numbered(len(f.purchases.codes), at.regular)
    return at_most(f.purchases.most, row, [(row[f.purchases.source], at.purchased, 1.0)])


def material_balance(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Material left = left before + on order + received - used by what is started or ordered."""
    row = numbered(len(f.materials.codes), at.regular)
    terms = [*carried(row, at.left), (row, at.received, -1.0)]
    for stock, column, route in yielded(f, at, sets):
        used = f.materials.usage[:, f.stocks.item[stock]].tocoo()
        material, place = used.coords
        units = used.data[:, None] * f.routes.started[route[place]]
        terms.append((row[material], column[place], units))
    return exactly(f.materials.coming, row, terms + _ordered_parts(f, at, row))


def _ordered_parts(f, at, row):
    """What goes into a component that is made of others is used when it is ordered, at the
    earliest in the first month."""
    into = f.materials.into.tocoo()
    part, parent = into.coords
    if not len(part):
        return []
    terms = []
    for number in range(len(part)):
        shares = order_shares(f.materials.lead[parent[number]], f.days)
        received, placed = np.nonzero(shares)
        units = into.data[number] * shares[received, placed]
        terms.append((row[part[number], placed], at.received[parent[number], received], units))
    return terms


def shelf_life(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Stock <= what leaves in the months that its youngest unit keeps: the oldest units leave
    first.

    Opening stock counts as fresh, and so does what arrives from another site. Stock of the last
    months may wait for demand after the horizon.
    """
    row = numbered(len(sets.spoiling), at.regular)
    place, keeps = position_in(sets.spoiling, len(f.stocks.item)), f.items.keeps[f.stocks.item]
    terms = [(row, tier[sets.spoiling], 1.0) for tier in at.stock]
    for stock, column in leaving(f, at, sets):
        for age in range(1, len(f.months)):
            due = (place[stock] >= 0) & (keeps[stock] >= age)
            terms.append((row[place[stock[due]], :-age], column[due, age:], -1.0))
    terms += _taken_while_kept(f, at, sets, row, place, keeps)
    known = np.arange(len(f.months)) + keeps[sets.spoiling, None] < len(f.months)
    return at_most(np.where(known, 0.0, np.inf), row, terms)


def _taken_while_kept(f, at, sets, row, place, keeps):
    """What other products take of stock that spoils, in the months it keeps."""
    terms = []
    for stock, column, route in yielded(f, at, sets):
        units = f.assemblies.uses[:, stock].tocoo()
        taken, maker = units.coords
        amount = units.data[:, None] * f.routes.started[route[maker]]
        for age in range(1, len(f.months) if len(taken) else 0):
            due = (place[taken] >= 0) & (keeps[taken] >= age)
            used = -amount[due, age:]
            terms.append((row[place[taken[due]], :-age], column[maker[due], age:], used))
    return terms
