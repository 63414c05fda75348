"""Weeks and days of an export become periods of a fiscal calendar, and next month's do so, too."""

import datetime as dt

import pandas as pd
import pytest
from click.testing import CliRunner
from importing import importer

from sopkit.cli import main
from sopkit.intake import exports, mapping
from sopkit.io import readers

CALENDAR = {"calendar": "4-4-5", "fiscal_year_start": "2026-02-01"}


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def weeks(first, count, units=70, item="A"):
    """A row a week, by its first day."""
    start = dt.date.fromisoformat(first)
    days = [start + dt.timedelta(7 * number) for number in range(count)]
    return "Week start,Item,Qty\n" + "".join(f"{day},{item},{units}\n" for day in days)


def days(first, count, units=10):
    start = dt.date.fromisoformat(first)
    rows = [f"{start + dt.timedelta(number)},A,{units}\n" for number in range(count)]
    return "Date,Item,Qty\n" + "".join(rows)


def test_weeks_are_summed_whole(imported):
    """Twelve weeks from 1 February 2026, then one of the period of five weeks, which is not whole."""
    done = imported(weeks("2026-02-01", 14), **CALENDAR)
    assert done.months == {"A 2026-02": 280, "A 2026-03": 280, "A 2026-04": 350}
    assert "2026-05 is not whole: the data ends on 2026-05-09" in done.said
    assert "2026-04 (P03 FY27) is 2026-03-29 to 2026-05-02, 5 weeks" in done.said


def test_days_count_in_their_period(imported):
    done = imported(days("2026-02-01", 91), **CALENDAR)
    assert done.months == {"A 2026-02": 280, "A 2026-03": 280, "A 2026-04": 350}


def test_a_first_period_that_is_not_whole_is_left_out(imported):
    done = imported(weeks("2026-02-15", 11), **CALENDAR)
    assert "2026-02 is not whole: the data starts on 2026-02-15" in done.said
    assert done.months == {"A 2026-03": 280, "A 2026-04": 350}


def test_a_53rd_week_is_in_the_last_period_of_its_year(imported):
    done = imported(weeks("2023-10-29", 14), **CALENDAR)
    assert done.months == {"A 2023-11": 280, "A 2023-12": 280, "A 2024-01": 6 * 70}


def test_the_calendar_is_written_from_the_first_year_on_and_kept_in_the_mapping(imported):
    done = imported(weeks("2026-05-03", 8), **CALENDAR)
    table = readers.read(done.folder, ("calendar",))["calendar"]
    assert str(table["period"].iloc[0]) == "2026-02"
    assert table["period"].iloc[-1] >= pd.Period("2031-01", "M")
    told = mapping.read(done.folder / mapping.NAME).answers
    assert {key: told[key] for key in CALENDAR} == CALENDAR


def test_the_next_file_is_read_by_the_same_calendar(imported):
    imported(weeks("2026-02-01", 13), **CALENDAR)
    done = imported(weeks("2026-05-03", 4), update=True)
    assert done.months["A 2026-05"] == 280


def test_a_calendar_of_the_company_is_taken_as_it_is(imported, tmp_path):
    """Its October has the weeks that 4-4-5 would give to September."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "calendar.csv").write_text(
        "period,first_day,last_day,fiscal_year,quarter\n"
        "2026-09,2026-08-30,2026-09-26,2027,3\n2026-10,2026-09-27,2026-10-31,2027,3\n"
    )
    done = imported(weeks("2026-08-30", 9))
    assert done.months == {"A 2026-09": 280, "A 2026-10": 350}


def test_months_are_refused_with_what_to_do(imported):
    text = "Month,Item,Qty\n2026-02,A,280\n2026-03,A,280\n2026-04,A,350\n"
    with pytest.raises(ValueError, match=r"the lines are months .2026-02, .*by day or week"):
        imported(text, **CALENDAR)


def test_a_start_is_needed(imported):
    with pytest.raises(ValueError, match="--calendar 4-4-5 needs --fiscal-year-start"):
        imported(weeks("2026-02-01", 13), calendar="4-4-5")


def test_lines_outside_the_calendar_are_refused(imported):
    with pytest.raises(ValueError, match=r"1 lines lie outside the calendar.*1971-02-07"):
        imported("Date,Item,Qty\n1971-02-07,A,1\n2026-02-08,A,1\n", **CALENDAR)


def test_another_calendar_than_that_of_the_sales_is_refused(imported):
    imported(weeks("2026-02-01", 13))
    with pytest.raises(ValueError, match="are by calendar month, and both cannot be in one plan"):
        imported(weeks("2026-05-03", 4), update=True, **CALENDAR)


def test_the_export_of_a_closed_period_is_whole_after_its_last_day(imported, tmp_path):
    """The period of April ends on 2 May: rolling to May reads its last week."""
    done = imported(weeks("2025-11-30", 17), **CALENDAR)
    (tmp_path / "sales.csv").write_text(weeks("2026-03-01", 9))
    told = {"sales_history": str(tmp_path / "sales.csv")}
    found = exports.read_exports(done.folder, "2026-04", told)
    sold = found.tables["sales_history"]
    assert sold["period"].astype(str).tolist()[-3:] == ["2026-02", "2026-03", "2026-04"]
    assert sold["quantity"].tolist() == [280, 350, 280, 280, 350]
    assert str(found.tables["calendar"]["period"].iloc[0]) == "2025-02"


def test_the_command_says_what_it_wrote(tmp_path):
    (tmp_path / "sales.csv").write_text(weeks("2026-02-01", 13))
    words = ["init", tmp_path / "shop", "--from-sales", tmp_path / "sales.csv"]
    words += ["--calendar", "4-4-5", "--fiscal-year-start", "2026-02-01"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert "sales_history.csv, calendar.csv, import_summary.csv and intake.toml" in done.output


def test_thirteen_periods_are_refused_by_the_command(tmp_path):
    (tmp_path / "sales.csv").write_text(weeks("2026-02-01", 13))
    words = ["init", tmp_path / "shop", "--from-sales", tmp_path / "sales.csv"]
    words += ["--calendar", "13", "--fiscal-year-start", "2026-02-01"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code != 0
    said = done.output + str(done.exception)
    assert "Thirteen periods of four weeks do not fit twelve labels of months" in said
