"""Quarters become months by a profile that is given; without one they are refused."""

import datetime as dt

import pytest
from importing import importer

PROFILE = "0.3, 0.3, 0.4"
QUARTERS = "Quarter,Item,Qty,Sales\n2025-Q1,A,100,1000\n2025-Q2,A,200,3000\n2025-Q3,A,0,0\n"
MONTHS = {
    "A 2025-01": 30, "A 2025-02": 30, "A 2025-03": 40, "A 2025-04": 60, "A 2025-05": 60,
    "A 2025-06": 80, "A 2025-07": 0, "A 2025-08": 0, "A 2025-09": 0,
}  # fmt: skip


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def test_each_month_gets_its_share_of_units_and_revenue_and_the_proof_says_so(imported):
    done = imported(QUARTERS, quarter_profile=PROFILE)
    assert done.months == pytest.approx(MONTHS)
    sales = done.sales.set_index("period")["revenue"]
    assert sales["2025-01":"2025-06"].tolist() == pytest.approx([300, 300, 400, 900, 900, 1200])
    note = "the lines are quarters: each is split into its months by quarter_profile 0.3, 0.3, 0.4"
    assert note in done.said
    assert "Total 300 units, revenue 4,000.00" in done.said


@pytest.mark.parametrize(
    ("column", "days", "said"),
    [
        ("Date", ("2025-01-01", "2025-04-01", "2025-07-01"), "quarter = starts"),
        ("Date", ("2025-03-31", "2025-06-30", "2025-09-30"), "quarter = ends"),
        ("Quarter ending", ("2025-03-15", "2025-06-15", "2025-09-15"), "quarter = ends"),
    ],
)
def test_dates_name_the_first_or_the_last_month_of_their_quarter(imported, column, days, said):
    rows = "".join(f"{day},A,{units}\n" for day, units in zip(days, (100, 200, 0), strict=True))
    done = imported(f"{column},Item,Qty\n{rows}", quarter_profile=PROFILE)
    assert done.months == pytest.approx(MONTHS)
    assert said in done.said


def test_quarters_across_are_split_too(imported):
    text = "Item,Q1 2025,Q2 2025,Q3 2025\nA,100,200,0\n"
    assert imported(text, quarter_profile=PROFILE).months == pytest.approx(MONTHS)


def test_what_dates_do_not_tell_is_asked(imported):
    rows = "".join(f"2025-{month:02d}-01,A,100\n" for month in (2, 5, 8))
    done = imported(f"Date,Item,Qty\n{rows}", quarter_profile=PROFILE)
    assert done.asked == ["quarter"]
    answered = imported(None, quarter_profile=PROFILE, quarter="ends")
    assert list(answered.months)[:1] == ["A 2024-12"]


def test_the_mapping_file_holds_the_profile_as_a_list_for_the_next_file(imported, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "intake.toml").write_text("[answers]\nquarter_profile = [0.3, 0.3, 0.4]\n")
    assert imported(QUARTERS).months == pytest.approx(MONTHS)
    done = imported("Quarter,Item,Qty,Sales\n2025-Q4,A,10,100\n", update=True)
    assert done.months == pytest.approx(MONTHS | {"A 2025-10": 3, "A 2025-11": 3, "A 2025-12": 4})


def test_a_quarter_that_is_not_over_is_left_out(imported):
    done = imported(QUARTERS, quarter_profile=PROFILE, today=dt.date(2025, 9, 29))
    assert list(done.months)[-1] == "A 2025-06"
    assert "its quarter is not over: today is 2025-09-29: 1 line (line 4" in done.said
    whole = imported(QUARTERS, quarter_profile=PROFILE, today=dt.date(2025, 9, 30), folder="whole")
    assert whole.months == pytest.approx(MONTHS)


@pytest.mark.parametrize(
    ("profile", "fault"),
    [
        ("0.3,0.3,0.3", "has shares that sum to 0.9"),
        ("0.7,0.5,-0.2", "has a share of -0.2"),
        ("0.5,0.5", "is not three numbers"),
        ("even", "is not three numbers"),
        ("nan,0.5,0.5", "has a share of nan"),
    ],
)
def test_a_profile_that_is_none_is_refused(imported, tmp_path, profile, fault):
    with pytest.raises(ValueError, match="Give three shares that are not negative and sum") as told:
        imported(QUARTERS, quarter_profile=profile)
    assert str(told.value).startswith(f"quarter_profile={profile!r} {fault}.")
    assert not (tmp_path / "new").exists()


def test_without_a_profile_the_refusal_says_how_to_give_one(imported):
    with pytest.raises(ValueError, match="one quarter apart") as told:
        imported(QUARTERS)
    assert "Or say how a quarter's sales divide: --answer quarter_profile=0.3,0.3,0.4." in str(
        told.value
    )


def test_periods_of_a_calendar_and_lines_of_other_spacing_are_not_made_of_a_profile(imported):
    fiscal = {"calendar": "4-4-5", "fiscal_year_start": "2026-02-01"}
    with pytest.raises(ValueError, match="the lines are quarters"):
        imported(QUARTERS, quarter_profile=PROFILE, **fiscal)
    months = "Date,Item,Qty\n2025-01-01,A,1\n2025-02-01,A,1\n2025-03-01,A,1\n"
    with pytest.raises(ValueError, match="the lines are not quarters apart"):
        imported(months, quarter_profile=PROFILE, spacing="quarter")
    assert "answers that this file does not need: quarter_profile" in (
        imported(months, quarter_profile=PROFILE).said
    )
