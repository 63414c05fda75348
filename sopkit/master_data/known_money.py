"""How far prices and costs are given for what is sold: money is known only where they are."""

from collections.abc import Mapping

from pandas import DataFrame

from sopkit.tables.arrays import ArrayTable

PART = 1e-9  # of revenue: less is rounding


def prices_are_known(tables: Mapping[str, DataFrame | None]) -> bool:
    """Whether prices are given, by `item_costs` or by the revenue of `sales_history`; without any
    a plan is in units alone. Tables without a sales history do not say, and count as priced."""
    costs, sold = tables.get("item_costs"), tables.get("sales_history")
    if sold is None or (costs is not None and len(costs)):
        return True
    return "revenue" in sold and bool((sold["revenue"] > 0).any())


def cash_is_known(company_settings: DataFrame | None) -> bool:
    """Whether the cash that the plan starts from is given; else only its changes are known."""
    return company_settings is not None and bool(company_settings["opening_cash"].notna().all())


def fixed_cost_is_known(company_settings: DataFrame | None) -> bool:
    """Whether the fixed cost is given: only then is what is left of the margin a profit."""
    return company_settings is not None and bool(company_settings["fixed_cost"].notna().all())


def uncosted_share(rows: DataFrame | ArrayTable) -> float:
    """The share of revenue that is of products whose costs are not given; all of it where neither
    prices nor costs are known.

    Parameters
    ----------
    rows : of `financial_plan` or `profitability`
    """
    revenue = rows["revenue"].sum()
    if revenue > 0:
        return float(rows["uncosted_revenue"].sum() / revenue)
    is_sold_for_nothing = rows["quantity"].sum() > 0 and not rows["cost_of_sales"].any()
    return 1.0 if is_sold_for_nothing else 0.0


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
