"""Whether a difference of mean PSNR is more than the choice of test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

AT_ONCE = 1 << 22
"""Images that are drawn together: a few ten megabytes."""
KEPT = 1 << 20
"""Most images whose draw is kept for the next pair: eight megabytes."""


@dataclass(frozen=True)
class PairedDifference:
    """Mean of ``a - b`` over images, with a bootstrap interval over images, in the metric's unit."""

    mean: float
    low: float
    high: float
    level: float
    better: int
    worse: int
    equal: int
    resamples: int

    @property
    def images(self) -> int:
        """Number of pairs."""
        return self.better + self.worse + self.equal

    @property
    def within_noise(self) -> bool:
        """Whether the interval holds zero."""
        return self.low <= 0.0 <= self.high

    def __str__(self) -> str:
        interval = f"[{self.low:+.3f}, {self.high:+.3f}]"
        return f"{self.mean:+.3f} {interval}, better on {self.better} of {self.images} images"


def paired_bootstrap(
    a: Sequence[float], b: Sequence[float], *, resamples: int = 10_000, level: float = 0.95, seed: int = 0
) -> PairedDifference:
    """Percentile bootstrap (Efron 1979) of the mean of ``a[i] - b[i]``, images resampled in pairs.

    ``a`` and ``b`` are scores of two models on the same images in the same order. The same seed
    gives the same interval. With five images (Set5) the interval is short of its nominal level;
    read "better on k of n" beside it.

    Raises:
        SrbenchError: different lengths, no images, or values that are not finite.
    """
    import numpy as np

    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape or first.size == 0:
        raise SrbenchError(
            f"paired scores need two equally long lists of at least one image, got {first.shape} and {second.shape}; "
            "compare results of the same dataset."
        )
    difference = first - second
    if not np.isfinite(difference).all():
        raise SrbenchError("paired scores must be finite; leave out images whose SR equals HR (infinite PSNR).")
    if not 0.0 < level < 1.0:
        raise SrbenchError(f"level is {level}, expected between 0 and 1, e.g. 0.95.")
    n, means = difference.size, np.empty(resamples)
    if resamples * n <= KEPT:
        means[:] = difference[_drawn(n, resamples, seed)].mean(axis=1)
    else:
        numbers, together = np.random.default_rng(seed), max(1, AT_ONCE // n)
        for start in range(0, resamples, together):  # what is drawn is the same, however much at once
            part = means[start : start + together]
            part[:] = difference[numbers.integers(0, n, size=(len(part), n), dtype=np.int32)].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return PairedDifference(
        mean=float(difference.mean()),
        low=float(low),
        high=float(high),
        level=level,
        better=int((difference > 0).sum()),
        worse=int((difference < 0).sum()),
        equal=int((difference == 0).sum()),
        resamples=resamples,
    )


@lru_cache(maxsize=4)
def _drawn(images: int, resamples: int, seed: int) -> npt.NDArray[np.intp]:
    """Which images each resample takes: the same for every pair of as many images, of which a page compares dozens."""
    import numpy as np

    numbers = np.random.default_rng(seed).integers(0, images, size=(resamples, images), dtype=np.int32)
    drawn = numbers.astype(np.intp)  # what indexing takes as it is
    drawn.setflags(write=False)
    return drawn
