"""Gap rules of margin: products sold below cost, markets that lose money, stock nobody asks for."""

import pandas as pd
from conftest import table
from resting import gaps, only, resting_plan, with_cells


def test_a_product_sold_at_15_that_costs_35_is_a_gap_of_what_it_loses():
    cheap = with_cells("profitability", {"product": "TENT-2"}, net_price=15.0, standard_cost=35.0)
    gap = only(gaps(profitability=cheap))
    assert (gap["gap"], gap["gap_value"]) == ("negative-margin-TENT-2", 3 * 100 * -20)
    assert gap["statement"] == (
        "TENT-2 is sold below its standard cost and loses 6,000, Apr 2027 to Jun 2027"
    )
    assert gap["product"] == "TENT-2"


def test_a_promotion_below_cost_in_one_month_is_no_gap_where_the_product_earns():
    where = {"product": "TENT-2", "period": "2027-05"}
    cheap = with_cells("profitability", where, net_price=50.0)
    assert gaps(profitability=cheap).empty


def test_a_product_whose_costs_are_not_given_is_no_gap():
    where = {"product": "TENT-2"}
    unknown = with_cells(
        "profitability", where, net_price=15.0, standard_cost=35.0, uncosted_revenue=1500.0
    )
    assert gaps(profitability=unknown).empty


def test_a_market_that_loses_money_is_a_gap_though_its_products_earn():
    both = resting_plan()["profitability"]
    abroad = both.assign(market="export", margin=-50.0)
    gap = only(gaps(profitability=pd.concat([both, abroad], ignore_index=True)))
    assert (gap["gap"], gap["gap_value"]) == ("unprofitable-market-export", 3 * 2 * -50)
    assert gap["statement"].startswith("export loses ")


def test_stock_without_demand_is_a_gap_at_standard_cost():
    nothing = dict.fromkeys(("total_demand", "consensus", "net_forecast", "baseline"), 0.0)
    still = with_cells("demand_plan", {"product": "STOVE-1"}, **nothing)
    three = table(
        "gap_thresholds",
        "gap_type threshold value owner reason\ndead_stock months 3 Larsen short",
    )
    found = gaps(demand_plan=still, gap_thresholds=three)
    gap = only(found[found["gap"].str.startswith("dead-stock")])
    assert (gap["gap_units"], gap["gap_value"]) == (20, 20 * 25)
    assert gap["statement"] == (
        "STOVE-1: 20 units in stock, worth 500, have no demand in the coming 3 months"
    )
    twelve = gaps(demand_plan=still)  # three months are planned: twelve are not known
    assert not twelve["gap"].str.startswith("dead-stock").any()
