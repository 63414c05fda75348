"""Order lines become months of sales, and every line that is not used is said."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from importing import importer

ORDERS = """Order Date,SKU,Region,Qty,Net Sales
2026-06-03,TENT-2,north,2,398
2026-06-28,TENT-2,north,1,199
2026-06-30,STOVE-1,south,5,245
2026-08-02,TENT-2,north,4,796
2026-08-31,STOVE-1,south,1,49
"""
HEAD = ORDERS.splitlines()[0]


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def test_order_lines_are_added_up_by_month_and_months_without_a_sale_are_0(imported):
    done = imported(ORDERS)
    assert done.months == {
        "STOVE-1 2026-06": 5, "STOVE-1 2026-07": 0, "STOVE-1 2026-08": 1,
        "TENT-2 2026-06": 3, "TENT-2 2026-07": 0, "TENT-2 2026-08": 4,
    }  # fmt: skip
    assert done.sales.query("product == 'TENT-2'")["revenue"].tolist() == [597, 0, 796]
    assert set(done.sales["market"]) == {"north", "south"}
    assert "orders.csv: 5 lines read, 5 used, 0 left out" in done.said
    assert "months without a sale, written as 0: 2" in done.said


def test_the_order_of_lines_does_not_matter(imported):
    head, *lines = ORDERS.splitlines()
    turned = imported("\n".join([head, *lines[::-1]]), folder="turned").sales
    pd.testing.assert_frame_equal(turned, imported(ORDERS).sales)


def test_a_series_starts_with_its_first_sale_and_ends_with_the_last_month_of_all(imported):
    months = imported(ORDERS + "2026-08-30,PACK-3,north,7,700\n").months
    assert [month for month in months if month.startswith("PACK-3")] == ["PACK-3 2026-08"]


def test_without_markets_families_and_values_there_is_one_of_each_and_no_money(imported):
    done = imported("Date,SKU,Qty\n2026-06-03,A,2\n2026-06-30,A,1\n")
    assert set(done.sales["market"]) == {"all"}
    assert done.sales["revenue"].isna().all()
    assert set(done.products["family"]) == {"products"}


@pytest.mark.parametrize("month", ["last", "first"])
def test_a_month_that_is_not_whole_is_left_out_and_can_be_kept(imported, month):
    day, number = ("2026-09-04", "2026-09") if month == "last" else ("2026-05-22", "2026-05")
    text = ORDERS + f"{day},TENT-2,north,1,199\n"
    done = imported(text)
    assert f"TENT-2 {number}" not in done.months
    assert f"{number} is not whole: its {month} sale is on {day}" in done.said
    kept = imported(text, folder="kept", **{f"{month}_month": "keep"})
    assert kept.months[f"TENT-2 {number}"] == 1


def test_months_written_as_their_first_day_are_whole(imported):
    rows = [f"2026-0{m}-01,TENT-2,north,1,199" for m in (2, 3)]
    assert list(imported("\n".join([HEAD, *rows])).months) == ["TENT-2 2026-02", "TENT-2 2026-03"]


def test_a_month_that_still_runs_is_left_out(imported):
    rows = [f"2026-{m}-01,TENT-2,north,1,199" for m in (10, 11)]
    done = imported("\n".join([HEAD, *rows]))
    assert list(done.months) == ["TENT-2 2026-10"]
    assert "2026-11 is not whole: today is 2026-11-29" in done.said


def test_a_product_sold_only_in_the_month_left_out_is_left_out(imported):
    done = imported(ORDERS + "2026-09-04,NEW-1,north,1,199\n")
    assert "NEW-1" not in done.products["product"].tolist()


@pytest.mark.parametrize(
    "way",
    [
        "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%Y-%m-%d 23:59:00", "%Y-%m-%dT08:15:00Z",
        "%d-%b-%Y", "%d-%b-%y", "%d.%m.%y", "%b %d, %Y", "%A, %d %B %Y", "%Y/%m/%d", "%d%m%Y",
        "%m/%d/%y 04:05 PM", "%Y-%m-%d 10:00:00+02:00",
    ],
)  # fmt: skip
def test_dates_are_read_in_the_one_way_that_fits_them_all(imported, way):
    head, *lines = ORDERS.splitlines()
    days = [dt.date.fromisoformat(line[:10]).strftime(way) for line in lines]
    rewritten = [f'"{day}"{line[10:]}' for day, line in zip(days, lines, strict=True)]
    assert imported("\n".join([head, *rewritten])).months == imported(ORDERS, folder="iso").months


@pytest.mark.parametrize("months", [["202609", "202610"], ["2026-09", "2026-10"], ["Sep-26", "Oct-26"],
                                    ["September 2026", "Oktober 2026"], ["009.2026", "010.2026"]])  # fmt: skip
def test_months_without_a_day_are_read(imported, months):
    rows = [f"{month},TENT-2,north,1,199" for month in months]
    assert list(imported("\n".join([HEAD, *rows])).months) == ["TENT-2 2026-09", "TENT-2 2026-10"]


def test_dates_that_can_be_read_in_two_ways_are_asked(imported):
    done = imported(f"{HEAD}\n03/06/2026,A,n,1,1\n04/07/2026,A,n,1,1\n")
    assert [str(question) for question in done.result.questions] == [
        "Is 03/06/2026 in column Order Date of orders.csv 2026-06-03 (answer day_first) or 2026-03-06 "
        "(answer month_first)? (day_first / month_first)"
    ]
    assert [path.name for path in done.folder.iterdir()] == ["intake.toml"]
    text = f"{HEAD}\n03/06/2026,A,n,1,1\n04/07/2026,A,n,1,1\n"
    assert list(imported(text, **{"date_order.Order Date": "month_first"}).months) == [
        "A 2026-03", "A 2026-04"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2026-06-28", "soon", "orders.csv: Order Date is not a date in 1 of 5 lines (line 3: soon). "
         "Write 2026-10-31, or correct the cell."),
        (",5,", ",five,", "orders.csv: Qty is not a number in 1 of 5 lines (line 4: five). Correct these "
         "cells, or leave them empty where the value is unknown."),
        (",STOVE-1,south,5", ",,south,5", "orders.csv: SKU is empty in 1 of 5 lines (line 4). Fill it, or "
         "remove these lines."),
        ("STOVE-1,south,5", "4.0E+12,south,5", "orders.csv line 4: SKU is 4.0E+12: a spreadsheet has "
         "shortened a long code. Export it again as text."),
        ("2026-06-30", "2026-06-31", "orders.csv: Order Date is not a date in 1 of 5 lines (line 4: "
         "2026-06-31). Write 2026-10-31, or correct the cell."),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_refused_by_line(imported, tmp_path, old, new, told):
    with pytest.raises(ValueError) as refused:
        imported(ORDERS.replace(old, new, 1))
    assert str(refused.value) == told
    assert not (tmp_path / "new").exists()


def test_the_latest_family_of_a_product_is_taken_and_said(imported):
    done = imported(
        "Order Date,SKU,Qty,Group\n2026-06-03,A,1,old\n2026-06-30,A,1,new\n", family="Group"
    )
    assert done.products["family"].tolist() == ["new"]
    assert "1 products have several families; the latest is used: A" in done.said


def test_a_semicolon_export_with_decimal_commas_and_leading_zeros_is_read(imported):
    done = imported("Order Date;SKU;Region;Qty;Net Sales\n28.06.2026;007;n;1,5;19,90\n")
    assert done.months == {"007 2026-06": 1.5}
    assert done.sales["revenue"].tolist() == [19.9]


def test_an_excel_export_is_read(imported, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Day", "Item", "Pieces"],
        [dt.datetime(2026, 6, 28), 123, 4],
        [dt.datetime(2026, 6, 30), 123, 1],
    ):
        book.active.append(row)
    book.save(tmp_path / "orders.xlsx")
    assert imported(None, "orders.xlsx").months == {"123 2026-06": 5}


def test_what_is_there_is_not_overwritten(imported):
    imported(ORDERS)
    with pytest.raises(FileExistsError, match=r"products\.csv exists; .*--update"):
        imported(ORDERS)


def test_a_column_that_is_not_there_is_named(imported):
    told = "orders.csv has no column 'Quantity'; it has Order Date, SKU, Region, Qty, Net Sales"
    with pytest.raises(ValueError) as refused:
        imported(ORDERS, quantity="Quantity")
    assert str(refused.value) == told


def test_a_column_name_that_stands_twice_is_named(imported):
    text = "Date,Item,Qty,Qty\n2026-01-01,A,1,2\n2026-02-28,A,1,2\n"
    with pytest.raises(ValueError) as refused:
        imported(text, quantity="Qty")
    assert str(refused.value) == (
        "orders.csv: the column name Qty stands 2 times. Name one of Qty (column 3), Qty (column 4), or "
        "give each its own name."
    )
    assert imported(text, quantity="Qty (column 4)").months == {"A 2026-01": 2, "A 2026-02": 2}


def test_lines_dated_after_today_and_placeholders_are_left_out_and_listed(imported):
    more = "2027-03-01,TENT-2,north,1,199\n9999-12-31,TENT-2,north,1,199\n1900-01-01,TENT-2,north,1,199\n"
    done = imported(ORDERS + more)
    assert done.months == imported(ORDERS, folder="plain").months
    assert (
        "left out: dated far from all others: 2 lines, 2 units (line 8: 9999-12-31, TENT-2"
        in done.said
    )
    assert (
        "left out: dated after today, 2026-11-29: 1 line, 1 units (line 7: 2027-03-01, TENT-2"
        in done.said
    )


def test_invisible_characters_are_taken_off_codes_and_near_spellings_are_listed(imported):
    text = ORDERS.replace("STOVE-1,south,5", "STOVE\u200b-1,south,5").replace(
        "TENT-2,north,4", "Tent 2,north,4"
    )
    done = imported(text)
    assert (
        "SKU: invisible or double blank characters are taken off 1 codes, such as STOVE\\u200b-1"
        in done.said
    )
    assert (
        "SKU: 1 pairs of codes are spelt almost alike and kept apart: TENT-2 and Tent 2"
        in done.said
    )
    assert set(done.products["product"]) == {"STOVE-1", "TENT-2", "Tent 2"}


def test_corrections_of_the_mapping_file_join_codes(imported, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "intake.toml").write_text('[corrections.product]\n"Tent 2" = "TENT-2"\n')
    done = imported(ORDERS.replace("TENT-2,north,4", "Tent 2,north,4"))
    assert set(done.products["product"]) == {"STOVE-1", "TENT-2"}


def test_cancelled_and_free_lines_are_asked_where_they_move_units(imported):
    text = (
        "Date,SKU,Qty,Net Sales,Status\n2026-06-03,A,5,50,shipped\n2026-06-28,A,3,30,Cancelled\n"
        "2026-06-30,A,2,0,shipped\n"
    )
    done = imported(text)
    assert [str(question) for question in done.result.questions] == [
        "1 lines are cancelled (Status: Cancelled). Leave them out (leave), or count them (use)? (leave / use)",
        "1 lines have a quantity and no value (28.6% of the units). Are they demand (use), or samples and gifts "
        "(leave)? (use / leave)",
    ]
    done = imported(text, cancelled="leave", free_of_charge="leave")
    assert done.months == {"A 2026-06": 5}
    assert "left out: cancelled: 1 line, 3 units (line 3:" in done.said


def test_several_currencies_give_revenue_only_with_rates(imported):
    text = "Date,SKU,Qty,Net Sales,Currency\n2026-06-03,A,5,50,EUR\n2026-06-30,A,3,30,USD\n"
    (asked,) = imported(text).result.questions
    assert (asked.key, asked.default) == ("rate.USD", "(none)")
    assert "What is 1 USD worth in EUR?" in asked.text
    done = imported(text, folder="none", **{"rate.USD": "(none)"})
    assert done.sales["revenue"].isna().all()
    assert (
        "revenue is left out: it is in EUR, USD; give what each is worth by --answer rate.USD=0.92"
        in done.said
    )
    assert imported(text, folder="rated", **{"rate.USD": "0.9"}).sales["revenue"].tolist() == [77]
    both = {"rate.USD": "0.9", "rate.EUR": "2"}  # the company reports in a third currency
    assert imported(text, folder="both", **both).sales["revenue"].tolist() == [127]
    with pytest.raises(ValueError, match=r"rate\.USD='dear' is not a number"):
        imported(text, folder="dear", **{"rate.USD": "dear"})


def test_a_product_in_two_units_needs_a_factor(imported):
    text = "Date,SKU,Qty,UoM\n2026-06-03,A,5,pc\n2026-06-04,A,5,pc\n2026-06-30,A,3,box\n"
    done = imported(text)
    assert done.asked == ["unit.box"]
    done = imported(text, **{"unit.box": "12"})
    assert done.months == {"A 2026-06": 46}
    assert done.products["unit_of_measure"].tolist() == ["pc"]


def test_codes_that_a_scanner_would_mistake_stay_text(imported):
    done = imported("Date,SKU,Qty\n2026-06-03,00123,5\n2026-06-04,NA,5\n2026-06-30,1E5,3\n")
    assert done.products["product"].tolist() == ["00123", "1E5", "NA"]


def test_a_file_of_one_series_is_one_product(imported):
    done = imported("Month,Passengers\n1949-01,112\n1949-02,118\n1949-03,132\n")
    assert done.months == {
        "all-products 1949-01": 112,
        "all-products 1949-02": 118,
        "all-products 1949-03": 132,
    }


def test_a_price_of_several_units_makes_the_revenue_of_one(imported):
    text = "Datum;Artikel;Menge;Nettopreis;Preiseinheit\n01.06.2026;A;4;500,00;100\n30.06.2026;B;3;2,00;1\n"
    sales = imported(text).sales.set_index("product")
    assert sales["revenue"].to_dict() == {"A": 20, "B": 6}
    period = text.replace("Preiseinheit", "Per")  # the period of the line, in a file of sales
    assert imported(period, folder="per").sales["revenue"].sum() == 2006


BACK = "Date,SKU,Units Sold,Units Returned,Net Sales\n2026-06-03,A,9,1,80\n2026-06-30,A,4,0,40\n"


def test_a_column_of_returned_units_is_asked_and_taken_off(imported):
    (question,) = imported(BACK).result.questions
    assert str(question) == (
        "Units Returned holds 1, beside 13 in Units Sold. Subtract what came back (subtract), or is it subtracted "
        "already (keep)? (subtract / keep)"
    )
    assert imported(BACK, folder="less", returned="subtract").months == {"A 2026-06": 12}
    assert imported(BACK, folder="kept", returned="keep").months == {"A 2026-06": 13}
    rate = BACK.replace("Units Returned", "Return Rate")
    assert imported(rate, folder="rate").months == {"A 2026-06": 13}


def test_units_that_count_from_the_start_of_the_year_are_refused(imported):
    text = "Month,SKU,YTD Units\n2026-06,A,9\n2026-07,A,13\n"
    with pytest.raises(ValueError, match="YTD Units is the year to date"):
        imported(text)
    both = "Month,SKU,Units,YTD Units\n2026-06,A,9,9\n2026-07,A,4,13\n"
    assert imported(both, folder="both").months == {"A 2026-06": 9, "A 2026-07": 4}
