"""Reorder points and order quantities, against published cases and by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from scipy.special import ndtr, ndtri

from sopkit.master_data.safety_stock import safety_factor
from sopkit.operations import reorder_points
from sopkit.operations.reorder_points import (
    economic_order_quantity,
    newsvendor_quantity,
    reorder_spread,
)
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-11", pd.DataFrame({"horizon_months": [1.0]}))  # 30 days
ECONOMICS = """
product period  price material_cost holding_cost backlog_cost basis
TENT-2  2026-11 200   80            2            10           known
"""


# published


def test_the_office_supplies_store_of_chopra_and_meindl_keeps_a_thousand_units_for_safety():
    """Chopra & Meindl, safety inventory, B&M Office Supplies: 2,500 a week, deviation 500, two weeks of lead time.

    A reorder point of 6,000 holds 1,000 units of safety stock, for a cycle service level of 0.92.
    """
    spread = reorder_spread(2, 0, 2500, 500)
    assert spread == pytest.approx(707, abs=0.5)
    assert ndtr((6000 - 2 * 2500) / spread) == pytest.approx(0.92, abs=0.002)
    again = 2 * 2500 + safety_factor(ndtr(1000 / spread), np.nan, np.nan) * spread
    assert again == pytest.approx(6000)


def test_an_uncertain_lead_time_asks_for_more_stock():
    """Chopra & Meindl, safety inventory, Dell: 2,500 a day, deviation 500, lead time 7 days with deviation 7, level 0.90.

    The deviation over the lead time is 17,550 and safety stock 22,491 units.
    """
    spread = reorder_spread(7, 7, 2500, 500)
    assert spread == pytest.approx(17550, abs=1)
    assert ndtri(0.90) * spread == pytest.approx(22491, abs=1)


def test_the_economic_order_quantity_of_best_buy_is_980():
    """Chopra & Meindl, cycle inventory, Best Buy: 12,000 a year, 4,000 an order, 20 % of 500 to hold one for a year."""
    assert economic_order_quantity(12000 / 12, 4000, 0.2 * 500 / 12) == pytest.approx(980, abs=0.5)


def test_a_newsvendor_orders_350_parkas_plus_three_quarters_of_a_deviation():
    """Chopra & Meindl, optimal level of product availability, skis: 350 and 100; cost 100, price 250, salvage 80 less 5 to hold.

    Underage 150, overage 25, critical ratio 0.857, 457 pairs.
    """
    quantity, ratio = newsvendor_quantity(350, 100, 250 - 100, 100 - (80 - 5))
    assert ratio == pytest.approx(0.857, abs=5e-4)
    assert quantity == pytest.approx(457, abs=0.5)


# the table


def points(policy=None, item_costs=ECONOMICS, products="", routings=None, lanes=None, **more):
    weekly = table(
        "weekly_plan",
        """
        product site  period  week       working_days regular overtime subcontract purchased scheduled_receipts transferred_in shipped transferred_out consumed expired inventory
        TENT-2  alpha 2026-11 2026-11-02 5            0       0        0           0         0                  0              240     60              0        0       0
        TENT-2  beta  2026-11 2026-11-02 5            0       0        0           0         0                  60             60      0               0        0       0
        """,
    )
    distribution_plan = table(
        "distribution_plan",
        """
        product site  market period  shipped
        TENT-2  alpha north  2026-11 240
        TENT-2  beta  north  2026-11 60
        """,
    )
    demand = pd.DataFrame(
        {"product": "TENT-2", "market": "north", "period": HORIZON["period"], "baseline": 300.0}
    )
    zero = dict.fromkeys(
        ("launch_demand", "activity_demand", "opportunity_demand", "override"), 0.0
    ) | {"firm_orders": 0.0, "past_due_orders": 0.0}
    said = dict.fromkeys(("consensus", "net_forecast", "total_demand"), 300.0)
    half = ndtri(0.9) * 5 * np.sqrt(30)  # a day errs by 5
    demand = conform(
        "demand_plan",
        demand.assign(**zero, **said, lower_80=300 - half, upper_80=300 + half),
    )
    sites = table(
        "item_locations",
        "product site on_hand produced_here\nTENT-2 alpha 0 true\nTENT-2 beta 0 false",
    )
    goods = table(
        "products",
        "product family unit_of_measure shelf_life_months salvage_value\nTENT-2 tents piece "
        + (products or "- -"),
    )
    inputs = reorder_points.ReorderInputs(
        HORIZON,
        weekly,
        distribution_plan,
        demand,
        sites,
        table("unit_economics", item_costs),
        goods,
        policy,
        routings,
        lanes,
    )
    found = reorder_points.reorder_points(inputs)
    return conform("reorder_points", found).set_index("site")


def test_the_reorder_point_covers_the_lead_time_and_the_spread_of_both():
    rows = (
        "product site target_service_level lead_time_days lead_time_std_days demand_distribution\n"
        "TENT-2 alpha 0.9 4 2 normal"
    )
    row = points(table("inventory_policy", rows)).loc["alpha"]
    assert row["daily_demand"] == pytest.approx(10)  # 240 to the market and 60 to beta in 30 days
    assert row["daily_demand_std"] == pytest.approx(4)  # four fifths of the market
    assert row["safety_stock"] == pytest.approx(ndtri(0.9) * np.sqrt(4 * 4**2 + 10**2 * 2**2))
    assert row["reorder_point"] == pytest.approx(40 + row["safety_stock"])


def test_a_row_that_names_the_site_goes_before_one_that_does_not():
    rows = "product site lead_time_days\nTENT-2 - 9\nTENT-2 beta 3"
    assert points(table("inventory_policy", rows))["lead_time_days"].to_dict() == {
        "alpha": 9,
        "beta": 3,
    }


def test_without_a_policy_the_lead_time_is_a_week_and_the_order_a_weeks_demand():
    row = points().loc["alpha"]
    assert (row["lead_time_days"], row["target_service_level"], row["basis"]) == (
        7,
        0.95,
        "a week's demand",
    )
    assert row["order_quantity"] == pytest.approx(70)


def test_the_cost_of_an_order_gives_the_economic_order_quantity():
    row = points(table("inventory_policy", "product site order_cost\nTENT-2 alpha 24")).loc["alpha"]
    assert row["basis"] == "economic order quantity"
    assert row["order_quantity"] == pytest.approx(np.sqrt(2 * 300 * 24 / 2))


def test_setting_up_is_the_cost_of_an_order_where_the_product_is_made():
    routings = table(
        "routings",
        "product resource hours_per_unit setup_cost min_lot\nTENT-2 CELL 1 24 100\nTENT-2 LINE 1 54 20",
    )
    rows = points(routings=routings)
    assert rows.loc["alpha", "order_quantity"] == pytest.approx(np.sqrt(2 * 300 * 24 / 2))
    assert rows.loc["beta", "basis"] == "a week's demand"


def test_an_order_is_no_less_than_the_smallest_lot_and_no_more_than_sells_within_the_shelf_life():
    lot = table("routings", "product resource hours_per_unit min_lot\nTENT-2 CELL 1 90")
    assert points(routings=lot).loc["alpha", "order_quantity"] == 90
    rows = points(routings=lot, products="0.25 -")
    assert rows.loc["alpha", ["order_quantity", "basis"]].tolist() == [
        75,
        "what is sold within its shelf life",
    ]


def test_what_keeps_a_week_or_less_is_ordered_by_the_newsvendors_rule():
    row = points(products="0.1 20").loc[
        "alpha"
    ]  # three days; 120 earned by one more, 60 lost by one too many
    assert row["shelf_life_days"] == pytest.approx(3)
    assert row["basis"] == "newsvendor: enough in 67 of 100 cases"
    assert row["order_quantity"] == pytest.approx(30 + ndtri(2 / 3) * 4 * np.sqrt(3))


def test_a_fill_rate_goes_before_a_service_level():
    rows = (
        "product site target_service_level target_fill_rate lead_time_days demand_distribution\n"
        "TENT-2 alpha 0.5 {} 4 normal"
    )
    low, high = (
        points(table("inventory_policy", rows.format(rate))).loc["alpha"] for rate in (0.97, 0.99)
    )
    assert 0 < low["safety_stock"] < high["safety_stock"]
    factor = high["safety_stock"] / 8
    short = np.exp(-(factor**2) / 2) / np.sqrt(2 * np.pi) - factor * ndtr(-factor)
    assert short * 8 / high["order_quantity"] == pytest.approx(0.01)


def test_a_site_that_does_not_make_is_filled_by_the_site_that_sends_at_the_least_freight():
    lanes = table("transfer_lanes", "site to_site freight_cost\nalpha beta 1")
    assert points(lanes=lanes)["source"].to_dict() == {"alpha": "own production", "beta": "alpha"}
    assert points()["source"].to_dict() == {"alpha": "own production", "beta": "outside"}
