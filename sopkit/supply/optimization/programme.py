"""The linear programme of the supply review: variables, bounds and solution.

It makes, buys, ships, stores, hires and delays so that demand is served at least cost. It always
has an answer: what cannot be served is backlog or lost, what cannot be stored is rented, stock may
miss its target, each at a price.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array

from sopkit.model.parameters import Facts
from sopkit.model.variables import Columns, Sets, Solution, Stopped, years
from sopkit.supply.optimization.constraints import Rows, constraints
from sopkit.supply.optimization.linear_programme import IntegerColumns, Model
from sopkit.supply.optimization.objective import supply_prices
from sopkit.supply.optimization.purchase_lots import has_lots, in_lots
from sopkit.supply.optimization.solver import Starts, solve

ROUNDING = 1e-9  # of a post
BREACH = 1e-6  # units or workers off a rule below this are the solver's rounding
LAST_CYCLE = "last_cycle"  # the strategy that makes what was last approved


def supply_solution(
    facts: Facts,
    mode: np.ndarray,
    lifted: Iterable[tuple[str, np.intp]] = (),
    starts: Starts | None = None,
) -> Solution:
    """Find the least-cost plan when supply of each family follows demand by `mode`.

    `mode` names a strategy for each family: level, chase, optimal or last_cycle. `lifted` are
    limits, each (constraint, position of the thing), that do not hold. `starts` are answers to
    start from; see `solver.solve`.
    """
    sets, at, rows, programme = supply_programme(facts, mode, lifted)
    answer = solve(programme, tuple(mode), starts)
    stopped = _stopped(facts, at, answer)
    if has_lots(facts.purchases):
        programme = _with_lots(facts, at, rows, programme, answer.values[at.purchased])
        answer = solve(programme, (*mode, "in lots"), starts)
        stopped |= _stopped(facts, at, answer)
    breaches = np.concatenate([at.over, at.under]).ravel()
    if (answer.values[breaches] > BREACH).any():
        programme = _as_broken(programme, breaches, np.maximum(answer.values[breaches], 0.0))
        answer = solve(programme, (*mode, "as broken"), starts)
        stopped |= _stopped(facts, at, answer)
    solution = _solution(facts, at, sets, rows, answer)
    return solution._replace(stopped=tuple(stopped.values()))


def _stopped(f, at, answer):
    """The searches that were stopped, by the products of their part, or else its resources."""
    found = {}
    for stop in answer.stops:
        stocks = f.items.codes[np.unique(f.stocks.item[_things(at.stock[0], stop.columns)])]
        crews = f.crews.codes[_things(at.workers, stop.columns)]
        items = tuple(stocks if len(stocks) else crews)
        found[items] = Stopped(items, stop.reason, stop.gap)
    return found


def _things(columns, chosen):
    """Whether each thing has any of the chosen columns."""
    return np.isin(columns, chosen).any(axis=1)


def _with_lots(f, at, rows, programme, purchased):
    """The programme with purchases fixed in whole lots; all else is planned again with them."""
    lots = in_lots(purchased, f.purchases)
    lower, upper, limit = (
        each.copy() for each in (programme.lower, programme.upper, programme.row_upper)
    )
    lower[at.purchased] = upper[at.purchased] = lots
    names = list(rows)
    start = sum(rows[name].lower.size for name in names[: names.index("supply limit")])
    bought = np.zeros(f.purchases.most.shape)
    np.add.at(bought, f.purchases.source, lots)
    place = slice(start, start + bought.size)
    limit[place] = np.maximum(limit[place], bought.ravel())
    return programme._replace(lower=lower, upper=upper, row_upper=limit)


def _as_broken(programme, breaches, values):
    """The programme with what its rules are broken by, so that no shadow price holds a penalty."""
    cost, lower, upper = programme.cost.copy(), programme.lower.copy(), programme.upper.copy()
    cost[breaches], lower[breaches], upper[breaches] = 0.0, values, values
    return programme._replace(cost=cost, lower=lower, upper=upper)


def supply_programme(
    facts: Facts, mode: np.ndarray, lifted: Iterable[tuple[str, np.intp]] = ()
) -> tuple[Sets, Columns, dict[str, Rows], Model]:
    """Build the programme: sets, positions of the variables, constraints by name, and the model."""
    sets = supply_sets(facts, mode)
    at = _columns(facts, sets)
    cost, worth = np.zeros((2, 1 + max(columns.max(initial=-1) for columns in at)))
    ranked, valued = supply_prices(facts, sets, mode == "chase", mode == LAST_CYCLE)
    for vector, prices in ((cost, ranked), (worth, valued)):
        for name, price in prices._asdict().items():
            vector[getattr(at, name)] = price
    lower, upper = _bounds(facts, at, sets, mode)
    rows = constraints(facts, at, sets)
    for constraint, thing in lifted:
        if constraint in rows:
            rows[constraint].upper[thing] = np.inf
        else:
            upper[at.workers[thing]] = np.inf
    return sets, at, rows, _programme((cost, worth), lower, upper, rows, _whole(facts, at, sets))


def ways_allowed(f: Facts, mode: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each family may work overtime, and be subcontracted, under the strategies of `mode`.

    What the policy says holds; where it says nothing, all but a level plan may do both, and a chase
    plan that follows demand in one way does not in the others.

    Returns
    -------
    overtime, subcontracting : families [true or false]
    """
    one_way = (mode == "chase") & (f.families.chase_by != "")
    usual = [
        np.where(one_way, f.families.chase_by == "hours", True),
        np.where(one_way, f.families.chase_by == "subcontract", mode != "level"),
    ]
    stated = (f.families.overtime, f.families.outside)
    overtime, outside = (
        np.where(np.isnan(given), default, given) > 0
        for given, default in zip(stated, usual, strict=True)
    )
    return overtime, outside


def supply_sets(f: Facts, mode: np.ndarray) -> Sets:
    """Find the items with optional variables, under the strategies of `mode`."""
    worked, levelled = f.routes.resource >= 0, mode == "level"
    set_up = (f.routes.setup_cost > 0) | (f.routes.setup_hours > 0)
    crew, family = f.routes.resource[worked], f.items.family[f.routes.item[worked]]
    stays = levelled | ((mode == "chase") & np.isin(f.families.chase_by, ("hours", "subcontract")))
    counts = [
        np.bincount(crew[chosen[family]], minlength=len(f.crews.codes))
        for chosen in (stays, ~stays)
    ]
    return Sets(
        worked=worked,
        batched=np.flatnonzero((set_up | (f.routes.lot > 0)).any(axis=1)),
        spoiling=np.flatnonzero(np.isfinite(f.items.keeps[f.stocks.item])),
        approved=np.flatnonzero(np.isfinite(f.stocks.approved).any(axis=1) & f.stocks.makes),
        level=np.flatnonzero(levelled & f.families.holds_rate),
        steady=(counts[0] > 0) & (counts[1] == 0),
        parted=np.flatnonzero(f.crews.whole & (f.crews.post != 1)),
        paced=np.flatnonzero((f.families.rate_up > 0) | (f.families.rate_down > 0)),
    )


def _columns(f, sets):
    """Number the variables one kind after the other; the columns by year of rates and paces
    come last."""
    crews, stocks, wants = len(f.crews.codes), len(f.stocks.item), len(f.wants.item)
    level, approved = len(sets.level), len(sets.approved)
    counts = [
        len(f.routes.stock),
        int(sets.worked.sum()),
        int(f.stocks.makes.sum()),
        len(f.lanes.stock),
    ]
    counts += [
        len(f.moves.stock),
        4 * stocks,
        len(sets.spoiling),
        wants,
        wants,
        crews,
        crews,
        crews,
    ]
    materials = len(f.materials.codes)
    counts += [len(f.stores.codes), len(f.purchases.stock), materials, materials]
    counts += [len(sets.batched), crews, crews]
    counts += [level, level, approved, approved, len(sets.parted), len(sets.paced), len(sets.paced)]
    edges = np.cumsum([0, *counts])
    grid = np.arange(edges[-1] * len(f.months)).reshape(-1, len(f.months))
    blocks = [grid[start:end] for start, end in pairwise(edges)]
    blocks[5] = blocks[5].reshape(4, stocks, len(f.months))
    count, rules = years(len(f.months))[-1] + 1, len(f.rules.month)
    last = ((level, count), (crews, count), (rules, 1), (rules, 1))
    ends = np.cumsum([grid.size, *(rows * width for rows, width in last)])
    yearly = [
        np.arange(*edge).reshape(shape) for edge, shape in zip(pairwise(ends), last, strict=True)
    ]
    return Columns(*blocks, *yearly)


def _bounds(f, at, sets, mode):
    lower = np.zeros(1 + max(columns.max(initial=-1) for columns in at))
    upper = np.full(lower.shape, np.inf)
    item = f.stocks.item[f.stocks.makes]
    overtime, outside = ways_allowed(f, mode)
    upper[at.outside[np.isnan(f.items.outside[item]) | ~outside[f.items.family[item]][:, None]]] = 0
    upper[at.overtime[~overtime[f.items.family[f.routes.item[sets.worked]]]]] = 0
    steps = np.stack(np.broadcast_arrays(f.stocks.least, f.stocks.target, f.stocks.most))
    upper[at.stock[0]] = steps[0]
    upper[at.stock[1]] = steps[1] - steps[0]
    upper[at.stock[2]] = np.where(np.isfinite(steps[2]), steps[2] - steps[1], np.inf)
    upper[at.backlog[~f.wants.waits]] = 0
    upper[at.lost[f.wants.waits]] = 0
    whole, post = f.crews.whole[:, None], f.crews.post[:, None]
    most = np.where(whole, np.floor(f.crews.most / post + ROUNDING) * post, f.crews.most)
    least = np.ceil(f.crews.least / post - ROUNDING) * post
    least = np.where(whole, np.minimum(least, most), f.crews.least)
    lower[at.workers], upper[at.workers] = least, most
    month = np.arange(len(f.months))
    begins = np.diff(years(len(f.months)), prepend=-1) > 0
    for columns, first in ((at.hired, f.crews.hire_from), (at.laid_off, f.crews.layoff_from)):
        may = (month == first[:, None]) | ((month > first[:, None]) & begins)
        stays = sets.steady[:, None] & ~may & (f.crews.attrition == 0)
        upper[columns[stays]] = 0
    upper[at.received] = f.materials.receivable
    upper[at.runs] = 1
    return lower, upper


def _whole(f, at, sets):
    """Workers of crews that come as whole persons, and the runs of batches, in the shown months;
    these are settled in their order."""
    month, full = np.arange(f.shown), f.crews.whole & (f.crews.post == 1)
    workers = np.concatenate([at.workers[full], at.posts])[:, month]
    runs = at.runs[:, month]
    routes = sets.batched
    overtime = np.full((len(f.routes.stock), f.shown), -1)
    overtime[sets.worked] = at.overtime[:, month]
    amounts = [np.stack([workers, np.full(workers.shape, -1)], axis=-1)]
    amounts.append(np.stack([at.regular[routes][:, month], overtime[routes]], axis=-1))
    lot = f.routes.lot[routes][:, month]
    charged = (f.routes.setup_cost[routes] > 0) | (f.routes.setup_hours[routes] > 0)
    charged = charged[:, month]
    return IntegerColumns(
        column=np.concatenate([workers.ravel(), runs.ravel()]),
        turn=np.tile(month, len(workers) + len(runs)),
        amounts=np.concatenate([part.reshape(-1, 2) for part in amounts]),
        lot=np.concatenate([np.full(workers.size, np.nan), lot.ravel()]),
        charged=np.concatenate([np.zeros(workers.size, dtype=bool), charged.ravel()]),
    )


def _programme(costs, lower, upper, rows, whole):
    cost, worth = costs
    blocks = list(rows.values())
    starts = np.cumsum([0, *(block.lower.size for block in blocks)])
    terms = [
        np.broadcast_arrays(start + r, c, v)
        for start, block in zip(starts, blocks, strict=False)
        for r, c, v in block.terms
    ]
    row, column, value = (
        np.concatenate([part.ravel() for part in parts]) for parts in zip(*terms, strict=True)
    )
    matrix = coo_array((value, (row, column)), shape=(starts[-1], len(cost))).tocsc()
    matrix.eliminate_zeros()
    sides = (
        np.concatenate([side.ravel() for side in sides])
        for sides in zip(*(b[:2] for b in blocks), strict=True)
    )
    model = Model(cost, lower, upper, matrix, *sides, whole, worth)
    _refuse_unknown(model, rows)
    return model


def _refuse_unknown(model, rows):
    """Refuse a programme with anything that is no number, by the name of its constraint."""
    for name, block in rows.items():
        known = [np.isfinite(value).all() for _, _, value in block.terms]
        if not all(known) or np.isnan(block.lower).any() or np.isnan(block.upper).any():
            raise ValueError(
                f"the supply programme has a number that is unknown or infinite in its {name}\n"
                "  Correct the costs, hours or limits that it is made of."
            )
    if not (np.isfinite(model.cost).all() and np.isfinite(model.worth).all()):
        raise ValueError(
            "the supply programme has a price that is unknown or infinite\n"
            "  Correct item_costs, resources, routings or lanes."
        )
    if np.isnan(model.lower).any() or np.isnan(model.upper).any():
        raise ValueError(
            "the supply programme has a bound that is unknown\n"
            "  Correct inventory_targets, inventory_policy or resources."
        )


def _solution(f, at, sets, rows, answer):
    edges = np.cumsum([0, *(block.lower.size for block in rows.values())])
    savings = {
        name: answer.row_savings[start:end].reshape(block.lower.shape)
        for (start, end), (name, block) in zip(pairwise(edges), rows.items(), strict=True)
    }
    workers = answer.values[at.workers]
    savings["max workers"] = np.where(
        workers >= f.crews.most, answer.column_savings[at.workers], 0.0
    )
    columns = Columns(*(answer.values[positions] for positions in at))
    return Solution(columns, sets, savings, answer.cost, answer.least_cost)
