"""Shipments to markets, and the orders of each site for the coming days."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.operations.detail import detailed, order_number, working_weeks
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, conform
from sopkit.tables.periods import MONTH_DAYS, WEEK_DAYS

STOCK = ["product", "site"]
EVERYWHERE = "all sites"


def replenishment_orders(
    planning_periods: DataFrame,
    distribution_plan: DataFrame,
    work_calendar: DataFrame,
    products: DataFrame | None = None,
) -> DataFrame:
    """Schedule each week's shipments from sites to markets on the first working day of the week.

    What keeps a week or less is sent on every day on which the site works, by the hours it works.
    Quantities are the plan's own, unrounded, so that the orders sum to the plan. Where nothing is
    sent there is no order. The order's number is made of what it orders, so it stays the same when
    other products come or go.

    Returns
    -------
    order_number : product, site, market, quantity [units], order_day, responsible
    """
    plan = detailed(planning_periods, distribution_plan)
    plan = plan.loc[plan["shipped"] > 0, ["product", "site", "market", "period", "shipped"]]
    fresh = plan["product"].isin(_perishables(products))
    weeks, days = (
        working_weeks(work_calendar),
        working_weeks(work_calendar.assign(week=work_calendar["day"])),
    )
    parts = [
        plan[~fresh].merge(weeks, on=["site", "period"]),
        plan[fresh].merge(days, on=["site", "period"]),
    ]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"day": "order_day"})
    rows["quantity"] = rows["shipped"] * rows["share"]
    rows["responsible"] = rows["site"] + " logistics"
    rows["order_number"] = order_number(
        "R", rows["order_day"], rows["site"], rows["market"], rows["product"]
    )
    rows = rows.sort_values(["order_day", "site", "market", "product"], ignore_index=True)
    return conform("replenishment_orders", rows[list(TABLES["replenishment_orders"].columns)])


def _perishables(products):
    """What keeps a week or less."""
    if products is None:
        return []
    return products.loc[products["shelf_life_months"] * MONTH_DAYS <= WEEK_DAYS, "product"]


def short_term_orders(
    work_calendar: DataFrame,
    daily_plan: DataFrame,
    item_locations: DataFrame,
    reorder_points: DataFrame,
    replenishment_orders: DataFrame,
    planned_orders: DataFrame,
    purchase_orders: DataFrame | None = None,
) -> DataFrame:
    """List the orders and shipments of each site for this week and the next, with reasons.

    Today is the first day of the plan on which the site works; late orders to suppliers are
    today's. A product is made or called for from another site when its stock and what is on order,
    less what the plan sends, fall to the reorder point; what keeps a week or less is made again
    when it has expired, more for days on which more is sent.

    Returns
    -------
    order_number : order_day, due, site, action, item, quantity [units], from_place, to_place,
        reason
    """
    today = work_calendar["day"].min()
    rows = pd.concat(
        [
            _refills(work_calendar, daily_plan, item_locations, reorder_points, purchase_orders),
            _shipped(replenishment_orders, reorder_points),
            _bought(planned_orders, item_locations, today),
        ],
        ignore_index=True,
    )
    rows = rows.merge(_coming_days(work_calendar), on=["site", "order_day"])
    order = {action: place for place, action in enumerate(("buy", "make", "transfer", "ship"))}
    rows = rows.assign(turn=rows["action"].map(order))
    rows = rows.sort_values(["order_day", "site", "turn", "item", "to_place"], ignore_index=True)
    return conform("short_term_orders", rows[list(TABLES["short_term_orders"].columns)])


def _coming_days(work_calendar):
    """The working days until the end of next week, in words; a purchase is for all sites and any
    day.

    Returns
    -------
    site, order_day : due
    """
    start = work_calendar["day"].min()
    end = start - pd.Timedelta(days=start.day_of_week) + pd.Timedelta(days=2 * WEEK_DAYS)
    near = work_calendar[work_calendar["day"] < end]
    worked = near[near["hours"] > 0].sort_values(["site", "day"])
    shared = near[["day", "week"]].drop_duplicates().assign(site=EVERYWHERE)
    days = pd.concat([worked[["site", "day", "week"]], shared], ignore_index=True)
    number = days.groupby("site").cumcount()
    this_week = days["week"] == days["week"].min()
    words = np.select(
        [number == 0, number == 1, this_week], ["today", "tomorrow", "this week"], "next week"
    )
    return days.assign(due=words).rename(columns={"day": "order_day"}).drop(columns="week")


def _shipped(replenishment_orders, reorder_points):
    fresh = reorder_points.loc[reorder_points["shelf_life_days"].notna(), "product"]
    daily = replenishment_orders["product"].isin(fresh)
    return replenishment_orders.assign(
        action="ship",
        item=replenishment_orders["product"],
        from_place=replenishment_orders["site"],
        to_place=replenishment_orders["market"],
        reason="the plan's shipments of the "
        + daily.map({True: "day", False: "week"}).astype("str"),
    ).drop(columns=["product", "market", "responsible"])


def _bought(planned_orders, item_locations, today):
    """Orders to suppliers; those that are late are placed at once."""
    makers = item_locations.loc[item_locations["produced_here"], "site"].unique()
    late = planned_orders["late_days"] > 0
    due = "needed on " + planned_orders["due_day"].dt.strftime("%Y-%m-%d").astype("str")
    overdue = due + ", " + planned_orders["late_days"].astype("str") + " days late"
    place = makers[0] if len(makers) == 1 else EVERYWHERE
    return pd.DataFrame(
        {
            "order_number": planned_orders["order_number"],
            "order_day": planned_orders["order_day"].clip(lower=today),
            "site": planned_orders["site"].fillna(place),
            "action": "buy",
            "item": planned_orders["item"],
            "quantity": planned_orders["quantity"],
            "from_place": planned_orders["supplier"],
            "to_place": planned_orders["site"].fillna(place),
            "reason": overdue.where(late, due),
        }
    )


def _refills(work_calendar, daily_plan, item_locations, reorder_points, purchase_orders):
    """Orders that refill stocks: enough lots to lift stock and orders above the reorder point."""
    places = item_locations[[*STOCK, "on_hand", "purchased_here"]]
    rules = attach(reorder_points, places)
    bought = rules.pop("purchased_here").astype("boolean").fillna(False).astype(bool)
    rules = rules[~bought].reset_index(drop=True)
    position = rules["on_hand"].to_numpy(copy=True)
    if purchase_orders is not None:
        coming = purchase_orders.rename(columns={"item": "product"})
        due = coming.groupby(STOCK, as_index=False)["quantity"].sum()
        position = position + attach(rules[STOCK], due, default=0.0)["quantity"].to_numpy()
    sent = daily_plan.assign(sent=daily_plan["shipped"] + daily_plan["transferred_out"])
    sent = sent.pivot_table(index=STOCK, columns="day", values="sent", aggfunc="sum").fillna(0.0)
    sent = sent.reindex(pd.MultiIndex.from_frame(rules[STOCK]), fill_value=0.0)
    opened = work_calendar[work_calendar["hours"] > 0].pivot_table(
        index="site", columns="day", values="hours", aggfunc="max"
    )
    opened = opened.reindex(index=rules["site"], columns=sent.columns).notna().to_numpy()
    return _worded(_placed(rules, position, sent, opened))


def _placed(rules, position, sent, opened):
    """Follow stock and orders by day, and order where they are low and the site works.

    Returns
    -------
    the columns of `rules`, order_day, quantity, position (before the order) [units]
    """
    days = sent.columns.to_numpy()
    lot, point = rules["order_quantity"].to_numpy(), rules["reorder_point"].to_numpy()
    keeps = rules["shelf_life_days"].to_numpy()
    batch = _batches(lot, keeps, rules["daily_demand"].to_numpy(), sent.to_numpy())
    next_batch = np.full(
        len(rules), days[0] if len(days) else np.datetime64("NaT"), dtype="datetime64[us]"
    )
    parts = []
    for number, day in enumerate(sent.columns):
        low = np.where(np.isnan(keeps), position <= point, next_batch <= np.datetime64(day))
        placed = low & opened[:, number] & (lot > 0)
        several = np.floor((point - position) / np.where(lot > 0, lot, 1.0)) + 1
        refill = lot * np.maximum(several, 1)
        size = np.where(placed, np.where(np.isnan(keeps), refill, batch[:, number]), 0.0)
        life = (np.nan_to_num(keeps, nan=1.0).clip(min=1)).astype("timedelta64[D]")
        next_batch = np.where(placed, np.datetime64(day, "us") + life, next_batch)
        parts.append(
            rules[placed].assign(order_day=day, quantity=size[placed], position=position[placed])
        )
        position = position + size - sent[day].to_numpy()
    if not parts:
        return rules.iloc[:0].assign(order_day=pd.NaT, quantity=0.0, position=0.0)
    return pd.concat(parts)


def _batches(lot, keeps, daily_demand, sent):
    """A batch of each day: the lot, by how much more or less than on an average day is sent while
    it keeps."""
    length = sent.shape[1]
    total = np.hstack([np.zeros((len(lot), 1)), sent.cumsum(axis=1)])
    first = np.arange(length)[None, :]
    last = np.minimum(
        first + np.nan_to_num(keeps, nan=1.0).clip(min=1).astype(int)[:, None], length
    )
    mean = np.take_along_axis(total, last, axis=1) - total[:, :-1]
    mean = mean / (last - first)
    usual = np.where(daily_demand > 0, daily_demand, 1.0)
    return (lot / usual)[:, None] * mean


def _worded(rows):
    """The refills as orders: who sends, and why."""
    own = rows["source"] == "own production"
    stock = rows["position"].round().astype("int64").map("{:,}".format).astype("str")
    point = rows["reorder_point"].round().astype("int64").map("{:,}".format).astype("str")
    low = "stock and orders of " + stock + " are at or below the reorder point of " + point
    keeps = "keeps " + rows["shelf_life_days"].map("{:g} days".format).astype("str")
    batch = "made again, " + keeps.mask(rows["shelf_life_days"] <= 1, "for the day")
    day = pd.to_datetime(rows["order_day"]).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "order_number": order_number("S", day, rows["site"], rows["product"]),
            "order_day": day,
            "site": rows["site"],
            "action": np.where(own, "make", "transfer"),
            "item": rows["product"],
            "quantity": rows["quantity"],
            "from_place": rows["source"],
            "to_place": rows["site"],
            "reason": low.where(rows["shelf_life_days"].isna(), batch),
        }
    )
