"""Paired tests of two results on the same images: interval, p, Holm's correction, the least difference to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from srbench.errors import SrbenchError
from srbench.leaderboard.significance import PairedDifference, paired_bootstrap

EXACT_UP_TO = 16
DRAWS = 100_000
POWER = 0.8


@dataclass(frozen=True)
class PairedTest:
    """Two results on the same images.

    Attributes:
        difference: mean of a - b with its bootstrap interval, and on how many images either is better.
        p: two-sided, of the sign-flip permutation test of the mean.
        smallest: the least mean difference that a t-test of so many images, with this spread, shows in 8 of 10 cases
            at 5 %; None where it cannot be said (one image, or no spread).
    """

    difference: PairedDifference
    p: float
    smallest: float | None


def paired_test(a: Sequence[float], b: Sequence[float], seed: int = 0) -> PairedTest:
    """Test whether ``a`` and ``b``, scores on the same images in the same order, differ in their mean.

    Raises:
        SrbenchError: different lengths, no images, or values that are not finite.
    """
    difference = paired_bootstrap(a, b, seed=seed)
    gaps = [x - y for x, y in zip(a, b, strict=True)]
    return PairedTest(difference, sign_flip_p(gaps, seed), smallest_difference(gaps))


def sign_flip_p(gaps: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of a mean of zero: the share of sign patterns that give a mean at least as far from it (Fisher 1935).

    All patterns up to 16 images, else 100,000 drawn ones, the observed one counted among them.

    >>> sign_flip_p([1.0, 1.0, 1.0]), sign_flip_p([0.0, 0.0])
    (0.25, 1.0)
    """
    import numpy as np

    values = np.asarray(gaps, dtype=np.float64)
    seen = abs(values.sum()) - 1e-12 * max(1.0, float(np.abs(values).sum()))
    if len(values) <= EXACT_UP_TO:
        patterns = (np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1
        return float((np.abs((1 - 2 * patterns) @ values) >= seen).mean())
    signs = np.random.default_rng(seed).integers(0, 2, size=(DRAWS, len(values)), dtype=np.int8)
    beyond = int((np.abs((1.0 - 2.0 * signs) @ values) >= seen).sum())
    return (beyond + 1) / (DRAWS + 1)


def smallest_difference(gaps: Sequence[float], level: float = 0.05) -> float | None:
    """The mean difference that a two-sided paired t-test shows with a power of 0.8, given this spread over images."""
    import numpy as np
    from scipy.stats import t

    count = len(gaps)
    if count < 2:
        return None
    spread = float(np.std(np.asarray(gaps, dtype=np.float64), ddof=1))
    if spread == 0.0:
        return None
    reach = float(t.ppf(1 - level / 2, count - 1) + t.ppf(POWER, count - 1))
    return reach * spread / math.sqrt(count)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """p values corrected for their number (Holm 1979), in the order given.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(ps)
    least = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = least
    return tuple(corrected)


def check_level(level: float) -> None:
    """Refuse a level that is none.

    Raises:
        SrbenchError: it is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise SrbenchError(f"level is {level}, expected between 0 and 1, such as 0.05.")
