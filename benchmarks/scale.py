"""Measure how forecasting grows with the number of series, here, by processes and on a local Dask cluster.

    python benchmarks/scale.py [--series 1000,10000,100000] [--ways here,processes,cluster] [--months 60]

Each line is a process of its own: seconds of the wall, of processor time (of its workers too), peak memory of the
process, and memory of its largest worker at the end. `same` says whether all ways gave the same bits. Series are drawn at random:
a fifth sell now and then, the others have seasons. Needs the extra `cluster` for that way.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import psutil

from sopkit.forecasting import forecast, parallel

HORIZON = 18


def histories(series, months):
    """Seasonal series, every fifth of which sells now and then."""
    rng, month = np.random.default_rng(1), np.arange(months)
    level = rng.lognormal(4, 1, (series, 1))
    season = 1 + 0.3 * np.sin((month + rng.uniform(0, 12, level.shape)) * np.pi / 6)
    history = level * season * rng.gamma(20, 1 / 20, (series, months))
    rare = np.arange(series) % 5 == 0
    history[rare] *= rng.random((rare.sum(), months)) < 0.3
    return history


def worked_by_all():
    """Processor seconds of this process and of those it started."""
    me = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (me, *me.children(recursive=True)))


def measured(series, months, way):
    """Forecast so many series once warm, and say what it took."""
    history = histories(series, months)
    cluster = None
    if way == "cluster":
        from distributed import LocalCluster

        cluster = LocalCluster(
            threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        )
        way = cluster.scheduler_address
    with parallel.spread_over(way):
        forecast.forecast_series(history[: 65 * forecast.BATCH], HORIZON)  # starts the processes
        wall, worked = time.perf_counter(), worked_by_all()
        found = forecast.forecast_series(history, HORIZON)
        wall, worked = time.perf_counter() - wall, worked_by_all() - worked
    workers = [child.memory_info().rss for child in psutil.Process().children(recursive=True)]
    if cluster:
        parallel.reach(way).close()
        cluster.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "series": series,
        "seconds": round(wall, 2),
        "processor seconds": round(worked, 2),
        "peak MB": round(peak),
        "worker MB": round(max(workers, default=0) / 2**20),
    }, hashlib.sha256(b"".join(part.tobytes() for part in found[:4])).hexdigest()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", default="1000,10000,100000")
    parser.add_argument("--ways", default="here,processes,cluster")
    parser.add_argument("--months", type=int, default=60)
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for series in map(int, given.series.split(",")):
        first = None
        for way in given.ways.split(","):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
                row, found = apart.submit(measured, series, given.months, way).result()
            first = first or found
            print(json.dumps({"way": way, **row, "same": found == first}), flush=True)


if __name__ == "__main__":
    main()
