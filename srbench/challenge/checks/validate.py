"""All checks of a submission in one go: static, without trust, none stops the others."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from srbench.challenge.checks.check import CHECKS, CannotRun, Check, CheckResult, Subject
from srbench.challenge.checks.likeness import is_warning
from srbench.challenge.lr_images import open_lr
from srbench.challenge.planning import plan_of
from srbench.challenge.score.archive import open_contents
from srbench.challenge.score.references import identities, open_references
from srbench.challenge.score.scoring import Progress
from srbench.challenge.verdict import THEMES, Note, Problem, Verdict, verdict_of
from srbench.errors import SrbenchError
from srbench.rules import Rules


@dataclass(frozen=True)
class Validation:
    """What all checks found."""

    rules: str
    kind: str
    results: tuple[CheckResult, ...]
    values: dict[str, float]
    """What a scorer would publish, by column; empty where it would publish nothing."""
    declared: dict[str, float | str | None] = field(default_factory=dict)
    """What was read from the readme of results, None where it says nothing; empty for models."""

    @property
    def verdict(self) -> Verdict:
        """The outcome over all checks."""
        problems = [problem for result in self.results for problem in result.problems]
        return verdict_of(dict.fromkeys(problems), [note for result in self.results for note in result.notes])

    @property
    def warnings(self) -> tuple[Note, ...]:
        """Notes about images that are probably not as they were meant; they change no verdict."""
        return tuple(note for note in self.verdict.notes if is_warning(note))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rules": self.rules,
            "kind": self.kind,
            "outcome": self.verdict.outcome,
            "warnings": [note.text for note in self.warnings],
            "values": self.values,
            "declared": self.declared,
            "checks": [
                {
                    "name": result.check.name,
                    "theme": result.check.theme,
                    "title": result.check.title,
                    "status": result.status,
                    "reason": result.reason,
                    "problems": [problem.as_dict() for problem in result.problems],
                    "notes": [note.text for note in result.notes],
                }
                for result in self.results
            ],
        }


def validate(
    path: Path,
    rules: Rules,
    references: Path | None = None,
    dataset: str | None = None,
    progress: Progress | None = None,
    lr: Path | None = None,
) -> Validation:
    """Run every check that is about this kind of submission.

    Args:
        path: a folder, zip or tar of results or of a model.
        rules: of the challenge.
        references: HR images, where they are at hand; the scores are then those of the platform's scorer.
        dataset: id of the rules' dataset that the images are of. By default any of them counts the images, and the
            references are taken to be of the first.
        progress: told of every image.
        lr: the LR images, which every participant has; names and sizes follow from them.

    Raises:
        SrbenchError: no such path or dataset, or references or LR images that cannot be used.
    """
    if not path.exists():
        raise SrbenchError(f"'{path}' does not exist; give a folder, zip or tar of a submission.")
    known = [each.id for each in rules.datasets]
    if dataset is not None and dataset not in known:
        raise SrbenchError(f"{rules.id} has no dataset '{dataset}'; it has {', '.join(known)}.")
    plan = plan_of(rules)
    avoid: frozenset[tuple[int, int]] = identities(references) if references is not None else frozenset()
    with contextlib.ExitStack() as stack:
        contents = stack.enter_context(open_contents(path, plan.limits, avoid))
        opened = stack.enter_context(open_references(references, plan)) if references is not None else None
        if opened is not None and opened.problems:
            raise SrbenchError(opened.problems[0].sentence().rstrip("."))
        images = stack.enter_context(open_lr(lr, plan)) if lr is not None else None
        subject = Subject(rules, plan, contents, opened, dataset or "", progress, images)
        checks = [check for check in CHECKS if subject.kind in check.kinds]
        results = [_run(check, subject) for check in sorted(checks, key=_place)]
        values: dict[str, float] = {}
        if subject.kind == "results" and opened is not None and subject.scored.verdict.outcome == "valid":
            values = subject.scored.published(plan)
        declared = asdict(subject.scored.declared) if subject.kind == "results" else {}
        return Validation(rules.id, subject.kind, tuple(results), values, declared)


def _place(check: Check) -> int:
    return THEMES.index(check.theme) if check.theme in THEMES else len(THEMES)


def _run(check: Check, subject: Subject) -> CheckResult:
    """Run one check; what it raises never stops the others."""
    try:
        found = list(check.run(subject))
    except CannotRun as error:
        return CheckResult(check, "could not run", notes=error.notes, reason=str(error))
    except Exception as error:  # a check from another package, or one of ours that is wrong
        return CheckResult(check, "could not run", reason=f"the check failed: {type(error).__name__}: {error}")
    problems = tuple(each for each in found if isinstance(each, Problem))
    notes = tuple(each for each in found if isinstance(each, Note))
    return CheckResult(check, "failed" if problems else "passed", problems, notes)
