"""One submitted image: read with distrust, measured, and what is kept of it; any number at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from srbench.challenge.score.hints import Seen, seen
from srbench.challenge.score.measure import ImageScore, measure
from srbench.challenge.score.pairing import tiny
from srbench.challenge.score.plan import Plan
from srbench.challenge.score.png import Header, PngError, check_header, read_header, read_pixels
from srbench.challenge.score.references import Reference, organisers
from srbench.challenge.score.verdict import Blame, Note, Problem, printable

Pixels = npt.NDArray[Any]


@dataclass(frozen=True)
class Given:
    """One image before it is looked at: its bytes, and its reference; a problem where one of them cannot be had.

    ``reference`` is None where there are no references; ``size`` is then the wanted width and height [px], where the
    LR images say it.
    """

    stem: str
    data: bytes | Problem
    reference: Reference | Problem | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Looked:
    """What came of one image; ``seen`` and the ``tiny`` image are for a diagnosis. Its pixels are gone."""

    stem: str
    problem: Problem | None = None
    note: Note | None = None
    score: ImageScore | None = None
    seen: Seen | None = None
    tiny: Pixels | None = None
    tiny_reference: Pixels | None = None


def look(given: Given, plan: Plan, measured: tuple[str, ...], wanted: Callable[[], bool]) -> Looked:
    """Check one image, and measure the values named ``measured`` of it if they are ``wanted`` still."""
    stem, reference = given.stem, given.reference
    if isinstance(reference, Problem):
        return Looked(stem, reference)
    if isinstance(given.data, Problem):
        return Looked(stem, given.data)
    shown = printable(stem)
    try:
        header = read_header(given.data[:33])
        wanted_size = given.size if reference is None else reference.size
        check_header(header, *(wanted_size or _whole(header, plan.scale)))
        _check_measurable(header, plan)
        sr, ignored = read_pixels(given.data, header, plan.limits)
    except PngError as error:
        blame: Blame = "limit" if error.limit else "submission"
        return Looked(stem, Problem("images", f"{shown}: {error.what}", error.expected, error.found, error.mend, blame))
    note = Note("chunks", f"{shown}: ignored {', '.join(map(printable, ignored))}") if ignored else None
    if reference is None and given.size is not None:
        return Looked(stem, note=note, tiny=tiny(sr))
    if reference is None or not wanted():
        return Looked(stem, note=note)
    try:
        hr = reference.pixels()
    except PngError as error:
        return Looked(stem, reference_problem(stem, error), note)
    score = measure(sr, hr, plan.measure, measured, threads=False)
    return Looked(stem, None, note, score, seen(stem, sr, hr), tiny(sr), reference.tiny())


def reference_problem(stem: str, error: PngError) -> Problem:
    """A reference that cannot be used."""
    return organisers(f"{printable(stem)}: {error.what}", error.expected, error.found)


def _whole(header: Header, scale: int) -> tuple[int, int]:
    """Size [px] of an image whose reference is not at hand: any multiple of the scale."""
    return header.width - header.width % scale, header.height - header.height % scale


def _check_measurable(header: Header, plan: Plan) -> None:
    smallest = plan.measure.smallest_side
    if min(header.width, header.height) < smallest:
        raise PngError("too small to be measured", f"at least {smallest}x{smallest}", header.size)
