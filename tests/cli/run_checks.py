"""What the tests of ``srbench run`` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from srbench.results import store
from srbench.results.record import CellRecord


@dataclass
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


def records(folder: Path) -> list[CellRecord]:
    found, skipped = store.read_all(folder)
    assert not skipped
    return found


def one_sentence(answer: Answer, *words: str) -> None:
    """Exit code 1 and exactly one line of error that holds ``words``, without a traceback."""
    assert answer.code == 1
    assert "Traceback" not in answer.err
    (line,) = [line for line in answer.err.splitlines() if line.startswith("error:")]
    for word in words:
        assert word in line
