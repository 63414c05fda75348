"""Whichever file or SQL operation of a run fails, in whichever of its processes: it says so, leaves nothing behind, and works when it is run again: a
hundred drawn ones by `make prove`, one here."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, project_in, trials
from test_kernels import MOST, of_the_run
from test_run import _write_corner_shop

from sopkit.runner import forks
from sopkit.store import revisions, verify

PLACE = ("corner", "2026-10", "base")
SEED = 24


def run(folder, fails_at):
    """Plan the corner shop in a project of its own, with the n-th operation failing (0: none)."""
    temporary, counter = folder / "tmp", folder.parent / f"{folder.name}.count"
    temporary.mkdir(exist_ok=True)
    counter.write_text("")
    fault = os.pathsep.join([str(folder), str(counter), str(fails_at)])
    done = subprocess.run(
        [sys.executable, "-m", "sopkit.cli", "run", "--company", "corner", "--cycle", "2026-10"],
        cwd=folder,
        env=os.environ | {
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "failing"), str(ROOT)]),
            "TMPDIR": str(temporary),
            "SOPKIT_FAULT": fault,
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done, counter.read_text().splitlines()


def begun(folder):
    """A project with the corner shop alone."""
    folder.mkdir()
    project_in(folder)
    _write_corner_shop(folder / "data" / "corner")
    return folder


def store_of(folder):
    return f"sqlite:///{folder / 'plans.sqlite'}"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A run in which nothing fails: its operations, and the hash of its plan."""
    folder = begun(tmp_path_factory.mktemp("sound") / "project")
    done, operations = run(folder, 0)
    assert done.returncode == 0, done.stderr
    return operations, revisions.latest_revision(store_of(folder), *PLACE).hash


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
@pytest.mark.parametrize("trial", range(trials(1, 100)))
def test_a_run_whose_nth_operation_fails_loses_nothing_and_is_run_again(trial, sound, tmp_path):
    operations, plan = sound
    number = random.Random(f"{SEED} {trial}").randint(1, len(operations))  # noqa: S311 - no secret
    folder = begun(tmp_path / "project")
    done, _ = run(folder, number)
    what = f"operation {number} of {len(operations)}, {operations[number - 1]}:\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr, what
    assert done.returncode in (0, 1), what
    assert done.returncode == 0 or "Error: " in done.stderr, what
    deadline = time.monotonic() + MOST
    while (alive := [*of_the_run(str(folder / "tmp"))]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not alive, what
    assert not list((folder / "tmp").iterdir()), what
    again, _ = run(folder, 0)
    assert again.returncode == 0, f"{what}\nagain: {again.stderr}"
    assert verify.verify(store_of(folder)) == []
    assert revisions.latest_revision(store_of(folder), *PLACE).hash == plan, what
    assert (folder / "reports" / "corner" / "2026-10" / "base" / "index.html").exists(), what
