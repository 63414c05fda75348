"""Exhibits of the operations plan: what is sent, bought and refilled, and launches on their way."""

import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import TOP_ROWS, Timeline
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import GREY, Look, look
from sopkit.schema.formatting import most, some, verb
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.periods import first_planned_day

STAGE = "80_operations_plan"
PURCHASE = [
    "supplier",
    "item",
    "quantity",
    "required",
    "order_day",
    "due_day",
    "arrival_day",
    "late_days",
    "cost",
]
URGENCIES = ("today", "tomorrow", "this week", "next week")
PLACES = ["from_place", "to_place", "reason"]
STATES = {  # colour of a milestone's mark, from what is well to what is worst
    "done": "#8A949C",
    "planned": "#1B5E9B",
    "open": "#E69F00",
    "late": "#CC3311",
    "failed": "#882255",
}
MILESTONES = {
    "gate": Look("gate", GREY, marker="D", width=7.5),
    "order": Look("order", GREY, marker="s", width=6),
    "production": Look("production", GREY, marker="^", width=8),
    "launch": Look("launch", GREY, marker="*", width=13),
}
SPANS = {
    "volume": look("revenue", label="", width=6),
    "activity": Look("", "#E69F00", width=3),
}


# -------------------------------------------------------------------------------------------------
# what is sent and bought


@exhibit(STAGE, title="Shipments to markets", table="replenishment_orders")
def replenishment(replenishment_orders: DataFrame) -> Exhibit:
    """Units that each site sends to each market on each day, all products together."""
    keys = ["order_day", "site", "market", "responsible"]
    units = replenishment_orders.groupby(keys, as_index=False)["quantity"].sum()
    return Exhibit(_replenishment_headline(units), table=units)


def _replenishment_headline(orders):
    if orders.empty:
        return Headline("Nothing is to be sent.")
    return Headline(
        "{shipments:count shipment} of {units:number} units, the first on {first:day}.",
        shipments=len(orders),
        units=orders["quantity"].sum(),
        first=orders["order_day"].min(),
    )


@exhibit(STAGE, title="Purchase orders", table="planned_orders")
def planned_orders(planned_orders: DataFrame, planning_periods: DataFrame) -> Exhibit:
    """The orders to each supplier, the most urgent first."""
    order = ["order_day", "supplier", "item"]
    rows = planned_orders.sort_values(order, kind="stable")[PURCHASE]
    return Exhibit(_planned_orders_headline(planned_orders, planning_periods), table=rows)


def _planned_orders_headline(orders, planning_periods):
    if orders.empty:
        return Headline("Nothing is to be ordered.")
    said = Headline(
        "{orders:count order} for {cost:money} to {suppliers:count supplier}; ",
        orders=len(orders),
        cost=orders["cost"].sum(),
        suppliers=orders["supplier"].nunique(),
    )
    first = first_planned_day(planning_periods)
    late = orders[orders["order_day"] < first]
    if late.empty:
        return said + "none is late."
    most = late.loc[late["late_days"].idxmax()]
    return said + Headline(
        "{late:count order} should have been placed before {day:day}, {item} "
        "{late_days:count day} earlier.",
        day=first,
        late=len(late),
        item=most["item"],
        late_days=most["late_days"],
    )


@exhibit(STAGE, title="Components by week", table="material_plan")
def materials(material_plan: DataFrame) -> Exhibit:
    """The weeks in which a component is short or perishes; if there are none, in which it comes."""
    trouble = (material_plan["shortage"] > 0) | (material_plan["expired"] > 0)
    shown = trouble if trouble.any() else material_plan["received"] > 0
    rows = material_plan[shown].sort_values(["week", "period", "component"], kind="stable")
    return Exhibit(_materials_headline(material_plan), table=rows)


def _materials_headline(material_plan):
    if material_plan.empty:
        return Headline("No component is known, so nothing can be short.")
    wasted = material_plan.groupby("component")["expired"].sum()
    wasted = wasted[wasted > MATERIAL].sort_values(ascending=False)
    said = _availability(material_plan)
    if len(wasted):
        said = said + _perishing(wasted)
    return said + "."


def _perishing(wasted):
    """What perishes, and of which component the most; the largest comes first."""
    if len(wasted) == 1:
        template = "; {wasted:number} units of {perishing} will perish"
        return Headline(template, wasted=wasted.iloc[0], perishing=wasted.index[0])
    return Headline(
        "; {wasted:number} units of {components:count component} will perish, {part} of them "
        "{perishing} ({largest:number})",
        wasted=wasted.sum(),
        components=len(wasted),
        part=most(wasted.iloc[0], wasted.sum()),
        perishing=wasted.index[0],
        largest=wasted.iloc[0],
    )


def _availability(material_plan):
    short = material_plan[material_plan["shortage"] > MATERIAL]
    if short.empty:
        components = material_plan["component"].nunique()
        template = "{components:count component} are available when required"
        return Headline(template, components=components)
    first, names = short.loc[short["week"].idxmin()], short["component"].drop_duplicates()
    return Headline(
        "{short} {are} short, first {first} by {units:number} units in the week of {week:day}",
        short=some(names),
        are=verb(len(names), "is", "are"),
        first=first["component"],
        units=first["shortage"],
        week=first["week"],
    )


# -------------------------------------------------------------------------------------------------
# today, tomorrow, next week


@exhibit(STAGE, title="Short-term order list", table="short_term_orders", rows=24)
def short_term_orders(short_term_orders: DataFrame) -> Exhibit:
    """What to order or ship, day by day and site by site; shipments to a market as one."""
    keys = ["order_day", "due", "site", "action", *PLACES]
    columns = ["due", "order_day", "site", "action", "item", "quantity", *PLACES]
    sent = short_term_orders["action"] == "ship"
    shipped = short_term_orders[sent].groupby(keys, as_index=False)["quantity"].sum()
    rows = pd.concat(
        [short_term_orders.loc[~sent, columns], shipped.assign(item="all products")[columns]]
    )
    rows = rows.sort_values(["order_day", "site", "action", "item"], kind="stable")
    return Exhibit(_order_list_headline(rows), table=rows)


def _order_list_headline(short_term_orders):
    if short_term_orders.empty:
        return Headline("Nothing is to be ordered or sent until the end of next week.")
    orders = short_term_orders["due"].value_counts()
    rows = [{"orders": orders[when], "when": when} for when in URGENCIES if when in orders]
    return (
        Headline("Orders and shipments due: ") + Headline.each("{orders:whole} {when}", rows) + "."
    )


@exhibit(STAGE, title="Reorder points", table="reorder_points")
def reorder_points(reorder_points: DataFrame, item_locations: DataFrame) -> Exhibit:
    """At which stock each product is refilled at each site, how much of it and from where."""
    return Exhibit(_reorder_headline(reorder_points, item_locations), table=reorder_points)


def _reorder_headline(reorder_points, item_locations):
    on_hand = item_locations[["product", "site", "on_hand"]]
    stocks = reorder_points.merge(on_hand, on=["product", "site"], validate="one_to_one")
    stocks = stocks[stocks["reorder_point"] > 0]
    if stocks.empty:
        return _made_again(reorder_points)
    low = stocks[stocks["on_hand"] <= stocks["reorder_point"]]
    if low.empty:
        said = "All {stocks:count stock} are above their reorder point."
        return Headline(said, stocks=len(stocks))
    return Headline(
        "{low:whole} of {stocks:count stock} {are} at or below the reorder point: {places}.",
        low=len(low),
        stocks=len(stocks),
        are=verb(len(low), "is", "are"),
        places=some(low["product"] + " at " + low["site"]),
    )


def _made_again(reorder_points):
    """Where no stock is refilled: what perishes and is made again."""
    perishing = reorder_points["shelf_life_days"].notna() & (reorder_points["order_quantity"] > 0)
    if not perishing.any():
        return Headline("No stock is sent from, so none is reordered.")
    remade = int(perishing.sum())
    return Headline(
        "{remade:count product} {are} produced again when the last batch has expired; no stock is "
        "refilled.",
        remade=remade,
        are=verb(remade, "is", "are"),
    )


# -------------------------------------------------------------------------------------------------
# launches


@exhibit(STAGE, title="Launch milestones", table="launch_readiness")
def launch_readiness(launch_readiness: DataFrame, planning_periods: DataFrame) -> Exhibit:
    """Each launch's gates, orders, production, campaigns and first sales on a line of time."""
    milestones = launch_readiness[launch_readiness["milestone"] != "volume"]
    chart = _launches_in_time(launch_readiness, planning_periods["period"].min())
    return Exhibit(_go_to_market_headline(launch_readiness), chart, milestones)


def _go_to_market_headline(launch_readiness):
    days = launch_readiness[launch_readiness["milestone"] == "launch"]
    if days.empty:
        return Headline("No launch is planned.")
    late = days[days["state"] == "late"]
    if len(late):
        row = late.loc[late["day"].idxmin()]
        return Headline(
            "{late:whole} of {launches:count launch} cannot be served on time: {launch}, {cause}.",
            late=len(late),
            launches=len(days),
            launch=row["launch"],
            cause=row["statement"],
        )
    said = Headline("No launch of {launches:whole} waits for supply", launches=len(days))
    gates = launch_readiness[launch_readiness["milestone"] == "gate"]
    waiting = gates[gates["state"].isin(["open", "late"])]
    if waiting.empty:
        return said + ", and no gate is open."
    row = waiting.loc[waiting["day"].idxmin()]
    return said + Headline(
        "; {gates:count gate} {are} open, first {gate} of {launch}, by {by:day}.",
        gates=len(waiting),
        are=verb(len(waiting), "is", "are"),
        gate=row["item"],
        launch=row["launch"],
        by=row["day"],
    )


def _launches_in_time(launch_readiness, now):
    launches = launch_readiness[launch_readiness["milestone"] == "launch"]
    shown = _most_urgent(launches, launch_readiness).sort_values("day", kind="stable")
    shown = shown.set_index("launch")["item"]
    rows = launch_readiness[launch_readiness["launch"].isin(shown.index)]
    rows = rows.assign(name=rows["launch"] + ", " + rows["launch"].map(shown))
    rows = rows.rename(columns={"milestone": "kind"})
    spans = rows[rows["kind"].isin(SPANS)].groupby(["name", "kind"], as_index=False)
    return Timeline(
        DataFrame(index=shown.index + ", " + shown),
        marks=_worst_last(rows[rows["kind"].isin(MILESTONES)]),
        spans=spans.agg(start=("day", "min"), end=("day", "max")),
        looks=MILESTONES | SPANS,
        states=STATES,
        shifts={"gate": 0.22, "activity": -0.22},
        now=now,
        of=len(launches),
        subtitle="Milestones by day, first sales as a bar; grey done, blue planned, amber open, "
        "red late, purple failed",
    )


def _most_urgent(launches, launch_readiness):
    """The launches with most that is late or failed, then the earliest."""
    missed_days = (
        launch_readiness["state"].isin(["late", "failed"]).groupby(launch_readiness["launch"]).sum()
    )
    order = launches.assign(missed_days=launches["launch"].map(missed_days))
    order = order.sort_values(["missed_days", "day"], ascending=[False, True], kind="stable")
    return order.head(TOP_ROWS)


def _worst_last(marks):
    """Milestones in the order in which they are drawn: by kind, the worst of each on top."""
    order = DataFrame(
        {
            "kind": marks["kind"].map(list(MILESTONES).index),
            "state": marks["state"].map(list(STATES).index),
        }
    )
    drawn = order.sort_values(["kind", "state"], kind="stable").index
    return marks.loc[drawn, ["name", "day", "kind", "state"]]


@exhibit(STAGE, title="Sales of launches", table="launch_readiness")
def launch_weeks(launch_readiness: DataFrame) -> Exhibit:
    """Units that each launch sells week by week."""
    weeks = launch_readiness[launch_readiness["milestone"] == "volume"]
    headline = Headline("What launches sell, week by week")
    return Exhibit(headline, table=weeks[["launch", "item", "day", "quantity"]])
