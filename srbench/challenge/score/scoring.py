"""One results submission against the references: every problem in one pass, and the scores where there is none."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from srbench.challenge.score.ahead import in_order
from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.efficiency import log_score
from srbench.challenge.score.hints import Tried, diagnoses, trials
from srbench.challenge.score.image import Given, Looked, Pixels, look, reference_problem
from srbench.challenge.score.measure import ImageScore
from srbench.challenge.score.names import match_stems, sort_files
from srbench.challenge.score.pairing import wrongly_paired
from srbench.challenge.score.plan import DECLARED_NAMES, MEASURED_NAMES, Plan
from srbench.challenge.score.png import PngError
from srbench.challenge.score.readme import Declared, parse_readme
from srbench.challenge.score.references import Reference, References, identities, open_references, without_lr_images
from srbench.challenge.score.verdict import Note, Problem, Verdict, printable, verdict_of
from srbench.metrics.workers import cores

_LOOKED_AT = 3
"""So many images are tried for a diagnosis whatever their score, and as many again where they are bad."""
_BAD = 0.01
"""MSE over the square of the peak (20 dB) from which on an image is bad."""
_EMPTY = Declared()
INFINITE_PSNR = 999.0
"""Stands for an infinite PSNR [dB] where a platform wants a number."""
NOT_DECLARED = -1.0
NO_README = "there is no readme; its values are taken as not declared"

Progress = Callable[[int, int, str], None]
"""Called with the images done, their number, and the name of the last."""


@dataclass(frozen=True)
class Work:
    """``measured``: names of what is measured. ``threads``: use all cores, in threads that end with the work."""

    measured: tuple[str, ...] = MEASURED_NAMES
    threads: bool = True

    @property
    def workers(self) -> int:
        """Images that are looked at at a time."""
        return cores() if self.threads else 1


_ALL = Work()


@dataclass(frozen=True)
class Scored:
    """What scoring found: the verdict, scores by image in the order of names, and what the readme declares."""

    verdict: Verdict
    images: dict[str, ImageScore] = field(default_factory=dict)
    declared: Declared = _EMPTY
    tiny: Mapping[str, Pixels] = field(default_factory=dict)
    """Tiny versions of the images that could be read, where sizes follow from the LR images."""

    def mean(self, name: str) -> float:
        """Mean of a measured value over the images; infinite where it is infinite for one of them."""
        values = [image.values[name] for image in self.images.values()]
        return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.inf

    def published(self, plan: Plan) -> dict[str, float]:
        """A finite number for every column of the plan but those left unmeasured; only for valid submissions."""
        values = {name: self.mean(name) for name in self.measured}
        declared = {name: getattr(self.declared, name) for name in DECLARED_NAMES}
        for name, value in declared.items():
            values[f"declared_{name}"] = NOT_DECLARED if value is None else float(value)
        values.update({score.key: log_score(score, declared) for score in plan.scores})
        return {column.key: finite(values[column.value]) for column in plan.columns if column.value in values}

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of what was measured, the same for every image."""
        return tuple(next(iter(self.images.values())).values) if self.images else ()


def finite(value: float) -> float:
    """A number that platforms store: an infinite PSNR becomes :data:`INFINITE_PSNR`, nothing reaches 1e10.

    Raises:
        ValueError: the value is not a number.

    >>> finite(float("inf")), finite(7.2e11), finite(27.01)
    (999.0, 9990000000.0, 27.01)
    """
    if math.isnan(value):
        raise ValueError("a score is not a number")
    if math.isinf(value):
        return math.copysign(INFINITE_PSNR, value)
    return max(-9.99e9, min(9.99e9, value))


def score_submission(
    submission: Path, references: Path, plan: Plan, progress: Progress | None = None, work: Work = _ALL
) -> Scored:
    """Score a folder, zip or tar of SR images against a folder, zip or tar of HR images; raises nothing.

    Args:
        submission: PNGs and a readme, at the top or in one common folder.
        references: the HR images.
        plan: how to measure, and the limits.
        progress: told of every image.
        work: what is done, and on how many threads.
    """
    with open_references(references, plan) as opened:
        if opened.problems:
            return Scored(verdict_of(opened.problems))
        with open_contents(submission, plan.limits, identities(references)) as contents:
            return _Pass(contents, opened, plan, work).run(progress)


def look_at(
    contents: Contents,
    references: References | None,
    plan: Plan,
    progress: Progress | None = None,
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> Scored:
    """The same with both opened already; without references nothing is measured, but all else is looked at.

    ``sizes`` are the wanted names and sizes (width, height) [px] where there are no references: those that follow from
    the LR images.
    """
    return _Pass(contents, references, plan, _ALL, sizes).run(progress)


def score_many(
    submissions: Sequence[Path], references: Path, plan: Plan, progress: Progress | None = None, work: Work = _ALL
) -> list[Scored]:
    """Score many submissions, each reference decoded once for all of them; each takes less than 1 MB of memory.

    Tars are read one after the other, since going back in them is slow.
    """
    with open_references(references, plan) as opened, contextlib.ExitStack() as stack:
        if opened.problems:
            return [Scored(verdict_of(opened.problems))] * len(submissions)
        avoid = identities(references)
        passes = [
            _Pass(stack.enter_context(open_contents(path, plan.limits, avoid)), opened, plan, work)
            for path in submissions
        ]
        waiting = [set(each.order()) if each.contents.kind != "tar" else set() for each in passes]
        places = {stem: number for number, stem in enumerate(sorted(set().union(*waiting)), start=1)}

        def given() -> Iterator[tuple[_Pass, Given]]:
            for stem in places:
                reference = _reference(opened, stem)
                for each, wanted in zip(passes, waiting):  # noqa: B905  (Python 3.9)
                    if stem in wanted:
                        yield each, each.read(stem, reference)

        for each, found in in_order(lambda one: (one[0], one[0].look(one[1])), given(), work.workers):
            each.judge(found)
            if progress is not None:
                progress(places[found.stem], len(places), found.stem)
        return [each.run(None) if each.contents.kind == "tar" else each.finish() for each in passes]


def _reference(references: References | None, stem: str) -> Reference | Problem | None:
    if references is None:
        return None
    try:
        return references.read(stem)
    except PngError as error:
        return reference_problem(stem, error)


class _Pass:
    """One pass over the images of one submission: read and judged in their order, looked at by :func:`look`."""

    def __init__(
        self,
        contents: Contents,
        references: References | None,
        plan: Plan,
        work: Work,
        sizes: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.contents, self.references, self.plan, self.work = contents, references, plan, work
        self.sizes = sizes
        self.named = sort_files(contents.sizes, plan.scale)
        self.problems: list[Problem] = [*contents.problems, *self.named.problems]
        self.notes: list[Note] = list(self.named.notes)
        self.scores: dict[str, ImageScore] = {}
        self.trials: dict[str, tuple[Tried, ...]] = {}
        self.tiny: dict[str, Pixels] = {}
        self.tiny_references: dict[str, Pixels] = {}
        self.equal: list[str] = []

    def run(self, progress: Progress | None) -> Scored:
        order = self.order()
        given = (self.read(stem, _reference(self.references, stem)) for stem in order)
        for number, found in enumerate(in_order(self.look, given, self.work.workers), start=1):
            self.judge(found)
            if progress is not None:
                progress(number, len(order), found.stem)
        return self.finish()

    def order(self) -> list[str]:
        """Images to be read, in the order in which that is fastest; none where a limit was passed."""
        if self.stopped:
            return []
        wanted = self.sizes if self.references is None else self.references.images
        known = self.named.images if wanted is None else wanted
        if self.contents.sizes or not self.contents.problems:
            whose = "reference" if self.references is not None else "LR image"
            self.problems += match_stems(self.named.images, known, self.plan.scale, whose)
        stems = {path: stem for stem, path in self.named.images.items() if stem in known}
        return [stems[path] for path in self.contents.sizes if path in stems]

    @property
    def stopped(self) -> bool:
        """Whether a limit was passed, so that nothing more is read."""
        return any(problem.blame == "limit" for problem in self.contents.problems)

    def finish(self) -> Scored:
        """What was found, once all images are judged."""
        if self.stopped:
            return Scored(verdict_of(self.problems, self.notes))
        if self.references is not None:
            self.problems = without_lr_images(self.problems, len(self.references.images), self.plan.scale)
        declared = self._readme()
        self._remarks()
        valid = not self.problems
        images = {stem: self.scores[stem] for stem in sorted(self.scores)} if valid else {}
        return Scored(verdict_of(self.problems, self.notes), images, declared, self.tiny)

    def read(self, stem: str, reference: Reference | Problem | None) -> Given:
        """The bytes of one image."""
        size = None if self.sizes is None else self.sizes.get(stem)
        try:
            data = self.contents.read(self.named.images[stem], self.plan.limits.file_bytes)
        except UnreadableError as error:
            return Given(stem, error.problem, reference)
        return Given(stem, data, reference, size)

    def look(self, given: Given) -> Looked:
        """What is to be said of one image, in any thread; measured where nothing was wrong before it."""
        return look(given, self.plan, self.work.measured, lambda: not self.problems)

    def judge(self, found: Looked) -> None:
        """Take in what was found of one image; nothing counts behind the first problem but further problems."""
        if found.note is not None:
            self.notes.append(found.note)
        if found.tiny is not None:
            self.tiny[found.stem] = found.tiny
        if found.tiny_reference is not None:
            self.tiny_references[found.stem] = found.tiny_reference
        if found.problem is not None:
            self.problems.append(found.problem)
        elif found.score is not None and not self.problems:
            self._take(found, found.score)

    def _take(self, found: Looked, score: ImageScore) -> None:
        stem = found.stem
        self.scores[stem] = score
        if score.identical:
            self.equal.append(stem)
            if self.plan.equal_to_reference == "fail":
                what = f"{printable(stem)}: equals the reference"
                self.problems.append(Problem("images", what, mend="send what your network gave"))
        bad = score.error > _BAD * self.plan.measure.peak**2
        tried = len(self.trials)
        if found.seen is not None and (tried < _LOOKED_AT or (bad and tried < 2 * _LOOKED_AT)):
            self.trials[stem] = trials(found.seen, self.plan.measure)

    def _readme(self) -> Declared:
        path = self.named.readme
        if path is None:
            self.notes.append(Note("readme", NO_README))
            return _EMPTY
        if self.contents.sizes[path] > self.plan.limits.readme_bytes:
            text = f"the readme is larger than {self.plan.limits.readme_bytes} bytes and is not read"
            self.notes.append(Note("readme", text))
            return _EMPTY
        try:
            declared, notes = parse_readme(self.contents.read(path, self.plan.limits.readme_bytes))
        except UnreadableError as error:
            self.notes.append(Note("readme", f"{error.problem.sentence()} Its values are taken as not declared"))
            return _EMPTY
        self.notes += notes
        return declared

    def _remarks(self) -> None:
        """Notes over all images: diagnoses, and images that equal their reference."""
        self.notes += diagnoses(self.trials, wrongly_paired(self.tiny, self.tiny_references), "reference")
        if self.equal and self.plan.equal_to_reference == "note":
            more = f" and {len(self.equal) - 1} more" if len(self.equal) > 1 else ""
            self.notes.append(Note("suspicious", f"suspicious: equals reference: {printable(self.equal[0])}{more}"))
