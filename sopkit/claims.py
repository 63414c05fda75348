"""What a plan table says, in one sentence with its numbers: the titles of charts and tables, and the conclusions.

Every claim takes plan tables and returns one sentence. Where all is well it says that.
"""

import pandas as pd

POLICY = "policy"  # the plan of record
MATERIAL = 0.5  # units or hours: less is a rounding error of the solver


def amount(value):
    """Write an amount as it is said: `3.4`, `1,240`, `124,000`, `1.24 million`."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:,.2f} million"
    if size >= 1e5:
        return f"{round(value, -3):,.0f}"
    return f"{value:,.0f}" if size >= 100 or value == round(value) else f"{value:,.3g}"


def signed(value):
    """Write a change with its sign."""
    return f"+{amount(value)}" if value >= 0 else amount(value)


def percent(ratio, digits=0):
    """Write a share as a percentage."""
    return f"{100 * ratio:,.{digits}f} %"


def month(period):
    """Write a month: `May 2027`."""
    return period.strftime("%b %Y")


def count(number, noun):
    """Write a number of things: `1 launch`, `2 launches`."""
    ending = "es" if noun.endswith(("s", "ch", "sh")) else "s"
    return f"{number:,} {noun}{'' if number == 1 else ending}"


def some(names, most=3):
    """Name the first few of many."""
    names = [str(name) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def span(periods):
    """Write the months from first to last: `Oct 2026 to Mar 2028`."""
    first, last = periods.min(), periods.max()
    return month(first) if first == last else f"{month(first)} to {month(last)}"


# ---------------------------------------------------------------------------------------------------------------
# data and product


def data_issues(data_issues):
    counts = data_issues["severity"].value_counts()
    if data_issues.empty:
        return "No issue was found in the data."
    said = ", ".join(f"{counts[level]} {level}" for level in ("high", "medium", "low") if level in counts)
    worst = data_issues.iloc[0]
    if worst["severity"] != "high":
        return f"Nothing grave is wrong with the data; {count(len(data_issues), 'finding')} ({said}) should be known."
    return f"{count(counts['high'], 'grave finding')} in the data ({said}): {worst['finding']}."


def cleaning(demand_history):
    changed = demand_history[demand_history["correction"] != 0]
    if changed.empty:
        return "History stands as it was sold: nothing was corrected."
    share = changed["correction"].abs().sum() / demand_history["quantity"].sum()
    return (
        f"Cleaning changed {len(changed):,} of {len(demand_history):,} months of sales: "
        f"{signed(changed['correction'].clip(lower=0).sum())} units that could not be sold, "
        f"{signed(changed['correction'].clip(upper=0).sum())} that will not come again "
        f"({percent(share, 1)} of what was sold)."
    )


def prices(unit_economics):
    bases = unit_economics.drop_duplicates("product")["basis"].value_counts()
    return (
        "Prices and costs rest on: "
        + "; ".join(f"{basis} ({count(n, 'product')})" for basis, n in bases.items())
        + "."
    )


def places(network, product_sites):
    made = product_sites[product_sites["makes"]]
    stock = product_sites["on_hand"].sum()
    opening = f"{amount(stock)} units are in stock" if stock else "no opening stock is known"
    sites, markets = network["site"].nunique(), network["market"].nunique()
    return (
        f"{count(made['product'].nunique(), 'product')} are made at {count(made['site'].nunique(), 'site')}; "
        f"{count(sites, 'site')} serve {count(markets, 'market')}; {opening}."
    )


def kpis(kpis):
    known = kpis[kpis["value"].notna()]
    if known.empty:
        return "The data do not say how the company did."
    unknown = kpis.groupby("measure")["value"].count().eq(0).sum()
    missing = f"; {count(int(unknown), 'measure')} cannot be known from the data" if unknown else ""
    return f"{count(known['measure'].nunique(), 'measure')} of how the company did, {span(kpis['period'])}{missing}."


def segments(segments):
    vital = segments[segments["abc"] == "A"]
    erratic = vital[vital["xyz"] == "Z"]
    tail = (
        f"; {some(erratic['product'])} {'is' if len(erratic) == 1 else 'are'} erratic"
        if len(erratic)
        else "; none of them is erratic"
    )
    return f"{len(vital)} of {count(len(segments), 'product')} bring {percent(vital['revenue_share_ratio'].sum())} of revenue{tail}."


def attention(segments):
    wanted = segments[segments["review"]].sort_values("revenue", ascending=False)
    if wanted.empty:
        return "No product needs a look this month."
    return f"{count(len(wanted), 'product')} of {len(segments)} should be looked at this month: {some(wanted['product'])}."


def launches(launch_plan):
    if launch_plan.empty:
        return "No launch touches the planned months."
    units = launch_plan["launch_demand"]
    waiting = launch_plan[launch_plan["readiness"] != "ready"]["launch"].unique()
    state = (
        f"{some(waiting)} {'is' if len(waiting) == 1 else 'are'} not through all gates"
        if len(waiting)
        else "all are ready"
    )
    taken = (
        f" and take {amount(-units.clip(upper=0).sum())} from products they replace"
        if (units < 0).any()
        else ""
    )
    return f"{count(launch_plan['launch'].nunique(), 'launch')} add {amount(units.clip(lower=0).sum())} units{taken}; {state}."


# ---------------------------------------------------------------------------------------------------------------
# demand


def baseline(baseline_forecast):
    methods = baseline_forecast.drop_duplicates(["product", "market"])["method"].value_counts()
    return (
        f"If nobody did anything special, {amount(baseline_forecast['baseline'].sum())} units would sell in "
        f"{span(baseline_forecast['period'])}; most series follow {methods.index[0]} ({methods.iloc[0]} of {methods.sum()})."
    )


def activities(activity_lift):
    if activity_lift.empty:
        return "No activity is planned in these months."
    units = activity_lift.groupby("activity")["activity_demand"].sum().sort_values(ascending=False)
    return f"{count(len(units), 'planned activity').replace('activitys', 'activities')} add {amount(units.sum())} units, most of them {units.index[0]} ({amount(units.iloc[0])})."


def opportunities(opportunity_plan):
    if opportunity_plan.empty:
        return "No single deal is in the sales pipeline."
    counted = opportunity_plan["opportunity_demand"] > 0
    left_out = opportunity_plan[~counted]
    rest = (
        f"; {count(len(left_out), 'deal')} of {amount(left_out['quantity'].sum())} units add nothing, for the reasons given"
        if len(left_out)
        else ""
    )
    return f"{count(int(counted.sum()), 'deal')} add {amount(opportunity_plan['opportunity_demand'].sum())} units, weighted by probability{rest}."


def overrides(demand_overrides):
    if demand_overrides.empty:
        return "No function has changed the forecast."
    units = demand_overrides.groupby("function")["override"].sum()
    said = ", ".join(f"{name} {signed(value)}" for name, value in units.items())
    return f"The functions change the forecast by {signed(units.sum())} units: {said}."


def consensus(demand_history, demand_plan):
    planned = demand_plan.groupby("period")["consensus"].sum()
    sold = demand_history.groupby("period")["quantity"].sum()
    months = min(12, len(planned), len(sold))
    change = planned.head(months).sum() / sold.tail(months).sum() - 1
    return (
        f"The consensus is {amount(planned.head(months).sum())} units in {span(planned.index[:months])}, "
        f"{percent(abs(change), 1)} {'more' if change >= 0 else 'less'} than was sold in the {months} months before."
    )


def consensus_steps(demand_plan):
    parts = demand_plan[["launch_demand", "activity_demand", "opportunity_demand", "override"]].sum()
    if (parts == 0).all():
        return "The consensus is the baseline: nothing was planned on top."
    names = {
        "launch_demand": "launches",
        "activity_demand": "activities",
        "opportunity_demand": "the sales pipeline",
        "override": "overrides",
    }
    largest = parts.abs().idxmax()
    change = demand_plan["consensus"].sum() / demand_plan["baseline"].sum() - 1
    return f"The consensus is {percent(abs(change), 1)} {'above' if change >= 0 else 'below'} the baseline; most of the change comes from {names[largest]} ({signed(parts[largest])} units)."


def accuracy(forecast_accuracy):
    rows = forecast_accuracy[
        (forecast_accuracy["level"] == "total") & (forecast_accuracy["observations"] > 0)
    ]
    if rows.empty:
        return "No forecast is old enough to be measured."
    lag = rows["lag"].min()
    near = rows[rows["lag"] == lag].set_index("contributor")
    best = (
        "consensus"
        if "consensus" in near.index
        else "baseline"
        if "baseline" in near.index
        else near.index[0]
    )
    added = near["value_added"].drop(labels=["naive"], errors="ignore").dropna()
    worse = [f"{name} ({-100 * value:.1f} points)" for name, value in added.items() if value < 0]
    tail = (
        f"; {' and '.join(worse)} made it worse" if worse else "; no step made it worse" if len(added) else ""
    )
    return f"{count(lag, 'month')} ahead the {best} misses the company's total by {percent(near.loc[best, 'wape'], 1)}{tail}."


# ---------------------------------------------------------------------------------------------------------------
# supply


def capacity(rough_cut_capacity):
    if rough_cut_capacity.empty:
        return "No resource is described: capacity is taken as unlimited."
    short = (rough_cut_capacity["required_hours"] - rough_cut_capacity["capacity_hours"]).rename("hours")
    rows = rough_cut_capacity.assign(hours=short)
    worst = rows.loc[rows["hours"].idxmax()]
    if worst["hours"] <= MATERIAL:
        fullest = rows.loc[rows["utilisation_ratio"].idxmax()]
        return f"Every resource can carry the demand plan; the fullest is {fullest['resource']}, {percent(fullest['utilisation_ratio'])} used in {month(fullest['period'])}."
    over = rows[rows["hours"] > MATERIAL]
    others = over["resource"].nunique() - 1
    more = f"; {count(others, 'other resource')} too" if others else ""
    return f"{worst['resource']} is short of {amount(worst['hours'])} hours in {month(worst['period'])}, its worst of {count(int((over['resource'] == worst['resource']).sum()), 'month')} over capacity{more}."


def targets(inventory_targets):
    total = inventory_targets.groupby("period")[["safety_stock", "target_inventory"]].sum()
    return f"The policy asks for {amount(total['target_inventory'].mean())} units of stock on average, {amount(total['safety_stock'].mean())} of them against uncertain demand."


def supply(supply_plan):
    rows = supply_plan[supply_plan["strategy"] == POLICY]
    stock = rows.groupby("period")[["opening_inventory", "inventory", "target_inventory"]].sum()
    peak, last = stock["inventory"].idxmax(), stock.iloc[-1]
    extra = rows[["overtime", "subcontract"]].sum()
    said = (("in overtime", extra["overtime"]), ("outside", extra["subcontract"]))
    bought = [f"{amount(units)} units {words}" for words, units in said if units > MATERIAL]
    made = f"{' and '.join(bought)} are made on top" if bought else "all is made in regular time"
    return (
        f"Stock goes from {amount(stock['opening_inventory'].iloc[0])} to {amount(last['inventory'])} units by "
        f"{month(stock.index[-1])} ({amount(last['target_inventory'])} wanted), with the most in {month(peak)} "
        f"({amount(stock.loc[peak, 'inventory'])}); {made}."
    )


def service(service_plan):
    rows = (
        service_plan[service_plan["strategy"] == POLICY]
        .groupby("period")[["demand", "served", "backlog", "lost_sales"]]
        .sum()
    )
    late, lost = rows["backlog"].max(), rows["lost_sales"].sum()
    if late <= MATERIAL and lost <= MATERIAL:
        return f"All demand of {span(rows.index)} is delivered in its month."
    parts = (
        [f"backlog peaks at {amount(late)} units in {month(rows['backlog'].idxmax())}"]
        if late > MATERIAL
        else []
    )
    parts += [f"{amount(lost)} units are never delivered"] if lost > MATERIAL else []
    return f"Not all demand can be met in time: {' and '.join(parts)}."


def workforce(workforce_plan):
    rows = workforce_plan[workforce_plan["strategy"] == POLICY]
    if rows.empty:
        return "No workforce is described."
    hours = rows.groupby("resource")["overtime_hours"].sum().sort_values(ascending=False)
    overtime = (
        f"{amount(hours.sum())} hours of overtime, most on {hours.index[0]}"
        if hours.sum() > MATERIAL
        else "no overtime"
    )
    return f"The plan hires {amount(round(rows['hired'].sum(), 1))} workers, lays {amount(round(rows['laid_off'].sum(), 1))} off and takes {overtime}."


def strategies(strategy_service):
    cost = strategy_service.set_index("strategy")["cost"]
    service = strategy_service.set_index("strategy")["service_level_ratio"]
    said = (
        f"The plan of record costs {amount(cost[POLICY])} and delivers {percent(service[POLICY], 1)} in time"
    )
    others = cost.drop(POLICY)
    if others.empty:
        return said + "."
    best = others.idxmin()
    if others[best] < cost[POLICY] * (1 - 1e-4):
        return f"{said}; {best} would cost {amount(cost[POLICY] - others[best])} less."
    return f"{said}; no other strategy is cheaper, {others.idxmax()} would cost {amount(others.max() - cost[POLICY])} more."


def constraints(constraint_values):
    rows = constraint_values[
        (constraint_values["strategy"] == POLICY) & (constraint_values["marginal_value"] > 0)
    ]
    if rows.empty:
        return "No limit costs the plan anything."
    worst = rows.loc[rows["marginal_value"].idxmax()]
    unit = "hour" if worst["constraint"].endswith("hours") else "unit"
    return (
        f"The limit that costs most is {worst['constraint']} of {worst['item']} in {month(worst['period'])}: "
        f"one more {unit} would save {amount(worst['marginal_value'])}."
    )


def procurement(procurement_plan):
    if procurement_plan.empty:
        return "No components are described: nothing needs to be bought."
    short = procurement_plan[procurement_plan["shortage"] > MATERIAL]
    said = f"Components for {amount(procurement_plan['cost'].sum())} are bought"
    if short.empty:
        return f"{said}; all arrive in time."
    worst = short.loc[short["shortage"].idxmax()]
    return f"{said}; {some(short['component'].unique())} run short, the most in {month(worst['period'])} ({amount(worst['shortage'])} of {worst['component']})."


# ---------------------------------------------------------------------------------------------------------------
# money


def money(financial_plan):
    total = financial_plan[["revenue", "margin"]].sum()
    share = f" ({percent(total['margin'] / total['revenue'], 1)})" if total["revenue"] else ""
    return f"The plan brings {amount(total['revenue'])} of revenue and {amount(total['margin'])} of margin{share} in {span(financial_plan['period'])}."


def budget(plan_gaps):
    held = plan_gaps[(plan_gaps["compared_with"] == "budget") & (plan_gaps["measure"] == "margin")]
    return _against(held, "budget")


def last_year(plan_gaps):
    held = plan_gaps[(plan_gaps["compared_with"] == "last_year") & (plan_gaps["measure"] == "revenue")]
    return _against(held, "last year")


def _against(held, reference):
    total, families = held[held["item"] == "all"], held[held["item"] != "all"]
    if total.empty or total["gap"].isna().all():
        return f"There is no {reference} to hold the plan against."
    gap, measure = total["gap"].sum(), total["measure"].iloc[0]
    by_family = families.groupby("item")["gap"].sum()
    said = f"{measure.capitalize()} is {amount(abs(gap))} {'above' if gap >= 0 else 'below'} {reference} in {span(total['period'])}"
    if by_family.empty:
        return said + "."
    family = by_family.idxmin() if gap < 0 else by_family.idxmax()
    return f"{said}, most of it in {family} ({signed(by_family[family])})."


def bridge(bridge):
    steps = (
        bridge[(bridge["measure"] == "margin") & ~bridge["step"].isin(["budget", "plan"])]
        .groupby("step")["amount"]
        .sum()
    )
    if steps.empty:
        return "There is no budget to start a bridge from."
    helps, hurts = steps.idxmax(), steps.idxmin()
    parts = [f"{helps} gives the most ({signed(steps[helps])})"] if steps[helps] > 0 else []
    parts += [f"{hurts} takes the most ({signed(steps[hurts])})"] if steps[hurts] < 0 else []
    return f"On the way from budget to plan {' and '.join(parts) or 'nothing changes'}."


def cash(cash_plan):
    lowest = cash_plan.loc[cash_plan["cash"].idxmin()]
    last = cash_plan.loc[cash_plan["period"].idxmax()]
    state = "Cash never falls below" if lowest["cash"] >= 0 else "Cash runs out: it falls to"
    return f"{state} {amount(lowest['cash'])} (in {month(lowest['period'])}) and ends at {amount(last['cash'])} in {month(last['period'])}."


def goals(plan_gaps, goals=None):
    held = plan_gaps[plan_gaps["compared_with"] == "goal"]
    if goals is None or held.empty:
        return "No goal can be held against the plan."
    direction = held["item"].map(goals.set_index("goal")["direction"])
    missed = held[
        ((direction == "at_least") & (held["gap"] < 0)) | ((direction == "at_most") & (held["gap"] > 0))
    ]
    open_ = held["gap"].isna().sum()
    later = f"; {count(int(open_), 'goal')} cannot be checked yet" if open_ else ""
    if missed.empty:
        return f"The plan keeps every goal that can be checked ({held['gap'].notna().sum()}){later}."
    return f"{len(missed)} of {count(int(held['gap'].notna().sum()), 'goal')} {'is' if len(missed) == 1 else 'are'} missed: {some(missed['item'])}{later}."


# ---------------------------------------------------------------------------------------------------------------
# review and operations


def gaps(gaps):
    if gaps.empty:
        return "Product, demand, supply, finance and goals agree."
    worst = gaps.loc[gaps["gap_value"].abs().idxmax()]
    return f"{count(len(gaps), 'disagreement')}, the largest worth {amount(abs(worst['gap_value']))}: {worst['statement'].rstrip('.')}."


def ways(strategies):
    if strategies.empty:
        return "No change of the inputs was found that could close a disagreement."
    chosen = strategies[strategies["recommended"]]
    if chosen.empty:
        return f"{count(len(strategies), 'way')} to close the disagreements {'was' if len(strategies) == 1 else 'were'} measured; none is worth its cost."
    best = chosen.loc[chosen["margin_effect"].idxmax()]
    return f"{len(chosen)} of {count(len(strategies), 'way')} measured are recommended; the best changes margin by {signed(best['margin_effect'])}: {best['statement'].rstrip('.')}."


def risks(risk_scenarios):
    if risk_scenarios.empty:
        return "No risk is listed."
    worst = risk_scenarios.loc[risk_scenarios["margin_effect"].idxmin()]
    expected = risk_scenarios["expected_effect"].sum()
    return f"The gravest risk, {worst['risk']}, would change margin by {signed(worst['margin_effect'])} ({percent(worst['probability'])} likely); all together are expected to change it by {signed(expected)}."


def decisions(decisions):
    first = decisions.iloc[0] if len(decisions) else None
    if first is None:
        return "Nothing needs to be decided."
    return f"{count(len(decisions), 'decision')} {'is' if len(decisions) == 1 else 'are'} asked for; the first: {first['question']}"


def agenda(agenda):
    return f"{count(len(agenda), 'topic')} in {agenda['minutes'].sum()} minutes."


def weeks(weekly_plan):
    made = weekly_plan[["regular", "overtime", "subcontract"]].sum(axis=1)
    busiest = made.groupby(weekly_plan["week"]).sum()
    if busiest.empty:
        return "No week is planned."
    return f"{amount(made.sum())} units are made in the {count(len(busiest), 'week')} of {span(weekly_plan['period'])}; the busiest starts on {_day(busiest.idxmax())} ({amount(busiest.max())} units)."


def schedule(work_schedule):
    if work_schedule.empty:
        return "No resource is described, so nobody is scheduled."
    hours = work_schedule.groupby("resource")["overtime_hours"].sum().sort_values(ascending=False)
    if hours.iloc[0] <= MATERIAL:
        return f"{count(len(hours), 'resource')} work in regular time only."
    return f"{hours.index[0]} works the most overtime: {amount(hours.iloc[0])} hours in {span(work_schedule['period'])}."


def replenishment(replenishment_orders):
    if replenishment_orders.empty:
        return "Nothing is to be sent."
    return f"{count(len(replenishment_orders), 'shipment')} of {amount(replenishment_orders['quantity'].sum())} units, the first on {_day(replenishment_orders['order_day'].min())}."


def orders(procurement_orders, horizon):
    if procurement_orders.empty:
        return "Nothing is to be ordered."
    late = procurement_orders["order_day"] < horizon["period"].min().start_time
    tail = (
        f"; {count(int(late.sum()), 'order')} should have been placed before the cycle began"
        if late.any()
        else "; none is late"
    )
    return f"{count(len(procurement_orders), 'order')} for {amount(procurement_orders['cost'].sum())} to {count(procurement_orders['supplier'].nunique(), 'supplier')}{tail}."


def _day(day):
    return pd.Timestamp(day).strftime("%-d %b %Y")
