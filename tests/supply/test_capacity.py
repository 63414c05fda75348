"""Rough-cut capacity: hours the demand plan needs against hours there are."""

import pandas as pd
import pytest
from conftest import table
from planning import calendar, demand, months

from sopkit.master_data.economics import worker_calendar
from sopkit.supply.rccp import resource_load, rough_cut_capacity
from sopkit.tables import conform

RESOURCES = """
resource site  opening_workers regular_wage overtime_wage hire_cost layoff_cost min_workers max_workers
SEWING   plant 10              20           30            2000      3000        -           8
PRESS    plant 1               20           30            2000      3000        2           -
"""
ROUTINGS = """
product resource hours_per_unit
TENT-1  SEWING   2
TENT-1  PRESS    4
TENT-2  SEWING   1
"""
HOURS = """
resource working_days regular_hours_per_worker overtime_hours_per_worker machine_hours
SEWING   20           160                      20                        -
PRESS    20           160                      20                        300
"""


def test_a_product_with_two_routings_puts_half_on_each():
    planning_periods = months(1)
    plan = demand(
        planning_periods,
        {("TENT-1", "north"): [60], ("TENT-1", "south"): [40], ("TENT-2", "north"): [50]},
    )
    hours = rough_cut_capacity(
        planning_periods, plan, table("resources", RESOURCES), table("routings", ROUTINGS)
    )
    required = hours.set_index("resource")["required_hours"]
    assert required.to_dict() == {"PRESS": 50 * 4, "SEWING": 50 * 2 + 50 * 1}


def test_a_product_passes_every_step_of_its_routing():
    planning_periods = months(1)
    plan = demand(planning_periods, {("TENT-1", "north"): [100]})
    steps = table(
        "routings",
        "product resource hours_per_unit routing_step\nTENT-1 SEWING 2 1\nTENT-1 PRESS 4 2",
    )
    required = rough_cut_capacity(
        planning_periods, plan, table("resources", RESOURCES), steps
    ).set_index("resource")
    assert required["required_hours"].to_dict() == {"PRESS": 400, "SEWING": 200}


def test_capacity_is_that_of_opening_workers_within_bounds_and_of_the_machine():
    planning_periods = months(1)
    plan = demand(planning_periods, {("TENT-2", "north"): [720]})
    hours = rough_cut_capacity(
        planning_periods,
        plan,
        table("resources", RESOURCES),
        table("routings", ROUTINGS),
        calendar(planning_periods, HOURS),
    )
    assert hours.set_index("resource")["capacity_hours"].to_dict() == {
        "PRESS": 300,
        "SEWING": 8 * 180,
    }
    assert hours.set_index("resource")["utilization"]["SEWING"] == pytest.approx(0.5)


def test_regular_time_and_overtime_are_told_apart_and_a_machine_takes_overtime_first():
    planning_periods = months(1)
    plan = demand(planning_periods, {("TENT-2", "north"): [720]})
    resources = table("resources", RESOURCES)
    hours = rough_cut_capacity(
        planning_periods,
        plan,
        resources,
        table("routings", ROUTINGS),
        calendar(planning_periods, HOURS),
    )
    parts = hours.set_index("resource")[["regular_capacity_hours", "overtime_capacity_hours"]]
    assert parts.loc["SEWING"].tolist() == [8 * 160, 8 * 20]
    assert parts.loc["PRESS"].tolist() == [300, 0]  # 2 workers of 160 hours, and 300 on the machine
    machine = calendar(planning_periods, HOURS).assign(machine_hours=[float("nan"), 350.0])
    hours = rough_cut_capacity(
        planning_periods, plan, resources, table("routings", ROUTINGS), machine
    )
    assert hours.set_index("resource").loc["PRESS", "overtime_capacity_hours"] == 350 - 320


def test_the_load_is_that_of_each_product_and_adds_up_to_the_hours_required():
    planning_periods = months(2)
    plan = demand(
        planning_periods,
        {
            ("TENT-1", "north"): [60, 20],
            ("TENT-1", "south"): [40, 0],
            ("TENT-2", "north"): [50, 10],
        },
    )
    products = table(
        "products", "product family unit_of_measure\nTENT-1 tents piece\nTENT-2 light piece"
    )
    resources, routings = table("resources", RESOURCES), table("routings", ROUTINGS)
    load = resource_load(products, plan, resources, routings)
    pd.testing.assert_frame_equal(conform("resource_load", load), load)
    first = load[load["period"] == "2026-10"].set_index(["resource", "product"])
    assert first["required_hours"].to_dict() == {
        ("PRESS", "TENT-1"): 200, ("SEWING", "TENT-1"): 100, ("SEWING", "TENT-2"): 50,
    }  # fmt: skip
    assert first["family"].tolist() == ["tents", "tents", "light"]
    required = rough_cut_capacity(planning_periods, plan, resources, routings).set_index(
        ["resource", "period"]
    )
    total = load.groupby(["resource", "period"])["required_hours"].sum()
    assert total.to_dict() == required["required_hours"].to_dict()
    assert conform("resource_load", resource_load(products, plan)).empty


def test_a_resource_without_hours_is_measured_against_one_hour():
    planning_periods = months(1)
    resources = table("resources", RESOURCES).assign(max_workers=0.0, min_workers=0.0)
    plan = demand(planning_periods, {("TENT-2", "north"): [50]})
    hours = rough_cut_capacity(planning_periods, plan, resources, table("routings", ROUTINGS))
    assert hours.set_index("resource")["utilization"].to_dict() == {"PRESS": 0, "SEWING": 50}


def test_months_that_the_calendar_leaves_out_are_worked_eight_hours_a_weekday():
    planning_periods = months(2)
    known = calendar(planning_periods, HOURS)
    hours = worker_calendar(
        planning_periods, table("resources", RESOURCES), known[known["period"] == "2026-10"]
    )
    november = hours[hours["period"] == "2026-11"]
    assert november["regular_hours_per_worker"].tolist() == [21 * 8.0] * 2
    assert november["overtime_hours_per_worker"].tolist() == [0.0] * 2


def test_nothing_is_said_without_resources():
    planning_periods = months(1)
    hours = rough_cut_capacity(
        planning_periods, demand(planning_periods, {("TENT-1", "north"): [60]})
    )
    assert conform("rough_cut_capacity", hours).empty


def test_hours_fit_the_vocabulary_whatever_the_order_of_rows():
    planning_periods = months(2)
    plan = demand(planning_periods, {("TENT-1", "north"): [60, 70], ("TENT-2", "north"): [50, 10]})
    resources, routings, hours = (
        table("resources", RESOURCES),
        table("routings", ROUTINGS),
        calendar(planning_periods, HOURS),
    )
    plain = rough_cut_capacity(planning_periods, plan, resources, routings, hours)
    turned = rough_cut_capacity(
        planning_periods, plan[::-1], resources[::-1], routings[::-1], hours[::-1]
    )
    pd.testing.assert_frame_equal(conform("rough_cut_capacity", plain), plain)
    pd.testing.assert_frame_equal(turned, plain)
