"""Where independent blocks of work run: in this process, in processes, or on a Dask cluster.

A calculation calls `mapped` and knows no more. The way is what the environment variable
SOPKIT_SPREAD says, which reaches notebooks' kernels, or for a while `spread_over`. Whatever the
way, blocks and results are the same to the bit.
"""

import hashlib
import ipaddress
import multiprocessing
import multiprocessing.util
import os
import platform
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
from pandas import DataFrame

if TYPE_CHECKING:  # Dask is not needed without a cluster
    from distributed import Client

Item = TypeVar("Item")
VARIABLE = "SOPKIT_SPREAD"
HERE, PROCESSES = "here", "processes"  # or the address of a cluster, tcp://HOST:PORT
FEW = 4  # items from which on a second process pays for its fork
FEWEST = 64  # blocks from which on processes pay for their start
# blocks under way for each process or thread: enough to keep it busy, and few are held at once
AHEAD = 3
CONNECT_SECONDS = 20
_WAY: ContextVar[str | None] = ContextVar("way", default=None)


@contextmanager
def spread_over(way: str) -> Iterator[None]:
    """Do the blocks of what is computed within this way: "here", "processes" or the address of a
    cluster."""
    token = _WAY.set(way)
    try:
        yield
    finally:
        _WAY.reset(token)


def mapped(function: Callable, blocks: Iterable[tuple], by_threads: bool = False) -> Iterator:
    """Call a module's function with the arguments of each block, and give the results in the
    blocks' order.

    `by_threads` : the function lets other threads work meanwhile, as a solver does, so that on this
        machine threads
    serve; other functions are done by processes where there are enough blocks.
    """
    way = _WAY.get() or os.environ.get(VARIABLE) or HERE
    blocks = iter(blocks)
    first = list(islice(blocks, FEWEST if way == PROCESSES else 2))
    calls = (partial(function, *block) for block in chain(first, blocks))
    if len(first) > 1 and "://" in way:
        yield from _on_cluster(way, calls)
    elif len(first) > 1 and by_threads:
        with ThreadPoolExecutor() as pool:
            yield from _in_order(pool.submit, calls, AHEAD * (os.cpu_count() or 1))
    elif way == PROCESSES and len(first) == FEWEST:
        yield from _by_processes(calls)
    else:
        yield from (call() for call in calls)


def in_two(function: Callable[[Item], DataFrame], items: Sequence[Item]) -> list[DataFrame]:
    """Make a table of each item, every other one in a process forked from this, in a run.

    What has been computed is at hand in both. The tables come in the items' order, and must not
    depend on what was computed before. What the other process could not do is done here, so that
    what is refused is refused here.
    """
    way = _WAY.get() or os.environ.get(VARIABLE) or HERE
    if way != PROCESSES or sys.platform != "linux" or os.cpu_count() == 1 or len(items) < FEW:
        return [function(item) for item in items]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(items))]
        here, child = os.getpid(), os.fork()
        if child == 0:
            threading.Thread(target=_end_without, args=(here,), daemon=True).start()
            _do_and_end(function, items[1::2], paths[1::2])
        try:
            found = {number: function(items[number]) for number in range(0, len(items), 2)}
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.waitpid(child, 0)
        for number in range(1, len(items), 2):
            done = paths[number].exists()
            found[number] = pd.read_parquet(paths[number]) if done else function(items[number])
    return [found[number] for number in range(len(items))]


def _do_and_end(function, items, paths):
    """In a forked process, which ends here whatever happens: write the tables, as far as it can."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed is for the run
        with spread_over(HERE):  # a pool of the other process is not this one's
            for item, path in zip(items, paths, strict=True):
                part = path.with_suffix(".part")
                function(item).to_parquet(part, index=False)
                part.rename(path)
    finally:
        os._exit(0)


def _end_without(parent):
    """End this process where the one that it works for was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _in_order(submit, calls, ahead):
    under_way = deque()
    for call in calls:
        under_way.append(submit(call))
        if len(under_way) >= ahead:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


# --------------------------------------------------------------------------------------------------
# processes


def _by_processes(calls):
    try:
        yield from _in_order(_processes().submit, calls, AHEAD * (os.cpu_count() or 1))
    except BrokenProcessPool as error:
        _processes.cache_clear()
        raise RuntimeError(
            f"a forecasting process was killed, probably for lack of memory; set {VARIABLE}={HERE} "
            "to forecast without processes"
        ) from error


@cache
def _processes():
    """The pool of this process, made once. It is not forked: threads of this process may hold
    locks."""
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(
        mp_context=multiprocessing.get_context(kind), initializer=_end_with_parent
    )
    # Where this process is itself one of a pool, it waits for these at its end; they end before
    # their queue,
    # whose priority is 10, is closed.
    multiprocessing.util.Finalize(None, pool.shutdown, exitpriority=20)
    return pool


def _end_with_parent():
    """A process of the pool would wait for work for ever if the one that made it is killed."""
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


# --------------------------------------------------------------------------------------------------
# a cluster


def _on_cluster(address, calls):
    """Each block travels with its call, so that what a lost worker had is done again by another."""
    client = reach(address)
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    threads = sum(client.nthreads().values())
    try:
        yield from _in_order(partial(client.submit, pure=False), calls, AHEAD * max(threads, 1))
    except (FutureCancelledError, KilledWorker) as error:
        reach.cache_clear()
        raise RuntimeError(
            f"{address}: the cluster was lost, or its workers failed repeatedly: {error}"
        ) from error


@cache
def reach(address: str) -> "Client":
    """The connection of this process to a cluster, made once.

    Raises
    ------
    ValueError : no address of a scheduler, one on the internet that is not encrypted, distributed
        is not installed, no scheduler answers, or a worker runs something else than this process.
    """
    if not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", address):
        raise ValueError(
            f"{address}: the address of a Dask scheduler is tcp://HOST:PORT or tls://HOST:PORT"
        )
    _refuse_public(address)
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError(f"{address}: a cluster needs Dask: pip install sopkit[cluster]") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(
            f"{address}: no Dask scheduler answers; is its address tcp://HOST:PORT? {error}"
        ) from error
    mine = what_runs()
    for worker, theirs in client.run(what_runs).items():
        differ = ", ".join(
            f"{name} {theirs[name]} (here {mine[name]})"
            for name in mine
            if theirs[name] != mine[name]
        )
        if differ:
            client.close()
            raise ValueError(
                f"{address}: worker {worker} would change the results: it runs {differ}; install "
                "the same versions"
            )
    return client


def _refuse_public(address):
    """Whoever reads or answers in a scheduler's place gets the data, and runs code here."""
    scheme, _, place = address.partition("://")
    host = place.rpartition(":")[0].strip("[]")
    try:
        found = [one[4][0] for one in socket.getaddrinfo(host, None)]
    except OSError as error:
        raise ValueError(f"{address}: no Dask scheduler answers; {host}: {error}") from error
    if scheme == "tcp" and any(ipaddress.ip_address(one).is_global for one in found):
        raise ValueError(
            f"{address}: {host} is on the internet, and tcp:// is not encrypted; use tls:// with "
            "Dask's settings, or a scheduler inside the company's network"
        )


def what_runs() -> dict[str, str]:
    """Versions and source of this library, on which results depend."""
    sources = sorted(Path(__file__).parent.parent.rglob("*.py"))
    source = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]
    packages = {name: version(name) for name in ("numpy", "pandas", "scipy", "highspy")}
    return {"Python": platform.python_version(), **packages, "sopkit": source}
