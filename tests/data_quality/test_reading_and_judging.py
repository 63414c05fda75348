"""Who reads, who judges: headers lose their blanks, a part of the tables is not judged, check and run say the same."""

import subprocess
import sys

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from conftest import ROOT

from sopkit.cli import main
from sopkit.io import readers, source_tables
from sopkit.runner import planning_inputs
from sopkit.tables.issues import DataError, DataWarning

PRODUCTS = pd.DataFrame({"product": ["A"], "family": ["f"], "unit_of_measure": ["piece"]})
SALES = pd.DataFrame(
    {
        "product": ["A"] * 2,
        "market": ["n"] * 2,
        "period": ["2026-08", "2026-09"],
        "quantity": [5, 6],
    }
)


def as_csv(path, frames):
    path.mkdir()
    for name, frame in frames.items():
        frame.to_csv(path / f"{name}.csv", index=False)
    return path


def as_parquet(path, frames):
    path.mkdir()
    for name, frame in frames.items():
        frame.to_parquet(path / f"{name}.parquet", index=False)
    return path


def as_workbook(path, frames):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, frame in frames.items():
        sheet = book.create_sheet(name)
        for row in [list(frame.columns), *frame.to_numpy().tolist()]:
            sheet.append(row)
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def as_database(path, frames):
    engine = sa.create_engine(f"sqlite:///{path}")
    for name, frame in frames.items():
        frame.to_sql(name, engine, index=False)
    engine.dispose()
    return f"sqlite:///{path}"


SOURCES = (as_csv, as_parquet, as_workbook, as_database)


@pytest.mark.parametrize("written", SOURCES)
def test_a_column_name_loses_the_blanks_around_it_as_cells_do(tmp_path, written):
    padded = SALES.rename(columns={"quantity": " quantity", "market": "market  "})
    place = written(tmp_path / "company", {"products": PRODUCTS, "sales_history": padded})
    assert readers.read(place)["sales_history"]["quantity"].tolist() == [5, 6]


@pytest.mark.parametrize("written", SOURCES)
def test_two_column_names_that_differ_in_blanks_only_are_refused_by_name(tmp_path, written):
    double = SALES.assign(**{" quantity": [7, 8]})
    place = written(tmp_path / "company", {"products": PRODUCTS, "sales_history": double})
    with pytest.raises(DataError, match=r"duplicate columns in .*: quantity\. Keep one of each"):
        readers.read(place)


def init(tmp_path, header, *words):
    export = tmp_path / "export.csv"
    export.write_text(f"{header}\n2026-08-03,A,5\n2026-09-30,A,6\n")
    command = ["init", str(tmp_path / "new"), "--from-sales", str(export), *words]
    return CliRunner().invoke(main, command)


def test_a_column_of_an_export_may_be_named_with_its_blanks_or_without(tmp_path):
    for number, name in enumerate([" Sales", "Sales"]):
        words = ("--date", "Date", "--product", "Item", "--quantity", name)
        (tmp_path / str(number)).mkdir()
        result = init(tmp_path / str(number), "Date,Item, Sales", *words)
        assert result.exit_code == 0, result.output


def test_a_column_that_stands_twice_in_an_export_is_refused_by_name(tmp_path):
    words = ("--date", "Date", "--product", "Sales", "--quantity", "Sales")
    result = init(tmp_path, "Date,Sales, Sales", *words)
    assert result.exit_code == 1
    assert "the column name Sales stands 2 times" in result.output


COMPANY = str(ROOT / "data" / "summit")


@pytest.mark.parametrize("name", source_tables.INPUT_NAMES)
@pytest.mark.filterwarnings(f"error::{DataWarning.__module__}.{DataWarning.__name__}")
def test_a_table_that_is_read_alone_is_not_held_against_tables_that_were_not_read(name):
    parsed = readers.parse(COMPANY, [name])
    assert not parsed.faults
    assert not parsed.notes


@pytest.mark.parametrize(
    "words",
    [
        ["scenario", "list", "--workspace", COMPANY],
        ["decide", "ghost", "keep", "--workspace", COMPANY, "--author", "a", "--reason", "b"],
    ],
)
def test_a_command_that_reads_some_tables_of_the_sound_sample_warns_of_nothing(tmp_path, words):
    store = f"sqlite:///{tmp_path / 'none.sqlite'}"
    extra = ["--store", store] if "--author" in words else []
    code = "import sys; from sopkit.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *words, *extra], capture_output=True, text=True, cwd=ROOT
    )
    assert "Warning" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


CREW = "resource,site,opening_workers,regular_wage,overtime_wage,hire_cost,layoff_cost\n"
SOLD = "product,market,period,quantity\n" + "".join(
    f"{p},n,2026-0{m},{u}\n" for p, u in (("A", 100), ("B", 80)) for m in range(5, 10)
)
MADE_OF_NOTHING = {
    "products": "product,family,unit_of_measure\nA,f,piece\nB,f,piece\n",
    "sales_history": SOLD,
    "resources": f"{CREW}R,S,10,20,30,500,500\n",
    "routings": "product,resource,hours_per_unit\nA,R,0.1\n",
}


def folder(path, tables):
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text)
    return str(path)


def test_check_and_run_refuse_what_only_the_plan_shows_in_the_same_words(tmp_path):
    place = folder(tmp_path / "company", MADE_OF_NOTHING)
    result = CliRunner().invoke(main, ["check", place, "--cycle", "2026-10"])
    assert result.exit_code == 1
    store = f"sqlite:///{tmp_path / 'none.sqlite'}"
    with pytest.raises(DataError) as refused:
        planning_inputs.for_plan(place, store, "company", "2026-10", "base")
    assert str(refused.value) in result.output
    assert str(refused.value).startswith(
        "products: a product with demand must be produced, subcontracted or purchased; 1 of 2 rows is not:\n"
        "  row 2 (products.csv line 3)  product=B  total_demand="
    )


def test_a_scenario_that_makes_the_plan_impossible_is_refused_and_named(tmp_path):
    changes = "scenario,change,table,column,operation,amount\ncertain,1,inventory_policy,target_service_level,set,1\n"
    tables = {
        "products": MADE_OF_NOTHING["products"],
        "sales_history": SOLD,
        "inventory_policy": "product,target_service_level\nA,0.9\n",
        "scenario_changes": changes,
    }
    place = folder(tmp_path / "company", tables)
    store = f"sqlite:///{tmp_path / 'none.sqlite'}"
    planning_inputs.for_plan(place, store, "company", "2026-10", "base")
    with pytest.raises(DataError, match="target_service_level must be below 1") as refused:
        planning_inputs.for_plan(place, store, "company", "2026-10", "certain")
    assert refused.value.__notes__ == ["under scenario certain"]
