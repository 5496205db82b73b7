"""Which memory format is faster for a network on this machine: a short trial, whose outcome is kept for later runs.

The two formats sum in another order, so that a few values differ by one grey level. Therefore nothing is tried unless
asked for, and what was chosen stands in the record, with the times of both.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.paths import cache_dir
from srbench.results.environment import machine_id
from srbench.results.record import FormatTrial
from srbench.writing import write_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from srbench.evaluation.cells import Cell

    Run = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

LARGEST = 128
"""Edge of the part of an image that is tried, LR pixels."""
ROUNDS = 5
SECONDS = 4.0
"""After which no further round is begun."""
GAIN = 0.95
"""Share of the contiguous pass's time that the other must stay below: chance decides nothing."""


def fastest(trial: FormatTrial) -> str:
    """The format that a trial speaks for; the usual one unless the other is clearly faster."""
    other = trial.channels_last_ms
    return "channels_last" if other is not None and other < GAIN * trial.contiguous_ms else "contiguous"


def tried(cell: Cell, threads: int, contiguous: Run, other: Callable[[], Run]) -> FormatTrial:
    """Both formats on the cell's first image, or as it was found before for this network, size and machine.

    ``contiguous`` is the model in that format; ``other`` opens it in channels_last.

    Raises:
        Exception: the image cannot be read, or the contiguous pass fails.
    """
    lr, _ = cell.dataset.images[0].load()
    part = np.ascontiguousarray(lr[:LARGEST, :LARGEST])
    key = [
        machine_id(), threads, cell.device, cell.source_sha256, cell.weights.name, cell.weights.sha256, cell.scale,
        cell.way.precision, cell.way.self_ensemble, part.shape,
    ]  # fmt: skip
    memory = cache_dir() / "memory-formats" / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, ValidationError, ValueError):
        return FormatTrial.model_validate_json(memory.read_text(encoding="utf-8"))
    found = _timed(part, contiguous, other())
    with contextlib.suppress(SrbenchError):  # a cache that cannot be written costs time, nothing else
        write_text(memory, found.model_dump_json(indent=1) + "\n")
    return found


def _timed(part: NDArray[np.uint8], contiguous: Run, channels_last: Run) -> FormatTrial:
    height, width = part.shape[:2]
    expected = contiguous(part)
    try:
        differing = int(np.count_nonzero(channels_last(part) != expected))
    except Exception:  # networks that reshape what they take for contiguous
        return FormatTrial(
            lr_size=(height, width), contiguous_ms=_ms(contiguous, part), channels_last_ms=None, differing=0,
            values=expected.size,
        )  # fmt: skip
    times: tuple[list[float], list[float]] = [], []
    begin = time.monotonic()
    for number in range(ROUNDS):
        if number and time.monotonic() - begin > SECONDS:
            break
        for run, taken in zip((contiguous, channels_last), times, strict=True):
            taken.append(_ms(run, part))
    return FormatTrial(
        lr_size=(height, width), contiguous_ms=min(times[0]), channels_last_ms=min(times[1]),
        differing=differing, values=expected.size,
    )  # fmt: skip


def _ms(run: Run, part: NDArray[np.uint8]) -> float:
    begin = time.perf_counter()
    run(part)
    return (time.perf_counter() - begin) * 1000
