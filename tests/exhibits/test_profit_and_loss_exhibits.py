"""Exhibits of the P&L: by family, by product and by market, and what rests on costs not given."""

import pytest
from looking import drawn, rows, table

from sopkit.reporting.exhibits import executive, profit_and_loss
from sopkit.tables import empty

PLAN = table(
    "financial_plan",
    """family | period | quantity | revenue | cost_of_sales | margin | inventory_value | activity_spend | overhead | operating_profit | uncosted_revenue
       tents | 2026-10 | 10 | 1000 | 600 | 380 | 50 | 20 | 100 | 280 | 0
       packs | 2026-10 | 5 | 500 | 300 | 200 | 20 | 0 | 50 | 150 | 0
       tents | 2026-11 | 20 | 2000 | 1200 | 800 | 40 | 0 | 150 | 650 | 0""",
)
PRICES = table(
    "unit_economics",
    """product | period | price | material_cost | holding_cost | backlog_cost | basis
       TENT-1 | 2026-10 | 100 | 0 | 0 | 0 | assumed: last year's revenue per unit
       TENT-2 | 2026-10 | 100 | 0 | 0 | 0 | item costs from 2026-01""",
)
SETTINGS = table("company_settings", "currency | fixed_cost\nEUR | 150")
UNKNOWN = PLAN.assign(uncosted_revenue=PLAN["revenue"])
PARTLY = PLAN.assign(uncosted_revenue=PLAN["revenue"].where(PLAN["family"] == "packs", 0.0))


def test_the_pl_goes_from_revenue_to_operating_profit_by_family_and_in_all():
    shown = profit_and_loss.money(PLAN, PRICES.iloc[1:], SETTINGS)
    assert shown.headline == (
        "The plan brings 3,500 of revenue and 1,380 of margin (39.4 %) in Oct 2026 to Nov 2026."
    )
    columns = ["family", "revenue", "activity_spend", "margin", "overhead", "operating_profit"]
    assert shown.table[columns].to_numpy().tolist() == [
        ["packs", 500, 0, 200, 50, 150],
        ["tents", 3000, 20, 1180, 250, 930],
        ["all", 3500, 20, 1380, 300, 1080],
    ]
    assert shown.table["margin_ratio"].tolist() == pytest.approx([0.4, 1180 / 3000, 1380 / 3500])


def test_without_a_fixed_cost_the_pl_ends_at_margin():
    shown = profit_and_loss.money(PLAN, PRICES)
    assert list(shown.table)[-2:] == ["margin", "margin_ratio"]


def test_money_at_assumed_prices_is_called_that():
    said = profit_and_loss.money(PLAN, PRICES).headline
    assert said.endswith(", with prices and costs of 1 of 2 products assumed.")


def test_a_company_without_costs_has_no_margin_of_a_hundred_per_cent():
    shown = profit_and_loss.money(UNKNOWN, PRICES, SETTINGS)
    assert shown.headline.startswith(
        "The plan brings 3,500 of revenue in Oct 2026 to Nov 2026 and an unknown margin, because no "
        "costs are given"
    )
    costs = ["cost_of_sales", "margin", "margin_ratio", "operating_profit"]
    assert shown.table[costs].isna().all(axis=None)
    assert shown.table["revenue"].tolist() == [500, 3000, 3500]


def test_where_some_costs_are_not_given_the_margin_is_a_bound():
    shown = profit_and_loss.money(PARTLY, PRICES)
    assert "at most 1,380 of margin (no costs are given for 14 % of it)" in shown.headline
    assert shown.table["margin"].notna().tolist() == [False, True, False]


def test_the_tiles_of_a_company_without_costs_say_that_they_are_unknown():
    service = table(
        "constrained_demand",
        """product | market | period | demand | fulfilled | backlog | lost_sales
           TENT-1 | north | 2026-10 | 30 | 30 | 0 | 0""",
    )
    cash = table(
        "cash_plan",
        """period | collections | payments | receivables | payables | inventory_value | cash
           2026-10 | 1500 | 0 | 0 | 0 | 0 | 1500
           2026-11 | 2000 | 0 | 0 | 0 | 0 | 3500""",
    )

    def tiles(plan):
        figures = executive.key_figures(plan, service, cash, empty("plan_variances"))
        return {one.name: (one.figure, one.note) for one in figures}

    unknown = tiles(UNKNOWN)
    for name in ("Margin", "Peak inventory value", "Minimum cash balance"):
        assert unknown[name] == ("unknown", "no costs are given")
    assert unknown["Revenue"][0] == "3,500"
    partly = tiles(PARTLY)
    assert partly["Margin"] == ("at most 1,380", "no costs are given for 14 % of revenue")
    assert partly["Peak inventory value"][0] == "at least 70"
    assert tiles(PLAN)["Margin"][0] == "1,380"


EARNED = table(
    "profitability",
    """product | market | period | quantity | list_revenue | discount | revenue | cost_of_sales | activity_spend | margin | uncosted_revenue | net_price | standard_cost
       TENT-1 | north | 2026-10 | 10 | 150 | 0 | 150 | 350 | 0 | -200 | 0 | 15 | 35
       TENT-2 | north | 2026-10 | 10 | 1000 | 0 | 1000 | 400 | 50 | 550 | 0 | 100 | 40
       TENT-2 | south | 2026-10 | 10 | 1000 | 200 | 800 | 900 | 0 | -100 | 0 | 80 | 40
       TENT-3 | south | 2026-10 | 10 | 500 | 0 | 500 | 0 | 0 | 500 | 500 | 50 | 0""",
)
PRODUCTS = table(
    "products",
    """product | family | unit_of_measure
       TENT-1 | tents | piece
       TENT-2 | tents | piece
       TENT-3 | tents | piece""",
)


def test_products_that_lose_money_come_first():
    shown = profit_and_loss.margin_by_product(EARNED, PRODUCTS)
    assert shown.headline == (
        "1 of 2 products has a negative margin, together -200: TENT-1; "
        "costs of 1 product are not all given."
    )
    assert shown.table["product"].tolist() == ["TENT-1", "TENT-2", "TENT-3"]
    assert shown.table["margin"].tolist()[:2] == [-200, 450]
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["TENT-1", "TENT-2"]


def test_a_market_whose_costs_are_not_all_given_has_no_margin():
    shown = profit_and_loss.margin_by_market(EARNED)
    assert shown.headline == (
        "No market has a negative margin; north has the lowest, 30.4 % of its revenue; "
        "costs of 1 market are not all given."
    )
    assert shown.table["market"].tolist() == ["north", "south"]


def test_without_any_costs_no_margin_is_shown():
    unknown = EARNED.assign(uncosted_revenue=EARNED["revenue"])
    shown = profit_and_loss.margin_by_product(unknown, PRODUCTS)
    assert shown.headline == "Margin by product is not known: costs are not given."
