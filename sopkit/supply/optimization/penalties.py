"""Prices of what is not served, and of stock below its target: what they must exceed.

Demand is never refused to save money, whatever the product earns: that is a decision for the
meeting. So a unit never delivered is dearer than all that serving it can take: making it the
dearest way in a set-up and a smallest lot of its own, hiring and laying off for it, keeping it
through the whole plan, every transfer, freight and rented room. A unit below target for a year is
worth as much, so that policy is met as far as hours and material go; a unit never delivered is
dearer than one below target through the whole plan, so that policy is no reason to refuse demand.
Where there is a target, a customer who waits a year is worth one lost, so that safety stock serves
customers first.

Where a unit sells for more than all that, its price is taken: what is short goes to those who bring
most.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sopkit.model.parameters import Facts
from sopkit.model.quantities import NOTHING
from sopkit.model.variables import Sets
from sopkit.tables.periods import YEAR

SHORTFALL = 0.5  # a unit below target for a month, as a share of the backlog cost, in money
NEARER = 0.9  # what is scarce goes to demand that is near
OVER = 1.01  # what is to come first is dearer by this


class Penalties(NamedTuple):
    """Prices of a unit, products x months."""

    unserved: np.ndarray  # never delivered
    missed: np.ndarray  # below target at a month's end
    owed: np.ndarray  # owed at a month's end
    lump: np.ndarray  # share of a set-up and of a smallest lot in a unit of the least month
    nearer: float  # share by which a unit lost in the first month is dearer than one in the last


def ranking(f: Facts, sets: Sets, dearest: np.ndarray) -> Penalties:
    """Penalties by which plans are ranked, so that demand and policy go before money.

    They are the same in all months but for `owed`, so that dearer months do not take from cheaper.
    A unit below target in one month is worth less than what demand of that month is dearer than
    that of the next: stock is not kept from customers of today for a later target.
    """
    lump, late = _of_a_run(f, dearest), f.items.late
    own = with_what_goes_in(f, _of_staff(f, sets) + lump)
    serving = OVER * dearest + own + _of_keeping(f) + _of_sending(f)
    unserved = _most(np.maximum(f.items.price, serving) + late + f.items.lost)
    unserved = np.where(unserved > 0, unserved, 1.0)
    missed = unserved / (OVER * YEAR)
    unserved = unserved * max(YEAR, len(f.months)) / (NEARER * YEAR)
    kept = np.zeros(dearest.shape)
    np.maximum.at(kept, f.stocks.item, f.stocks.target - f.stocks.least)
    owed = np.where(kept > 0, np.maximum(late, unserved / YEAR), late)
    return Penalties(unserved, missed, owed, _most(lump), NEARER)


def in_money(f: Facts, dearest: np.ndarray) -> Penalties:
    """Penalties near to what people pay, for the worth of one unit more of a limit: lost sales at
    their price."""
    freight = np.zeros((len(f.items.codes), len(f.months)))
    np.maximum.at(freight, f.wants.item[f.lanes.want], f.lanes.freight)
    supply = OVER * dearest + f.items.holding + freight
    unserved = np.maximum(f.items.price, supply) + f.items.late + f.items.lost
    late = f.items.late
    return Penalties(_most(unserved), SHORTFALL * late, late, np.zeros(dearest.shape), 0.0)


def _most(prices):
    """The highest price of each product, in every month."""
    return np.broadcast_to(prices.max(axis=1, keepdims=True, initial=0.0), prices.shape)


def by_steps(f: Facts, prices: np.ndarray) -> np.ndarray:
    """The dearest route of each step of a product, all steps added up: products x months."""
    steps, place = np.unique(np.stack([f.routes.item, f.routes.step]), axis=1, return_inverse=True)
    of_step = np.zeros((steps.shape[1], len(f.months)))
    total = np.zeros((len(f.items.codes), len(f.months)))
    np.maximum.at(of_step, place.ravel(), prices)
    np.add.at(total, steps[0].astype(int), of_step)
    return total


def with_what_goes_in(f: Facts, cost: np.ndarray) -> np.ndarray:
    """Cost of each product with that of the products it takes, through all levels."""
    part, whole = f.assemblies.uses.tocoo().coords
    if not len(part):
        return cost
    lost = np.ones(len(cost))
    np.maximum.at(lost, f.routes.item, f.routes.started.reshape(len(f.routes.item), -1).max(axis=1))
    pairs, first = np.unique(
        np.stack([f.stocks.item[whole], f.stocks.item[part]]), axis=1, return_index=True
    )
    units = f.assemblies.uses.tocoo().data[first] * lost[pairs[0]]
    taken = csr_array((units, tuple(pairs)), shape=(len(cost), len(cost)))
    total = inside = cost
    while inside.any():
        inside = taken @ inside
        total = total + inside
    return total


def _least_month(f):
    """Units of the least month in which each product is wanted; no less than is called short."""
    wanted = np.zeros((len(f.items.codes), len(f.months)))
    np.add.at(wanted, f.wants.item, f.wants.demand)
    least = np.where(wanted > 0, wanted, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), np.maximum(least, NOTHING), 1.0)


def _a_worker(f, stay):
    """Cost of an hour of a worker who is hired for it, kept for `stay` months and laid off."""
    hours = f.crews.regular_hours
    coming = np.divide(
        f.crews.hire_cost + f.crews.layoff_cost, hours, out=np.zeros(hours.shape), where=hours > 0
    )
    return coming + stay[:, None] * f.crews.regular_wage


def _of_staff(f, sets):
    """Cost of hiring for a unit, whole workers for a month's least demand: products x months."""
    stay = np.where(sets.steady, YEAR, 1)
    crew, units = f.routes.resource, _least_month(f)[f.routes.item][:, None]
    hours, an_hour = f.crews.regular_hours, _a_worker(f, stay)
    whole = np.where(f.crews.whole, f.crews.post, 0.0)[:, None] * hours
    nobody = np.zeros((1, len(f.months)))
    an_hour, whole = (np.vstack([grid, nobody])[crew] for grid in (an_hour, whole))
    return by_steps(f, an_hour * np.maximum(f.routes.hours, whole / units))


def _of_a_run(f, dearest):
    """Cost of a set-up, and of what a smallest lot makes too much, for a unit of the least
    month."""
    units = _least_month(f)[:, None]
    an_hour = np.vstack([_a_worker(f, np.ones(len(f.crews.codes))), np.zeros((1, len(f.months)))])
    setting_up = f.routes.setup_cost + f.routes.setup_hours * an_hour[f.routes.resource]
    lot = np.zeros((len(f.items.codes), len(f.months)))
    np.maximum.at(lot, f.routes.item, f.routes.lot)
    beyond = np.maximum(lot - units, 0.0) * (dearest + len(f.months) * f.items.holding)
    return (by_steps(f, setting_up) + beyond) / units


def _of_keeping(f):
    """Cost of keeping a unit through the whole plan, in rented room where there is any."""
    rent = np.zeros((len(f.items.codes), len(f.months)))
    stored = f.stores.of_stock >= 0
    room = np.nan_to_num(f.stores.rent)[f.stores.of_stock[stored]]
    np.maximum.at(rent, f.stocks.item[stored], room)
    return len(f.months) * (f.items.holding + rent)


def _of_sending(f):
    """Cost of sending a unit through every site that passes the product on, and to a market."""
    freight, passing = (
        np.zeros((len(things), len(f.months))) for things in (f.items.codes, f.stocks.item)
    )
    np.maximum.at(freight, f.wants.item[f.lanes.want], f.lanes.freight)
    np.maximum.at(passing, f.moves.stock, f.moves.freight)
    np.add.at(freight, f.stocks.item, passing)
    return freight
