"""Exhibits of the supply review: capacity and the plan of record."""

import pandas as pd
from looking import drawn, lines, named, rows, table, texts, weights

from sopkit.reporting.exhibits import capacity, supply

LOAD = table(
    "rough_cut_capacity",
    """resource | period | required_hours | regular_capacity_hours | capacity_hours | utilization
       ASSEMBLY | 2027-04 | 1100 | 900 | 1000 | 1.1
       ASSEMBLY | 2027-05 | 2240 | 900 | 1000 | 2.24
       SEWING | 2027-04 | 500 | 900 | 1000 | 0.5
       SEWING | 2027-05 | 900 | 900 | 1000 | 0.9""",
)
PARTS = table(
    "resource_load",
    """resource | product | period | family | required_hours
       ASSEMBLY | STOVE-1 | 2027-04 | stoves | 600
       ASSEMBLY | STOVE-1 | 2027-05 | stoves | 1404
       ASSEMBLY | STOVE-2 | 2027-04 | stoves | 300
       ASSEMBLY | STOVE-2 | 2027-05 | stoves | 700
       ASSEMBLY | STOVE-3 | 2027-04 | stoves | 200
       ASSEMBLY | STOVE-3 | 2027-05 | stoves | 136
       SEWING | TENT-1 | 2027-05 | tents | 900""",
)
SEWING = LOAD[LOAD["resource"] == "SEWING"]


def test_the_resource_and_month_most_short_of_hours_are_named():
    headline = capacity.capacity(LOAD).headline
    assert headline == (
        "ASSEMBLY is short of 1,240 hours in May 2027, the worst of 2 months over capacity."
    )
    assert headline.figures["hours"] == 1240
    both = LOAD.assign(capacity_hours=100.0)
    assert capacity.capacity(both).headline.endswith("; 1 other resource too.")


def test_where_capacity_suffices_the_fullest_resource_is_named():
    assert capacity.capacity(SEWING).headline == (
        "No resource is above capacity; the highest load is SEWING, 90 % used in May 2027."
    )


def test_without_resources_capacity_is_unlimited_and_nothing_is_drawn():
    none = LOAD.head(0)
    shown = capacity.capacity(none)
    assert shown.headline == "No resource is described: capacity is taken as unlimited."
    assert shown.chart.empty
    assert capacity.load(PARTS, none).chart.empty
    assert capacity.load(PARTS, none).table.empty


def test_load_is_in_per_cent_with_overtime_marked_and_overload_in_bold():
    (ax,) = drawn(capacity.capacity(LOAD).chart)
    assert weights(ax) == {"110+": "bold", "224+": "bold", "50": "normal", "90": "normal"}
    assert rows(ax) == ["ASSEMBLY", "SEWING"]


def test_the_products_that_make_the_overload_are_named():
    assert capacity.load(PARTS, LOAD).headline == (
        "STOVE-1 and STOVE-2 make 90 % of the load of ASSEMBLY in the 2 months in which it lacks "
        "1,340 hours."
    )
    headline = capacity.load(PARTS, SEWING).headline
    assert headline == "No resource is overloaded; SEWING is the nearest to it."


def test_the_products_that_overload_a_resource_are_listed_the_largest_first():
    shown = capacity.load(PARTS, LOAD).table
    assert list(shown["product"]) == ["STOVE-1", "STOVE-2", "STOVE-3"]
    assert list(shown["required_hours"]) == [2004, 1000, 336]
    assert list(shown["months"]) == [2, 2, 2]


def test_the_load_of_the_most_overloaded_resource_is_drawn_by_product_the_smallest_together():
    products = [f"P-{number}" for number in range(9)]
    many = pd.DataFrame({"resource": "ASSEMBLY", "product": products, "family": "stoves"})
    many = many.assign(period=pd.Period("2027-05", "M"), required_hours=range(9))
    (ax,) = drawn(capacity.load(many, LOAD[LOAD["period"] == "2027-05"]).chart)
    lines_ = ["capacity with overtime", "in regular time"]
    assert named(ax) == [*lines_, "P-8", "P-7", "others"]
    assert [bar.get_height() for bar in ax.patches] == [8, 7, 21]


PLAN = table(
    "supply_plan",
    """product | site | period | opening_inventory | regular | overtime | subcontract | scheduled_receipts | transferred_in | transferred_out | shipped | expired | inventory | target_inventory
       TENT-1 | plant | 2027-05 | 100 | 50 | 4 | 0 | 0 | 0 | 20 | 70 | 0 | 60 | 40
       TENT-1 | plant | 2027-06 | 60 | 50 | 0 | 6 | 0 | 0 | 0 | 40 | 0 | 80 | 40
       TENT-1 | depot | 2027-05 | 0 | 0 | 0 | 0 | 0 | 20 | 0 | 10 | 0 | 10 | 5
       TENT-1 | depot | 2027-06 | 10 | 0 | 0 | 0 | 0 | 0 | 0 | 10 | 0 | 0 | 5""",
)
SERVICE = table(
    "constrained_demand",
    """product | market | period | demand | fulfilled | backlog | lost_sales
       TENT-1 | north | 2027-05 | 100 | 70 | 30 | 0
       TENT-1 | north | 2027-06 | 100 | 110 | 15 | 5
       TENT-1 | south | 2027-06 | 10 | 10 | 0 | 0""",
)


def test_stock_is_told_from_its_beginning_to_its_end_with_what_is_made_on_top():
    assert supply.supply(PLAN, SERVICE).headline == (
        "Stock goes from 100 to 80 units by Jun 2027 (target 45), its peak; "
        "4 units in overtime and 6 units subcontracted."
    )


def test_made_and_asked_for_are_drawn_above_stock_and_backlog():
    made, left = drawn(supply.supply(PLAN, SERVICE).chart)
    assert named(made) == ["demand", "regular time", "overtime", "subcontracted"]
    assert lines(made)["demand"] == [100, 110]
    assert named(left) == ["stock", "target", "backlog"]
    assert lines(left)["stock"] == [70, 80]
    assert [bar.get_height() for bar in left.patches] == [30, 15]


def test_where_nothing_is_held_or_owed_no_stock_is_drawn():
    bare = PLAN.assign(inventory=0.0, target_inventory=0.0, opening_inventory=0.0, overtime=0.0)
    shown = supply.supply(bare, SERVICE.assign(backlog=0.0))
    assert len(drawn(shown.chart)) == 1
    assert shown.headline == (
        "Nothing is kept in stock from month to month; 6 units subcontracted."
    )


def test_service_names_its_worst_month_and_what_is_never_delivered():
    shown = supply.service(SERVICE)
    assert shown.headline == (
        "Not all demand can be met on time: backlog peaks at 30 units in May 2027, with "
        "5 units of lost sales."
    )
    assert list(shown.table["backlog"]) == [15, 30]  # what is lost comes first
    assert supply.service_in_short(SERVICE).headline == shown.headline
    met = SERVICE.assign(backlog=0.0, lost_sales=0.0)
    headline = supply.service(met).headline
    assert headline == "All demand of May 2027 to Jun 2027 is delivered in its month."
    assert [f"{month}" for month in headline.figures["months"]] == ["2027-05", "2027-06"]


WORKERS = table(
    "workforce_plan",
    """resource | period | workers | hired | laid_off | regular_hours | overtime_hours | capacity_hours | utilization
       SEWING | 2027-05 | 10 | 2 | 0 | 1000 | 40 | 1100 | 0.9
       SEWING | 2027-06 | 10 | 0 | 1 | 1000 | 0 | 1100 | 0.9
       CUTTING | 2027-05 | 5 | 0.5 | 0 | 500 | 60 | 600 | 0.9""",
)


def test_hiring_and_overtime_are_told_with_the_resource_that_takes_most():
    shown = supply.workforce(WORKERS)
    assert shown.headline == (
        "Headcount: 2 hires, 1 layoff; 100 hours of overtime, most on CUTTING."
    )
    more = WORKERS.assign(resource=["SEWING", "PACKING", "CUTTING"], overtime_hours=[45, 10, 45.5])
    assert supply.workforce(more).headline.endswith(
        "; 100 hours of overtime, the largest part on CUTTING."
    )
    first, second = drawn(shown.chart)
    assert [ax.get_title(loc="right") for ax in (first, second)] == ["CUTTING", "SEWING"]
    assert lines(second)["capacity"] == [1100, 1100]


def test_without_people_or_overtime_that_is_said():
    idle = WORKERS.assign(overtime_hours=0.0)
    assert supply.workforce(idle).headline.endswith("; no overtime.")
    none = supply.workforce(WORKERS.head(0))
    assert none.headline == "No workforce is described."
    assert none.chart.empty


def test_sites_are_told_by_what_they_make_and_send():
    shown = supply.sites(PLAN)
    assert shown.headline == "plant makes 100 % of all units; 20 units go from site to site."
    assert list(shown.table["max_inventory_planned"]) == [10, 80]
    alone = supply.sites(PLAN[PLAN["site"] == "plant"])
    assert alone.headline == "Everything is made and held at plant."


def test_groups_are_told_by_what_planning_in_groups_changes():
    checked = pd.DataFrame(
        {
            "product": ["A", "B"],
            "group": "g",
            "produced_grouped": [60.0, 40.0],
            "produced_differently": [5.0, 5.0],
            "late_unit_months": [10.0, 0.0],
            "late_unit_months_exact": [4.0, 2.0],
            "cost": [600.0, 400.0],
            "cost_exact": [590.0, 405.0],
        }
    )
    assert supply.grouping(checked).headline.endswith(
        "2 products planned by themselves as well would make 10.0 % of their units in other months "
        "or not at all, miss 6 unit-months and not 10, and cost 0.50 % less."
    )
    assert supply.grouping(checked.head(0)).headline == "Every product is planned individually."


def test_months_in_which_nothing_is_known_are_left_empty():
    gap = LOAD.assign(utilization=[1.1, None, 0.5, 0.9])
    assert texts(drawn(capacity.capacity(gap).chart)[0])[0] == "110+"
