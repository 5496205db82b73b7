"""Checks of the archive and of the paths inside it, for every kind of submission."""

from __future__ import annotations

from collections.abc import Iterable

from srbench.challenge.checks.check import Check, Finding, Subject
from srbench.challenge.score.names import is_ignored, listed
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note, printable

_BOTH: tuple[Kind, ...] = ("results", "model")


def _opens(subject: Subject) -> Iterable[Finding]:
    found = [p for p in subject.contents.problems if p.theme == "archive" and p.blame != "limit"]
    if not found:
        subject.need_files()
    return found


def _within_limits(subject: Subject) -> Iterable[Finding]:
    found = [p for p in subject.contents.problems if p.blame == "limit"]
    if not found:
        subject.need_files()
    return found


def _safe_names(subject: Subject) -> Iterable[Finding]:
    found = [p for p in subject.contents.problems if p.theme == "names" and p.blame != "limit"]
    if not found:
        subject.need_files()
    yield from found
    ignored = [printable(path) for path in subject.contents.sizes if is_ignored(path)]
    if ignored:
        yield Note("ignored", f"ignored: {listed(ignored)}")


CHECKS = (
    Check("archive-opens", "archive", "the archive opens and holds plain files only", _BOTH, _opens),
    Check("archive-limits", "archive", "sizes, counts and ratios stay within the limits", _BOTH, _within_limits),
    Check("names-safe", "names", "paths are plain, inside the archive and named once", _BOTH, _safe_names),
)
