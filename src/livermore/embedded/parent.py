"""Making a child process end with its parent, even when the parent is killed."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def ends_with_parent() -> Callable[[], None] | None:
    """What a child is to do before it becomes another program, or None where the system offers nothing.

    Linux sends the child SIGTERM when the thread that started it dies. Elsewhere the next start on the same data
    directory finds the orphan and stops it.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Found before the fork: between fork and exec nothing may be loaded or imported.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie
