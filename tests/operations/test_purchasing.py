"""What is received was ordered a lead time before."""

import pandas as pd
from conftest import table

from sopkit import operations
from sopkit.periods import horizon

HORIZON = horizon("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
COMPONENTS = table(
    "components",
    """
    component  supplier  lead_time_days  unit_cost  on_hand
    POLE       Duraflex  28              2          0
    FABRIC     Tessuti   44              5          0
    """,
)
PROCUREMENT_PLAN = table(
    "procurement_plan",
    """
    component  period   required  ordered  received  inventory  shortage  cost
    POLE       2026-10  0         100      0         0          0         200
    POLE       2026-11  100       30       100       0          0         60
    POLE       2026-12  30        0        30        0          0         0
    FABRIC     2026-10  0         7        0         0          0         35
    FABRIC     2026-11  7         0        7         0          0         0
    FABRIC     2027-03  0         0        9         9          0         45
    """,
)


def orders():
    return operations.procurement_orders(HORIZON, PROCUREMENT_PLAN, COMPONENTS).set_index("order_number")


def day(text):
    return pd.Timestamp(text)


def test_a_component_is_ordered_a_lead_time_before_it_is_due():
    order = orders().loc["P/2026-12-01/POLE"]
    assert order["due_day"] == day("2026-12-01")
    assert order["order_day"] == day("2026-11-03")
    assert (order["quantity"], order["cost"], order["supplier"]) == (30, 60, "Duraflex")
    assert order["responsible"] == "purchasing"


def test_goods_of_a_month_that_begins_on_sunday_are_due_on_monday():
    assert orders().loc["P/2026-11-02/POLE", "due_day"] == day("2026-11-02")


def test_an_order_day_on_a_weekend_moves_to_the_friday_before():
    terms = COMPONENTS.assign(lead_time_days=30.0)  # 2 November less 30 days is Saturday 3 October
    rows = operations.procurement_orders(HORIZON, PROCUREMENT_PLAN, terms).set_index("order_number")
    assert rows.loc["P/2026-11-02/POLE", "order_day"] == day("2026-10-02")


def test_an_order_that_is_late_keeps_its_day_and_is_expedited():
    order = orders().loc["P/2026-11-02/FABRIC"]  # 44 days before 2 November is Saturday 19 September
    assert order["order_day"] == day("2026-09-18")
    assert order["responsible"] == "purchasing: expedite, 13 days late"


def test_orders_to_be_placed_after_the_third_month_are_left_to_the_next_cycles():
    assert list(orders().index) == ["P/2026-11-02/FABRIC", "P/2026-11-02/POLE", "P/2026-12-01/POLE"]


def test_without_components_nothing_is_ordered():
    rows = operations.procurement_orders(HORIZON, PROCUREMENT_PLAN.iloc[:0])
    assert rows.empty
    assert "order_day" in rows.columns
