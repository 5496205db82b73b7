"""Why an image may score badly, found by cheap trials: one sentence each. Scores are never changed by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.challenge.score.measure import decibels
from srbench.challenge.score.plan import Measure

Pixels = npt.NDArray[Any]

_CROP = 384
_GAIN = 1.5
"""A trial has to be better by this many dB; exchanging channels of a grey image, say, changes nothing."""
_SHIFTS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))


@dataclass(frozen=True)
class Seen:
    """What a diagnosis needs of an image: the middles of SR and HR, and what is known of all of it.

    Copies, so that the image itself can go.
    """

    stem: str
    sr: Pixels
    hr: Pixels
    dark: bool
    """No value of SR is above 1, but some of HR is."""
    equal: bool


def seen(stem: str, sr: Pixels, hr: Pixels) -> Seen:
    """What is kept of an image; both are uint8 HxWx3 of equal shape."""
    return Seen(
        stem, _middle(sr).copy(), _middle(hr).copy(), int(sr.max()) <= 1 < int(hr.max()),
        bool(np.array_equal(_middle(sr), _middle(hr)) and np.array_equal(sr, hr)),
    )  # fmt: skip


def hint(image: Seen, how: Measure, before: Seen | None = None) -> tuple[str, str] | None:
    """(kind, sentence) of the best explanation of a bad score, or None; ``before`` is the image before it."""
    if image.equal:
        return None
    plain = decibels(image.sr, image.hr, how)
    if image.dark:
        return (
            "range 0..1",
            f"values look like 0..1 written as uint8: none is above 1, PSNR {plain:.1f}; times 255 first",
        )
    best, found = plain + _GAIN, None
    for kind, say, changed_sr, changed_hr in _trials(image.sr, image.hr, before):
        if changed_sr.shape == changed_hr.shape and min(changed_sr.shape[:2]) >= how.smallest_side:
            value = decibels(changed_sr, changed_hr, how)
            if value >= best:
                best, found = value, (kind, say(plain, value))
    return found


def _middle(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    top, left = max(0, (height - _CROP) // 2), max(0, (width - _CROP) // 2)
    return image[top : top + _CROP, left : left + _CROP]


Trial = tuple[str, Callable[[float, float], str], Pixels, Pixels]


def _trials(sr: Pixels, hr: Pixels, before: Seen | None) -> Iterator[Trial]:
    """(kind, sentence of the two PSNRs, changed SR, changed HR) of everything that is tried."""

    def say(text: str, changed: str) -> Callable[[float, float], str]:
        return lambda plain, value: f"{text}: PSNR {plain:.1f}, {changed} {value:.1f} (middle of the image)"

    yield "channels swapped", say("channels look swapped", "with R/B exchanged"), sr[..., ::-1], hr
    yield "inverted", say("colours look inverted", "with 255 - x"), 255 - sr, hr
    if np.array_equal(sr[..., 0], sr[..., 1]) and np.array_equal(sr[..., 0], sr[..., 2]):
        yield "luma only", say("only luma is given", "against the luma of the reference"), sr, _grey(hr)
    for dy, dx in _SHIFTS:
        text = f"shifted by ({dy}, {dx}) pixels (down, right)"
        yield "shifted", say(f"the image looks {text}", "moved back"), *_overlap(sr, hr, dy, dx)
    if before is not None:
        yield from _pairings(sr, hr, before)


def _pairings(sr: Pixels, hr: Pixels, before: Seen) -> Iterator[Trial]:
    def say(text: str) -> Callable[[float, float], str]:
        return lambda plain, value: f"images look paired wrongly by one: PSNR {plain:.1f}, {text} {value:.1f}"

    yield "paired wrongly", say(f"against the reference of {before.stem}"), sr, before.hr
    yield "paired wrongly", say(f"the image of {before.stem} against this reference"), before.sr, hr


def _grey(image: Pixels) -> Pixels:
    luma = image[..., 0] * 0.299 + image[..., 1] * 0.587 + image[..., 2] * 0.114
    return np.repeat(np.rint(luma).astype(np.uint8)[..., None], 3, axis=2)


def _overlap(sr: Pixels, hr: Pixels, down: int, right: int) -> tuple[Pixels, Pixels]:
    """SR and HR where they overlap once SR is moved back up by ``down`` and left by ``right``."""
    height, width = sr.shape[:2]
    moved = sr[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    still = hr[max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)]
    return moved, still
