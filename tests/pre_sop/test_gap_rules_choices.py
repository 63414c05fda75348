"""Choices that the plan makes by itself: people, stock built ahead, customers lost."""

from conftest import table
from resting import RESOURCES, every_month, gaps, only, resting_plan, with_cells

CREW = """
    resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
    CELL      2027-04  {}       {}     {}        1600           0               1600            1
    CELL      2027-05  {}       {}     {}        1600           0               1600            1
    CELL      2027-06  {}       {}     {}        1600           0               1600            1
    """


def crew(*months):
    return table("workforce_plan", CREW.format(*[cell for month in months for cell in month]))


def found(kind, **tables):
    rows = gaps(**tables)
    return rows[rows["gap"].str.startswith(kind)]


def test_people_who_are_laid_off_are_one_choice_of_their_resource():
    """Of ten, two leave in May and one in June; each costs 100 to lay off and 100 to hire again."""
    leaving = crew((10, 0, 0), (8, 0, 2), (7, 0, 1))
    row = only(found("layoffs", workforce_plan=leaving, resources=RESOURCES))
    assert row["gap"] == "layoffs-CELL"
    assert row["statement"] == ("CELL: the plan lays off 3 of 10 workers, May 2027 to Jun 2027")
    assert (row["gap_value"], row["owner"], row["resource"]) == (-600, "plant manager", "CELL")


def test_a_few_who_leave_are_no_choice_for_a_meeting():
    one = table(
        "gap_thresholds",
        "gap_type threshold value owner reason\nlayoffs share_of_crew 0.3 Silva usual",
    )
    leaving = crew((10, 0, 0), (8, 0, 2), (7, 0, 1))
    assert found("layoffs", workforce_plan=leaving, resources=RESOURCES, gap_thresholds=one).empty


def test_people_who_are_hired_are_a_choice_too():
    coming = crew((12, 2, 0), (12, 0, 0), (12, 0, 0))
    row = only(found("hires", workforce_plan=coming, resources=RESOURCES))
    assert row["statement"] == "CELL: the plan hires 2 workers on top of 10, Apr 2027"


def test_stock_of_more_than_a_month_above_target_is_built_ahead():
    """Tents ship 100 a month; 150 above a target of 10 are built ahead, at 40 of material each."""
    ahead = every_month(
        "projected_inventory",
        """
        product  site   inventory  safety_stock  target_inventory  max_inventory  shortfall  excess  stock_position
        TENT-2   alpha  10         5             10                999            0          0       on_target
        """,
    )
    ahead.loc[ahead["period"].astype("str") == "2027-05", "inventory"] = 160.0
    row = only(found("prebuild", projected_inventory=ahead))
    assert row["statement"] == (
        "tents: the plan builds ahead, up to 150 units above target inventory, May 2027"
    )
    assert (row["gap_units"], row["gap_value"]) == (150, 150 * 40)
    little = ahead.assign(inventory=ahead["inventory"].clip(upper=110))
    assert found("prebuild", projected_inventory=little).empty


def test_customers_who_are_never_served_are_lost():
    """A stove leaves 30."""
    where = {"product": "STOVE-1", "period": "2027-05"}
    lost = with_cells("constrained_demand", where, fulfilled=180.0, lost_sales=20.0)
    row = only(found("lost", constrained_demand=lost))
    assert row["statement"] == ("stoves: 20 of 200 units demanded are lost sales, May 2027")
    assert (row["gap_units"], row["gap_value"]) == (-20, -600)
    assert found("lost", constrained_demand=resting_plan()["constrained_demand"]).empty
