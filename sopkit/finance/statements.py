"""The financial plan: revenue, cost of sales, margin, inventory value and cash.

The convention, in one line: cost of sales = opening stock + what was spent on making and moving goods - closing stock, with
stock at standard cost.
"""

import pandas as pd
from pandas import DataFrame, Series

from sopkit.finance.costing import standard_costs
from sopkit.tables import attach, conform

ON_TERMS = (
    "material",
    "subcontracting",
)  # paid after payable_days; everything else is paid at once
DAYS_A_MONTH = 30.0  # for payment terms


def financial_plan(
    planning_periods: DataFrame,
    products: DataFrame,
    supply_plan: DataFrame,
    constrained_demand: DataFrame,
    product_costs: DataFrame,
    unit_economics: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> DataFrame:
    """Calculate revenue, cost of sales and margin of the plan of record, by family and month.

    Revenue is units served x price. Cost of sales is opening stock + open receipts (both at standard cost) + costs
    incurred - closing stock at standard cost, which equals units served at standard plus the month's variances.

    Returns
    -------
    family, period : quantity [units served], revenue, cost_of_sales, margin, inventory_value [money]
    """
    incurred = product_costs.groupby(["product", "period"], as_index=False)["cost"].sum()
    served = constrained_demand.groupby(["product", "period"], as_index=False)["fulfilled"].sum()
    stock = ["opening_inventory", "scheduled_receipts", "inventory"]
    plan = products[["product", "family"]].merge(planning_periods[["period"]], how="cross")
    plan = plan.sort_values(["product", "period"], ignore_index=True)
    plan = attach(plan, unit_economics[["product", "period", "price"]])
    plan = attach(plan, standard_costs(unit_economics, resources, routings))
    plan = attach(plan, served, default=0.0).rename(columns={"fulfilled": "quantity"})
    plan = attach(
        plan,
        supply_plan.groupby(["product", "period"], as_index=False)[stock].sum(),
        default=0.0,
    )
    plan = attach(plan, incurred, default=0.0)
    plan["revenue"] = plan["quantity"] * plan["price"]
    plan["inventory_value"] = plan["inventory"] * plan["standard_cost"]
    before = plan.groupby("product")["inventory_value"].shift()
    opening = before.fillna(
        plan["opening_inventory"] * plan["standard_cost"]
    )  # only the first month has none before
    plan["cost_of_sales"] = (
        opening
        + plan["scheduled_receipts"] * plan["standard_cost"]
        + plan["cost"]
        - plan["inventory_value"]
    )
    plan["margin"] = plan["revenue"] - plan["cost_of_sales"]
    money = ["quantity", "revenue", "cost_of_sales", "margin", "inventory_value"]
    return conform(
        "financial_plan", plan.groupby(["family", "period"], as_index=False)[money].sum()
    )


def cash_plan(
    planning_periods: DataFrame,
    financial_plan: DataFrame,
    supply_plan: DataFrame,
    product_costs: DataFrame,
    unit_economics: DataFrame,
    sales_history: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    company_settings: DataFrame | None = None,
) -> DataFrame:
    """Calculate the cash flow, with the days until customers pay and suppliers are paid.

    On terms are material (as it is used), outside making and open receipts (at standard cost); labour, making, freight and fixed
    cost are paid in their month. What is open at the start is what the same terms leave open of the closed months'
    sales, and of the material in them at the first planned month's cost. So, in every month, margin - fixed cost =
    change in cash + receivables + inventory value - payables.

    Returns
    -------
    period : collections, payments, receivables, payables, inventory_value, cash [money]
    """
    said = dict.fromkeys(("receivable_days", "payable_days", "opening_cash", "fixed_cost"), 0.0)
    if company_settings is not None:
        said = company_settings[list(said)].fillna(0.0).iloc[0]
    bought, spent = bought_and_spent(
        planning_periods, product_costs, supply_plan, unit_economics, resources, routings
    )
    spent += said["fixed_cost"]
    plan = financial_plan.groupby("period")[["revenue", "inventory_value"]].sum()
    past = _closed_months(planning_periods, sales_history, unit_economics)
    collections, receivables = _paid_later(
        past["revenue"], plan["revenue"], said["receivable_days"]
    )
    paid, payables = _paid_later(past["material"], bought, said["payable_days"])
    cash = pd.DataFrame(
        {
            "collections": collections,
            "payments": paid + spent,
            "receivables": receivables,
            "payables": payables,
        }
    )
    cash["inventory_value"] = plan["inventory_value"]
    cash["cash"] = said["opening_cash"] + (cash["collections"] - cash["payments"]).cumsum()
    return conform(
        "cash_plan", cash.loc[planning_periods["period"]].rename_axis("period").reset_index()
    )


def bought_and_spent(
    planning_periods: DataFrame,
    product_costs: DataFrame,
    supply_plan: DataFrame,
    unit_economics: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> tuple[Series, Series]:
    """Split the cost of the plan into what is paid later and what is paid in its month.

    Returns
    -------
    (bought on terms, spent at once but for fixed cost) [money], each by period
    """
    on_terms, months = product_costs["cost_item"].isin(ON_TERMS), planning_periods["period"]
    bought, spent = (
        product_costs[rows].groupby("period")["cost"].sum().reindex(months, fill_value=0.0)
        for rows in (on_terms, ~on_terms)
    )
    return bought + _receipts_value(supply_plan, unit_economics, resources, routings), spent


def _receipts_value(supply_plan, unit_economics, resources, routings):
    arriving = supply_plan.groupby(["product", "period"], as_index=False)[
        "scheduled_receipts"
    ].sum()
    arriving = attach(arriving, standard_costs(unit_economics, resources, routings))
    return (
        (arriving["scheduled_receipts"] * arriving["standard_cost"])
        .groupby(arriving["period"])
        .sum()
    )


def _closed_months(planning_periods, sales_history, unit_economics):
    """Revenue and material of the months before the cycle; unknown revenue counts at the first planned price.

    Returns
    -------
    period : revenue, material [money]; every month from the first sale to the last closed one
    """
    first = planning_periods["period"].min()
    now = unit_economics.loc[
        unit_economics["period"] == first, ["product", "price", "material_cost"]
    ]
    past = attach(sales_history[sales_history["period"] < first], now)
    past["revenue"] = past["revenue"].fillna(past["quantity"] * past["price"])
    past["material"] = past["quantity"] * past["material_cost"]
    months = past.groupby("period")[["revenue", "material"]].sum()
    every = (
        pd.period_range(months.index.min(), first - 1, freq="M")
        if len(months)
        else pd.PeriodIndex([], freq="M")
    )
    return months.reindex(every, fill_value=0.0)


def _paid_later(past, planned, days):
    """Pay each month's amount `days` later: 45 days is half after one month, half after two; what is unpaid is open.

    Returns
    -------
    (paid, open at the month's end), each by period
    """
    amounts = pd.concat([past, planned])
    months, part = divmod(days / DAYS_A_MONTH, 1)
    sooner, later = (amounts.shift(int(months) + more, fill_value=0.0) for more in (0, 1))
    paid = (1 - part) * sooner + part * later
    # counted from the newest amounts, not as a running total of all history, so that no rounding is left over
    still_open = sum((amounts.shift(i, fill_value=0.0) for i in range(int(months))), part * sooner)
    return paid[planned.index], still_open[planned.index]
