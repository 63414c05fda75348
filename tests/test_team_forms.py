"""Forms go out, answers come in: prefilled, checked cell by cell, merged with what changed meanwhile."""

import itertools
import shutil

import pytest
from openpyxl import load_workbook
from team import Office, answer_cell, fill_in, recalculated

from sopkit.io import readers
from sopkit.master_data.versions import latest

OCTOBER, NOVEMBER = "2026-10", "2026-11"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """An office whose forms are out."""
    made = Office(tmp_path_factory.mktemp("asked"))
    made.collect()
    return made


@pytest.fixture
def office(asked, tmp_path):
    return asked.copied(tmp_path / "office")


def inputs_of(office):
    return readers.read(office.place).get("demand_inputs")


def held(office):
    """What is in force, as text."""
    rows = latest("demand_inputs", inputs_of(office)).reset_index()
    columns = ["contributor", "family", "product", "market", "period", "quantity"]
    return [" ".join(row) for row in rows[columns].fillna("-").astype("str").to_numpy().tolist()]


def files_of(office):
    return {path.name: path.read_bytes() for path in office.place.iterdir()}


def test_a_form_is_prefilled_and_only_its_answers_are_open(office):
    assert "ana.xlsx (answer by 2026-10-06)" in office.collect()
    sheet = load_workbook(office.form("ana"))["Demand"]
    assert sheet.protection.sheet
    cell = answer_cell(sheet, "TEA", OCTOBER)
    above = {
        sheet.cell(cell.row - n, 5).value: sheet.cell(cell.row - n, cell.column).value
        for n in range(1, 6)
    }
    assert above["Sales, same month last year"] == 100
    assert above["Forecast before inputs"] == pytest.approx(100)
    assert (cell.value, above["Your last input"]) == (None, None)
    later = answer_cell(sheet, "TEA", "2027-11")  # its month a year before is not over
    assert sheet.cell(later.row - 5, later.column).value is None
    assert sheet.cell(later.row - 5, 5).value == "Sales, same month last year"
    unlocked = {c.row for row in sheet.iter_rows() for c in row if not c.protection.locked}
    answers = {answer_cell(sheet, item, OCTOBER).row for item in ("TEA", "RICE")}
    assert unlocked == answers | {row + 1 for row in answers}  # in units, or otherwise
    assert sheet.row_dimensions[4].hidden
    assert sheet.column_dimensions["A"].hidden
    told = {c.value for row in sheet.iter_rows() for c in row}
    assert {"all markets"} & told == set()  # ana answers for the town
    cleo = load_workbook(office.form("cleo"))["Demand"]
    assert "all markets" in {c.value for row in cleo.iter_rows() for c in row}


def test_answers_are_kept_with_author_time_file_reason_and_comment(office):
    form = fill_in(
        office.form("ana"),
        {("TEA", OCTOBER): 130, ("TEA", NOVEMBER): 140.5},
        author="A. Costa",
        comment="From May on",
    )
    said = office.typed("merge", form)
    assert "ana (finished): 2 changed" in said
    assert "TEA town 2026-10: - -> 130" in said
    row = inputs_of(office).iloc[0]
    assert (row["author"], row["source_file"], row["reason"], row["comment"]) == (
        "A. Costa", "ana.xlsx", "New shop", "From May on",
    )  # fmt: skip
    assert str(row["cycle"]) == OCTOBER
    assert row["submitted_at"].endswith("Z")
    assert held(office) == ["ana - TEA town 2026-10 130.0", "ana - TEA town 2026-11 140.5"]


def test_a_form_without_changes_and_a_form_merged_twice_change_nothing(office):
    office.typed("merge", office.form("cleo"))
    assert inputs_of(office) is None
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    office.typed("merge", form)
    before = files_of(office)
    assert "0 changed" in office.typed("merge", form)
    assert files_of(office) == before


def test_a_later_answer_is_a_new_version_and_a_cleared_cell_withdraws(office):
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 130}))
    office.collect()
    sheet = load_workbook(office.form("ana"))["Demand"]
    assert answer_cell(sheet, "TEA", OCTOBER).value == 130
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 150}))
    assert held(office) == ["ana - TEA town 2026-10 150.0"]
    office.collect()
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): None}))
    assert held(office) == []
    assert inputs_of(office)["version"].tolist() == [1, 2, 3]  # nothing is deleted


def test_only_cells_changed_on_both_sides_conflict_and_the_old_value_stays(office):
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 130}))
    late = office.form("ana").rename(office.forms / "ana-late.xlsx")  # made before the 130
    office.collect()
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 120}))
    fill_in(late, {("TEA", OCTOBER): 160, ("RICE", OCTOBER): 90})
    said = office.typed("merge", late)
    assert "CONFLICT ana-late.xlsx sheet Demand cell F" in said
    assert "made with - and says 160, the table now holds 120, which stays" in said
    assert held(office) == ["ana - TEA town 2026-10 120.0", "ana - RICE town 2026-10 90.0"]
    office.typed("merge", late, "--conflicts", "form")
    assert "ana - TEA town 2026-10 160.0" in held(office)


def test_moved_sheets_rows_and_columns_are_found_by_their_keys(office):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    book = load_workbook(form)
    sheet = book["Demand"]
    sheet.insert_rows(6, 3)
    sheet.insert_rows(1)
    sheet.insert_cols(6)
    sheet.insert_cols(1, 2)
    sheet.title = "Mine"
    book.move_sheet("Mine", -1)
    book.save(form)
    office.typed("merge", form)
    assert held(office) == ["ana - TEA town 2026-10 130.0"]


def _edited(office, change, form="ana"):
    """What is said of a form that somebody changed; nothing of it is kept."""
    path = office.form(form)
    fill_in(path, {("TEA" if form == "ana" else "drinks", OCTOBER): 130})
    book = load_workbook(path)
    change(book)
    book.save(path)
    before = files_of(office)
    said = office.typed(
        "merge", fill_in(office.form("cleo"), {("food", OCTOBER): 210}), path, code=1
    )
    assert files_of(office) == before
    return said


def _put(value):
    def change(book):
        answer_cell(book["Demand"], "TEA", NOVEMBER).value = value

    return change


def _without_reason(book):
    cell = answer_cell(book["Demand"], "TEA", OCTOBER)
    book["Demand"].cell(cell.row, book["Demand"].max_column).value = None


def _row_gone(book):
    sheet = book["Demand"]
    sheet.delete_rows(answer_cell(sheet, "TEA", OCTOBER).row)


def _row_twice(book):
    sheet = book["Demand"]
    row = answer_cell(sheet, "TEA", OCTOBER).row
    for column in range(1, sheet.max_column + 1):
        sheet.cell(sheet.max_row + (column == 1), column).value = sheet.cell(row, column).value


def _hidden_sheet(book):
    for row in book["sopkit"].iter_rows():
        if row[0].value == "company":
            row[1].value = "market-hall"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_put("many"), "ana.xlsx: ana.xlsx sheet Demand cell G21 holds 'many', which is not a number. Enter a number, or clear it."),
        (_put("=1+"), "sheet Demand cell G21 holds a formula without its value. Open the file in Excel, save it, and try again."),
        (_put(-5), "sheet Demand cell G21 holds -5. Enter units, 0 or more, or clear it."),
        (_put(True), "cell G21 holds 'True', which is not a number"),
        (_without_reason, "cell F21 is changed without a reason. Enter it in ana.xlsx sheet Demand cell"),
        (_row_gone, "20 cells of the form are missing: quantity 2026-10 of TEA, town; quantity 2026-11 of TEA, town"),
        (_row_gone, "Put the row or column back, or start from the form again."),
        (_row_twice, "are the same cell. Keep one of the rows."),
        (_hidden_sheet, "ana.xlsx: has a hidden sheet that was changed, so that answers could be lost. Start from the form again."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_sheet_and_cell_and_nothing_is_kept(office, change, told):
    assert told in _edited(office, change)


# --------------------------------------------------------------------------------------------------
# answers that are no units


PRICES = """product,effective_from,price,material_cost,holding_cost,backlog_cost
TEA,2026-01,4,1,0.1,1
RICE,2026-01,2,1,0.1,1
"""


def otherwise(office, answers, way, form="ana", reason="New shop", shape=None):
    """Answer in the row below the units."""
    path = office.form(form)
    book = load_workbook(path)
    sheet = book["Demand"]
    for (item, month), value in answers.items():
        units = answer_cell(sheet, item, month)
        sheet.cell(units.row + 1, 5).value = way
        cell = sheet.cell(units.row + 1, units.column)
        cell.value = value
        cell.number_format = shape or cell.number_format
        sheet.cell(units.row, sheet.max_column).value = reason
    book.save(path)
    return path


def priced(office):
    (office.place / "item_costs.csv").write_text(PRICES)
    office.collect()
    return office


@pytest.mark.parametrize(
    ("way", "typed", "units", "told"),
    [
        ("% vs. last year", 5, 105, "+5 % vs. last year 100"),
        ("% vs. forecast", -20, 80, "-20 % vs. forecast 100"),
        ("units vs. last year", -30, 70, "-30 units vs. last year 100"),
        ("money", 500, 125, "500 in money, at a price of 4"),
    ],
)
def test_an_answer_may_be_a_change_a_percentage_or_money(office, way, typed, units, told):
    form = otherwise(priced(office), {("TEA", OCTOBER): typed}, way)
    said = office.typed("merge", form)
    assert f"TEA town 2026-10: - -> {units} ({told})" in said
    row = latest("demand_inputs", inputs_of(office)).iloc[0]
    assert (row["quantity"], row["answered_as"]) == (pytest.approx(units), told)
    assert "0 changed" in office.typed("merge", form)
    office.collect()  # the next form has it in units
    assert answer_cell(load_workbook(office.form("ana"))["Demand"], "TEA", OCTOBER).value == (
        pytest.approx(units)
    )


def test_a_family_is_answered_in_money_at_the_mean_price_of_its_forecast(office):
    (office.place / "products.csv").write_text(
        "product,family,unit_of_measure\nTEA,goods,box\nRICE,goods,box\n"
    )
    form = otherwise(priced(office), {("goods", OCTOBER): 1500}, "money", form="cleo")
    office.typed("merge", form)  # 200 TEA at 4 and 200 RICE at 2: 3 a unit
    assert held(office) == ["cleo goods - - 2026-10 500.0"]


@pytest.mark.parametrize(
    ("way", "typed", "told"),
    [
        ("% vs. last cycle", 5, "ana.xlsx sheet Demand cell F22 is a change of last cycle, which is not known for TEA, town in this month. Choose another line in ana.xlsx sheet Demand cell E22, or enter units."),
        ("% vs. forecast", 0.05, "cell F22 holds 0.05, which may mean a share or less than 1 %. Enter 5 for 5 %; for less than 1 % enter units."),
        ("% vs. forecast", -150, "cell F22 holds -150 (% vs. forecast), which gives -50 units. Enter what leaves 0 units or more, or clear it."),
        ("money", 100, "cell F22 is money, but TEA, town has no price. Enter units; or add the price to item_costs and send a new form (`sopkit collect`)."),
        ("litres", 100, "cell E22 holds 'litres'. Choose one of % vs. forecast, % vs. last year, % vs. last cycle, units vs. forecast"),
        ("money", "some", "cell F22 holds 'some', which is not a number. Enter a number, or clear it."),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_named_by_cell_and_nothing_is_kept(office, way, typed, told):
    before = files_of(office)
    said = office.typed("merge", otherwise(office, {("TEA", OCTOBER): typed}, way), code=1)
    assert told in said
    assert files_of(office) == before


def test_an_answer_is_given_once_with_a_reason_and_never_as_a_percentage_of_excel(office):
    fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    form = otherwise(office, {("TEA", OCTOBER): 10}, "% vs. forecast")
    said = office.typed("merge", form, code=1)
    assert "cell F22 and ana.xlsx sheet Demand cell F21 both answer. Clear one of them." in said
    office.collect()
    form = otherwise(office, {("TEA", OCTOBER): 10}, "% vs. forecast", reason=None)
    assert "cell F22 is changed without a reason. Enter it in ana.xlsx sheet Demand cell Z21." in (
        office.typed("merge", form, code=1)
    )
    form = otherwise(office, {("TEA", OCTOBER): 1.5}, "% vs. forecast", shape="0%")
    assert "cell F22 holds 1.5, which may mean a share" in office.typed("merge", form, code=1)


def test_an_answer_for_a_family_is_split_by_the_rule_of_its_contributor(office):
    products = "product,family,unit_of_measure\nTEA,goods,box\nRICE,goods,box\n"
    (office.place / "products.csv").write_text(products)
    people = "contributor,function,deadline_day,split_rule\ncleo,finance,8,given_mix\n"
    (office.place / "contributors.csv").write_text(people)
    office.collect()
    form = fill_in(office.form("cleo"), {("goods", OCTOBER): 400})
    said = office.typed("merge", form, code=1)
    assert "product_mix has no share of RICE, TEA" in said
    mix = "product,mix_ratio,author,reason\nTEA,3,C. Levi,Order book\nRICE,1,C. Levi,Order book\n"
    (office.place / "product_mix.csv").write_text(mix)
    office.typed("merge", form)
    assert latest("demand_inputs", inputs_of(office))["split_rule"].tolist() == ["given_mix"]
    parts = office.leading_to("disaggregated_inputs")["disaggregated_inputs"]
    parts = parts.groupby("product")["quantity"].sum()
    assert parts.to_dict() == {"RICE": 100, "TEA": 300}


def test_a_group_is_answered_as_a_whole_in_a_group_of_markets_and_split_below(office):
    groups = "member,product_group\ndrinks,groceries\nfood,groceries\n"
    (office.place / "product_groups.csv").write_text(groups)
    (office.place / "market_groups.csv").write_text("member,market_group\ntown,home\ncoast,home\n")
    people = "contributor,family,market,function,deadline_day,answers_by\n"
    people += "dora,groceries,home,sales,6,group\neve,,,sales,6,group\nfay,groceries,home,sales,6,product\n"
    (office.place / "contributors.csv").write_text(people)
    office.collect()
    office.typed("merge", fill_in(office.form("dora"), {("groceries", OCTOBER): 600}))
    assert held(office) == ["dora groceries - home 2026-10 600.0"]
    parts = office.leading_to("disaggregated_inputs")["disaggregated_inputs"]
    parts = parts.set_index(["product", "market"])["quantity"]
    assert parts.to_dict() == dict.fromkeys(
        itertools.product(["TEA", "RICE"], ["town", "coast"]), 150
    )
    # who names no group answers for the highest ones; below a group, products are answered
    office.typed("merge", fill_in(office.form("eve"), {("groceries", OCTOBER): 500}))
    office.typed("merge", fill_in(office.form("fay"), {("TEA", OCTOBER): 210}))
    assert held(office)[1:] == ["eve groceries - - 2026-10 500.0", "fay - TEA home 2026-10 210.0"]


def test_an_answer_outside_the_scopes_group_is_refused(office):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    (office.place / "product_groups.csv").write_text("member,product_group\nfood,dry\n")
    path = office.place / "contributors.csv"
    path.write_text(path.read_text().replace("ana,,town", "ana,dry,town"))
    said = office.typed("merge", form, code=1)
    assert "TEA, town is outside the scope of ana in contributors. Widen the scope there" in said


def test_an_entry_that_moves_with_its_reference_is_shown_in_units_and_may_be_answered_anew(office):
    (office.place / "demand_inputs.csv").write_text(
        "function,product,market,period,contributor,change_ratio,author,reason,submitted_on\n"
        "sales,TEA,town,2026-10,ana,0.1,A. Costa,New shop,2026-10-01\n"
    )
    office.collect()
    sheet = load_workbook(office.form("ana"))["Demand"]
    cell = answer_cell(sheet, "TEA", OCTOBER)
    assert (cell.value, sheet.cell(cell.row - 2, cell.column).value) == (None, pytest.approx(110))
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 130}))
    assert held(office) == ["ana - TEA town 2026-10 130.0"]


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_the_form_shows_an_answer_in_units_and_in_money(office):
    form = otherwise(priced(office), {("TEA", OCTOBER): 5}, "% vs. last year")
    otherwise(office, {("RICE", OCTOBER): 500}, "money")
    sheet = load_workbook(recalculated(form), data_only=True)["Demand"]
    for item, worth in (("TEA", [105, 420]), ("RICE", [250, 500])):
        units = answer_cell(sheet, item, OCTOBER)
        shown = [sheet.cell(units.row + n, units.column).value for n in (2, 3)]
        assert shown == pytest.approx(worth)


def test_a_form_of_another_company_cycle_or_later_revision_is_refused_by_name(office):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    said = office.typed("merge", form, cycle=NOVEMBER, code=1)
    assert (
        "ana.xlsx: is a form of cycle 2026-10, not of 2026-11. Merge it there with --cycle 2026-10"
        in said
    )
    office.collect(company="market-hall")
    said = office.typed("merge", form, code=1)
    assert (
        "ana.xlsx: is a form of company market-hall, not of shop. Merge it there with --company "
        "market-hall" in said
    )
    office.run()
    office.collect()
    office.store = office.store.replace("plans", "others")
    said = office.typed("merge", form, code=1)
    assert "was made from revision 1, which this store does not hold (its latest is 0)" in said


def test_a_row_outside_the_contributors_scope_is_refused(office):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    path = office.place / "contributors.csv"
    path.write_text(path.read_text().replace("ana,,town", "ana,food,town"))
    said = office.typed("merge", form, code=1)
    assert "TEA, town is outside the scope of ana in contributors. Widen the scope there" in said
    assert inputs_of(office) is None


def test_a_file_that_is_no_form_is_refused(office, tmp_path):
    book = load_workbook(office.form("ana"))
    del book["sopkit"]
    book.save(tmp_path / "plain.xlsx")
    said = office.typed("merge", tmp_path / "plain.xlsx", code=1)
    assert "plain.xlsx: was not made by sopkit, or its hidden sheet is gone" in said


def test_an_answer_below_what_the_same_person_said_in_detail_is_refused(office):
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 130}))
    path = office.place / "contributors.csv"
    path.write_text(
        path.read_text().replace("ana,,town,sales,6,product", "ana,,town,sales,6,family")
    )
    office.collect()
    before = files_of(office)
    form = fill_in(office.form("ana"), {("drinks", OCTOBER): 90})
    said = office.typed("merge", form, code=1)
    assert (
        "90 units for drinks in town in 2026-10 are less than the 130 that its lower entries add up to"
        in said
    )
    assert files_of(office) == before


def test_who_has_answered_who_is_late_and_what_it_changes(office):
    office.typed("merge", fill_in(office.form("ana"), {("TEA", OCTOBER): 130}))
    office.typed("merge", fill_in(office.form("cleo"), {("food", NOVEMBER): 180}, status="open"))
    said = office.typed("inputs", "--on", "2026-10-07")
    lines = {line.split()[0]: line.split() for line in said.splitlines()[1:]}
    assert lines["ana"][1:7] == ["sales", "2026-10-06", "finished", "1", "0", "+30"]
    assert lines["ben"][1:6] == ["sales", "2026-10-06", "late", "0", "0"]
    assert lines["cleo"][1:7] == ["finance", "2026-10-08", "open", "1", "0", "-20"]
    assert "Late: ben." in said
