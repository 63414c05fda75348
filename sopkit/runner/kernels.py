"""Kernels for a run: the ordinary one, or where the system can fork, one forked from a process that
has imported already.

Nine notebooks import the same libraries. A forked kernel has them from its first cell, which saves
seconds a notebook; it is a process of its own like any other kernel. Nothing here needs a
kernelspec installed for the user.
"""

import contextlib
import math
import os
import sys
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

from sopkit.runner import forks

LONGEST_SOCKET = (
    90  # characters of a path; systems end sockets' at 104 to 108, and "-ipc-5" is put after it
)
LOOK_SECONDS = 0.005


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
        name = "sopkit-fork" if forks.may_fork() else "local-provisioner"
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
        return str(Path(forks.sockets()) / f"{uuid4().hex[:12]}.json")

    @default("transport")
    def _default_transport(self):
        fits = len(self.connection_file) < LONGEST_SOCKET
        return "ipc" if fits and sys.platform != "win32" else "tcp"


class ForkProvisioner(LocalProvisioner):
    """Start kernels by forking the process that has imported already."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        self.process = forks.kernel(
            cmd[cmd.index("-f") :], kwargs["env"], kwargs.get("cwd") or os.getcwd()
        )
        self.pid, self.pgid = self.process.pid, None
        return self.connection_info
