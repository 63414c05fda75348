"""Shadow prices: limits that hold a solved supply plan back, and what one more unit would save."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import Facts
from sopkit.model.quantities import NEAR
from sopkit.model.variables import Solution
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

NEAR_LIMIT = 0.98  # share of a limit from which it is reported though it costs nothing yet


def shadow_prices(facts: Facts, solution: Solution) -> ArrayTable:
    """Shadow prices of limits that bind, or nearly.

    With whole workers, the value of an hour is that with the number of workers as planned. The
    limit of a supply is what is there in the month: parts left over and parts that can arrive.

    Returns
    -------
    constraint, item, period : limit, used [the limit's unit], shadow_price [money per unit of the
        limit, in the prices of the programme: lost sales at their price]
    """
    found = _limits(facts, solution)
    value, limits, taken = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (np.where(solution.savings[name] > NEAR, solution.savings[name], 0.0), limit, used)
                for name, (_, limit, used) in found.items()
            ),
            strict=True,
        )
    )
    bound = (value > 0) | ((taken > NEAR) & (taken >= NEAR_LIMIT * limits))
    columns = {"limit": limits, "used": taken, "shadow_price": value}
    keys = _of_limits(
        facts.crews.codes,
        facts.stores.codes,
        facts.items.codes,
        facts.purchases.codes,
        facts.materials.codes,
    )
    return ArrayTable(keys, facts.months, columns, np.isfinite(limits) & bound)


class CostlyLimit(NamedTuple):
    """A limit with a shadow price, and what all that is used of it saves."""

    constraint: str
    row: np.intp
    item: str
    worth: float  # money, in the prices of the programme


def costly_limits(facts: Facts, solution: Solution) -> list[CostlyLimit]:
    """The limits with a shadow price, the one that is worth most first."""
    found = []
    for constraint, (codes, limit, used) in _limits(facts, solution).items():
        value = np.where(np.isfinite(limit), solution.savings[constraint], 0.0)
        worth = (np.where(value > NEAR, value, 0.0) * used).sum(axis=1)
        found += [
            CostlyLimit(constraint, row, codes[row], float(worth[row]))
            for row in np.flatnonzero((value > NEAR).any(axis=1))
        ]
    return sorted(found, key=lambda one: -one.worth)


def _limits(f, solution):
    """Each limit of the programme with what it is about, what it allows and what the plan takes."""
    crews, plan = f.crews, solution.columns
    workers = quantities.clean(plan.workers)
    regular, overtime = quantities.crew_hours(f, solution)
    inventory = quantities.inventory(f, quantities.flows(f, solution))
    stored, outside = (
        np.zeros((len(f.stores.codes), len(f.months))),
        np.zeros(f.items.outside_limit.shape),
    )
    held = f.stores.of_stock >= 0
    np.add.at(stored, f.stores.of_stock[held], inventory[held])
    np.add.at(outside, f.stocks.item[f.stocks.makes], quantities.clean(plan.outside))
    there = f.materials.coming + f.materials.receivable
    there[:, 1:] += quantities.clean(plan.left)[:, :-1]
    used = f.materials.coming + quantities.clean(plan.received) - quantities.clean(plan.left)
    used[:, 1:] += quantities.clean(plan.left)[:, :-1]
    bought = np.zeros(f.purchases.most.shape)
    np.add.at(bought, f.purchases.source, quantities.clean(plan.purchased))
    return {
        "regular hours": (crews.codes, workers * crews.regular_hours, regular),
        "overtime hours": (crews.codes, workers * crews.overtime_hours, overtime),
        "machine hours": (crews.codes, crews.machine_hours, regular + overtime),
        "max workers": (crews.codes, crews.most, workers),
        "storage": (f.stores.codes, f.stores.limit, stored),
        "subcontract limit": (f.items.codes, f.items.outside_limit, outside),
        "supply limit": (f.purchases.codes, f.purchases.most, bought),
        "material": (f.materials.codes, there, used),
    }


@remembered
def _of_limits(
    crews: pd.Index, stores: pd.Index, products: pd.Index, sources: pd.Index, materials: pd.Index
) -> Keys:
    """What the limits of the programme are about, in the order of `_limits`."""
    of_crews = ("regular hours", "overtime hours", "machine hours", "max workers")
    things = [*((name, crews) for name in of_crews), ("storage", stores)]
    things += [("subcontract limit", products), ("supply limit", sources), ("material", materials)]
    frames = [
        DataFrame(
            {
                "constraint": pd.array([name] * len(codes), dtype="str"),
                "item": pd.array(codes, dtype="str"),
            }
        )
        for name, codes in things
    ]
    return Keys(pd.concat(frames, ignore_index=True))
