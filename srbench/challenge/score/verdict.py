"""What is said about a submission: problems as data, and the one outcome that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Outcome = Literal["valid", "invalid", "organiser error", "stopped"]
"""``invalid``: the submission breaks the rules; ``organiser error``: references or settings do; ``stopped``: a limit or
the isolation ended it."""
Blame = Literal["submission", "organiser", "limit"]

EXIT_CODES: dict[Outcome, int] = {"valid": 0, "organiser error": 1, "invalid": 3, "stopped": 3}

THEMES = ("archive", "names", "images", "readme", "weights", "code", "cost", "quality", "platform", "references")
"""Themes in the order in which they are shown; others follow."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; ``what`` is enough to find it, the rest says how to mend it.

    ``what`` names the file ("0801x4.png: wrong size"). Text of the submission inside it is already made printable by
    :func:`printable`; pages still have to escape it.
    """

    theme: str
    what: str
    expected: str = ""
    found: str = ""
    mend: str = ""
    blame: Blame = "submission"

    def sentence(self) -> str:
        """The problem in one line.

        >>> Problem("images", "0801: wrong size", "2040x1356", "510x339", "send the SR image").sentence()
        '0801: wrong size; got 510x339, want 2040x1356; send the SR image.'
        """
        parts = [self.what]
        details = [f"got {self.found}" if self.found else "", f"want {self.expected}" if self.expected else ""]
        if any(details):
            parts.append(", ".join(part for part in details if part))
        if self.mend:
            parts.append(self.mend)
        return "; ".join(parts) + "."

    def as_dict(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


LISTED = 3
"""So many files with the same trouble are named one by one."""


def sentences(problems: Iterable[Problem]) -> tuple[str, ...]:
    """The problems in a line each; what more than :data:`LISTED` files have alike is said of the first of them.

    >>> wrong = [Problem("images", f"080{n}: wrong size", "96x96", "24x24") for n in range(1, 6)]
    >>> sentences(wrong)
    ('0801: wrong size (as 4 others are); got 24x24, want 96x96.',)
    """
    alike: dict[object, list[Problem]] = {}
    for problem in problems:
        _, colon, trouble = problem.what.partition(": ")
        kind = (problem.theme, trouble, problem.mend, problem.blame) if colon else problem
        alike.setdefault(kind, []).append(problem)
    found: list[str] = []
    for group in alike.values():
        if len(group) > LISTED:
            group = [replace(group[0], what=f"{group[0].what} (as {len(group) - 1} others are)")]
        found += [problem.sentence() for problem in group]
    return tuple(found)


@dataclass(frozen=True)
class Note:
    """Something worth knowing that changes no verdict: a file ignored, a readme line not understood, a diagnosis."""

    kind: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """The outcome, every problem found in one pass, and notes."""

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def exit_code(self) -> int:
        """Exit code of srbench: 0 valid, 3 invalid or stopped, 1 organiser error."""
        return EXIT_CODES[self.outcome]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def verdict_of(problems: Iterable[Problem], notes: Iterable[Note] = ()) -> Verdict:
    """The verdict that follows from problems: the organiser's own come first, then limits, then the submission's.

    >>> verdict_of([]).outcome, verdict_of([Problem("archive", "too large", blame="limit")]).outcome
    ('valid', 'stopped')
    """
    found = tuple(problems)
    blamed = {problem.blame for problem in found}
    outcome: Outcome = "valid"
    if "organiser" in blamed:
        outcome = "organiser error"
    elif "limit" in blamed:
        outcome = "stopped"
    elif found:
        outcome = "invalid"
    return Verdict(outcome, found, tuple(notes))


_SHOWN_CHARACTERS = 120


def printable(text: str) -> str:
    r"""Text of a stranger for a terminal or a log: control and direction characters escaped, cut when long.

    >>> printable("a\nb\u202e.png")
    'a\\nb\\u202e.png'
    """
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    if len(escaped) <= _SHOWN_CHARACTERS:
        return escaped
    return f"{escaped[: _SHOWN_CHARACTERS - 20]}... ({len(text)} characters)"
