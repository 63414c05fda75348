"""Products, years and measures stand across or down: a line is still what one product sold in one month."""

import pytest
from importing import importer

MONTHS = {
    "A 2026-05": 4,
    "A 2026-06": 5,
    "A 2026-07": 6,
    "B 2026-05": 7,
    "B 2026-06": 8,
    "B 2026-07": 9,
}


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


# --------------------------------------------------------------------------------------------------
# products across

ACROSS = "Month,A,B,Total\n2026-05,4,7,11\n2026-06,5,8,13\n2026-07,6,9,15\n"


def test_products_across_are_asked(imported):
    (question,) = imported(ACROSS).result.questions
    assert str(question) == (
        "orders.csv has a line for each Month, and columns A, B. Is each a product (products), or is "
        "only one of them the quantity (one)? (products / one)"
    )
    done = imported(ACROSS, folder="told", products_across="products")
    assert done.months == MONTHS
    assert "2 products stand across, A to B" in done.said
    one = imported(ACROSS, folder="one", products_across="one", quantity="B", product="(none)")
    assert one.months == {
        "all-products 2026-05": 7,
        "all-products 2026-06": 8,
        "all-products 2026-07": 9,
    }


def test_the_next_file_with_a_further_product_is_read_without_a_question(imported):
    imported(ACROSS, products_across="products")
    later = imported("Month,A,B,C\n2026-07,6,9,1\n2026-08,7,10,2\n", update=True)
    assert not later.result.questions
    assert later.months == MONTHS | {
        "A 2026-08": 7,
        "B 2026-08": 10,
        "C 2026-07": 1,
        "C 2026-08": 2,
    }


@pytest.mark.parametrize(
    "text",
    [
        "Month,Qty,Extra\n2026-06,4,7\n2026-07,5,8\n",  # a name that is known
        "Date,A,B\n2026-06-30,4,7\n2026-06-30,5,8\n2026-07-31,1,1\n",  # a date twice
    ],
)
def test_other_numbers_beside_a_date_are_no_products(imported, text):
    assert "products_across" not in imported(text).asked


# --------------------------------------------------------------------------------------------------
# years across


def test_years_across_with_a_month_a_line_are_read(imported):
    text = "Item,Month,2025,2026\nA,Jan,1,4\nA,Feb,2,5\nA,Mar,3,\nB,Jan,4,7\nB,Feb,5,8\nB,Mar,6,\n"
    done = imported(text + "B,Total,15,15\n")
    assert done.months == {
        "A 2025-01": 1, "A 2025-02": 2, "A 2025-03": 3, "A 2026-01": 4, "A 2026-02": 5,
        "B 2025-01": 4, "B 2025-02": 5, "B 2025-03": 6, "B 2026-01": 7, "B 2026-02": 8,
    } | {f"{p} 2025-{m:02}": 0 for p in "AB" for m in range(4, 13)}  # fmt: skip
    assert "years stand across, a row a month (Month)" in done.said
    assert "left out: a total of the months: 1 line" in done.said


# --------------------------------------------------------------------------------------------------
# measures down


def down(rows):
    return "Month,Item,Measure,Value\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


MEASURED = down(
    (month, item, measure, units * factor)
    for month, sold in (("2026-05", (4, 7)), ("2026-06", (5, 8)), ("2026-07", (6, 9)))
    for item, units in zip("AB", sold, strict=True)
    for measure, factor in (("Quantity", 1), ("Revenue", 10), ("Gross margin", 3))
)


def test_measures_that_stand_one_below_another_are_not_added_up(imported):
    done = imported(MEASURED)
    assert not done.result.questions
    assert done.months == MONTHS
    assert done.sales["revenue"].sum() == 10 * sum(MONTHS.values())
    assert "Measure says what each line holds: Quantity, Revenue, Gross margin" in done.said


def test_the_next_file_of_measures_is_read_alike(imported):
    imported(MEASURED)
    later = imported(
        down([("2026-08", "A", "Quantity", 1), ("2026-08", "A", "Revenue", 12)]), update=True
    )
    assert later.months["A 2026-08"] == 1


def test_lines_of_one_day_stay_apart(imported):
    rows = [("2026-06-30", "A", measure, n) for n in (1, 2) for measure in ("Units", "Sales value")]
    done = imported(
        down([*rows, ("2026-07-31", "A", "Units", 5), ("2026-07-31", "A", "Sales value", 50)])
    )
    assert done.months == {"A 2026-06": 3, "A 2026-07": 5}
    assert done.sales["revenue"].tolist() == [3, 50]


def test_measures_beside_months_across_are_read(imported):
    text = "Item,Measure,2026-05,2026-06,2026-07\n" + "".join(
        f"{item},{measure},{','.join(str(n * factor) for n in units)}\n"
        for item, units in (("A", (4, 5, 6)), ("B", (7, 8, 9)))
        for measure, factor in (("Units", 1), ("Net sales", 10))
    )
    done = imported(text)
    assert done.months == MONTHS
    assert done.sales["revenue"].sum() == 10 * sum(MONTHS.values())


def test_kinds_of_documents_are_no_measures(imported):
    text = (
        "Date,Item,Type,Qty\n2026-06-30,A,Sales,5\n2026-07-31,A,Returns,-1\n2026-07-31,A,Sales,3\n"
    )
    assert imported(text).months == {"A 2026-06": 5, "A 2026-07": 2}
