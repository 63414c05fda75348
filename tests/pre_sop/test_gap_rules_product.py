"""Gap rules of products: launches whose gates are open or that start short, phase-outs."""

from conftest import table
from resting import BILL, SOURCES, gaps, late_tents, only, resting_plan, with_cells

LAUNCHES = table(
    "launches",
    """
    launch  product  market  launch_period  like_product  volume_ratio  ramp_months  gate_demand  gate_supply  gate_finance
    L-1     TENT-2   north   2027-05        STOVE-1       0.5           1            passed       open         passed
    """,
)


def launch(readiness, units):
    rows = f"L-1 TENT-2 north 2027-05 {units} {readiness} curve\nL-1 TENT-2 north 2027-06 {units} {readiness} curve"
    return table(
        "launch_plan", f"launch product market period launch_demand readiness basis\n{rows}"
    )


def test_a_launch_with_open_gates_puts_its_planned_units_at_stake():
    gap = only(gaps(launch_plan=launch("conditional", 30), launches=LAUNCHES))
    assert (gap["gap"], gap["area"]) == ("launch-L-1", "product")
    assert (gap["gap_units"], gap["gap_value"]) == (60, 60 * 60)


def test_a_launch_left_out_is_missed_at_its_share_of_the_like_product():
    gap = only(gaps(launch_plan=launch("not_ready", 0), launches=LAUNCHES))
    assert gap["gap_units"] == -2 * 0.5 * 200


def test_a_ready_launch_is_no_gap():
    assert gaps(launch_plan=launch("ready", 30), launches=LAUNCHES).empty


def test_an_open_gate_is_held_against_the_launch_month():
    """Poles take 45 days, so the gate of a launch in May is due in March; without parts a month is enough."""
    planned, slow = launch("conditional", 40), SOURCES.assign(lead_time_days=45.0)
    late = only(gaps(launch_plan=planned, launches=LAUNCHES, bill_of_materials=BILL, sources=slow))
    assert "in May 2027 has not passed its supply gate, late: due by Mar 2027:" in late["statement"]
    in_time = only(gaps(launch_plan=planned, launches=LAUNCHES))
    assert "has not passed its supply gate, due by Apr 2027:" in in_time["statement"]


def test_a_launch_that_supply_cannot_meet_is_a_gap_of_its_own():
    found = gaps(
        launch_plan=launch("ready", 40), launches=LAUNCHES, constrained_demand=late_tents(may=20)
    )
    short = only(found[found["gap"] == "short-launch-L-1"])
    assert short["statement"].startswith(
        "Launch L-1 of TENT-2 starts short: 20 of its first 100 units"
    )
    assert (short["gap_units"], short["gap_value"]) == (-20, -1200)


def test_phased_out_stock_left_at_the_end_is_worth_its_material():
    leaving = resting_plan()["segments"].assign(lifecycle=["phase_out", "mature"])
    left = with_cells("supply_plan", {"product": "TENT-2"}, inventory=310.0)
    gap = only(gaps(segments=leaving, supply_plan=left))
    assert (gap["gap"], gap["gap_units"], gap["gap_value"]) == (
        "stranded-TENT-2-2027-06",
        310,
        12400,
    )
    assert gaps(segments=leaving).empty  # ten are sold in days
