"""Months become weeks, days and orders; nothing is lost or made up on the way.

October 2026 has 22 working days: its first week is cut to two (Thursday 1, Friday 2). Most figures use that month.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.operations import weeks as weeks_module
from sopkit.tables import empty
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SUPPLY_PLAN = table(
    "supply_plan",
    """
    product  site   period   opening_inventory  regular  overtime  subcontract  scheduled_receipts  shipped  inventory  target_inventory
    TENT-2   alpha  2026-10  100                220      22        0            0         110      232        50
    TENT-2   alpha  2026-11  232                0        0         42           21        210      85         50
    TENT-2   alpha  2026-12  85                 230      0         0            0         230      85         50
    TENT-2   alpha  2027-01  85                 100      0         0            0         100      85         50
    """,
)
SITES = table("item_locations", "product site on_hand produced_here\nTENT-2 alpha 100 true")
CALENDAR = work_calendar.work_calendar(HORIZON, SITES)
NOTHING = empty("production_plan")
PLANR_WEIGHTED = [321.42857, 492.85714, 107.14286, 50, 242.85714, 1328.57143, 271.42857]
PLANR_WEIGHTED += [100, 85.71429, 535.71429, 321.42857, 78.57143, 50, 14.28571]
FLOWS = ["regular", "overtime", "subcontract", "scheduled_receipts", "shipped"]


def weeks():
    return weeks_module.weekly_plan(HORIZON, SUPPLY_PLAN, CALENDAR, NOTHING)


def open_on(*weekdays, closed=()):
    """The calendar of a site that works 8 hours on some weekdays, but for some days."""
    hours = pd.DataFrame({"site": "alpha", "weekday": weekdays, "hours": 8.0})
    days = pd.DataFrame({"site": "alpha", "day": pd.to_datetime(closed), "reason": "closed"})
    return work_calendar.work_calendar(HORIZON, SITES, None, hours, days)


def day(text):
    return pd.Timestamp(text)


# weeks


def test_a_month_is_shared_by_working_days_and_a_cut_week_gets_only_its_own():
    october = weeks()[lambda t: t["period"] == "2026-10"]
    assert october["week"].dt.strftime("%m-%d").tolist() == [
        "09-28",
        "10-05",
        "10-12",
        "10-19",
        "10-26",
    ]
    assert october["working_days"].tolist() == [2, 5, 5, 5, 5]
    assert october["regular"].tolist() == pytest.approx([20, 50, 50, 50, 50])
    assert october["overtime"].tolist() == pytest.approx([2, 5, 5, 5, 5])


def test_weeks_sum_to_the_month_for_every_flow():
    sums = weeks().groupby("period")[FLOWS].sum()
    months = SUPPLY_PLAN.set_index("period")[FLOWS].loc[sums.index]
    pd.testing.assert_frame_equal(sums, months)


def test_weeks_and_days_add_up_to_the_last_bit_in_whatever_order():
    odd = [1 / 3, 22 / 7, 1e-9, 0.0, 6559.197346, 123456.7890123, 2.0**40 / 3e4]
    plan = pd.concat(
        [SUPPLY_PLAN.iloc[[0]].assign(product=f"P{n}", shipped=x) for n, x in enumerate(odd)]
    )
    calendar = open_on("monday", "wednesday", "sunday", closed=["2026-10-12"])
    rows = weeks_module.weekly_plan(HORIZON, plan, calendar, NOTHING)
    days = weeks_module.daily_plan(rows, calendar)
    for number, whole in enumerate(odd):
        parts = rows.loc[rows["product"] == f"P{number}", "shipped"]
        assert sum(parts) == sum(parts[::-1]) == parts.sum() == whole
        some = days.loc[(days["product"] == f"P{number}") & (days["day"] < "2026-10-26"), "shipped"]
        assert sum(some) == sum(parts.iloc[:4])


def test_a_holiday_gives_its_share_to_the_other_days_of_its_month():
    calendar = open_on(
        "monday", "tuesday", "wednesday", "thursday", "friday", closed=["2026-10-01"]
    )
    october = weeks_module.weekly_plan(HORIZON, SUPPLY_PLAN, calendar, NOTHING)[
        lambda t: t["period"] == "2026-10"
    ]
    assert october["working_days"].tolist() == [1, 5, 5, 5, 5]
    assert october["shipped"].tolist() == pytest.approx(
        [110 * days / 21 for days in (1, 5, 5, 5, 5)]
    )


def test_a_short_day_gets_less_than_a_long_one():
    hours = table(
        "working_hours", "site weekday hours\nalpha friday 6\nalpha saturday 12\nalpha sunday 12"
    )
    calendar = work_calendar.work_calendar(HORIZON, SITES, None, hours)
    days = weeks_module.daily_plan(
        weeks_module.weekly_plan(HORIZON, SUPPLY_PLAN, calendar, NOTHING), calendar
    )
    first = days.set_index("day")["shipped"]
    assert first["2026-10-03"] == pytest.approx(2 * first["2026-10-02"])
    assert first.index.day_of_week.min() == 4


def test_a_month_without_a_working_day_is_refused_by_site_and_month():
    closed = pd.date_range("2026-11-01", "2026-11-30", freq="B")
    calendar = open_on("monday", "tuesday", "wednesday", "thursday", "friday", closed=closed)
    with pytest.raises(
        ValueError, match="site=alpha period=2026-11 has none, with 273 units planned"
    ):
        weeks_module.weekly_plan(HORIZON, SUPPLY_PLAN, calendar, NOTHING)


def test_a_closed_month_in_which_nothing_happens_keeps_its_stock_in_one_row():
    closed = pd.date_range("2026-11-01", "2026-11-30", freq="B")
    calendar = open_on("monday", "tuesday", "wednesday", "thursday", "friday", closed=closed)
    plan = SUPPLY_PLAN.copy()
    plan.loc[plan["period"] == "2026-11", [*FLOWS, "inventory"]] = [0, 0, 0, 0, 0, 232]
    november = weeks_module.weekly_plan(HORIZON, plan, calendar, NOTHING)[
        lambda t: t["period"] == "2026-11"
    ]
    assert november[["working_days", "shipped", "inventory"]].to_numpy().tolist() == [[0, 0, 232]]


@pytest.mark.parametrize(
    ("months", "amounts", "weights", "published"),
    [
        (
            pd.period_range("2023-01", "2023-03", freq="M"),
            [1000, 1000, 2000],
            [0.25, 0.25, 0.25, 0.25],
            [250, 250, 250, 250, 142.85714, 250, 250, 250, 392.85714, 500],
        ),
        (
            pd.period_range("2023-06", "2023-08", freq="M"),
            [1000, 2000, 1000],
            [0.75, 0.15, 0.05, 0.05],
            PLANR_WEIGHTED,
        ),
    ],
    ids=["even", "weighted"],
)
def test_the_weights_of_a_published_split_are_hours_of_a_calendar(
    months, amounts, weights, published
):
    """Months to weeks that start on Sunday, in the tests of the R package planr 0.6.1.

    It gives each seventh day of a month's first 28 the weight of its week, and days 29 to 31 nothing.
    """
    days = pd.DataFrame(
        {"day": pd.date_range(months[0].start_time, months[-1].end_time.normalize())}
    )
    days["period"] = days["day"].dt.to_period("M")
    days["week"] = days["day"] - pd.to_timedelta((days["day"].dt.day_of_week + 1) % 7, unit="D")
    days["hours"] = [weights[(d - 1) // 7] if d <= 28 else 0.0 for d in days["day"].dt.day]
    plan = pd.concat([SUPPLY_PLAN.iloc[[0]]] * 3).assign(period=months, regular=amounts)
    planned = planning_periods(str(months[0]), pd.DataFrame({"horizon_months": [3.0]}))
    rows = weeks_module.weekly_plan(planned, plan, days.assign(site="alpha"), NOTHING)
    by_week = rows.groupby("week")["regular"].sum().reindex(days["week"].unique(), fill_value=0.0)
    assert by_week.tolist()[: len(published)] == pytest.approx(published, abs=1e-4)


def test_the_last_days_of_a_month_get_their_share():
    """The split of the R package planr gives days 29 to 31 nothing; here every working day counts the same.

    January 2023: 1,000 units on 22 working days, of which Monday 30 and Tuesday 31 are two.
    """
    months = planning_periods("2023-01", pd.DataFrame({"horizon_months": [1.0]}))
    plan = SUPPLY_PLAN.iloc[[0]].assign(period=months["period"].iloc[0], regular=1000.0)
    calendar = work_calendar.work_calendar(months, SITES)
    last = weeks_module.weekly_plan(months, plan, calendar, NOTHING).iloc[-1]
    assert last["week"] == day("2023-01-30")
    assert last["regular"] == pytest.approx(1000 * 2 / 22)


def test_a_week_cut_by_the_months_end_has_a_row_in_each_month():
    cut = weeks()[lambda t: t["week"] == day("2026-11-30")]
    assert cut["period"].astype("str").tolist() == ["2026-11", "2026-12"]
    assert cut["working_days"].tolist() == [1, 4]
    assert cut["shipped"].tolist() == pytest.approx([10, 40])


def test_inventory_moves_with_the_working_days_and_ends_the_month_at_the_plan():
    october = weeks()[lambda t: t["period"] == "2026-10"]
    # 100 at the start, 6 more each working day
    assert october["inventory"].tolist() == pytest.approx([112, 142, 172, 202, 232])


def test_each_weeks_stock_is_last_weeks_with_what_came_and_went():
    rows = weeks()
    moved = (
        rows["regular"]
        + rows["overtime"]
        + rows["subcontract"]
        + rows["scheduled_receipts"]
        - rows["shipped"]
    )
    assert (100 + moved.cumsum()).tolist() == pytest.approx(rows["inventory"].tolist())


def test_only_the_plan_of_record_and_the_first_three_months_are_carried_out():
    rows = weeks()
    assert rows["period"].astype("str").unique().tolist() == ["2026-10", "2026-11", "2026-12"]
    assert rows["regular"].sum() == pytest.approx(220 + 230)


def test_weeks_do_not_depend_on_the_order_of_rows_or_on_other_products():
    stove = SUPPLY_PLAN.assign(product="STOVE-1")
    mixed = pd.concat([SUPPLY_PLAN, stove]).sample(frac=1, random_state=1)
    rows = weeks_module.weekly_plan(HORIZON, mixed, CALENDAR, NOTHING)
    tents = rows[rows["product"] == "TENT-2"].reset_index(drop=True)
    pd.testing.assert_frame_equal(tents, weeks())


# days


def test_days_of_the_first_four_weeks_sum_to_them():
    first = weeks()[lambda t: t["week"] <= day("2026-10-19")]
    days = weeks_module.daily_plan(weeks(), CALENDAR)
    pd.testing.assert_series_equal(days[FLOWS].sum(), first[FLOWS].sum())
    assert days["day"].min() == day("2026-10-01")
    assert days["day"].max() == day("2026-10-23")


def test_nobody_works_at_weekends():
    assert weeks_module.daily_plan(weeks(), CALENDAR)["day"].dt.day_of_week.max() == 4


def test_a_day_gets_the_same_share_in_a_cut_week():
    assert weeks_module.daily_plan(weeks(), CALENDAR)["regular"].tolist() == pytest.approx(
        [10] * 17
    )


# released orders

ORDERS = table(
    "plan_overrides",
    """
    kind             item   site  period   day         fixed  author  reason
    firm_production  TENT-2 alpha 2026-10  2026-10-14  100    x       y
    firm_production  TENT-2 -     2026-10  2026-10-23  120    x       y
    firm_production  TENT-2 alpha 2026-11  -           0      x       y
    """,
)


def test_released_orders_are_made_in_their_week_and_on_their_day():
    plan = weeks_module.weekly_plan(HORIZON, SUPPLY_PLAN, CALENDAR, NOTHING, plan_overrides=ORDERS)
    october = plan[plan["period"] == "2026-10"]
    made = october["regular"] + october["overtime"]
    # 242 are made: 100 by the order of the 14th, 120 by that of the 23rd, and 22 a unit a working day
    assert made.tolist() == pytest.approx([2, 5, 105, 125, 5], abs=1e-5)
    days = weeks_module.daily_plan(plan, CALENDAR, ORDERS)
    days = days.assign(made=days["regular"] + days["overtime"]).set_index("day")["made"]
    assert days[day("2026-10-14")] == pytest.approx(101, abs=1e-5)
    assert days[day("2026-10-13")] == pytest.approx(1, abs=1e-5)
    assert days[day("2026-10-23")] == pytest.approx(121, abs=1e-5)
    assert days.sum() == pytest.approx(made[:4].sum(), abs=1e-4)


def test_what_leaves_waits_for_an_order_that_comes_late_in_the_month():
    late = ORDERS.iloc[:1].assign(day=day("2026-10-30"), fixed=242.0)
    short = SUPPLY_PLAN.assign(opening_inventory=[20.0, 152, 5, 5], inventory=[152.0, 5, 5, 5])
    plan = weeks_module.weekly_plan(HORIZON, short, CALENDAR, NOTHING, plan_overrides=late)
    october = plan[plan["period"] == "2026-10"]
    assert october["shipped"].tolist() == pytest.approx([10, 10, 0, 0, 90], abs=1e-5)
    assert october["inventory"].tolist() == pytest.approx([10, 0, 0, 0, 152], abs=1e-5)
