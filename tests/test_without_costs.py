"""A company that gives sales and their revenue alone reads no margin anywhere."""

import re

import pytest
from pages import pre_read_of
from shop import shop

from sopkit.cycle import replanning
from sopkit.reporting.exhibits import finance
from sopkit.reporting.item_section import item_section

MARGIN = re.compile(r"[Mm]argin [\d.,]+")  # a number of margin


@pytest.fixture(scope="module")
def tables():
    sold = shop()
    sales = sold["sales_history"]
    given = {**sold, "sales_history": sales.assign(revenue=10.0 * sales["quantity"])}
    given.pop("item_costs", None)
    return {**given, **replanning.replan(given, "2026-10")}


def words(page):
    text = re.sub(r"<(style|svg)[^>]*>.*?</\1>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_pre_read_has_revenue_in_money_and_no_margin(tables, tmp_path):
    said = words(pre_read_of(tables, tmp_path).read_text(encoding="utf-8"))
    assert "Revenue, money" in said
    assert "Revenue, units" not in said
    assert "Margin no costs are given unknown" in said
    assert "Minimum cash no costs are given unknown" in said
    assert "Margin and profit are not known: costs are not given for all that is sold." in said
    assert "margin unknown: costs are not given for all that is sold" in said
    assert not MARGIN.search(said)


def test_pages_of_families_and_products_have_no_margin(tables):
    pages = [page for one in item_section(tables, 5_000_000).lists for page in one.pages]
    assert len(pages) >= 2
    said = words(" ".join(pages))
    assert "revenue " in said
    assert "100.0 %)" not in said
    assert not MARGIN.search(said)


def test_the_plan_is_compared_in_units_and_revenue_alone(tables):
    shown = finance.against_all(tables["plan_variances"], tables["financial_plan"])
    assert set(shown.table["measure"]) == {"quantity", "revenue"}
    assert shown.headline.endswith("margin is not known: costs are not given for all that is sold")


def test_level_sales_leave_no_gap_of_no_units(tables):
    """Without variation there is no safety stock to be below."""
    assert tables["gaps"].empty


def test_the_plan_is_put_to_approval_without_a_margin(tables):
    effect = tables["decisions"].set_index("decision").loc["approve-plan", "effect"]
    assert "and margin unknown over" in effect
