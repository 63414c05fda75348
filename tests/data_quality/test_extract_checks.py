"""Sales loaded twice, cut short, in another unit, without a month: told once, with what to do."""

import pandas as pd
import pytest
from conftest import ROOT, said

from sopkit.data_quality import extract_checks, judge
from sopkit.io import readers
from sopkit.runner.planning_inputs import next_cycle
from sopkit.schema.input_checks import read_input_checks
from sopkit.schema.reading import SchemaError
from sopkit.tables import conform
from sopkit.tables.issues import DataError
from sopkit.tables.periods import planning_periods

PERIODS = planning_periods("2026-10")
MONTHS = [str(month) for month in pd.period_range("2025-01", "2026-09", freq="M")]


def sales(series=8):
    """Series that differ from month to month, rise by a unit a month, and are odd somewhere."""
    rows = [
        (f"P{one}", "north", month, 100 + 13 * one + 7 * (place * one % 5) + place)
        for one in range(series)
        for place, month in enumerate(MONTHS)
    ]
    frame = pd.DataFrame(rows, columns=["product", "market", "period", "quantity"])
    return conform("sales_history", frame)


def level(quantity=100, month="", then=100):
    """Every series sells the same in every month, but for those months that end so."""
    found = sales()
    ends = found["period"].astype("str").str.endswith(month or "never")
    return found.assign(quantity=ends.map({True: float(then), False: float(quantity)}))


def times(factor, of=lambda rows: rows["period"] == "2026-05", more=0):
    """The sales with some of their quantities multiplied."""
    found = sales()
    return found.assign(
        quantity=found["quantity"].mask(of(found), found["quantity"] * factor + more)
    )


def refusal(rows):
    with pytest.raises(DataError) as refused:
        conform("sales_history", rows)
    return refused.value


def test_sound_sales_are_told_nothing():
    for check in (
        extract_checks.repeated_months,
        extract_checks.doubled_month,
        extract_checks.short_last_month,
        extract_checks.changed_units,
    ):
        assert said(check(PERIODS, sales())) == ""


def test_a_month_that_is_missing_in_every_series_is_told_once():
    found = sales()
    assert str(refusal(found[found["period"] != "2026-03"])) == (
        "sales_history: no series has a row for 2026-03.\n"
        "  The extract has probably lost what is missing: export it again. Where nothing at all was "
        "sold, add rows with quantity 0."
    )


def test_beside_it_a_month_that_one_series_lacks_is_still_told_by_series():
    found = sales()
    lost = (found["period"] == "2026-03") | (
        (found["period"] == "2026-05") & (found["product"] == "P2")
    )
    by_series, for_all = refusal(found[~lost]).faults
    assert by_series.text == (
        "every month must have a row for each product and market; 1 of 159 rows is not:"
    )
    assert for_all.text == "no series has a row for 2026-03."


def test_the_same_month_loaded_twice_is_told():
    twice = sales()
    april = twice.loc[twice["period"] == "2026-04", "quantity"].to_numpy()
    twice.loc[twice["period"] == "2026-05", "quantity"] = april
    assert said(extract_checks.repeated_months(PERIODS, twice)) == (
        "sales_history: 100% of all series sold exactly as much in 2026-05 as in 2026-04: a month was "
        "probably loaded twice\n  Export 2026-05 and 2026-04 again."
    )


def test_sales_that_are_the_same_in_every_month_are_no_month_loaded_twice():
    assert said(extract_checks.repeated_months(PERIODS, level())) == ""


def test_a_month_that_was_added_up_twice_is_told():
    found = times(2)
    may = found.loc[found["period"] == "2026-05", "quantity"].sum()
    text = said(extract_checks.doubled_month(PERIODS, found))
    assert text.startswith(f"sales_history: {may:,.0f} units in 2026-05 are ")
    assert text.endswith(
        "times the months beside it, and every quantity is even: the month was probably added up twice\n"
        "  Export 2026-05 again."
    )


def test_a_good_month_of_odd_quantities_was_not_added_up_twice():
    assert said(extract_checks.doubled_month(PERIODS, times(2, more=1))) == ""


def test_an_extract_that_ends_within_its_last_month_is_told():
    assert said(extract_checks.short_last_month(PERIODS, level(100, "2026-09", 40))) == (
        "sales_history: 320 units in 2026-09, the last month, are 40% of what its season leads to expect "
        "(800): the extract is probably short\n"
        "  Export 2026-09 again after its end; if sales fell so far, nothing has to be done."
    )


def test_a_last_month_that_is_always_low_is_its_season():
    assert said(extract_checks.short_last_month(PERIODS, level(100, "-09", 40))) == ""


@pytest.mark.parametrize(
    ("factor", "told"),
    [(10, "10 times"), (1 / 12, "1/12 of"), (100, "100 times"), (1 / 1000, "1/1,000 of")],
)
def test_a_series_in_another_unit_is_told_from_its_first_month_on(factor, told):
    found = times(factor, lambda rows: (rows["product"] == "P3") & (rows["period"] >= "2026-06"))
    assert said(extract_checks.changed_units(PERIODS, found)).startswith(
        f"sales_history: quantity is from here on some {told} what it was: its unit probably changed; "
        "1 of 168 rows:\n  row 81  product=P3  market=north  period=2026-06"
    )


@pytest.mark.parametrize("factor", [0.2, 3, 30])
def test_growth_that_is_no_unit_is_not_told_as_one(factor):
    found = times(factor, lambda rows: rows["period"] >= "2026-06")
    assert said(extract_checks.changed_units(PERIODS, found)) == ""


def test_one_high_month_is_no_other_unit():
    assert said(extract_checks.changed_units(PERIODS, times(10))) == ""


def test_an_empty_and_a_short_history_are_told_nothing():
    for few in (sales().head(0), sales(series=1).head(2)):
        for check in (
            extract_checks.repeated_months,
            extract_checks.doubled_month,
            extract_checks.changed_units,
        ):
            assert said(check(PERIODS, few)) == ""
        assert extract_checks.short_last_month(PERIODS, few) is None


@pytest.mark.parametrize("company", ["summit", "poolside-cafe", "lantern-trading"])
def test_nothing_of_this_is_found_in_a_sample_company(company):
    tables = readers.read(str(ROOT / "data" / company))
    tables["planning_periods"] = table_of(next_cycle(tables), tables)
    ours = {
        check.__name__
        for check in judge.CHECKS
        if check.__module__.rpartition(".")[2] in ("extract_checks", "magnitude_checks")
    }
    assert len(ours) > 9
    found = [
        one
        for check in judge.CHECKS
        if check.__name__ in ours
        for one in judge.found_by(check, tables)
    ]
    assert found == []


def table_of(cycle, tables):
    return conform("planning_periods", planning_periods(cycle, tables.get("company_settings")))


def test_a_threshold_that_is_no_number_is_refused(tmp_path):
    (tmp_path / "checks.toml").write_text("[stock]\nmonths = 'many'\n")
    with pytest.raises(
        SchemaError, match=r"^checks.toml stock: months must be a number such as 0.5$"
    ):
        read_input_checks(tmp_path / "checks.toml")
