"""Dates in other scripts, as counts of days, and such that a spreadsheet has exchanged."""

import datetime as dt

import openpyxl
import pytest
from importing import importer

from sopkit.intake.date_labels import label

DAYS = [dt.date(2026, month, day) for month in (5, 6, 7) for day in (2, 9, 11, 15, 22, 28)]


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


@pytest.mark.parametrize(
    ("text", "size", "day"),
    [
        ("2026年3月", "month", dt.date(2026, 3, 1)),
        ("2026年03月05日", "day", dt.date(2026, 3, 5)),
        ("2026년 3월 5일", "day", dt.date(2026, 3, 5)),
        ("15 марта 2026", "day", dt.date(2026, 3, 15)),
        ("янв. 2026", "month", dt.date(2026, 1, 1)),
        ("Ιαν 2026", "month", dt.date(2026, 1, 1)),
        ("2026 máj.", "month", dt.date(2026, 5, 1)),
    ],
)
def test_days_and_months_are_known_in_other_scripts(text, size, day):
    found = label(text)
    assert (found.size, found.day) == (size, day)


def test_a_japanese_export_is_read_without_a_question(imported):
    text = "年月,商品コード,商品名,数量,売上金額\n2026年6月,A,ケトル,4,\\1200\n2026年7月,A,ケトル,5,\\1500\n"
    done = imported(text.encode("cp932"))
    assert done.months == {"A 2026-06": 4, "A 2026-07": 5}
    assert done.sales["revenue"].tolist() == [1200, 1500]
    assert "read as Shift JIS (Japanese)" in done.said


def test_six_digits_above_12_are_weeks(imported):
    text = "Week,Item,Qty\n" + "".join(f"2026{week:02},A,7\n" for week in range(23, 32))
    assert imported(text).months == {"A 2026-06": 30, "A 2026-07": 31}


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (
            lambda day: int(dt.datetime(day.year, day.month, day.day, 9).timestamp()),
            "seconds since 1970",
        ),
        (
            lambda day: 1000 * int(dt.datetime(day.year, day.month, day.day, 9).timestamp()),
            "milliseconds since 1970",
        ),
        (lambda day: f"1{day:%y%j}", "century, year and day of the year"),
    ],
)
def test_days_are_counted_where_a_column_is_told_to_hold_dates(imported, count, said):
    """Orders and products are numbered in the same way, so they are not looked for."""
    text = "Created,Item,Qty\n" + "".join(f"{count(day)},A,1\n" for day in DAYS)
    with pytest.raises(ValueError, match="has no column of dates"):
        imported(text)
    done = imported(text, folder="told", date="Created", last_month="keep")
    assert done.months == {f"A 2026-0{month}": 6 for month in (5, 6, 7)}
    assert f"is read as {said} of 2026-05-02" in done.said


def exchanged(tmp_path, days):
    """A workbook into which day/month/year came where month/day/year is usual."""
    book = openpyxl.Workbook()
    book.active.append(["Date", "Item", "Qty"])
    for day in days:
        cell = dt.date(day.year, day.day, day.month) if day.day <= 12 else f"{day:%d/%m/%Y}"
        book.active.append([cell, "A", 1])
    book.save(tmp_path / "orders.xlsx")


def test_days_that_a_spreadsheet_exchanged_are_asked_and_turned_back(imported, tmp_path):
    exchanged(tmp_path, DAYS)
    (question,) = imported(None, name="orders.xlsx").result.questions
    assert question.key == "exchanged.Date"
    assert (
        "none later than the 12th of its month, and texts, all of later days, such as 15/05/2026"
        in str(question)
    )
    how = {"name": "orders.xlsx", "last_month": "keep"}
    turned = imported(None, folder="turned", exchanged__Date="exchange", **how)
    assert turned.months == {f"A 2026-0{month}": 6 for month in (5, 6, 7)}
    kept = imported(None, folder="kept", exchanged__Date="keep", **how)
    assert kept.months != turned.months


def test_dates_beside_texts_of_early_days_are_as_they_are(imported, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Date", "Item", "Qty"])
    for number, day in enumerate(DAYS):
        book.active.append([day if number % 2 else f"{day:%d/%m/%Y}", "A", 1])
    book.save(tmp_path / "orders.xlsx")
    assert not imported(None, name="orders.xlsx", last_month="keep").result.questions


@pytest.mark.parametrize("times", [1, 1000])
def test_a_named_column_of_a_clock_holds_dates(imported, times):
    """1780272000 is 2026-06-01 00:00 UTC."""
    rows = "".join(f"A,{(1780272000 + 86400 * day) * times},1\n" for day in range(30))
    done = imported(f"item,timestamp,qty\n{rows}")
    assert done.months == {"A 2026-06": 30}
    assert "seconds since 1970" in done.said
