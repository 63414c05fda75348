"""Exhibits of the operations plan: weeks, the order of work, crews, what is short, horizons."""

import pandas as pd
import pytest
from looking import columns, drawn, lines, named, rows, table, texts, weights

from sopkit.reporting.exhibits import operations
from sopkit.tables import empty

WEEKS = table(
    "weekly_plan",
    """product | site | period | week | working_days | regular | overtime | subcontract | purchased | scheduled_receipts | shipped | transferred_in | transferred_out | consumed | expired | inventory
       TENT-1 | plant | 2026-10 | 2026-10-19 | 5 | 60 | 10 | 0 | 0 | 0 | 50 | 0 | 0 | 0 | 0 | 20
       TENT-1 | plant | 2026-10 | 2026-10-26 | 5 | 90 | 0 | 0 | 0 | 5 | 70 | 0 | 0 | 0 | 0 | 45
       TENT-1 | plant | 2026-11 | 2026-10-26 | 1 | 20 | 0 | 0 | 0 | 0 | 10 | 0 | 0 | 0 | 0 | 55
       PACK-1 | plant | 2026-10 | 2026-10-19 | 5 | 8 | 0 | 0 | 0 | 0 | 8 | 0 | 0 | 0 | 0 | 0""",
)
SCHEDULE = table(
    "production_schedule",
    """resource | period | week | product | sequence | quantity | work_hours | min_lot | days_of_supply | due_day
       SEWING | 2026-10 | 2026-09-28 | TENT-1 | 1 | 120 | 12 | 50 | 3 | 2026-10-05
       SEWING | 2026-10 | 2026-09-28 | TENT-2 | 2 | 40 | 60 | 50 | 9 | 2026-10-13
       SEWING | 2026-10 | 2026-10-05 | PACK-1 | 1 | 60 | 60 | | |
       SEWING | 2026-10 | 2026-10-05 | TENT-1 | 2 | 1000 | 0 | 50 | |
       IDLE | 2026-10 | 2026-10-05 | PACK-1 | 1 | 7 | 7 | | | """,
)
WORK = table(
    "labor_schedule",
    """resource | period | week | working_days | workers | regular_hours | overtime_hours | regular_capacity_hours | capacity_hours | utilization
       IDLE | 2026-10 | 2026-09-28 | 2 | 1 | 0 | 0 | 16 | 16 | 0
       IDLE | 2026-10 | 2026-10-05 | 5 | 1 | 7 | 0 | 40 | 40 | 0.175
       SEWING | 2026-10 | 2026-10-05 | 5 | 3 | 60 | 50 | 90 | 100 | 1.1
       SEWING | 2026-10 | 2026-09-28 | 2 | 3 | 12 | 0 | 40 | 48 | 0.25""",
)
HORIZONS = table(
    "plan_alignment",
    """horizon | item | measure | period | reference_value | plan | variance
       tactical | 2026Q4 | shipped | 2026-12 | 90 | 90.5 | 0.5
       tactical | month | shipped | 2026-10 | 30 | 30 | 0
       tactical | month | regular | 2026-10 | 30 | 30 | 0
       operational | week of 2026-10-26 | shipped | 2026-10 | 5 | 5 | 0
       operational | week of 2026-10-26 | shipped | 2026-11 | 2 | 2 | 0
       strategic | growth | revenue | 2027-09 | 200 | 150 | -50
       strategic | far | revenue | 2028-12 | 200 | | """,
)


# -------------------------------------------------------------------------------------------------
# weeks and days


def test_the_weeks_are_added_up_and_the_busiest_is_named():
    shown = operations.weeks(WEEKS)
    assert shown.headline == (
        "188 units are made in the 2 weeks of Oct 2026 to Nov 2026; the busiest starts on "
        "26 Oct 2026 (110 units)."
    )
    assert (shown.headline.figures["made"], shown.headline.figures["most"]) == (
        188,
        110,
    )


def test_a_week_in_two_months_stands_in_each_with_its_days():
    (ax,) = drawn(operations.weeks(WEEKS).chart)
    assert columns(ax) == ["19 Oct", "26 Oct", "26 Oct"]
    assert lines(ax)["shipped"] == [58, 70, 10]
    assert named(ax) == ["shipped", "regular time", "overtime", "already ordered"]


def test_days_are_those_of_all_products_together():
    days = table(
        "daily_plan",
        """product | site | day | regular | overtime | subcontract | purchased | scheduled_receipts | shipped | transferred_in | transferred_out | consumed | expired
           TENT-1 | plant | 2026-10-01 | 6 | 1 | 0 | 0 | 0 | 5 | 0 | 0 | 0 | 0
           PACK-1 | plant | 2026-10-01 | 2 | 0 | 0 | 0 | 3 | 2 | 0 | 0 | 0 | 0
           PACK-1 | plant | 2026-10-02 | 2 | 0 | 0 | 0 | 0 | 2 | 0 | 0 | 0 | 0""",
    )
    shown = operations.days(days).table
    assert shown.drop(columns="day").to_numpy().tolist() == [[8, 1, 0, 0, 3, 7], [2, 0, 0, 0, 0, 2]]


# -------------------------------------------------------------------------------------------------
# the order of work, and crews


def test_the_schedule_says_what_is_most_urgent():
    assert operations.schedule(SCHEDULE).headline == (
        "2 products are made in the week of 28 Sep 2026; TENT-1 on SEWING is the most urgent: "
        "its stock lasts to 5 Oct 2026."
    )
    assert operations.schedule(SCHEDULE.assign(days_of_supply=0.0)).headline.endswith(
        "TENT-1 on SEWING is the most urgent: none of it is in stock."
    )
    assert operations.schedule(SCHEDULE.iloc[2:3]).headline == (
        "1 product is made in the week of 5 Oct 2026; none of them would run out."
    )


def test_the_schedule_is_shown_by_week_resource_and_turn():
    shown = operations.schedule(SCHEDULE.iloc[::-1]).table
    assert shown["product"].tolist() == ["TENT-1", "TENT-2", "PACK-1", "PACK-1", "TENT-1"]
    assert shown["resource"].tolist()[2:] == ["IDLE", "SEWING", "SEWING"]


def test_the_turns_of_the_fullest_resource_are_drawn_with_their_units():
    shown = operations.turns(SCHEDULE, WORK)
    assert shown.headline == "Sequence on SEWING: 3 products; 1 batch below the smallest lot."
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["PACK-1", "TENT-1", "TENT-2"]
    assert columns(ax) == ["28 Sep", "5 Oct"]
    assert texts(ax) == ["1.  60", "1.  120", "2.  1,000", "2.  40"]


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        (SCHEDULE.drop(index=1), "all lots reach the minimum lot size."),
        (SCHEDULE.assign(min_lot=float("nan")), "no smallest lots are known."),
    ],
)
def test_where_no_lot_is_cut_that_is_said(batches, said):
    assert operations.turns(batches, WORK).headline.endswith(f" products; {said}")


def test_the_largest_products_of_many_are_drawn_by_name():
    names = [f"P-{number:02}" for number in range(20)]
    units = [float(number) for number in range(1, 21)]
    many = SCHEDULE.head(1).drop(columns=["product", "quantity", "sequence"])
    many = many.merge(
        pd.DataFrame({"product": names, "quantity": units, "sequence": range(1, 21)}), how="cross"
    )
    chart = operations.turns(many, WORK).chart
    assert list(chart.shown.index) == names[8:]
    assert chart.counted == (12, 20)


def test_the_fullest_week_and_the_overtime_are_named():
    assert operations.crews(WORK).headline == (
        "SEWING load peaks in the week of 5 Oct 2026, at 110 % of its hours; 50 hours of overtime "
        "are worked in Oct 2026."
    )
    assert operations.crews(WORK.assign(overtime_hours=0.0)).headline.endswith(
        "; nobody works overtime in Oct 2026."
    )


def test_the_load_of_each_week_is_marked_where_regular_time_is_not_enough():
    (ax,) = drawn(operations.crews(WORK).chart)
    assert rows(ax) == ["SEWING", "IDLE"]
    assert columns(ax) == ["28 Sep", "5 Oct"]
    assert texts(ax) == ["25", "110+", "0", "18"]
    assert weights(ax) == {"25": "normal", "110+": "bold", "0": "normal", "18": "normal"}


def test_crews_are_shown_week_by_week():
    assert operations.crews(WORK).table["resource"].tolist() == ["IDLE", "SEWING"] * 2


# -------------------------------------------------------------------------------------------------
# what is short, and the horizons


def test_shortages_name_the_largest_and_its_cause():
    short = table(
        "shortages",
        """product | period | measure | item | quantity | statement
           TENT-1 | 2026-10 | backlog | north | 12 | overtime hours of SEWING used up
           TENT-1 | 2026-11 | backlog | north | 30 | supply limit of VALVE used up""",
    )
    assert operations.shortages(short, WEEKS).headline == (
        "1 product is late, lost or below target, most of all TENT-1 by 30 units in Nov 2026: "
        "supply limit of VALVE used up."
    )


def test_the_horizons_say_how_far_goals_are_reached_and_whether_all_adds_up():
    headline = operations.plan_alignment(HORIZONS).headline
    assert headline == (
        "The plan reaches 75 % of goal growth; 1 goal lies beyond its horizon; quarters, months, "
        "weeks and days differ by up to 0.5 units."
    )
    assert headline.figures["reached"] == {"growth": 0.75}


def test_the_horizons_show_goals_quarters_and_weeks():
    years, quarters, weeks = drawn(operations.plan_alignment(HORIZONS).chart)
    assert [bar.get_width() for bar in years.patches] == [0.75]
    assert [bar.get_height() for bar in quarters.patches] == [90.5]
    assert columns(quarters) == ["26Q4"]
    assert [bar.get_height() for bar in weeks.patches] == [7]
    assert columns(weeks) == ["26 Oct"]


def test_horizons_are_listed_from_far_to_near_without_what_is_made():
    shown = operations.plan_alignment(HORIZONS).table
    assert shown["item"].tolist() == [
        "growth",
        "far",
        "2026Q4",
        "month",
        "week of 2026-10-26",
        "week of 2026-10-26",
    ]
    assert "regular" not in set(shown["measure"])


@pytest.mark.parametrize(
    ("exhibit", "said"),
    [
        (operations.weeks, "No week is planned."),
        (operations.schedule, "No resource is described, so nothing is scheduled."),
        (operations.turns, "Nothing is scheduled."),
        (operations.crews, "No resource is described, so nobody is scheduled."),
        (
            operations.shortages,
            "Nothing is late, lost or below target.",
        ),
    ],
)
def test_where_nothing_is_planned_that_is_said_and_nothing_is_drawn(exhibit, said):
    names = {
        operations.weeks: ["weekly_plan"],
        operations.schedule: ["production_schedule"],
        operations.turns: ["production_schedule", "labor_schedule"],
        operations.crews: ["labor_schedule"],
        operations.shortages: ["shortages", "weekly_plan"],
    }
    shown = exhibit(*[empty(name) for name in names[exhibit]])
    assert shown.headline == said
    assert shown.chart is None or shown.chart.empty
