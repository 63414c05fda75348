"""Whatever does the blocks, here, processes or a real Dask cluster whose workers are killed, the results are the same to the bit."""

import multiprocessing
import operator
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import psutil
import pytest
from conftest import ROOT
from pandas import DataFrame
from scipy.sparse import block_diag, csc_array
from test_run import _inside, home  # noqa: F401  a project with a small company

from sopkit.forecasting import forecast, parallel
from sopkit.runner import run
from sopkit.supply.optimization import solver
from sopkit.supply.optimization.linear_programme import IntegerColumns, Model

NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, each a process of its own."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install sopkit[cluster]"
    )
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as running:
        yield running
    parallel.reach.cache_clear()


@pytest.fixture
def histories():
    """Series of many kinds: seasonal, trending, now and then, young, stopped."""
    rng, months = np.random.default_rng(4), np.arange(60)
    level = rng.lognormal(4, 1, (2400, 1))
    season = 1 + 0.3 * np.sin((months + rng.uniform(0, 12, level.shape)) * np.pi / 6)
    history = level * season * rng.gamma(20, 1 / 20, (2400, 60))
    history[:600] *= rng.random((600, 60)) < 0.3
    history[600:900, :40] = np.nan
    history[900:1000, 50:] = 0
    return history


def same(one, other):
    return all(
        (a == b).all() if a.dtype == object else a.tobytes() == b.tobytes()
        for a, b in zip(one, other, strict=True)
    )


def test_forecasts_are_the_same_here_by_processes_and_on_a_cluster(histories, cluster, monkeypatch):
    monkeypatch.setattr(parallel, "FEWEST", 3)
    here = forecast.forecast_series(histories, 18)
    for way in (parallel.PROCESSES, cluster.scheduler_address):
        with parallel.spread_over(way):
            assert same(here, forecast.forecast_series(histories, 18)), way


def added_up(blocks):
    with parallel.spread_over(parallel.PROCESSES):
        return list(parallel.mapped(operator.add, ((n, 1) for n in range(blocks))))


def test_a_process_that_has_processes_of_its_own_comes_to_its_end():
    """As where a company's own program plans in a pool; the pool waits until its process has ended."""
    outer = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    found = outer.submit(added_up, parallel.FEWEST)
    worker = next(iter(outer._processes.values()))
    assert found.result(timeout=60) == list(range(1, parallel.FEWEST + 1))
    # Only the pool waits for the process: of two that wait for one, the second may be told that it has not ended.
    closing = threading.Thread(target=outer.shutdown)
    closing.start()
    closing.join(timeout=60)
    code = worker.exitcode
    worker.kill()  # so that one that hangs does not keep the tests from their end
    assert code == 0


AT_WORK = """
import time
from sopkit.forecasting import parallel as spread
with spread.spread_over(spread.PROCESSES):
    for _ in spread.mapped(time.sleep, ((0.05,) for _ in range(4000))):
        open("at_work", "w").close()
"""
IN_A_KERNEL = f"""
import nbformat, papermill
from sopkit.runner import kernels
notebook = nbformat.v4.new_notebook(metadata={{"kernelspec": {{"name": "x", "display_name": "x", "language": "python"}}}})
notebook.cells = [nbformat.v4.new_code_cell({AT_WORK!r})]
nbformat.write(notebook, "in.ipynb")
papermill.execute_notebook(
    "in.ipynb", "out.ipynb", kernel_manager_class=kernels.RunKernelManager, progress_bar=False
)
"""


@pytest.mark.parametrize(
    "program", [AT_WORK, IN_A_KERNEL], ids=["of a program", "of a run's kernel"]
)
def test_no_process_lives_ten_seconds_after_the_one_it_works_for_was_killed(program, tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{ROOT}"}
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "at_work").exists():
        assert parent.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) > 2
    parent.kill()
    parent.wait(timeout=10)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def worked_on(item):
    return DataFrame({"item": [item], "process": [os.getpid()]})


@pytest.mark.skipif(sys.platform != "linux" or os.cpu_count() == 1, reason="one process works")
def test_every_other_item_is_done_in_a_second_process_and_the_order_stays():
    with parallel.spread_over(parallel.PROCESSES):
        found = pd.concat(parallel.in_two(worked_on, list("abcde")))
    assert found["item"].tolist() == list("abcde")
    here = found["process"] == os.getpid()
    assert here.tolist() == [True, False, True, False, True]
    assert found["process"].nunique() == 2


def test_without_processes_or_with_few_items_all_is_done_here():
    assert {one["process"][0] for one in parallel.in_two(worked_on, list("abcde"))} == {os.getpid()}
    with parallel.spread_over(parallel.PROCESSES):
        few = parallel.in_two(worked_on, ["a", "b"])
        assert {one["process"][0] for one in few} == {os.getpid()}
        assert parallel.in_two(worked_on, []) == []


@pytest.mark.parametrize("refused", ["a", "b"])
def test_what_either_process_refuses_is_refused_here(refused):
    def done(item):
        if item == refused:
            raise ValueError(f"{item} cannot be done")
        return worked_on(item)

    before = set(psutil.Process().children())  # a pool or a cluster of earlier tests may still run
    with (
        parallel.spread_over(parallel.PROCESSES),
        pytest.raises(ValueError, match=f"^{refused} cannot"),
    ):
        parallel.in_two(done, list("abcd"))
    assert set(psutil.Process().children()) <= before


def test_processes_forecast_too_where_there_is_no_cluster(histories, monkeypatch):
    monkeypatch.setattr(parallel, "FEWEST", 3)
    here = forecast.forecast_series(histories, 18)
    with parallel.spread_over(parallel.PROCESSES):
        assert same(here, forecast.forecast_series(histories, 18))
        assert set(parallel.mapped(os.getpid, [()] * 12)).isdisjoint({os.getpid()})


def test_what_a_killed_worker_had_is_done_again(histories, cluster, monkeypatch):
    here = forecast.forecast_series(histories, 18)
    client = parallel.reach(cluster.scheduler_address)
    before = client.run(os.getpid)
    chosen, asked = forecast.chosen, []

    def killing(panel, columns):
        asked.append(columns)
        if len(asked) == 5:  # four blocks are under way
            os.kill(next(iter(before.values())), signal.SIGKILL)
        return chosen(panel, columns)

    monkeypatch.setattr(forecast, "chosen", killing)
    with parallel.spread_over(cluster.scheduler_address):
        assert same(here, forecast.forecast_series(histories, 18))
    client.wait_for_workers(2, timeout=60)
    assert set(client.run(os.getpid).values()) != set(before.values())


def factories(scale=1.0):
    """Four factories that share nothing, each making 40 things in whole lots within its hours."""
    rng = np.random.default_rng(2)
    blocks = [csc_array(rng.uniform(0.5, 2, (12, 40))) for _ in range(4)]
    columns, rows = 160, 48
    counts = np.arange(0, columns, 4)
    whole = IntegerColumns(
        counts,
        np.zeros(len(counts), dtype=int),
        np.column_stack([counts, np.full(len(counts), -1)]),
        np.full(len(counts), np.nan),
        np.zeros(len(counts), dtype=bool),
    )
    cost = rng.uniform(1, 3, columns)
    cost[:40] *= scale
    return Model(
        cost,
        np.zeros(columns),
        np.full(columns, 50.0),
        csc_array(block_diag(blocks)),
        rng.uniform(20, 90, rows),
        np.full(rows, np.inf),
        whole,
        cost,
    )


def test_supply_is_the_same_on_a_cluster_also_when_it_starts_from_an_answer_found_there(
    cluster, monkeypatch
):
    monkeypatch.setattr(solver, "SMALL", 30)
    found = []
    for way in (parallel.HERE, cluster.scheduler_address):
        starts = {}
        with parallel.spread_over(way):
            found.append([solver.solve(factories(scale), "plan", starts) for scale in (1.0, 1.3)])
    for here, there in zip(*found, strict=True):
        assert same(here[:3], there[:3])
        assert here[3:] == there[3:]
    assert found[0][0].cost < found[0][1].cost


def test_a_run_forecasts_on_the_cluster_and_says_the_same(home, cluster):  # noqa: F811
    scheduler = cluster.scheduler
    plans, done = [], []
    for address in ("", cluster.scheduler_address):
        request = run.Request("summit", "2026-10", last="30_demand_review", cluster=address)
        begun = sum(prefix.state_counts["memory"] for prefix in scheduler.task_prefixes.values())
        plans.append(forecast_of(run.run(request, with_report=False, progress=False)[0]))
        done.append(sum(p.state_counts["memory"] for p in scheduler.task_prefixes.values()) - begun)
    assert plans[0] == plans[1]
    assert done[0] == 0
    assert done[1] > 0


def forecast_of(folder):
    """What the demand review printed and drew."""
    import nbformat

    cells = nbformat.read(folder / "notebooks" / "30_demand_review.ipynb", as_version=4).cells
    return [[output.get("data") for output in cell.get("outputs", [])] for cell in cells[4:]]


def test_a_cluster_that_does_not_answer_is_refused_before_anything_is_run(home, monkeypatch):  # noqa: F811
    pytest.importorskip("distributed", reason="Dask is not installed: pip install sopkit[cluster]")
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 1)
    with pytest.raises(ValueError, match="no Dask scheduler answers"):
        run.run(run.Request("corner", "2026-10", cluster=NOBODY))
    assert not (home / "reports").exists() or not list((home / "reports").glob("corner*"))


def test_a_worker_that_would_give_other_numbers_is_refused(cluster, monkeypatch):
    there = parallel.what_runs()
    monkeypatch.setattr(parallel, "version", lambda name: "1.0" if name == "numpy" else there[name])
    parallel.reach.cache_clear()
    refusal = rf"would change the results: it runs numpy {there['numpy']} \(here 1\.0\)"
    with pytest.raises(ValueError, match=refusal):
        parallel.reach(cluster.scheduler_address)


def test_a_cluster_that_is_lost_is_told_and_does_not_keep_anyone_waiting(histories, monkeypatch):
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install sopkit[cluster]"
    )
    running = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )
    chosen, asked = forecast.chosen, []

    def stopping(panel, columns):
        asked.append(columns)
        if len(asked) == 4:  # two are under way
            running.close()
        return chosen(panel, columns)

    monkeypatch.setattr(forecast, "chosen", stopping)
    with (
        parallel.spread_over(running.scheduler_address),
        pytest.raises(RuntimeError, match="the cluster was lost"),
    ):
        forecast.forecast_series(histories, 18)
