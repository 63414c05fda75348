"""What the supply review says."""

from sopkit.claims.wording import (
    MATERIAL,
    amount,
    count,
    month,
    percent,
    some,
    span,
    verb,
)
from sopkit.model.comparison import measures_by_strategy
from sopkit.schema.tables import PLAN_OF_RECORD

UNITS = {
    "max workers": "worker", "regular hours": "hour", "overtime hours": "hour", "machine hours": "hour",
}  # fmt: skip


def capacity(rough_cut_capacity):
    """Say which resource lacks most hours, or that all can carry the demand plan."""
    if rough_cut_capacity.empty:
        return "No resource is described: capacity is taken as unlimited."
    rows = rough_cut_capacity.assign(
        missing=rough_cut_capacity["required_hours"] - rough_cut_capacity["capacity_hours"]
    )
    worst, over = rows.loc[rows["missing"].idxmax()], rows[rows["missing"] > MATERIAL]
    if over.empty:
        full = rows.loc[rows["utilisation_ratio"].idxmax()]
        used = f"{percent(full['utilisation_ratio'])} used in {month(full['period'])}"
        return (
            f"Every resource can carry the demand plan; the fullest is {full['resource']}, {used}."
        )
    resource, others = worst["resource"], over["resource"].nunique() - 1
    months = count(int((over["resource"] == resource).sum()), "month")
    also = f"; {count(others, 'other resource')} too" if others else ""
    short = f"{resource} is short of {amount(worst['missing'])} hours in {month(worst['period'])}"
    return f"{short}, the worst of {months} over capacity{also}."


def load(resource_load, rough_cut_capacity):
    """Say which products make the load of the resource that lacks most hours, in its months over capacity."""
    if rough_cut_capacity.empty:
        return "No resource is described: no product can overload one."
    hours = rough_cut_capacity.set_index(["resource", "period"])
    missing = hours["required_hours"] - hours["capacity_hours"]
    resource = missing.idxmax()[0]
    over = missing[missing > MATERIAL]
    if over.empty:
        return f"No resource is overloaded; {resource} is the nearest to it."
    rows = resource_load.set_index(["resource", "period"])
    rows = rows[rows.index.isin(over.index) & (rows.index.get_level_values(0) == resource)]
    share = (
        rows.groupby("product")["required_hours"].sum() / rows["required_hours"].sum()
    ).nlargest(2)
    said = " and ".join(share.index)
    months = count(int((over.index.get_level_values(0) == resource).sum()), "month")
    makes = f"{said} {verb(len(share), 'makes', 'make')} {percent(share.sum())} of the load of {resource}"
    needed = over[resource].sum()
    return f"{makes} in the {months} in which it lacks {amount(needed)} hours."


def market_shares(market_shares):
    """Say which market waits or goes without most, and by which rule."""
    if market_shares.empty:
        return "No product is short: no market has to stand back."
    ways = {"priority": "by priority", "fair_share": "in proportion", "margin": "by margin"}
    rules = market_shares.drop_duplicates("product")
    if len(rules) == len(market_shares):
        short = f"{some(list(rules['product']))} {verb(len(rules), 'is', 'are')} short"
        return f"{short}; no market has to stand back for another."
    names = [f"{row.product} ({ways[row.allocation]})" for row in rules.itertuples()]
    missed = market_shares["late"] + market_shares["lost_sales"]
    total = missed.groupby(market_shares["market"]).sum()
    worst, units = (
        total.idxmax(),
        f"{amount(total.max())} of {amount(total.sum())} units late or lost",
    )
    short = f"{some(names)} {verb(len(names), 'is', 'are')} short and divided among markets"
    return f"{short}; {worst} stands back most, with {units}."


def promises(available_to_promise):
    """Say how much is booked and can still be promised, and what is promised beyond supply."""
    units = available_to_promise[["supplied", "booked", "available_to_promise"]].sum()
    over = available_to_promise.groupby("product")["overpromised"].max()
    over = over[over > MATERIAL].sort_values(ascending=False)
    said = (
        f"{amount(round(units['booked']))} units are booked and {amount(round(units['available_to_promise']))} can be "
        f"promised in {span(available_to_promise['period'])}"
    )
    if over.empty:
        return f"{said}; every booked order can be kept."
    late = f"{some(over.index)} {verb(len(over), 'is', 'are')} promised beyond what comes"
    return f"{said}; {late}, at worst {amount(over.iloc[0])} units of {over.index[0]}."


def suppliers(supplier_exposure):
    """Say on which supplier most revenue depends, and where most is spent."""
    if supplier_exposure.empty:
        return "No supplier is described: nothing depends on one."
    rows = supplier_exposure.set_index("supplier")
    first, most = rows["dependent_ratio"].idxmax(), rows["cost"].idxmax()
    money = amount(rows.loc[first, "dependent_revenue"])
    said = f"{percent(rows.loc[first, 'dependent_ratio'])} of revenue ({money}) cannot be made without {first}"
    spent = f"{percent(rows.loc[most, 'spend_ratio'])} of spending"
    if first == most:
        return f"{said}, who also takes {spent}."
    return f"{said}, who takes {percent(rows.loc[first, 'spend_ratio'])} of spending; {most} takes most, {spent}."


def supply(supply_plan):
    """Say how stock moves, and what is made beyond regular time."""
    rows = supply_plan
    stock = rows.groupby("period")[["opening_inventory", "inventory", "target_inventory"]].sum()
    peak, last = stock["inventory"].idxmax(), stock.iloc[-1]
    extra = (("in overtime", rows["overtime"].sum()), ("outside", rows["subcontract"].sum()))
    bought = [f"{amount(units)} units {words}" for words, units in extra if units > MATERIAL]
    made = f"; {' and '.join(bought)} are made on top" if bought else ""
    if stock.max().max() <= MATERIAL:
        return f"Nothing is kept in stock from month to month{made}."
    return (
        f"Stock goes from {amount(stock['opening_inventory'].iloc[0])} to {amount(last['inventory'])} units by "
        f"{month(stock.index[-1])} ({amount(last['target_inventory'])} wanted), with the most in {month(peak)} "
        f"({amount(stock.loc[peak, 'inventory'])}){made}."
    )


def sites(supply_plan):
    """Say which site makes most, and what sites send to one another."""
    rows = supply_plan
    made = rows.groupby("site")[["regular", "overtime", "subcontract"]].sum().sum(axis=1)
    if len(made) == 1:
        return f"Everything is made and held at {made.index[0]}."
    moved = rows["transferred_out"].sum()
    share = percent(made.max() / made.sum()) if made.sum() > 0 else "nothing"
    sent = (
        f"{amount(moved)} units go from site to site"
        if moved > MATERIAL
        else "nothing goes from site to site"
    )
    return f"{made.idxmax()} makes {share} of all units; {sent}."


def service(service_plan):
    """Say whether all demand is delivered in its month."""
    rows = service_plan.groupby("period")[["backlog", "lost_sales"]].sum()
    late, lost = rows["backlog"].max(), rows["lost_sales"].sum()
    if late <= MATERIAL and lost <= MATERIAL:
        return f"All demand of {span(rows.index)} is delivered in its month."
    parts = []
    if late > MATERIAL:
        parts.append(f"backlog peaks at {amount(late)} units in {month(rows['backlog'].idxmax())}")
    if lost > MATERIAL:
        parts.append(f"{amount(lost)} units are never delivered")
    return f"Not all demand can be met in time: {' and '.join(parts)}."


def workforce(workforce_plan):
    """Say who is hired and laid off, and where overtime falls."""
    rows = workforce_plan
    if rows.empty:
        return "No workforce is described."
    hours = rows.groupby("resource")["overtime_hours"].sum().sort_values(ascending=False)
    overtime = f"{amount(hours.sum())} hours of overtime, most on {hours.index[0]}"
    hired, laid_off = (amount(round(rows[column].sum(), 1)) for column in ("hired", "laid_off"))
    takes = overtime if hours.sum() > MATERIAL else "no overtime"
    return f"The plan hires {hired} workers, lays {laid_off} off and takes {takes}."


def strategies(strategy_comparison):
    """Say what the plan of record costs beside the other strategies."""
    table = measures_by_strategy(strategy_comparison)
    own, others = table.loc[PLAN_OF_RECORD], table["cost"].drop(PLAN_OF_RECORD)
    served = percent(own["service_level_ratio"], 1)
    said = f"The plan of record costs {amount(own['cost'])} and delivers {served} in time"
    if others.empty:
        return f"{said}."
    cheapest, dearest = others.idxmin(), others.idxmax()
    if others[cheapest] < own["cost"] * (1 - 1e-4):
        return f"{said}; {cheapest} would cost {amount(own['cost'] - others[cheapest])} less{_price(own, table.loc[cheapest])}."
    return f"{said}; no other is cheaper, {dearest} would cost {amount(others[dearest] - own['cost'])} more."


def _price(own, cheaper):
    """What a cheaper strategy gives up: later deliveries, or stock further below target."""
    lost = []
    late = own["service_level_ratio"] - cheaper["service_level_ratio"]
    if late > 0.0005:
        lost.append(f"deliver {percent(late, 1)} less in time")
    if cheaper["below_target"] > own["below_target"] + MATERIAL:
        lost.append(
            f"leave stock {amount(cheaper['below_target'] - own['below_target'])} unit-months further below target"
        )
    return f", but {' and '.join(lost)}" if lost else ""


def constraints(constraint_values):
    """Say which limit costs most."""
    rows = constraint_values[constraint_values["marginal_value"] > 0]
    if rows.empty:
        return "No limit costs the plan anything."
    worst = rows.loc[(rows["marginal_value"] * rows["limit"]).idxmax()]
    limit = f"{worst['constraint']} of {worst['item']} in {month(worst['period'])}"
    unit = UNITS.get(worst["constraint"], "unit")
    saved = amount(worst["marginal_value"] * worst["limit"] / 100)
    return (
        f"The limit that costs most is {limit}: 1 % more would save {saved}, "
        f"one more {unit} {amount(worst['marginal_value'])}."
    )


def cumulative(strategy_comparison):
    """Say how far production of the level plan runs ahead of demand, beside the plan of record."""
    highest = measures_by_strategy(strategy_comparison)["max_inventory_planned"].map(amount)
    months = strategy_comparison[strategy_comparison["measure"] == "cumulative_demand"]
    return (
        f"To serve {amount(months['value'].max())} units, stock rises to {highest[PLAN_OF_RECORD]} in the plan of record, "
        f"to {highest['level']} when production is level and {highest['chase']} when it chases demand."
    )


def relief(constraint_relief):
    """Say which limit, wholly lifted, would bring most."""
    if constraint_relief.empty:
        return "No limit costs the plan anything that could be lifted."
    total = constraint_relief.groupby(["constraint", "item"])[["saving", "recovered"]].sum()
    units, money = total["recovered"].idxmax(), total["saving"].idxmax()
    if total.loc[units, "recovered"] > MATERIAL:
        constraint, item = units
        gain = total.loc[units]
        price = "saves" if gain["saving"] >= 0 else "costs"
        return (
            f"Lifting the {constraint} of {item} wholly recovers {amount(gain['recovered'])} unit-months and "
            f"{price} {amount(abs(gain['saving']))}, before what lifting it costs."
        )
    constraint, item = money
    return f"Lifting the {constraint} of {item} wholly saves {amount(total.loc[money, 'saving'])}, before what it costs."


def grouping(group_check):
    """Say whether products are planned in groups, and what that changes for those planned by themselves as well."""
    if group_check.empty:
        return "Every product is planned by itself."
    total = group_check.drop(columns=["product", "group"]).sum()
    dearer = 1 - total["cost_alone"] / total["cost"] if total["cost"] > 0 else 0.0
    return (
        "Products that are made alike are planned as groups: limits of stock and room hold for the group, not for each. "
        f"{count(len(group_check), 'product')} planned by themselves as well would make "
        f"{percent(total['made_otherwise'] / max(total['made'], 1.0), 1)} of their units in other months or not at all, "
        f"miss {amount(total['late_months_alone'])} unit-months and not {amount(total['late_months'])}, and cost "
        f"{percent(abs(dearer), 2)} {'less' if dearer >= 0 else 'more'}."
    )


def procurement(procurement_plan):
    """Say what is bought, and what cannot be had in time."""
    if procurement_plan.empty:
        return "No components are described: nothing needs to be bought."
    said = f"Components for {amount(procurement_plan['cost'].sum())} are bought"
    short = procurement_plan[procurement_plan["shortage"] > MATERIAL]
    if short.empty:
        return f"{said}; all arrive in time."
    worst, names = short.loc[short["shortage"].idxmax()], short["component"].unique()
    most = f"{amount(worst['shortage'])} units of {worst['component']} in {month(worst['period'])}"
    return f"{said}; {some(names)} {verb(len(names), 'runs', 'run')} short, at worst {most}."
