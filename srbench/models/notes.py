"""What was done to a network so that it could be opened, as data: a result made with it carries these. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NoteKind = Literal["weights", "checkpoint-key", "skipped-weights", "stand-in", "no-cuda", "imports"]


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
