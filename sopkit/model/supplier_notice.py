"""Notice of suppliers of components: what new orders can bring until it is over.

A supplier who is under notice delivers what is firm, the open purchase orders, and with a limit so
many units in all. It is a limit on deliveries, as a lead time is, and no rule that may be missed:
what it withholds is not produced.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

KIND = "supplier_notice"


def most_new(items: pd.Index, planning_fences: DataFrame | None, firm: np.ndarray) -> np.ndarray:
    """The most that new orders of each component may bring in each month.

    Within the notice the fence's limit less what is firm, and nothing without a limit. A row that
    names the component goes before one for all.

    Parameters
    ----------
    firm : units on order by due month, items x months

    Returns
    -------
    items x months [units], inf where no notice holds
    """
    most = np.full(firm.shape, np.inf)
    if planning_fences is None:
        return most
    rows = planning_fences[planning_fences["kind"] == KIND]
    rows = rows.sort_values("item", na_position="first")
    for row in rows.itertuples():
        of_all = not isinstance(row.item, str)
        things = np.arange(len(items)) if of_all else np.flatnonzero(items == row.item)
        limit = 0.0 if np.isnan(row.limit) else row.limit
        months = int(row.months)
        most[things] = np.inf
        most[things, :months] = np.maximum(limit - firm[things, :months], 0.0)
    return most
