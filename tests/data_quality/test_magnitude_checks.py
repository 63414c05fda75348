"""Capacity, price, cost, stock and budget of another order of magnitude than sales: told with what to do."""

import pandas as pd
import pytest
from conftest import said, table

from sopkit.data_quality import data_issues, magnitude_checks
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

PERIODS = planning_periods("2026-10")
MONTHS = [str(month) for month in pd.period_range("2025-10", "2026-09", freq="M")]
PRODUCTS = table("products", "product family unit_of_measure\nTENT tents piece\nSTOVE stoves piece")
SALES = conform(
    "sales_history",
    pd.DataFrame(
        [
            (p, "north", m, 100.0, 100.0 * price)
            for p, price in (("TENT", 200), ("STOVE", 50))
            for m in MONTHS
        ],
        columns=["product", "market", "period", "quantity", "revenue"],
    ),
)


def resources(workers):
    text = f"""
    resource  site  opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost
    LINE      main  {workers}        20            30             100        200
    """
    return table("resources", text)


def calendar(hours):
    rows = "\n".join(f"LINE {month} 20 {hours} 0" for month in ("2026-10", "2026-11"))
    head = "resource period working_days regular_hours_per_worker overtime_hours_per_worker\n"
    return table("resource_calendar", head + rows)


ROUTINGS = table("routings", "product resource hours_per_unit\nTENT LINE 2\nSTOVE LINE 1")


def test_capacity_at_a_hundredth_is_told_with_both_figures():
    """100 tents of 2 hours and 100 stoves of 1 hour take 300 hours; two workers of 1.6 hours have 3.2."""
    found = magnitude_checks.capacity_far_below_sales(
        PERIODS, SALES, ROUTINGS, resources(2), calendar(1.6)
    )
    assert said(found).startswith(
        "resource_calendar: the hours of a month are far fewer than sales of the last year took (LINE); 2 of 2 rows:"
    )
    (entry,) = found.entries
    assert entry.row_key == "resource LINE"
    assert entry.message == "3.2 hours a month, but sales of the last year took 300.0"


@pytest.mark.parametrize(
    "more",
    [
        {"resource_calendar": calendar(160)},
        {
            "routings": table(
                "routings",
                "product resource hours_per_unit\nTENT LINE 2\nTENT HAND 9\nSTOVE LINE 0.01",
            )
        },
        {
            "sources": table(
                "sources", "item supplier lead_time_days unit_cost\nTENT acme 3 90\nSTOVE acme 3 9"
            )
        },
    ],
    ids=["capacity is there", "another resource can do it", "it is bought"],
)
def test_capacity_is_not_doubted_where_sales_may_have_come_from_elsewhere(more):
    given = {"routings": ROUTINGS, "resources": resources(2), "resource_calendar": calendar(1.6)}
    assert magnitude_checks.capacity_far_below_sales(PERIODS, SALES, **given | more) is None


def prices(of_tents):
    text = f"""
    product  effective_from  price        material_cost  holding_cost  backlog_cost
    TENT     2026-01         {of_tents}   60             1             2
    STOVE    2026-01         52           12             1             2
    """
    return table("item_costs", text)


def test_a_material_cost_far_from_that_of_its_components_is_told():
    bill = table(
        "bill_of_materials",
        "product component quantity_per_unit\nTENT FABRIC 6\nTENT PEG 8\nSTOVE BURNER 1",
    )
    sources = table("sources", "item supplier lead_time_days unit_cost\nFABRIC a 3 900\nPEG b 3 1")
    assert said(magnitude_checks.costs_unlike_parts(prices(200), bill, sources)) == (
        "item_costs: material_cost is more than 5 times, or less than 1/5 of, what the components of a unit cost "
        "(5,408); 1 of 2 rows:\n"
        "  row 1  product=TENT  effective_from=2026-01  material_cost=60.0\n"
        "  Check its unit, and its decimal and thousands marks."
    )


def stock(tents, stoves):
    return table("inventory", f"product site on_hand\nTENT main {tents}\nSTOVE main {stoves}")


def test_stock_of_one_product_that_lasts_for_years_is_told():
    (found,) = magnitude_checks.stock_of_years(PERIODS, SALES, stock(9000, 120))
    assert str(found).startswith(
        "inventory: on_hand lasts for more than 60 months of sales; 1 of 2 rows:\n  row 1  product=TENT"
    )


def test_stock_of_most_products_that_lasts_for_years_is_told_as_one():
    (found,) = magnitude_checks.stock_of_years(PERIODS, SALES, stock(4000, 12000))
    assert str(found).startswith(
        "inventory: stock of most products lasts for more than 36 months; 2 of 2 rows:"
    )


def test_stock_of_months_is_not_told():
    assert said(magnitude_checks.stock_of_years(PERIODS, SALES, stock(300, 800))) == ""


def budget(rows):
    return table("budget", f"family period quantity revenue margin\n{rows}")


def test_a_budget_of_another_order_of_magnitude_than_sales_is_told():
    rows = budget("tents 2026-10 9000 9 1\nstoves 2026-10 120 9 1")
    assert said(magnitude_checks.budgets_unlike_sales(PERIODS, SALES, PRODUCTS, rows)).startswith(
        "budget: quantity is more than 8 times, or less than 1/8 of, the family's sales (100); 1 of 2 rows:\n"
        "  row 1  family=tents  period=2026-10  quantity=9000.0"
    )


def test_a_budget_that_lacks_a_month_is_told_by_family():
    rows = budget(
        "tents 2026-10 9 9 1\ntents 2026-12 9 9 1\nstoves 2026-10 9 9 1\nstoves 2026-11 9 9 1"
    )
    assert said(magnitude_checks.budgets_with_holes(rows)) == (
        "budget: the budget of tents has no row for 2026-11\n  Add these months, with 0 where that is meant."
    )


def test_a_month_that_the_budget_of_every_family_lacks_is_told_once():
    rows = budget(
        "tents 2026-10 9 9 1\ntents 2026-12 9 9 1\nstoves 2026-10 9 9 1\nstoves 2026-12 9 9 1"
    )
    assert said(magnitude_checks.budgets_with_holes(rows)) == (
        "budget: the budget of every family has no row for 2026-11\n"
        "  Add these months, with 0 where that is meant."
    )


def test_a_budget_that_begins_later_has_no_hole():
    rows = budget("tents 2026-10 9 9 1\ntents 2026-11 9 9 1\nstoves 2026-11 9 9 1")
    assert said(magnitude_checks.budgets_with_holes(rows)) == ""


def test_a_demand_input_of_another_unit_is_told():
    rows = table(
        "demand_inputs",
        "function product market period quantity author reason submitted_on\n"
        "sales TENT north 2026-11 120000 A.N Fair 2026-09-20\nsales STOVE north 2026-11 120 A.N Fair 2026-09-20",
    )
    assert said(magnitude_checks.inputs_unlike_sales(PERIODS, SALES, rows)).startswith(
        "demand_inputs: quantity is more than 20 times the most that was sold in a month; 1 of 2 rows:"
    )


def test_what_they_find_stands_in_the_list_of_data_issues():
    checks = {check.__name__ for check in data_issues.CHECKS}
    assert {
        "capacity_far_below_sales",
        "budgets_with_holes",
        "changed_units",
        "short_last_month",
    } <= checks
