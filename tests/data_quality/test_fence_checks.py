"""Fences, released orders and planner's rows that cannot be used; three months are planned from 2026-10."""

import pandas as pd
import pytest
from conftest import said, table

from sopkit.data_quality import fence_checks as checks
from sopkit.tables.issues import DataError
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table("products", "product family unit_of_measure\nA tents piece\nB tents piece")
CREW = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost"
OVERRIDE = "kind item site period day fixed least most author reason\n"


def fences(*rows):
    text = "kind item months limit owner reason\n" + "\n".join(f"{row} Larsen x" for row in rows)
    return table("planning_fences", text)


def overrides(*rows):
    return table("plan_overrides", OVERRIDE + "\n".join(f"{row} Larsen x" for row in rows))


def test_a_kind_or_an_item_that_nobody_knows_is_refused():
    rows = fences("frozen - 1 -", "rate_change WELDING - 5")
    assert said(checks.unknown_fences(rows, PRODUCTS)) == (
        "planning_fences: kind must be one of frozen_production, hiring_notice, layoff_notice, supplier_notice, "
        "rate_change; 1 of 2 rows is not:\n  row 1  kind=frozen\n  Enter one of these kinds.\n"
        "planning_fences: the item of rate_change must be a product or a family or a resource known in products or "
        "resources; 1 of 2 rows is not:\n  row 2  kind=rate_change  item=WELDING\n  Correct the item."
    )
    rows = overrides("production C - 2026-10 - 5 - -")
    assert said(checks.unknown_overrides(rows, PRODUCTS)) == (
        "plan_overrides: the item of production must be a product or a family known in products; 1 of 1 rows is not:\n"
        "  row 1  kind=production  item=C  period=2026-10\n  Correct the item."
    )


def test_a_fence_needs_its_number_and_is_no_longer_than_the_horizon():
    rows = fences("hiring_notice - - -", "rate_change tents 1 -", "frozen_production tents 4 -")
    assert said(checks.fences_without_length(rows)) == (
        "planning_fences: limit must be filled: the largest change in a month; 1 of 3 rows is not:\n"
        "  row 2  kind=rate_change  item=tents  limit=\n"
        "planning_fences: months must be filled: for how many months it holds; 1 of 3 rows is not:\n"
        "  row 1  kind=hiring_notice  months="
    )
    assert said(checks.fences_beyond_the_horizon(HORIZON, rows)) == (
        "planning_fences: months must not be more than the 3 months of the horizon; 1 of 3 rows is not:\n"
        "  row 3  kind=frozen_production  item=tents  months=4.0\n"
        "  Shorten the fence, or raise horizon_months in company_settings."
    )


def test_rows_that_contradict_are_refused_with_the_wider_one():
    rows = overrides(
        "production A - 2026-10 - 60 - -",
        "production B - 2026-10 - - 50 -",
        "production tents - 2026-10 - - - 100",
        "production tents - 2026-11 - - - 100",
    )
    assert said(checks.overrides_that_contradict(rows, PRODUCTS)) == (
        "plan_overrides: what a row allows must not be less than the rows within it ask together; 1 of 4 rows is not:\n"
        "  row 3  kind=production  item=tents  period=2026-10  fixed=\n"
        "  Raise its fixed or most, or lower the rows of its products and sites."
    )
    both = overrides("production A - 2026-10 - 60 70 -")
    assert "a row must have fixed, or least and most, but not both" in said(
        checks.overrides_with_two_numbers(both)
    )
    with pytest.raises(DataError, match="least must not be more than most"):
        overrides("production A - 2026-10 - - 70 60")


def test_half_a_worker_in_a_crew_of_whole_ones_is_refused_unless_there_are_half_posts():
    crews = table(
        "resources",
        f"{CREW} whole_workers part_time_ratio\nSEWING main 4.5 20 30 1 1 yes -\nBAR main 2.5 20 30 1 1 yes 0.5\n"
        "PRESS main 1.3 20 30 1 1 no -",
    )
    rows = overrides("workers SEWING - 2026-10 - - 3.5 -", "workers BAR - 2026-10 - 3.5 - -")
    assert said(checks.parts_of_workers(crews, rows)) == (
        "resources: opening_workers must be whole posts in a crew of whole workers; 1 of 3 rows is not:\n"
        "  row 1  resource=SEWING  opening_workers=4.5\n"
        "  Round it, set part_time_ratio in resources, or set whole_workers to false.\n"
        "plan_overrides: least must be whole posts in a crew of whole workers; 1 of 2 rows is not:\n"
        "  row 1  kind=workers  item=SEWING  period=2026-10  least=3.5\n"
        "  Round it, set part_time_ratio in resources, or set whole_workers to false."
    )


def test_released_orders_above_capacity_are_said_with_the_hours_of_both():
    crews = table("resources", f"{CREW} max_workers\nSEWING main 1 20 30 1 1 2")
    ways = table("routings", "product resource hours_per_unit\nA SEWING 2")
    calendar = table(
        "resource_calendar",
        "resource period working_days regular_hours_per_worker overtime_hours_per_worker\n"
        "SEWING 2026-10 20 100 10\nSEWING 2026-11 20 100 10\nSEWING 2026-12 20 100 10",
    )
    rows = overrides(
        "firm_production A - 2026-10 2026-10-05 80 - -",
        "firm_production A - 2026-10 2026-10-12 40 - -",
        "firm_production A - 2026-11 - 110 - -",
    )
    assert said(checks.released_above_capacity(HORIZON, rows, ways, crews, calendar)) == (
        "plan_overrides: released orders take 240 hours of SEWING in 2026-10, which has 220 with all its workers; "
        "the rest is not produced\n"
        "  Lower the orders, or raise max_workers."
    )


def test_what_is_not_in_the_planned_months_or_on_another_day_is_said():
    rows = overrides(
        "production A - 2027-03 - 5 - -", "firm_production A - 2026-10 2026-11-02 5 - -"
    )
    assert said(checks.overrides_outside_the_horizon(HORIZON, rows)) == (
        "plan_overrides: period is not in the planned months, 2026-10 to 2026-12; the row is not used; 1 of 2 rows:\n"
        "  row 1  kind=production  item=A  period=2027-03\n  Correct the month, or remove the row."
    )
    assert "day must be in the month of period" in said(checks.orders_on_another_month(rows))


def test_a_planners_row_that_released_orders_overrule_is_said():
    rows = overrides("firm_production A - 2026-10 - 80 - -", "production A - 2026-10 - - - 60")
    assert said(checks.planners_rows_below_firm(rows)) == (
        "plan_overrides: released orders are above what the row allows and take precedence; 1 of 2 rows:\n"
        "  row 2  kind=production  item=A  period=2026-10  most=60.0\n"
        "  Cancel the orders in firm_production, or raise the row."
    )
