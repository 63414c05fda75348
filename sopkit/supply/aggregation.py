"""Aggregate planning of large portfolios: groups are planned and disaggregated by run-out time.

A group holds products of one family that are made, held and owed alike. It is counted in standard
units: one of each product takes the same hours of every resource and the same limited parts, so
what a group can make its products can make, and no limit on hours or parts is exceeded. What a
product has in stock beyond its own demand is kept as stock of its group, for it serves no other
product.

Materials of which there is enough in time for the demand plan limit no group. Which products make a
group, and which are planned individually, is in `planning_groups`.

What holds for groups in total only: least and most stock, storage and the plan last approved are
kept by the group, so that a product may miss its own and rented room may differ; rates and prices
are means of the group.

Source
------
Bitran & Hax, On the design of hierarchical production planning systems, Decision Sciences 8 (1977):
effective demand, families in a linear programme, items by equal run-out times.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.model.parameters import Assemblies, Facts
from sopkit.supply.group_rules import grouped_rules
from sopkit.supply.planning_groups import Groups, planning_groups
from sopkit.tables.keys import Keys


def planned_facts(
    facts: Facts, company_settings: DataFrame | None = None, alone: Iterable[int] = ()
) -> tuple[Groups | None, Facts]:
    """The groups in which products are planned, or None, and the facts of what is planned: groups
    or products.

    Returns
    -------
    groups, None where every product is planned individually
    facts of the groups, or those given
    """
    scarce = scarce_materials(facts)
    groups = planning_groups(scarce, company_settings, alone)
    return groups, facts if groups is None else grouped_facts(scarce, groups)


def scarce_materials(f: Facts) -> Facts:
    """The facts with those materials alone of which the demand plan may not get enough in time."""
    demand = summed(f.wants.item, len(f.items.codes), f.wants.demand).cumsum(axis=1)
    held = f.stocks.on_hand[:, None] + f.stocks.scheduled_receipts.cumsum(axis=1)
    made = np.maximum(demand - summed(f.stocks.item, len(demand), held), 0.0)
    needed = f.materials.usage @ made
    there = (f.materials.coming + f.materials.receivable).cumsum(axis=1)
    short = (there < needed - 1e-6).any(axis=1)
    scarce = np.flatnonzero(_with_relatives(short, f.materials.into))
    kept = {name: getattr(f.materials, name)[scarce] for name in ("codes", "coming", "receivable")}
    return f._replace(
        materials=f.materials._replace(
            usage=f.materials.usage[scarce],
            into=f.materials.into[scarce][:, scarce],
            lead=f.materials.lead[scarce],
            **kept,
        )
    )


def _with_relatives(short, into):
    """Short materials, what is made of them and what these are made of."""
    while (more := short | (into.T @ short > 0) | (into @ short > 0)).sum() > short.sum():
        short = more
    return short


def grouped_facts(f: Facts, groups: Groups) -> Facts:
    """The facts of the supply programme with groups in the place of products, in standard units."""
    first, at = places(f, groups)
    group, start = groups.of_item, first["item"]
    rates = ("price", "material", "holding", "late", "lost", "outside")
    every = np.arange(len(group))
    items = f.items._replace(
        codes=groups.codes,
        family=f.items.family[start],
        keeps=f.items.keeps[start],
        outside_lead=f.items.outside_lead[start],
        outside_limit=_total(groups, at["item"], every, f.items.outside_limit),
        **{name: _mean(groups, at["item"], every, getattr(f.items, name)) for name in rates},
    )
    stocks, start = _grouped_stocks(f, groups, first["stock"], at["stock"]), first["want"]
    wants = f.wants._replace(
        keys=_keys(groups, f.wants.keys, start, f.wants.item),
        item=group[f.wants.item[start]],
        demand=_total(groups, at["want"], f.wants.item, f.wants.demand),
        in_transit=_total(groups, at["want"], f.wants.item, f.wants.in_transit),
        waits=f.wants.waits[start],
    )
    sent, start = f.stocks.item[f.lanes.stock], first["lane"]
    lanes = f.lanes._replace(
        keys=_keys(groups, f.lanes.keys, start, sent),
        stock=at["stock"][f.lanes.stock[start]],
        want=at["want"][f.lanes.want[start]],
        freight=_mean(groups, at["lane"], sent, f.lanes.freight),
        lead=f.lanes.lead[start],
    )
    moved = f.moves._replace(
        stock=at["stock"][f.moves.stock], to_stock=at["stock"][f.moves.to_stock]
    )
    return f._replace(
        items=items,
        stocks=stocks,
        wants=wants,
        lanes=lanes,
        moves=moved,  # of products that are planned individually
        routes=_grouped_routes(f, groups, first["route"], at),
        stores=f.stores._replace(of_stock=f.stores.of_stock[first["stock"]]),
        purchases=f.purchases._replace(stock=at["stock"][f.purchases.stock]),
        materials=f.materials._replace(usage=f.materials.usage @ _shares(groups)),
        assemblies=Assemblies(*(_between_groups(at["stock"], matrix) for matrix in f.assemblies)),
        rules=grouped_rules(
            f,
            groups.several,
            groups.unit,
            _shares(groups).sum(axis=1),
            groups.codes.to_numpy(dtype=object)[group],
            at["stock"],
        ),
    )


def places(f: Facts, groups: Groups) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The first product's row of each row of the groups' facts, and the groups' row of each
    product's row.

    Returns
    -------
    first, at : arrays by name (item, stock, want, lane, route); first has a position for each row
        of the groups, at for each row of the products
    """
    market = pd.factorize(f.wants.keys["market"], sort=True)[0]
    resource = np.where(f.routes.resource < 0, len(f.crews.codes), f.routes.resource)
    first, at = {}, {}

    def place(name, *key):
        rows = np.unique(np.stack(key, axis=1), axis=0, return_index=True, return_inverse=True)
        first[name], at[name] = rows[1], rows[2].ravel()

    place("item", groups.of_item)
    place("stock", groups.of_item[f.stocks.item], f.stocks.site)
    place("want", groups.of_item[f.wants.item], market)
    place("lane", at["stock"][f.lanes.stock], at["want"][f.lanes.want])
    place("route", at["stock"][f.routes.stock], resource, f.routes.step)
    return first, at


def summed(place: np.ndarray, count: int, grid: np.ndarray) -> np.ndarray:
    """Sum the rows of a grid by their place."""
    total = np.zeros((count, *grid.shape[1:]))
    np.add.at(total, place, grid)
    return total


def _grouped_stocks(f, groups, start, at):
    """Stocks of groups; each tier holds at least what lies there idle, so that it serves no other
    product."""
    stocks = f.stocks
    idle = _idle_stock(f) * groups.several[stocks.item, None]
    known = summed(at, len(start), np.isfinite(stocks.approved).astype(float)) > 0
    approved = _total(groups, at, stocks.item, np.nan_to_num(stocks.approved))
    added = {name: getattr(stocks, name) for name in ("on_hand", "scheduled_receipts", "demand")}
    added |= {name: np.maximum(getattr(stocks, name), idle) for name in ("least", "target", "most")}
    return stocks._replace(
        keys=_keys(groups, stocks.keys, start, stocks.item),
        item=groups.of_item[stocks.item[start]],
        site=stocks.site[start],
        makes=stocks.makes[start],
        approved=np.where(known, approved, np.nan),
        **{name: _total(groups, at, stocks.item, grid) for name, grid in added.items()},
    )


def _between_groups(place, matrix):
    """What goes between stocks, by the stocks of groups."""
    found = matrix.tocoo()
    count = place.max(initial=-1) + 1
    return csr_array((found.data, (place[found.row], place[found.col])), shape=(count, count))


def _grouped_routes(f, groups, start, at):
    routes = f.routes
    alike = {name: grid[start] for name, grid in routes._asdict().items()}
    means = {
        n: _mean(groups, at["route"], routes.item, getattr(routes, n)) for n in ("hours", "making")
    }
    own = {"stock": at["stock"][routes.stock[start]], "item": groups.of_item[routes.item[start]]}
    return routes._replace(**alike | means | own)


def _keys(groups, keys, start, item):
    codes = groups.codes[groups.of_item[item[start]]]
    return Keys(keys.frame.iloc[start].assign(product=codes))


def _by_row(values, grid):
    return values.reshape(-1, *[1] * (grid.ndim - 1))


def _total(groups, place, item, grid):
    """Units of products, in standard units, added up."""
    return summed(place, place.max(initial=-1) + 1, grid * _by_row(groups.unit[item], grid))


def _mean(groups, place, item, grid):
    """Rates of a standard unit: means of the products' rates, weighted by demand."""
    weighted = summed(place, place.max(initial=-1) + 1, grid * _by_row(groups.volume[item], grid))
    return weighted / _by_row(
        summed(place, len(weighted), (groups.volume * groups.unit)[item]), grid
    )


def _shares(groups):
    """Product x group: units of each product in a mean standard unit of its group."""
    units = np.bincount(groups.of_item, groups.volume * groups.unit)
    value = groups.volume / units[groups.of_item]
    return csr_array(
        (value, (np.arange(len(value)), groups.of_item)), shape=(len(value), len(units))
    )


def _idle_stock(f):
    """Stock that lies at each month's end when each product serves its own demand first and nothing
    more is made."""
    count, stocks = len(f.items.codes), f.stocks
    demand = summed(f.wants.item, count, f.wants.demand)
    came = stocks.on_hand[:, None] + stocks.scheduled_receipts.cumsum(axis=1)
    coming = np.diff(summed(stocks.item, count, came), axis=1, prepend=0.0)
    left, stock = np.zeros(demand.shape), np.zeros(count)
    for month in range(demand.shape[1]):
        stock = np.maximum(stock + coming[:, month] - demand[:, month], 0.0)
        left[:, month] = stock
    total = summed(stocks.item, count, came)[stocks.item]
    return left[stocks.item] * came / np.where(total > 0, total, 1.0)
