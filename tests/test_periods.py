import pandas as pd
import pytest

from sopkit.tables.periods import add_months, month, months_between, planning_periods, working_days


def test_the_horizon_starts_with_the_cycles_month_and_has_18_months():
    months = planning_periods("2026-10")
    assert list(months["period"].astype(str))[:2] == ["2026-10", "2026-11"]
    assert str(months["period"].iloc[-1]) == "2028-03"
    assert list(months["month_number"]) == list(range(1, 19))


def test_terms_may_ask_for_another_horizon():
    assert len(planning_periods("2026-10", pd.DataFrame({"horizon_months": [6.0]}))) == 6
    assert len(planning_periods("2026-10", pd.DataFrame({"horizon_months": [float("nan")]}))) == 18


@pytest.mark.parametrize(
    "text", ["../x", "2026", "2026-13", "2026-1", "202610", "2026-10 ", "0026-10"]
)
def test_what_is_not_a_month_is_refused(text):
    with pytest.raises(ValueError, match="write it as 2026-10"):
        month(text)


def test_months_are_added_and_counted_over_the_years_end():
    periods = pd.Series(pd.PeriodIndex(["2026-11", "2026-12"], freq="M"))
    later = add_months(periods, [3, 1])
    assert list(later.astype(str)) == ["2027-02", "2027-01"]
    assert list(months_between(periods, later)) == [3, 1]


def test_weeks_are_cut_at_the_months_end_and_no_working_day_is_lost():
    # October 2026 starts on a Thursday and ends on a Saturday: 22 weekdays.
    weeks = working_days(planning_periods("2026-10", pd.DataFrame({"horizon_months": [2.0]})))
    october = weeks[weeks["period"] == "2026-10"]
    assert list(october["working_days"]) == [2, 5, 5, 5, 5]
    assert october["week"].iloc[0] == pd.Timestamp("2026-09-28")
    assert weeks["working_days"].sum() == 22 + 21
