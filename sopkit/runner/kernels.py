"""Kernels for a run: the ordinary one, or where the system can fork, one forked from a process that has imported already.

Nine notebooks import the same libraries. A forked kernel has them from its first cell, which saves seconds a notebook;
it is a process of its own like any other kernel. Nothing here needs a kernelspec installed for the user.

`python -m sopkit.runner.kernels` is the process that is forked: it imports, then forks a kernel for each line it reads, answers
with the kernel's process number, and ends when its standard input is closed.
"""

import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
from functools import cache

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import default

_PR_SET_PDEATHSIG = 1
CAN_FORK = sys.platform == "linux" and hasattr(
    os, "pidfd_open"
)  # elsewhere libraries do not survive a fork


class RunKernelManager(AsyncKernelManager):
    """Starts this interpreter's kernel, forked where the system can."""

    @property
    def kernel_spec(self):
        name = "sopkit-fork" if _may_fork() else "local-provisioner"
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="sopkit",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )

    @default("transport")
    def _default_transport(self):
        return (
            "tcp" if sys.platform == "win32" else "ipc"
        )  # no ports: runs side by side cannot take each other's


class ForkProvisioner(LocalProvisioner):
    """Start kernels by forking the process that has imported already."""

    async def launch_kernel(self, cmd, **kwargs):
        server = _server()
        if server.poll() is not None:  # it was killed since the last kernel
            _server.cache_clear()
            server = _server()
        arguments = cmd[cmd.index("-f") :]
        request = {
            "arguments": arguments,
            "environment": kwargs["env"],
            "folder": kwargs.get("cwd") or os.getcwd(),
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        if not answer:
            raise RuntimeError(
                "the process that kernels are forked from has died; set SOPKIT_KERNELS=spawn to do without"
            )
        self.process = ForkedProcess(int(answer))
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info


class ForkedProcess:
    """A forked kernel with the interface of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid):
        self.pid, self._handle = pid, os.pidfd_open(pid)

    def poll(self):
        ended, _, _ = select.select([self._handle], [], [], 0)
        return 0 if ended else None

    def wait(self):
        select.select([self._handle], [], [])
        os.close(self._handle)
        return 0

    def send_signal(self, number):
        signal.pidfd_send_signal(self._handle, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def warm_up():
    """Start importing in the background, so that the first kernel finds it done."""
    if _may_fork():
        _server()


def _may_fork():
    return CAN_FORK and os.environ.get("SOPKIT_KERNELS", "fork") == "fork"


@cache
def _server():
    command = [sys.executable, "-m", "sopkit.runner.kernels"]
    return subprocess.Popen(  # noqa: S603  this interpreter and this module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# ---------------------------------------------------------------------------------------------------------------
# the process that is forked


def _serve():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed at the terminal is for the run
    os.environ["MPLBACKEND"] = (
        "module://matplotlib_inline.backend_inline"  # read when matplotlib is imported
    )

    import sopkit.runner.preload  # noqa: F401

    gc.freeze()  # what is loaded stays: no kernel need look it through for garbage, or copy it for that
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels need no one to wait for them
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become_kernel(**json.loads(line))
        print(pid, flush=True)


def _become_kernel(arguments, environment, folder):
    from ipykernel.kernelapp import launch_new_instance

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _die_with_parent()
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # the answers' pipe belongs to the parent
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # the kernel ends when that process does
    sys.argv = ["ipykernel_launcher", *arguments]
    launch_new_instance(argv=[*arguments, parent])
    os._exit(0)


def _die_with_parent():
    """Have the system kill this process the moment its parent is gone, whatever it computes."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent == 1:  # it was gone before
        os._exit(1)


if __name__ == "__main__":
    _serve()
