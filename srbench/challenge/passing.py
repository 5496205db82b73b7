"""One image through a sandboxed entry: what it returned as pixels, and how long that took by the clock outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srbench.challenge.imported import HANDLER
from srbench.challenge.spec import EntrySpec
from srbench.challenge.timing import pass_time
from srbench.isolation.process import IsolatedProcess, Refused, Setting

Image = NDArray[np.uint8]
_BYTES_PER_VALUE = 4


class BadOutput(Refused):
    """The output is no image: NaN, infinite, or of another size."""


@dataclass(frozen=True)
class Passed:
    """One pass. Times in ms: ``forward`` from the order to run until the numbers lay in plain memory, as
    :func:`srbench.challenge.timing.pass_time` makes it, and whether that is ``sound``; ``claimed`` by the entry's own
    process; ``hidden`` what the steps before and after took beyond what they take without a network."""

    sr: Image
    forward: float
    claimed: float
    hidden: float
    sound: bool = True


@dataclass(frozen=True)
class StepCost:
    """Least milliseconds that a step takes without a network, for outputs of two sizes [bytes]."""

    small: tuple[int, float] = (0, 0.0)
    large: tuple[int, float] = (1, 0.0)

    def expected(self, total: int) -> float:
        """Milliseconds for an output of ``total`` bytes: a constant and a share per byte, never less than nothing."""
        (low, at_low), (high, at_high) = self.small, self.large
        return at_low + max(0.0, (at_high - at_low) / max(1, high - low)) * total

    def least(self, other: StepCost) -> StepCost:
        """The lesser of both at each size; this one where the sizes differ."""
        if (self.small[0], self.large[0]) != (other.small[0], other.large[0]):
            return self
        return StepCost(min(self.small, other.small), min(self.large, other.large))


@dataclass(frozen=True)
class Calibration:
    """What the three steps of a pass cost without a network."""

    image: StepCost = StepCost()
    idle: StepCost = StepCost()
    fetch: StepCost = StepCost()

    def least(self, other: Calibration) -> Calibration:
        """The least of both: what a busy machine adds to one process is not what a transfer takes."""
        return Calibration(
            self.image.least(other.image), self.idle.least(other.idle), self.fetch.least(other.fetch)
        )  # fmt: skip


def share_calibration(entries: Iterable[Entry], known: Calibration | None) -> Calibration | None:
    """Give all ``entries`` the least that any of them, or an earlier run (``known``), needed; returns it.

    The steps are srbench's own code and were calibrated before any of the strangers' ran, so they cost all the same.
    """
    found = list(entries)
    for entry in found:
        known = entry.calibration if known is None else known.least(entry.calibration)
    for entry in found:
        entry.calibration = entry.calibration if known is None else entry.calibration.least(known)
    return known


_TURNS = 6
"""Of each step at each size when it is calibrated; the first is dropped, the least of the others counts."""


@dataclass
class Entry:
    """A live entry: its process, and what is known of its transfers."""

    spec: EntrySpec
    process: IsolatedProcess
    summary: dict[str, Any] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)
    data_range: float = 1.0


def start(spec: EntrySpec, setting: Setting, size: tuple[int, int]) -> Entry:
    """Start an entry's process, calibrate its transfers up to LR ``size``, then open the network.

    Raises:
        Refused: the network cannot be built.
        Stopped: the process ended or was stopped. In both cases nothing of it is left.
    """
    process = IsolatedProcess(HANDLER, Path(spec.folder), setting)
    try:
        process.ask("start", device=setting.device, threads=setting.threads, plugins=list(setting.plugins))
        entry = Entry(spec, process, calibration=_calibrate(process, spec.scale, size))
        entry.summary = process.ask("open", spec=spec.for_process()).header
        entry.data_range = float(entry.summary["data_range"])
    except BaseException:
        process.close()
        raise
    return entry


def _calibrate(process: IsolatedProcess, scale: int, size: tuple[int, int]) -> Calibration:
    found: list[tuple[tuple[int, float], ...]] = []
    for height, width in ((8, 8), size):
        pixels = np.zeros((height, width, 3), np.uint8)
        image: list[float] = []
        idle: list[float] = []
        fetch: list[float] = []
        out = [3, height * scale, width * scale]
        total = int(np.prod(out)) * _BYTES_PER_VALUE
        for _ in range(_TURNS):
            image.append(process.ask("image", pixels.data.cast("B"), shape=[height, width]).seconds * 1e3)
            idle.append(process.ask("idle", shape=out).seconds * 1e3)
            fetch.append(process.ask("fetch", most_bytes=total).seconds * 1e3)
        found.append(tuple((total, min(times[1:])) for times in (image, idle, fetch)))
    small, large = found
    return Calibration(*(StepCost(*pair) for pair in zip(small, large, strict=True)))


def run(entry: Entry, lr: Image, data_range: float | None = None) -> Passed:
    """One image through the entry; ``data_range`` feeds it another range than its own.

    Raises:
        Refused, BadOutput: the pass failed, or gave no image of ``scale`` times the size.
        Stopped: the process ended or was stopped.
    """
    height, width = lr.shape[:2]
    scale = entry.spec.scale
    shape = [3, height * scale, width * scale]
    total = int(np.prod(shape)) * _BYTES_PER_VALUE
    peak = data_range or entry.data_range
    pixels = np.ascontiguousarray(lr).data.cast("B")
    given = entry.process.ask("image", pixels, shape=[height, width], peak=peak)
    done = entry.process.ask("forward")
    claimed = _claimed(done.header)
    got = entry.process.ask("fetch", most_bytes=total)
    if len(got.payload) != total:
        raise BadOutput(f"gave {len(got.payload)} bytes for {'x'.join(map(str, shape))} values.")
    known = entry.calibration
    hidden = given.seconds * 1e3 - known.image.expected(total) + got.seconds * 1e3 - known.fetch.expected(total)
    values = np.frombuffer(got.payload, np.float32).reshape(shape)
    sr = to_pixels(values, peak, (height, width))
    forward, sound = pass_time(done.seconds * 1e3, known.idle.expected(total), claimed)
    return Passed(sr, forward, claimed, hidden, sound)


def _claimed(header: dict[str, Any]) -> float:
    value = header.get("claimed_ms")
    number = float(value) if isinstance(value, (int, float)) else -1.0
    return number if np.isfinite(number) else -1.0


def to_pixels(values: NDArray[np.float32], data_range: float, size: tuple[int, int]) -> Image:
    """(3, H, W) in the network's range as uint8 HxWx3: clamped, then rounded half to even, as the organisers do.

    Raises:
        BadOutput: NaN or infinite values.
    """
    if not np.isfinite(values).all():
        kind = "NaN" if np.isnan(values).any() else "infinite values"
        raise BadOutput(f"its pass gave {kind} for an input of {size[0]}x{size[1]}.")
    scaled = np.clip(values, 0, data_range) * np.float32(255.0 / data_range)
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8).transpose(1, 2, 0))
