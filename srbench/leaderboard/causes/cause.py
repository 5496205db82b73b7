"""Why a printed number is not the one computed: one cause per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal[
    "quoted", "weights", "positions", "layers", "convention", "size", "cut off", "network", "blocks", "scale",
    "rounded twice", "rounded up", "images", "unknown",
]  # fmt: skip

UNKNOWN_WORDS = "cause unknown"

# What an author meant and printed rightly, read otherwise: differs, and nothing is wrong with the digits.
HARMLESS = (
    "cut off",
    "rounded up",
    "rounded twice",
    "weights",
    "convention",
    "layers",
    "positions",
)


@dataclass(frozen=True)
class Cause:
    """What gives a printed number. ``text`` says it in one sentence; cells with equal ``id`` share the cause.

    ``model`` is the network it was computed on, ``value`` what that gives, in the unit of the print.
    """

    how: How
    id: str
    text: str
    model: str = ""
    value: float | None = None

    @property
    def known(self) -> bool:
        """Whether computation gives the printed number."""
        return self.how != "unknown"


UNKNOWN = Cause("unknown", "unknown", UNKNOWN_WORDS)
