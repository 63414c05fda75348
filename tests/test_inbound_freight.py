"""Inbound freight: an importer pays 4 for a box of tea and 1 to bring it in, 2 from December on."""

import pandas as pd
import pytest
from conftest import said, table
from oracle import recalculated
from test_oracle import READ, differences, given, of_the_steps

from sopkit import scenarios
from sopkit.cycle import replanning, stages
from sopkit.cycle.what_if import what_if
from sopkit.data_quality import assumption_checks
from sopkit.finance.standard_costing import standard_costs
from sopkit.pre_sop.gap import contribution
from sopkit.reporting.exhibits import profit_and_loss
from sopkit.tables.arrays import ArrayTable

SOLD = [str(month) for month in pd.period_range("2024-10", "2026-09", freq="M")]
OCTOBER, NOVEMBER, DECEMBER = pd.period_range("2026-10", periods=3, freq="M")
SOURCES = """
item  supplier  effective_from  unit_cost  inbound_freight_cost
TEA   Assam     -               4          1
TEA   Assam     2026-12         4          2
"""


def importer(sources=SOURCES, on_hand=40):
    rows = "".join(f"TEA town {m} 60\nTEA abroad {m} 40\n" for m in SOLD)
    return {
        "products": table("products", "product family unit_of_measure\nTEA drinks box"),
        "sales_history": table("sales_history", f"product market period quantity\n{rows}"),
        "inventory": table("inventory", f"product site on_hand\nTEA main {on_hand}"),
        "sources": table("sources", sources),
        "item_costs": table(
            "item_costs",
            "product effective_from price material_cost holding_cost backlog_cost\n"
            "TEA 2026-01 10 4 3 8",
        ),
        "inventory_policy": table(
            "inventory_policy", "product target_cover_months backlog_allowed\nTEA 0 true"
        ),
        "company_settings": table(
            "company_settings",
            "currency receivable_days payable_days opening_cash fixed_cost horizon_months\n"
            "EUR 0 0 0 0 3",
        ),
    }


@pytest.fixture(scope="module")
def plan():
    return replanning.replan(importer(), "2026-10", until=stages.MEASURED_ON)


def test_a_unit_in_stock_is_worth_its_landed_cost(plan):
    economics = plan["unit_economics"]
    assert economics["inbound_freight_cost"].tolist() == [1, 1, 2]
    assert standard_costs(economics)["standard_cost"].tolist() == [5, 5, 6]
    assert contribution(ArrayTable.of_table("unit_economics", economics)).tolist() == [[5, 5, 4]]


def test_freight_of_what_is_delivered_is_paid_in_its_month_apart_from_the_goods(plan):
    """40 of October's 100 boxes are in stock: 60, 100 and 100 are bought."""
    bought = plan["purchased_products"]
    assert bought["purchased"].round(6).tolist() == [60, 100, 100]
    assert bought["cost"].tolist() == pytest.approx([240, 400, 400])
    assert bought["inbound_freight"].tolist() == pytest.approx([60, 100, 200])
    costs = plan["product_costs"].set_index(["cost_item", "period"])["cost"]
    assert costs["inbound freight"].tolist() == pytest.approx([60, 100, 200])
    assert plan["cash_plan"]["payments"].tolist() == pytest.approx([300, 500, 600])


def test_the_p_and_l_shows_inbound_freight_within_the_cost_of_sales(plan):
    """October sells 40 boxes of stock at the landed 5 and 60 new ones: 500, of it 100 freight."""
    money = plan["financial_plan"]
    assert money["cost_of_sales"].tolist() == pytest.approx([500, 500, 600])
    assert money["inbound_freight"].tolist() == pytest.approx([100, 100, 200])
    assert money["margin"].tolist() == pytest.approx([500, 500, 400])
    markets = plan["profitability"].set_index(["market", "period"])["inbound_freight"]
    assert markets["town"].tolist() == pytest.approx([60, 60, 120])
    assert markets["abroad"].tolist() == pytest.approx([40, 40, 80])
    shown = profit_and_loss.money(money, plan["unit_economics"]).table
    assert shown["inbound_freight"].tolist() == pytest.approx([400, 400])


def test_a_second_calculation_finds_the_same_plan_with_and_without_dearer_freight(plan):
    tables = importer()
    change = table(
        "scenario_changes",
        "scenario change table column operation amount\n"
        "dear 1 sources inbound_freight_cost multiply 1.5",
    )
    replanned = what_if(tables, "2026-10", plan, wanted=READ)
    margins = []
    for changes in (None, change):
        inputs = tables if changes is None else scenarios.apply(tables, changes)
        made = replanned(changes)
        found = recalculated(given(inputs, made))
        assert not differences(found, of_the_steps(inputs, made))
        margins.append(found["financial_plan"]["margin"].sum())
    # freight of 400 is 600 then: 40 boxes of it were in stock, at a landed cost dearer by 20
    assert margins == pytest.approx([1400, 1200])


def test_the_source_of_lowest_landed_cost_is_used():
    """Goods at 3.90 that cost 2 to bring in are dearer than goods at 4 that cost 1."""
    sources = "item supplier unit_cost inbound_freight_cost\nTEA Ceylon 3.9 2\nTEA Assam 4 1\n"
    bought = replanning.replan(importer(sources), "2026-10", until="40_supply_review")
    units = bought["purchased_products"].groupby("supplier")["purchased"].sum().round(6)
    assert units.to_dict() == {"Assam": 260, "Ceylon": 0}


def test_without_inbound_freight_nothing_of_it_is_there():
    plain = SOURCES.replace("inbound_freight_cost", "lead_time_days").replace("4          1", "4 0")
    plan = replanning.replan(
        importer(plain.replace("4          2", "4 0")), "2026-10", until=stages.MEASURED_ON
    )
    assert (plan["financial_plan"]["inbound_freight"] == 0).all()
    assert "inbound freight" not in set(plan["strategy_comparison"]["item"].dropna())
    shown = profit_and_loss.money(plan["financial_plan"], plan["unit_economics"]).table
    assert "inbound_freight" not in shown


def test_freight_of_components_is_said_to_be_in_the_material_cost():
    sources = table("sources", "item supplier inbound_freight_cost\nTIN Smith 0.2")
    products = importer()["products"]
    issue = assumption_checks.inbound_freight_of_components(sources, products)
    assert issue.entries[0].message == "Inbound freight of 1 component"
    assert said(issue) == "sources: "
