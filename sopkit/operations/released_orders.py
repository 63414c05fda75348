"""Released orders keep their days: when what a month makes is made, and when it can leave."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

MONTH = ["product", "site", "period"]
WEEK = [*MONTH, "week"]
MADE = ["regular", "overtime"]


def released_orders(plan: DataFrame, plan_overrides: DataFrame | None) -> DataFrame:
    """The released orders that have a day; one without a site is made where the plan makes it.

    Parameters
    ----------
    plan : what each product and site makes in a month

    Returns
    -------
    product, site, period, week, day : quantity [units]
    """
    if plan_overrides is None:
        return DataFrame(columns=[*WEEK, "day", "quantity"])
    firm = (plan_overrides["kind"] == "firm_production") & plan_overrides["day"].notna()
    orders = plan_overrides.loc[firm, ["item", "site", "period", "day", "fixed"]]
    orders = orders.rename(columns={"item": "product", "fixed": "quantity"})
    made = plan[MONTH].assign(made=plan[MADE].sum(axis=1)).groupby(MONTH, as_index=False).sum()
    share = made["made"] / made.groupby(["product", "period"])["made"].transform("sum")
    made = made.assign(share=share)[made["made"] > 0]
    named, open_ = orders[orders["site"].notna()], orders[orders["site"].isna()]
    spread = open_.drop(columns="site").merge(made, on=["product", "period"])
    spread = spread.assign(quantity=spread["quantity"] * spread["share"])
    rows = pd.concat([named, spread[named.columns]], ignore_index=True)
    monday = rows["day"] - pd.to_timedelta(rows["day"].dt.day_of_week, unit="D")
    return rows.assign(week=monday)[[*WEEK, "day", "quantity"]]


def made_by_orders(
    rows: DataFrame, group: list[str], until: Series, orders: DataFrame, ended: Series
) -> tuple[Series, Series]:
    """When what is made is made: orders by their days, the rest as it was.

    Parameters
    ----------
    rows : a row for each week of a month, or day of a week, with what is made in all of it
    group : the columns that tell months, or weeks, apart
    until : the last day of each row
    ended : the share that is made by the end of each row without orders

    Returns
    -------
    begun, ended : shares of what is made, by row
    """
    ended, made = ended.copy(), rows[MADE].sum(axis=1)
    for key, mine in orders.groupby(group):
        chosen = _rows_of(rows, group, key)
        if chosen.empty or made[chosen[0]] <= 0:
            continue
        total, whole = mine["quantity"].sum(), made[chosen[0]]
        done = [mine.loc[mine["day"] <= last, "quantity"].sum() / total for last in until[chosen]]
        firm = min(total, whole) / whole
        ended[chosen] = firm * np.array([*done[:-1], 1.0]) + (1 - firm) * ended[chosen]
    return _begun(rows, group, ended), ended


def gone_after(
    rows: DataFrame, orders: DataFrame, made_ended: Series, others: Series, going: Series
) -> tuple[Series, Series]:
    """When what leaves a stock can leave: by the working time, and not before orders are made.

    Parameters
    ----------
    rows : a row for each week of a month, with `opening_inventory` and `ended`
    others, going : all that comes beside production, and that leaves, in the month [units]

    Returns
    -------
    begun, ended : shares of what leaves, by row
    """
    ended, made = rows["ended"].copy(), rows[MADE].sum(axis=1)
    there = rows["opening_inventory"] + made * made_ended + others * rows["ended"]
    for key, _ in orders.groupby(MONTH):
        chosen = _rows_of(rows, MONTH, key)
        if chosen.empty or going[chosen[0]] <= 0:
            continue
        can = np.clip(np.minimum(ended[chosen], there[chosen] / going[chosen[0]]), 0.0, 1.0)
        later = np.minimum.accumulate(can.to_numpy()[::-1])[::-1]
        ended[chosen] = np.append(later[:-1], 1.0)
    return _begun(rows, MONTH, ended), ended


def _rows_of(rows, group, key):
    chosen = np.ones(len(rows), dtype=bool)
    for column, value in zip(group, key, strict=True):
        chosen &= (rows[column] == value).to_numpy()
    return rows.index[chosen]


def _begun(rows, group, ended):
    return ended.groupby([rows[column] for column in group]).shift(fill_value=0.0)
