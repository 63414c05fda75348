"""What is sent sums to the plan."""

import pandas as pd
import pytest
from conftest import table

from sopkit import operations
from sopkit.periods import horizon

HORIZON = horizon("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SHIPMENTS = table(
    "shipments",
    """
    product  site   market  period   strategy  shipped
    TENT-2   alpha  north   2026-10  policy    66
    TENT-2   alpha  export  2026-10  policy    44
    TENT-2   alpha  north   2026-11  policy    0
    TENT-2   alpha  north   2027-01  policy    50
    TENT-2   alpha  north   2026-10  level     110
    """,
)


def day(text):
    return pd.Timestamp(text)


def test_replenishment_is_ordered_weekly_on_the_first_working_day():
    rows = operations.replenishment_orders(HORIZON, SHIPMENTS)
    north = rows[rows["market"] == "north"]
    assert north["order_day"].dt.strftime("%m-%d").tolist() == ["10-01", "10-05", "10-12", "10-19", "10-26"]
    assert north["quantity"].tolist() == pytest.approx([6, 15, 15, 15, 15])
    assert north["responsible"].unique().tolist() == ["alpha logistics"]


def test_a_month_that_begins_at_a_weekend_is_ordered_from_its_first_monday():
    months = horizon("2026-08", pd.DataFrame({"horizon_months": [1.0]}))  # the 1st is a Saturday
    rows = operations.replenishment_orders(
        months, SHIPMENTS.iloc[[0]].assign(period=months["period"].iloc[0])
    )
    assert rows["order_day"].min() == day("2026-08-03")


def test_replenishment_orders_sum_to_the_shipments_of_the_plan():
    rows = operations.replenishment_orders(HORIZON, SHIPMENTS)
    assert rows.groupby("market")["quantity"].sum().to_dict() == pytest.approx({"north": 66, "export": 44})


def test_an_orders_number_stays_when_another_product_is_added():
    more = pd.concat([SHIPMENTS, SHIPMENTS.assign(product="STOVE-1")])
    before = operations.replenishment_orders(HORIZON, SHIPMENTS)["order_number"]
    after = operations.replenishment_orders(HORIZON, more)["order_number"]
    assert set(before) < set(after)
    assert before.iloc[0] == "R/2026-10-01/alpha/export/TENT-2"
