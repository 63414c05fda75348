"""The financial plan: the P&L of the plan by family, inventory value, and cash."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex

from sopkit.finance.costing import ON_TERMS
from sopkit.finance.profitability import stock_value
from sopkit.finance.standard_costing import standard_cost
from sopkit.master_data.selling_prices import prices_on
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import MONTH_DAYS, months_of

OVERHEAD_KEY = "revenue"  # by which families share overhead where company_settings says nothing
OF_FAMILIES = (
    *("quantity", "list_revenue", "discount", "revenue", "cost_of_sales", "activity_spend"),
    *("margin", "uncosted_revenue", "inbound_freight"),
)


@dataclass(frozen=True)
class CashInputs:
    """The tables that say what is earned and spent, and when it is paid."""

    planning_periods: DataFrame
    financial_plan: ArrayTable
    supply_plan: ArrayTable
    product_costs: ArrayTable
    unit_economics: ArrayTable
    sales_history: DataFrame
    resources: DataFrame | None = None
    routings: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    company_settings: DataFrame | None = None
    selling_prices: ArrayTable | None = None


@on_arrays
def financial_plan(
    products: DataFrame,
    profitability: ArrayTable,
    supply_plan: ArrayTable,
    unit_economics: ArrayTable,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
    company_settings: DataFrame | None = None,
) -> ArrayTable:
    """Add up the P&L of the plan of record by family and month, down to operating profit.

    Overhead is the company's fixed cost, shared by families in each month by the `overhead_key` of
    `company_settings` (revenue if it is not set; in equal parts in a month without any). Inventory
    is valued at standard cost, with what is in transit.

    Returns
    -------
    family, period : quantity [units served], list_revenue, discount, revenue, cost_of_sales,
        activity_spend, margin, overhead, operating_profit, inventory_value, uncosted_revenue,
        inbound_freight [money; in the cost of sales]
    """
    cells = ArrayTable(_in_order(products), profitability.months, {})
    standard = _standard_cost(cells, unit_economics, resources, routings, bill_of_materials)
    _, stock = stock_value(supply_plan, cells, standard)
    stock = cells.assign(inventory_value=stock).sums("family", master=products)
    groups = profitability.by("family", master=products)
    sums = {name: groups.sum(profitability[name]) for name in OF_FAMILIES}
    plan = stock.assign(**sums)
    overhead = _overhead(plan, company_settings)
    return plan.assign(overhead=overhead, operating_profit=plan["margin"] - overhead)


def _overhead(plan: ArrayTable, company_settings: DataFrame | None) -> np.ndarray:
    """Fixed cost by family: families x months [money]."""
    if company_settings is None:
        return np.zeros(plan.shape)
    base = np.maximum(plan[overhead_key(company_settings)], 0.0)
    total = base.sum(axis=0)
    share = np.where(total > 0, base / np.where(total > 0, total, 1.0), 1.0 / len(plan.keys))
    return share * company_settings["fixed_cost"].fillna(0.0).iloc[0]


def overhead_key(company_settings: DataFrame | None) -> str:
    """What families share overhead by: a column of the financial plan."""
    if company_settings is None or company_settings["overhead_key"].isna().all():
        return OVERHEAD_KEY
    return company_settings["overhead_key"].iloc[0]


@remembered
def _in_order(products: DataFrame) -> Keys:
    return Keys(products[["product"]].sort_values("product"))


def _standard_cost(
    plan: ArrayTable,
    unit_economics: ArrayTable,
    resources: DataFrame | None,
    routings: DataFrame | None,
    bill_of_materials: DataFrame | None,
) -> np.ndarray:
    """Standard cost on the rows of a plan [money per unit]."""
    cost = standard_cost(unit_economics, resources, routings, bill_of_materials)
    return unit_economics.assign(standard_cost=cost).on(plan)["standard_cost"]


@on_arrays
def cash_plan(inputs: CashInputs) -> ArrayTable:
    """Calculate the cash flow, with the days until customers pay and suppliers are paid.

    On terms are material (as it is used), purchased goods, outside making and open receipts (at
    standard cost); labour, making, freight (inbound too), rent, activities and
    fixed cost are paid in their month. What is open at the start is what the same terms leave open
    of the closed months' sales, and of the material in them at the first planned month's cost. So,
    in every month, operating profit = change in cash + receivables + inventory value - payables.

    Returns
    -------
    period : collections, payments, receivables, payables, inventory_value, cash [money]
    """
    months, economics = months_of(inputs.planning_periods), inputs.unit_economics
    said = dict.fromkeys(("receivable_days", "payable_days", "opening_cash", "fixed_cost"), 0.0)
    if inputs.company_settings is not None:
        said = inputs.company_settings[list(said)].fillna(0.0).iloc[0].to_dict()
    bought, spent = _bought_and_spent(months, inputs)
    plan = {
        name: inputs.financial_plan[name].sum(axis=0) for name in ("revenue", "inventory_value")
    }
    economics = economics.assign(price=prices_on(economics, inputs.selling_prices))
    sold, material = _closed_months(months[0], inputs.sales_history, economics)
    collections, receivables = _paid_later(sold, plan["revenue"], said["receivable_days"])
    paid, payables = _paid_later(material, bought, said["payable_days"])
    payments = paid + spent + said["fixed_cost"]
    columns = {
        "collections": collections,
        "payments": payments,
        "receivables": receivables,
        "payables": payables,
        "inventory_value": plan["inventory_value"],
        "cash": said["opening_cash"] + (collections - payments).cumsum(),
    }
    company = Keys(DataFrame(index=range(1)))
    return ArrayTable(company, months, {name: row[None, :] for name, row in columns.items()})


@on_arrays
def bought_and_spent(inputs: CashInputs) -> ArrayTable:
    """Split the cost of the plan into what is paid later and what is paid in its month.

    Returns
    -------
    period : bought [money on terms], spent [money, at once but for fixed cost]
    """
    months = months_of(inputs.planning_periods)
    bought, spent = _bought_and_spent(months, inputs)
    columns = {"bought": bought[None, :], "spent": spent[None, :]}
    return ArrayTable(Keys(DataFrame(index=range(1))), months, columns)


def _bought_and_spent(months: PeriodIndex, inputs: CashInputs) -> tuple[np.ndarray, np.ndarray]:
    costs = inputs.product_costs.over(months).filled(0.0)
    on_terms = np.isin(np.asarray(costs.keys["cost_item"], dtype=object), ON_TERMS)
    arriving = inputs.supply_plan.sums("product")
    standard = _standard_cost(
        arriving,
        inputs.unit_economics,
        inputs.resources,
        inputs.routings,
        inputs.bill_of_materials,
    )
    received = (arriving["scheduled_receipts"] * standard).sum(axis=0)
    bought, spent = costs["cost"][on_terms].sum(axis=0), costs["cost"][~on_terms].sum(axis=0)
    return bought + received, spent + inputs.financial_plan["activity_spend"].sum(axis=0)


def _closed_months(
    first: Period, sales_history: DataFrame, unit_economics: ArrayTable
) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and material of the months before the cycle; unknown revenue counts at the first
    planned price.

    Returns
    -------
    (revenue, material) [money], every month from the first sale to the last closed one
    """
    sold = _closed_sales(sales_history, first)
    price, material = (
        unit_economics[name][:, unit_economics.months == first]
        for name in ("price", "material_cost")
    )
    row = pd.Index(unit_economics.keys["product"]).get_indexer(pd.Index(sold.keys["product"]))
    revenue = sold["revenue"] + sold["unpriced"] * price[row]
    return revenue.sum(axis=0), (sold["quantity"] * material[row]).sum(axis=0)


@remembered
def _closed_sales(sales_history: DataFrame, first: Period) -> ArrayTable:
    """Closed months' sales by product: units, known revenue, and units of unknown revenue."""
    past = sales_history[sales_history["period"] < first]
    rows = past[["product", "period", "quantity"]].assign(
        revenue=past["revenue"].fillna(0.0), unpriced=past["quantity"].where(past["revenue"].isna())
    )
    rows = rows.groupby(["product", "period"], as_index=False).sum()
    months = PeriodIndex([], freq="M")
    if len(rows):
        months = pd.period_range(rows["period"].min(), first - 1, freq="M")
    return ArrayTable.of_rows(rows, ["product"], months).filled(0.0)


def _paid_later(
    past: np.ndarray, planned: np.ndarray, days: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pay each month's amount `days` later: 45 days is half after one month, half after two; what
    is unpaid is open.

    Returns
    -------
    (paid, open at the month's end), in each planned month
    """
    amounts = np.concatenate([past, planned])
    whole, part = divmod(days / MONTH_DAYS, 1)

    def moved(months: int) -> np.ndarray:
        return np.concatenate([np.zeros(months), amounts])[: len(amounts)]

    sooner, later = moved(int(whole)), moved(int(whole) + 1)
    paid = (1 - part) * sooner + part * later
    # counted from the newest amounts, not as a running total of all history, so that no rounding is
    # left over
    still_open = sum((moved(i) for i in range(int(whole))), part * sooner)
    return paid[len(past) :], still_open[len(past) :]
