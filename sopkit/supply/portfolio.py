"""Large portfolios: groups of products are planned by the programme, and what they make is spread by run-out time.

A group holds products of one family that are made, held and owed alike. It is counted in standard units: one of each
product takes the same hours of every resource and the same limited parts, so what a group can make its products can
make, and no limit on hours or parts is exceeded. What a product has in stock beyond its own demand is kept as stock of
its group, for it serves no other product.

A product for which that would not do is planned by itself, exactly, beside the groups: one with a shelf life, smallest
lots, set-ups, steps of making, or a way to another site.

What holds for groups in total only: least and most stock, storage and the plan last approved are kept by the group, so
that a product may miss its own and rented room may differ; rates and prices are means of the group.

Source
------
Bitran & Hax, On the design of hierarchical production planning systems, Decision Sciences 8 (1977): effective demand,
families in a linear programme, items by equal run-out times.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from sopkit.supply import allocation, results
from sopkit.supply.model import supply_sets

GROUPED_FROM = 2000  # products; smaller companies keep the exact plan when `terms` does not say
ALIKE = ".5g"  # digits to which hours and parts of a standard unit must agree


class Groups(NamedTuple):
    """In which group each product is planned; a product that is planned by itself is a group of one."""

    codes: pd.Index
    of_item: np.ndarray
    unit: np.ndarray  # standard units that one unit of each product is
    several: np.ndarray  # whether the group of each product has others


def planning_groups(facts, terms=None, alone=()):
    """Group the products where the company has as many as `terms` says; None where it has fewer, or none are alike.

    `alone` are positions of products to be planned by themselves.
    """
    least = np.nan if terms is None else terms["group_products_from"].astype("float64").iloc[0]
    if len(facts.items.codes) < (GROUPED_FROM if np.isnan(least) else least):
        return None
    alike, scale = _alike(facts)
    single = _single(facts)
    single[list(alone)] = True
    alike = np.where(single, alike.max() + 1 + np.arange(len(alike)), alike)
    alike = np.unique(alike, return_inverse=True)[1]
    several = np.bincount(alike)[alike] > 1
    if not several.any():
        return None
    names = pd.Series(facts.items.codes.to_numpy(dtype=object))
    family = pd.Series(facts.families.codes.to_numpy(dtype=object)[facts.items.family])
    number = pd.Series(alike).where(several).groupby(family).rank(method="dense")
    names[several] = family[several] + " group " + number[several].astype(int).astype(str)
    codes, of_item = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    volume = _volume(facts)
    mean = np.bincount(of_item, volume * scale) / np.bincount(of_item, volume)
    unit = np.where(several, scale / mean[of_item], 1.0)
    return Groups(pd.Index(codes, dtype="str"), of_item, unit, several)


def grouped_facts(f, groups):
    """The facts of the supply programme with groups in the place of products, in standard units."""
    first, at = _places(f, groups)
    count = {name: len(positions) for name, positions in first.items()}
    group, unit, volume = groups.of_item, groups.unit, _volume(f)

    def total(name, item, grid):
        return _summed(at[name], count[name], grid * (unit[item] if grid.ndim == 1 else unit[item, None]))

    def mean(name, item, grid):
        weighted = grid * (volume[item] if grid.ndim == 1 else volume[item, None])
        units = _summed(at[name], count[name], (volume * unit)[item])
        return _summed(at[name], count[name], weighted) / (units if grid.ndim == 1 else units[:, None])

    def keys(name, table, item):
        return table.iloc[first[name]].assign(product=groups.codes[group[item[first[name]]]])

    every, items, stocks, routes = np.arange(len(group)), f.items, f.stocks, f.routes
    rates = ("price", "material", "holding", "late", "lost", "outside")
    idle = _idle_stock(f) * groups.several[stocks.item, None]
    known = _summed(at["stock"], count["stock"], np.isfinite(stocks.approved).astype(float)) > 0
    approved = total("stock", stocks.item, np.nan_to_num(stocks.approved))
    return f._replace(
        items=items._replace(
            codes=groups.codes,
            family=items.family[first["item"]],
            keeps=items.keeps[first["item"]],
            outside_limit=total("item", every, items.outside_limit),
            **{name: mean("item", every, getattr(items, name)) for name in rates},
        ),
        stocks=stocks._replace(
            keys=keys("stock", stocks.keys, stocks.item).reset_index(drop=True),
            item=group[stocks.item[first["stock"]]],
            site=stocks.site[first["stock"]],
            makes=stocks.makes[first["stock"]],
            approved=np.where(known, approved, np.nan),
            **{n: total("stock", stocks.item, getattr(stocks, n)) for n in ("on_hand", "receipts", "demand")},
            **{
                name: total("stock", stocks.item, np.maximum(getattr(stocks, name), idle))
                for name in ("least", "target", "most")
            },
        ),
        wants=f.wants._replace(
            keys=keys("want", f.wants.keys, f.wants.item).reset_index(drop=True),
            item=group[f.wants.item[first["want"]]],
            demand=total("want", f.wants.item, f.wants.demand),
            waits=f.wants.waits[first["want"]],
        ),
        lanes=f.lanes._replace(
            keys=keys("lane", f.lanes.keys, stocks.item[f.lanes.stock]).reset_index(drop=True),
            stock=at["stock"][f.lanes.stock[first["lane"]]],
            want=at["want"][f.lanes.want[first["lane"]]],
            freight=mean("lane", stocks.item[f.lanes.stock], f.lanes.freight),
        ),
        moves=f.moves._replace(
            stock=at["stock"][f.moves.stock], to_stock=at["stock"][f.moves.to_stock]
        ),  # of products that are planned by themselves
        routes=routes._replace(
            **{name: grid[first["route"]] for name, grid in routes._asdict().items()}
            | {
                "stock": at["stock"][routes.stock[first["route"]]],
                "item": group[routes.item[first["route"]]],
                "hours": mean("route", routes.item, routes.hours),
                "making": mean("route", routes.item, routes.making),
            }
        ),
        stores=f.stores._replace(of_stock=f.stores.of_stock[first["stock"]]),
        parts=f.parts._replace(usage=f.parts.usage @ _shares(groups, volume)),
    )


def products_solution(f, groups, planned, solution, mode):
    """Spread the groups' solution over their products: the solution that the tables of `results` are written from.

    First this month's demand and what is owed, then the wanted stock, then the coming months one by one; within a step
    every product gets the same share of what it lacks, so that all run out at the same time. Stock of a product that
    outlasts the others gets nothing; what goes beyond the known demand is spread by mean demand. What is there is sent
    at once, over the lanes that the group uses and then over the cheapest. Workers and parts are the groups'.

    `planned` are the groups' facts, `solution` their solution under `mode`. Columns that only rank plans are empty.
    """
    _, at = _places(f, groups)
    plan, sets = solution.columns, supply_sets(f, mode)
    by_lane = _lane_shares(f, at["lane"], plan.shipped)
    total, outside = results.units_made(planned, solution), np.zeros(planned.stocks.target.shape)
    outside[planned.stocks.makes] = np.maximum(plan.outside, 0.0)
    units = _run_out(f, groups, at["stock"], total, _summed_lanes(f, by_lane))
    bought = _bought(f, groups, at["stock"], units, outside)
    share = _parted(f, groups, at["stock"], units - bought)
    units = bought + share * (total - outside)[at["stock"]]
    made, worked = at["route"], np.cumsum(solution.sets.worked) - 1
    spoils = at["stock"][sets.spoiling]
    shipped, backlog, lost = _sent(f, groups, at, plan, by_lane, units)
    empty = np.zeros((0, len(f.months)))
    columns = plan._replace(
        regular=plan.regular[made] * share[f.routes.stock],
        overtime=plan.overtime[worked[made[sets.worked]]] * share[f.routes.stock[sets.worked]],
        outside=bought[f.stocks.makes],
        shipped=shipped,
        wasted=plan.wasted[np.searchsorted(solution.sets.spoiling, spoils)],
        backlog=backlog,
        lost=lost,
        **dict.fromkeys(("stock", "runs", "above", "below", "more", "less", "rate"), empty),
    )
    spread = solution._replace(columns=columns, sets=sets)
    return spread._replace(columns=columns._replace(rented=_over_limit(f, results.stock_held(f, spread))))


def _alike(f):
    """A number for each product, the same for those that may share a group, and the hours they are counted in."""
    routes, stocks, part = f.routes, f.stocks, f.parts.usage.tocoo()
    scale = np.ones(len(f.items.codes))
    scale[routes.item[::-1]] = np.where(routes.hours > 0, routes.hours, 1.0)[::-1]
    item = [stocks.item, routes.item, part.col, f.wants.item]
    said = [
        [f"at {site} {makes}" for site, makes in zip(stocks.site, stocks.makes, strict=True)],
        [
            f"on {resource} {site} {hours:{ALIKE}}"
            for resource, site, hours in zip(
                routes.resource, stocks.site[routes.stock], routes.hours / scale[routes.item], strict=True
            )
        ],
        [f"of {row} {used:{ALIKE}}" for row, used in zip(part.row, part.data / scale[part.col], strict=True)],
        [f"waits {waits}" for waits in f.wants.waits],
    ]
    rows = pd.DataFrame({"item": np.concatenate(item), "said": np.concatenate(said)}).drop_duplicates()
    text = rows.sort_values(["item", "said"]).groupby("item")["said"].agg(" ".join)
    kind = pd.factorize(text.reindex(range(len(scale)), fill_value=""), sort=True)[0]
    outside = np.unique(np.isnan(f.items.outside), axis=0, return_inverse=True)[1].ravel()
    both = np.stack([f.items.family, kind, outside], axis=1)
    return np.unique(both, axis=0, return_inverse=True)[1].ravel(), scale


def _single(f):
    """Products that the programme must plan by themselves."""
    single, routes = np.isfinite(f.items.keeps), f.routes
    own = (routes.lot > 0) | (routes.setup_cost > 0) | (routes.setup_hours > 0) | ~routes.yields
    single[routes.item[own]] = True
    single[f.stocks.item[f.moves.stock]] = True
    return single


def _volume(f):
    """Units wanted of each product; a little of what nobody wants, for means."""
    wanted = np.bincount(f.wants.item, f.wants.demand.sum(axis=1), minlength=len(f.items.codes))
    return np.maximum(wanted, 1e-6)


def _shares(groups, volume):
    """Product x group: units of each product in a mean standard unit of its group."""
    units = np.bincount(groups.of_item, volume * groups.unit)
    value = volume / units[groups.of_item]
    return csr_array((value, (np.arange(len(volume)), groups.of_item)), shape=(len(volume), len(units)))


def _places(f, groups):
    """The first product's row of each row of the groups' facts, and the groups' row of each product's row."""
    market = pd.factorize(f.wants.keys["market"], sort=True)[0]
    first, at = {}, {}
    columns = {
        "item": lambda: (groups.of_item,),
        "stock": lambda: (groups.of_item[f.stocks.item], f.stocks.site),
        "want": lambda: (groups.of_item[f.wants.item], market),
        "lane": lambda: (at["stock"][f.lanes.stock], at["want"][f.lanes.want]),
        "route": lambda: (
            at["stock"][f.routes.stock],
            np.where(f.routes.resource < 0, len(f.crews.codes), f.routes.resource),
            f.routes.step,
        ),
    }
    for name, key in columns.items():
        _, first[name], place = np.unique(
            np.stack(key(), axis=1), axis=0, return_index=True, return_inverse=True
        )
        at[name] = place.ravel()
    return first, at


def _summed(place, count, grid):
    total = np.zeros((count, *grid.shape[1:]))
    np.add.at(total, place, grid)
    return total


def _idle_stock(f):
    """Stock that lies at each month's end when each product serves its own demand first and nothing more is made."""
    count, stocks = len(f.items.codes), f.stocks
    demand = _summed(f.wants.item, count, f.wants.demand)
    came = stocks.on_hand[:, None] + stocks.receipts.cumsum(axis=1)
    coming = np.diff(_summed(stocks.item, count, came), axis=1, prepend=0.0)
    left, stock = np.zeros(demand.shape), np.zeros(count)
    for month in range(demand.shape[1]):
        stock = np.maximum(stock + coming[:, month] - demand[:, month], 0.0)
        left[:, month] = stock
    total = _summed(stocks.item, count, came)[stocks.item]
    return left[stocks.item] * came / np.where(total > 0, total, 1.0)


def _lane_shares(f, at, shipped):
    """The share of each lane in what its market asks: as the group's, and where that sends nothing, of the cheapest."""
    cheapest = np.full(len(f.wants.item), np.inf)
    np.minimum.at(cheapest, f.lanes.want, f.lanes.freight)
    used = np.maximum(shipped, 0.0)[at] + 1e-9 * (f.lanes.freight <= cheapest[f.lanes.want])[:, None]
    return used / _summed(f.lanes.want, len(f.wants.item), used)[f.lanes.want]


def _summed_lanes(f, by_lane):
    """Demand that each stock is to serve."""
    return _summed(f.lanes.stock, len(f.stocks.item), by_lane * f.wants.demand[f.lanes.want])


def _run_out(f, groups, row, made, demand):
    """Units of each stock when what its group makes goes to the stocks that run out first."""
    unit, target = groups.unit[f.stocks.item], np.maximum(f.stocks.target, f.stocks.least)
    waits = np.ones(len(f.items.codes), dtype=bool)
    waits[f.wants.item] = f.wants.waits
    waits, stock, units = waits[f.stocks.item], f.stocks.on_hand.copy(), np.zeros(demand.shape)
    for month in range(demand.shape[1]):
        stock = stock + f.stocks.receipts[:, month]
        ahead = demand[:, month:].cumsum(axis=1)
        lacks = np.column_stack([ahead[:, :1], ahead + target[:, [month]]]) - stock[:, None]
        lacks = np.column_stack([np.zeros(len(stock)), np.maximum(lacks, 0.0)])
        units[:, month] = _spread(row, unit, lacks, made[:, month], demand.mean(axis=1))
        stock = stock + units[:, month] - demand[:, month]
        stock = np.where(waits, stock, np.maximum(stock, 0.0))
    return units


def _spread(row, unit, lacks, made, usual):
    """Units of each stock when its group fills one column of `lacks` after the other, as far as `made` goes."""
    totals = np.zeros((len(made), lacks.shape[1]))
    np.add.at(totals, row, lacks * unit[:, None])
    step = np.minimum((totals <= made[:, None]).sum(axis=1), lacks.shape[1] - 1)[row]
    at, place = totals[row, step - 1], np.arange(len(row))
    width = totals[row, step] - at
    part = np.clip((made[row] - at) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    units = lacks[place, step - 1] + part * (lacks[place, step] - lacks[place, step - 1])
    rest = np.maximum(made - np.bincount(row, units * unit, minlength=len(made)), 0.0)
    usual = usual + (np.bincount(row, usual, minlength=len(made)) <= 0)[row]  # nothing wanted: all alike
    return units + rest[row] * usual / np.bincount(row, usual * unit, minlength=len(made))[row]


def _bought(f, groups, row, units, outside):
    """Units of each stock that are bought: as its group buys, up to its product's limit; others buy the rest."""
    unit = groups.unit[f.stocks.item, None]
    item = f.stocks.item
    total = _summed(item, len(f.items.codes), units)[item]
    part = np.where(total > 0, units / np.where(total > 0, total, 1.0), 0.0)
    limit = np.where(part > 0, f.items.outside_limit[item] * np.where(part > 0, part, 1.0), 0.0)
    alone = ~groups.several[item, None]
    most = np.where(alone, outside[row], np.minimum(units, limit))
    bought = np.minimum(_parted(f, groups, row, units) * outside[row], most)
    rest = np.maximum(outside - _summed(row, len(outside), bought * unit), 0.0)
    room = _summed(row, len(outside), (most - bought) * unit)
    return bought + (most - bought) * np.minimum(rest / np.where(room > 0, room, 1.0), 1.0)[row]


def _parted(f, groups, row, units):
    """Units of each stock for one standard unit of its group."""
    total = _summed(row, row.max(initial=-1) + 1, units * groups.unit[f.stocks.item, None])
    return units / np.where(total > 0, total, 1.0)[row]


def _sent(f, groups, at, plan, by_lane, units):
    """What goes over each lane, is owed and is lost; products planned by themselves keep what the programme decided."""
    lanes, wants = f.lanes, f.wants
    several = groups.several[wants.item]
    shipped = np.maximum(plan.shipped, 0.0)[at["lane"]]
    lost, backlog = np.maximum(plan.lost, 0.0)[at["want"]], np.maximum(plan.backlog, 0.0)[at["want"]]
    way = np.flatnonzero(several[lanes.want])
    stock, want = lanes.stock[way], lanes.want[way]
    steps = allocation.turn_steps(stock, wants.item[want], lanes.freight[way])
    there, owed = f.stocks.on_hand.copy(), np.zeros(len(wants.item))
    for month in range(len(f.months)):
        there = there + f.stocks.receipts[:, month] + units[:, month]
        asked = owed + wants.demand[:, month]
        wish = by_lane[way, month] * asked[want]
        wished = np.bincount(stock, wish, minlength=len(there))
        flow = wish * np.minimum(there / np.where(wished > 0, wished, 1.0), 1.0)[stock]
        there = there - np.bincount(stock, flow, minlength=len(there))
        rest = np.maximum(asked - np.bincount(want, flow, minlength=len(asked)), 0.0)
        more, _ = allocation.filled(steps, stock, want, np.maximum(there, 0.0), rest)
        there = np.maximum(there - np.bincount(stock, more, minlength=len(there)), 0.0)
        shipped[way, month] = flow + more
        rest = np.maximum(rest - np.bincount(want, more, minlength=len(asked)), 0.0)
        owed = np.where(wants.waits, rest, 0.0)
        backlog[several, month], lost[several, month] = owed[several], (rest - owed)[several]
    return shipped, backlog, lost


def _over_limit(f, stock):
    """Room that must be had beyond each site's limit."""
    held = f.stores.of_stock >= 0
    stored = _summed(f.stores.of_stock[held], len(f.stores.codes), stock[held])
    return np.maximum(stored - f.stores.limit[:, None], 0.0)
