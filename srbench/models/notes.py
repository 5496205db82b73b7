"""What was done to a network so that it could be opened, as data: a result made with it carries these. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NoteKind = Literal[
    "weights", "checkpoint-key", "skipped-weights", "stand-in", "no-cuda", "imports", "form", "dataset", "said"
]  # fmt: skip
"""What a note concerns. "said" is a sentence of an old result that is not known as data: it stands in ``why``."""

ALIKE_DB = 0.5
"""Two settings this near to one another cannot be told apart."""


@dataclass(frozen=True)
class LoadNote:
    """One thing that is not as the network's own code or the user's request has it.

    Attributes:
        kind: what it concerns.
        wanted: what the code or the user asked for, e.g. "timm".
        used: what was taken instead, e.g. "stand-in"; '' for nothing.
        why: the reason in a clause without a full stop; '' where ``kind`` says it all.
        items: further names, e.g. the keys of a checkpoint that were left out.
    """

    kind: NoteKind
    wanted: str
    used: str = ""
    why: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One way of feeding the network, and what came of it.

    Attributes:
        input_range: largest value of input and output.
        order: order of the channels.
        shifted: whether DIV2K's mean colour was taken off the input and added to the output.
        value: the field's first quantity in dB over RGB against HR, borders of ``scale`` pixels left out; None where
            the network failed.
    """

    input_range: Literal[1, 255]
    order: Literal["rgb", "bgr"]
    shifted: bool
    value: float | None

    @property
    def way(self) -> tuple[int, str, bool]:
        """What was tried, without its result."""
        return self.input_range, self.order, self.shifted


@dataclass(frozen=True)
class Diagnosis:
    """All trials on one image, the best first, beside bicubic and what the network declares."""

    declared: Trial
    bicubic: float
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The way that comes nearest to HR."""
        return self.trials[0]

    @property
    def explained(self) -> bool:
        """Whether another way than the declared one is better than bicubic, and clearly better than it."""
        best, now = self.best.value, self.declared.value
        return best is not None and best > self.bicubic and (now is None or best > now + ALIKE_DB)

    @property
    def undetermined(self) -> tuple[Trial, ...]:
        """Other ways about as good as the best: one image does not tell which is meant."""
        limit = (self.best.value or 0.0) - ALIKE_DB
        return tuple(trial for trial in self.trials[1:] if trial.value is not None and trial.value >= limit)
