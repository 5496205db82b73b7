"""A process that ends when the one that started it does, whatever it is doing then."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_registered: list[int] = []


def end_with_parent() -> None:
    """From now on this process, and each that it forks, is killed when its parent ends.

    On Linux the kernel does so, even in an endless loop that holds the interpreter; it counts the thread that started
    the process for its parent. Elsewhere a thread looks once a second.
    """
    if sys.platform == "linux" and _tell_kernel():
        if not _registered:  # a forked process has it from the one it was forked from
            _registered.append(os.getpid())
            os.register_at_fork(after_in_child=_tell_kernel)
        return
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _tell_kernel() -> bool:
    import ctypes

    try:
        return int(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
