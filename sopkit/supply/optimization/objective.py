"""The objective of the supply programme: costs, and penalties that only rank plans.

What is not served and what misses its target have the prices of `penalties`. At the end of the last
month that is planned, target stock and served demand are worth what a unit costs to make, for
running stock down is no saving.
"""

from typing import NamedTuple

import numpy as np

from sopkit.model.parameters import Facts
from sopkit.model.variables import Sets
from sopkit.supply.optimization.fences import breach_prices
from sopkit.supply.optimization.penalties import (
    by_steps,
    in_money,
    ranking,
    with_what_goes_in,
)

# a unit below the least stock or without room for a month, as a multiple of one never delivered
FIRM = 2.0
BOUND = 10.0  # a unit off a rate or a plan that is given, as a multiple of one never delivered
PREFERENCE = 1e-5  # share of the cost of making that decides between two equal plans
STEADY = 1e-5  # the same of an hour off a crew's steady pace
PATIENCE = 1e-6  # the same of a unit in stock for a month
FAITHFUL = 1e-7  # the same of a unit more or less than last approved


class Prices(NamedTuple):
    """Price of a unit of each variable, in the shape of the thing x months."""

    regular: np.ndarray
    overtime: np.ndarray
    outside: np.ndarray
    shipped: np.ndarray
    moved: np.ndarray
    stock: np.ndarray
    wasted: np.ndarray
    backlog: np.ndarray
    lost: np.ndarray
    workers: np.ndarray
    hired: np.ndarray
    laid_off: np.ndarray
    rented: np.ndarray
    purchased: np.ndarray
    runs: np.ndarray
    busier: np.ndarray
    calmer: np.ndarray
    above: np.ndarray
    below: np.ndarray
    more: np.ndarray
    less: np.ndarray
    faster: np.ndarray
    slower: np.ndarray
    over: np.ndarray
    under: np.ndarray


def supply_prices(
    f: Facts, sets: Sets, chase: np.ndarray, fixed: np.ndarray
) -> tuple[Prices, Prices]:
    """Price every variable: as plans are ranked, and as one unit more of a limit is valued.

    `chase` and `fixed` say of each family whether it chases demand or keeps its approved plan.
    """
    cost = _max_unit_cost(f)
    dearest = np.where(cost > 0, cost, np.where(f.items.price > 0, f.items.price, 1.0))
    ranked, valued = (
        _prices(f, sets, (chase[f.items.family], fixed), dearest, penalties)
        for penalties in (ranking(f, sets, cost), in_money(f, cost))
    )
    free = np.zeros(valued.over.shape)
    return ranked, valued._replace(over=free, under=free)


def _prices(f, sets, modes, dearest, penalties):
    (chased, fixed), unserved = modes, penalties.unserved
    crew, month = f.routes.resource, np.ones(len(f.months))
    sites = f.stocks.site.max(initial=0) + 1
    by_site = PREFERENCE * (f.stocks.site / sites)[:, None] * dearest[f.stocks.item]
    by_crew = PREFERENCE * (crew / (len(f.crews.codes) + 1))[:, None] * dearest[f.routes.item]
    material = np.where(f.routes.yields[:, None], f.items.material[f.routes.item], 0.0)
    regular = material + f.routes.making
    regular = regular + np.where(crew[:, None] >= 0, by_crew, by_site[f.routes.stock])
    paid = _of_routes(f, f.crews.overtime_wage) * f.routes.hours
    pace = _pace(f, dearest)[:, None] * month
    breach = breach_prices(f, unserved)
    penalty = _level_deviation_penalty(f, unserved)[sets.level, None] * month
    unfaithful = _plan_change_penalty(f, dearest, unserved, fixed)[sets.approved]
    return Prices(
        regular=regular,
        overtime=(regular + paid)[crew >= 0],
        outside=np.nan_to_num((f.items.outside[f.stocks.item] + by_site)[f.stocks.makes]),
        shipped=f.lanes.freight + by_site[f.lanes.stock],
        moved=_moving(f, dearest),
        stock=_stock(f, dearest, penalties, chased),
        wasted=_waste(f, dearest)[f.stocks.item[sets.spoiling]],
        backlog=_backlog(f, dearest, penalties, chased),
        lost=_lost(f, penalties),
        workers=f.crews.regular_hours * f.crews.regular_wage,
        hired=f.crews.hire_cost,
        laid_off=f.crews.layoff_cost,
        rented=_room(f, unserved),
        purchased=f.purchases.cost + f.purchases.freight + by_site[f.purchases.stock],
        runs=f.routes.setup_cost[sets.batched],
        busier=pace,
        calmer=pace,
        above=penalty,
        below=penalty,
        more=unfaithful,
        less=unfaithful,
        faster=f.families.rate_up[sets.paced, None] * month,
        slower=f.families.rate_down[sets.paced, None] * month,
        over=breach,
        under=breach,
    )


def _max_unit_cost(f):
    """Cost of one more unit of each product by its dearest way through all steps of making it, with
    the products that go into it."""
    wage = _of_routes(f, np.maximum(f.crews.regular_wage, f.crews.overtime_wage))
    making = by_steps(f, f.routes.making + f.routes.hours * wage)
    cost = np.fmax(f.items.material + making, f.items.outside)
    landed = f.purchases.cost + f.purchases.freight
    np.maximum.at(cost, f.stocks.item[f.purchases.stock], landed)
    return with_what_goes_in(f, cost)


def _of_routes(f, by_crew):
    """What each route takes of its crew, crews x months; 0 without one."""
    return np.vstack([by_crew, np.zeros((1, len(f.months)))])[f.routes.resource]


def _refill(f, dearest):
    return 1.01 * dearest + f.items.holding


def _stock(f, dearest, penalties, chased):
    """Price of a unit in stock: up to the least, up to the target, up to the most, and above."""
    item, unserved = f.stocks.item, penalties.unserved
    chased = chased[item][:, None]
    holding = f.items.holding[item] + PATIENCE * dearest[item]
    missed = penalties.missed[item].copy()
    missed[:, -1] = np.maximum(missed[:, -1], _refill(f, dearest)[item, -1])
    least = np.maximum(missed, FIRM * unserved[item])
    extra = np.where(chased, unserved[item], 0.0)
    full = extra + FIRM * unserved[item]
    return np.stack([holding - least, holding - missed, holding + extra, holding + full])


def _moving(f, dearest):
    """Price of a unit sent to another site, a little more the earlier: stock waits where it was
    made."""
    early = np.arange(len(f.months), 0, -1) / len(f.months)
    return f.moves.freight + PREFERENCE * (1 + early) * dearest[f.stocks.item[f.moves.stock]]


def _waste(f, dearest):
    """Price of a unit thrown away: what it cost, and more the earlier, so that it is kept as long
    as it may be sold."""
    to_come = np.cumsum(f.items.holding[:, ::-1], axis=1)[:, ::-1]
    months = np.arange(len(f.months), 0, -1)
    return dearest + to_come + 2 * PREFERENCE * dearest * months


def _backlog(f, dearest, penalties, chased):
    """Price of a unit owed at the month's end; owed when the plan ends, it is never delivered, and
    a run is not put off beyond the shown months."""
    owed = penalties.owed + 2 * PREFERENCE * dearest
    late = np.where(chased[:, None], penalties.unserved, owed)[f.wants.item]
    late[:, f.shown - 1] += penalties.lump[f.wants.item, -1]
    late[:, -1] += penalties.unserved[f.wants.item, -1]
    return late


def _lost(f, penalties):
    """Price of a unit lost, the more the earlier: what is scarce goes to demand that is near."""
    left = np.arange(len(f.months), 0, -1) / len(f.months)
    return (penalties.unserved * (1 + penalties.nearer * left))[f.wants.item]


def _room(f, unserved):
    """Price of a unit above the limit: the rent, or where no room can be rented more than any unit
    there is worth."""
    stored = f.stores.of_stock >= 0
    dearest = np.zeros(len(f.stores.codes))
    np.maximum.at(
        dearest,
        f.stores.of_stock[stored],
        FIRM * unserved.max(axis=1, initial=0)[f.stocks.item[stored]],
    )
    return np.where(np.isnan(f.stores.rent), dearest[:, None], f.stores.rent)


def _pace(f, dearest):
    """Price of an hour off a crew's steady pace."""
    worked = f.routes.resource >= 0
    dear = np.zeros(len(f.crews.codes))
    an_hour = dearest[f.routes.item[worked]] / np.maximum(f.routes.hours[worked], 1e-12)
    np.maximum.at(dear, f.routes.resource[worked], an_hour.max(axis=1, initial=0))
    return STEADY * dear


def _level_deviation_penalty(f, unserved):
    """Price of a unit made above or below a family's level rate."""
    dearest = np.zeros(len(f.families.codes))
    np.maximum.at(dearest, f.items.family, unserved.max(axis=1, initial=0))
    return BOUND * dearest


def _plan_change_penalty(f, dearest, unserved, fixed):
    """Price of a unit made more or less than last approved, by stock."""
    family = f.items.family[f.stocks.item]
    asked = np.maximum(f.families.plan_change_cost[family, None], FAITHFUL * dearest[f.stocks.item])
    return np.where(fixed[family, None], BOUND * unserved[f.stocks.item], asked)
