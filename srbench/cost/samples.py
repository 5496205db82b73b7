"""What a list of timings says: centre, spread, interval of a ratio, and whether to trust it. No torch."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

SPREAD_LIMIT = 0.05
DRIFT_LIMIT = 0.05
LOAD_LIMIT = 0.10
WAITING_LIMIT = 0.5
KERNEL_LIMIT = 0.10
FEW_SAMPLES = 5


@dataclass(frozen=True)
class Summary:
    """Summary of raw samples, all in milliseconds."""

    median_ms: float
    iqr_ms: float
    min_ms: float
    mean_ms: float


@dataclass(frozen=True)
class Ratio:
    """How many times the baseline's runtime a model takes, with its 95 % interval from paired rounds."""

    ratio: float
    low: float
    high: float
    rounds: int

    @property
    def different(self) -> bool:
        """Whether the interval excludes 1."""
        return self.low > 1 or self.high < 1


def quartiles(samples: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile (linear interpolation).

    >>> quartiles([1.0, 2.0, 3.0, 4.0, 5.0])
    (2.0, 3.0, 4.0)
    """
    ordered = sorted(samples)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return at(0.25), at(0.5), at(0.75)


def summarise(samples_ms: Sequence[float]) -> Summary:
    """Median, interquartile range, minimum and mean of at least one sample."""
    lower, median, upper = quartiles(samples_ms)
    return Summary(median, upper - lower, min(samples_ms), statistics.fmean(samples_ms))


def paired_ratio(samples: Sequence[float], baseline: Sequence[float]) -> Ratio | None:
    """Ratio of two models timed in the same rounds: Student's t interval on the logs of the rounds' ratios.

    Pairing cancels what hits both models of a round alike (drift, a throttled clock). None for fewer than two rounds.

    >>> r = paired_ratio([2.0, 4.0, 8.0], [1.0, 2.0, 4.0])  # everything doubles from round to round
    >>> round(r.ratio, 9), round(r.low, 9), round(r.high, 9)
    (2.0, 2.0, 2.0)
    """
    logs = [math.log(a / b) for a, b in zip(samples, baseline, strict=False)]
    n = len(logs)
    if n < 2:
        return None
    from scipy.special import stdtrit

    mean = statistics.fmean(logs)
    half = float(stdtrit(n - 1, 0.975)) * statistics.stdev(logs) / math.sqrt(n)
    return Ratio(math.exp(mean), math.exp(mean - half), math.exp(mean + half), n)


def settled(samples_ms: Sequence[float], window: int = 3, tolerance: float = 0.1) -> bool:
    """Whether warming up is over: the last ``window`` passes agree and are no longer getting faster.

    >>> settled([90.0, 30.0, 11.0, 10.2, 10.1, 10.2, 10.1, 10.2])
    True
    >>> settled([90.0, 50.0, 30.0])
    False
    """
    if len(samples_ms) < 2 * window:
        return len(samples_ms) >= window + 1 and max(samples_ms[-window:]) < (1 + tolerance / 2) * min(samples_ms[1:])
    last, before = samples_ms[-window:], samples_ms[-2 * window : -window]
    agree = max(last) < (1 + tolerance) * min(last)
    return agree and statistics.median(last) > (1 - tolerance / 2) * statistics.median(before)


def doubts(
    samples_ms: Sequence[float],
    *,
    warm: bool = True,
    cpu_share: float | None = None,
    other_load: float | None = None,
    cores: int = 1,
) -> tuple[str, ...]:
    """What makes a measurement unstable, in plain words; empty when nothing does.

    Args:
        samples_ms: the timed passes, in the order they were taken.
        warm: whether the warm-up reached a steady state.
        cpu_share: CPU seconds per second of the timed passes; None where it says nothing (CUDA).
        other_load: cores that other programs kept busy meanwhile.
        cores: cores of the machine.
    """
    median = summarise(samples_ms).median_ms
    words = []
    if len(samples_ms) < FEW_SAMPLES:
        words.append(f"only {len(samples_ms)} samples: at least {FEW_SAMPLES} are needed to see the spread")
    spread = summarise(samples_ms).iqr_ms / median
    if spread > SPREAD_LIMIT:
        words.append(f"spread: half of the samples lie {spread:.0%} of the median apart (limit {SPREAD_LIMIT:.0%})")
    half = len(samples_ms) // 2
    if half >= 3:
        drift = statistics.median(samples_ms[-half:]) / statistics.median(samples_ms[:half]) - 1
        if abs(drift) > DRIFT_LIMIT:
            way = "slower" if drift > 0 else "faster"
            words.append(f"drift: the second half of the samples is {abs(drift):.0%} {way} than the first")
    if not warm:
        words.append("warm-up: the passes were still changing when the time for warming up was over")
    busy = other_load is not None and other_load > LOAD_LIMIT * cores
    if cpu_share is not None and cpu_share < WAITING_LIMIT:
        why = (
            "it sleeps, or its threads wait for each other" if not busy else "its threads wait for cores, or it sleeps"
        )
        words.append(f"waiting: the model used the CPU for {cpu_share:.0%} of its runtime; {why}")
    if busy:
        words.append(f"load: other programs kept {other_load:.1f} of {cores} cores busy meanwhile")
    return tuple(words)


def first_call_note(first_ms: float, median_ms: float) -> str | None:
    """A sentence when the first pass was far slower than the others (it is never among the samples)."""
    if first_ms > 2 * median_ms:
        times = first_ms / median_ms
        return f"the first pass took {first_ms:.1f} ms, {times:.1f} times the median; what it sets up is left out"
    return None


def kernel_note(share: float | None, faults: float | None, allocator: str) -> str | None:
    """A sentence when much of the CPU time was the kernel's: it maps and zeroes pages, which no network asks for.

    >>> kernel_note(0.55, 19000.0, "shipped")
    'the kernel took 55% of its CPU time, for 19,000 page faults a pass: the allocator gives memory back in between'
    >>> kernel_note(0.02, 3.0, "warm")
    """
    if share is None or share <= KERNEL_LIMIT:
        return None
    why = ": the allocator gives memory back in between" if allocator == "shipped" else ""
    return f"the kernel took {share:.0%} of its CPU time, for {faults or 0:,.0f} page faults a pass{why}"
