"""Actual sales of families by month; a sum with a missing part is missing."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.tables import attach


def long(table: DataFrame, measures: list[str], value: str) -> DataFrame:
    """A table of families and months with one row per measure.

    Returns
    -------
    item, period, measure : the value, in a column named `value` [the measure's unit]
    """
    rows = table.rename(columns={"family": "item"}).melt(
        ["item", "period"], measures, "measure", value
    )
    return rows.astype({"measure": "str"})


def family_sales(
    planning_periods: DataFrame, products: DataFrame, sales_history: DataFrame
) -> DataFrame:
    """Sum closed months' sales by family; revenue is missing where that of a sale is.

    A family without sales in a month that history holds sold nothing then.

    Returns
    -------
    family, period : quantity [units], revenue [money]
    """
    sold = sales_history[sales_history["period"] < planning_periods["period"].min()]
    sold = attach(
        sold[["product", "period", "quantity", "revenue"]], products[["product", "family"]]
    )
    recorded = sold["revenue"].notna().groupby(sold["period"]).transform("any")
    sold["revenue"] = sold["revenue"].mask(recorded & (sold["quantity"] == 0), 0.0)
    sums = sums_where_whole(sold, ["family", "period"], ["quantity", "revenue"])
    grid = pd.MultiIndex.from_product(
        [products["family"].unique(), np.sort(sold["period"].unique())], names=["family", "period"]
    )
    nothing = pd.DataFrame({"quantity": 0.0, "revenue": 0.0}, index=grid)
    known = grid.get_level_values("period").isin(sold.loc[recorded, "period"])
    nothing["revenue"] = nothing["revenue"].where(known)
    nothing.loc[sums.index] = sums
    return nothing.reset_index()


def sums_where_whole(rows: DataFrame, keys: list[str], columns: list[str]) -> DataFrame:
    """Sum rows; a sum with a missing part is missing.

    Returns
    -------
    keys : columns [as given], a row for each group
    """
    groups = rows.groupby(keys)
    return groups[columns].sum().where(groups[columns].count().eq(groups.size(), axis=0))
