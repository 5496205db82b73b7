"""Runtimes that their own samples speak against: the mark of their cells, and what the words of the doubt mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srbench.cost.samples import DRIFT_LIMIT, FEW_SAMPLES, LOAD_LIMIT, SPREAD_LIMIT, WAITING_LIMIT

MARK = "~"
_FEW = "few samples"
_MEANINGS = {
    "spread": f"half of the samples lie more than {SPREAD_LIMIT:.0%} of the median apart",
    "drift": f"the two halves of the session differ by more than {DRIFT_LIMIT:.0%}",
    "warm-up": "the passes were still changing when the time for warming up was over",
    "waiting": f"the model used the CPU for less than {WAITING_LIMIT:.0%} of its runtime",
    "load": f"other programs kept more than {LOAD_LIMIT:.0%} of the cores busy meanwhile",
    _FEW: f"fewer than {FEW_SAMPLES}, which is too few to see the spread",
}


def kinds(warnings: Iterable[str]) -> tuple[str, ...]:
    """What is wrong, in a word each.

    >>> kinds(["only 3 samples: at least 5 are needed to see the spread", "drift: the second half ..."])
    ('only 3 samples', 'drift')
    """
    return tuple(warning.partition(":")[0] for warning in warnings)


def marked(text: str, warnings: Sequence[str]) -> str:
    """The text of a runtime with the mark of one that is unsteady.

    >>> marked("6283.3", ["only 3 samples: at least 5 are needed to see the spread"]), marked("6283.3", [])
    ('~6283.3', '6283.3')
    """
    return MARK + text if warnings else text


def legend(warnings: Iterable[str]) -> str:
    """What the mark says where it stands, with the words of all ``warnings``; "" without one.

    >>> legend(["drift: the second half of the samples is 9% slower than the first"])
    '~ unsteady (drift)'
    """
    found = dict.fromkeys(kinds(warnings))
    return f"{MARK} unsteady ({', '.join(found)})" if found else ""


def meaning(kind: str) -> str:
    """What a word of :func:`kinds` means; "" where it says so itself."""
    return _MEANINGS.get(_FEW if kind.startswith("only ") else kind, "")


def glossary(warnings: Iterable[str]) -> str:
    """The words of all ``warnings`` with what they mean, in one line; "" without one."""
    found = {_FEW if kind.startswith("only ") else kind: meaning(kind) for kind in kinds(warnings)}
    return "; ".join(f"{kind}: {says}" if says else kind for kind, says in sorted(found.items()))
