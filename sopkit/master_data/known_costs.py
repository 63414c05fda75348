"""How far costs are given for what is sold: a margin is one only where they are."""

from pandas import DataFrame

from sopkit.tables.arrays import ArrayTable

PART = 1e-9  # of revenue: less is rounding


def uncosted_share(rows: DataFrame | ArrayTable) -> float:
    """The share of revenue that is of products whose costs are not given; 0 without revenue.

    Parameters
    ----------
    rows : of `financial_plan` or `profitability`
    """
    revenue = rows["revenue"].sum()
    return float(rows["uncosted_revenue"].sum() / revenue) if revenue > 0 else 0.0


def costs_are_known(rows: DataFrame | ArrayTable) -> bool:
    """Whether the costs of all that is sold are given: only then is a margin one; see
    `uncosted_share`."""
    return uncosted_share(rows) <= PART


def without_costs(financial_plan: DataFrame | ArrayTable | None) -> bool:
    """Whether no costs are given for anything that is sold: then nothing that rests on them is
    known."""
    if financial_plan is None or "uncosted_revenue" not in financial_plan:
        return False
    return uncosted_share(financial_plan) >= 1.0 - PART
