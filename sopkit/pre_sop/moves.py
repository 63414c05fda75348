"""Levers that need code: launches and activities moved in time, substitution, expediting.

Off a peak, a launch or activity goes to the month after it; to win volume back it comes nearer.
What functions said about a launch before its new month is set to nothing; what they said about an
activity's months stays, and the statement says so.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Period

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.product_names import called
from sopkit.pre_sop.option import Gap, Option, code, lever
from sopkit.schema.formatting import month, percent

# what begins so many months before a gap may still be moved off it: stock is built ahead
MONTHS_BEFORE = 6
FURTHEST = 12  # months that anything is moved
GATE_MONTHS = 3  # later, for gates to pass
NEARER = 2  # months that a launch comes earlier
INSTEAD = 0.10  # of a launch's volume: buyers of the product it replaces who take it instead
MORE_SUPPLY = 1.25
SOONER, PREMIUM = 0.5, 0.10  # of the days from order to delivery; of the component's price
GATES = ["gate_demand", "gate_supply", "gate_finance"]
PEAKS = ("capacity", "unserved", "component")  # gaps off which demand may be moved
VOLUMES = ("revenue", "margin", "quantity")  # measures for which demand may be advanced


@lever(closes=PEAKS)
def launches_off(
    gap: Gap,
    launches: DataFrame,
    products: DataFrame,
    demand_inputs: DataFrame | None = None,
) -> list[Option]:
    """Start products after the gap's months instead of in or shortly before them.

    What would come after the last planned month is no move but a cancellation, so it is not
    proposed; as with activities.
    """
    after = gap.to_period + 1
    if after > gap.last:
        return []
    failed = (launches[GATES] == "failed").any(axis=1)
    rows = launches[launches["product"].isin(gap.products) & ~failed]
    rows = rows[rows["launch_period"].between(gap.from_period - MONTHS_BEFORE, gap.to_period)]
    rows = rows[rows["launch_period"] > gap.first]  # what has begun is not moved any more
    rows = rows.assign(months=[(after - begin).n for begin in rows["launch_period"]])
    rows = rows[rows["months"] <= FURTHEST]
    return [
        _launched(
            product,
            f"Launch {called(product, products)} in {month(after)}, after the peak",
            after,
            own,
            demand_inputs,
        )
        for product, own in rows.groupby("product", sort=True)
    ]


@lever(closes=PEAKS)
def activities_off(
    gap: Gap,
    products: DataFrame,
    marketing_activities: DataFrame,
    demand_inputs: DataFrame | None = None,
) -> list[Option]:
    """Postpone planned activities until after the gap's months, within the horizon."""
    if gap.to_period + 1 > gap.last:
        return []
    rows = _planned(gap, products, marketing_activities)
    rows = rows[rows["start_period"].between(gap.from_period - MONTHS_BEFORE, gap.to_period)]
    moves = [(row, (gap.to_period + 1 - row.start_period).n) for row in rows.itertuples()]
    return [
        _moved(row, months, "Put off", products, demand_inputs)
        for row, months in moves
        if months <= FURTHEST
    ]


@lever(closes=PEAKS)
def substitute(gap: Gap, launches: DataFrame, products: DataFrame) -> list[Option]:
    """Serve demand for short products with the launched product that replaces them.

    A tenth of the launch's volume more is sold, and that much less of what it replaces. A product
    that needs the component that is short is no substitute.
    """
    rows = launches[
        launches["replaces_product"].isin(gap.products)
        & (launches["launch_period"] <= gap.to_period)
    ]
    rows = rows[~(rows[GATES] == "failed").any(axis=1)]
    if gap.rule == "component":
        rows = rows[~rows["product"].isin(gap.products)]
    options = []
    for (new, old), own in rows.groupby(["product", "replaces_product"]):
        changes = tuple(change for row in own.itertuples() for change in _taken_instead(row))
        said = (
            f"Offer {called(new, products)} in place of {called(old, products)}:"
            f" {percent(INSTEAD)} more of it, so much less of the other"
        )
        options.append(Option(code("substitute", old), said, changes))
    return options


def _taken_instead(row) -> Iterator[dict]:
    """The changes that sell more of one launch and less of what it replaces."""
    where = {"table": "launches", "product": row.product, "market": row.market}
    taken = (row.cannibalisation_ratio + INSTEAD) / (1 + INSTEAD)
    yield {**where, "column": "volume_ratio", "operation": "multiply", "amount": 1 + INSTEAD}
    yield {**where, "column": "cannibalisation_ratio", "operation": "set", "amount": taken}


@lever(closes=("component",), beside="limits")
def expedite(
    gap: Gap,
    products: DataFrame,
    sources: DataFrame,
    bill_of_materials: DataFrame,
    item_costs: DataFrame,
) -> list[Option]:
    """Expedite a component: its suppliers deliver more and earlier, at a premium.

    The premium is in the material cost of every product that contains the component.
    """
    row = sources[sources["item"] == gap.item]
    usage = usage_per_unit(bill_of_materials)
    usage = usage[(usage["component"] == gap.item) & usage["product"].isin(item_costs["product"])]
    usage = usage[usage["product"].isin(products["product"])].sort_values("product")
    if usage.empty or not (row["lead_time_days"] > 0).any() or row["unit_cost"].isna().all():
        return []
    part = {"table": "sources", "operation": "multiply", "item": gap.item}
    changes = [{**part, "column": "lead_time_days", "amount": SOONER}]
    if row["supply_limit"].notna().all():
        changes.append({**part, "column": "supply_limit", "amount": MORE_SUPPLY})
    cost = {"table": "item_costs", "column": "material_cost", "operation": "add"}
    premium = PREMIUM * row["unit_cost"].dropna().iloc[0]
    changes += [
        {**cost, "product": use.product, "amount": premium * use.quantity_per_unit}
        for use in usage.itertuples()
    ]
    said = (
        f"Expedite {gap.item}:"
        f" {percent(MORE_SUPPLY - 1)} more, in {percent(SOONER)} of the days,"
        f" {gap.item} {percent(PREMIUM)} dearer throughout"
    )
    return [Option(code("expedite", gap.item), said, tuple(changes))]


@lever(closes=("launch", "short_launch"))
def launch_later(
    gap: Gap,
    launches: DataFrame,
    products: DataFrame,
    demand_inputs: DataFrame | None = None,
) -> list[Option]:
    """Postpone one launch by three months, unless it is not in the plan or would drop out."""
    row = launches[launches["launch"] == gap.item].assign(months=GATE_MONTHS)
    to = row["launch_period"].iloc[0] + GATE_MONTHS
    begun = (row["launch_period"] <= gap.first).any()
    if to > gap.last or begun or (row[GATES] == "failed").any(axis=None):
        return []
    product, market = row[["product", "market"]].iloc[0]
    said = (
        f"Launch {called(product, products)} in {market} {GATE_MONTHS} months later, in {month(to)}"
    )
    return [_launched(gap.item, said, to, row, demand_inputs)]


@lever(closes=VOLUMES)
def activities_longer(
    gap: Gap, products: DataFrame, marketing_activities: DataFrame
) -> list[Option]:
    """Extend planned activities of the gap's months by a month, at the same monthly spend."""
    rows = _planned(gap, products, marketing_activities)
    options = []
    for row in rows[rows["end_period"].between(gap.from_period, gap.to_period - 1)].itertuples():
        months = (row.end_period - row.start_period).n + 1
        longer = {"column": "end_period", "operation": "add", "amount": 1.0}
        dearer = {"column": "spend", "operation": "multiply", "amount": (months + 1) / months}
        said = f"Run {row.activity} a month longer, to {month(row.end_period + 1)}"
        changes = tuple({**_where(row), **what} for what in (longer, dearer))
        options.append(Option(code("longer", row.activity), said, changes))
    return options


@lever(closes=VOLUMES)
def activities_nearer(
    gap: Gap,
    products: DataFrame,
    marketing_activities: DataFrame,
    demand_inputs: DataFrame | None = None,
) -> list[Option]:
    """Advance activities that begin shortly after the gap's months into its last one."""
    rows = _planned(gap, products, marketing_activities)
    rows = rows[rows["start_period"].between(gap.to_period + 1, gap.to_period + MONTHS_BEFORE)]
    moves = [(row, (gap.to_period - row.start_period).n) for row in rows.itertuples()]
    return [_moved(row, months, "Bring forward", products, demand_inputs) for row, months in moves]


@lever(closes=VOLUMES)
def launches_nearer(gap: Gap, launches: DataFrame, products: DataFrame) -> list[Option]:
    """Advance launches by two months, where all gates have passed."""
    ready = launches["product"].isin(gap.products) & (launches[GATES] == "passed").all(axis=1)
    soon = launches["launch_period"].between(gap.first + NEARER + 1, gap.to_period)
    rows = launches[ready & soon].assign(months=-NEARER)
    return [
        _launched(
            product,
            f"Launch {called(product, products)} {NEARER} months earlier",
            own["launch_period"].min() - NEARER,
            own,
        )
        for product, own in rows.groupby("product", sort=True)
    ]


def _launched(
    thing: str,
    statement: str,
    to: Period,
    rows: DataFrame,
    demand_inputs: DataFrame | None = None,
) -> Option:
    """The option that moves launches by their `months`, and takes back what was said of those
    before."""
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


def _said(demand_inputs: DataFrame | None, where: Mapping) -> bool:
    """Whether any function has spoken of a product and market in some months."""
    if demand_inputs is None:
        return False
    cell = (demand_inputs["product"] == where["product"]) & (
        demand_inputs["market"] == where["market"]
    )
    months = demand_inputs["period"].between(where["from_period"], where["to_period"])
    return bool((cell & months & (demand_inputs["quantity"] > 0)).any())


def _planned(gap: Gap, products: DataFrame, marketing_activities: DataFrame) -> DataFrame:
    """The coming activities for the gap's products or their families that a change can name
    alone."""
    family_of = products.set_index("product")["family"]
    families = set(family_of[family_of.index.isin(gap.products)])
    rows = marketing_activities[
        marketing_activities["product"].isin(gap.products)
        | marketing_activities["family"].isin(families)
    ]
    cancelled = rows["cancelled"].fillna(False).astype(bool)
    rows = rows[(rows["start_period"] > gap.first) & ~cancelled]
    of = marketing_activities["family"].fillna(marketing_activities["product"].map(family_of))
    alone = []
    for row in rows.itertuples():
        same = (
            marketing_activities["product"] == row.product
            if pd.isna(row.family)
            else of == row.family
        )
        same &= (marketing_activities["market"] == row.market) & (
            marketing_activities["start_period"] <= row.end_period
        )
        alone.append((same & (marketing_activities["end_period"] >= row.start_period)).sum() == 1)
    return rows[np.array(alone, dtype=bool)]


def _where(row) -> dict:
    """What tells one activity from the others in a change."""
    who = {"product": row.product} if pd.isna(row.family) else {"family": row.family}
    months = {"from_period": row.start_period, "to_period": row.end_period}
    return {"table": "marketing_activities", **who, "market": row.market, **months}


def _moved(
    row, months: int, verb: str, products: DataFrame, demand_inputs: DataFrame | None
) -> Option:
    """The option that moves an activity; the end it moves towards goes first: months stay in
    order."""
    order = ("end_period", "start_period") if months > 0 else ("start_period", "end_period")
    step = {"operation": "add", "amount": float(months)}
    changes = tuple({**_where(row), "column": column, **step} for column in order)
    to = row.start_period + months
    far = f"{abs(months)} month{'s' * (abs(months) > 1)}"
    said = f"{verb} {row.activity} by {far}, to {month(to)}"
    if pd.isna(row.family):
        named = [row.product]
    else:
        named = products.loc[products["family"] == row.family, "product"]
    spans = {"market": row.market, "from_period": row.start_period, "to_period": row.end_period}
    if any(_said(demand_inputs, {"product": product, **spans}) for product in named):
        said += "; the forecasts of its old months are unchanged"
    return Option(code("activity", row.activity, to), said, changes)
