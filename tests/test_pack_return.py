"""sop.xlsx comes back: changed yellow cells become final demand, fixed production and decisions."""

import shutil

import pytest
from conftest import table
from openpyxl import load_workbook
from team import Office

from sopkit.io import readers
from sopkit.store import approval, audit_log, revisions, status

OCTOBER, SIGNED = "2026-10", ("--author", "P. Silva", "--reason", "Meeting of 14 October")
DECISIONS = table(
    "decisions",
    """
decision     question  options     recommendation  effect  owner  choice  gap  scenario  margin_effect  decision_level
decide-tea   Tea?      keep;dear   dear            more    Holm   -       -    -         -              executives
""",
)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"))
    office.run(decisions=DECISIONS)
    office.pack()
    return office


@pytest.fixture
def office(planned, tmp_path):
    """A copy of the office in which October is planned."""
    return planned.copied(tmp_path / "office")


def yellow(book, sheet, *names, month=OCTOBER):
    """The cell of a row and month, found as a person finds it."""
    sheet = book[sheet]
    heads = {
        f"{cell.value:%Y-%m}": cell.column for cell in sheet[5] if hasattr(cell.value, "strftime")
    }
    row = next(
        row
        for row in sheet.iter_rows()
        if [cell.value for cell in row[: len(names)]] == list(names)
    )
    return sheet.cell(row[0].row, heads[month])


def changed(office, sheet, names, value, reason="Shop opens", name="sop.xlsx", month=OCTOBER):
    path = office.home / name
    book = load_workbook(path)
    cell = yellow(book, sheet, *names, month=month)
    cell.value = value
    heads = {c.value: c.column for c in book[sheet][5]}
    book[sheet].cell(cell.row, heads["Reason"]).value = reason
    book.save(path)
    return path


def files_of(office):
    return {path.name: path.read_bytes() for path in office.place.iterdir()}


def test_a_round_trip_without_changes_changes_nothing(office):
    before = files_of(office)
    path = office.home / "sop.xlsx"
    load_workbook(path).save(path)  # opened and saved by another program
    said = office.typed("merge", path)
    assert "0 changed cells" in said
    assert files_of(office) == before


def test_a_changed_consensus_is_final_and_listed_with_old_new_and_place(office):
    path = changed(office, "Change demand", ("TEA", "town"), 250)
    said = office.typed("merge", path, *SIGNED, "--function", "sales")
    assert "1 changed cell" in said
    assert "TEA town quantity 2026-10: 100 -> 250 (sop.xlsx sheet Change demand cell C9)" in said
    row = readers.read(office.place)["demand_inputs"].iloc[0]
    assert (row["author"], row["reason"], row["source_file"], bool(row["is_final"])) == (
        "P. Silva", "Shop opens", "sop.xlsx", True,
    )  # fmt: skip
    office.place.joinpath("consensus_policy.csv").write_text(
        "function,weight,author,reason\nsales,0.1,D. Evans,Careful\n"
    )
    plan = office.leading_to("demand_plan")["demand_plan"]
    cell = plan[(plan["product"] == "TEA") & (plan["market"] == "town")].iloc[0]
    assert cell["consensus"] == pytest.approx(250)  # not a tenth of the way
    before = files_of(office)
    office.typed("merge", path, *SIGNED)
    assert files_of(office) == before


def test_changed_production_is_fixed_by_the_planner_and_its_cost_is_shown(office):
    path = changed(office, "Change production", ("TEA", "main", "Fixed"), 300)
    said = office.typed("merge", path, *SIGNED)
    assert "production TEA main fixed quantity 2026-10: - -> 300" in said
    row = readers.read(office.place)["plan_overrides"].iloc[0]
    assert (row["kind"], row["item"], row["site"], str(row["period"]), row["fixed"]) == (
        "production", "TEA", "main", OCTOBER, 300,
    )  # fmt: skip
    assert "0 changed cells" in office.typed("merge", path, *SIGNED)
    plan = office.run()
    made = plan["supply_plan"].query("product == 'TEA'").iloc[0]
    assert (str(made["period"]), made["regular"] + made["overtime"]) == (OCTOBER, 300)
    sheet = load_workbook(office.pack())["Change production"]
    assert yellow(sheet.parent, "Change production", "TEA", "main", "Fixed").value == 300
    assert yellow(sheet.parent, "Change production", "TEA", "main", "Plan").value == 300
    cost = plan["override_costs"].set_index("item")["cost"]["TEA"]
    assert cost > 0
    heads = {c.value: c.column for c in sheet[5]}
    row = yellow(sheet.parent, "Change production", "TEA", "main", "Plan").row
    assert sheet.cell(row, heads["Their cost"]).value == pytest.approx(cost)


RESOURCES = """resource,site,opening_workers,regular_wage,overtime_wage,hire_cost,layoff_cost
LINE,main,4,20,30,500,500
"""
ROUTINGS = "product,resource,hours_per_unit\nTEA,LINE,1\n"
SOURCES = "item,supplier,lead_time_days,unit_cost,priority\nRICE,Paddy,0,1,1\n"
COSTS = """product,effective_from,price,material_cost,holding_cost,backlog_cost
TEA,2026-01,9,1,0.1,1
RICE,2026-01,9,1,0.1,1
"""


@pytest.fixture(scope="module")
def made(planned, tmp_path_factory):
    """A shop that makes tea with a crew of four and buys rice, planned."""
    office = planned.copied(tmp_path_factory.mktemp("maker") / "office")
    tables = {"resources": RESOURCES, "routings": ROUTINGS, "sources": SOURCES, "item_costs": COSTS}
    for name, text in tables.items():
        (office.place / f"{name}.csv").write_text(text)
    office.run(decisions=DECISIONS)
    office.pack()
    return office


@pytest.fixture
def maker(made, tmp_path):
    """A copy of the office of the shop that makes and buys."""
    return made.copied(tmp_path / "office")


def overrides(office):
    rows = readers.read(office.place)["plan_overrides"]
    columns = ["kind", "item", "site", "period", "fixed", "least", "most"]
    return [" ".join(map(str, row)) for row in rows[columns].to_numpy().tolist()]


def test_purchases_and_crews_come_back_beside_the_plan_s_numbers(maker):
    book = load_workbook(maker.home / "sop.xlsx")
    assert yellow(book, "Change purchases", "RICE", "main", "Plan").value > 0
    assert not any(row[0].value == "TEA" for row in book["Change purchases"].iter_rows())
    assert yellow(book, "Change crews", "LINE", "Plan").value > 0
    changed(maker, "Change purchases", ("RICE", "main", "At least"), 500)
    changed(maker, "Change purchases", ("RICE", "main", "At most"), 600)
    path = changed(maker, "Change crews", ("LINE", "Fixed"), 7)
    maker.typed("merge", path, *SIGNED)
    assert overrides(maker) == [
        "purchases RICE main 2026-10 nan 500.0 600.0",
        "workers LINE nan 2026-10 7.0 nan nan",
    ]
    plan = maker.run()
    bought = plan["supply_plan"].query("product == 'RICE'").iloc[0]
    assert bought["purchased"] + bought["subcontract"] == pytest.approx(500)
    assert plan["workforce_plan"]["workers"].iloc[0] == pytest.approx(7)
    assert set(plan["override_costs"]["kind"]) == {"purchases", "workers"}
    book = load_workbook(maker.pack())
    assert yellow(book, "Change crews", "LINE", "Fixed").value == 7
    assert yellow(book, "Change purchases", "RICE", "main", "At least").value == 500


def test_a_month_is_fixed_or_limited_and_its_limits_agree(maker):
    changed(maker, "Change crews", ("LINE", "Fixed"), 7)
    path = changed(maker, "Change crews", ("LINE", "At least"), 5)
    said = maker.typed("merge", path, *SIGNED, code=1)
    assert (
        "sop.xlsx sheet Change crews cell C7: the month is fixed at 7 and has a limit. Clear one of "
        "them." in said
    )
    changed(maker, "Change crews", ("LINE", "Fixed"), None)
    path = changed(maker, "Change crews", ("LINE", "At most"), 4)
    said = maker.typed("merge", path, *SIGNED, code=1)
    assert "sop.xlsx sheet Change crews cell C8: at least 5 is more than at most 4. Correct" in said


def test_a_number_that_the_planner_holds_is_changed_by_a_later_version(maker):
    maker.typed("merge", changed(maker, "Change crews", ("LINE", "Fixed"), 7), *SIGNED)
    maker.run()
    maker.pack()
    path = changed(maker, "Change crews", ("LINE", "Fixed"), 8, reason="One more trained")
    said = maker.typed("merge", path, *SIGNED)
    assert "workers LINE fixed quantity 2026-10: 7 -> 8 (sop.xlsx sheet Change crews cell C7)" in (
        said
    )
    rows = readers.read(maker.place)["plan_overrides"]
    assert rows[["version", "fixed", "author", "reason", "source_file"]].to_numpy().tolist() == [
        [1, 7, "P. Silva", "Shop opens", "sop.xlsx"],
        [2, 8, "P. Silva", "One more trained", "sop.xlsx"],
    ]
    assert maker.leading_to("workforce_plan")["workforce_plan"]["workers"].iloc[0] == pytest.approx(
        8
    )
    before = files_of(maker)
    assert "0 changed cells" in maker.typed("merge", path, *SIGNED)
    assert files_of(maker) == before


def test_a_cleared_number_is_withdrawn_and_one_limit_of_two_alone(maker):
    maker.typed("merge", changed(maker, "Change crews", ("LINE", "Fixed"), 7), *SIGNED)
    changed(maker, "Change purchases", ("RICE", "main", "At least"), 500)
    path = changed(maker, "Change purchases", ("RICE", "main", "At most"), 600)
    maker.typed("merge", path, *SIGNED)
    free = maker.run()["workforce_plan"]["workers"].iloc[0]
    assert free == pytest.approx(7)
    maker.pack()
    changed(maker, "Change crews", ("LINE", "Fixed"), None, reason="No longer needed")
    path = changed(maker, "Change purchases", ("RICE", "main", "At least"), None)
    said = maker.typed("merge", path, *SIGNED)
    assert "workers LINE fixed quantity 2026-10: 7 -> -" in said
    rows = readers.read(maker.place)["plan_overrides"]
    last = rows.groupby("item").tail(1).set_index("item")
    assert last.loc["LINE", ["version", "input_status", "reason"]].tolist() == [
        2, "withdrawn", "No longer needed",
    ]  # fmt: skip
    assert last.loc["RICE", ["least", "most"]].isna().tolist() == [True, False]
    plan = maker.run()
    assert plan["override_costs"][["kind", "item"]].to_numpy().tolist() == [["purchases", "RICE"]]
    book = load_workbook(maker.pack())
    assert yellow(book, "Change crews", "LINE", "Fixed").value is None
    assert yellow(book, "Change purchases", "RICE", "main", "At most").value == 600


def test_a_number_changed_on_both_sides_stays(maker):
    maker.typed("merge", changed(maker, "Change crews", ("LINE", "Fixed"), 7), *SIGNED)
    path = changed(maker, "Change crews", ("LINE", "Fixed"), 9)  # still made without the 7
    said = maker.typed("merge", path, *SIGNED)
    assert (
        "CONFLICT sop.xlsx sheet Change crews cell C7: the pack was made with - and says 9, "
        "plan_overrides now holds 7, which stays. Change it in the latest pack (`sopkit run`, then "
        "`sopkit export sop`)." in said
    )
    assert overrides(maker) == ["workers LINE nan 2026-10 7.0 nan nan"]


def test_numbers_for_a_family_or_all_sites_are_shown_and_changed_too(office):
    (office.place / "plan_overrides.csv").write_text(
        "kind,item,site,period,author,reason,fixed,least\n"
        "production,drinks,,2026-10,P. Silva,Room,,150\n"
        "production,RICE,,2026-10,P. Silva,Machine,300,\n"
    )
    office.run(decisions=DECISIONS)
    book = load_workbook(office.pack())
    assert yellow(book, "Change production", "drinks", "all sites", "At least").value == 150
    assert yellow(book, "Change production", "RICE", "all sites", "Plan").value == 300
    path = changed(office, "Change production", ("drinks", "all sites", "At least"), 160)
    changed(office, "Change production", ("RICE", "all sites", "Fixed"), None)
    office.typed("merge", path, *SIGNED)
    rows = readers.read(office.place)["plan_overrides"].fillna({"version": 1})
    assert rows[["item", "version", "fixed", "least"]].fillna(0).to_numpy().tolist() == [
        ["drinks", 1, 0, 150], ["RICE", 1, 300, 0], ["RICE", 2, 300, 0], ["drinks", 2, 0, 160],
    ]  # fmt: skip
    assert rows["input_status"].tolist()[2:] == ["withdrawn", "answered"]


def test_a_choice_becomes_a_decision_of_the_submitted_plan(office):
    path = office.home / "sop.xlsx"
    book = load_workbook(path)
    sheet = book["Decide"]
    heads = {cell.value: cell.column for cell in sheet[5]}
    sheet.cell(6, heads["Choice"]).value = "keep"
    sheet.cell(6, heads["Reason"]).value = "Not before spring"
    book.save(path)
    refused = office.typed("merge", path, *SIGNED, code=1)
    assert "submit" in refused
    plan = status.plan_of("shop", OCTOBER, "base")
    approval.submit(office.store, plan, audit_log.Author("A. Novak", "round"))
    assert "decide-tea choice: - -> keep" in office.typed("merge", path, *SIGNED)
    assert "keep the plan" in office.asked("history")


@pytest.mark.parametrize(
    ("value", "reason", "signed", "told"),
    [
        (-1.0, "Shop opens", SIGNED, "holds -1. Enter units, 0 or more."),
        ("many", "Shop opens", SIGNED, "holds 'many', which is not a number"),
        (None, "Shop opens", SIGNED, "is empty. Enter a value, or 100 as it was."),
        (120, None, ("--author", "P. Silva"), "is changed without a reason"),
        (120, "Shop opens", (), "is changed, but nobody signs it. Give --author."),
    ],
)
def test_what_is_wrong_is_named_by_sheet_and_cell(office, value, reason, signed, told):
    path = changed(office, "Change demand", ("TEA", "town"), value, reason)
    before = files_of(office)
    assert told in office.typed("merge", path, *signed, code=1)
    assert files_of(office) == before


def test_a_pack_of_an_old_revision_is_merged_cell_by_cell(office):
    first = changed(office, "Change demand", ("TEA", "town"), 250)
    old = shutil.copy(first, office.home / "old.xlsx")
    office.typed("merge", first, *SIGNED)
    office.run()  # revision 2 has the 250
    path = changed(office, "Change demand", ("TEA", "town"), 300, name="old.xlsx")
    changed(office, "Change demand", ("RICE", "town"), 90, name="old.xlsx")
    said = office.typed("merge", path, *SIGNED)
    assert (
        "the pack was made with 100 and says 300, the latest revision has 250, which stays" in said
    )
    kept = readers.read(office.place)["demand_inputs"]
    assert kept[["product", "quantity"]].to_numpy().tolist() == [["TEA", 250], ["RICE", 90]]
    assert old


def test_moved_rows_columns_and_sheets_are_found_and_lost_ones_refused(office):
    path = changed(office, "Change demand", ("TEA", "town"), 250)
    book = load_workbook(path)
    sheet = book["Change demand"]
    sheet.insert_rows(2, 2)
    sheet.insert_cols(2)
    sheet.title = "Ours"
    book.move_sheet("Ours", -3)
    book.save(path)
    office.typed("merge", path, *SIGNED)
    assert readers.read(office.place)["demand_inputs"]["quantity"].tolist() == [250]
    sheet.delete_rows(9)
    book.save(path)
    assert "cells of the form are missing" in office.typed("merge", path, *SIGNED, code=1)


def test_a_pack_of_another_cycle_is_refused_by_name(office):
    said = office.typed("merge", office.pack(), *SIGNED, cycle="2026-11", code=1)
    assert "2026-11 has no revision" in said
    assert revisions.latest_revision(office.store, "shop", OCTOBER, "base").number == 1
