"""Revenue, cost of sales and margin by product and market: the ledger that the P&L adds up.

The convention, in one line: cost of sales = opening stock + what was spent on making and moving
goods - closing stock, with stock at standard cost.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.finance import activities
from sopkit.finance.costing import INBOUND, freight
from sopkit.finance.standard_costing import inbound_freight_of_a_unit, standard_cost
from sopkit.master_data.selling_prices import prices_on
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, joined, keys_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

CELL = ["product", "market"]


@dataclass(frozen=True)
class ProfitabilityInputs:
    """The tables that say what is sold, at which price, and what it costs."""

    planning_periods: DataFrame
    products: DataFrame
    supply_plan: ArrayTable
    constrained_demand: ArrayTable
    distribution_plan: ArrayTable
    sourcing_network: DataFrame
    product_costs: ArrayTable
    unit_economics: ArrayTable
    resources: DataFrame | None = None
    routings: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    marketing_activities: DataFrame | None = None
    selling_prices: ArrayTable | None = None


@on_arrays
def profitability(inputs: ProfitabilityInputs) -> ArrayTable:
    """Calculate revenue, cost of sales and margin of the plan of record by product and market.

    Revenue is units served x the market's price, the list price where it has none, less the
    discount of activities that run in the month.
    Cost of sales of a product is opening stock + open receipts (both at standard cost) + costs
    incurred - closing stock at standard cost, which equals units served at standard plus the
    month's variances; stock includes what is in transit. Freight is borne by the market that is
    delivered, all other cost in proportion to the units it is served. Spend of activities is a cost
    of its own. A product that no market buys has a row without market.

    Returns
    -------
    product, market, period : quantity [units served], list_revenue, discount, revenue,
        cost_of_sales, activity_spend, margin, inbound_freight [money; that of the units sold, which
        is in the cost of sales], uncosted_revenue [money; revenue of products
        whose costs are not given], net_price, standard_cost [money per unit]
    """
    months = months_of(inputs.planning_periods)
    cells = ArrayTable(_cells(inputs.constrained_demand.keys, inputs.products), months, {})
    economics = inputs.unit_economics.on(cells)
    standard = standard_cost(
        inputs.unit_economics, inputs.resources, inputs.routings, inputs.bill_of_materials
    )
    cells = cells.assign(
        quantity=inputs.constrained_demand.on(cells, default=0.0)["fulfilled"],
        standard_cost=inputs.unit_economics.assign(standard_cost=standard).on(cells)[
            "standard_cost"
        ],
    )
    price = prices_on(economics, inputs.selling_prices)
    off = activities.discounts(cells, inputs.products, inputs.marketing_activities)
    listed = cells["quantity"] * price
    spend = activities.spending(cells, listed, inputs.products, inputs.marketing_activities)
    revenue, cost = listed * (1.0 - off), _cost_of_sales(cells, standard, inputs)
    costed = np.nan_to_num(economics["costed"].astype(float), nan=1.0)
    return cells.assign(
        list_revenue=listed,
        discount=listed * off,
        revenue=revenue,
        cost_of_sales=cost,
        inbound_freight=_inbound_freight_of_sales(cells, inputs),
        activity_spend=spend,
        margin=revenue - cost - spend,
        uncosted_revenue=revenue * (1.0 - costed),
        net_price=price * (1.0 - off),
    )


@remembered
def _cells(demand: Keys, products: DataFrame) -> Keys:
    """The products in the markets that buy them, and those that no market buys without one."""
    pairs = keys_of(demand.frame, *CELL)
    alone = products.loc[~products["product"].isin(pairs["product"]), ["product"]]
    if alone.empty:
        return pairs
    nowhere = pd.array([None] * len(alone), dtype="str")
    return joined(pairs, Keys(alone.assign(market=nowhere)))


def stock_value(
    supply_plan: ArrayTable, cells: ArrayTable, standard: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Value stock, in transit too, at standard cost.

    Parameters
    ----------
    standard : rows of `cells` (product) x months [money per unit]

    Returns
    -------
    (at the month's start, at its end), products x months [money]
    """
    stock = supply_plan.sums("product").on(cells, default=0.0)
    held, at_start = (
        stock[name] + np.nan_to_num(stock[moving])
        for name, moving in (
            ("inventory", "in_transit"),
            ("opening_inventory", "opening_in_transit"),
        )
    )
    closing = held * standard
    return np.hstack([(at_start * standard)[:, :1], closing[:, :-1]]), closing


def _cost_of_sales(cells, standard, inputs):
    """Cost of sales of each product in each market: products and markets x months [money]."""
    economics = inputs.unit_economics
    products = ArrayTable(economics.keys, cells.months, {})
    opening, closing = stock_value(inputs.supply_plan, products, standard)
    stock = inputs.supply_plan.sums("product").on(products, default=0.0)
    spent = inputs.product_costs.over(cells.months).filled(0.0).sums("product")
    incurred = spent.on(products, default=0.0)["cost"]
    total = opening + stock["scheduled_receipts"] * standard + incurred - closing
    direct = _freight(cells, inputs)
    of_product = cells.by("product")
    shared = products.assign(total=total).on(ArrayTable(of_product.keys, cells.months, {}))["total"]
    shared = shared - of_product.sum(direct)
    return direct + shared[of_product.number] * _served(cells, of_product)


def _inbound_freight_of_sales(cells, inputs):
    """Inbound freight in the cost of sales: paid in the month, with what stock takes up and gives
    back of it, borne by markets as they are served: products and markets x months [money]."""
    economics = inputs.unit_economics
    freight = inbound_freight_of_a_unit(economics)
    items = np.asarray(inputs.product_costs.keys["cost_item"], dtype=object)
    paid = inputs.product_costs.keep(items == INBOUND).over(cells.months).filled(0.0)
    if not freight.any() and not len(paid.keys):
        return np.zeros(cells.shape)
    products = ArrayTable(economics.keys, cells.months, {})
    opening, closing = stock_value(inputs.supply_plan, products, freight)
    stock = inputs.supply_plan.sums("product").on(products, default=0.0)
    total = opening - closing
    total += (stock["scheduled_receipts"] - np.nan_to_num(stock["consumed"])) * freight
    if len(paid.keys):
        total = total + paid.sums("product").on(products, default=0.0)["cost"]
    of_product = cells.by("product")
    each = products.assign(total=total).on(ArrayTable(of_product.keys, cells.months, {}))["total"]
    return each[of_product.number] * _served(cells, of_product)


def _freight(cells, inputs):
    """Freight to each product and market: rows of `cells` x months [money]."""
    sent = freight(inputs.distribution_plan, inputs.sourcing_network)
    if not len(sent.keys):
        return np.zeros(cells.shape)
    return sent.sums(*CELL).on(cells, default=0.0)["amount"]


def _served(cells, of_product):
    """The share of each market in what is served of a product: in the month, else in all months,
    else alike."""
    units = cells["quantity"]
    in_month = of_product.sum(units)[of_product.number]
    in_all = of_product.sum(units).sum(axis=1, keepdims=True)[of_product.number]
    alike = 1.0 / np.bincount(of_product.number)[of_product.number][:, None]
    usual = units.sum(axis=1, keepdims=True) / np.where(in_all > 0, in_all, 1.0)
    usual = np.where(in_all > 0, usual, alike)
    return np.where(in_month > 0, units / np.where(in_month > 0, in_month, 1.0), usual)
