"""A process that ends with the one it works for, whatever either of them does at that moment.

On Linux the system is asked to kill it. Elsewhere nothing is asked: a kernel there looks itself
whether its parent lives, and ends some seconds later.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the system kill this process the moment `parent`, which forked it, is gone.

    A parent that ended before it could be asked for is known by its number, which is compared after
    asking: whoever adopted this process since has another one.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0 or os.getppid() != parent:
        os._exit(1)
