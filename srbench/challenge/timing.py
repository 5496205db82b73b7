"""From single times to one runtime, by whatever policy: cold or warm, mean or median, over images, sets and runs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from srbench.challenge.entries import DatasetResult, EntryResult, Flag
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
        """For people: ``cold, mean``."""
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


HIDDEN_SHARE, HIDDEN_MS = 0.25, 25.0
CLAIM_SHARE, CLAIM_MS = 0.25, 10.0


def timer_flags(passes: Sequence[tuple[float, float, float]]) -> tuple[Flag, ...]:
    """Whether an entry's own times and steps agree with the clock outside.

    ``passes`` are (forward, claimed, hidden) in ms, see :class:`srbench.challenge.passing.Passed`. An entry that works
    before it is told to or after it said that it was done shows in ``hidden``; one that changed its clock in the claim.
    """
    if not passes:
        return ()
    forward = statistics.median(one[0] for one in passes)
    claimed = statistics.median(one[1] for one in passes)
    hidden = statistics.median(one[2] for one in passes)
    flags = []
    if hidden > max(HIDDEN_MS, HIDDEN_SHARE * forward):
        text = f"suspect: timer; {hidden:.1f} ms beside the pass of {forward:.1f} ms cannot be explained by transfers"
        flags.append(Flag(kind="timer", text=text))
    if abs(claimed - forward) > max(CLAIM_MS, CLAIM_SHARE * forward):
        text = f"suspect: timer; its process says {claimed:.1f} ms, the clock outside {forward:.1f} ms"
        flags.append(Flag(kind="timer", text=text))
    return tuple(flags)


def claimed_runtime(entry: EntryResult) -> float | None:
    """Mean of what the entry's own process says, over all images and runs."""
    times = [time for dataset in entry.datasets for one in dataset.runs for time in one.claimed_ms]
    return statistics.fmean(times) if times else None
