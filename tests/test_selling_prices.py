"""Prices by market and date: tea is sold at 10 in town and at its own prices abroad."""

import pandas as pd
import pytest
from conftest import said, table

from sopkit import scenarios
from sopkit.cycle import replanning
from sopkit.data_quality import reference_checks
from sopkit.demand import segmentation
from sopkit.master_data.selling_prices import priced
from sopkit.pre_sop.gap import contribution
from sopkit.tables.arrays import ArrayTable

SOLD = [str(month) for month in pd.period_range("2024-10", "2026-09", freq="M")]
COSTS = """
product  market  effective_from  price  material_cost  holding_cost  backlog_cost
TEA      -       2026-01         10     4              1             1
TEA      abroad  2026-01         16     -              -             -
TEA      abroad  2026-12         8      -              -             -
RICE     -       2026-01         5      3              1             1
"""


def shop(costs=COSTS):
    """100 boxes of tea a month in town and 50 abroad; 60 of rice in town."""
    rows = "".join(f"TEA town {m} 100\nTEA abroad {m} 50\nRICE town {m} 60\n" for m in SOLD)
    return {
        "products": table(
            "products", "product family unit_of_measure\nTEA drinks box\nRICE food box"
        ),
        "sales_history": table("sales_history", f"product market period quantity\n{rows}"),
        "item_costs": table("item_costs", costs),
        "company_settings": table(
            "company_settings",
            "currency receivable_days payable_days opening_cash fixed_cost horizon_months\n"
            "EUR 30 0 0 0 3",
        ),
    }


@pytest.fixture(scope="module")
def plan():
    return replanning.replan(shop(), "2026-10", until="50_financial_review")


def row(plan_table, **key):
    for column, value in key.items():
        plan_table = plan_table[plan_table[column] == value]
    return plan_table.iloc[0]


def test_a_market_has_its_price_from_a_date_on_and_a_product_the_mean_by_demand(plan):
    prices = plan["selling_prices"].assign(market=plan["selling_prices"]["market"].fillna("mean"))
    grid = prices.pivot_table(index="market", columns="period", values="price")
    assert grid.loc["abroad"].tolist() == [16, 16, 8]
    # (100 x 10 + 50 x 16) / 150 = 12, and (100 x 10 + 50 x 8) / 150 = 9.33
    assert grid.loc["mean"].tolist() == pytest.approx([12, 12, 1400 / 150])
    assert set(prices["product"]) == {"TEA"}
    assert plan["unit_economics"].groupby("product")["price"].max().to_dict() == {
        "TEA": 10,
        "RICE": 5,
    }


def test_revenue_and_margin_are_those_of_the_market(plan):
    money = plan["profitability"]
    abroad = row(money, product="TEA", market="abroad", period=pd.Period("2026-10", "M"))
    assert abroad[["list_revenue", "revenue", "margin", "net_price"]].tolist() == pytest.approx(
        [800, 800, 600, 16]
    )
    town = row(money, product="TEA", market="town", period=pd.Period("2026-12", "M"))
    assert town[["revenue", "margin"]].tolist() == pytest.approx([1000, 600])
    sums = plan["financial_plan"].pivot_table(index="family", columns="period", values="revenue")
    assert sums.loc["drinks"].tolist() == pytest.approx([1800, 1800, 1400])
    assert sums.loc["food"].tolist() == pytest.approx([300, 300, 300])


def test_closed_sales_of_unknown_revenue_are_collected_at_the_mean_price(plan):
    """September's 150 boxes of tea and 60 of rice are paid in October: 150 x 12 + 60 x 5."""
    assert plan["cash_plan"]["collections"].iloc[0] == pytest.approx(2100)


def test_unserved_units_are_worth_the_price_of_their_market(plan):
    prices = ArrayTable.of_table("selling_prices", plan["selling_prices"])
    economics = ArrayTable.of_table("unit_economics", plan["unit_economics"])
    wanted = ArrayTable.of_table("constrained_demand", plan["constrained_demand"])
    worth = contribution(economics.on(wanted), prices)
    by_market = dict(
        zip(wanted.keys["product"] + " " + wanted.keys["market"], worth.tolist(), strict=True)
    )
    assert by_market == {
        "TEA abroad": [12, 12, 4],
        "TEA town": [6, 6, 6],
        "RICE town": [2, 2, 2],
    }
    assert contribution(economics, prices).tolist()[
        economics.keys["product"].tolist().index("TEA")
    ] == (pytest.approx([8, 8, 1400 / 150 - 4]))


def test_rows_of_tables_are_priced_alike(plan):
    rows = plan["constrained_demand"][["product", "market", "period"]]
    found = priced(rows, plan["unit_economics"], plan["selling_prices"])
    assert found.groupby(["product", "market"])["price"].sum().to_dict() == {
        ("RICE", "town"): 15,
        ("TEA", "abroad"): 40,
        ("TEA", "town"): 30,
    }


def test_a_scenario_that_raises_prices_raises_those_of_markets():
    change = "scenario change table column operation amount family market\n"
    both = table("scenario_changes", change + "up 1 item_costs price multiply 1.1 drinks -")
    one = table("scenario_changes", change + "up 1 item_costs price multiply 1.1 - abroad")
    prices = [
        scenarios.apply(shop(), changes)["item_costs"]["price"].round(2).tolist()
        for changes in (both, one)
    ]
    assert prices == [[11, 17.6, 8.8, 5], [10, 17.6, 8.8, 5]]


def test_a_product_without_price_of_a_market_keeps_its_list_price():
    plain = COSTS.replace(
        "TEA      abroad  2026-01         16     -              -             -\n", ""
    )
    plain = plain.replace(
        "TEA      abroad  2026-12         8      -              -             -\n", ""
    )
    plan = replanning.replan(shop(plain), "2026-10", until="50_financial_review")
    assert plan["selling_prices"].empty
    assert plan["financial_plan"].groupby("family")["revenue"].sum().to_dict() == pytest.approx(
        {"drinks": 4500, "food": 900}
    )


def test_classes_by_revenue_take_the_price_of_the_market_where_sales_have_none(plan):
    tables = shop()
    periods = plan["planning_periods"]
    rows = segmentation.segments(
        periods,
        tables["products"],
        plan["demand_history"],
        plan["unit_economics"],
        tables["sales_history"],
        tables["item_costs"],
    )
    # twelve months of 100 at 10 and 50 at 16, and of 60 at 5
    assert rows.set_index("product")["revenue"].to_dict() == {"TEA": 21600, "RICE": 3600}


def test_a_price_of_a_market_needs_a_list_price():
    alone = table("item_costs", "product market effective_from price\nTEA abroad 2026-01 10")
    assert said(reference_checks.markets_without_list_price(alone)) == (
        "item_costs: a product with a price of a market must have a row without market; 1 of 1 "
        "rows is not:\n"
        "  row 1  product=TEA  market=abroad  effective_from=2026-01\n"
        "  Add a row with its list price and costs, and leave its market empty."
    )
