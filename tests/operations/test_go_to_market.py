"""Each launch has its gates, orders, campaigns and weeks; one that supply cannot reach says so.

The product STOOL is launched in January 2027; the cycle begins on Thursday 1 October 2026.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.operations import launch_readiness
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [6.0]}))
SITES = table("item_locations", "product site on_hand produced_here\nSTOOL shop 0 true")
CALENDAR = work_calendar.work_calendar(HORIZON, SITES)
PRODUCTS = table("products", "product family unit_of_measure\nSTOOL seats piece\nCHAIR seats piece")
BILL = table(
    "bill_of_materials",
    "product component quantity_per_unit\nSTOOL BASE 1\nSTOOL SEAT 2\nBASE LEG 4",
)
STOCKS = "component on_hand\nBASE 0\nSEAT {seats}\nLEG 0"
SOURCES = """
item supplier lead_time_days unit_cost
BASE own      7              5
SEAT acme     14             3
LEG  acme     {lead}         1
"""
LAUNCHES = """
launch product market launch_period like_product volume_ratio ramp_months gate_demand gate_supply gate_finance
L-1    STOOL   town   2027-01       CHAIR        1            3           passed      {supply}    {finance}
"""
ACTIVITIES = table(
    "marketing_activities",
    """
    activity kind     family product market start_period end_period spend
    FAIR     fair     seats  -       town   2026-12      2026-12    5000
    ABROAD   fair     seats  -       abroad 2026-12      2026-12    5000
    OTHER    campaign -      CHAIR   town   2026-12      2026-12    5000
    OLD      campaign -      STOOL   town   2026-01      2026-02    5000
    """,
)


def day(text):
    return pd.Timestamp(text)


def laid_out(supply="passed", finance="passed", lead=30, seats=0, short=0):
    months = HORIZON["period"].astype("str").tolist()
    supply_rows = [f"STOOL shop {m} 0 {100 if m >= '2026-12' else 0} 0 0 0 0 0 0" for m in months]
    service = [f"STOOL town {m} 90 {90 - short} {short if m == '2027-01' else 0} 0" for m in months]
    each = {"BASE": 1, "SEAT": 2, "LEG": 4}
    bought = [
        f"{part} {m} {n * 100 if m >= '2026-12' else 0} 0 0 {max(n * 100 - (seats if part == 'SEAT' else 0), 0) if m >= '2026-12' else 0} {seats if part == 'SEAT' and m < '2026-12' else 0} 0 0"
        for part, n in each.items() for m in months
    ]  # fmt: skip
    volumes = [f"L-1 STOOL town {m} 31 {'ready'} x" for m in months if m >= "2027-01"]
    inputs = launch_readiness.LaunchInputs(
        HORIZON,
        PRODUCTS,
        table("launch_plan", "launch product market period launch_demand readiness basis\n" + "\n".join(volumes)),
        table("supply_plan", "product site period opening_inventory regular overtime subcontract scheduled_receipts shipped inventory target_inventory\n" + "\n".join(supply_rows)),
        table("constrained_demand", "product market period demand fulfilled backlog lost_sales\n" + "\n".join(service)),
        table("procurement_plan", "component period required demand_requirement ordered received inventory shortage cost\n" + "\n".join(bought)),
        CALENDAR,
        table("launches", LAUNCHES.format(supply=supply, finance=finance)),
        ACTIVITIES,
        BILL,
        table("components", STOCKS.format(seats=seats)),
        table("sources", SOURCES.format(lead=lead)),
    )  # fmt: skip
    return launch_readiness.launch_readiness(inputs)


def of(plan, milestone):
    return plan[plan["milestone"] == milestone].set_index("item")


def test_first_orders_are_placed_through_all_levels_before_the_month_ahead_of_the_launch():
    plan = laid_out()
    assert of(plan, "production").loc["STOOL", "day"] == day("2026-12-01")
    orders = of(plan, "order")
    assert orders["quantity"].to_dict() == {"BASE": 100, "LEG": 400, "SEAT": 200}
    assert orders.loc["BASE", "day"] == day("2026-11-24")  # seven days before
    assert orders.loc["SEAT", "day"] == day("2026-11-17")
    # 30 days before the base is started is Sunday 25 October
    assert orders.loc["LEG", "day"] == day("2026-10-23")
    assert orders["state"].unique().tolist() == ["planned"]


def test_what_stock_covers_needs_no_order():
    assert of(laid_out(seats=900), "order")["state"].to_dict() == {
        "BASE": "planned",
        "LEG": "planned",
        "SEAT": "done",
    }


def test_an_open_gate_must_pass_before_the_first_order():
    gates = of(laid_out(supply="open"), "gate")
    assert gates["state"].to_dict() == {"demand": "done", "finance": "done", "supply": "open"}
    assert gates.loc["supply", "day"] == day("2026-10-23")
    launch = of(laid_out(supply="open"), "launch").iloc[0]
    assert (launch["state"], launch["statement"]) == ("open", "planned, though a gate is open")


def test_an_open_gate_whose_day_has_passed_is_late():
    assert of(laid_out(supply="open", lead=60), "gate").loc["supply", "state"] == "late"


def test_a_launch_with_all_gates_passed_and_supply_in_time_is_ready():
    launch = of(laid_out(), "launch").iloc[0]
    assert (launch["state"], launch["day"]) == ("planned", day("2027-01-01"))


def test_a_component_that_cannot_be_there_makes_the_launch_late_and_names_the_earliest_day():
    plan = laid_out(lead=120)
    launch = of(plan, "launch").iloc[0]
    assert of(plan, "order").loc["LEG", "state"] == "late"
    # 120 days after 1 October, on 29 January, the legs are there, seven more and so is the base
    assert launch["state"] == "late"
    assert launch["statement"] == (
        "supply cannot be there before 2027-02-05: LEG should have been ordered already"
    )


def test_a_market_that_the_plan_does_not_serve_in_full_makes_the_launch_late():
    launch = of(laid_out(short=20), "launch").iloc[0]
    assert launch["state"] == "late"
    assert launch["statement"] == "the plan serves the market in full only from 2027-02-01"


def test_a_launch_with_a_failed_gate_is_not_planned_and_orders_nothing():
    plan = laid_out(finance="failed")
    assert of(plan, "launch").iloc[0]["statement"] == "not planned: a gate has failed"
    assert of(plan, "order").empty
    assert of(plan, "production").empty


def test_campaigns_are_those_of_the_product_or_its_family_in_its_market_near_the_launch():
    rows = of(laid_out(), "activity")
    assert list(rows.index) == ["FAIR"]
    assert rows.iloc[0]["statement"] == "fair until 2026-12, costs 5,000"


def test_the_weeks_of_the_first_three_months_sum_to_the_launch_plan():
    weeks = laid_out().query("milestone == 'volume'")
    assert weeks["quantity"].sum() == pytest.approx(3 * 31)
    by_month = weeks.groupby(weeks["day"].dt.to_period("M"))["quantity"].sum()
    assert by_month.tolist() == pytest.approx([31, 31, 31])


def test_without_launches_there_is_nothing_to_bring_to_market():
    inputs = launch_readiness.LaunchInputs(HORIZON, PRODUCTS, None, None, None, None, CALENDAR)
    assert launch_readiness.launch_readiness(inputs).empty
