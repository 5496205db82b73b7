"""What a check is, what it looks at, and the registry of all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from srbench.challenge.checkpoint import Checkpoint, CheckpointError, read_checkpoint
from srbench.challenge.lr_images import LrImages
from srbench.challenge.score.archive import Contents, UnreadableError
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.plan import Plan
from srbench.challenge.score.references import References
from srbench.challenge.score.scoring import Progress, Scored, look_at
from srbench.challenge.submission import Kind, ModelSubmission, kind_of, read_model_submission
from srbench.challenge.verdict import Note, Problem
from srbench.registry import Registry
from srbench.rules import Rules

Status = Literal["passed", "failed", "could not run"]
_MOST_WEIGHTS_BYTES = 2 << 30


class CannotRun(Exception):
    """Raised by a check that lacks something; the text says what, and how it can be had. ``notes`` are shown still."""

    def __init__(self, text: str, notes: Iterable[Note] = ()) -> None:
        super().__init__(text)
        self.notes = tuple(notes)


@dataclass
class Subject:
    """A submission that is checked, its files and the rules; what is expensive is read once, on first use."""

    rules: Rules
    plan: Plan
    contents: Contents
    references: References | None = None
    dataset: str = ""
    """Id of the rules' dataset that the images are of; empty where nobody says."""
    progress: Progress | None = None
    lr: LrImages | None = None

    @property
    def sizes(self) -> Mapping[str, tuple[int, int]] | None:
        """Wanted names and sizes (width, height) [px] that follow from the LR images, where those are at hand."""
        return None if self.lr is None else self.lr.sizes

    def need_files(self) -> None:
        """Nothing is said of the files of a submission that cannot be read at all.

        Raises:
            CannotRun: it cannot.
        """
        if not self.contents.sizes and self.contents.problems:
            raise CannotRun("nothing of the submission can be read; another check says why")

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """Names of the images that are wanted, by the references or the LR images; None where neither is at hand."""
        known = self.references.images if self.references is not None else self.sizes
        return None if known is None else tuple(known)

    @cached_property
    def kind(self) -> Kind:
        """Results or a model."""
        return kind_of(list(self.contents.sizes))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Names of the images that are given, without their suffix."""
        return tuple(sort_files(self.contents.sizes, self.plan.scale).images)

    @cached_property
    def scored(self) -> Scored:
        """What the scorer says: the same code that runs on the platform."""
        return look_at(self.contents, self.references, self.plan, self.progress, self.sizes)

    @cached_property
    def model(self) -> ModelSubmission:
        """The files of a model submission."""
        return read_model_submission(self.contents)

    @cached_property
    def weights(self) -> Checkpoint:
        """The weights of a model submission, described.

        Raises:
            CannotRun: there are none.
            CheckpointError: they are refused.
        """
        path = self.model.weights_file
        if path is None:
            raise CannotRun("there is no file of weights to look at")
        try:
            data = self.contents.read(path, _MOST_WEIGHTS_BYTES)
        except UnreadableError as error:
            raise CheckpointError(error.problem.what, "upload it again") from error
        return read_checkpoint(data, self.model.description.key)

    def source(self, path: str) -> bytes:
        """A source file of a model submission.

        Raises:
            CannotRun: it cannot be read.
        """
        try:
            return self.contents.read(path, 4 << 20)
        except UnreadableError as error:
            raise CannotRun(error.problem.sentence()) from error


Finding = Problem | Note


@dataclass(frozen=True)
class Check:
    """One check: ``run`` gives its problems and notes, and none where all is well.

    ``kinds`` are the submissions that it is about; ``run`` raises :class:`CannotRun` where it lacks something.
    """

    name: str
    theme: str
    title: str
    kinds: tuple[Kind, ...]
    run: Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True)
class CheckResult:
    """What came of one check."""

    check: Check
    status: Status
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    reason: str = ""
    """Why it could not run."""


CHECKS: Registry[Check] = Registry(
    "check", Check, built_in="srbench.challenge.checks.builtin:own_checks", group="srbench.challenge_checks"
)
"""All checks by name; entry points of group ``srbench.challenge_checks`` add others."""
