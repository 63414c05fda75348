"""Processes of a run that are forked from one which has imported already, where the system can.

`fork_server` is that process. It is started once, and forks a kernel of a notebook, or a process
that does one function.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

_SOCKETS = "sopkit-kernels-"
CAN_FORK = sys.platform == "linux" and hasattr(
    os, "pidfd_open"
)  # elsewhere libraries do not survive a fork


def kernel(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> "Forked":
    """Fork a kernel with the arguments of its command, in an environment and a folder."""
    return _forked(arguments=arguments, environment=dict(environment), folder=folder)


def side_by_side(functions: Sequence[Callable[..., None]], *arguments: str) -> None:
    """Do functions of modules, all with the same texts, beside each other where the system can
    fork.

    What the process of one could not do is done here, so that what is refused is refused here.
    """
    marks = [Path(sockets()) / f"{uuid4().hex[:12]}.done" for _ in functions] if may_fork() else []
    processes = [_doing(*one, arguments) for one in zip(functions, marks, strict=False)]
    try:
        for process in processes:
            process.wait()
    except BaseException:
        for process in processes:
            process.kill()
        raise
    done = [mark.exists() for mark in marks] or [False] * len(functions)
    for function, is_done in zip(functions, done, strict=True):
        if not is_done:
            function(*arguments)


def _doing(function, mark, arguments):
    """Fork a process that does a function, and marks when it has."""
    return _forked(
        function=f"{function.__module__}:{function.__qualname__}",
        arguments=arguments,
        mark=str(mark),
        environment=dict(os.environ),
        folder=os.getcwd(),
    )


def _forked(**request: Any) -> "Forked":
    server = _server()
    if server.poll() is not None:  # it was killed since the last fork
        _server.cache_clear()
        server = _server()
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    if not answer:
        raise RuntimeError(
            "the process from which kernels are forked has died; set SOPKIT_KERNELS=spawn to "
            "start them without it"
        )
    return Forked(int(answer))


class Forked:
    """A forked process with the interface of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid, self._handle = pid, os.pidfd_open(pid)

    def poll(self) -> int | None:
        ended, _, _ = select.select([self._handle], [], [], 0)
        return 0 if ended else None

    def wait(self) -> int:
        select.select([self._handle], [], [])
        os.close(self._handle)
        return 0

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def warm_up() -> None:
    """Start importing in the background, so that the first kernel finds it done."""
    if may_fork():
        _server()


def may_fork() -> bool:
    """Whether kernels are forked from a process that has imported what notebooks import."""
    return CAN_FORK and os.environ.get("SOPKIT_KERNELS", "fork") == "fork"


def sockets() -> str:
    """Where this process keeps what it says to its kernels by, for nobody else to read; it goes
    when the process ends."""
    return _folder().name


@cache
def _folder():
    _clear_left()
    prefix = f"{_SOCKETS}{os.getpid()}-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


def _clear_left():
    """Clear away the folders of processes that were killed before they could do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SOCKETS}*-*"):
        number = folder.name.removeprefix(_SOCKETS).partition("-")[0]
        if number.isdigit() and not _is_running(int(number)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays


def _is_running(process):
    if os.name != "posix":  # elsewhere asking would end it; its folder is left
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


@cache
def _server():
    command = [sys.executable, "-m", "sopkit.runner.fork_server", sockets()]
    return subprocess.Popen(  # noqa: S603  this interpreter and this module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
