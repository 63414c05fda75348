"""Headings and pivot tables in outline form, the year to date, and documents that take sales back are read as what they are."""

import numpy as np
import openpyxl
import pytest
from importing import importer

from sopkit.intake.outline import _blocks

MONTHS = "2026-06;2026-07;2026-08"
OUTLINE = f"""Row Labels;{MONTHS};Grand Total
Bikes;5;7;9;21
B-1;2;3;4;9
B-2;3;4;5;12
Parts;1;0;6;7
P-1;1;0;6;7
P-2;0;0;0;0
Grand Total;6;7;15;28
"""


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


# --------------------------------------------------------------------------------------------------
# headings


def test_headings_without_numbers_are_the_families(imported):
    done = imported(
        f"Item;{MONTHS}\nBikes;;;\nB-1;2;3;4\nB-2;3;4;5\nParts;;;\nP-1;1;0;6\nPrinted by A;;;\n"
    )
    families = done.products.set_index("product")["family"]
    assert families.to_dict() == {"B-1": "Bikes", "B-2": "Bikes", "P-1": "Parts"}
    assert "left out: a heading: 2 lines (line 2: Bikes; line 5: Parts)" in done.said


def test_months_that_head_their_lines_are_their_dates(imported):
    text = "Item;Qty;Value\nJune 2026;;\nA;4;40\nB;5;50\nJuly 2026;;\nA;6;60\nB;7;70\n"
    done = imported(text)
    assert done.months == {"A 2026-06": 4, "A 2026-07": 6, "B 2026-06": 5, "B 2026-07": 7}
    later = imported("Item;Qty;Value\nJuly 2026;;\nA;6;60\nAugust 2026;;\nA;8;80\n", update=True)
    assert not later.result.questions
    assert later.months["A 2026-08"] == 8


def test_products_that_head_their_measures_are_products(imported):
    measures = "Sum of Qty;{0};{0};{0}\nSum of Amount;{0}0;{0}0;{0}0\n"
    text = f"Row Labels;{MONTHS}\nA;;;\n{measures.format(4)}B;;;\n{measures.format(5)}"
    done = imported(text)
    assert done.sales.groupby("product")[["quantity", "revenue"]].sum().to_numpy().tolist() == [
        [12, 120],
        [15, 150],
    ]
    assert not imported(text, update=True).result.questions


def test_headings_that_say_what_they_name_give_that_column(imported):
    done = imported(
        "Month;Qty\nItem: A-1;\n2026-06;4\n2026-07;5\nItem: B:2;\n2026-06;6\n2026-07;7\n"
    )
    assert done.months == {"A-1 2026-06": 4, "A-1 2026-07": 5, "B:2 2026-06": 6, "B:2 2026-07": 7}


def test_products_that_sold_nothing_are_no_headings(imported):
    done = imported(f"Item;{MONTHS}\nA;1;2;3\nB;;;\nC;4;5;6\n")
    assert set(done.products["family"]) == {"products"}


# --------------------------------------------------------------------------------------------------
# groups above their members


def test_groups_of_an_outline_are_not_counted_with_their_members(imported):
    done = imported(OUTLINE)
    assert set(done.sales["product"]) == {"B-1", "B-2", "P-1", "P-2"}
    assert done.sales["quantity"].sum() == 28
    assert "left out: the sum of the rows below it: 2 lines (line 2: Bikes, 5, 7, 9" in done.said
    assert "The file's own total is 28: the same" in done.said


def test_groups_of_an_outline_are_the_families(imported):
    families = imported(OUTLINE).products.set_index("product")["family"]
    assert families.to_dict() == {"B-1": "Bikes", "B-2": "Bikes", "P-1": "Parts", "P-2": "Parts"}


def test_rows_that_add_up_now_and_then_are_no_outline(imported):
    text = f"Item;{MONTHS}\nA;5;7;9\nB;2;3;4\nC;3;4;5\nD;1;1;1\n"
    assert set(imported(text).products["product"]) == {"A", "B", "C", "D"}


@pytest.mark.parametrize(
    ("rows", "above"),
    [
        ([[3, 5], [1, 2], [2, 3]], [0, 0, 0]),
        ([[3, 5], [1, 2], [2, 3], [4, 4], [4, 4]], [0, 0, 0, 3, 3]),
        ([[3, 5], [1, 2], [2, 4]], None),
        ([[3, 5], [3, 5]], None),
        ([[0, 0], [0, 0], [0, 0]], None),
    ],
)
def test_blocks_are_a_sum_and_the_rows_that_it_adds_up(rows, above):
    found = _blocks(np.array(rows, dtype=float))
    assert (found if found is None else found.tolist()) == above


# --------------------------------------------------------------------------------------------------
# names once a block


def test_items_that_stand_once_a_block_above_two_rows_of_names_are_filled_down(tmp_path, imported):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Sales report"],
        ["Item", None, "2026-06", None, "2026-07", None],
        [None, "Region", "Pcs", "Value", "Pcs", "Value"],
        ["A", "north", 1, 10, 2, 20],
        [None, "south", 3, 30, 4, 40],
        ["B", "north", 5, 50, 6, 60],
        [None, "south", 7, 70, 8, 80],
    ):
        sheet.append(row)
    book.save(tmp_path / "report.xlsx")
    done = imported((tmp_path / "report.xlsx").read_bytes(), name="report.xlsx")
    assert done.months == {"A 2026-06": 4, "A 2026-07": 6, "B 2026-06": 12, "B 2026-07": 14}
    assert done.sales["revenue"].sum() == 360
    assert "Item stands once a block (2 times) and is filled down" in done.said


# --------------------------------------------------------------------------------------------------
# the year to date


def test_columns_of_the_year_to_date_are_refused(imported):
    with pytest.raises(ValueError) as refused:
        imported("Item;YTD Jan 2026;YTD Feb 2026;YTD Mar 2026\nA;5;9;12\n")
    assert str(refused.value) == (
        "orders.csv: the columns hold the year to date (YTD Jan 2026, YTD Feb 2026), not the months. "
        "Export each month alone."
    )


def test_columns_of_the_year_to_date_beside_the_months_are_left(imported):
    head = ";".join(
        f"{name} {month} 2026" for month in ("Jan", "Feb", "Mar") for name in ("Qty", "YTD")
    )
    done = imported(f"Item;{head}\nA;5;5;4;9;3;12\n")
    assert done.months == {"A 2026-01": 5, "A 2026-02": 4, "A 2026-03": 3}
    assert "columns of the year to date are not read: YTD Jan 2026, YTD Feb 2026" in done.said


# --------------------------------------------------------------------------------------------------
# documents that take sales back

DOCUMENTS = """Invoice Date,Type,Item,Qty,Amount
2026-06-02,Invoice,A,10,100
2026-06-20,Credit Memo,A,2,20
2026-07-31,Invoice,A,5,50
"""


def test_credits_written_without_a_sign_are_asked(imported):
    (question,) = imported(DOCUMENTS).result.questions
    assert str(question) == (
        "Type is Credit Memo in 1 line, with a quantity above zero. Is that sales taken back (return), "
        "or sales (use)? (return / use)"
    )


@pytest.mark.parametrize(("answer", "june", "revenue"), [("return", 8, 80), ("use", 12, 120)])
def test_credits_count_as_told(imported, answer, june, revenue):
    done = imported(DOCUMENTS, credits=answer)
    assert done.months["A 2026-06"] == june
    assert done.sales["revenue"].tolist() == [revenue, 50]


def test_credits_that_have_their_sign_are_not_asked(imported):
    done = imported(DOCUMENTS.replace("A,2,20", "A,-2,-20"))
    assert not done.result.questions
    assert done.months["A 2026-06"] == 8


# --------------------------------------------------------------------------------------------------
# products without a name that is known


def test_the_only_column_left_is_asked_for_the_product_where_it_names_several(imported):
    days = "\n".join(f"2026-06-{day:02d},{'AB'[day % 2]},1" for day in range(1, 31))
    (question,) = imported(f"Date,Thing,Qty\n{days}\n").result.questions
    assert str(question) == "Which column of orders.csv holds the product? (Thing / (none))"
