"""Deliveries of items by the ways from their suppliers: just in time, earlier before a peak, late
where nothing else helps.

The source of the lowest priority number delivers first, as far as it can. A delivery is at least
the minimum order and a multiple of the order multiple; what it brings beyond the need is carried
over.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.lead_times import MonthDays
from sopkit.master_data.sources import SOURCE, receivable
from sopkit.rules.remember import remembered
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys


class Ways(NamedTuple):
    """The ways of items from their suppliers: one row each, in the order in which they are used."""

    item: np.ndarray
    rank: np.ndarray  # 0 is used first
    possible: np.ndarray  # units, by month
    least: np.ndarray  # units, by month
    multiple: np.ndarray  # units, by month
    lead: np.ndarray  # days
    unit_cost: np.ndarray  # money per unit, by month
    limit: np.ndarray  # units, by month; nan without a limit
    most_new: np.ndarray  # items x months: units that notice lets new orders bring
    keys: Keys  # item, supplier, site


def ways_of(items: pd.Index, terms: ArrayTable, rate: np.ndarray, days: MonthDays) -> Ways:
    """The sources of every item; one without any is there when it is needed."""
    own = _rows_of(items, terms.keys)
    place = items.get_indexer(pd.Index(terms.keys["item"]))[own]
    alone = np.setdiff1d(np.arange(len(items)), place)
    given = terms.keep(own)
    nothing = np.full((len(alone), len(terms.months)), np.nan)
    number = {name: np.vstack([given[name], nothing]) for name in given.names}
    item = np.concatenate([place, alone]).astype(int)
    possible = receivable(given, rate[place], days)
    possible = np.vstack([possible, np.full(nothing.shape, np.inf)])
    return Ways(
        item=item,
        rank=_rank(item),
        possible=possible,
        least=np.nan_to_num(number["min_order"]),
        multiple=np.nan_to_num(number["order_multiple"]),
        lead=np.nan_to_num(number["lead_time_days"][:, -1]),
        unit_cost=np.nan_to_num(number["unit_cost"]),
        limit=number["supply_limit"],
        most_new=np.full((len(items), len(terms.months)), np.inf),
        keys=_way_keys(given.keys, items, alone.tobytes()),
    )


@remembered
def _rows_of(items: pd.Index, sources: Keys) -> np.ndarray:
    return np.flatnonzero(items.get_indexer(pd.Index(sources["item"])) >= 0)


@remembered
def _way_keys(sources: Keys, items: pd.Index, alone: bytes) -> Keys:
    rest = items[np.frombuffer(alone, dtype=np.int64)]
    unknown = DataFrame({"item": rest}).reindex(columns=SOURCE)
    unknown = unknown.astype(dict.fromkeys(SOURCE, "str"))
    frame = sources.frame.assign(site=pd.NA)
    return Keys(pd.concat([frame, unknown], ignore_index=True).astype("str"))


def _rank(item: np.ndarray) -> np.ndarray:
    """The place of each row among those of its item."""
    return DataFrame({"item": item}).groupby("item").cumcount().to_numpy()


def known_stock(
    on_hand: np.ndarray, required: np.ndarray, ways: Ways, level: np.ndarray
) -> np.ndarray:
    """Stock of items; what is not given covers the need until a new order could arrive."""
    before = np.ones(required.shape, dtype=bool)
    for row, item in enumerate(ways.item):
        before[item] &= np.minimum(ways.possible[row], ways.most_new[item]).cumsum() == 0
    assumed = (required * before).sum(axis=1)
    return np.where(np.isnan(on_hand), assumed, on_hand)[level]


def deliveries(
    required: np.ndarray, coming: np.ndarray, on_hand: np.ndarray, ways: Ways, own: np.ndarray
) -> np.ndarray:
    """Deliveries of some ways that cover what stock does not: just in time, earlier before a peak,
    late where nothing else helps."""
    count = len(required)
    possible = np.zeros(required.shape)
    np.add.at(possible, ways.item[own], ways.possible[own])
    balance = (required - coming).cumsum(axis=1) - on_hand[:, None]
    need = np.diff(np.maximum.accumulate(np.maximum(balance, 0), axis=1), axis=1, prepend=0)
    possible = np.maximum(possible - np.where(np.isfinite(possible), coming, 0.0), 0.0)
    possible = np.minimum(possible, ways.most_new)
    wanted, pushed = np.zeros(need.shape), np.zeros(count)
    for month in reversed(range(need.shape[1])):
        wanted[:, month] = np.minimum(need[:, month] + pushed, possible[:, month])
        pushed += need[:, month] - wanted[:, month]
    received, late, spare = np.zeros((len(own), need.shape[1])), pushed, np.zeros(count)
    turns = [np.flatnonzero(ways.rank[own] == turn) for turn in np.unique(ways.rank[own])]
    for month in range(need.shape[1]):
        due, open_limit = np.maximum(wanted[:, month] + late - spare, 0), possible[:, month].copy()
        brought = np.zeros(count)
        for turn in turns:
            way = own[turn]
            item = ways.item[way]
            rest = np.maximum(due[item] - brought[item], 0.0)
            size = _lot(rest, ways.least[way, month], ways.multiple[way, month])
            size = np.minimum(np.minimum(size, ways.possible[way, month]), open_limit[item])
            received[turn, month] = size
            brought[item] += size
            open_limit[item] -= size
        balance = spare + brought - wanted[:, month] - late
        spare, late = np.maximum(balance, 0), np.maximum(-balance, 0)
    return received


def _lot(need, least, multiple):
    """What is ordered for a need: at least the minimum order, in whole multiples."""
    size = np.where(need > ROUNDING, np.maximum(need, least), 0.0)
    step = np.where(multiple > 0, multiple, 1.0)
    return np.where(multiple > 0, np.ceil(size / step - ROUNDING) * step, size)


def by_item(ways: Ways, count: int, grid: np.ndarray) -> np.ndarray:
    """Sum a grid of ways over those of each item."""
    total = np.zeros((count, grid.shape[1]))
    np.add.at(total, ways.item, grid)
    return total
