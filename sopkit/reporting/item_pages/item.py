"""What a page of an item is, and the tables that it is made of.

An item is a family or a group of families, a market or a group of markets, or a product.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame

from sopkit.master_data.known_money import costs_are_known
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Block


@dataclass(frozen=True)
class ItemTables:
    """The tables of the pages."""

    products: DataFrame
    planning_periods: DataFrame
    segments: DataFrame
    demand_history: DataFrame
    demand_plan: DataFrame
    supply_plan: DataFrame
    constrained_demand: DataFrame
    projected_inventory: DataFrame
    profitability: DataFrame
    unit_economics: DataFrame
    item_locations: DataFrame
    gaps: DataFrame
    gap_causes: DataFrame
    decisions: DataFrame
    production_plan: DataFrame | None = None
    sales_orders: DataFrame | None = None
    purchase_orders: DataFrame | None = None
    planned_orders: DataFrame | None = None
    product_groups: DataFrame | None = None
    market_groups: DataFrame | None = None
    company_settings: DataFrame | None = None


@dataclass(frozen=True)
class ItemPage:
    """An item by name, its blocks, and its row in the list of its kind.

    `kind` : product_group, family, market_group, market or product
    `figures` : quantity [units], revenue, margin [money], max_backlog, lost_sales [units], and the
    columns that name the item
    """

    kind: str
    code: str
    name: str
    note: str
    blocks: list[Block]
    figures: Mapping[str, object]


def sums(own: Mapping[str, DataFrame]) -> dict[str, float]:
    """What an item sells, earns and owes.

    Parameters
    ----------
    own : its rows of `profitability` and `constrained_demand`

    Returns
    -------
    quantity [units], revenue, margin [money; empty where costs are not given], max_backlog,
        lost_sales [units]
    """
    money, served = own["profitability"], own["constrained_demand"]
    late = served.groupby("period")["backlog"].sum()
    return {
        "quantity": money["quantity"].sum(),
        "revenue": money["revenue"].sum(),
        "margin": money["margin"].sum() if costs_are_known(money) else float("nan"),
        "max_backlog": late.max() if len(late) else 0.0,
        "lost_sales": served["lost_sales"].sum(),
    }


def size_said(figures: Mapping[str, float], currency: str) -> str:
    """How large an item is: its planned revenue, or its volume where no price is known."""
    if figures["revenue"]:
        return numbers.amount(figures["revenue"], currency)
    return f"{numbers.amount(figures['quantity'])} units"


def by_size(sizes: DataFrame) -> list[str]:
    """Items by planned revenue, the largest first; by units where no prices are known."""
    by = "revenue" if sizes["revenue"].sum() > 0 else "quantity"
    return [str(one) for one in sizes[by].sort_values(ascending=False, kind="stable").index]
