"""Succession of codes: the history of an old code belongs to the code that continues it.

A succession that has begun joins the two histories: the new code is forecast from both, and the old
one keeps only what is not handed over yet; months without sales after the new code has begun are
its end, and are not filled. One that is to come hands over the old code's own
forecast from its first month on. Between from_period and to_period the share goes up in equal
steps; `factor` is how many units of the new code stand for one of the old.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

PAIR = ["product", "market"]
KEYS = [*PAIR, "period"]
ENDED = "not_on_sale"  # the finding of months without sales that are filled
UNITS = ["baseline", "median", "lower_80", "upper_80", "demand_std"]


def joined(
    demand_history: DataFrame, product_successions: DataFrame | None, first: pd.Period
) -> DataFrame:
    """The history with old codes under the codes that continue them, as of the first planned month.

    Returns
    -------
    product, market, period : cleansed (at the newest level) [units], finding, period_days; the
        other columns of `demand_history` are left out where something was joined
    """
    begun = _begun(product_successions, first)
    if begun.empty or demand_history.empty:
        return demand_history
    level = demand_history.get("level_factor", pd.Series(1.0, demand_history.index)).fillna(1.0)
    finding = demand_history.get("finding", pd.Series(pd.NA, demand_history.index, dtype="str"))
    rows = demand_history[KEYS].assign(cleansed=demand_history["cleansed"] * level, finding=finding)
    if "period_days" in demand_history:
        rows["period_days"] = demand_history["period_days"]
    for old, links in _in_order(begun):
        gone = (rows["product"] == old) & rows["market"].isin([link.market for link in links])
        parts = [rows[~gone]]
        for link in links:
            moved = rows[gone & (rows["market"] == link.market)].assign(product=link.product)
            ended = (moved["finding"] == ENDED) & (moved["period"] >= link.from_period)
            units = (moved["cleansed"] * link.factor).mask(ended, 0.0)
            parts.append(moved.assign(cleansed=units))
        rows = pd.concat(parts, ignore_index=True)
    others = [name for name in ("finding", "period_days") if name in rows]
    how = {"cleansed": "sum"} | dict.fromkeys(others, "first")
    return rows.groupby(KEYS, as_index=False).agg(how)


def handed_over(
    baseline_forecast: DataFrame,
    product_successions: DataFrame | None,
    demand_history: DataFrame,
    first: pd.Period,
) -> DataFrame:
    """The baseline of joined codes parted between old and new, month by month.

    Returns
    -------
    product, market, period : baseline, lower_80, upper_80 [units], method
    """
    if product_successions is None or product_successions.empty:
        return baseline_forecast
    table = baseline_forecast
    known = pd.MultiIndex.from_frame(demand_history[PAIR].drop_duplicates())
    begun = set(_begun(product_successions, first).index)
    for old, links in reversed(_in_order(product_successions)):
        for market in dict.fromkeys(link.market for link in links):
            here = [link for link in links if link.market == market]
            if (old, market) in known:
                table = _parted(table, old, here, {link.Index for link in here} <= begun)
    return table.sort_values(KEYS, ignore_index=True)


def _parted(table, old, links, joined):
    """One old code and the codes that continue it in one market."""
    market = links[0].market
    of_market = table["market"] == market
    source = links if joined else [old]
    rows = [
        table[of_market & (table["product"] == (one.product if joined else one))] for one in source
    ]
    if any(part.empty for part in rows):
        return table
    months = pd.PeriodIndex(rows[0]["period"])
    shares = [_share(link, months) for link in links]
    kept = rows[0].assign(product=old, method=rows[0]["method"] + "; continued by other codes")
    new = []
    if joined:
        factor = sum(link.factor for link in links)
        left = sum(
            part[UNITS].to_numpy() * (1 - share)[:, None]
            for part, share in zip(rows, shares, strict=True)
        )
        kept[UNITS] = left / factor
        for part, share in zip(rows, shares, strict=True):
            new.append(part.assign(**{c: part[c].to_numpy() * share for c in UNITS}))
    else:
        own = rows[0][UNITS].to_numpy()
        kept[UNITS] = own * (1 - np.max(shares, axis=0))[:, None]
        for link, share in zip(links, shares, strict=True):
            part = rows[0].assign(product=link.product)
            part[UNITS] = own * (share * link.factor)[:, None]
            new.append(part)
    names = [old, *(link.product for link in links)] if joined else [old]
    rest = table[~(of_market & table["product"].isin(names))]
    both = pd.concat([rest, kept, *new], ignore_index=True)
    return both.groupby(KEYS, as_index=False).agg(
        **{c: (c, "sum") for c in UNITS},
        zero_probability=("zero_probability", "min"),
        method=("method", "first"),
    )[list(table.columns)]


def _share(link, months):
    """The share handed over in each month, 0..1."""
    first, last = link.from_period.ordinal, link.to_period.ordinal
    return np.clip((months.asi8 - first + 1) / (last - first + 1), 0.0, 1.0)


def _begun(successions, first):
    if successions is None:
        return pd.DataFrame()
    return successions[successions["from_period"] <= first]


def _in_order(successions):
    """Old codes with their links, each before the codes that continue it."""
    links = {}
    for link in successions.itertuples():
        links.setdefault(link.old_product, []).append(link)
    order: list[str] = []
    seen: set[str] = set()

    def visit(old):
        if old not in seen:
            seen.add(old)
            for other, theirs in links.items():
                if other != old and any(link.product == old for link in theirs):
                    visit(other)
            order.append(old)

    for old in links:
        visit(old)
    return [(old, links[old]) for old in order]
