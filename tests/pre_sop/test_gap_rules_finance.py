"""Gap rules of finance and goals: budget, goals, the paths to them, cash."""

import pytest
from conftest import table
from resting import TERMS, budget, gaps, only


def test_a_plan_behind_the_path_to_a_far_goal_is_a_gap():
    far = table(
        "goals",
        "goal measure from_period to_period target direction horizon owner\n"
        "far revenue 2029-01 2029-12 9e5 at_least strategic Ann",
    )
    path = "reference_type measure item period plan reference_value variance\ngoal_path revenue far 2027-06 90 100 -10"
    gap = only(gaps(plan_variances=table("plan_variances", path), goals=far))
    assert (gap["gap"], gap["gap_value"], gap["owner"]) == ("path-far", -10, "Ann")
    assert only(gaps(plan_variances=table("plan_variances", path), goals=far))[
        "statement"
    ].startswith("Goal “far” behind its path: revenue 90 vs. 100 on the path")


def test_a_family_more_than_two_per_cent_below_budget_is_one_gap_over_all_months():
    gap = only(gaps(plan_variances=budget(margin=5000, revenue=12000), company_settings=TERMS))
    assert gap["gap"] == "budget-margin-tents"  # revenue is not told again
    assert (gap["gap_units"], gap["gap_value"]) == (-20, -2000)
    assert (
        gap["statement"] == "tents: margin is EUR 2,000 (20.0 %) below budget, Apr 2027 to May 2027"
    )


def test_revenue_counts_where_the_margin_holds():
    gap = only(gaps(plan_variances=budget(margin=4000, revenue=12000)))
    assert (gap["gap"], gap["gap_value"]) == ("budget-revenue-tents", -4000)


def test_up_to_two_per_cent_below_budget_is_no_gap():
    assert gaps(plan_variances=budget(margin=4080, revenue=10200)).empty


GOALS = table(
    "goals",
    """
    goal     measure              dimension  item   from_period  to_period  target  direction  horizon   owner
    growth   revenue              family     tents  2027-04      2027-06    40000   at_least   tactical  Winter
    lean     inventory_value      -          -      2027-04      2027-06    700     at_most    tactical  Novak
    service  fill_rate  -          -      2027-04      2027-06    0.98    at_least   tactical  Larsen
    """,
)


def judged(goal, measure, plan, target):
    row = f"goal {measure} {goal} 2027-06 {plan} {target} {plan - target}"
    return table(
        "plan_variances", f"reference_type measure item period plan reference_value variance\n{row}"
    )


def test_a_goal_missed_belongs_to_its_owner_and_begins_with_its_first_month():
    gap = only(
        gaps(
            plan_variances=judged("growth", "revenue", 30000, 40000),
            goals=GOALS,
            company_settings=TERMS,
        )
    )
    assert (gap["gap"], gap["owner"], gap["family"]) == ("goal-growth", "Winter", "tents")
    assert (str(gap["from_period"]), str(gap["to_period"])) == ("2027-04", "2027-06")
    assert gap["gap_value"] == -10000
    assert gap["statement"] == (
        "Goal “growth” missed: revenue of tents EUR 30 k vs. target EUR 40 k, Apr 2027 to Jun 2027"
    )


def test_a_goal_at_most_is_missed_from_above():
    assert (
        only(gaps(plan_variances=judged("lean", "inventory_value", 800, 700), goals=GOALS))[
            "gap_value"
        ]
        == 100
    )
    assert gaps(plan_variances=judged("lean", "inventory_value", 600, 700), goals=GOALS).empty


def test_a_point_of_service_is_worth_a_hundredth_of_revenue():
    gap = only(gaps(plan_variances=judged("service", "fill_rate", 0.97, 0.98), goals=GOALS))
    assert gap["gap_value"] == pytest.approx(-0.01 * 60000)
    assert "97.0 % vs. target 98.0 %" in gap["statement"]


def test_cash_below_zero_is_one_gap_of_its_lowest_month():
    cash = table(
        "cash_plan",
        """
        period   collections  payments  receivables  payables  inventory_value  cash
        2027-04  0            100       0            0         0                -100
        2027-05  0            200       0            0         0                -300
        2027-06  400          0         0            0         0                100
        """,
    )
    gap = only(gaps(cash_plan=cash, company_settings=TERMS))
    assert gap["gap"] == "cash-company"
    assert gap["statement"] == "Minimum cash balance is EUR 300 below zero, Apr 2027 to May 2027"
    assert gap["gap_value"] == -300
    assert gaps(cash_plan=cash.assign(cash=0.0)).empty
