"""Allocation of short products, and available to promise.

The supply programme decides how much each site sends of each product in each month. Which market
gets it, when there is not enough for all, is a rule that people have written down: by priority, in
proportion, or where it earns most.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.supply_modes import is_storable
from sopkit.model.parameters import Lanes
from sopkit.rules.remember import remembered
from sopkit.schema.measures import MEASURES
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables import attach
from sopkit.tables.arrays import Keys
from sopkit.tables.measures import share

ROUNDING = 1e-4  # units below this are the rounding of the solver, added up over the months
NO_RULE = {"allocation": "fair_share", "reason": "no row in allocation_policy"}
SUPPLY = ["regular", "overtime", "subcontract", "purchased", "scheduled_receipts"]


def turns(
    lanes: Lanes,
    products: DataFrame,
    allocation_policy: DataFrame | None = None,
    market_priorities: DataFrame | None = None,
) -> np.ndarray:
    """The rank of each lane of a short product: lowest first, equal ranks share in proportion.

    priority : by the market's priority, a row for the family before one for all; markets without
        one come last.
    margin : the least freight first, for a product costs and earns the same in every market but for
        freight.
    fair_share : all have the same turn.

    Returns
    -------
    a turn for each row of `lanes`
    """
    rule, priority = _ranks(lanes.keys, products, allocation_policy, market_priorities)
    turn = np.where(rule == "margin", lanes.freight, 0.0)
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
    for parted in (False, True):
        way, of_short = np.flatnonzero(short[item[lanes.want]]), short[item]
        stock, want = lanes.stock[way], lanes.want[way]
        if parted:
            stock = _parts_of(stock, want, item, shipped[way].sum(axis=1) > 0)
        divided, written_off, short = _divided(
            stock, want, lanes.freight[way], item, demand, shipped[way], lost, turn[way]
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


def available_to_promise(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    demand_plan: DataFrame,
    products: DataFrame | None = None,
) -> DataFrame:
    """Calculate available to promise by product and month of the plan of record, all sites.

    What comes in and is not needed by orders booked for this month or a later one, before later
    supply covers them: where an order needs more than comes with it, what came earlier is kept for
    it. What is not storable is promised within its own month alone. Stock at hand counts in the
    first month, and so do past-due orders; orders after the horizon belong to other plans.

    Returns
    -------
    product, period : supplied, booked, available_to_promise, cumulative_available, overcommitted
        [units]

    Source
    ------
    ASCM Supply Chain Dictionary, discrete available-to-promise and cumulative available-to-promise
    with look-ahead.
    """
    months = pd.PeriodIndex(planning_periods["period"])
    plan = supply_plan
    ordered = demand_plan["firm_orders"] + demand_plan["past_due_orders"]
    codes = pd.Index(np.union1d(plan["product"], demand_plan["product"]), dtype="str")
    supplied = _by_month(codes, months, plan, plan[SUPPLY].sum(axis=1))
    booked = _by_month(codes, months, demand_plan, ordered)
    on_hand = _by_month(codes, months[:1], plan, plan["opening_inventory"])
    left = on_hand + (supplied - booked).cumsum(axis=1)
    free = np.maximum(np.minimum.accumulate(left[:, ::-1], axis=1)[:, ::-1], 0.0)
    promised, over = np.diff(free, axis=1, prepend=0.0), np.maximum(-left, 0.0)
    if products is not None:
        held = is_storable(products, Keys(codes.to_frame(name="product")))
        own = ~held[:, None]
        promised = np.where(own, np.maximum(supplied - booked, 0.0), promised)
        over = np.where(own, np.maximum(booked - supplied, 0.0), over)
    grids = {
        "supplied": supplied,
        "booked": booked,
        "available_to_promise": promised,
        "cumulative_available": promised.cumsum(axis=1),
        "overcommitted": over,
    }
    table = pd.DataFrame(
        {"product": codes.repeat(len(months)), "period": np.tile(months, len(codes))}
    )
    return table.assign(**{name: grid.ravel() for name, grid in grids.items()})


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


def _by_month(codes, months, rows, values):
    """Add values up by product and planned month."""
    month = pd.PeriodIndex(rows["period"]).asi8 - months[0].ordinal
    planned = (month >= 0) & (month < len(months))
    grid = np.zeros((len(codes), len(months)))
    np.add.at(
        grid,
        (codes.get_indexer(rows["product"])[planned], month[planned]),
        values.to_numpy()[planned],
    )
    return grid


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
    place, group = _rank(item[want], stock), item
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
    by_turn, by_freight = turn_steps(stock, item[want], turn), _steps(item[want], freight)
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
        share = _ratio(np.bincount(item, lost[:, month]), np.bincount(item, unserved))
        written_off[:, month] = unserved * np.minimum(share, 1.0)[item]
        owed = unserved - written_off[:, month]
    return divided, written_off, stuck


def turn_steps(stock: np.ndarray, item: np.ndarray, turn: np.ndarray) -> list[np.ndarray]:
    """Lanes in the order in which they are filled: site after site of each product, and turn after
    turn of each site.

    In a step every product has one site and every site one turn.

    Returns
    -------
    positions of lanes, step by step
    """
    lanes = np.bincount(stock)[stock]
    site = _rank(
        item, stock + lanes * (stock.max(initial=0) + 1)
    )  # the site with the fewest lanes first
    place = _rank(stock, turn)
    return _grouped(site * (place.max(initial=0) + 1) + place)


def _steps(item, freight):
    """Lanes in the order of freight: in a step every product has one lane."""
    order = np.lexsort((freight, item))
    place = np.zeros(len(item), dtype=int)
    place[order] = np.arange(len(item)) - np.searchsorted(item[order], item[order])
    return _grouped(place)


def _rank(group, value):
    """The place of each value among the different values of its group, from 0."""
    order = np.lexsort((value, group))
    g, v = group[order], value[order]
    new = np.r_[True, (g[1:] != g[:-1]) | (v[1:] != v[:-1])][: len(g)].cumsum() - 1
    place = np.zeros(len(group), dtype=int)
    place[order] = new - new[np.searchsorted(g, g)]
    return place


def _grouped(number):
    """The positions of each number, in the order of numbers."""
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if len(order) else []


def filled(
    steps: Iterable[np.ndarray],
    stock: np.ndarray,
    want: np.ndarray,
    sent: np.ndarray,
    asked: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill lanes step by step; return what goes over each lane, and what each stock could not send.

    Returns
    -------
    flow : units, by lane
    left : units, by stock
    """
    left, served, flow = sent.copy(), np.zeros(len(asked)), np.zeros(len(want))
    for step in steps:
        s, w = stock[step], want[step]
        flow[step] = _water_fill(s, left[s], asked[w], served[w])
        served[w] += flow[step]
        left = left - np.bincount(s, flow[step], minlength=len(left))
    return flow, left


def _water_fill(group, units, asked, served):
    """Pour each group's units over its members until all have the same share of what they ask; none
    gives back."""
    share = np.where(asked > 0, _ratio(served, asked), 1.0)
    order = np.lexsort((share, group))
    g, a, s = group[order], asked[order], served[order]
    start = np.searchsorted(g, g)
    below_a, below_s = (np.r_[0.0, x.cumsum()] for x in (a, s))
    reached = (
        share[order] * (below_a[1:] - below_a[start]) - (below_s[1:] - below_s[start])
        < units[order]
    )
    level = _ratio(units[order] + np.bincount(g, s * reached)[g], np.bincount(g, a * reached)[g])
    poured = np.zeros(len(group))
    poured[order] = np.where(reached, np.maximum(np.minimum(level, 1.0) * a - s, 0.0), 0.0)
    return poured


def _kept(steps, stock, want, item, flow, before):
    """Serve the markets what `flow` serves them, over the lanes of `before` first and then at least
    freight.

    A product whose lanes do not allow it keeps its flow.
    """
    served, had = (np.bincount(want, x) for x in (flow, before))
    kept = before * np.minimum(_ratio(served, had), 1.0)[want]
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


def _ratio(part, whole):
    """Part of whole; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0)
