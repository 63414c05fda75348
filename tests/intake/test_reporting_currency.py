"""The currency of the revenue becomes that of the company, where the file names one."""

import pytest
from importing import importer

from sopkit.io import readers


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def sold(head, *money):
    days = ("2026-06-01", "2026-06-15", "2026-06-30")
    rows = [f"{day};A;2;{one}" for day, one in zip(days, money, strict=False)]
    return "\n".join([head, *rows])


@pytest.mark.parametrize(
    ("head", "cell", "currency"),
    [
        ("Date;Item;Qty;Net sales (EUR)", "10", "EUR"),
        ("Date;Item;Qty;USD Amount", "10", "USD"),
        ("Date;Item;Qty;Umsatz TEUR", "10", "EUR"),
        ("Date;Item;Qty;Sales £", "10", "GBP"),
        ("Date;Item;Qty;Sales", "10.50 €", "EUR"),
        ("Date;Item;Qty;Sales", "C$10.50", "CAD"),
        ("Date;Item;Qty;Unit price CHF", "10", "CHF"),
    ],
)
def test_a_column_or_its_cells_name_the_currency(imported, head, cell, currency):
    done = imported(sold(head, cell, cell, cell))
    settings = readers.read(done.folder)["company_settings"]
    assert settings["currency"].tolist() == [currency]
    assert settings["opening_cash"].isna().all()
    assert f"reporting_currency = {currency}" in done.said


@pytest.mark.parametrize(
    ("head", "cell"),
    [("Date;Item;Qty;Sales", "10"), ("Date;Item;Qty", ""), ("Date;Item;Qty;Neural sales", "10 kr")],
)
def test_where_nothing_names_one_no_settings_are_written(imported, head, cell):
    done = imported(sold(head, cell, cell, cell))
    assert not (done.folder / "company_settings.csv").exists()


def test_of_several_it_is_the_one_that_no_rate_turns_into_another(imported):
    text = "Date;Item;Qty;Sales;Currency\n2026-06-01;A;2;10;CHF\n2026-06-30;A;2;10;EUR\n"
    done = imported(text, rate__CHF="1.05")
    assert readers.read(done.folder)["company_settings"]["currency"].tolist() == ["EUR"]
    assert done.sales["revenue"].sum() == pytest.approx(20.5)


def test_it_can_be_told_or_left_out(imported):
    text = sold("Date;Item;Qty;Sales", "$10", "$10", "$10")
    done = imported(text, folder="told", reporting_currency="cad")
    assert readers.read(done.folder)["company_settings"]["currency"].tolist() == ["CAD"]
    done = imported(text, folder="none", reporting_currency="(none)")
    assert not (done.folder / "company_settings.csv").exists()


def test_settings_that_are_there_stay(imported):
    text = sold("Date;Item;Qty;Sales EUR", "10", "10", "10")
    done = imported(text)
    settings = done.folder / "company_settings.csv"
    settings.write_text("currency,opening_cash\nUSD,500\n")
    imported(sold("Date;Item;Qty;Sales EUR", "12", "12", "12"), update=True)
    assert settings.read_text() == "currency,opening_cash\nUSD,500\n"
