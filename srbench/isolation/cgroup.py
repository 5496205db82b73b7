"""A control group that bounds how many tasks a stranger's process and all that it starts may be, where one can be had.

A limit per user does not hold a process of root, and looking now and then comes too late for one that forks without
end on a busy machine. The kernel's ``pids`` controller refuses the fork itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
KILLING_S = 5.0
"""How long ending all members is tried."""


@dataclass(frozen=True)
class TaskGroup:
    """A control group of at most so many processes and threads together; ``folder`` is where the kernel shows it."""

    folder: Path

    def joined(self, command: list[str]) -> list[str]:
        """``command``, run as a member from its first instruction on."""
        script = 'echo 0 > "$1" && shift && exec "$@"'
        return ["/bin/sh", "-c", script, "sh", str(self.folder / "cgroup.procs"), *command]

    def members(self) -> list[int]:
        """Ids of the processes in it."""
        with contextlib.suppress(OSError, ValueError):
            return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]
        return []

    def end(self) -> None:
        """Kill all members and remove the group; one that cannot be removed stays empty."""
        deadline = time.monotonic() + KILLING_S
        while (members := self.members()) and time.monotonic() < deadline:
            for pid in members:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def task_group(tasks: int) -> TaskGroup | None:
    """A new group of at most ``tasks`` processes and threads, or None where this user cannot make one."""
    for parent in _own_groups():
        group = TaskGroup(parent / f"srbench-{uuid.uuid4().hex}")
        try:
            group.folder.mkdir()
        except OSError:
            continue
        try:
            (group.folder / "pids.max").write_text(str(tasks))
            if (group.folder / "cgroup.procs").stat() and (group.folder / "pids.max").read_text().strip() == str(tasks):
                return group
        except OSError:
            pass
        group.end()
    return None


def _own_groups() -> Iterator[Path]:
    """Where the groups of this process lie: of the controller ``pids`` (version 1), and of version 2."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if "pids" in controllers.split(","):
            yield MOUNT / "pids" / path.lstrip("/")
        elif not controllers:
            yield MOUNT / path.lstrip("/")
