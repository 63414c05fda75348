"""Plans, other movements of stock and lines exported twice are asked; thousands and sheets of months are read as such."""

import io

import openpyxl
import pytest
from importing import importer

ACTUALS = """Month,Version,Item,Qty
2026-06,Actual,A,10
2026-06,Forecast,A,12
2026-07,Actual,A,11
2026-07,Forecast,A,13
"""
NUMBERED = "Order,Date,Item,Qty\n" + "".join(f"{n},2026-06-{n:02d},A,1\n" for n in range(1, 31))


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


# --------------------------------------------------------------------------------------------------
# plans


def test_lines_of_a_plan_beside_the_actuals_are_asked(imported):
    (question,) = imported(ACTUALS).result.questions
    assert str(question) == (
        "Version is Forecast in 2 lines. Are they plans (leave), or sales (use)? (leave / use)"
    )
    left = imported(ACTUALS, folder="left", plans="leave")
    assert left.months == {"A 2026-06": 10, "A 2026-07": 11}
    assert "left out: a plan beside the actuals: 2 lines" in left.said
    assert imported(ACTUALS, folder="used", plans="use").months["A 2026-06"] == 22


@pytest.mark.parametrize("name", ["Plant 1000", "Target", "Credit Card", "Resort", "Planter"])
def test_names_that_only_begin_alike_are_no_plans_and_no_credits(imported, name):
    assert not imported(ACTUALS.replace("Forecast", name)).result.questions


# --------------------------------------------------------------------------------------------------
# stock ledgers

LEDGER = """Posting Date,Entry Type,Item No.,Quantity
2026-06-15,Purchase,A,50
2026-06-30,Sale,A,-10
2026-07-01,Positive Adjmt.,A,1
2026-07-31,Sale,A,-11
"""


def test_other_movements_of_a_stock_ledger_are_asked(imported):
    asked = imported(LEDGER)
    assert asked.asked == ["signs", "movements"]
    assert (
        "Entry Type is Purchase, Positive Adjmt. in 2 lines. Are they other movements of stock (leave), "
        "or sales (use)?"
    ) in str(asked.result.questions[1])
    done = imported(LEDGER, folder="told", movements="leave", signs="turn")
    assert done.months == {"A 2026-06": 10, "A 2026-07": 11}
    assert "left out: a movement of stock that is no sale: 2 lines" in done.said


def test_a_way_to_pay_is_no_movement_of_stock(imported):
    text = "Date,Payment,Item,Qty\n2026-06-30,Bank transfer,A,1\n2026-07-31,Card,A,2\n"
    assert not imported(text).result.questions


def test_more_below_zero_than_returns_can_be_is_asked(imported):
    text = "Date,Move,Item,Qty\n2026-06-15,101,A,50\n2026-06-30,601,A,-10\n2026-07-31,601,A,-21\n"
    (question,) = imported(text).result.questions
    assert str(question) == (
        "2 lines of 31 units are below zero, beside 50 units sold. Are they returns, to be netted (net) "
        "or left out (drop); or does the file hold more than sales (refuse)? (net / drop / refuse)"
    )


# --------------------------------------------------------------------------------------------------
# lines exported twice


def test_lines_that_stand_twice_to_their_number_are_asked(imported):
    twice = NUMBERED + "".join(NUMBERED.splitlines(keepends=True)[1:11])
    (question,) = imported(twice).result.questions
    assert str(question) == (
        "Order and all other cells stand again in 10 lines. Count each line once (once), or as often "
        "as it stands (all)? (once / all)"
    )
    once = imported(twice, folder="once", twice="once")
    assert once.months == {"A 2026-06": 30}
    assert "left out: in the file twice: 10 lines" in once.said
    assert imported(twice, folder="all", twice="all").months == {"A 2026-06": 40}


def test_lines_without_a_number_of_their_own_may_be_alike(imported):
    days = "".join(f"2026-06-{day:02d},A,1\n" * 2 for day in range(1, 31))
    done = imported("Date,Item,Qty\n" + days)
    assert not done.result.questions
    assert done.months == {"A 2026-06": 60}


# --------------------------------------------------------------------------------------------------
# what numbers are counted in


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("Qty ('000)", 1000),
        ("Units (in thousands)", 1000),
        ("Menge in Tsd.", 1000),
        ("Qty x 1,000", 1000),
        ("Units (millions)", 1_000_000),
        ("Qty", 1),
    ],
)
def test_numbers_are_in_what_the_name_of_their_column_says(imported, name, factor):
    done = imported(f'Month;Item;"{name}"\n2026-06;A;1.5\n2026-07;A;2.5\n')
    assert done.months == {"A 2026-06": 1.5 * factor, "A 2026-07": 2.5 * factor}
    assert ("scale.quantity" in done.said) == (factor > 1)


def test_the_files_own_total_is_in_thousands_too(imported):
    done = imported("Month;Item;Qty ('000)\n2026-06;A;1.5\n2026-07;A;2.5\nTotal;;4\n")
    assert "The file's own total is 4,000: the same" in done.said


def test_revenue_in_thousands_is_found_and_can_be_told_otherwise(imported):
    text = "Month;Item;Qty;Umsatz TEUR\n2026-06;A;1;1.5\n2026-07;A;2;2.5\n"
    assert imported(text).sales["revenue"].tolist() == [1500, 2500]
    told = imported(text, folder="told", scale__revenue="1")
    assert told.sales["revenue"].tolist() == [1.5, 2.5]


# --------------------------------------------------------------------------------------------------
# a sheet a month


def workbook(path, names, head=("Item", "Qty")):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, name in enumerate(names, start=1):
        sheet = book.create_sheet(name)
        sheet.append(head)
        sheet.append(["A", number])
        sheet.append(["B", 10 * number])
    book.save(path)
    return path.read_bytes()


def test_sheets_named_after_months_are_read_together(tmp_path, imported):
    names = ("Jun 2026", "Jul 2026", "Aug 2026")
    done = imported(workbook(tmp_path / "b.xlsx", names), name="b.xlsx")
    assert done.months == {
        "A 2026-06": 1, "A 2026-07": 2, "A 2026-08": 3,
        "B 2026-06": 10, "B 2026-07": 20, "B 2026-08": 30,
    }  # fmt: skip
    assert "date = (sheet)  (each of 3 sheets is named after its month)" in done.said


def test_of_sheets_that_are_no_months_one_is_read(tmp_path, imported):
    with pytest.raises(ValueError, match="has no column of dates"):
        imported(workbook(tmp_path / "b.xlsx", ("Jun 2026", "Jul 2026", "Notes")), name="b.xlsx")


# --------------------------------------------------------------------------------------------------
# charges

CHARGED = """Order,Date,SKU,Description,Qty,Amount
1,2026-06-03,A,Lamp,2,20
1,2026-06-03,SHIPPING,,1,5
2,2026-06-09,A,Lamp,3,30
2,2026-06-09,Z-9,Versandkosten,1,4
2,2026-06-09,DISCOUNT,,1,-3
3,2026-07-31,B,Shipping crate,4,80
"""


def test_what_is_charged_beside_products_is_left_out_and_told(imported):
    done = imported(CHARGED)
    assert done.months == {"A 2026-06": 5, "A 2026-07": 0, "B 2026-07": 4}
    assert "left out: a charge that is no product: 3 lines" in done.said
    assert "charges = leave  (SHIPPING, DISCOUNT, Versandkosten in 3 lines" in done.said
    assert imported(CHARGED, folder="used", charges="use").months["SHIPPING 2026-06"] == 1


def test_a_company_that_sells_nothing_else_keeps_its_lines(imported):
    text = "Date,Item,Qty\n2026-06-01,Shipping,2\n2026-06-30,Shipping,3\n"
    assert imported(text).months == {"Shipping 2026-06": 5}


# --------------------------------------------------------------------------------------------------
# another table beside

LONG = [f"2026-{6 + n // 14:02d}-{n % 14 + 1:02d}" for n in range(28)]


def _beside(*others):
    """Sales in three columns, an empty one, and other cells behind it, as bytes of a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    names = ["Date", "Item", "Qty", None, *[name for name, _ in others]]
    sheet.append(names)
    for row, day in enumerate(LONG):
        sheet.append([day, "A", 1, None, *[cell if row < 5 else None for _, cell in others]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_shorter_table_behind_an_empty_column_is_not_read(imported):
    content = _beside(("Customer", "C-1"), ("Region", "North"))
    done = imported(content, name="beside.xlsx")
    assert set(done.sales["market"]) == {"all"}
    assert (
        "Customer, Region: columns of another table, behind an empty column; not read" in done.said
    )


def test_tables_of_the_same_columns_beside_each_other_are_refused(imported):
    content = _beside(("Date", "2026-05-01"), ("Item", "A"), ("Qty", 1))
    with pytest.raises(ValueError, match="two tables of the same columns beside each other"):
        imported(content, name="beside.xlsx")


def test_names_left_of_an_empty_column_belong_to_the_rows(imported):
    text = "Item,,Month,Qty\nA,,2026-06,1\n,,2026-07,2\n,,2026-08,3\nB,,2026-06,4\n,,2026-07,5\n,,2026-08,6\n"
    assert "another table" not in imported(text, product="Item").said
