"""Codes that must be known elsewhere, and what a scenario may change."""

import pytest
from conftest import table

from sopkit.data_quality import judge
from sopkit.tables.issues import DataError

PRODUCTS = table("products", "product family unit_of_measure\nTENT-1 tents piece")
SALES = table("sales_history", "product market period quantity\nTENT-1 north 2026-01 1")
TWO_SALES = table(
    "sales_history", "product market period quantity\nTENT-1 n 2026-01 1\nTENT-l n 2026-01 1"
)
PARTS = """
component  on_hand
BASE       0
LEG        0
"""
SOURCES = "item supplier lead_time_days unit_cost\nBASE own 7 1\nLEG acme 7 1"


def refusal(**tables):
    with pytest.raises(DataError) as caught:
        judge.refuse({"products": PRODUCTS, "sales_history": SALES} | tables)
    return str(caught.value)


def accepted(**tables):
    judge.refuse({"products": PRODUCTS, "sales_history": SALES} | tables)


def test_a_product_that_products_does_not_know_is_named_with_the_nearest():
    assert refusal(sales_history=TWO_SALES) == (
        "sales_history: product must be known in products; 1 of 2 rows is not:\n"
        "  row 2  product=TENT-l  market=n  period=2026-01\n"
        "  Add it to products, or correct it here; did you mean TENT-1?"
    )


def test_an_order_for_an_unknown_product_is_named_with_its_due_day():
    orders = "order_number product market due_day quantity\n17 TENT-7 north 2026-10-14 5"
    assert refusal(sales_orders=table("sales_orders", orders)) == (
        "sales_orders: product must be known in products; 1 of 1 rows is not:\n"
        "  row 1  order_number=17  product=TENT-7  market=north  due_day=2026-10-14\n"
        "  Add it to products, or correct it here; did you mean TENT-1?"
    )


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            "soon 5",
            "sales_orders: due_day must be a date written as 2026-10-31; 1 of 1 rows is not:",
        ),
        ("2026-10-14 -5", "sales_orders: quantity must be 0 or more; 1 of 1 rows is not:"),
    ],
)
def test_an_order_without_a_date_or_of_less_than_nothing_is_refused(cells, told):
    orders = f"order_number product market due_day quantity\n17 TENT-1 north {cells}"
    with pytest.raises(DataError) as caught:
        table("sales_orders", orders)
    assert str(caught.value).startswith(told)
    assert "row 1" in str(caught.value)


def test_a_row_is_found_on_its_line_whatever_lines_were_left_out_before():
    sales = TWO_SALES.set_axis([0, 5])
    issue = judge.run({"products": PRODUCTS, "sales_history": sales}, {"sales_history": "s.csv"})[0]
    assert "row 6 (s.csv line 7)  product=TENT-l" in str(issue)


def test_rows_are_not_held_against_a_table_that_was_itself_refused():
    tables = {"products": PRODUCTS, "sales_history": TWO_SALES}
    assert "must be known" in str(judge.run(tables)[0])
    assert not any("must be known" in str(one) for one in judge.run(tables, refused={"products"}))


def test_a_column_that_points_to_another_tables_key_is_checked_against_it():
    marketing_activities = table(
        "marketing_activities",
        "activity kind market start_period end_period spend product\n"
        "SPRING promo north 2026-05 2026-05 1 TENT-1",
    )
    deals = (
        "opportunity product market period quantity probability stage owner source_activity\n"
        "D TENT-1 north 2026-06 1 1 won x {}"
    )
    accepted(
        marketing_activities=marketing_activities,
        opportunities=table("opportunities", deals.format("SPRING")),
    )
    said = refusal(
        marketing_activities=marketing_activities,
        opportunities=table("opportunities", deals.format("SPRINT")),
    )
    assert "source_activity must be known in marketing_activities" in said


def test_a_stage_of_an_unknown_deal_is_refused():
    deals = table(
        "opportunities",
        "opportunity product market period quantity probability stage owner\n"
        "D TENT-1 north 2026-06 1 1 won x",
    )
    stages = table("opportunity_history", "opportunity stage entered_on\nZ offer 2026-05-02")
    said = refusal(opportunities=deals, opportunity_history=stages)
    assert "opportunity_history: opportunity must be known in opportunities" in said


def test_a_closure_is_of_a_known_site_or_of_a_supplier():
    sources = table("sources", SOURCES)
    holidays = "site day reason\n{} 2026-10-12 holiday"
    bill = "product component quantity_per_unit\nTENT-1 BASE 1\nBASE LEG 1"
    bill = table("bill_of_materials", bill)
    known = {"sources": sources, "bill_of_materials": bill}
    accepted(**known, holidays=table("holidays", holidays.format("acme")))
    said = refusal(**known, holidays=table("holidays", holidays.format("acne")))
    assert "site must be known in" in said
    assert "sources.supplier" in said


@pytest.mark.parametrize(
    "bill", ["TENT-1 BASE 1\nBASE LEG 4", "TENT-1 BASE 1\nTENT-1 LEG 1\nBASE LEG 4"]
)
def test_a_component_may_be_made_of_components_and_be_used_at_two_levels(bill):
    bill = table("bill_of_materials", "product component quantity_per_unit\n" + bill)
    accepted(components=table("components", PARTS), bill_of_materials=bill)


def test_a_part_that_nobody_knows_is_refused_with_or_without_a_list_of_parts():
    bill = table("bill_of_materials", "product component quantity_per_unit\nTENT-1 LID 1")
    said = refusal(components=table("components", PARTS), bill_of_materials=bill)
    assert (
        "bill_of_materials: component must be known in components or products or sources.item; 1 of 1"
        in said
    )
    assert "component must be known in components" in refusal(bill_of_materials=bill)


def test_a_bill_with_a_circle_is_refused_with_the_rows_that_close_it():
    bill = table(
        "bill_of_materials",
        "product component quantity_per_unit\nTENT-1 BASE 1\nBASE LEG 4\nLEG BASE 1",
    )
    said = refusal(components=table("components", PARTS), bill_of_materials=bill)
    assert "a component must not be part of itself; 2 of 3 rows are not" in said
    assert "product=BASE  component=LEG" in said
    assert "product=TENT-1" not in said


def test_a_scenario_may_change_only_numbers_of_tables_that_are_given():
    changes = table(
        "scenario_changes",
        """
        scenario  change  table          column    operation  amount
        a         1       item_costs      price     multiply   2
        a         2       sales_history  market    multiply   2
        b         1       sales_history  quantity  multiply   2
        """,
    )
    assert refusal(scenario_changes=changes) == (
        "scenario_changes: table must be a table of the workspace; 1 of 3 rows is not:\n"
        "  row 1  scenario=a  change=1  table=item_costs\n"
        "  Add the table, or remove the change.\n"
        "scenario_changes: column must be a column of numbers, months, choices or true and false of its table; 1 of 3 rows is not:\n"
        "  row 2  scenario=a  change=2  column=market\n"
        "  Enter a column that is not part of the key."
    )
