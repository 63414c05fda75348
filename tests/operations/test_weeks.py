"""Months become weeks, days and orders; nothing is lost or made up on the way.

October 2026 has 22 working days: its first week is cut to two (Thursday 1, Friday 2). Most figures use that month.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit import operations
from sopkit.periods import horizon

HORIZON = horizon("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SUPPLY_PLAN = table(
    "supply_plan",
    """
    product  site   period   strategy  opening_inventory  regular  overtime  subcontract  receipts  shipped  inventory  target_inventory
    TENT-2   alpha  2026-10  policy    100                220      22        0            0         110      232        50
    TENT-2   alpha  2026-11  policy    232                0        0         42           21        210      85         50
    TENT-2   alpha  2026-12  policy    85                 230      0         0            0         230      85         50
    TENT-2   alpha  2027-01  policy    85                 100      0         0            0         100      85         50
    TENT-2   alpha  2026-10  level     100                999      0         0            0         110      989        50
    """,
)
WORKFORCE_PLAN = table(
    "workforce_plan",
    """
    resource  period   strategy  workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilisation_ratio
    CELL      2026-10  policy    3        0      0         440            44              528             0.92
    CELL      2026-11  policy    3        0      0         210            0               504             0.42
    CELL      2026-10  chase     9        6      0         999            0               999             1
    """,
)
FLOWS = ["regular", "overtime", "subcontract", "receipts", "shipped"]


def weeks():
    return operations.weekly_plan(HORIZON, SUPPLY_PLAN)


def day(text):
    return pd.Timestamp(text)


# weeks


def test_a_month_is_shared_by_working_days_and_a_cut_week_gets_only_its_own():
    october = weeks()[lambda t: t["period"] == "2026-10"]
    assert october["week"].dt.strftime("%m-%d").tolist() == ["09-28", "10-05", "10-12", "10-19", "10-26"]
    assert october["working_days"].tolist() == [2, 5, 5, 5, 5]
    assert october["regular"].tolist() == pytest.approx([20, 50, 50, 50, 50])
    assert october["overtime"].tolist() == pytest.approx([2, 5, 5, 5, 5])


def test_weeks_sum_to_the_month_for_every_flow():
    sums = weeks().groupby("period")[FLOWS].sum()
    months = SUPPLY_PLAN[SUPPLY_PLAN["strategy"] == "policy"].set_index("period")[FLOWS].loc[sums.index]
    pd.testing.assert_frame_equal(sums, months)


def test_the_last_days_of_a_month_get_their_share():
    """The split of the R package planr gives days 29 to 31 nothing; here every working day counts the same.

    January 2023: 1,000 units on 22 working days, of which Monday 30 and Tuesday 31 are two.
    """
    months = horizon("2023-01", pd.DataFrame({"horizon_months": [1.0]}))
    plan = SUPPLY_PLAN.iloc[[0]].assign(period=months["period"].iloc[0], regular=1000.0)
    last = operations.weekly_plan(months, plan).iloc[-1]
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
    moved = rows["regular"] + rows["overtime"] + rows["subcontract"] + rows["receipts"] - rows["shipped"]
    assert (100 + moved.cumsum()).tolist() == pytest.approx(rows["inventory"].tolist())


def test_only_the_plan_of_record_and_the_first_three_months_are_carried_out():
    rows = weeks()
    assert rows["period"].astype("str").unique().tolist() == ["2026-10", "2026-11", "2026-12"]
    assert rows["regular"].sum() == pytest.approx(220 + 230)


def test_weeks_do_not_depend_on_the_order_of_rows_or_on_other_products():
    stove = SUPPLY_PLAN.assign(product="STOVE-1")
    mixed = pd.concat([SUPPLY_PLAN, stove]).sample(frac=1, random_state=1)
    rows = operations.weekly_plan(HORIZON, mixed)
    tents = rows[rows["product"] == "TENT-2"].reset_index(drop=True)
    pd.testing.assert_frame_equal(tents, weeks())


# days


def test_days_of_the_first_four_weeks_sum_to_them():
    first = weeks()[lambda t: t["week"] <= day("2026-10-19")]
    days = operations.daily_plan(weeks())
    pd.testing.assert_series_equal(days[FLOWS].sum(), first[FLOWS].sum())
    assert days["day"].min() == day("2026-10-01")
    assert days["day"].max() == day("2026-10-23")


def test_nobody_works_at_weekends():
    assert operations.daily_plan(weeks())["day"].dt.day_of_week.max() == 4


def test_a_day_gets_the_same_share_in_a_cut_week():
    assert operations.daily_plan(weeks())["regular"].tolist() == pytest.approx([10] * 17)


# work


def test_the_schedule_splits_hours_and_keeps_workers():
    schedule = operations.work_schedule(HORIZON, WORKFORCE_PLAN)
    october = schedule[schedule["period"] == "2026-10"]
    assert october["workers"].tolist() == [3] * 5
    assert october["regular_hours"].tolist() == pytest.approx([40, 100, 100, 100, 100])
    assert october["overtime_hours"].tolist() == pytest.approx([4, 10, 10, 10, 10])
    assert schedule["regular_hours"].sum() == pytest.approx(650)


def test_without_resources_there_is_no_schedule():
    assert operations.work_schedule(HORIZON, WORKFORCE_PLAN.iloc[:0]).empty
