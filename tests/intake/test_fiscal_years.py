"""Periods of fiscal years: which month the first is, is asked once and kept."""

import pytest
from importing import importer

PERIODS = "Period,Item,Qty\nFY26 P01,A,4\nFY26 P02,A,5\nFY26 P03,A,6\n"
MONTHS = {"A 2025-07": 4, "A 2025-08": 5, "A 2025-09": 6}


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def test_the_first_month_is_asked(imported):
    (question,) = imported(PERIODS).result.questions
    assert str(question) == (
        "Period of orders.csv holds periods of fiscal years. Which month is the first of fiscal year "
        "2026 (write 2026-01)?"
    )
    assert imported(PERIODS, folder="told", fiscal_start__2026="2025-07").months == MONTHS


@pytest.mark.parametrize(
    "form", ["2026-P{0}", "P{0} 2026", "P{0}-FY26", "FY2026-0{0}", "2026 Period {0}"]
)
def test_they_are_known_in_the_forms_of_exports(imported, form):
    text = "Period,Item,Qty\n" + "".join(f"{form.format(n)},A,{n + 3}\n" for n in (1, 2, 3))
    assert imported(text, fiscal_start__2026="2025-07").months == MONTHS


def test_they_stand_across(imported):
    text = "Item,FY26-P01,FY26-P02,FY26-P03\nA,4,5,6\n"
    assert imported(text, fiscal_start__2026="2025-07").months == MONTHS


def test_a_year_and_a_period_stand_in_two_columns(imported):
    text = "Fiscal Year,Period,Item,Qty\n2026,001,A,4\n2026,002,A,5\n2026,003,A,6\n"
    assert imported(text).asked == ["fiscal_start.2026"]
    assert imported(text, folder="told", fiscal_start__2026="2025-07").months == MONTHS


def test_names_of_months_beside_a_fiscal_year_are_in_the_calendar_year_they_lie_in(imported):
    text = "Fiscal Year,Month,Item,Qty\n2026,Jul,A,4\n2026,Dec,A,5\n2026,Jan,A,6\n2026,Jun,A,7\n"
    assert imported(text).asked == ["fiscal_start.2026"]
    sold = imported(text, folder="told", fiscal_start__2026="2025-07").months
    assert {month: units for month, units in sold.items() if units} == {
        "A 2025-07": 4, "A 2025-12": 5, "A 2026-01": 6, "A 2026-06": 7,
    }  # fmt: skip


def test_names_of_months_across_beside_a_fiscal_year_are_too(imported):
    text = "Item,Fiscal Year,Jul,Aug,Sep,Jan,Feb,Jun\nA,2026,4,5,6,7,8,9\n"
    sold = imported(text, fiscal_start__2026="2025-07").months
    assert {month: units for month, units in sold.items() if units} == {
        "A 2025-07": 4, "A 2025-08": 5, "A 2025-09": 6, "A 2026-01": 7, "A 2026-02": 8, "A 2026-06": 9,
    }  # fmt: skip


def test_months_in_a_column_named_fiscal_are_asked(imported):
    assert imported("Fiscal month,Item,Qty\n2026-01,A,4\n2026-02,A,5\n").asked == [
        "fiscal_start.2026"
    ]


def test_calendar_months_are_not_asked(imported):
    text = "Posting period,Item,Qty\n001.2026,A,4\n002.2026,A,5\n"
    assert imported(text).months == {"A 2026-01": 4, "A 2026-02": 5}


def test_the_next_file_is_read_by_the_same_answer(imported):
    imported(PERIODS, fiscal_start__2026="2025-07")
    text = "Period,Item,Qty\nFY26 P12,A,7\nFY27 P01,A,8\n"
    later = imported(PERIODS + text.partition("\n")[2], update=True)
    assert not later.result.questions
    assert later.months["A 2026-06"] == 7
    assert later.months["A 2026-07"] == 8


def test_what_is_no_month_is_refused(imported):
    with pytest.raises(
        ValueError, match=r"fiscal_start\.2026='summer' is no month; write 2026-01\."
    ):
        imported(PERIODS, fiscal_start__2026="summer")


def test_a_13th_period_is_refused_with_what_to_export(imported):
    with pytest.raises(
        ValueError, match=r"Period has a 13th period of a fiscal year.*Export the sales by"
    ):
        imported(PERIODS + "FY26 P13,A,1\n")
