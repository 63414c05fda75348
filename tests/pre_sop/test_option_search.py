"""The search on a small company whose best pair of moves is known by hand."""

from functools import cache

import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import replanning
from sopkit.tables import conform

MONTHS = [str(month) for month in pd.period_range("2026-10", periods=6, freq="M")]


def stools(**more):
    """100 stools a month are wanted. Five workers make 50, and 50 seats can be bought.

    A stool sells at 50, its seat costs 10 and its hour 10: it leaves 30. A customer who is not
    served in the month is lost. More of either limit alone makes no stool more.
    """
    past = [str(month) for month in pd.period_range("2024-10", "2026-09", freq="M")]
    sales = pd.DataFrame({"period": past, "product": "STOOL", "market": "town", "quantity": 100.0})
    hours = pd.DataFrame({"period": MONTHS, "resource": "LINE", "working_days": 20})
    hours = hours.assign(regular_hours_per_worker=10.0, overtime_hours_per_worker=0.0)
    return {
        "products": table("products", "product family unit_of_measure\nSTOOL stools piece"),
        "sales_history": conform("sales_history", sales),
        "item_costs": table(
            "item_costs",
            """
            product  effective_from  price  material_cost  holding_cost  backlog_cost
            STOOL    2024-10         50     10             1             5
            """,
        ),
        "inventory_policy": table(
            "inventory_policy",
            "product site backlog_allowed ending_inventory\nSTOOL main false 0",
        ),
        "inventory": table("inventory", "product site on_hand\nSTOOL main 0"),
        "routings": table("routings", "product resource hours_per_unit\nSTOOL LINE 1"),
        "resources": table(
            "resources",
            """
            resource  site  opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost  max_workers  whole_workers
            LINE      main  5                10            15             20         20           5            false
            """,
        ),
        "resource_calendar": conform("resource_calendar", hours),
        "bill_of_materials": table(
            "bill_of_materials", "product component quantity_per_unit\nSTOOL SEAT 1"
        ),
        "sources": table(
            "sources", "item supplier lead_time_days unit_cost supply_limit\nSEAT acme 0 10 50"
        ),
        "company_settings": table(
            "company_settings",
            "currency receivable_days payable_days opening_cash fixed_cost horizon_months\n"
            "EUR 0 0 0 0 6",
        ),
        **more,
    }


@cache
def planned(*names):
    """The plan up to the decisions, with more tables by name."""
    more = {name: MORE[name] for name in names}
    return replanning.replan(stools(**more), "2026-10", until="70_executive_sop")


MORE = {
    "assumptions": table(
        "assumptions",
        """
        assumption  statement      owner  valid_from  valid_to  table    item
        one-source  No-other-seats Silva  2026-10     2027-03   sources  SEAT
        """,
    ),
    "goals": table(
        "goals",
        """
        goal   measure  from_period  to_period  target  direction  horizon   owner  binding
        floor  workers  2026-10      2027-03    6       at_most    tactical  Weiss  true
        """,
    ),
}


def best(plan):
    tried = plan["tried_options"]
    return set(tried[tried["best"] & (tried["moves"] == 1)]["scenario"])


def margin(plan, scenario):
    rows = plan["gap_options"]
    return rows[rows["scenario"] == scenario]["margin_effect"].iloc[0]


def test_the_pair_that_helps_only_together_is_found():
    """From November 62.5 seats a month: 12.5 stools more, each leaves 30, for 1.25 workers hired at 20."""
    plan = planned()
    assert best(plan) == {"shift-LINE", "supplier-SEAT"}
    tried = plan["tried_options"].set_index("scenario")
    assert tried.loc["shift-LINE", "outcome"] == "without effect"
    assert tried.loc["supplier-SEAT", "outcome"] == "without effect"
    pair = next(name for name in tried.index if set(name.split("+")) == best(plan))
    assert margin(plan, pair) == pytest.approx(5 * 12.5 * 30 - 1.25 * 20)


def test_what_an_assumption_rules_out_is_never_recommended():
    plan = planned("assumptions")
    tried = plan["tried_options"].set_index("scenario")
    assert tried.loc["supplier-SEAT", "note"] == "one-source"
    assert not any("supplier-SEAT" in name.split("+") for name in tried.index if "+" in name)
    assert not best(plan)


def test_a_binding_goal_keeps_the_search_from_the_best_pair():
    """No more than six workers: one more makes ten stools a month, and 2.5 seats a month are left.

    In March overtime makes stools of these 12.5 seats, each of which leaves 25.
    """
    plan = planned("goals")
    assert best(plan) == {"workers-LINE", "supplier-SEAT", "overtime-LINE-2027-03"}
    tried = plan["tried_options"].set_index("scenario")
    three = next(name for name in tried.index if set(name.split("+")) == best(plan))
    assert margin(plan, three) == pytest.approx(5 * 10 * 30 - 20 + 12.5 * 25)
    pair = next(
        name for name in tried.index if set(name.split("+")) == {"shift-LINE", "supplier-SEAT"}
    )
    assert not tried.loc[pair, "allowed"]


def test_the_worth_of_a_limit_is_measured_and_not_read_from_its_shadow_price():
    """A worker more makes nothing without seats, and seats nothing without workers."""
    worth = planned()["limit_worth"].set_index(["constraint", "item"])
    assert (worth[["one_unit_effect", "whole_effect"]].abs() < 1e-6).all(axis=None)
