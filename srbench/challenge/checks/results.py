"""Checks of results submissions; all but the last need no references. What they say is what the scorer says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from srbench.challenge.checks.check import CannotRun, Check, Finding, Subject
from srbench.challenge.planning import declared_baselines
from srbench.challenge.score.hints import DIAGNOSIS, MENDINGS
from srbench.challenge.score.names import is_ignored, sort_files
from srbench.challenge.score.plan import MEASURED
from srbench.challenge.score.png import WRONG_SIZE
from srbench.challenge.score.readme import declared_text
from srbench.challenge.score.references import LR_LIKE, is_times
from srbench.challenge.score.scoring import NO_README
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note, Problem
from srbench.rules import Floor

_ONLY: tuple[Kind, ...] = ("results",)
_NEEDS = "names and sizes need the LR or HR images; give --lr DIR or --references DIR"
_IMPLAUSIBLE = 20
"""So many times the baseline's, a declared value is more likely in another unit than meant."""
_ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


def _named(subject: Subject) -> Iterable[Finding]:
    subject.need_files()
    own = set(subject.contents.problems)
    problems = [p for p in subject.scored.verdict.problems if p.theme == "names" and p not in own]
    notes = [note for note in subject.scored.verdict.notes if note.kind == "folder"]
    if subject.wanted is None and not problems:
        raise CannotRun(_NEEDS, notes)
    yield from problems
    yield from notes


def _counted(subject: Subject) -> Iterable[Finding]:
    """As many as references or LR images, where those are at hand, else as many as the rules say."""
    by_rules = {
        each.id: each.images
        for each in subject.rules.datasets
        if each.images is not None and subject.dataset in ("", each.id)
    }
    by_rules_text = " or ".join(f"{count} of {name}" for name, count in by_rules.items())
    if subject.wanted is None and not by_rules:
        raise CannotRun(f"the rules do not say how many images there are; {_NEEDS}")
    subject.need_files()
    given = sum(1 for path in subject.contents.sizes if path.lower().endswith(".png") and not is_ignored(path))
    expected, known = by_rules_text, set(by_rules.values())
    if subject.wanted is not None:
        whose = "references" if subject.references is not None else "LR images"
        expected, wanted = f"{len(subject.wanted)}, as many as {whose}", len(subject.wanted)
        if known and wanted not in known:
            yield Note("count", f"there are {wanted} {whose}; the rules say {by_rules_text}")
        known = {wanted}
    if given not in known:
        yield Problem("names", "wrong number of images", expected, str(given), "send every image once, and no other")


def _of_images(subject: Subject) -> tuple[list[Problem], list[Problem]]:
    """Problems of the images: those of their size, and all others."""
    if not any(path.lower().endswith(".png") for path in subject.contents.sizes):
        raise CannotRun("there are no images to look at")
    if subject.wanted is not None and not set(subject.wanted) & set(subject.stems):
        raise CannotRun("no image has a wanted name, and others are not looked at")
    found = [p for p in subject.scored.verdict.problems if p.theme in ("images", "archive") and _is_new(p, subject)]
    of_size = [problem for problem in found if problem.what.endswith(f": {WRONG_SIZE}")]
    return of_size, [problem for problem in found if problem not in of_size]


def _decodes(subject: Subject) -> Iterable[Finding]:
    yield from _of_images(subject)[1]
    yield from (note for note in subject.scored.verdict.notes if note.kind == "chunks")


def _sized(subject: Subject) -> Iterable[Finding]:
    wrong, scale = _of_images(subject)[0], subject.plan.scale
    yield from (p for p in subject.scored.verdict.problems if p.what.startswith(LR_LIKE))
    if subject.wanted is None and not wrong:
        raise CannotRun(_NEEDS)
    every = bool(wrong) and len(wrong) == len(subject.wanted or ()) and subject.references is None
    if every and all(is_times(p.expected, p.found, scale) for p in wrong):
        text = "every image is as large as its LR image: these are no results, or --lr has no LR images"
        yield Note("LR size", text)
    yield from wrong


def _is_new(problem: Problem, subject: Subject) -> bool:
    return problem not in subject.contents.problems


def _declares(subject: Subject) -> Iterable[Finding]:
    subject.need_files()
    notes = [note for note in subject.scored.verdict.notes if note.kind == "readme"]
    if subject.scored.verdict.outcome == "stopped":
        raise CannotRun("a limit stopped the reading")
    if sort_files(subject.contents.sizes, subject.plan.scale).readme is None:
        raise CannotRun(NO_README, [note for note in notes if note.text != NO_README])
    yield Note("declared", f"read as declared: {declared_text(subject.scored.declared)}")
    yield from notes
    for name, (baseline, unit) in declared_baselines(subject.rules).items():
        value = getattr(subject.scored.declared, name)
        if value is not None and value > _IMPLAUSIBLE * baseline:
            times = f"over {_IMPLAUSIBLE} times the baseline's {baseline:.4g} {unit}"
            yield Note("readme", f"{name}: declared as {value:.6g} {unit}, {times}; look at its unit")


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
    kinds = [n.kind[len(DIAGNOSIS) :] for n in scored.verdict.notes if n.kind.startswith(DIAGNOSIS)]
    mend = "; ".join(MENDINGS[kind] for kind in kinds) or "train longer"
    for floor in subject.rules.floors:
        column = subject.rules.column(floor.column)
        mean = means.get(column.quantity, math.inf)
        if column.dataset == (subject.dataset or subject.rules.datasets[0].id) and math.isfinite(mean):
            yield from _above(floor, mean, column.title, mend)


def _above(floor: Floor, mean: float, title: str, mend: str) -> Iterable[Finding]:
    value = Decimal(repr(mean))
    if floor.decimals is not None:
        value = value.quantize(Decimal(1).scaleb(-floor.decimals), _ROUNDING[floor.rounding])
    if value < floor.value:
        yield Problem("quality", f"{title} is below the floor", f"at least {floor.value}", str(value), mend)


CHECKS = (
    Check("images-named", "names", "every image has its name, none is missing, extra or double", _ONLY, _named),
    Check("images-counted", "names", "the number of images", _ONLY, _counted),
    Check("images-decode", "images", "every image is a whole 8-bit RGB PNG", _ONLY, _decodes),
    Check("images-sized", "images", "every image has the right size", _ONLY, _sized),
    Check("readme-declares", "readme", "the readme can be understood", _ONLY, _declares),
    Check("quality-floor", "quality", "PSNR against the references, and the floor", _ONLY, _scores),
)
