"""Read stocks, their limits, receipts and transfers into the parameters of the supply programme."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force, once
from sopkit.master_data.freight import TRANSFER, freight_by_month
from sopkit.model.parameters import Items, Stocks, StorageSites, TransferArcs
from sopkit.model.refusals import refuse, refuse_others
from sopkit.rules.remember import remembered
from sopkit.tables import empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, rows_in
from sopkit.tables.periods import period_of


@remembered
def stocks_held(item_locations: DataFrame, items: Items) -> Stocks:
    """The products at sites, what is on hand there, and whether they are made there."""
    table = item_locations.sort_values(["product", "site"], ignore_index=True)
    sites = pd.Index(table["site"].drop_duplicates().sort_values(), dtype="str")
    item = items.codes.get_indexer(table["product"])
    refuse(item < 0, table, "item_locations", "product must be in products")
    nothing = np.zeros((len(table), 0))
    return Stocks(
        keys=Keys(table[["product", "site"]]),
        item=item,
        site=sites.get_indexer(table["site"]),
        makes=table["produced_here"].to_numpy(dtype=bool),
        on_hand=table["on_hand"].to_numpy(dtype=float),
        **dict.fromkeys(Stocks._fields[5:], nothing),
    )


@remembered
def inventory_levels(
    policy: ArrayTable, keys: Keys, inventory_targets: ArrayTable
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The least, target and most stock at the end of each month: stocks x months."""
    refuse_others(keys, inventory_targets.keys, "inventory_targets")
    levels = inventory_targets.on(ArrayTable(keys, inventory_targets.months, {}), default=0.0)
    target = levels["target_inventory"]
    most = np.nan_to_num(policy["max_inventory"], nan=np.inf)
    least = np.minimum(np.nan_to_num(policy["min_inventory"]), target)
    ending = policy["ending_inventory"][:, -1]
    least[:, -1] = np.where(np.isnan(ending), least[:, -1], ending)
    return least, target, np.maximum(most, target)


@remembered
def scheduled_receipts(
    keys: Keys, planning_periods: DataFrame, purchase_orders: DataFrame | None
) -> np.ndarray:
    """Products on order by the month in which they come: what is overdue, in the first.

    An order that names no site is for the first site that holds the product.
    """
    coming = np.zeros((len(keys), len(planning_periods)))
    if purchase_orders is None:
        return coming
    first = keys.frame.drop_duplicates("product").set_index("product")["site"]
    rows = purchase_orders[purchase_orders["item"].isin(first.index)]
    place = pd.DataFrame(
        {"product": rows["item"], "site": rows["site"].fillna(rows["item"].map(first))}
    )
    refuse_others(keys, Keys(place), "purchase_orders")
    row = rows_in(Keys(place), keys)
    due = period_of(rows["due_day"], planning_periods)
    month = np.maximum(due.asi8 - planning_periods["period"].iloc[0].ordinal, 0)
    planned = month < len(planning_periods)
    quantity = rows["quantity"].to_numpy(dtype=float)
    np.add.at(coming, (row[planned], month[planned]), quantity[planned])
    return coming


@remembered
def approved_production(
    keys: Keys, months: PeriodIndex, approved_supply_plans: DataFrame | None
) -> np.ndarray:
    """Units that the cycle approved last planned to make; a product that is no longer held is left
    out."""
    if approved_supply_plans is None or approved_supply_plans.empty:
        return np.full((len(keys), len(months)), np.nan)
    newest = approved_supply_plans["cycle"] == approved_supply_plans["cycle"].max()
    last = approved_supply_plans[newest]
    units = last[["regular", "overtime", "subcontract"]].sum(axis=1)
    rows = last[["product", "site", "period"]].assign(units=units)
    plan = ArrayTable.of_rows(rows, ["product", "site"], months)
    return plan.on(ArrayTable(keys, months, {}), default=np.nan)["units"]


@remembered
def read_transfers(
    stocks: Keys, transfer_lanes: DataFrame | None, months: PeriodIndex
) -> TransferArcs:
    """Transfer lanes between the sites that hold a product."""
    if transfer_lanes is None:
        transfer_lanes = empty("transfer_lanes")
    held = stocks.frame.reset_index(names="stock")
    ways = held.merge(once(transfer_lanes, *TRANSFER), on="site")
    ways = ways.merge(
        held.rename(columns={"site": "to_site", "stock": "to_stock"}), on=["product", "to_site"]
    )
    ways = ways.sort_values(["stock", "to_stock"], ignore_index=True)
    lead = ways["lead_time_days"].to_numpy(dtype=float)
    keys = Keys(ways[["product", "site", "to_site"]])
    stock, to_stock = (ways[name].to_numpy(dtype=int) for name in ("stock", "to_stock"))
    freight = freight_by_month(keys, transfer_lanes, TRANSFER, months)
    return TransferArcs(keys, stock, to_stock, freight, np.nan_to_num(lead))


@remembered
def read_storage(
    months: PeriodIndex, stocks: Keys, storage_capacity: DataFrame | None
) -> StorageSites:
    """Sites with a limit on what they store, and what more room costs there."""
    if storage_capacity is None:
        none = np.zeros((0, len(months)))
        return StorageSites(pd.Index([], dtype="str"), np.full(len(stocks), -1), none, none)
    held = storage_capacity["site"].isin(stocks.frame["site"])
    table = in_force(storage_capacity[held], ("site",), months)
    codes = pd.Index(table.keys["site"])
    place = codes.get_indexer(stocks["site"])
    return StorageSites(codes, place, table["storage_limit"], table["overflow_storage_cost"])
