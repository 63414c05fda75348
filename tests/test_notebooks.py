"""The notebooks hold the story and the calls; every calculation is in the library."""

import ast
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from sopkit.cycle import replanning, stages
from sopkit.runner import artifacts
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

FOLDER = Path(__file__).parents[1] / "notebooks"
PARAMETERS = """company: str = "summit"  # the company: a folder of data/
cycle: str = "2026-10"  # the month in which the plan is made
scenario: str = "base"  # base, or a scenario of scenario_changes
workspace: str = ""  # where the input tables are: folder, .xlsx or database URL; empty: data/<company>
store: str = ""  # the plan store's URL; empty: plans.sqlite"""
ALLOWED = (
    ast.Module, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.Expr, ast.Call, ast.Attribute, ast.Name, ast.Constant,
    ast.keyword, ast.Tuple, ast.Load, ast.Store,
)  # fmt: skip

every_stage = pytest.mark.parametrize("stage", stages.STAGES, ids=lambda stage: stage.name)


def notebook(stage):
    return nbformat.read(FOLDER / f"{stage.name}.ipynb", as_version=4)


def code(stage):
    return [cell for cell in notebook(stage).cells if cell.cell_type == "code"]


def test_there_is_one_notebook_for_each_stage():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == [
        stage.name for stage in stages.STAGES
    ] + [
        "what_if"  # plans in memory alone, so no run executes it
    ]


@every_stage
def test_all_notebooks_have_the_same_parameters(stage):
    tagged = [cell.source for cell in code(stage) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [PARAMETERS]


@every_stage
def test_a_notebook_is_committed_without_outputs_and_with_a_python_kernel(stage):
    book = notebook(stage)
    assert not [cell for cell in code(stage) if cell.outputs or cell.execution_count]
    assert book.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in book.cells}) == len(book.cells)


@every_stage
def test_a_notebook_begins_with_the_question_of_its_meeting(stage):
    first = notebook(stage).cells[0].source
    assert first.startswith("# ")
    assert "\n\n> " in first


@every_stage
def test_cells_hold_no_logic(stage):
    logic = [
        (cell.source, type(node).__name__)
        for cell in code(stage)
        for node in ast.walk(ast.parse(cell.source))
        if not isinstance(node, ALLOWED)
    ]
    assert logic == []


# ---------------------------------------------------------------------------------------------------------------
# a newcomer's company: nothing but products and sales


def newcomers_tables():
    months = pd.period_range("2024-01", "2026-09", freq="M")
    names = ["TENT-1", "STOVE-1", "PACK-$1"]
    products = pd.DataFrame(
        {"product": names, "family": ["tents", "stoves", "packs"], "unit_of_measure": "piece"}
    )
    sales = pd.DataFrame({"product": names}).merge(pd.DataFrame({"period": months}), how="cross")
    sales = sales.assign(market="north", quantity=100.0 + 10 * sales["period"].dt.month)
    return {
        "products": conform("products", products),
        "sales_history": conform("sales_history", sales),
    }


def test_the_notebooks_run_one_after_the_other_where_only_products_and_sales_are_known(
    tmp_path, monkeypatch
):
    artifacts.save(tmp_path / "inputs", newcomers_tables())
    artifacts.save(
        tmp_path / "plan",
        {"planning_periods": conform("planning_periods", planning_periods("2026-10"))},
    )
    monkeypatch.setitem(os.environ, artifacts.VARIABLE, str(tmp_path))
    monkeypatch.chdir(FOLDER)
    for stage in stages.STAGES:
        names = {}
        with redirect_stdout(StringIO()):
            exec("\n".join(cell.source for cell in code(stage)), names)  # noqa: S102  the notebook is ours
    written = {path.stem for path in (tmp_path / "plan").glob("*.parquet")}
    assert written == {
        "planning_periods",
        *(name for stage in stages.STAGES for name in stages.stage_writes(stage.name)),
    }


def test_a_stage_executed_by_plain_papermill_gives_the_tables_of_the_run(tmp_path):
    """On the draft that the demand review left; nothing is planned elsewhere and only shown."""
    inputs = newcomers_tables()
    before = replanning.replan(inputs, "2026-10", until="30_demand_review")
    artifacts.save(tmp_path / "draft" / "inputs", inputs)
    artifacts.save(tmp_path / "draft" / "plan", before)
    command = [
        sys.executable,
        "-m",
        "papermill",
        "40_supply_review.ipynb",
        str(tmp_path / "out.ipynb"),
    ]
    subprocess.run(
        [*command, "-p", "company", "corner", "--no-progress-bar"],
        cwd=FOLDER, check=True, env=os.environ | {artifacts.VARIABLE: str(tmp_path / "draft")}, capture_output=True,
    )  # fmt: skip
    inputs = artifacts.load_all(tmp_path / "draft" / "inputs")
    before = {name: artifacts.load(tmp_path / "draft" / "plan", name) for name in before}
    run = replanning.replan(inputs, "2026-10", until="40_supply_review", known=before)
    for name in stages.stage_writes("40_supply_review"):
        pd.testing.assert_frame_equal(artifacts.load(tmp_path / "draft" / "plan", name), run[name])
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    assert any(
        "image/svg+xml" in str(output)
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )


def test_the_notebook_that_replays_past_cycles_runs_and_holds_no_logic(tmp_path, monkeypatch):
    monkeypatch.chdir(FOLDER.parent)
    monkeypatch.delenv(artifacts.VARIABLE, raising=False)
    months = pd.period_range("2023-10", "2026-09", freq="M").astype(str)
    (tmp_path / "products.csv").write_text("product,family,unit_of_measure\nTEA,drinks,box\n")
    rows = [f"TEA,town,{month},{100 + 10 * (i % 12)}" for i, month in enumerate(months)]
    (tmp_path / "sales_history.csv").write_text(
        "\n".join(["product,market,period,quantity", *rows, ""])
    )
    cells = nbformat.read(FOLDER / "explore" / "replay.ipynb", as_version=4).cells
    scope = {}
    for cell in cells:
        if cell.cell_type != "code":
            continue
        assert all(isinstance(node, ALLOWED) for node in ast.walk(ast.parse(cell.source)))
        with redirect_stdout(StringIO()):
            exec(cell.source, scope)  # noqa: S102  the notebook is ours
        if "parameters" in cell.metadata.get("tags", []):
            scope |= {"workspace": str(tmp_path), "company": "tea"}
    replayed = scope["review"]
    assert set(replayed.get("forecast_value_added")["contributor"]) >= {"baseline"}
    assert replayed.get("forecast_accuracy")["wape"].notna().all()
