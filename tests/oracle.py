"""A plan calculated a second time: stock, service, hours, money and measures of its decisions.

Written from the definitions in `sopkit/schema` and the docstrings of the steps, with which it
shares no code. It optimises nothing: what is started, purchased, shipped, moved, expired and
lost, and the workers, are taken as planned.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.tables import empty

INPUTS = [
    "supply_policy",
    *("products", "sales_history", "inventory", "resources", "routings", "resource_calendar"),
    *("item_costs", "lanes", "transfer_lanes", "storage_capacity", "purchase_orders"),
    *("company_settings", "bill_of_materials", "components", "sources", "marketing_activities"),
]
DECISIONS = [
    *("planning_periods", "demand_plan", "supply_plan", "production_plan", "distribution_plan"),
    *("interplant_transfers", "workforce_plan", "constrained_demand", "purchased_products"),
    "item_locations",
]
NEAR = 1e-6  # units below this are the solver's rounding: no stock, no backlog, no run
ON_TERMS = [
    "material",
    "purchased goods",
    "subcontracting",
]  # paid after payable_days; all else is paid at once
OF_CREWS = ["unabsorbed labour", "hiring", "layoff"]
WEIGHED = ["holding", "backlog", "lost sales"]  # no invoice is behind them
PAY = ["regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]
ROUTE = ["hours_per_unit", "routing_step", "variable_cost", "setup_cost", "setup_hours"]
LOSSES = ["each", "days"]  # units worked on for a good one, days from start to end
MADE = ["regular", "overtime"]
IN = [*MADE, "subcontract", "scheduled_receipts", "purchased", "transferred_in"]
OUT = ["transferred_out", "shipped", "expired", "consumed"]
HOURS = ["regular_hours_per_worker", "overtime_hours_per_worker", "machine_hours"]
TERMS = ["receivable_days", "payable_days", "opening_cash", "fixed_cost"]
SOLD, CREW, STOCK = ["product", "period"], ["resource", "period"], ["product", "site", "period"]
WANT = ["product", "market", "period"]


def recalculated(tables: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Calculate a plan again from its inputs and its decisions.

    Returns
    -------
    dict of table name -> table with what is calculated; costs has cost_item : cost
    """
    names = INPUTS + DECISIONS
    t = {name: tables[name] if name in tables else empty(name) for name in names}
    economics, work = prices(t), worked(t)
    stock = supply_plan(t, work).merge(economics, on=SOLD)
    service = constrained_demand(t).merge(economics, on=SOLD)
    crews = workforce_plan(t, work)
    totals, product_costs = costs(t, work, crews, stock, service)
    earned = profitability(t, economics, stock, service, product_costs)
    finance = financial_plan(t, economics, stock, earned)
    cash = cash_plan(t, economics, stock, product_costs, finance)
    return {
        "supply_plan": stock,
        "constrained_demand": service,
        "workforce_plan": crews,
        "costs": totals,
        "product_costs": product_costs,
        "profitability": earned,
        "financial_plan": finance,
        "cash_plan": cash,
        "figures": figures(stock, service, crews, totals, finance, cash),
    }


def total(table: DataFrame, column: str, by: list[str]) -> Series:
    return table.groupby(by)[column].sum()


def at(table: DataFrame, values: Series | DataFrame, key: list[str]) -> np.ndarray:
    """Values by key on the rows of a table; 0 where there are none."""
    rows = pd.MultiIndex.from_frame(table[key]) if len(key) > 1 else pd.Index(table[key[0]])
    return np.nan_to_num(values.reindex(rows).to_numpy(dtype=float, na_value=np.nan), posinf=np.inf)


def known(table: DataFrame, master: DataFrame, key: list[str], columns: list[str]) -> DataFrame:
    """Add numbers that a master table knows by a key; 0 where it says nothing."""
    found = at(table, master.set_index(key)[columns], key)
    return table.assign(**dict(zip(columns, found.T, strict=True)))


def dated(t, name, key):
    """A table by month: of each key the latest row begun by then, before the first the first."""
    rows = t[name].merge(t["planning_periods"][["period"]], "cross")
    if "effective_from" in rows:
        age = rows["period"].astype("int64") - rows["effective_from"].astype("int64")
        age = age.mask(rows["effective_from"].isna(), 1e5)
        rows = rows.assign(turn=age.where(age >= 0, 1e6 - age)).sort_values("turn")
    return rows.drop_duplicates([*key, "period"]).sort_values([*key, "period"])


def once(table, key):
    """One row for each key: what does not change over time."""
    return table.drop_duplicates(key)


def with_freight(t, table, name, ends):
    """Shipments or transfers with the freight of their lane in their month."""
    return known(table, dated(t, name, ends), [*ends, "period"], ["freight_cost"])


def mean_freight(t, name, ends):
    """Each lane with its mean freight over the planned months, and its lead time."""
    mean = dated(t, name, ends).groupby(ends, as_index=False)["freight_cost"].mean()
    return mean.merge(once(t[name], ends)[[*ends, "lead_time_days"]], on=ends)


def prices(t):
    """Prices, costs and standard cost: the latest begun by each month, before the first the first.

    A product without any has last year's revenue per unit as its price (1 where there is none), no
    material cost, and 2 % and 10 % of the price as costs of holding and of backlog.
    """
    grid = t["products"][["product", "family"]].merge(t["planning_periods"][["period"]], "cross")
    listed = t["item_costs"][t["item_costs"]["market"].isna()].drop(columns="market")
    rows = grid.merge(dated({**t, "item_costs": listed}, "item_costs", ["product"]), on=SOLD)
    rest = grid[~grid["product"].isin(rows["product"])]
    sales = t["sales_history"].dropna(subset="revenue")
    sales = sales[sales["period"] > t["sales_history"]["period"].max() - 12]
    sales = sales.groupby("product")[["revenue", "quantity"]].sum().query("quantity > 0")
    price = rest["product"].map(sales["revenue"] / sales["quantity"]).astype(float).fillna(1.0)
    rest = rest.assign(price=price, holding_cost=0.02 * price, backlog_cost=0.1 * price, given=0.0)
    rows = pd.concat([rows.assign(given=1.0), rest])
    rows = rows.fillna({"lost_sale_cost": 0.0, "material_cost": 0.0})
    rows["inbound"] = np.where(
        rows["product"].isin(t["routings"]["product"]), 0.0, inbound_of_a_unit(t, rows)
    )
    rows["standard_cost"] = rows["material_cost"] + rows["inbound"]
    rows["standard_cost"] += at(rows, making_cost(t), SOLD)
    rows["standard_cost"] = with_what_goes_in(t, rows)
    rows = rows.drop(columns=["effective_from", "turn"], errors="ignore")
    return rows.sort_values(SOLD, ignore_index=True)


def inbound_of_a_unit(t, rows):
    """Inbound freight of a unit from the first source of each product that is in force."""
    terms = t["sources"].rename(columns={"item": "product"})
    terms = terms.assign(rank=terms["priority"].astype(float).fillna(np.inf))
    found = []
    for each in rows[SOLD].itertuples():
        own = terms[terms["product"] == each.product].sort_values("rank", kind="stable")
        begun = own[own["effective_from"].isna() | (own["effective_from"] <= each.period)]
        ways = begun if len(begun) else own
        if ways.empty:
            found.append(0.0)
            continue
        first = ways.iloc[0]
        same = ways[(ways["supplier"] == first["supplier"])]
        same = same[(same["site"] == first["site"]) | same["site"].isna() & pd.isna(first["site"])]
        same = same.sort_values("effective_from", na_position="first", kind="stable")
        found.append(np.nan_to_num(float(same["inbound_freight_cost"].iloc[-1])))
    return np.array(found)


def with_what_goes_in(t, rows):
    """The standard cost of a product with that of the products that go into it, level by level."""
    bill = t["bill_of_materials"]
    bill = bill[~bill["co_product"].fillna(False).astype(bool)]
    own = rows.set_index(SOLD)["standard_cost"]
    cost = own
    while len(bill):
        columns = {"component": "product", "product": "whole"}
        parts = bill.rename(columns=columns).merge(cost.rename("cost").reset_index(), on="product")
        parts["cost"] *= parts["quantity_per_unit"]
        inside = parts.groupby(["whole", "period"])["cost"].sum().rename_axis(SOLD)
        more = own.add(inside, fill_value=0.0)
        if len(more) == len(cost) and (more - cost.reindex(more.index)).abs().max() < 1e-12:
            break
        cost = more
    return at(rows, cost, SOLD)


def routes(t):
    """Hours and costs of a good unit: what a step and the steps after it lose is worked on too."""
    rows = dated(t, "routings", ["product", "resource"])
    step = [*SOLD, "routing_step"]
    rows = rows.fillna(dict.fromkeys(["variable_cost", "routing_step", "lead_time_days"], 0.0))
    rows["loss"] = 1.0 / rows["yield_ratio"].fillna(1.0)
    mean = rows.groupby(step)["loss"].mean()
    later = mean[::-1].groupby(SOLD).cumprod() / mean
    rows["each"] = rows["loss"] * at(rows, later, step)
    rows["hours_per_unit"] *= rows["each"]
    rows["variable_cost"] *= rows["each"]
    days = rows.groupby(step)["lead_time_days"].max().groupby(SOLD).sum()
    return rows.assign(days=at(rows, days, SOLD))


def making_cost(t):
    """Hours x regular wage + conversion cost of a unit, the mean over the ways to do each step."""
    ways = known(routes(t), dated(t, "resources", ["resource"]), CREW, ["regular_wage"])
    ways["cost"] = ways["hours_per_unit"] * ways["regular_wage"] + ways["variable_cost"]
    return ways.groupby([*SOLD, "routing_step"])["cost"].mean().groupby(SOLD).sum()


def planned_days(t):
    """The planned days of each month: all of a calendar month, of the first those not past."""
    periods = t["planning_periods"]
    first = periods["period"].min()
    days = {month: pd.date_range(month.start_time, month.end_time) for month in periods["period"]}
    if "as_of_day" in periods and periods["as_of_day"].notna().any():
        days[first] = days[first][days[first] > periods["as_of_day"].iloc[0]]
    return days


def later(t, rows, columns, days):
    """Rows of what has started, when it arrives: each planned day's part, its lead time later."""
    days = np.nan_to_num(np.asarray(days, dtype=float))
    months, starts = pd.PeriodIndex(rows["period"], freq="M"), planned_days(t)
    parts = []
    for lead in np.unique(days):
        assert lead == round(lead)
        for month in months.unique():
            there = (starts[month] + pd.Timedelta(lead, "D")).to_period("M")
            mine = rows[(days == lead) & (months == month)]
            for arrival, share in without_slight((there.value_counts() / len(there)).to_dict()):
                moved = mine.assign(period=arrival)
                moved[columns] = mine[columns] * share
                parts.append(moved)
    table = pd.concat(parts, ignore_index=True) if parts else rows.copy()
    return table.astype({"period": "period[M]"})


def without_slight(shares):
    """Shares by month; one under a tenth counts with the larger of the months beside it."""
    for month in sorted(shares):
        if shares[month] < 0.1:
            beside = [each for each in (month - 1, month + 1) if each in shares]
            shares[max(beside, key=shares.get)] += shares.pop(month)
    return shares.items()


def goes_into(t):
    """Units of each product that go directly into another one, or through what is made with it."""
    bill = t["bill_of_materials"]
    bill = bill[~bill["co_product"].fillna(False).astype(bool)]
    bill = bill[["product", "component", "quantity_per_unit"]]
    kept = [*t["products"]["product"], *t["components"]["component"], *t["sources"]["item"]]
    rows = bill[bill["product"].isin(kept)]
    while (
        through := ~rows["component"].isin(kept) & rows["component"].isin(bill["product"])
    ).any():
        inner = bill.rename(columns={"product": "whole", "quantity_per_unit": "inside"})
        opened = rows[through].rename(columns={"component": "whole"}).merge(inner, on="whole")
        opened["quantity_per_unit"] *= opened["inside"]
        rows = pd.concat([rows[~through], opened[rows.columns]])
    rows = rows[rows["component"].isin(t["products"]["product"])]
    return rows.groupby(["product", "component"], as_index=False)["quantity_per_unit"].sum()


def comes_with(t):
    """Co-products of a good unit of each product."""
    bill = t["bill_of_materials"]
    bill = bill[bill["co_product"].fillna(False).astype(bool)]
    return bill[["product", "component", "quantity_per_unit"]]


def between(t, rows, units, usage):
    """Units of other products that go with these: at the same site, else where they are made."""
    held = t["item_locations"].sort_values(STOCK[:2])
    first = held.sort_values("produced_here", ascending=False, kind="stable")
    first = first.drop_duplicates("product").set_index("product")["site"]
    pairs = rows[[*STOCK, units]].merge(usage, on="product")
    there = pd.MultiIndex.from_frame(pairs[["component", "site"]])
    there = there.isin(pd.MultiIndex.from_frame(held[STOCK[:2]]))
    pairs["site"] = pairs["site"].where(there, pairs["component"].map(first))
    pairs["quantity"] = pairs[units] * pairs["quantity_per_unit"]
    return total(pairs.assign(product=pairs["component"]), "quantity", STOCK)


def worked(t):
    """Units, hours and runs of each product on each resource; set-ups take regular hours."""
    work = t["production_plan"][["product", "resource", "period", "regular", "overtime"]]
    work = known(work, routes(t), ["product", *CREW], [*ROUTE, *LOSSES])
    work = known(work, dated(t, "resources", ["resource"]), CREW, PAY)
    work = work.merge(t["resources"][["resource", "site"]].drop_duplicates(), on="resource")
    work["made"] = work["regular"] + work["overtime"]
    work["runs"] = (work["made"] > NEAR).astype(float)
    work["regular_hours"] = work["regular"] * work["hours_per_unit"]
    work["regular_hours"] += work["runs"] * work["setup_hours"]
    work["overtime_hours"] = work["overtime"] * work["hours_per_unit"]
    steps = work.groupby(["product", "site"])["routing_step"]
    return work.assign(finished=work["routing_step"] == steps.transform("max"))


def started(t, plan, work):
    """Good units by the month of their start, the units started for them, and days until the end."""
    bought = [*t["sources"]["item"], *comes_with(t)["component"]]
    unrouted = plan[~plan["product"].isin([*work["product"], *bought])]
    rows = pd.concat([work[work["finished"]], unrouted])
    rows = rows[[*STOCK, *MADE, *(name for name in LOSSES if name in rows)]]
    first = work.groupby(STOCK)["each"].max()
    rows["good"] = rows["regular"] + rows["overtime"]
    rows["started"] = rows["good"] * np.where(
        rows["product"].isin(work["product"]), at(rows, first, STOCK), 1.0
    )
    return rows.reindex(columns=[*STOCK, *MADE, "good", "started", "days"]).fillna({"days": 0.0})


def ordered(t, plan):
    """Products on order by month: what is overdue comes at once, to the first site if none is said."""
    due = t["purchase_orders"].rename(columns={"item": "product"})
    first = plan.drop_duplicates("product").set_index("product")["site"]
    due["site"] = due["site"].fillna(due["product"].map(first))
    period = due["due_day"].dt.to_period("M").clip(lower=plan["period"].min())
    return total(due.assign(period=period), "quantity", STOCK)


def under_way(t):
    """Units on the way to customers at the start, by the month in which they arrive.

    Demand of the days that the market's lane of least freight takes; they come from the product's
    own lane of least freight.
    """
    lanes = mean_freight(t, "lanes", ["site", "market"])
    lanes = lanes.sort_values("freight_cost", kind="stable")
    days = lanes.drop_duplicates("market").set_index("market")["lead_time_days"].astype(float)
    rows = t["demand_plan"][[*WANT, "total_demand"]].copy()
    days = rows["market"].map(days).fillna(0.0)
    planned = planned_days(t)
    start = planned[min(planned)][0]
    share = [
        (planned[month] < start + pd.Timedelta(lead, "D")).mean()
        for month, lead in zip(rows["period"], days, strict=True)
    ]
    rows["units"] = rows["total_demand"] * share
    sent = t["distribution_plan"].drop_duplicates(["product", "site", "market"])
    freight = mean_freight(t, "lanes", ["site", "market"])
    sent = known(sent, freight, ["site", "market"], ["freight_cost"])
    sent = sent.sort_values(["freight_cost", "site"], kind="stable")
    return rows.merge(sent.drop_duplicates(WANT[:2])[["product", "market", "site"]], on=WANT[:2])


def supply_plan(t, work):
    """Stock at each month's end: what was there and has come, less what has gone.

    What was started, transferred or shipped and has not arrived is in transit, at the stock that
    it left. What subcontractors make is taken as it arrives.
    """
    plan, moved = t["supply_plan"].sort_values(STOCK, ignore_index=True), t["interplant_transfers"]
    begun = started(t, plan, work)
    made = later(t, begun, [*MADE, "good"], begun["days"])
    moved = known(
        moved,
        once(t["transfer_lanes"], ["site", "to_site"]),
        ["site", "to_site"],
        ["lead_time_days"],
    )
    sent = known(
        t["distribution_plan"],
        once(t["lanes"], ["site", "market"]),
        ["site", "market"],
        ["lead_time_days"],
    )
    come = later(t, moved, ["transferred"], moved["lead_time_days"])
    there = later(t, sent, ["shipped"], sent["lead_time_days"])
    with_others = between(t, begun, "good", comes_with(t))
    flows = {
        "regular": total(made, "regular", STOCK).add(with_others, fill_value=0.0),
        "overtime": total(made, "overtime", STOCK),
        "subcontract": total(plan, "subcontract", STOCK),
        "scheduled_receipts": ordered(t, plan),
        "purchased": total(t["purchased_products"], "purchased", STOCK),
        "transferred_in": total(come, "transferred", ["product", "to_site", "period"]),
        "transferred_out": total(moved, "transferred", STOCK),
        "shipped": total(sent, "shipped", STOCK),
        "expired": total(plan, "expired", STOCK),
        "consumed": between(t, begun, "started", goes_into(t)),
        "good": total(begun, "good", STOCK),
        "started": total(begun, "started", STOCK),
        "finished": total(made, "good", STOCK),
        "moved_there": total(come, "transferred", STOCK),
        "shipped_there": total(there, "shipped", STOCK),
        "from_before": total(under_way(t), "units", STOCK),
    }
    plan = plan[STOCK].assign(**{name: at(plan, units, STOCK) for name, units in flows.items()})
    own = [plan["product"], plan["site"]]
    start = known(plan, t["inventory"], STOCK[:2], ["on_hand"])["on_hand"]
    stock = start + (plan[IN].sum(axis=1) - plan[OUT].sum(axis=1)).groupby(own).cumsum()
    plan["inventory"] = stock.where(stock > NEAR, 0.0)
    before = plan.groupby(STOCK[:2])["inventory"].shift()
    left = plan["good"] + plan["transferred_out"] + plan["shipped"] - plan["from_before"]
    left = left - plan["finished"] - plan["moved_there"] - plan["shipped_there"]
    at_first = plan["from_before"].groupby(own).transform("sum")
    moving = at_first + left.groupby(own).cumsum()
    plan["in_transit"] = moving.where(moving > NEAR, 0.0)
    moving = plan.groupby(STOCK[:2])["in_transit"].shift().fillna(at_first)
    return plan.assign(opening_inventory=before.fillna(start), opening_in_transit=moving)


def constrained_demand(t):
    """What each market gets, waits for and loses; deliveries fill the oldest order first."""
    rows = t["demand_plan"].sort_values(WANT, ignore_index=True)
    rows = rows[WANT].assign(demand=rows["total_demand"])
    sent = known(
        t["distribution_plan"],
        once(t["lanes"], ["site", "market"]),
        ["site", "market"],
        ["lead_time_days"],
    )
    there = total(later(t, sent, ["shipped"], sent["lead_time_days"]), "shipped", WANT)
    there = there.add(total(under_way(t), "units", WANT), fill_value=0.0)
    rows["fulfilled"] = at(rows, there, WANT)
    rows = known(rows, t["constrained_demand"], WANT, ["lost_sales"])
    owed = rows["demand"] - rows["fulfilled"] - rows["lost_sales"]
    owed = owed.groupby([rows["product"], rows["market"]]).cumsum()
    rows["backlog"] = owed.where(owed > NEAR, 0.0)
    waiting = rows.groupby(WANT[:2])["backlog"].shift(fill_value=0.0)
    return rows.assign(on_time=(rows["fulfilled"] - waiting).clip(lower=0.0))


def workforce_plan(t, work):
    """Hours of each resource, worked, paid and available; 8 on weekdays that no calendar has."""
    crews = t["workforce_plan"][[*CREW, "workers", "hired", "laid_off"]]
    days = [np.busday_count(str(p) + "-01", str(p + 1) + "-01") for p in crews["period"]]
    crews = crews.merge(t["resource_calendar"], on=CREW, how="left")
    unknown = crews["regular_hours_per_worker"].isna()
    usual = Series(days, index=crews.index, dtype=float) * 8.0
    crews["regular_hours_per_worker"] = crews["regular_hours_per_worker"].mask(unknown, usual)
    crews = crews.fillna({"overtime_hours_per_worker": 0.0, "machine_hours": np.inf})
    crews = known(crews, dated(t, "resources", ["resource"]), CREW, PAY)
    paid, more = (crews["workers"] * crews[name] for name in HOURS[:2])
    crews["regular_hours"] = at(crews, total(work, "regular_hours", CREW), CREW)
    crews["overtime_hours"] = at(crews, total(work, "overtime_hours", CREW), CREW)
    crews["capacity_hours"] = np.minimum(paid + more, crews["machine_hours"])
    crews["unabsorbed labour"] = (paid - crews["regular_hours"]) * crews["regular_wage"]
    crews["hiring"] = crews["hired"] * crews["hire_cost"]
    return crews.assign(layoff=crews["laid_off"] * crews["layoff_cost"])


def costs(t, work, crews, stock, service):
    """The cost of each cost item, and that of each product and month by what causes it.

    Every item adds up to what it costs; what no product causes is spread by units shipped.
    """
    sent, moved = t["distribution_plan"], t["interplant_transfers"]
    sent = with_freight(t, sent, "lanes", ["site", "market"])
    moved = with_freight(t, moved, "transfer_lanes", ["site", "to_site"])
    pay, share = known(work[["product", *CREW]], crews, CREW, OF_CREWS), hour_shares(work)
    made, outside = stock["regular"] + stock["overtime"], stock["subcontract"]
    bought = purchases(t, stock)
    rent = stock["inventory"] * rent_of_a_unit(t, stock)
    amounts = {
        "material": (stock, made * stock["material_cost"]),
        "purchased goods": (bought, bought["purchased"] * bought["price"]),
        "inbound freight": (bought, bought["purchased"] * bought["inbound"]),
        "subcontracting": (stock, (outside * stock["subcontract_cost"]).where(outside > 0, 0.0)),
        "conversion": (work, work["made"] * work["variable_cost"]),
        "set-up": (work, work["runs"] * work["setup_cost"]),
        "freight": (sent, sent["shipped"] * sent["freight_cost"]),
        "transfers": (moved, moved["transferred"] * moved["freight_cost"]),
        "regular labour": (work, work["regular_hours"] * work["regular_wage"]),
        "overtime": (work, work["overtime_hours"] * work["overtime_wage"]),
        **{item: (work, pay[item] * share) for item in OF_CREWS},
        "rate change": (stock, made * 0.0),
        "extra storage": (stock, rent),
        "holding": (stock, stock["inventory"] * stock["holding_cost"]),
        "backlog": (service, service["backlog"] * service["backlog_cost"]),
        "lost sales": (service, service["lost_sales"] * service["lost_sale_cost"]),
    }
    if not (t["sources"]["inbound_freight_cost"] > 0).any():  # nothing to bring in is no cost item
        amounts.pop("inbound freight")
    if t["resources"].empty:  # made by nobody in particular, the cheapest way
        ways = t["routings"].fillna({"variable_cost": 0.0})
        cheapest = ways.groupby("product")["variable_cost"].min()
        amounts["conversion"] = (stock, made * at(stock, cheapest, ["product"]))
    caused = {
        item: total(rows.assign(cost=cost), "cost", SOLD) for item, (rows, cost) in amounts.items()
    }
    totals = Series({item: cost.sum() for item, cost in caused.items()})
    totals["material"] = (stock["good"] * stock["material_cost"]).sum()
    totals[OF_CREWS] = crews[OF_CREWS].sum()
    totals["rate change"] = rate_changes(t, work, stock)
    spread, shipped = [], total(stock, "shipped", SOLD)
    shipped = shipped if shipped.sum() else shipped + 1.0
    for item, cost in totals.drop(WEIGHED).items():
        driver = caused[item] if caused[item].sum() or not cost else shipped
        driver = total(stock.assign(cost=made), "cost", SOLD) if item == "rate change" else driver
        rows = (driver * (cost / (driver.sum() or 1.0))).rename("cost").reset_index()
        spread.append(rows.assign(cost_item=item))
    if len(t["bill_of_materials"]):
        spread.append(sub_assemblies(t, stock).assign(cost_item="sub-assemblies"))
    costs_in_all = totals.rename_axis("cost_item").rename("cost").reset_index()
    return costs_in_all, pd.concat(spread, ignore_index=True)


def rent_of_a_unit(t, stock):
    """Rent of what a site holds above its limit, a unit of all that it holds."""
    key = ["site", "period"]
    stores = dated(t, "storage_capacity", ["site"]).set_index(key)
    rows = total(stock, "inventory", key).reset_index()
    limit = stores["storage_limit"].reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy()
    above = (rows["inventory"] - np.where(np.isnan(limit), np.inf, limit)).clip(lower=0.0)
    rent = above * at(rows, stores["overflow_storage_cost"], key)
    rows["rent"] = (rent / rows["inventory"]).where(rows["inventory"] > 0, 0.0)
    return at(stock, rows.set_index(key)["rent"], key)


def rate_changes(t, work, stock):
    """What it costs to make more or less on a working day than in the month before, by family."""
    rows = stock.assign(made=stock["regular"] + stock["overtime"])
    made = rows.pivot_table("made", "family", "period", "sum")
    ways = work.merge(t["products"][["product", "family"]], on="product")
    ways = ways[["family", *CREW]].drop_duplicates().merge(t["resource_calendar"], on=CREW)
    days = ways.pivot_table("working_days", "family", "period").reindex_like(made).fillna(1.0)
    change = (made / days).diff(axis=1).fillna(0.0)
    policy = t["supply_policy"].set_index("family").reindex(made.index)
    up, down = (policy[f"rate_{way}_cost"].fillna(0.0) for way in ("increase", "decrease"))
    return (
        (change.clip(lower=0.0).mul(up, axis=0) - change.clip(upper=0.0).mul(down, axis=0))
        .sum()
        .sum()
    )


def purchases(t, stock):
    """What suppliers deliver of products, with its price: the source's, else the material cost."""
    rows = t["purchased_products"][[*STOCK, "supplier", "purchased"]]
    rows = known(rows, stock.drop_duplicates(SOLD), SOLD, ["material_cost"])
    key = ["product", "supplier", "site", "period"]
    terms = t["sources"].rename(columns={"item": "product"})
    terms = dated({**t, "sources": terms}, "sources", key[:3]).set_index(key)
    price, inbound = (of_the_source(terms[c], rows) for c in ("unit_cost", "inbound_freight_cost"))
    price = np.where(np.isnan(price), rows["material_cost"], price)
    return rows.assign(price=price, inbound=np.nan_to_num(inbound))


def of_the_source(terms, rows):
    """What the source of each purchase asks at the site, else at any site."""
    key = ["product", "supplier", "site", "period"]
    own = terms.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(dtype=float)
    anywhere = terms[terms.index.get_level_values("site").isna()].droplevel("site")
    anywhere = anywhere.reindex(pd.MultiIndex.from_frame(rows[["product", "supplier", "period"]]))
    return np.where(np.isnan(own), anywhere.to_numpy(dtype=float), own)


def sub_assemblies(t, stock):
    """Products that go into others at standard: off the ones, on the others by what they take."""
    units = stock.groupby(SOLD, as_index=False)[["consumed", "started"]].sum()
    units = units.merge(stock[[*SOLD, "standard_cost"]].drop_duplicates(SOLD), on=SOLD)
    units["value"] = units["consumed"] * units["standard_cost"]
    taken = units[[*SOLD, "started"]].merge(goes_into(t), on="product")
    taken["units"] = taken["started"] * taken["quantity_per_unit"]
    of_all = taken["units"] / taken.groupby(["component", "period"])["units"].transform("sum")
    value = units.rename(columns={"product": "component"}).set_index(["component", "period"])
    taken["cost"] = of_all.fillna(0.0) * at(taken, value["value"], ["component", "period"])
    cost = total(taken, "cost", SOLD).sub(units.set_index(SOLD)["value"], fill_value=0.0)
    return cost.rename("cost").reset_index()


def hour_shares(work):
    """Each product's share of a resource's hours: in the month, else in all months, else alike."""
    hours, resource = work["regular_hours"] + work["overtime_hours"], work["resource"]
    month = hours.groupby([resource, work["period"]]).transform("sum")
    usual = hours.groupby([resource, work["product"]]).transform("sum")
    in_all = hours.groupby(resource).transform("sum")
    alike = 1.0 / work.groupby("resource")["product"].transform("nunique")
    return (hours / month).where(month > 0, (usual / in_all).where(in_all > 0, alike))


def profitability(t, economics, stock, service, product_costs):
    """What each product earns in each market; it is sold at list price less discounts.

    Cost of sales = opening stock + receipts + costs incurred - closing stock, at standard; freight
    is of the market that it leads to, the rest as units are served: in the month, else in all.
    """
    held = stock.assign(
        inventory=stock["inventory"] + stock["in_transit"],
        opening_inventory=stock["opening_inventory"] + stock["opening_in_transit"],
    )
    plan = economics[["family", *SOLD]].copy()
    value = {
        name: at(plan, total(held, name, SOLD), SOLD) * economics["standard_cost"]
        for name in ("inventory", "opening_inventory", "scheduled_receipts")
    }
    opened = value["inventory"].groupby(plan["product"]).shift().fillna(value["opening_inventory"])
    incurred = at(plan, total(product_costs, "cost", SOLD), SOLD)
    plan["cost"] = opened + value["scheduled_receipts"] + incurred - value["inventory"]
    alone = plan[~plan["product"].isin(service["product"])].assign(market=None, fulfilled=0.0)
    rows = pd.concat([service[[*WANT, "fulfilled"]], alone[[*WANT, "fulfilled"]]])
    economic = ["price", "standard_cost", "given"]
    rows = rows.rename(columns={"fulfilled": "quantity"})
    rows = rows.merge(economics[[*SOLD, "family", *economic]], on=SOLD)
    rows["price"] = at_market(t, rows)
    sent = with_freight(t, t["distribution_plan"], "lanes", ["site", "market"])
    sent["cost"] = sent["shipped"] * sent["freight_cost"]
    freight = at(rows, total(sent, "cost", WANT), WANT)
    rest = plan.set_index(SOLD)["cost"].sub(total(sent, "cost", SOLD), fill_value=0.0)
    month = rows.groupby(SOLD)["quantity"].transform("sum")
    market = rows.groupby(WANT[:2], dropna=False)["quantity"].transform("sum")
    usual, alike = (
        rows.groupby("product")["quantity"].transform("sum"),
        rows.groupby(SOLD)["quantity"],
    )
    usual = (market / usual).where(usual > 0, 1.0 / alike.transform("size"))
    rows["share"] = (rows["quantity"] / month).where(month > 0, usual)
    rows["cost_of_sales"] = freight + at(rows, rest, SOLD) * rows["share"]
    rows["inbound_freight"] = inbound_of_sales(t, economics, held, product_costs, rows)
    rows["list_revenue"] = rows["quantity"] * rows["price"]
    off, rows["activity_spend"] = activities(t, rows)
    rows["discount"], rows["net_price"] = rows["list_revenue"] * off, rows["price"] * (1.0 - off)
    rows["revenue"] = rows["list_revenue"] - rows["discount"]
    rows["margin"] = rows["revenue"] - rows["cost_of_sales"] - rows["activity_spend"]
    return rows.assign(uncosted_revenue=rows["revenue"] * (1.0 - rows["given"]))


def inbound_of_sales(t, economics, held, product_costs, rows):
    """Inbound freight of the units sold: paid, less what goes into stock and into other products."""
    plan = economics[[*SOLD, "inbound"]].sort_values(SOLD, ignore_index=True)
    units = {name: at(plan, total(held, name, SOLD), SOLD) for name in (
        "inventory", "opening_inventory", "scheduled_receipts", "consumed"
    )}  # fmt: skip
    closing = Series(units["inventory"] * plan["inbound"])
    opening = closing.groupby(plan["product"]).shift()
    opening = opening.fillna(Series(units["opening_inventory"] * plan["inbound"]))
    paid = product_costs[product_costs["cost_item"] == "inbound freight"]
    moved = (units["scheduled_receipts"] - units["consumed"]) * plan["inbound"]
    plan["cost"] = opening + moved + at(plan, total(paid, "cost", SOLD), SOLD) - closing
    return at(rows, plan.set_index(SOLD)["cost"], SOLD) * rows["share"]


def at_market(t, rows):
    """The price of each row: that of its market where item_costs has one, else the list price."""
    own = t["item_costs"][t["item_costs"]["market"].notna()]
    own = dated({**t, "item_costs": own}, "item_costs", WANT[:2]).set_index(WANT)["price"]
    found = own.reindex(pd.MultiIndex.from_frame(rows[WANT])).to_numpy(dtype=float)
    return np.where(np.isnan(found), rows["price"], found)


def mean_prices(t, economics):
    """The price of each product and month over its markets, weighted by demand."""
    rows = t["demand_plan"][[*WANT, "total_demand"]].merge(economics[[*SOLD, "price"]], on=SOLD)
    rows["money"] = rows["total_demand"] * at_market(t, rows)
    sums = rows.groupby(SOLD)[["money", "total_demand"]].sum()
    mean = (sums["money"] / sums["total_demand"].where(sums["total_demand"] > 0)).dropna()
    found = mean.reindex(pd.MultiIndex.from_frame(economics[SOLD])).to_numpy(dtype=float)
    return np.where(np.isnan(found), economics["price"], found)


def activities(t, rows):
    """The largest discount on each row, and the spend of activities by list revenue, month by month."""
    off, spend = Series(0.0, rows.index), Series(0.0, rows.index)
    ran = t["marketing_activities"]
    for one in ran[~ran["cancelled"].fillna(False).astype(bool)].itertuples():
        mine = (rows["product"] == one.product) | (rows["family"] == one.family)
        there = mine & (rows["market"] == one.market)
        runs = rows["period"].between(one.start_period, one.end_period)
        off = off.mask(there & runs, np.maximum(off, np.nan_to_num(one.discount_ratio)))
        months = len(pd.period_range(one.start_period, one.end_period))
        bears = rows[(there if there.any() else mine) & runs]
        sold = bears.groupby("period")["list_revenue"].transform("sum")
        alike = 1.0 / bears.groupby("period")["list_revenue"].transform("size")
        share = (bears["list_revenue"] / sold).where(sold > 0, alike)
        spend = spend.add(share * one.spend / months, fill_value=0.0)
    return off, spend


def financial_plan(t, economics, stock, earned):
    """The P&L by family: fixed cost is shared by revenue, or by the key that is set."""
    columns = ["quantity", "list_revenue", "discount", "revenue", "cost_of_sales"]
    columns += ["activity_spend", "margin", "uncosted_revenue", "inbound_freight"]
    by = ["family", "period"]
    plan = earned.groupby(by, as_index=False)[columns].sum()
    held = stock.assign(units=stock["inventory"] + stock["in_transit"])
    held["value"] = held["units"] * held["standard_cost"]
    plan["inventory_value"] = at(plan, total(held, "value", by), by)
    terms = t["company_settings"].reindex([0]).iloc[0]
    key = terms["overhead_key"] if isinstance(terms["overhead_key"], str) else "revenue"
    month = plan.groupby("period")[key]
    share = (plan[key] / month.transform("sum")).where(
        month.transform("sum") > 0, 1.0 / month.transform("size")
    )
    plan["overhead"] = share * np.nan_to_num(float(terms["fixed_cost"]))
    return plan.assign(operating_profit=plan["margin"] - plan["overhead"])


def cash_plan(t, economics, stock, product_costs, finance):
    """Cash by month: sales and purchases are paid days later, those of closed months too."""
    months = pd.PeriodIndex(t["planning_periods"]["period"])
    terms = t["company_settings"][TERMS].reindex([0]).astype(float).fillna(0.0).iloc[0]
    past = t["sales_history"][t["sales_history"]["period"] < months[0]]
    economics = economics.assign(price=mean_prices(t, economics))
    first = economics[economics["period"] == months[0]]
    past = known(past, first, ["product"], ["price", "material_cost"])
    past["revenue"] = past["revenue"].fillna(past["quantity"] * past["price"])
    past["used"] = past["quantity"] * past["material_cost"]
    later = product_costs["cost_item"].isin(ON_TERMS)
    received = (stock["scheduled_receipts"] * stock["standard_cost"]).groupby(stock["period"]).sum()
    bought = total(product_costs[later], "cost", ["period"]).add(received, fill_value=0.0)
    at_once = total(product_costs[~later], "cost", ["period"]).reindex(months, fill_value=0.0)
    at_once = at_once + total(finance, "activity_spend", ["period"])
    plan = finance.groupby("period")[["revenue", "inventory_value"]].sum()
    earned, used = total(past, "revenue", ["period"]), total(past, "used", ["period"])
    paid, plan["payables"] = paid_later(used, bought, terms["payable_days"])
    plan["payments"] = paid + at_once + terms["fixed_cost"]
    paid, plan["receivables"] = paid_later(earned, plan["revenue"], terms["receivable_days"])
    plan["collections"] = paid
    plan["cash"] = terms["opening_cash"] + (plan["collections"] - plan["payments"]).cumsum()
    return plan.drop(columns="revenue").reset_index()


def paid_later(past, planned, days):
    """What is paid in each planned month, and open at its end; part months in proportion."""
    amounts = pd.concat([past, planned])
    months = pd.period_range(amounts.index.min(), amounts.index.max())
    amounts = amounts.reindex(months, fill_value=0.0)
    whole, part = divmod(days / 30.0, 1)
    sooner, later = (amounts.shift(int(whole) + more, fill_value=0.0) for more in (0, 1))
    paid = (1 - part) * sooner + part * later
    return paid[planned.index], (amounts - paid).cumsum()[planned.index]


def at_the_end(rows, column):
    """What is there in the last month; nothing known where there are no rows."""
    months = total(rows, column, ["period"]).sort_index()
    return months.iloc[-1] if len(months) else float("nan")


def figures(stock, service, crews, totals, finance, cash):
    """The measures of the plan: in all, by family and month, and by month."""
    demand, used = service["demand"].sum(), crews["regular_hours"] + crews["overtime_hours"]
    whole = finance[["quantity", "revenue", "cost_of_sales", "margin"]].sum().to_dict() | {
        "demand": demand,
        "cost": totals["cost"].sum(),
        "fill_rate": service["on_time"].sum() / demand if demand > 0 else 1.0,
        "max_inventory_planned": total(stock, "inventory", ["period"]).max(),
        "max_backlog": total(service, "backlog", ["period"]).max(),
        "max_inventory_value": total(finance, "inventory_value", ["period"]).max(),
        "max_utilization_ratio": (
            used / crews["capacity_hours"].where(crews["capacity_hours"] > 0)
        ).max(),
        "min_cash": cash["cash"].min(),
        "lost_sales": service["lost_sales"].sum(),
        "hired": crews["hired"].sum(min_count=1),
        "laid_off": crews["laid_off"].sum(min_count=1),
        "closing_inventory_value": at_the_end(finance, "inventory_value"),
        "closing_backlog": at_the_end(service, "backlog"),
        "closing_workers": at_the_end(crews, "workers"),
    }
    by = ["family", "period"]
    split = {name: total(finance, name, by) for name in ("quantity", "revenue", "margin")}
    split["inventory"] = total(stock, "inventory", by)
    split |= {"demand": total(service, "demand", by[1:]), "cash": total(cash, "cash", by[1:])}
    parts = [
        rows.rename("value").reset_index().assign(measure=name) for name, rows in split.items()
    ]
    parts.append(DataFrame({"measure": [*whole], "value": [*whole.values()]}).dropna())
    found = pd.concat(parts, ignore_index=True).rename(columns={"family": "item"})
    return found[["measure", "item", "period", "value"]]
