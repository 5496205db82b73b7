"""What a stranger's process may use, and the limits of the operating system that hold it to that."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """Limits of one process and all that it starts. Bytes and seconds of the clock on the wall."""

    start_s: float = 120.0
    """For starting, building the network and counting it, each."""
    request_s: float = 120.0
    """For one request, one image for example."""
    memory_bytes: int = 8 * GIB
    file_bytes: int = 256 << 20
    """Of one file; also of all it writes, where the sandbox gives it a folder in memory."""
    processes: int = 64
    """Processes; sixteen times as many threads."""
    open_files: int = 1024
    cpu_s: int = 24 * 3600

    def as_text(self, cuda: bool) -> str:
        """What a process that serves is told of its limits."""
        values = (self.memory_bytes, self.file_bytes, self.processes, self.open_files, self.cpu_s, int(cuda))
        return ":".join(map(str, values))

    @property
    def threads(self) -> int:
        """Threads of all processes together."""
        return 16 * self.processes


def apply_in_child(limits: Limits, cuda: bool = False) -> None:
    """Put ``limits`` on the calling process, for ever; what the system does not have is left out.

    Address space is left open where CUDA is used, which reserves far more than it takes.
    """
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    wanted = [
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", limits.file_bytes),
        ("RLIMIT_NOFILE", limits.open_files),
        ("RLIMIT_CPU", limits.cpu_s),
    ]
    if not cuda:
        wanted.append(("RLIMIT_AS", limits.memory_bytes + 4 * GIB))
    if os.getuid() != 0:  # it counts all processes of the user
        wanted.append(("RLIMIT_NPROC", _processes_of_user() + limits.threads))
    for name, value in wanted:
        kind = getattr(resource, name, None)
        if kind is not None:
            _, hard = resource.getrlimit(kind)
            limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))


def _processes_of_user() -> int:
    count = 0
    with contextlib.suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with contextlib.suppress(OSError):
                    if process.stat().st_uid == os.getuid():
                        count += len(list((process / "task").iterdir()))
    return count
