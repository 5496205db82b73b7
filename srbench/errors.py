"""The errors a user can cause. The command line prints them as one sentence, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SrbenchError(Exception):
    """A user's error: one clear sentence that says what, expected, got and what to do."""

    exit_code = 1


class CheckFailed(SrbenchError):
    """A check that the user asked for did not hold (``--strict``, ``--check``); exit code 3."""

    exit_code = 3


def unknown_name(kind: str, name: str, known: Iterable[str]) -> SrbenchError:
    """Build the error for a name that no registry knows, with the nearest names there are.

    ``kind`` is the noun of the registry ("model", "dataset", "protocol").
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}."
    return SrbenchError(f"unknown {kind} '{name}'; {hint}")
