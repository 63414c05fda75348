"""Milestones of each launch: gates, first orders, first production, campaigns, weekly volume."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.operations.launch_supply import first_made, first_orders
from sopkit.schema.tables import TABLES
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import conform, empty
from sopkit.tables.periods import first_day_of, first_days

GATES = ("demand", "supply", "finance")
PASSED = {"passed": "done", "open": "open", "failed": "failed"}
FIRST_MONTHS = 3  # of sale, shown by week
CAMPAIGN_MONTHS = 6  # before the launch, in which an activity counts as its own
ROW = list(TABLES["launch_readiness"].columns)


@dataclass(frozen=True)
class LaunchInputs:
    """The tables of launches, their milestones and the plan that serves them."""

    planning_periods: DataFrame
    products: DataFrame
    launch_plan: DataFrame
    supply_plan: DataFrame
    constrained_demand: DataFrame
    procurement_plan: DataFrame
    work_calendar: DataFrame
    launches: DataFrame | None = None
    marketing_activities: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    components: DataFrame | None = None
    sources: DataFrame | None = None
    working_hours: DataFrame | None = None
    holidays: DataFrame | None = None


def launch_readiness(inputs: LaunchInputs) -> DataFrame:
    """List the milestones of each launch, and which cannot be met on time.

    Components are needed when the plan first makes the product, in the month before the launch or
    later, and ordered a lead time before, through all levels of the bill; one whose stock covers
    all that is made until then needs no order. Open gates must pass before the first order or the
    first production. A launch is late where a component cannot be there by its first day, or where
    the plan of record does not serve its market in full.

    Returns
    -------
    launch, milestone, item, day : state, statement, quantity [units; empty for gates and
        activities]
    """
    months = inputs.planning_periods
    start, last = months["period"].min(), months["period"].max()
    launches, launch_plan = inputs.launches, inputs.launch_plan
    if launches is None or not (launches["launch_period"] <= last).any():
        return empty("launch_readiness")
    rows = launches.merge(inputs.products[["product", "family"]], on="product", how="left")
    rows = rows[rows["launch_period"] <= last].reset_index(drop=True)
    rows["failed"] = (rows[[f"gate_{gate}" for gate in GATES]] == "failed").any(axis=1)
    made = first_made(rows, inputs.supply_plan, inputs.work_calendar, start)
    orders = first_orders(made, inputs)
    parts = [
        _gates(rows, made, orders, months),
        _activities(rows, inputs.marketing_activities, months),
        orders,
        made,
        _launch_days(rows, launch_plan, inputs.constrained_demand, orders, months),
        _volumes(rows, launch_plan, inputs.work_calendar, months),
    ]
    plan = pd.concat([part[ROW] for part in parts if len(part)], ignore_index=True)
    plan = plan.sort_values(["launch", "day", "milestone", "item"], ignore_index=True)
    return conform("launch_readiness", plan)


# --------------------------------------------------------------------------------------------------
# gates, campaigns, volumes


def _gates(rows, made, orders, months):
    """The three gates of each launch; an open one must pass before money is spent on supply."""
    spent = pd.concat(
        [part[["launch", "day"]] for part in (made, orders[orders["state"] != "done"])]
    )
    begins = first_day_of(rows["launch_period"], months)
    by = _of(rows, spent.groupby("launch")["day"].min()).fillna(begins)
    parts = []
    for gate in GATES:
        state = rows[f"gate_{gate}"].map(PASSED)
        overdue = (state == "open") & (by < first_days(months).min())
        words = state.map({"done": "passed", "failed": "failed: the launch is not planned"})
        words = words.fillna("open: must pass before the first order or production")
        parts.append(
            rows[["launch"]].assign(
                milestone="gate",
                item=gate,
                day=by,
                state=state.mask(overdue, "late"),
                statement=words,
            )
        )
    return pd.concat(parts).assign(quantity=np.nan)


def _activities(rows, marketing_activities, months):
    """Campaigns for the product or its family in the launch's market, from half a year before to
    the end of its ramp."""
    if marketing_activities is None:
        return rows.iloc[:0].reindex(columns=ROW)
    own = marketing_activities.rename(columns={"product": "own_product", "family": "own_family"})
    pairs = rows.merge(own, on="market")
    hers = pairs["own_product"].isna() & (pairs["own_family"] == pairs["family"])
    pairs = pairs[hers | (pairs["own_product"] == pairs["product"])]
    first = pairs["launch_period"].array.asi8
    ends = first + pairs["ramp_months"].to_numpy()
    near = (pairs["end_period"].array.asi8 >= first - CAMPAIGN_MONTHS) & (
        pairs["start_period"].array.asi8 <= ends
    )
    pairs = pairs[near]
    spend = pairs["spend"].map("{:,.0f}".format).astype("str")
    until = pairs["end_period"].dt.strftime("%Y-%m").astype("str")
    past = pairs["end_period"] < months["period"].min()
    return pd.DataFrame(
        {
            "launch": pairs["launch"],
            "milestone": "activity",
            "item": pairs["activity"],
            "day": first_day_of(pairs["start_period"], months),
            "state": np.where(past, "done", "planned"),
            "statement": pairs["kind"] + " until " + until + ", costs " + spend,
            "quantity": np.nan,
        }
    )


def _volumes(rows, launch_plan, work_calendar, months):
    """What each launch sells in the weeks of its first planned months, by the hours that sites
    work."""
    hours = work_calendar.groupby(["period", "week"], as_index=False)["hours"].sum()
    hours["share"] = hours["hours"] / hours.groupby("period")["hours"].transform("sum")
    sold = _sold(rows, launch_plan)
    first = np.maximum(sold["launch_period"].array.asi8, months["period"].min().ordinal)
    sold = sold[sold["period"].array.asi8 - first < FIRST_MONTHS]
    weeks = sold.merge(hours[hours["hours"] > 0], on="period")
    day = np.maximum(weeks["week"], first_day_of(weeks["period"], months))
    return pd.DataFrame(
        {
            "launch": weeks["launch"],
            "milestone": "volume",
            "item": weeks["product"],
            "day": day,
            "state": "planned",
            "statement": "the week's sales",
            "quantity": weeks["launch_demand"] * weeks["share"],
        }
    )


def _sold(rows, launch_plan):
    """What launches add, without what they take from other products."""
    own = rows[["launch", "product", "market", "launch_period"]]
    sold = own.merge(
        launch_plan.drop(columns=["readiness", "basis"]), on=["launch", "product", "market"]
    )
    return sold[sold["launch_demand"] > ROUNDING]


# --------------------------------------------------------------------------------------------------
# the first day of sale


def _launch_days(rows, launch_plan, constrained_demand, orders, months):
    """The first day of sale: whether it is feasible, and from when supply is available."""
    day = first_day_of(rows["launch_period"], months)
    sold = _sold(rows, launch_plan)
    first = sold[sold["period"] >= sold["launch_period"]].sort_values("period")
    first = first.drop_duplicates("launch").set_index("launch")
    quantity = _of(rows, first["launch_demand"])
    ready = _of(rows, orders[orders["state"] != "done"].groupby("launch")["ready"].max())
    served = _of(rows, _served_from(rows, constrained_demand, months))
    begun, failed = rows["launch_period"] < months["period"].min(), rows["failed"]
    waiting = (rows[[f"gate_{gate}" for gate in GATES]] == "open").any(axis=1)
    by_part, by_plan = ready > day, quantity.notna() & ~(served <= day)
    state = np.select(
        [begun, failed, by_part | by_plan, waiting], ["done", "failed", "late", "open"], "planned"
    )
    said = np.select(
        [begun, failed, waiting],
        ["under way", "not planned: a gate has failed", "planned, though a gate is open"],
        "ready: all gates have passed",
    )
    said = pd.Series(said, index=rows.index)
    said = said.mask((state == "late") & by_plan, _plan_is_late(served))
    said = said.mask((state == "late") & by_part, _part_is_late(rows, orders, ready))
    return pd.DataFrame(
        {
            "launch": rows["launch"],
            "milestone": "launch",
            "item": rows["product"] + " in " + rows["market"],
            "day": day,
            "state": state,
            "statement": said,
            "quantity": quantity,
        }
    )


def _part_is_late(rows, orders, ready):
    """Words for a launch that waits for a part: the last one that should have been ordered."""
    late = orders[orders["state"] == "late"].sort_values(["ready", "item"])
    part = _of(rows, late.drop_duplicates("launch", keep="last").set_index("launch")["item"])
    said = "supply cannot be there before " + _date(ready) + ": " + part.astype("str")
    return said + " should have been ordered already"


def _plan_is_late(served):
    """Words for a launch whose market the plan does not serve in full on its first day."""
    said = "the plan serves the market in full only from " + _date(served)
    return said.where(served.notna(), "the plan serves the market in full in no month")


def _served_from(rows, constrained_demand, months):
    """The first day of the first month, from the launch on, in which the plan leaves nothing late
    or lost; NaT if none."""
    pairs = rows[["launch", "product", "market", "launch_period"]].merge(
        constrained_demand, on=["product", "market"]
    )
    pairs = pairs[pairs["period"] >= pairs["launch_period"]]
    full = pairs[(pairs["backlog"] + pairs["lost_sales"]) <= ROUNDING]
    return first_day_of(full.groupby("launch")["period"].min(), months)


def _of(rows, values):
    """The value of each row's launch; empty where it has none."""
    return values.reindex(rows["launch"]).set_axis(rows.index)


def _date(days):
    return pd.to_datetime(days).dt.strftime("%Y-%m-%d").astype("str")
