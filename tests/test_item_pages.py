"""A page a family, market and product: its numbers are those of its rows, and the search leads there by name."""

import re
from dataclasses import fields

import pandas as pd
import pytest
from pages import FACTS

from sopkit.reporting import html_report
from sopkit.reporting.item_pages import ItemTables, family_pages, market_pages, product_pages
from sopkit.reporting.item_section import item_section
from sopkit.reporting.pre_read.page import Table, Words
from sopkit.rules.call import call
from sopkit.tables import conform, empty

EVIL = "<img src=x onerror=alert(1)>"
TEXTS = {
    "products": """product | family | unit_of_measure | description
        TENT-1 | tents | piece | Solo tent
        TENT-2 | tents | piece | Dome tent
        PACK-1 | packs | piece |""",
    "planning_periods": """period | month_number
        2026-10 | 1
        2026-11 | 2""",
    "demand_history": """product | market | period | quantity | cleansed | cleansing_adjustment | finding | reason | level_factor
        TENT-1 | north | 2025-10 | 80 | 80 | 0 | | | 1
        TENT-1 | north | 2026-09 | 100 | 70 | -30 | promotion | PROMO-1: lift of 43 % removed | 1
        PACK-1 | north | 2026-09 | 5 | 5 | 0 | | | 1""",
    "demand_plan": """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | lower_80 | upper_80 | firm_orders | past_due_orders | net_forecast | total_demand
        TENT-1 | north | 2026-10 | 90 | 0 | 0 | 0 | 10 | 100 | 80 | 120 | 30 | 0 | 70 | 100
        TENT-1 | north | 2026-11 | 60 | 0 | 0 | 0 | 0 | 60 | 50 | 70 | 0 | 0 | 60 | 60
        TENT-2 | south | 2026-10 | 10 | 0 | 0 | 0 | 0 | 10 | 8 | 12 | 0 | 0 | 10 | 10
        PACK-1 | north | 2026-10 | 5 | 0 | 0 | 0 | 0 | 5 | 4 | 6 | 0 | 0 | 5 | 5""",
    "constrained_demand": """product | market | period | demand | fulfilled | backlog | lost_sales
        TENT-1 | north | 2026-10 | 100 | 88 | 12 | 0
        TENT-1 | north | 2026-11 | 60 | 72 | 0 | 0
        PACK-1 | north | 2026-10 | 5 | 5 | 0 | 0""",
    "profitability": """product | market | period | quantity | list_revenue | discount | revenue | cost_of_sales | activity_spend | margin | uncosted_revenue | net_price | standard_cost
        TENT-1 | north | 2026-10 | 100 | 9000 | 0 | 9000 | 5400 | 0 | 3600 | 0 | 90 | 54
        TENT-2 | south | 2026-10 | 10 | 2000 | 0 | 2000 | 1000 | 0 | 1000 | 0 | 200 | 100
        PACK-1 | north | 2026-10 | 5 | 500 | 0 | 500 | 250 | 0 | 250 | 0 | 100 | 50""",
    "production_plan": """product | resource | period | regular | overtime | regular_hours | overtime_hours | runs
        TENT-1 | TENT-LINE | 2026-10 | 88 | 0 | 88 | 0 | 1""",
    "item_locations": """product | site | on_hand | produced_here | purchased_here
        TENT-1 | plant | 40 | True | False""",
    "sales_orders": """order_number | product | market | due_day | quantity
        SO-2 | TENT-1 | north | 2026-10-20 | 20
        SO-1 | TENT-1 | north | 2026-10-07 | 10""",
    "gaps": """gap | area | statement | gap_units | gap_value | owner | question | from_period | to_period | table | exhibit | family | product | resource
        line | supply | TENT-LINE: 12 h short | -12 | -900 | planner | More? | 2026-10 | 2026-10 | rough_cut_capacity | x.y | | | TENT-LINE
        late | supply | tents: 12 units are late | -12 | -700 | planner | Raise? | 2026-10 | 2026-10 | constrained_demand | x.y | tents | |
        packs | supply | packs: too many | 5 | 50 | planner | Fewer? | 2026-10 | 2026-10 | projected_inventory | x.y | packs | |""",
    "gap_causes": """gap | decision | origin | cause | gap_closed_ratio | statement
        line | decide-line | gap | line | 0 | short
        late | decide-line | gap | line | 0 | late""",
    "decisions": """decision | decision_level | question | options | recommendation | effect | owner | choice | gap
        decide-line | executives | The line is short. More? | keep | Add a shift | none | planner | | line""",
}  # fmt: skip


def table(name, text):
    """A conformed table written as text, its cells apart by bars."""
    head, *rows = [[cell.strip() or None for cell in line.split("|")] for line in text.splitlines()]
    return conform(name, pd.DataFrame(rows, columns=head))


@pytest.fixture(scope="module")
def tables():
    found = {name: table(name, text) for name, text in TEXTS.items()}
    return {
        one.name: found.get(one.name, empty(one.name))
        for one in fields(ItemTables)
        if one.name in found or one.default is not None
    }


@pytest.fixture(scope="module")
def tent(tables):
    return next(call(product_pages, tables))


def grid(page, heading):
    """A table of a page: what stands in each line, by its name."""
    block = next(one for one in page.blocks if isinstance(one, Table) and one.heading == heading)
    return {line[0].text: [cell.text for cell in line[1:]] for line in block.rows}


def lines(page, heading):
    block = next(one for one in page.blocks if isinstance(one, Words) and one.heading == heading)
    return [f"{line.strong} {line.text}".strip() for line in block.lines]


def test_products_stand_by_revenue_under_their_name_and_code(tables):
    found = list(call(product_pages, tables))
    assert [one.name for one in found] == ["Solo tent (TENT-1)", "Dome tent (TENT-2)", "PACK-1"]
    assert found[0].figures["revenue"] == 9000
    assert found[0].figures["max_backlog"] == 12


def test_a_page_says_what_the_product_is_what_it_earns_and_how_it_is_supplied(tent):
    said = " ".join(lines(tent, ""))
    assert "Product: family tents; sold in north." in said
    assert "revenue 9,000, margin 3,600 (40.0 %), Oct 2026 to Nov 2026." in said
    assert "Forecast: consensus 160 units, Oct 2026 to Nov 2026." in said
    assert "Supply: on hand 40 at plant; made on TENT-LINE; backlog peaks at 12 units in Oct 2026." in said  # fmt: skip


def test_history_stands_as_sold_and_as_used_with_the_reason(tent):
    found = grid(tent, "Demand history")
    assert found["As sold"][-1] == "100"
    assert found["As used for the forecast"][-1] == "70"
    block = next(one for one in tent.blocks if getattr(one, "heading", "") == "Demand history")
    assert block.foot == "Corrected: TENT-1 in north, Sep 2026: PROMO-1: lift of 43 % removed."


def test_the_plan_is_the_classic_grid_of_what_is_not_nothing(tent):
    found = grid(tent, "Plan")
    assert found["Consensus"] == ["100", "60"]
    assert found["Overrides"] == ["10", "0"]
    assert found["80 % range, low"] == ["80", "50"]
    assert found["Prior year"] == ["80", "–"]
    assert found["Delivered"] == ["88", "72"]
    assert found["Backlog, month end"] == ["12", "0"]
    assert "Lost sales" not in found


def test_orders_stand_by_day_and_gaps_are_its_own_of_its_lines_and_of_its_family(tent):
    assert list(grid(tent, "Orders")) == ["Customer order"]
    orders = next(one for one in tent.blocks if getattr(one, "heading", "") == "Orders")
    assert [line[1].text for line in orders.rows] == ["SO-1", "SO-2"]
    assert lines(tent, "Gaps") == ["900: TENT-LINE: 12 h short", "700: Tents: 12 units are late"]
    assert lines(tent, "Decisions") == [
        "Recommended: Add a shift The line is short. More? Owner: planner."
    ]


def test_as_many_products_as_fit_have_a_page_and_the_others_are_counted(tables):
    whole = item_section(tables, 1_000_000)
    assert [len(one.pages) for one in whole.lists] == [2, 2, 3]  # families, markets, products
    assert whole.said == "3 products, by planned revenue."
    pages = [page for one in whole.lists for page in one.pages][:5]
    room = sum(len(page.encode()) for page in pages)
    room += sum(len(a + b) for a, b in whole.names.items()) + 1
    *_, products = item_section(tables, room).lists
    assert len(products.pages) == 1
    assert item_section(tables, room).said.startswith("1 of 3 products have a page")
    assert "Dome tent" not in products.listed


def page_of(tables, folder):
    return html_report.build([], folder, FACTS, tables=tables).read_text(encoding="utf-8")


def test_the_list_leads_to_each_page_and_text_stays_text(tables, tmp_path):
    products = tables["products"].assign(description=["Solo tent", EVIL, None])
    page = page_of({**tables, "products": products}, tmp_path)
    assert '<a href="#product-1">Solo tent (TENT-1)</a>' in page
    assert (
        '<details class="item" data-kind="Product" id="product-1"><summary><b>Solo tent (TENT-1)</b>'
        in page
    )
    assert EVIL not in page


def test_the_search_finds_a_product_by_name_first_and_opens_its_page(tables, tmp_path, chromium):
    page = page_of(tables, tmp_path)
    policy = page[page.index("<meta http-equiv") : page.index("<meta name=")]
    script = (
        "<script>const box = document.getElementById('find'); box.value = 'solo';"
        "box.dispatchEvent(new Event('input')); document.querySelector('#found a').click();</script>"
    )
    asked = tmp_path / "asked.html"
    asked.write_text(page.replace(policy, "").replace("</body>", script + "</body>"), "utf-8")
    shown = chromium(asked, "--dump-dom", profile=tmp_path / "profile")
    first = re.search(r'<ol id="found"><li><small>(.*?)</small><a [^>]*>(.*?)</a>', shown)
    assert first.groups() == ("Product", "Solo tent (TENT-1) tents · 9,000")
    assert re.search(r'<details class="item" data-kind="Product" id="product-1" open', shown)
    assert not re.search(r'<details class="item" data-kind="Product" id="product-2" open', shown)


def test_a_product_of_a_company_with_prices_in_a_currency_says_so(tables):
    settings = table(
        "company_settings",
        "currency | receivable_days | payable_days | opening_cash | fixed_cost\nEUR | 30 | 30 | 0 | 0",
    )
    found = next(call(product_pages, {**tables, "company_settings": settings}))
    assert found.note == "tents · EUR 9,000"
    assert "Revenue, EUR k" in grid(found, "Plan")
    assert pd.notna(found.figures["margin"])


# -------------------------------------------------------------------------------------------------
# families and markets


def test_a_family_adds_up_its_products_and_names_them_with_its_gaps(tables):
    tents, packs = call(family_pages, tables)
    assert (tents.code, packs.code) == ("tents", "packs")
    assert (tents.figures["revenue"], tents.figures["margin"]) == (11000, 4600)
    assert grid(tents, "Plan")["Consensus"] == ["110", "60"]
    assert grid(tents, "Products") == {
        "Solo tent (TENT-1)": ["100", "9,000", "40.0 %", "12"],
        "Dome tent (TENT-2)": ["10", "2,000", "50.0 %", "0"],
    }
    assert lines(tents, "Gaps") == ["700: Tents: 12 units are late"]
    assert "2 products, sold in north and south." in " ".join(lines(tents, ""))


def test_a_market_has_what_it_buys_and_no_stock(tables):
    north, south = call(market_pages, tables)
    assert (north.code, south.code) == ("north", "south")
    assert north.figures["max_backlog"] == 12
    assert list(grid(north, "Products")) == ["Solo tent (TENT-1)", "PACK-1"]
    assert "Inventory, month end" not in grid(south, "Plan")
    assert "Service: all demand is met in its month." in lines(south, "")


def test_a_group_adds_up_all_below_it_and_comes_before_its_families(tables):
    groups = table(
        "product_groups", "member | product_group\ntents | camp\ncamp | outdoor\npacks | outdoor"
    )
    every, camp, tents, packs = call(family_pages, {**tables, "product_groups": groups})
    assert [one.code for one in (every, camp, tents, packs)] == [
        "outdoor",
        "camp",
        "tents",
        "packs",
    ]
    assert every.figures["revenue"] == 11500
    assert camp.figures["revenue"] == tents.figures["revenue"]
    assert lines(every, "")[0].startswith("Product group: 3 products")


def test_a_group_of_markets_has_a_page_in_the_list(tables):
    groups = table("market_groups", "member | market_group\nnorth | home\nsouth | home")
    lists = {
        one.heading: one for one in item_section({**tables, "market_groups": groups}, 10**6).lists
    }
    assert list(lists) == ["Families", "Market groups", "Markets", "Products"]
    assert 'href="#market_group-1"' in lists["Market groups"].listed
    assert 'data-kind="Market group"' in lists["Market groups"].pages[0]
