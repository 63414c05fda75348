"""The balances and constraints of the supply programme, each in the shape of the thing x months."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sopkit.master_data.sources import lead_shift
from sopkit.model.parameters import Facts
from sopkit.model.quantities import family_days
from sopkit.model.variables import Columns, Sets, years
from sopkit.supply.optimization.fences import rule_terms, said_by_rules


class Rows(NamedTuple):
    """Constraints: what their sum must be at least and at most, and its terms (row, column,
    coefficient)."""

    lower: np.ndarray
    upper: np.ndarray
    terms: list[tuple]


def constraints(f: Facts, at: Columns, sets: Sets) -> dict[str, Rows]:
    """Every constraint of the programme, by name.

    Returns
    -------
    constraint : its rows, in the shape of the thing x months
    """
    made = [at.regular[sets.worked], at.overtime]
    hours, crews = f.routes.setup_hours[sets.batched], f.routes.resource[sets.batched]
    setups = [(crews[crews >= 0], at.runs[crews >= 0], hours[crews >= 0])]
    return {
        "stock": _stock_balance(f, at, sets),
        "demand": _demand_balance(f, at),
        "workers": _worker_balance(f, at),
        "regular hours": _hours(f, at, made[:1], setups, 0.0, f.crews.regular_hours),
        "overtime hours": _hours(f, at, made[1:], [], 0.0, f.crews.overtime_hours),
        "machine hours": _hours(f, at, made, setups, f.crews.machine_hours, None),
        "storage": _storage(f, at),
        "subcontract limit": _outside_limit(f, at),
        "supply limit": _supply_limit(f, at),
        "material": _material_balance(f, at, sets),
        "steps": _steps(f, at, sets),
        "shelf life": _shelf_life(f, at, sets),
        "batch": _batch(f, at, sets),
        "smallest lot": _smallest_lot(f, at, sets),
        "level rate": _level_rate(f, at, sets),
        "steady pace": _steady_pace(f, at, sets),
        "approved plan": _approved_plan(f, at, sets),
        "rules": _rules(f, at, sets),
        "level workforce": _level_workforce(f, at, sets),
        "part-time posts": _posts(f, at, sets),
        "rate change": _rate_change(f, at, sets),
    }


def _numbered(count, like):
    return np.arange(count * like.shape[-1]).reshape(count, like.shape[-1])


def _at_most(limit, row, terms):
    upper = np.array(np.broadcast_to(limit, row.shape), dtype=float)
    return Rows(np.full(row.shape, -np.inf), upper, terms)


def _exactly(value, row, terms):
    side = np.array(np.broadcast_to(value, row.shape), dtype=float)
    return Rows(side, side.copy(), terms)


def _carried(row, column):
    """A balance's own month and the one it carries over from: this month's value less last
    month's."""
    return [(row, column, 1.0), (row[:, 1:], column[:, :-1], -1.0)]


def _arriving(row, column, lead, sign):
    """What was started arrives after its lead time: a share after whole months, the rest a month
    later."""
    whole, part = lead_shift(lead)
    terms = []
    for months in np.unique(whole):
        which = whole == months
        for late, share in ((months, 1 - part[which]), (months + 1, part[which])):
            moved = slice(0, max(row.shape[1] - late, 0))
            if share.any():
                terms.append((row[which, late:], column[which, moved], sign * share[:, None]))
    return terms


def _stock_balance(f, at, sets):
    """Stock at the end = stock before + what arrives of what is made, bought and moved in +
    receipts - moved out - shipped - wasted - used in other products."""
    row = _numbered(len(f.stocks.item), at.regular)
    made_outside = f.items.outside_lead[f.stocks.item[f.stocks.makes]]
    terms = [term for tier in at.stock for term in _carried(row, tier)]
    for stock, column, route in _yielded(f, at, sets):
        terms += _arriving(row[stock], column, f.routes.lead[route], -1.0)
        terms += _assembled(f, row, stock, column, route)
    terms += _arriving(row[f.stocks.makes], at.outside, made_outside, -1.0)
    terms += _arriving(row[f.moves.to_stock], at.moved, f.moves.lead, -1.0)
    terms.append((row[f.purchases.stock], at.purchased, -1.0))
    terms += [(row[stock], column, 1.0) for stock, column in _leaving(f, at, sets)]
    right = f.stocks.scheduled_receipts.copy()
    right[:, 0] += f.stocks.on_hand
    return _exactly(right, row, terms)


def _assembled(f, row, stock, column, route):
    """What the units that are started take from other stocks, and the co-products they add."""
    terms = []
    for matrix, sign in ((f.assemblies.uses, 1.0), (f.assemblies.adds, -1.0)):
        if matrix.nnz:
            units = matrix[:, stock].tocoo()
            of_stock, place = units.coords
            started = f.routes.started[route[place]] if sign > 0 else 1.0
            terms.append((row[of_stock], column[place], sign * units.data[:, None] * started))
    return terms


def _yielded(f, at, sets):
    """What comes from the last steps: positions of stocks, the columns that add to them, and
    routes."""
    finished = np.flatnonzero(f.routes.yields)
    worked = np.flatnonzero(sets.worked)
    on_crew = f.routes.yields[worked]
    return [
        (f.routes.stock[finished], at.regular[finished], finished),
        (f.routes.stock[worked[on_crew]], at.overtime[on_crew], worked[on_crew]),
    ]


def _leaving(f, at, sets):
    """What leaves each stock: positions of stocks, and the columns that take from them."""
    return [(f.lanes.stock, at.shipped), (f.moves.stock, at.moved), (sets.spoiling, at.wasted)]


def _demand_balance(f, at):
    """Backlog at the end = backlog before + demand - what arrives of what was shipped - lost."""
    row = _numbered(len(f.wants.item), at.regular)
    terms = [*_carried(row, at.backlog), (row, at.lost, 1.0)]
    terms += _arriving(row[f.lanes.want], at.shipped, f.lanes.lead, 1.0)
    return _exactly(f.wants.demand - f.wants.in_transit, row, terms)


def _worker_balance(f, at):
    """Workers = workers before who have not left + hired - laid off."""
    row = _numbered(len(f.crews.codes), at.regular)
    right = np.zeros(row.shape)
    right[:, 0] = f.crews.opening
    terms = [(row, at.workers, 1.0), (row, at.hired, -1.0), (row, at.laid_off, 1.0)]
    terms.append((row[:, 1:], at.workers[:, :-1], f.crews.attrition[:, 1:] - 1.0))
    return _exactly(right, row, terms)


def _hours(f, at, made, setups, limit, hours_per_worker):
    """Hours taken by what is made and set up <= limit + hours of the workers there are."""
    row = _numbered(len(f.crews.codes), at.regular)
    terms = _made_hours(f, row, made)
    terms += [(row[crew], runs, hours) for crew, runs, hours in setups]
    if hours_per_worker is not None:
        terms.append((row, at.workers, -hours_per_worker))
    return _at_most(limit, row, terms)


def _made_hours(f, row, made):
    worked = f.routes.resource >= 0
    return [(row[f.routes.resource[worked]], column, f.routes.hours[worked]) for column in made]


def _storage(f, at):
    """Stock of all products at the site <= limit + rented room."""
    row = _numbered(len(f.stores.codes), at.regular)
    stored = f.stores.of_stock >= 0
    terms = [(row[f.stores.of_stock[stored]], tier[stored], 1.0) for tier in at.stock]
    return _at_most(f.stores.limit, row, [*terms, (row, at.rented, -1.0)])


def _outside_limit(f, at):
    """Subcontracted units of a product, over all sites, <= limit."""
    row = _numbered(len(f.items.codes), at.regular)
    terms = [(row[f.stocks.item[f.stocks.makes]], at.outside, 1.0)]
    return _at_most(f.items.outside_limit, row, terms)


def _supply_limit(f, at):
    """Units purchased from a source, over all sites, <= what it can have delivered."""
    row = _numbered(len(f.purchases.codes), at.regular)
    return _at_most(f.purchases.most, row, [(row[f.purchases.source], at.purchased, 1.0)])


def _material_balance(f, at, sets):
    """Material left = left before + on order + received - used by what is started or ordered."""
    row = _numbered(len(f.materials.codes), at.regular)
    terms = [*_carried(row, at.left), (row, at.received, -1.0)]
    for stock, column, route in _yielded(f, at, sets):
        used = f.materials.usage[:, f.stocks.item[stock]].tocoo()
        material, place = used.coords
        units = used.data[:, None] * f.routes.started[route[place]]
        terms.append((row[material], column[place], units))
    return _exactly(f.materials.coming, row, terms + _ordered_parts(f, at, row))


def _ordered_parts(f, at, row):
    """What goes into a component that is made of others is used when it is ordered, at the
    earliest in the first month."""
    into = f.materials.into.tocoo()
    part, parent = into.coords
    if not len(part):
        return []
    whole, rest = lead_shift(f.materials.lead[parent])
    month = np.arange(row.shape[1])
    terms = []
    for late, share in ((whole, 1 - rest), (whole + 1, rest)):
        placed = np.maximum(month - late[:, None], 0)
        at_row = np.take_along_axis(row[part], placed, axis=1)
        terms.append((at_row, at.received[parent], (into.data * share)[:, None]))
    return terms


def _steps(f, at, sets):
    """What each step before the last makes = what the last step makes, in the same month."""
    early = np.flatnonzero(~f.routes.yields)
    steps, place = np.unique(
        np.stack([f.routes.stock[early], f.routes.step[early]]), axis=1, return_inverse=True
    )
    row = _numbered(steps.shape[1], at.regular)
    group = np.full(len(f.routes.stock), -1)
    group[early] = place.ravel()
    crewed = group[sets.worked]
    terms = [
        (row[group[early]], at.regular[early], 1.0),
        (row[crewed[crewed >= 0]], at.overtime[crewed >= 0], 1.0),
    ]
    of_stock = _incidence(steps[0].astype(int), len(f.stocks.item))
    for stock, column, _ in _yielded(f, at, sets):
        step, route = (of_stock @ _incidence(stock, len(f.stocks.item)).T).tocoo().coords
        terms.append((row[step], column[route], -1.0))
    return _exactly(0.0, row, terms)


def _incidence(position, count):
    """A row for each thing, with 1 in the column of its position."""
    return csr_array(
        (np.ones(len(position)), (np.arange(len(position)), position)), shape=(len(position), count)
    )


def _shelf_life(f, at, sets):
    """Stock <= what leaves in the months that its youngest unit keeps: the oldest units leave
    first.

    Opening stock counts as fresh, and so does what arrives from another site. Stock of the last
    months may wait for demand after the horizon.
    """
    row = _numbered(len(sets.spoiling), at.regular)
    place, keeps = _placed(sets.spoiling, len(f.stocks.item)), f.items.keeps[f.stocks.item]
    terms = [(row, tier[sets.spoiling], 1.0) for tier in at.stock]
    for stock, column in _leaving(f, at, sets):
        for age in range(1, len(f.months)):
            due = (place[stock] >= 0) & (keeps[stock] >= age)
            terms.append((row[place[stock[due]], :-age], column[due, age:], -1.0))
    terms += _taken_while_kept(f, at, sets, row, place, keeps)
    known = np.arange(len(f.months)) + keeps[sets.spoiling, None] < len(f.months)
    return _at_most(np.where(known, 0.0, np.inf), row, terms)


def _taken_while_kept(f, at, sets, row, place, keeps):
    """What other products take of stock that spoils, in the months it keeps."""
    terms = []
    for stock, column, route in _yielded(f, at, sets):
        units = f.assemblies.uses[:, stock].tocoo()
        taken, maker = units.coords
        amount = units.data[:, None] * f.routes.started[route[maker]]
        for age in range(1, len(f.months) if len(taken) else 0):
            due = (place[taken] >= 0) & (keeps[taken] >= age)
            used = -amount[due, age:]
            terms.append((row[place[taken[due]], :-age], column[maker[due], age:], used))
    return terms


def _placed(chosen, count):
    """The place of each thing among the chosen ones; -1 where it is not chosen."""
    place = np.full(count, -1)
    place[chosen] = np.arange(len(chosen))
    return place


def _batch(f, at, sets):
    """What is made <= the most that can be, in a month with a run."""
    row = _numbered(len(sets.batched), at.regular)
    return _at_most(
        0.0, row, [*_batch_made(at, sets, row, 1.0), (row, at.runs, -_most_made(f, sets.batched))]
    )


def _smallest_lot(f, at, sets):
    """The smallest lot <= what is made, in a month with a run."""
    row = _numbered(len(sets.batched), at.regular)
    lot = f.routes.lot[sets.batched]
    return _at_most(0.0, row, [*_batch_made(at, sets, row, -1.0), (row, at.runs, lot)])


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


def _level_rate(f, at, sets):
    """A level family makes the same number of units on every working day of a year from the first
    month on, as far as it can.

    A month in which people say what is made is not held to the rate.
    """
    row = _numbered(len(sets.level), at.regular)
    family = _placed(sets.level, len(f.families.codes))[f.items.family[f.routes.item]]
    worked = sets.worked & (family >= 0)
    place = _placed(sets.level, len(f.families.codes))[f.items.family[f.stocks.item]]
    terms = [
        (row[place[stock[place[stock] >= 0]]], column[place[stock] >= 0], 1.0)
        for stock, column, _ in _yielded(f, at, sets)
    ]
    terms += [(row, at.above, -1.0), (row, at.below, 1.0)]
    days = _family_days(f, family, worked, len(sets.level))
    terms.append((row, _of_year(at.rate, f), -days))
    free = np.where(said_by_rules(f)[sets.level], np.inf, 0.0)
    return Rows(-free, free, terms)


def _begins(f):
    """Whether a year of the plan begins in each month."""
    return np.diff(years(len(f.months)), prepend=-1) > 0


def _of_year(columns, f):
    """The column of its year for each month; years begin with the plan."""
    return columns[:, years(len(f.months))]


def _family_days(f, family, worked, count):
    """Working days of the crews that make each family, on average; 1 in every month where no crew
    does."""
    pairs = np.unique(np.stack([family[worked], f.routes.resource[worked]]), axis=1)
    days, crews = np.zeros((count, len(f.months))), np.zeros((count, 1))
    np.add.at(days, pairs[0], f.crews.days[pairs[1]])
    np.add.at(crews, pairs[0], 1)
    return np.where(crews > 0, days / np.maximum(crews, 1), 1.0)


def _steady_pace(f, at, sets):
    """Hours of a crew = pace x working days + busier - calmer: prefers the steadiest plan."""
    row = _numbered(len(f.crews.codes), at.regular)
    terms = _made_hours(f, row, [at.regular[sets.worked], at.overtime])
    return _exactly(
        0.0,
        row,
        [
            *terms,
            (row, at.busier, -1.0),
            (row, at.calmer, 1.0),
            (row, _of_year(at.pace, f), -f.crews.days),
        ],
    )


def _approved_plan(f, at, sets):
    """Units made and bought = those last approved + more - less, in the months that plan
    reached."""
    row = _numbered(len(sets.approved), at.regular)
    place = _placed(sets.approved, len(f.stocks.item))
    terms = [(row, at.more, -1.0), (row, at.less, 1.0)]
    makes = np.flatnonzero(f.stocks.makes)
    for stock, column, _ in [*_yielded(f, at, sets), (makes, at.outside, makes)]:
        mine = place[stock] >= 0
        terms.append((row[place[stock[mine]]], column[mine], 1.0))
    approved = f.stocks.approved[sets.approved]
    free = np.isnan(approved)
    return Rows(np.where(free, -np.inf, approved), np.where(free, np.inf, approved), terms)


def _rules(f, at, sets):
    """Least <= terms of the rule + under - over <= most."""
    number = np.arange(len(f.rules.month))
    terms = [*rule_terms(f, at, sets), (number, at.over[:, 0], -1.0), (number, at.under[:, 0], 1.0)]
    return Rows(f.rules.least[:, None].copy(), f.rules.most[:, None].copy(), terms)


def _level_workforce(f, at, sets):
    """A crew that stays replaces those who leave, once it may hire, and hires nobody else."""
    crews = np.flatnonzero(sets.steady & (f.crews.attrition > 0).any(axis=1))
    row, month = _numbered(len(crews), at.regular), np.arange(len(f.months))
    free = (month <= f.crews.hire_from[crews, None]) | _begins(f)
    terms = [(row, at.hired[crews], 1.0)]
    terms.append((row[:, 1:], at.workers[crews, :-1], -f.crews.attrition[crews, 1:]))
    return Rows(np.where(free, -np.inf, 0.0), np.where(free, np.inf, 0.0), terms)


def _posts(f, at, sets):
    """Workers of a crew = its posts x the size of the smallest."""
    row = _numbered(len(sets.parted), at.regular)
    size = f.crews.post[sets.parted][:, None]
    return _exactly(0.0, row, [(row, at.workers[sets.parted], 1.0), (row, at.posts, -size)])


def _rate_change(f, at, sets):
    """Units a working day = those of the month before + faster - slower; the first is free."""
    row = _numbered(len(sets.paced), at.regular)
    place = _placed(sets.paced, len(f.families.codes))[f.items.family[f.stocks.item]]
    a_day = 1.0 / np.maximum(family_days(f)[sets.paced], 1e-9)
    terms = [(row, at.faster, -1.0), (row, at.slower, 1.0)]
    for stock, column, _ in _yielded(f, at, sets):
        mine, family = place[stock] >= 0, place[stock]
        family, units = family[mine], column[mine]
        terms.append((row[family], units, a_day[family]))
        terms.append((row[family, 1:], units[:, :-1], -a_day[family, :-1]))
    free = np.arange(len(f.months)) == 0
    side = np.broadcast_to(np.where(free, np.inf, 0.0), row.shape)
    return Rows(-side, side.copy(), terms)
