"""What the data, product and demand reviews say."""

from sopkit.claims.wording import (
    amount,
    count,
    listed,
    month,
    more_or_less,
    percent,
    signed,
    some,
    span,
    verb,
)
from sopkit.schema.glossary import label

PARTS = {
    "launch_demand": "launches",
    "activity_demand": "activities",
    "opportunity_demand": "the sales pipeline",
    "override": "overrides",
}


def assumed(assumed):
    """Say how many tables the review had to do without."""
    if assumed.empty:
        return "Every table that this review can use is there: nothing had to be assumed."
    absent = f"{count(len(assumed), 'table')} {verb(len(assumed), 'is', 'are')} absent"
    return f"{absent}; this is what the plan takes instead."


def data_issues(data_issues):
    """Say whether anything grave is wrong with the data."""
    if data_issues.empty:
        return "No issue was found in the data."
    counts = data_issues["severity"].value_counts()
    said = ", ".join(
        f"{counts[level]:,} {level}" for level in ("high", "medium", "low") if level in counts
    )
    worst = data_issues.iloc[0]
    if worst["severity"] == "high":
        return f"{count(counts['high'], 'grave finding')} in the data ({said}): {worst['finding']}."
    return f"Nothing grave is wrong with the data; {count(len(data_issues), 'finding')} ({said}) should be known."


def cleaning(demand_history):
    """Say how much of history was corrected, both ways."""
    changed = demand_history[demand_history["correction"] != 0]
    if changed.empty:
        return "History stands as it was sold: nothing was corrected."
    up, down = changed["correction"].clip(lower=0).sum(), -changed["correction"].clip(upper=0).sum()
    share = (up + down) / demand_history["quantity"].sum()
    return (
        f"Cleaning changed {len(changed):,} of {len(demand_history):,} months of sales: {amount(up)} units could "
        f"not be sold, {amount(down)} will not come again ({percent(share, 1)} of what was sold)."
    )


def prices(unit_economics):
    """Say what prices and costs rest on."""
    bases = unit_economics.drop_duplicates("product")["basis"].value_counts()
    said = "; ".join(f"{basis} ({count(number, 'product')})" for basis, number in bases.items())
    return f"Prices and costs rest on: {said}."


def places(network, product_sites):
    """Say where products are made and from where markets are served."""
    made, stock = product_sites[product_sites["makes"]], product_sites["on_hand"].sum()
    products, sites = made["product"].nunique(), network["site"].nunique()
    return (
        f"{count(products, 'product')} {verb(products, 'is', 'are')} made at {count(made['site'].nunique(), 'site')}; "
        f"{count(sites, 'site')} {verb(sites, 'serves', 'serve')} {count(network['market'].nunique(), 'market')}; "
        f"{amount(stock) + ' units are in stock' if stock else 'no opening stock is known'}."
    )


def kpis(kpis):
    """Say how the newest values stand to their targets, and how many measures are known."""
    measures = kpis.groupby("measure")["value"].count()
    known, unknown = int((measures > 0).sum()), int((measures == 0).sum())
    if not known:
        return "The data do not say how the company did."
    missing = f"; {count(unknown, 'measure')} cannot be known from the data" if unknown else ""
    said = f"{count(known, 'measure')} of how the company did, {span(kpis['period'])}{missing}."
    held = kpis[kpis["value"].notna() & kpis["target"].notna() & (kpis["target"] != 0)].sort_values(
        "period"
    )
    if held.empty:
        return said
    newest = held.drop_duplicates("measure", keep="last").sort_values("measure", kind="stable")
    change = newest["value"] / newest["target"] - 1
    names = [label(measure, short=True, of="measure") for measure in newest["measure"]]
    parts = [
        f"{name} {more_or_less(part, 'above', 'below')}"
        for name, part in zip(names, change, strict=True)
    ]
    return f"In {month(newest['period'].iloc[-1])}, against target: {listed(parts)}. {said}"


def segments(segments):
    """Say how few products bring most of the revenue, and which of them are erratic."""
    vital = segments[segments["abc"] == "A"]
    erratic = vital.loc[vital["xyz"] == "Z", "product"]
    tail = (
        f"{some(erratic)} {verb(len(erratic), 'is', 'are')} erratic"
        if len(erratic)
        else "none of them is erratic"
    )
    share = percent(vital["revenue_share_ratio"].sum())
    return f"{len(vital):,} of {count(len(segments), 'product')} bring {share} of revenue; {tail}."


def attention(segments):
    """Say which products need people this month."""
    wanted = segments[segments["review"]].sort_values("revenue", ascending=False, kind="stable")
    if wanted.empty:
        return "No product needs a look this month."
    number = f"{len(wanted):,} of {count(len(segments), 'product')}"
    return f"{number} should be looked at this month: {some(wanted['product'])}."


def launches(launch_plan):
    """Say what launches add, what they take, and which are not through their gates."""
    if launch_plan.empty:
        return "No launch touches the planned months."
    added, taken = (
        launch_plan["launch_demand"].clip(lower=0).sum(),
        -launch_plan["launch_demand"].clip(upper=0).sum(),
    )
    waiting = launch_plan.loc[launch_plan["readiness"] != "ready", "launch"].unique()
    state = (
        f"{some(waiting)} {verb(len(waiting), 'is', 'are')} not through all gates"
        if len(waiting)
        else "all are ready"
    )
    less = f", products that are replaced or phased out lose {amount(taken)}" if taken else ""
    return f"Launches add {amount(added)} units{less}; {state}."


def launch_actuals(launch_actuals):
    """Say how launches that are under way did against their curve."""
    if launch_actuals.empty:
        return "No launch is under way: there are no sales yet to hold against a curve."
    latest = launch_actuals.sort_values("period").groupby("launch").tail(1).set_index("launch")
    reached = latest["reached_ratio"].dropna()
    number = f"{count(len(latest), 'launch')} {verb(len(latest), 'is', 'are')} under way"
    if reached.empty:
        return f"{number}; nothing was expected of {verb(len(latest), 'it', 'them')} yet."
    least = reached.idxmin()
    most = "" if len(reached) == 1 else ", the least of all"
    return f"{number}; {least} has sold {percent(reached[least])} of what its curve expected so far{most}."


def baseline(baseline_forecast):
    """Say what would sell if nobody did anything special, and how it was forecast."""
    methods = baseline_forecast.drop_duplicates(["product", "market"])["method"].value_counts()
    units, months = amount(baseline_forecast["baseline"].sum()), span(baseline_forecast["period"])
    series = f"{methods.iloc[0]} of {methods.sum()} series by {methods.index[0]}"
    return f"If nobody did anything special, {units} units would sell in {months}; {series}."


def activities(activity_lift):
    """Say what planned activities add, and which adds most."""
    if activity_lift.empty:
        return "No activity is planned in these months."
    units = activity_lift.groupby("activity")["activity_demand"].sum().sort_values(ascending=False)
    return f"Activities add {amount(units.sum())} units, most of them {units.index[0]} ({amount(units.iloc[0])})."


def opportunities(opportunity_plan):
    """Say what deals add as stated and by the record of their stages, and how many do not because they stand elsewhere."""
    if opportunity_plan.empty:
        return "No single deal is in the sales pipeline."
    counted = opportunity_plan["opportunity_demand"] > 0
    left_out = opportunity_plan[~counted]
    said = f"{count(int(counted.sum()), 'deal')} {verb(counted.sum(), 'adds', 'add')}"
    said = f"{said} {amount(opportunity_plan['opportunity_demand'].sum())} units, weighted by stated probability"
    record = opportunity_plan["won_ratio"]
    if record[counted].notna().any():
        units = opportunity_plan["quantity"] * record.fillna(opportunity_plan["probability"])
        said = f"{said}; by the record of their stages it would be {amount(units[counted].sum())}"
    if left_out.empty:
        return f"{said}."
    number, units = count(len(left_out), "deal"), amount(left_out["quantity"].sum())
    return f"{said}; {number} of {units} units {verb(len(left_out), 'adds', 'add')} nothing, for the reasons given."


def overrides(demand_overrides):
    """Say what each function's input changes."""
    if demand_overrides.empty:
        return "No function has changed the forecast."
    units = demand_overrides.groupby("function")["override"].sum()
    said = ", ".join(f"{name} {signed(value)}" for name, value in units.items())
    return f"The functions change the forecast by {signed(units.sum())} units: {said}."


def consensus(demand_history, demand_plan):
    """Say the coming year's consensus beside the last year's sales."""
    planned = demand_plan.groupby("period")["consensus"].sum()
    sold = demand_history.groupby("period")["quantity"].sum()
    months = min(12, len(planned), len(sold))
    coming, past = planned.head(months).sum(), sold.tail(months).sum()
    said = f"The consensus is {amount(coming)} units in {span(planned.index[:months])}"
    if not past:
        return f"{said}; nothing was sold in the {months} months before."
    return f"{said}, {more_or_less(coming / past - 1)} than was sold in the {months} months before."


def consensus_steps(demand_plan):
    """Say how far the consensus is from the baseline, and what moves it most."""
    parts = demand_plan[list(PARTS)].sum()
    if (parts == 0).all():
        return "The consensus is the baseline: nothing was planned on top."
    largest = parts.abs().idxmax()
    most = f"most of the change comes from {PARTS[largest]} ({signed(parts[largest])} units)"
    before = demand_plan["baseline"].sum()
    if not before:
        return f"There is no baseline; {most}."
    change = more_or_less(demand_plan["consensus"].sum() / before - 1, "above", "below")
    return f"The consensus is {change} the baseline; {most}."


def accuracy(forecast_accuracy):
    """Say how far the forecast missed, and which step made it worse."""
    rows = forecast_accuracy[
        (forecast_accuracy["level"] == "total") & (forecast_accuracy["observations"] > 0)
    ]
    if rows.empty:
        return "No forecast is old enough to be measured."
    lag = rows["lag"].min()
    near = rows[rows["lag"] == lag].set_index("contributor")
    best = next((name for name in ("consensus", "baseline") if name in near.index), near.index[0])
    added = near["value_added"].drop(labels="naive", errors="ignore").dropna()
    worse = [f"{name} ({-100 * value:.1f} points)" for name, value in added.items() if value < 0]
    tail = (
        f"; {listed(worse)} made it worse"
        if worse
        else "; no step made it worse"
        if len(added)
        else ""
    )
    missed = percent(near.loc[best, "wape"], 1)
    return f"{count(lag, 'month')} ahead the {best} misses the company's total by {missed}{tail}."
