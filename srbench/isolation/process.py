"""``IsolatedProcess``: one stranger's process, asked over a pipe, killed with all that it started."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from srbench.errors import SrbenchError
from srbench.import_scope import imported_files
from srbench.isolation.cgroup import task_group
from srbench.isolation.frames import BadFrame, Closed, TooLate, read_frame, widen, write_frame
from srbench.isolation.limits import Limits
from srbench.isolation.nursery import Forked, Order, can_fork, nursery
from srbench.isolation.sandbox import Inside, Sandbox, command_for, container_runtime, import_path
from srbench.isolation.tree import Watch, descendants, kill_tree
from srbench.printable import visible

KEPT_OUTPUT = 16 << 10
"""Bytes of what a process prints that are kept, the last ones."""


PREPARING = (
    "start",
    "card",
    "open",
    "count",
    "hooked",
    "reach",
    "bytes",
    "diagnose",
    "costs",
    "examine",
    "outline",
    "export",
)
"""Requests that may take as long as a start: they import and build, or set up what counts."""


class Stopped(SrbenchError):
    """The process was stopped, or ended by itself; no further request can be made of it."""

    exit_code = 3


class Refused(SrbenchError):
    """The process answered that it could not do what was asked; it still runs."""


@dataclass(frozen=True)
class Reply:
    """An answer: its header, its bytes, and when (monotonic seconds) the request left and the header was there."""

    header: dict[str, Any]
    payload: bytearray
    sent: float = 0.0
    received: float = 0.0

    @property
    def seconds(self) -> float:
        """From the request to the answer, by this process's clock."""
        return self.received - self.sent


@dataclass(frozen=True)
class Setting:
    """How a stranger's process is run."""

    sandbox: Sandbox
    limits: Limits = field(default_factory=Limits)
    threads: int | None = None
    device: str = "cpu"
    echo: bool = False
    """Whether what it prints is printed on our stderr."""
    option: str = ""
    """The option that sets the limit of a request, for messages."""
    watched: bool = True
    """Whether it is stopped where it and what it starts use too much; needless for srbench's own code."""
    plugins: tuple[str, ...] = ()
    """Files of ours that it imports before any code of a stranger's; it can read them."""


def _files_of(plugins: tuple[str, ...]) -> tuple[str, ...]:
    """Files of plugins and those that they have imported here, absolute paths."""
    found = [file for path in plugins for file in (Path(path).resolve(), *imported_files(Path(path).resolve()))]
    return tuple(dict.fromkeys(map(str, found)))


def _launched(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
    started: Any = _launcher().submit(subprocess.Popen, *arguments, **options).result()
    assert isinstance(started, subprocess.Popen)
    return started


@functools.cache
def _launcher() -> ThreadPoolExecutor:
    """One thread that lives as long as we do: a sandbox that dies with its parent dies with its parent's thread."""
    return ThreadPoolExecutor(1, thread_name_prefix="srbench-launcher")


class IsolatedProcess:
    """A process in a sandbox that serves requests; use it as a context manager, so that it never outlives its use.

    Args:
        handler: ``module:Class`` of srbench's that answers the requests, named by us and never by the stranger.
        folder: the stranger's files; read-only where the sandbox can see to that.
        setting: sandbox, limits, threads and device.
    """

    def __init__(self, handler: str, folder: Path, setting: Setting) -> None:
        self.setting = setting
        self.stopped = ""
        self.printed = 0
        self._last = bytearray()
        self._began = False
        self._scratch = Path(tempfile.mkdtemp(prefix="srbench-entry-"))
        self._group = task_group(setting.limits.threads + 16) if setting.watched else None
        self._container = f"srbench-{uuid.uuid4().hex}" if setting.sandbox.kind == "container" else ""
        self._process = self._start(handler, folder.resolve())
        self._to = self._process.stdin.fileno() if self._process.stdin else -1
        self._from = self._process.stdout.fileno() if self._process.stdout else -1
        for descriptor in (self._to, self._from):
            widen(descriptor)
            os.set_blocking(descriptor, False)
        self._lock = threading.Lock()
        self._drain = threading.Thread(target=self._keep_output, daemon=True)
        self._drain.start()
        self._watch = Watch(self._process.pid, setting.limits, self._over) if setting.watched else None

    def _start(self, handler: str, folder: Path) -> subprocess.Popen[bytes] | Forked:
        setting = self.setting
        if setting.sandbox.kind == "own" and can_fork():
            return self._fork(handler, folder)
        cuda = setting.device.startswith("cuda")
        scratch = "/tmp" if setting.sandbox.entry else str(self._scratch)
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8", "USER": "nobody",
            "PYTHONPATH": import_path(), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        if setting.threads:
            for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
                environment[name] = str(setting.threads)
        limits = setting.limits.as_text(cuda)
        seen = setting.sandbox.entry or str(folder)
        arguments = ["-c", "from srbench.isolation.serve import main; main()", handler, limits, seen]
        inside = Inside(folder, environment, cuda, _files_of(setting.plugins))
        command = command_for(setting.sandbox, arguments, setting.limits, inside)
        if self._container:
            command[2:2] = [f"--name={self._container}"]
        if self._group is not None:
            command = self._group.joined(command)
        plain = setting.sandbox.kind in ("process", "own")
        if setting.sandbox.kind == "own":
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        try:
            return _launcher().submit(
                subprocess.Popen, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True, env=environment if plain else dict(os.environ),
                cwd=self._scratch if plain else None,
            ).result()  # fmt: skip
        except OSError as error:
            self._end_group()
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise SrbenchError(f"cannot start '{command[0]}': {error.strerror}.") from error

    def _fork(self, handler: str, folder: Path) -> Forked:
        setting = self.setting
        limits = setting.limits.as_text(setting.device.startswith("cuda"))
        group = "" if self._group is None else str(self._group.folder / "cgroup.procs")
        try:
            return nursery(_launched).fork(Order(handler, limits, str(folder), dict(os.environ), group))
        except BaseException:
            self._end_group()
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise

    def __enter__(self) -> IsolatedProcess:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        try:
            self._process.wait(0)
        except subprocess.TimeoutExpired:
            return True
        return False

    @property
    def pid(self) -> int:
        """Id of the outermost process."""
        return self._process.pid

    @property
    def output(self) -> str:
        """The end of what the process has printed, control characters shown as such."""
        text = bytes(self._last).decode("utf-8", "replace")
        return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)

    def ask(self, do: str, payload: bytes | memoryview = b"", most_bytes: int = 0, **arguments: Any) -> Reply:
        """Send one request and wait for its answer.

        Args:
            do: what is asked.
            payload: raw bytes that go with it.
            most_bytes: how many bytes the answer may have.
            arguments: what the header says besides.

        Raises:
            Refused: the process says why it cannot.
            Stopped: it has ended, was stopped at a limit, or answered something that is no answer.
        """
        if self.stopped:
            raise Stopped(self.stopped)
        limits = self.setting.limits
        preparing = not self._began or do in PREPARING
        limit = max(limits.start_s, limits.request_s) if preparing else limits.request_s
        deadline = time.monotonic() + limit
        try:
            sent = time.monotonic()
            write_frame(self._to, {"do": do, **arguments}, payload, deadline)
            header, data = read_frame(self._from, most_bytes, deadline)
            received = time.monotonic()
        except TooLate:
            option = f" ({self.setting.option})" if self.setting.option and limit == limits.request_s else ""
            raise self._end(f"gave no answer within {limit:g} s{option}, so it was stopped") from None
        except BadFrame as error:
            raise self._end(f"was stopped: {error}") from None
        except Closed:
            raise self._end(self._death()) from None
        self._began = True
        if "error" in header:
            raise Refused(str(header["error"])[:2000])
        return Reply(header, data, sent, received)

    def close(self) -> list[int]:
        """End the process and everything it started; returns the ids of what could not be ended."""
        if self._watch is not None:
            self._watch.close()
        left = kill_tree(self._process.pid, self._seen())
        if self._container:
            with contextlib.suppress(OSError, subprocess.SubprocessError, SrbenchError):
                subprocess.run([container_runtime(), "rm", "-f", self._container], capture_output=True, timeout=60,
                               check=False)  # fmt: skip
        self._end_group()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._drain.join(2)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        self.stopped = self.stopped or "is closed"
        return left

    def _seen(self) -> set[int]:
        """All that it has started, as far as it was seen."""
        watch: Watch | None = getattr(self, "_watch", None)  # the watch may call before it is known here
        return set() if watch is None else watch.seen

    def _end_group(self) -> None:
        if self._group is not None:
            self._group.end()

    def _over(self, limit: str) -> None:
        """The watch says that a limit is passed."""
        with self._lock:
            self.stopped = self.stopped or f"was stopped: it used {limit}"
        kill_tree(self._process.pid, self._seen())

    def _end(self, why: str) -> Stopped:
        with self._lock:
            self.stopped = self.stopped or why
        kill_tree(self._process.pid, self._seen() | set(descendants(self._process.pid)))
        return Stopped(self.stopped)

    def _death(self) -> str:
        """Why a process is gone, in words."""
        time.sleep(0.05)  # the watch may be about to say
        if self.stopped:
            return self.stopped
        try:
            code: int | None = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "closed its pipe and was stopped"
        how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
        if code is not None and code > 128 and self.setting.sandbox.kind != "process":
            how = f"by signal {code - 128}"
        self._drain.join(0.5)
        lines = [line for line in self.output.splitlines() if line.strip()]
        return f"ended {how}" + (f"; last words: {lines[-1].strip()[:300]}" if lines else "")

    def _keep_output(self) -> None:
        stream = self._process.stderr
        if stream is None:
            return
        with contextlib.suppress(OSError, ValueError):
            while True:
                got = os.read(stream.fileno(), 1 << 16)
                if not got:
                    return
                self.printed += len(got)
                self._last += got
                if self.setting.echo:
                    _say(got)
                if len(self._last) > 2 * KEPT_OUTPUT:
                    del self._last[:-KEPT_OUTPUT]


def _say(printed: bytes) -> None:
    """Print on stderr what a process has printed; control characters are shown as such."""
    text = printed.decode("utf-8", "replace")
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(visible(text, lines=True))
        sys.stderr.flush()
