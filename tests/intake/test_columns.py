"""Columns are found by their names, whatever currency those name, and read in the file's own decimals."""

import pytest
from importing import importer

from sopkit.intake.columns import without_unit

DAYS = ("01.06.2026", "30.06.2026", "31.07.2026")


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def lines(head, *cells):
    return "\n".join([head, *(f"{day};A;{cell}" for day, cell in zip(DAYS, cells, strict=True))])


@pytest.mark.parametrize(
    ("name", "plainly"),
    [
        ("NET_VALUE_CHF", "net value"),
        ("Sales (in EUR)", "sales"),
        ("USD Amount", "amount"),
        ("Umsatz in EUR", "umsatz"),
        ("Revenue (000)", "revenue"),
        ("Sales in EUR ('000)", "sales"),
        ("Menge in Tsd.", "menge"),
        ("EUR", "eur"),
        ("Currency", "currency"),
        ("Neural", "neural"),
    ],
)
def test_a_name_is_known_without_what_it_is_counted_in(name, plainly):
    assert without_unit(name) == plainly


def test_revenue_is_found_with_the_currency_in_its_name(imported):
    done = imported(lines("Datum;Artikel;Menge;Wert (EUR)", "1;10", "2;20", "3;30"))
    assert done.sales["revenue"].tolist() == [30, 30]
    assert "revenue = Wert (EUR)" in done.said


def test_revenue_in_two_currencies_is_asked(imported):
    text = lines("Datum;Artikel;Menge;Umsatz EUR;Umsatz USD", "1;10;11", "2;20;22", "3;30;33")
    (question,) = imported(text).result.questions
    assert str(question) == (
        "Which column of orders.csv holds the revenue? (Umsatz EUR / Umsatz USD / (none))"
    )
    told = imported(text, folder="told", revenue="Umsatz USD")
    assert told.sales["revenue"].tolist() == [33, 33]
    none = imported(text, folder="none", revenue="(none)")
    assert none.sales["revenue"].isna().all()


def test_decimals_in_doubt_are_those_of_the_other_columns_of_the_file(imported):
    done = imported(lines("Datum;Artikel;Menge;Rabatt", "3,000;1.012,50", "5,000;37,5", "7,000;2"))
    assert not done.result.questions
    assert done.months == {"A 2026-06": 8, "A 2026-07": 7}
    assert "Menge: 3,000 is 3, as the other columns say" in done.said


def test_decimals_stay_in_doubt_where_the_other_columns_contradict_each_other(imported):
    text = lines("Datum;Artikel;Menge;a;b", "3,000;1,5;1.5", "5,000;2,5;2.5", "7,000;3,5;3.5")
    assert imported(text).asked == ["decimals.Menge"]


def weekly(quantity):
    weeks = "\n".join(f"KW {week}/2026;A;{quantity}" for week in range(23, 32))
    return f"Kalenderwoche;Artikel;Menge\n{weeks}\n"


def test_units_of_weeks_are_told_to_hundredths(imported):
    assert "Total 91.5 units" in imported(weekly("10,5")).said


def test_whole_units_of_weeks_are_whole_units_of_months(imported):
    done = imported(weekly(10))
    assert done.months == {"A 2026-06": 43, "A 2026-07": 44}  # 30 and 31 days of 10 / 7 a day
    assert "what is split between months is rounded to them" in done.said


def test_brands_are_planned_where_no_column_names_products(imported):
    rows = "01.06.2026;Saft;Valensina;3\n30.06.2026;Saft;Hohes C;2\n30.06.2026;Wasser;Volvic;4\n"
    done = imported(f"Datum;Kategorie;Marke;Menge\n{rows}")
    assert done.months == {"Hohes C 2026-06": 2, "Valensina 2026-06": 3, "Volvic 2026-06": 4}
    assert done.products.set_index("product")["family"].to_dict() == {
        "Hohes C": "Saft", "Valensina": "Saft", "Volvic": "Wasser",
    }  # fmt: skip
    assert "product = Marke  (no column names products: Marke is planned)" in done.said


def test_a_column_that_says_yes_or_no_names_no_products(imported):
    rows = [f"2026-{month:02}-05,{brand},7,{month % 2}" for month in range(1, 7) for brand in "AB"]
    done = imported("\n".join(["Date,Brand,Units,Deal", *rows]))
    assert "product = Brand  (no column names products: Brand is planned)" in done.said


def test_brands_stand_among_the_columns_that_can_be_the_products(imported):
    rows = [f"2026-{month:02}-05,{brand},7,K{month % 3}" for month in range(1, 7) for brand in "AB"]
    done = imported("\n".join(["Date,Brand,Units,Thing", *rows]))
    assert done.asked == ["product"]
    assert done.result.questions[0].choices == ("Thing", "Brand", "(none)")


def test_one_brand_alone_is_one_series(imported):
    done = imported("Datum;Marke;Menge\n01.06.2026;Volvic;3\n30.06.2026;Volvic;2\n")
    assert done.months == {"all-products 2026-06": 5}


@pytest.mark.parametrize("text", ['{"date": 1}', '[{"date": 1}]', '[\n  {"date": 1}\n]'])
def test_json_is_refused_as_json(imported, text):
    with pytest.raises(ValueError, match=r"is JSON\. Export it as CSV or Excel"):
        imported(text, name="sales.json")


def test_what_has_the_name_of_another_column_is_not_asked_for(imported):
    """Net sales are no quantity, and no product."""
    text = "Date,Thing,Extra,Net Sales\n2026-06-30,A1,x,5\n2026-07-31,A2,x,6\n2026-07-31,A1,y,6\n"
    with pytest.raises(ValueError, match="has no column of numbers for the quantity"):
        imported(text)
    (question,) = imported(text.replace("Net Sales", "Pieces")).result.questions
    assert question.choices == ("Thing", "Extra", "(none)")


def test_codes_that_were_written_as_decimals_are_codes(imported):
    """So a column of numbers with empty cells is often saved."""
    done = imported("Date,SKU,Qty\n2026-06-30,100.0,5\n2026-07-31,200.0,6\n2026-07-31,100.0,6\n")
    assert done.months == {"100 2026-06": 5, "100 2026-07": 6, "200 2026-07": 6}
    assert "SKU: 100.0 is read as 100" in done.said


@pytest.mark.parametrize(
    ("name", "unit"),
    [("Menge (kg)", "kg"), ("Quantity in litres", "l"), ("Qty", "piece"), ("Units sold", "piece")],
)
def test_the_unit_is_that_in_the_name_of_the_quantity(imported, name, unit):
    done = imported(lines(f"Datum;Artikel;{name}", "1", "2", "3"))
    assert done.products["unit_of_measure"].tolist() == [unit]
    assert f"unit of measure: {unit}" in done.said
