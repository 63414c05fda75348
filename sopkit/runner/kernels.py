"""Kernels for a run: the ordinary one, or where the system can fork, one forked from a process that
has imported already.

Nine notebooks import the same libraries. A forked kernel has them from its first cell, which saves
seconds a notebook; it is a process of its own like any other kernel. Nothing here needs a
kernelspec installed for the user.

`python -m sopkit.runner.kernels FOLDER` is the process that is forked: it imports, then forks a
kernel for each line it reads, answers with the kernel's process number. When its standard input is
closed it clears away the folder of sockets, and ends: so nothing is left even of a run that was
killed.
"""

import ast
import contextlib
import gc
import importlib
import json
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Type, default

from sopkit.runner import project
from sopkit.runner.death import die_with

_SERVER = os.getpid()  # this process; its forks know by it whose they are
# Meant for the run; the process that is forked ends when the run has, and clears away then.
_OF_THE_RUN = (signal.SIGINT, signal.SIGTERM) + (
    (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()
)
LONGEST_SOCKET = (
    90  # characters of a path; systems end sockets' at 104 to 108, and "-ipc-5" is put after it
)
_SOCKETS = "sopkit-kernels-"
WATCH_SECONDS, LOOK_SECONDS = 0.5, 0.005
SELDOM = (20_000, 50, 100)  # looks for garbage: tables make many objects, and next to no circles
FITTED_WITH = (  # of statsmodels, which the library loads where it fits
    "statsmodels.regression.linear_model",
    "statsmodels.stats.diagnostic",
    "statsmodels.tsa.exponential_smoothing.ets",
    "statsmodels.tsa.seasonal",
    "statsmodels.tsa.statespace.sarimax",
)
CAN_FORK = sys.platform == "linux" and hasattr(
    os, "pidfd_open"
)  # elsewhere libraries do not survive a fork


class RunKernelClient(AsyncKernelClient):
    """Takes a kernel as ready with its first answer; the library's own client then waits a fifth of
    a second for further messages, which the execution of cells passes over."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and what it prints can be heard.

        Raises
        ------
        RuntimeError : it has died, or has not answered in `timeout` seconds.
        """
        deadline = monotonic() + (timeout or math.inf)
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.get_iopub_msg(timeout=1)
                    return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
            if monotonic() > deadline:
                raise RuntimeError(f"the kernel did not answer in {timeout:,.0f} s")


class RunKernelManager(AsyncKernelManager):
    """Starts this interpreter's kernel, forked where the system can."""

    client_factory = Type(RunKernelClient)

    async def _async_wait(self, pollinterval: float = LOOK_SECONDS) -> None:
        """Look for the kernel's end oftener than ten times a second."""
        await super()._async_wait(pollinterval)

    @property
    def kernel_spec(self) -> KernelSpec:
        name = "sopkit-fork" if may_fork() else "local-provisioner"
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="sopkit",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )

    @default("connection_file")
    def _default_connection_file(self):
        # The sockets lie beside this file and take its name: runs side by side cannot take each
        # other's.
        return str(Path(_folder().name) / f"{uuid4().hex[:12]}.json")

    @default("transport")
    def _default_transport(self):
        fits = len(self.connection_file) < LONGEST_SOCKET
        return "ipc" if fits and sys.platform != "win32" else "tcp"


class ForkProvisioner(LocalProvisioner):
    """Start kernels by forking the process that has imported already."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        self.process = _forked(
            arguments=cmd[cmd.index("-f") :],
            environment=kwargs["env"],
            folder=kwargs.get("cwd") or os.getcwd(),
        )
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info


def _forked(**request: Any) -> "ForkedProcess":
    """Fork a process from the one that has imported already."""
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
    return ForkedProcess(int(answer))


class ForkedProcess:
    """A forked kernel with the interface of `subprocess.Popen` that jupyter_client uses."""

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


@cache
def _folder():
    """Where this process keeps what it says to its kernels by, for nobody else to read; it goes
    when the process ends."""
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
    command = [sys.executable, "-m", "sopkit.runner.kernels", _folder().name]
    return subprocess.Popen(  # noqa: S603  this interpreter and this module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# --------------------------------------------------------------------------------------------------
# the process that is forked


def _serve(folder):
    for number in _OF_THE_RUN:
        signal.signal(number, signal.SIG_IGN)
    os.environ["MPLBACKEND"] = (
        "module://matplotlib_inline.backend_inline"  # read when matplotlib is imported
    )
    _watch(folder)
    try:
        _import_all()
        _draw_once()
        signal.setitimer(signal.ITIMER_REAL, 0)  # from now on it is reading
        # what is loaded stays: no kernel need look it through for garbage, or copy it for that
        gc.freeze()
        gc.set_threshold(*SELDOM)
        signal.signal(signal.SIGCHLD, _bury)
        with contextlib.suppress(BrokenPipeError):  # nobody is left who asked
            _fork_as_asked()
    finally:
        if os.getpid() != _SERVER:  # a kernel, which must not come back here
            os._exit(1)
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # what is still to be said has nobody to hear it


def _fork_as_asked():
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become_kernel(**json.loads(line))
        print(pid, flush=True)


def _import_all():
    """Load what the notebooks import; what is not there is for the notebook to report."""
    for name in FITTED_WITH:
        importlib.import_module(name)
    with contextlib.suppress(FileNotFoundError):  # outside a project there are no notebooks
        for path in sorted((project.root() / "notebooks").glob("*.ipynb")):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "code":
                    _import_named("".join(cell["source"]))


def _watch(folder):
    """While this process imports, look whether the run has ended: nobody will ask for a kernel."""
    asked = select.poll()
    asked.register(sys.stdin, select.POLLHUP)

    def end_if_abandoned(*_signal):
        if any(event & select.POLLHUP for _, event in asked.poll(0)):
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(0)

    signal.signal(signal.SIGALRM, end_if_abandoned)
    signal.setitimer(signal.ITIMER_REAL, WATCH_SECONDS, WATCH_SECONDS)


def _draw_once():
    """Draw a chart that nobody sees: every process forked has found fonts and colours then."""
    from pandas import DataFrame

    from sopkit.reporting import picture
    from sopkit.reporting.chart_types import Bars

    picture.shown(Bars(DataFrame({"units": [1.0, 2.0]}), unit="units", subtitle="Units"), "Units")


def _bury(*_signal):
    """Let ended kernels go; waited for, their processor time is counted with this process's."""
    with contextlib.suppress(ChildProcessError):  # there are none left
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _import_named(source):
    """Import the modules that a cell imports; a cell that is not plain Python has none."""
    with contextlib.suppress(SyntaxError, ImportError):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                for one in node.names:
                    importlib.import_module(one.name)
            elif isinstance(node, ast.ImportFrom):
                importlib.import_module(node.module)
                for one in node.names:
                    _import_part(f"{node.module}.{one.name}")


def _import_part(name):
    with contextlib.suppress(ImportError):  # a function or class of its module is no module
        importlib.import_module(name)


def _become_kernel(arguments, environment, folder):
    from ipykernel.kernelapp import launch_new_instance

    for number in (signal.SIGCHLD, *_OF_THE_RUN):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _detach(environment, folder)
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # the kernel ends when that process does
    sys.argv = ["ipykernel_launcher", *arguments]
    launch_new_instance(argv=[*arguments, parent])
    os._exit(0)


def _detach(environment, folder):
    """Stand alone: without the server's pipes, in the environment and folder that are asked for."""
    die_with(_SERVER)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # the answers' pipe belongs to the parent
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)


if __name__ == "__main__":
    _serve(sys.argv[1])
