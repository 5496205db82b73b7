"""Whether results look like what they are named after: the references, or the LR images where those alone are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.challenge.checks.check import CannotRun, Check, Finding, Subject
from srbench.challenge.score.archive import UnreadableError
from srbench.challenge.score.hints import CROP, DIAGNOSIS, MENDINGS, SHIFTS, Seen, Tried, diagnoses, middle, trials
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.pairing import tiny, wrongly_paired
from srbench.challenge.score.png import PngError, read_header, read_pixels
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note
from srbench.errors import SrbenchError
from srbench.imaging import imresize

_ONLY: tuple[Kind, ...] = ("results",)
_LOOKED_AT = 3
"""So many images are reduced and compared in full; the tiny versions of all of them are."""
_EDGE = 2
"""Pixels of an LR image at its edges that depend on what lies outside of the part that is reduced."""

Pixels = npt.NDArray[Any]


def is_warning(note: Note) -> bool:
    """Whether a note is about images that are probably not as they were meant."""
    return note.kind.startswith(DIAGNOSIS) or note.kind == "suspicious"


def _alike(subject: Subject) -> Iterable[Finding]:
    """Warnings with how to mend them: the scorer's own where there are references."""
    for note in _warnings(subject):
        mend = MENDINGS.get(note.kind[len(DIAGNOSIS) :]) if note.kind.startswith(DIAGNOSIS) else None
        yield replace(note, text=f"{note.text}; to mend: {mend}") if mend else note


def _warnings(subject: Subject) -> Iterable[Note]:
    if subject.references is not None:
        if subject.scored.verdict.outcome != "valid":
            raise CannotRun("the images are not compared as long as anything else is wrong")
        return [note for note in subject.scored.verdict.notes if is_warning(note)]
    if subject.lr is None:
        raise CannotRun("it needs the LR or HR images; give --lr DIR or --references DIR")
    if not subject.scored.tiny:
        raise CannotRun("there is no image of the right name and size to look at")
    try:
        return list(_beside_lr(subject))
    except SrbenchError as error:
        raise CannotRun(str(error)) from error


def _beside_lr(subject: Subject) -> Iterator[Note]:
    """Images reduced by the scale beside their LR images; a score of that is never shown, only what explains it."""
    lr = subject.lr
    assert lr is not None
    given = subject.scored.tiny
    wanted = {stem: tiny(lr.pixels(stem)) for stem in lr.sizes}
    images = sort_files(subject.contents.sizes, subject.plan.scale).images
    tried: dict[str, tuple[Tried, ...]] = {}
    how = replace(subject.plan.measure, border=_EDGE, window=(1.0,))
    for stem in [*given][:_LOOKED_AT]:
        sr = _pixels(subject, images[stem])
        if sr is not None:
            tried[stem] = trials(beside_lr(stem, sr, lr.pixels(stem), subject.plan.scale), how)
    for note in diagnoses(tried, wrongly_paired(given, wanted), "LR image"):
        yield replace(note, text=f"reduced, beside the LR images: {note.text}")


def _pixels(subject: Subject, path: str) -> Pixels | None:
    limits = subject.plan.limits
    try:
        data = subject.contents.read(path, limits.file_bytes)
        return read_pixels(data, read_header(data[:33]), limits)[0]
    except (UnreadableError, PngError):  # said by the check that decodes every image
        return None


def beside_lr(stem: str, sr: Pixels, lr: Pixels, scale: int) -> Seen:
    """What a diagnosis needs of an image and its LR image: the middle of SR reduced by MATLAB's bicubic imresize.

    Args:
        stem: name of the image.
        sr: uint8 (H * scale)x(W * scale)x3.
        lr: uint8 HxWx3.
        scale: of the challenge.
    """
    side = max(1, CROP // scale)
    small = middle(lr, side)
    top, left = ((large - part) // 2 * scale for large, part in zip(lr.shape[:2], small.shape[:2], strict=True))
    height, width = (part * scale for part in small.shape[:2])
    part = sr[top : top + height, left : left + width]
    padded = np.pad(part, ((1, 1), (1, 1), (0, 0)), mode="edge")
    moved = {
        (down, right): imresize(padded[1 + down :, 1 + right :][:height, :width], 1 / scale) for down, right in SHIFTS
    }
    dark = int(sr.max()) <= 1 < int(lr.max())
    return Seen(stem, imresize(part, 1 / scale), small, dark, bool(np.array_equal(sr, lr)), moved)


CHECKS = (Check("images-alike", "images", "every image looks like what it is named after", _ONLY, _alike),)
