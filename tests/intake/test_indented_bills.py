"""Indented bills of materials: levels say what goes into what."""

import pytest
from importing import importer

from sopkit.intake.table_import import import_table
from sopkit.intake.table_proof import screen
from sopkit.io import readers
from sopkit.master_data.bom import usage_per_unit

SALES = "Date,Item,Qty\n2026-06-03,TEA,2\n2026-06-30,COFFEE,1\n"
BILL = """Level;Material;Qty
0;TEA;1
1;BAG;20
2;LEAF;0,002
2;PAPER;1
1;CARTON;1
0;COFFEE;1
1;BAG;12
2;LEAF;0,002
2;PAPER;1
"""


@pytest.fixture
def read(tmp_path):
    """Read a bill of a company that plans TEA and COFFEE: what was written, and what was said."""
    importer(tmp_path)(SALES, folder="acme")

    def one(content, **answers):
        path = tmp_path / "bill.csv"
        path.write_text(content)
        answers = {key.replace("__", "."): value for key, value in answers.items()}
        done = import_table("bill_of_materials", path, tmp_path / "acme", answers)
        return readers.read(tmp_path / "acme")["bill_of_materials"], screen(done)

    return one


def rows(bill):
    return sorted(bill[["product", "component", "quantity_per_unit"]].to_numpy().tolist())


def test_a_line_goes_into_the_line_above_of_one_level_less(read):
    bill, said = read(BILL)
    assert rows(bill) == [
        ["BAG", "LEAF", 0.002],
        ["BAG", "PAPER", 1],
        ["COFFEE", "BAG", 12],
        ["TEA", "BAG", 20],
        ["TEA", "CARTON", 1],
    ]
    used = usage_per_unit(bill).set_index(["product", "component"])["quantity_per_unit"]
    assert used["TEA", "LEAF"] == pytest.approx(0.04)
    assert "left out: a finished product at the head of its bill: 2" in said
    assert "left out: a repeated bill of an assembly: 2" in said
    assert "Level" not in said.partition("not read")[2].partition("\n")[0]


@pytest.mark.parametrize("marks", [(".1", "..2"), ("1", "2"), ("*1", "**2"), ("  1", "    2")])
def test_levels_may_be_written_with_marks_and_the_product_told(read, marks):
    one, two = marks
    text = f"Lvl,Component,Quantity\n{one},BAG,20\n{two},LEAF,0.002\n{one},CARTON,1\n"
    bill, _ = read(text, finished_product="TEA")
    assert rows(bill) == [["BAG", "LEAF", 0.002], ["TEA", "BAG", 20], ["TEA", "CARTON", 1]]


def test_a_bill_with_a_column_of_parents_is_read_by_it_through_all_levels(read):
    text = "Level,Parent,Component,Quantity\n1,TEA,BAG,20\n2,BAG,LEAF,0.002\n1,CUP,LID,1\n"
    bill, said = read(text)
    assert rows(bill) == [["BAG", "LEAF", 0.002], ["TEA", "BAG", 20]]
    assert "left out: a product that is not in products: 1" in said  # CUP, which nothing needs


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("0,TEA,1\n2,LEAF,1\n", "line 3 is of level 2, but no line of level 1 stands above it"),
        ("1,BAG,20\n2,LEAF,1\n", "lines of level 1 .BAG. have no parent.* finished_product=CODE"),
        ("1,TEA,1\n1,COFFEE,1\n", "lines of level 1 .TEA, COFFEE. have no parent"),
        ("0,TEA,1\n1,BAG,1\n2,LEAF,1\n0,COFFEE,1\n1,BAG,1\n2,PAPER,1\n", "two bills of BAG, from lines 4 and 7, with different"),
        ("0,TEA,1\n1,BAG,1\n2,LEAF,1\n0,COFFEE,1\n1,BAG,1\n2,LEAF,2\n", "two bills of BAG, from lines 4 and 7, with different"),
    ],
)  # fmt: skip
def test_what_the_levels_do_not_say_is_refused(read, lines, message):
    with pytest.raises(ValueError, match=message):
        read("Level,Component,Quantity\n" + lines)
