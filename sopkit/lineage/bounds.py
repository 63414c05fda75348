"""What a number of money is, where prices or costs are not given for all that is sold."""

from pandas import DataFrame

from sopkit.master_data.known_money import costs_are_known, uncosted_share, without_costs
from sopkit.schema.formatting import percent

BOUNDS = {"cost_of_sales": "at least", "margin": "at most", "operating_profit": "at most"}
UNKNOWN = "unknown: no costs are given"
UNPRICED = "unknown: no prices are given"


def bound(rows: DataFrame, column: str) -> str:
    """At most or at least what stands there, or unknown; "" where the number is what it says.

    Parameters
    ----------
    rows : of a table with the revenue of products whose costs are not given, such as
        `financial_plan`; any other has no bounds
    """
    if "uncosted_revenue" not in rows or costs_are_known(rows):
        return ""
    if column == "revenue" and not rows["revenue"].any():
        return UNPRICED
    if column not in BOUNDS:
        return ""
    if without_costs(rows):
        return UNKNOWN
    return f"{BOUNDS[column]}: no costs are given for {percent(uncosted_share(rows))} of revenue"
