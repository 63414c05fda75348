"""A newcomer starts from tables to fill, which can be read at once; exports are in tests/intake."""

import openpyxl
import pytest

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
        "company_settings": 1,
        "calendar": 3,  # the month sold in, and those planned
        "item_costs": 3,  # the list prices of two products, and a price of a market
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
