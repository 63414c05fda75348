"""What is made in which week: the most urgent first, in whole lots, as the hours allow.

October 2026 has 22 working days in weeks of 2, 5, 5, 5 and 5.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.operations import scheduling
from sopkit.operations import weeks as weeks_module
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [1.0]}))
RESOURCES = table(
    "resources",
    """
    resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost
    CELL      alpha  3                10            15             100        200
    """,
)
ROUTINGS = table(
    "routings",
    """
    product  resource  hours_per_unit  min_lot  setup_hours
    BIG      CELL      1               50       -
    SMALL    CELL      2               10       -
    FREE     CELL      1               -        -
    RUN      CELL      1               -        4
    """,
)
WORKFORCE = table(
    "workforce_plan",
    """
    resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
    CELL      2026-10  3        0      0         440            44              660             0.73
    """,
)
CALENDAR = work_calendar.work_calendar(HORIZON, pd.DataFrame({"site": ["alpha"]}))


def day(text):
    return pd.Timestamp(text)


def month(*rows):
    """A supply and a production plan of October: product, opening stock, made in regular time, shipped, hours."""
    plan = pd.DataFrame(
        rows, columns=["product", "opening_inventory", "regular", "shipped", "regular_hours"]
    )
    plan = plan.assign(
        site="alpha",
        period=pd.Period("2026-10", "M"),
        resource="CELL",
        overtime_hours=0.0,
    )
    empty_flows = [
        "overtime",
        "subcontract",
        "scheduled_receipts",
        "transferred_in",
        "transferred_out",
        "expired",
        "purchased",
        "consumed",
    ]
    plan = plan.assign(**dict.fromkeys(empty_flows, 0.0), target_inventory=0.0)
    plan["inventory"] = plan["opening_inventory"] + plan["regular"] - plan["shipped"]
    columns = [
        "product",
        "resource",
        "period",
        "regular",
        "overtime",
        "regular_hours",
        "overtime_hours",
    ]
    return plan, plan[columns]


def weeks(*rows):
    plan, production = month(*rows)
    return weeks_module.weekly_plan(HORIZON, plan, CALENDAR, production, RESOURCES, ROUTINGS)


def schedule(*rows):
    _, production = month(*rows)
    args = (HORIZON, weeks(*rows), CALENDAR, production, RESOURCES, ROUTINGS)
    return scheduling.production_schedule(*args)


def made(rows, product):
    return rows.loc[rows["product"] == product, "regular"].tolist()


# lots


def test_a_month_of_one_lot_is_made_in_one_week():
    assert sum(amount > 0 for amount in made(weeks(("BIG", 100, 60, 110, 60)), "BIG")) == 1


def test_lots_are_whole_and_never_smaller_than_the_least():
    amounts = made(weeks(("BIG", 500, 170, 110, 170), ("SMALL", 40, 44, 30, 88)), "BIG")
    assert sum(amounts) == 170
    assert all(amount == 0 or amount >= 50 for amount in amounts)
    assert [round(amount / (170 / 3)) for amount in amounts if amount] == [1, 1, 1]


def test_a_lot_is_made_earlier_where_stock_would_not_last():
    urgent, calm = (
        made(weeks(("BIG", 0, 60, 60, 60)), "BIG"),
        made(weeks(("BIG", 60, 60, 60, 60)), "BIG"),
    )
    assert urgent == [60, 0, 0, 0, 0]
    assert calm == [0, 0, 60, 0, 0]


def test_stock_never_falls_below_what_ships():
    rows = weeks(
        ("BIG", 10, 150, 160, 150),
        ("SMALL", 0, 33, 30, 66),
        ("FREE", 5, 40, 45, 40),
        ("RUN", 8, 90, 98, 94),
    )
    assert rows["inventory"].min() >= 0
    assert rows.groupby("product")["inventory"].last().to_dict() == {
        "BIG": 0,
        "FREE": 0,
        "RUN": 0,
        "SMALL": 3,
    }


def test_of_two_products_in_one_lot_each_the_one_that_runs_out_first_is_made_first():
    rows = weeks(("BIG", 300, 60, 60, 100), ("RUN", 60, 96, 60, 100))
    assert made(rows, "RUN").index(96) < made(rows, "BIG").index(60)


def test_what_can_be_divided_makes_room_for_what_cannot():
    rows = weeks(("RUN", 200, 88, 88, 88), ("FREE", 200, 132, 132, 132))
    total = [a + b for a, b in zip(made(rows, "RUN"), made(rows, "FREE"), strict=True)]
    # 220 hours, 10 a day: the run of 88 takes more than a week of 50, the rest is shared by the other weeks
    assert max(total) == 88
    assert sorted(total)[0] == pytest.approx(132 * 2 / 17)


def test_what_is_set_up_is_made_in_one_run():
    assert sum(amount > 0 for amount in made(weeks(("RUN", 100, 44, 40, 48)), "RUN")) == 1


def test_the_steps_of_a_product_are_made_in_the_same_weeks_and_each_keeps_its_lots():
    plan, production = month(("BIG", 100, 120, 110, 120))
    press = production.assign(resource="PRESS", regular_hours=60.0)
    resources = pd.concat([RESOURCES, RESOURCES.assign(resource="PRESS")])
    routings = pd.concat([ROUTINGS, ROUTINGS.iloc[[0]].assign(resource="PRESS", min_lot=60.0)])
    both = pd.concat([production, press])
    rows = weeks_module.weekly_plan(HORIZON, plan, CALENDAR, both, resources, routings)
    assert sorted(made(rows, "BIG"))[-2:] == [60, 60]
    turns = scheduling.production_schedule(HORIZON, rows, CALENDAR, both, resources, routings)
    weeks_of = turns.groupby("resource")["week"].agg(list)
    assert weeks_of["CELL"] == weeks_of["PRESS"]
    assert turns.groupby("resource")["work_hours"].sum().to_dict() == {"CELL": 120, "PRESS": 60}


def test_a_product_without_routing_is_made_evenly():
    plan, production = month(("OTHER", 10, 110, 100, 0))
    rows = weeks_module.weekly_plan(
        HORIZON, plan, CALENDAR, production.iloc[:0], RESOURCES, ROUTINGS
    )
    assert rows["regular"].tolist() == pytest.approx([10, 25, 25, 25, 25])


# the order of work


def test_the_schedule_has_the_plans_units_and_hours():
    rows = schedule(("BIG", 10, 150, 160, 150), ("RUN", 8, 90, 98, 94))
    sums = rows.groupby("product")[["quantity", "work_hours"]].sum()
    assert sums.loc["BIG"].tolist() == [150, 150]
    assert sums.loc["RUN"].tolist() == [90, 94]  # four hours of setting up


def test_what_runs_out_first_has_the_first_turn():
    rows = schedule(("FREE", 5, 44, 44, 44), ("SMALL", 10, 110, 110, 220))
    first = rows[rows["week"] == day("2026-09-28")].set_index("product")
    assert first["sequence"].to_dict() == {"SMALL": 1, "FREE": 2}
    assert first["days_of_supply"].to_dict() == pytest.approx({"SMALL": 2, "FREE": 2.5})
    assert first.loc["SMALL", "due_day"] == day(
        "2026-10-05"
    )  # two working days last Thursday and Friday


def test_what_nobody_takes_is_never_due_and_comes_last():
    rows = schedule(("FREE", 5, 44, 0, 44), ("SMALL", 10, 110, 110, 220)).set_index("product")
    assert rows.loc["FREE", ["days_of_supply", "due_day"]].isna().all(axis=None)
    week = rows[rows["week"] == day("2026-10-05")]
    assert week.loc["FREE", "sequence"] == 2


def test_without_resources_nothing_is_scheduled():
    plan, production = month(("OTHER", 10, 110, 100, 0))
    rows = weeks_module.weekly_plan(HORIZON, plan, CALENDAR, production.iloc[:0])
    assert scheduling.production_schedule(HORIZON, rows, CALENDAR, production.iloc[:0]).empty
    assert scheduling.labor_schedule(HORIZON, rows, WORKFORCE, CALENDAR).empty


# who works


def test_a_weeks_capacity_follows_its_working_hours_and_its_load_what_is_made():
    rows = schedule(("FREE", 100, 440, 440, 440))
    work = scheduling.labor_schedule(HORIZON, rows, WORKFORCE, CALENDAR, RESOURCES)
    assert work["workers"].tolist() == [3] * 5
    assert work["capacity_hours"].tolist() == pytest.approx([60, 150, 150, 150, 150])
    assert work["regular_capacity_hours"].tolist() == pytest.approx([48, 120, 120, 120, 120])
    assert work["regular_hours"].tolist() == pytest.approx([36, 90, 90, 90, 90])
    assert work["overtime_hours"].tolist() == pytest.approx([4, 10, 10, 10, 10])
    assert work["utilization"].tolist() == pytest.approx([2 / 3] * 5)


def test_overtime_is_worked_in_the_weeks_that_are_fullest():
    rows = schedule(("FREE", 100, 220, 220, 220))
    rows.loc[rows["week"] == day("2026-10-12"), "work_hours"] += 30
    rows.loc[rows["week"] == day("2026-10-19"), "work_hours"] += 24
    work = scheduling.labor_schedule(HORIZON, rows, WORKFORCE, CALENDAR, RESOURCES)
    # 20, 50, 80, 74, 50 hours; 44 of overtime bring the fullest two to 55
    assert work["overtime_hours"].tolist() == pytest.approx([0, 0, 25, 19, 0])
    assert work["regular_hours"].tolist() == pytest.approx([20, 50, 55, 55, 50])


def test_a_week_in_which_a_crew_makes_nothing_has_a_row():
    rows = schedule(("BIG", 60, 60, 60, 60))
    work = scheduling.labor_schedule(HORIZON, rows, WORKFORCE, CALENDAR, RESOURCES)
    assert work["regular_hours"].tolist() == [0, 0, 16, 0, 0]
    assert work["overtime_hours"].tolist() == [0, 0, 44, 0, 0]
