"""Formats: how numbers, months and lists become text."""

import pandas as pd

from sopkit.schema import cells
from sopkit.schema import formatting as f

MONTH = pd.Period("2027-05", "M")


def test_numbers_are_rounded_to_what_can_be_said():
    said = [f.number(x) for x in (0, 3.4159, 1240, 123_456, 999_999, 1_236_000)]
    assert said == ["0", "3.42", "1,240", "123,000", "1.00 million", "1.24 million"]
    assert f.whole(1_236_417.2) == "1,236,417"
    assert (f.signed(5), f.signed(-5)) == ("+5", "-5")


def test_shares_are_written_in_per_cent():
    assert (f.percent(0.0815), f.percent(0.0815, 1)) == ("8 %", "8.2 %")
    assert (f.more_or_less(-0.032), f.more_or_less(0.1)) == ("3.2 % less", "10.0 % more")


def test_what_an_option_does_to_its_gap_is_named_by_its_direction():
    said = [f.closing(ratio) for ratio in (0.9, 0.001, -0.001, -0.19)]
    assert said == ["closes 90 %", "leaves it", "leaves it", "widens it by 19 %"]
    assert f.closing(0.001, 1) == "closes 0.1 %"


def test_money_stands_after_its_currency_and_is_rounded_for_people():
    assert [f.money(size, "EUR") for size in (1_700_000, 98_000, 26.25, -20_400, 0.001)] == [
        "EUR 1.70 m",
        "EUR 98 k",
        "EUR 26.25",
        "EUR -20.4 k",
        "EUR 0",
    ]
    assert f.money(98_000) == "98 k"
    assert (f.signed_money(12_300, "EUR"), f.signed_money(-4.4)) == ("EUR +12.3 k", "-4.40")
    assert (f.signed_money(1e-9), f.money_unit(), f.money_unit(start=True)) == (
        "0",
        "money",
        "Money",
    )


def test_numbers_in_charts_are_short():
    assert [f.compact(x) for x in (-1_500_000, 204_000, 17)] == ["-1.50 m", "204 k", "17"]
    assert f.compact(17, "+") == "+17"
    assert [f.digits(x) for x in (214.4, 21.44, 2.144, 2.0)] == ["214", "21.4", "2.14", "2"]


def test_months_and_days():
    months = pd.period_range("2026-10", "2028-03", freq="M")
    assert (f.month(MONTH), f.span([MONTH])) == ("May 2027", "May 2027")
    assert f.span(months) == f.span(f.bounds(months)) == "Oct 2026 to Mar 2028"
    assert f.day("2026-10-05") == "5 Oct 2026"


def test_things_are_counted_in_plain_english():
    assert [f.count(1, "launch"), f.count(2, "launch"), f.count(0, "month")] == [
        "1 launch",
        "2 launches",
        "0 months",
    ]
    assert f.some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert f.listed(["sales", "marketing", "finance"]) == "sales, marketing and finance"
    assert f.verb(2, "is", "are") == "are"


def test_inside_the_block_periods_are_called_as_the_company_calls_them():
    calendar = pd.DataFrame(
        {"period": pd.period_range("2026-10", periods=2, freq="M"), "label": ["P09 FY27", None]}
    )
    months = pd.Series(pd.period_range("2026-10", periods=2, freq="M"), name="period")
    with f.company_terms({"calendar": calendar}):
        assert f.span(months) == "P09 FY27 to Nov 2026"
        assert cells.written(months).tolist() == ["P09 FY27", "Nov 2026"]
        assert f.short_month(months[1]) == "Nov 26"
    assert f.span(months) == "Oct 2026 to Nov 2026"
    with f.company_terms({}):
        assert cells.written(months).tolist() == ["Oct 2026", "Nov 2026"]


def test_inside_the_block_money_is_in_the_companys_currency():
    cost = pd.Series([1.5], name="unit_cost")
    with f.company_terms({"company_settings": pd.DataFrame({"currency": ["CHF"]})}):
        assert (f.money(1_700_000), f.signed_money(-300)) == ("CHF 1.70 m", "CHF -300")
        assert (cells.unit(cost), f.money_unit(start=True)) == ("CHF per unit", "CHF")
    assert (f.money(300), cells.unit(cost)) == ("300", "money per unit")


def test_months_below_columns_have_their_year_where_it_begins_and_periods_too():
    months = pd.period_range("2026-11", "2027-02", freq="M")
    assert f.month_ticks(months) == ["Nov\n2026", "Dec", "Jan\n2027", "Feb"]
    assert f.month_ticks(months, short=True) == ["N\n2026", "D", "J\n2027", "F"]
    labels = ["P10 FY27", "P11 FY27", "P12 FY27", "P01 FY28"]
    calendar = pd.DataFrame({"period": months, "label": labels})
    with f.company_terms({"calendar": calendar}):
        assert f.month_ticks(months, short=True) == ["P10\nFY27", "P11", "P12", "P01\nFY28"]
