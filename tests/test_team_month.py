"""A month with six contributors, in workbooks: collect, merge, correct, decide, approve, roll, plan again."""

import shutil

import pytest
from conftest import table
from openpyxl import load_workbook
from team import Office, fill_in, recalculated
from test_pack_return import changed
from test_roll import STOCK

from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.runner import planning_inputs
from sopkit.store import revisions

OCTOBER, NOVEMBER = "2026-10", "2026-11"
TEAM = """contributor,family,market,function,deadline_day,answers_by,reviewer
ana,,town,sales,6,product,D. Evans
ben,,coast,sales,6,product,D. Evans
mia,drinks,,marketing,6,,D. Evans
pat,food,,product,7,,D. Evans
cleo,,,finance,8,,D. Fischer
sam,,,supply,9,,P. Silva
"""
POLICY = """function,weight,author,reason
sales,0.5,D. Evans,Close to the customer
marketing,0.2,D. Evans,Knows the campaign
product,0.1,D. Evans,Knows the range
finance,0.2,D. Evans,Careful
"""
DECISIONS = table(
    "decisions",
    """
decision     question  options     recommendation  effect  owner  choice  gap  scenario  margin_effect  decision_level
decide-tea   Tea?      keep;dear   dear            more    Holm   -       -    -         -              executives
approve-plan Plan?     approve     approve         none    Boss   -       -    -         -              executives
""",
)
ANSWERS = {  # who: (product or family, month): units
    "ana": {("TEA", OCTOBER): 130, ("TEA", NOVEMBER): 140},
    "ben": {("RICE", OCTOBER): 80},
    "mia": {("drinks", NOVEMBER): 260},
    "pat": {("food", OCTOBER): 190},
    "cleo": {("drinks", OCTOBER): "=100+110"},
}


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """The month as far as the next cycle's plan; what each step said."""
    office, said = Office(tmp_path_factory.mktemp("month")), {}
    (office.place / "contributors.csv").write_text(TEAM)
    (office.place / "consensus_policy.csv").write_text(POLICY)
    (office.place / "inventory.csv").write_text("product,site,on_hand\nTEA,main,40\nRICE,main,40\n")
    said["collect"] = office.collect()
    forms = {
        name: fill_in(office.form(name), answers, author=name.capitalize())
        for name, answers in ANSWERS.items()
    }
    said["unsaved"] = office.typed("merge", forms["cleo"], code=1)
    if shutil.which("soffice"):
        forms["cleo"] = recalculated(forms["cleo"])
    else:
        fill_in(forms["cleo"], {("drinks", OCTOBER): 210}, author="Cleo")
    said["merge"] = office.typed("merge", *forms.values())
    said["inputs"] = office.typed("inputs", "--on", "2026-10-09")
    office.run(decisions=DECISIONS)
    pack = office.pack()
    changed(office, "Change production", ("TEA", "main", "Fixed"), 300, "Machine is free")
    changed(office, "Change demand", ("RICE", "town"), 120, "Consensus meeting")
    said["pack"] = office.typed("merge", pack, "--author", "Sam", "--function", "sales")
    said["plan"] = office.run(decisions=DECISIONS)
    office.asked("submit", "--author", "A. Novak", "--reason", "October round")
    returned = office.pack()
    book = load_workbook(returned)
    sheet = book["Decide"]
    heads = {cell.value: cell.column for cell in sheet[5]}
    row = next(row for row in sheet.iter_rows() if row[0].value == "decide-tea")[0].row
    sheet.cell(row, heads["Choice"]).value = "keep"
    sheet.cell(row, heads["Reason"]).value = "Not this year"
    book.save(returned)
    said["decide"] = office.typed("merge", returned, "--author", "B. Chen")
    hash_ = revisions.latest_revision(office.store, "shop", OCTOBER, "base").hash
    said["approve"] = office.asked("approve", hash_, "--author", "D. Evans", "--reason", "One plan")
    _export(office)
    words = (
        "--from",
        "sales_history=exports/{month}/sales.csv",
        "--from",
        "inventory=exports/{month}/stock.csv",
    )
    said["roll"] = office.plainly(
        "roll",
        NOVEMBER,
        "--company",
        "shop",
        "--workspace",
        office.place,
        "--store",
        office.store,
        *words,
    )
    return office, said


def _export(office):
    folder = office.home / "exports" / OCTOBER
    folder.mkdir(parents=True)
    rows = [
        f"{p};{m};10.2026;{u}"
        for p, m, u in (
            ("TEA", "town", 128),
            ("TEA", "coast", 100),
            ("RICE", "town", 118),
            ("RICE", "coast", 82),
        )
    ]
    (folder / "sales.csv").write_text("\n".join(["Artikel;Region;Monat;Menge", *rows]) + "\n")
    (folder / "stock.csv").write_text(STOCK)


def test_five_get_a_form_and_the_supply_planner_works_in_the_pack(month):
    _, said = month
    assert [line.split("/")[-1].split()[0] for line in said["collect"].splitlines()] == [
        "ana.xlsx", "ben.xlsx", "mia.xlsx", "pat.xlsx", "cleo.xlsx",
    ]  # fmt: skip


def test_an_unsaved_formula_is_refused_and_a_saved_one_is_its_value(month):
    office, said = month
    assert "holds a formula without its value" in said["unsaved"]
    rows = readers.read(office.place / "archive" / OCTOBER, ["demand_inputs"])["demand_inputs"]
    assert rows[rows["contributor"] == "cleo"]["quantity"].tolist() == [210]


def test_everybody_is_seen_to_have_answered(month):
    _, said = month
    words = [line.split() for line in said["inputs"].splitlines() if "2026-10-0" in line]
    states = {row[0]: row[3] for row in words if len(row) > 5 and row[0] != "row"}
    assert states == dict.fromkeys(("ana", "ben", "mia", "pat", "cleo"), "finished") | {
        "sam": "open"
    }


def test_the_plan_is_what_was_agreed(month):
    _, said = month
    plan = said["plan"]["demand_plan"].set_index(["product", "market", "period"])["consensus"]
    october = {key[:2]: value for key, value in plan.items() if str(key[2]) == OCTOBER}
    # 100 + 0.5 x 30 (ana) + 0.2 x (105 - 100) (cleo: half of 210)
    assert october["TEA", "town"] == pytest.approx(116)
    # 100 - 0.5 x 20 (ben) + 0.1 x (95 - 100) (pat: half of 190)
    assert october["RICE", "coast"] == pytest.approx(89.5)
    assert october["RICE", "town"] == pytest.approx(120)  # final
    made = said["plan"]["supply_plan"].query("product == 'TEA'").iloc[0]
    assert made["regular"] + made["overtime"] == pytest.approx(300)


def test_the_decision_of_the_workbook_is_approved_with_the_plan(month):
    _, said = month
    assert "decide-tea choice: - -> keep" in said["decide"]
    assert "is approved by D. Evans and locked" in said["approve"]


def test_the_next_month_begins_with_what_is_carried(month):
    office, said = month
    assert "1 entries of ana, not answered again" in said["roll"]
    assert "inputs of ben (ben): by 2026-11-06" in said["roll"]
    assert "is valid" in office.plainly("check", office.place, "--cycle", NOVEMBER)
    tables = planning_inputs.for_plan(office.place, office.store, "shop", NOVEMBER, "base")
    plan = replanning.replan(tables, NOVEMBER)
    carried = plan["disaggregated_inputs"].set_index(["contributor", "product", "market"])
    assert carried["carried"].all()
    assert carried.loc[("ana", "TEA", "town"), "quantity"] == 140
