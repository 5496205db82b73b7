"""Why an image may score badly, found by cheap trials: one sentence each. Scores are never changed by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.challenge.score.measure import decibels
from srbench.challenge.score.plan import Measure
from srbench.challenge.score.verdict import Note, printable

Pixels = npt.NDArray[Any]

CROP = 384
"""Side [px] of the middle of an image that is looked at."""
_GAIN = 1.5
"""A trial has to be better by this many dB; exchanging channels of a grey image, say, changes nothing."""
_TOGETHER = 3
_SMALL_GAIN = 0.3
"""Images that are looked at together, and the gain [dB] that each of them has to have."""
_DIMMED = 0.02
"""A factor of brightness nearer to 1 is not tried."""
DIAGNOSIS = "diagnosis: "
"""Kinds of notes that explain a score begin with it; a key of :data:`MENDINGS` follows."""
MENDINGS = {
    "channels swapped": "write the channels in the order R, G, B; OpenCV's imwrite takes B, G, R",
    "range 0..1": "multiply by 255 and round before writing uint8",
    "inverted": "write the network's output itself, not 255 less it",
    "luma only": "write the colour image, not its luma",
    "shifted": "undo the shift: look at the padding and at how the output is cropped",
    "paired wrongly": "give every image the name of its own LR image",
    "brightness": "undo the change of brightness: look at the range of values before and behind the network",
}
"""How each kind of explanation is mended."""
SHIFTS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))


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
    moved: Mapping[tuple[int, int], Pixels] | None = None
    """SR moved back by (down, right) of :data:`SHIFTS`, where ``hr`` is an LR image and ``sr`` was reduced to it."""


def seen(stem: str, sr: Pixels, hr: Pixels) -> Seen:
    """What is kept of an image; both are uint8 HxWx3 of equal shape."""
    return Seen(
        stem, middle(sr).copy(), middle(hr).copy(), int(sr.max()) <= 1 < int(hr.max()),
        bool(np.array_equal(middle(sr), middle(hr)) and np.array_equal(sr, hr)),
    )  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """One trial of one image: ``gain`` [dB] over the image as it is; ``kind`` and ``text`` are alike between images."""

    kind: str
    text: str
    gain: float
    sentence: str


def trials(image: Seen, how: Measure) -> tuple[Tried, ...]:
    """Everything that is tried of an image, none where it equals its reference."""
    if image.equal:
        return ()
    plain = decibels(image.sr, image.hr, how)
    if image.dark:
        text = "values look like 0..1 written as uint8"
        sentence = f"{text}: none is above 1, PSNR {plain:.1f}; times 255 first"
        return (Tried("range 0..1", text, float("inf"), sentence),)
    found = []
    for kind, text, say, changed_sr, changed_hr in _trials(image):
        if changed_sr.shape == changed_hr.shape and min(changed_sr.shape[:2]) >= how.smallest_side:
            value = decibels(changed_sr, changed_hr, how)
            found.append(Tried(kind, text, value - plain, say(plain, value)))
    return tuple(found)


def hint(tried: tuple[Tried, ...]) -> Tried | None:
    """The best explanation of one image's bad score, or None; of equal ones the last."""
    best = None
    for one in tried:
        if one.gain >= (best.gain if best else _GAIN):
            best = one
    return best


def shared_hint(images: Sequence[tuple[Tried, ...]]) -> tuple[Tried, float] | None:
    """What makes every one of at least three images better, if by less than one alone would need, and the mean gain.

    On smooth images a shift by one pixel costs little; that the same one helps all of them is no chance.
    """
    gains: dict[tuple[str, str], list[Tried]] = {}
    for tried in images:
        for one in tried:
            gains.setdefault((one.kind, one.text), []).append(one)
    best, found = 0.0, None
    for same in gains.values():
        mean = sum(one.gain for one in same) / len(same)
        if len(same) == len(images) >= _TOGETHER and min(one.gain for one in same) >= _SMALL_GAIN and mean > best:
            best, found = mean, (same[0], mean)
    return found


def diagnoses(tried: Mapping[str, tuple[Tried, ...]], paired: Mapping[str, str], whose: str) -> Iterator[Note]:
    """What is to be said of images by name: those under another's name, and what trials of the others explain.

    Args:
        tried: the trials of the images that were looked at.
        paired: what images look like, where it is another than their own.
        whose: what images are compared with, "reference" or "LR image".
    """
    if paired:
        stem, other = next(iter(paired.items()))
        text = f"looks like {whose} {printable(other)}, not like its own"
        yield Note(f"{DIAGNOSIS}paired wrongly", f"{printable(stem)}: {text}{_more(len(paired) - 1)}")
    rest = {stem: each for stem, each in tried.items() if stem not in paired}
    explained: dict[str, list[tuple[str, str]]] = {}
    for stem, each in rest.items():
        best = hint(each)
        if best is not None:
            explained.setdefault(best.kind, []).append((stem, best.sentence))
    for kind, found in explained.items():
        stem, sentence = found[0]
        others = _more(len(found) - 1, f" of {len(rest)} looked at")
        yield Note(f"{DIAGNOSIS}{kind}", f"{printable(stem)}: {sentence}{others}")
    shared = None if explained else shared_hint([*rest.values()])
    if shared is not None:
        text = f"{shared[0].text}: without that each of {len(rest)} looked at is better, by {shared[1]:.1f} dB"
        yield Note(f"{DIAGNOSIS}{shared[0].kind}", text)


def _more(count: int, among: str = "") -> str:
    return f"; so do {count} more{among}" if count > 1 else f"; so does 1 more{among}" if count else ""


def middle(image: Pixels, side: int = CROP) -> Pixels:
    """The middle of an image (HxWx3) of at most ``side`` [px] in height and width, not copied."""
    height, width = image.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return image[top : top + side, left : left + side]


Say = Callable[[float, float], str]
Trial = tuple[str, str, Say, Pixels, Pixels]


def _trials(image: Seen) -> Iterator[Trial]:
    """(kind, text, sentence of the two PSNRs, changed SR, changed HR) of everything that is tried."""
    sr, hr = image.sr, image.hr

    def say(text: str, changed: str) -> tuple[str, Say]:
        return text, lambda plain, value: f"{text}: PSNR {plain:.1f}, {changed} {value:.1f} (middle of the image)"

    yield "channels swapped", *say("channels look swapped", "with R/B exchanged"), sr[..., ::-1], hr
    yield "inverted", *say("colours look inverted", "with 255 - x"), 255 - sr, hr
    if np.array_equal(sr[..., 0], sr[..., 1]) and np.array_equal(sr[..., 0], sr[..., 2]):
        yield "luma only", *say("only luma is given", "against the luma of the reference"), sr, _grey(hr)
    factor = _brightness(sr, hr)
    if abs(factor - 1.0) >= _DIMMED:
        text = "the image looks too dark" if factor > 1.0 else "the image looks too bright"
        changed = np.clip(np.rint(sr * factor), 0, 255).astype(np.uint8)
        yield "brightness", *say(text, f"times {factor:.2f}"), changed, hr
    for dy, dx in SHIFTS:
        text = f"shifted by ({dy}, {dx}) pixels (down, right)"
        moved = overlap(sr, hr, dy, dx) if image.moved is None else (image.moved[dy, dx], hr)
        yield "shifted", *say(f"the image looks {text}", "moved back"), *moved


def _brightness(sr: Pixels, hr: Pixels) -> float:
    """The mean of HR over that of SR, which noise in SR does not change; 1 for a black image."""
    return float(hr.mean(dtype=np.float64) / sr.mean(dtype=np.float64)) if sr.any() else 1.0


def _grey(image: Pixels) -> Pixels:
    luma = image[..., 0] * 0.299 + image[..., 1] * 0.587 + image[..., 2] * 0.114
    return np.repeat(np.rint(luma).astype(np.uint8)[..., None], 3, axis=2)


def overlap(sr: Pixels, hr: Pixels, down: int, right: int) -> tuple[Pixels, Pixels]:
    """SR and HR where they overlap once SR is moved back up by ``down`` and left by ``right``."""
    height, width = sr.shape[:2]
    moved = sr[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    still = hr[max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)]
    return moved, still
