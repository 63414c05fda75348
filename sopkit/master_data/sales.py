"""Closed months' sales, as they are measured."""

from pandas import DataFrame


def with_known_revenue(sales: DataFrame) -> DataFrame:
    """Say that a sale of nothing brought nothing, in months in which any revenue is recorded.

    Returns
    -------
    the rows of `sales_history`, `revenue` [money] of no units being 0 where it is empty
    """
    recorded = sales["revenue"].notna().groupby(sales["period"]).transform("any")
    nothing = recorded & (sales["quantity"] == 0) & sales["revenue"].isna()
    return sales.assign(revenue=sales["revenue"].mask(nothing, 0.0))
