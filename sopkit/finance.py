"""The plan in money: revenue and cost of sales, cash, gaps to budget and goals, and the bridge between them.

The convention, in one line: cost of sales = opening stock + what was spent on making and moving goods - closing stock.

Stock is valued at standard cost: material, plus the hours at regular wage and the making cost of the mean routing.
What is spent is what the plan of record (strategy `policy`) spends by `strategy_comparison`, so idle hours, overtime
premium, hiring, layoffs and outside premium reach the margin in the month they are paid. Costs of holding, backlog,
lost sales and extra storage weigh strategies against each other; no invoice is behind them, so they stay out of the margin.
"""

import numpy as np
import pandas as pd

from sopkit.periods import add_months, months_between, working_days
from sopkit.tables import attach, conform
from sopkit.vocabulary import TABLES

ON_TERMS = ("material", "subcontracting")  # paid after payable_days; everything else is paid at once
LABOUR = ("regular labour", "overtime", "hiring", "layoff")
AT_ONCE = (*LABOUR, "making", "freight")
WEIGHED_ONLY = ("holding", "backlog", "lost sales", "extra storage")
HOURS_A_DAY = 8.0  # when resource_calendar says nothing
DAYS_A_MONTH = 30.0  # for payment terms
GOAL_MEASURES = {
    "quantity": "sum",
    "revenue": "sum",
    "cost_of_sales": "sum",
    "margin": "sum",
    "inventory_value": "max",
    "cash": "min",
    "service_level_ratio": "ratio",
}


# ---------------------------------------------------------------------------------------------------------------
# what a unit costs and what the plan spends


def standard_costs(unit_economics, resources=None, routings=None):
    """Value one unit at standard: material + hours x regular wage + making, the mean over its routings.

    A product without routing costs its material; an empty `variable_cost` is no cost; without `resources` labour
    costs nothing.

    Returns
    -------
    product, period : standard_cost [money per unit]
    """
    costs = unit_economics[["product", "period", "material_cost"]]
    if routings is None:
        return costs.rename(columns={"material_cost": "standard_cost"})
    wage = 0.0
    if resources is not None:
        wage = attach(routings, resources[["resource", "regular_wage"]])["regular_wage"]
    ways = routings[["product"]].assign(
        making=routings["hours_per_unit"] * wage + routings["variable_cost"].fillna(0.0)
    )
    costs = attach(costs, ways.groupby("product", as_index=False)["making"].mean(), absent=0.0)
    costs["standard_cost"] = costs["material_cost"] + costs["making"]
    return costs[["product", "period", "standard_cost"]]


def costs_incurred(
    horizon,
    products,
    supply_plan,
    shipments,
    workforce_plan,
    strategy_comparison,
    unit_economics,
    network,
    resources=None,
    routings=None,
    resource_calendar=None,
):
    """Spread what the plan of record spends over the products and months that cause it.

    Each cost item of `strategy_comparison` is spread by its own driver at its own price: material and making by
    units made, outside cost by units bought, freight by units sent, labour by the hours that products take of the
    resource that pays it. Every item adds up to the supply plan's total. A cost whose driver is nought (a crew that
    makes nothing) is spread by units shipped.

    Returns
    -------
    product, period, cost_item : cost [money]

    Raises
    ------
    ValueError : a cost item that no driver is known for.
    """
    totals = _booked(strategy_comparison)
    made = _policy(supply_plan)
    units = made.groupby(["product", "period"])[["regular", "overtime", "subcontract", "shipped"]].sum()
    grid = pd.MultiIndex.from_product([products["product"], horizon["period"]], names=["product", "period"])
    units = units.reindex(grid, fill_value=0.0)
    drivers = pd.DataFrame(0.0, index=grid, columns=list(ON_TERMS + AT_ONCE))
    drivers.update(_unit_drivers(units, unit_economics, routings))
    drivers.update(_freight_driver(shipments, network))
    if resources is not None and routings is not None:
        drivers.update(_labour_drivers(horizon, made, workforce_plan, resources, routings, resource_calendar))
    idle = drivers.columns[(drivers.sum() == 0) & (totals[drivers.columns] != 0)]
    anything = units["shipped"] if units["shipped"].sum() > 0 else units["shipped"] + 1.0
    drivers[idle] = np.repeat(anything.to_numpy()[:, None], len(idle), axis=1)
    costs = drivers * (totals[drivers.columns] / drivers.sum().where(drivers.sum() != 0, 1.0))
    costs = costs.reset_index().melt(["product", "period"], var_name="cost_item", value_name="cost")
    return costs.astype({"cost_item": "str"})


def _policy(table):
    return table[table["strategy"] == "policy"].drop(columns="strategy")


def _booked(strategy_comparison):
    """Total cost of the plan of record by cost item; an unknown item is refused, so that no cost is left out."""
    rows = _policy(strategy_comparison)
    known = (*ON_TERMS, *AT_ONCE, *WEIGHED_ONLY)
    strange = sorted(set(rows["cost_item"]) - set(known))
    if strange:
        raise ValueError(
            f"strategy_comparison: cost_item={strange[0]!r} cannot be booked; known are {', '.join(known)}. "
            "Rename it, or give it a driver in costs_incurred."
        )
    return rows.groupby("cost_item")["cost"].sum().reindex(known, fill_value=0.0)


def _unit_drivers(units, unit_economics, routings):
    """Material, making and outside cost of each product and month at list cost."""
    prices = unit_economics.set_index(["product", "period"]).reindex(units.index)
    made = units["regular"] + units["overtime"]
    making = 0.0
    if routings is not None:
        mean = routings["variable_cost"].fillna(0.0).groupby(routings["product"]).mean()
        making = mean.reindex(units.index.get_level_values("product"), fill_value=0.0).to_numpy()
    outside = (units["subcontract"] * prices["subcontract_cost"]).where(units["subcontract"] > 0, 0.0)
    return pd.DataFrame(
        {"material": made * prices["material_cost"], "making": made * making, "subcontracting": outside}
    )


def _freight_driver(shipments, network):
    sent = attach(_policy(shipments), network)
    sent["freight"] = sent["shipped"] * sent["freight_cost"]
    return sent.groupby(["product", "period"])[["freight"]].sum()


def _labour_drivers(horizon, made, workforce_plan, resources, routings, resource_calendar):
    """Pay of each resource and month, shared over products by the hours they take there."""
    wages = resources[["resource", "regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]]
    pay = attach(_policy(workforce_plan), wages)
    pay["regular labour"] = pay["workers"] * _paid_hours(pay, resource_calendar) * pay["regular_wage"]
    pay["overtime"] = pay["overtime_hours"] * pay["overtime_wage"]
    pay["hiring"] = pay["hired"] * pay["hire_cost"]
    pay["layoff"] = pay["laid_off"] * pay["layoff_cost"]
    shares = _hour_shares(horizon, made, resources, routings)
    shares = attach(shares, pay[["resource", "period", *LABOUR]], absent=0.0)
    shares[list(LABOUR)] = shares[list(LABOUR)].mul(shares["share"], axis=0)
    return shares.groupby(["product", "period"])[list(LABOUR)].sum()


def _paid_hours(workforce, resource_calendar):
    weekdays = working_days(workforce["period"]).groupby("period")["working_days"].sum()
    usual = workforce["period"].map(weekdays) * HOURS_A_DAY
    if resource_calendar is None:
        return usual
    hours = resource_calendar[["resource", "period", "regular_hours_per_worker"]]
    told = attach(workforce[["resource", "period"]], hours, absent=np.nan)["regular_hours_per_worker"]
    return told.fillna(usual)


def _hour_shares(horizon, made, resources, routings):
    """Each product's share of a resource's hours in a month; in an idle month its share over the horizon."""
    ways = attach(routings[["product", "resource", "hours_per_unit"]], resources[["resource", "site"]])
    # the supply plan says where a product is made, not on which of the site's resources: they share it equally
    ways["hours_per_unit"] /= ways.groupby(["product", "site"])["resource"].transform("size")
    load = ways.merge(horizon[["period"]], how="cross")
    load = attach(load, made[["product", "site", "period", "regular", "overtime"]], absent=0.0)
    load["hours"] = (load["regular"] + load["overtime"]) * load["hours_per_unit"]
    in_month = load.groupby(["resource", "period"])["hours"].transform("sum")
    of_product = load.groupby(["resource", "product"])["hours"].transform("sum")
    in_all = load.groupby("resource")["hours"].transform("sum")
    alike = 1.0 / load.groupby(["resource", "period"])["hours"].transform("size")
    busy, used = in_month > 0, in_all > 0
    usual = (of_product / in_all.where(used, 1.0)).where(used, alike)
    load["share"] = (load["hours"] / in_month.where(busy, 1.0)).where(busy, usual)
    return load[["product", "resource", "period", "share"]]


# ---------------------------------------------------------------------------------------------------------------
# margin and cash


def financial_plan(
    horizon,
    products,
    supply_plan,
    service_plan,
    shipments,
    workforce_plan,
    strategy_comparison,
    unit_economics,
    network,
    resources=None,
    routings=None,
    resource_calendar=None,
):
    """Turn the plan of record into revenue, cost of sales and margin, by family and month.

    Revenue is units served x price. Cost of sales is opening stock + open receipts (both at standard cost) + costs
    incurred - closing stock at standard cost, which equals units served at standard plus the month's variances.

    Returns
    -------
    family, period : quantity [units served], revenue, cost_of_sales, margin, inventory_value [money]
    """
    incurred = costs_incurred(
        horizon, products, supply_plan, shipments, workforce_plan, strategy_comparison, unit_economics, network,
        resources, routings, resource_calendar,
    )  # fmt: skip
    served = _policy(service_plan).groupby(["product", "period"], as_index=False)["served"].sum()
    stock = ["opening_inventory", "receipts", "inventory"]
    plan = products[["product", "family"]].merge(horizon[["period"]], how="cross")
    plan = plan.sort_values(["product", "period"], ignore_index=True)
    plan = attach(plan, unit_economics[["product", "period", "price"]])
    plan = attach(plan, standard_costs(unit_economics, resources, routings))
    plan = attach(plan, served, absent=0.0).rename(columns={"served": "quantity"})
    plan = attach(
        plan, _policy(supply_plan).groupby(["product", "period"], as_index=False)[stock].sum(), absent=0.0
    )
    plan = attach(plan, incurred.groupby(["product", "period"], as_index=False)["cost"].sum())
    plan["revenue"] = plan["quantity"] * plan["price"]
    plan["inventory_value"] = plan["inventory"] * plan["standard_cost"]
    before = plan.groupby("product")["inventory_value"].shift()
    opening = before.fillna(
        plan["opening_inventory"] * plan["standard_cost"]
    )  # only the first month has none before
    plan["cost_of_sales"] = (
        opening + plan["receipts"] * plan["standard_cost"] + plan["cost"] - plan["inventory_value"]
    )
    plan["margin"] = plan["revenue"] - plan["cost_of_sales"]
    money = ["quantity", "revenue", "cost_of_sales", "margin", "inventory_value"]
    return conform("financial_plan", plan.groupby(["family", "period"], as_index=False)[money].sum())


def cash_plan(
    horizon,
    products,
    financial_plan,
    supply_plan,
    shipments,
    workforce_plan,
    strategy_comparison,
    unit_economics,
    network,
    sales_history,
    resources=None,
    routings=None,
    resource_calendar=None,
    terms=None,
):
    """Follow the plan's cash: customers pay after `receivable_days`, suppliers are paid after `payable_days`.

    On terms are material (as it is used), outside making and open receipts (at standard cost); labour, making, freight and fixed
    cost are paid in their month. What is open at the start is what the same terms leave open of the closed months'
    sales, and of the material in them at the first planned month's cost. So, in every month, margin - fixed cost =
    change in cash + receivables + inventory value - payables.

    Returns
    -------
    period : collections, payments, receivables, payables, inventory_value, cash [money]
    """
    incurred = costs_incurred(
        horizon, products, supply_plan, shipments, workforce_plan, strategy_comparison, unit_economics, network,
        resources, routings, resource_calendar,
    )  # fmt: skip
    said = dict.fromkeys(("receivable_days", "payable_days", "opening_cash", "fixed_cost"), 0.0)
    if terms is not None:
        said = terms[list(said)].fillna(0.0).iloc[0]
    on_terms = incurred["cost_item"].isin(ON_TERMS)
    bought = incurred[on_terms].groupby("period")["cost"].sum() + _receipts_value(
        supply_plan, unit_economics, resources, routings
    )
    spent = incurred[~on_terms].groupby("period")["cost"].sum() + said["fixed_cost"]
    plan = financial_plan.groupby("period")[["revenue", "inventory_value"]].sum()
    past = _closed_months(horizon, sales_history, unit_economics)
    collections, receivables = _paid_later(past["revenue"], plan["revenue"], said["receivable_days"])
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
    return conform("cash_plan", cash.loc[horizon["period"]].rename_axis("period").reset_index())


def _receipts_value(supply_plan, unit_economics, resources, routings):
    arriving = _policy(supply_plan).groupby(["product", "period"], as_index=False)["receipts"].sum()
    arriving = attach(arriving, standard_costs(unit_economics, resources, routings))
    return (arriving["receipts"] * arriving["standard_cost"]).groupby(arriving["period"]).sum()


def _closed_months(horizon, sales_history, unit_economics):
    """Revenue and material of the months before the cycle; unknown revenue counts at the first planned price.

    Returns
    -------
    period : revenue, material [money]; every month from the first sale to the last closed one
    """
    first = horizon["period"].min()
    now = unit_economics.loc[unit_economics["period"] == first, ["product", "price", "material_cost"]]
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


# ---------------------------------------------------------------------------------------------------------------
# gaps


def plan_gaps(
    horizon,
    products,
    financial_plan,
    cash_plan,
    service_plan,
    sales_history,
    budget=None,
    goals=None,
    approved_plans=None,
):
    """Hold the plan against budget, last year, last cycle and goals: gap = plan - reference.

    Only months that both sides cover have a row; item `all` adds up the families compared. Last year is the same
    month's sales (revenue where every sale's is known); last cycle is the demand that the latest earlier consensus
    expected. A goal stands in its last month; `unchecked_goals` lists those that cannot be checked.

    Returns
    -------
    compared_with, measure, item, period : plan, reference_value, gap [the measure's unit]

    Raises
    ------
    ValueError : a goal names a measure that the plan does not have, or cash of one family.
    """
    plan = _long(financial_plan, ["quantity", "revenue", "margin"], "plan")
    references = {"last_year": _last_year(horizon, products, sales_history)}
    if budget is not None:
        references["budget"] = _long(budget, ["quantity", "revenue", "margin"], "reference_value")
    if approved_plans is not None:
        references["last_cycle"] = _last_cycle(horizon, products, approved_plans)
    parts = [
        _compared(plan, reference, horizon).assign(compared_with=name)
        for name, reference in references.items()
    ]
    if goals is not None:
        judged = _judged_goals(
            horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals
        )
        parts.append(
            judged[judged["plan"].notna()]
            .rename(columns={"goal": "item", "to_period": "period", "target": "reference_value"})
            .assign(compared_with="goal")[
                ["compared_with", "measure", "item", "period", "plan", "reference_value"]
            ]
        )
    gaps = pd.concat(parts, ignore_index=True)
    return conform("plan_gaps", gaps.assign(gap=gaps["plan"] - gaps["reference_value"]))


def _long(table, measures, value):
    rows = table.rename(columns={"family": "item"}).melt(["item", "period"], measures, "measure", value)
    return rows.astype({"measure": "str"})


def _compared(plan, reference, horizon):
    """Plan beside reference for each family and for all, in planned months."""
    rows = attach(reference[reference["period"].isin(horizon["period"])], plan)
    everything = (
        rows.groupby(["measure", "period"], as_index=False)[["plan", "reference_value"]]
        .sum()
        .assign(item="all")
    )
    return pd.concat([rows, everything], ignore_index=True)


def family_sales(horizon, products, sales_history):
    """Add up closed months' sales by family; revenue is missing where a sale's revenue is.

    A family without sales in a month that history holds sold nothing then.

    Returns
    -------
    family, period : quantity [units], revenue [money]
    """
    sold = sales_history[sales_history["period"] < horizon["period"].min()]
    sold = attach(sold[["product", "period", "quantity", "revenue"]], products[["product", "family"]])
    recorded = sold["revenue"].notna().groupby(sold["period"]).transform("any")
    sold["revenue"] = sold["revenue"].mask(recorded & (sold["quantity"] == 0), 0.0)
    sums = _sums_where_whole(sold, ["family", "period"], ["quantity", "revenue"])
    grid = pd.MultiIndex.from_product(
        [products["family"].unique(), np.sort(sold["period"].unique())], names=["family", "period"]
    )
    nothing = pd.DataFrame({"quantity": 0.0, "revenue": 0.0}, index=grid)
    known = grid.get_level_values("period").isin(sold.loc[recorded, "period"])
    nothing["revenue"] = nothing["revenue"].where(known)
    nothing.loc[sums.index] = sums
    return nothing.reset_index()


def _sums_where_whole(rows, keys, columns):
    """Add up; a sum with a part missing is missing."""
    groups = rows.groupby(keys)
    return groups[columns].sum().where(groups[columns].count().eq(groups.size(), axis=0))


def _last_year(horizon, products, sales_history):
    sales = family_sales(horizon, products, sales_history)
    sales["period"] = add_months(sales["period"], 12)
    return _long(sales, ["quantity", "revenue"], "reference_value").dropna(subset="reference_value")


def _last_cycle(horizon, products, approved_plans):
    earlier = approved_plans[
        (approved_plans["contributor"] == "consensus") & (approved_plans["cycle"] < horizon["period"].min())
    ]
    latest = earlier[earlier["cycle"] == earlier["cycle"].max()]
    latest = attach(latest[["product", "market", "period", "quantity"]], products[["product", "family"]])
    return _long(
        latest.groupby(["family", "period"], as_index=False)["quantity"].sum(),
        ["quantity"],
        "reference_value",
    )


# ---------------------------------------------------------------------------------------------------------------
# goals


def unchecked_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals=None):
    """List the goals that the plan cannot be held against, and why.

    Returns
    -------
    goal : measure, from_period, to_period, owner, reason
    """
    if goals is None:
        goals = _empty("goals")
    judged = _judged_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals)
    columns = ["goal", "measure", "from_period", "to_period", "owner", "reason"]
    return judged.loc[judged["plan"].isna(), columns].reset_index(drop=True)


def _judged_goals(horizon, products, financial_plan, cash_plan, service_plan, sales_history, goals):
    """The goals with what the plan makes of each: sums over its months, the highest stock, the lowest cash.

    A sum needs every month of the goal, sold or planned; a level is judged over the planned months it covers.
    """
    _refuse_unknown_measures(goals)
    monthly = _monthly_measures(horizon, products, financial_plan, cash_plan, service_plan, sales_history)
    first = horizon["period"].min()
    verdicts = [_verdict(goal, monthly, first) for goal in goals.itertuples(index=False)]
    return goals.assign(
        plan=pd.Series([plan for plan, _ in verdicts], index=goals.index, dtype="float64"),
        reason=pd.Series([reason for _, reason in verdicts], index=goals.index, dtype="str"),
    )


def _refuse_unknown_measures(goals):
    unknown = goals[~goals["measure"].isin(GOAL_MEASURES)]
    if len(unknown):
        goal = unknown.iloc[0]
        raise ValueError(
            f"goals: measure must be one of {', '.join(GOAL_MEASURES)}; {len(unknown)} of {len(goals)} rows are not:\n"
            f"  goal={goal['goal']}  measure={goal['measure']}\n  Write the measure by the name of its column."
        )
    split = goals[(goals["measure"] == "cash") & goals["family"].notna()]
    if len(split):
        goal = split.iloc[0]
        raise ValueError(
            f"goals: cash is known for the whole company only; goal={goal['goal']} has family={goal['family']}. "
            "Leave its family empty."
        )


def _monthly_measures(horizon, products, financial_plan, cash_plan, service_plan, sales_history):
    """Everything that a goal may measure, month by month; closed months hold what was sold.

    Returns
    -------
    family (or all), measure, period : value
    """
    sold = _long(family_sales(horizon, products, sales_history), ["quantity", "revenue"], "value")
    planned = ["quantity", "revenue", "cost_of_sales", "margin", "inventory_value"]
    service = attach(_policy(service_plan), products[["product", "family"]])
    # late and lost units are the ones not delivered in the month they were wanted
    service["on_time"] = (service["demand"] - service["backlog"] - service["lost_sales"]).clip(lower=0.0)
    service = service.groupby(["family", "period"], as_index=False)[["demand", "on_time"]].sum()
    families = pd.concat(
        [sold, _long(financial_plan, planned, "value"), _long(service, ["demand", "on_time"], "value")],
        ignore_index=True,
    )
    company = _sums_where_whole(families, ["measure", "period"], ["value"]).reset_index()
    cash = _long(cash_plan.assign(family="all"), ["cash"], "value")
    months = pd.concat([families, company.assign(item="all"), cash], ignore_index=True).dropna(subset="value")
    return months.rename(columns={"item": "family"})


def _verdict(goal, monthly, first):
    """What the plan makes of one goal, or why that cannot be said."""
    if goal.to_period < first:
        return np.nan, f"it ended in {goal.to_period}, before this cycle"
    family = goal.family if isinstance(goal.family, str) else "all"
    rows = monthly[
        (monthly["family"] == family) & monthly["period"].between(goal.from_period, goal.to_period)
    ]
    kind = GOAL_MEASURES[goal.measure]
    if kind == "ratio":
        wanted = rows.loc[rows["measure"] == "demand", "value"].sum()
        on_time = rows.loc[rows["measure"] == "on_time", "value"].sum()
        return (on_time / wanted, "") if wanted > 0 else (np.nan, "nothing is wanted in its planned months")
    months = rows.loc[rows["measure"] == goal.measure, "value"]
    spans = months_between([goal.from_period], [goal.to_period])[0] + 1
    if kind == "sum" and len(months) < spans:
        return np.nan, f"{goal.measure} is known for {len(months)} of its {spans} months"
    return (months.agg(kind), "") if len(months) else (np.nan, "no planned month falls into it")


# ---------------------------------------------------------------------------------------------------------------
# bridge


def bridge(
    horizon,
    products,
    financial_plan,
    service_plan,
    unit_economics,
    budget=None,
    resources=None,
    routings=None,
):
    """Walk from budget to plan, step by step, for revenue and margin of each family; the company is their sum.

    volume : every family grows as the company's demand does (at budget prices); mix : it grows otherwise;
    price : its average price differs (products within it included); supply : units wanted and not served, at price
    (margin: less standard cost); cost : all that is left, what units cost beyond budget. The walk takes the months
    that both have; without budget it is empty.

    Returns
    -------
    measure, family, step : amount [money]; the steps before `plan` add up to it exactly
    """
    if budget is None:
        return _empty("bridge")
    months = budget[budget["period"].isin(horizon["period"])]
    plan = attach(months[["family", "period"]], financial_plan[["family", "period", "revenue", "margin"]])
    at_demand = _plan_at_demand(products, service_plan, unit_economics, resources, routings)
    plan = attach(plan, at_demand, absent=0.0).drop(columns="period").groupby("family").sum()
    base = months.groupby("family")[["quantity", "revenue", "margin"]].sum()
    return conform(
        "bridge", pd.concat([_walk(base, plan, m) for m in ("revenue", "margin")], ignore_index=True)
    )


def _empty(name):
    return conform(name, pd.DataFrame(columns=list(TABLES[name].columns)))


def _plan_at_demand(products, service_plan, unit_economics, resources, routings):
    """Demand, its revenue at plan prices, and what not serving it costs.

    Returns
    -------
    family, period : demand [units], demand_revenue, unserved_revenue, unserved_margin [money]
    """
    service = _policy(service_plan).groupby(["product", "period"], as_index=False)[["demand", "served"]].sum()
    service = attach(service, unit_economics[["product", "period", "price"]])
    service = attach(service, standard_costs(unit_economics, resources, routings))
    service = attach(service, products[["product", "family"]])
    missed = service["served"] - service["demand"]
    service["demand_revenue"] = service["demand"] * service["price"]
    service["unserved_revenue"] = missed * service["price"]
    service["unserved_margin"] = missed * (service["price"] - service["standard_cost"])
    money = ["demand", "demand_revenue", "unserved_revenue", "unserved_margin"]
    return service.groupby(["family", "period"], as_index=False)[money].sum()


def _walk(base, plan, measure):
    """One measure's steps from budget to plan, family by family."""
    prices = _per_unit(base, "revenue")
    budgeted = base["revenue"].sum()
    growth = (plan["demand"] * prices).sum() / budgeted if budgeted else 1.0
    moved = plan["demand"] - growth * base["quantity"]
    steps = pd.DataFrame({"budget": base[measure], "volume": base[measure] * (growth - 1)})
    steps["mix"] = moved * _per_unit(base, measure)
    steps["price"] = plan["demand_revenue"] - growth * base["revenue"] - moved * prices
    steps["supply"] = plan[f"unserved_{measure}"]
    if measure == "margin":
        steps.insert(4, "cost", plan["margin"] - steps.sum(axis=1))
    steps["plan"] = plan[measure]
    steps = steps.rename_axis("family").reset_index().melt("family", var_name="step", value_name="amount")
    return steps.assign(measure=measure)


def _per_unit(base, measure):
    """Money per unit of each family; a family without budgeted units takes the company's."""
    units = base["quantity"].sum()
    company = base[measure].sum() / units if units else 0.0
    return (base[measure] / base["quantity"].where(base["quantity"] > 0)).fillna(company)
