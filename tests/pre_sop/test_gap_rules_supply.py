"""Gap rules of supply: what comes late, scarce hours and components, plan changes, idle hours."""

from conftest import table
from resting import BILL, RESOURCES, gaps, late_tents, only, overload, with_cells


def test_what_is_owed_when_the_horizon_ends_also_costs_its_contribution():
    gap = only(gaps(constrained_demand=late_tents(june=20)))
    assert gap["gap_value"] == -(20 * 5 + 20 * 60)


def test_a_lost_sale_costs_its_contribution_and_the_cost_beside_it():
    where = {"product": "STOVE-1", "period": "2027-05"}
    lost = with_cells("constrained_demand", where, served=150.0, lost_sales=50.0)
    found = gaps(constrained_demand=lost)
    gap = found[found["gap"].str.startswith("unserved")].iloc[0]
    assert (gap["gap_units"], gap["gap_value"]) == (-50, -50 * (30 + 2))


def test_a_shortage_of_the_solvers_rounding_is_no_gap():
    assert gaps(constrained_demand=late_tents(april=0.05)).empty


def test_missing_hours_are_valued_at_the_contribution_that_they_would_earn():
    gap = only(overload())
    assert gap["gap"] == "capacity-CELL-2027-05"
    assert gap["statement"] == (
        "CELL lacks 80 h after subcontracting: 480 h required vs. 400 h available (about 40 units), May 2027 to Jun 2027"
    )
    assert gap["gap_units"] == -40  # a tent takes two hours
    # a tent leaves 60 and takes two hours; nothing in June: no hours hold the plan back
    assert gap["gap_value"] == -60 * 30
    assert gap["resource"] == "CELL"


def test_units_bought_outside_need_no_hours():
    where = {"product": "TENT-2", "period": "2027-06"}
    gap = only(overload(supply_plan=with_cells("supply_plan", where, subcontract=10.0)))
    assert str(gap["to_period"]) == "2027-05"


def test_hours_of_workers_the_plan_hires_are_there():
    hired = table(
        "workforce_plan",
        """
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
        CELL      2027-05  2        1      0         200            60              260             1
        """,
    )
    assert overload(workforce_plan=hired)["from_period"].astype("str").tolist() == ["2027-06"]


def test_a_step_is_shared_by_the_resources_that_can_do_it_and_every_step_is_passed():
    routings = table(
        "routings",
        "product resource hours_per_unit routing_step\nTENT-2 CELL 2 1\nTENT-2 OVEN 1 2\nTENT-2 KILN 1 2",
    )
    assert (
        only(overload(routings=routings))["gap_units"] == -40
    )  # all tents pass the cell, half of them the oven


def test_without_routings_no_hours_are_judged():
    assert overload(routings=None).empty


PROCUREMENT = """
    component  period   required  demand_requirement  ordered  received  inventory  shortage  cost  supply_limit
    POLE       2027-04  350       400                 350      350       0          0         0     350
    POLE       2027-05  350       400                 350      350       0          {late}    0     350
    VALVE      2027-05  200       200                 200      200       0          0         0     -
    """


def test_a_component_that_demand_takes_before_it_can_be_there_costs_what_hangs_on_it():
    """100 tents take 100 frames, 400 poles: by May 800 poles, of which 100 cannot be there."""
    gap = only(
        gaps(
            procurement_plan=table("procurement_plan", PROCUREMENT.format(late=100)),
            bill_of_materials=BILL,
        )
    )
    assert gap["gap"] == "component-POLE"
    assert (gap["gap_units"], gap["gap_value"]) == (-100, -100 * 60 / 4)


def test_a_component_that_is_there_in_time_is_no_gap():
    need = table("procurement_plan", PROCUREMENT.format(late=0))
    assert gaps(procurement_plan=need, bill_of_materials=BILL).empty


def test_a_supply_plan_that_is_turned_over_within_the_near_months_is_nervous():
    text = "cycle product site period regular overtime subcontract\n2027-03 TENT-2 alpha 2027-04 {} 0 0"
    gap = only(gaps(approved_supply_plans=table("approved_supply_plans", text.format(150))))
    assert gap["gap"] == "supply-change-tents"
    assert (gap["gap_units"], gap["gap_value"]) == (-50, -50)  # a tent costs 1 a month to hold
    assert gaps(approved_supply_plans=table("approved_supply_plans", text.format(120))).empty


def crew(used):
    return table(
        "workforce_plan",
        f"""
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
        CELL      2027-04  10       0      0         {used}         0               1000            0.5
        """,
    )


def test_a_resource_that_is_paid_for_idle_hours_is_a_gap():
    gap = only(gaps(workforce_plan=crew(500), resources=RESOURCES))
    assert gap["statement"] == "CELL: 1,000 h paid vs. 500 h required, Apr 2027"
    assert gap["gap_value"] == -500 * 20
    assert gaps(workforce_plan=crew(700), resources=RESOURCES).empty
