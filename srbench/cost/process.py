"""A worker process seen from outside: requests with a time limit, and a sentence when it dies or hangs."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from srbench.errors import SrbenchError

START_SECONDS = 90.0
"""A process may take so long to start, import torch and build its network, whatever the time limit of a pass."""


class WorkerFailed(SrbenchError):
    """The model in a worker failed: an exception, a crash of the process, or a time limit."""


class WorkerHung(WorkerFailed):
    """The model gave no answer within the time limit and was stopped."""


class WorkerProcess:
    """One persistent ``srbench.cost.worker``; use as a context manager so that it never outlives its use."""

    def __init__(self, label: str, threads: int | None, timeout: float) -> None:
        self.label = label
        self.timeout = timeout
        self._started = False
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        environment = dict(os.environ)
        if threads:
            for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
                environment[name] = str(threads)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "srbench.cost.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environment,
        )
        self._replies: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def _read(self) -> None:
        stdout = self._process.stdout
        if stdout is not None:
            for line in stdout:
                self._replies.put(line)
        self._replies.put(None)

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for its answer; the first one also waits for the process to start.

        Raises:
            WorkerFailed: one sentence: what the model raised, how the process died, or that it was stopped
                after the time limit.
        """
        stdin = self._process.stdin
        limit = self.timeout if self._started else max(self.timeout, START_SECONDS)
        try:
            if stdin is None:
                raise BrokenPipeError
            stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            stdin.flush()
            line = self._replies.get(timeout=limit)
            self._started = True
        except queue.Empty:
            self.close()
            raise WorkerHung(f"no answer within {limit:g} s (--timeout), so it was stopped.") from None
        except (BrokenPipeError, OSError):
            line = None
        if line is None:
            raise WorkerFailed(self._death())
        reply: dict[str, Any] = json.loads(line)
        if not reply.pop("ok"):
            raise WorkerFailed(str(reply["error"]))
        return reply

    def _death(self) -> str:
        try:
            code: int | None = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            code = None
        self._errors.seek(0)
        lines = [line for line in self._errors.read().splitlines() if line.strip()]
        how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
        return f"its process ended {how}" + (f"; last words: {lines[-1].strip()}" if lines else ".")

    def close(self) -> None:
        """End the process: ask, then insist."""
        if self.alive:
            try:
                if self._process.stdin is not None:
                    self._process.stdin.close()
                self._process.wait(timeout=0.5)
            except (subprocess.TimeoutExpired, OSError):
                self._process.kill()
                self._process.wait()
        for _ in range(20):
            if not self._reader.is_alive():
                break
            time.sleep(0.05)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()
        self._errors.close()
