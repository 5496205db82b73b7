"""From single times to one runtime, by whatever policy: cold or warm, mean or median, over images, sets and runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from srbench.challenge.entries import DatasetResult, EntryResult, Flag, RunTimes
from srbench.rules import Rules

Centre = Literal["mean", "median", "best", "last"]


@dataclass(frozen=True)
class Policy:
    """How times become a runtime. ``first_image``: whether the first image of each run counts."""

    first_image: bool
    over_images: Centre
    over_runs: Centre
    pooled: bool = False

    @property
    def name(self) -> str:
        """For people: ``cold, mean``; cold is with the first image of each run, warm without it."""
        return f"{'cold' if self.first_image else 'warm'}, {self.over_images}"


def policy_of(rules: Rules) -> tuple[Policy, tuple[str, ...]]:
    """The rules' policy, and what they leave open with what is taken for it."""
    timing = rules.timing
    notes = []
    if timing.first_image_in_mean is None:
        notes.append("the rules do not say whether the first image counts; it does here")
    if timing.over_images is None:
        notes.append("the rules do not say how times become one; their mean is taken")
    if timing.over_runs is None:
        notes.append("the rules do not say how runs become one; their mean is taken")
    found = Policy(
        timing.first_image_in_mean is not False, timing.over_images or "mean", timing.over_runs or "mean",
        timing.over_datasets == "pooled",
    )  # fmt: skip
    return found, tuple(notes)


def other_policies(policy: Policy) -> tuple[Policy, ...]:
    """The others of cold/warm x mean/median."""
    every = [replace(policy, first_image=f, over_images=c) for f in (True, False) for c in ("mean", "median")]
    return tuple(one for one in every if one != policy)


def runtime(found: DatasetResult, policy: Policy, first: bool = True) -> float | None:
    """Milliseconds on one dataset; ``first`` says that its runs begin with the first image of a process."""
    values = []
    for one in found.runs:
        times = list(one.forward_ms)
        if first and not policy.first_image and len(times) > 1:
            times = times[1:]
        if times:
            values.append(_centre(times, policy.over_images))
    return _centre(values, policy.over_runs) if values else None


def pooled(found: Sequence[DatasetResult], policy: Policy) -> float | None:
    """Milliseconds over the images of all datasets together."""
    runs = max((len(one.runs) for one in found), default=0)
    values = []
    for index in range(runs):
        times: list[float] = []
        for place, one in enumerate(found):
            if index < len(one.runs):
                times += one.runs[index].forward_ms[0 if policy.first_image or place else 1 :]
        if times:
            values.append(_centre(times, policy.over_images))
    return _centre(values, policy.over_runs) if values else None


def _centre(values: Sequence[float], how: Centre) -> float:
    if how == "last":
        return values[-1]
    if how == "best":
        return min(values)
    return statistics.median(values) if how == "median" else statistics.fmean(values)


AGREE_SHARE, AGREE_MS = 0.25, 2.0
"""Of a pass, and in ms: how far the clock outside, less transfers, may be from the process's own time in one pass."""
MOST_TAKEN = 0.9
"""Of the whole time of a pass: the most that transfers may be of it before they are not taken off."""


def pass_time(whole: float, transfers: float, claimed: float) -> tuple[float, bool]:
    """The time of a pass [ms], and whether it is sound.

    ``whole`` is from the order to the answer by the clock outside, ``transfers`` the least that an empty pass took of
    it, ``claimed`` the process's own time. Transfers are taken off, but never more than lies between the clock outside
    and the process's own: what an entry says can lengthen its time, never shorten it. Where both clocks disagree by far
    or transfers are most of it, nothing is taken off, and the time is not sound.

    >>> pass_time(40.5, 0.5, 39.5)
    (40.0, True)
    >>> pass_time(40.5, 0.75, 40.0)
    (40.0, True)
    >>> pass_time(40.0, 53.0, 37.0)  # transfers that were measured on a busy machine
    (40.0, False)
    """
    room = whole - claimed
    agree = max(AGREE_MS, AGREE_SHARE * whole)
    if claimed < 0 or abs(room - transfers) > agree or transfers > MOST_TAKEN * whole:
        return whole, False
    return whole - max(0.0, min(transfers, room)), True


UNSTEADY = 1.25
"""The slowest of an entry's runs over the fastest, from which on its runtimes are called unsteady."""
UNSOUND_SHARE = 0.02
"""Of an entry's passes: how many may have no sound time before its runtimes are called unsteady."""


@dataclass(frozen=True)
class Steadiness:
    """How far the times of an entry's runs can be relied upon; [ms] are means over the images of a run."""

    fastest: float
    slowest: float
    unsound: int
    passes: int

    @property
    def ratio(self) -> float:
        """The slowest run over the fastest."""
        return self.slowest / self.fastest if self.fastest > 0 else math.inf

    @property
    def unsteady(self) -> bool:
        """Whether they differ too much, or too many have no sound time."""
        return self.ratio > UNSTEADY or self.unsound > UNSOUND_SHARE * self.passes

    @property
    def short(self) -> str:
        """For a cell of a table; '' where they are steady."""
        parts = [f"runs {self.ratio:.1f}x"] if self.ratio > UNSTEADY else []
        if self.unsound > UNSOUND_SHARE * self.passes:
            parts.append(f"clocks {self.unsound}/{self.passes}")
        return ", ".join(parts)

    @property
    def text(self) -> str:
        """For people; '' where they are steady."""
        parts = []
        if self.ratio > UNSTEADY:
            parts.append(f"its runs took {self.fastest:.1f} to {self.slowest:.1f} ms per image")
        if self.unsound > UNSOUND_SHARE * self.passes:
            parts.append(
                "its clock and ours disagree, or transfers are nearly all of the time, in "
                f"{self.unsound} of {self.passes} images"
            )
        return "; ".join(parts)


def steadiness(datasets: Sequence[DatasetResult]) -> Steadiness | None:
    """Of the set whose runs differ most; None where nothing was timed."""
    runs = [one for found in datasets for one in found.runs if one.forward_ms]
    if not runs:
        return None
    means = [[statistics.fmean(one.forward_ms) for one in found.runs if one.forward_ms] for found in datasets]
    worst = max((times for times in means if times), key=lambda times: max(times) / max(min(times), 1e-9))
    return Steadiness(min(worst), max(worst), sum(map(_unsound, runs)), sum(len(one.forward_ms) for one in runs))


def unsteady_of(entry: EntryResult) -> Steadiness | None:
    """An entry's times where they are unsteady, else None.

    Clocks that disagree say nothing of the machine where the entry is suspected of its timer, which its flags tell.
    """
    found = steadiness(entry.datasets)
    if found is None or not found.unsteady:
        return None
    suspect = any(flag.kind == "timer" for flag in entry.flags)
    return None if suspect and found.ratio <= UNSTEADY else found


def _unsound(run: RunTimes) -> int:
    """How many images have no sound time: marked, or by the two clocks as they stand in the file."""
    apart = (
        name
        for name, forward, claimed in zip(run.images, run.forward_ms, run.claimed_ms, strict=False)
        if abs(forward - claimed) > max(AGREE_MS, AGREE_SHARE * forward)
    )
    return len({*run.unsound, *apart})


SHARE, LEAST_MS = 0.25, 25.0
"""Of its pass, and in ms: what an entry's times may disagree by; transfers and the machine's load are never exact."""


@dataclass(frozen=True)
class Disagreement:
    """Over all passes of an entry [ms]: the pass, its own claim, and what its other steps took too long."""

    forward: float
    claimed: float
    hidden: float

    @property
    def apart(self) -> float:
        """How far the claim is from the clock outside."""
        return abs(self.claimed - self.forward)


def disagreement(passes: Sequence[tuple[float, float, float]]) -> Disagreement | None:
    """Medians of (forward, claimed) and the lower quartile of hidden, see :class:`srbench.challenge.passing.Passed`.

    What is hidden on purpose is hidden in most passes; what a busy machine adds is not in the least of them. None
    without passes.
    """
    if not passes:
        return None
    forward, claimed = (statistics.median(one[index] for one in passes) for index in range(2))
    return Disagreement(forward, claimed, sorted(one[2] for one in passes)[(len(passes) - 1) // 4])


def timer_flags(own: Disagreement, others: Sequence[Disagreement] = ()) -> tuple[Flag, ...]:
    """Whether an entry's own times and steps agree with the clock outside, as well as those of any other entry do.

    An entry that works before it is told to or after it said that it was done shows in ``hidden``; one that changed its
    clock in the claim. What the least of all entries has as well is the machine's load.
    """
    limit = max(LEAST_MS, SHARE * own.forward)
    load = min((one.hidden for one in (*others, own)), default=0.0) if others else 0.0
    noise = min((one.apart for one in others), default=0.0)
    flags = []
    if own.hidden - max(0.0, load) > limit:
        text = f"{own.hidden:.1f} ms beside the pass of {own.forward:.1f} ms cannot be explained by transfers"
        flags.append(Flag(kind="timer", text=f"suspect: timer; {text}"))
    if own.apart - noise > limit:
        text = f"its process says {own.claimed:.1f} ms, the clock outside {own.forward:.1f} ms"
        flags.append(Flag(kind="timer", text=f"suspect: timer; {text}"))
    return tuple(flags)
