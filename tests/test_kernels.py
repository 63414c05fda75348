"""Kernels of a run: processes of their own, with everything imported, gone when the run is gone."""

import subprocess
import sys

import nbformat
import papermill
import pytest

from sopkit.runner import kernels


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


@pytest.mark.skipif(not kernels.CAN_FORK, reason="this system does not fork kernels")
def test_a_forked_kernel_shares_nothing_with_the_one_before(tmp_path):
    show = "import os, pandas; print(os.getpid(), pandas.options.display.max_rows); pandas.options.display.max_rows = 7"
    first, second = execute(tmp_path, show)[0].text.split(), execute(tmp_path, show)[0].text.split()
    assert first[0] != second[0]
    assert first[1] == second[1] != "7"


@pytest.mark.skipif(not kernels.CAN_FORK, reason="this system does not fork kernels")
def test_the_process_that_is_forked_ends_when_its_input_is_closed_and_clears_away_the_sockets(
    tmp_path,
):
    (tmp_path / "sockets").mkdir()
    (tmp_path / "sockets" / "kernel-ipc-1").touch()
    server = subprocess.Popen(
        [sys.executable, "-m", "sopkit.runner.kernels", tmp_path / "sockets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    server.stdin.close()
    assert server.wait(timeout=60) == 0
    server.stdout.close()
    assert not (tmp_path / "sockets").exists()
