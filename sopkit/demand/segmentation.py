"""Segmentation of products: ABC by revenue, XYZ by forecastability, and life cycle."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.selling_prices import market_prices, priced
from sopkit.rules.remember import as_known, remembered
from sopkit.tables import attach
from sopkit.tables.on_arrays import on_arrays

A_SHARE, B_SHARE = 0.80, 0.95  # A: the first 80 % of revenue, B: the next 15 %
X_ERROR, Y_ERROR = (
    0.2,
    0.5,
)  # X: error of a seasonal naive forecast up to 20 % of the mean, Y: up to 50 %
YOUNG_MONTHS = 12  # a product that first sold within the last year is a launch
SILENT_MONTHS = 6  # a product that sold before but not in the last half year is being phased out
GROWTH = 0.2  # a year more than 20 % above (below) the one before is growth (decline)
BIG_CHANGE = 0.3  # a quarter 30 % off the same quarter last year
WINDOWS = {  # months before the cycle: 1 is the last closed one
    "year": (1, 12),
    "year_before": (13, 24),
    "quarter": (1, 3),
    "quarter_last_year": (13, 15),
    "half": (1, SILENT_MONTHS),
}
UNUSUAL = 2.0  # and twice as far off as the product's months usually are


@on_arrays
def segments(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_history: DataFrame,
    unit_economics: DataFrame,
    sales_history: DataFrame | None = None,
    item_costs: DataFrame | None = None,
) -> DataFrame:
    """Classify every product, and say which need review and why.

    Revenue is that of the last twelve closed months: as sold where sales_history says so, else
    volume times the planned price. forecast_error_cv is the error of forecasting each of the last
    24 months by the same month a year earlier, market by market as the plan is made, over their
    mean; without a year to compare with a product is Z.

    Returns
    -------
    product : family, revenue [money], revenue_share_ratio, abc, xyz, lifecycle, review, reason,
        forecast_error_cv (missing where too young)
    """
    start = planning_periods["period"].iloc[0]
    pairs = demand_history[["product", "market"]].drop_duplicates().assign(period=start)
    own = market_prices(item_costs, pd.PeriodIndex([start]))
    price = priced(pairs, unit_economics, own).drop(columns="period")
    price = as_known(demand_history, price.reset_index(drop=True))
    return _segmented(demand_history, price, products, sales_history, start)


@remembered
def _segmented(demand_history, price, products, sales_history, start):
    """Classify the products; later prices leave their classes as they are."""
    table = (
        products[["product", "family", "lifecycle"]].sort_values("product").reset_index(drop=True)
    )
    table = attach(table, _revenue(demand_history, sales_history, price, start), default=0.0)
    months = _monthly(demand_history, start)
    table = attach(table, _behaviour(months), default=np.nan)
    table = _classed(table)
    found = _found_lifecycle(table)
    stated = table["lifecycle"].notna()
    table["lifecycle"] = table["lifecycle"].where(stated, found)
    table = _reviewed(table, stated)
    columns = [
        "product",
        "family",
        "revenue",
        "revenue_share_ratio",
        "abc",
        "xyz",
        "lifecycle",
        "review",
        "reason",
        "forecast_error_cv",
    ]
    return table[columns]


def _monthly(demand_history, start):
    """Cleaned demand by months before the cycle (1 is the last closed month)."""
    months = demand_history[["product", "market", "cleansed"]]
    return months.assign(age=start.ordinal - pd.PeriodIndex(demand_history["period"]).asi8)


def _revenue(demand_history, sales_history, price, start):
    """Revenue of the last twelve months of each product."""
    recent = demand_history[demand_history["period"] >= start - 12]
    rows = attach(recent[["product", "market", "period", "quantity"]], price)
    rows["revenue"] = rows["quantity"] * rows["price"]
    if sales_history is not None:
        sold = sales_history[["product", "market", "period", "revenue"]].rename(
            columns={"revenue": "sold"}
        )
        rows["revenue"] = attach(rows[["product", "market", "period"]], sold, default=np.nan)[
            "sold"
        ].fillna(rows["revenue"])
    return rows.groupby("product", as_index=False)["revenue"].sum()


def _behaviour(months):
    """How each product moved.

    Returns
    -------
    product : forecast_error_cv, year, year_before, quarter, quarter_last_year, half [units],
        first_age [months], record [months]
    """
    earlier = months.rename(columns={"cleansed": "earlier"}).assign(age=months["age"] - 12)
    pair = months.merge(
        earlier, on=["product", "market", "age"], how="inner", validate="one_to_one"
    )
    pair = pair[pair["age"] <= 24]
    pair["error"] = (pair["cleansed"] - pair["earlier"]).abs()
    spread = pair.groupby("product")[["error", "cleansed"]].sum()
    age, sold = months["age"], months["cleansed"]
    sums = {name: sold.where(age.between(*window), 0.0) for name, window in WINDOWS.items()}
    table = pd.DataFrame(sums).groupby(months["product"]).sum()
    table["forecast_error_cv"] = spread["error"] / spread["cleansed"].where(spread["cleansed"] > 0)
    table["first_age"] = age.where(sold > 0).groupby(months["product"]).max()
    table["record"] = age.max()
    return table.reset_index()


def _classed(table):
    """ABC by running share of revenue, of volume where no price is known; XYZ by variation."""
    size = table["revenue"] if table["revenue"].sum() > 0 else table["year"].fillna(0.0)
    share = size / size.sum() if size.sum() > 0 else 0.0 * size
    order = table.assign(size=size).sort_values(["size", "product"], ascending=[False, True]).index
    before = share.loc[order].cumsum() - share.loc[order]
    sells = size > 0
    table["revenue_share_ratio"] = share
    letters = np.select(
        [sells & (before < A_SHARE - 1e-12), sells & (before < B_SHARE - 1e-12)], ["A", "B"], "C"
    )
    table["abc"] = pd.array(letters, dtype="str")
    variation = table["forecast_error_cv"]
    table["xyz"] = pd.array(
        np.select([variation <= X_ERROR, variation <= Y_ERROR], ["X", "Y"], "Z"), dtype="str"
    )
    return table


def _found_lifecycle(table):
    """Read the life cycle stage of a product from its history."""
    young = table["first_age"].isna() | (
        (table["first_age"] <= YOUNG_MONTHS) & (table["record"] > table["first_age"])
    )
    whole = table["first_age"] >= 24
    change = table["year"] / table["year_before"].where(whole & (table["year_before"] > 0)) - 1
    cases = [young, table["half"] <= 0, change > GROWTH, change < -GROWTH]
    return pd.Series(
        np.select(cases, ["launch", "phase_out", "growth", "decline"], "mature"),
        index=table.index,
        dtype="str",
    )


def _reviewed(table, stated):
    """Flag products for review, with the reasons."""
    base = table["quarter_last_year"].where(table["first_age"] >= WINDOWS["quarter_last_year"][1])
    table["change"] = table["quarter"] / base.where(base > 0) - 1
    # three months together vary less than one, by the root of three
    usual = UNUSUAL * table["forecast_error_cv"].fillna(0.0) / np.sqrt(3)
    percent = (table["change"].fillna(0.0) * 100).round().astype("int64").astype("str")
    read = np.where(stated, "", " (read from history)")
    reasons = (
        ((table["abc"] == "A") & (table["xyz"] == "Z"), "much money, hard to forecast"),
        (table["lifecycle"] == "launch", "launch" + pd.Series(read, dtype="str")),
        (table["lifecycle"] == "phase_out", "phase-out" + pd.Series(read, dtype="str")),
        (
            table["change"].abs() > np.maximum(BIG_CHANGE, usual),
            "last quarter " + percent + " % on the year before",
        ),
    )
    words = pd.Series("", index=table.index, dtype="str")
    for applies, reason in reasons:
        separator = np.where(words == "", "", "; ")
        words = words.where(~applies, words + pd.Series(separator, dtype="str") + reason)
    table["review"] = (words != "").to_numpy(dtype=bool)
    table["reason"] = words.where(table["review"], "nothing unusual")
    return table
