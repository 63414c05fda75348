"""Outlook: fiscal years and quarters as actual to date and plan, against their references.

The accounts are those of the P&L: actual costs and budgeted costs come by account, for a family or
for the company; what is of the company is shared by families as overhead is.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.finance.actuals import family_sales
from sopkit.finance.bridge import ALL
from sopkit.finance.statements import overhead_key
from sopkit.master_data.budgets import BUDGETED
from sopkit.master_data.known_money import fixed_cost_is_known
from sopkit.tables import conform
from sopkit.tables.periods import YEAR

LINES = (
    *("quantity", "revenue", "cost_of_sales", "activity_spend", "margin", "overhead"),
    "operating_profit",
)
OF_COSTS = ("cost_of_sales", "margin", "operating_profit")  # not known where costs are not
ACCOUNTS = ("cost_of_sales", "activity_spend", "overhead")
CELL = ["family", "period"]
QUARTER = 3  # months
SIDES = ("actual", "plan", "outlook", "budget", "prior_year", "prior_cycle")


@dataclass(frozen=True)
class OutlookInputs:
    """The tables of what was sold and spent, what is planned, and what both are compared with."""

    planning_periods: DataFrame
    products: DataFrame
    sales_history: DataFrame
    financial_plan: DataFrame
    company_settings: DataFrame | None = None
    actual_costs: DataFrame | None = None
    budget: DataFrame | None = None
    budget_costs: DataFrame | None = None
    approved_financial_plans: DataFrame | None = None
    calendar: DataFrame | None = None


def outlook(inputs: OutlookInputs) -> DataFrame:
    """Calculate the outlook of each fiscal year and quarter: actual to date and plan.

    A fiscal year is named by the calendar year in which it ends; years and quarters are those of
    the calendar where the company has one. A year or quarter that the plan does not reach the end
    of is left out. A number is known where all its months and families are: closed months have
    units and revenue, and the lines below where `actual_costs` has them.
    The prior year is the outlook twelve months before; the prior cycle is what was actual before
    that cycle, and its plan since.

    Returns
    -------
    fiscal_year, quarter (empty: the year), item (a family, or `all`), measure : actual, plan,
        outlook, budget, prior_year, prior_cycle [the measure's unit], closed_months
    """
    first = inputs.planning_periods["period"].min()
    closed, planned = (
        actual_months(inputs),
        planned_months(inputs.financial_plan, inputs.company_settings),
    )
    known = pd.concat([closed, planned])
    months = _months(inputs, first)
    sides = {
        "actual": closed,
        "plan": planned,
        "outlook": known,
        "budget": _budget(inputs, known),
        "prior_year": known.rename(index=lambda month: month + YEAR, level="period"),
        "prior_cycle": _prior_cycle(inputs, closed),
    }
    families = sorted(inputs.products["family"].unique())
    grid = pd.MultiIndex.from_product([families, months["period"]], names=CELL)
    long = {name: _long(table.reindex(grid), months) for name, table in sides.items()}
    rows = DataFrame({name: _summed(name, long[name], first) for name in SIDES})
    rows["closed_months"] = _closed(rows.index, months, first)
    return conform("outlook", _in_order(rows.reset_index()))


def fiscal_year(
    planning_periods: DataFrame,
    company_settings: DataFrame | None = None,
    calendar: DataFrame | None = None,
) -> tuple[int, PeriodIndex]:
    """The fiscal year of the first planned month, and all its months."""
    first = planning_periods["period"].min()
    if calendar is None:
        begin = _begin(first, fiscal_year_start(company_settings))
        return (begin + YEAR - 1).year, pd.period_range(begin, periods=YEAR)
    current = calendar.loc[calendar["period"] == first, "fiscal_year"].item()
    return int(current), PeriodIndex(calendar.loc[calendar["fiscal_year"] == current, "period"])


def fiscal_year_start(company_settings: DataFrame | None) -> int:
    """The first month of the fiscal year: 1 is January, which holds where nothing is set."""
    if company_settings is None or company_settings["fiscal_year_start"].isna().all():
        return 1
    return int(company_settings["fiscal_year_start"].iloc[0])


# -------------------------------------------------------------------------------------------------
# months of a family


def actual_months(inputs: OutlookInputs) -> DataFrame:
    """The P&L of closed months, as far as it is known.

    Returns
    -------
    family, period : the lines of the P&L [units, money]
    """
    sold = family_sales(inputs.planning_periods, inputs.products, inputs.sales_history)
    sold = sold.set_index(CELL)
    costs = of_accounts(inputs.actual_costs, sold, overhead_key(inputs.company_settings))
    return _with_profit(sold.join(costs))


def planned_months(financial_plan: DataFrame, company_settings: DataFrame | None) -> DataFrame:
    """The P&L of planned months; what rests on costs that are not given is not known.

    Returns
    -------
    family, period : the lines of the P&L [units, money]
    """
    plan = financial_plan.set_index(CELL)
    unknown = plan["uncosted_revenue"].fillna(0.0) > 0
    of_costs = {name: plan[name].mask(unknown) for name in OF_COSTS}
    plan = plan.assign(**of_costs)[list(LINES)]
    if fixed_cost_is_known(company_settings):
        return plan
    return plan.assign(overhead=np.nan, operating_profit=np.nan)


def of_accounts(costs: DataFrame | None, base: DataFrame, key: str) -> DataFrame:
    """Costs by account on the families and months of a base.

    What names no family is shared as `key` of the base is: in equal parts where it is not known. A
    month in which an account has no row at all is not known; activities spend nothing in a month
    that has other costs and none of theirs.

    Returns
    -------
    family, period : cost_of_sales, activity_spend, overhead [money]
    """
    found = DataFrame(np.nan, base.index, list(ACCOUNTS))
    if costs is None:
        return found
    weight = base[key if key in base else "revenue"].clip(lower=0.0)
    month = weight.groupby("period").transform(lambda one: one.sum(skipna=False))
    alike = 1.0 / weight.groupby("period").transform("size")
    share = (weight / month.where(month > 0)).fillna(alike)
    for account, rows in costs.groupby("account"):
        own = rows[rows["family"].notna()].set_index(CELL)["amount"]
        shared = rows[rows["family"].isna()].set_index("period")["amount"]
        total = own.reindex(base.index).fillna(0.0)
        total = (
            total
            + share * shared.reindex(base.index.get_level_values("period")).fillna(0.0).to_numpy()
        )
        recorded = base.index.get_level_values("period").isin(rows["period"])
        found[account] = total.where(recorded)
    recorded = base.index.get_level_values("period").isin(costs["period"])
    spend = found["activity_spend"]
    return found.assign(activity_spend=spend.mask(spend.isna() & recorded, 0.0))


def _with_profit(table):
    """The lines of the P&L from revenue and costs."""
    margin = table["revenue"] - table["cost_of_sales"] - table["activity_spend"]
    table = table.assign(margin=margin, operating_profit=margin - table["overhead"])
    return table[list(LINES)]


def _budget(inputs, known):
    """The budget by family and month; a family that has none in a budgeted month has nothing, of
    what the budget of the month gives."""
    if inputs.budget is None:
        return DataFrame(columns=LINES, index=known.index[:0], dtype=float)
    months = PeriodIndex(inputs.budget["period"].unique())
    grid = pd.MultiIndex.from_product([inputs.products["family"].unique(), months], names=CELL)
    budget = inputs.budget[[*CELL, *BUDGETED]].set_index(CELL)
    is_given = budget.groupby("period").count().gt(0).reindex(grid, level="period")
    budget = budget.reindex(grid, fill_value=0.0).where(is_given)
    costs = of_accounts(inputs.budget_costs, budget, overhead_key(inputs.company_settings))
    table = budget.join(costs)
    return table.assign(operating_profit=table["margin"] - table["overhead"])[list(LINES)]


def latest_cycle(plans: DataFrame | None, first: Period) -> DataFrame | None:
    """The rows of the last cycle approved before this one; None without one."""
    if plans is None:
        return None
    earlier = plans[plans["cycle"] < first]
    if earlier.empty:
        return None
    return earlier[earlier["cycle"] == earlier["cycle"].max()]


def _prior_cycle(inputs, closed):
    """What the last cycle saw: what was actual before it, and its plan."""
    rows = latest_cycle(inputs.approved_financial_plans, inputs.planning_periods["period"].min())
    if rows is None:
        return closed.iloc[:0]
    before = closed.index.get_level_values("period") < rows["cycle"].iloc[0]
    return pd.concat([closed[before], rows.set_index(CELL)[list(LINES)]])


# -------------------------------------------------------------------------------------------------
# years and quarters


def _months(inputs, first):
    """The months of the fiscal years that have planned ones, with their year and quarter."""
    last = inputs.planning_periods["period"].max()
    if inputs.calendar is None:
        rows = _by_start(first, last, fiscal_year_start(inputs.company_settings))
    else:
        rows = _by_calendar(first, last, inputs.calendar)
    size = rows.groupby("fiscal_year")["period"].transform("size")
    in_quarter = rows.groupby(["fiscal_year", "quarter"])["period"].transform("size")
    return rows.assign(whole_year=size == YEAR, whole_quarter=in_quarter == QUARTER)


def _by_start(first, last, start):
    """The months from the begin of the fiscal year of the first, by its first month."""
    periods = pd.period_range(_begin(first, start), last, freq="M")
    shifted = periods - (start - 1)
    rows = DataFrame({"period": periods, "fiscal_year": shifted.year + (start > 1)})
    return rows.assign(quarter=(shifted.month - 1) // QUARTER + 1)


def _begin(first, start):
    """The first month of the fiscal year that a month is in."""
    return first - (first.month - start) % YEAR


def _by_calendar(first, last, calendar):
    """The periods from the begin of the fiscal year of the first, by the company's calendar."""
    current = calendar.loc[calendar["period"] == first, "fiscal_year"].item()
    shown = (calendar["fiscal_year"] >= current) & (calendar["period"] <= last)
    return calendar.loc[shown, ["period", "fiscal_year", "quarter"]].reset_index(drop=True)


def _long(table, months):
    """Lines of families and of the company, month by month, with fiscal year and quarter."""
    table = table[list(LINES)]
    company = table.groupby("period").sum(min_count=1)
    whole = table.isna().groupby(table.index.get_level_values("period")).any()
    company = company.mask(whole).assign(family=ALL).reset_index()
    rows = pd.concat([table.reset_index(), company]).melt(CELL, list(LINES), "measure")
    return rows.merge(months, on="period").rename(columns={"family": "item"})


def _summed(name, rows, first):
    """Sums by year and quarter; actual and plan over the months that they are about."""
    if name == "actual":
        rows = rows[rows["period"] < first]
    if name == "plan":
        rows = rows[rows["period"] >= first]
    quarters = rows[rows["whole_quarter"]]
    years = rows[rows["whole_year"]].assign(quarter=np.nan)
    key = ["fiscal_year", "quarter", "item", "measure"]
    groups = pd.concat([quarters, years]).groupby(key, dropna=False)["value"]
    return groups.sum().where(groups.count() == groups.size())


def _closed(index, months, first):
    """How many months of each year or quarter are closed."""
    closed = months[months["period"] < first]
    by_quarter = closed.groupby(["fiscal_year", "quarter"]).size()
    by_year = closed.groupby("fiscal_year").size()
    year, quarter = (index.get_level_values(name) for name in ("fiscal_year", "quarter"))
    pairs = pd.MultiIndex.from_arrays([year, quarter])
    counts = np.where(quarter.isna(), by_year.reindex(year), by_quarter.reindex(pairs))
    return Series(counts, index).fillna(0).astype("int64")


def _in_order(rows):
    """The company first, lines as in a P&L, quarters before their year."""
    place = rows.assign(
        is_part=rows["item"] != ALL,
        line=rows["measure"].map(LINES.index),
        at=rows["quarter"].fillna(QUARTER + 2),
    )
    by = ["fiscal_year", "is_part", "item", "line", "at"]
    return rows.loc[place.sort_values(by).index].reset_index(drop=True)
