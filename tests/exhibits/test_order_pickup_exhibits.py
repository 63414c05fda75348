"""Orders as a signal, shown: the booking curve, and what orders did to past errors."""

import pandas as pd
from looking import drawn, frame

from sopkit.reporting.exhibits import order_pickup

PAST = pd.DataFrame({"product": ["TEA"]})  # there is a history of orders
FORECAST = frame(
    """product | market | period | firm_orders | booked_ratio | pickup | weight
       TEA | town | 2026-10 | 320 | 0.8 | 400 | 0.9
       RICE | town | 2026-10 | 80 | 0.8 | 100 | 0.9"""
)
RECORD = frame(
    """family | lag | booked_ratio | wape | pickup_wape | observations | weight | in_plan
       drinks | 1 | 0.8 | 0.30 | 0.10 | 16 | 0.9 | True
       drinks | 2 | 0.5 | 0.30 | 0.29 | 14 | 0 | False"""
)
PLAN = frame(
    """product | market | period | baseline | pickup_demand
       TEA | town | 2026-10 | 200 | 180
       RICE | town | 2026-10 | 110 | -9
       TEA | town | 2026-11 | 200 | 0"""
)


def test_what_orders_change_is_said_with_the_error_they_take_away():
    (shown,) = order_pickup.pickup(FORECAST, RECORD, PLAN, PAST)
    assert shown.headline == (
        "Orders change the forecast by +171 units in Oct 2026; the largest gain is 1 month ahead in "
        "drinks: past error 30.0 % without and 10.0 % with orders."
    )
    assert shown.table["product"].tolist() == ["TEA", "RICE"]  # the largest surprise first
    assert shown.table["baseline"].tolist() == [200, 110]
    (ax,) = drawn(shown.chart)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["drinks, M+1", "drinks, M+2"]


def test_orders_that_make_nothing_better_are_said_to_be_shown_alone():
    (shown,) = order_pickup.pickup(FORECAST, RECORD.iloc[[1]], PLAN, PAST)
    assert shown.headline == (
        "Orders make no past forecast better by enough: they are shown, and not used."
    )


def test_a_short_history_of_orders_says_so_and_none_says_nothing():
    (short,) = order_pickup.pickup(FORECAST.head(0), RECORD.head(0), PLAN, PAST)
    assert short.headline == (
        "Orders are no signal yet: too few closed months with a whole order book."
    )
    assert order_pickup.pickup(FORECAST.head(0), RECORD.head(0), PLAN) == []


def test_the_booking_curve_is_tiles_of_shares_by_family_and_days():
    curve = frame(
        """family | lead_days | booked_ratio
           drinks | 0 | 0.8
           drinks | 15 | 0.5
           food | 0 | 0.3
           food | 15 | 0.0"""
    )
    (shown,) = order_pickup.booking_curve(curve)
    assert shown.headline == (
        "Usually booked: drinks 80 % by the month's first day, 50 % 15 days before it; food 30 % by "
        "the month's first day, 0 % 15 days before it."
    )
    (ax,) = drawn(shown.chart)
    assert [text.get_text() for text in ax.texts] == ["80", "50", "30", "0"]
    assert order_pickup.booking_curve(curve.head(0)) == []
