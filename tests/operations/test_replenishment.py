"""What is sent sums to the plan, and stock that runs low is refilled in time.

1 October 2026 is a Thursday.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.operations import replenishment
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SITES = table("item_locations", "product site on_hand produced_here\nTENT-2 alpha 0 true")
CALENDAR = work_calendar.work_calendar(HORIZON, SITES)
SHIPMENTS = table(
    "distribution_plan",
    """
    product  site   market  period   shipped
    TENT-2   alpha  north   2026-10  66
    TENT-2   alpha  export  2026-10  44
    TENT-2   alpha  north   2026-11  0
    TENT-2   alpha  north   2027-01  50
    """,
)


def day(text):
    return pd.Timestamp(text)


def test_replenishment_is_ordered_weekly_on_the_first_working_day():
    rows = replenishment.replenishment_orders(HORIZON, SHIPMENTS, CALENDAR)
    north = rows[rows["market"] == "north"]
    assert north["order_day"].dt.strftime("%m-%d").tolist() == [
        "10-01",
        "10-05",
        "10-12",
        "10-19",
        "10-26",
    ]
    assert north["quantity"].tolist() == pytest.approx([6, 15, 15, 15, 15])
    assert north["responsible"].unique().tolist() == ["alpha logistics"]


def test_what_keeps_a_week_or_less_is_sent_on_every_working_day():
    products = table(
        "products", "product family unit_of_measure shelf_life_months\nTENT-2 tents piece 0.0333"
    )
    rows = replenishment.replenishment_orders(HORIZON, SHIPMENTS, CALENDAR, products)
    october = rows[(rows["market"] == "north") & (rows["order_day"] < "2026-11-01")]
    assert october["order_day"].nunique() == len(october) == 22
    assert october["quantity"].unique() == pytest.approx([3])


def test_a_month_that_begins_at_a_weekend_is_ordered_from_its_first_monday():
    months = planning_periods(
        "2026-08", pd.DataFrame({"horizon_months": [1.0]})
    )  # the 1st is a Saturday
    rows = replenishment.replenishment_orders(
        months,
        SHIPMENTS.iloc[[0]].assign(period=months["period"].iloc[0]),
        work_calendar.work_calendar(months, SITES),
    )
    assert rows["order_day"].min() == day("2026-08-03")


def test_replenishment_orders_sum_to_the_shipments_of_the_plan():
    rows = replenishment.replenishment_orders(HORIZON, SHIPMENTS, CALENDAR)
    assert rows.groupby("market")["quantity"].sum().to_dict() == pytest.approx(
        {"north": 66, "export": 44}
    )


def test_an_orders_number_stays_when_another_product_is_added():
    more = pd.concat([SHIPMENTS, SHIPMENTS.assign(product="STOVE-1")])
    before = replenishment.replenishment_orders(HORIZON, SHIPMENTS, CALENDAR)["order_number"]
    after = replenishment.replenishment_orders(HORIZON, more, CALENDAR)["order_number"]
    assert set(before) < set(after)
    assert before.iloc[0] == "R/2026-10-01/alpha/export/TENT-2"


# the list of today


STOCKS = table(
    "item_locations",
    """
    product  site   on_hand  produced_here
    TENT-2   alpha  100      true
    TENT-2   beta   12       false
    BREAD    alpha  0        true
    """,
)
POINTS = table(
    "reorder_points",
    """
    product  site   daily_demand  daily_demand_std  lead_time_days  lead_time_std_days  target_service_level  safety_stock  reorder_point  order_quantity  source         basis  shelf_life_days
    TENT-2   alpha  10            0                5               0                      0.95           0             85             40              own_production  EOQ    -
    TENT-2   beta   5             0                3               0                      0.95           0             27             10              alpha          EOQ    -
    BREAD    alpha  20            0                1               0                      0.95           0             20             45              own_production  news   2
    """,
).replace({"own_production": "own production"})
PURCHASES = table(
    "planned_orders",
    """
    order_number     item       supplier  quantity  required  order_day   due_day     arrival_day  late_days  cost  responsible
    P/2026-10-06/S   SEAT       acme      10        10        2026-09-22  2026-10-06  2026-10-15   9          10    purchasing
    P/2026-10-20/S   SEAT       acme      20        20        2026-10-06  2026-10-20  2026-10-20   0          20    purchasing
    P/2026-12-01/S   SEAT       acme      30        30        2026-11-06  2026-12-01  2026-12-01   0          30    purchasing
    """,
)


def listed(purchase_orders=None):
    days = CALENDAR[(CALENDAR["hours"] > 0) & (CALENDAR["day"] < "2026-10-24")]["day"]
    sent = pd.DataFrame(
        {
            "product": ["TENT-2", "TENT-2", "BREAD"],
            "site": ["alpha", "beta", "alpha"],
            "shipped": [10.0, 5, 20],
        }
    )
    flows = [
        "regular",
        "overtime",
        "subcontract",
        "scheduled_receipts",
        "transferred_in",
        "transferred_out",
        "expired",
        "purchased",
        "consumed",
    ]
    daily = sent.merge(days.to_frame(), how="cross").assign(**dict.fromkeys(flows, 0.0))
    calendar = work_calendar.work_calendar(HORIZON, STOCKS)
    distribution_plan = replenishment.replenishment_orders(HORIZON, SHIPMENTS, calendar)
    rows = replenishment.short_term_orders(
        calendar,
        conform("daily_plan", daily),
        STOCKS,
        POINTS,
        distribution_plan,
        PURCHASES,
        purchase_orders,
    )
    return conform("short_term_orders", rows)


def refills(item, site, **more):
    rows = listed(**more)
    chosen = (
        rows["action"].isin(["make", "transfer"]) & (rows["item"] == item) & (rows["site"] == site)
    )
    return rows[chosen].set_index("order_day")


def test_a_stock_is_refilled_on_the_day_it_falls_to_its_reorder_point():
    rows = refills(
        "TENT-2", "alpha"
    )  # 100, 90, 80 on Monday: at or below 85; then 110 on Tuesday, 80 on Friday
    assert list(rows.index) == [day("2026-10-05"), day("2026-10-09")]
    assert rows["quantity"].tolist() == [40, 40]
    assert (
        rows["reason"].iloc[0] == "stock and orders of 80 are at or below the reorder point of 85"
    )
    assert rows["from_place"].unique().tolist() == ["own production"]


def test_as_many_lots_are_called_for_as_lift_the_stock_above_its_reorder_point():
    first = refills("TENT-2", "beta").iloc[0]  # 12 in stock, 27 wanted: two lots of 10 make 32
    assert (first["quantity"], first["due"], first["action"], first["from_place"]) == (
        20,
        "today",
        "transfer",
        "alpha",
    )


def test_what_is_on_its_way_counts_as_stock():
    purchase_orders = table(
        "purchase_orders", "item site due_day quantity\nTENT-2 beta 2026-10-16 20"
    )
    assert refills("TENT-2", "beta", purchase_orders=purchase_orders).index[0] == day("2026-10-02")


def test_a_perishable_is_made_anew_each_time_it_has_perished():
    rows = refills(
        "BREAD", "alpha"
    )  # keeps two days: Thursday, then Monday, as nobody works on Saturday
    assert rows.index.strftime("%a %d").tolist() == ["Thu 01", "Mon 05", "Wed 07", "Fri 09"]
    assert rows["quantity"].unique().tolist() == [45]
    assert rows["reason"].iloc[0] == "made again, keeps 2 days"


def test_the_list_says_what_is_for_today_tomorrow_and_next_week():
    days = listed().drop_duplicates("order_day").set_index("order_day")["due"]
    assert days[day("2026-10-01")] == "today"
    assert days[day("2026-10-02")] == "tomorrow"
    assert days[day("2026-10-05")] == "next week"
    assert days.index.max() < day("2026-10-12")


def test_an_order_that_is_late_is_placed_today_and_one_of_a_later_week_waits():
    rows = listed().query("action == 'buy'").set_index("order_number")
    assert list(rows.index) == ["P/2026-10-06/S", "P/2026-10-20/S"]
    assert (rows["due"].iloc[0], rows["reason"].iloc[0]) == (
        "today",
        "needed on 2026-10-06, 9 days late",
    )
    assert rows["order_day"].iloc[1] == day("2026-10-06")
