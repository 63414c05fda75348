"""Every day of the planned months is decided: worked, or not."""

import pandas as pd
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
SITES = table(
    "item_locations", "product site on_hand produced_here\nTENT-2 alpha 0 true\nSTOVE-1 beta 0 true"
)
RESOURCES = table(
    "resources",
    """
    resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost
    CELL      gamma  1                10            15             100        200
    """,
)
BAR = table("working_hours", "site weekday hours\nbeta saturday 10\nbeta sunday 6")
CLOSED = table("holidays", "site day reason\nalpha 2026-12-25 Christmas\nbeta 2026-10-31 repairs")


def hours(calendar, site):
    return calendar[calendar["site"] == site].set_index("day")["hours"]


def test_every_day_of_the_planned_months_has_a_row_at_every_site():
    calendar = work_calendar.work_calendar(HORIZON, SITES, RESOURCES, BAR, CLOSED)
    assert sorted(calendar["site"].unique()) == ["alpha", "beta", "gamma"]
    for site in ("alpha", "beta", "gamma"):
        days = hours(calendar, site).index
        assert list(days) == list(pd.date_range("2026-10-01", "2026-12-31"))


def test_without_opening_hours_and_closures_every_weekday_is_worked_8_hours():
    alpha = hours(work_calendar.work_calendar(HORIZON, SITES), "alpha")
    assert alpha[alpha.index.day_of_week < 5].eq(8).all()
    assert alpha[alpha.index.day_of_week >= 5].eq(0).all()


def test_weekdays_that_a_site_leaves_out_are_closed_and_other_sites_work_as_usual():
    calendar = work_calendar.work_calendar(HORIZON, SITES, working_hours=BAR)
    beta = hours(calendar, "beta")
    assert beta["2026-10-02":"2026-10-05"].tolist() == [0, 10, 6, 0]  # Friday to Monday
    assert hours(calendar, "alpha")["2026-10-02":"2026-10-05"].tolist() == [8, 0, 0, 8]


def test_a_closure_takes_its_day_from_its_site_alone():
    calendar = work_calendar.work_calendar(HORIZON, SITES, None, BAR, CLOSED)
    assert hours(calendar, "beta")["2026-10-31"] == 0
    alpha = hours(calendar, "alpha")
    assert (alpha["2026-12-24"], alpha["2026-12-25"]) == (8, 0)


def test_a_week_belongs_to_its_monday_and_a_day_to_its_month():
    rows = work_calendar.work_calendar(HORIZON, SITES).set_index("day")
    cut = rows[rows["site"] == "alpha"].loc["2026-11-30":"2026-12-01"]
    assert cut["week"].tolist() == [pd.Timestamp("2026-11-30")] * 2
    assert cut["period"].astype("str").tolist() == ["2026-11", "2026-12"]
