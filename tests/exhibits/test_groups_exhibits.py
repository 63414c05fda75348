"""Exhibits of the levels above families and markets: subtotals that add up to the company."""

import pytest
from looking import table

from sopkit.reporting.exhibits import groups
from sopkit.tables.measures import value

PRODUCTS = table(
    "products",
    """product | family | unit_of_measure
       TENT | tents | piece
       STOVE | stoves | piece
       PACK | packs | piece
       COAT | clothing | piece""",
)
PRODUCT_GROUPS = table(
    "product_groups",
    """member | product_group
       tents | camping
       stoves | camping
       camping | equipment
       packs | equipment""",
)
MARKET_GROUPS = table("market_groups", "member | market_group\nnorth | home\nsouth | home")
SALES = table(
    "sales_history",
    """product | market | period | quantity
       TENT | north | 2025-10 | 80
       STOVE | south | 2025-10 | 20
       COAT | north | 2025-10 | 100
       TENT | north | 2025-09 | 999""",
)
DEMAND = table(
    "demand_plan",
    """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | lower_80 | upper_80 | firm_orders | past_due_orders | net_forecast | total_demand
       TENT | north | 2026-10 | 100 | 0 | 0 | 0 | 0 | 100 | 50 | 150 | 0 | 0 | 100 | 100
       STOVE | south | 2026-10 | 20 | 0 | 0 | 0 | 0 | 20 | 10 | 30 | 0 | 0 | 20 | 20
       PACK | export | 2026-10 | 30 | 0 | 0 | 0 | 0 | 30 | 10 | 30 | 0 | 0 | 30 | 30
       COAT | north | 2026-10 | 50 | 0 | 0 | 0 | 0 | 50 | 50 | 50 | 0 | 0 | 50 | 50""",
)  # fmt: skip
MONEY = table(
    "financial_plan",
    """family | period | quantity | revenue | cost_of_sales | margin | inventory_value | activity_spend | uncosted_revenue
       tents | 2026-10 | 10 | 1000 | 600 | 380 | 50 | 20 | 0
       stoves | 2026-10 | 10 | 500 | 300 | 200 | 50 | 0 | 0
       clothing | 2026-10 | 5 | 100 | 30 | 70 | 20 | 0 | 100""",
)


def test_demand_by_product_group_is_shown_level_by_level_against_last_year():
    (shown,) = groups.demand_by_product_group(PRODUCTS, SALES, DEMAND, PRODUCT_GROUPS)
    assert shown.headline == (
        "Equipment is the largest at the highest level: 75 % of the demand of Oct 2026, 50.0 % more than a "
        "year before."
    )
    cells = shown.table.fillna({"product_group": "-", "family": "-"})
    assert cells.iloc[:, :4].to_numpy().tolist() == [
        ["equipment", "-", 100, 150],
        ["equipment › camping", "-", 100, 120],
        ["equipment › camping", "stoves", 20, 20],
        ["equipment › camping", "tents", 80, 100],
        ["equipment", "packs", 0, 30],
        ["-", "clothing", 100, 50],
        ["all", "-", 200, 200],
    ]
    assert shown.table["change_ratio"].tolist()[:2] == pytest.approx([0.5, 0.2])


def test_demand_by_market_group_and_nothing_without_groups():
    (shown,) = groups.demand_by_market_group(SALES, DEMAND, MARKET_GROUPS)
    assert shown.table["total_demand"].tolist() == [170, 150, 20, 30, 200]
    assert groups.demand_by_market_group(SALES, DEMAND) == []
    assert groups.demand_by_product_group(PRODUCTS, SALES, DEMAND) == []
    assert groups.money_by_product_group(MONEY) == []


def test_money_by_group_is_the_measure_of_the_group_and_unknown_where_costs_are():
    (shown,) = groups.money_by_product_group(MONEY, PRODUCT_GROUPS)
    tables = {"financial_plan": MONEY, "product_groups": PRODUCT_GROUPS}
    rows = shown.table.set_index(["product_group", "family"])
    for measure in ("revenue", "margin", "margin_ratio"):
        of_groups = value(measure, tables, ["product_group"]).set_index("product_group")["value"]
        for name, path in (("camping", "equipment › camping"), ("equipment", "equipment")):
            assert rows.loc[(path, float("nan")), measure] == pytest.approx(of_groups[name])
    assert shown.table["revenue"].tolist() == [1500, 1500, 500, 1000, 100, 1600]
    assert shown.table["margin"].isna().tolist() == [False, False, False, False, True, True]


def test_the_budget_of_a_group_is_that_of_its_families():
    held = table(
        "plan_variances",
        """reference_type | measure | item | period | plan | reference_value | variance
           budget | revenue | all | 2026-10 | 1600 | 2000 | -400
           budget | revenue | tents | 2026-10 | 1000 | 1100 | -100
           budget | revenue | stoves | 2026-10 | 500 | 700 | -200
           budget | revenue | clothing | 2026-10 | 100 | 200 | -100
           last_year | revenue | tents | 2026-10 | 1000 | 1 | 999""",
    )
    (shown,) = groups.budget_by_product_group(held, PRODUCT_GROUPS)
    assert (
        shown.headline
        == "Equipment is furthest below budget at the highest level: -300 of revenue."
    )
    assert shown.table["reference_value"].tolist() == [1800, 1800, 700, 1100, 200, 2000]
    assert shown.table["variance"].tolist() == [-300, -300, -200, -100, -100, -400]
    assert groups.budget_by_product_group(held.head(0), PRODUCT_GROUPS) == []
