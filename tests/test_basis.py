import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import assumed_costs, economics
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-1 tents piece\nSTOVE-1 stoves piece"
)
SALES = table(
    "sales_history",
    """
    product  market  period   quantity  revenue
    TENT-1   north   2026-08  10        1000
    TENT-1   north   2026-09  10        1200
    STOVE-1  south   2026-09  5         -
    """,
)
ECONOMICS = table(
    "item_costs",
    """
    product  effective_from  price  material_cost  holding_cost  backlog_cost
    TENT-1   2026-01         120    50             1             6
    TENT-1   2026-11         125    52             1             6
    STOVE-1  2026-01         50     20             1             3
    """,
)


def test_the_economics_in_force_are_the_latest_that_started():
    result = economics.unit_economics(HORIZON, PRODUCTS, SALES, ECONOMICS)
    tents = result[result["product"] == "TENT-1"]
    assert list(tents["price"]) == [120, 125, 125]
    assert list(tents["basis"]) == [
        "item costs from Jan 2026",
        "item costs from Nov 2026",
        "item costs from Nov 2026",
    ]


def test_economics_that_start_within_the_horizon_hold_from_its_first_month_and_say_so():
    result = economics.unit_economics(HORIZON, PRODUCTS, SALES, ECONOMICS.iloc[1:])
    assert (
        result.query("product == 'TENT-1'")["basis"].iloc[0]
        == "item costs from Nov 2026, not yet in force"
    )


def test_what_a_row_of_costs_leaves_open_is_taken_as_without_it():
    costs = table(
        "item_costs",
        "product effective_from price material_cost\nTENT-1 2026-01 120 -\nSTOVE-1 2026-01 50 -",
    )
    bought = table("sources", "item supplier unit_cost\nTENT-1 Sails 55")
    result = economics.unit_economics(HORIZON, PRODUCTS, SALES, costs, bought)
    result = result.groupby("product").first()
    assert result["holding_cost"].to_dict() == pytest.approx({"TENT-1": 2.4, "STOVE-1": 1})
    assert result["backlog_cost"].to_dict() == pytest.approx({"TENT-1": 12, "STOVE-1": 5})
    assert result["material_cost"].to_dict() == {"TENT-1": 55, "STOVE-1": 0}
    assert result["costed"].to_dict() == {"TENT-1": True, "STOVE-1": False}


def test_material_is_what_the_components_cost_where_all_are_priced():
    parts = table(
        "bill_of_materials",
        "product component quantity_per_unit\nTENT-1 SHELL 1\nSHELL CLOTH 4\nTENT-1 POLE 2\nSTOVE-1 POLE 1\nSTOVE-1 VALVE 1",
    )
    bought = table("sources", "item supplier unit_cost\nCLOTH Mill 5\nPOLE Mill 3")
    assert assumed_costs.material_by_source(bought, parts).to_dict() == {
        "CLOTH": 5, "POLE": 3, "SHELL": 20, "TENT-1": 26,
    }  # fmt: skip
    result = economics.unit_economics(
        HORIZON, PRODUCTS, SALES, sources=bought, bill_of_materials=parts
    )
    assert result.groupby("product")["costed"].first().to_dict() == {
        "TENT-1": True, "STOVE-1": False,
    }  # fmt: skip


def test_without_economics_the_price_is_revenue_per_unit_and_says_so():
    result = economics.unit_economics(HORIZON, PRODUCTS, SALES).groupby("product").first()
    assert result.loc["TENT-1", "price"] == 110  # 2,200 for 20 units
    assert result.loc["TENT-1", "holding_cost"] == pytest.approx(2.2)
    assert result.loc["TENT-1", "backlog_cost"] == pytest.approx(11)
    assert result.loc["STOVE-1", "price"] == 0
    assert result.loc["STOVE-1", "backlog_cost"] == pytest.approx(0.1)  # only weighed, never shown
    assert result.loc["STOVE-1", "basis"] == "no price and no revenue"


def test_without_lanes_every_site_serves_every_market():
    inventory = table("inventory", "product site on_hand\nTENT-1 east 5\nTENT-1 west 3")
    result = economics.sourcing_network(SALES, inventory=inventory)
    assert list(zip(result["site"], result["market"], strict=True)) == [
        ("east", "north"),
        ("east", "south"),
        ("west", "north"),
        ("west", "south"),
    ]


def test_a_company_that_names_no_site_has_one():
    assert set(economics.sourcing_network(SALES)["site"]) == {"main"}


def test_products_are_made_where_their_resources_stand_and_held_where_they_are_counted():
    lanes = table("lanes", "site market freight_cost\neast north 2\nwest south 2")
    resources = table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\nLINE-1 east 5 20 30 100 100",
    )
    routings = table("routings", "product resource hours_per_unit\nTENT-1 LINE-1 1")
    inventory = table("inventory", "product site on_hand\nTENT-1 east 5\nTENT-1 west 3")
    result = economics.item_locations(
        PRODUCTS, economics.sourcing_network(SALES, lanes=lanes), inventory, routings, resources
    )
    rows = [
        tuple(row)
        for row in result[["product", "site", "on_hand", "produced_here"]].itertuples(index=False)
    ]
    assert rows == [
        ("STOVE-1", "east", 0, True),
        ("STOVE-1", "west", 0, True),
        ("TENT-1", "east", 5, True),
        ("TENT-1", "west", 3, False),
    ]
