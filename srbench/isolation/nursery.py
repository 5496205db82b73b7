"""A process of our own that has torch ready and forks others from itself, so that each starts in milliseconds.

Ours may have threads, and is never forked: the nursery is a new process that has only imported and has one thread.
What it forks is its child, and ends with it; it ends with us.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from srbench.errors import SrbenchError
from srbench.isolation.frames import Closed, TooLate, read_frame, write_frame
from srbench.lifeline import end_with_parent

READY = ("torch", "srbench.models.opening", "srbench.cost.allocator")
"""Modules that are imported before anything is forked."""
START_S = 180.0
_POLL_S = 0.005


@dataclass
class Forked:
    """A process of the nursery, as far as one that :mod:`subprocess` started is used: ids, pipes, and its end."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]
    _nursery: Nursery = field(repr=False)
    returncode: int | None = None

    def wait(self, timeout: float = 5.0) -> int:
        """Its exit code, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: it has not ended within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while self.returncode is None:
            self.returncode = self._nursery.code_of(self.pid)
            if self.returncode is None:
                if time.monotonic() > deadline:
                    raise subprocess.TimeoutExpired("srbench", timeout)
                time.sleep(_POLL_S)
        return self.returncode


@dataclass(frozen=True)
class Order:
    """What is to be forked: the handler of :mod:`srbench.isolation.serve` with its limits, where, with what around."""

    handler: str
    limits: str
    folder: str
    environment: Mapping[str, str]
    group: str = ""
    """File of a control group that it enters first."""


class Nursery:
    """The process that forks; :func:`nursery` gives the one there is."""

    def __init__(self, launch: Callable[..., subprocess.Popen[bytes]]) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-c", "from srbench.isolation.nursery import main; main()", str(theirs.fileno())]
        with theirs:
            self._process = launch(
                command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), start_new_session=True
            )
        self._socket = ours
        self._lock = threading.Lock()
        ours.setblocking(False)
        try:
            write_frame(ours.fileno(), {"path": sys.path, "ready": READY}, deadline=time.monotonic() + START_S)
        except SrbenchError:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it can still fork."""
        return self._process.poll() is None and self._socket.fileno() >= 0

    def fork(self, order: Order) -> Forked:
        """A new process that serves ``order``.

        Raises:
            SrbenchError: the nursery has ended, or does not answer.
        """
        ends = [os.pipe() for _ in range(3)]
        theirs = [ends[0][0], ends[1][1], ends[2][1]]
        ours = [ends[0][1], ends[1][0], ends[2][0]]
        try:
            deadline = time.monotonic() + START_S
            header = {"do": "fork", "path": sys.path, **vars(order), "environment": dict(order.environment)}
            with self._lock:
                answer = self._asked(header, deadline, theirs)
            pid = int(answer["pid"])
        except (SrbenchError, OSError) as error:
            for one in ours:
                os.close(one)
            self.close()
            raise SrbenchError(f"a process for models cannot be started: {error}.") from error
        finally:
            for one in theirs:
                os.close(one)
        stdin, stdout, stderr = os.fdopen(ours[0], "wb", 0), os.fdopen(ours[1], "rb", 0), os.fdopen(ours[2], "rb", 0)
        return Forked(pid, stdin, stdout, stderr, self)

    def code_of(self, pid: int) -> int | None:
        """Exit code of a process that it forked, once; None while that runs. A lost nursery has taken it along."""
        try:
            with self._lock:
                code = self._asked({"do": "code", "pid": pid}, time.monotonic() + START_S).get("code")
        except (SrbenchError, OSError):
            return -int(signal.SIGKILL)
        return None if code is None else int(code)

    def _asked(
        self, header: Mapping[str, Any], deadline: float, descriptors: list[int] | None = None
    ) -> dict[str, Any]:
        write_frame(self._socket.fileno(), dict(header), deadline=deadline)
        if descriptors:
            socket.send_fds(self._socket, [b"+"], descriptors)
        return read_frame(self._socket.fileno(), 0, deadline)[0]

    def close(self) -> None:
        """End it, and with it all that it forked."""
        with contextlib.suppress(OSError):
            self._socket.close()
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)


_there: dict[int, Nursery] = {}
_lock = threading.Lock()


def is_there() -> bool:
    """Whether this process has one already."""
    found = _there.get(os.getpid())
    return found is not None and found.alive


def can_fork() -> bool:
    """Whether this system has what a nursery needs."""
    return sys.platform == "linux" and hasattr(socket, "send_fds")


def nursery(launch: Callable[..., subprocess.Popen[bytes]]) -> Nursery:
    """The nursery of this process, started with ``launch`` (as :class:`subprocess.Popen`) if there is none."""
    with _lock:
        found = _there.get(os.getpid())
        if found is None or not found.alive:
            found = _there[os.getpid()] = Nursery(launch)
            if len(_there) == 1:
                atexit.register(_close)
        return found


def _close() -> None:
    found = _there.pop(os.getpid(), None)
    if found is not None:
        found.close()


def main() -> None:
    """What the nursery does: import, then fork on demand until the other end closes."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(line.fileno(), False)
    try:
        first, _ = read_frame(line.fileno())
        sys.path[:] = first["path"]
        for name in first["ready"]:
            importlib.import_module(name)
        while True:
            asked, _ = read_frame(line.fileno())
            if asked["do"] == "code":
                write_frame(line.fileno(), {"code": _ended(int(asked["pid"]))})
                continue
            _, descriptors, _, _ = socket.recv_fds(line, 1, 3)
            pid = os.fork()
            if pid == 0:
                _become(asked, descriptors, line)
            for one in descriptors:
                os.close(one)
            write_frame(line.fileno(), {"pid": pid})
    except (Closed, TooLate):
        os._exit(0)


def _ended(pid: int) -> int | None:
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return -int(signal.SIGKILL)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(asked: dict[str, Any], descriptors: list[int], line: socket.socket) -> None:
    """What the forked process does; it never returns."""
    from srbench.isolation.serve import serve

    try:
        os.setsid()
        for place, one in enumerate(descriptors):
            os.dup2(one, place)
            os.close(one)
        line.close()
        if asked["group"]:
            with open(asked["group"], "w") as file:  # noqa: PTH123
                file.write("0")
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.path[:] = asked["path"]
        serve(asked["handler"], asked["limits"], asked["folder"])
    except BaseException as error:
        with contextlib.suppress(BaseException):
            os.write(2, json.dumps(f"{type(error).__name__}: {error}").encode() + b"\n")
    os._exit(1)
