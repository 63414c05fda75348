"""The starter workbook: written for a kind of company, filled in by hand, and planned from as it stands."""

import shutil

import pandas as pd
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from team import fill_in, recalculated
from test_finance_answers import number_cell

from sopkit.cli import main
from sopkit.io import readers
from sopkit.reporting.excel import starter
from sopkit.schema.tables import TABLES

UNTIL = "2026-09"


def typed(*words, code=0, said=None):
    result = CliRunner().invoke(main, [str(word) for word in words], input=said)
    assert result.exit_code == code, result.output
    return result.output


def put(book, sheet, *rows):
    """Fill in rows of a sheet, as a person does: below the heads, from the first yellow column."""
    for line, row in enumerate(rows, start=7):
        for column, value in enumerate(row, start=3):
            if value is not None:
                book[sheet].cell(line, column).value = value


@pytest.fixture
def shop(tmp_path):
    """A starter workbook with two products, two years of sales of one and three of the other."""
    folder = tmp_path / "shop"
    typed("init", folder, "--starter", "make", "--until", UNTIL)
    path = folder / "starter.xlsx"
    book = load_workbook(path)
    put(book, "Products", ["TEA", None, "drinks", "box"], ["RICE", "Long grain", "food", "box"])
    put(book, "Sales", ["TEA", "town", *[100] * 36], ["RICE", "town", *[None] * 12, *[90] * 24])
    put(book, "Stock", ["TEA", "main", 40, None])
    costs = (["TEA", "2026-01", 4, 1, 0.1, 0.5], ["RICE", "2026-01", 3, 1, 0.1, 0.5])
    put(book, "Prices and costs", *costs)
    book.save(path)
    return path


@pytest.mark.parametrize("kind", starter.KINDS)
def test_a_kind_of_company_gets_the_sheets_it_needs(tmp_path, kind):
    typed("init", tmp_path / "new", "--starter", kind, "--until", UNTIL)
    book = load_workbook(tmp_path / "new" / "starter.xlsx")
    sheets = {
        "make": ["Stock", "Prices and costs", "People and machines", "Work", "Materials", "Suppliers", "Company"],
        "buy": ["Stock", "Prices and costs", "Suppliers", "Purchase orders", "Company"],
        "serve": ["Prices and costs", "People and machines", "Work", "Company"],
    }[kind]  # fmt: skip
    assert book.sheetnames == ["Start", "Products", "Sales", *sheets, "sopkit"]
    for one in starter.sheets_of(kind, pd.Period(UNTIL, "M")):
        named = {*one.columns, one.across, *(["period"] if one.across else [])} - {""}
        assert set(TABLES[one.table].must_have) <= named <= set(TABLES[one.table].columns)


def test_without_a_kind_it_asks(tmp_path):
    said = typed("init", tmp_path / "new", "--starter", said="serve\n")
    assert "Do you make what you sell, buy it, or serve?" in said
    assert "Purchase orders" not in load_workbook(tmp_path / "new" / "starter.xlsx").sheetnames
    assert "is not empty; choose a new folder" in typed(
        "init", tmp_path / "new", "--starter", "buy", code=1
    )
    assert "choose make, buy, serve" in typed("init", tmp_path / "b", "--starter", "rent", code=2)


def test_heads_are_plain_with_units_and_choices_and_months_stand_across(shop):
    book = load_workbook(shop)
    sales, costs = book["Sales"], book["Prices and costs"]
    assert [cell.value for cell in sales[4]][1:4] == ["Status", "Product", "Market"]
    months = [cell.value.strftime("%Y-%m") for cell in sales[4][4:]]
    assert (len(months), months[0], months[-1]) == (36, "2023-10", UNTIL)
    heads = {cell.value: costs.cell(5, cell.column).value for cell in costs[4]}
    assert heads["Price"] == "required; money per unit"
    assert heads["Effective from"] == "required; month, as 2026-10"
    lists = [rule.formula1 for rule in book["Products"].data_validations.dataValidation]
    assert '"to_stock,to_order,to_assemble,not_storable"' in lists
    lists = [rule.formula1 for rule in sales.data_validations.dataValidation]
    assert "'Products'!$C$7:$C$306" in lists
    assert sales.row_dimensions[6].hidden
    assert sales.column_dimensions["A"].hidden


def test_it_is_read_as_it_stands_and_what_is_empty_is_absent(shop):
    tables = readers.read(shop.parent)
    assert set(tables) == {"products", "sales_history", "inventory", "item_costs"}
    sales = tables["sales_history"]
    assert sales.groupby("product")["period"].agg(["size", "min"]).astype(str).to_dict("list") == {
        "size": ["24", "36"],
        "min": ["2024-10", "2023-10"],
    }
    assert sales["quantity"].sum() == 24 * 90 + 36 * 100
    assert tables["item_costs"]["price"].tolist() == [4, 3]
    assert "is valid" in typed("check", shop.parent, "--cycle", "2026-10")


def test_the_answers_of_a_team_become_a_sheet_of_it(shop):
    book = load_workbook(shop)
    people = book.create_sheet("contributors")
    people.append(["contributor", "function", "market", "deadline_day", "answers_by"])
    people.append(["ana", "sales", "town", 6, "product"])
    book.save(shop)
    about = ("--company", "shop", "--cycle", "2026-10", "--workspace", shop.parent)
    about += ("--store", f"sqlite:///{shop.parent.parent / 'plans.sqlite'}")
    forms = shop.parent.parent / "forms"
    typed("collect", *about, "--to", forms)
    typed("merge", fill_in(forms / "ana.xlsx", {("TEA", "2026-10"): 130}), *about)
    tables = readers.read(shop)
    assert tables["demand_inputs"]["quantity"].tolist() == [130]
    assert tables["sales_history"]["quantity"].sum() == 24 * 90 + 36 * 100


def test_moved_sheets_rows_and_columns_are_found(shop):
    before = readers.read(shop)
    book = load_workbook(shop)
    sheet = book["Sales"]
    sheet.title = "Our sales"
    sheet.insert_rows(2, 2)
    sheet.insert_cols(2)
    book.move_sheet("Our sales", 3)
    book.create_sheet("notes")["A1"] = "Ask Ana about 2024"
    book.save(shop)
    after = readers.read(shop)
    assert all(after[name].equals(table) for name, table in before.items())


def _cell(sheet, place, value):
    def change(book):
        book[sheet][place] = value

    return change


def _twice(book):
    book["Sales"]["F6"] = "quantity 2023-10"


def _two_sheets(book):
    book.copy_worksheet(book["Stock"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_cell("Sales", "F7", "many"), "sales_history: starter.xlsx sheet Sales cell F7 holds many, which is not a number. Enter a number, or clear it."),
        (_cell("Stock", "E7", "=20*2"), "starter.xlsx sheet Stock cell E7 is a formula whose value was not saved."),
        (_cell("Products", "E7", None), "family must be filled; 1 of 2 rows is not:\n  row 6 (starter.xlsx sheet Products line 7)  product=TEA"),
        (_cell("Sales", "C8", "OATS"), "starter.xlsx sheet Sales line 8"),
        (_twice, "cell F6: quantity 2023-10 is there twice. Keep one of them."),
        (_two_sheets, "starter.xlsx sheet Stock Copy is of inventory, as starter.xlsx sheet Stock is. Keep one of them."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_sheet_and_cell(shop, change, told):
    book = load_workbook(shop)
    change(book)
    book.save(shop)
    assert told in typed("check", shop.parent, "--cycle", "2026-10", code=1)


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_a_row_says_what_it_lacks_and_the_start_how_far_it_is(shop):
    book = load_workbook(shop)
    book["Products"]["E8"] = None
    book["Sales"]["F8"] = "many"
    book.save(shop)
    book = load_workbook(recalculated(shop), data_only=True)
    assert [book["Products"].cell(row, 2).value or "" for row in (7, 8, 9)] == [
        "complete", "Family is missing", "",
    ]  # fmt: skip
    assert [book["Sales"].cell(row, 2).value for row in (7, 8)] == ["complete", "a number is text"]
    status = {row[0].value: row[2].value for row in book["Start"].iter_rows(min_row=7)}
    assert status["Products"] == "1 of 2 complete"
    assert (status["Stock"], status["Work"]) == ("1 of 1 complete", "empty")


# --------------------------------------------------------------------------------------------------
# the next month, and what finance answers


def test_a_month_is_rolled_into_it_and_months_still_stand_across(shop):
    exports = shop.parent.parent / "exports"
    exports.mkdir()
    rows = "TEA;town;10.2026;110\nRICE;town;10.2026;95\n"
    (exports / "sales.csv").write_text("Artikel;Region;Monat;Menge\n" + rows)
    (exports / "stock.csv").write_text("product,site,on hand\nTEA,main,70\nRICE,main,60\n")
    about = ("--company", "shop", "--workspace", shop.parent)
    about += ("--store", f"sqlite:///{shop.parent.parent / 'plans.sqlite'}")
    told = [
        f"{name}={exports / file}"
        for name, file in (("sales_history", "sales.csv"), ("inventory", "stock.csv"))
    ]
    said = typed("roll", "2026-11", *about, *(word for one in told for word in ("--from", one)))
    assert "sales_history: 2026-10 added" in said
    tables = readers.read(shop)
    sales = tables["sales_history"]
    assert sales[sales["period"] == "2026-10"]["quantity"].tolist() == [95, 110]
    assert sales["quantity"].sum() == 24 * 90 + 36 * 100 + 110 + 95
    assert tables["inventory"].set_index("product")["on_hand"].to_dict() == {"TEA": 70, "RICE": 60}
    sheet = load_workbook(shop)["Sales"]
    titles = [cell.value for cell in sheet[4] if hasattr(cell.value, "strftime")]
    assert f"{titles[-1]:%Y-%m}" == "2026-10"
    assert len(titles) == 37
    assert "is valid" in typed("check", shop.parent, "--cycle", "2026-11")
    assert "Nothing to do" in typed("roll", "2026-11", *about)
    assert sorted(path.name for path in shop.parent.iterdir()) == ["intake.toml", "starter.xlsx"]


def test_a_price_of_finance_stands_on_its_sheet_of_prices(shop):
    book = load_workbook(shop)
    people = book.create_sheet("contributors")
    people.append(["contributor", "function", "deadline_day"])
    people.append(["cleo", "finance", 6])
    book.save(shop)
    about = ("--company", "shop", "--cycle", "2026-10", "--workspace", shop)
    about += ("--store", f"sqlite:///{shop.parent.parent / 'plans.sqlite'}")
    forms = shop.parent.parent / "forms"
    typed("collect", *about, "--to", forms)
    book = load_workbook(forms / "cleo.xlsx")
    cell = number_cell(book, "Prices", "TEA", "Price", "2026-12", "all markets")
    cell.value = 4.5
    cell.parent.cell(cell.row, cell.parent.max_column).value = "Board"
    book.save(forms / "cleo.xlsx")
    assert "TEA price 2026-12: - -> 4.5" in typed("merge", forms / "cleo.xlsx", *about)
    assert readers.read(shop)["item_costs"]["price"].tolist() == [4, 3, 4.5]
    sheet = load_workbook(shop)["Prices and costs"]
    assert [sheet.cell(9, column).value for column in (3, 4, 5)] == ["TEA", "2026-12", 4.5]
    assert {"Version", "Author", "Reason"} <= {cell.value for cell in sheet[4]}


def test_months_across_stand_in_one_row_and_are_all_checked(shop):
    """A workbook's row of 36 months was checked by its first month alone."""
    said = typed("check", shop.parent)
    assert "Warning" not in said
    assert "is valid" in said


def test_a_sheet_that_calls_its_costs_optional_means_it(shop):
    book = load_workbook(shop)
    put(book, "Prices and costs", *(["TEA", "2026-01", 4], ["RICE", "2026-01", 3]))
    for line in (7, 8):
        for column in (6, 7, 8):
            book["Prices and costs"].cell(line, column).value = None
    book.save(shop)
    assert "is valid" in typed("check", shop.parent)


def test_a_company_that_serves_is_asked_whether_its_products_can_be_stored(tmp_path):
    typed("init", tmp_path / "spa", "--starter", "serve", "--until", UNTIL)
    sheet = load_workbook(tmp_path / "spa" / "starter.xlsx")["Products"]
    heads = [cell.value for cell in sheet[6]]
    mode = heads.index("supply_mode") + 1
    assert sheet.cell(5, mode).value == "required"
    assert "Supply mode is missing" in sheet.cell(7, 2).value
