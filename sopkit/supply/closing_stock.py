"""Plans that end with the same stock, so that what they cost compares."""

import numpy as np
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import NOTICE, QUANTITIES, Facts, Rules, RuleTerms
from sopkit.model.variables import Solution
from sopkit.tables.keys import Keys, joined

CLOSING = "closing_stock"  # the kind of these rules


def ends_alike(facts: Facts, solution: Solution) -> Facts:
    """The facts, with a rule for each product: its stock at the end is that of the solution."""
    return ends_with(facts, closing_stock(facts, solution))


def closing_stock(facts: Facts, solution: Solution) -> np.ndarray:
    """Stock of each product, or group of them, at the end of the shown months [units]."""
    last, count = facts.shown - 1, len(facts.items.codes)
    stock = quantities.stock_held(facts, solution)[:, last]
    return np.bincount(facts.stocks.item, stock, minlength=count)


def ends_with(facts: Facts, held: np.ndarray) -> Facts:
    """The facts, with a rule for each product: its stock at the end is so much."""
    f, last, count = facts, facts.shown - 1, len(facts.items.codes)
    keys = DataFrame({"kind": CLOSING, "item": f.items.codes, "site": None}).astype("str")
    month, authority = np.full(count, last), np.full(count, NOTICE)
    stocks = np.arange(len(f.stocks.item))
    stock = np.full(len(stocks), QUANTITIES.index("stock"))
    terms = RuleTerms(
        f.stocks.item, stock, stocks, np.full(len(stocks), last), np.ones(len(stocks))
    )
    return f._replace(
        rules=together(f.rules, Rules(Keys(keys), month, authority, held, held.copy(), terms))
    )


def together(one: Rules, other: Rules) -> Rules:
    """The rules of both."""
    later = other.terms._replace(rule=other.terms.rule + len(one.month))
    keys = joined(one.keys, other.keys) if len(one.month) else other.keys
    return Rules(
        keys,
        *(np.concatenate(pair) for pair in zip(one[1:5], other[1:5], strict=True)),
        terms=RuleTerms(*(np.concatenate(pair) for pair in zip(one.terms, later, strict=True))),
    )
