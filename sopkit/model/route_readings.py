"""Read routings into the parameters of the supply programme."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.bom import co_products
from sopkit.master_data.dated import once
from sopkit.master_data.yields import days_of_all_steps, routings_in_force
from sopkit.model.parameters import Items, Routes, Stocks
from sopkit.model.refusals import refuse
from sopkit.rules.remember import remembered
from sopkit.tables import attach, empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, rows_in

# what a routing says of a unit or a run
ROUTE = [
    "hours_per_unit",
    "variable_cost",
    "min_lot",
    "setup_cost",
    "setup_hours",
    "routing_step",
]
PER_UNIT = ("hours_per_unit", "variable_cost")  # what a route takes of a unit it works on


@remembered
def read_routes(
    months: PeriodIndex,
    items: Items,
    stocks: Stocks,
    crews: pd.Index,
    routings: DataFrame | None,
    resources: DataFrame | None,
    unmade: frozenset[str],
) -> Routes:
    """Routings, then free making for what has none, at every site that makes it.

    `unmade` are products that are only purchased or come with others. Rates are of a good unit of
    the product: a step works for what it and the steps after it lose.
    """
    ways = routings_in_force(empty("routings") if routings is None else routings, months)
    cheapest = _cheapest(items.codes, ways)
    made = ways.keys.frame.iloc[:0] if resources is None else ways.keys.frame
    if resources is not None:
        made = attach(made, once(resources, "resource")[["resource", "site"]])
    routed = stocks.keys.frame["product"].isin([*made["product"], *unmade]).to_numpy()
    free = np.flatnonzero(stocks.makes & ~routed)
    stock = (
        rows_in(Keys(made[["product", "site"]]), stocks.keys)
        if len(made)
        else np.zeros(0, dtype=int)
    )
    refuse(
        stock < 0, made, "routings", "product must be held at the resource's site in item_locations"
    )
    worked = ways["units_worked"][: len(made)]
    numbers = {name: np.nan_to_num(ways[name].astype(float))[: len(made)] for name in ROUTE}
    for name in PER_UNIT:
        numbers[name] = numbers[name] * worked
    started = _most_of_each(stock, worked)
    stock = np.concatenate([stock, free])
    numbers = {
        name: np.vstack([grid, np.zeros((len(free), len(months)))])
        for name, grid in numbers.items()
    }
    numbers["variable_cost"][len(made) :] = cheapest[stocks.item[free]]
    step, last = numbers.pop("routing_step").max(axis=1, initial=0), np.zeros(len(stocks.item))
    np.maximum.at(last, stock, step)
    return Routes(
        stock=stock,
        item=stocks.item[stock],
        resource=np.concatenate([crews.get_indexer(made["resource"]), np.full(len(free), -1)]),
        hours=numbers["hours_per_unit"],
        making=numbers["variable_cost"],
        lot=numbers["min_lot"],
        setup_cost=numbers["setup_cost"],
        setup_hours=numbers["setup_hours"],
        step=step,
        yields=step == last[stock],
        lead=np.concatenate([days_of_all_steps(ways)[: len(made)], np.zeros(len(free))]),
        started=np.vstack([started, np.ones((len(free), len(months)))]),
    )


def _most_of_each(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The largest values of each row's group: rows x months."""
    most = np.zeros((group.max(initial=-1) + 1, values.shape[1]))
    np.maximum.at(most, group, values)
    return most[group]


def _cheapest(products: pd.Index, ways: ArrayTable) -> np.ndarray:
    """What the cheapest way costs to make a unit where it takes no resource: products x months."""
    cost = np.full((len(products), len(ways.months)), np.inf)
    row = products.get_indexer(pd.Index(ways.keys["product"]))
    own = np.nan_to_num(ways["variable_cost"].astype(float)) * ways["units_worked"]
    np.minimum.at(cost, row[row >= 0], own[row >= 0])
    return np.where(np.isfinite(cost), cost, 0.0)


def items_without_routing(
    sources: DataFrame | None, bill_of_materials: DataFrame | None
) -> frozenset[str]:
    """Items that need no routing: they have a supplier, or come with the production of others."""
    names = [] if sources is None else list(sources["item"])
    if bill_of_materials is not None:
        names += list(co_products(bill_of_materials)["item"])
    return frozenset(names)
