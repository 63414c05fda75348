"""The next month: exports in, the month closed, what is valid carried; rolled twice it changes nothing."""

import pandas as pd
import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from team import Office, fill_in

from sopkit.collaboration import append_inputs
from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.runner import planning_inputs
from sopkit.runner import roll as rolling
from sopkit.tables.issues import DataError

OCTOBER, NOVEMBER = "2026-10", "2026-11"
SALES = "Artikel;Region;Monat;Menge\n" + "".join(
    f"{product};{market};{month};{units}\n"
    for month, units in (("09.2026", 100), ("10.2026", 110))
    for product in ("TEA", "RICE")
    for market in ("town", "coast")
)
STOCK = "product,site,on hand\nTEA,main,70\nRICE,main,60\n"


@pytest.fixture(scope="module")
def october(tmp_path_factory):
    """A shop at the end of October: stock, the planner's numbers, and answers of October's round."""
    made = Office(tmp_path_factory.mktemp("october"))
    (made.place / "inventory.csv").write_text("product,site,on_hand\nTEA,main,10\nRICE,main,20\n")
    (made.place / "plan_overrides.csv").write_text(
        "kind,item,site,period,author,reason,least\n"
        "production,TEA,main,2026-10,P. Silva,Room,50\nproduction,TEA,main,2026-12,P. Silva,Room,60\n"
    )
    (made.place / "assumptions.csv").write_text(
        "assumption,statement,owner,valid_from,valid_to\n"
        "A-1,Prices stay,K. Holm,2026-01,2026-10\nA-2,No rival,K. Holm,2026-01,2027-03\n"
    )
    (made.place / "production_history.csv").write_text(
        "product,site,period,produced\nTEA,main,2026-09,95\n"
    )
    made.collect()
    answers = {("TEA", OCTOBER): 130, ("TEA", NOVEMBER): 140, ("RICE", "2026-12"): 90}
    made.typed("merge", fill_in(made.form("ana"), answers))
    exports(made, SALES)
    return made


@pytest.fixture
def office(october, tmp_path):
    return october.copied(tmp_path / "office")


def exports(office, sales, month=OCTOBER):
    folder = office.home / "exports" / month
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sales.csv").write_text(sales)
    (folder / "stock.csv").write_text(STOCK)


def roll(office, *more, cycle=NOVEMBER, code=0):
    words = [
        "roll",
        cycle,
        "--company",
        "shop",
        "--workspace",
        office.place,
        "--store",
        office.store,
    ]
    return office.plainly(*words, *more, code=code)


FROM = (
    "--from",
    "sales_history=exports/{month}/sales.csv",
    "--from",
    "inventory=exports/{month}/stock.csv",
)


def files_of(office):
    return {
        str(p.relative_to(office.place)): p.read_bytes()
        for p in office.place.rglob("*")
        if p.is_file()
    }


def test_it_shows_first_what_it_would_do(office):
    before = files_of(office)
    said = roll(office, *FROM, "--dry-run")
    assert (
        said
        == """Done:
  sales_history: 2026-10 added
  import_summary: replaced by the export, 10 rows
  inventory: replaced by the export, 2 rows
  demand_inputs: 1 rows of closed months go to archive/2026-10
  plan_overrides: 1 rows of closed months go to archive/2026-10
Carried:
  2 entries of ana, not answered again
  1 rows of plan_overrides
  1 assumptions are still valid
  assumption A-1 is over
To be refreshed:
  production_history (supply): no export of 2026-10 was given
  inputs of ana (ana): by 2026-11-06; 2 entries are carried
  inputs of ben (ben): by 2026-11-06; nothing is carried
  inputs of cleo (cleo): by 2026-11-08; nothing is carried

Nothing was written (--dry-run).
"""
    )
    assert files_of(office) == before


def test_the_month_is_closed_and_what_is_over_is_archived(office):
    said = roll(office, *FROM)
    assert "shop is rolled forward to 2026-11. Next:" in said
    tables = readers.read(office.place)
    sales = tables["sales_history"]
    assert sales[sales["period"] == OCTOBER]["quantity"].tolist() == [110.0] * 4
    assert tables["inventory"].set_index("product")["on_hand"].to_dict() == {"TEA": 70, "RICE": 60}
    assert set(tables["demand_inputs"]["period"].astype(str)) == {NOVEMBER, "2026-12"}
    archived = (office.place / "archive" / OCTOBER / "demand_inputs.csv").read_text()
    assert "TEA" in archived
    assert "130" in archived
    assert (office.place / "archive" / OCTOBER / "plan_overrides.csv").exists()


def test_carried_inputs_are_carried_not_answered(office):
    roll(office, *FROM)
    said = office.typed("inputs", "--on", "2026-11-01", cycle=NOVEMBER)
    ana = next(line for line in said.splitlines() if line.split()[0] == "ana").split()
    assert ana[3:7] == ["carried", "over", "0", "2"]


def test_rolled_twice_it_changes_nothing(office):
    roll(office, *FROM)
    before = files_of(office)
    assert "Nothing to do: shop is at 2026-11 already." in roll(office)
    assert files_of(office) == before


def test_the_mapping_makes_the_next_month_one_command(office):
    roll(office, *FROM)
    exports(
        office,
        SALES.replace("10.2026", "11.2026").replace("09.2026", "10.2026").replace(";100", ";110"),
        NOVEMBER,
    )
    said = roll(office, cycle="2026-12")
    assert "sales_history: 2026-11 added" in said
    assert "[exports]" in (office.place / "intake.toml").read_text()


def test_a_restated_closed_month_needs_accept(office):
    exports(office, SALES.replace("TEA;town;09.2026;100", "TEA;town;09.2026;95"))
    before = files_of(office)
    said = roll(office, *FROM, code=1)
    assert "sales_history TEA town 2026-09: quantity 100 -> 95" in said
    assert "1 numbers of closed months are restated; take them with --accept" in said
    assert files_of(office) == before
    roll(office, *FROM, "--accept")
    sales = readers.read(office.place)["sales_history"]
    september = sales[
        (sales["product"] == "TEA") & (sales["market"] == "town") & (sales["period"] == "2026-09")
    ]
    assert september["quantity"].tolist() == [95]


def test_an_export_without_the_month_and_one_that_is_not_there_are_named(office):
    exports(office, SALES.replace("10.2026", "08.2026"))
    assert "the export of sales ends in 2026-09, before 2026-10" in roll(office, *FROM, code=1)
    told = ("--from", "sales_history=exports/{month}/other.csv")
    assert "exports/2026-10/other.csv: there is no such export" in roll(office, *told, code=1)
    assert "[exports] names no sales_history" in roll(office, code=1)


def test_an_export_of_other_markets_is_refused_with_the_column_to_name(office):
    exports(office, SALES.replace("Region", "Ort"))
    said = roll(office, *FROM, code=1)
    assert "no market of it is in sales_history: here they are like all, there like town" in said
    assert "market = " in said


CALENDAR = "resource,period,working_days,regular_hours_per_worker,overtime_hours_per_worker\n" + "".join(
    f"LINE,{year}-{month:02},20,160,20\n" for year in (2026, 2027, 2028) for month in range(1, 13)
    if "2026-10" <= f"{year}-{month:02}" <= "2028-03"
)  # fmt: skip


def test_after_rolling_with_sales_and_stock_alone_check_says_what_a_run_refuses(office):
    """The calendar ends with October's horizon: November's is a month short."""
    (office.place / "resources.csv").write_text(
        "resource,site,opening_workers,regular_wage,overtime_wage,hire_cost,layoff_cost\n"
        "LINE,main,5,20,30,900,900\n"
    )
    (office.place / "routings.csv").write_text(
        "product,resource,hours_per_unit\nTEA,LINE,0.1\nRICE,LINE,0.1\n"
    )
    (office.place / "resource_calendar.csv").write_text(CALENDAR)
    said = roll(office, *FROM)
    assert (
        "resource_calendar (data owner): a resource's calendar must have every planned month"
        in said
    )
    checked = office.plainly("check", office.place, "--cycle", NOVEMBER, code=1)
    assert "LINE has no row for 2028-04" in checked
    with pytest.raises(DataError, match="LINE has no row for 2028-04"):
        planning_inputs.for_plan(office.place, office.store, "shop", NOVEMBER, "base")
    (office.place / "resource_calendar.csv").write_text(CALENDAR + "LINE,2028-04,20,160,20\n")
    assert "is valid" in office.plainly("check", office.place, "--cycle", NOVEMBER)
    tables = planning_inputs.for_plan(office.place, office.store, "shop", NOVEMBER, "base")
    assert len(replanning.replan(tables, NOVEMBER)["supply_plan"])


# --------------------------------------------------------------------------------------------------
# a company that is kept as a workbook, or in a database


def _as_workbook(office):
    book = Workbook()
    del book["Sheet"]
    for path in sorted(office.place.glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        frame = pd.read_csv(path)
        sheet.append(list(frame.columns))
        for row in frame.astype(object).where(frame.notna(), None).to_numpy().tolist():
            sheet.append(row)
    book.create_sheet("notes")["A1"] = "Ask Ana about the fair"
    book.save(office.home / "company" / "shop.xlsx")
    return office.home / "company" / "shop.xlsx"


def _as_database(office):
    url = f"sqlite:///{office.home / 'company' / 'shop.sqlite'}"
    engine = sa.create_engine(url)
    for path in office.place.glob("*.csv"):
        pd.read_csv(path).to_sql(path.stem, engine, index=False)
    engine.dispose()
    return url


@pytest.fixture(params=["workbook", "database"])
def elsewhere(request, office, monkeypatch):
    """The office whose tables are a workbook or a database, in a project of its own."""
    (office.home / "company").mkdir()
    (office.home / "notebooks").mkdir()
    (office.home / "notebooks" / "10_data_review.ipynb").touch()
    monkeypatch.chdir(office.home)
    office.place = {"workbook": _as_workbook, "database": _as_database}[request.param](office)
    office.kept = office.home / ("company" if request.param == "workbook" else "data/shop")
    return office


def test_a_workbook_or_a_database_is_rolled_forward_as_files_are(elsewhere):
    said = roll(elsewhere, *FROM)
    assert "sales_history: 2026-10 added" in said
    assert "demand_inputs: 1 rows of closed months go to archive/2026-10" in said
    tables = readers.read(elsewhere.place)
    sales = tables["sales_history"]
    assert sales[sales["period"] == OCTOBER]["quantity"].tolist() == [110.0] * 4
    assert tables["inventory"].set_index("product")["on_hand"].to_dict() == {"TEA": 70, "RICE": 60}
    assert set(tables["demand_inputs"]["period"].astype(str)) == {NOVEMBER, "2026-12"}
    assert tables["plan_overrides"]["period"].astype(str).tolist() == ["2026-12"]
    archived = elsewhere.kept / "archive" / OCTOBER / "demand_inputs.csv"
    assert "130" in archived.read_text()
    assert "[exports]" in (elsewhere.kept / "intake.toml").read_text()
    assert "is valid" in elsewhere.plainly("check", elsewhere.place, "--cycle", NOVEMBER)


def test_rolled_twice_a_workbook_or_a_database_does_not_change(elsewhere):
    roll(elsewhere, *FROM)
    files = {p: p.read_bytes() for p in (elsewhere.home / "company").rglob("*") if p.is_file()}
    assert "Nothing to do: shop is at 2026-11 already." in roll(elsewhere)
    assert {p: p.read_bytes() for p in files} == files


def test_a_refusal_changes_nothing_of_a_workbook_or_a_database(elsewhere):
    exports(elsewhere, SALES.replace("TEA;town;09.2026;100", "TEA;town;09.2026;95"))
    files = {p: p.read_bytes() for p in (elsewhere.home / "company").rglob("*") if p.is_file()}
    said = roll(elsewhere, *FROM, code=1)
    assert "sales_history TEA town 2026-09: quantity 100 -> 95" in said
    assert {p: p.read_bytes() for p in files} == files


def test_other_sheets_of_the_workbook_stay_and_formulas_that_would_be_lost_are_refused(
    office, monkeypatch
):
    (office.home / "company").mkdir()
    path = office.place = _as_workbook(office)
    book = load_workbook(path)
    book["contributors"]["E2"] = "=3+3"
    book.save(path)
    book = load_workbook(path)
    before = path.read_bytes()
    assert "formula" in roll(office, *FROM, code=1)
    assert path.read_bytes() == before
    book["contributors"]["E2"] = 6
    book.save(path)
    roll(office, *FROM)
    assert load_workbook(path)["notes"]["A1"].value == "Ask Ana about the fair"


def test_tables_that_somebody_changed_meanwhile_are_not_overwritten(elsewhere):
    found = rolling.look(elsewhere.place, elsewhere.store, "shop", NOVEMBER, _told())
    rows = readers.read(elsewhere.place)["inventory"].assign(on_hand=33.0)
    before = readers.read(elsewhere.place)
    append_inputs.replace_tables(elsewhere.place, {"inventory": rows}, before)
    with pytest.raises(ValueError, match="inventory was changed by someone else just now"):
        rolling.write(elsewhere.place, "shop", NOVEMBER, _told(), found)
    tables = readers.read(elsewhere.place)
    assert tables["inventory"]["on_hand"].tolist() == [33, 33]
    assert tables["sales_history"]["period"].max() == pd.Period("2026-09")


def _told():
    return dict(pair.split("=") for pair in FROM if "=" in pair)
