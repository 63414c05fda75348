"""Prices and costs that no row of `item_costs` says: from last year's revenue, and from sources."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.bom import usage_per_unit
from sopkit.tables.periods import YEAR

UNPRICED = "no price and no revenue"  # the basis of a price that nobody gave
WORTH_UNPRICED = 1.0  # of a unit without price, where stock is weighed against lateness
HOLDING_SHARE = 0.02  # of the price, a month, without item costs
BACKLOG_SHARE = 0.10


def assumed_economics(
    grid: DataFrame,
    sales_history: DataFrame,
    sources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """Price the products without item costs at last year's revenue per unit.

    Material costs what sources ask, see `material_by_source`. Other material is not known and
    counts nothing: such products are not `costed`.

    Returns
    -------
    the table, with price, material_cost [money per unit], holding_cost, backlog_cost [money per
    unit and month], basis, costed
    """
    price = grid["product"].map(revenue_per_unit(sales_history)).astype("float64")
    basis = np.where(
        price.notna(),
        "assumed: last year's revenue per unit",
        UNPRICED,
    )
    worth = price.fillna(WORTH_UNPRICED)
    asked = material_by_source(sources, bill_of_materials)
    material = grid["product"].map(asked).astype("float64")
    return grid.assign(
        price=price.fillna(0.0),
        material_cost=material.fillna(0.0),
        holding_cost=HOLDING_SHARE * worth,
        backlog_cost=BACKLOG_SHARE * worth,
        basis=basis,
        costed=material.notna(),
    )


def material_by_source(
    sources: DataFrame | None, bill_of_materials: DataFrame | None = None
) -> Series:
    """Give the material cost of what its first source, or the first source of every component
    through all levels, asks a price for [money per unit], by item."""
    if sources is None:
        return pd.Series(dtype="float64")
    first = sources.sort_values("priority", kind="stable").drop_duplicates("item")
    asked = first.set_index("item")["unit_cost"].astype("float64").dropna()
    if bill_of_materials is None:
        return asked
    used = usage_per_unit(bill_of_materials)
    used = used[~used["component"].isin(bill_of_materials["product"])]  # what is bought
    cost = used["quantity_per_unit"] * used["component"].map(asked)
    made = cost.groupby(used["product"]).agg(lambda one: one.sum(skipna=False)).dropna()
    return pd.concat([asked, made[~made.index.isin(asked.index)]])


def revenue_per_unit(sales_history: DataFrame) -> Series:
    """Give last year's revenue per unit of each product [money per unit]; empty where no units, or
    no revenue, are known."""
    recent = _last_year(sales_history)
    priced = recent[recent["revenue"].notna()].groupby("product")[["revenue", "quantity"]].sum()
    return priced["revenue"] / priced["quantity"].where(priced["quantity"] > 0)


def _last_year(sales_history):
    return sales_history[sales_history["period"] > sales_history["period"].max() - YEAR]
