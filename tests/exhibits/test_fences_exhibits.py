"""Exhibits of fences: what is kept, what is broken, and what the planner's numbers cost."""

from looking import table

from sopkit.reporting.exhibits import fences
from sopkit.supply.override_costs import FREE, LEFT, MEASURED

RULES = """kind | item | site | period | planned | breach | lower_limit | upper_limit
frozen_production | TENT-1 | alpine | 2026-10 | 80 | 0 | 80 | 80
hiring_notice | SEWING | | 2026-10 | 0 | 0 | | 0
hiring_notice | SEWING | | 2026-11 | 0 | 0 | | 0
"""
BROKEN = "firm_production | TENT-2 | | 2026-10 | 120 | -30 | 150 | 150"


def test_what_is_kept_is_counted():
    shown = fences.fences(table("planning_rules", RULES))
    assert shown.headline == (
        "All 3 rules of released orders, planner's rows, fences and notices are kept."
    )
    assert shown.table[["kind", "item", "planned", "breach"]].to_numpy().tolist() == [
        ["frozen production", "TENT-1", 80, 0],
        ["hiring notice", "SEWING", 0, 0],
    ]
    assert shown.table["to_period"].astype(str).tolist() == ["2026-10", "2026-11"]


def test_what_is_broken_is_named_and_stands_first_with_its_reason():
    reason = table(
        "plan_overrides",
        "kind | item | period | fixed | author | reason\n"
        "firm_production | TENT-2 | 2026-10 | 150 | Larsen | Order 4711",
    )
    shown = fences.fences(table("planning_rules", RULES + BROKEN), plan_overrides=reason)
    assert shown.headline == (
        "1 of 4 rules is not kept; furthest off is released orders of TENT-2 in Oct 2026: "
        "120 planned against 150."
    )
    assert shown.table["kind"][0] == "released orders"
    assert shown.table["reason"].tolist() == ["Order 4711", "", ""]


def test_without_rules_nothing_binds():
    assert fences.fences(table("planning_rules", RULES).iloc[:0]).headline == (
        "No production is frozen or released, and no notice is given: nothing binds the plan "
        "ahead of demand and capacity."
    )


def test_the_override_that_costs_most_is_named_with_what_it_costs():
    rows = table(
        "override_costs",
        "kind | item | site | period | planned | breach | basis | cost | units_recovered\n"
        f"production | TENT-1 | | 2026-10 | 120 | 0 | {MEASURED} | 720 | 0\n"
        f"workers | SEWING | | 2026-11 | 3 | 0 | {MEASURED} | 1500 | 40\n"
        f"production | TENT-1 | | 2026-12 | 90 | 0 | {FREE} | 0 | 0\n"
        f"production | TENT-1 | | 2027-01 | 90 | 0 | {LEFT} | |",
    )
    shown = fences.override_cost(rows)
    assert shown.headline == (
        "3 of 4 overrides bind; the most expensive, planner's workers of SEWING in Nov 2026, adds "
        "1,500 to the cost of the plan and 40 unit-months to what is late or lost; 1 beyond the 12 "
        "that bind most is not measured."
    )
    assert shown.table["cost"].tolist()[:2] == [1500, 720]
    none = fences.override_cost(rows.iloc[:0]).headline
    assert none == "The planner overrides no number of the plan."
    free = fences.override_cost(rows.iloc[[2]]).headline
    assert free == "0 of 1 override bind; none adds to the cost of the plan."
