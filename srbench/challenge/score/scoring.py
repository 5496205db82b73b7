"""One results submission against the references: every problem in one pass, and the scores where there is none."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt

from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.hints import Neighbour, hint, neighbour
from srbench.challenge.score.measure import ImageScore, measure
from srbench.challenge.score.names import match_stems, sort_files
from srbench.challenge.score.plan import MEASURED_NAMES, Plan
from srbench.challenge.score.png import Header, PngError, check_header, read_header, read_pixels
from srbench.challenge.score.readme import Declared, parse_readme
from srbench.challenge.score.references import References, identities, open_references, organisers
from srbench.challenge.score.verdict import Blame, Note, Problem, Verdict, printable, verdict_of

_LOOKED_AT = 3
"""So many images are tried for a diagnosis whatever their score, and as many again where they are bad."""
_BAD = 0.01
"""MSE over the square of the peak (20 dB) from which on an image is bad."""
_EMPTY = Declared()
INFINITE_PSNR = 999.0
"""Stands for an infinite PSNR [dB] where a platform wants a number."""
NOT_DECLARED = -1.0

Pixels = npt.NDArray[Any]
Progress = Callable[[int, int, str], None]
"""Called with the images done, their number, and the name of the last."""


@dataclass(frozen=True)
class Work:
    """``measured``: names of what is measured. ``threads``: use all cores, in threads that are kept."""

    measured: tuple[str, ...] = MEASURED_NAMES
    threads: bool = True


_ALL = Work()


@dataclass(frozen=True)
class Scored:
    """What scoring found: the verdict, scores by image in the order of names, and what the readme declares."""

    verdict: Verdict
    images: dict[str, ImageScore] = field(default_factory=dict)
    declared: Declared = _EMPTY

    def mean(self, name: str) -> float:
        """Mean of a measured value over the images; infinite where it is infinite for one of them."""
        values = [image.values[name] for image in self.images.values()]
        return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.inf

    def published(self, plan: Plan) -> dict[str, float]:
        """A finite number for every column of the plan but those left unmeasured; only for valid submissions."""
        values = {name: self.mean(name) for name in self.measured}
        for name in ("runtime", "cpu", "extra_data"):
            value = getattr(self.declared, name)
            values[f"declared_{name}"] = NOT_DECLARED if value is None else float(value)
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
            return look_at(contents, opened, plan, progress, work)


def look_at(
    contents: Contents,
    references: References | None,
    plan: Plan,
    progress: Progress | None = None,
    work: Work = _ALL,
) -> Scored:
    """The same with both opened already; without references nothing is measured, but all else is looked at."""
    return _Pass(contents, references, plan, work).run(progress)


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
        stems = sorted(set().union(*waiting))
        for number, stem in enumerate(stems, start=1):
            for each, wanted in zip(passes, waiting):  # noqa: B905  (Python 3.9)
                if stem in wanted:
                    each.image(stem)
            if progress is not None:
                progress(number, len(stems), stem)
        return [each.run(None) if each.contents.kind == "tar" else each.finish() for each in passes]


class _Pass:
    """One pass over the images of one submission."""

    def __init__(self, contents: Contents, references: References | None, plan: Plan, work: Work) -> None:
        self.contents, self.references, self.plan, self.work = contents, references, plan, work
        self.named = sort_files(contents.sizes, plan.scale)
        self.problems: list[Problem] = [*contents.problems, *self.named.problems]
        self.notes: list[Note] = list(self.named.notes)
        self.scores: dict[str, ImageScore] = {}
        self.hints: dict[str, list[tuple[str, str]]] = {}
        self.equal: list[str] = []
        self.tried = 0
        self.before: Neighbour | None = None

    def run(self, progress: Progress | None) -> Scored:
        order = self.order()
        for number, stem in enumerate(order, start=1):
            self.image(stem)
            if progress is not None:
                progress(number, len(order), stem)
        return self.finish()

    def order(self) -> list[str]:
        """Images to be read, in the order in which that is fastest; none where a limit was passed."""
        if self.stopped:
            return []
        known = self.named.images if self.references is None else self.references.images
        if self.contents.sizes or not self.contents.problems:
            self.problems += match_stems(self.named.images, known, self.plan.scale)
        stems = {path: stem for stem, path in self.named.images.items() if stem in known}
        return [stems[path] for path in self.contents.sizes if path in stems]

    @property
    def stopped(self) -> bool:
        """Whether a limit was passed, so that nothing more is read."""
        return any(problem.blame == "limit" for problem in self.contents.problems)

    def finish(self) -> Scored:
        """What was found, once all images are read."""
        if self.stopped:
            return Scored(verdict_of(self.problems, self.notes))
        declared = self._readme()
        self._remarks()
        valid = not self.problems
        images = {stem: self.scores[stem] for stem in sorted(self.scores)} if valid else {}
        return Scored(verdict_of(self.problems, self.notes), images, declared)

    def image(self, stem: str) -> None:
        """Read one image; measure it where nothing was wrong so far."""
        references, path = self.references, self.named.images[stem]
        try:
            wanted = None if references is None else references.size(stem, self.plan.scale)
        except PngError as error:
            self.problems.append(organisers(f"{printable(stem)}: {error.what}", error.expected, error.found))
            return
        try:
            sr = self._pixels(stem, path, wanted)
        except UnreadableError as error:
            self.problems.append(error.problem)
            return
        if sr is None or self.problems or references is None:
            return
        try:
            self._score(stem, sr, references.pixels(stem, self.plan.scale))
        except PngError as error:
            self.problems.append(organisers(f"{printable(stem)}: {error.what}", error.expected, error.found))

    def _pixels(self, stem: str, path: str, wanted: tuple[int, int] | None) -> Pixels | None:
        """Pixels of one submitted image, or None and a problem."""
        data = self.contents.read(path, self.plan.limits.file_bytes)
        shown = printable(stem)
        try:
            header = read_header(data[:33])
            check_header(header, *(wanted or self._whole(header)))
            self._check_measurable(header)
            pixels, ignored = read_pixels(data, header, self.plan.limits)
        except PngError as error:
            blame: Blame = "limit" if error.limit else "submission"
            what = f"{shown}: {error.what}"
            self.problems.append(Problem("images", what, error.expected, error.found, error.mend, blame))
            return None
        if ignored:
            self.notes.append(Note("chunks", f"{shown}: ignored {', '.join(map(printable, ignored))}"))
        return pixels

    def _whole(self, header: Header) -> tuple[int, int]:
        """Size [px] of an image whose reference is not at hand: any multiple of the scale."""
        scale = self.plan.scale
        return header.width - header.width % scale, header.height - header.height % scale

    def _check_measurable(self, header: Header) -> None:
        smallest = self.plan.measure.smallest_side
        if min(header.width, header.height) < smallest:
            raise PngError("too small to be measured", f"at least {smallest}x{smallest}", header.size)

    def _score(self, stem: str, sr: Pixels, hr: Pixels) -> None:
        found = measure(sr, hr, self.plan.measure, self.work.measured, threads=self.work.threads)
        self.scores[stem] = found
        if found.identical:
            self.equal.append(stem)
            if self.plan.equal_to_reference == "fail":
                what = f"{printable(stem)}: equals the reference"
                self.problems.append(Problem("images", what, mend="send what your network gave"))
        bad = found.error > _BAD * self.plan.measure.peak**2
        if self.tried < _LOOKED_AT or (bad and self.tried < 2 * _LOOKED_AT):
            self.tried += 1
            explained = hint(sr, hr, self.plan.measure, self.before)
            if explained is not None:
                self.hints.setdefault(explained[0], []).append((stem, explained[1]))
            self.before = neighbour(stem, sr, hr)
        else:
            self.before = None  # nothing is kept of images that are not looked at: there may be many submissions

    def _readme(self) -> Declared:
        path = self.named.readme
        if path is None:
            self.notes.append(Note("readme", "there is no readme; its values are taken as not declared"))
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
        for kind, found in self.hints.items():
            stem, sentence = found[0]
            others = f"; so do {len(found) - 1} more of {self.tried} looked at" if len(found) > 1 else ""
            self.notes.append(Note(f"diagnosis: {kind}", f"{printable(stem)}: {sentence}{others}"))
        if self.equal and self.plan.equal_to_reference == "note":
            more = f" and {len(self.equal) - 1} more" if len(self.equal) > 1 else ""
            self.notes.append(Note("suspicious", f"suspicious: equals reference: {printable(self.equal[0])}{more}"))
