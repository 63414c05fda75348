"""The command as a user types it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT

from sopkit.cli import main
from sopkit.cycle.stages import STAGE_NAMES


@pytest.fixture
def sopkit():
    runner = CliRunner()
    return lambda *words: runner.invoke(main, [str(w) for w in words])


def test_check_counts_the_rows_of_a_sound_folder(sopkit):
    result = sopkit("check", ROOT / "data" / "summit")
    assert result.exit_code == 0, result.output
    assert "products" in result.output
    assert "is valid" in result.output


def test_check_prints_every_fault_and_exits_1(sopkit, tmp_path):
    (tmp_path / "products.csv").write_text("product,family,unit_of_measure\nA,f,piece\nA,f,piece\n")
    (tmp_path / "sales_history.csv").write_text("product,market,period,quantity\nB,n,2026-01,-3\n")
    result = sopkit("check", tmp_path)
    assert result.exit_code == 1
    assert "the key (product) must be unique" in result.output
    assert "quantity must be 0 or more" in result.output
    assert "2 errors" in result.output


@pytest.mark.parametrize(
    "words",
    [["run", "--cycle", "../x"], ["run", "--company", "../x"], ["run", "--until", "45_lunch"]],
)
def test_run_refuses_what_it_cannot_plan_with_exit_code_1(sopkit, words, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = sopkit(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_run_refuses_an_option_it_does_not_know(sopkit):
    assert sopkit("run", "--colour", "red").exit_code == 2


def test_the_help_of_run_names_every_stage(sopkit):
    output = sopkit("run", "--help").output
    assert all(name in output for name in STAGE_NAMES)


def test_a_folder_outside_a_project_is_refused_in_words(sopkit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = sopkit("status")
    assert result.exit_code == 1
    assert "run this in the folder of a sopkit project" in result.output


def test_from_a_sales_export_to_sound_tables(sopkit, tmp_path):
    export = tmp_path / "orders.csv"
    export.write_text("Order date;Item;Qty\n2026-01-15;007;3\n2026-03-31;007;2\n2026-03-30;B;1\n")
    folder = tmp_path / "acme"
    words = [
        "--from-sales",
        export,
        "--date",
        "Order date",
        "--product",
        "Item",
        "--quantity",
        "Qty",
    ]
    result = sopkit("init", folder, *words)
    assert result.exit_code == 0, result.output
    assert (folder / "sales_history.csv").read_text().splitlines()[1].startswith("007,")
    assert sopkit("check", folder).exit_code == 0


def test_the_empty_workbook_is_itself_sound(sopkit, tmp_path):
    result = sopkit("init", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert sopkit("check", tmp_path / "new" / "csv").exit_code == 0
    assert sopkit("check", tmp_path / "new" / "workbook.xlsx").exit_code == 0
    assert sopkit("check", tmp_path / "new").exit_code == 0


def test_the_printed_documentation_is_current(sopkit, tmp_path):
    written = sopkit("docs", tmp_path)
    assert written.exit_code == 0, written.output
    for name in ("data_dictionary.md", "rules.md", "packages.md"):
        assert (tmp_path / name).read_text() == (ROOT / "docs" / name).read_text(), "run make docs"


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["run", "--help"],
        ["--version"],
        ["run", "--colour", "red"],
        ["rnu"],
        ["run", "--stage-timeout", "x"],
    ],
    ids=" ".join,
)
def test_help_and_a_mistyped_word_load_neither_pandas_nor_the_runner(words):
    code = (
        "import sys; from sopkit.cli import main\n"
        "try: main(sys.argv[1:], prog_name='sopkit')\n"
        "finally: print('LOADED', *sorted({'pandas', 'numpy', 'papermill', 'matplotlib', 'sopkit.runner.run'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "LOADED"
    assert done.returncode in (0, 2), done.stderr


HEAVY = {"scipy", "statsmodels", "pandera", "papermill", "matplotlib", "sopkit.cycle.stages"}
MOST_MODULES = 1_250  # pandas and SQLAlchemy have 1,050; planning loads some 2,400


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--store", "sqlite:///{store}"],
        ["check", "nowhere"],
        ["run", "--company", "nobody"],
        ["run", "--company", "Not A Name"],
        ["run", "--cycle", "2026-13"],
        ["run", "--from", "45_lunch"],
        ["diff", "1", "2", "--store", "sqlite:///{store}"],
        ["approve", "abcdefgh", "--author", "A", "--reason", "b", "--store", "sqlite:///{store}"],
        ["export", "demand_plan", "x.csv", "--store", "sqlite:///{store}"],
        ["history", "--store", "sqlite:///{store}"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_what_is_refused_or_told_without_planning_loads_nothing_that_plans(words, tmp_path):
    """Seconds differ between machines: the modules that are loaded do not."""
    code = (
        "import sys; from sopkit.cli import main\n"
        "try: main(sys.argv[1:], prog_name='sopkit')\n"
        f"finally: print('LOADED', len(sys.modules), *sorted({HEAVY!r} & set(sys.modules)))"
    )
    given = [word.format(store=tmp_path / "plans.sqlite") for word in words]
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, cwd=ROOT
    )
    _, count, *heavy = done.stdout.splitlines()[-1].split()
    assert not heavy
    assert int(count) < MOST_MODULES
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr


def test_importing_the_package_loads_no_pandas():
    code = "import sys, sopkit; print('pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"


def test_scenarios_are_listed_with_their_changes(sopkit, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = sopkit("scenario", "list")
    assert result.exit_code == 0, result.output
    assert (
        "price-rise\n  multiply item_costs.price 1.03 (from 2027-01): With the January price list"
        in result.output
    )


def test_scenarios_are_compared_and_drawn_each_against_the_base(sopkit, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    store = ("--store", f"sqlite:///{tmp_path / 'plans.sqlite'}")
    result = sopkit("scenario", "compare", "extra-shift", *store, "--chart", tmp_path / "sides.png")
    assert result.exit_code == 0, result.output
    assert "extra-shift: change" in result.output
    said = [line.strip() for line in result.output.splitlines()]
    for measure in (
        "demand",
        "on-time fill rate",
        "cost",
        "margin",
        "highest stock value",
        "lowest cash",
    ):
        assert any(line.startswith(f"{measure} ") for line in said), measure
    assert (tmp_path / "sides.png").stat().st_size > 0


def test_an_unknown_scenario_is_refused_and_the_known_are_named(sopkit, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = sopkit("scenario", "compare", "extra-shfit")
    assert result.exit_code == 1
    assert "no scenario 'extra-shfit'; known are base, big-deal" in result.output
