"""Columns of an export that moved demand, which somebody tells."""

import pandas as pd
import pytest
from importing import importer

from sopkit.intake import exports
from sopkit.io import readers

MONTHS = [f"2026-{month:02}" for month in range(1, 7)]


@pytest.fixture
def read(tmp_path):
    return importer(tmp_path)


def orders(more, head="Promo,Net price"):
    """Two lines a month of one product: `more` makes the cells of a month's first and second."""
    lines = [
        f"{month}-{day},TEA,{10 * (day == '20') + 5},{more(number, day)}"
        for number, month in enumerate(MONTHS)
        for day in ("05", "20")
    ]
    return "\n".join([f"Date,Item,Units,{head}", *lines])


def driven(found):
    rows = readers.read(found.folder)["demand_drivers"]
    keys = zip(rows["demand_driver"], rows["period"].astype(str), strict=True)
    return dict(zip(keys, rows["driver_value"], strict=True))


def promoted(number, day):
    return f"{'yes' if (number, day) in {(0, '05'), (1, '05'), (1, '20')} else 'no'},{2 + number}"


def test_a_driver_is_the_mean_of_a_months_lines_yes_and_no_are_1_and_0(read):
    found = read(orders(promoted), drivers="Promo, Net price")
    values = driven(found)
    assert [values["promo", month] for month in MONTHS] == [0.5, 1, 0, 0, 0, 0]
    assert [values["net_price", month] for month in MONTHS] == [2, 3, 4, 5, 6, 7]
    assert "driver Promo: 0 to 1, the mean of a month's lines" in found.said
    assert "not used" not in found.said


def test_nobody_is_asked_but_told_how_to_plan_with_what_may_have_moved_demand(read):
    found = read(orders(promoted, head="Promo,Weather"))
    assert found.asked == []
    assert not (found.folder / "demand_drivers.csv").exists()
    assert 'possible demand drivers: --answer "drivers=Promo" plans with them' in found.said


def test_what_says_yes_alone_says_no_where_it_is_empty(read):
    found = read(orders(lambda number, _: f"{'x' if number == 2 else ''},1"), drivers="Promo")
    assert [driven(found)["promo", month] for month in MONTHS] == [0, 0, 1, 0, 0, 0]


def test_the_next_file_puts_its_months_in_place_and_keeps_other_drivers(read):
    first = read(orders(promoted), drivers="Promo")
    known = readers.read(first.folder)["demand_drivers"]
    mine = known.assign(demand_driver="weather", driver_value=3.0)
    pd.concat([known, mine]).to_csv(first.folder / "demand_drivers.csv", index=False)
    later = orders(lambda number, _: f"{'yes' if number == 5 else 'no'},1").splitlines()
    again = read("\n".join([later[0], *later[-4:]]), update=True)
    values = driven(again)
    assert [values["promo", month] for month in MONTHS] == [0.5, 1, 0, 0, 0, 1]
    assert [values["weather", month] for month in MONTHS] == [3] * 6


def test_a_driver_that_is_no_column_or_no_number_is_refused_by_name(read):
    with pytest.raises(ValueError, match="has no column 'Rain'"):
        read(orders(promoted), drivers="Rain")
    with pytest.raises(ValueError, match="Promo"):
        read(orders(lambda *_: "sometimes,1"), drivers="Promo")


def test_a_market_that_sums_up_the_others_has_no_drivers(read):
    rows = [
        f"{month}-15,{market},TEA,{units},{promo}"
        for month in MONTHS
        for market, units, promo in (("north", 5, "yes"), ("south", 7, "no"), ("Total", 12, "no"))
    ]
    found = read("\n".join(["Date,Market,Item,Units,Promo", *rows]), drivers="Promo")
    assert set(found.sales["market"]) == {"north", "south"}
    assert set(readers.read(found.folder)["demand_drivers"]["market"]) == {"north", "south"}


def test_the_export_of_a_closed_month_brings_its_drivers(read, tmp_path):
    first = read(orders(promoted), drivers="Promo")
    july = "Date,Item,Units,Promo,Net price\n2026-07-05,TEA,5,yes,1\n2026-07-31,TEA,5,no,1\n"
    (tmp_path / "july.csv").write_text(july)
    told = {"sales_history": str(tmp_path / "july.csv")}
    rows = exports.read_exports(first.folder, "2026-07", told).tables["demand_drivers"]
    assert rows["driver_value"].tolist() == [0.5, 1, 0, 0, 0, 0, 0.5]
