"""What no plan can be made with, check by check; the cycle is 2026-10, and three months are planned."""

import pandas as pd
import pytest
from conftest import said, table

from sopkit.cycle import replanning, what_if
from sopkit.data_quality import feasibility_checks as checks
from sopkit.data_quality import judge
from sopkit.rules.call import inputs_of
from sopkit.scenarios.results import Scenario
from sopkit.tables.issues import DataError
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table("products", "product family unit_of_measure\nA tents piece\nB tents piece")
SALES = table(
    "sales_history",
    """
    product  market  period   quantity
    A        north   2026-08  10
    A        north   2026-09  10
    B        south   2026-08  5
    B        south   2026-09  5
    """,
)
CREW = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"


def test_a_cycle_that_the_history_does_not_reach_is_refused_and_the_one_meant_is_named():
    late = SALES.assign(period=SALES["period"] + 12)
    assert said(checks.cycle_without_history(HORIZON, late)) == (
        "sales_history: cycle 2026-10 cannot be planned: sales_history holds sales from 2027-08 to 2027-09. "
        "Set the cycle, such as --cycle 2027-10, or add the sales before it."
    )
    assert not said(checks.cycle_without_history(HORIZON, SALES))


INPUTS = table(
    "demand_inputs",
    """
    function  product  market  period   quantity  author  reason  submitted_on
    sales     A        north   2026-09  120       x       y       2026-08-20
    sales     A        south   2026-10  120       x       y       2026-08-20
    """,
)


def test_an_input_for_a_closed_month_is_refused_by_row():
    assert said(checks.demand_inputs_of_closed_months(HORIZON, INPUTS)) == (
        "demand_inputs: period must be in the planned months, which start 2026-10; 1 of 2 rows is not:\n"
        "  row 1  function=sales  product=A  market=north  period=2026-09\n"
        "  The month is closed and its sales are in sales_history. Remove these inputs."
    )


LAUNCH = (
    "launch product market launch_period like_product volume_ratio ramp_months gate_demand "
    "gate_supply gate_finance like_market\nL1 {} {} {} {} 0.5 4 passed passed passed {}"
)


def launched(product="B", market="south", month="2026-11", like="A", like_market="-"):
    return table("launches", LAUNCH.format(product, market, month, like, like_market))


def test_an_input_for_a_product_that_is_not_sold_in_the_market_is_refused_by_row():
    assert said(checks.demand_inputs_without_baseline(HORIZON, SALES, INPUTS)) == (
        "demand_inputs: product and market must have a baseline or a launch; 1 of 2 rows is not:\n"
        "  row 2  function=sales  product=A  market=south  period=2026-10\n"
        "  Correct the product or market, or enter the new combination in launches."
    )
    coming = launched("A", "south", "2026-12", "B")
    assert not said(checks.demand_inputs_without_baseline(HORIZON, SALES, INPUTS, coming))
    later = launched("A", "south", "2027-01", "B")
    assert "row 2" in said(checks.demand_inputs_without_baseline(HORIZON, SALES, INPUTS, later))


def test_a_like_product_that_never_sold_in_the_market_is_refused_by_name():
    assert said(checks.launches_like_nothing_sold(HORIZON, SALES, launched())) == (
        "launches: like_product must have sales in the launch's market; 1 of 1 rows is not:\n"
        "  row 1  launch=L1  like_product=A\n"
        "  Enter a like product with sales there, or in like_market a market with sales of it; "
        "volume_ratio scales the volume."
    )
    elsewhere = launched(like_market="north")
    assert not said(checks.launches_like_nothing_sold(HORIZON, SALES, elsewhere))


def test_a_stage_entered_after_the_cycle_is_refused():
    stages = table(
        "opportunity_history", "opportunity stage entered_on\nA offer 2026-10-31\nA won 2026-11-02"
    )
    assert said(checks.stages_to_come(HORIZON, stages)) == (
        "opportunity_history: entered_on must not be after the cycle's month, 2026-10; 1 of 2 rows is not:\n"
        "  row 2  opportunity=A  stage=won  entered_on=2026-11-02\n"
        "  Only stages already entered are history: correct the day, or remove the row."
    )


def test_a_planned_month_that_a_resources_calendar_leaves_out_is_refused():
    resources = table("resources", CREW + "CREW main 1 20 30 100 200\nPRESS main 1 20 30 100 200")
    calendar = table(
        "resource_calendar",
        "resource period working_days regular_hours_per_worker overtime_hours_per_worker\n"
        "CREW 2026-10 20 160 0",
    )
    assert said(checks.calendar_without_planned_months(HORIZON, resources, calendar)) == (
        "resource_calendar: a resource's calendar must have every planned month; "
        "CREW has no row for 2026-11, 2026-12\n"
        "  Add these months to resource_calendar, or shorten horizon_months in company_settings."
    )


PRICES = (
    "product effective_from price material_cost holding_cost backlog_cost subcontract_cost\n"
    "A 2026-01 120 50 1 6 {}"
)


def test_a_product_that_sells_or_is_launched_needs_economics_once_there_are_any():
    prices = table("item_costs", PRICES.format("-"))
    assert said(checks.products_without_price(SALES, prices)).startswith(
        "item_costs: no row for B, which sold in the last twelve months or is to be launched;"
    )
    tents = SALES[SALES["product"] == "A"]
    assert not said(checks.products_without_price(tents, prices))
    assert "no row for B" in said(checks.products_without_price(tents, prices, launched()))


def test_a_market_that_no_lane_reaches_is_refused_by_name():
    lanes = table("lanes", "site market freight_cost\neast north 2")
    assert said(checks.markets_without_lane(SALES, lanes)) == (
        "lanes: no site serves market south, which has demand; add a row for it"
    )


@pytest.mark.parametrize(
    ("lot", "most_workers", "machine", "never"),
    [
        (700, 2, "-", True),
        (700, 9, "-", False),
        (700, "-", "-", False),
        (600, 2, "-", False),
        (600, 2, 200, True),
    ],
)
def test_a_smallest_lot_that_no_month_has_hours_for_is_told(lot, most_workers, machine, never):
    """Two workers of 180 hours give 360; a lot of 700 at half an hour and ten hours of set-up needs 360 and more."""
    resources = table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost max_workers\n"
        f"CREW main 1 20 30 100 200 {most_workers}",
    )
    calendar = table(
        "resource_calendar",
        "resource period working_days regular_hours_per_worker overtime_hours_per_worker machine_hours\n"
        f"CREW 2026-10 20 140 20 {machine}\nCREW 2026-11 20 160 20 {machine}",
    )
    routings = table(
        "routings",
        f"product resource hours_per_unit min_lot setup_hours\nA CREW 0.5 {lot} 11\nB CREW 0.5 - 400",
    )
    text = said(checks.lots_above_capacity(routings, resources, calendar))
    assert ("row 1  product=A  resource=CREW" in text) == never
    assert not never or "it is never made here" in text


def test_more_stock_to_end_with_than_the_site_can_hold_is_refused():
    rules = table("inventory_policy", "product site ending_inventory\nA main 300\nB main 200")
    storage_capacity = table(
        "storage_capacity", "site storage_limit overflow_storage_cost\nmain 400 -"
    )
    text = said(checks.more_stock_than_fits(rules, storage_capacity))
    assert text.startswith(
        "storage_capacity: ending_inventory of all products of a site must fit into its storage_limit"
    )
    assert "row 1  site=main  ending_inventory=500" in text
    assert not said(
        checks.more_stock_than_fits(rules, storage_capacity.assign(overflow_storage_cost=1.0))
    )


@pytest.mark.parametrize("column", ["target_service_level", "target_fill_rate"])
def test_nobody_can_promise_that_a_stock_out_never_happens(column):
    rules = table("inventory_policy", f"product site {column}\nA - 1\nB - 0.99")
    text = said(checks.certain_service(rules))
    assert f"inventory_policy: {column} must be below 1; 1 of 2 rows is not:" in text
    assert "No stock makes a stock-out impossible. Write 0.999 or less." in text


def test_the_plan_is_made_for_a_check_only_where_the_inputs_leave_a_doubt():
    inputs = {
        "products": PRODUCTS,
        "sales_history": SALES,
        "planning_periods": HORIZON,
        "resources": table("resources", CREW + "R main 1 1 1 1 1"),
        "routings": table("routings", "product resource hours_per_unit\nA R 0.1\nB R 0.1"),
    }
    assert not judge.wanted_plan_tables(inputs)
    unrouted = inputs | {"routings": inputs["routings"].iloc[:1]}
    assert judge.wanted_plan_tables(unrouted) >= {"demand_plan", "item_locations"}
    bought = pd.concat([table("item_costs", PRICES.format("9")).assign(product=p) for p in "AB"])
    assert not judge.wanted_plan_tables(unrouted | {"item_costs": bought})


def test_a_check_of_plan_tables_is_asked_in_the_stage_after_the_last_of_them():
    due = [check.__name__ for check in replanning.due_before("40_supply_review")]
    assert due == ["inputs_that_cannot_be_split", "products_nobody_makes"]
    every = [check for name in replanning.STAGE_NAMES for check in replanning.due_before(name)]
    assert set(every) == {one for one in judge.BLOCKING_CHECKS if judge.plan_tables_of(one)}


def test_a_what_if_is_refused_in_the_same_words_and_names_the_scenario():
    tables = {
        "products": PRODUCTS,
        "sales_history": SALES,
        "inventory_policy": table("inventory_policy", "product site target_service_level\nA - 0.9"),
    }
    changes = table(
        "scenario_changes",
        "scenario change table column operation amount\ncertain 1 inventory_policy target_service_level set 1",
    )
    plan = replanning.replan(tables, "2026-10")
    with pytest.raises(DataError) as caught:
        what_if.scenario_engine(tables, "2026-10", plan)([Scenario("certain", changes)])
    assert str(caught.value).startswith(
        "inventory_policy: target_service_level must be below 1; 1 of 1"
    )
    assert caught.value.__notes__ == ["planning scenario certain"]


def test_every_check_names_its_tables_and_says_what_it_looks_for():
    for check in judge.CHECKS:
        assert inputs_of(check)
        assert check.__doc__


def changed(reference_type, market="north"):
    return table(
        "demand_inputs",
        f"""
        function  product  market    period   reference_type    change_ratio  author  reason  submitted_on
        sales     A        {market}  2026-10  {reference_type}  0.1           x       y       2026-08-20
        """,
    )


def test_a_change_of_a_reference_that_is_not_known_is_refused_by_row():
    assert said(
        checks.demand_inputs_of_an_unknown_reference(HORIZON, SALES, changed("last_cycle"))
    ) == (
        "demand_inputs: the reference of a change must be known; 1 of 1 rows is not:\n"
        "  row 1  function=sales  product=A  market=north  period=2026-10  reference_type=last_cycle\n"
        "  Enter units in quantity, or a change of the baseline."
    )
    known = checks.demand_inputs_of_an_unknown_reference(HORIZON, SALES, changed("baseline"))
    assert not said(known)


def test_a_change_for_all_markets_is_refused_by_row():
    told = said(checks.changes_of_several_products_or_markets(changed("baseline", market="-")))
    assert told.startswith(
        "demand_inputs: a change of a reference must name its product and its market"
    )
    assert not said(checks.changes_of_several_products_or_markets(INPUTS))
