"""Timing single passes: perf_counter on CPU, events with synchronisation on CUDA; warm-up until stable."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from srbench.cost.samples import settled

Runner = Callable[[], Any]


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
