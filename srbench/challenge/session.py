"""Measuring entries side by side: the baseline among them, image by image in turns, each in a process of its own."""

from __future__ import annotations

import contextlib
import hashlib
import math
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from srbench.challenge.counted import counted
from srbench.challenge.duplicates import near_duplicates
from srbench.challenge.entries import DatasetResult, EntryResult, Flag, ImageResult, RunTimes, Status
from srbench.challenge.imported import not_run, with_advice
from srbench.challenge.passing import Entry, Image, Passed, run, share_calibration, start
from srbench.challenge.planning import as_scored
from srbench.challenge.recheck import Sample, recheck
from srbench.challenge.spec import EntrySpec
from srbench.challenge.timing import disagreement, timer_flags, unsteady_of
from srbench.datasets import Dataset
from srbench.errors import SrbenchError
from srbench.isolation.process import Refused, Setting, Stopped
from srbench.metrics.protocols import Protocol
from srbench.quantities import DEFAULT_QUALITY

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is measured of every entry, and how."""

    datasets: dict[str, Dataset]
    """By the rules' ids, in their order."""
    protocol: Protocol
    setting: Setting
    quantities: tuple[str, ...] = DEFAULT_QUALITY[:1]
    runs: int = 1
    rechecked: int = 2
    """Images that are run again, changed and unchanged, after the timing."""
    conventions: tuple[str, ...] = ("ntire-hooks", "fvcore")
    count_size: tuple[int, int] = (256, 256)
    seed: int = 0
    starters: int = 2
    asked: frozenset[str] = frozenset()
    """Ids of entries that are run although their code starts processes or fetches."""
    allow_missing: bool = False


@dataclass
class Measured:
    """One entry while it is measured."""

    spec: EntrySpec
    status: Status = "measured"
    reasons: list[str] = field(default_factory=list)
    images: dict[str, list[ImageResult]] = field(default_factory=dict)
    runs: dict[str, list[RunTimes]] = field(default_factory=dict)
    passes: list[tuple[float, float, float]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    peak_bytes: int | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    kept: list[Sample] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)

    def fail(self, status: Status, reason: str) -> None:
        """The entry cannot be measured (further)."""
        if self.status == "measured":
            self.status = status
            self.reasons.append(reason)


NO_ANSWER = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What comes of an answer whose parts are missing or of other kinds."""


def _none(error: Exception) -> str:
    words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"its process gave an answer that is none ({words})"


@contextlib.contextmanager
def _answers(state: Measured, when: str = "") -> Iterator[None]:
    """What goes wrong inside it is this entry's own failure: a refusal, its end, or answers that are none."""
    try:
        yield
    except Refused as error:
        state.fail("invalid", f"{when}{error}")
    except Stopped as error:
        state.fail("stopped", f"{when}its process {error}")
    except NO_ANSWER as error:
        state.fail("stopped", f"{when}{_none(error)}")


def measure(specs: Sequence[EntrySpec], plan: Plan, say: Say = lambda _: None) -> Iterator[EntryResult]:
    """Measure all entries in turns; results come, in the order of ``specs``, when no process of them lives.

    One entry's failure is its own: the others go on without it.
    """
    states = [Measured(spec) for spec in specs]
    for state in states:
        if state.spec.acts and state.spec.id not in plan.asked:
            state.fail("unmapped", not_run(state.spec))
    largest, known = _largest(plan), None
    for number in range(plan.runs):
        live = [state for state in states if state.status == "measured"]
        say(f"run {number + 1} of {plan.runs}: {len(live)} entries are opened")
        entries = _open_all(live, plan, largest)
        known = share_calibration(entries.values(), known)
        try:
            for state in live:
                if state.spec.id in entries and number == 0:
                    with _answers(state):
                        _check_opened(state, entries[state.spec.id], plan)
            _one_run(states, entries, plan, number, say)
            if number == 0:
                _after_first(states, entries, plan, say)
        finally:
            for entry in entries.values():
                entry.process.close()
    _find_duplicates(states)
    _compare_clocks(states)
    for state in states:
        try:
            yield _result(state, plan)
        except NO_ANSWER as error:
            state.fail("stopped", _none(error))
            state.summary = {}
            yield _result(state, plan)


def _compare_clocks(states: Sequence[Measured]) -> None:
    """Each entry's own times against the clock outside, and against how well those of the others agree with it."""
    found = {state.spec.id: one for state in states if (one := disagreement(state.passes)) is not None}
    for state in states:
        if state.status == "measured" and state.spec.id in found:
            others = [one for key, one in found.items() if key != state.spec.id]
            state.flags += timer_flags(found[state.spec.id], others)


def _find_duplicates(states: Sequence[Measured]) -> None:
    """Entries that hold the same tensors or give nearly the same pixels are told so, both of them."""
    done = [state for state in states if state.status == "measured"]
    by_id = {state.spec.id: state for state in done}
    same = near_duplicates(
        {state.spec.id: str(state.summary.get("state", "")) for state in done},
        {state.spec.id: [sample.sr for sample in state.kept] for state in done},
    )
    for likeness in same:
        for one, other in ((likeness.first, likeness.second), (likeness.second, likeness.first)):
            by_id[one].flags.append(Flag(kind="near duplicate", text=likeness.about(other)))


def _largest(plan: Plan) -> tuple[int, int]:
    """An LR size to calibrate transfers at: that of the first image of the first set."""
    first = next(iter(plan.datasets.values())).images[0]
    lr, _ = first.load()
    return lr.shape[0], lr.shape[1]


def _open_all(live: Sequence[Measured], plan: Plan, size: tuple[int, int]) -> dict[str, Entry]:
    def one(state: Measured) -> Entry | None:
        try:
            return start(state.spec, plan.setting, size)
        except Refused as error:
            state.fail("invalid", with_advice(state.spec, str(error)))
        except Stopped as error:
            state.fail("stopped", f"its process {error}")
        except SrbenchError as error:
            state.fail("invalid", str(error))
        except NO_ANSWER as error:
            state.fail("stopped", _none(error))
        return None

    with ThreadPoolExecutor(plan.starters) as pool:
        found = list(pool.map(one, live))
    return {entry.spec.id: entry for entry in found if entry is not None}


def _check_opened(state: Measured, entry: Entry, plan: Plan) -> None:
    """What an entry's own process says about its network; keys that did not fit make it invalid."""
    summary = state.summary = entry.summary
    missing = [str(key) for key in summary.get("missing", ())]
    unexpected = [str(key) for key in summary.get("unexpected", ())]
    if missing:
        text = f"{len(missing)} keys are not in its weights and keep random values: {', '.join(missing[:5])}"
        if state.spec.allow_missing or plan.allow_missing:
            state.flags.append(Flag(kind="incomplete weights", text=text))
        else:
            state.fail("invalid", f"{text}; --allow-missing measures it all the same")
    if unexpected:
        text = f"{len(unexpected)} keys of its weights are not in the network: {', '.join(unexpected[:5])}"
        state.flags.append(Flag(kind="incomplete weights", text=text))
    if summary.get("not_finite"):
        state.fail("invalid", f"its weights hold NaN or infinite values: {', '.join(summary['not_finite'])}")
    if summary.get("uncounted"):
        text = (
            f"{summary['uncounted']:,} numbers in buffers and attributes are not among its "
            f"{summary['params']:,} parameters"
        )
        state.flags.append(Flag(kind="uncounted state", text=text))
    large = code_bytes(state.spec)
    if large > LARGE_CODE:
        text = f"its code has {large:,} bytes, which may hold numbers that no count of parameters sees"
        state.flags.append(Flag(kind="uncounted state", text=text))
    if summary.get("shims"):
        state.flags.append(Flag(kind="shims", text=f"stand-ins for {', '.join(summary['shims'])}"))
    if summary.get("warmed"):
        state.flags.append(
            Flag(kind="warm-up", text=f"building it runs passes ({summary['warmed']}): no first image is cold")
        )


LARGE_CODE = 500_000
"""Bytes of one Python file from which on it is said that it may hold data."""


def code_bytes(spec: EntrySpec) -> int:
    """Size of the file that holds an entry's class; 0 where that is not known."""
    file = Path(spec.folder) / spec.reference.partition(".py:")[0]
    with contextlib.suppress(OSError):
        return file.with_suffix(".py").stat().st_size if spec.reference else 0
    return 0


def _one_run(states: Sequence[Measured], entries: dict[str, Entry], plan: Plan, number: int, say: Say) -> None:
    rng = random.Random(f"{plan.seed} {number}")
    for key, dataset in plan.datasets.items():
        pairs = list(dataset.images)
        rng.shuffle(pairs)
        times: dict[str, list[tuple[str, Passed]]] = {}
        for index, pair in enumerate(pairs):
            lr, hr = pair.load()
            order = [state for state in states if state.status == "measured" and state.spec.id in entries]
            if order:
                place = index % len(order)
                order = order[place:] + order[:place]
            for state in order:
                passed = _passed(state, entries[state.spec.id], lr, pair.name)
                if passed is None:
                    continue
                times.setdefault(state.spec.id, []).append((pair.name, passed))
                state.passes.append((passed.forward, passed.claimed, passed.hidden))
                if number == 0:
                    _score(state, key, (pair.name, lr, hr, passed.sr), plan)
                elif _differs(state, f"{key}/{pair.name}", passed.sr):
                    state.flags.append(
                        Flag(kind="not deterministic", text=f"another run gives other pixels for {pair.name}")
                    )
            if index == 0 or (index + 1) % 10 == 0 or index + 1 == len(pairs):
                say(f"{key}: image {index + 1} of {len(pairs)}, {len(order)} entries")
        for state in states:
            found = times.get(state.spec.id)
            if found and state.status == "measured":
                state.runs.setdefault(key, []).append(RunTimes(
                    images=tuple(name for name, _ in found), forward_ms=tuple(p.forward for _, p in found),
                    claimed_ms=tuple(p.claimed for _, p in found),
                    unsound=tuple(name for name, p in found if not p.sound),
                ))  # fmt: skip


def _passed(state: Measured, entry: Entry, lr: Image, name: str) -> Passed | None:
    try:
        return run(entry, lr)
    except Refused as error:
        advice = with_advice(state.spec, f"{error}{_runs_padded(entry, lr)}")
        state.fail("invalid", f"image {name} of {lr.shape[0]}x{lr.shape[1]}: {advice}")
    except Stopped as error:
        state.fail("stopped", f"image {name}: its process {error}")
    return None


def _runs_padded(entry: Entry, lr: Image) -> str:
    """Whether a network that fails on an image takes one whose edges are multiples of something; '' where not."""
    edge = min(lr.shape[:2])
    for multiple in (2, 4, 8, 16, 32, 64):
        if (lr.shape[0] % multiple == 0 and lr.shape[1] % multiple == 0) or edge < multiple:
            continue
        height, width = (size // multiple * multiple for size in lr.shape[:2])
        with contextlib.suppress(Refused):
            run(entry, np.ascontiguousarray(lr[:height, :width]))
            return (
                f"; it takes {height}x{width}, so give --multiple {entry.spec.id}={multiple}: images are then padded, "
                "which is timed"
            )
    return ""


def _score(state: Measured, key: str, found: tuple[str, Image, Image, Image], plan: Plan) -> None:
    name, lr, hr, sr = found
    values = as_scored(sr, hr, state.spec.scale, plan.protocol, plan.quantities)
    identical = any(value == float("inf") for value in values.values())
    shown = {one: (None if value == float("inf") else value) for one, value in values.items()}
    state.images.setdefault(key, []).append(
        ImageResult(image=name, values=shown, identical=identical, lr_size=(lr.shape[0], lr.shape[1]))
    )
    if identical:
        state.flags.append(Flag(kind="equals reference", text=f"suspicious: {key}/{name} equals its reference"))
    state.outputs[f"{key}/{name}"] = hashlib.sha256(sr.tobytes()).hexdigest()
    if len(state.kept) < max(plan.rechecked, 1):
        state.kept.append(Sample(f"{key}/{name}", lr, hr, sr))


def _differs(state: Measured, place: str, sr: Image) -> bool:
    """Whether pixels changed by more than rounding since the first run; said once per entry."""
    if hashlib.sha256(sr.tobytes()).hexdigest() == state.outputs.get(place):
        return False
    return all(flag.kind != "not deterministic" for flag in state.flags) and not _nearly(state, place, sr)


def _nearly(state: Measured, place: str, sr: Image) -> bool:
    for sample in state.kept:
        if sample.name == place:
            return bool(np.abs(sample.sr.astype(np.int16) - sr.astype(np.int16)).max() <= 1)
    return True  # pixels of this image were not kept: one level of rounding cannot be told from more


def _after_first(states: Sequence[Measured], entries: dict[str, Entry], plan: Plan, say: Say) -> None:
    """After the timing: changed copies of some images, counts, memory."""
    say(_after_words(min(plan.rechecked, sum(len(dataset.images) for dataset in plan.datasets.values()))))
    for state in states:
        if state.status != "measured" or state.spec.id not in entries:
            continue
        entry = entries[state.spec.id]
        with _answers(state, "after the timing: "):
            peak = entry.process.ask("memory").header.get("bytes")
            state.peak_bytes = peak if isinstance(peak, int) else None
            state.flags += recheck(entry, state.kept[: plan.rechecked], plan.protocol, plan.seed)
            timed = state.kept[0].lr if state.kept else None
            state.counts, found = counted(entry, plan.count_size, plan.conventions, timed)
            state.flags += found


def _after_words(images: int) -> str:
    """What is done after the timing.

    >>> _after_words(1)
    '1 image is run again, turned, mirrored and cropped; costs are counted'
    """
    many = f"{images} image{' is' if images == 1 else 's are'} run again, turned, mirrored and cropped; "
    return f"{many if images else ''}costs are counted"


def _result(state: Measured, plan: Plan) -> EntryResult:
    """What is kept of an entry; figures of one that failed are not."""
    flags = list(state.flags)
    datasets: tuple[DatasetResult, ...] = ()
    values: dict[str, float] = {}
    if state.status == "measured":
        datasets = tuple(_dataset(state, key, plan) for key in plan.datasets if key in state.images)
        values = _values(state)
    labels: dict[str, Any] = dict.fromkeys(values, "child-measured")
    if datasets:
        labels |= dict.fromkeys((*plan.quantities, "runtime"), "parent-verified")
    sources = {f"weights {name}": digest for name, digest in state.summary.get("weights", {}).items()}
    if state.summary.get("state"):
        sources["state"] = str(state.summary["state"])
    result = EntryResult(
        id=state.spec.id, title=(state.summary.get("name") or state.spec.title).strip() or state.spec.id,
        status=state.status, reasons=tuple(state.reasons), datasets=datasets, values=values,
        input_size=plan.count_size if values else None, labels=labels, flags=tuple(flags), sources=sources,
        outputs=state.outputs if datasets else {},
    )  # fmt: skip
    steady = unsteady_of(result)
    if steady is not None:
        result = result.model_copy(update={"flags": (*flags, Flag(kind="unsteady", text=steady.text))})
    return result


def _dataset(state: Measured, key: str, plan: Plan) -> DatasetResult:
    images = tuple(sorted(state.images[key], key=lambda image: image.image))
    values: dict[str, float | None] = {}
    for name in plan.quantities:
        found = [image.values[name] for image in images]
        known = [value for value in found if value is not None]
        values[name] = math.fsum(known) / len(known) if len(known) == len(found) else None
    return DatasetResult(dataset=key, values=values, images=images, runs=tuple(state.runs.get(key, ())))


def _values(state: Measured) -> dict[str, float]:
    """Quantities of the network, by the names that columns of the rules have for them."""
    from srbench.quantities import counted_as

    if not state.counts:
        return {"params": float(state.summary["params"])} if state.summary else {}
    found = {"params": float(state.counts["params"])}
    for convention, counts in state.counts["counts"].items():
        for kind in ("macs", "activations", "convs"):
            found[counted_as(kind, convention)] = float(counts[kind])
    with contextlib.suppress(KeyError):
        found["memory"] = float(state.peak_bytes if state.peak_bytes is not None else state.counts["memory"])
    return found
