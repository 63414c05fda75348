"""Finance answers prices, unit costs and the budget in its form: prefilled, kept by versions."""

import shutil

import pytest
from openpyxl import load_workbook
from team import Office, fill_in, recalculated

from sopkit.io import readers
from sopkit.master_data.versions import latest

OCTOBER, NOVEMBER, JANUARY = "2026-10", "2026-11", "2027-01"
COSTS = """product,market,effective_from,price,material_cost,holding_cost,backlog_cost
TEA,,2026-01,4,1,0.1,1
TEA,,2027-01,4.5,1,0.1,1
TEA,town,2026-01,4.2,,,
RICE,,2026-01,2,1,0.1,1
"""
BUDGET = """family,period,quantity,revenue,margin
drinks,2026-10,200,800,600
drinks,2026-11,200,800,600
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """An office whose forms are out."""
    made = Office(tmp_path_factory.mktemp("asked"))
    (made.place / "item_costs.csv").write_text(COSTS)
    (made.place / "budget.csv").write_text(BUDGET)
    made.collect()
    return made


@pytest.fixture
def office(asked, tmp_path):
    return asked.copied(tmp_path / "office")


def number_cell(book, sheet, item, number, month, market=None):
    """Where a number of a month stands, found as a person finds it."""
    sheet = book[sheet]
    heads = {
        f"{cell.value:%Y-%m}": cell.column for cell in sheet[5] if hasattr(cell.value, "strftime")
    }
    for row in sheet.iter_rows():
        names = [cell.value or None for cell in row[1:4]]
        if names == [item, market, number]:
            return sheet.cell(row[0].row, heads[month])
    raise AssertionError(f"no {number} of {item}")


def answer(office, *answers, form="cleo", reason="Board of 2 October"):
    """Open the form in Excel's stead and type numbers: (sheet, item, number, month[, market],
    value)."""
    path = office.form(form)
    fill_in(path, {}, author="C. Levi")
    book = load_workbook(path)
    for *where, value in answers:
        cell = number_cell(book, *where)
        cell.value = value
        cell.parent.cell(cell.row, cell.parent.max_column).value = reason
    book.save(path)
    return path


def price(month, value, item="TEA", market="all markets"):
    return ("Prices", item, "Price", month, market, value)


def held(office, name, *columns):
    rows = latest(name, readers.read(office.place)[name])
    return [" ".join(map(str, row)) for row in rows[list(columns)].to_numpy().tolist()]


def prices(office, *where):
    return held(office, "item_costs", "product", "market", "effective_from", "price")


def files_of(office):
    return {path.name: path.read_bytes() for path in office.place.iterdir()}


# --------------------------------------------------------------------------------------------------
# the form


def test_finance_alone_is_asked_and_each_number_stands_in_the_month_in_which_it_begins(office):
    assert "Prices" not in load_workbook(office.form("ana")).sheetnames
    book = load_workbook(office.form("cleo"))
    assert book.sheetnames[2:6] == ["Prices", "Unit costs", "Budget", "Budget costs"]
    row = {
        month: number_cell(book, *price(month, 0)[:-1]).value
        for month in (OCTOBER, NOVEMBER, JANUARY)
    }
    assert row == {OCTOBER: 4, NOVEMBER: None, JANUARY: 4.5}
    assert number_cell(book, *price(OCTOBER, 0, market="town")[:-1]).value == 4.2
    assert number_cell(book, *price(OCTOBER, 0, market="coast")[:-1]).value is None
    cost = [
        number_cell(book, "Unit costs", "TEA", "Material cost", month).value
        for month in (OCTOBER, JANUARY)
    ]
    assert cost == [1, None]  # January's row carries it on
    budget = [
        number_cell(book, "Budget", "drinks", n, NOVEMBER).value for n in ("Quantity", "Margin")
    ]
    assert budget == [200, 600]
    assert number_cell(book, "Budget", "food", "Quantity", NOVEMBER).value is None


def test_a_form_that_nobody_changed_changes_nothing(office):
    before = files_of(office)
    path = office.form("cleo")
    load_workbook(path).save(path)
    assert "cleo (open): 0 changed" in office.typed("merge", path)
    after = files_of(office)
    assert {name: after[name] for name in before} == before


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_the_line_below_shows_what_holds_in_each_month(office):
    book = load_workbook(recalculated(answer(office, price(NOVEMBER, 5))), data_only=True)
    cells = [number_cell(book, *price(m, 0)[:-1]) for m in (OCTOBER, NOVEMBER, "2026-12", JANUARY)]
    assert [cell.offset(1).value for cell in cells] == [4, 5, 5, 4.5]


# --------------------------------------------------------------------------------------------------
# prices and unit costs


def test_a_price_holds_from_its_month_on_and_is_kept_with_author_time_file_and_reason(office):
    path = answer(office, price(NOVEMBER, 5))
    said = office.typed("merge", path)
    assert "cleo (finished): 1 changed" in said
    assert "TEA price 2026-11: - -> 5" in said
    row = readers.read(office.place)["item_costs"].iloc[-1]
    assert row[["product", "price", "material_cost", "version", "author", "reason"]].tolist() == [
        "TEA", 5, 1, 1, "C. Levi", "Board of 2 October",
    ]  # fmt: skip
    assert (str(row["effective_from"]), row["source_file"]) == (NOVEMBER, "cleo.xlsx")
    assert row["submitted_at"].endswith("Z")
    plan = office.leading_to("unit_economics")["unit_economics"]
    plan = plan.query("product == 'TEA'").set_index("period")["price"]
    assert plan[:4].tolist() == [4, 5, 5, 4.5]
    before = files_of(office)
    assert "0 changed" in office.typed("merge", path)
    assert files_of(office) == before


def test_todays_price_begins_anew_and_last_months_is_not_rewritten(office):
    office.typed("merge", answer(office, price(OCTOBER, 4.1)))
    assert prices(office) == [
        "TEA nan 2026-01 4.0", "TEA nan 2027-01 4.5", "TEA town 2026-01 4.2", "RICE nan 2026-01 2.0",
        "TEA nan 2026-10 4.1",
    ]  # fmt: skip


def test_a_number_that_began_is_replaced_by_a_version_and_a_cleared_one_withdrawn(office):
    said = office.typed("merge", answer(office, price(JANUARY, 4.8)))
    assert "TEA price 2027-01: 4.5 -> 4.8" in said
    assert "TEA nan 2027-01 4.8" in prices(office)
    office.collect()
    path = answer(office, price(JANUARY, None))
    assert "TEA price 2027-01: 4.8 -> -" in office.typed("merge", path)
    rows = readers.read(office.place)["item_costs"]
    january = rows[rows["effective_from"] == JANUARY]
    assert january[["price", "version"]].fillna(1).to_numpy().tolist() == [
        [4.5, 1],
        [4.8, 2],
        [4.8, 3],
    ]
    assert prices(office)[0] == "TEA nan 2026-01 4.0"
    assert len(prices(office)) == 3
    assert "0 changed" in office.typed("merge", path)


def test_a_cost_that_changes_is_carried_into_later_rows_and_leaves_prices_alone(office):
    cost = ("Unit costs", "TEA", "Material cost", "2026-12", 1.2)
    said = office.typed("merge", answer(office, cost))
    assert "TEA material_cost 2026-12: - -> 1.2" in said
    rows = held(office, "item_costs", "product", "effective_from", "price", "material_cost")
    assert rows == [
        "TEA 2026-01 4.0 1.0", "TEA 2026-01 4.2 nan", "RICE 2026-01 2.0 1.0",
        "TEA 2026-12 4.0 1.2", "TEA 2027-01 4.5 1.2",
    ]  # fmt: skip
    plan = office.leading_to("unit_economics")["unit_economics"]
    plan = plan.query("product == 'TEA'").set_index("period")
    assert plan["material_cost"][:4].tolist() == [1, 1, 1.2, 1.2]
    office.collect()
    book = load_workbook(office.form("cleo"))
    shown = [number_cell(book, *price(m, 0)[:-1]).value for m in (OCTOBER, "2026-12", JANUARY)]
    assert shown == [4, None, 4.5]


def test_a_market_gets_a_price_of_its_own(office):
    said = office.typed("merge", answer(office, price(NOVEMBER, 4.4, market="coast")))
    assert "TEA coast price 2026-11: - -> 4.4" in said
    assert prices(office)[-1] == "TEA coast 2026-11 4.4"


def test_only_cells_changed_on_both_sides_conflict_and_the_old_value_stays(office):
    office.typed("merge", answer(office, price(JANUARY, 4.8)))
    path = answer(office, price(JANUARY, 4.9), price(NOVEMBER, 4.3))  # still made with 4.5
    said = office.typed("merge", path)
    assert (
        "TEA price 2027-01: the form was made with 4.5 and says 4.9, the table now holds 4.8, which "
        "stays" in said
    )
    assert "TEA price 2026-11: - -> 4.3" in said
    assert {"TEA nan 2027-01 4.8", "TEA nan 2026-11 4.3"} <= set(prices(office))
    office.typed("merge", path, "--conflicts", "form")
    assert "TEA nan 2027-01 4.9" in prices(office)


# --------------------------------------------------------------------------------------------------
# the budget


def test_a_budget_is_answered_at_the_level_at_which_it_is_kept(office):
    groups = "member,product_group\ndrinks,groceries\nfood,groceries\n"
    (office.place / "product_groups.csv").write_text(groups)
    (office.place / "budget.csv").write_text(
        "family,period,quantity,revenue,margin\ngroceries,2026-10,400,1200,800\n"
    )
    office.collect()
    book = load_workbook(office.form("cleo"))
    items = {row[1].value for row in book["Budget"].iter_rows(min_row=6)}
    assert items == {"groceries"}
    office.typed("merge", answer(office, ("Budget", "groceries", "Revenue", OCTOBER, 1300)))
    assert held(office, "budget", "family", "quantity", "revenue", "version") == [
        "groceries 400.0 1300.0 2.0"
    ]
    variances = office.leading_to("plan_variances")["plan_variances"]
    of_budget = variances.query("reference_type == 'budget' and measure == 'revenue'")
    october = of_budget[of_budget["period"] == OCTOBER].set_index("item")["reference_value"]
    assert october.drop("all", errors="ignore").sum() == pytest.approx(1300)


def test_a_number_of_the_budget_is_entered_alone_and_a_month_withdrawn_whole(office):
    path = answer(office, ("Budget", "food", "Revenue", OCTOBER, 360))
    assert "food revenue 2026-10: - -> 360" in office.typed("merge", path)
    office.collect()
    names = ("Quantity", "Revenue", "Margin")
    path = answer(office, *(("Budget", "drinks", name, NOVEMBER, None) for name in names))
    office.typed("merge", path)
    assert held(office, "budget", "family", "period", "quantity", "revenue") == [
        "drinks 2026-10 200.0 800.0", "food 2026-10 nan 360.0",
    ]  # fmt: skip


def test_budgeted_costs_of_the_company_are_answered_too(office):
    said = office.typed(
        "merge", answer(office, ("Budget costs", "company", "Overhead", OCTOBER, 90))
    )
    assert "overhead amount 2026-10: - -> 90" in said
    assert held(office, "budget_costs", "account", "family", "period", "amount") == [
        "overhead nan 2026-10 90.0"
    ]


# --------------------------------------------------------------------------------------------------
# what is refused


@pytest.mark.parametrize(
    ("typed", "reason", "told"),
    [
        (price(NOVEMBER, -1), "Cheaper", "sheet Prices cell G6 holds -1. Enter 0 or more, or clear it."),
        (price(NOVEMBER, "dear"), "Dearer", "sheet Prices cell G6 holds 'dear', which is not a number"),
        (price(NOVEMBER, 5), None, "sheet Prices cell G6 is changed without a reason. Enter it in cleo.xlsx sheet Prices cell Z6."),
        (price(OCTOBER, None), "Gone", "sheet Prices cell F6 is empty, but the price of TEA began before 2026-10. Enter the number that holds from 2026-10 on."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_sheet_and_cell_and_nothing_is_kept(office, typed, reason, told):
    before = files_of(office)
    assert told in office.typed("merge", answer(office, typed, reason=reason), code=1)
    assert files_of(office) == before


def test_a_percentage_is_no_price(office):
    path = answer(office, price(NOVEMBER, 0.05))
    book = load_workbook(path)
    number_cell(book, *price(NOVEMBER, 0)[:-1]).number_format = "0%"
    book.save(path)
    said = office.typed("merge", path, code=1)
    assert "cell G6 is a percentage. Enter the price of TEA as an amount." in said


def test_the_first_prices_of_a_company_need_the_costs_as_well(office):
    (office.place / "item_costs.csv").unlink()
    office.collect()
    path = answer(office, price(OCTOBER, 4), price(OCTOBER, 2, item="RICE"))
    said = office.typed("merge", path, code=1)
    assert (
        "cleo.xlsx sheet Prices cell F12: RICE has no material cost and holding cost and backlog "
        "cost in 2026-10. Enter it as well." in said
    )
    costs = (("Material cost", 1), ("Holding cost", 0.1), ("Backlog cost", 1))
    typed = [("Unit costs", p, name, OCTOBER, v) for p in ("TEA", "RICE") for name, v in costs]
    office.typed("merge", answer(office, *typed))
    assert prices(office) == ["TEA nan 2026-10 4.0", "RICE nan 2026-10 2.0"]


def test_a_number_outside_the_scope_is_refused(office):
    path = answer(office, price(NOVEMBER, 5))
    people = office.place / "contributors.csv"
    people.write_text(people.read_text().replace("cleo,,", "cleo,food,"))
    said = office.typed("merge", path, code=1)
    assert "sheet Prices cell G6: TEA, price is outside the scope of cleo in contributors." in said
