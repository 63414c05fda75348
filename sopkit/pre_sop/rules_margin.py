"""Gap rules of margin: products sold below cost, markets that lose money, stock nobody asks for."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.pre_sop.gap import gap, sized
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Groups, Keys


@gap(
    area="product",
    owner="product manager",
    statement="{product} is sold below its standard cost and loses {money}, {months}",
    question="Raise the price, lower the cost, or drop the product?",
    table="profitability",
    exhibit="50_financial_review.profitability",
    whole=True,
    closed_by=("item_costs",),
)
def negative_margin(
    profitability: ArrayTable, products: DataFrame, threshold: Mapping[str, float]
) -> ArrayTable:
    """Find products whose net price is below standard cost over the horizon, by product.

    Money is units served x (net price - standard cost). Products whose costs are not given are left
    out.
    """
    earned = profitability["quantity"] * (
        profitability["net_price"] - profitability["standard_cost"]
    )
    groups = profitability.by("product", "family", master=products)
    named = groups.keys.assign(measure="margin")
    return _losing(profitability, groups, earned, named, "product", threshold)


@gap(
    area="finance",
    owner="sales manager",
    statement="{item} loses {money} after freight, promotions and allocated costs, {months}",
    question="Change prices, freight or promotions, or exit the market?",
    table="profitability",
    exhibit="50_financial_review.profitability",
    whole=True,
)
def unprofitable_market(profitability: ArrayTable, threshold: Mapping[str, float]) -> ArrayTable:
    """Find markets with a negative margin over the horizon, unless some costs are not given."""
    sold = profitability.keep(profitability.keys.frame["market"].notna().to_numpy())
    groups = sold.by("market")
    return _losing(sold, groups, sold["margin"], groups.keys, "market", threshold)


@gap(
    area="product",
    owner="product manager",
    statement="{product}: {units} units in stock, worth {money}, have no demand in the coming "
    "{detail} months",
    question="Sell off or write off the stock?",
    table="supply_plan",
    exhibit="40_supply_review.projected_inventory",
    peak=True,
    closed_by=("item_costs", "marketing_activities"),
)
def dead_stock(
    supply_plan: ArrayTable,
    demand_plan: ArrayTable,
    profitability: ArrayTable,
    segments: DataFrame,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find stock of products that no demand of in some months, valued at standard cost.

    What goes into other products is wanted; stock of products that are phased out is a gap of its
    own, see `rules_product.stranded`.
    """
    months = int(threshold["months"])
    stock = supply_plan.sums("product", "family", master=segments)
    cells = ArrayTable(stock.keys, stock.months, {})
    wanted = demand_plan.sums("product").on(cells, default=0.0)["total_demand"]
    wanted = wanted + np.nan_to_num(stock["consumed"])
    costs = profitability.by("product")
    cost = ArrayTable(
        costs.keys, cells.months, {"cost": costs.mean(profitability["standard_cost"])}
    )
    units = np.zeros(cells.shape)
    units[:, 0] = stock["opening_inventory"][:, 0]
    dead = wanted[:, :months].sum(axis=1) <= ROUNDING
    leaving = segments.loc[segments["lifecycle"] == "phase_out", "product"]
    dead &= ~stock.keys.equal("product", *leaving)
    first = np.zeros(cells.shape, dtype=bool)
    first[:, 0] = len(cells.months) >= months
    return sized(
        stock.keys.assign(detail=str(months)),
        cells.months,
        "product",
        plan=units,
        reference=np.zeros(cells.shape),
        gap_units=units,
        gap_value=units * cost.on(cells, default=0.0)["cost"],
        wrong=dead[:, None] & (units > ROUNDING),
        present=first,
    )


def _losing(
    rows: ArrayTable,
    groups: Groups,
    earned: np.ndarray,
    named: Keys,
    level: str,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """The groups of known cost that lose more over the horizon than a share of their revenue."""
    value, revenue = groups.sum(earned), groups.sum(rows["revenue"]).sum(axis=1)
    loses = value.sum(axis=1) < -threshold["share_of_revenue"] * np.maximum(revenue, ROUNDING)
    known = groups.sum(rows["uncosted_revenue"]).sum(axis=1) <= ROUNDING
    nothing = np.zeros(value.shape)
    return sized(
        named,
        rows.months,
        level,
        plan=value,
        reference=nothing,
        gap_units=nothing,
        gap_value=value,
        wrong=(loses & known)[:, None] & (value < 0),
    )
