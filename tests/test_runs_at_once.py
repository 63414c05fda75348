"""Runs started at the same moment from one folder: of different plans all end well, of one plan one is refused."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT
from test_run import _inside, home, opening  # noqa: F401  a project with a small company

from sopkit.runner import run, run_log


@pytest.fixture
def temporary():
    """An empty folder, and a short name: sockets' names may have some 100 characters."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def started(temporary, *words, way="fork"):
    """A `sopkit run` as a process of its own, which keeps what is for a while in that folder."""
    command = [
        sys.executable,
        "-m",
        "sopkit.cli",
        "run",
        "--until",
        "10_data_review",
        "--no-report",
        *words,
    ]
    environment = {"PYTHONPATH": f"{ROOT}", "SOPKIT_KERNELS": way, "TMPDIR": f"{temporary}"}
    return subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("way", "other"),
    [("fork", ["--company", "kiosk"]), ("spawn", ["--company", "corner", "--scenario", "busy"])],
)
def test_runs_of_different_plans_end_well_and_leave_nothing_behind(home, temporary, way, other):  # noqa: F811
    shutil.copytree(home / "data" / "corner", home / "data" / "kiosk", dirs_exist_ok=True)
    before = {path.name for path in home.iterdir()} | {"reports"}
    running = [started(temporary, *words, way=way) for words in (["--company", "corner"], other)]
    said = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert not [error for _, error in said if "ERROR" in error or "Traceback" in error]
    assert {path.name for path in home.iterdir()} == before
    assert not list(temporary.iterdir())


def test_a_second_run_of_the_same_plan_is_refused_at_once_by_name(home, temporary):  # noqa: F811
    request = run.Request("corner", "2027-05", last="10_data_review")
    request.folder.parent.mkdir(parents=True, exist_ok=True)
    with run_log.begun(request.folder, opening(request)):
        second = started(temporary, "--company", "corner", "--cycle", "2027-05")
        _, error = second.communicate(timeout=60)
        assert second.returncode == 1
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        assert error.startswith("Error: corner 2027-05 base: the run of ")
        for told in (
            today,
            "is at x",
            f"cannot both write {request.folder}: wait",
            f"process {os.getpid()}",
        ):
            assert told in error
    third = started(temporary, "--company", "corner", "--cycle", "2027-05")
    assert third.wait(timeout=240) == 0


def test_a_run_that_holds_the_place_but_has_no_record_yet_is_told_too(home):  # noqa: F811
    report = home / "reports" / "corner" / "2027-06" / "base"
    place = report.with_name(".base.run")
    place.mkdir(parents=True)
    with (
        run_log.FileLock(place / "lock"),
        pytest.raises(ValueError, match="has just started; wait"),
    ):
        run_log.refuse_running(report)
