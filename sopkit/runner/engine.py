"""papermill's engine `sopkit`: a notebook executed by hand, with a kernel as a run has it.

`papermill --engine sopkit notebooks/10_data_review.ipynb out.ipynb` talks to the kernel by sockets
in a folder that nobody else can read; papermill's own engine talks by TCP, unencrypted.
"""

from typing import Any

from papermill.engines import NBClientEngine

from sopkit.runner.kernels import RunKernelManager


class Engine(NBClientEngine):
    """papermill's own engine, with this project's kernels."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        super().execute_managed_notebook(
            nb_man, kernel_name, **{"kernel_manager_class": RunKernelManager, **options}
        )
