"""What the headlines of the supply review must say."""

from saying import PART, Tables, largest, says

from sopkit.schema.formatting import (
    count,
    money,
    month,
    most,
    number,
    percent,
    points,
    some,
    span,
)

RULES = {"priority": "by priority", "fair_share": "in proportion", "margin": "by margin"}
RECORD = "plan_of_record"


IN_NO_LEDGER = ("backlog", "holding", "lost sales")


@says("capacity.capacity")
def capacity(t: Tables):
    rows = t["rough_cut_capacity"]
    if rows.empty:
        return ["No resource is described"]
    lacks = rows["required_hours"] - rows["capacity_hours"]
    over, worst = rows[lacks > PART], rows.loc[lacks.idxmax()]
    if over.empty:
        use = rows["required_hours"] / rows["capacity_hours"]
        full = rows.loc[use.idxmax()]
        said = ["No resource is above capacity", "the highest load"]
        return [*said, full["resource"], f"{percent(use.max())} used in {month(full['period'])}"]
    months = (over["resource"] == worst["resource"]).sum()
    said = [
        f"{worst['resource']} is short of {number(lacks.max())} hours in {month(worst['period'])}",
        f"the worst of {count(months, 'month')}",
    ]
    others = over["resource"].nunique() - 1
    return said + ([f"{count(others, 'other resource')} too"] if others else [])


@says("supply.supply")
def supply(t: Tables):
    rows = t["supply_plan"]
    opening, stock, target = (
        rows.groupby("period")[name].sum()
        for name in ("opening_inventory", "inventory", "target_inventory")
    )
    last = stock.index.max()
    said = ["Nothing is kept in stock"]
    if max(stock.max(), opening.max(), target.max()) > PART:
        said = [
            f"Stock goes from {number(opening.iloc[0])} to {number(stock[last])} units by {month(last)}",
            f"target {number(target[last])}",
        ]
        at = stock.idxmax()
        said.append("its peak" if at == last else f"peak {number(stock[at])} in {month(at)}")
    beyond = {"overtime": "units in overtime", "subcontract": "units subcontracted"}
    return said + [
        f"{number(n)} {words}" for name, words in beyond.items() if (n := rows[name].sum()) > PART
    ]


@says("supply.service", "supply.service_in_short")
def service(t: Tables):
    rows = t["constrained_demand"].groupby("period")[["backlog", "lost_sales"]].sum()
    said, at, lost = [], rows["backlog"].idxmax(), rows["lost_sales"].sum()
    if rows["backlog"].max() > PART:
        said.append(f"backlog peaks at {number(rows.loc[at, 'backlog'])} units in {month(at)}")
    if lost > PART:
        said.append(f"{number(lost)} units of lost sales")
    if not said:
        return [f"All demand of {span(rows.index)} is delivered in its month"]
    return ["Not all demand can be met on time", *said]


@says("supply.workforce")
def workforce(t: Tables):
    rows = t["workforce_plan"]
    if rows.empty:
        return ["No workforce is described"]
    hours = largest(rows.groupby("resource")["overtime_hours"].sum())
    said = [
        count(round(rows[name].sum()), noun)
        for name, noun in (("hired", "hire"), ("laid_off", "layoff"))
    ]
    if hours.sum() <= PART:
        return [*said, "no overtime"]
    part = most(hours.iloc[0], hours.sum())
    return [*said, f"{number(hours.sum())} hours of overtime, {part} on {hours.index[0]}"]


@says("inventory.stock")
def stock(t: Tables):
    rows = t["projected_inventory"]
    if not rows[["inventory", "target_inventory"]].max().max() > PART:
        return ["No inventory is held, and no target"]
    stocks = count(rows.groupby(["product", "site"]).ngroups, "stock")
    said = []
    for out, words in (
        (rows["target_inventory"] - rows["inventory"], "below target"),
        (rows["inventory"] - rows["max_inventory"], "above maximum"),
    ):
        if (many := (out > PART).sum()) > 0:
            worst = rows.loc[out.idxmax()]
            said += [
                f"{many} {'is' if many == 1 else 'are'} {words}",
                f"furthest {worst['product']}, {number(out.max())} units in {month(worst['period'])}",
            ]
    if not said:
        return [f"Each of {stocks}", "every month"]
    return [f"{len(rows)} month-ends of {stocks}", *said]


@says("strategies.strategies")
def strategies(t: Tables):
    rows = t["strategy_comparison"]
    rows = rows[rows["item"].isna() & rows["period"].isna()]
    of = {measure: own.set_index("strategy")["value"] for measure, own in rows.groupby("measure")}
    items = t["strategy_comparison"].query("measure == 'cost' and item in @IN_NO_LEDGER")
    weights = items.groupby("strategy")["value"].sum()
    cost = of["cost"].sub(weights, fill_value=0.0).reindex(of["cost"].index)
    served, below = of["fill_rate"], of["below_target"]
    said = [f"spends {money(cost[RECORD])} and delivers {percent(served[RECORD], 1)} on time"]
    others = cost.drop(RECORD)
    if others.empty:
        return said
    low, high = others.idxmin(), others.idxmax()
    named = {name: f"the {name} strategy" for name in others.index}
    named |= {"last_cycle": "the plan as last approved"}
    if others[low] >= cost[RECORD] * (1 - 1e-4):
        more = f"{named[high]} would spend {money(others[high] - cost[RECORD])} more"
        return [*said, "no other spends less", more]
    said.append(f"{named[low]} would spend {money(cost[RECORD] - others[low])} less")
    if (late := served[RECORD] - served[low]) > 0.0005:
        said.append(f"deliver {points(late)} less on time")
    if (further := below[low] - below[RECORD]) > PART:
        said.append(f"leave stock {number(further)} unit-months further below target")
    return said


@says("allocation.market_shares")
def market_shares(t: Tables):
    """Of the products that are late or lost: how they are divided, and who misses most."""
    rows = t["market_shares"]
    if rows.empty:
        return ["No product is short: no market is cut"]
    rules = rows.groupby("product", sort=False)["allocation"].first()
    be = "is" if len(rules) == 1 else "are"
    if (rows.groupby("product")["market"].nunique() == 1).all():
        return [f"{some(rules.index)} {be} short", "no market is cut"]
    names = some([f"{product} ({RULES[rule]})" for product, rule in rules.items()])
    missed = (rows["late"] + rows["lost_sales"]).groupby(rows["market"]).sum()
    return [
        f"{names} {be} short",
        f"{missed.idxmax()} is cut most, with {number(missed.max())} of {number(missed.sum())} units late or lost",
    ]


@says("inventory.demand_risk")
def demand_risk(t: Tables):
    served, rows = t["service_risk"].set_index("period")["fill_rate"], t["inventory_risk"]
    soon, last = served.index[:6][-1], served.index[-1]
    said = [f"{percent(served[soon], 1)} of {month(soon)}"]
    if last > soon:
        said.append(f"{percent(served[last], 1)} of {month(last)}")
    near = rows[(rows["period"] <= soon) & (rows["unmet"] > PART)]
    if near.empty:
        return [*said, f"no stock is at risk by {month(soon)}"]
    chance = near["stock_out_probability"].max()
    riskiest = near[near["stock_out_probability"] == chance]
    worst = riskiest.loc[riskiest["unmet"].idxmax()]
    return [
        *said,
        f"highest stock-out risk by {month(soon)}: {worst['product']}, {percent(chance)} in {month(worst['period'])}",
    ]


@says("strategies.relief")
def relief(t: Tables):
    rows = t["bottleneck_analysis"].groupby(["constraint", "item"])["units_recovered"].sum()
    if rows.empty:
        said = ["No limit costs the plan anything"]
    elif rows.max() <= PART:
        said = ["Lifting limits makes nothing"]
    else:
        constraint, item = rows.idxmax()
        limit = constraint if constraint.endswith("limit") else f"limit on {constraint}"
        said = [f"{limit} of {item} recovers {number(rows.max())} unit-months"]
    prices = t["shadow_prices"].query("shadow_price > 0 and constraint != 'regular hours'")
    left = set(zip(prices["constraint"], prices["item"], strict=True)) - set(rows.index)
    return said + ([f"{count(len(left), 'limit')} of smaller value"] if left else [])


@says("procurement.procurement")
def procurement(t: Tables):
    rows = t["procurement_plan"]
    if rows.empty:
        return ["No bill of materials"]
    short = rows[rows["shortage"] > PART]
    if short.empty:
        return ["No shortage", count(rows["component"].nunique(), "component")]
    worst = short.loc[short["shortage"].idxmax()]
    return [
        some(short["component"].unique()),
        f"by the end of {month(worst['period'])}",
        f"{number(worst['shortage'])} more units of {worst['component']}",
    ]


@says("procurement.suppliers")
def suppliers(t: Tables):
    """Revenue exposed to a supplier is that of the plan; spending is what is bought of him."""
    rows = t["supplier_dependency"].set_index("supplier")
    if rows.empty:
        return ["No supplier is described: nothing depends"]
    exposed, spent = rows["dependent_revenue"], rows["cost"] / rows["cost"].sum()
    first, top = exposed.idxmax(), spent.idxmax()
    revenue = t["financial_plan"]["revenue"].sum()
    said = [
        f"{percent(exposed[first] / revenue)} of revenue ({money(exposed[first])}) is exposed to {first}"
    ]
    if first == top:
        return [*said, f"also takes {percent(spent[first])} of spending"]
    return [
        *said,
        f"{percent(spent[first])} of spending",
        f"{top} takes most, {percent(spent[top])} of spending",
    ]
