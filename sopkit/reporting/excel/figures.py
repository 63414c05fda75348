"""The numbers of the pack, out of the plan's tables: by family and month, and for the company."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.finance import actuals
from sopkit.finance.statements import bought_and_spent
from sopkit.rules.call import call
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import attach, empty
from sopkit.tables.periods import MONTH_DAYS, add_months

CLOSED_MONTHS = 3
MADE = ["regular", "overtime", "subcontract", "purchased"]
UNITS = [*MADE, "scheduled_receipts", "consumed", "expired", "inventory", "target_inventory"]
KEY = ["family", "period"]


def months(plan: Mapping[str, DataFrame]) -> PeriodIndex:
    """The sheets' months: three closed ones, then the horizon."""
    planned = pd.PeriodIndex(plan["planning_periods"]["period"])
    return pd.period_range(planned.min() - CLOSED_MONTHS, planned.max(), freq="M")


def family_figures(inputs: Mapping[str, DataFrame], plan: Mapping[str, DataFrame]) -> DataFrame:
    """What a family's sheet shows, for every family; a cell that nobody knows is missing.

    Returns
    -------
    family, period : a column for each line of the sheet
    """
    every, first = months(plan), plan["planning_periods"]["period"].min()
    families = np.sort(inputs["products"]["family"].unique())
    grid = pd.MultiIndex.from_product([families, every], names=KEY)
    table = pd.DataFrame(index=grid)
    for part in (
        _supply(inputs, plan),
        _service(inputs, plan),
        _money(inputs, plan),
        _past(inputs, plan),
    ):
        table = table.join(part)
    planned = table.index.get_level_values("period") >= first
    table.loc[planned, UNITS] = table.loc[planned, UNITS].fillna(0.0)
    table["sales"] = table["sales"].fillna(
        _agreed("approved_forecasts", ["quantity"], inputs, plan)["quantity"]
    )
    for way, units in _agreed("approved_supply_plans", MADE, inputs, plan).items():
        table[way] = table[way].fillna(units)
    table["production"] = table[MADE].sum(axis=1, min_count=1)
    table["actual_production"] = np.nan
    table["actual_inventory"] = _opening_stock(inputs, plan, first - 1)
    for actual, planned in (("actual_sales", "sales"), ("actual_production", "production")):
        table[f"{actual}_difference"] = table[actual] - table[planned]
        so_far = table[f"{actual}_difference"].groupby("family").cumsum()
        table[f"{actual}_cumulative"] = so_far
    table["actual_inventory_difference"] = table["actual_inventory"] - table["inventory"]
    table["over_target"] = table["inventory"] - table["target_inventory"]
    table["margin_ratio"] = table["margin"] / table["revenue"].where(table["revenue"] != 0)
    return _against_budget(table, inputs.get("budget"))


def _opening_stock(inputs, plan, before):
    """The stock that the plan starts from, at the end of the month before; missing where nobody has
    counted."""
    if inputs.get("inventory") is None:
        return np.nan
    supply = plan["supply_plan"]
    first = supply[supply["period"] == before + 1].assign(period=before)
    return _by_family(first, inputs)["opening_inventory"]


def _by_family(table, inputs):
    """Sum a table's numbers by family and month."""
    rows = attach(table, inputs["products"][["product", "family"]])
    return rows.groupby(KEY).sum(numeric_only=True)


def _supply(inputs, plan):
    return _by_family(plan["supply_plan"], inputs)[UNITS].mask(lambda t: t.abs() < ROUNDING, 0.0)


def _service(inputs, plan):
    """Demand and what is delivered of it; price and standard cost are the family's means over what
    it delivers."""
    cells = plan["constrained_demand"].groupby(["product", "period"], as_index=False)
    rows = cells[["demand", "fulfilled", "backlog", "lost_sales"]].sum()
    unit = plan["profitability"].rename(columns={"net_price": "price"})
    unit = unit.assign(at_standard=unit["quantity"] * unit["standard_cost"])
    sums = _by_family(rows, inputs).join(_by_family(unit, inputs)[["revenue", "at_standard"]])
    usual = attach(unit, inputs["products"][["product", "family"]]).groupby(KEY)[
        ["price", "standard_cost"]
    ]
    means = usual.mean()
    sums = sums.reindex(means.index, fill_value=0.0)  # a family that nobody wants anything of
    sold = sums["fulfilled"].where(sums["fulfilled"] > ROUNDING)
    sums["price"] = (sums["revenue"] / sold).fillna(means["price"])
    sums["standard_cost"] = (sums["at_standard"] / sold).fillna(means["standard_cost"])
    columns = ["demand", "fulfilled", "backlog", "lost_sales", "price", "standard_cost"]
    return sums[columns].rename(columns={"fulfilled": "sales"})


def _money(inputs, plan):
    """The family's money; variances are what it costs beyond its deliveries at standard."""
    money = plan["financial_plan"].set_index(KEY).drop(columns="quantity")
    service = _service(inputs, plan).reindex(money.index, fill_value=0.0)
    money["variances"] = money["cost_of_sales"] - service["sales"] * service["standard_cost"]
    stock = _supply(inputs, plan)["inventory"].reindex(money.index, fill_value=0.0)
    money["stock_cost"] = (money["inventory_value"] / stock.where(stock > ROUNDING)).fillna(
        service["standard_cost"]
    )
    return money


def _past(inputs, plan):
    """What was sold, and the same month's sales a year before."""
    planning_periods, products = plan["planning_periods"], inputs["products"]
    sold = actuals.family_sales(planning_periods, products, inputs["sales_history"])[
        [*KEY, "quantity"]
    ]
    before = sold.assign(period=add_months(sold["period"], 12))
    parts = [
        sold.set_index(KEY)["quantity"].rename("actual_sales"),
        before.set_index(KEY)["quantity"].rename("last_year"),
    ]
    return pd.concat(parts, axis=1)


def approved_rows(
    name: str, inputs: Mapping[str, DataFrame], plan: Mapping[str, DataFrame]
) -> DataFrame:
    """The rows of an approved plan for the sheets' closed months: for each, of the latest cycle
    that planned it.

    Returns
    -------
    rows of the table; none where the table is absent
    """
    first = plan["planning_periods"]["period"].min()
    rows = inputs.get(name)
    if rows is None:
        return empty(name)
    if "contributor" in rows.columns:
        rows = rows[rows["contributor"] == "consensus"]
    rows = rows[
        (rows["cycle"] <= rows["period"]) & rows["period"].between(first - CLOSED_MONTHS, first - 1)
    ]
    return rows[rows["cycle"] == rows.groupby("period")["cycle"].transform("max")]


def _agreed(name, columns, inputs, plan):
    rows = approved_rows(name, inputs, plan)
    return _by_family(rows[["product", "period", *columns]], inputs)[columns]


def _against_budget(table, budget):
    measures = ["quantity", "revenue", "margin"]
    plain = pd.DataFrame(columns=measures, index=table.index, dtype="float64")
    if budget is not None:
        plain = budget.set_index(KEY)[measures].reindex(table.index)
    for measure, line in (("quantity", "sales"), ("revenue", "revenue"), ("margin", "margin")):
        table[f"budget_{measure}"] = plain[measure]
        table[f"budget_{measure}_gap"] = table[line].where(table["demand"].notna()) - plain[measure]
    return table


# --------------------------------------------------------------------------------------------------
# the company


def cash_figures(inputs: Mapping[str, DataFrame], plan: Mapping[str, DataFrame]) -> DataFrame:
    """Cash as the sheet shows it; the month before the first planned one holds what is open then.

    What is collected and paid of the plan follows from planned revenue, what is bought and the
    payment terms; the rest is of the past.

    Returns
    -------
    period : receivable_days, collected_of_plan, collected_of_past, collections, payable_days,
        bought, paid_of_plan, paid_of_past, spent, payments, receivables, payables, cash
    """
    table = plan["cash_plan"].set_index("period").drop(columns="inventory_value")
    table["receivable_days"], table["payable_days"] = (
        _term(inputs, name) for name in ("receivable_days", "payable_days")
    )
    spending = call(bought_and_spent, {**inputs, **plan}).set_index("period")
    table["bought"], table["spent"] = spending["bought"], spending["spent"]
    revenue = plan["financial_plan"].groupby("period")["revenue"].sum().reindex(table.index)
    paid = table["payments"] - table["spent"] - _term(inputs, "fixed_cost")
    table["collected_of_plan"] = _paid_of_plan(revenue, table["receivable_days"].iloc[0])
    table["paid_of_plan"] = _paid_of_plan(table["bought"], table["payable_days"].iloc[0])
    table["collected_of_past"] = _rest(table["collections"] - table["collected_of_plan"])
    table["paid_of_past"] = _rest(paid - table["paid_of_plan"])
    now = table.iloc[0]
    table = table.reindex(months(plan))
    before = table.index[CLOSED_MONTHS - 1]
    table.loc[before, "receivables"] = now["receivables"] - revenue.iloc[0] + now["collections"]
    table.loc[before, "payables"] = now["payables"] - now["bought"] + paid.iloc[0]
    table.loc[before, "cash"] = now["cash"] - now["collections"] + now["payments"]
    return table


def _term(inputs, name):
    company_settings = inputs.get("company_settings")
    return 0.0 if company_settings is None else float(company_settings[name].fillna(0.0).iloc[0])


def _paid_of_plan(amounts, days):
    """What is paid in each month of the planned months' amounts, so many days later."""
    age = np.subtract.outer(np.arange(len(amounts)), np.arange(len(amounts)))
    share = np.where(age >= 0, np.maximum(1 - np.abs(age - days / MONTH_DAYS), 0.0), 0.0)
    return share @ amounts.to_numpy()


def _rest(amounts):
    return amounts.mask(amounts.abs() < ROUNDING, 0.0)
