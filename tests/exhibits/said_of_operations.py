"""What the headlines of operations plan and process review must say."""

import pandas as pd
from saying import PART, Tables, largest, says

from sopkit.schema.formatting import (
    count,
    day,
    listed,
    money,
    month,
    most,
    number,
    percent,
    some,
    span,
    whole,
)
from sopkit.schema.glossary import label

MADE = ["regular", "overtime", "subcontract", "purchased"]


@says("operations.weeks")
def weeks(t: Tables):
    rows = t["weekly_plan"]
    if rows.empty:
        return ["No week"]
    made = rows[MADE].sum(axis=1).groupby(rows["week"]).sum()
    if made.max() <= PART:
        return [f"No production and no new receipts in {span(rows['period'])}"]
    done = "made or purchased" if rows["purchased"].sum() > PART else "made"
    return [
        f"{number(made.sum())} units are {done} in the {count(len(made), 'week')} of {span(rows['period'])}",
        f"the busiest starts on {day(made.idxmax())} ({number(made.max())} units)",
    ]


@says("operations.schedule")
def schedule(t: Tables):
    rows = t["production_schedule"]
    if rows.empty:
        return ["No resource", "nothing is scheduled"]
    first = rows[rows["week"] == rows["week"].min()]
    said = [count(first["product"].nunique(), "product"), day(first["week"].min())]
    due = first.dropna(subset="due_day").sort_values(["due_day", "days_of_supply"])
    if due.empty:
        return [*said, "none of them"]
    urgent = due.iloc[0]
    said.append(f"{urgent['product']} on {urgent['resource']} is the most urgent")
    lasts = urgent["days_of_supply"] > 0
    return [
        *said,
        f"its stock lasts to {day(urgent['due_day'])}" if lasts else "none of it is in stock",
    ]


@says("operations.shortages")
def shortages(t: Tables):
    """What is short in the months of the weekly plan; where nothing is, supply plan and service agree."""
    rows, months = t["shortages"], t["weekly_plan"]["period"]
    if rows.empty:
        served = t["constrained_demand"]
        near = served[served["period"] <= months.max()]
        assert near[["backlog", "lost_sales"]].max().max() <= PART
        return [f"Nothing is late, lost or below target in {span(months)}"]
    worst, products = rows.loc[rows["quantity"].idxmax()], rows["product"].nunique()
    be = "is" if products == 1 else "are"
    return [
        f"{count(products, 'product')} {be} late, lost or below target",
        f"most of all {worst['product']} by {number(worst['quantity'])} units in {month(worst['period'])}",
        worst["statement"],
    ]


@says("operations.crews")
def crews(t: Tables):
    rows = t["labor_schedule"]
    if rows.empty:
        return ["No resource", "nobody"]
    full = rows.loc[rows["utilization"].idxmax()]
    said = [
        f"{full['resource']} load peaks in the week of {day(full['week'])}",
        f"{percent(full['utilization'])} of its hours",
    ]
    hours = rows["overtime_hours"].sum()
    if hours <= PART:
        return [*said, f"nobody works overtime in {span(rows['period'])}"]
    return [*said, f"{number(hours)} hours of overtime are worked in {span(rows['period'])}"]


@says("orders.planned_orders")
def planned_orders(t: Tables):
    rows = t["planned_orders"]
    if rows.empty:
        return ["Nothing is to be ordered"]
    said = [
        f"{count(len(rows), 'order')} for {money(rows['cost'].sum())}",
        count(rows["supplier"].nunique(), "supplier"),
    ]
    as_of = t["planning_periods"]["as_of_day"].iloc[0]
    late = rows[rows["order_day"] <= as_of]
    if late.empty:
        return [*said, "none is late"]
    worst = late.loc[late["late_days"].idxmax()]
    return [
        *said,
        f"{count(len(late), 'order')}",
        day(as_of + pd.Timedelta(days=1)),
        f"{worst['item']} {count(worst['late_days'], 'day')} earlier",
    ]


@says("orders.materials")
def materials(t: Tables):
    rows = t["material_plan"]
    if rows.empty:
        return ["No component is known", "nothing can be short"]
    short = rows[rows["shortage"] > PART]
    said = [count(rows["component"].nunique(), "component")]
    if len(short):
        first = short.loc[short["week"].idxmin()]
        names = short["component"].unique()
        said = [
            f"{some(names)} {'is' if len(names) == 1 else 'are'} short",
            f"first {first['component']} by {number(first['shortage'])} units in the week of {day(first['week'])}",
        ]
    gone = largest(rows.groupby("component")["expired"].sum())
    gone = gone[gone > PART]
    if len(gone) == 1:
        said.append(f"{number(gone.iloc[0])} units of {gone.index[0]} will perish")
    if len(gone) > 1:
        part = most(gone.iloc[0], gone.sum())
        said.append(f"{number(gone.sum())} units of {count(len(gone), 'component')} will perish")
        said.append(f"{part} of them {gone.index[0]} ({number(gone.iloc[0])})")
    return said


@says("orders.short_term_orders")
def short_term_orders(t: Tables):
    rows = t["short_term_orders"]
    if rows.empty:
        return ["Nothing is to be ordered or sent"]
    sent = rows["action"] == "ship"  # what goes one way on one day is one shipment
    shipments = rows[sent].drop_duplicates(["order_day", "site", "from_place", "to_place"])
    due = pd.concat([rows.loc[~sent, "due"], shipments["due"]]).value_counts()
    return [
        f"{whole(due[when])} {when}"
        for when in ("today", "tomorrow", "this week", "next week")
        if when in due
    ]


@says("orders.launch_readiness")
def launch_readiness(t: Tables):
    rows = t["launch_readiness"]
    of = {kind: rows[rows["milestone"] == kind] for kind in ("launch", "gate")}
    if of["launch"].empty:
        return ["No launch is planned"]
    late = of["launch"][of["launch"]["state"] == "late"]
    if len(late):
        first = late.loc[late["day"].idxmin()]
        said = f"{len(late)} of {count(len(of['launch']), 'launch')} cannot be served on time"
        return [said, f"{first['launch']}, {first['statement']}"]
    said = [f"No launch of {len(of['launch'])}"]
    waiting = of["gate"][of["gate"]["state"].isin(["open", "late"])]
    if waiting.empty:
        return [*said, "no gate is open"]
    first = waiting.loc[waiting["day"].idxmin()]
    be = "is" if len(waiting) == 1 else "are"
    return [
        *said,
        f"{count(len(waiting), 'gate')} {be} open",
        f"{first['item']} of {first['launch']}, by {day(first['day'])}",
    ]


@says("performance.measures")
def measures(t: Tables):
    """A measure meets its target where its value is on the right side of it."""
    rows = t["scorecard"].dropna(subset=["value", "target", "direction"])
    if rows.empty:
        return ["No measure has a target", "none is met or missed"]
    ahead = (rows["value"] - rows["target"]) * rows["direction"].map({"at_least": 1, "at_most": -1})
    missed = [label(name, short=True, of="measure") for name in rows.loc[ahead < -1e-9, "measure"]]
    meet = "meets its" if len(rows) == 1 else "meet their"
    said = [f"{len(rows) - len(missed)} of {count(len(rows), 'measure')} {meet} target"]
    return said + ([f"missed: {some(missed, 5)}"] if missed else [])


@says("performance.trends")
def trends(t: Tables):
    said = []
    for way in ("better", "worse"):
        rows = t["scorecard"][t["scorecard"]["trend"].str.startswith(f"{way}:")]
        names = list(
            dict.fromkeys(label(name, short=True, of="measure") for name in rows["measure"])
        )
        if names:
            said.append(f"{some(names)} {'gets' if len(names) == 1 else 'get'} {way}")
    return said or ["No measure has a clear trend"]


@says("performance.missed")
def missed(t: Tables):
    """A measure that misses its target, those with a reason first."""
    rows = t["scorecard"]
    rows = rows[rows["on_target"].eq(False).fillna(False)]
    if rows.empty:
        return ["No measure misses"]
    reasoned = rows[
        rows["statement"].str.contains("(", regex=False)
        & ~rows["measure"].isin(["actual_quantity", "actual_revenue"])
    ]
    return [(reasoned if len(reasoned) else rows)["statement"].iloc[0].rstrip(".")]


@says("survey.survey")
def survey(t: Tables):
    """The share of people who answered 5 or more, of the last survey."""
    if "balance_survey" not in t:
        return ["No survey was taken"]
    rows = t["survey_results"]
    rows = rows[(rows["cycle"] == rows["cycle"].max()) & rows["function"].isna()].set_index("item")
    answers = t["balance_survey"]
    answers = answers[answers["cycle"] == answers["cycle"].max()]
    agree = (answers["score"] >= 5).groupby(answers["item"]).agg(["mean", "size"])
    item = agree["mean"].reindex(rows.index).idxmin()
    return [
        f"Fewest agree (5 or more of 7) with “{item}”: {percent(agree.loc[item, 'mean'])} of {agree.loc[item, 'size']}",
        f"95 % interval {percent(rows.loc[item, 'low_ratio'])} to {percent(rows.loc[item, 'high_ratio'])}",
    ]


@says("survey.disagreements")
def disagreements(t: Tables):
    rows = t["survey_differences"]
    if rows.empty:
        return ["No two functions"]
    apart = rows["difference_ratio"].abs()
    first = rows.iloc[0]
    assert apart.iloc[0] == apart.max()
    told = "significant" if first["significant"] else "not significant"
    pair = f"{first['function']} and {first['other_function']}"
    return [
        f"{pair[:1].upper()}{pair[1:]} are furthest apart on “{first['item']}”: {100 * apart.max():.0f} points",
        f"95 % interval {100 * first['low_ratio']:.0f} to {100 * first['high_ratio']:.0f}",
        f"{told} among {count(len(rows), 'comparison')}",
    ]


@says("processes.process_register")
def process_register(t: Tables):
    rows = t["process_register"]
    if rows.empty:
        return ["No process is described", "nothing"]
    shown = rows.groupby("process")["evidence_count"].apply(lambda pieces: (pieces > 0).sum())
    said = [f"{shown.sum()} of {len(rows)} elements of {count(len(shown), 'process')}"]
    bare = list(shown.index[shown == 0])
    return said + ([f"{listed(bare)} {'has' if len(bare) == 1 else 'have'} none"] if bare else [])
