"""The one linear programme of the supply review.

It makes, buys, ships, stores, hires and delays so that demand is served at least cost. It always has an answer: what
cannot be served is backlog or lost, what cannot be stored is rented, stock may miss its target, each at a price.
"""

from itertools import pairwise
from typing import NamedTuple

import highspy
import numpy as np
from scipy.sparse import coo_array

from sopkit.supply.prices import supply_prices

EXACT_NUMBERS = 12  # up to so many whole numbers (crews x months) are searched for the best
EXACT_GAP = 1e-6  # share of the objective by which the best so found may miss


class Columns(NamedTuple):
    """Position of each variable in the programme, in the shape of the thing x months."""

    regular: np.ndarray  # routes
    overtime: np.ndarray  # routes on a resource
    outside: np.ndarray  # stocks that are made
    shipped: np.ndarray  # lanes
    stock: np.ndarray  # stocks, in four tiers: up to the least, the target, the most, and above
    backlog: np.ndarray  # wants
    lost: np.ndarray  # wants
    workers: np.ndarray  # crews
    hired: np.ndarray  # crews
    laid_off: np.ndarray  # crews
    rented: np.ndarray  # stores
    left: np.ndarray  # parts
    above: np.ndarray  # families: units made above the level rate
    below: np.ndarray  # families
    rate: np.ndarray  # families, one column: units made a day


class Rows(NamedTuple):
    """Constraints in the shape of the thing x months: limits, and terms (row, column, coefficient)."""

    lower: np.ndarray
    upper: np.ndarray
    terms: list


class Solution(NamedTuple):
    """The value of each column, and what one more unit of each limit would save, in the shape of the thing x months."""

    columns: Columns
    savings: dict


def solve(facts, mode):
    """Find the least-cost plan when supply of each family follows demand by `mode`: level, chase or optimal."""
    f, at = facts, _columns(facts)
    level, chased = (mode == name for name in ("level", "chase"))
    prices = supply_prices(f, chased[f.items.family])
    cost = np.zeros(at.rate.max(initial=-1) + 1)
    for name, price in prices._asdict().items():
        for columns in [at.above, at.below] if name == "astray" else [getattr(at, name)]:
            cost[columns] = price
    lower, upper = _bounds(f, at, level)
    rows = _constraints(f, at, level)
    whole = at.workers[f.crews.whole]
    values, row_savings, column_savings = _optimum(cost, lower, upper, list(rows.values()), whole)
    savings = dict(zip(rows, row_savings, strict=True))
    savings["max workers"] = np.where(
        values[at.workers] >= f.crews.most[:, None], column_savings[at.workers], 0.0
    )
    return Solution(Columns(*(values[columns] for columns in at)), savings)


def _columns(f):
    crews, families = len(f.crews.codes), len(f.items.families)
    stocks, wants = len(f.stocks.item), len(f.wants.item)
    counts = [len(f.routes.stock), int((f.routes.resource >= 0).sum()), int(f.stocks.makes.sum())]
    counts += [len(f.lanes.stock), 4 * stocks, wants, wants, crews, crews, crews]
    counts += [len(f.stores.codes), len(f.parts.codes), families, families]
    edges = np.cumsum([0, *counts])
    grid = np.arange(edges[-1] * len(f.months)).reshape(-1, len(f.months))
    blocks = [grid[start:end] for start, end in pairwise(edges)]
    blocks[4] = blocks[4].reshape(4, stocks, len(f.months))
    return Columns(*blocks, rate=grid.size + np.arange(families)[:, None])


def _bounds(f, at, level):
    lower = np.zeros(at.rate.max(initial=-1) + 1)
    upper = np.full(lower.shape, np.inf)
    item = f.stocks.item[f.stocks.makes]
    upper[at.outside[np.isnan(f.items.outside[item]) | level[f.items.family[item]][:, None]]] = 0
    steps = np.stack(np.broadcast_arrays(f.stocks.least, f.stocks.target, f.stocks.most))
    upper[at.stock[0]] = steps[0]
    upper[at.stock[1]] = steps[1] - steps[0]
    upper[at.stock[2]] = np.where(np.isfinite(steps[2]), steps[2] - steps[1], np.inf)
    upper[at.backlog[~f.wants.waits]] = 0
    upper[at.lost[f.wants.waits]] = 0
    most = np.where(f.crews.whole, np.floor(f.crews.most), f.crews.most)
    least = np.where(f.crews.whole, np.minimum(np.ceil(f.crews.least), most), f.crews.least)
    lower[at.workers], upper[at.workers] = least[:, None], most[:, None]
    steady = _steady(f, level)
    upper[at.hired[steady, 1:]] = upper[at.laid_off[steady, 1:]] = 0
    return lower, upper


def _steady(f, level):
    """Crews whose number stays after the first month: those that make nothing but level families."""
    worked = f.routes.resource >= 0
    crew = f.routes.resource[worked]
    levelled = level[f.items.family[f.routes.item[worked]]]
    counts = [np.bincount(crew[chosen], minlength=len(f.crews.codes)) for chosen in (levelled, ~levelled)]
    return (counts[0] > 0) & (counts[1] == 0)


def _constraints(f, at, level):
    return {
        "stock": _stock_balance(f, at),
        "demand": _demand_balance(f, at),
        "workers": _worker_balance(f, at),
        "regular hours": _hours(f, at, [at.regular[f.routes.resource >= 0]], 0.0, f.crews.regular_hours),
        "overtime hours": _hours(f, at, [at.overtime], 0.0, f.crews.overtime_hours),
        "machine hours": _hours(
            f, at, [at.regular[f.routes.resource >= 0], at.overtime], f.crews.machine_hours, None
        ),
        "storage": _storage(f, at),
        "subcontract limit": _outside_limit(f, at),
        "supply limit": _parts_balance(f, at),
        "level rate": _level_rate(f, at, level),
    }


def _numbered(count, like):
    return np.arange(count * like.shape[-1]).reshape(count, like.shape[-1])


def _carried(row, column):
    """A balance's own month and the one it carries over from: this month's value less last month's."""
    return [(row, column, 1.0), (row[:, 1:], column[:, :-1], -1.0)]


def _stock_balance(f, at):
    """Stock at the end = stock before + made + bought + receipts - shipped."""
    row = _numbered(len(f.stocks.item), at.regular)
    terms = [term for tier in at.stock for term in _carried(row, tier)]
    terms += [(row[f.routes.stock], at.regular, -1.0), (row[f.stocks.makes], at.outside, -1.0)]
    terms += [
        (row[f.routes.stock[f.routes.resource >= 0]], at.overtime, -1.0),
        (row[f.lanes.stock], at.shipped, 1.0),
    ]
    right = f.stocks.receipts.copy()
    right[:, 0] += f.stocks.on_hand
    return Rows(right, right, terms)


def _demand_balance(f, at):
    """Backlog at the end = backlog before + demand - shipped - lost."""
    row = _numbered(len(f.wants.item), at.regular)
    terms = [*_carried(row, at.backlog), (row, at.lost, 1.0), (row[f.lanes.want], at.shipped, 1.0)]
    return Rows(f.wants.demand, f.wants.demand, terms)


def _worker_balance(f, at):
    """Workers = workers before + hired - laid off."""
    row = _numbered(len(f.crews.codes), at.regular)
    right = np.zeros(row.shape)
    right[:, 0] = f.crews.opening
    return Rows(right, right, [*_carried(row, at.workers), (row, at.hired, -1.0), (row, at.laid_off, 1.0)])


def _hours(f, at, made, limit, hours_per_worker):
    """Hours taken by what is made <= limit + hours of the workers there are."""
    row = _numbered(len(f.crews.codes), at.regular)
    worked = f.routes.resource >= 0
    terms = [(row[f.routes.resource[worked]], column, f.routes.hours[worked, None]) for column in made]
    if hours_per_worker is not None:
        terms.append((row, at.workers, -hours_per_worker))
    return Rows(np.full(row.shape, -np.inf), np.broadcast_to(limit, row.shape), terms)


def _storage(f, at):
    """Stock of all products at the site <= limit + rented room."""
    row = _numbered(len(f.stores.codes), at.regular)
    stored = f.stores.of_stock >= 0
    terms = [(row[f.stores.of_stock[stored]], tier[stored], 1.0) for tier in at.stock]
    upper = np.broadcast_to(f.stores.limit[:, None], row.shape)
    return Rows(np.full(row.shape, -np.inf), upper, [*terms, (row, at.rented, -1.0)])


def _outside_limit(f, at):
    """Units of a product bought outside, over all sites, <= limit."""
    row = _numbered(len(f.items.codes), at.regular)
    terms = [(row[f.stocks.item[f.stocks.makes]], at.outside, 1.0)]
    return Rows(np.full(row.shape, -np.inf), f.items.outside_limit, terms)


def _parts_balance(f, at):
    """Parts left = parts left before + arriving - used by what is made."""
    row = _numbered(len(f.parts.codes), at.regular)
    terms = _carried(row, at.left)
    for column, routes in ((at.regular, slice(None)), (at.overtime, f.routes.resource >= 0)):
        used = f.parts.usage[:, f.routes.item[routes]].tocoo()
        part, route = used.coords
        terms.append((row[part], column[route], used.data[:, None]))
    return Rows(f.parts.arriving, f.parts.arriving, terms)


def _level_rate(f, at, level):
    """A level family makes the same number of units on every working day, as far as it can."""
    row = _numbered(len(f.items.families), at.regular)
    worked = f.routes.resource >= 0
    family = f.items.family[f.routes.item]
    terms = [(row[family], at.regular, 1.0), (row[family[worked]], at.overtime, 1.0)]
    terms += [(row, at.above, -1.0), (row, at.below, 1.0), (row, at.rate, -_family_days(f, family, worked))]
    limit = np.where(level, 0.0, np.inf)[:, None] * np.ones(row.shape)
    return Rows(-limit, limit, terms)


def _family_days(f, family, worked):
    """Working days of the crews that make each family, on average; 1 in every month where no crew does."""
    pairs = np.unique(np.stack([family[worked], f.routes.resource[worked]]), axis=1)
    days, crews = np.zeros((len(f.items.families), len(f.months))), np.zeros((len(f.items.families), 1))
    np.add.at(days, pairs[0], f.crews.days[pairs[1]])
    np.add.at(crews, pairs[0], 1)
    return np.where(crews > 0, days / np.maximum(crews, 1), 1.0)


def _optimum(cost, lower, upper, rows, whole):
    """The value of each column, what one more unit of each row would save, and the same of each column's bound.

    A few whole numbers are searched for the best. Many are rounded to the nearest month by month, each month with the
    rest of the plan solved again: near the best, quickly, and the same plan on every machine.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", EXACT_GAP)
    few = 0 < whole.size <= EXACT_NUMBERS
    solver.passModel(_programme(cost, lower, upper, rows, whole if few else whole[:0]))
    values = _run(solver)
    if few:
        solver.passModel(_programme(cost, lower, upper, rows, whole[:0]))
    for month in whole.T if whole.size else ():
        number = np.clip(np.floor(values[month] + 0.5), lower[month], upper[month])
        solver.changeColsBounds(len(month), month.astype(np.int32), number, number)
        values = values if few else _run(solver)
    if whole.size:
        values = _run(solver)
        values[whole] = np.round(values[whole])
    solution = solver.getSolution()
    edges = np.cumsum([0, *(block.lower.size for block in rows)])
    duals = -np.array(solution.row_dual)
    savings = [
        duals[a:b].reshape(block.lower.shape) for (a, b), block in zip(pairwise(edges), rows, strict=True)
    ]
    return values, savings, -np.array(solution.col_dual)


def _run(solver):
    """Solve from where the solver stands."""
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(
            f"the supply programme ended without an answer: {solver.modelStatusToString(status)}"
        )
    return np.array(solver.getSolution().col_value)


def _programme(cost, lower, upper, rows, whole):
    starts = np.cumsum([0, *(block.lower.size for block in rows)])
    terms = [
        np.broadcast_arrays(start + r, c, v)
        for start, b in zip(starts, rows, strict=False)
        for r, c, v in b.terms
    ]
    row, column, value = (
        np.concatenate([part.ravel() for part in parts]) for parts in zip(*terms, strict=True)
    )
    matrix = coo_array((value, (row, column)), shape=(starts[-1], len(cost))).tocsc()
    matrix.eliminate_zeros()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), int(starts[-1])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_ = np.concatenate([block.lower.ravel() for block in rows])
    lp.row_upper_ = np.concatenate([block.upper.ravel() for block in rows])
    lp.offset_ = -float(cost[cost < 0] @ np.where(np.isfinite(upper), upper, 0)[cost < 0])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    if whole.size:
        kinds = np.full(len(cost), highspy.HighsVarType.kContinuous)
        kinds[whole.ravel()] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds.tolist()
    return lp
