"""Cells that hold nothing are not read one by one, and nothing else is left out with them."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from sopkit.io.excel import open_cells, read_workbook
from sopkit.io.workbook_parts import SHEETS, empty_cells, without_empty_cells

YELLOW = PatternFill("solid", fgColor="FFF9C4")


@pytest.fixture
def form(tmp_path):
    """A sheet to fill in, two of whose 3,000 yellow cells are filled."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "budget"
    sheet.append(["family", "period", "revenue"])
    for row in sheet.iter_rows(min_row=2, max_row=1001, max_col=3):
        for cell in row:
            cell.fill = YELLOW
    sheet["A7"], sheet["C7"] = "tents", 5
    sheet["C1001"] = "=C7*2"
    book.save(tmp_path / "form.xlsx")
    return tmp_path / "form.xlsx"


def sheet_of(file):
    with zipfile.ZipFile(file) as archive:
        return archive.read(f"{SHEETS}sheet1.xml")


def test_empty_cells_are_counted_and_left_out(form):
    assert empty_cells(f"{SHEETS}sheet1.xml", sheet_of(form)) == 2997
    with zipfile.ZipFile(form) as archive:
        slim = without_empty_cells(archive)
    assert sheet_of(slim).count(b"<c ") == 6
    assert b'r="C1001"' in sheet_of(slim)


def test_what_is_filled_in_is_read_at_its_place(form):
    formulas, values = open_cells(form)
    cells = values["budget"]
    assert (cells["A7"].value, cells["C7"].value, cells["B7"].value) == ("tents", 5, None)
    assert formulas["budget"]["C1001"].value == "=C7*2"
    found, faults = read_workbook(form)
    assert found == {}
    assert "C1001" in str(faults[0])


@pytest.mark.parametrize(
    ("cell", "empty"),
    [
        (b'<c r="A1" s="1"/>', 1),
        (b'<c s="1" r="A1" />', 1),
        (b'<c r="A1" s="1"></c>', 1),
        (b'<c r="A1"><v>1</v></c>', 0),
        (b'<c r="A1" t="inlineStr"><is><t></t></is></c>', 0),
        (b'<c r="A1"/><c s="1"/>', 0),  # the second one stands where the first one ends
        (b'<cols/><col min="1"/>', 0),
    ],
)
def test_only_cells_with_a_place_and_without_content_are_empty(cell, empty):
    assert empty_cells(f"{SHEETS}sheet1.xml", b"<row>" + cell + b"</row>") == empty
    assert empty_cells("xl/styles.xml", cell) == 0


def test_a_copy_is_a_workbook(form):
    with zipfile.ZipFile(form) as archive:
        book = openpyxl.load_workbook(io.BytesIO(without_empty_cells(archive).getvalue()))
    assert book["budget"]["C7"].value == 5
