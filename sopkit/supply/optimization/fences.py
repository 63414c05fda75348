"""Firm production, planner's rows, fences and notices in the supply programme.

Every rule may be missed at a price, so that the programme always has an answer. The price is above
any number of unserved units that keeping the rule could cost, and the higher the more authority
the rule has: a planner's row breaks a fence, and a fence a notice, but not the other way round.
"""

import numpy as np

from sopkit.model.parameters import NOTICE, QUANTITIES, Facts
from sopkit.model.variables import Columns, Sets
from sopkit.supply.optimization.rows import incidence, yielded

# price of a unit off a rule of the least authority / of one owed in all months
ABOVE_UNSERVED = 2.0


def rule_terms(
    f: Facts, at: Columns, sets: Sets
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The terms of the rules in variables of the programme.

    Returns
    -------
    a list of (rule, variable, weight), flat arrays of equal length
    """
    found = []
    for number, name in enumerate(QUANTITIES):
        mine = f.rules.terms.quantity == number
        if not mine.any():
            continue
        rule, _, thing, month, weight = (array[mine] for array in f.rules.terms)
        for things, columns in _variables(f, at, sets, name):
            term, row = _matched(thing, things)
            found.append((rule[term], columns[row, month[term]], weight[term]))
    return found


def said_by_rules(f: Facts) -> np.ndarray:
    """Whether released orders, the planner or a frozen month say what a family makes.

    Returns
    -------
    families x months [true or false]
    """
    said = np.zeros((len(f.families.codes), len(f.months)), dtype=bool)
    amounts = (f.rules.keys.frame["kind"] != "rate_change").to_numpy()
    terms = f.rules.terms
    mine = (terms.quantity == QUANTITIES.index("made")) & amounts[terms.rule]
    said[f.items.family[f.stocks.item[terms.thing[mine]]], terms.month[mine]] = True
    return said


def breach_prices(f: Facts, unserved: np.ndarray) -> np.ndarray:
    """Price of a unit, or a worker, off each rule; `unserved` are prices by product and month.

    Returns
    -------
    a column of a price for each rule
    """
    dearest, of_crew = unserved.max(axis=1, initial=0), np.zeros(len(f.crews.codes))
    worked = f.routes.resource >= 0
    hours = np.maximum(f.routes.hours[worked], 1e-12).min(axis=1, initial=np.inf)
    an_hour = dearest[f.routes.item[worked]] / hours
    np.maximum.at(of_crew, f.routes.resource[worked], an_hour)
    each = (f.crews.regular_hours + f.crews.overtime_hours).max(axis=1, initial=0)
    by_quantity = dict.fromkeys(QUANTITIES, of_crew * each)
    by_quantity |= dict.fromkeys(("made", "bought", "stock"), dearest[f.stocks.item])
    price = np.zeros(len(f.rules.month))
    for number, name in enumerate(QUANTITIES):
        mine = f.rules.terms.quantity == number
        np.maximum.at(price, f.rules.terms.rule[mine], by_quantity[name][f.rules.terms.thing[mine]])
    price = np.maximum(price, dearest.max(initial=1.0) / 1000)  # nothing is free to break
    rank = 1 + NOTICE - f.rules.authority
    return (ABOVE_UNSERVED * len(f.months) * 2.0**rank * price)[:, None]


def _variables(f, at, sets, name):
    """Positions of the stocks or crews that have the quantity, and its variables."""
    if name == "made":
        return [(stock, column) for stock, column, _ in yielded(f, at, sets)]
    if name == "bought":
        ways = (f.purchases.stock, at.purchased)
        return [(np.flatnonzero(f.stocks.makes), at.outside), ways]
    if name == "stock":
        return [(np.arange(len(f.stocks.item)), tier) for tier in at.stock]
    return [(np.arange(len(f.crews.codes)), getattr(at, name))]


def _matched(wanted, things):
    """Every pair of a term and a row of variables that are about the same thing."""
    count = 1 + max(wanted.max(initial=0), things.max(initial=0))
    terms, rows = incidence(wanted, count), incidence(things, count)
    return (terms @ rows.T).tocoo().coords
