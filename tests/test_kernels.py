"""Kernels of a run: processes of their own, with everything imported, gone when the run is gone."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from conftest import ROOT, trials
from test_run import _inside, home  # noqa: F401  a project with a small company

from sopkit.runner import forks, kernels


def execute(folder, *sources):
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }
    )
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, folder / "in.ipynb")
    done = papermill.execute_notebook(
        folder / "in.ipynb",
        folder / "out.ipynb",
        kernel_name="python3",
        language="python",
        kernel_manager_class=kernels.RunKernelManager,
        shutdown_kernel="immediate",
        progress_bar=False,
    )
    return [output for cell in done.cells for output in cell.outputs]


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_a_notebook_runs_without_an_installed_kernelspec_and_draws_figures(
    way, tmp_path, monkeypatch
):
    monkeypatch.setenv("SOPKIT_KERNELS", way)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("SOPKIT_SEEN", "yes")
    text, figure = execute(
        tmp_path,
        "import os; print(os.environ['SOPKIT_SEEN'])",
        "import matplotlib.pyplot as plt; _ = plt.plot([1, 2])",
    )
    assert text.text == "yes\n"
    assert "image/png" in figure.data


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
def test_a_forked_kernel_shares_nothing_with_the_one_before(tmp_path):
    show = "import os, pandas; print(os.getpid(), pandas.options.display.max_rows); pandas.options.display.max_rows = 7"
    first, second = execute(tmp_path, show)[0].text.split(), execute(tmp_path, show)[0].text.split()
    assert first[0] != second[0]
    assert first[1] == second[1] != "7"


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
def test_the_process_that_is_forked_ends_when_its_input_is_closed_and_clears_away_the_sockets(
    tmp_path,
):
    (tmp_path / "sockets").mkdir()
    (tmp_path / "sockets" / "kernel-ipc-1").touch()
    server = subprocess.Popen(
        [sys.executable, "-m", "sopkit.runner.fork_server", tmp_path / "sockets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    server.stdin.close()
    assert server.wait(timeout=60) == 0
    server.stdout.close()
    assert not (tmp_path / "sockets").exists()


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
def test_while_it_imports_it_sees_that_the_run_has_ended(tmp_path):
    (tmp_path / "sockets").mkdir()
    script = (
        "import sys, time; from sopkit.runner import fork_server as server; "
        "server._import_all = lambda: [time.sleep(0.01) for _ in range(60_000)]; server._serve(sys.argv[1])"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "sockets"], cwd=ROOT, stdin=subprocess.PIPE
    )
    server.stdin.close()
    assert server.wait(timeout=120) == 0
    assert not (tmp_path / "sockets").exists()


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
def test_what_is_done_side_by_side_is_done_in_processes_of_their_own(tmp_path):
    def refused(*_texts):
        raise AssertionError("it is done here")

    refused.__module__, refused.__qualname__ = "os", "mkdir"  # which the other process knows
    forks.side_by_side((refused,), str(tmp_path / "made"))
    assert (tmp_path / "made").is_dir()


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_what_another_process_could_not_do_is_refused_here(way, tmp_path, monkeypatch):
    monkeypatch.setenv("SOPKIT_KERNELS", way)
    with pytest.raises(FileNotFoundError, match="absent"):
        forks.side_by_side((os.remove,), str(tmp_path / "absent"))


# --- whatever ends a run ---------------------------------------------------------------------------------------

FIRST_STAGE = 9.0  # seconds; a busy machine needs that long for it
MOST = 10.0  # seconds after which nothing may be alive any more
ENDINGS = [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP]


def of_the_run(folder):
    """The processes of a run, by the folder for temporary files that only they have."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR") == folder and process.status() != "zombie":
                yield process
        except psutil.Error:  # it has just ended, or is another user's
            continue


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
@pytest.mark.parametrize("trial", range(trials(3, 100)))
def test_a_run_that_is_ended_at_any_moment_leaves_no_process_and_no_file(trial, home):  # noqa: F811
    """In the first stage, in which most is started: by kill -9, by SIGTERM, or by a closed terminal."""
    moment = random.SystemRandom().uniform(0.2, FIRST_STAGE)
    with tempfile.TemporaryDirectory() as folder:
        command = ["run", "--company", "corner", "--cycle", "2026-11", "--until", "10_data_review"]
        process = subprocess.Popen(
            [sys.executable, "-m", "sopkit.cli", *command],
            env=os.environ | {"PYTHONPATH": f"{ROOT}", "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moment)
        assert process.poll() is None or process.returncode == 0
        process.send_signal(ENDINGS[trial % len(ENDINGS)])
        process.wait()
        deadline = time.monotonic() + MOST
        while (alive := [*of_the_run(folder)]) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not alive, f"ended after {moment} s"
        assert list(Path(folder).iterdir()) == [], f"ended after {moment} s"
    assert not list(home.glob("kernel-ipc*"))


@pytest.mark.skipif(not forks.CAN_FORK, reason="this system does not fork kernels")
def test_a_process_that_was_orphaned_before_it_could_ask_ends_at_once():
    """Its parent's number is another one already, whoever adopted it."""
    script = "import os; from sopkit.runner.death import die_with; die_with(os.getppid() + 1); print('lives')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_sockets_that_a_killed_run_left_are_cleared_away_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, alive = (tmp_path / f"sopkit-kernels-{number}-abc" for number in (ended.pid, os.getpid()))
    left.mkdir()
    alive.mkdir()
    forks._clear_left()
    assert [path.name for path in tmp_path.iterdir()] == [alive.name]


# --- a notebook executed by papermill, by hand -----------------------------------------------------------------


def by_hand(home, folder, *words):  # noqa: F811
    command = [Path(sys.executable).with_name("papermill"), "--engine", "sopkit"]
    notebook = home / "notebooks" / "10_data_review.ipynb"
    return subprocess.run(
        [*command, notebook, folder / "out.ipynb", "-p", "company", "corner", *words],
        cwd=home,
        env=os.environ | {"PYTHONPATH": f"{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_by_hand_a_notebook_has_a_kernel_without_a_network_and_leaves_no_socket(home, tmp_path):  # noqa: F811
    before = {path.name for path in home.iterdir()}
    done = by_hand(home, tmp_path, "-p", "cycle", "2026-10")
    assert done.returncode == 0, done.stderr
    assert "TCP" not in done.stderr
    assert {path.name for path in home.iterdir()} - {".fits"} == before - {".fits"}


def test_by_hand_a_parameter_that_no_notebook_takes_is_refused_by_name(home, tmp_path):  # noqa: F811
    done = by_hand(home, tmp_path, "-p", "cyle", "2026-11")
    assert done.returncode == 1
    assert (
        "ValueError: parameter 'cyle' is unknown; did you mean cycle? The notebooks take company, "
        "cycle, scenario, workspace, store"
    ) in done.stderr
