"""Files without a date are of the month that their names say."""

import pytest
from importing import TODAY

from sopkit.intake.sales_import import import_sales
from sopkit.intake.sheets import _month_in
from sopkit.io import readers

LINES = "SKU,Units Ordered\nA,{}\nB,{}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "exports").mkdir()
    for month in (7, 8, 9):
        file = tmp_path / "exports" / f"BusinessReport-2026-{month:02d}.csv"
        file.write_text(LINES.format(month, 2 * month))
    return tmp_path / "exports"


def months(place):
    sales = readers.read(place)["sales_history"]
    return {f"{row.product} {row.period}": row.quantity for row in sales.itertuples()}


def test_a_folder_of_files_named_after_months_is_read_and_the_next_one_too(folder, tmp_path):
    place = tmp_path / "acme"
    done = import_sales(folder, place, {}, today=TODAY)
    assert "date = (file)  (BusinessReport-2026-07.csv is named after its month)" in done.screen
    assert months(place) == {
        "A 2026-07": 7, "A 2026-08": 8, "A 2026-09": 9, "B 2026-07": 14, "B 2026-08": 16, "B 2026-09": 18,
    }  # fmt: skip
    (tmp_path / "Report Oct 2026.csv").write_text(LINES.format(1, 2))
    import_sales(tmp_path / "Report Oct 2026.csv", place, {}, today=TODAY, update=True)
    assert months(place)["B 2026-10"] == 2
    (tmp_path / "new.csv").write_text(LINES.format(1, 2))
    with pytest.raises(
        ValueError, match=r"new\.csv: neither a column nor the name of the file gives a date"
    ):
        import_sales(tmp_path / "new.csv", place, {}, today=TODAY, update=True)


def test_a_column_of_dates_comes_before_the_name(folder, tmp_path):
    for file in folder.iterdir():
        file.write_text(
            "Date,SKU,Qty\n2026-06-01,A,1\n2026-06-30,A,2\n" + f"2026-06-0{file.stem[-1]},B,1\n"
        )
    done = import_sales(folder, tmp_path / "acme", {}, today=TODAY)
    assert set(months(tmp_path / "acme")) == {"A 2026-06", "B 2026-06"}
    assert "(file)" not in done.screen


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("sales_202610.csv", "2026-10"),
        ("Umsatz-Mai-2026.csv", "2026-05"),
        ("2026_10_31_export.csv", "2026-10"),
        ("sales 2026-09 vs 2026-10.csv", None),
        ("orders.csv", None),
    ],
)
def test_the_only_month_of_a_name_is_found(name, month):
    assert _month_in(name) == month
