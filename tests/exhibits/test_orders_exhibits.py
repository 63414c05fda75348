"""Exhibits of the operations plan: what is sent, bought and refilled, and launches on their way."""

import pandas as pd
import pytest
from looking import drawn, named, rows, table, texts

from sopkit.reporting.exhibits import orders
from sopkit.rules.call import call
from sopkit.tables import conform, empty
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
ORDERS = table(
    "planned_orders",
    """order_number | item | supplier | quantity | required | order_day | due_day | arrival_day | late_days | cost | responsible
       P-3 | SEAT | Zed | 10 | 9 | 2026-10-05 | 2026-10-20 | 2026-10-19 | 0 | 100 | Zoe
       P-2 | LEG | Ann | 40 | 40 | 2026-10-02 | 2026-10-20 | 2026-10-19 | 0 | 400 | Zoe
       P-1 | LEG | Ann | 40 | 30 | 2026-09-20 | 2026-10-10 | 2026-10-09 | 11 | 400 | Zoe""",
)
MATERIALS = table(
    "material_plan",
    """component | period | week | opening_inventory | required | received | ordered | expired | inventory | shortage
       SEAT | 2026-10 | 2026-10-12 | 0 | 0 | 10 | 0 | 0 | 0 | 0
       SEAT | 2026-10 | 2026-10-05 | 0 | 10 | 0 | 10 | 0 | 0 | 10
       MILK | 2026-10 | 2026-10-05 | 0 | 40 | 60 | 60 | 20 | 0 | 0""",
)
POINTS = table(
    "reorder_points",
    """product | site | daily_demand | daily_demand_std | lead_time_days | lead_time_std_days | target_service_level | safety_stock | reorder_point | order_quantity | source | basis
       TENT-1 | east | 1 | 0 | 7 | 0 | 0.95 | 0 | 7 | 7 | own production | EOQ
       TENT-2 | east | 1 | 0 | 7 | 0 | 0.95 | 0 | 7 | 7 | own production | EOQ""",
)
STOCK = table(
    "item_locations",
    """product | site | on_hand | produced_here
       TENT-1 | east | 7 | true
       TENT-2 | east | 8 | true""",
)
STEPS = table(
    "launch_readiness",
    """launch | milestone | item | day | state | statement | quantity
       L-1 | gate | supply | 2026-11-02 | open | open |
       L-1 | volume | TENT-6 in north | 2027-02-01 | planned | sold | 5
       L-1 | volume | TENT-6 in north | 2027-02-08 | planned | sold | 6
       L-1 | launch | TENT-6 in north | 2027-02-01 | open | planned, though a gate is open | 5
       L-2 | activity | banner | 2027-02-01 | planned | planned |
       L-2 | launch | TENT-6 in south | 2027-02-01 | late | supply cannot be there before 2027-03-05: LEG | 5""",
)


def test_shipments_are_counted_and_shown_by_day_and_market():
    sent = table(
        "replenishment_orders",
        """order_number | product | site | market | quantity | order_day | responsible
           R-1 | TENT-1 | plant | north | 5 | 2026-10-02 | Ann
           R-2 | PACK-1 | plant | north | 7 | 2026-10-02 | Ann
           R-3 | TENT-1 | plant | south | 1 | 2026-10-01 | Ann""",
    )
    shown = orders.replenishment(sent)
    assert shown.headline == "2 shipments of 13 units, the first on 1 Oct 2026."
    assert shown.table[["market", "quantity"]].to_numpy().tolist() == [["south", 1], ["north", 12]]


def test_orders_that_are_late_are_counted_and_the_latest_is_named():
    shown = orders.planned_orders(ORDERS, HORIZON)
    assert shown.headline == (
        "3 orders for 900 to 2 suppliers; 1 order should have been placed before 1 Oct 2026, "
        "LEG 11 days earlier."
    )
    assert orders.planned_orders(ORDERS.head(1), HORIZON).headline == (
        "1 order for 100 to 1 supplier; none is late."
    )


def test_the_most_urgent_order_to_each_supplier_comes_first():
    shown = orders.planned_orders(ORDERS, HORIZON).table
    assert shown["supplier"].tolist() == ["Ann", "Ann", "Zed"]
    assert shown["late_days"].tolist() == [11, 0, 0]


def test_a_component_that_is_short_or_perishes_is_named():
    shown = orders.materials(MATERIALS)
    assert shown.headline == (
        "SEAT is short, first SEAT by 10 units in the week of 5 Oct 2026; 20 units of MILK will "
        "perish."
    )
    assert shown.table["component"].tolist() == ["MILK", "SEAT"]


def test_where_no_component_is_short_the_weeks_are_shown_in_which_one_comes():
    shown = orders.materials(MATERIALS.assign(shortage=0.0, expired=0.0))
    assert shown.headline == "2 components are available when required."
    assert shown.table["received"].tolist() == [60, 10]


def test_orders_are_counted_by_urgency_and_shipments_to_a_market_are_one():
    listed = table(
        "short_term_orders",
        """order_number | order_day | due | site | action | item | quantity | from_place | to_place | reason
           1 | 2026-10-08 | next week | plant | ship | TENT-1 | 5 | plant | north | due
           2 | 2026-10-08 | next week | plant | ship | PACK-1 | 2 | plant | north | due
           3 | 2026-10-01 | today | plant | buy | LEG | 40 | Ann | plant | required""",
    )
    shown = orders.short_term_orders(listed)
    assert shown.headline == "Orders and shipments due: 1 today, 1 next week."
    assert shown.table[["item", "quantity"]].to_numpy().tolist() == [
        ["LEG", 40],
        ["all products", 7],
    ]


def test_stocks_at_their_reorder_point_are_counted():
    assert orders.reorder_points(POINTS, STOCK).headline == (
        "1 of 2 stocks is at or below the reorder point: TENT-1 at east."
    )
    full = STOCK.assign(on_hand=99.0)
    assert orders.reorder_points(POINTS, full).headline == (
        "All 2 stocks are above their reorder point."
    )


def test_what_perishes_is_made_anew_and_not_refilled():
    anew = POINTS.head(1).assign(reorder_point=0.0, shelf_life_days=3.0)
    assert orders.reorder_points(anew, STOCK).headline == (
        "1 product is produced again when the last batch has expired; no stock is refilled."
    )
    never = anew.assign(order_quantity=0.0)
    assert orders.reorder_points(never, STOCK).headline == (
        "No stock is sent from, so none is reordered."
    )


# -------------------------------------------------------------------------------------------------
# launches


def test_a_launch_that_supply_cannot_reach_goes_before_open_gates():
    assert orders.launch_readiness(STEPS, HORIZON).headline == (
        "1 of 2 launches cannot be served on time: L-2, supply cannot be there before "
        "2027-03-05: LEG."
    )
    one = STEPS[STEPS["launch"] == "L-1"]
    assert orders.launch_readiness(one, HORIZON).headline == (
        "No launch of 1 waits for supply; 1 gate is open, first supply of L-1, by 2 Nov 2026."
    )
    ready = one[one["milestone"] != "gate"]
    assert orders.launch_readiness(ready, HORIZON).headline == (
        "No launch of 1 waits for supply, and no gate is open."
    )


def test_launches_stand_on_a_line_of_time_with_today_and_the_states_of_their_milestones():
    shown = orders.launch_readiness(STEPS, HORIZON)
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["L-2, TENT-6 in south", "L-1, TENT-6 in north"]
    assert "today" in texts(ax)
    assert named(ax) == ["gate", "launch"]
    assert "volume" not in set(shown.table["milestone"])


def test_the_worst_of_each_kind_of_milestone_is_drawn_on_top():
    both = STEPS.assign(launch="L-1").drop(index=5)
    both.loc[4, ["milestone", "state"]] = ["gate", "done"]
    marks = orders.launch_readiness(both, HORIZON).chart.marks
    assert marks[["kind", "state"]].to_numpy().tolist() == [
        ["gate", "done"],
        ["gate", "open"],
        ["launch", "open"],
    ]


def test_of_thousands_of_launches_the_late_and_then_the_next_are_drawn():
    days = pd.date_range("2026-10-05", periods=2_000).astype("datetime64[us]")
    names = [f"L-{number:04}" for number in range(2_000)]
    many = {"launch": names, "milestone": "launch", "item": "TENT-1", "day": days}
    many = pd.DataFrame(many | {"state": "planned", "statement": "on its way", "quantity": None})
    many.loc[1_500, "state"] = "late"
    chart = orders.launch_readiness(conform("launch_readiness", many), HORIZON).chart
    shown = [name.partition(",")[0] for name in chart.shown.index]
    assert shown == [*names[:23], "L-1500"]
    assert chart.counted == (24, 2_000)


def test_the_weeks_in_which_launches_sell_are_listed():
    assert orders.launch_weeks(STEPS).table["quantity"].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("exhibit", "said"),
    [
        (orders.replenishment, "Nothing is to be sent."),
        (orders.planned_orders, "Nothing is to be ordered."),
        (orders.materials, "No component is known, so nothing can be short."),
        (orders.short_term_orders, "Nothing is to be ordered or sent until the end of next week."),
        (orders.reorder_points, "No stock is sent from, so none is reordered."),
        (orders.launch_readiness, "No launch is planned."),
    ],
)
def test_where_nothing_is_ordered_or_launched_that_is_said(exhibit, said):
    names = (
        "replenishment_orders",
        "planned_orders",
        "material_plan",
        "short_term_orders",
        "reorder_points",
        "item_locations",
        "launch_readiness",
    )
    shown = call(exhibit, {name: empty(name) for name in names} | {"planning_periods": HORIZON})
    assert shown.headline == said
    assert shown.chart is None or shown.chart.empty
    assert shown.table.empty
