"""Checks of results submissions; all but the last need no references. What they say is what the scorer says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from srbench.challenge.checks.check import CannotRun, Check, Finding, Subject
from srbench.challenge.score.plan import MEASURED
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note, Problem
from srbench.rules import Floor

_ONLY: tuple[Kind, ...] = ("results",)
_ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


def _need_files(subject: Subject) -> None:
    if not subject.contents.sizes and subject.contents.problems:
        raise CannotRun("nothing of the submission can be read, see above")


def _named(subject: Subject) -> Iterable[Finding]:
    _need_files(subject)
    own = set(subject.contents.problems)
    yield from (p for p in subject.scored.verdict.problems if p.theme == "names" and p not in own)
    yield from (note for note in subject.scored.verdict.notes if note.kind == "folder")


def _counted(subject: Subject) -> Iterable[Finding]:
    """Without references their number is all that is known."""
    if subject.references is not None:
        return
    wanted: dict[int, list[str]] = {}
    for dataset in subject.rules.datasets:
        if dataset.images is not None:
            wanted.setdefault(dataset.images, []).append(dataset.title)
    if not wanted:
        raise CannotRun("the rules do not say how many images there are; give --references")
    _need_files(subject)
    given = sum(1 for path in subject.contents.sizes if path.lower().endswith(".png"))
    if given not in wanted:
        expected = " or ".join(f"{count} ({', '.join(titles)})" for count, titles in wanted.items())
        yield Problem("names", "wrong number of images", expected, str(given), "send every image once, and no other")


def _decodes(subject: Subject) -> Iterable[Finding]:
    if not any(path.lower().endswith(".png") for path in subject.contents.sizes):
        raise CannotRun("there are no images to look at")
    yield from (p for p in subject.scored.verdict.problems if p.theme in ("images", "archive") and _is_new(p, subject))
    yield from (note for note in subject.scored.verdict.notes if note.kind == "chunks")


def _is_new(problem: Problem, subject: Subject) -> bool:
    return problem not in subject.contents.problems


def _declares(subject: Subject) -> Iterable[Finding]:
    yield from (note for note in subject.scored.verdict.notes if note.kind == "readme")


def _scores(subject: Subject) -> Iterable[Finding]:
    scored = subject.scored
    if subject.references is None:
        raise CannotRun("it needs the reference images; give --references DIR where you have them")
    if scored.verdict.outcome == "organiser error":
        raise CannotRun(next(p.sentence() for p in scored.verdict.problems if p.blame == "organiser"))
    if scored.verdict.outcome != "valid":
        raise CannotRun("the images are not scored as long as the problems above are there")
    means = {one.name: scored.mean(one.name) for one in MEASURED if one.name in scored.measured}
    shown = ", ".join(f"{one.title} {one.text(means[one.name], 'infinite')}" for one in MEASURED if one.name in means)
    yield Note("score", f"{shown} over {len(scored.images)} images ({subject.plan.measure.protocol})")
    yield from (n for n in scored.verdict.notes if n.kind.startswith("diagnosis") or n.kind == "suspicious")
    for floor in subject.rules.floors:
        column = subject.rules.column(floor.column)
        mean = means.get(column.quantity, math.inf)
        if column.dataset == subject.dataset and math.isfinite(mean):
            yield from _above(floor, mean, column.title)


def _above(floor: Floor, mean: float, title: str) -> Iterable[Finding]:
    value = Decimal(repr(mean))
    if floor.decimals is not None:
        value = value.quantize(Decimal(1).scaleb(-floor.decimals), _ROUNDING[floor.rounding])
    if value < floor.value:
        yield Problem("quality", f"{title} is below the floor", f"at least {floor.value}", str(value), "train longer")


CHECKS = (
    Check("images-named", "names", "every image has its name, none is missing, extra or double", _ONLY, _named),
    Check("images-counted", "names", "there are as many images as the rules say", _ONLY, _counted),
    Check("images-decode", "images", "every image is a whole 8-bit RGB PNG of the right size", _ONLY, _decodes),
    Check("readme-declares", "readme", "the readme can be understood", _ONLY, _declares),
    Check("quality-floor", "quality", "PSNR against the references, and the floor", _ONLY, _scores),
)
