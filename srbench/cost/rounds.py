"""Compare runtimes: one process per model, rounds A B C A B C, so that whatever drifts hits all alike."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

from srbench.cost.allocator import AllocatorTuning
from srbench.cost.backends import Variant
from srbench.cost.clock import Usage, WarmUp
from srbench.cost.figures import Runtime
from srbench.cost.load import LoadMeter
from srbench.cost.process import WorkerFailed, WorkerHung, WorkerProcess
from srbench.cost.runtime import result_of
from srbench.cost.samples import Ratio, paired_ratio, summarise
from srbench.models.card import ModelCard

FAST_MS = 50.0
"""Passes faster than this get an untimed pass at the start of each turn, since another model had the caches."""


@dataclass(frozen=True)
class Entry:
    """One thing to time: a model in one variant. With a card, that says how to build it, else its registered name."""

    model: str
    scale: int
    variant: Variant = field(default_factory=Variant)
    card: ModelCard | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """Title of the model and what differs from the plain way of running it, for people."""
        return self._with_variant(self.card.title if self.card is not None else self.model)

    @property
    def id(self) -> str:
        """The same with the model's name, for machines."""
        return self._with_variant(self.model)

    def _with_variant(self, model: str) -> str:
        return f"{model} [{self.variant.label}]" if self.variant.label else model


@dataclass(frozen=True)
class Timing:
    """What came of one entry at one size: a result, or the sentence why there is none."""

    entry: Entry
    input_size: tuple[int, int]
    result: Runtime | None = None
    error: str | None = None
    ratio: Ratio | None = None
    """Against the baseline under the same allocator, from paired rounds; its own under another against itself."""
    set_up_s: float | None = None
    """Seconds to load, compile and run the first pass; None where the process was open already."""


@dataclass(frozen=True)
class Peak:
    """What the machine reaches on a large matrix product and convolution, in MAC/s."""

    matmul_macs_per_s: float
    conv_macs_per_s: float
    macs_per_s: float
    threads: int
    device: str
    precision: str


@dataclass
class _Turns:
    """Running state of one entry at one size."""

    entry: Entry
    worker: WorkerProcess
    warm_ms: list[float] = field(default_factory=list)
    stable: bool = False
    difference: float = 0.0
    threads: int | None = None
    naive_ms: float | None = None
    samples: list[float] = field(default_factory=list)
    per_round: list[float] = field(default_factory=list)
    usage: Usage = field(default_factory=lambda: Usage(0.0, 0.0, 0.0, 0))
    tuning: AllocatorTuning | None = None
    set_up_s: float | None = None
    error: str | None = None
    hung: bool = False

    def fail(self, error: WorkerFailed) -> None:
        """Keep the sentence; the entry takes no further turn at this size."""
        self.error, self.hung = str(error), isinstance(error, WorkerHung)


Report = Callable[[str], None]


@dataclass(frozen=True)
class Schedule:
    """How often and how long to time.

    ``rounds`` A B C ... each yield one sample of the ratio, from ``passes`` timed passes per turn; ``warm_seconds`` is
    the most time for warming up one entry at one size, ``timeout`` the seconds that a worker may take for one answer
    before it is stopped. With ``naive_images`` > 0 the challenges' loop over so many images comes first, in the fresh
    process.
    """

    rounds: int = 10
    passes: int = 1
    warm_seconds: float = 5.0
    timeout: float = 120.0
    naive_images: int = 0


USUAL_SCHEDULE = Schedule()


def compare(
    entries: Sequence[Entry],
    sizes: Sequence[tuple[int, int]],
    schedule: Schedule = USUAL_SCHEDULE,
    *,
    baseline: int | None = 0,
    plugins: Sequence[str] = (),
    report: Report = lambda _text: None,
) -> tuple[Timing, ...]:
    """Time every entry at every size, in rounds over persistent processes.

    Args:
        entries: what to time; the machine should have memory for all of them at once.
        sizes: LR (height, width), one after the other.
        schedule: how often and how long.
        baseline: index of the entry that ratios refer to; None for no ratios.
        plugins: files that register models, imported by each worker.
        report: told what is being done, for progress.

    Returns:
        One :class:`Timing` per size and entry, in this order. A model that crashes, hangs or fails at one size
        has its sentence there; the others are measured all the same.
    """
    timings: list[Timing] = []
    hung: dict[int, str] = {}
    with contextlib.ExitStack() as stack:
        workers: dict[int, WorkerProcess] = {}
        for size in sizes:
            turns = []
            for i, entry in enumerate(entries):
                fresh = i not in workers or not (workers[i].alive or i in hung)
                if fresh:
                    workers[i] = stack.enter_context(
                        WorkerProcess(entry.label, entry.variant.threads, schedule.timeout)
                    )
                turn = _Turns(entry, workers[i], error=hung.get(i))
                report(f"{entry.label} at {size[0]}x{size[1]}: load and warm up")
                _prepare(turn, size, schedule, plugins if fresh else None)
                turns.append(turn)
            load = LoadMeter([t.worker.pid for t in turns if t.error is None])
            for number in range(schedule.rounds):
                report(f"round {number + 1} of {schedule.rounds} at {size[0]}x{size[1]}")
                for turn in turns:
                    _turn(turn, size, schedule.passes)
            hung.update({i: f"not tried, since at {size[0]}x{size[1]} it hung." for i, t in enumerate(turns) if t.hung})
            timings.extend(_results(turns, size, baseline, load.read()))
    return tuple(timings)


def _prepare(turn: _Turns, size: tuple[int, int], schedule: Schedule, fresh_with: Sequence[str] | None) -> None:
    """Warm an entry up; in a fresh process (``fresh_with`` plugins) it is loaded first."""
    if turn.error is not None:
        return
    entry, ask = turn.entry, turn.worker.ask
    began = time.monotonic()
    try:
        if fresh_with is not None:
            ask(
                "load",
                model=entry.model if entry.card is None else entry.card.model_dump(mode="json"),
                scale=entry.scale,
                plugins=list(fresh_with),
                variant=asdict(entry.variant),
            )
            if schedule.naive_images:
                naive = ask("naive", sizes=[list(size)], images=schedule.naive_images)["samples_ms"]
                turn.naive_ms = sum(naive) / len(naive)
                turn.warm_ms.extend(naive)
        warm = ask("warm", size=list(size), seconds=schedule.warm_seconds)
    except WorkerFailed as error:
        turn.fail(error)
        return
    if fresh_with is not None:
        turn.set_up_s = time.monotonic() - began - sum([*turn.warm_ms, *warm["samples_ms"]][1:]) / 1000
    turn.warm_ms.extend(warm["samples_ms"])
    turn.stable, turn.difference, turn.threads = warm["stable"], warm["difference"], warm["threads"]
    turn.tuning = AllocatorTuning(**warm["allocator"]) if warm["allocator"] else None


def _turn(turn: _Turns, size: tuple[int, int], passes: int) -> None:
    if turn.error is not None:
        return
    discard = 1 if turn.warm_ms[-1] < FAST_MS else 0
    try:
        reply = turn.worker.ask("sample", size=list(size), passes=passes, discard=discard)
    except WorkerFailed as error:
        turn.fail(error)
        return
    turn.samples.extend(reply["samples_ms"])
    turn.per_round.append(summarise(reply["samples_ms"]).median_ms)
    turn.usage += Usage(**reply["usage"])


def _results(turns: list[_Turns], size: tuple[int, int], baseline: int | None, load: float) -> list[Timing]:
    timings = []
    for i, turn in enumerate(turns):
        if turn.error is not None:
            timings.append(Timing(turn.entry, size, error=turn.error))
            continue
        variant = turn.entry.variant
        result = result_of(
            size,
            turn.samples,
            WarmUp(tuple(turn.warm_ms), turn.stable),
            load,
            usage=turn.usage if variant.on_cpu else None,
            tuning=turn.tuning,
            device=variant.device,
            threads=turn.threads or variant.threads if variant.on_cpu else None,
            precision=variant.precision,
            memory_format=variant.memory_format,
            backend=variant.backend,
            difference=turn.difference,
            naive_ms=turn.naive_ms,
        )
        base = _base(turns, i, baseline)
        ratio = paired_ratio(turn.per_round, base.per_round) if base is not None and base is not turn else None
        timings.append(Timing(turn.entry, size, result=result, ratio=ratio, set_up_s=turn.set_up_s))
    return timings


def _base(turns: list[_Turns], index: int, baseline: int | None) -> _Turns | None:
    """What the ratio of one entry refers to: the baseline under the same allocator where there is one, else itself.

    The baseline's own rows under other allocators refer to the baseline as it is.
    """
    if baseline is None:
        return None
    meant = turns[baseline]
    alike = replace(meant.entry.variant, allocator=turns[index].entry.variant.allocator)
    found = next((t for t in turns if t.entry.model == meant.entry.model and t.entry.variant == alike), meant)
    if found is turns[index]:
        found = meant
    return found if found.error is None else None


def machine_peak(variant: Variant, timeout: float = 120.0) -> Peak:
    """Measure :class:`Peak` in a process of its own with the threads, device and precision of ``variant``.

    Raises:
        WorkerFailed: the measurement failed.
    """
    plain = variant.plain
    with WorkerProcess("roofline", plain.threads, timeout) as worker:
        reply = worker.ask("peak", threads=plain.threads, device=plain.device, precision=plain.precision)
    return Peak(**reply)
