"""Master data in force from a month on: one rule for all tables, and the plan follows it."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from planning import calendar, cost, demand, item_costs, months, review

from sopkit import scenarios
from sopkit.data_quality import feasibility_checks
from sopkit.finance.costing import freight
from sopkit.master_data.dated import in_force, once
from sopkit.master_data.freight import LANE
from sopkit.master_data.work_calendar import work_calendar
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.tables.arrays import ArrayTable

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
    assert cost(plans, "conversion") == pytest.approx(100 * 2 + 100 * 3)


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


def test_freight_that_rises_is_paid_from_its_month_on():
    lanes = table(
        "sourcing_network",
        "site market effective_from freight_cost\nplant home - 2\nplant home 2026-11 3",
    )
    tables = two_months(sourcing_network=lanes)
    plans = review(tables)
    assert cost(plans, "freight") == pytest.approx(100 * 2 + 100 * 3)
    sent = ArrayTable.of_table("distribution_plan", plans.distribution_plan)
    booked = freight(sent, lanes)
    assert booked["amount"].tolist() == [pytest.approx([200, 300])]


def test_a_market_is_served_from_the_site_that_is_nearer_in_the_month():
    # two sites of 100 units each; the depot's lane costs 2, the plant's 1 and from November on 5
    tables = two_months(
        sourcing_network=table(
            "sourcing_network",
            "site market effective_from freight_cost\n"
            "plant home - 1\nplant home 2026-11 5\ndepot home - 2",
        ),
        item_locations=table(
            "item_locations",
            "product site on_hand produced_here\nA plant 100 no\nA depot 100 no",
        ),
        inventory_policy=table("inventory_policy", "product target_service_level\nA 0.5"),
        resources=None,
        routings=None,
        resource_calendar=None,
    )
    sent = review(tables).distribution_plan.set_index(["site", "period"])["shipped"]
    assert sent.loc["plant"].tolist() == pytest.approx([100, 0])
    assert sent.loc["depot"].tolist() == pytest.approx([0, 100])


def test_a_what_if_of_dearer_freight_in_some_months_ends_after_them():
    changes = table(
        "scenario_changes",
        "scenario change table column operation amount from_period to_period\n"
        "dear 1 lanes freight_cost add 2 2026-11 2026-12",
    )
    lanes = table("lanes", "site market freight_cost\nplant home 3")
    changed = scenarios.apply({"lanes": lanes}, changes)["lanes"]
    assert in_force(changed, LANE, MONTHS)["freight_cost"].tolist() == [[3, 5, 5, 3]]


def test_transfers_cost_what_they_cost_in_their_month():
    # made at the plant, sold from the depot: 100 units are moved in each month
    arcs = table(
        "transfer_lanes",
        "site to_site effective_from freight_cost\nplant depot - 1\nplant depot 2026-11 4",
    )
    tables = two_months(
        transfer_lanes=arcs,
        sourcing_network=table("sourcing_network", "site market freight_cost\ndepot home 0"),
        item_locations=table(
            "item_locations",
            "product site on_hand produced_here\nA plant 0 yes\nA depot 0 no",
        ),
    )
    moved = review(tables).interplant_transfers
    assert moved["transferred"].tolist() == pytest.approx([100, 100])
    assert moved["cost"].tolist() == pytest.approx([100, 400])


def test_a_lead_time_that_changes_on_a_lane_is_refused():
    lanes = table(
        "lanes",
        "site market effective_from freight_cost lead_time_days\n"
        "plant home - 2 5\nplant home 2026-11 3 9\nplant away - 1 9",
    )
    assert said(feasibility_checks.lanes_that_speed_up(lanes=lanes)) == (
        "lanes: lead_time_days must be the same in every row of a lane; 2 of 3 rows are not:\n"
        "  row 1  site=plant  market=home  lead_time_days=5.0\n"
        "  row 2  site=plant  market=home  effective_from=2026-11  lead_time_days=9.0\n"
        "  Only its freight changes over time: enter one lead time in all its rows."
    )


def test_working_hours_change_from_a_month_on():
    hours = table(
        "working_hours",
        "site weekday effective_from hours\n"
        "plant monday - 8\nplant monday 2026-11 10\nplant saturday 2026-11 4\n"
        "plant saturday 2026-12 0",
    )
    days = work_calendar(months(3), pd.DataFrame({"site": ["plant"]}), working_hours=hours)
    days = days.assign(weekday=days["day"].dt.day_of_week)
    by_month = days.pivot_table(index="weekday", columns="period", values="hours", aggfunc="max")
    assert by_month.loc[0].tolist() == [8, 10, 10]
    # the first row holds before it starts, too; a weekday without a row is closed
    assert by_month.loc[5].tolist() == [4, 4, 0]
    assert by_month.loc[1].tolist() == [0, 0, 0]
