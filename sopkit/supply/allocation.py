"""Allocation of short products.

The supply programme decides how much each site sends of each product in each month. Which market
gets it, when there is not enough for all, is a rule that people have written down: by priority, in
proportion, or where it earns most.
"""

import numpy as np
from pandas import DataFrame

from sopkit.model.parameters import Lanes
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.schema.tolerances import MATERIAL
from sopkit.supply.lane_filling import ROUNDING, filled, rank, ratio, steps_by_freight, turn_steps
from sopkit.tables import attach
from sopkit.tables.keys import Keys
from sopkit.tables.measures import share

NO_RULE = {"allocation": "fair_share", "reason": "no row in allocation_policy"}


def turns(
    lanes: Lanes,
    products: DataFrame,
    allocation_policy: DataFrame | None = None,
    market_priorities: DataFrame | None = None,
) -> np.ndarray:
    """The rank of each lane of a short product: lowest first, equal ranks share in proportion.

    priority : by the market's priority, a row for the family before one for all; markets without
        one come last.
    margin : the least freight first, on average over the months, for a product costs and earns the
        same in every market but for freight.
    fair_share : all have the same turn.

    Returns
    -------
    a turn for each row of `lanes`
    """
    rule, priority = _ranks(lanes.keys, products, allocation_policy, market_priorities)
    turn = np.where(rule == "margin", lanes.freight.mean(axis=1), 0.0)
    return np.where(rule == "priority", priority, turn)


@remembered
def _ranks(
    ways: Keys,
    products: DataFrame,
    allocation_policy: DataFrame | None,
    market_priorities: DataFrame | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The rule of each lane, and the priority of its market; infinite without one."""
    rows = _rules(ways.frame, products, allocation_policy, market_priorities)
    rule = rows["allocation"].to_numpy(dtype=object)
    return rule, rows["priority"].fillna(np.inf).to_numpy(dtype=float)


def allocate(
    lanes: Lanes,
    item: np.ndarray,
    demand: np.ndarray,
    shipped: np.ndarray,
    lost: np.ndarray,
    turn: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Allocate each site's shipments to its markets, by rank; all else is unchanged.

    Every site sends what it sent in every month, and of every product the same units are served,
    owed and lost, all markets together; freight alone may change. A market gets no more than it
    asks for: its demand and what it is owed. Products that are never short, or take time to reach a
    market, stay as they are. Sites
    come one after another, the one with the fewest lanes first; where they reach different markets
    and one of them could then not send all it has, the programme decides what each group of markets
    gets that the same sites reach, and turns decide within the group.

    Columns are months. `lanes` holds stock and want, the rows of each lane's ends, and freight;
    `shipped` and `turn` have a row a lane; `item` (the product's number), `demand` and `lost` a row
    a want: a product in a market.

    Returns
    -------
    shipped, backlog, lost [units], in the shape of those given
    """
    shipped, lost = np.maximum(shipped, 0.0), np.maximum(lost, 0.0)
    new, new_lost = shipped.copy(), lost.copy()
    unserved = _owed(lanes.want, demand, shipped, lost) + lost
    short = _any(item, unserved.max(axis=1, initial=0.0) > ROUNDING)
    short[item[lanes.want[lanes.lead > 0]]] = False
    freight = lanes.freight.mean(axis=1)
    for parted in (False, True):
        way, of_short = np.flatnonzero(short[item[lanes.want]]), short[item]
        stock, want = lanes.stock[way], lanes.want[way]
        if parted:
            stock = _parts_of(stock, want, item, shipped[way].sum(axis=1) > 0)
        divided, written_off, short = _divided(
            stock, want, freight[way], item, demand, shipped[way], lost, turn[way]
        )
        new[way], new_lost[of_short] = divided, written_off[of_short]
    return new, np.maximum(_owed(lanes.want, demand, new, new_lost), 0.0), new_lost


def market_shares(
    products: DataFrame,
    constrained_demand: DataFrame,
    allocation_policy: DataFrame | None = None,
    market_priorities: DataFrame | None = None,
) -> DataFrame:
    """Calculate the allocation of short products in the months in which they are short.

    Deliveries fill the oldest order first.

    Returns
    -------
    product, market : family, allocation, demand, late, lost_sales [units], fill_rate [delivered in
        the month demand / demand; 1 without demand], reason, priority [empty where another rule
        decides]
    """
    keys, units = ["product", "market"], ["demand", "missed", "lost_sales"]
    unserved = constrained_demand["backlog"] + constrained_demand["lost_sales"]
    missed = MEASURES["unmet_demand"].of(constrained_demand)
    rows = constrained_demand.assign(unserved=unserved, missed=missed)
    rows = rows[rows.groupby(["product", "period"])["unserved"].transform("sum") > MATERIAL]
    table = rows.groupby(keys, as_index=False)[units].sum()
    table["late"] = np.maximum(table["missed"] - table["lost_sales"], 0.0)
    on_time = table["demand"] - table["missed"]
    table["fill_rate"] = share("fill_rate", on_time, table["demand"], 1.0)
    table = _rules(table, products, allocation_policy, market_priorities)
    table["priority"] = table["priority"].where(table["allocation"] == "priority")
    columns = [
        "family",
        "allocation",
        "demand",
        "late",
        "lost_sales",
        "fill_rate",
        "reason",
        "priority",
    ]
    return table[[*keys, *columns]]


def _rules(rows, products, allocation_policy, market_priorities):
    """Add to rows of products and markets their family, its rule and reason, and the market's
    priority."""
    rows = attach(rows, products[["product", "family"]])
    if allocation_policy is None:
        rows = rows.assign(**NO_RULE)
    else:
        said = allocation_policy["author"] + ": " + allocation_policy["reason"]
        rows = attach(
            rows, allocation_policy[["family", "allocation"]].assign(reason=said), default=np.nan
        )
        rows = rows.fillna(NO_RULE)
    if market_priorities is None:
        return rows.assign(priority=np.nan)
    named = market_priorities["family"].notna()
    own = attach(
        rows[["family", "market"]],
        market_priorities.loc[named, ["family", "market", "priority"]],
        default=np.nan,
    )
    common = attach(
        rows[["market"]], market_priorities.loc[~named, ["market", "priority"]], default=np.nan
    )
    return rows.assign(priority=own["priority"].fillna(common["priority"]))


def _any(group, said):
    """Whether it is true of any member of each group."""
    return np.bincount(group, said) > 0


def _owed(want, demand, shipped, lost):
    """What each market is owed at the end of each month."""
    served = np.zeros(demand.shape)
    np.add.at(served, want, shipped)
    return (demand - served - lost).cumsum(axis=1)


def _parts_of(stock, want, item, sends):
    """Part each stock by groups of markets: those that are reached from the same sites that send
    the product."""
    place, group = rank(item[want], stock), item
    for site in range(place.max(initial=-1) + 1):
        reached = np.bincount(want, sends & (place == site), minlength=len(item)) > 0
        group = np.unique(2 * group + reached, return_inverse=True)[1]
    return np.unique(stock * len(item) + group[want], return_inverse=True)[1]


def _divided(stock, want, freight, item, demand, shipped, lost, turn):
    """Go through the months; return what goes over each lane, what is lost, and products that could
    not be sent out.

    Lanes of the programme are kept as far as they serve the same markets; the rest goes at least
    freight.
    """
    by_turn, by_freight = turn_steps(stock, item[want], turn), steps_by_freight(item[want], freight)
    divided, written_off, stuck = (
        shipped.copy(),
        lost.copy(),
        np.zeros(item.max(initial=-1) + 1, dtype=bool),
    )
    owed = np.zeros(len(demand))
    for month in range(demand.shape[1]):
        asked = owed + demand[:, month]
        flow, left = filled(by_turn, stock, want, np.bincount(stock, shipped[:, month]), asked)
        stuck[item[want[left[stock] > ROUNDING]]] = True
        divided[:, month] = _kept(by_freight, stock, want, item, flow, shipped[:, month])
        unserved = np.maximum(asked - np.bincount(want, flow, minlength=len(asked)), 0.0)
        share = ratio(np.bincount(item, lost[:, month]), np.bincount(item, unserved))
        written_off[:, month] = unserved * np.minimum(share, 1.0)[item]
        owed = unserved - written_off[:, month]
    return divided, written_off, stuck


def _kept(steps, stock, want, item, flow, before):
    """Serve the markets what `flow` serves them, over the lanes of `before` first and then at least
    freight.

    A product whose lanes do not allow it keeps its flow.
    """
    served, had = (np.bincount(want, x) for x in (flow, before))
    kept = before * np.minimum(ratio(served, had), 1.0)[want]
    left = np.bincount(stock, flow - kept)
    missing = np.bincount(want, flow - kept)
    for step in steps:
        more = np.maximum(np.minimum(left[stock[step]], missing[want[step]]), 0.0)
        kept[step] += more
        left[stock[step]] -= more
        missing[want[step]] -= more
    open_items = (
        np.bincount(item[want], np.bincount(want, flow)[want] - np.bincount(want, kept)[want])
        > ROUNDING
    )
    return np.where(open_items[item[want]], flow, kept)
