"""The wheel holds all that planning takes: installed in an empty folder, a company is begun and planned there."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from sopkit.cli import main
from sopkit.runner import new_project
from sopkit.schema.stages import STAGE_NAMES

EXPORT = "Date,Item,Pieces\n" + "".join(
    f"{year}-{month:02}-05,{item},{40 + month + place}\n"
    for place, item in enumerate(("TEA", "RICE"))
    for year in (2024, 2025)
    for month in range(1, 13)
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source, left_out = folder / "source", shutil.ignore_patterns("__pycache__", ".*")
    for name in ("sopkit", "notebooks"):  # a build writes beside its source
        shutil.copytree(ROOT / name, source / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    words = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", folder, source]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_notebooks_templates_and_schema(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    held = {Path(name).stem for name in names if "share/sopkit/notebooks/" in name}
    assert set(STAGE_NAMES) <= held
    for file in ("reporting/templates/report.html.j2", "schema/columns.csv", "schema/tables.toml"):
        assert f"sopkit/{file}" in names
    assert not [name for name in names if name.startswith(("tests/", "data/"))]


def test_installed_alone_it_makes_a_project_in_an_empty_folder_and_plans_a_company(wheel, tmp_path):
    """Its libraries are those of this environment; of the repository nothing is in reach."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    libraries = Path(pytest.__file__).parents[1]
    words = [
        "install",
        "--no-deps",
        "--no-index",
        "-q",
        "--prefix",
        tmp_path / "env",
        "--ignore-installed",
        wheel,
    ]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, cwd=tmp_path)
    (site / "libraries.pth").write_text(f"{libraries}\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "orders.csv").write_text(EXPORT)
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    environment["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")

    def sopkit(*words, cwd=empty):
        done = subprocess.run(
            [python, "-m", "sopkit.cli", *words],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert sopkit("new", "my-plan").startswith("Made my-plan. Next:")
    plan = empty / "my-plan"
    sopkit("init", "data/acme", "--from-sales", "../orders.csv", cwd=plan)
    said = sopkit("run", "--company", "acme", "--until", "10_data_review", cwd=plan)
    assert said == f"Report: {plan.resolve()}/reports/acme/2026-01/base.draft/index.html\n"
    where = subprocess.run(
        [python, "-c", "import sopkit; print(sopkit.__file__)"],
        cwd=plan,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)


def test_a_project_is_not_made_over_anything(tmp_path):
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "notes.txt").touch()
    refused = CliRunner().invoke(main, ["new", str(tmp_path / "plan")])
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: {tmp_path / 'plan'} is not empty; choose a new folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_from_the_repository_a_project_gets_its_notebooks(tmp_path):
    made = new_project.make(tmp_path / "plan")
    assert sorted(path.name for path in made.iterdir()) == [".gitignore", "data", "notebooks"]
    assert {path.stem for path in (made / "notebooks").iterdir()} >= set(STAGE_NAMES)
