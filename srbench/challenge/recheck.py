"""Images run again after the timing: unchanged, turned, mirrored, cropped. An honest network gives about the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from srbench.challenge.entries import Flag
from srbench.challenge.passing import Entry, Image, run
from srbench.isolation.process import Refused
from srbench.metrics.protocols import Protocol
from srbench.quantities import PSNR, get_quantity

DROP_DB = 3.0
"""Quality lost on a turned or cropped copy from which on an entry is suspected to know the image by heart."""
ALIKE_DB = 0.1
"""An entry that is better by more in its own range shows that it is the right one; by less, a wrong one is silent."""
LEVELS = 1
"""Grey levels by which two runs of one image may differ."""
_LEAST_EDGE = 24


@dataclass(frozen=True)
class Sample:
    """An image of the run, with what the entry made of it."""

    name: str
    lr: Image
    hr: Image
    sr: Image


@dataclass(frozen=True)
class _View:
    """A changed copy: what is done to LR, and the same to HR or SR."""

    name: str
    of_lr: Callable[[Image], Image]
    of_sr: Callable[[Image], Image]


def recheck(entry: Entry, samples: Sequence[Sample], protocol: Protocol, seed: int) -> tuple[Flag, ...]:
    """Run ``samples`` again in all views; what does not agree is a flag.

    Raises:
        Refused, Stopped: as :func:`srbench.challenge.passing.run`.
    """
    rng = random.Random(seed)
    scale = entry.spec.scale
    drops: list[tuple[float, str]] = []
    different: list[str] = []
    for sample in samples:
        again = run(entry, sample.lr).sr
        apart = int(np.abs(again.astype(np.int16) - sample.sr.astype(np.int16)).max())
        if apart > LEVELS:
            different.append(f"{sample.name} by up to {apart} levels")
        for view in _views(sample.lr, scale, rng):
            found = run(entry, np.ascontiguousarray(view.of_lr(sample.lr))).sr
            wanted = np.ascontiguousarray(view.of_sr(sample.hr))
            before = _decibels(np.ascontiguousarray(view.of_sr(sample.sr)), wanted, scale, protocol)
            drops.append((before - _decibels(found, wanted, scale, protocol), f"{sample.name}, {view.name}"))
    flags = list(_range_flags(entry, samples, protocol)) if samples else []
    worst = max(drops, default=(0.0, ""))
    if worst[0] > DROP_DB:
        many = sum(1 for drop, _ in drops if drop > DROP_DB)
        text = (
            f"suspect: memorised; {many} of {len(drops)} changed copies lose more than {DROP_DB:g} dB "
            f"({worst[1]}: {worst[0]:.1f} dB)"
        )
        flags.append(Flag(kind="memorised", text=text))
    if different:
        flags.append(Flag(kind="not deterministic", text=f"a second run differs: {', '.join(different[:3])}"))
    return tuple(flags)


def _range_flags(entry: Entry, samples: Sequence[Sample], protocol: Protocol) -> Iterator[Flag]:
    """Whether the images would do as well, or better, in the other range: a wrong one can be silent."""
    other = 1.0 if entry.data_range == 255.0 else 255.0
    scale = entry.spec.scale
    own = fmean(_decibels(sample.sr, sample.hr, scale, protocol) for sample in samples)
    try:
        found = fmean(_decibels(run(entry, one.lr, other).sr, one.hr, scale, protocol) for one in samples)
    except Refused:  # it fails in the other range, so that is not its own
        return
    where = f"on {', '.join(sample.name for sample in samples)}"
    if found > own + DROP_DB:
        yield Flag(kind="range", text=f"{where}: in the range {other:g} it has {found:.2f} dB, in its own {own:.2f}")
    elif found > own - ALIKE_DB:
        text = f"{where}: {own:.2f} dB with white as {entry.data_range:g}, as declared, {found:.2f} dB with {other:g}"
        yield Flag(kind="range undetermined", text=f"{text}; the images do not tell which is right")


def _decibels(sr: Image, hr: Image, scale: int, protocol: Protocol) -> float:
    return min(100.0, float(get_quantity(PSNR).function()(sr, hr, scale, protocol)))


def _views(lr: Image, scale: int, rng: random.Random) -> list[_View]:
    turns = rng.randrange(1, 4)
    views = [
        _View(f"turned by {90 * turns} degrees", lambda x: np.rot90(x, turns), lambda x: np.rot90(x, turns)),
        _View("mirrored", lambda x: x[:, ::-1], lambda x: x[:, ::-1]),
    ]
    height, width = lr.shape[:2]
    if min(height, width) >= 2 * _LEAST_EDGE:
        tall, wide = rng.randrange(_LEAST_EDGE, height - 4), rng.randrange(_LEAST_EDGE, width - 4)
        top, left = rng.randrange(1, height - tall), rng.randrange(1, width - wide)

        def crop(x: Image, by: int = 1) -> Image:
            return x[by * top : by * (top + tall), by * left : by * (left + wide)]

        views.append(_View("cropped", crop, lambda x: crop(x, scale)))
    return views
