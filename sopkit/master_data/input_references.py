"""What functions' inputs are changes of: the last cycle's consensus, or last year's sales."""

import numpy as np
from pandas import DataFrame

from sopkit.tables import attach, empty
from sopkit.tables.periods import YEAR, add_months

CELL = ["product", "market", "period"]
OF_ALL = ("last_cycle", "last_year")  # references that hold all demand, not the baseline alone


def reference(
    spoken: DataFrame,
    planning_periods: DataFrame,
    sales_history: DataFrame,
    approved_forecasts: DataFrame | None = None,
) -> np.ndarray:
    """What inputs that name the last cycle or last year are a change of; NaN where not known.

    Returns
    -------
    a number for each input [units]
    """
    first = planning_periods["period"].min()
    found = np.full(len(spoken), np.nan)
    known = {"last_year": _last_year(sales_history), "last_cycle": _consensus(approved_forecasts)}
    for name, table in known.items():
        rows = (spoken["reference_type"] == name).to_numpy()
        if rows.any():
            cells = spoken.loc[rows, CELL].reset_index(drop=True)
            found[rows] = attach(cells, table(first), default=np.nan)["quantity"]
    return found


def _last_year(sales_history):
    """What was sold a year before each month."""

    def of(first):
        sold = sales_history.loc[sales_history["period"] < first, [*CELL, "quantity"]]
        return sold.assign(period=add_months(sold["period"], YEAR))

    return of


def _consensus(approved_forecasts):
    """What the latest earlier cycle agreed on; nothing without one."""

    def of(first):
        table = empty("approved_forecasts") if approved_forecasts is None else approved_forecasts
        rows = table[(table["contributor"] == "consensus") & (table["cycle"] < first)]
        return rows.loc[rows["cycle"] == rows["cycle"].max(), [*CELL, "quantity"]]

    return of
