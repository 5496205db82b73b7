"""Many networks opened and counted fast: one sandboxed process has torch ready and forks for every entry.

Each entry has a process of its own, forked before any stranger's code has run in its parent. When it has answered or
its time is over, everything else that runs in the sandbox is killed and its scratch folder emptied. The parent cannot
be traced by its children, so an entry cannot reach the next one; what an entry says is its own claim either way.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.isolation.frames import Closed, TooLate, read_frame, write_frame

_PR_SET_DUMPABLE = 4


class ForkingHandler:
    """Answers ``profile`` requests, each in a process forked for it."""

    def __init__(self) -> None:
        self.alone = False

    def do_start(self, _payload: bytearray, alone: bool, plugins: Sequence[str] = ()) -> tuple[dict[str, Any], bytes]:
        """Get torch, its counting and our own plugins ready.

        ``alone``: all other processes that can be seen are the sandbox's own.
        """
        import torch

        from srbench.isolation.network import import_plugins

        torch.set_num_threads(1)
        import_plugins(plugins)
        self.alone = alone
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        return {}, b""

    def do_profile(
        self, _payload: bytearray, spec: dict[str, Any], size: list[int], conventions: list[str], seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Open and count one entry in a forked process, within ``seconds``."""
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            _work(theirs, spec, size, conventions)
        os.close(theirs)
        os.set_blocking(ours, False)
        try:
            answer, _ = read_frame(ours, 0, time.monotonic() + seconds)
        except TooLate:
            raise SrbenchError(f"gave no answer within {seconds:g} s, so it was stopped") from None
        except Closed:
            raise SrbenchError(_death(child)) from None
        finally:
            os.close(ours)
            self._clear(child)
        return answer, b""

    def _clear(self, child: int) -> None:
        """Nothing that the entry started or wrote is left for the next one."""
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        if self.alone:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)  # all but this process and the namespace's first
        for _ in range(1000):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(-1, os.WNOHANG) != (0, 0):
                    continue
                time.sleep(0.002)
                continue
            break
        for path in Path(tempfile.gettempdir()).iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):  # a plugin of ours, which is mounted there
                    path.unlink(missing_ok=True)


def _death(child: int) -> str:
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                code = os.waitstatus_to_exitcode(status)
                return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            time.sleep(0.01)
            continue
        break
    return "ended without an answer"


def _work(replies: int, spec: dict[str, Any], size: list[int], conventions: list[str]) -> None:
    """What the forked process does; it never returns."""
    os.setsid()
    for descriptor in range(3, 64):
        if descriptor != replies:
            with contextlib.suppress(OSError):
                os.close(descriptor)
    from srbench.isolation.network import NetworkHandler
    from srbench.isolation.serve import words_of

    handler = NetworkHandler()
    answer: dict[str, Any] = {}
    try:
        answer["summary"], _ = handler.do_open(bytearray(), spec)
        answer["counts"], _ = handler.do_count(bytearray(), size, conventions)
    except SrbenchError as error:
        answer["failure"] = str(error)
    except BaseException as error:
        answer["failure"] = f"raised {words_of(error)}"
    sys.stderr.flush()
    with contextlib.suppress(BaseException):
        write_frame(replies, answer)
    os._exit(0)
