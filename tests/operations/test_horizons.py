"""What a horizon says is held against what the one below adds up to."""

import pandas as pd
import pytest

from sopkit.cycle import replanning
from sopkit.operations.plan_alignment import AlignmentInputs, plan_alignment

NAMES = [
    "planning_periods",
    "supply_plan",
    "workforce_plan",
    "financial_plan",
    "plan_variances",
    "weekly_plan",
    "daily_plan",
]
NAMES += ["labor_schedule", "work_calendar"]
SUMS = [
    "regular",
    "overtime",
    "subcontract",
    "shipped",
    "inventory",
    "regular_hours",
    "overtime_hours",
]
RECORD = "period < '2027-01'"


@pytest.fixture(scope="module")
def tables(plan, company):
    return {name: plan[name] for name in NAMES} | {"goals": company["goals"]}


def test_months_weeks_and_days_of_the_sample_company_add_up(tables):
    rows = plan_alignment(AlignmentInputs(**tables))
    added = rows[rows["measure"].isin(SUMS)]
    assert len(added) > 30
    assert added["variance"].abs().max() < 1e-6
    assert added["horizon"].unique().tolist() == ["tactical", "operational"]


def test_every_product_month_of_the_sample_company_adds_up_to_the_last_bit(plan):
    keys, flows = (
        ["product", "site", "period"],
        ["regular", "overtime", "subcontract", "shipped", "scheduled_receipts"],
    )
    months = plan["supply_plan"].query(RECORD).set_index(keys)[flows].sort_index()
    weeks = plan["weekly_plan"].groupby(keys)[flows].sum().sort_index()
    pd.testing.assert_frame_equal(weeks, months, check_exact=True)
    ends = plan["weekly_plan"].groupby(keys)["inventory"].last().sort_index()
    stock = plan["supply_plan"].query(RECORD).set_index(keys)["inventory"].sort_index()
    pd.testing.assert_series_equal(ends, stock, check_exact=True)
    assert plan["weekly_plan"]["inventory"].min() >= 0


def test_what_resources_make_adds_up_to_their_hours_and_to_the_supply_plan(plan, company):
    hours = ["regular_hours", "overtime_hours"]
    made = plan["production_plan"].groupby(["resource", "period"])[hours].sum()
    crews = plan["workforce_plan"].set_index(["resource", "period"])[hours]
    pd.testing.assert_frame_equal(made, crews.loc[made.index])
    routed = plan["supply_plan"]["product"].isin(company["routings"]["product"])
    supplied = plan["supply_plan"][routed].groupby(["product", "period"])["regular"].sum()
    by_route = plan["production_plan"].groupby(["product", "period"])["regular"].sum()
    pd.testing.assert_series_equal(by_route, supplied)


def test_no_batch_of_the_sample_company_is_below_its_smallest_lot(plan):
    rows = plan["production_schedule"]
    assert (rows["quantity"] >= rows["min_lot"] - 1e-5).all()
    assert plan["labor_schedule"]["utilization"].max() < 1.1


def test_a_goal_is_held_against_the_months_and_one_beyond_them_stays_open(tables):
    goals = (
        plan_alignment(AlignmentInputs(**tables)).query("horizon == 'strategic'").set_index("item")
    )
    revenue = tables["financial_plan"].query("period < '2027-10'")["revenue"].sum()
    assert goals.loc["growth", "plan"] == pytest.approx(revenue)
    assert goals.loc["growth", "variance"] == pytest.approx(revenue - 76e6)
    assert pd.isna(goals.loc["growth-2028", "plan"])


def test_a_week_that_was_changed_shows_as_a_gap(tables):
    weeks = tables["weekly_plan"].copy()
    weeks.loc[0, "shipped"] += 5
    rows = (
        plan_alignment(AlignmentInputs(**tables | {"weekly_plan": weeks}))
        .set_index(["item", "measure", "period"])
        .sort_index()
    )
    assert rows.loc[("month", "shipped", "2026-10"), "variance"] == pytest.approx(5)
    assert rows.loc[("week of 2026-09-28", "shipped", "2026-10"), "variance"] == pytest.approx(-5)


def test_without_goals_and_resources_the_months_are_still_tied(company):
    few = {name: company[name] for name in ("products", "sales_history")}
    rows = replanning.replan(few, "2026-10")["plan_alignment"]
    assert set(rows["horizon"]) == {"tactical", "operational"}
    assert rows["variance"].abs().max() < 1e-6
