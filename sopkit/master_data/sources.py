"""Who supplies what: terms in force, open orders, and the most that can be there in each month.

What is not given does not limit: without a lead time an order is there at once, without a limit
any quantity is. The lead time counts in calendar days from the first planned day.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.lead_times import MonthDays
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.periods import period_of

SOURCE = ["item", "supplier", "site"]
TERMS = [
    *("lead_time_days", "unit_cost", "inbound_freight_cost", "min_order", "order_multiple"),
    *("supply_limit", "priority"),
]
ANY_SITE = ""  # of a source that delivers wherever the item is held


@remembered
def source_terms(sources: DataFrame | None, months: PeriodIndex) -> ArrayTable:
    """The terms of each source in each month: those of its last row in force by then.

    Sources of an item stand in the order in which they are used: by priority, then as the table
    lists them.

    Returns
    -------
    item, supplier, site : lead_time_days [days], unit_cost, inbound_freight_cost [money per unit],
        min_order, order_multiple, supply_limit [units], priority, each empty where it is not given;
        begun, 1 from the month in which the source is in force
    """
    if sources is None:
        none = DataFrame({name: pd.Series(dtype="str") for name in SOURCE})
        empty = dict.fromkeys([*TERMS, "begun"], np.zeros((0, len(months))))
        return ArrayTable(Keys(none), months, empty)
    rows = sources.assign(
        site=sources["site"].fillna(ANY_SITE),
        start=pd.PeriodIndex(sources["effective_from"].fillna(months[0])).asi8 - months[0].ordinal,
        rank=sources["priority"].astype("float64").fillna(np.inf),
    )
    rows["rank"] = rows.groupby(SOURCE)["rank"].transform("min")
    rows = rows.sort_values(["item", "rank"], kind="stable")
    keys = rows[SOURCE].drop_duplicates(ignore_index=True)
    place = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(rows[SOURCE]))
    grids = {name: np.full((len(keys), len(months)), np.nan) for name in TERMS}
    begun = np.zeros((len(keys), len(months)))
    numbers = rows[TERMS].astype("float64").to_numpy()
    for row in np.argsort(rows["start"].to_numpy(), kind="stable"):
        first = max(int(rows["start"].iloc[row]), 0)
        begun[place[row], first:] = 1.0
        for name, value in zip(TERMS, numbers[row], strict=True):
            grids[name][place[row], first:] = value
    return ArrayTable(Keys(keys), months, {**grids, "begun": begun})


def purchase_terms(
    items: pd.Index, components: DataFrame | None, sources: DataFrame | None
) -> DataFrame:
    """What is known of the purchase of every item: its stock, and the terms of its first source.

    Returns
    -------
    item : on_hand [units], shelf_life_days [days], supplier, lead_time_days [days], unit_cost,
        inbound_freight_cost [money per unit], min_order, order_multiple, supply_limit [units, of
        all its sources], each empty where it is not given
    """
    table = DataFrame(index=items)
    for column in ("on_hand", "shelf_life_days"):
        known = None if components is None else components.set_index("component")[column]
        table[column] = np.nan if known is None else known.reindex(items).astype("float64")
    table["supplier"] = pd.Series(pd.NA, index=items, dtype="str")
    first = None
    if sources is not None:
        first = sources.sort_values("priority", kind="stable").drop_duplicates("item")
        first = first.set_index("item").reindex(items)
        table["supplier"] = first["supplier"]
    for column in TERMS[:-1]:
        table[column] = np.nan if first is None else first[column].astype("float64")
    if sources is not None:
        limit = sources.drop_duplicates(SOURCE, keep="last").fillna({"supply_limit": np.inf})
        limit = limit.groupby("item")["supply_limit"].sum().reindex(items).astype("float64")
        table["supply_limit"] = limit.where(np.isfinite(limit))
    return table


def first_inbound_freight(
    sources: DataFrame | None, items: Series, months: PeriodIndex
) -> np.ndarray:
    """Inbound freight of a unit from the first source of each item that is in force in the month.

    Before the first is in force that of the first holds; 0 where none is given.

    Returns
    -------
    items x months [money per unit]
    """
    terms = source_terms(sources, months)
    places = pd.Index(terms.keys["item"])
    freight = np.zeros((len(items), len(months)))
    for row, item in enumerate(items):
        ways = np.flatnonzero(places == item)
        if len(ways):
            first = ways[(terms["begun"][ways] > 0).argmax(axis=0)]
            freight[row] = terms["inbound_freight_cost"][first, np.arange(len(months))]
    return np.nan_to_num(freight)


def first_lead_times(sources: DataFrame | None) -> dict[str, float]:
    """The lead time of the first source of each item [days], where it is given."""
    if sources is None:
        return {}
    first = sources.sort_values("priority", kind="stable").drop_duplicates("item")
    return first.set_index("item")["lead_time_days"].dropna().to_dict()


def receivable(terms: ArrayTable, rate: np.ndarray, days: MonthDays) -> np.ndarray:
    """The most units that each source can have delivered for use in each month.

    What is ordered on the first day of a source, or on the first planned day where that is past,
    arrives after the lead time. In the month of its arrival it is used for the days that are left,
    at the month's rate; later months have no such limit. The supply limit of a month holds for the
    days that are left, too.

    Parameters
    ----------
    rate : units that a month takes, by source and month

    Returns
    -------
    sources x months [units], infinite where nothing limits
    """
    months, lengths = terms.months, days.lengths[0]
    limit = np.nan_to_num(terms["supply_limit"], nan=np.inf)
    begun = terms["begun"] > 0
    most = np.where(begun, limit, 0.0)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    first = begun.argmax(axis=1)
    for row in np.flatnonzero(begun.any(axis=1)):
        lead = terms["lead_time_days"][row, first[row]]
        if not lead > 0:
            continue
        day = max(starts[first[row]], days.passed) + lead
        month = int(np.searchsorted(starts, day, side="right")) - 1
        most[row, : min(month, len(months))] = 0.0
        if month < len(months) and day > starts[month]:
            planned = lengths[month] - (days.passed if month == 0 else 0.0)
            left = (starts[month + 1] - day) / planned
            usual = max(rate[row, month], rate[row].mean())
            most[row, month] = left * min(limit[row, month], usual)
    return most


def open_orders(
    items: pd.Index, planning_periods: DataFrame, purchase_orders: DataFrame | None = None
) -> np.ndarray:
    """Units of each item on order by due month; overdue orders count in the first.

    Returns
    -------
    items x months [units]
    """
    grid = np.zeros((len(items), len(planning_periods)))
    if purchase_orders is None:
        return grid
    row = items.get_indexer(purchase_orders["item"])
    due = period_of(purchase_orders["due_day"], planning_periods)
    month = due.asi8 - planning_periods["period"].iloc[0].ordinal
    planned = (row >= 0) & (month < len(planning_periods))
    quantity = purchase_orders["quantity"].to_numpy()[planned]
    np.add.at(grid, (row[planned], np.maximum(month[planned], 0)), quantity)
    return grid
