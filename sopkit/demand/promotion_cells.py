"""Which product, market and month a marketing activity touches."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays

PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
ACTIVITY = ["activity", "kind", "family", "product", "market"]
MONTHS = ["start_period", "end_period", "lag_months"]


@on_arrays
def past_cells(
    products: DataFrame, sold: DataFrame, marketing_activities: DataFrame | None
) -> DataFrame:
    """List the products, markets and months of `sold` with activities.

    Returns
    -------
    activity, product, market, period : kind, family
    """
    return recorded(touched_cells(marketing_activities, products), sold)


@remembered
def touched_cells(marketing_activities: DataFrame | None, products: DataFrame) -> DataFrame:
    """One row for each product and month of each activity; a family's activity touches all its
    products."""
    if marketing_activities is not None:
        cancelled = marketing_activities["cancelled"].fillna(False).astype(bool)
        marketing_activities = marketing_activities.loc[~cancelled, [*ACTIVITY, *MONTHS]]
    if marketing_activities is None or marketing_activities.empty:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in ACTIVITY}).assign(
            period=pd.PeriodIndex([], freq="M")
        )
    known = products[["product", "family"]]
    of_family = marketing_activities["product"].isna()
    single = attach(marketing_activities[~of_family].drop(columns="family"), known)
    whole = marketing_activities[of_family].drop(columns="product")
    whole = whole.merge(known, on="family", how="left", validate="many_to_many")
    touched = pd.concat([single, whole], ignore_index=True)
    return _months_of(touched)


@remembered
def recorded(cells: DataFrame, sold: DataFrame) -> DataFrame:
    """The cells of which `sold` has a row."""
    near = sold.loc[sold["product"].isin(cells["product"]), CELL]
    return cells[rows_of(cells, near, CELL) >= 0].reset_index(drop=True)


def _months_of(touched):
    """Repeat each row for each month in which its effect falls; lags are rounded to whole
    months."""
    first, last = (pd.PeriodIndex(touched[name]).asi8 for name in ("start_period", "end_period"))
    count = last - first + 1
    lag = touched["lag_months"].fillna(0).round().to_numpy(dtype="int64")
    row = np.arange(len(touched)).repeat(count)
    step = np.arange(len(row)) - (count.cumsum() - count)[row]
    cells = touched[ACTIVITY].take(row).reset_index(drop=True)
    return cells.assign(period=pd.PeriodIndex.from_ordinals((first + lag)[row] + step, freq="M"))
