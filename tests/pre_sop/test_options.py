"""What could be done about a gap: scenarios of people first, then what levers offer."""

import pandas as pd
import pytest
from conftest import table
from resting import (
    BASE,
    BILL,
    CALENDAR,
    DEFINED,
    ECONOMICS,
    LATE,
    PRODUCTS,
    RESOURCES,
    RISKS,
    SCARCE_HOURS,
    SOURCES,
    budget,
    every_month,
    gaps,
    late_tents,
    limits,
    overload,
    proposals,
)

from sopkit import scenarios
from sopkit.tables import conform


def test_nothing_is_proposed_for_tables_that_are_absent():
    assert proposals(gaps(**LATE)).empty


def test_a_defined_scenario_comes_first_when_it_touches_the_gap():
    """Autumn is too late, the press makes stoves, and a strike is a risk, not an idea."""
    changes = proposals(
        gaps(**LATE), scenario_changes=DEFINED, risks=RISKS.iloc[:1], resource_calendar=CALENDAR
    )
    assert changes["scenario"].tolist() == ["saturdays", "saturdays", "overtime-CELL-2027-05"]
    assert changes["statement"].iloc[0] == "Saturdays"


def test_a_scenario_for_a_group_touches_the_gaps_of_its_families():
    groups = table("product_groups", "member product_group\ntents camping\nstoves camping")
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    dearer = DEFINED.iloc[[0]].assign(scenario="dearer", table="item_costs", column="price")
    for name, found in (("camping", ["dearer"]), ("packs", [])):
        rows = dearer.assign(family=name, resource=None, from_period=None, to_period=None)
        rows = conform("scenario_changes", rows)
        changes = proposals(below, scenario_changes=rows, product_groups=groups)
        assert changes["scenario"].tolist() == found


def test_a_name_that_people_took_is_not_used_for_another_idea():
    taken = DEFINED.iloc[[2]].assign(scenario="overtime-CELL-2027-05")
    assert proposals(gaps(**LATE), scenario_changes=taken, resource_calendar=CALENDAR).empty


def test_every_gap_gets_its_proposals_the_largest_gaps_first():
    families = [f"family-{n}" for n in range(12)]
    products = pd.DataFrame({"product": families, "family": families, "unit_of_measure": "piece"})
    item_costs = pd.concat([ECONOMICS.iloc[[0]].assign(product=name) for name in families])
    rows = [budget(5000 + 10 * n, 12000).assign(item=name) for n, name in enumerate(families)]
    found = gaps(plan_variances=pd.concat(rows))
    changes = proposals(found, products=conform("products", products), item_costs=item_costs)
    assert changes["gap"].unique().tolist() == found["gap"].tolist()


def test_a_scenario_stands_once_though_two_gaps_call_for_it():
    found = overload(constrained_demand=late_tents(april=20, may=10, june=10))
    changes = proposals(
        found,
        resource_calendar=CALENDAR,
        shadow_prices=limits(SCARCE_HOURS),
        resources=RESOURCES,
    )
    assert not changes.duplicated(["scenario", "change"]).any()


READY = table(
    "launches",
    """
    launch  product  market  launch_period  like_product  volume_ratio  ramp_months  gate_demand  gate_supply  gate_finance
    L-1     TENT-2   north   2027-05        STOVE-1       0.5           3            passed       passed       passed
    """,
)


ACTIVITIES = table(
    "marketing_activities",
    """
    activity  kind   market  start_period  end_period  spend  family  product
    SPRING    promo  north   2027-05       2027-05     1000   tents   -
    """,
)


SAID = table(
    "demand_inputs",
    """
    function  product  market  period   quantity  author  reason  submitted_on
    sales     TENT-2   north   2027-05  40        Kim     shows   2027-03-01
    """,
)


def test_a_launch_and_a_promotion_are_moved_off_the_months_that_are_short():
    moved = {"launches": READY, "marketing_activities": ACTIVITIES, "demand_inputs": SAID}
    changes = proposals(gaps(**LATE), **moved)
    assert changes["scenario"].drop_duplicates().tolist() == [
        "launch-TENT-2-2027-06",
        "activity-SPRING-2027-06",
    ]
    assert changes["column"].tolist() == ["launch_period", "quantity", "end_period", "start_period"]
    assert changes["amount"].tolist() == [1, 0, 1, 1]
    after = scenarios.apply({"products": PRODUCTS, **moved}, changes)
    assert str(after["launches"]["launch_period"].iloc[0]) == "2027-06"
    assert str(after["marketing_activities"]["start_period"].iloc[0]) == "2027-06"
    assert after["demand_inputs"]["quantity"].tolist() == [0]  # nobody sells before the launch


def test_a_launch_of_the_first_month_and_a_cancelled_activity_are_not_moved():
    begun = READY.assign(launch_period=pd.Period("2027-04", "M"))
    cancelled = ACTIVITIES.assign(cancelled=True)
    moved = {"launches": begun, "marketing_activities": cancelled, "demand_inputs": SAID}
    assert proposals(gaps(**LATE), **moved).empty


def test_options_start_in_the_month_after_the_first_planned_one():
    found = overload(constrained_demand=late_tents(april=20, may=10, june=10))
    more = {"resource_calendar": CALENDAR, "resources": RESOURCES, "item_costs": ECONOMICS}
    changes = proposals(found, shadow_prices=limits(SCARCE_HOURS), **more)
    dated = changes[changes["table"].isin(["item_costs", "resources", "resource_calendar"])]
    assert len(dated)
    assert (dated["from_period"] >= pd.Period("2027-05", "M")).all()


def test_nothing_is_moved_out_of_the_planned_months():
    at_the_end = gaps(**LATE).assign(to_period=BASE["planning_periods"]["period"].max())
    assert proposals(
        at_the_end, launches=READY, marketing_activities=ACTIVITIES, demand_inputs=SAID
    ).empty


def test_two_activities_that_no_change_can_tell_apart_are_not_moved():
    twice = pd.concat([ACTIVITIES, ACTIVITIES.assign(activity="FAIR")], ignore_index=True)
    assert proposals(gaps(**LATE), marketing_activities=twice).empty


def test_a_planned_promotion_runs_longer_where_a_family_is_below_budget():
    below = gaps(plan_variances=budget(5000, 12000))
    changes = proposals(
        below.assign(to_period=below["to_period"] + 1), marketing_activities=ACTIVITIES
    )
    assert changes["scenario"].tolist() == ["longer-SPRING"] * 2
    assert dict(zip(changes["column"], changes["amount"], strict=True)) == {
        "end_period": 1,
        "spend": 2,
    }


def test_a_product_that_is_short_may_be_replaced_by_the_launch_that_replaces_it():
    heir = READY.assign(product="STOVE-1", replaces_product="TENT-2", cannibalisation_ratio=0.45)
    changes = proposals(gaps(**LATE), launches=heir)
    assert changes["scenario"].tolist() == ["substitute-TENT-2"] * 2
    # of 110 sold instead of 100, 45 and ten more are taken from what it replaces
    assert changes["amount"].tolist() == [pytest.approx(1.1), pytest.approx(55 / 110)]


def test_expediting_a_component_costs_a_premium_on_every_product_it_goes_into():
    need = every_month(
        "procurement_plan",
        "component required demand_requirement ordered received inventory shortage cost supply_limit\nPOLE 360 400 0 0 0 40 0 350",
    )
    changes = proposals(
        gaps(procurement_plan=need, bill_of_materials=BILL),
        sources=SOURCES,
        bill_of_materials=BILL,
        item_costs=ECONOMICS,
    )
    expedite = changes[changes["scenario"] == "expedite-POLE"].set_index("column")
    assert expedite["amount"].to_dict() == {
        "lead_time_days": 0.5,
        "supply_limit": 1.25,
        "material_cost": pytest.approx(4 * 2 * 0.10),
    }
