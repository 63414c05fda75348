"""Actual sales of closed months."""

from pandas import DataFrame


def with_known_revenue(sales: DataFrame) -> DataFrame:
    """Set the revenue of months without units to 0 where any revenue is recorded.

    Returns
    -------
    the rows of `sales_history`, `revenue` [money] of no units being 0 where it is empty
    """
    recorded = sales["revenue"].notna().groupby(sales["period"]).transform("any")
    nothing = recorded & (sales["quantity"] == 0) & sales["revenue"].isna()
    return sales.assign(revenue=sales["revenue"].mask(nothing, 0.0))
