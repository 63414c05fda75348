"""Constraints of the production rate: level, changed at a cost, and as last approved."""

import numpy as np

from sopkit.model.parameters import Facts
from sopkit.model.quantities import family_days
from sopkit.model.variables import Columns, Sets
from sopkit.supply.optimization.fences import said_by_rules
from sopkit.supply.optimization.rows import Rows, numbered, of_year, position_in, yielded


def level_rate(f: Facts, at: Columns, sets: Sets) -> Rows:
    """A level family makes the same number of units on every working day of a year from the first
    month on, as far as it can.

    A month in which people say what is made is not held to the rate.
    """
    row = numbered(len(sets.level), at.regular)
    place = position_in(sets.level, len(f.families.codes))[f.items.family[f.stocks.item]]
    terms = [
        (row[place[stock[place[stock] >= 0]]], column[place[stock] >= 0], 1.0)
        for stock, column, _ in yielded(f, at, sets)
    ]
    terms += [(row, at.above, -1.0), (row, at.below, 1.0)]
    terms.append((row, of_year(at.rate, f), -family_days(f)[sets.level]))
    free = np.where(said_by_rules(f)[sets.level], np.inf, 0.0)
    return Rows(-free, free, terms)


def rate_change(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Units a working day = those of the month before + faster - slower; the first is free."""
    row = numbered(len(sets.paced), at.regular)
    place = position_in(sets.paced, len(f.families.codes))[f.items.family[f.stocks.item]]
    a_day = 1.0 / np.maximum(family_days(f)[sets.paced], 1e-9)
    terms = [(row, at.faster, -1.0), (row, at.slower, 1.0)]
    for stock, column, _ in yielded(f, at, sets):
        mine, family = place[stock] >= 0, place[stock]
        family, units = family[mine], column[mine]
        terms.append((row[family], units, a_day[family]))
        terms.append((row[family, 1:], units[:, :-1], -a_day[family, :-1]))
    free = np.arange(len(f.months)) == 0
    side = np.broadcast_to(np.where(free, np.inf, 0.0), row.shape)
    return Rows(-side, side.copy(), terms)


def approved_plan(f: Facts, at: Columns, sets: Sets) -> Rows:
    """Units made and bought = those last approved + more - less, in the months that plan
    reached."""
    row = numbered(len(sets.approved), at.regular)
    place = position_in(sets.approved, len(f.stocks.item))
    terms = [(row, at.more, -1.0), (row, at.less, 1.0)]
    makes = np.flatnonzero(f.stocks.makes)
    for stock, column, _ in [*yielded(f, at, sets), (makes, at.outside, makes)]:
        mine = place[stock] >= 0
        terms.append((row[place[stock[mine]]], column[mine], 1.0))
    approved = f.stocks.approved[sets.approved]
    free = np.isnan(approved)
    return Rows(np.where(free, -np.inf, approved), np.where(free, np.inf, approved), terms)
