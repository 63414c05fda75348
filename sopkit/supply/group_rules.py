"""Rules of people for products that are planned in groups.

A product that a rule names is planned individually. A rule of a family, and a notice for all,
counts a group by the products in its mean standard unit; frozen production of the plan last
approved is that of the group's products together.
"""

import numpy as np

from sopkit.model.parameters import QUANTITIES, Facts, Rules, RuleTerms
from sopkit.supply.closing_stock import together
from sopkit.tables.keys import Keys

OF_STOCKS = [QUANTITIES.index(name) for name in ("made", "bought", "stock")]
FROZEN = "frozen_production"


def ruled_products(f: Facts) -> np.ndarray:
    """Positions of the products that a rule names, but for production frozen as approved."""
    named = f.rules.keys.frame["item"].where(f.rules.keys.frame["kind"] != FROZEN)
    return np.unique(f.items.codes.get_indexer(named[named.isin(f.items.codes)].unique()))


def grouped_rules(
    f: Facts,
    several: np.ndarray,
    unit: np.ndarray,
    share: np.ndarray,
    codes: np.ndarray,
    of_stock: np.ndarray,
) -> Rules:
    """The rules with groups in the place of products.

    Parameters
    ----------
    several : whether the group of each product has others
    unit : standard units that one unit of each product is
    share : units of each product in a mean standard unit of its group
    codes : the group of each product, by name
    of_stock : the groups' stock of each stock
    """
    rules, terms = f.rules, f.rules.terms
    counted = np.isin(terms.quantity, OF_STOCKS)
    stock = np.where(counted, terms.thing, 0) if len(f.stocks.item) else terms.thing
    item = f.stocks.item[stock] if len(f.stocks.item) else stock
    in_group = counted & several[item]
    weight = np.where(in_group, terms.weight * share[item], terms.weight)
    moved = terms._replace(thing=np.where(counted, of_stock[stock], terms.thing), weight=weight)
    frozen = (rules.keys.frame["kind"] == FROZEN).to_numpy()
    summed = np.zeros(len(frozen), dtype=bool)
    summed[terms.rule[in_group & frozen[terms.rule]]] = True
    if not summed.any():
        return rules._replace(terms=moved)
    return together(_kept(rules, moved, ~summed), _frozen(f, rules, unit, codes, of_stock, summed))


def _kept(rules: Rules, terms: RuleTerms, chosen: np.ndarray) -> Rules:
    """Some of the rules, with their terms."""
    number = np.cumsum(chosen) - 1
    mine = chosen[terms.rule]
    kept = RuleTerms(*(array[mine] for array in terms))
    return Rules(
        Keys(rules.keys.frame[chosen]),
        *(array[chosen] for array in rules[1:5]),
        terms=kept._replace(rule=number[kept.rule]),
    )


def _frozen(f, rules, unit, codes, of_stock, summed):
    """Frozen production of each group's stock and month, in standard units."""
    first = np.flatnonzero(summed[rules.terms.rule])
    rule, stock = rules.terms.rule[first], rules.terms.thing[first]
    item = f.stocks.item[stock]
    keys = np.stack([of_stock[stock], rules.month[rule]])
    pairs, place = np.unique(keys, axis=1, return_inverse=True)
    units = np.bincount(place.ravel(), rules.least[rule] * unit[item], minlength=pairs.shape[1])
    start = np.unique(place.ravel(), return_index=True)[1]
    frame = rules.keys.frame.iloc[rule[start]].assign(item=codes[item[start]])
    count = np.arange(len(units))
    made = np.full(len(units), QUANTITIES.index("made"))
    return Rules(
        Keys(frame),
        month=pairs[1],
        authority=rules.authority[rule[start]],
        least=units,
        most=units.copy(),
        terms=RuleTerms(count, made, pairs[0], pairs[1], np.ones(len(units))),
    )
