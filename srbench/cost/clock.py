"""Timing single passes: perf_counter on CPU, events with synchronisation on CUDA; warm-up until stable."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from srbench.cost.samples import settled

Runner = Callable[[], Any]


@dataclass(frozen=True)
class Usage:
    """What the process used during some passes, in seconds; the kernel's share is zeroing and mapping pages, mostly."""

    wall_s: float
    cpu_s: float
    kernel_s: float
    faults: int
    """Pages that were touched for the first time since they were mapped."""

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            self.kernel_s + other.kernel_s,
            self.faults + other.faults,
        )

    @property
    def kernel_share(self) -> float | None:
        """Share of the CPU time that was the kernel's; None where next to nothing was used."""
        return self.kernel_s / self.cpu_s if self.cpu_s > MEASURABLE_S else None


MEASURABLE_S = 0.02
"""Seconds of CPU time below which the kernel's share is noise: it is told in steps of milliseconds."""


class UsageMeter:
    """Reads :class:`Usage` from its making on."""

    def __init__(self) -> None:
        self.begin = (time.perf_counter(), time.process_time(), *_kernel())

    def read(self) -> Usage:
        """What was used since."""
        wall, cpu, kernel, faults = self.begin
        kernel_now, faults_now = _kernel()
        return Usage(
            time.perf_counter() - wall, time.process_time() - cpu, kernel_now - kernel, int(faults_now - faults)
        )


def _kernel() -> tuple[float, int]:
    """Seconds in the kernel and minor page faults of this process so far; zeros where the system does not tell."""
    if sys.platform == "win32":
        return 0.0, 0
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_stime, used.ru_minflt


@dataclass(frozen=True)
class WarmUp:
    """What happened before the first timed pass."""

    samples_ms: tuple[float, ...]
    """Every pass from the very first on."""
    stable: bool


def time_once(run: Runner, device: str = "cpu") -> float:
    """Milliseconds of one pass; on CUDA by a pair of events, waiting for the device before and after."""
    if device.startswith("cuda"):
        event: Any = torch.cuda.Event
        start, end = event(enable_timing=True), event(enable_timing=True)
        torch.cuda.synchronize(device)
        start.record()
        run()
        end.record()
        torch.cuda.synchronize(device)
        return float(start.elapsed_time(end))
    begin = time.perf_counter()
    run()
    return (time.perf_counter() - begin) * 1000.0


def warm_up(run: Runner, device: str = "cpu", seconds: float = 5.0, most: int = 50) -> WarmUp:
    """Run until passes agree and no longer get faster, for at most ``seconds`` or ``most`` passes (at least two)."""
    samples: list[float] = []
    deadline = time.monotonic() + seconds
    while len(samples) < most:
        samples.append(time_once(run, device))
        if settled(samples):
            return WarmUp(tuple(samples), True)
        if time.monotonic() > deadline and len(samples) >= 2:
            break
    return WarmUp(tuple(samples), False)
