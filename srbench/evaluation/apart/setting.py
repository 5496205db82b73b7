"""How the processes of models are run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Apart:
    """How the process of a model is run."""

    timeout: float = 900.0
    """Seconds for one image."""
    plugins: tuple[str, ...] = ()
    copy: int = 0
    """Which of several processes for the same file, side by side."""
    warm: bool = True
    """Whether its allocator keeps memory, which is faster and takes more."""
