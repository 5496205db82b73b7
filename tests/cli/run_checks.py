"""What the tests of ``srbench run`` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from srbench.results import store
from srbench.results.record import CostRecord, QualityRecord


@dataclass
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


def records(folder: Path) -> list[QualityRecord]:
    found, skipped = store.read_all(folder)
    assert not skipped
    return list(found.quality)


def costs(folder: Path) -> dict[tuple[int, int], CostRecord]:
    """The costs of the one model in a folder, by input size."""
    found, skipped = store.read_all(folder)
    assert not skipped
    assert len({cost.model.name for cost in found.costs}) == 1
    return {cost.size_asked: cost for cost in found.costs}


def one_sentence(answer: Answer, *words: str) -> None:
    """Exit code 1 and exactly one line of error that holds ``words``, without a traceback."""
    assert answer.code == 1
    assert "Traceback" not in answer.err
    (line,) = [line for line in answer.err.splitlines() if line.startswith("error:")]
    for word in words:
        assert word in line
