"""Comments on numbers: kept in the trail, shown at the exhibit and in the workbook, carried until closed."""

import IPython.display
import pytest
from conftest import table
from openpyxl import load_workbook
from team import Office

from sopkit.reporting.exhibit import display
from sopkit.reporting.exhibits import demand
from sopkit.store import comments, verify

ON_TEA = ("demand_plan", "product=TEA", "market=town", "period=2026-10")
NOTHING = table("decisions", "decision decision_level question options recommendation effect owner")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("office"))
    made.plan = made.run(decisions=NOTHING)
    said = made.asked("comment", *ON_TEA, "--text", "Too high for October", "--author", "K. Holm")
    assert said == "Comment 2 on demand_plan is kept.\n"
    return made


def test_a_comment_is_listed_with_author_and_key_and_the_store_stays_sound(office):
    listed = office.asked("comment")
    assert "K. Holm" in listed
    assert "product=TEA  market=town  period=2026-10" in listed
    assert verify.verify(office.store) == []
    assert "commented on demand_plan product=TEA" in office.asked("history")


def test_it_stands_under_the_exhibit_of_its_table(office, monkeypatch):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda output, **_: shown.append(output))
    said = comments.open_comments(office.store, "shop", "2026-10")
    tables = {**office.plan, "comments": said}
    display(demand.consensus, tables)
    assert any("Comment 2 on product=TEA  market=town" in one["text/plain"] for one in shown)


def test_it_is_on_the_sheet_of_comments(office):
    sheet = load_workbook(office.pack())["Comments"]
    assert "Too high for October" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_it_is_carried_to_the_next_cycle_until_it_is_closed(office):
    carried = comments.open_comments(office.store, "shop", "2026-11")
    assert carried["comment"].tolist() == ["Too high for October"]
    assert comments.open_comments(office.store, "shop", "2026-09").empty
    office.asked("comment", *ON_TEA, "--text", "And November", "--author", "K. Holm")
    office.asked("comment", "--close", 3, "--author", "D. Evans", "--reason", "Answered")
    assert comments.open_comments(office.store, "shop", "2026-11")["number"].tolist() == [2]
    refused = office.asked(
        "comment", "--close", 3, "--author", "D. Evans", "--reason", "Again", code=1
    )
    assert "comment 3 is not open; open are 2" in refused


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("demand_plans", "--text", "x", "--author", "K"), "demand_plans is no table; did you mean demand_plan?"),
        (("demand_plan", "site=x", "--text", "x", "--author", "K"), "demand_plan has no key site"),
        (("demand_plan", "product=MILK", "--text", "x", "--author", "K"), "demand_plan has no row product=MILK"),
        (("demand_plan", "--text", "x"), "--author is empty"),
    ],
)  # fmt: skip
def test_what_is_not_there_cannot_be_commented_on(office, words, told):
    assert told in office.asked("comment", *words, code=1)
