"""The process from which those of a run are forked: it imports, then forks as it is asked.

`python -m sopkit.runner.fork_server FOLDER` forks a process for each line it reads, a kernel or one
that does a function, and answers with its number. When its standard input is closed it clears away
the folder of sockets, and ends: so nothing is left even of a run that was killed.
"""

import ast
import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
from pathlib import Path

from sopkit.runner import project
from sopkit.runner.death import die_with

_SERVER = os.getpid()  # this process; its forks know by it whose they are
# Meant for the run; the process that is forked ends when the run has, and clears away then.
_OF_THE_RUN = (signal.SIGINT, signal.SIGTERM) + (
    (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()
)
WATCH_SECONDS = 0.5
SELDOM = (20_000, 50, 100)  # looks for garbage: tables make many objects, and next to no circles
FITTED_WITH = (  # of statsmodels, which the library loads where it fits
    "statsmodels.regression.linear_model",
    "statsmodels.stats.diagnostic",
    "statsmodels.tsa.exponential_smoothing.ets",
    "statsmodels.tsa.seasonal",
    "statsmodels.tsa.statespace.sarimax",
)


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
            _begin(**json.loads(line))
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


def _begin(arguments, environment, folder, function="", mark=""):
    """Become a kernel, or do a function, and end."""
    for number in (signal.SIGCHLD, *_OF_THE_RUN):
        signal.signal(number, signal.SIG_DFL)
    _detach(environment, folder)
    if function:
        _do_and_end(function, arguments, mark)
    _become_kernel(arguments)


def _do_and_end(function, arguments, mark):
    """Do a function, and mark that it is done; else whoever asked does it, and says what is
    wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed is for the run
    module, _, name = function.partition(":")
    try:
        getattr(importlib.import_module(module), name)(*arguments)
        Path(mark).touch()
    finally:
        os._exit(0)


def _become_kernel(arguments):
    from ipykernel.kernelapp import launch_new_instance

    signal.signal(signal.SIGINT, signal.default_int_handler)
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
