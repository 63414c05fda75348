"""What the headlines of data, product and demand review must say."""

from saying import Tables, largest, says

from sopkit.schema.formatting import (
    count,
    listed,
    month,
    more_or_less,
    number,
    percent,
    points,
    signed,
    some,
    span,
    whole,
)
from sopkit.schema.glossary import label

PARTS = {
    "launch_demand": "launches",
    "activity_demand": "activities and other effects",
    "opportunity_demand": "the sales pipeline",
    "pickup_demand": "the pick-up of orders",
    "override": "overrides",
}


@says("data_review.prices")
def prices(t: Tables):
    first = (
        t["unit_economics"].sort_values("period", kind="stable").groupby("product")["basis"].first()
    )
    said = [
        f"{basis} ({count(n, 'product')})" for basis, n in largest(first.value_counts()).items()
    ]
    if "exchange_rates" in t:
        own = t["company_settings"]["currency"].iloc[0]
        for currency, rates in t["exchange_rates"].groupby("currency", sort=False):
            begun, *later = rates.sort_values("effective_from", na_position="first").itertuples()
            said.append(f"{currency} is converted at {begun.exchange_rate:g} {own}")
            said += [
                f"{one.exchange_rate:g} {own} from {month(one.effective_from)}" for one in later
            ]
    return said


@says("data_review.cleaning")
def cleaning(t: Tables):
    d = t["demand_history"]
    moved = d["cleansed"] - d["quantity"]
    changed = moved.abs() > 0
    if not changed.any():
        return ["nothing was corrected"]
    by = moved[changed].groupby(d["finding"]).sum()
    return [
        f"{changed.sum()} of {whole(len(d))} months",
        f"{percent(moved.abs().sum() / d['quantity'].sum(), 1)} of what was sold",
        *(
            f"{label(name, of='finding')} {signed(by[name])} units"
            for name in largest(by.abs()).index
        ),
    ]


@says("data_review.history_doubts")
def history_doubts(t: Tables):
    rows = t["history_findings"].query("confidence in ['low', 'medium']")
    if rows.empty:
        return ["No finding in the sales history needs review"]
    first = rows.loc[rows["effect_units"].abs().idxmax()]
    return [
        count(len(rows), "finding"),
        "largest effect on a year's forecast",
        f"{first['product']} in {first['market']}",
        span([first["from_period"], first["to_period"]]),
        f"{signed(first['effect_units'])} units",
    ]


@says("data_review.data_issues")
def data_issues(t: Tables):
    rows = t["data_issues"]
    levels = [
        f"{n} {level}"
        for level in ("critical", "major", "minor")
        if (n := (rows["severity"] == level).sum())
    ]
    critical = rows.loc[rows["severity"] == "critical", "message"]
    if rows.empty:
        return ["No issue was found"]
    if len(critical):
        return [count(len(rows), "data issue"), *levels, f"critical: {critical.iloc[0]}"]
    return [f"No critical data issues; {count(len(rows), 'other')}", *levels]


@says("products.segments")
def segments(t: Tables):
    """A products are those that fill the first 80 % of revenue."""
    rows = t["segments"].sort_values("revenue", ascending=False, kind="stable")
    share = rows["revenue"] / rows["revenue"].sum()
    vital = rows[(share.cumsum() - share) < 0.8]
    erratic = list(vital.loc[vital["xyz"] == "Z", "product"])
    part = percent(vital["revenue"].sum() / rows["revenue"].sum())
    said = [f"{len(vital)} of {count(len(rows), 'product')}", f"{part} of revenue"]
    return [*said, some(erratic) if erratic else "none of them is XYZ class Z"]


@says("products.attention")
def attention(t: Tables):
    rows = t["segments"].sort_values("revenue", ascending=False, kind="stable")
    wanted = rows.loc[rows["review"].astype(bool), "product"]
    if wanted.empty:
        return ["No product requires attention"]
    return [f"{len(wanted)} of {count(len(rows), 'product')}", some(wanted)]


@says("products.launches")
def launches(t: Tables):
    rows = t["launch_plan"]
    if rows.empty:
        return ["No launch touches"]
    up, down = (
        rows.loc[sign * rows["launch_demand"] > 0, "launch_demand"].sum() for sign in (1, -1)
    )
    waiting = rows.loc[rows["readiness"] != "ready", "launch"].unique()
    said = [f"{number(up)} units", *([f"remove {number(-down)}"] if down else [])]
    if not len(waiting):
        return [*said, "all are ready"]
    return [*said, count(len(waiting), "launch"), "open stage gates", some(waiting)]


@says("products.launch_actuals")
def launch_actuals(t: Tables):
    rows = t["launch_actuals"]
    if rows.empty:
        return ["No launch is under way", "no sales yet"]
    sums = rows.groupby("launch")[["quantity", "expected"]].sum()
    reached = sums["quantity"] / sums["expected"]
    said = [count(len(sums), "launch"), f"{reached.idxmin()} has sold {percent(reached.min())}"]
    return said + (["the least of all"] if len(reached) > 1 else [])


@says("demand.baseline")
def baseline(t: Tables):
    rows = t["baseline_forecast"]
    series = rows.groupby(["product", "market"], sort=False)["method"].first()
    methods = series.value_counts()
    return [
        f"{number(rows['baseline'].sum())} units",
        span(rows["period"]),
        f"{methods.max()} of {len(series)} series by {methods.idxmax()}",
    ]


@says("forecast_accuracy.accuracy")
def accuracy(t: Tables):
    """The baseline is held against naive, all others against the baseline."""
    rows = t["forecast_accuracy"].query("level == 'total'")
    if rows.empty:
        return ["No forecast is old enough"]
    near = rows[rows["lag"] == rows["lag"].min()].set_index("contributor")["wape"]
    best = "consensus" if "consensus" in near else "baseline"
    said = [
        f"{count(int(rows['lag'].min()), 'month')} ahead the {best}",
        percent(near[best], 1),
    ]
    errors = {
        than: {who: near[who] - near[than] for who in members if near[who] > near[than] + 1e-12}
        for than, members in (
            ("naive", [who for who in near.index if who == "baseline"]),
            ("baseline", [who for who in near.index if who not in ("naive", "baseline")]),
        )
    }
    for than, worse in errors.items():
        if worse:
            each = " were each" if len(worse) > 1 else " was"
            named = than if than == "naive" else "the baseline"
            by = listed([points(size) for size in worse.values()])
            said.append(f"{listed(list(worse))}{each} less accurate than {named} (by {by})")
    if not any(errors.values()):
        said.append("no forecast is less accurate than its reference")
    return said


@says("value_added.value_added")
def value_added(t: Tables):
    rows = t["forecast_value_added"]
    if rows.empty:
        return ["No step of the forecast"]
    near = rows[rows["lag"] == rows["lag"].min()]
    sides = {
        "positive": near["low_ratio"] > 0,
        "negative": near["high_ratio"] < 0,
        "no significant": ~((near["low_ratio"] > 0) | (near["high_ratio"] < 0)),
    }
    said = [f"{count(int(near['lag'].iloc[0]), 'month')} ahead"]
    for side, mine in sides.items():
        names = list(near.loc[mine, "contributor"])
        if names:
            said.append(f"{listed(names)} {'has' if len(names) == 1 else 'have'} {side} FVA")
    return said


@says("demand.consensus")
def consensus(t: Tables):
    planned = t["demand_plan"].groupby("period")["consensus"].sum()
    sold = t["demand_history"].groupby("period")["quantity"].sum()
    months = min(12, len(planned), len(sold))
    coming, past = planned.iloc[:months].sum(), sold.iloc[-months:].sum()
    return [
        f"{number(coming)} units in {span(planned.index[:months])}",
        f"{more_or_less(coming / past - 1)} than was sold in the {months} months",
    ]


@says("demand.consensus_steps")
def consensus_steps(t: Tables):
    rows = t["demand_plan"]
    parts = {name: rows[name].sum() for name in PARTS if name in rows}
    if not any(parts.values()):
        return ["nothing was planned on top"]
    change = rows["consensus"].sum() / rows["baseline"].sum() - 1
    name = max(parts, key=lambda part: abs(parts[part]))
    return [
        f"In {span(rows['period'])} the consensus",
        f"{percent(abs(change), 1)} {'above' if change > 0 else 'below'} the baseline",
        f"the largest driver is {PARTS[name]} ({signed(parts[name])} units)",
    ]
