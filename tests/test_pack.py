"""The Excel pack: the plan's own numbers under live formulas, and text that stays text."""

import shutil
import subprocess

import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import table
from openpyxl import load_workbook

from sopkit.cli import main
from sopkit.cycle import replanning
from sopkit.io import hashing
from sopkit.reporting import excel
from sopkit.store import saving
from sopkit.tables import conform_all

FACTS = {
    "company": "summit", "cycle": "2026-10", "scenario": "base", "revision": "3", "status": "saved", "hash": "a" * 64,
    "made_at": "2026-10-05T09:00:00+00:00", "currency": "EUR",
}  # fmt: skip
ODD = ("=1+1", "Kid's & [new]/old?", "'", "خيام", "A family whose name is far too long for a sheet", "A family whose name is far too long, twice", "Gaps", "{sales}")  # fmt: skip
PLANNED = 5  # the column of the first planned month: label, unit, three closed months
soffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def file(company, plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "sop.xlsx"
    excel.write(path, company, plan, FACTS)
    return path


@pytest.fixture(scope="module")
def odd_company():
    """A company of oddly named families, one product each, that gives little beside its sales; one family never sold."""
    months = pd.period_range("2024-10", "2026-09", freq="M")
    names = {f"P{i}": family for i, family in enumerate(ODD)}
    products = pd.DataFrame(
        {"product": [*names], "family": [*names.values()], "unit_of_measure": "piece"}
    )
    products["description"] = "@SUM(A1:A9)"
    sales = pd.MultiIndex.from_product(
        [[*names], ["north"], months], names=["product", "market", "period"]
    )
    sales = sales.to_frame(index=False).assign(quantity=lambda t: 50.0 + t["period"].dt.month)
    products.loc[len(products)] = ["P-NEVER", "never sold", "piece", "-1+1"]
    budget = pd.DataFrame(
        {"family": ["never sold", "=1+1"], "quantity": 10, "revenue": 90, "margin": 40}
    )
    budget = budget.merge(pd.DataFrame({"period": ["2026-09", "2026-11"]}), how="cross")
    frames = {"products": products, "sales_history": sales, "budget": budget}
    tables = conform_all(frames)
    return tables, replanning.replan(tables, "2026-10")


@pytest.fixture(scope="module")
def odd_file(odd_company, tmp_path_factory):
    path = tmp_path_factory.mktemp("odd") / "sop.xlsx"
    excel.write(path, *odd_company, FACTS | {"currency": "=9+9"})
    return path


def line(sheet, section, label):
    """The cells of a line, by its section's heading and its label."""
    labels = [cell.value for cell in sheet["A"]]
    return sheet[labels.index(label, labels.index(section)) + 1]


def numbers(sheet, section, label, first=PLANNED):
    return pd.Series(
        [cell.value for cell in line(sheet, section, label)[first:-1]], dtype="float64"
    )


def formulas(path):
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in load_workbook(path).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def recalculated(path, folder):
    """The workbook as LibreOffice calculates it; openpyxl has taken the saved values away before."""
    bare = folder / "bare.xlsx"
    load_workbook(path).save(bare)
    return calculated(bare, folder)


def calculated(path, folder):
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(folder / "out"),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return load_workbook(folder / "out" / path.name, data_only=True)


# ---------------------------------------------------------------------------------------------------------------
# without a spreadsheet program


def test_a_family_sheet_says_in_formulas_how_its_lines_follow(file):
    tents = load_workbook(file)["tents"]
    row = {name: line(tents, *name)[0].row for name in (
        ("Sales", "Plan"), ("Production", "Plan"), ("Production", "Scheduled receipts"), ("Inventory", "Plan, at the month's end"),
        ("Inventory", "Actual, at the month's end"), ("Inventory", "Used in other products"), ("Inventory", "Expired"),
        ("Money", "Average price"), ("Money", "Revenue"))}  # fmt: skip
    sales, made, arriving, stock, counted, used, wasted, price, revenue = row.values()
    first, second = (
        line(tents, "Inventory", "Plan, at the month's end")[PLANNED + i].value for i in (0, 1)
    )
    assert first == f"=E{counted}+F{made}+F{arriving}-F{sales}-F{used}-F{wasted}"
    assert second == f"=F{stock}+G{made}+G{arriving}-G{sales}-G{used}-G{wasted}"
    assert line(tents, "Money", "Revenue")[PLANNED].value == f"=F{sales}*F{price}"
    assert line(tents, "Money", "Revenue")[-1].value == f"=SUM(F{revenue}:W{revenue})"


def test_a_reader_that_does_not_calculate_sees_the_plan(file, plan):
    shown = load_workbook(file, data_only=True)
    money = plan["financial_plan"].query("family == 'tents'")
    for label in ("Revenue", "Margin", "Cost of sales"):
        expected = money[label.lower().replace(" ", "_")].to_numpy()
        assert numbers(shown["tents"], "Money", label).to_numpy() == pytest.approx(
            expected, abs=0.005
        )
    cash = numbers(shown["P&L and cash"], "Cash", "Cash at the month's end")
    assert cash.to_numpy() == pytest.approx(plan["cash_plan"]["cash"].to_numpy(), abs=0.005)


def test_closed_months_hold_what_was_approved_and_sold_and_nothing_invented(file, company):
    tents = load_workbook(file, data_only=True)["tents"]
    members = company["products"].loc[company["products"]["family"] == "tents", "product"]
    months = pd.period_range("2026-07", "2026-09", freq="M")
    sold, agreed = (
        rows[rows["product"].isin(members)].groupby("period")["quantity"].sum().reindex(months)
        for rows in (
            company["sales_history"],
            company["approved_forecasts"].query("contributor == 'consensus' and cycle == period"),
        )
    )
    rows = {label: [cell.value for cell in line(tents, "Sales", label)[2:PLANNED]] for label in ("Plan", "Actual", "Difference", "Cumulative difference")}  # fmt: skip
    assert rows["Actual"] == pytest.approx(list(sold))
    assert rows["Plan"] == pytest.approx(list(agreed))
    assert rows["Difference"] == pytest.approx(list(sold - agreed))
    assert rows["Cumulative difference"] == pytest.approx(list((sold - agreed).cumsum()))
    assert all(cell.value is None for cell in line(tents, "Production", "Actual")[2:])
    stock = company["inventory"]
    on_hand = stock.loc[stock["product"].isin(members), "on_hand"].sum()
    assert [
        cell.value for cell in line(tents, "Inventory", "Actual, at the month's end")[2:PLANNED]
    ] == [
        None,
        None,
        on_hand,
    ]


def test_production_of_closed_months_is_what_an_earlier_cycle_approved(company, plan, tmp_path):
    approved = table(
        "approved_supply_plans",
        """cycle   product site   period  regular overtime subcontract
           2026-08 TENT-1  alpine 2026-08 700     0        0
           2026-08 TENT-1  alpine 2026-09 800     0        0
           2026-09 TENT-1  alpine 2026-09 900     50       10""",
    )
    excel.write(tmp_path / "sop.xlsx", company | {"approved_supply_plans": approved}, plan, FACTS)
    tents = load_workbook(tmp_path / "sop.xlsx", data_only=True)["tents"]
    assert [cell.value for cell in line(tents, "Production", "Plan")[2:PLANNED]] == [None, 700, 960]
    assert "by cycle 2026-09" in " ".join(str(cell.value) for cell in tents["A"][-4:])


def test_a_company_that_gives_only_sales_gets_a_pack_that_says_what_is_not_known(odd_file):
    sheet = load_workbook(odd_file, data_only=True)["خيام"]
    assert all(
        cell.value is None for cell in line(sheet, "Inventory", "Actual, at the month's end")[2:]
    )
    notes = " ".join(str(cell.value) for cell in sheet["A"] if cell.value)
    assert "No earlier approved sales plan is known" in notes
    assert "No opening stock is known" in notes


def test_payments_and_payables_are_those_of_the_cash_plan_and_follow_from_what_is_bought(
    file, plan
):
    shown, written = (
        load_workbook(file, data_only=True)["P&L and cash"],
        load_workbook(file)["P&L and cash"],
    )
    for label in ("Payments", "Payables"):
        expected = plan["cash_plan"][label.lower()].to_numpy()
        assert numbers(shown, "Cash", label).to_numpy() == pytest.approx(expected, abs=0.005)
        assert line(written, "Cash", label)[PLANNED].data_type == "f"


def test_text_from_tables_is_never_a_formula(odd_file):
    book = load_workbook(odd_file)
    written = set(formulas(odd_file).values())
    assert not any(text in written for text in (*ODD, "@SUM(A1:A9)", "=9+9"))
    products = {cell.value: cell.data_type for cell in book["Products"]["A"]}
    assert products["=1+1"] == "s"
    assert {cell.data_type for cell in book["Products"]["C"] if cell.value == "@SUM(A1:A9)"} == {
        "s"
    }


def test_families_get_sheets_whatever_they_are_called(odd_file):
    names = load_workbook(odd_file).sheetnames
    assert (
        len({name.casefold() for name in names}) == len(names) == len(excel.SHEETS) + len(ODD) + 2
    )
    assert all(len(name) <= 31 for name in names)
    assert {"=1+1", "Kid's & _new__old_", "_", "خيام", "Gaps (2)", "_sales_"} <= set(names)
    titles = {sheet["A1"].value for sheet in load_workbook(odd_file).worksheets}
    assert set(ODD) <= titles


def test_sheets_are_set_up_for_reading_and_printing(file):
    book = load_workbook(file)
    for sheet in book.worksheets[:-1]:  # the last one is hidden
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet["A2"].value.startswith(
            "summit · cycle 2026-10 · scenario base · revision 3 · saved · EUR"
        )
    assert book["tents"].freeze_panes == "C6"
    assert line(book["tents"], "Money", "Revenue")[1].value == "EUR"
    assert line(book["tents"], "Money", "Gross margin %")[PLANNED].number_format == "0.0%"


def test_gaps_decisions_and_assumptions_are_all_there(file, company, plan):
    book = load_workbook(file)
    assert [cell.value for cell in book["Gaps"]["A"][4:]] == list(plan["gaps"]["gap"])
    assert [cell.value for cell in book["Decisions"]["C"][4:]] == list(
        plan["decisions"]["question"]
    )
    assert {cell.value for cell in book["Assumptions"]["B"]} >= set(
        company["assumptions"]["statement"]
    )


def test_the_pl_of_groups_adds_up_to_that_of_the_company(file, plan):
    rows = list(load_workbook(file)["Groups"].iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[0] == "Product group")
    revenue = next(n for n, head in enumerate(rows[start]) if head.startswith("Revenue"))
    sums = {row[:2]: row[revenue] for row in rows[start + 1 :] if row[revenue] is not None}
    assert sums[("equipment", None)] + sums[(None, "clothing")] == pytest.approx(
        sums[("all", None)]
    )
    assert sums[("all", None)] == pytest.approx(plan["financial_plan"]["revenue"].sum())


def test_text_that_no_cell_can_hold_is_cut_and_says_so(company, plan, tmp_path):
    long = plan | {"gaps": plan["gaps"].assign(statement="x" * 40_000)}
    excel.write(tmp_path / "sop.xlsx", company, long, FACTS)
    assert load_workbook(tmp_path / "sop.xlsx")["Gaps"]["C5"].value.endswith(
        "… (cut: 40,000 characters)"
    )


def test_the_same_plan_gives_the_same_file(file, company, plan, tmp_path):
    excel.write(tmp_path / "sop.xlsx", company, plan, FACTS)
    assert (tmp_path / "sop.xlsx").read_bytes() == file.read_bytes()


def test_the_pack_of_a_stored_revision_is_exported_with_its_number_and_status(
    company, plan, tmp_path
):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    made = hashing.content_hash(company)
    for why in ("first", "second"):
        saving.save_revision(url, "summit", "2026-10", "base", plan, made, "T. Ester", why, company)
    target = tmp_path / "old.xlsx"
    words = ["export", "sop", str(target), "--revision", "1", "--store", url]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "revision 1 · saved" in load_workbook(target)["Contents"]["A2"].value


# ---------------------------------------------------------------------------------------------------------------
# as LibreOffice calculates it


@soffice
@pytest.mark.parametrize("which", ["file", "odd_file"])
def test_libreoffice_finds_the_plans_numbers_again_to_the_cent(which, request, tmp_path):
    path = request.getfixturevalue(which)
    shown, again = load_workbook(path, data_only=True), recalculated(path, tmp_path)
    checked = formulas(path)
    assert len(checked) > 1000
    for (title, place), formula in checked.items():
        ours, theirs = shown[title][place].value, again[title][place].value
        if isinstance(ours, str) or ours is None:
            assert (theirs or "") == (ours or ""), f"{title} {place} {formula}"
        else:
            assert theirs == pytest.approx(ours, abs=0.005), f"{title} {place} {formula}"


@soffice
def test_a_changed_cell_changes_what_depends_on_it(file, plan, tmp_path):
    book = load_workbook(file)
    tents = book["tents"]
    more, third = 1000.0, PLANNED + 2
    price = line(tents, "Money", "Average price")[third].value
    line(tents, "Sales", "Plan")[third].value += more
    line(tents, "Production", "Regular time")[third + 1].value += 400.0
    line(tents, "Production", "Actual")[third].value = 50.0
    line(book["P&L and cash"], "Cash", "Bought on terms")[third].value += 600.0
    book.save(tmp_path / "changed.xlsx")
    before, after = (
        load_workbook(file, data_only=True),
        calculated(tmp_path / "changed.xlsx", tmp_path),
    )

    def change(sheet, *where):
        return pytest.approx(
            (numbers(after[sheet], *where) - numbers(before[sheet], *where)).tolist(), abs=0.001
        )

    months = len(plan["planning_periods"])
    stock = change("tents", "Inventory", "Plan, at the month's end")
    assert stock == [0, 0, -more, *[400 - more] * (months - 3)]
    assert change("tents", "Money", "Revenue") == [0, 0, more * price, *[0] * (months - 3)]
    assert change("P&L and cash", "Revenue", "Revenue, all families") == [
        0,
        0,
        more * price,
        *[0] * (months - 3),
    ]
    half = more * price / 2  # customers pay after 45 days: half after one month, half after two
    assert change("P&L and cash", "Cash", "Collections") == [
        0,
        0,
        0,
        half,
        half,
        *[0] * (months - 5),
    ]
    assert change("P&L and cash", "Cash", "Cash at the month's end") == [
        0,
        0,
        0,
        half - 600,
        *[2 * half - 600] * (months - 4),
    ]
    made = line(after["tents"], "Production", "Plan")[third].value
    days = line(load_workbook(file)["P&L and cash"], "Cash", "Suppliers are paid after")[
        PLANNED
    ].value
    assert (
        days == 30
    )  # so what is bought in the third month is owed at its end and paid in the fourth
    assert change("P&L and cash", "Cash", "Payments") == [0, 0, 0, 600, *[0] * (months - 4)]
    assert change("P&L and cash", "Cash", "Payables") == [0, 0, 600, *[0] * (months - 3)]
    assert line(after["tents"], "Production", "Difference")[third].value == pytest.approx(50 - made)
    checks = {row[0].value: row[1].value for row in after["Contents"].iter_rows()}
    assert checks["Revenue, planned months"] == "no: numbers were changed"
