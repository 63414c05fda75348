"""What planners state about months of sales history: rows of `history_corrections`.

A statement comes before every finding: the months are kept as sold, bridged, set to a quantity, or
are known to begin a new level.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.joins import rows_of

CELL = ["product", "market", "period"]
AS_SOLD, DISTURBED, NOT_ON_SALE = "as_sold", "disturbed", "not_on_sale"
QUANTITY, NEW_LEVEL = "quantity", "new_level"
TAKEN_OUT = (DISTURBED, NOT_ON_SALE, QUANTITY)  # of what is ordinary
WORDS = {
    AS_SOLD: "kept as sold",
    DISTURBED: "disturbed: bridged from the months around",
    NOT_ON_SALE: "not on sale: filled from the months around",
    QUANTITY: "set to the quantity given",
    NEW_LEVEL: "a new level begins",
}
STATED = ["treatment", "given", "statement", "begins"]


@remembered
def stated(
    sold: DataFrame, products: DataFrame, history_corrections: DataFrame | None
) -> DataFrame:
    """What is stated of each row of the history; of several statements the last one counts.

    A statement without product, family or market is about all of them.

    Returns
    -------
    a row for each row of `sold` : treatment, given [units], statement (missing without one), begins
        (the first month of the statement)
    """
    table = pd.DataFrame(
        {
            "treatment": np.full(len(sold), None, dtype=object),
            "given": np.nan,
            "statement": np.full(len(sold), None, dtype=object),
            "begins": False,
        }
    )
    if history_corrections is None or history_corrections.empty:
        return table
    keys = attach(sold[["product", "market", "period"]], products[["product", "family"]])
    for row in history_corrections.itertuples(index=False):
        about = keys["period"].between(row.from_period, row.to_period).to_numpy()
        for name in ("product", "family", "market"):
            if pd.notna(named := getattr(row, name)):
                about = about & (keys[name] == named).to_numpy()
        words = f"{WORDS[row.treatment]}, says {row.owner}: {row.reason}"
        begins = (keys["period"] == row.from_period).to_numpy()[about]
        table.loc[about, "treatment"] = row.treatment
        table.loc[about, "given"] = row.quantity if row.treatment == QUANTITY else np.nan
        table.loc[about, "statement"] = words
        table.loc[about, "begins"] = begins
    return table


def applied(table: DataFrame, stated: DataFrame, bridged: np.ndarray) -> DataFrame:
    """Put what is stated in the place of what was found.

    Parameters
    ----------
    table : product, market, period : quantity, cleansed, finding, reason
    stated : see `stated`
    bridged : what the months around say of each row [units]
    """
    treatment = stated["treatment"].to_numpy(object)
    quantity = table["quantity"].to_numpy()
    filled = np.isin(treatment, (DISTURBED, NOT_ON_SALE)) & ~np.isnan(bridged)
    cleansed = np.where(filled, bridged, table["cleansed"].to_numpy())
    cleansed = np.where(treatment == QUANTITY, stated["given"].to_numpy(dtype=float), cleansed)
    cleansed = np.where(treatment == AS_SOLD, quantity, cleansed)
    told = pd.Series(treatment).isin([AS_SOLD, *TAKEN_OUT]).to_numpy()
    finding = table["finding"].mask(told, "stated").mask(treatment == DISTURBED, DISTURBED)
    reason = table["reason"].mask(told, pd.array(stated["statement"], dtype="str"))
    return table.assign(cleansed=cleansed, finding=finding, reason=reason)


def settled(sold: DataFrame, stated: DataFrame, rows: DataFrame) -> np.ndarray:
    """Whether the cell of each row is kept, bridged or set by a statement: nothing is to be added
    to that."""
    known = stated["treatment"].isin([AS_SOLD, *TAKEN_OUT]).to_numpy()
    return rows_of(rows, sold.loc[known, CELL], CELL) >= 0


def first_months(stated: DataFrame) -> np.ndarray:
    """Whether a new level is stated to begin in each row's month."""
    new = stated["treatment"].to_numpy(object) == NEW_LEVEL
    return new & stated["begins"].to_numpy(dtype=bool)
