"""Moves in time that could close a gap: launches and activities later, earlier or longer, as changes to their months.

Off a peak, a launch or activity goes to the month after it; to win volume back it comes nearer. What functions said about
a launch before its new month is set to nothing; what they said about an activity's months stays, and the statement says so.
"""

import numpy as np
import pandas as pd

from sopkit.pre_sop.option import Option, code, month_name

MONTHS_BEFORE = (
    6  # what begins so long before a gap may still be moved off it: stock is built ahead
)
FURTHEST = 12  # months that anything is moved
GATE_MONTHS = 3  # later, for gates to pass
NEARER = 2  # months that a launch comes earlier
GATES = ["gate_demand", "gate_supply", "gate_finance"]


def launches_off(gap, made, last, launches, demand_inputs=None):
    """Start the products `made` after the gap's months, one option a product, instead of in or shortly before them.

    What would come after the `last` planned month is no move but a cancellation, so it is not proposed; as with activities.
    """
    after = gap.to_period + 1
    if launches is None or after > last:
        return []
    rows = launches[launches["product"].isin(made) & ~(launches[GATES] == "failed").any(axis=1)]
    rows = rows[rows["launch_period"].between(gap.from_period - MONTHS_BEFORE, gap.to_period)]
    rows = rows.assign(months=[(after - begin).n for begin in rows["launch_period"]])
    rows = rows[rows["months"] <= FURTHEST]
    return [
        _launched(
            product,
            f"Launch {product} in {month_name(after)}, after the peak",
            after,
            own,
            demand_inputs,
        )
        for product, own in rows.groupby("product", sort=True)
    ]


def launch_later(launch, last, launches, demand_inputs=None):
    """Start one launch three months later, unless that is after the `last` planned month."""
    row = launches[launches["launch"] == launch].assign(months=GATE_MONTHS)
    to = row["launch_period"].iloc[0] + GATE_MONTHS
    if to > last:
        return []
    said = f"Launch {row['product'].iloc[0]} in {row['market'].iloc[0]} {GATE_MONTHS} months later, in {month_name(to)}"
    return [_launched(launch, said, to, row, demand_inputs)]


def launches_nearer(gap, made, first, launches):
    """Start the products `made` two months earlier, where all gates have passed; `first` is the first planned month."""
    if launches is None:
        return []
    ready = launches["product"].isin(made) & (launches[GATES] == "passed").all(axis=1)
    rows = launches[ready & launches["launch_period"].between(first + NEARER + 1, gap.to_period)]
    return [
        _launched(
            product,
            f"Launch {product} {NEARER} months earlier",
            own["launch_period"].min() - NEARER,
            own,
        )
        for product, own in rows.assign(months=-NEARER).groupby("product", sort=True)
    ]


def _launched(thing, statement, to, rows, demand_inputs=None):
    """The option that moves launches by their `months`, and takes back what was said about the months before."""
    changes = []
    for row in rows.itertuples():
        where = {"product": row.product, "market": row.market, "from_period": row.launch_period}
        moved = {
            "table": "launches",
            "column": "launch_period",
            "operation": "add",
            "amount": float(row.months),
        }
        changes.append({**moved, **where, "to_period": row.launch_period})
        before = {**where, "to_period": row.launch_period + row.months - 1}
        if row.months > 0 and _said(demand_inputs, before):
            nothing = {
                "table": "demand_inputs",
                "column": "quantity",
                "operation": "set",
                "amount": 0.0,
            }
            changes.append({**nothing, **before})
    return Option(code("launch", thing, to), statement, tuple(changes))


def _said(demand_inputs, where):
    """Whether any function has spoken of a product and market in some months."""
    if demand_inputs is None:
        return False
    cell = (demand_inputs["product"] == where["product"]) & (
        demand_inputs["market"] == where["market"]
    )
    months = demand_inputs["period"].between(where["from_period"], where["to_period"])
    return bool((cell & months & (demand_inputs["quantity"] > 0)).any())


def activities_off(gap, made, first, last, products, activities, demand_inputs=None):
    """Put off the planned activities for the products `made` until after the gap's months, within the planned ones."""
    if gap.to_period + 1 > last:
        return []
    rows = _planned(made, first, products, activities)
    rows = rows[rows["start_period"].between(gap.from_period - MONTHS_BEFORE, gap.to_period)]
    moves = [(row, (gap.to_period + 1 - row.start_period).n) for row in rows.itertuples()]
    return [
        _moved(row, months, "Put off", products, demand_inputs)
        for row, months in moves
        if months <= FURTHEST
    ]


def activities_nearer(gap, made, first, products, activities, demand_inputs=None):
    """Bring the activities for the products `made` that begin shortly after the gap's months into its last one."""
    rows = _planned(made, first, products, activities)
    rows = rows[rows["start_period"].between(gap.to_period + 1, gap.to_period + MONTHS_BEFORE)]
    moves = [(row, (gap.to_period - row.start_period).n) for row in rows.itertuples()]
    return [_moved(row, months, "Bring forward", products, demand_inputs) for row, months in moves]


def activities_longer(gap, made, first, products, activities):
    """Let the planned activities of the gap's months run a month longer, at the same spend a month."""
    rows = _planned(made, first, products, activities)
    options = []
    for row in rows[rows["end_period"].between(gap.from_period, gap.to_period - 1)].itertuples():
        months = (row.end_period - row.start_period).n + 1
        longer = {"column": "end_period", "operation": "add", "amount": 1.0}
        dearer = {"column": "spend", "operation": "multiply", "amount": (months + 1) / months}
        said = f"Run {row.activity} a month longer, to {month_name(row.end_period + 1)}"
        changes = tuple({**_where(row), **what} for what in (longer, dearer))
        options.append(Option(code("longer", row.activity), said, changes))
    return options


def _planned(made, first, products, activities):
    """The activities still to come for products or their families that a change can name without naming others."""
    if activities is None:
        return pd.DataFrame(columns=["start_period", "end_period"])
    family_of = products.set_index("product")["family"]
    families = set(family_of[family_of.index.isin(made)])
    rows = activities[activities["product"].isin(made) | activities["family"].isin(families)]
    rows = rows[rows["start_period"] > first]
    of = activities["family"].fillna(activities["product"].map(family_of))
    alone = []
    for row in rows.itertuples():
        same = activities["product"] == row.product if pd.isna(row.family) else of == row.family
        same &= (activities["market"] == row.market) & (
            activities["start_period"] <= row.end_period
        )
        alone.append((same & (activities["end_period"] >= row.start_period)).sum() == 1)
    return rows[np.array(alone, dtype=bool)]


def _where(row):
    """What tells one activity from the others in a change."""
    who = {"product": row.product} if pd.isna(row.family) else {"family": row.family}
    months = {"from_period": row.start_period, "to_period": row.end_period}
    return {"table": "activities", **who, "market": row.market, **months}


def _moved(row, months, verb, products, demand_inputs):
    """The option that moves an activity; the end it moves towards goes first, so that its months stay in order."""
    order = ("end_period", "start_period") if months > 0 else ("start_period", "end_period")
    step = {"operation": "add", "amount": float(months)}
    changes = tuple({**_where(row), "column": column, **step} for column in order)
    to = row.start_period + months
    said = f"{verb} {row.activity} by {abs(months)} month{'s' * (abs(months) > 1)}, to {month_name(to)}"
    if pd.isna(row.family):
        named = [row.product]
    else:
        named = products.loc[products["family"] == row.family, "product"]
    spans = {"market": row.market, "from_period": row.start_period, "to_period": row.end_period}
    if any(_said(demand_inputs, {"product": product, **spans}) for product in named):
        said += "; what functions expect of its old months stays"
    return Option(code("activity", row.activity, to), said, changes)
