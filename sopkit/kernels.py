"""Kernels for a run: the ordinary one, or where the system can fork, one forked from a process that has imported already.

Eight notebooks import the same libraries. A forked kernel has them from its first cell, which saves some seconds a
notebook; it is a process of its own like any other kernel. Nothing here needs a kernelspec installed for the user.
"""

import multiprocessing
import os
import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

PRELOAD = [
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib_inline.backend_inline",
    "matplotlib.pyplot",
    "sopkit.preload",
]


class ForkedProcess:
    """A forked kernel with the interface of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, process):
        self._process = process
        self.pid = process.pid

    def poll(self):
        return self._process.exitcode

    def wait(self):
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def terminate(self):
        self._process.terminate()

    def kill(self):
        self._process.kill()


class ForkProvisioner(LocalProvisioner):
    """Start kernels by forking the process that has imported already."""

    async def launch_kernel(self, cmd, **kwargs):
        context = _fork_context()
        process = context.Process(target=_serve, args=(cmd[-1], kwargs.get("env") or {}), daemon=False)
        process.start()
        self.process = ForkedProcess(process)
        self.pid, self.pgid = process.pid, None
        return self.connection_info


def _fork_context():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context


def _serve(connection_file, environment):
    """Be a kernel: what `python -m ipykernel_launcher` does, in a process that has imported already."""
    from ipykernel.kernelapp import launch_new_instance

    os.setsid()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    sys.argv = ["ipykernel_launcher", "-f", connection_file]
    launch_new_instance(argv=sys.argv[1:])


class RunKernelManager(AsyncKernelManager):
    """Starts this interpreter's kernel, forked where the system can."""

    @property
    def kernel_spec(self):
        name = "sopkit-fork" if can_fork() else "local-provisioner"
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="sopkit",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": name}},
        )


def can_fork():
    """Forking is used on Linux alone: elsewhere libraries do not survive it."""
    return sys.platform == "linux" and os.environ.get("SOPKIT_KERNELS", "fork") == "fork"


def warm_up():
    """Start importing in the background, so that the first kernel finds it done."""
    if can_fork():
        _fork_context()
        from multiprocessing import forkserver

        forkserver.ensure_running()
