"""Weeks, four-week periods and returns become months; workbooks of older kinds are read like others."""

import datetime as dt
from pathlib import Path

import pytest
from importing import importer

FILES = Path(__file__).parent / "files"


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def every(days, count, first, units):
    start = dt.date.fromisoformat(first)
    rows = [f"{start + dt.timedelta(days=days * n)},A,{units}" for n in range(count)]
    return "Date,Item,Qty\n" + "\n".join(rows) + "\n"


def test_weeks_are_spread_over_their_days(imported):
    """Ten a day, in weeks that end on Saturday: 310 in January, 280 in February."""
    done = imported(every(7, 14, "2023-01-07", 70))
    assert done.months == {"A 2023-01": 310, "A 2023-02": 280, "A 2023-03": 310}
    assert "the lines are 7 days apart: each is spread over its days" in done.said
    assert "week = ends  (dates are Saturdays)" in done.said
    assert "2023-04 is not whole: the data ends on 2023-04-08" in done.said


def test_a_week_can_be_told_to_start_on_its_date(imported):
    done = imported(every(7, 14, "2023-01-07", 70), week="starts")
    assert "2023-01 is not whole: the data starts on 2023-01-07" in done.said
    assert done.months == {"A 2023-02": 280, "A 2023-03": 310}


def test_numbered_weeks_start_on_monday(imported):
    rows = "".join(f"2026-W{week:02d},A,70\n" for week in range(1, 15))
    assert imported("Week,Item,Qty\n" + rows).months == {
        "A 2026-01": 310,
        "A 2026-02": 280,
        "A 2026-03": 310,
    }


def test_four_week_periods_are_spread_over_their_days(imported):
    done = imported(every(28, 5, "2022-12-31", 280), week="ends")
    assert done.months["A 2023-01"] == pytest.approx(310)
    assert "the lines are 28 days apart" in done.said


def test_a_return_takes_from_the_month_of_its_order(imported):
    text = (
        "Date,Item,Qty,Order No\n2026-06-03,A,5,1\n2026-06-30,A,2,2\n2026-07-02,A,6,3\n2026-07-20,A,-3,1\n"
        "2026-07-31,A,-1,9\n"
    )
    done = imported(text)
    assert done.months == {"A 2026-06": 4, "A 2026-07": 5}
    assert "1 of the returns count in the month of their order's sale" in done.said


def test_a_month_below_zero_becomes_0_and_the_rest_is_set_off_against_months_before(imported):
    text = "Month,Item,Qty\n2026-05,A,4\n2026-06,A,3\n2026-07,A,-5\n2026-08,A,2\n"
    done = imported(text)
    assert done.months == {"A 2026-05": 2, "A 2026-06": 0, "A 2026-07": 0, "A 2026-08": 2}
    assert "1 months had more returns than sales and become 0" in done.said
    assert "A all 2026-07: -5" in done.said


def test_returns_without_a_sale_are_said(imported):
    done = imported("Month,Item,Qty\n2026-06,A,3\n2026-07,A,-5\n2026-06,B,9\n2026-07,B,1\n")
    assert done.months == {"A 2026-06": 0, "A 2026-07": 0, "B 2026-06": 9, "B 2026-07": 1}
    assert "2 units of returns have no sale in the data to set off against" in done.said


def test_returns_can_be_dropped_or_refused(imported):
    text = "Month,Item,Qty\n2026-06,A,3\n2026-07,A,-1\n2026-07,A,2\n"
    assert imported(text, returns="drop").months == {"A 2026-06": 3, "A 2026-07": 2}
    with pytest.raises(
        ValueError, match=r"quantity is negative in 1 of 3 lines \(line 3: -1\)\. Net returns"
    ):
        imported(text, folder="other", returns="refuse")


def test_an_xls_is_read_and_its_hidden_rows_are_said_to_be_unseen(imported):
    done = imported((FILES / "orders.xls").read_bytes(), "orders.xls")
    assert done.months["00123 2026-06"] == 5
    assert "The file's own total is 13: the same" in done.said
    assert "hidden rows of this kind of file cannot be seen" in done.said


def test_an_ods_is_read_and_its_hidden_rows_are_asked(imported):
    content = (FILES / "orders.ods").read_bytes()
    assert imported(content, "orders.ods").asked == ["hidden_rows"]
    done = imported(content, "orders.ods", hidden_rows="use")
    assert done.months["00123 2026-06"] == 5
    left = imported(content, "orders.ods", folder="left", hidden_rows="leave")
    assert "left out: hidden in the sheet: 1 line (line 7" in left.said


def test_months_across_take_their_year_from_the_title(imported):
    done = imported("Sales 2025,,,\nItem,Jan,Feb,Mar\nA,1,2,3\n")
    assert done.months == {"A 2025-01": 1, "A 2025-02": 2, "A 2025-03": 3}
    assert "year_across = 2025  (the months across name no year; it is that of Jan)" in done.said


def test_months_across_go_on_into_the_next_year(imported):
    done = imported("Season 2025,,,,\nItem,Oct,Nov,Dec,Jan\nA,1,2,3,4\n")
    assert list(done.months) == ["A 2025-10", "A 2025-11", "A 2025-12", "A 2026-01"]


def test_months_across_without_any_year_are_refused_with_what_to_say(imported):
    text = "Item,Oct,Nov,Dec\nA,1,2,3\n"
    with pytest.raises(ValueError, match="the months Oct, Nov, Dec name no year"):
        imported(text)
    assert imported(text, year_across="2025").months["A 2025-12"] == 3


def test_the_year_of_one_file_is_not_kept_for_the_next(imported):
    folder = imported("Sales 2025,,,\nItem,Jan,Feb,Mar\nA,1,2,3\n").folder
    assert "year_across" not in (folder / "intake.toml").read_text()


def test_a_column_written_as_the_months_beside_it_is_asked_for(imported):
    text = "Item;Jan 26;Foo 26;Mar 26;Apr 26\nA;1;2;3;4\n"
    assert imported(text, folder="asked").asked == ["across.Foo 26"]
    assert imported(text, folder="left", **{"across.Foo 26": "leave"}).months["A 2026-03"] == 3
    told = imported(text, folder="told", **{"across.Foo 26": "2026-02"})
    assert told.months["A 2026-02"] == 2


def test_months_are_known_in_austrian_german(imported):
    assert imported("Artikel;Jän 26;Feb 26;Mrz 26\nA;1;2;3\n").months["A 2026-01"] == 1
