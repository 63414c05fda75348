"""A run of the notebooks, as a user starts it. The project is a copy in a temporary folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date

import nbformat
import pandas as pd
import psutil
import pytest
from browser import faults_of_access
from click.testing import CliRunner
from conftest import ROOT, assert_same_table, project_in

from sopkit import cli
from sopkit.cycle import replanning, stages
from sopkit.io import hashing, readers
from sopkit.runner import project, run, run_log, staleness
from sopkit.store import approval, revisions
from sopkit.store.audit_log import Author
from sopkit.tables.issues import DataError


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project of its own: the repository's notebooks and sample company."""
    folder = project_in(tmp_path_factory.mktemp("project"))
    _write_corner_shop(folder / "data" / "corner")
    return folder


def _write_corner_shop(folder):
    """A company of three products that gives little beside its sales: quick to plan."""
    folder.mkdir()
    (folder / "products.csv").write_text(
        "product,family,unit_of_measure\nTEA,drinks,box\nCOFFEE,drinks,box\n0042,food,piece\n"
    )
    months = [str(month) for month in pd.period_range("2023-10", "2026-09", freq="M")]
    rows = [
        f"{p},town,{m},{100 + 10 * (int(m[-2:]) % 6) + i}"
        for p in ("TEA", "COFFEE", "0042")
        for i, m in enumerate(months)
    ]
    (folder / "sales_history.csv").write_text(
        "\n".join(["product,market,period,quantity", *rows, ""])
    )
    (folder / "scenario_changes.csv").write_text(
        "scenario,change,table,column,operation,amount,product\nbusy,1,sales_history,quantity,multiply,1.5,TEA\n"
    )


@pytest.fixture(autouse=True)
def _inside(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def summit(tmp_path_factory, summit_run):
    """A project of its own, in which the sample company has been planned, and the revision."""
    project = tmp_path_factory.mktemp("summit") / "project"
    shutil.copytree(summit_run[0], project)
    store = f"sqlite:///{project / 'plans.sqlite'}"
    return project, revisions.latest_revision(store, "summit", "2026-10", "base")


@pytest.fixture
def whole(_inside, summit, monkeypatch):
    """The outcome of one whole run, inside its project: the folder of the report, the revision."""
    monkeypatch.chdir(summit[0])
    return run.Request("summit", "2026-10").folder, summit[1]


def edit(path, change):
    """Change a notebook's cells by `change(cells)`."""
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


@pytest.fixture
def broken(home):
    """Break the product review for one test."""
    path = home / "notebooks" / "20_product_review.ipynb"
    before = path.read_bytes()

    def put(source):
        edit(path, lambda cells: cells.append(nbformat.v4.new_code_cell(source)))
        edit(path, lambda cells: cells.insert(3, nbformat.v4.new_code_cell(source)))

    yield put
    path.write_bytes(before)


def test_a_run_gives_a_report_nine_notebooks_and_revision_1(summit, whole):
    folder, revision = whole
    assert folder == summit[0] / "reports" / "summit" / "2026-10" / "base"
    assert revision.number == 1
    assert (folder / "index.html").stat().st_size > 100_000
    assert [p.stem for p in sorted((folder / "notebooks").iterdir())] == list(stages.STAGE_NAMES)
    assert sorted(p.name for p in folder.iterdir()) == [
        "executive.html",
        "index.html",
        "notebooks",
        "sop.xlsx",
    ]
    assert sorted(p.name for p in folder.parent.iterdir()) == [".base.run", "base"]
    assert not list((folder.parent / ".base.run" / "report").iterdir())


@pytest.mark.parametrize("look", ["--window-size=1440,900", "--window-size=390,800"])
def test_everyone_can_read_the_report(whole, tmp_path, chromium, axe, look):
    """At a desk and on a phone, axe-core finds nothing serious."""
    found = faults_of_access(whole[0] / "index.html", tmp_path, chromium, axe, look)
    assert [fault for fault in found if fault[0] in ("serious", "critical")] == []


def test_the_notebooks_and_replan_give_identical_tables(whole, plan):
    saved = revisions.read_revision(project.store_url(), "summit", "2026-10", "base", 1)
    assert set(saved) == set(plan)
    for name, table in plan.items():
        assert_same_table(saved[name], table, obj=name)


def test_a_second_run_of_the_same_inputs_is_a_second_revision_of_the_same_content(home):
    _, first = run.run(run.Request("corner", "2026-10"), with_report=False, progress=False)
    _, again = run.run(
        run.Request("corner", "2026-10", reason="once more"), with_report=False, progress=False
    )
    assert (first.number, again.number) == (1, 2)
    assert first.hash == again.hash
    assert list(revisions.revisions(project.store_url(), "corner")["why"]) == [
        "planned",
        "once more",
    ]


def test_a_run_may_start_at_a_later_stage_of_the_same_inputs(whole):
    folder, revision = run.run(
        run.Request("summit", "2026-10", first="70_executive_sop"), progress=False
    )
    assert len(list((folder / "notebooks").iterdir())) == len(stages.STAGES)
    assert revision.number > 1


def test_a_run_may_not_start_at_a_later_stage_when_nothing_was_run(whole):
    asked = run.Request("summit", "2026-10", "demand-upside", first="40_supply_review")
    with pytest.raises(ValueError, match="no revision yet; run the cycle from its first stage"):
        run.run(asked, progress=False)
    assert run_log.last(project.report_folder("summit", "2026-10", "demand-upside")) is None


def test_a_part_of_the_cycle_saves_no_revision_and_leaves_the_report_alone(whole):
    before = len(revisions.revisions(project.store_url(), "summit"))
    report = whole[0] / "index.html"
    stamp = report.stat().st_mtime_ns
    folder, revision = run.run(
        run.Request("summit", "2026-10", last="10_data_review"), progress=False
    )
    assert revision is None
    assert folder.name == "base.draft"
    assert (folder / "index.html").exists()
    assert report.stat().st_mtime_ns == stamp
    assert len(revisions.revisions(project.store_url(), "summit")) == before


def test_a_failing_stage_is_named_with_cell_and_cause_and_its_notebook_is_kept(broken, home):
    broken("raise RuntimeError('the dog ate it')")
    with pytest.raises(
        run.StageError, match=r"^20_product_review, cell In \[4\]: RuntimeError: the dog ate it$"
    ):
        run.run(run.Request("corner", "2026-12"), progress=False)
    cycle = home / "reports" / "corner" / "2026-12"
    assert sorted(p.name for p in cycle.iterdir()) == [".base.run", "base.failed"]
    page = (cycle / "base.failed" / "index.html").read_text()
    assert 'role="status"' in page
    assert (
        "20_product_review, cell In [4]: RuntimeError: the dog ate it"
        in page[page.index("FAILED on") :][:200]
    )
    assert "the dog ate it" in (cycle / "base.failed" / "20_product_review.ipynb").read_text()
    assert "2026-12" not in set(
        revisions.revisions(project.store_url(), "corner")["cycle"].astype(str)
    )


@pytest.mark.parametrize(
    "source",
    ["import sys; sys.exit(0)", "import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"],
)
def test_a_notebook_that_ends_early_never_passes_for_complete(broken, home, source):
    broken(source)
    with pytest.raises(run.StageError, match=r"^20_product_review"):
        run.run(run.Request("corner", "2026-12"), progress=False)
    assert not (home / "reports" / "corner" / "2026-12" / "base").exists()


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"cycle": "../x"}, "write it as 2026-10"),
        ({"company": "../x"}, "is not a valid name"),
        ({"scenario": "a/b"}, "is not a valid name"),
        ({"last": "45_lunch"}, "is not a stage; the stages are 10_data_review"),
        ({"stage_timeout": 0.0}, "--stage-timeout 0: write seconds above 0"),
        ({"stage_timeout": float("nan")}, "--stage-timeout nan: write seconds above 0"),
        ({"stage_timeout": float("inf")}, "--stage-timeout inf: write seconds above 0"),
        ({"first": "90_process_review", "last": "10_data_review"}, "comes after"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(wish, message):
    with pytest.raises(ValueError, match=message):
        run.Request(**({"company": "summit", "cycle": "2026-10"} | wish))


def test_an_unknown_scenario_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match="no scenario 'moon'; known are base"):
        run.run(run.Request("summit", "2026-10", scenario="moon"), progress=False)


def test_a_scenario_is_planned_from_changed_inputs_beside_the_base_plan(home):
    folder, revision = run.run(run.Request("corner", "2026-10", scenario="busy"), progress=False)
    assert folder == home / "reports" / "corner" / "2026-10" / "busy"
    assert revision.number == 1
    demand = revisions.read_table(project.store_url(), "corner", "2026-10", "busy", "demand_plan")
    base = replanning.replan(
        readers.read(str(home / "data" / "corner")), "2026-10", until="30_demand_review"
    )["demand_plan"]
    busy, calm = (frame.groupby("product")["consensus"].sum() for frame in (demand, base))
    assert busy["TEA"] == pytest.approx(1.5 * calm["TEA"], rel=0.01)
    assert busy["0042"] == pytest.approx(calm["0042"])


def test_a_faulty_table_stops_the_run_before_anything_is_written(home):
    shutil.copytree(home / "data" / "summit", home / "data" / "faulty")
    sales = home / "data" / "faulty" / "sales_history.csv"
    lines = sales.read_text().splitlines()
    sales.write_text("\n".join([*lines[:5], lines[5].rsplit(",", 2)[0] + ",-4,", *lines[6:]]))
    with pytest.raises(DataError, match=r"sales_history\.csv line 6"):
        run.run(run.Request("faulty", "2026-10"), progress=False)
    assert not (home / "reports" / "faulty").exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("budget", "family,period,quantity,revenue,margin\nboats,2026-10,1,1,1\n", ("family", "budget.csv line 2", "boats")),
        (
            "item_costs",
            "product,effective_from,price,material_cost,holding_cost,backlog_cost\nTEA,2026-01,5,2,0.1,1\n",
            ("item_costs: no row for 0042, COFFEE, which sold in the last twelve months", "add its price and costs"),
        ),
    ],
    ids=["a budget for a family that is not", "a product with demand and no price"],
)  # fmt: skip
def test_what_contradicts_the_company_ends_the_run_with_one_message_and_saves_nothing(
    home, name, text, said
):
    shutil.copytree(home / "data" / "corner", home / "data" / name)
    (home / "data" / name / f"{name}.csv").write_text(text)
    before = len(revisions.revisions(project.store_url()))
    result = CliRunner().invoke(cli.main, ["run", "--company", name, "--cycle", "2026-10"])
    assert result.exit_code == 1
    assert all(part in result.stderr for part in said)
    assert len(revisions.revisions(project.store_url())) == before


@pytest.fixture
def harbour(home):
    """The corner shop with a stock goal that it misses, and a scenario that asks for less stock."""
    folder = home / "data" / "harbour"
    shutil.copytree(home / "data" / "corner", folder)
    (folder / "inventory_policy.csv").write_text(
        "product,target_cover_months\nTEA,3\nCOFFEE,3\n0042,3\n"
    )
    (folder / "goals.csv").write_text(
        "goal,measure,from_period,to_period,target,direction,horizon,owner\n"
        "lean,inventory_value,2026-10,2027-09,1,at_most,tactical,A. Novak\n"
    )
    (folder / "item_costs.csv").write_text(
        "product,effective_from,price,material_cost,holding_cost,backlog_cost\n"
        + "".join(f"{p},2026-10,5,2,0.1,1\n" for p in ("TEA", "COFFEE", "0042"))
    )
    (folder / "scenario_changes.csv").write_text(
        "scenario,change,table,column,operation,amount\nless,1,inventory_policy,target_cover_months,multiply,0.5\n"
    )
    return folder


def test_a_rework_starts_where_the_choices_reach_and_the_next_cycle_reads_back_what_was_approved(
    harbour, home
):
    url, author = project.store_url(), Author("A. Novak", "as discussed")
    request = run.Request("harbour", "2026-10", author="A. Novak")
    folder, first = run.run(request, progress=False)
    assert first.who == "A. Novak"
    approval.submit(url, request.plan, author)
    approval.decide(url, request.plan, "decide-goal-lean", "less", author, date(2026, 11, 1))
    assert approval.rework(url, request.plan).first == "40_supply_review"
    early = (folder / "notebooks" / "30_demand_review.ipynb").read_bytes()
    folder, second, chosen = run.rework(request, progress=False)
    assert (second.number, chosen) == (2, ("less",))
    assert (folder / "notebooks" / "30_demand_review.ipynb").read_bytes() == early
    assert [p.stem for p in sorted((folder / "notebooks").iterdir())] == list(stages.STAGE_NAMES)
    before, after = (
        revisions.read_table(url, *request.plan, "inventory_targets", n)["target_inventory"].sum()
        for n in (1, 2)
    )
    assert after < before
    _, undecided = approval.submit(url, request.plan, author)
    for decision in undecided["decision"]:
        approval.decide(url, request.plan, decision, "keep", author)
    approval.approve(url, request.plan, author, second.hash)
    with pytest.raises(
        ValueError,
        match=r"harbour 2026-10 base is approved and locked: A. Novak approved revision 2",
    ):
        run.run(request, with_report=False, progress=False)
    _sold(harbour, "2026-10")
    run.run(run.Request("harbour", "2026-11"), with_report=False, progress=False)
    known = revisions.read_inputs(url, "harbour", "2026-11", "base")
    assert set(known["approved_forecasts"]["cycle"].astype(str)) == {"2026-10"}
    assert known["decision_log"]["choice"].iloc[0] == "less"
    accuracy = revisions.read_table(url, "harbour", "2026-11", "base", "forecast_accuracy")
    assert "consensus" in set(accuracy["contributor"])
    assert revisions.read_table(url, "harbour", "2026-11", "base", "decision_follow_up").empty
    _sold(harbour, "2026-11")  # the first month of the choice
    run.run(run.Request("harbour", "2026-12"), with_report=False, progress=False)
    results = revisions.read_table(url, "harbour", "2026-12", "base", "decision_follow_up")
    assert set(results["decision"]) == {"decide-goal-lean"}


def _sold(folder, month):
    """Close a month: what was sold in it is added to the history."""
    sales = folder / "sales_history.csv"
    rows = "".join(f"{product},town,{month},120\n" for product in ("TEA", "COFFEE", "0042"))
    sales.write_text(sales.read_text() + rows)


# --- runs that do not end well ---------------------------------------------------------------------------------


@pytest.fixture
def slow(home):
    """The demand review takes a minute; the notebook is as it was when this is called."""
    path = home / "notebooks" / "30_demand_review.ipynb"
    before = path.read_bytes()
    edit(
        path,
        lambda cells: cells.insert(3, nbformat.v4.new_code_cell("import time; time.sleep(60)")),
    )
    yield lambda: path.write_bytes(before)
    path.write_bytes(before)


def status():
    return CliRunner().invoke(cli.main, ["status", "--company", "corner"]).output


def begin():
    """Start `sopkit run` of the corner shop's November as a process of its own, and wait until it is slow."""
    command = [
        sys.executable,
        "-m",
        "sopkit.cli",
        "run",
        "--company",
        "corner",
        "--cycle",
        "2026-11",
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # a test in the background ignores it
    )
    record = (
        project.report_folder("corner", "2026-11", "base").with_name(".base.run") / "record.json"
    )
    deadline = time.monotonic() + 240
    while not (record.exists() and json.loads(record.read_text())["stage"] == "30_demand_review"):
        assert process.poll() is None, "the run ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_is_ended_leaves_no_kernel_and_no_fresh_page_and_is_resumed(home, slow, number):
    request = run.Request("corner", "2026-11")
    request.folder.mkdir(parents=True, exist_ok=True)
    page = request.folder / "index.html"
    page.write_text("<main>\nthe plan before\n</main>")
    process = begin()
    deadline = time.monotonic() + 30  # the stage is noted just before its kernel starts
    while len(kernels := psutil.Process(process.pid).children(recursive=True)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "is at 30_demand_review" in status()
    with pytest.raises(
        ValueError,
        match=r"corner 2026-11 base: the run of \w+ \(2\d{3}-.* UTC, .* is at 30_demand_review",
    ):
        run.run(request, progress=False)
    process.send_signal(number)
    process.wait(timeout=60)
    _, alive = psutil.wait_procs(kernels, timeout=20)
    assert not alive
    assert "STALE: a newer run" in page.read_text()
    told = status()
    assert ("was terminated" if number == signal.SIGKILL else "failed") in told
    assert "add --resume to continue after 20_product_review" in told
    assert (
        "2026-11"
        not in set(revisions.revisions(project.store_url(), "corner")["cycle"].astype(str))
        or number != signal.SIGKILL
    )
    slow()
    early = run_log.last(request.folder)["done"]
    folder, revision = run.run(run.Request("corner", "2026-11", resume=True), progress=False)
    assert list(early) == ["10_data_review", "20_product_review"]
    assert "STALE" not in page.read_text()
    assert revision.hash[:12] in page.read_text()
    assert len(list((folder / "notebooks").iterdir())) == len(stages.STAGES)
    assert "was terminated" not in status()


def test_what_was_not_begun_is_not_resumed(home):
    with pytest.raises(
        ValueError, match=r"--resume: no run of corner 2027-03 base stopped after a completed stage"
    ):
        run.run(run.Request("corner", "2027-03", resume=True), progress=False)
    with pytest.raises(ValueError, match="remove --from"):
        run.Request("corner", "2027-03", resume=True, first="40_supply_review")


def test_a_run_is_not_resumed_on_other_inputs(home):
    request = run.Request("corner", "2027-04", resume=True)
    with pytest.raises(OSError, match="no power"), run_log.begun(request.folder, opening(request)):
        raise OSError("no power")
    with pytest.raises(ValueError, match="the inputs have changed since the run of 2"):
        run.run(request, progress=False)


def opening(request, inputs_hash="other"):
    done = {"10_data_review": "x"}
    return {
        "plan": f"{request.plan}",
        "stage": "x",
        "first": "10_data_review",
        "place": "",
        "inputs_hash": inputs_hash,
        "done": done,
    }


def test_tables_that_change_during_a_run_are_named_and_nothing_is_saved(home):
    shutil.copytree(home / "data" / "corner", home / "data" / "moving")
    request = run.Request("moving", "2026-10")
    read = run._read(request)
    before = run._inputs(request, read)
    run._refuse_changed(request, before, read)
    products = home / "data" / "moving" / "products.csv"
    products.write_text(products.read_text().replace("food", "foods"))
    with pytest.raises(ValueError, match=r"^products: changed during the run; nothing was saved"):
        run._refuse_changed(request, before, read)
    products.write_text("product\n")
    with pytest.raises(
        ValueError,
        match=r"the tables were changed during the run, and have .* errors; nothing was saved",
    ):
        run._refuse_changed(request, before, read)


def test_a_report_whose_tables_have_changed_since_says_so_when_the_status_is_asked_for(home):
    shutil.copytree(home / "data" / "corner", home / "data" / "later")
    request = run.Request("later", "2026-10")
    read = run._read(request)
    made_from = opening(request, hashing.content_hash(run._inputs(request, read)))
    made_from |= staleness.basis(request.plan, read.files_hash, project.store_url())
    with run_log.begun(request.folder, made_from):
        request.folder.mkdir()
        page = request.folder / "index.html"
        page.write_text("<main>\nthe plan\n</main>")
    assert not staleness.has_moved_on(request.folder, run_log.last(request.folder))
    assert "STALE" not in page.read_text()
    products = home / "data" / "later" / "products.csv"
    products.write_text(products.read_text() + "\n")  # another file, the same table
    assert not staleness.has_moved_on(request.folder, run_log.last(request.folder))
    products.write_text(products.read_text().replace("food", "foods"))
    told = CliRunner().invoke(cli.main, ["status", "--company", "later"]).output
    assert "later 2026-10 base: its tables have changed since the run of" in told
    assert "STALE: the tables have changed since" in page.read_text()


def test_a_stage_that_takes_too_long_is_ended_and_named_with_the_remedy(home):
    path = home / "notebooks" / "10_data_review.ipynb"
    before = path.read_bytes()
    edit(
        path,
        lambda cells: cells.insert(3, nbformat.v4.new_code_cell("import time; time.sleep(90)")),
    )
    with pytest.raises(
        run.StageError,
        match=r"^10_data_review took longer than 2 s; raise --stage-timeout SECONDS$",
    ):
        run.run(run.Request("corner", "2027-02", stage_timeout=2), progress=False)
    path.write_bytes(before)


@pytest.mark.parametrize(
    "wish", [{"company": 7}, {"stage_timeout": "long"}, {"workspace": None}, {"resume": "yes"}]
)
def test_a_parameter_of_another_type_is_refused(wish):
    with pytest.raises(TypeError, match="must be"):
        run.Request(**({"company": "summit", "cycle": "2026-10"} | wish))


def test_the_password_of_a_store_stands_in_no_page_notebook_record_or_log(home, postgres, broken):
    secret = "pass-w0rd-of-ours"  # noqa: S105  the test's own
    url = postgres.replace("sopkit@", f"sopkit:{secret}@") + f"&password={secret}"
    assert url.count(secret) == 2
    broken(
        "from sopkit.runner import project; from sopkit.store import revisions; "
        "revisions.read_table(project.store_url(), 'x', '2026-10', 'base', 'y')"
    )
    command = [
        sys.executable,
        "-m",
        "sopkit.cli",
        "run",
        "--company",
        "corner",
        "--cycle",
        "2026-12",
        "--until",
        "20_product_review",
    ]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}", project.STORE_VARIABLE: url}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert b"20_product_review, cell In [4]: FileNotFoundError" in done.stderr
    assert secret.encode() not in done.stdout + done.stderr
    files = [file for file in (home / "reports" / "corner").rglob("*") if file.is_file()]
    assert len(files) > 5
    assert not [file for file in files if secret.encode() in file.read_bytes()]
