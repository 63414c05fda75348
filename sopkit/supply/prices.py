"""What everything costs in the supply programme: money, and prices that only rank plans.

Demand is never refused to save money, whatever the product earns: that is a decision for the meeting. So a unit never
delivered is dearer than any way of making it. Stock below target is cheaper than backlog. At the end of the horizon
target stock and served demand are worth what a unit costs to make, for running stock down is no saving.
"""

from typing import NamedTuple

import numpy as np

SHORTFALL = 0.5  # a unit below target for a month, as a share of the backlog cost
NO_ROOM = 2.0  # a unit without room for a month, as a multiple of the highest backlog cost at the site
PREFERENCE = 1e-5  # share of the cost of making that settles which of two equal plans is taken


class Prices(NamedTuple):
    """Price of a unit of each variable, in the shape of the thing x months."""

    regular: np.ndarray
    overtime: np.ndarray
    outside: np.ndarray
    shipped: np.ndarray
    stock: np.ndarray
    backlog: np.ndarray
    lost: np.ndarray
    workers: np.ndarray
    hired: np.ndarray
    laid_off: np.ndarray
    rented: np.ndarray
    astray: np.ndarray


def supply_prices(facts, chased):
    """Price every variable; `chased` says for each product whether supply chases its demand."""
    f, crew = facts, facts.routes.resource
    dearest = _dearest(f)
    unserved = _unserved(f, dearest)
    sites = f.stocks.site.max(initial=0) + 1
    by_site = PREFERENCE * (f.stocks.site / sites)[:, None] * dearest[f.stocks.item]
    by_crew = PREFERENCE * (crew / (len(f.crews.codes) + 1))[:, None] * dearest[f.routes.item]
    regular = f.items.material[f.routes.item] + f.routes.making[:, None]
    regular = regular + np.where(crew[:, None] >= 0, by_crew, by_site[f.routes.stock])
    paid = np.append(f.crews.overtime_wage, 0.0)[crew] * f.routes.hours
    month = np.ones(len(f.months))
    return Prices(
        regular=regular,
        overtime=(regular + paid[:, None])[crew >= 0],
        outside=np.nan_to_num((f.items.outside[f.stocks.item] + by_site)[f.stocks.makes]),
        shipped=f.lanes.freight[:, None] + by_site[f.lanes.stock],
        stock=_stock(f, dearest, unserved, chased),
        backlog=_backlog(f, dearest, unserved, chased),
        lost=unserved[f.wants.item],
        workers=f.crews.regular_hours * f.crews.regular_wage[:, None],
        hired=f.crews.hire_cost[:, None] * month,
        laid_off=f.crews.layoff_cost[:, None] * month,
        rented=_room(f)[:, None] * month,
        astray=_astray(f, unserved)[:, None] * month,
    )


def _dearest(f):
    """Cost of one more unit of each product by its dearest way of making it."""
    wage = np.append(np.maximum(f.crews.regular_wage, f.crews.overtime_wage), 0.0)[f.routes.resource]
    making = np.zeros(len(f.items.codes))
    np.maximum.at(making, f.routes.item, f.routes.making + f.routes.hours * wage)
    return np.fmax(f.items.material + making[:, None], f.items.outside)


def _refill(f, dearest):
    return 1.01 * dearest + f.items.holding


def _unserved(f, dearest):
    """Price of a unit never delivered, by product."""
    freight = np.zeros(len(f.items.codes))
    np.maximum.at(freight, f.wants.item[f.lanes.want], f.lanes.freight)
    supply = _refill(f, dearest) + freight[:, None]
    return np.maximum(f.items.price, supply) + f.items.late + f.items.lost


def _stock(f, dearest, unserved, chased):
    """Price of a unit in stock: up to the least, up to the target, up to the most, and above."""
    item = f.stocks.item
    chased = chased[item][:, None]
    holding = f.items.holding[item] + PREFERENCE * dearest[item]
    missed = SHORTFALL * np.where(chased, unserved[item], f.items.late[item])
    missed[:, -1] = np.maximum(missed[:, -1], _refill(f, dearest)[item, -1])
    least = np.maximum(missed, unserved[item])
    extra = np.where(chased, unserved[item], 0.0)
    return np.stack(
        [holding - least, holding - missed, holding + extra, holding + extra + f.items.late[item]]
    )


def _backlog(f, dearest, unserved, chased):
    """Price of a unit owed at the month's end; owed at the end of the horizon, it is never delivered."""
    late = np.where(chased[:, None], unserved, f.items.late + 2 * PREFERENCE * dearest)[f.wants.item]
    late[:, -1] += unserved[f.wants.item, -1]
    return late


def _room(f):
    """Price of a unit above the limit: the rent, or where no room can be rented twice the dearest delay."""
    stored = f.stores.of_stock >= 0
    dearest = np.zeros(len(f.stores.codes))
    np.maximum.at(dearest, f.stores.of_stock[stored], f.items.late.max(axis=1)[f.stocks.item[stored]])
    return np.where(np.isnan(f.stores.rent), NO_ROOM * dearest, f.stores.rent)


def _astray(f, unserved):
    """Price of a unit made above or below a family's level rate: that of a unit never delivered."""
    dearest = np.zeros(len(f.items.families))
    np.maximum.at(dearest, f.items.family, unserved.max(axis=1))
    return dearest
