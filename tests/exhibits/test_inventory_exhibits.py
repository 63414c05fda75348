"""Exhibits of the supply review: stock, its band, and what differing demand does to it."""

import pytest
from looking import drawn, lines, named, rows, table, weights

from sopkit.reporting.exhibits import inventory

STOCK = table(
    "projected_inventory",
    """product | site | period | inventory | safety_stock | target_inventory | max_inventory | shortfall | excess | stock_position | months_of_supply
       TENT-1 | plant | 2027-05 | 60 | 20 | 50 | 100 | 0 | 0 | on_target | 1.25
       TENT-1 | plant | 2027-06 | 60 | 20 | 50 | 100 | 0 | 0 | on_target |
       TENT-2 | plant | 2027-05 | 10 | 20 | 50 | 100 | 40 | 0 | below_safety | 0.2
       TENT-2 | plant | 2027-06 | 130 | 20 | 50 | 100 | 0 | 30 | excess | """,
)


def test_the_policy_is_told_by_the_stock_it_asks_for_on_average():
    targets = table(
        "inventory_targets",
        """product | site | period | safety_stock | target_inventory | max_inventory
           TENT-1 | plant | 2027-05 | 20 | 60 | 90
           TENT-2 | plant | 2027-05 | 10 | 40 | 90
           TENT-1 | plant | 2027-06 | 30 | 80 | 90""",
    )
    assert inventory.targets(targets).headline == (
        "The policy asks for 90 units of stock on average, 30 of them against uncertain demand."
    )
    only = targets.assign(safety_stock=targets["target_inventory"])
    assert inventory.targets(only).headline == (
        "The policy asks for 90 units of stock on average, all of them against uncertain demand."
    )


def test_stock_is_held_against_its_band():
    headline = inventory.stock(STOCK).headline
    assert headline == (
        "Of 4 month-ends of 2 stocks, 1 is below target (furthest TENT-2, 40 units in May "
        "2027) and "
        "1 is above maximum (furthest TENT-2, 30 units in Jun 2027)."
    )
    assert (headline.figures["shortfall"], headline.figures["excess"]) == (40, 30)
    inside = STOCK.iloc[:2]
    headline = inventory.stock(inside).headline
    assert headline == "Each of 1 stock stands in its band at the end of every month."


def test_stocks_furthest_out_of_their_band_come_first_with_months_covered_and_bold_below_safety():
    (ax,) = drawn(inventory.stock(STOCK).chart)
    assert rows(ax) == ["TENT-2, plant", "TENT-1, plant"]
    assert weights(ax) == {"0.2": "bold", "1.2": "normal"}
    assert ax.collections[0].get_array().ravel().tolist() == [0, 3, 2, 2]
    assert named(ax)[0] == "below safety stock"


def test_where_nothing_is_held_nothing_is_drawn():
    none = inventory.stock(STOCK.assign(inventory=0.0, target_inventory=0.0))
    assert none.headline == "No inventory is held, and no target asks for any."
    assert none.chart.empty


def test_stocks_that_leave_their_band_are_drawn_against_it():
    shown = inventory.stock_bands(STOCK)
    assert shown.headline == (
        "TENT-2 at plant stands furthest out of its band, in 2 of 2 months: "
        "40 units too little in May 2027."
    )
    (ax,) = drawn(shown.chart)
    assert ax.get_title(loc="right") == "TENT-2, plant"
    assert lines(ax)["stock"] == [10, 130]
    corners = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (corners.min(), corners.max()) == (20, 100)
    assert list(shown.table["stock_position"]) == ["below_safety", "excess"]


def test_stocks_that_keep_to_their_band_are_told_alone():
    inside = inventory.stock_bands(STOCK.iloc[:2])
    assert inside.headline == "No stock leaves its band."
    assert inside.chart.empty


RISK = table(
    "inventory_risk",
    """product | site | period | stock_out_probability | fill_rate | unmet | inventory_low | inventory_median | inventory_high
       TENT-1 | plant | 2027-05 | 0.05 | 0.99 | 4 | 2 | 9 | 16
       TENT-2 | plant | 2027-05 | 0.3 | 0.9 | 9 | 0 | 5 | 12
       TENT-1 | plant | 2027-11 | 0.6 | 0.7 | 90 | 0 | 0 | 30
       TENT-2 | plant | 2027-11 | 0 | 1 | 0 | 5 | 20 | 35""",
)
SERVICE = table(
    "service_risk",
    """period | fill_rate | service_low_ratio | unmet | inventory_low | inventory_median | inventory_high
       2027-05 | 0.95 | 0.9 | 13 | 5 | 14 | 25
       2027-06 | 0.95 | 0.9 | 13 | 5 | 14 | 25
       2027-07 | 0.95 | 0.9 | 13 | 5 | 14 | 25
       2027-08 | 0.95 | 0.9 | 13 | 5 | 14 | 25
       2027-09 | 0.95 | 0.9 | 13 | 5 | 14 | 25
       2027-10 | 0.94 | 0.9 | 13 | 5 | 14 | 25
       2027-11 | 0.85 | 0.6 | 90 | 9 | 20 | 50""",
)


def test_risk_names_what_is_expected_in_time_and_the_stock_most_short_in_the_coming_months():
    assert inventory.demand_risk(RISK, SERVICE).headline == (
        "If supply stays as planned, 94.0 % of Oct 2027 and 85.0 % of Nov 2027 demand is expected "
        "on time; highest stock-out risk by Oct 2027: TENT-2, 30 % in May 2027."
    )
    assert inventory.demand_risk(RISK.iloc[2:], SERVICE.iloc[:1]).headline == (
        "If supply stays as planned, 95.0 % of May 2027 demand is expected on time; "
        "no stock is at risk by May 2027."
    )


def test_the_risk_of_a_stock_is_shown_in_its_worst_coming_month():
    shown = inventory.demand_risk(RISK, SERVICE).table
    assert list(zip(shown["product"], shown["period"].astype(str), strict=True)) == [
        ("TENT-2", "2027-05"),
        ("TENT-1", "2027-05"),
    ]


def test_risk_is_drawn_as_a_band_of_stock_and_the_share_of_stocks_that_are_out():
    may = RISK[RISK["period"] == "2027-05"].assign(stock_out_probability=[0.1, 0.3])
    above, below = drawn(inventory.demand_risk(may, SERVICE.iloc[:1]).chart)
    assert lines(above)["inventory, median"] == [14]
    assert lines(below)["stock-out probability"] == pytest.approx([0.2])
    assert lines(below)["demand expected in time"] == [0.95]
