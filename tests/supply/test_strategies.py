"""The supply plan: textbook optima, identities, limits that bind, and always an answer."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal
from planning import calendar, call, cost, demand, economics, months, of, review, total_cost

from sopkit.tables import conform

FLOWS_IN = ["opening_inventory", "regular", "overtime", "subcontract", "receipts"]


def red_tomato(whole="no"):
    """Red Tomato Tools: Chopra & Meindl, Supply Chain Management, aggregate planning chapter."""
    horizon = months(6, "2026-01")
    return {
        "horizon": horizon,
        "products": table("products", "product family unit_of_measure\nSPADE tools piece"),
        "demand_plan": demand(horizon, {("SPADE", "home"): [1600, 3000, 3200, 3800, 2200, 2200]}),
        "unit_economics": economics(
            horizon,
            "product price material_cost holding_cost backlog_cost subcontract_cost\nSPADE 40 10 2 5 30",
        ),
        "network": table("network", "site market freight_cost\nplant home 0"),
        "product_sites": table("product_sites", "product site on_hand makes\nSPADE plant 1000 yes"),
        "inventory_policy": table(
            "inventory_policy", "product site service_level ending_inventory\nSPADE - 0.5 500"
        ),
        "resources": table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost whole_workers\n"
            f"CREW plant 80 4 6 300 500 {whole}",
        ),
        "routings": table("routings", "product resource hours_per_unit\nSPADE CREW 4"),
        "resource_calendar": calendar(
            horizon,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 160 10",
        ),
    }


def two_families():
    """Tents and stoves at two sites, three markets, one crew a site, hours scarce in the season."""
    horizon = months(8)
    season = np.array([1.0, 0.8, 0.7, 0.9, 1.3, 1.7, 1.6, 1.1])
    return {
        "horizon": horizon,
        "products": table(
            "products",
            """
            product family unit_of_measure
            TENT-1  tents  piece
            TENT-2  tents  piece
            STOVE-1 stoves piece
            """,
        ),
        "demand_plan": demand(
            horizon,
            {
                ("TENT-1", "north"): 100 * season,
                ("TENT-1", "south"): 60 * season,
                ("TENT-2", "north"): 80 * season,
                ("STOVE-1", "south"): 90 * season[::-1],
                ("STOVE-1", "export"): 40 * season,
            },
        ),
        "unit_economics": economics(
            horizon,
            """
            product price material_cost holding_cost backlog_cost lost_sale_cost
            TENT-1  300   90            4            20           30
            TENT-2  200   60            3            15           20
            STOVE-1 120   40            2            10           10
            """,
        ),
        "network": table(
            "network",
            """
            site    market freight_cost
            alpine  north  2
            alpine  south  5
            alpine  export 9
            harbour north  6
            harbour south  3
            harbour export 1
            """,
        ),
        "product_sites": table(
            "product_sites",
            """
            product site    on_hand makes
            TENT-1  alpine  120     yes
            TENT-1  harbour 0       yes
            TENT-2  alpine  50      yes
            STOVE-1 harbour 80      yes
            """,
        ),
        "inventory_policy": table(
            "inventory_policy",
            """
            product site target_cover_months max_inventory
            TENT-1  -    0.5                 -
            TENT-2  -    0.2                 400
            STOVE-1 harbour 0.5              -
            """,
        ),
        "resources": table(
            "resources",
            """
            resource site    opening_workers regular_wage overtime_wage hire_cost layoff_cost min_workers max_workers
            SEWING   alpine  3               20           30            2000      3000        1           4
            PRESS    harbour 2               20           30            2000      3000        1           3
            """,
        ),
        "routings": table(
            "routings",
            """
            product resource hours_per_unit variable_cost
            TENT-1  SEWING   2.0            1
            TENT-1  PRESS    2.5            2
            TENT-2  SEWING   1.5            1
            STOVE-1 PRESS    1.0            -
            """,
        ),
        "resource_calendar": calendar(
            horizon,
            """
            resource working_days regular_hours_per_worker overtime_hours_per_worker machine_hours
            SEWING   20           160                      20                        700
            PRESS    20           160                      20                        500
            """,
        ),
        "supply_policy": table(
            "supply_policy",
            "family strategy author reason\ntents level Larsen crew\nstoves chase Weiss shelf",
        ),
        "storage": table(
            "storage", "site storage_limit rent_cost\nalpine 300 1.5\nharbour 200 -"
        ),
        "receipts": table("receipts", "product site period quantity\nSTOVE-1 harbour 2026-11 40"),
    }


class TestRedTomato:
    def test_costs_422_275_with_parts_of_workers(self):
        assert total_cost(review(red_tomato())) == pytest.approx(422_275, abs=0.5)

    def test_costs_422_660_with_whole_workers(self):
        plans = review(red_tomato(whole="yes"))
        assert total_cost(plans) == pytest.approx(422_660, abs=0.5)
        workers = of(plans.workforce_plan)["workers"]
        assert (workers == workers.round()).all()

    def test_lays_off_15_workers_and_lets_267_units_wait_in_april(self):
        plans = review(red_tomato())
        assert of(plans.workforce_plan)["laid_off"].tolist() == pytest.approx([15.417, 0, 0, 0, 0, 0], abs=1e-3)
        assert of(plans.service_plan)["backlog"].tolist() == pytest.approx([0, 0, 0, 266.667, 0, 0], abs=1e-3)

    def test_keeps_the_ending_stock_that_the_policy_wants(self):
        inventory = of(review(red_tomato()).supply_plan)["inventory"]
        assert inventory.iloc[-1] == pytest.approx(500)

    def test_pays_64_workers_and_a_half_whether_used_or_not(self):
        plans = review(red_tomato())
        assert cost(plans, "regular labour") == pytest.approx(64.58333 * 160 * 4 * 6, abs=0.5)
        assert cost(plans, "layoff") == pytest.approx(15.41667 * 500, abs=0.5)
        assert cost(plans, "material") == pytest.approx(15_500 * 10)


def roofing():
    """The roofing manufacturer: Heizer & Render, Operations Management, aggregate planning chapter.

    The book charges changes by the unit of daily rate; here workers are free to hire, so labour alone is compared.
    """
    tables = red_tomato()
    horizon = tables["horizon"]
    days = [22, 18, 21, 21, 22, 20]
    hours = pd.DataFrame({"period": horizon["period"], "working_days": days})
    hours = hours.assign(resource="CREW", regular_hours_per_worker=hours["working_days"] * 8.0)
    return {
        **tables,
        "demand_plan": demand(horizon, {("SPADE", "home"): [900, 700, 800, 1200, 1500, 1100]}),
        "unit_economics": economics(
            horizon, "product price material_cost holding_cost backlog_cost\nSPADE 100 0 5 1000"
        ),
        "product_sites": table("product_sites", "product site on_hand makes\nSPADE plant 0 yes"),
        "inventory_policy": table("inventory_policy", "product site service_level\nSPADE - 0.5"),
        "resources": table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
            "CREW plant 10 10 15 0 0",
        ),
        "routings": table("routings", "product resource hours_per_unit\nSPADE CREW 1.6"),
        "resource_calendar": conform("resource_calendar", hours.assign(overtime_hours_per_worker=0.0)),
    }


class TestRoofing:
    def test_level_makes_50_units_every_working_day(self):
        plan = of(review(roofing()).supply_plan, "level")
        assert plan["regular"].tolist() == pytest.approx([1100, 900, 1050, 1050, 1100, 1000])

    def test_level_holds_6_150_unit_months_with_10_workers_all_along(self):
        plans = review(roofing())
        assert cost(plans, "holding", "level") == pytest.approx(6_150 * 5)
        assert cost(plans, "regular labour", "level") == pytest.approx(10 * 124 * 8 * 10)
        assert of(plans.workforce_plan, "level")["workers"].tolist() == pytest.approx([10] * 6)

    def test_level_of_the_book_costs_108_450_less_its_opening_hire(self):
        # The book pays 77,700 for work that follows demand in hours (6,200 units x 1.6 h x 10 is 99,200 of paid time)
        # minus its rounding; stock is the same 6,150 unit months, 30,750.
        plans = review(roofing())
        assert cost(plans, "regular labour", "level") + cost(plans, "holding", "level") == pytest.approx(129_950)

    def test_chase_makes_what_is_wanted_and_pays_its_hours(self):
        plans = review(roofing())
        made = of(plans.supply_plan, "chase")["regular"]
        assert made.tolist() == pytest.approx([900, 700, 800, 1200, 1500, 1100])
        assert cost(plans, "holding", "chase") == 0
        assert cost(plans, "regular labour", "chase") == pytest.approx(6_200 * 1.6 * 10)
