"""Rows added to a company's tables: whole and checked, or not at all, wherever the tables are kept."""

import pandas as pd
import pytest
import sqlalchemy as sa
from conftest import table
from openpyxl import Workbook, load_workbook

from sopkit.collaboration import append_inputs
from sopkit.io import readers
from sopkit.master_data.versions import latest
from sopkit.schema.tables import CHANGE

MONTHS = [str(month) for month in pd.period_range("2024-10", "2026-09", freq="M")]
FILES = {
    "products": ["product,family,unit_of_measure", "TEA,drinks,box"],
    "sales_history": [
        "product,market,period,quantity",
        *(f"TEA,town,{month},100" for month in MONTHS),
    ],
    "scenario_changes": [
        "scenario,change,table,column,operation,amount,note",
        "less,1,sales_history,quantity,multiply,0.90,As feared",
    ],
}


@pytest.fixture
def folder(tmp_path):
    for name, lines in FILES.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([*lines, ""]))
    return tmp_path


@pytest.fixture
def book(tmp_path):
    made = Workbook()
    for name, lines in FILES.items():
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(
                [
                    float(cell) if cell.replace(".", "").isdigit() else cell
                    for cell in line.split(",")
                ]
            )
    del made["Sheet"]
    made.save(tmp_path / "tea.xlsx")
    return tmp_path / "tea.xlsx"


@pytest.fixture
def database(tmp_path):
    url = f"sqlite:///{tmp_path / 'tea.sqlite'}"
    engine = sa.create_engine(url)
    for name, lines in FILES.items():
        head, *rows = [line.split(",") for line in lines]
        pd.DataFrame(rows, columns=head).to_sql(name, engine, index=False)
    engine.dispose()
    return url


@pytest.fixture
def more():
    text = """
    scenario  change  table          column    operation  amount
    more      1       sales_history  quantity  multiply   1.25
    """
    return table("scenario_changes", text)[CHANGE]


def kept(location):
    return readers.read(location)["scenario_changes"].set_index("scenario")


def test_a_scenario_is_added_to_a_csv_file_and_the_lines_that_stand_stay_as_they_are(folder, more):
    before = (folder / "scenario_changes.csv").read_text().splitlines()
    append_inputs.add_scenario(folder, more, "A. Novak", 'Tea is "in", they say')
    lines = (folder / "scenario_changes.csv").read_text().splitlines()
    assert lines[0] == before[0] + ",author"
    assert lines[1] == before[1] + ","
    assert (
        lines[2] == 'more,1,sales_history,quantity,multiply,1.25,"Tea is ""in"", they say",A. Novak'
    )
    assert kept(folder).loc["more", "amount"] == 1.25


def test_a_file_with_semicolons_and_decimal_commas_keeps_them(folder, more):
    path = folder / "scenario_changes.csv"
    path.write_text(path.read_text().replace(",", ";").replace("0.90", "0,90"))
    append_inputs.add_scenario(folder, more, "A. Novak", "Tea is in")
    assert "more;1;sales_history;quantity;multiply;1,25;Tea is in;A. Novak" in path.read_text()
    assert kept(folder)["amount"].tolist() == [0.9, 1.25]


def test_a_company_without_scenarios_gets_the_table(folder, more):
    (folder / "scenario_changes.csv").unlink()
    append_inputs.add_scenario(folder, more, "A. Novak", "Tea is in")
    assert kept(folder).loc["more", "note"] == "Tea is in"


def test_a_scenario_is_added_to_a_parquet_file(folder, more):
    frame = readers.read(folder)["scenario_changes"]
    (folder / "scenario_changes.csv").unlink()
    frame.to_parquet(folder / "scenario_changes.parquet")
    append_inputs.add_scenario(folder, more, "A. Novak", "Tea is in")
    assert list(kept(folder).index) == ["less", "more"]


def test_a_scenario_is_added_to_a_workbook_and_text_stays_text(book, more):
    append_inputs.add_scenario(book, more, "A. Novak", "007")
    assert kept(book).loc["more", "note"] == "007"
    assert load_workbook(book)["scenario_changes"]["G3"].data_type == "s"


def test_what_a_spreadsheet_would_execute_is_refused_and_nothing_is_written(book, more):
    before = book.read_bytes()
    with pytest.raises(ValueError, match="note '=1\\+1' begins like a formula"):
        append_inputs.add_scenario(book, more, "A. Novak", "=1+1")
    assert book.read_bytes() == before


def test_a_scenario_is_added_to_a_database(database, more):
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE scenario_changes ADD COLUMN author TEXT")
    engine.dispose()
    append_inputs.add_scenario(database, more, "A. Novak", "Tea is in")
    assert kept(database).loc["more", ["amount", "author", "note"]].tolist() == [
        1.25,
        "A. Novak",
        "Tea is in",
    ]


def test_a_database_whose_table_lacks_a_column_is_not_changed(database, more):
    with pytest.raises(ValueError, match="scenario_changes has no column author"):
        append_inputs.add_scenario(database, more, "A. Novak", "Tea is in")
    assert list(kept(database).index) == ["less"]


@pytest.mark.parametrize(
    ("change", "author", "reason", "message"),
    [
        ({"scenario": "less"}, "A. Novak", "Again", "scenario less exists"),
        ({"scenario": "base"}, "A. Novak", "Again", "scenario base exists"),
        ({"scenario": "../x"}, "A. Novak", "Out", "is not a valid name"),
        ({}, " ", "Tea is in", "author is empty"),
        ({}, "A. Novak", "", "reason is empty"),
        ({"amount": 1.0}, "A. Novak", "Idle", "alters nothing"),
        ({"amount": -1.0}, "A. Novak", "Wrong", "breaks a rule"),
    ],
)
def test_what_is_refused_leaves_the_file_as_it_was(folder, more, change, author, reason, message):
    before = (folder / "scenario_changes.csv").read_bytes()
    with pytest.raises(ValueError, match=message):
        append_inputs.add_scenario(folder, more.assign(**change), author, reason)
    assert (folder / "scenario_changes.csv").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.csv" for name in FILES)


def test_a_functions_later_view_replaces_the_earlier_which_is_kept(folder):
    text = "function product market period quantity submitted_on\nsales TEA town 2026-10 130 2026-10-05"
    rows = pd.DataFrame([text.splitlines()[1].split()], columns=text.splitlines()[0].split())
    append_inputs.add_demand_inputs(folder, rows, "S. Tanaka", "A new shop")
    assert readers.read(folder)["demand_inputs"]["quantity"].tolist() == [130]
    append_inputs.add_demand_inputs(folder, rows.assign(quantity="150"), "S. Tanaka", "Two shops")
    kept = readers.read(folder)["demand_inputs"]
    assert kept["quantity"].tolist() == [130, 150]
    assert latest("demand_inputs", kept)["quantity"].tolist() == [150]


def test_a_number_is_kept_as_a_file_says_it(folder):
    rows = pd.DataFrame(
        {"function": ["sales"], "product": ["TEA"], "market": ["town"], "period": ["2026-10"],
         "quantity": [123 * (1 - 7 / 100)], "submitted_on": ["2026-10-05"]}
    )  # fmt: skip
    append_inputs.add_demand_inputs(folder, rows, "S. Tanaka", "A shop closes")
    assert rows["quantity"].tolist() != [114.39]
    assert readers.read(folder)["demand_inputs"]["quantity"].tolist() == [114.39]
