"""Master data in force from a month on: one rule for all tables, and the plan follows it."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import calendar, cost, demand, item_costs, months, review

from sopkit import scenarios
from sopkit.data_quality import feasibility_checks
from sopkit.master_data.dated import in_force, once
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets

MONTHS = pd.period_range("2026-10", periods=4, freq="M")
CREWS = table(
    "resources",
    """
    resource effective_from site  opening_workers regular_wage overtime_wage hire_cost layoff_cost
    SEWING   -              north 4               20           30            500       800
    SEWING   2026-12        north 4               22           33            500       800
    CUTTING  2026-11        south 2               18           27            400       600
    CUTTING  2027-01        south 2               19           28            400       600
    """,
)


def test_a_row_holds_from_its_month_until_the_next_one_starts_and_the_first_one_before_it_too():
    wage = in_force(CREWS, ("resource",), MONTHS)
    assert wage.keys["resource"].tolist() == ["CUTTING", "SEWING"]
    assert wage["regular_wage"].tolist() == [[18, 18, 18, 19], [20, 20, 22, 22]]


def test_what_does_not_change_is_taken_from_the_first_row_of_each_thing():
    assert once(CREWS, "resource")[["resource", "site"]].to_numpy().tolist() == [
        ["SEWING", "north"],
        ["CUTTING", "south"],
    ]


def test_a_what_if_of_some_months_starts_a_row_and_gives_the_old_values_back_after_them():
    changes = table(
        "scenario_changes",
        "scenario change table column operation amount resource from_period to_period\n"
        "dear 1 resources regular_wage add 5 SEWING 2026-11 2026-12",
    )
    changed = scenarios.apply({"resources": CREWS}, changes)["resources"]
    assert in_force(changed, ("resource",), MONTHS)["regular_wage"].tolist() == [
        [18, 18, 18, 19],
        [20, 25, 27, 22],
    ]


def two_months(**tables):
    """100 units a month, an hour each; one worker gives 100 hours a month."""
    periods = months(2)
    return {
        "planning_periods": periods,
        "products": table("products", "product family unit_of_measure\nA tents piece"),
        "demand_plan": demand(periods, {("A", "home"): [100, 100]}),
        "unit_economics": item_costs(
            periods, "product price material_cost holding_cost backlog_cost\nA 100 10 50 20"
        ),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nA plant 0 yes"
        ),
        "inventory_policy": table("inventory_policy", "product target_service_level\nA 0.5"),
        "resources": table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
            "CREW plant 1 4 6 300 500",
        ),
        "routings": table("routings", "product resource hours_per_unit\nA CREW 1"),
        "resource_calendar": calendar(
            periods,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\n"
            "CREW 20 100 0",
        ),
        **tables,
    }


def test_a_wage_that_rises_is_paid_from_its_month_on():
    crews = table(
        "resources",
        "resource effective_from site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
        "CREW - plant 1 4 6 300 500\nCREW 2026-11 plant 1 5 6 300 500",
    )
    plans = review(two_months(resources=crews))
    assert cost(plans, "regular labour") == pytest.approx(100 * 4 + 100 * 5)


def test_hours_of_a_unit_and_the_cost_of_making_it_change_with_the_routing():
    ways = table(
        "routings",
        "product resource effective_from hours_per_unit variable_cost\n"
        "A CREW - 1 2\nA CREW 2026-11 0.5 3",
    )
    plans = review(two_months(routings=ways))
    assert plans.workforce_plan["regular_hours"].tolist() == pytest.approx([100, 50])
    assert cost(plans, "making") == pytest.approx(100 * 2 + 100 * 3)


def test_a_limit_of_workers_holds_from_its_month_on():
    crews = table(
        "resources",
        "resource effective_from site opening_workers regular_wage overtime_wage hire_cost layoff_cost max_workers\n"
        "CREW - plant 1 4 6 300 500 1\nCREW 2026-11 plant 1 4 6 300 500 2",
    )
    wanted = demand(months(2), {("A", "home"): [200, 200]})
    plans = review(two_months(resources=crews, demand_plan=wanted))
    assert plans.workforce_plan["workers"].tolist() == pytest.approx([1, 2])
    assert plans.constrained_demand["backlog"].tolist() == pytest.approx([100, 100])


def test_a_warehouse_that_opens_later_is_no_room_before_it():
    room = table(
        "storage_capacity",
        "site effective_from storage_limit overflow_storage_cost\n"
        "plant - 0 7\nplant 2026-11 1000 7",
    )
    stock = table("item_locations", "product site on_hand produced_here\nA plant 300 yes")
    plans = review(two_months(storage_capacity=room, item_locations=stock))
    held = plans.supply_plan["inventory"].to_numpy()
    assert cost(plans, "extra storage") == pytest.approx(held[0] * 7)
    assert np.isclose(held[0], 200)


def test_site_and_opening_workers_are_the_same_in_every_row_of_a_resource():
    moved = CREWS.assign(site=["north", "south", "south", "south"])
    found = list(feasibility_checks.resources_that_move(moved))
    assert [str(issue) for issue in found if issue] == [
        "resources: site must be the same in every row of a resource; 2 of 4 rows are not:\n"
        "  row 1  resource=SEWING  site=north\n"
        "  row 2  resource=SEWING  effective_from=2026-12  site=south\n"
        "  It does not change over time: enter one value in all its rows, or another resource."
    ]


def test_stock_targets_follow_the_policy_in_force_and_the_season():
    policy = table(
        "inventory_policy",
        "product site effective_from target_service_level min_inventory max_inventory\n"
        "A - - 0.5 20 -\nA - 2026-11 0.5 60 70",
    )
    tables = two_months(inventory_policy=policy)
    targets = call(inventory_targets, tables)
    assert targets["target_inventory"].tolist() == pytest.approx([20, 60])
    assert targets["max_inventory"].tolist()[1] == pytest.approx(70)
    held = review(tables).supply_plan["inventory"].tolist()
    assert held == pytest.approx([20, 60])
    changes = table(
        "scenario_changes",
        "scenario change table column operation amount from_period\n"
        "lean 1 inventory_policy min_inventory set 40 2026-11",
    )
    lean = scenarios.apply({**tables, "inventory_policy": policy}, changes)
    assert call(inventory_targets, lean)["target_inventory"].tolist() == pytest.approx([20, 40])
