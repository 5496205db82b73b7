"""The errors a user can cause. The command line prints them as one sentence, without a traceback."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


class SrbenchError(Exception):
    """A user's error: one clear sentence that says what, expected, got and what to do."""

    exit_code = 1


class CheckFailed(SrbenchError):
    """A check that the user asked for did not hold (``--strict``, ``--check``); exit code 3."""

    exit_code = 3


SHOWN_NAMES = 12
"""How many names an error lists before it says 'and N more'."""
FEW_NAMES = 8
"""So many more are listed all the same."""

_LISTED_BY = {
    "model": "srbench list models",
    "dataset": "srbench list datasets",
    "protocol": "srbench list protocols",
    "quantity": "srbench list quantities",
    "dataset or model": "srbench list datasets, srbench list models",
}


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, also: str = "", always_list: bool = False
) -> SrbenchError:
    """Build the error for a name that no registry knows: those that begin with it and the nearest, else the first.

    ``kind`` is the noun of the registry ("model", "dataset", "protocol"), ``also`` what else could have been given;
    ``always_list`` names what is known even where something is near.

    >>> print(unknown_name("model", "imdm", ["imdn", "rfdn"]))
    unknown model 'imdm'; did you mean imdn?
    >>> print(unknown_name("model", "x", ["imdn", "rfdn"]))
    unknown model 'x'; known: imdn, rfdn (srbench list models).
    >>> print(unknown_name("model", "ecbsr", ["cfsr", "ecbsr-m4", "ecbsr-m6"]))
    unknown model 'ecbsr'; did you mean ecbsr-m4 or ecbsr-m6 or cfsr?
    >>> print(unknown_name("report", "zz", [f"p{number}" for number in range(13)]))
    unknown report 'zz'; known: p0, p1, p10, p11, p12, p2, p3, p4, p5, p6, p7, p8, p9.
    """
    names = sorted(known)
    longer = [each for each in names if name and re.match(rf"{re.escape(name)}[^a-z0-9]", each, re.IGNORECASE)]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    near = [*longer[:SHOWN_NAMES], *(each for each in close if each not in longer)][: max(3, len(longer))]
    count = len(names) if len(names) <= SHOWN_NAMES + FEW_NAMES else SHOWN_NAMES
    more = f" and {len(names) - count} more" if len(names) > count else ""
    lister = f" ({_LISTED_BY[kind]})" if kind in _LISTED_BY else ""
    every = f"known: {', '.join(names[:count])}{more}{lister}"
    alternative = f", or {also}" if also else ""
    if near:
        hint = f"did you mean {' or '.join(near)}{f' ({every})' if always_list else ''}{alternative}?"
    else:
        hint = f"{every}{alternative}."
    return SrbenchError(f"unknown {kind} '{name}'; {hint}")


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a command that knows what it keeps; the message is the end of a sentence that says so."""


class SrbenchWarning(UserWarning):
    """Something that a user should know of and that stops nothing; the commands say it in one line."""
