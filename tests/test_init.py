"""A newcomer starts from tables to fill, or from a sales export; both can be read at once."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest

from sopkit.intake.sales_import import ExportColumns, columns, from_sales, guess
from sopkit.io import hashing, readers
from sopkit.io.templates import write_workbook
from sopkit.schema.tables import INPUT_TABLES, TABLES

# --- tables to fill --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company") / "new"
    write_workbook(folder)
    return folder


def test_the_template_has_every_input_table_and_reads_without_a_fault(filled):
    tables = readers.read(filled / "csv")
    assert set(tables) == {table.name for table in INPUT_TABLES}
    assert {name: len(table) for name, table in tables.items() if len(table) != 2} == {
        "company_settings": 1
    }


def test_the_workbook_and_the_csv_files_say_the_same(filled):
    one, two = readers.read(filled / "csv"), readers.read(filled / "workbook.xlsx")
    assert hashing.content_hash(one) == hashing.content_hash(two)


def test_headers_say_what_must_be_filled_and_what_it_means(filled):
    sheet = openpyxl.load_workbook(filled / "workbook.xlsx")["sales_history"]
    header = {cell.value: cell for cell in sheet[1]}
    assert list(header) == list(TABLES["sales_history"].columns)
    assert header["quantity"].comment.text.startswith("required; units\nQuantity in units")
    assert header["revenue"].comment.text.startswith("optional; money")
    assert header["quantity"].font.bold
    assert not header["revenue"].font.bold


def test_no_cell_is_a_formula_and_codes_and_months_are_typed_as_text(filled):
    book = openpyxl.load_workbook(filled / "workbook.xlsx")
    assert not [
        c.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for c in row
        if c.data_type == "f"
    ]
    widths = book["sales_history"].column_dimensions
    assert [widths[letter].number_format for letter in "ABC"] == ["@"] * 3


def test_the_readme_explains_every_column(filled):
    text = (filled / "csv" / "README.md").read_text(encoding="utf-8")
    for table in INPUT_TABLES:
        assert f"## {table.name}\n" in text
        assert all(f"\n| {column} | " in text for column in table.columns)


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty; choose a new folder"):
        write_workbook(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# --- from a sales export ---------------------------------------------------------------------------------------

ORDERS = """Order Date,SKU,Region,Qty,Net Sales
2026-06-03,TENT-2,north,2,398
2026-06-28,TENT-2,north,1,199
2026-06-30,STOVE-1,south,5,245
2026-08-02,TENT-2,north,4,796
2026-08-31,STOVE-1,south,1,49
"""
CHOSEN = {
    "date": "Order Date",
    "product": "SKU",
    "quantity": "Qty",
    "market": "Region",
    "revenue": "Net Sales",
}


@pytest.fixture
def made(tmp_path):
    """Make tables from an export written as text; give the summary and the sales."""

    def make(text=ORDERS, returns="refuse", **more):
        (tmp_path / "orders.csv").write_text(text)
        chosen = ExportColumns(**CHOSEN | more)
        summary = from_sales(tmp_path / "orders.csv", tmp_path / "new", chosen, returns)
        sales = readers.read(tmp_path / "new")["sales_history"]
        return summary.set_index("fact")["value"], sales

    return make


def by_month(sales, measure="quantity"):
    return {f"{row.product} {row.period}": getattr(row, measure) for row in sales.itertuples()}


def test_order_lines_are_added_up_by_month_and_months_without_a_sale_are_0(made):
    summary, sales = made()
    assert by_month(sales) == {
        "STOVE-1 2026-06": 5, "STOVE-1 2026-07": 0, "STOVE-1 2026-08": 1,
        "TENT-2 2026-06": 3, "TENT-2 2026-07": 0, "TENT-2 2026-08": 4,
    }  # fmt: skip
    assert by_month(sales, "revenue")["TENT-2 2026-06"] == 597
    assert summary["lines read"] == "5 from orders.csv"
    assert summary["months without a sale, written as 0"] == "2"


def test_the_order_of_lines_does_not_matter(made, tmp_path):
    _, sales = made()
    (tmp_path / "new" / "products.csv").unlink()
    (tmp_path / "new" / "sales_history.csv").unlink()
    head, *lines = ORDERS.splitlines()
    _, turned = made("\n".join([head, *lines[::-1]]))
    pd.testing.assert_frame_equal(turned, sales)


def test_a_series_starts_with_its_first_sale_and_ends_with_the_last_month_of_all(made):
    _, sales = made(ORDERS + "2026-08-30,PACK-3,north,7,700\n")
    assert [month for month in by_month(sales) if month.startswith("PACK-3")] == ["PACK-3 2026-08"]


def test_without_markets_and_families_there_is_one_of_each(made, tmp_path):
    _, sales = made(market=None, revenue=None)
    assert set(sales["market"]) == {"all"}
    assert sales["revenue"].isna().all()
    assert set(readers.read(tmp_path / "new")["products"]["family"]) == {"products"}


def test_a_last_month_that_ends_early_is_left_out_and_said(made):
    summary, sales = made(ORDERS + "2026-09-04,TENT-2,north,1,199\n")
    assert str(sales["period"].max()) == "2026-08"
    assert summary["month left out: 2026-09"] == "its last sale is on 2026-09-04, 1 lines"


def test_months_written_as_their_first_day_are_whole(made):
    rows = [f"2026-0{m}-01,TENT-2,north,1,199" for m in (2, 3)]
    _, sales = made("\n".join([ORDERS.splitlines()[0], *rows]))
    assert str(sales["period"].max()) == "2026-03"


def test_a_product_sold_only_in_the_month_left_out_is_left_out_and_said(made, tmp_path):
    summary, _ = made(ORDERS + "2026-09-04,NEW-1,north,1,199\n")
    assert summary["products left out, sold only in the month left out"] == "NEW-1"
    assert "NEW-1" not in readers.read(tmp_path / "new")["products"]["product"].tolist()


@pytest.mark.parametrize(
    "way",
    [
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%Y%m%d",
        "%Y-%m-%d 23:59:00",
        "%Y-%m-%dT08:15:00Z",
        "%d-%b-%Y",
        "%d.%m.%y",
    ],
)
def test_dates_are_read_in_the_one_way_that_fits_them_all(made, way):
    expected = {
        "STOVE-1 2026-06",
        "STOVE-1 2026-07",
        "STOVE-1 2026-08",
        "TENT-2 2026-06",
        "TENT-2 2026-07",
        "TENT-2 2026-08",
    }
    head, *lines = ORDERS.splitlines()
    rewritten = [f"{dt.date.fromisoformat(line[:10]).strftime(way)}{line[10:]}" for line in lines]
    _, sales = made("\n".join([head, *rewritten]))
    assert set(by_month(sales)) == expected


@pytest.mark.parametrize("months", [["202611", "202612"], ["2026-11", "2026-12"]])
def test_months_without_a_day_are_read(made, months):
    rows = [f"{month},TENT-2,north,1,199" for month in months]
    _, sales = made("\n".join([ORDERS.splitlines()[0], *rows]))
    assert sales["period"].astype("str").tolist() == ["2026-11", "2026-12"]


def test_dates_that_can_be_read_in_two_ways_are_refused(made):
    text = "Order Date,SKU,Region,Qty,Net Sales\n03/06/2026,A,n,1,1\n04/07/2026,A,n,1,1\n"
    with pytest.raises(ValueError, match="can be read as day/month/year and as month/day/year"):
        made(text)


def test_a_cell_that_is_no_date_or_number_is_refused_by_line(made):
    with pytest.raises(
        ValueError,
        match=r"Order Date is not a date as year-month-day in 1 of 5 lines \(line 3: soon\)",
    ):
        made(ORDERS.replace("2026-06-28", "soon"))
    with pytest.raises(ValueError, match=r"Qty is not a number in 1 of 5 lines \(line 4: five\)"):
        made(ORDERS.replace(",5,", ",five,"))
    with pytest.raises(ValueError, match=r"SKU is empty in 1 of 5 lines \(line 4: \)"):
        made(ORDERS.replace(",STOVE-1,south,5", ",,south,5"))


RETURN = ORDERS + "2026-08-05,TENT-2,north,-3,-597\n"


def test_returns_are_refused_until_somebody_says_what_to_do(made, tmp_path):
    with pytest.raises(
        ValueError, match=r"quantity is negative in 1 of 6 lines \(line 7: -3.0\)\. Net returns"
    ):
        made(RETURN)
    assert not (tmp_path / "new").exists()


def test_returns_are_set_off_within_their_month_or_left_out(made, tmp_path):
    summary, sales = made(RETURN, returns="net")
    assert by_month(sales)["TENT-2 2026-08"] == 1
    assert by_month(sales, "revenue")["TENT-2 2026-08"] == 199
    assert summary["returns netted within the month"] == "1 lines"
    for name in ("products", "sales_history"):
        (tmp_path / "new" / f"{name}.csv").unlink()
    summary, sales = made(RETURN, returns="drop")
    assert by_month(sales)["TENT-2 2026-08"] == 4
    assert summary["returns left out"] == "1 lines of 3 units"


def test_a_month_that_would_sell_less_than_nothing_is_refused(made):
    with pytest.raises(
        ValueError, match=r"returns exceed sales in 1 months \(TENT-2 north 2026-08: -1\)"
    ):
        made(RETURN.replace("-3,-597", "-5,-995"), returns="net")


def test_the_latest_family_of_a_product_is_taken_and_said(made, tmp_path):
    text = "Order Date,SKU,Region,Qty,Net Sales,Group\n2026-06-03,A,n,1,1,old\n2026-06-30,A,n,1,1,new\n"
    summary, _ = made(text, family="Group")
    assert readers.read(tmp_path / "new")["products"]["family"].tolist() == ["new"]
    assert summary["products in several families; the latest is used"] == "1: A"


def test_a_semicolon_export_with_decimal_commas_and_leading_zeros_is_read(made):
    text = "Order Date;SKU;Region;Qty;Net Sales\n28.06.2026;007;n;1,5;19,90\n"
    _, sales = made(text)
    assert by_month(sales) == {"007 2026-06": 1.5}
    assert by_month(sales, "revenue") == {"007 2026-06": 19.9}


def test_an_excel_export_is_read(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Day", "Item", "Pieces"],
        [dt.datetime(2026, 6, 28), 123, 4],
        [dt.datetime(2026, 6, 30), 123, 1],
    ):
        book.active.append(row)
    book.save(tmp_path / "orders.xlsx")
    from_sales(tmp_path / "orders.xlsx", tmp_path / "new", ExportColumns("Day", "Item", "Pieces"))
    assert by_month(readers.read(tmp_path / "new")["sales_history"]) == {"123 2026-06": 5}


def test_what_is_there_is_not_overwritten(made):
    made()
    with pytest.raises(FileExistsError, match=r"products\.csv exists"):
        made()


def test_a_column_that_is_not_there_is_named(made):
    with pytest.raises(
        ValueError, match="has no column 'Quantity'; it has Order Date, SKU, Region, Qty, Net Sales"
    ):
        made(quantity="Quantity")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Order Date", "SKU", "Region", "Qty", "Net Sales"], CHOSEN),
        (["Rechnungsdatum", "Artikel", "Menge", "Umsatz"],
         {"date": "Rechnungsdatum", "product": "Artikel", "quantity": "Menge", "revenue": "Umsatz"}),
        (["product_group", "product_id", "sale_date", "units_sold"],
         {"family": "product_group", "product": "product_id", "date": "sale_date", "quantity": "units_sold"}),
        (["x", "y"], {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_name(names, expected):
    assert guess(names) == expected


def test_the_columns_of_an_export_are_listed(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert columns(tmp_path / "orders.csv") == ["Order Date", "SKU", "Region", "Qty", "Net Sales"]
